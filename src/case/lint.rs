//! What is wrong with a corpus although every file of it can be read.

use super::coverage::lint_areas;
use super::deflate::DeflateOpening;
use super::frame::{FrameSpec, Kind};
use super::payload::Made;
use super::{
    Case, Check, Corpus, Expect, Level, Measure, Need, Opening, PayloadSpec, Requirement, Role, SourceError, Step,
    Until,
};
use crate::transcript::FactKind;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Every fault of a corpus, in the order of its files.
pub fn lint(corpus: &Corpus) -> Vec<SourceError> {
    let mut faults = Vec::new();
    let mut ids: BTreeMap<&str, &SourceError> = BTreeMap::new();
    let mut autobahn: BTreeMap<&str, &str> = BTreeMap::new();
    for group in &corpus.groups {
        for (case, place) in group.cases.iter().zip(&group.places) {
            let mut fault = |message: String| {
                faults.push(SourceError { message: format!("{}: {message}", case.id), ..place.clone() });
            };
            if let Some(first) = ids.insert(&case.id, place) {
                fault(format!("the id stands twice, first in {}:{}", first.path.display(), first.line));
            }
            for id in &case.autobahn {
                if let Some(first) = autobahn.insert(id, &case.id) {
                    fault(format!("Autobahn's {id} is claimed by {first} too"));
                }
            }
            lint_case(case, corpus).into_iter().for_each(&mut fault);
        }
    }
    faults.extend(lint_monitors(corpus));
    let areas = Path::new("spec/areas.json");
    faults.extend(lint_areas(corpus).into_iter().map(|message| SourceError::whole_file(areas, message)));
    faults
}

fn lint_case(case: &Case, corpus: &Corpus) -> Vec<String> {
    let mut faults = Vec::new();
    if case.checks.is_empty() {
        faults.push("it checks nothing".to_owned());
    }
    if let Some(crowd) = &case.crowd {
        faults.extend(crowd.faults(&case.roles, &case.tags));
        let member = crowd.member(case, 0);
        let missing = Stimulus::of(&member).files.into_iter().filter(|name| !corpus.data.contains_key(*name));
        faults.extend(missing.map(|name| format!("there is no file `{name}` under data/")));
    }
    if case.opening.mutated {
        faults.push("`mutated` is for the openings of a crowd".to_owned());
    }
    let only_waits = |step: &Step| {
        let waits = matches!(step, Step::LingerMs(_) | Step::LingerPatiently { .. } | Step::Reset);
        // what a client says in place of a request may end with the connection
        let ends = matches!(step, Step::HalfClose | Step::Await(Until::End));
        waits || ends && case.roles == [Role::Client]
    };
    if case.opening.unanswered && !case.steps.iter().all(only_waits) {
        faults.push("behind an opening that is `unanswered` a case can only wait".to_owned());
    }
    if case.roles.is_empty() {
        faults.push("it is for no role".to_owned());
    }
    let stimulus = Stimulus::of(case);
    if stimulus.violations > 1 {
        faults.push(format!(
            "{} frames are marked `violates` or `disputed`; only the first can count",
            stimulus.violations
        ));
    }
    for name in &stimulus.files {
        if !corpus.data.contains_key(*name) {
            faults.push(format!("there is no file `{name}` under data/"));
        }
    }
    faults.extend(lint_opening(case));
    for check in &case.checks {
        if let Some(why) = stimulus.cannot_fail(&check.expect) {
            faults.push(format!("the check {} cannot fail: {why}", show(&check.expect)));
        }
        if check.level == Level::Must && check.expect == Expect::GrowsLinearly {
            faults.push("a busy machine is no breach: `grows_linearly` is at most a `should`".to_owned());
        }
        if check.level != Level::May && check.expect.measures() {
            faults.push(format!("{} judges nothing, and can only be a `may`", show(&check.expect)));
        }
        faults.extend(lint_requirements(check, case, corpus));
    }
    faults
}

