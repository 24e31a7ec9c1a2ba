//! The codes of DEFLATE blocks, RFC 1951 sections 3.2.2, 3.2.6 and 3.2.7.

use super::InflateFault;
use super::bits::Bits;
use std::sync::OnceLock;

/// What a code stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Symbol {
    /// An octet.
    Literal(u8),
    /// The end of the block.
    End,
    /// A length or a distance: this much and as many extra bits.
    Base { base: u16, extra: u8 },
}

/// A place in a table, in a word, since it is what reading spends its time on: the bits of the code in the lowest four,
/// the extra bits in the next four, what it is in the next eight, the number in the upper sixteen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slot(u32);

impl Slot {
    const EMPTY: Slot = Slot(0);
    const LITERAL: u32 = 1 << 8;
    const END: u32 = 2 << 8;
    const BASE: u32 = 3 << 8;
    const LONGER: u32 = 4 << 8;

    fn new(symbol: Symbol, bits: u32) -> Slot {
        Slot(match symbol {
            Symbol::Literal(octet) => u32::from(octet) << 16 | Slot::LITERAL | bits,
            Symbol::End => Slot::END | bits,
            Symbol::Base { base, extra } => u32::from(base) << 16 | Slot::BASE | u32::from(extra) << 4 | bits,
        })
    }

    /// The table of longer codes with that number.
    fn longer(table: usize) -> Slot {
        Slot((table as u32) << 16 | Slot::LONGER)
    }

    fn is(self, kind: u32) -> bool {
        self.0 & 0xFF00 == kind
    }

    /// How many bits the code has.
    #[inline]
    fn bits(self) -> u32 {
        self.0 & 0xF
    }

    /// The number that it holds.
    #[inline]
    fn number(self) -> u16 {
        (self.0 >> 16) as u16
    }

    /// What it stands for; `None` where there is no code.
    #[inline]
    fn symbol(self) -> Option<Symbol> {
        match self.0 & 0xFF00 {
            Slot::LITERAL => Some(Symbol::Literal(self.number() as u8)),
            Slot::END => Some(Symbol::End),
            Slot::BASE => Some(Symbol::Base { base: self.number(), extra: (self.0 >> 4) as u8 & 0xF }),
            _ => None,
        }
    }
}

/// First lengths and extra bits of the codes 257 to 285.
const LENGTHS: [(u16, u8); 29] = [
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 0),
    (7, 0),
    (8, 0),
    (9, 0),
    (10, 0),
    (11, 1),
    (13, 1),
    (15, 1),
    (17, 1),
    (19, 2),
    (23, 2),
    (27, 2),
    (31, 2),
    (35, 3),
    (43, 3),
    (51, 3),
    (59, 3),
    (67, 4),
    (83, 4),
    (99, 4),
    (115, 4),
    (131, 5),
    (163, 5),
    (195, 5),
    (227, 5),
    (258, 0),
];

/// First distance and extra bits of a distance code below 30.
pub(in crate::wire) fn distance_code(code: u16) -> (u16, u8) {
    match code {
        0..=3 => (code + 1, 0),
        _ => {
            let extra = (code / 2 - 1) as u8;
            (((2 + code % 2) << extra) + 1, extra)
        }
    }
}

/// First length and extra bits of a length code from 257 on.
pub(in crate::wire) fn length_code(code: u16) -> Option<(u16, u8)> {
    LENGTHS.get(usize::from(code.checked_sub(257)?)).copied()
}

