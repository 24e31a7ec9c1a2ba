//! Autobahn's words for our verdicts: the behavior, and how the connection was closed.
//!
//! No word is new, because scripts stop at one that they do not know. A MUST that was broken is FAILED, in the field that
//! it is about. NON-STRICT keeps Autobahn's meaning: other warnings than the two kinds it knows are told beside.

use super::CaseReport;
use super::closing::Closing;
use crate::case::{Expect, Role};
use crate::judge::{Finding, Outcome, Severity, Source};
use crate::wire::ClosePayload;

/// What a target did in a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Behavior {
    /// As expected.
    Ok,
    /// Conforming, but not as strict as could be.
    NonStrict,
    /// Not judged.
    Informational,
    /// Not run.
    Unimplemented,
    /// Wrong.
    Failed,
}

impl Behavior {
    /// Every one.
    pub const ALL: [Behavior; 5] =
        [Behavior::Ok, Behavior::NonStrict, Behavior::Informational, Behavior::Unimplemented, Behavior::Failed];

    /// Autobahn's word.
    pub fn word(self) -> &'static str {
        match self {
            Behavior::Ok => "OK",
            Behavior::NonStrict => "NON-STRICT",
            Behavior::Informational => "INFORMATIONAL",
            Behavior::Unimplemented => "UNIMPLEMENTED",
            Behavior::Failed => "FAILED",
        }
    }
}

/// How a target closed the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BehaviorClose {
    /// As expected.
    Ok,
    /// Not judged.
    Informational,
    /// The server left it to the client to close the TCP connection.
    FailedByClient,
    /// With another code.
    WrongCode,
    /// Without a closing handshake.
    Unclean,
    /// Wrong.
    Failed,
}

impl BehaviorClose {
    /// Every one.
    pub const ALL: [BehaviorClose; 6] = [
        BehaviorClose::Ok,
        BehaviorClose::Informational,
        BehaviorClose::FailedByClient,
        BehaviorClose::WrongCode,
        BehaviorClose::Unclean,
        BehaviorClose::Failed,
    ];

    /// Autobahn's word.
    pub fn word(self) -> &'static str {
        match self {
            BehaviorClose::Ok => "OK",
            BehaviorClose::Informational => "INFORMATIONAL",
            BehaviorClose::FailedByClient => "FAILED BY CLIENT",
            BehaviorClose::WrongCode => "WRONG CODE",
            BehaviorClose::Unclean => "UNCLEAN",
            BehaviorClose::Failed => "FAILED",
        }
    }
}

/// The words for one case, with the sentences that go with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// What the target did.
    pub behavior: Behavior,
    /// How it closed the connection.
    pub behavior_close: BehaviorClose,
    /// The code of its Close.
    pub remote_close_code: Option<u16>,
    /// The first as a sentence. Users compare these sentences, so they are Autobahn's.
    pub result: String,
    /// The second as a sentence.
    pub result_close: String,
}

impl Words {
    /// The words for a case.
    pub(super) fn of(case: &CaseReport<'_>, role: Role) -> Words {
        let closing = case.record.as_ref().map(|record| Closing::of(record, role)).unwrap_or_default();
        let fault = Fault::of(case);
        let behavior = behavior(case, fault);
        let seen = seen(case, &closing, role);
        let behavior_close = behavior_close(case, behavior, fault, seen, &closing);
        let result_close = result_close(case, behavior_close, seen, &closing);
        Words {
            behavior,
            behavior_close,
            remote_close_code: closing.theirs.as_ref().and_then(ClosePayload::code),
            result: result(case, behavior, behavior_close, &result_close),
            result_close,
        }
    }
}

/// Which of the two fields a broken MUST is about.
#[derive(Clone, Copy, Debug, Default)]
struct Fault {
    of_case: bool,
    of_closing: bool,
}

impl Fault {
    fn of(case: &CaseReport<'_>) -> Fault {
        let mut fault = Fault::default();
        for finding in case.verdict.findings.iter().filter(|finding| finding.severity == Severity::Fail) {
            let of_closing = finding.sources().all(|source| is_of_closing(case, source));
            fault.of_closing |= of_closing;
            fault.of_case |= !of_closing || case.entry.of_closing;
        }
        fault
    }
}

fn expectation<'c>(case: &CaseReport<'c>, source: &Source) -> Option<&'c Expect> {
    match source {
        Source::Check(number) => case.entry.case?.checks.get(*number).map(|check| &check.expect),
        _ => None,
    }
}

fn is_of_closing(case: &CaseReport<'_>, source: &Source) -> bool {
    fn about(expect: &Expect) -> bool {
        match expect {
            Expect::CloseFrame
            | Expect::CloseCode(_)
            | Expect::CloseCodeNot(_)
            | Expect::ClosedWith(_)
            | Expect::CloseReply
            | Expect::Ended
            | Expect::Reset
            | Expect::CleanEnd
            | Expect::CloseReplyWithinMs(_)
            | Expect::EndedWithinMs(_) => true,
            Expect::AnyOf(several) => several.iter().all(about),
            _ => false,
        }
    }
    match source {
        Source::Check(_) => expectation(case, source).is_some_and(about),
        Source::Monitor(fact) => fact.starts_with("close-") || fact == "ended-without-close",
        Source::Harness | Source::Run => false,
    }
}

/// Whether the target did one of the two things that Autobahn calls not strict: it failed a connection without the echo
/// of a good message in front, or only at the end of a message that it could not like any more.
fn is_not_strict(case: &CaseReport<'_>) -> bool {
    let is_about_it =
        |source: &Source| matches!(expectation(case, source), Some(Expect::EchoedFirst(_) | Expect::FailedEarly));
    case.verdict.findings.iter().any(|finding: &Finding| finding.sources().any(is_about_it))
}

