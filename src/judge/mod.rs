//! Compares what happened with what is accepted, and knows no RFC.
//!
//! The law comes in as checks and monitors, each with its requirements; the judge only finds out which of them hold.
//! Pure: the same case, plan and transcript give the same verdict, live or years later.

mod acted;
mod coming;
pub mod conversation;
mod deflate;
mod echo;
mod expect;
mod initiative;
mod measure;
mod opening;
pub mod recording;
mod timing;
pub mod verdict;
pub mod words;

pub use conversation::Conversation;
pub use verdict::{Finding, Outcome, Severity, Source, Verdict, fold};

use crate::case::{Case, Expect, Law, Level, Monitor, Role};
use crate::plan::Plan;
use crate::transcript::{Ending, Fact, FactKind, Timeline, Transcript};
use expect::Answer;

/// What turns a warning of a monitor into a failure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Strictness {
    /// SHOULDs fail.
    pub should: bool,
    /// What the HTTP/1.1 documents ask beside RFC 6455 fails.
    pub http: bool,
    /// The target is a browser, which is bound by what binds only browsers too.
    pub browser: bool,
}

impl Strictness {
    /// Whether a warning that is strict in that profile is a failure.
    fn raises(self, strict_in: Option<&str>) -> bool {
        match strict_in {
            Some("strict-http") => self.http,
            _ => self.should,
        }
    }
}

/// Judges one conversation.
pub fn judge(case: &Case, plan: &Plan, transcript: &Transcript, law: &Law<'_>, strictness: Strictness) -> Verdict {
    let settled = plan.settled_by(transcript);
    let plan = settled.as_ref().unwrap_or(plan);
    let timeline = Timeline::new(transcript, plan.decoder(), &plan.payloads);
    let conversation = Conversation::new(plan, &timeline);
    let unagreed = deflate::not_agreed(&conversation);
    if let (None, Some(reason)) = (&unagreed, cannot_be_judged(plan, &conversation)) {
        return Verdict::of(vec![Finding::broken(reason)], false);
    }
    if let Some(reason) = unagreed {
        let skip = Finding { severity: Severity::Skip, says: reason, ..Finding::about(Source::Harness) };
        let mut findings = watched(&conversation, law, strictness);
        findings.push(skip);
        return Verdict::of(joined(findings), true);
    }
    let mut findings = Vec::new();
    let mut decided = false;
    let mut unreached = None;
    let mut figures = Vec::new();
    let all_optional = case.checks.iter().all(|check| check.level == Level::May);
    for (number, check) in case.checks.iter().enumerate() {
        let source = Source::Check(number);
        let requirements = law.binding(&check.requirements, plan.role, strictness.browser);
        if requirements.is_empty() {
            continue;
        }
        match expect::evaluate(&check.expect, &conversation) {
            Answer::Holds => decided |= check.level != Level::May,
            Answer::Fails { says, accepted } => {
                decided |= check.level != Level::May;
                findings.push(Finding {
                    severity: severity(check.level, strictness.raises(check.strict_in.as_deref())),
                    requirements,
                    says,
                    accepted,
                    ..Finding::about(source)
                });
            }
            // behind a handshake that was refused there is nothing to come to
            Answer::NotReached(_) if conversation.is_refused() => {}
            Answer::NotReached(reason) => {
                unreached.get_or_insert(reason);
            }
            Answer::NotApplicable => {}
            Answer::Measured(value) => {
                if let Expect::Measure(measure) = &check.expect {
                    let severity = if all_optional { Severity::Measured } else { Severity::Note };
                    let says = format!("{}: {value}.", measure.title());
                    figures.push(Finding { severity, requirements, says, ..Finding::about(source) });
                }
            }
            Answer::Limit(says) => {
                findings.push(Finding { severity: Severity::Limit, says, ..Finding::about(source) });
            }
            Answer::Skip(says) => findings.push(Finding { severity: Severity::Skip, says, ..Finding::about(source) }),
        }
    }
    findings.extend(watched(&conversation, law, strictness));
    let mut findings = joined(findings);
    let is_failed = findings.iter().any(|finding| finding.severity == Severity::Fail);
    let is_excused = findings.iter().any(|finding| matches!(finding.severity, Severity::Limit | Severity::Skip));
    if let Some(reason) = unreached
        && !is_failed
        && !is_excused
    {
        findings.push(Finding::broken(reason));
    }
    if !decided && !all_optional && findings.is_empty() {
        findings.push(Finding {
            severity: Severity::Skip,
            says: "nothing in the case can be decided on this target".to_owned(),
            ..Finding::about(Source::Harness)
        });
    }
    findings.extend(figures);
    Verdict::of(findings, !all_optional)
}

