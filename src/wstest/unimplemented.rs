//! What is done for an id without a case: the connection is opened and closed in good order, as Autobahn does where a
//! target lacks an extension.

use crate::case::{Case, Role};
use crate::judge::{Finding, Severity, Verdict};

/// The case that stands in. It judges nothing.
pub fn stand_in() -> Case {
    Case {
        id: "autobahn/unimplemented".to_owned(),
        group: "autobahn".to_owned(),
        title: "A connection that is opened and closed".to_owned(),
        why: Vec::new(),
        autobahn: Vec::new(),
        roles: vec![Role::Server, Role::Client],
        needs: Vec::new(),
        tags: Vec::new(),
        opening: Default::default(),
        delivery: Default::default(),
        crowd: None,
        steps: serde_json::from_str(r#"[{"close": 1000}]"#).expect("the step is well-formed"),
        checks: Vec::new(),
    }
}

/// The verdict on an id that is not run, for this reason.
pub fn verdict(reason: &str) -> Verdict {
    Verdict::of(vec![Finding::of_run(Severity::Skip, reason)], true)
}
