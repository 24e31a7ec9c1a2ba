//! What must not be written or printed: values that the user gave as secrets, and fields that are secret by their name.
//!
//! Each octet of a secret becomes a `*`, so that lengths and offsets stay, and what is stored can be judged again. Pure; callers
//! redact what was recorded before they judge or store it. Messages that are compressed stay as they are.

use super::body::Body;
use super::{Entry, Payloads, Side, Span, Transcript};
use crate::wire::http::head_length;
use crate::wire::{FrameHeader, Head, MaskKey, Opcode};

/// What stands in place of each octet; it may stand in fields, in request targets and in text.
const STAR: u8 = b'*';
/// Shorter values are replaced where they belong only, and not wherever their letters stand.
const SHORTEST: usize = 4;
/// Words of other fields that are secrets by themselves: so long that they are no common words.
const SHORTEST_WORD: usize = 8;
/// Fields whose values are secrets.
const SECRET: [&str; 5] = ["authorization", "proxy-authorization", "cookie", "set-cookie", "set-cookie2"];
/// Fields that the protocol itself is made of: they decide verdicts, and hold no secrets.
const OF_PROTOCOL: [&str; 6] = ["content-length", "transfer-encoding", "te", "trailer", "expect", "upgrade"];
/// What every conversation has: such words are replaced nowhere but in the field that they were given for.
const PUBLIC: &str = "http/1.1 101 switching protocols\r\nupgrade: websocket\r\nconnection: keep-alive, upgrade\r\n\
    sec-websocket-accept: sec-websocket-version: 13 sec-websocket-protocol: \
    sec-websocket-extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
    server_max_window_bits=15; client_max_window_bits=15 content-length: content-type: text/html; charset=utf-8 \
    transfer-encoding: chunked connection: close user-agent: accept: origin: http:// https:// localhost 127.0.0.1";

/// Payloads that are longer are not looked into for words that the cases send themselves.
const LONGEST_CASE_WORDS: u64 = 1 << 20;
/// References that are shorter are read as octets: a secret may lie across them.
const SHORT_REFERENCE: u64 = 1024;

