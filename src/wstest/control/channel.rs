//! A WebSocket connection with a caller that is not tested: texts go out, commands come in, and it ends in good order.

use super::response::accepted;
use crate::drive::{Caller, Line};
use crate::wire::{ClosePayload, FrameHeader, Head, MaskKey, Opcode};
use std::time::Duration;
use tokio::time::timeout;

/// A message that is longer is refused, and so is a frame.
const LONGEST: u64 = 1024 * 1024;
/// How long the answer to a Close is waited for.
const GOODBYE: Duration = Duration::from_secs(1);

/// What came in.
#[derive(Debug, PartialEq, Eq)]
pub enum Incoming {
    /// A text message.
    Text(String),
    /// The caller said goodbye.
    Close(Option<u16>),
    /// Something that is no use here; the code tells what is wrong with it.
    Wrong(u16),
    /// The connection has ended.
    Gone,
}

/// A connection that is open.
pub struct Channel {
    line: Line,
    outgoing: Vec<u8>,
    heard: Vec<u8>,
    /// The fragments of a text so far.
    begun: Option<Vec<u8>>,
}

impl Channel {
    /// Accepts a caller; the response goes out with the first flush.
    pub fn accept(caller: Caller, request: &Head) -> Channel {
        let (line, heard) = caller.into_line();
        Channel { line, outgoing: accepted(request).into_bytes(), heard, begun: None }
    }

    /// Puts a text behind what is to go out.
    pub fn text(&mut self, text: &str) {
        self.frame(Opcode::TEXT, text.as_bytes());
    }

    /// Puts a Close behind what is to go out; without a code it is empty.
    pub fn close(&mut self, code: Option<u16>, reason: &str) {
        let mut payload = Vec::new();
        if let Some(code) = code {
            payload.extend_from_slice(&code.to_be_bytes());
            payload.extend_from_slice(reason.as_bytes());
        }
        self.frame(Opcode::CLOSE, &payload);
    }

    /// Puts octets behind what is to go out.
    pub fn octets(&mut self, octets: &[u8]) {
        self.outgoing.extend_from_slice(octets);
    }

    fn frame(&mut self, opcode: Opcode, payload: &[u8]) {
        FrameHeader::new(opcode, payload.len() as u64, None).encode(&mut self.outgoing);
        self.outgoing.extend_from_slice(payload);
    }

    /// Sends what is to go out; `false` when the caller is gone. Dropping the future loses nothing.
    pub async fn flush(&mut self) -> bool {
        while !self.outgoing.is_empty() {
            match self.line.write(&self.outgoing).await {
                Ok(sent @ 1..) => drop(self.outgoing.drain(..sent)),
                _ => return false,
            }
        }
        self.line.flush().await.is_ok()
    }

    /// The next thing that a caller says. Pings are answered on the way. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Incoming {
        loop {
            match self.parse() {
                Parsed::Incoming(incoming) => return incoming,
                Parsed::Ping(payload) => self.frame(Opcode::PONG, &payload),
                Parsed::Nothing => {}
                Parsed::More => {
                    if !self.flush().await || !matches!(self.line.read(&mut self.heard).await, Ok(1..)) {
                        return Incoming::Gone;
                    }
                }
            }
        }
    }

    /// Takes one frame off what was heard.
    fn parse(&mut self) -> Parsed {
        let Some((header, start)) = FrameHeader::parse(&self.heard) else { return Parsed::More };
        if header.length > LONGEST {
            return Parsed::Incoming(Incoming::Wrong(1009));
        }
        let end = start + header.length as usize;
        if self.heard.len() < end {
            return Parsed::More;
        }
        let mut payload = self.heard[start..end].to_vec();
        self.heard.drain(..end);
        let Some(key) = header.mask.filter(|_| header.rsv == 0) else { return Parsed::Incoming(Incoming::Wrong(1002)) };
        MaskKey::apply(key, &mut payload);
        self.take(header, payload)
    }

    fn take(&mut self, header: FrameHeader, payload: Vec<u8>) -> Parsed {
        let wrong = |code| Parsed::Incoming(Incoming::Wrong(code));
        match header.opcode {
            Opcode::PING => Parsed::Ping(payload),
            Opcode::PONG => Parsed::Nothing,
            Opcode::CLOSE => Parsed::Incoming(Incoming::Close(ClosePayload::parse(&payload).code())),
            Opcode::BINARY => wrong(1003),
            Opcode::TEXT | Opcode::CONTINUATION => {
                let mut text = match (self.begun.take(), header.opcode) {
                    (Some(begun), Opcode::CONTINUATION) => begun,
                    (None, Opcode::TEXT) => Vec::new(),
                    _ => return wrong(1002),
                };
                text.extend_from_slice(&payload);
                if text.len() as u64 > LONGEST {
                    return wrong(1009);
                }
                if !header.fin {
                    self.begun = Some(text);
                    return Parsed::Nothing;
                }
                String::from_utf8(text).map_or_else(|_| wrong(1007), |text| Parsed::Incoming(Incoming::Text(text)))
            }
            _ => wrong(1002),
        }
    }

    /// Says goodbye without a reason, and ends the connection when the caller has answered, or does not.
    pub async fn end(mut self) {
        self.close(None, "");
        self.leave().await;
    }

    /// Behind a Close that was put out: waits for the answer, and ends the connection.
    pub async fn leave(mut self) {
        let answered = async {
            self.flush().await
                && loop {
                    match self.next().await {
                        Incoming::Text(_) => {}
                        Incoming::Gone => break false,
                        Incoming::Close(_) | Incoming::Wrong(_) => break true,
                    }
                }
        };
        if timeout(GOODBYE, answered).await != Ok(false) {
            self.line.end().await;
        }
    }
}

enum Parsed {
    Incoming(Incoming),
    Ping(Vec<u8>),
    Nothing,
    More,
}