/// A request is the harness's own only towards a server, and a response only towards a client.
fn lint_opening(case: &Case) -> Vec<String> {
    let Opening { response, chop, cut_at, pause_ms, with, url, certificate, others, unanswered, deflate, .. } =
        &case.opening;
    let of_client = Opening {
        url: url.clone(),
        certificate: *certificate,
        others: *others,
        deflate: deflate.clone(),
        unanswered: *unanswered,
        response: response.clone(),
        chop: *chop,
        cut_at: cut_at.clone(),
        pause_ms: *pause_ms,
        with: with.clone(),
        ..Opening::default()
    };
    let mut faults = deflate.as_ref().map(DeflateOpening::faults).unwrap_or_default();
    if response.is_some() && case.roles.contains(&Role::Server) {
        faults.push("its response is sent to a client, and the case is for servers too".to_owned());
    }
    if certificate.is_some() && (case.roles != [Role::Client] || !case.needs.contains(&Need::Tls) || url.is_some()) {
        faults.push("its certificate is for a client, needs `tls`, and goes with no URL of its own".to_owned());
    }
    if others.is_some() && (case.roles != [Role::Client] || !case.needs.contains(&Need::Url)) {
        faults.push("its other connections are those of a client, and need `url`".to_owned());
    }
    if url.is_some() && (case.roles != [Role::Client] || !case.needs.contains(&Need::Url)) {
        faults.push("its URL is for a client, and needs `url`".to_owned());
    }
    if case.opening != of_client && case.roles.contains(&Role::Client) {
        faults.push("its request is sent to a server, and the case is for clients too".to_owned());
    }
    faults
}

fn show(expect: &Expect) -> String {
    serde_json::to_string(expect).unwrap_or_default()
}

fn is_must(requirement: &Requirement) -> bool {
    requirement.level.starts_with("MUST")
}

fn lint_requirements(check: &Check, case: &Case, corpus: &Corpus) -> Vec<String> {
    let mut faults = Vec::new();
    let mut bound: BTreeSet<Role> = BTreeSet::new();
    for id in &check.requirements {
        let Some(requirement) = corpus.register.get(id) else {
            let known = corpus.register.iter().map(|known| known.id.as_str());
            let hint =
                super::select::nearest(id, known).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
            faults.push(format!("no requirement {id} in spec/{hint}"));
            continue;
        };
        // what binds browsers only is judged for them alone
        bound.extend(case.roles.iter().filter(|role| requirement.binds_such(**role, true)));
        if check.level == Level::Must && !is_must(requirement) {
            faults.push(format!("a `must` names {id}, which is only a {}", requirement.level));
        }
        if check.level == Level::Should && requirement.level == "MAY" {
            faults.push(format!("a `should` names {id}, which is only a MAY"));
        }
    }
    for role in &case.roles {
        if faults.is_empty() && !bound.contains(role) {
            let ids = check.requirements.join(", ");
            faults.push(format!("{ids} does not bind a {role:?}, for which the case is too").to_lowercase());
        }
    }
    faults
}

fn lint_monitors(corpus: &Corpus) -> Vec<SourceError> {
    let path = Path::new("spec/monitors.json");
    let mut faults = Vec::new();
    let mut fault = |message: String| faults.push(SourceError::whole_file(path, message));
    let mut watched: BTreeSet<(&str, Role)> = BTreeSet::new();
    for monitor in &corpus.monitors {
        let fact = monitor.fact.as_str();
        if !FactKind::ALL.iter().any(|kind| kind.name() == fact) {
            let known = FactKind::ALL.iter().map(|kind| kind.name());
            let hint =
                super::select::nearest(fact, known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            fault(format!("no fact is called `{fact}`{hint}"));
        }
        for role in &monitor.roles {
            if !watched.insert((fact, *role)) {
                fault(format!("two monitors watch `{fact}` for the same role"));
            }
        }
        for role in &monitor.roles {
            let binds =
                |id: &String| corpus.register.get(id).is_none_or(|requirement| requirement.binds_such(*role, true));
            if !monitor.requirements.iter().any(binds) {
                fault(format!("the monitor of `{fact}` names nothing that binds a {role:?}").to_lowercase());
            }
        }
        for id in &monitor.requirements {
            match corpus.register.get(id) {
                None => fault(format!("the monitor of `{fact}` names {id}, which is not in spec/")),
                Some(requirement) if monitor.level == Level::Must && !is_must(requirement) => {
                    fault(format!("the monitor of `{fact}` is a `must`, and {id} only a {}", requirement.level));
                }
                Some(_) => {}
            }
        }
    }
    if !corpus.monitors.is_empty() {
        for kind in FactKind::ALL {
            if !corpus.monitors.iter().any(|monitor| monitor.fact == kind.name()) {
                fault(format!("nobody watches `{}`", kind.name()));
            }
        }
    }
    faults
}

/// What a case sends and waits for, as far as it decides which checks can fail.
#[derive(Default)]
struct Stimulus<'a> {
    messages: usize,
    pings: usize,
    closes: usize,
    violations: usize,
    sends: usize,
    barriers: usize,
    /// Whether its crowd is a doubling one.
    doubles: bool,
    waits: BTreeSet<&'static str>,
    files: Vec<&'a str>,
}

