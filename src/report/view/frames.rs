//! Heads and frames in words and octets, whoever sent them.

use super::hex::{HexView, lines};
use super::octets::{code_name, count, digits, preview, text_or_digits};
use super::rows::{Note, Painter, Row};
use super::sent::SentPart;
use super::wire::Wire;
use crate::report::Printable;
use crate::wire::{ClosePayload, FrameHeader, LengthForm, Opcode};

const SHOWN: usize = 48;
/// Payloads up to this length are not worth a reference to the one that they equal.
const SHORT: u64 = 64;

impl Painter<'_> {
    pub(super) fn sent_head(&mut self, op: u32, (upto, len): (u64, u64), row: &mut Row) {
        let wire = self.wire_of(op);
        (row.kind, row.by) = ("sent", "harness");
        row.what = "request head".into();
        head_lines(&wire.read(0, upto), row);
        if upto < len {
            row.detail = format!("{upto} of {}", count(len)).into();
        }
    }

    pub(super) fn sent_frame(&mut self, op: u32, part: SentPart, (from, upto): (u64, u64), row: &mut Row) {
        let wire = self.wire_of(op);
        (row.kind, row.by) = ("sent", "harness");
        let whole = part.end - part.start;
        match part.header {
            Some(header) => self.frame(header, part.payload_at, part.end - part.payload_at, &wire, row),
            None => {
                row.what = "octets without a frame".into();
                self.octets(part.start, part.end - part.start, None, &wire, row);
            }
        }
        if (from, upto) != (0, whole) {
            let says = match (from, upto == whole) {
                (0, _) => format!("only the first {upto} of {whole} octets now"),
                (_, true) => format!("the rest, from octet {from} of {whole} on"),
                (_, false) => format!("octets {from} to {upto} of {whole}"),
            };
            row.notes.insert(0, Note::new("plain", says));
        }
        if from > 0 {
            row.hex = None;
        }
    }

    pub(super) fn received_frame(&self, header: FrameHeader, payload_at: u64, row: &mut Row) {
        (row.kind, row.by) = ("received", "target");
        self.frame(header, payload_at, header.length, self.received, row);
        for altered in self.received.altered(payload_at, header.length, header.mask, 5) {
            let says = format!(
                "altered at octet {} of this frame: {} where {} was sent{}",
                altered.at,
                digits(&altered.came),
                if altered.sent.is_empty() { "nothing".to_owned() } else { digits(&altered.sent) },
                if altered.len > altered.came.len() as u64 {
                    format!(", {} in all", count(altered.len))
                } else {
                    String::new()
                },
            );
            row.notes.push(Note::new("fact", says));
        }
    }

    pub(super) fn rest(&self, from: u64, len: u64, during: Option<String>, row: &mut Row) {
        (row.kind, row.by) = ("received", "target");
        match during {
            Some(during) => {
                row.what = "unfinished".into();
                row.detail = format!("the connection ended in the middle of {during}").into();
            }
            None => row.what = "body of the response".into(),
        }
        self.octets(from, len, None, self.received, row);
    }

    pub(super) fn body(&self, from: u64, len: u64, row: &mut Row) {
        self.rest(from, len, None, row);
    }

    fn frame(&self, header: FrameHeader, payload_at: u64, len: u64, wire: &Wire<'_>, row: &mut Row) {
        row.what = name(header.opcode).into();
        row.detail = bits(&header).into();
        self.octets(payload_at, len, Some(header), wire, row);
        if header.length != len {
            row.notes.push(Note::new("violation", format!("announces {}, {} follow", count(header.length), len)));
        }
    }

    /// Octets that may be the payload of a frame.
    fn octets(&self, from: u64, len: u64, header: Option<FrameHeader>, wire: &Wire<'_>, row: &mut Row) {
        let mut octets = wire.read(from, len.min(self.octets.max(128)));
        if let Some(mask) = header.and_then(|header| header.mask) {
            mask.apply(&mut octets);
        }
        let mut carries = match header {
            Some(header) if header.opcode == Opcode::CLOSE && octets.len() as u64 == len => close(&octets),
            _ => preview(&octets, len, SHOWN),
        };
        if len >= SHORT
            && let Some((payload, at)) = wire.refers_to(from, len)
        {
            let place = if at == 0 { String::new() } else { format!(" from octet {at} on") };
            carries = match row.kind {
                "sent" => format!("{carries} (payload {payload}{place})"),
                _ => format!("{carries}, as sent in payload {payload}{place}"),
            };
        }
        row.carries = Some(carries.into());
        octets.truncate(self.octets as usize);
        row.hex = Some(HexView {
            header: header.map(|header| header_digits(&header)),
            key: header.and_then(|header| header.mask).map(|mask| digits(&mask.0)),
            more: len - octets.len() as u64,
            digest: wire.digest(from, len).map(|(len, sha1)| {
                Printable::from(format!("{} were too many to keep; their SHA-1 is {sha1}", count(len)))
            }),
            lines: lines(&octets),
        });
    }
}