/// What is to be hidden of one target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redaction {
    /// Nothing is hidden at all.
    shows_all: bool,
    /// The names of fields that the user adds, in lower case.
    fields: Vec<String>,
    /// What is replaced wherever it stands, the longest first.
    replaced: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Redaction {
    /// Hides nothing, because the user says so.
    pub fn none() -> Redaction {
        Redaction { shows_all: true, ..Redaction::default() }
    }

    /// Hides the values of fields and of the queries of request targets; `public` are texts that are no secrets.
    pub fn new<'t>(
        fields: &[(String, String)],
        targets: impl IntoIterator<Item = &'t str>,
        public: &[String],
    ) -> Redaction {
        let mut redaction = Redaction::default();
        let public = format!("{PUBLIC}\r\n{}", public.join("\r\n")).to_ascii_lowercase();
        for (name, value) in fields.iter().filter(|(name, _)| !is_of_protocol(name)) {
            redaction.fields.push(name.to_ascii_lowercase());
            redaction.replace(&format!("{name}: {value}"), &format!("{name}: {}", stars(value)), &public);
            for word in words(name, value) {
                redaction.replace(&word, &stars(&word), &public);
            }
        }
        for target in targets {
            let Some((_, query)) = target.split_once('?') else { continue };
            redaction.replace(query, &hidden_query(query), &public);
            for value in query.split('&').filter_map(value_of) {
                redaction.replace(value, &stars(value), &public);
                let plain = decoded(value);
                redaction.replace(&plain, &stars(&plain), &public);
            }
        }
        redaction.replaced.sort_by_key(|(secret, _)| std::cmp::Reverse(secret.len()));
        redaction.replaced.dedup();
        redaction
    }

    fn replace(&mut self, secret: &str, by: &str, public: &str) {
        if secret.len() >= SHORTEST && secret != by && !public.contains(&secret.to_ascii_lowercase()) {
            self.replaced.push((secret.as_bytes().to_vec(), by.as_bytes().to_vec()));
        }
    }

    /// Whether nothing is hidden that only the user knows.
    pub fn is_empty(&self) -> bool {
        self.shows_all || (self.replaced.is_empty() && self.fields.is_empty())
    }

    /// Whether everything is shown.
    pub fn shows_all(&self) -> bool {
        self.shows_all
    }

    /// The value of a field as it is shown.
    pub fn field(&self, name: &str, value: &str) -> String {
        let is_hidden = self.fields.contains(&name.to_ascii_lowercase()) && !self.shows_all;
        if is_hidden { stars(value) } else { value.to_owned() }
    }

    /// A request target as it is shown: without the values of its query.
    pub fn request_target(&self, target: &str) -> String {
        match target.split_once('?') {
            Some((path, query)) if !self.shows_all => format!("{path}?{}", hidden_query(query)),
            _ => target.to_owned(),
        }
    }

    /// A text as it is shown.
    pub fn text(&self, text: &str) -> String {
        if self.shows_all || self.replaced.is_empty() {
            return text.to_owned();
        }
        let mut octets = text.as_bytes().to_vec();
        self.replace_in(&mut octets, |_| true);
        String::from_utf8_lossy(&octets).into_owned()
    }

    /// Replaces secrets in octets that lie side by side; `may` tells whether one counts.
    fn replace_in(&self, octets: &mut [u8], mut may: impl FnMut(&[u8]) -> bool) {
        let mut at = 0;
        while at < octets.len() {
            let found = self.replaced.iter().find(|(secret, _)| octets[at..].starts_with(secret) && may(secret));
            match found {
                Some((secret, by)) => {
                    octets[at..at + secret.len()].copy_from_slice(by);
                    at += secret.len();
                }
                None => at += 1,
            }
        }
    }

    /// A recording as it may be written. `payloads` are those of its plan, whose words are no secrets.
    pub fn transcript(&self, transcript: &mut Transcript, side: Side, payloads: &Payloads) {
        if self.shows_all {
            return;
        }
        let mut stream = Stream::read(transcript, payloads, self.replaced.is_empty());
        let before = stream.octets.clone();
        let frames = frames_start(&stream.octets, side);
        hide_fields(&mut stream.octets[..frames]);
        self.replace_in(&mut stream.octets[..frames], |_| true);
        if !self.replaced.is_empty() {
            let mut may = |secret: &[u8]| !payloads.0.iter().any(|payload| is_said_by(payload, secret));
            self.in_messages(&mut stream, frames, &mut may);
        }
        stream.write(&before, transcript);
        for timed in &mut transcript.0 {
            if let Entry::Replied { octets, .. } = &mut timed.entry {
                let mut reply = Stream { octets: std::mem::take(octets), ..Stream::default() };
                self.in_messages(&mut reply, 0, &mut |_| true);
                *octets = reply.octets;
            }
        }
    }

    /// Replaces secrets in the payloads of frames; they may lie across fragments.
    fn in_messages(&self, stream: &mut Stream, start: usize, may: &mut dyn FnMut(&[u8]) -> bool) {
        let mut message: Vec<(usize, u8)> = Vec::new();
        let mut is_compressed = false;
        let mut at = start;
        while let Some((header, used)) = FrameHeader::parse(&stream.octets[at..]) {
            at += used;
            let key = header.mask.map_or([0; 4], |MaskKey(key)| key);
            let mut payload: Vec<(usize, u8)> = Vec::new();
            let mut got = 0;
            while got < header.length {
                if let Some(gap) = stream.gap_at(at, got > 0 || header.length > 0) {
                    got += gap;
                    // nothing lies across what is not here
                    self.in_payload(stream, &mut payload, may);
                    if !header.opcode.is_control() {
                        self.in_payload(stream, &mut message, may);
                    }
                    continue;
                }
                if at >= stream.octets.len() {
                    break;
                }
                payload.push((at, key[(got % 4) as usize]));
                at += 1;
                got += 1;
            }
            if header.opcode.is_control() {
                self.in_payload(stream, &mut payload, may);
                continue;
            }
            if header.opcode != Opcode::CONTINUATION {
                self.in_payload(stream, &mut message, may);
                is_compressed = header.rsv & 4 != 0;
            }
            if !is_compressed {
                message.append(&mut payload);
            }
            if header.fin {
                self.in_payload(stream, &mut message, may);
            }
        }
        self.in_payload(stream, &mut message, may);
        // what is no frame any more
        let rest = at.min(stream.octets.len());
        self.replace_in(&mut stream.octets[rest..], may);
    }

    fn in_payload(&self, stream: &mut Stream, places: &mut Vec<(usize, u8)>, may: &mut dyn FnMut(&[u8]) -> bool) {
        let before: Vec<u8> = places.iter().map(|(at, key)| stream.octets[*at] ^ key).collect();
        let mut after = before.clone();
        self.replace_in(&mut after, may);
        if after != before {
            for ((at, key), octet) in places.iter().zip(after) {
                stream.octets[*at] = octet ^ key;
            }
        }
        places.clear();
    }
}