/// The order in which the lengths of the code for code lengths stand.
pub(in crate::wire) const LENGTH_ORDER: [usize; 19] =
    [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// Codes of up to that many bits are found with one look.
const DIRECT: u32 = 10;
const LONGEST: usize = 15;

/// A table of codes.
pub(super) struct Codes {
    direct: Box<[Slot; 1 << DIRECT]>,
    /// The tables for longer codes, one behind the other.
    longer: Vec<Slot>,
    /// How many further bits a look into one of them takes.
    more: u32,
}

impl Codes {
    /// The codes that these lengths make, RFC 1951 section 3.2.2; a set that leaves room may only have a single code.
    fn new(lengths: &[u8], symbol: impl Fn(u16) -> Option<Symbol>) -> Result<Codes, InflateFault> {
        let mut counts = [0u32; LONGEST + 1];
        lengths.iter().for_each(|length| counts[usize::from(*length)] += 1);
        counts[0] = 0;
        let longest = counts.iter().rposition(|count| *count > 0).unwrap_or(0) as u32;
        let mut room: i64 = 1;
        let mut next = [0u32; LONGEST + 2];
        for length in 1..=LONGEST {
            room = room * 2 - i64::from(counts[length]);
            if room < 0 {
                return Err(InflateFault::Code);
            }
            next[length + 1] = (next[length] + counts[length]) << 1;
        }
        if room > 0 && longest > 1 {
            return Err(InflateFault::Code);
        }
        let more = longest.saturating_sub(DIRECT);
        let mut codes = Codes { direct: Box::new([Slot::EMPTY; 1 << DIRECT]), longer: Vec::new(), more };
        for (number, length) in lengths.iter().enumerate().filter(|(_, length)| **length > 0) {
            let bits = u32::from(*length);
            let code = next[usize::from(*length)];
            next[usize::from(*length)] += 1;
            let reversed = code.reverse_bits() >> (32 - bits);
            // a symbol without a meaning keeps its code, which must not be used
            let slot = symbol(number as u16).map_or(Slot::EMPTY, |symbol| Slot::new(symbol, bits));
            codes.enter(reversed as usize, bits, slot);
        }
        Ok(codes)
    }

    fn enter(&mut self, code: usize, bits: u32, slot: Slot) {
        if bits <= DIRECT {
            (code..1 << DIRECT).step_by(1 << bits).for_each(|at| self.direct[at] = slot);
            return;
        }
        let start = code & ((1 << DIRECT) - 1);
        if !self.direct[start].is(Slot::LONGER) {
            self.direct[start] = Slot::longer(self.longer.len() >> self.more);
            self.longer.resize(self.longer.len() + (1 << self.more), Slot::EMPTY);
        }
        let table = usize::from(self.direct[start].number()) << self.more;
        (code >> DIRECT..1 << self.more).step_by(1 << (bits - DIRECT)).for_each(|at| self.longer[table + at] = slot);
    }

    /// The place of the code that `ahead` begins with.
    #[inline]
    fn find(&self, ahead: u64) -> Slot {
        let slot = self.direct[(ahead & ((1 << DIRECT) - 1)) as usize];
        if !slot.is(Slot::LONGER) {
            return slot;
        }
        let further = (ahead >> DIRECT) & ((1 << self.more) - 1);
        self.longer[usize::from(slot.number()) << self.more | further as usize]
    }

    /// The symbol of the next code.
    #[inline]
    pub fn next(&self, bits: &mut Bits<'_>) -> Result<Symbol, InflateFault> {
        bits.refill();
        self.next_ready(bits)
    }

    /// The same where the bits of the code are ready.
    #[inline]
    pub fn next_ready(&self, bits: &mut Bits<'_>) -> Result<Symbol, InflateFault> {
        let slot = self.find(bits.peek());
        let Some(symbol) = slot.symbol() else {
            return Err(if bits.left() == 0 { InflateFault::Truncated } else { InflateFault::Code });
        };
        bits.skip(slot.bits())?;
        Ok(symbol)
    }
}

fn literal_or_length(number: u16) -> Option<Symbol> {
    match number {
        0..=255 => Some(Symbol::Literal(number as u8)),
        256 => Some(Symbol::End),
        _ => length_code(number).map(|(base, extra)| Symbol::Base { base, extra }),
    }
}

fn distance(number: u16) -> Option<Symbol> {
    let (base, extra) = (number < 30).then(|| distance_code(number))?;
    Some(Symbol::Base { base, extra })
}

/// The lengths of the fixed code for literals and lengths.
pub(in crate::wire) fn fixed_length(number: u16) -> u8 {
    match number {
        144..=255 => 9,
        256..=279 => 7,
        _ => 8,
    }
}

/// The codes of blocks with the fixed code.
pub(super) fn fixed() -> (&'static Codes, &'static Codes) {
    static FIXED: OnceLock<(Codes, Codes)> = OnceLock::new();
    let (literals, distances) = FIXED.get_or_init(|| {
        let lengths: Vec<u8> = (0..288).map(fixed_length).collect();
        let make = |lengths: &[u8], symbol: fn(u16) -> Option<Symbol>| {
            Codes::new(lengths, symbol).expect("the fixed codes are complete")
        };
        (make(&lengths, literal_or_length), make(&[5; 32], distance))
    });
    (literals, distances)
}

/// Reads the codes that stand in front of a block, RFC 1951 section 3.2.7.
pub(super) fn dynamic(bits: &mut Bits<'_>) -> Result<(Codes, Codes), InflateFault> {
    let literals = bits.take(5)? as usize + 257;
    let distances = bits.take(5)? as usize + 1;
    let count = bits.take(4)? as usize + 4;
    let mut order = [0; 19];
    for place in &LENGTH_ORDER[..count] {
        order[*place] = bits.take(3)? as u8;
    }
    let of_lengths = Codes::new(&order, |number| Some(Symbol::Literal(number as u8)))?;
    let mut lengths: Vec<u8> = Vec::with_capacity(literals + distances);
    while lengths.len() < literals + distances {
        let Symbol::Literal(symbol) = of_lengths.next(bits)? else {
            return Err(InflateFault::Code);
        };
        let (length, times) = match symbol {
            16 => (*lengths.last().ok_or(InflateFault::Code)?, 3 + bits.take(2)? as usize),
            17 => (0, 3 + bits.take(3)? as usize),
            18 => (0, 11 + bits.take(7)? as usize),
            length => (length, 1),
        };
        lengths.extend(std::iter::repeat_n(length, times));
    }
    if literals > 286 || distances > 30 || lengths.len() > literals + distances || lengths[256] == 0 {
        return Err(InflateFault::Code);
    }
    let codes = Codes::new(&lengths[..literals], literal_or_length)?;
    Ok((codes, Codes::new(&lengths[literals..], distance)?))
}
