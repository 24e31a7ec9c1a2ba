//! The masking keys of a client, one after the other, RFC 6455 section 5.3: what no random keys would show.

use super::{Fact, FactKind};
use crate::wire::MaskKey;

/// So many equal keys in a row, or equal steps from key to key, are no chance: it is one in 2 to the power of 64.
const IN_A_ROW: u32 = 2;

/// The last key, and how it came from the one before.
#[derive(Debug, Default)]
pub(super) struct MaskHistory {
    last: Option<u32>,
    step: Option<u32>,
    repeats: u32,
    steps: u32,
    told: bool,
}

impl MaskHistory {
    /// Takes in the key of the next frame; says once what is wrong with the keys so far.
    pub(super) fn next(&mut self, MaskKey(key): MaskKey) -> Option<Fact> {
        let key = u32::from_be_bytes(key);
        let step = self.last.map(|last| key.wrapping_sub(last));
        self.repeats = if step == Some(0) { self.repeats + 1 } else { 0 };
        self.steps = if step.is_some() && step == self.step && step != Some(0) { self.steps + 1 } else { 0 };
        (self.last, self.step) = (Some(key), step);
        let found = match (self.repeats, self.steps) {
            (IN_A_ROW.., _) => (FactKind::MaskKeyRepeated, "three frames in a row with one key"),
            (_, IN_A_ROW..) => (FactKind::MaskKeyPredictable, "four keys with the same step from each to the next"),
            _ => return None,
        };
        (!std::mem::replace(&mut self.told, true)).then(|| Fact::new(found.0, found.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(keys: &[u32]) -> Option<FactKind> {
        let mut history = MaskHistory::default();
        let facts: Vec<Fact> = keys.iter().filter_map(|key| history.next(MaskKey(key.to_be_bytes()))).collect();
        assert!(facts.len() < 2);
        facts.first().map(|fact| fact.kind)
    }

    #[test]
    fn keys_that_no_chance_gives_are_told() {
        for (keys, expected) in [
            (&[7, 7, 7][..], Some(FactKind::MaskKeyRepeated)),
            (&[0, 0, 0, 0, 0], Some(FactKind::MaskKeyRepeated)),
            (&[9, 7, 7, 8, 1, 1], None),
            (&[1, 2, 3, 4], Some(FactKind::MaskKeyPredictable)),
            (&[u32::MAX - 1, u32::MAX, 0, 1], Some(FactKind::MaskKeyPredictable)),
            (&[1, 2, 3, 9, 10, 11], None),
            (&[5, 99, 3, 1 << 30], None),
        ] {
            assert_eq!(kind(keys), expected, "{keys:?}");
        }
    }
}
