//! Direct commands: on a path that means nothing else, the caller says which frames it wants to be sent.
//!
//! A command is a text: `["sendframe", {..}]`, `["sendframes", [{..}, ..]]`, `["close", {..}]` or `["echo", {..}]`.

use super::channel::{Channel, Incoming};
use crate::wire::{FrameHeader, MaskKey, Opcode};
use serde::Deserialize;
use std::time::Duration;
use tokio::time::timeout;

/// How long a caller may be silent.
const SILENCE: Duration = Duration::from_secs(300);
/// How long a caller may take to read what it asked for.
const READING: Duration = Duration::from_secs(30);
/// The most octets that one command can make the harness send: others may ask for as much at the same time.
const MOST: u64 = 1024 * 1024;
const TOO_MUCH: &str = "one command sends at most 1 MiB";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Verb {
    SendFrame,
    SendFrames,
    Close,
    Echo,
}

#[derive(Debug, Deserialize)]
struct FrameCommand {
    opcode: u8,
    #[serde(default)]
    payload: String,
    #[serde(default = "yes")]
    fin: bool,
    #[serde(default)]
    rsv: u8,
    mask: Option<[u8; 4]>,
    payload_len: Option<u64>,
    chopsize: Option<usize>,
}

impl FrameCommand {
    fn length(&self) -> u64 {
        self.payload_len.unwrap_or(self.payload.len() as u64)
    }
}

#[derive(Debug, Deserialize)]
struct CloseCommand {
    code: Option<u16>,
    reason: Option<String>,
}

#[derive(Debug, Deserialize)]
struct EchoCommand {
    #[serde(default)]
    payload: String,
    payload_len: Option<u64>,
}

fn yes() -> bool {
    true
}

/// What a command makes the harness do.
#[derive(Debug, PartialEq, Eq)]
enum Deed {
    /// Sends octets, so many at a time.
    Send(Vec<u8>, usize),
    Close(Option<u16>, String),
}

/// Does what the caller says, until either side closes.
pub async fn obey(mut channel: Channel) {
    if !channel.flush().await {
        return;
    }
    while let Ok(incoming) = timeout(SILENCE, channel.next()).await {
        let deeds = match incoming {
            Incoming::Gone => return,
            Incoming::Close(_) => return channel.end().await,
            Incoming::Wrong(code) => vec![Deed::Close(Some(code), String::new())],
            Incoming::Text(text) => read(&text).unwrap_or_else(|reason| vec![Deed::Close(Some(1008), reason)]),
        };
        for deed in deeds {
            match deed {
                Deed::Send(octets, at_a_time) => {
                    for piece in octets.chunks(at_a_time) {
                        channel.octets(piece);
                        if timeout(READING, channel.flush()).await != Ok(true) {
                            return;
                        }
                    }
                }
                Deed::Close(code, reason) => {
                    channel.close(code, &reason);
                    return channel.leave().await;
                }
            }
        }
    }
    channel.close(Some(1001), "nothing was said for a long time");
    channel.leave().await;
}

/// The deeds that a command asks for; the error fits into a Close.
fn read(text: &str) -> Result<Vec<Deed>, String> {
    let unknown = |_| "this is no command".to_owned();
    let (verb, rest): (Verb, serde_json::Value) = serde_json::from_str(text).map_err(unknown)?;
    let rest = rest.to_string();
    match verb {
        Verb::SendFrame => Ok(vec![frame(&serde_json::from_str(&rest).map_err(unknown)?)?]),
        Verb::SendFrames => {
            let frames: Vec<FrameCommand> = serde_json::from_str(&rest).map_err(unknown)?;
            let octets = frames.iter().map(FrameCommand::length).fold(0, u64::saturating_add);
            if octets > MOST {
                return Err(TOO_MUCH.to_owned());
            }
            frames.iter().map(frame).collect()
        }
        Verb::Echo => {
            let EchoCommand { payload, payload_len } = serde_json::from_str(&rest).map_err(unknown)?;
            let opcode = Opcode::TEXT.0;
            let whole = FrameCommand { opcode, payload, fin: true, rsv: 0, mask: None, payload_len, chopsize: None };
            Ok(vec![frame(&whole)?])
        }
        Verb::Close => {
            let CloseCommand { code, reason } = serde_json::from_str(&rest).map_err(unknown)?;
            let reason = reason.unwrap_or_default();
            match code {
                Some(1000 | 3000..=4999) if reason.len() <= 123 => Ok(vec![Deed::Close(code, reason)]),
                None if reason.is_empty() => Ok(vec![Deed::Close(None, reason)]),
                _ => Err("a Close has the code 1000 or 3000 to 4999, and a short reason".to_owned()),
            }
        }
    }
}