/// What was received, in one piece but for long references.
#[derive(Default)]
struct Stream {
    octets: Vec<u8>,
    /// In front of which octet so many are left out, in order.
    gaps: Vec<(usize, u64)>,
    next_gap: usize,
    /// The entry, the span, and where its octets are.
    spans: Vec<(usize, usize, std::ops::Range<usize>)>,
}

impl Stream {
    /// All that was received, or only its beginning, in which heads stand.
    fn read(transcript: &Transcript, payloads: &Payloads, heads_only: bool) -> Stream {
        let mut stream = Stream::default();
        for (entry, timed) in transcript.0.iter().enumerate() {
            let Entry::Received(spans) = &timed.entry else { continue };
            for (number, span) in spans.iter().enumerate() {
                let start = stream.octets.len();
                match span {
                    Span::Octets(octets) => stream.octets.extend_from_slice(octets),
                    _ if heads_only => return stream,
                    Span::Echo { payload, from, len, mask } if *len <= SHORT_REFERENCE => {
                        let mut octets = vec![0; *len as usize];
                        payloads.get(*payload).fill(*from, &mut octets);
                        if let Some(mask) = mask {
                            mask.apply(&mut octets);
                        }
                        stream.octets.append(&mut octets);
                    }
                    span => stream.gaps.push((start, span.len())),
                }
                if stream.octets.len() > start {
                    stream.spans.push((entry, number, start..stream.octets.len()));
                }
            }
        }
        stream
    }

    /// How many octets are left out at a place, once.
    fn gap_at(&mut self, at: usize, is_payload: bool) -> Option<u64> {
        let (place, len) = *self.gaps.get(self.next_gap)?;
        (place == at && is_payload).then(|| {
            self.next_gap += 1;
            len
        })
    }

    /// Puts octets that have changed back to where they were.
    fn write(self, before: &[u8], transcript: &mut Transcript) {
        for (entry, number, range) in self.spans {
            let Entry::Received(spans) = &mut transcript.0[entry].entry else { continue };
            let octets = &self.octets[range.clone()];
            if *octets != before[range] {
                spans[number] = Span::Octets(octets.to_vec());
            }
        }
    }
}

/// Where the heads and bodies end and frames begin.
fn frames_start(octets: &[u8], side: Side) -> usize {
    let mut at = 0;
    while let Some(length) = head_length(&octets[at..]) {
        let head = Head::parse(&octets[at..at + length]);
        at += length;
        match head.status() {
            _ if side == Side::Client => return at,
            Some(101) => return at,
            Some(100..=199 | 204 | 304) => {}
            _ => {
                let mut body = Body::of(&head);
                while !body.is_over() && at < octets.len() {
                    at += body.take(&octets[at..]);
                }
            }
        }
    }
    octets.len()
}

/// Hides the values of fields that are secret by their name, and what is secret in the place of a redirect.
fn hide_fields(octets: &mut [u8]) {
    let mut is_secret = false;
    for line in octets.split_mut(|octet| *octet == b'\n') {
        let is_folded = line.first().is_some_and(|octet| *octet == b' ' || *octet == b'\t');
        let mut value = 0;
        if !is_folded {
            let colon = line.iter().position(|octet| *octet == b':');
            let name = String::from_utf8_lossy(&line[..colon.unwrap_or(0)]).trim().to_ascii_lowercase();
            is_secret = SECRET.contains(&name.as_str());
            value = colon.map_or(0, |colon| colon + 1);
            if name == "location" {
                hide_place(&mut line[value..]);
            }
        }
        if is_secret {
            let is_shown = |octet: &u8| *octet == b' ' || octet.is_ascii_control();
            line[value..].iter_mut().filter(|octet| !is_shown(octet)).for_each(|octet| *octet = STAR);
        }
    }
}

