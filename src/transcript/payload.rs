//! Payloads that are generated where they are needed, so that sixteen mebibytes cost sixteen bytes to hold.

use std::sync::{Arc, OnceLock};

/// The octets of a payload, addressable without holding them. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Payload(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    source: Source,
    len: u64,
    utf8: OnceLock<bool>,
}

#[derive(Debug)]
enum Source {
    /// The octets themselves.
    Octets(Vec<u8>),
    /// A unit again and again; the tile is a whole number of units.
    Repeat { tile: Vec<u8> },
    /// Octets from a seed, each block of eight from its index.
    Random { seed: u64, printable: bool },
    /// Payloads one behind the other, with the offset at which each ends.
    Concat(Vec<(u64, Payload)>),
    /// A part of a payload that begins there, and goes on at its start behind its end.
    Part { whole: Payload, from: u64 },
}

const TILE: usize = 8 * 1024;
const BUFFER: usize = 16 * 1024;

impl Payload {
    fn new(source: Source, len: u64) -> Payload {
        Payload(Arc::new(Inner { source, len, utf8: OnceLock::new() }))
    }

    /// These octets.
    pub fn octets(octets: Vec<u8>) -> Payload {
        let len = octets.len() as u64;
        Payload::new(Source::Octets(octets), len)
    }

    /// `unit` repeated up to `len` octets; nothing when the unit is empty.
    pub fn repeat(unit: &[u8], len: u64) -> Payload {
        if unit.is_empty() {
            return Payload::octets(Vec::new());
        }
        let units = TILE.div_ceil(unit.len());
        Payload::new(Source::Repeat { tile: unit.repeat(units) }, len)
    }

    /// `len` octets that follow from `seed`; printable ASCII on request.
    pub fn random(seed: u64, len: u64, printable: bool) -> Payload {
        Payload::new(Source::Random { seed, printable }, len)
    }

    /// The parts one behind the other.
    pub fn concat(parts: impl IntoIterator<Item = Payload>) -> Payload {
        let mut end = 0;
        let mut ends = Vec::new();
        for part in parts.into_iter().filter(|part| !part.is_empty()) {
            end += part.len();
            ends.push((end, part));
        }
        match ends.as_slice() {
            [(_, only)] => only.clone(),
            _ => Payload::new(Source::Concat(ends), end),
        }
    }

    /// `len` octets from `from` on, from the start again behind the end; nothing of an empty payload.
    pub fn part(&self, from: u64, len: u64) -> Payload {
        match self.len() {
            0 => Payload::octets(Vec::new()),
            whole if from == 0 && len == whole => self.clone(),
            _ => Payload::new(Source::Part { whole: self.clone(), from }, len),
        }
    }

    /// The length in octets.
    pub fn len(&self) -> u64 {
        self.0.len
    }

    /// Whether there is no octet.
    pub fn is_empty(&self) -> bool {
        self.0.len == 0
    }

    /// Writes the octets from `from` on; the range must lie inside.
    pub fn fill(&self, from: u64, out: &mut [u8]) {
        debug_assert!(from + out.len() as u64 <= self.0.len, "the range lies inside the payload");
        match &self.0.source {
            Source::Octets(octets) => {
                let from = from as usize;
                out.copy_from_slice(&octets[from..from + out.len()]);
            }
            Source::Repeat { tile } => {
                let mut at = (from % tile.len() as u64) as usize;
                let mut rest = out;
                while !rest.is_empty() {
                    let part = rest.len().min(tile.len() - at);
                    let (now, later) = rest.split_at_mut(part);
                    now.copy_from_slice(&tile[at..at + part]);
                    rest = later;
                    at = 0;
                }
            }
            Source::Random { seed, printable } => {
                for (octet, at) in out.iter_mut().zip(from..) {
                    let raw = (mix(seed.wrapping_add(at / 8)) >> (at % 8 * 8)) as u8;
                    *octet = if *printable { b' ' + raw % 95 } else { raw };
                }
            }
            Source::Part { whole, from: start } => {
                let mut at = (start + from) % whole.len();
                let mut rest = out;
                while !rest.is_empty() {
                    let take = rest.len().min((whole.len() - at) as usize);
                    let (now, later) = rest.split_at_mut(take);
                    whole.fill(at, now);
                    rest = later;
                    at = 0;
                }
            }
            Source::Concat(parts) => {
                let mut at = from;
                let mut rest = out;
                let mut index = parts.partition_point(|(end, _)| *end <= from);
                while !rest.is_empty() {
                    let (end, part) = &parts[index];
                    let take = rest.len().min((end - at) as usize);
                    let (now, later) = rest.split_at_mut(take);
                    part.fill(at - (end - part.len()), now);
                    rest = later;
                    at += take as u64;
                    index += 1;
                }
            }
        }
    }

    /// How many octets at the start of `octets` equal those of the payload from `from` on.
    pub fn common(&self, from: u64, octets: &[u8]) -> usize {
        let len = octets.len().min(self.0.len.saturating_sub(from) as usize);
        let mut done = 0;
        let mut differs = false;
        self.visit(from, len as u64, |part| {
            if differs {
                return;
            }
            let theirs = &octets[done..done + part.len()];
            if part == theirs {
                done += part.len();
            } else {
                done += part.iter().zip(theirs).take_while(|(ours, theirs)| ours == theirs).count();
                differs = true;
            }
        });
        done
    }

