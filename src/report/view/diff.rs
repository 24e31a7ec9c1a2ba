//! What was accepted against what happened, line by line.

use crate::judge::{Conversation, words};
use crate::plan::{Plan, Stage};
use crate::report::{Printable, Record};
use crate::transcript::{Ending, Timeline};
use serde::Serialize;
use similar::{DiffTag, capture_diff_slices};
use std::collections::BTreeMap;

/// A line of a diff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DiffLine {
    /// `-` was accepted and did not happen, `+` happened and is not accepted, a space for what belongs to both.
    pub mark: char,
    /// The event.
    pub text: Printable,
}

/// The accepted outcome that is nearest to what happened, against what happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DiffView {
    /// The lines in order.
    pub lines: Vec<DiffLine>,
    /// How many outcomes would have been accepted, of which only the nearest is shown.
    pub alternatives: usize,
}

/// What happened in a conversation, as lines that can be compared.
pub struct Observed {
    lines: Vec<String>,
    /// Whether a line shows an answer that the harness asked for on its way: no case needs to accept it.
    owed: Vec<bool>,
}

impl Observed {
    /// Reads a record.
    pub fn of(record: &Record) -> Observed {
        let plan = &record.plan;
        let timeline = Timeline::new(&record.transcript, plan.decoder(), &plan.payloads);
        let conversation = Conversation::new(plan, &timeline);
        let mut lines = words::observed(&conversation);
        let mut answers = answers(plan);
        remark_altered(&mut lines, &conversation);
        let mut is_owed = |line: &String| {
            let left = answers.get_mut(line).filter(|left| **left > 0);
            left.map(|left| *left -= 1).is_some()
        };
        let owed = lines.iter().map(&mut is_owed).collect();
        Observed { lines, owed }
    }

    /// The diff against the nearest of several accepted outcomes; `None` when none is given.
    pub fn against(&self, accepted: &[Vec<String>]) -> Option<DiffView> {
        let nearest = accepted
            .iter()
            .map(|lines| self.diff(lines))
            .min_by_key(|lines| lines.iter().filter(|line| line.mark != ' ').count())?;
        Some(DiffView { lines: nearest, alternatives: accepted.len() })
    }

    fn diff(&self, accepted: &[String]) -> Vec<DiffLine> {
        // what was owed, and what the accepted outcome does not speak of, is shown without a mark
        let is_spoken_of = |line: &str| Topic::of(line).is_none_or(|topic| topic.is_in(accepted));
        let is_aside = |at: &usize| {
            let line = &self.lines[*at];
            (self.owed[*at] && !accepted.contains(line)) || !is_spoken_of(line)
        };
        let compared: Vec<usize> = (0..self.lines.len()).filter(|at| !is_aside(at)).collect();
        let happened: Vec<&str> = compared.iter().map(|at| comparable(&self.lines[*at])).collect();
        let wanted: Vec<&str> = accepted.iter().map(|line| comparable(line)).collect();
        let mut diff = Vec::new();
        let mut shown = 0;
        let mut reached = 0;
        for op in capture_diff_slices(similar::Algorithm::Myers, &wanted, &happened) {
            let (tag, old, new) = op.as_tag_tuple();
            // where a deletion stands among what happened is known from what was shown, and not from its own indices
            let new = reached..reached + new.len();
            reached = new.end;
            // what stands aside keeps its place, before whatever is missing here
            let next = compared.get(new.start).copied().unwrap_or(self.lines.len());
            diff.extend(self.lines[shown..next].iter().map(|text| line(' ', text)));
            shown = next;
            let mark = if tag == DiffTag::Equal { ' ' } else { '+' };
            if mark == '+' {
                diff.extend(accepted[old].iter().map(|text| line('-', text)));
            }
            for at in &compared[new] {
                diff.extend(self.lines[shown..*at].iter().map(|text| line(' ', text)));
                diff.push(line(mark, &self.lines[*at]));
                shown = at + 1;
            }
        }
        diff.extend(self.lines[shown..].iter().map(|text| line(' ', text)));
        diff
    }
}

/// What a line is about, where one accepted line stands for all of its kind.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Topic {
    Response,
    Close,
    End,
}

impl Topic {
    fn of(line: &str) -> Option<Topic> {
        if line.starts_with("response ") {
            Some(Topic::Response)
        } else if line.starts_with("Close") {
            Some(Topic::Close)
        } else if line.starts_with('(') || is_end(line) {
            Some(Topic::End)
        } else {
            None
        }
    }

    fn is_in(self, accepted: &[String]) -> bool {
        accepted.iter().any(|line| Topic::of(line) == Some(self))
    }
}

fn is_end(line: &str) -> bool {
    [Ending::Eof, Ending::Reset].iter().any(|ending| line == words::ending(ending))
}

/// A line as it is compared: which code a Close has and how TCP ended is the business of checks of their own.
fn comparable(line: &str) -> &str {
    match Topic::of(line) {
        Some(Topic::Close) => "Close",
        Some(Topic::End) if is_end(line) => "end",
        _ => line,
    }
}

