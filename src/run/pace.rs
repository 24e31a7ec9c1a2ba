//! Deadlines that learn: a target that misses one kind again and again is not given the full time for ever.
//!
//! The first misses of a kind always get the full time. Then the time falls to a tenth,
//! but never below four times the slowest wait of that kind that was not in vain.

use crate::drive::Recording;
use crate::engine::{DeadlineKind, Deadlines};
use std::collections::BTreeMap;
use std::time::Duration;

/// Misses of one kind that get the full time.
const PATIENT: u32 = 4;

/// What was learnt about the waits of a run.
#[derive(Clone, Debug)]
pub struct Pace {
    scale: f64,
    kinds: BTreeMap<DeadlineKind, Kind>,
}

#[derive(Clone, Debug, Default)]
struct Kind {
    misses: u32,
    slowest: Duration,
}

impl Pace {
    /// A pace that knows nothing yet; `scale` stretches every deadline.
    pub fn new(scale: f64) -> Pace {
        Pace { scale, kinds: BTreeMap::new() }
    }

    /// The deadlines for the next conversation.
    pub fn deadlines(&self) -> Deadlines {
        let mut deadlines = Deadlines::scaled(self.scale);
        for (kind, known) in &self.kinds {
            if known.misses >= PATIENT {
                let full = deadlines.of(*kind);
                deadlines.set(*kind, (full / 10).max(known.slowest * 4).min(full));
            }
        }
        deadlines
    }

    /// Takes in what a conversation showed.
    pub fn learn(&mut self, recording: &Recording) {
        for (kind, took) in &recording.waits {
            let known = self.kinds.entry(*kind).or_default();
            known.slowest = known.slowest.max(*took);
        }
        if let Some(kind) = recording.missed {
            self.kinds.entry(kind).or_default().misses += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::Transcript;

    fn seen(missed: Option<DeadlineKind>, waits: &[(DeadlineKind, u64)]) -> Recording {
        let waits = waits.iter().map(|(kind, ms)| (*kind, Duration::from_millis(*ms))).collect();
        Recording { transcript: Transcript::default(), waits, missed }
    }

    #[test]
    fn patience_ends_after_some_misses_and_minds_slow_answers() {
        let mut pace = Pace::new(1.0);
        let full = Duration::from_secs(5);
        for _ in 0..PATIENT {
            assert_eq!(pace.deadlines().of(DeadlineKind::Pong), full);
            pace.learn(&seen(Some(DeadlineKind::Pong), &[]));
        }
        assert_eq!(pace.deadlines().of(DeadlineKind::Pong), full / 10);
        pace.learn(&seen(None, &[(DeadlineKind::Pong, 300)]));
        assert_eq!(pace.deadlines().of(DeadlineKind::Pong), Duration::from_millis(1200));
        pace.learn(&seen(None, &[(DeadlineKind::Pong, 4000)]));
        assert_eq!(pace.deadlines().of(DeadlineKind::Pong), full);
        assert_eq!(pace.deadlines().of(DeadlineKind::Echo), full);
    }
}