/// Hides user name, password and the values of the query in a URL.
fn hide_place(url: &mut [u8]) {
    let user = url.windows(2).position(|octets| octets == b"//").map_or(0, |at| at + 2);
    let end = url[user..].iter().position(|octet| b"/?#".contains(octet)).map_or(url.len(), |at| user + at);
    if let Some(at) = url[user..end].iter().rposition(|octet| *octet == b'@') {
        url[user..user + at].fill(STAR);
    }
    if let Some(query) = url.iter().position(|octet| *octet == b'?') {
        let end = url.iter().position(|octet| b"#\r".contains(octet)).filter(|end| *end > query).unwrap_or(url.len());
        for part in url[query + 1..end].split_mut(|octet| *octet == b'&') {
            let value = part.iter().position(|octet| *octet == b'=').map_or(0, |at| at + 1);
            part[value..].fill(STAR);
        }
    }
}

/// A text from the command line in which a URL may stand, without user name, password and the values of its query.
pub fn hidden_url(text: &str) -> String {
    let start = text.find("://").map_or(0, |at| at + 3);
    let (scheme, rest) = text.split_at(start);
    // a password may hold any character, so that the last @ ends it
    let rest = match rest.rfind('@') {
        Some(at) => format!("***{}", &rest[at..]),
        None => rest.to_owned(),
    };
    match rest.split_once('?') {
        Some((path, query)) => format!("{scheme}{path}?{}", hidden_query(query)),
        None => format!("{scheme}{rest}"),
    }
}

/// Whether a field is part of the protocol, and none of the user's own.
pub fn is_of_protocol(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("sec-websocket-") || OF_PROTOCOL.contains(&name.as_str())
}

fn stars(value: &str) -> String {
    "*".repeat(value.len())
}

fn value_of(part: &str) -> Option<&str> {
    let value = part.split_once('=').map_or(part, |(_, value)| value);
    (!value.is_empty()).then_some(value)
}

fn hidden_query(query: &str) -> String {
    let hide = |part: &str| match part.split_once('=') {
        Some((name, value)) => format!("{name}={}", stars(value)),
        None => stars(part),
    };
    query.split('&').map(hide).collect::<Vec<String>>().join("&")
}

