//! Frames in words.

use super::listed;
use super::payload::{len, told as payload};
use crate::case::frame::{FrameSpec, Kind, Masking};
use crate::case::{PayloadSpec, Role};
use crate::report::view::octets::{code_name, count};

/// What a frame is, as in `a text frame with 5 octets "Hello", without FIN`.
pub(super) fn told(spec: &FrameSpec, roles: &[Role]) -> String {
    let mut words = vec![kind(spec)];
    if let Some(size) = spec.fragment {
        words.push(format!("cut into frames of {}", count(size)));
        if spec.empty_last {
            words.push("with an empty frame at the end where that comes out even".to_owned());
        }
    }
    if spec.deflate {
        words.push("compressed as was agreed".to_owned());
    }
    if !spec.fin {
        words.push("without FIN".to_owned());
    }
    if spec.rsv != 0 {
        let bits: Vec<String> = [(4, "RSV1"), (2, "RSV2"), (1, "RSV3")]
            .iter()
            .filter(|(bit, _)| spec.rsv & bit != 0)
            .map(|(_, name)| (*name).to_owned())
            .collect();
        words.push(format!("with {} set", listed(&bits, "and")));
    }
    match (&spec.masking, roles) {
        (Masking::AsRole, _) => {}
        (Masking::Wrong, [Role::Server]) => words.push("unmasked".to_owned()),
        (Masking::Wrong, [Role::Client]) => words.push("masked".to_owned()),
        (Masking::Wrong, _) => words.push("unmasked towards a server, masked towards a client".to_owned()),
        (Masking::Key([a, b, c, d]), _) => {
            words.push(format!("masked with the key {a:02x} {b:02x} {c:02x} {d:02x}"));
        }
    }
    if let Some(announced) = spec.length {
        words.push(format!("announcing {}", count(announced)));
    }
    if let Some(bits) = spec.form {
        words.push(format!("with its length in {bits} bits"));
    }
    let mut told = words.join(", ");
    if spec.violates {
        told.push_str(": at this frame the target has to fail the connection");
    }
    if spec.disputed {
        told.push_str(": the target may take this frame, or fail the connection at it");
    }
    told
}

fn kind(spec: &FrameSpec) -> String {
    let name = if spec.fragment.is_some() { "message" } else { "frame" };
    match &spec.kind {
        Kind::Text(octets) => with(&format!("a text {name}"), octets),
        Kind::Binary(octets) => with(&format!("a binary {name}"), octets),
        Kind::Continuation(octets) => with("a continuation frame", octets),
        Kind::Ping(octets) => with("a ping", octets),
        Kind::Pong(octets) => with("a pong", octets),
        Kind::ClosePayload(octets) => with("a Close", octets),
        Kind::Close(code, reason) => {
            let name = code_name(*code).map(|name| format!(" ({name})")).unwrap_or_default();
            match payload(reason) {
                Some(reason) => format!("a Close with status code {code}{name} and a reason of {reason}"),
                None => format!("a Close with status code {code}{name}"),
            }
        }
        Kind::Opcode(opcode, octets) => with(&format!("a frame with opcode {opcode:#x}"), octets),
        Kind::Raw(octets) => match payload(octets) {
            Some(octets) => format!("{octets}, with no frame around them"),
            None => "nothing at all".to_owned(),
        },
    }
}

fn with(frame: &str, octets: &PayloadSpec) -> String {
    match payload(octets) {
        Some(octets) if frame.contains(" with ") => format!("{frame} and {octets}"),
        Some(octets) => format!("{frame} with {octets}"),
        None if len(octets) == Some(0) && frame.contains(" with ") => format!("{frame} and no payload"),
        None => format!("{frame} without payload"),
    }
}
