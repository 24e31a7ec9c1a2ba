//! The same frames in other TCP segments: from a case to its repetitions, which differ only in how their steps write.
//!
//! A repetition is an ordinary case, so that whatever plans, tells or judges cases need not know of it. `load` makes them.

use super::frame::FrameSpec;
use super::step::{Cut, Send, Step, Until};
use super::{Case, Kind, PayloadSpec};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// More octets than that would make the repetitions take longer than everything else.
const LONGEST: u64 = 4096;
/// What a bundle puts in front of the frames of a case and behind them. Two texts, so that a target that answers the one
/// behind does not seem to answer the one in front.
const BUNDLE: [&str; 2] = ["wsspec bundle begins", "wsspec bundle ends"];

/// How the octets of a case reach the target, beside what its steps say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// As the steps say.
    #[default]
    Plain,
    /// Each octet of what is sent in a write of its own.
    ByOctet,
    /// What is sent first between two other frames, all in one TCP segment.
    Bundled,
    /// What several steps send, or a frame at a time, in one TCP segment.
    Coalesced,
}

impl Delivery {
    /// The last part of the id of a case that is delivered so.
    pub fn word(self) -> &'static str {
        match self {
            Delivery::Plain => "plain",
            Delivery::ByOctet => "by-octet",
            Delivery::Bundled => "bundled",
            Delivery::Coalesced => "coalesced",
        }
    }

    /// The same for the end of a title.
    pub fn phrase(self) -> &'static str {
        match self {
            Delivery::Plain => "",
            Delivery::ByOctet => ", written octet by octet",
            Delivery::Bundled => ", between two other frames in one segment",
            Delivery::Coalesced => ", all in one segment",
        }
    }

    /// Whether a case has no other delivery than what its steps say.
    pub fn is_plain(&self) -> bool {
        *self == Delivery::Plain
    }
}

impl Case {
    /// The same case, delivered in another way; `None` where that changes nothing, or changes what the case is about.
    pub fn delivered(&self, delivery: Delivery) -> Option<Case> {
        let is_small = self.size() <= LONGEST;
        let sends_only = self.steps.iter().all(|step| match step {
            Step::Send(send) => matches!(send.cut, Cut::Whole | Cut::Frames) && send.frames.iter().all(is_legal),
            Step::Barrier | Step::Await(_) | Step::Close(_) => true,
            _ => false,
        });
        if !is_small || !sends_only || self.crowd.is_some() {
            return None;
        }
        let steps = match delivery {
            Delivery::Plain => return None,
            Delivery::ByOctet => by_octet(&self.steps),
            Delivery::Bundled => bundled(&self.steps),
            Delivery::Coalesced => coalesced(&self.steps),
        }?;
        Some(Case {
            id: format!("{}/{}", self.id, delivery.word()),
            title: format!("{}{}", self.title, delivery.phrase()),
            autobahn: Vec::new(),
            delivery,
            steps,
            ..self.clone()
        })
    }
}

fn is_legal(frame: &FrameSpec) -> bool {
    !frame.violates && !frame.disputed && !matches!(frame.kind, Kind::Raw(_))
}

fn is_close(frame: &FrameSpec) -> bool {
    matches!(frame.kind, Kind::Close(..) | Kind::ClosePayload(_))
}

fn sends(steps: &[Step]) -> impl Iterator<Item = (usize, &Send)> {
    steps.iter().enumerate().filter_map(|(at, step)| match step {
        Step::Send(send) => Some((at, send)),
        _ => None,
    })
}

fn by_octet(steps: &[Step]) -> Option<Vec<Step>> {
    sends(steps).next()?;
    let cut = |step: &Step| match step {
        Step::Send(send) => Step::Send(Send { cut: Cut::Every(1), ..send.clone() }),
        other => other.clone(),
    };
    Some(steps.iter().map(cut).collect())
}

/// A message stands in front only if its echo is waited for, and a ping otherwise; a pong behind asks for nothing.
fn bundled(steps: &[Step]) -> Option<Vec<Step>> {
    let (at, send) = sends(steps).next()?;
    // what comes in front of a Close need not be answered, and behind one nothing may come
    if send.frames.iter().any(is_close) {
        return None;
    }
    let [begins, ends] = BUNDLE.map(|text| PayloadSpec::Text(text.to_owned()));
    let waits = steps[at..].contains(&Step::Await(Until::Echo));
    let first = if waits { Kind::Text(begins) } else { Kind::Ping(begins) };
    let mut frames = vec![FrameSpec::plain(first)];
    frames.extend(send.frames.iter().cloned());
    frames.push(FrameSpec::plain(Kind::Pong(ends)));
    let mut steps = steps.to_vec();
    steps[at] = Step::Send(Send { frames, cut: Cut::Whole });
    Some(steps)
}

