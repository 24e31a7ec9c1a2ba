//! Deadlines that learn, so that a target that fails everything does not cost the full time for ever.
//!
//! Beside each other: the first misses get the full time, then the time falls to a tenth and less. A short time proves
//! nothing, so what misses one runs again, with the full time where that is not in vain (`schedule/again.rs`). Alone: the
//! run has a patience, shared among the cases that are left. A few that hang get the full time each; hundreds that hang
//! get what is left. Neither falls below a multiple of the slowest wait of that kind that was not in vain.

use crate::drive::Recording;
use crate::engine::{DeadlineKind, Deadlines};
use std::collections::BTreeMap;
use std::time::Duration;

/// Misses of one kind that get the full time.
const PATIENT: u32 = 4;
/// Misses of one kind until the time falls once more.
const HURRIED: u32 = 32;
/// Misses of one kind until it falls a last time.
const RUSHED: u32 = 128;
/// So many times the misses of one kind, over all kinds, tell the same: a target that hangs hangs at each step.
const OVER_ALL: u32 = 3;
/// How long the cases that run alone may be waited for in vain, before scaling.
const PATIENCE: Duration = Duration::from_secs(15);
/// What a deadline keeps that no second run decides, before scaling.
const DECISIVE: Duration = Duration::from_secs(1);
/// How many times longer bulk may take where no second run decides.
const BUSY: f64 = 12.0;
/// What is left of the time for octets where none was worth it and enough deadlines were missed.
const VAIN_TRANSFERS: f64 = 0.1;
/// A wait shorter than this part of the full time was none.
const AT_ONCE: u32 = 20;
/// A deadline is so many times shorter where as many as run beside each other waited in vain with the full time.
const VAIN_WAITS: u32 = 50;
/// A deadline keeps at least this part of its full time.
const SHORTEST: u32 = 500;

/// What was learnt about the waits of a run.
#[derive(Clone, Debug)]
pub struct Pace {
    scale: f64,
    kinds: BTreeMap<DeadlineKind, Kind>,
    patience: Duration,
    /// Whether a bulk case went well: only then are the others worth the time of their octets.
    transfers: bool,
}

#[derive(Clone, Debug, Default)]
struct Kind {
    misses: u32,
    /// How many of them had the full time.
    in_full: u32,
    slowest: Duration,
}

impl Pace {
    /// A pace that knows nothing yet; `scale` stretches every deadline.
    pub fn new(scale: f64) -> Pace {
        Pace { scale, kinds: BTreeMap::new(), patience: PATIENCE.mul_f64(scale), transfers: false }
    }

    /// The deadlines for the next conversation beside others.
    pub fn beside_others(&self) -> Deadlines {
        let mut deadlines = self.in_full();
        let misses = self.misses();
        for kind in DeadlineKind::ALL {
            let of_kind = self.misses_of(kind);
            let reached = |count| of_kind >= count || misses >= count * OVER_ALL;
            if reached(PATIENT) {
                let full = deadlines.of(kind);
                let part = if reached(RUSHED) {
                    100
                } else if reached(HURRIED) {
                    40
                } else {
                    10
                };
                deadlines.shorten(kind, (full / part).max(self.slowest(kind) * 4));
            }
        }
        deadlines
    }

    /// The deadlines for a conversation that is not repeated. Who misses some is given less, and still enough for an answer.
    /// A client that is busy with many frames is silent for long, so bulk has more.
    pub fn only_once(&self, is_bulk: bool) -> Deadlines {
        let mut deadlines = Deadlines::scaled(self.scale * if is_bulk { BUSY } else { 1.0 });
        for kind in DeadlineKind::ALL {
            if self.misses_of(kind) >= PATIENT {
                deadlines.shorten(kind, DECISIVE.mul_f64(self.scale).max(self.slowest(kind) * 4));
            }
        }
        deadlines
    }

    /// The deadlines where a conversation is given the time that the law of the corpus gives it.
    pub fn in_full(&self) -> Deadlines {
        let mut deadlines = Deadlines::scaled(self.scale);
        if !self.transfers && self.misses() >= PATIENT {
            deadlines.shorten_transfers(VAIN_TRANSFERS);
        }
        deadlines
    }

    /// The misses of all kinds.
    fn misses(&self) -> u32 {
        self.kinds.values().map(|known| known.misses).sum()
    }

    fn misses_of(&self, kind: DeadlineKind) -> u32 {
        self.kinds.get(&kind).map_or(0, |known| known.misses)
    }

    /// The slowest wait of a kind that was not in vain.
    fn slowest(&self, kind: DeadlineKind) -> Duration {
        self.kinds.get(&kind).map_or(Duration::ZERO, |known| known.slowest)
    }