/// A payload that is to be longer than it is told begins again and again.
fn frame(command: &FrameCommand) -> Result<Deed, String> {
    let (told, length) = (command.payload.as_bytes(), command.length());
    if length > MOST {
        return Err(TOO_MUCH.to_owned());
    }
    if length > 0 && told.is_empty() {
        return Err("a payload that is repeated is not empty".to_owned());
    }
    let mask = command.mask.map(MaskKey);
    let mut payload: Vec<u8> = told.iter().copied().cycle().take(length as usize).collect();
    let mut octets = Vec::with_capacity(payload.len() + FrameHeader::MAX);
    let header = FrameHeader::new(Opcode(command.opcode), length, mask);
    FrameHeader { fin: command.fin, rsv: command.rsv, ..header }.encode(&mut octets);
    if let Some(key) = mask {
        key.apply(&mut payload);
    }
    octets.extend_from_slice(&payload);
    let at_a_time = command.chopsize.filter(|size| *size > 0).unwrap_or(octets.len());
    Ok(Deed::Send(octets, at_a_time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_become_frames() {
        let send = |octets: &[u8], at_a_time| Ok(vec![Deed::Send(octets.to_vec(), at_a_time)]);
        for (command, expected) in [
            (r#"["sendframe", {"opcode": 1, "payload": "Hi"}]"#, send(b"\x81\x02Hi", 4)),
            (
                r#"["sendframe", {"opcode": 2, "payload": "ab", "payload_len": 5, "chopsize": 2, "sync": true}]"#,
                send(b"\x82\x05ababa", 2),
            ),
            (
                r#"["sendframe", {"opcode": 0, "fin": false, "rsv": 5, "mask": [1, 1, 1, 1], "payload": "a"}]"#,
                send(b"\x50\x81\x01\x01\x01\x01`", 7),
            ),
            (r#"["echo", {"payload": "Hi"}]"#, send(b"\x81\x02Hi", 4)),
            (r#"["close", {"code": 3000, "reason": "bye"}]"#, Ok(vec![Deed::Close(Some(3000), "bye".to_owned())])),
            (r#"["close", {}]"#, Ok(vec![Deed::Close(None, String::new())])),
        ] {
            assert_eq!(read(command), expected, "{command}");
        }
        let several = read(r#"["sendframes", [{"opcode": 9}, {"opcode": 10}]]"#);
        assert_eq!(several, Ok([b"\x89\x00", b"\x8a\x00"].map(|octets| Deed::Send(octets.to_vec(), 2)).into()));
    }

    #[test]
    fn what_is_no_command_says_why() {
        for command in [
            "hello",
            "[]",
            r#"["fly", {}]"#,
            r#"["sendframe", {}]"#,
            r#"["sendframe", {"opcode": 1, "payload_len": 3}]"#,
            r#"["sendframe", {"opcode": 1, "payload": "a", "payload_len": 100000000}]"#,
            r#"["close", {"code": 1005}]"#,
            r#"["close", {"reason": "why"}]"#,
        ] {
            let reason = read(command).unwrap_err();
            assert!(!reason.is_empty() && reason.len() <= 123, "{command}: {reason}");
        }
    }
}