    /// The octets from `from` on, as many of `len` as are held in one piece; none where they have to be generated.
    fn held(&self, from: u64, len: u64) -> &[u8] {
        match &self.0.source {
            Source::Octets(octets) => &octets[from as usize..(from + len) as usize],
            Source::Part { whole, from: start } => {
                let at = (start + from) % whole.len();
                whole.held(at, len.min(whole.len() - at))
            }
            _ => &[],
        }
    }

    /// Calls `visit` with the octets from `from` on, `len` of them, in pieces.
    pub fn visit(&self, from: u64, len: u64, mut visit: impl FnMut(&[u8])) {
        let mut at = from;
        let mut buffer = Vec::new();
        while at < from + len {
            let held = self.held(at, from + len - at);
            if !held.is_empty() {
                visit(held);
                at += held.len() as u64;
                continue;
            }
            buffer.resize(BUFFER.min((from + len - at) as usize), 0);
            self.fill(at, &mut buffer);
            visit(&buffer);
            at += buffer.len() as u64;
        }
    }

    /// All octets; only for payloads that are small.
    pub fn to_vec(&self) -> Vec<u8> {
        let mut octets = vec![0; self.0.len as usize];
        self.fill(0, &mut octets);
        octets
    }

    /// Whether the whole is valid UTF-8.
    pub fn is_utf8(&self) -> bool {
        *self.0.utf8.get_or_init(|| {
            let mut stream = crate::wire::Utf8Stream::default();
            self.visit(0, self.0.len, |part| stream.push(part));
            stream.finish().is_none()
        })
    }

    /// Tells what it is made of, in as few octets as that takes.
    pub fn describe(&self, tell: &mut impl FnMut(&[u8])) {
        tell(&self.len().to_le_bytes());
        match &self.0.source {
            Source::Octets(octets) => {
                tell(b"o");
                tell(octets);
            }
            Source::Repeat { tile } => {
                tell(b"r");
                tell(&(tile.len() as u64).to_le_bytes());
                tell(tile);
            }
            Source::Random { seed, printable } => {
                tell(if *printable { b"t" } else { b"b" });
                tell(&seed.to_le_bytes());
            }
            Source::Concat(parts) => {
                tell(b"c");
                parts.iter().for_each(|(_, part)| part.describe(tell));
            }
            Source::Part { whole, from } => {
                tell(b"p");
                tell(&from.to_le_bytes());
                whole.describe(tell);
            }
        }
    }

    /// Whether the payloads have the same octets.
    pub fn same(&self, other: &Payload) -> bool {
        if Arc::ptr_eq(&self.0, &other.0) {
            return true;
        }
        let mut equal = self.len() == other.len();
        let mut at = 0;
        if equal {
            self.visit(0, self.len(), |part| {
                equal = equal && other.common(at, part) == part.len();
                at += part.len() as u64;
            });
        }
        equal
    }
}

/// Payloads by index, as spans and plans refer to them.
#[derive(Clone, Debug, Default)]
pub struct Payloads(pub Vec<Payload>);

impl Payloads {
    /// Adds a payload and tells its index.
    pub fn add(&mut self, payload: Payload) -> u32 {
        self.0.push(payload);
        (self.0.len() - 1) as u32
    }

    /// The payload of that index.
    pub fn get(&self, index: u32) -> &Payload {
        &self.0[index as usize]
    }
}

/// SplitMix64: a number that looks random, from an index.
pub fn mix(index: u64) -> u64 {
    let mut z = index.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_kinds() -> Vec<Payload> {
        vec![
            Payload::octets(b"Hello".to_vec()),
            Payload::repeat(b"abc", 20_000),
            Payload::random(7, 10_001, false),
            Payload::random(7, 333, true),
            Payload::concat([Payload::octets(b"x".to_vec()), Payload::octets(vec![]), Payload::repeat(b"yz", 5)]),
            Payload::repeat(b"", 5),
            Payload::repeat(b"abcdefg", 9_000).part(8_990, 20_000),
        ]
    }

    #[test]
    fn any_range_equals_that_of_the_whole() {
        for payload in all_kinds() {
            let whole = payload.to_vec();
            for from in [0, 1, 5, 4095, 8191, 8193].into_iter().filter(|from| *from <= whole.len()) {
                let len = (whole.len() - from).min(9000);
                let mut part = vec![0; len];
                payload.fill(from as u64, &mut part);
                assert_eq!(part, whole[from..from + len], "{payload:?} from {from}");
            }
        }
    }

    #[test]
    fn common_counts_to_the_first_difference() {
        for payload in all_kinds().into_iter().filter(|payload| !payload.is_empty()) {
            let mut octets = payload.to_vec();
            assert_eq!(payload.common(0, &octets), octets.len());
            let last = octets.len() - 1;
            octets[last] ^= 1;
            assert_eq!(payload.common(0, &octets), last);
            octets.extend_from_slice(b"more");
            assert_eq!(payload.common(0, &octets), last);
        }
    }

    #[test]
    fn same_looks_at_the_octets() {
        assert!(Payload::repeat(b"ab", 4).same(&Payload::octets(b"abab".to_vec())));
        assert!(!Payload::repeat(b"ab", 4).same(&Payload::octets(b"abaa".to_vec())));
        assert!(!Payload::repeat(b"ab", 4).same(&Payload::repeat(b"ab", 5)));
        assert!(Payload::random(1, 50, true).is_utf8());
        assert!(!Payload::octets(vec![0xff]).is_utf8());
    }
}