impl<'a> Stimulus<'a> {
    fn of(case: &'a Case) -> Stimulus<'a> {
        let doubles = case.crowd.as_ref().is_some_and(|crowd| crowd.doubling);
        let mut stimulus = Stimulus { doubles, ..Stimulus::default() };
        case.opening.with.iter().for_each(|frame| stimulus.frame(frame));
        for step in &case.steps {
            match step {
                Step::Send(send) => send.frames.iter().for_each(|frame| stimulus.frame(frame)),
                Step::Exchange { message, .. } => {
                    stimulus.frame(message);
                    stimulus.waits.insert("echo");
                }
                Step::Barrier => {
                    stimulus.barriers += 1;
                    stimulus.waits.insert("barrier");
                }
                Step::Await(until) => {
                    stimulus.waits.insert(match until {
                        Until::Echo => "echo",
                        Until::Pong => "pong",
                        Until::Close => "close",
                        Until::End => "end",
                        Until::Response => "response",
                    });
                }
                Step::Close(_) => {
                    stimulus.closes += 1;
                    stimulus.waits.extend(["close", "end"]);
                }
                Step::Request(opening) => opening.with.iter().for_each(|frame| stimulus.frame(frame)),
                Step::LingerMs(_)
                | Step::LingerPatiently { .. }
                | Step::StopReading
                | Step::GoOnReading
                | Step::Reset => {}
                Step::HalfClose => {
                    stimulus.waits.insert("half_close");
                }
            }
        }
        stimulus
    }

    fn frame(&mut self, frame: &'a FrameSpec) {
        self.sends += 1;
        self.violations += usize::from(frame.violates || frame.disputed);
        let payload = match &frame.kind {
            Kind::Text(payload) | Kind::Binary(payload) | Kind::Continuation(payload) => {
                self.messages += 1;
                payload
            }
            Kind::Ping(payload) => {
                self.pings += 1;
                payload
            }
            Kind::Close(_, payload) | Kind::ClosePayload(payload) => {
                self.closes += 1;
                payload
            }
            Kind::Pong(payload) | Kind::Opcode(_, payload) | Kind::Raw(payload) => payload,
        };
        self.payload(payload);
    }

    fn payload(&mut self, payload: &'a PayloadSpec) {
        match payload {
            PayloadSpec::Made(Made::File(name)) => self.files.push(name),
            PayloadSpec::Made(Made::Concat(parts)) => parts.iter().for_each(|part| self.payload(part)),
            PayloadSpec::Made(
                Made::Repeat { unit: inner, .. } | Made::Slide { over: inner, .. } | Made::Deflated(inner),
            ) => {
                self.payload(inner);
            }
            _ => {}
        }
    }

    /// Why no target could fail the expectation.
    fn cannot_fail(&self, expect: &Expect) -> Option<String> {
        let waits = |what: &[&str]| what.iter().any(|wait| self.waits.contains(wait));
        let lacks = |what: &str| Some(what.to_owned());
        match expect {
            Expect::OpenForMs(_) if !waits(&["close"]) => lacks("nothing waits for the Close"),
            Expect::Established => None,
            Expect::Refused(_) => None,
            Expect::Echo if self.messages == 0 => lacks("no message is sent"),
            Expect::Echo if !waits(&["echo", "end"]) => lacks("nothing waits for the echo"),
            Expect::Accepted if self.sends == 0 => lacks("nothing is sent"),
            Expect::Accepted if !waits(&["echo", "barrier"]) => lacks("nothing waits for a sign that it was accepted"),
            Expect::Pongs if self.pings == 0 => lacks("no ping is sent"),
            Expect::Pongs if !waits(&["pong", "end"]) => lacks("nothing waits for the pong"),
            Expect::Failed | Expect::FailedEarly | Expect::CloseFrame | Expect::EchoedFirst(_)
                if self.violations == 0 =>
            {
                lacks("no frame is marked `violates`")
            }
            Expect::Failed | Expect::CloseFrame if !waits(&["end"]) => lacks("nothing waits for the end"),
            Expect::EchoedFirst(0) => lacks("no message need come back"),
            Expect::CloseCode(codes) | Expect::CloseCodeNot(codes) | Expect::ClosedWith(codes) if codes.is_empty() => {
                lacks("no code is named")
            }
            Expect::Statuses(statuses) if statuses.is_empty() => lacks("no status is named"),
            Expect::Measure(Measure::Pongs | Measure::PongLatency) if self.pings == 0 => lacks("no ping is sent"),
            Expect::Measure(Measure::Failing | Measure::Detection) if self.violations == 0 => {
                lacks("no frame is marked `violates`")
            }
            Expect::Measure(Measure::CloseReply) if self.closes == 0 => lacks("no Close is sent"),
            Expect::EchoPrefix if self.messages == 0 => lacks("no message is sent"),
            Expect::PongWithinMs(_) if self.pings == 0 => lacks("no ping is sent"),
            Expect::GrowsLinearly if self.barriers < 5 && !self.doubles => {
                lacks("it needs five barriers with four parts between them, or a crowd that is `doubling`")
            }
            Expect::CloseReplyWithinMs(_) if self.closes == 0 => lacks("no Close is sent"),
            Expect::EndedAfterHalfClose if !self.waits.contains("half_close") => {
                lacks("the sending half is never closed")
            }
            Expect::EndedWithinMs(_) | Expect::CleanEnd | Expect::EndedAfterHalfClose if !waits(&["end"]) => {
                lacks("nothing waits for the end")
            }
            Expect::CloseReply | Expect::Ended if self.closes == 0 && self.violations == 0 => lacks("no Close is sent"),
            Expect::CloseReply if !waits(&["close", "end"]) => lacks("nothing waits for the answer"),
            Expect::Ended if !waits(&["end"]) => lacks("nothing waits for the end"),
            Expect::AnyOf(several) if several.len() < 2 => lacks("`any_of` needs at least two alternatives"),
            Expect::AnyOf(several) => {
                let completed =
                    |expect: &Expect| matches!(expect, Expect::Established | Expect::Answered | Expect::Settled);
                let not_completed = |expect: &Expect| match expect {
                    Expect::NotEstablished => true,
                    Expect::Refused(statuses) => statuses.is_empty(),
                    _ => false,
                };
                if several.iter().any(completed) && several.iter().any(not_completed) {
                    return lacks("the handshake is either completed or refused");
                }
                several.iter().find_map(|expect| self.cannot_fail(expect))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(cases: &str) -> Vec<String> {
        let spec = r#"{"document": "RFC 6455", "title": "", "requirements": [
            {"id": "6455-1-1", "section": "1", "level": "MUST", "actor": ["any"], "statement": "", "observable": true, "basis": ""},
            {"id": "6455-1-2", "section": "1", "level": "SHOULD", "actor": ["server"], "statement": "", "observable": true, "basis": ""}]}"#;
        let group = format!(r#"{{"group": "g", "title": "", "why": "", "cases": [{cases}]}}"#);
        let files = BTreeMap::from([
            ("spec/rfc6455.json".into(), spec.as_bytes().to_vec()),
            ("g.json".into(), group.into_bytes()),
        ]);
        let corpus = Corpus::from_files(Path::new("cases"), files).unwrap();
        lint(&corpus).into_iter().map(|fault| fault.message).collect()
    }

    fn case(name: &str, steps: &str, check: &str) -> String {
        format!(r#"{{"name": "{name}", "title": "", "autobahn": "{name}", "steps": {steps}, "checks": [{check}]}}"#)
    }

    const GOOD_STEPS: &str = r#"[{"send": [{"text": "a"}]}, {"await": "echo"}, {"close": 1000}]"#;
    const GOOD_CHECK: &str = r#"{"must": "6455-1-1", "expect": "echo"}"#;

    #[test]
    fn a_good_case_is_left_alone() {
        assert_eq!(faults(&case("a", GOOD_STEPS, GOOD_CHECK)), Vec::<String>::new());
    }

    #[test]
    fn each_fault_is_named() {
        let violation = r#"["barrier", {"send": [{"text": "a", "rsv": 1, "violates": true}]}, {"await": "end"}]"#;
        for (case, words) in [
            ([case("a", GOOD_STEPS, GOOD_CHECK), case("a", GOOD_STEPS, GOOD_CHECK)].join(","), "the id stands twice"),
            (
                case("a", GOOD_STEPS, r#"{"must": "6455-1-9", "expect": "echo"}"#),
                "no requirement 6455-1-9 in spec/; did you mean",
            ),
            (case("a", GOOD_STEPS, r#"{"must": "6455-1-2", "expect": "echo"}"#), "only a SHOULD"),
            (case("a", GOOD_STEPS, r#"{"should": "6455-1-2", "expect": "echo"}"#), "does not bind a client"),
            (case("a", GOOD_STEPS, ""), "checks nothing"),
            (case("a", GOOD_STEPS, r#"{"must": "6455-1-1", "expect": {"measure": "message"}}"#), "only be a `may`"),
            (case("a", GOOD_STEPS, r#"{"may": "6455-1-1", "expect": {"measure": "pongs"}}"#), "no ping is sent"),
            (case("a", r#"[{"close": 1000}]"#, GOOD_CHECK), "no message is sent"),
            (case("a", r#"[{"send": [{"text": "a"}]}]"#, GOOD_CHECK), "nothing waits for the echo"),
            (case("a", GOOD_STEPS, r#"{"must": "6455-1-1", "expect": "pongs"}"#), "no ping is sent"),
            (case("a", GOOD_STEPS, r#"{"must": "6455-1-1", "expect": "failed"}"#), "no frame is marked `violates`"),
            (
                case("a", violation, r#"{"may": "6455-1-1", "expect": {"echoed_first": 0}}"#),
                "no message need come back",
            ),
            (case("a", violation, r#"{"must": "6455-1-1", "expect": {"close_code": []}}"#), "no code is named"),
            (case("a", r#"["barrier"]"#, r#"{"must": "6455-1-1", "expect": "close_reply"}"#), "no Close is sent"),
            (
                case(
                    "a",
                    GOOD_STEPS,
                    r#"{"must": "6455-1-1", "expect": {"any_of": ["established", {"refused": []}]}}"#,
                ),
                "either completed or refused",
            ),
            (
                case(
                    "a",
                    GOOD_STEPS,
                    r#"{"must": "6455-1-1", "expect": {"any_of": ["established", "not_established"]}}"#,
                ),
                "either completed or refused",
            ),
            (case("a", r#"[{"send": [{"text": {"file": "x"}}]}, {"await": "echo"}]"#, GOOD_CHECK), "no file `x`"),
            (
                case("a", GOOD_STEPS, GOOD_CHECK).replacen(
                    '{',
                    r#"{"opening": {"deflate": {"offered": ["server_max_windows_bits"]}},"#,
                    1,
                ),
                "no parameter `server_max_windows_bits`",
            ),
            (
                case("a", r#"["barrier", "barrier"]"#, r#"{"should": "6455-1-1", "expect": "grows_linearly"}"#),
                "five barriers",
            ),
            (case("a", GOOD_STEPS, r#"{"must": "6455-1-1", "expect": "grows_linearly"}"#), "at most a `should`"),
            (
                case("a", GOOD_STEPS, GOOD_CHECK)
                    .replace("\"steps\"", r#""crowd": {"connections": 200, "at_once": 1}, "steps""#),
                "needs the tag `abuse`",
            ),
            (
                case("a", GOOD_STEPS, GOOD_CHECK).replace("\"steps\"", r#""opening": {"mutated": true}, "steps""#),
                "for the openings of a crowd",
            ),
            (
                case("a", GOOD_STEPS, GOOD_CHECK).replace("\"steps\"", r#""opening": {"unanswered": true}, "steps""#),
                "can only wait",
            ),
        ] {
            let found = faults(&case);
            assert!(found.iter().any(|fault| fault.contains(words)), "{words}: {found:?}");
        }
    }
}
