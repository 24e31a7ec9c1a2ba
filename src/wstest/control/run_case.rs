//! One case with one client: the conversation, the verdict, and where both go.
//!
//! The client decides what it runs, so there is no second run: what a deadline decided beside other conversations of the same
//! client is marked as such.

use super::ledger::Recorded;
use super::program::Offer;
use super::reporter::{News, Run};
use super::response;
use super::standing::Ran;
use super::{Service, Settings};
use crate::case::{Corpus, Law};
use crate::drive::{Caller, Recording};
use crate::judge::{Finding, Outcome, Severity, Source, Verdict, judge};
use crate::plan::{Plan, Target, digest, plan};
use crate::run::CaseResult;
use crate::run::schedule::is_bulk;
use crate::wire::Head;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

/// Runs the case at a place of the program with a client, on the connection on which it has asked for it.
pub async fn run_case(service: Arc<Service>, caller: Caller, request: &Head, agent: String, place: usize) {
    let software = request.values("user-agent").next().map(|value| String::from_utf8_lossy(value).into_owned());
    let software = software.map(|name| service.settings.target.redaction.text(&name));
    let begun = service.ledger().begin(&agent, place, software);
    let Ok((number, kept)) = begun else {
        let answer = response::text("503 Service Unavailable", "", "there are too many clients");
        return caller.dismiss(&answer).await;
    };
    if let Err(fault) = kept {
        service.tell(&News::Trouble(&fault.to_string()));
    }
    let under_way = UnderWay { service: &service, agent: &agent, place };
    let offer = &service.program().offers()[place];
    service.tell(&News::Runs { agent: &agent, id: &offer.id, peer: caller.peer() });
    let Settings { target, seed, corpus, strictness, .. } = &service.settings;
    let plan = match plan(&offer.case, target, *seed, &corpus.data) {
        Ok(plan) => Arc::new(plan),
        Err(fault) => {
            service.tell(&News::Trouble(&fault.to_string()));
            return caller.dismiss(&response::text("500 Internal Server Error", "", &fault.to_string())).await;
        }
    };
    let bulk = is_bulk(&offer.case);
    let deadlines = service.ledger().deadlines(&agent, bulk);
    let (started, began) = (SystemTime::now(), Instant::now());
    let mut recording = caller.converse(Arc::clone(&plan), deadlines.clone()).await;
    let took = began.elapsed();
    target.redaction.transcript(&mut recording.transcript, plan.role.into(), &plan.payloads);
    // the verdict rests on what is kept, so that it is the same when it is judged again
    let (target, plan) = (target.redacted(), shown_plan(offer, target, *seed, corpus).map_or(plan, Arc::new));
    let mut verdict = match &offer.excuse {
        Some(reason) => Verdict::of(vec![Finding::of_run(Severity::Skip, reason.clone())], true),
        None => judge(&offer.case, &plan, &recording.transcript, &Law::of(corpus), *strictness),
    };
    let had_others = service.ledger().had_others(&agent, number);
    if had_others && recording.missed.is_some() && matches!(verdict.outcome, Outcome::Fail | Outcome::Warn) {
        verdict.findings.push(beside_others());
    }
    let behavior = service.settings.reporter.ran(&Run {
        agent: &agent,
        offer,
        verdict: &verdict,
        plan: &plan,
        transcript: &recording.transcript,
        started,
        took,
    });
    let result = CaseResult { id: offer.case.id.clone(), verdict, attempts: 1, took_us: took.as_micros() as u64 };
    let Recording { transcript, waits, missed } = recording;
    let learnt = Recording { transcript: Default::default(), waits, missed };
    let planned = digest(&offer.case, &target, *seed, &corpus.data).ok();
    let record = Recorded { case: &offer.case, target: &target, seed: *seed, plan: planned, transcript };
    let ran = Ran { place, result, behavior };
    let kept = service.ledger().take(&agent, ran, |pace| pace.learn(&learnt, &deadlines, bulk), record);
    if let Err(fault) = kept {
        service.tell(&News::Trouble(&fault.to_string()));
    }
    drop(under_way);
}

/// The plan without secrets, where the target has any.
fn shown_plan(offer: &Offer, target: &Target, seed: u64, corpus: &Corpus) -> Option<Plan> {
    let is_hidden = !target.redaction.is_empty();
    is_hidden.then(|| plan(&offer.case, &target.redacted(), seed, &corpus.data).ok()).flatten()
}

fn beside_others() -> Finding {
    let says = "a deadline passed while the client was in other cases too, and it was not run again alone";
    Finding { source: Source::Harness, ..Finding::of_run(Severity::Note, says) }
}

/// Tells the ledger and who waits for it that a conversation is over, also when it was given up.
struct UnderWay<'a> {
    service: &'a Service,
    agent: &'a str,
    place: usize,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.service.ledger().end(self.agent, self.place);
        self.service.changed();
    }
}
