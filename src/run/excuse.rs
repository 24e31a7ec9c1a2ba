//! Why a case is not run against a target at all.

use crate::case::{Case, Need, Role, Step};
use crate::plan::Target;

/// Why a case is not run against a target.
pub fn excuse(case: &Case, target: &Target) -> Option<String> {
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
    let known = &target.known;
    let missing = case.needs.iter().find_map(|need| match need {
        Need::Tls if !known.tls && target.role == Role::Client => {
            Some("the client is not known to trust the authority of the harness; --tls says that it does")
        }
        Need::Tls if !known.tls => Some("the target is reached without TLS"),
        Need::RefusedOrigin if known.refused_origin.is_none() => {
            Some("no origin is known that the target has to refuse; --refused-origin names one")
        }
        Need::MissingPath if known.missing_path.is_none() => {
            Some("no path is known at which the target serves nothing; --missing-path names one")
        }
        Need::Subprotocol if target.subprotocols.is_empty() => {
            Some("no subprotocol is known that the target speaks; --subprotocol names one")
        }
        Need::Url if !known.called => {
            Some("the client chooses by itself where it connects to, and the case needs a URL of its own")
        }
        Need::Deflate if known.deflate == Some(false) => Some("the target does not speak permessage-deflate"),
        Need::Commands if !known.commands => {
            Some("the client is not known to take commands; --commands says that it does")
        }
        _ => None,
    });
    missing.map(str::to_owned)
}
