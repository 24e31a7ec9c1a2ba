//! Tests of the tables of permessage-deflate: each fault shows in one of a few conversations, and each variant comes to
//! the same messages as the peer that speaks it without a quirk.

use super::rows::{REQUEST, conduct, frames, print};
use super::{Area, DEFLATING, Quirk, faults, variants};
use crate::peer::conduct::Conduct;
use crate::peer::handshake::{self, Answer};
use crate::peer::out::Act;
use crate::peer::request::Request;
use crate::peer::session::Session;
use crate::wire::blocks::{BlockWriter, Token};
use crate::wire::extension::Agreement;
use crate::wire::inflate::Inflater;
use crate::wire::{Head, Opcode};

/// An offer, and the frames behind the handshake.
struct Scene {
    offer: &'static str,
    frames: Vec<(u8, Vec<u8>)>,
    is_legal: bool,
}

const HELLO: &[u8] = b"\xf2\x48\xcd\xc9\xc9\x07\x00";
/// Hello again, as a reference.
const AGAIN: &[u8] = b"\xf2\x00\x11\x00\x00";
const PLAIN: &str = "permessage-deflate; client_max_window_bits";

fn made(write: impl FnOnce(&mut BlockWriter)) -> Vec<u8> {
    let mut writer = BlockWriter::default();
    write(&mut writer);
    writer.message()
}

/// Text in which nothing comes again soon.
fn text(length: usize) -> Vec<u8> {
    let mut state = 7u32;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        b'a' + (state >> 24) as u8 % 26
    };
    (0..length).map(next).collect()
}

fn copy(length: u16, distance: u16) -> Vec<u8> {
    made(|w| w.fixed(&[Token::Copy { length, distance }], false))
}

fn stored(octets: &[u8]) -> Vec<u8> {
    made(|w| w.stored(octets, false))
}

