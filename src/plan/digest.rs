//! A digest of what a case is planned as: a recording can be judged again only by the plan that it was made with.

use super::{Plan, PlanError, Target, plan};
use crate::case::Case;
use sha1::{Digest, Sha1};
use std::collections::BTreeMap;
use std::fmt::{self, Write};

/// The digest of the plan of a case, the same on every machine and in every run.
///
/// What the user says of a target (where it is, and what fields its requests carry) is left out: it may be hidden in
/// what is stored, and no case and no planner is another one because of it.
pub fn digest(case: &Case, target: &Target, seed: u64, data: &BTreeMap<String, Vec<u8>>) -> Result<String, PlanError> {
    let plan = plan(case, &anonymous(target), seed, data)?;
    let mut text = Sink(Sha1::new());
    // a digest takes any text
    let _ = describe(&plan, &mut text);
    for payload in &plan.payloads.0 {
        payload.describe(&mut |octets| text.0.update(octets));
    }
    Ok(text.0.finalize().iter().map(|octet| format!("{octet:02x}")).collect())
}

fn describe(plan: &Plan, text: &mut Sink) -> fmt::Result {
    let Plan { role, ops, frames, messages, pings, closes, violation, last_send, echo, .. } = plan;
    write!(text, "{role:?} {ops:?} {frames:?} {messages:?} {pings:?} {closes:?} {violation:?} {last_send} {echo}")
}

fn anonymous(target: &Target) -> Target {
    let mut anonymous = target.clone();
    anonymous.host = "host".to_owned();
    anonymous.resource = "/".to_owned();
    anonymous.origin = target.origin.as_ref().map(|_| "http://origin".to_owned());
    anonymous.fields.clear();
    anonymous.known.refused_origin = target.known.refused_origin.as_ref().map(|_| "http://refused".to_owned());
    anonymous.known.missing_path = target.known.missing_path.as_ref().map(|_| "/missing".to_owned());
    anonymous
}

struct Sink(Sha1);

impl Write for Sink {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Role;

    fn of(steps: &str, change: impl Fn(&mut Target), seed: u64) -> String {
        let case = Case::bare("a/b", serde_json::from_str(steps).unwrap());
        let mut target = Target::echoing(Role::Server);
        change(&mut target);
        digest(&case, &target, seed, &BTreeMap::new()).unwrap()
    }

    #[test]
    fn only_what_the_case_does_counts() {
        let steps = r#"[{"send": [{"text": {"random": 70}}]}]"#;
        let first = of(steps, |_| {}, 7);
        assert_eq!(first.len(), 40);
        for secret in ["abc", "***"] {
            let hidden = |target: &mut Target| {
                target.host = format!("{secret}:9");
                target.resource = format!("/?token={secret}");
                target.fields = vec![("Authorization".to_owned(), secret.to_owned())];
            };
            assert_eq!(of(steps, hidden, 7), first);
        }
        assert_ne!(of(steps, |_| {}, 8), first);
        assert_ne!(of(&steps.replace("70", "71"), |_| {}, 7), first);
        assert_ne!(of(&steps.replace("text", "ping"), |_| {}, 7), first);
        assert_ne!(of(steps, |target| target.echo = false, 7), first);
    }
}