fn behavior(case: &CaseReport<'_>, fault: Fault) -> Behavior {
    match case.verdict.outcome {
        _ if fault.of_case => Behavior::Failed,
        Outcome::Broken => Behavior::Failed,
        Outcome::Skip => Behavior::Unimplemented,
        _ if case.entry.measured => Behavior::Informational,
        // a limit on messages, or a figure
        Outcome::Info => Behavior::Informational,
        // one run was good and the other was not
        Outcome::Flaky => Behavior::NonStrict,
        _ if is_not_strict(case) => Behavior::NonStrict,
        Outcome::Pass | Outcome::Warn | Outcome::Fail => Behavior::Ok,
    }
}

/// What Autobahn would make of the closing, whatever the verdict says.
fn seen(case: &CaseReport<'_>, closing: &Closing, role: Role) -> BehaviorClose {
    let expected = &case.entry.close;
    let code = closing.theirs.as_ref().and_then(ClosePayload::code);
    if !closing.opened || expected.by_harness != closing.by_harness || (closing.given_up && !expected.by_harness) {
        BehaviorClose::Failed
    } else if expected.clean && closing.unclean.is_some() {
        let only_tcp = closing.ours.is_some() && closing.theirs.is_some();
        if only_tcp { BehaviorClose::FailedByClient } else { BehaviorClose::Unclean }
    } else if code.is_some_and(|code| !expected.codes.contains(&code)) {
        BehaviorClose::WrongCode
    } else if role == Role::Server && closing.dropped {
        BehaviorClose::FailedByClient
    } else {
        BehaviorClose::Ok
    }
}

fn behavior_close(
    case: &CaseReport<'_>,
    behavior: Behavior,
    fault: Fault,
    seen: BehaviorClose,
    closing: &Closing,
) -> BehaviorClose {
    let is_failed = fault.of_case || fault.of_closing;
    match case.verdict.outcome {
        // an id that is not run is only opened and closed
        Outcome::Skip => BehaviorClose::Ok,
        Outcome::Broken => BehaviorClose::Failed,
        _ if !closing.opened => BehaviorClose::Failed,
        _ if fault.of_closing && seen == BehaviorClose::Ok => BehaviorClose::Failed,
        _ if is_failed => seen,
        _ if behavior == Behavior::Informational => BehaviorClose::Informational,
        // what our verdict has no objection to is no fault, but a warning may be about the code
        Outcome::Warn if seen == BehaviorClose::WrongCode && warns_of_code(case) => seen,
        _ => BehaviorClose::Ok,
    }
}

fn warns_of_code(case: &CaseReport<'_>) -> bool {
    let is_of_code =
        |expect: &Expect| matches!(expect, Expect::CloseCode(_) | Expect::CloseCodeNot(_) | Expect::ClosedWith(_));
    let is_about_it = |source: &Source| expectation(case, source).is_some_and(is_of_code);
    let mut findings = case.verdict.findings.iter().filter(|finding| finding.severity == Severity::Warn);
    findings.any(|finding| finding.sources().any(is_about_it))
}

fn result_close(case: &CaseReport<'_>, word: BehaviorClose, seen: BehaviorClose, closing: &Closing) -> String {
    let word = if word == BehaviorClose::Informational { seen } else { word };
    match word {
        _ if case.record.is_none() && case.verdict.outcome == Outcome::Skip => "No connection was opened".to_owned(),
        _ if !closing.opened => "The WebSocket opening handshake was never completed!".to_owned(),
        BehaviorClose::Ok | BehaviorClose::Informational => "Connection was properly closed".to_owned(),
        BehaviorClose::FailedByClient => "It is preferred that the server close the TCP connection".to_owned(),
        BehaviorClose::WrongCode => {
            let codes: Vec<String> = case.entry.close.codes.iter().map(u16::to_string).collect();
            format!("The close code should have been {} or empty", codes.join(","))
        }
        BehaviorClose::Unclean => "The spec requires the connection to be failed cleanly here".to_owned(),
        BehaviorClose::Failed => "The connection was failed by the wrong endpoint".to_owned(),
    }
}

fn result(case: &CaseReport<'_>, behavior: Behavior, close: BehaviorClose, result_close: &str) -> String {
    let size = case.entry.case.map_or(0, |case| case.size());
    match behavior {
        Behavior::Unimplemented => {
            let reason = case.verdict.reasons().next().map(|finding| finding.says.as_str());
            reason.unwrap_or(case.entry.unimplemented).to_owned()
        }
        _ if case.entry.of_closing && close == BehaviorClose::WrongCode => result_close.to_owned(),
        Behavior::Ok if case.entry.timed => match case.record.as_ref().map(|record| &record.plan.messages) {
            Some(messages) if messages.iter().filter(|message| !message.barrier).count() == 1 => {
                let kind = if messages.iter().any(|message| message.opcode == crate::wire::Opcode::TEXT) {
                    "text"
                } else {
                    "binary"
                };
                format!("Received {kind} message of length {size}.")
            }
            _ => "Ok, received all echo'ed messages in time.".to_owned(),
        },
        Behavior::Ok | Behavior::NonStrict => "Actual events match at least one expected.".to_owned(),
        Behavior::Informational if case.entry.measured => "Actual events are undefined by the spec.".to_owned(),
        Behavior::Informational | Behavior::Failed => "Actual events differ from any expected.".to_owned(),
    }
}