/// A frame that stands by itself.
pub(super) fn whole(octets: &[u8], row: &mut Row) {
    (row.kind, row.by) = ("sent", "harness");
    let Some((header, used)) = FrameHeader::parse(octets) else {
        return;
    };
    let mut payload = octets[used..].to_vec();
    if let Some(mask) = header.mask {
        mask.apply(&mut payload);
    }
    row.what = name(header.opcode).into();
    row.detail = bits(&header).into();
    let len = payload.len() as u64;
    row.carries =
        Some(if header.opcode == Opcode::CLOSE { close(&payload) } else { preview(&payload, len, SHOWN) }.into());
    row.hex = Some(HexView {
        header: Some(header_digits(&header)),
        key: header.mask.map(|mask| digits(&mask.0)),
        lines: lines(&payload),
        ..HexView::default()
    });
}

/// A head of the target.
pub(super) fn head(octets: &[u8], row: &mut Row) {
    (row.kind, row.by) = ("received", "target");
    row.what = "response head".into();
    head_lines(octets, row);
}

fn head_lines(octets: &[u8], row: &mut Row) {
    const MOST: usize = 100;
    let ended = octets.split_inclusive(|octet| *octet == b'\n');
    let mut heads: Vec<Printable> = ended
        .map(|line| line.strip_suffix(b"\r\n").unwrap_or(line))
        .filter(|line| !line.is_empty())
        .map(|line| Printable::of_octets(&line[..line.len().min(2000)]))
        .collect();
    if heads.len() > MOST {
        let more = heads.len() - MOST;
        heads.truncate(MOST);
        heads.push(format!("… {more} more lines …").into());
    }
    row.lines = heads;
}

fn name(opcode: Opcode) -> String {
    match opcode {
        Opcode::PING | Opcode::PONG => opcode.to_string(),
        Opcode::CLOSE => "Close".to_owned(),
        opcode if opcode.is_reserved() => format!("frame with {opcode}"),
        opcode => format!("{opcode} frame"),
    }
}

/// What is set in a header, and what should catch the eye.
fn bits(header: &FrameHeader) -> String {
    let mut words = vec![if header.fin { "FIN" } else { "no FIN" }.to_owned()];
    let rsv = [(4, "RSV1"), (2, "RSV2"), (1, "RSV3")];
    words.extend(rsv.iter().filter(|(bit, _)| header.rsv & bit != 0).map(|(_, name)| (*name).to_owned()));
    words.push(if header.mask.is_some() { "masked" } else { "unmasked" }.to_owned());
    if header.form != LengthForm::minimal(header.length) {
        let bits = match header.form {
            LengthForm::Bits7 => 7,
            LengthForm::Bits16 => 16,
            LengthForm::Bits64 => 64,
        };
        words.push(format!("length in {bits} bits"));
    }
    words.join(", ")
}

fn close(payload: &[u8]) -> String {
    match ClosePayload::parse(payload) {
        ClosePayload::Empty => "no status code".to_owned(),
        ClosePayload::OneByte(octet) => format!("the single octet {octet:02x}"),
        ClosePayload::Code(code, reason) => {
            let name = code_name(code).map(|name| format!(" ({name})")).unwrap_or_default();
            match text_or_digits(&reason, reason.len() as u64, 125) {
                Some(reason) => format!("{code}{name}, reason {reason}"),
                None => format!("{code}{name}"),
            }
        }
    }
}

fn header_digits(header: &FrameHeader) -> String {
    let mut octets = Vec::with_capacity(FrameHeader::MAX);
    FrameHeader { mask: None, ..*header }.encode(&mut octets);
    // the MASK bit belongs to these octets, the key is shown beside them
    if header.mask.is_some()
        && let Some(second) = octets.get_mut(1)
    {
        *second |= 0x80;
    }
    digits(&octets)
}
