//! Octets that compress as real messages do, from a fixed seed: the same in every run and on every machine.

use crate::case::payload::Sample;
use crate::transcript::Payload;
use crate::transcript::payload::mix;
use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

/// What one plan is made of is made of again for its verdict and its page.
type Made = BTreeMap<(Sample, u64), Payload>;

/// So many octets of a kind; text ends where a code point does, filled up with spaces.
pub(super) fn sample(kind: Sample, len: u64) -> Payload {
    static MADE: OnceLock<Mutex<Made>> = OnceLock::new();
    let mut made = MADE.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    made.entry((kind, len)).or_insert_with(|| Payload::octets(octets(kind, len))).clone()
}

fn octets(kind: Sample, len: u64) -> Vec<u8> {
    let len = usize::try_from(len).unwrap_or(usize::MAX);
    let mut draws = Draws(0);
    let mut octets = Vec::with_capacity(len + 1024);
    let unit = match kind {
        Sample::Json => json,
        Sample::Html => html,
        Sample::Prose => prose,
        Sample::Bitmap => bitmap,
        Sample::Compressed => compressed,
    };
    while octets.len() < len {
        unit(&mut draws, &mut octets);
    }
    let mut end = len;
    while kind == Sample::Prose && octets.get(end).is_some_and(|octet| octet & 0xC0 == 0x80) {
        end -= 1;
    }
    octets.truncate(end);
    octets.resize(len, b' ');
    octets
}

/// Numbers that look random.
struct Draws(u64);

impl Draws {
    fn next(&mut self, below: u64) -> u64 {
        self.0 += 1;
        mix(self.0) % below
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.next(words.len() as u64) as usize]
    }
}

const NOUNS: [&str; 16] = [
    "harbour", "engine", "letter", "window", "garden", "signal", "bridge", "orchard", "ledger", "lantern", "river",
    "market", "valley", "anchor", "winter", "compass",
];
const VERBS: [&str; 12] = [
    "carries", "opens", "finds", "answers", "leaves", "follows", "repeats", "closes", "counts", "keeps", "sends",
    "meets",
];

/// A record with nested values, most of which occur again and again.
fn json(draws: &mut Draws, out: &mut Vec<u8>) {
    let record = format!(
        "{{\n  \"id\": {},\n  \"active\": true,\n  \"kind\": \"{}\",\n  \"owner\": {{\n    \"name\": \"Harbour office\",\n    \
         \"address\": \"1 Quay Street\"\n  }},\n  \"tags\": [\n    \"{}\",\n    \"{}\"\n  ],\n  \
         \"note\": \"The {} keeps what it was given, and the record says so in as many words as every other record.\"\n}},\n",
        100_000 + out.len() / 16,
        draws.of(&NOUNS[..4]),
        draws.of(&NOUNS),
        draws.of(&NOUNS[..4]),
        draws.of(&NOUNS[..8]),
    );
    out.extend_from_slice(record.as_bytes());
}

/// A row of a page.
fn html(draws: &mut Draws, out: &mut Vec<u8>) {
    let (noun, verb, other) = (draws.of(&NOUNS), draws.of(&VERBS), draws.of(&NOUNS));
    let number = draws.next(100_000);
    let row = match draws.next(3) {
        0 => format!(
            "<tr class=\"row {noun}\"><td><a href=\"/items/{number}.html\">{noun} {number}</a></td><td>{verb}</td></tr>\n"
        ),
        1 => {
            format!("<p id=\"p{number}\">The {noun} {verb} the <em>{other}</em>, and the {other} {verb} nothing.</p>\n")
        }
        _ => {
            format!("<div class=\"{other}\"><img src=\"img/{noun}-{number}.png\" alt=\"{noun}\" width=\"64\"></div>\n")
        }
    };
    out.extend_from_slice(row.as_bytes());
}

/// A sentence of one of several scripts, in words that stand for no text in particular.
fn prose(draws: &mut Draws, out: &mut Vec<u8>) {
    const SCRIPTS: [&[&str]; 6] = [
        &["the", "grey", "harbour", "wakes", "before", "its", "boats", "and", "waits"],
        &["ночь", "улица", "тихий", "дождь", "идёт", "над", "городом", "и", "рекой"],
        &["θάλασσα", "ήλιος", "και", "πέτρα", "το", "φως", "στην", "αυλή", "μένει"],
        &["雨", "の", "朝", "港", "に", "船", "が", "静か", "に", "待つ"],
        &["ดวงดาว", "เหนือ", "ทะเล", "และ", "ลม", "พัด", "เบา", "ๆ"],
        &["🚲", "🌧", "⛵", "naïve", "façade", "Straße", "œuvre", "smörgås"],
    ];
    let words = SCRIPTS[draws.next(SCRIPTS.len() as u64) as usize];
    let count = 6 + draws.next(14);
    for number in 0..count {
        let end = if number + 1 < count { " " } else { ". " };
        for letter in draws.of(words).chars().chain(end.chars()) {
            // a message that begins and ends at multiples of sixteen octets is UTF-8 too
            let left = 16 - out.len() % 16;
            if letter.len_utf8() > left {
                out.resize(out.len() + left, b' ');
            }
            out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
}

/// A line of 512 grey points: slopes with a little noise.
fn bitmap(draws: &mut Draws, out: &mut Vec<u8>) {
    let line = (out.len() / 512) as u64;
    for column in 0..512u64 {
        let slope = (column * (3 + line % 7) / 4 + line) / 3 % 256;
        out.push((slope as u8).wrapping_add(draws.next(6) as u8));
    }
}

/// Octets that follow no rule, as they are in a file that is compressed already.
fn compressed(draws: &mut Draws, out: &mut Vec<u8>) {
    out.extend_from_slice(&draws.next(u64::MAX).to_le_bytes()[..7]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::deflate::Deflater;

    #[test]
    fn each_kind_compresses_as_its_like_does() {
        for (kind, least, most) in [
            (Sample::Json, 2, 8),
            (Sample::Html, 8, 35),
            (Sample::Prose, 10, 40),
            (Sample::Bitmap, 20, 80),
            (Sample::Compressed, 99, 101),
        ] {
            let octets = octets(kind, 262_144);
            assert_eq!(octets.len(), 262_144);
            let percent = Deflater::new(15, true).deflate(&octets).len() * 100 / octets.len();
            assert!((least..=most).contains(&percent), "{kind:?}: {percent} %");
            if !matches!(kind, Sample::Bitmap | Sample::Compressed) {
                assert!(std::str::from_utf8(&octets).is_ok(), "{kind:?}");
            }
        }
    }

    #[test]
    fn a_longer_sample_begins_like_a_shorter_one() {
        let (short, long) = (octets(Sample::Html, 1000), octets(Sample::Html, 5000));
        assert_eq!(short, long[..1000]);
        assert!(std::str::from_utf8(&octets(Sample::Prose, 997)).is_ok());
        let prose = octets(Sample::Prose, 8192);
        assert!(prose.chunks(16).all(|part| std::str::from_utf8(part).is_ok()));
    }
}