fn decoded(value: &str) -> String {
    let octets = value.as_bytes();
    let mut plain = Vec::new();
    let mut at = 0;
    while at < octets.len() {
        let pair = octets.get(at + 1..at + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()).filter(|_| octets[at] == b'%') {
            Some(octet) => {
                plain.push(octet);
                at += 3;
            }
            None => {
                plain.push(octets[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

/// The value of a field, and what in it is a secret by itself.
fn words(name: &str, value: &str) -> Vec<String> {
    let is_secret = SECRET.contains(&name.to_ascii_lowercase().as_str());
    let shortest = if is_secret { SHORTEST } else { SHORTEST_WORD };
    let mut words = vec![value.to_owned()];
    let mut parts: Vec<&str> = value.split([' ', '\t', ';', ',']).collect();
    if name.to_ascii_lowercase().ends_with("authorization") && parts.len() > 1 {
        // the scheme
        parts.remove(0);
    }
    for part in parts {
        let inner = part.split_once('=').map(|(_, value)| value.trim_matches('"'));
        words
            .extend([Some(part), inner].into_iter().flatten().filter(|word| word.len() >= shortest).map(str::to_owned));
    }
    words
}

/// Whether a case sends these octets itself.
fn is_said_by(payload: &super::Payload, octets: &[u8]) -> bool {
    payload.len() <= LONGEST_CASE_WORDS && payload.to_vec().windows(octets.len()).any(|window| window == octets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::{Payload, Reply};
    use std::time::Duration;

    fn redaction() -> Redaction {
        let fields = [("Authorization", "Bearer SECRETVALUE"), ("X-Word", "websocket"), ("X-Said", "Hello")];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Redaction::new(&fields, ["/chat?room=1&token=a%2FbTOKEN"], &[])
    }

    fn frame(header: FrameHeader, payload: &[u8]) -> Vec<u8> {
        let mut octets = Vec::new();
        header.encode(&mut octets);
        let start = octets.len();
        octets.extend_from_slice(payload);
        if let Some(key) = header.mask {
            key.apply(&mut octets[start..]);
        }
        octets
    }

    fn received(octets: &[u8], cut: usize, side: Side, payloads: &Payloads) -> Vec<u8> {
        let mut transcript = Transcript::default();
        for (at, part) in octets.chunks(cut).enumerate() {
            transcript.push_received(Duration::from_micros(at as u64), Span::Octets(part.to_vec()));
        }
        redaction().transcript(&mut transcript, side, payloads);
        transcript.first_octets(usize::MAX)
    }

    #[test]
    fn secrets_are_found_wherever_they_are_cut() {
        let head = "HTTP/1.1 101 S\r\nUpgrade: websocket\r\nSet-Cookie: id=7; Path=/\r\nX: SECRETVALUE\r\n\r\n";
        let shown = "HTTP/1.1 101 S\r\nUpgrade: websocket\r\nSet-Cookie: ***** ******\r\nX: ***********\r\n\r\n";
        let plain = |opcode, fin, len| FrameHeader { fin, ..FrameHeader::new(opcode, len, None) };
        let key = Some(MaskKey([1, 2, 3, 4]));
        let (mut sent, mut expected) = (head.as_bytes().to_vec(), shown.as_bytes().to_vec());
        for (header, payload, hidden) in [
            (plain(Opcode::TEXT, true, 13), "<SECRETVALUE>", "<***********>"),
            (plain(Opcode::TEXT, false, 6), "SECRET", "******"),
            (plain(Opcode::PING, true, 11), "SECRETVALUE", "***********"),
            (plain(Opcode::CONTINUATION, true, 6), "VALUE!", "*****!"),
            (FrameHeader::new(Opcode::TEXT, 12, key), "=SECRETVALUE", "=***********"),
            (plain(Opcode::TEXT, true, 26), "?room=1&token=a%2FbTOKEN Q", "?room=*&token=********** Q"),
            (plain(Opcode::TEXT, true, 8), "a/bTOKEN", "********"),
        ] {
            sent.extend(frame(header, payload.as_bytes()));
            expected.extend(frame(header, hidden.as_bytes()));
        }
        for cut in [1, 2, 7, 1000] {
            let got = received(&sent, cut, Side::Server, &Payloads::default());
            assert_eq!(String::from_utf8_lossy(&got), String::from_utf8_lossy(&expected), "cut {cut}");
        }
    }

    #[test]
    fn what_a_case_sends_itself_is_no_secret() {
        let echo = frame(FrameHeader::new(Opcode::TEXT, 5, None), b"Hello");
        let sent = [b"HTTP/1.1 101 S\r\nX: Hello\r\n\r\n", echo.as_slice()].concat();
        let payloads = Payloads(vec![Payload::octets(b"Hello".to_vec())]);
        let got = received(&sent, 1000, Side::Server, &payloads);
        assert_eq!(got, [b"HTTP/1.1 101 S\r\nX: *****\r\n\r\n", echo.as_slice()].concat());
    }

    #[test]
    fn requests_and_refusals_are_redacted_too() {
        for (side, sent, shown) in [
            (
                Side::Client,
                "GET /chat?room=1&token=a%2FbTOKEN HTTP/1.1\r\nCookie: a=b\r\n c=d\r\nHost: x\r\n\r\n",
                "GET /chat?room=*&token=********** HTTP/1.1\r\nCookie: ***\r\n ***\r\nHost: x\r\n\r\n",
            ),
            (
                Side::Server,
                "HTTP/1.1 302 F\r\nLocation: https://me:pw@h/p?q=r\r\nContent-Length: 11\r\n\r\nSECRETVALUE",
                "HTTP/1.1 302 F\r\nLocation: https://*****@h/p?q=*\r\nContent-Length: 11\r\n\r\n***********",
            ),
            (Side::Server, "HTTP/1.1 200 OK\r\nset-COOKIE:x", "HTTP/1.1 200 OK\r\nset-COOKIE:*"),
        ] {
            let got = received(sent.as_bytes(), 3, side, &Payloads::default());
            assert_eq!(String::from_utf8_lossy(&got), shown);
        }
    }

    #[test]
    fn what_the_harness_sends_back_is_redacted() {
        let header = FrameHeader::new(Opcode::PONG, 11, Some(MaskKey([9, 8, 7, 6])));
        let mut transcript = Transcript::default();
        let octets = frame(header, b"SECRETVALUE");
        transcript.push(Duration::ZERO, Entry::Replied { to: Reply::Pong, octets });
        redaction().transcript(&mut transcript, Side::Server, &Payloads::default());
        let octets = frame(header, b"***********");
        assert_eq!(transcript.0[0].entry, Entry::Replied { to: Reply::Pong, octets });
    }

    #[test]
    fn urls_are_told_without_what_is_secret() {
        for (text, shown) in [
            ("ws://me:pa/s@s@host/?a=b&c", "ws://***@host/?a=*&*"),
            ("me:pass@host", "***@host"),
            ("ws://host/a", "ws://host/a"),
        ] {
            assert_eq!(hidden_url(text), shown);
        }
    }
}
