//! What the tests of the tables share: input as pairs of first octet and payload, output as a line of text.

use super::{Quirk, find};
use crate::peer::conduct::Conduct;
use crate::peer::handshake;
use crate::peer::out::{Act, Frame};
use crate::peer::request::Request;
use crate::peer::session::Session;
use crate::wire::extension::{Agreement, Parameters};
use crate::wire::{ClosePayload, FrameHeader, LengthForm, MaskKey, Opcode};

/// A quirk, the frames that show it, and what the server does then.
pub(super) type Row = (&'static str, &'static [(u8, &'static [u8])], &'static str);

pub(super) const REQUEST: &str = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                                  Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

pub(super) fn conduct(name: &str) -> Conduct {
    let conduct = find(name).unwrap().map_or_else(Conduct::conforming, Quirk::conduct);
    let agreed = conduct.deflate.map(|_| Agreement::of(&Parameters::default()));
    Conduct { agreed, ..conduct }
}

pub(super) fn key() -> [u8; 4] {
    [0x37, 0xFA, 0x21, 0x3D]
}

/// Masked frames with these first octets.
pub(super) fn frames(rows: &[(u8, &[u8])]) -> Vec<u8> {
    let mut octets = Vec::new();
    for (first, payload) in rows {
        let mut header = FrameHeader::new(Opcode(first & 15), payload.len() as u64, Some(MaskKey(key())));
        (header.fin, header.rsv) = (first & 0x80 != 0, first >> 4 & 7);
        header.encode(&mut octets);
        let start = octets.len();
        octets.extend_from_slice(payload);
        MaskKey(key()).apply(&mut octets[start..]);
    }
    octets
}

/// What the server does when these pieces arrive one after the other.
pub(super) fn acts(name: &str, pieces: &[&[u8]]) -> Vec<Act> {
    let mut session = Session::new(conduct(name));
    let mut acts = session.open();
    for piece in pieces {
        acts.extend(session.receive(&mut piece.to_vec()));
    }
    acts
}

pub(super) fn run(name: &str, pieces: &[&[u8]]) -> String {
    print(&acts(name, pieces))
}

/// Checks every row, that it is no row of the conforming server, and that the table has no other rows than these.
pub(super) fn check(table: &[Quirk], rows: &[Row], others: &[&str]) {
    for (name, input, expected) in rows {
        let input = frames(input);
        let acts_of = |name| acts(name, &[&input]);
        assert_eq!(print(&acts_of(name)), *expected, "{name}");
        assert_ne!(acts_of(name), acts_of(super::CONFORMING), "{name}");
    }
    let tested: Vec<_> = rows.iter().map(|row| row.0).chain(others.iter().copied()).collect();
    let untested: Vec<_> = table.iter().map(|row| row.name).filter(|name| !tested.contains(name)).collect();
    assert_eq!(untested, [""; 0], "rows without a test");
}

/// The answer of every row of a table to the request with further fields.
pub(super) fn answers(table: &[Quirk], fields: &str) -> Vec<(&'static str, String)> {
    table.iter().map(|row| (row.name, answer(row.name, fields))).collect()
}

pub(super) fn answer(name: &str, fields: &str) -> String {
    answer_to(name, &REQUEST.replace("\r\n\r\n", &format!("\r\n{fields}\r\n"))).unwrap()
}

pub(super) fn answer_to(name: &str, request: &str) -> Option<String> {
    handshake::answer(&conduct(name), &Request::new(request.as_bytes().to_vec()), None).into_text()
}

pub(super) fn print(acts: &[Act]) -> String {
    acts.iter().map(print_act).collect::<Vec<_>>().join("; ")
}

fn print_act(act: &Act) -> String {
    match act {
        Act::Send(frame) => print_frame(frame),
        Act::SendPart(frame, octets) => format!("{octets} of {}", print_frame(frame)),
        Act::Pause(time) => format!("pause {}", time.as_millis()),
        Act::Open(count) => format!("open {count}"),
        Act::FinishAfter(time) => format!("fin after {}", time.as_millis()),
        Act::Finish => "fin".into(),
        Act::FinishAndLeak => "fin, leaking".to_owned(),
        Act::Reset => "rst".into(),
        Act::StopReading => "stop-reading".into(),
        Act::LoseNext => "lose next".into(),
        Act::Die => "die".into(),
    }
}

fn print_frame(Frame { header, payload }: &Frame) -> String {
    let mut marks = String::new();
    if header.mask.is_some() {
        marks += "masked ";
    }
    if header.rsv != 0 {
        marks += &format!("rsv{} ", header.rsv);
    }
    if !header.fin {
        marks += "unfinished ";
    }
    match header.form {
        form if form == LengthForm::minimal(payload.len() as u64) => {}
        form => marks += &format!("{form:?} "),
    }
    let content = match ClosePayload::parse(payload) {
        _ if payload.len() > 24 => format!("[{}]", payload.len()),
        ClosePayload::Code(code @ (1002 | 1007 | 1009), _) if header.opcode == Opcode::CLOSE => format!(" {code}"),
        ClosePayload::Code(code, reason) if header.opcode == Opcode::CLOSE => {
            format!(" {code} {}", reason.escape_ascii()).trim_end().into()
        }
        _ => format!(" {}", payload.escape_ascii()),
    };
    format!("{marks}{}{content}", header.opcode)
}