fn scenes() -> Vec<Scene> {
    let legal = |offer, frames: Vec<(u8, Vec<u8>)>| Scene { offer, frames, is_legal: true };
    let wrong = |frames: Vec<(u8, Vec<u8>)>| Scene { offer: PLAIN, frames, is_legal: false };
    let hello = || (0xC1, HELLO.to_vec());
    let again = |between: Vec<(u8, Vec<u8>)>| {
        legal(PLAIN, [vec![hello()], between, vec![(0xC1, AGAIN.to_vec()), (0x88, b"\x03\xE8".to_vec())]].concat())
    };
    let distant = |distance: u16| {
        let start = text(usize::from(distance));
        legal(PLAIN, vec![(0xC1, stored(&start)), (0xC1, copy(50, distance))])
    };
    let within = |distance: u16| {
        let literals = Token::Literals(text(usize::from(distance)));
        legal(PLAIN, vec![(0xC2, made(|w| w.fixed(&[literals, Token::Copy { length: 9, distance }], false)))])
    };
    let twice = |offer, gap: usize| {
        let octets = [&b"0123456789012345"[..], &text(gap), b"0123456789012345"].concat();
        legal(offer, vec![(0x81, octets.clone()), (0x81, octets)])
    };
    let literals = |octets: &[u8]| Token::Literals(octets.to_vec());
    vec![
        again(vec![]),
        again(vec![(0x82, b"plain".to_vec())]),
        again(vec![(0x89, b"ping".to_vec())]),
        again(vec![(0x8A, b"pong".to_vec())]),
        again(vec![(0x41, HELLO[..3].to_vec()), (0x00, HELLO[3..5].to_vec()), (0x80, HELLO[5..].to_vec())]),
        again(vec![(0xC2, HELLO.to_vec())]),
        again(vec![(0xC1, vec![0])]),
        legal(PLAIN, vec![(0xC2, stored(b"\xFF\xFE\x00"))]),
        legal(PLAIN, vec![(0xC1, made(|w| w.dynamic(&[literals(b"Hello")], false)))]),
        legal(
            PLAIN,
            vec![(
                0xC1,
                made(|w| {
                    w.stored(b"He", true);
                    w.fixed(&[literals(b"ll"), Token::Copy { length: 4, distance: 3 }], false);
                    w.dynamic(&[literals(b"o")], true);
                }),
            )],
        ),
        legal(PLAIN, vec![(0xC1, made(|w| w.fixed(&[literals(b"Hello")], true))), (0xC1, AGAIN.to_vec())]),
        legal(PLAIN, vec![(0xC1, made(|w| w.stored(&text(70_000), false)))]),
        distant(300),
        distant(5000),
        distant(20_000),
        distant(32_768),
        within(300),
        within(20_000),
        within(32_768),
        legal(PLAIN, vec![(0x81, b"Hello, \"name\": 0123456789".to_vec()), (0x81, text(3000)), (0x82, vec![])]),
        twice("permessage-deflate; server_max_window_bits=8", 600),
        twice("permessage-deflate; server_max_window_bits=9", 600),
        twice("permessage-deflate; server_max_window_bits=10", 1500),
        twice("permessage-deflate; server_no_context_takeover", 10),
        twice("permessage-deflate; client_no_context_takeover", 10),
        twice("permessage-deflate; client_max_window_bits=9", 600),
        legal("permessage-deflate; server_no_context_takeover", vec![hello(), (0xC1, AGAIN.to_vec())]),
        legal(PLAIN, vec![(0xC1, made(|w| w.stored(&text(5000), true)))]),
        legal(PLAIN, vec![hello(), (0xC1, made(|w| w.stored(b"Hello", true))), (0xC1, copy(5, 10))]),
        wrong(vec![(0x41, HELLO[..3].to_vec()), (0xC0, HELLO[3..].to_vec())]),
        wrong(vec![(0xC9, b"p".to_vec())]),
        wrong(vec![(0xCA, b"p".to_vec()), hello()]),
        wrong(vec![(0xC8, b"\x03\xE8".to_vec())]),
        wrong(vec![(0xE1, HELLO.to_vec())]),
        wrong(vec![(0xD1, HELLO.to_vec())]),
        wrong(vec![(0xC1, stored(b"H\xF8")), hello()]),
        wrong(vec![(0x41, stored(b"H\xC3")[..5].to_vec()), (0x80, stored(b"H\xC3")[5..].to_vec())]),
        wrong(vec![(0xC1, stored(&[b"\xF8".to_vec(), text(40)].concat()))]),
        wrong(vec![(0xC1, b"\xf2\x48\x07".to_vec()), hello()]),
        wrong(vec![(0xC1, vec![])]),
    ]
}

/// What a peer answers to an offer, takes for agreed, and does then.
fn played(name: &str, scene: &Scene) -> (String, Option<Agreement>, Vec<Act>) {
    let head = REQUEST.replace("\r\n\r\n", &format!("\r\nSec-WebSocket-Extensions: {}\r\n\r\n", scene.offer));
    let conduct = conduct(name);
    let (head, agreed) = match handshake::answer(&conduct, &Request::new(head.into_bytes()), None) {
        Answer::Open(head, agreed) => (head, agreed),
        Answer::Refuse(head, _) => return (head.unwrap_or_default(), None, Vec::new()),
    };
    let rows: Vec<(u8, &[u8])> = scene.frames.iter().map(|(first, payload)| (*first, payload.as_slice())).collect();
    let mut session = Session::new(Conduct { agreed, ..conduct });
    let mut acts = session.open();
    acts.extend(session.receive(&mut frames(&rows)));
    (head, agreed, acts)
}