    /// The deadlines for the next conversation alone, when so many are left with it.
    pub fn alone(&self, left: usize) -> Deadlines {
        let mut deadlines = Deadlines::scaled(self.scale);
        let share = self.patience / u32::try_from(left.max(1)).unwrap_or(u32::MAX);
        if !self.transfers {
            deadlines.shorten_transfers(share.as_secs_f64() / deadlines.of(DeadlineKind::Echo).as_secs_f64());
        }
        for kind in DeadlineKind::ALL {
            let least = deadlines.of(kind) / SHORTEST;
            deadlines.shorten(kind, share.max(self.slowest(kind) * 2).max(least));
        }
        deadlines
    }

    /// Whether a conversation missed a deadline that was not the full one.
    pub fn was_short(&self, recording: &Recording, deadlines: &Deadlines) -> bool {
        recording.missed.is_some_and(|kind| deadlines.of(kind) < Deadlines::scaled(self.scale).of(kind))
    }

    /// Takes in what a conversation showed; `is_bulk` tells that its waits were as long as its payloads.
    pub fn learn(&mut self, recording: &Recording, deadlines: &Deadlines, is_bulk: bool) {
        for (kind, took) in recording.waits.iter().filter(|_| !is_bulk) {
            let known = self.kinds.entry(*kind).or_default();
            known.slowest = known.slowest.max(*took);
        }
        if let Some(kind) = recording.missed {
            let was_short = self.was_short(recording, deadlines);
            let known = self.kinds.entry(kind).or_default();
            known.misses += 1;
            known.in_full += u32::from(!was_short);
        }
    }

    /// A bulk case went well.
    pub fn transfers_work(&mut self) {
        self.transfers = true;
    }

    /// Whether what comes of that kind comes at once or never: so many waited for it with the full time, and no wait that
    /// was not in vain came near to it.
    pub fn is_hopeless(&self, kind: DeadlineKind, waited: usize) -> bool {
        let near = Deadlines::scaled(self.scale).of(kind) / AT_ONCE;
        self.kinds.get(&kind).is_some_and(|known| known.slowest < near && known.in_full as usize >= waited)
    }

    /// The deadlines where the full time was in vain for as many as run beside each other.
    pub fn hopeless(&self) -> Deadlines {
        let mut deadlines = self.in_full();
        for kind in DeadlineKind::ALL {
            deadlines.shorten(kind, (deadlines.of(kind) / VAIN_WAITS).max(self.slowest(kind) * 4));
        }
        deadlines
    }

