//! Why a case is not run against a target at all.

use crate::case::{Case, Need, Role, Step};
use crate::plan::Target;

/// Why a case is not run against a target.
pub(super) fn excuse(case: &Case, target: &Target) -> Option<String> {
    if !case.roles.contains(&target.role) {
        let role = if target.role == Role::Server { "a server" } else { "a client" };
        return Some(format!("the case says nothing about {role}"));
    }
    let exchanges = case.steps.iter().any(|step| matches!(step, Step::Exchange { .. }));
    if !target.echo && (exchanges || case.needs.contains(&Need::Echo)) {
        return Some("the target does not send messages back, and only an echo could decide".to_owned());
    }
    if !target.binary && case.needs.contains(&Need::Binary) {
        return Some("the target takes no binary messages (Close 1003)".to_owned());
    }
    None
}