fn of_deflate(table: &'static [Quirk]) -> impl Iterator<Item = &'static Quirk> {
    table.iter().filter(|quirk| matches!(quirk.area, Area::Agreeing | Area::Deflate))
}

#[test]
fn each_fault_shows_in_a_scene() {
    let bad_offers = [
        "; level=9",
        "; client_no_context_takeover; client_no_context_takeover",
        "; server_max_window_bits=7",
        "; client_max_window_bits=16",
        "; server_max_window_bits=08",
        "; server_max_window_bits=ten",
        "; server_max_window_bits",
        "; server_no_context_takeover=1",
        ", x-webkit-deflate-frame",
        ", ;",
        "; server_max_window_bits=9, permessage-deflate; server_no_context_takeover",
    ];
    let bad_offer =
        |rest: &&str| Scene { offer: format!("permessage-deflate{rest}").leak(), frames: vec![], is_legal: false };
    let none = Scene { offer: "", frames: vec![], is_legal: true };
    let scenes: Vec<Scene> = scenes().into_iter().chain(bad_offers.iter().map(bad_offer)).chain([none]).collect();
    let good: Vec<_> = scenes.iter().map(|scene| played(DEFLATING, scene)).collect();
    let shows = |quirk: &Quirk| scenes.iter().zip(&good).any(|(scene, good)| played(quirk.name, scene) != *good);
    let unseen: Vec<&str> = of_deflate(faults()).filter(|quirk| !shows(quirk)).map(|quirk| quirk.name).collect();
    assert_eq!(unseen, [""; 0], "these change nothing");
}

/// The messages that acts come to, read by the other inflater; empty where the wire is not as was agreed.
fn messages(name: &str, agreed: Option<Agreement>, acts: &[Act]) -> Vec<(Opcode, Vec<u8>)> {
    let mut inflater = Inflater::default();
    let (mut heard, mut message) = (Vec::new(), None);
    for act in acts {
        let Act::Send(frame) = act else { continue };
        if frame.header.opcode.is_control() {
            assert_eq!(frame.header.rsv, 0, "{name}");
            continue;
        }
        let (opcode, rsv, mut octets) = message.take().unwrap_or((frame.header.opcode, frame.header.rsv, Vec::new()));
        octets.extend_from_slice(&frame.payload);
        if !frame.header.fin {
            message = Some((opcode, rsv, octets));
        } else if rsv == 0 {
            heard.push((opcode, octets));
        } else {
            let by_server = agreed.unwrap().by_server;
            let seen = inflater.inflate(&octets, 1 << 20);
            assert!(seen.fault.is_none() && !seen.tail_left && !seen.bare_final, "{name}: {seen:?}");
            assert!(seen.farthest <= 1 << by_server.window_bits, "{name}: {seen:?}");
            assert!(by_server.keeps_context || seen.before == 0, "{name}: {seen:?}");
            heard.push((opcode, inflater.message().to_vec()));
        }
    }
    heard
}

#[test]
fn each_variant_comes_to_the_same_messages() {
    for scene in scenes() {
        let (_, agreed, acts) = played(DEFLATING, &scene);
        let good = messages(DEFLATING, agreed, &acts);
        // it fails at what may be refused
        let strong = of_deflate(variants()).filter(|quirk| quirk.name != "forgets-at-final-blocks");
        for Quirk { name, .. } in strong {
            let (head, agreed, acts) = played(name, &scene);
            let accepts = Head::parse(head.as_bytes()).values("sec-websocket-extensions").next().is_some();
            assert_eq!(accepts, agreed.is_some(), "{name}");
            let asks_too_much =
                agreed.is_some_and(|agreed| !agreed.by_client.keeps_context || agreed.by_client.window_bits < 15);
            if scene.is_legal && accepts && !asks_too_much {
                assert_eq!(messages(name, agreed, &acts), good, "{name}");
            } else if !scene.is_legal {
                let ended = acts.iter().any(|act| matches!(act, Act::Finish | Act::Reset));
                assert!(ended || name.starts_with("takes-no-octet"), "{name}: {}", print(&acts));
            }
        }
    }
}