    /// So much time went into a conversation alone that missed its deadline.
    pub fn spend(&mut self, took: Duration) {
        self.patience = self.patience.saturating_sub(took);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::Transcript;

    const FULL: Duration = Duration::from_secs(5);

    fn learn(pace: &mut Pace, seen: &Recording, is_bulk: bool) {
        let deadlines = pace.beside_others();
        pace.learn(seen, &deadlines, is_bulk);
    }

    fn seen(missed: Option<DeadlineKind>, waits: &[(DeadlineKind, u64)]) -> Recording {
        let waits = waits.iter().map(|(kind, ms)| (*kind, Duration::from_millis(*ms))).collect();
        Recording { transcript: Transcript::default(), waits, missed }
    }

    #[test]
    fn patience_ends_after_some_misses_and_minds_slow_answers() {
        let mut pace = Pace::new(1.0);
        for _ in 0..PATIENT {
            assert_eq!(pace.beside_others().of(DeadlineKind::Pong), FULL);
            learn(&mut pace, &seen(Some(DeadlineKind::Pong), &[]), false);
        }
        assert_eq!(pace.beside_others().of(DeadlineKind::Pong), FULL / 10);
        learn(&mut pace, &seen(None, &[(DeadlineKind::Pong, 4000)]), true);
        assert_eq!(pace.beside_others().of(DeadlineKind::Pong), FULL / 10);
        (PATIENT..HURRIED).for_each(|_| learn(&mut pace, &seen(Some(DeadlineKind::Pong), &[]), false));
        assert_eq!(pace.beside_others().of(DeadlineKind::Pong), FULL / 40);
        (HURRIED..RUSHED).for_each(|_| learn(&mut pace, &seen(Some(DeadlineKind::Pong), &[]), false));
        assert_eq!(pace.beside_others().of(DeadlineKind::Pong), FULL / 100);
        learn(&mut pace, &seen(None, &[(DeadlineKind::Pong, 300)]), false);
        assert_eq!(pace.beside_others().of(DeadlineKind::Pong), Duration::from_millis(1200));
        learn(&mut pace, &seen(None, &[(DeadlineKind::Pong, 4000)]), false);
        assert_eq!(pace.beside_others().of(DeadlineKind::Pong), FULL);
        assert_eq!(pace.beside_others().of(DeadlineKind::Echo), FULL / 40);
    }

    #[test]
    fn only_what_comes_at_once_or_never_is_hopeless() {
        let mut pace = Pace::new(1.0);
        let miss = seen(Some(DeadlineKind::Close), &[(DeadlineKind::Pong, 3)]);
        let full = pace.in_full();
        pace.learn(&seen(None, &[(DeadlineKind::Close, 100)]), &full, false);
        (0..16).for_each(|_| pace.learn(&miss, &full, false));
        assert!(pace.is_hopeless(DeadlineKind::Close, 16));
        assert!(!pace.is_hopeless(DeadlineKind::Close, 17));
        assert!(!pace.is_hopeless(DeadlineKind::Pong, 16));
        let short = pace.beside_others();
        pace.learn(&miss, &short, false);
        assert!(!pace.is_hopeless(DeadlineKind::Close, 17), "a short time proves nothing");
        pace.learn(&seen(None, &[(DeadlineKind::Close, 1000)]), &full, false);
        assert!(!pace.is_hopeless(DeadlineKind::Close, 16));
    }

    #[test]
    fn misses_of_some_kinds_shorten_the_others_too() {
        let mut pace = Pace::new(1.0);
        let kinds = [DeadlineKind::Pong, DeadlineKind::Echo, DeadlineKind::Handshake];
        (1..PATIENT * OVER_ALL)
            .for_each(|number| learn(&mut pace, &seen(Some(kinds[number as usize % 3]), &[]), false));
        let close = |pace: &Pace| pace.beside_others().of(DeadlineKind::Close);
        assert_eq!(close(&pace), Duration::from_secs(12));
        learn(&mut pace, &seen(Some(DeadlineKind::Pong), &[]), false);
        assert_eq!(close(&pace), Duration::from_millis(1200));
        learn(&mut pace, &seen(None, &[(DeadlineKind::Close, 1000)]), false);
        assert_eq!(close(&pace), FULL * 4 / 5);
    }

    #[test]
    fn octets_get_their_time_where_it_was_not_in_vain_before() {
        let mebibyte = |deadlines: Deadlines| deadlines.transfer(1024 * 1024);
        let mut pace = Pace::new(1.0);
        assert_eq!(mebibyte(pace.beside_others()), Duration::from_secs(1));
        assert_eq!(mebibyte(pace.alone(30)), Duration::from_millis(100));
        (0..PATIENT).for_each(|_| learn(&mut pace, &seen(Some(DeadlineKind::Pong), &[]), false));
        assert_eq!(mebibyte(pace.beside_others()), Duration::from_millis(100));
        pace.transfers_work();
        assert_eq!(mebibyte(pace.beside_others()), Duration::from_secs(1));
        assert_eq!(mebibyte(pace.alone(90)), Duration::from_secs(1));
    }

    #[test]
    fn a_miss_of_a_short_deadline_is_told_from_one_of_the_full() {
        let mut pace = Pace::new(1.0);
        let miss = seen(Some(DeadlineKind::Pong), &[]);
        assert!(!pace.was_short(&miss, &pace.beside_others()));
        (0..PATIENT).for_each(|_| learn(&mut pace, &miss, false));
        assert!(pace.was_short(&miss, &pace.beside_others()));
        assert!(!pace.was_short(&seen(Some(DeadlineKind::Echo), &[]), &pace.beside_others()));
        assert!(!pace.was_short(&seen(None, &[]), &pace.beside_others()));
    }

    #[test]
    fn what_is_not_repeated_is_given_enough() {
        let mut pace = Pace::new(2.0);
        for _ in 0..PATIENT {
            assert_eq!(pace.only_once(false).of(DeadlineKind::Pong), FULL * 2);
            learn(&mut pace, &seen(Some(DeadlineKind::Pong), &[]), false);
        }
        (0..RUSHED).for_each(|_| learn(&mut pace, &seen(Some(DeadlineKind::Pong), &[]), false));
        assert_eq!(pace.only_once(false).of(DeadlineKind::Pong), Duration::from_secs(2));
        assert_eq!(pace.only_once(false).of(DeadlineKind::Echo), FULL * 2);
        assert_eq!(pace.only_once(true).of(DeadlineKind::Echo), FULL * 24);
        learn(&mut pace, &seen(None, &[(DeadlineKind::Pong, 1000)]), false);
        assert_eq!(pace.only_once(false).of(DeadlineKind::Pong), Duration::from_secs(4));
    }

    #[test]
    fn alone_a_few_get_the_full_time_and_many_share() {
        let mut pace = Pace::new(1.0);
        assert_eq!(pace.alone(3).of(DeadlineKind::Pong), FULL);
        assert_eq!(pace.alone(150).of(DeadlineKind::Pong), Duration::from_millis(100));
        pace.spend(Duration::from_secs(12));
        assert_eq!(pace.alone(150).of(DeadlineKind::Pong), Duration::from_millis(20));
        learn(&mut pace, &seen(None, &[(DeadlineKind::Pong, 300)]), false);
        assert_eq!(pace.alone(300).of(DeadlineKind::Pong), Duration::from_millis(600));
        pace.spend(PATIENCE);
        assert_eq!(pace.alone(1).of(DeadlineKind::Echo), FULL / SHORTEST);
        assert_eq!(pace.hopeless().of(DeadlineKind::Pong), Duration::from_millis(1200));
        assert_eq!(pace.hopeless().of(DeadlineKind::Close), Duration::from_millis(240));
    }
}
