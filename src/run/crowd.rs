//! Holds the crowd of a case: opens its connections, keeps those that stay, lets them go.

use crate::case::{Case, Corpus, Role};
use crate::drive::{Endpoint, Stay, descriptors};
use crate::engine::{DeadlineKind, Deadlines};
use crate::plan::{Plan, Target, plan};
use crate::transcript::Decoder;
use crate::transcript::{Beginning, Ending, Entry, Event, Payloads, Side, Timed, Timeline, Transcript, Turnout};
use std::sync::Arc;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

/// File descriptors that are left to everything else.
const RESERVED: usize = 128;
/// How many times the deadline of a handshake the whole crowd may take.
const PATIENCE: u32 = 4;
/// How a response begins that opens a connection.
const OPENED: &[u8] = b"HTTP/1.1 101";

/// A crowd that has not come yet: the plan of each connection.
pub(super) struct Invited {
    plans: Vec<Arc<Plan>>,
    at_once: usize,
    held: bool,
    unanswered: bool,
    doubling: bool,
}

impl Invited {
    /// The crowd of a case, if it has one.
    pub fn of(case: &Case, target: &Target, seed: u64, corpus: &Corpus) -> Option<Invited> {
        let crowd = case.crowd.as_ref()?;
        // lint has seen to it that every file is there
        let member = |number| plan(&crowd.member(case, number), target, seed, &corpus.data).ok().map(Arc::new);
        Some(Invited {
            plans: (0..crowd.connections).filter_map(member).collect(),
            at_once: crowd.at_once as usize,
            held: crowd.held,
            unanswered: crowd.opening.unanswered,
            doubling: crowd.doubling,
        })
    }

    /// Opens the connections; returns when each has gone through its steps, or when there is no more time.
    pub async fn gather(self, endpoint: &Endpoint, deadlines: &Deadlines) -> Gathered {
        let limit = Instant::now() + deadlines.of(DeadlineKind::Handshake) * PATIENCE;
        let room = descriptors::count().saturating_sub(RESERVED).max(1);
        let most = if self.held { room } else { usize::MAX };
        let mut gathered = Gathered::default();
        let number = self.plans.len();
        let mut waiting = self.plans.into_iter().take(most);
        let mut under_way: JoinSet<Came> = JoinSet::new();
        loop {
            while under_way.len() < self.at_once.min(room) && Instant::now() < limit {
                let Some(plan) = waiting.next() else { break };
                under_way.spawn(come(endpoint.clone(), plan, deadlines.clone(), self.unanswered, self.held));
            }
            match timeout_at(limit, under_way.join_next()).await {
                Ok(Some(Ok(came))) => {
                    gathered.count(came.manner);
                    gathered.staying.extend(came.stay);
                    gathered.turnout.began.extend(came.began);
                    gathered.turnout.answered_us.extend(came.answered_us.filter(|_| self.doubling));
                }
                Ok(Some(Err(_))) => gathered.count(Manner::Failed),
                Ok(None) => break,
                Err(_) => {
                    (0..under_way.len()).for_each(|_| gathered.count(Manner::Failed));
                    break;
                }
            }
        }
        if gathered.turnout.answered_us.len() < number {
            gathered.turnout.answered_us.clear();
        }
        gathered
    }
}

/// One connection that came.
struct Came {
    manner: Manner,
    stay: Option<Stay>,
    /// How long its opening took to be answered.
    answered_us: Option<u64>,
    /// How a client began.
    began: Option<Beginning>,
}

/// What became of one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    Opened,
    Refused,
    Failed,
}

async fn come(endpoint: Endpoint, plan: Arc<Plan>, deadlines: Deadlines, unanswered: bool, held: bool) -> Came {
    let role = plan.role;
    let (recording, stay) = match held {
        true => endpoint.converse_and_stay(plan, deadlines).await,
        false => (endpoint.converse(plan, deadlines).await, None),
    };
    let transcript = &recording.transcript;
    Came {
        began: (role == Role::Client).then(|| beginning(transcript)).flatten(),
        manner: manner(transcript, recording.missed.is_some(), unanswered),
        stay,
        answered_us: transcript.first_answer().map(|took| took.as_micros() as u64),
    }
}

/// The key of a client, and its first masking key.
fn beginning(transcript: &Transcript) -> Option<Beginning> {
    let timeline = Timeline::new(transcript, Decoder::new(Side::Client, []), &Payloads::default());
    let mut began: Option<Beginning> = None;
    for (_, event) in timeline.received() {
        match (event, &mut began) {
            (Event::Head(head, _), None) => {
                let key = head.values("sec-websocket-key").next().unwrap_or_default();
                began = Some(Beginning { key: String::from_utf8_lossy(key).into_owned(), mask: None });
            }
            (Event::Frame(header), Some(began)) if began.mask.is_none() => began.mask = header.mask.map(|mask| mask.0),
            _ => {}
        }
    }
    began
}

fn manner(transcript: &Transcript, missed: bool, unanswered: bool) -> Manner {
    match transcript.ending() {
        Some(Ending::NoConnection(_)) => Manner::Refused,
        Some(Ending::Broken(_)) | None => Manner::Failed,
        _ if unanswered || transcript.first_octets(OPENED.len()) == OPENED => Manner::Opened,
        _ if missed => Manner::Failed,
        _ => Manner::Refused,
    }
}

/// A crowd that is there; those that were to be held go when it is dropped.
#[derive(Default)]
pub(super) struct Gathered {
    turnout: Turnout,
    staying: Vec<Stay>,
}

impl Gathered {
    fn count(&mut self, manner: Manner) {
        match manner {
            Manner::Opened => self.turnout.opened += 1,
            Manner::Refused => self.turnout.refused += 1,
            Manner::Failed => self.turnout.failed += 1,
        }
    }

    /// Notes in the transcript what became of the crowd, and lets it go.
    pub fn note(self, transcript: &mut Transcript) {
        transcript.0.insert(0, Timed { at_us: 0, entry: Entry::Crowd(self.turnout) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::Span;
    use std::time::Duration;

    #[test]
    fn who_was_answered_is_told_from_who_was_turned_away() {
        let of = |octets: &[u8], ending, missed, unanswered| {
            let mut transcript = Transcript::default();
            if !octets.is_empty() {
                transcript.push_received(Duration::ZERO, Span::Octets(octets.to_vec()));
            }
            transcript.push(Duration::ZERO, Entry::Ended(ending));
            manner(&transcript, missed, unanswered)
        };
        assert_eq!(of(b"HTTP/1.1 101 ", Ending::Reset, false, false), Manner::Opened);
        assert_eq!(of(b"HTTP/1.1 101 ", Ending::Closed, true, false), Manner::Opened);
        assert_eq!(of(b"HTTP/1.1 503 ", Ending::Eof, false, false), Manner::Refused);
        assert_eq!(of(b"", Ending::Reset, false, false), Manner::Refused);
        assert_eq!(of(b"", Ending::Closed, true, false), Manner::Failed);
        assert_eq!(of(b"", Ending::WasReset, false, true), Manner::Opened);
        assert_eq!(of(b"", Ending::NoConnection("refused".to_owned()), false, true), Manner::Refused);
    }
}
