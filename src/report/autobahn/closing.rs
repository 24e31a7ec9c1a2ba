//! How a connection came to its end, as the fields of Autobahn's reports tell it.

use crate::case::Role;
use crate::judge::Conversation;
use crate::plan::{Op, Plan, WaitFor};
use crate::report::Record;
use crate::transcript::{Ending, Entry, Reply, Timeline};
use crate::wire::{ClosePayload, FrameHeader, Opcode};

/// The end of a conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Closing {
    /// Whether the opening handshake was completed.
    pub opened: bool,
    /// Whether the harness sent the first Close.
    pub by_harness: bool,
    /// Whether the harness gave the connection up.
    pub given_up: bool,
    /// Whether the harness closed the TCP connection.
    pub dropped: bool,
    /// Why the ending was not clean: both ends sent a Close and the server closed the TCP connection.
    pub unclean: Option<&'static str>,
    /// The deadline that passed.
    pub late: Option<Late>,
    /// The Close of the harness.
    pub ours: Option<ClosePayload>,
    /// The Close of the target.
    pub theirs: Option<ClosePayload>,
}

/// What did not come in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Late {
    /// The opening handshake.
    Opening,
    /// A Close.
    Close,
    /// The end of the TCP connection behind both Closes.
    End,
    /// Something else.
    Other,
}

impl Closing {
    /// Reads it off a record.
    pub fn of(record: &Record, role: Role) -> Closing {
        let plan = &record.plan;
        let timeline = Timeline::new(&record.transcript, plan.decoder(), &plan.payloads);
        let conversation = Conversation::new(plan, &timeline);
        let ours = ours(record, &conversation);
        let theirs = conversation.close.cloned();
        let both = ours.is_some() && theirs.is_some();
        let dropped = !matches!(conversation.ending(), Some(Ending::Eof | Ending::Reset));
        let unclean = match () {
            () if conversation.is_refused() || !conversation.established => {
                Some("the opening handshake was not completed")
            }
            () if !both && dropped => Some("the harness closed the TCP connection without a closing handshake"),
            () if !both => Some("the target closed the TCP connection without a closing handshake"),
            () if dropped && role == Role::Server => Some("the server did not close the TCP connection"),
            () => None,
        };
        Closing {
            opened: conversation.established,
            by_harness: conversation.closed_first,
            given_up: conversation.missed.is_some(),
            dropped,
            unclean,
            late: conversation.missed.map(|op| late(plan, op, both)),
            ours,
            theirs,
        }
    }
}

fn late(plan: &Plan, op: u32, both: bool) -> Late {
    match plan.ops.get(op as usize) {
        Some(Op::Await(wait)) => match wait.what {
            WaitFor::Head | WaitFor::Request | WaitFor::Responses(_) => Late::Opening,
            WaitFor::Close => Late::Close,
            WaitFor::End if both => Late::End,
            WaitFor::End => Late::Close,
            WaitFor::Echoes(_) | WaitFor::Pong(_) => Late::Other,
        },
        _ => Late::Other,
    }
}

/// The first Close that the harness sent, by the plan or as an answer.
fn ours(record: &Record, conversation: &Conversation<'_>) -> Option<ClosePayload> {
    let plan = &record.plan;
    let planned = plan.closes.iter().find(|close| conversation.is_sent(close.op, close.end)).and_then(|close| {
        let is_it = |frame: &&crate::plan::SentFrame| (frame.op, frame.end) == (close.op, close.end);
        let frame = plan.frames.iter().find(is_it)?;
        Some(ClosePayload::parse(&plan.payload(frame.payload).to_vec()))
    });
    let answer = || {
        record.transcript.0.iter().find_map(|timed| match &timed.entry {
            Entry::Replied { to: Reply::Close, octets } => {
                let (header, used) = FrameHeader::parse(octets)?;
                let mut payload = octets.get(used..)?.to_vec();
                if let Some(mask) = header.mask {
                    mask.apply(&mut payload);
                }
                (header.opcode == Opcode::CLOSE).then(|| ClosePayload::parse(&payload))
            }
            _ => None,
        })
    };
    if conversation.closed_first { planned } else { answer().or(planned) }
}