fn coalesced(steps: &[Step]) -> Option<Vec<Step>> {
    let (first, _) = sends(steps).next()?;
    let (last, _) = sends(steps).last()?;
    let frames: Vec<FrameSpec> = sends(steps).flat_map(|(_, send)| send.frames.iter().cloned()).collect();
    let is_whole = first == last && sends(steps).all(|(_, send)| send.cut == Cut::Whole);
    if is_whole || frames.len() < 2 || frames.iter().any(is_close) {
        return None;
    }
    let mut joined = steps[..first].to_vec();
    joined.push(Step::Send(Send { frames, cut: Cut::Whole }));
    joined.extend_from_slice(&steps[last + 1..]);
    Some(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivered(steps: &str, delivery: Delivery) -> Option<String> {
        let text = format!(
            r#"{{"id": "g/c", "group": "g", "title": "", "why": [], "roles": [], "steps": {steps}, "checks": []}}"#
        );
        let case: Case = serde_json::from_str(&text).unwrap();
        let again = case.delivered(delivery)?;
        assert_eq!(again.id, format!("g/c/{}", delivery.word()));
        Some(serde_json::to_string(&again.steps).unwrap())
    }

    #[test]
    fn every_write_can_be_cut() {
        let steps = r#"["barrier",{"send":[{"text":"ab"}]},{"close":1000}]"#;
        assert_eq!(
            delivered(steps, Delivery::ByOctet).unwrap(),
            r#"["barrier",{"send":{"frames":[{"text":"ab"}],"chop":1}},{"close":1000}]"#
        );
    }

    #[test]
    fn a_bundle_asks_for_nothing_that_is_not_waited_for() {
        let of = |wait: &str| {
            delivered(&format!(r#"[{{"send":[{{"ping":"x"}}]}},{{"await":"{wait}"}}]"#), Delivery::Bundled).unwrap()
        };
        let begins = |first: &str| {
            format!(
                r#"[{{"send":{{"frames":[{{"{first}":"wsspec bundle begins"}},{{"ping":"x"}},{{"pong":"wsspec bundle ends"}}]}}}}"#
            )
        };
        assert!(of("echo").starts_with(&begins("text")), "{}", of("echo"));
        assert!(of("pong").starts_with(&begins("ping")), "{}", of("pong"));
    }

    #[test]
    fn writes_are_joined_with_nothing_between_them() {
        let steps = r#"["barrier",{"send":[{"ping":"1"}]},{"await":"pong"},{"send":[{"ping":"2"}]},{"await":"pong"}]"#;
        assert_eq!(
            delivered(steps, Delivery::Coalesced).unwrap(),
            r#"["barrier",{"send":{"frames":[{"ping":"1"},{"ping":"2"}]}},{"await":"pong"}]"#
        );
    }

    #[test]
    fn what_would_change_the_case_is_left_out() {
        use Delivery::{Bundled, ByOctet, Coalesced};
        for (steps, deliveries) in [
            (r#"[{"close":1000}]"#, &[ByOctet, Bundled, Coalesced][..]),
            (r#"[{"send":[{"text":"a","rsv":1,"violates":true}]}]"#, &[ByOctet, Bundled, Coalesced]),
            (r#"[{"send":{"frames":[{"text":"a"}],"chop":1}}]"#, &[ByOctet, Bundled, Coalesced]),
            (r#"[{"send":[{"text":{"random_text":5000}}]}]"#, &[ByOctet, Bundled, Coalesced]),
            (r#"[{"send":[{"text":"a"}]},{"linger_ms":10}]"#, &[ByOctet, Bundled, Coalesced]),
            (r#"[{"send":[{"close":1000}]}]"#, &[Bundled, Coalesced]),
            (r#"[{"send":[{"text":"a"},{"text":"b"}]}]"#, &[Coalesced]),
        ] {
            for delivery in deliveries {
                assert_eq!(delivered(steps, *delivery), None, "{steps} {delivery:?}");
            }
        }
    }
}
