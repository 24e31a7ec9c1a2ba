//! Octets that look like frames to a parser: most headers are legal, some are not, and each is followed by what it announces.
//!
//! Only the seed decides what comes, so that a target that falls over can be shown the same again.

use crate::transcript::payload::mix;
use crate::wire::{FrameHeader, LengthForm, MaskKey, Opcode};

const OPCODES: [Opcode; 5] = [Opcode::CONTINUATION, Opcode::TEXT, Opcode::BINARY, Opcode::PING, Opcode::PONG];
/// Lengths at which parsers take another turn.
const EDGES: [u64; 8] = [0, 1, 2, 125, 126, 127, 255, 256];

struct Dice {
    seed: u64,
    thrown: u64,
}

impl Dice {
    /// A number below `sides`.
    fn throw(&mut self, sides: u64) -> u64 {
        self.thrown += 1;
        mix(self.seed.wrapping_add(self.thrown)) % sides
    }

    fn once_in(&mut self, sides: u64) -> bool {
        self.throw(sides) == 0
    }
}

/// So many octets of frames, masked as a client masks them or not; the last frame is cut off.
pub(super) fn random_frames(seed: u64, octets: u64, masked: bool) -> Vec<u8> {
    let mut dice = Dice { seed: mix(seed), thrown: 0 };
    let mut out = Vec::new();
    while (out.len() as u64) < octets {
        frame(&mut dice, masked, &mut out);
    }
    out.truncate(octets as usize);
    out
}

fn frame(dice: &mut Dice, masked: bool, out: &mut Vec<u8>) {
    let opcode = match dice.once_in(16) {
        true => Opcode(dice.throw(16) as u8),
        false => OPCODES[dice.throw(OPCODES.len() as u64) as usize],
    };
    let sent = if dice.once_in(2) { EDGES[dice.throw(EDGES.len() as u64) as usize] } else { dice.throw(64) };
    let sent = if opcode.is_control() && !dice.once_in(16) { sent.min(125) } else { sent };
    let length = match dice.throw(64) {
        0 => dice.throw(u64::MAX),
        1 => sent + 1,
        _ => sent,
    };
    let form = match dice.throw(16) {
        0 => LengthForm::Bits16,
        1 => LengthForm::Bits64,
        _ => LengthForm::minimal(length),
    };
    let key = MaskKey((dice.throw(u64::MAX) as u32).to_be_bytes());
    FrameHeader {
        fin: opcode.is_control() && !dice.once_in(16) || dice.once_in(2),
        rsv: if dice.once_in(32) { dice.throw(8) as u8 } else { 0 },
        opcode,
        mask: (masked != dice.once_in(64)).then_some(key),
        length,
        form,
    }
    .encode(out);
    let is_ascii = !dice.once_in(4);
    out.extend((0..sent).map(|_| dice.throw(if is_ascii { 128 } else { 256 }) as u8));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_frames_again() {
        let frames = random_frames(1, 5000, true);
        assert_eq!((frames.len(), &frames), (5000, &random_frames(1, 5000, true)));
        assert_ne!(frames, random_frames(2, 5000, true));
    }

    #[test]
    fn frames_of_every_kind_come() {
        let mut seen = [0; 4];
        for seed in 0..400 {
            let (header, _) = FrameHeader::parse(&random_frames(seed, 64, true)).unwrap();
            seen[0] += usize::from(header.opcode.is_reserved());
            seen[1] += usize::from(header.rsv != 0);
            seen[2] += usize::from(header.mask.is_none());
            seen[3] += usize::from(header.rsv == 0 && header.mask.is_some() && !header.opcode.is_reserved());
        }
        assert!(seen[..3].iter().all(|count| (1..100).contains(count)) && seen[3] > 250, "{seen:?}");
    }
}