/// Findings that say the same with the same weight are one, about all of their requirements.
fn joined(findings: Vec<Finding>) -> Vec<Finding> {
    let mut joined: Vec<Finding> = Vec::new();
    for finding in findings {
        match joined.iter_mut().find(|known| known.severity == finding.severity && known.says == finding.says) {
            Some(known) => {
                known.also.push(finding.source);
                for requirement in finding.requirements {
                    if !known.requirements.contains(&requirement) {
                        known.requirements.push(requirement);
                    }
                }
            }
            None => joined.push(finding),
        }
    }
    joined
}

fn severity(level: Level, should_fails: bool) -> Severity {
    match level {
        Level::Must => Severity::Fail,
        Level::Should if should_fails => Severity::Fail,
        Level::Should => Severity::Warn,
        Level::May => Severity::Note,
    }
}

/// Why nothing can be said of the target at all.
fn cannot_be_judged(plan: &Plan, conversation: &Conversation<'_>) -> Option<String> {
    match conversation.ending() {
        // whether and how the client comes is what the case is about
        Some(Ending::NoConnection(_)) if plan.tests_coming => return None,
        Some(Ending::NoConnection(reason)) => return Some(format!("no connection: {reason}")),
        Some(Ending::Broken(reason)) => return Some(format!("the connection broke: {reason}")),
        // what came in place of an echo is told by the checks, as far as it was read
        Some(Ending::Overflow) if plan.echo && is_of_the_case(plan, conversation) => {}
        Some(Ending::Overflow) => {
            return Some("the target sent more than a case can use, so the harness stopped listening".to_owned());
        }
        None => return Some("the conversation was not finished".to_owned()),
        _ => {}
    }
    let tests_opening = plan.tests_opening && plan.role == Role::Server;
    if conversation.established || tests_opening || plan.tests_coming {
        return None;
    }
    if plan.role == Role::Client {
        let what = if conversation.missed.is_some() { "in time" } else { "before the connection ended" };
        return Some(format!("no opening handshake came {what}"));
    }
    Some(match conversation.status {
        Some(status) => format!("the opening handshake was answered with {status}"),
        None if conversation.missed.is_some() => "the opening handshake was not answered in time".to_owned(),
        None => "the connection ended before the opening handshake was answered".to_owned(),
    })
}

/// Whether what was too much is what came of the messages of the case, and not something that the target says by itself
/// or passes on from others.
fn is_of_the_case(plan: &Plan, conversation: &Conversation<'_>) -> bool {
    // what may be refused may be sent back as well, and comes to very much where it was compressed
    let expands = plan.deflate.is_some() && plan.is_disputed() && conversation.violated();
    expands || conversation.messages.iter().any(conversation::Received::is_too_long)
}

/// What the monitors say of the facts of a conversation, each kind of fact once.
fn watched(conversation: &Conversation<'_>, law: &Law<'_>, strictness: Strictness) -> Vec<Finding> {
    let role = conversation.plan.role;
    let mut findings: Vec<Finding> = Vec::new();
    let mut seen: Vec<FactKind> = Vec::new();
    for Fact { kind, detail } in conversation.facts() {
        if seen.contains(&kind) {
            continue;
        }
        seen.push(kind);
        let watches = |monitor: &&Monitor| monitor.fact == kind.name() && monitor.roles.contains(&role);
        let Some(monitor) = law.monitors.iter().find(watches) else { continue };
        let requirements = law.binding(&monitor.requirements, role, strictness.browser);
        if !requirements.is_empty() {
            findings.push(Finding {
                severity: severity(monitor.level, strictness.raises(monitor.strict_in.as_deref())),
                requirements,
                says: format!("{} Seen: {detail}.", monitor.says),
                ..Finding::about(Source::Monitor(monitor.fact.clone()))
            });
        }
    }
    findings
}