/// Says of messages that begin like the expected ones that they go on in another way.
fn remark_altered(lines: &mut [String], conversation: &Conversation<'_>) {
    let plan = conversation.plan;
    let mut rest = lines.iter_mut();
    for received in &conversation.messages {
        let told = words::message(received.opcode, &words::content(received.content, &plan.payloads));
        // where a long conversation is shortened, what follows cannot be told apart any more
        let Some(line) = rest.by_ref().take_while(|line| !line.starts_with('…')).find(|line| **line == told) else {
            return;
        };
        let alike: Vec<_> = plan
            .messages
            .iter()
            .map(|sent| (sent.opcode, plan.payload(sent.payload)))
            .filter(|(opcode, payload)| words::message(*opcode, &words::payload(payload)) == told)
            .collect();
        let differs = |payload| received.content.first_difference(payload, &plan.payloads);
        if let Some((_, payload)) = alike.first()
            && !alike.iter().any(|(_, payload)| received.content.is(payload, &plan.payloads))
            && let Some(at) = differs(payload)
        {
            line.push_str(&format!(", altered from octet {at} on"));
        }
    }
}

fn line(mark: char, text: &str) -> DiffLine {
    DiffLine { mark, text: text.into() }
}

/// What a conforming target sends while a case is on its way, each line with its number.
fn answers(plan: &Plan) -> BTreeMap<String, usize> {
    let echoes = plan
        .messages
        .iter()
        .filter(|message| plan.echo || message.barrier)
        .map(|message| words::message(message.opcode, &words::payload(plan.payload(message.payload))));
    let pongs = plan
        .pings
        .iter()
        .filter(|ping| ping.stage == Stage::Before)
        .map(|ping| format!("pong {}", words::payload(plan.payload(ping.payload))));
    let mut answers = BTreeMap::new();
    echoes.chain(pongs).for_each(|line| *answers.entry(line).or_default() += 1);
    answers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observed(lines: &[(&str, bool)]) -> Observed {
        Observed {
            lines: lines.iter().map(|(line, _)| (*line).to_owned()).collect(),
            owed: lines.iter().map(|(_, owed)| *owed).collect(),
        }
    }

    fn shown(observed: &Observed, accepted: &[&[&str]]) -> String {
        let accepted: Vec<Vec<String>> =
            accepted.iter().map(|lines| lines.iter().map(|line| (*line).to_owned()).collect()).collect();
        let diff = observed.against(&accepted).unwrap();
        diff.lines.iter().map(|line| format!("{} {}\n", line.mark, line.text)).collect()
    }

    #[test]
    fn the_nearest_outcome_is_shown_and_owed_answers_stand_aside() {
        let happened =
            observed(&[("response 101", false), ("pong b", true), ("text x", false), ("end of the connection", false)]);
        let accepted: &[&[&str]] =
            &[&["response 101", "Close 1002", "end of the connection"], &["response 101", "end of the connection"]];
        insta::assert_snapshot!(shown(&happened, accepted), @r"
          response 101
          pong b
        + text x
          end of the connection
        ");
    }

    #[test]
    fn any_close_and_any_end_will_do_and_what_is_not_spoken_of_has_no_mark() {
        let happened = observed(&[("response 101", false), ("Close 1007", false), ("(still open)", false)]);
        insta::assert_snapshot!(shown(&happened, &[&["Close 1000", "end of the connection"]]), @r"
          response 101
          Close 1007
        - end of the connection
        + (still open)
        ");
        insta::assert_snapshot!(shown(&happened, &[&["response 101", "text x"]]), @r"
          response 101
          Close 1007
          (still open)
        - text x
        ");
        let reset = observed(&[("response 101", false), ("reset of the connection", false)]);
        insta::assert_snapshot!(shown(&reset, &[&["response 400", "end of the connection"]]), @r"
        - response 400
        + response 101
          reset of the connection
        ");
    }

    #[test]
    fn what_was_accepted_and_did_not_happen_stands_in_front() {
        let happened = observed(&[("response 101", false), ("text y", false), ("pong b", true)]);
        insta::assert_snapshot!(shown(&happened, &[&["response 101", "pong b", "Close 1000"]]), @r"
          response 101
        + text y
          pong b
        - Close 1000
        ");
        assert!(happened.against(&[]).is_none());
    }

    fn some_line() -> impl proptest::strategy::Strategy<Value = String> {
        use proptest::prelude::*;
        prop_oneof![
            Just("response 101"),
            Just("response 400"),
            Just("request"),
            Just("Close 1000"),
            Just("Close, empty"),
            Just("text x"),
            Just("text y"),
            Just("pong b"),
            Just("end of the connection"),
            Just("reset of the connection"),
            Just("(still open)"),
            Just("… 3 more …"),
        ]
        .prop_map(str::to_owned)
    }

    proptest::proptest! {
        #[test]
        fn every_line_that_happened_is_shown_once_and_in_order(
            happened in proptest::collection::vec((some_line(), proptest::bool::ANY), 0..12),
            accepted in proptest::collection::vec(proptest::collection::vec(some_line(), 0..8), 1..4),
        ) {
            let observed = Observed {
                lines: happened.iter().map(|(line, _)| line.clone()).collect(),
                owed: happened.iter().map(|(_, owed)| *owed).collect(),
            };
            let diff = observed.against(&accepted).unwrap();
            let shown = diff.lines.iter().filter(|line| line.mark != '-').map(|line| line.text.as_str());
            proptest::prop_assert_eq!(shown.collect::<Vec<_>>(), observed.lines);
        }
    }
}
