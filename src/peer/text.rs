//! How the hand-written server finds out that a text message is not UTF-8, and the ways of getting that wrong.

use crate::wire::Utf8Stream;

/// When text is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// As it arrives, so that the connection fails at the first wrong octet.
    AsItArrives,
    /// When the message is complete.
    AtMessageEnd,
    /// Every frame by itself, as if no code point could span two.
    PerFrame,
    /// Every piece that TCP delivers by itself.
    PerPiece,
    /// As it arrives, but what a control frame interrupts is forgotten.
    UntilControl,
    /// As it arrives, but an unfinished code point is carried into the next message.
    AcrossMessages,
}

/// The state of the validation of one connection.
pub(super) struct TextCheck {
    look: Look,
    valid: fn(&[u8]) -> bool,
    stream: Utf8Stream,
    frame_start: usize,
}

impl TextCheck {
    /// `valid` judges whole texts; where they are judged as they arrive it is not asked.
    pub(super) fn new(look: Look, valid: fn(&[u8]) -> bool) -> TextCheck {
        TextCheck { look, valid, stream: Utf8Stream::default(), frame_start: 0 }
    }

    /// A text message starts.
    pub(super) fn start(&mut self) {
        self.frame_start = 0;
        if self.look != Look::AcrossMessages {
            self.stream = Utf8Stream::default();
        }
    }

    /// A further piece of text has arrived.
    pub(super) fn piece(&mut self, piece: &[u8]) -> bool {
        match self.look {
            Look::AtMessageEnd | Look::PerFrame => true,
            Look::PerPiece => (self.valid)(piece),
            Look::AsItArrives | Look::UntilControl | Look::AcrossMessages => {
                self.stream.push(piece);
                self.stream.invalid_at().is_none()
            }
        }
    }

    /// A control frame stood between two fragments.
    pub(super) fn control(&mut self) {
        if self.look == Look::UntilControl {
            self.stream = Utf8Stream::default();
        }
    }

    /// A frame of the message is complete; `payload` is the message so far.
    pub(super) fn frame_end(&mut self, payload: &[u8]) -> bool {
        let start = std::mem::replace(&mut self.frame_start, payload.len());
        self.look != Look::PerFrame || (self.valid)(&payload[start..])
    }

    /// The message is complete.
    pub(super) fn message_end(&self, payload: &[u8]) -> bool {
        match self.look {
            Look::AtMessageEnd => (self.valid)(payload),
            Look::PerFrame | Look::PerPiece | Look::AcrossMessages => true,
            Look::AsItArrives | Look::UntilControl => self.stream.finish().is_none(),
        }
    }
}
