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
    if !target.text && (case.needs.contains(&Need::Text) || case.sends_text()) {
        return Some("the target takes no text messages (Close 1003)".to_owned());
    }
    if !target.binary && case.needs.contains(&Need::Binary) {
        return Some("the target takes no binary messages (Close 1003)".to_owned());
    }
    let known = &target.known;
    if let (true, Some(status)) = (case.needs.contains(&Need::Deflate), known.offer_refused_with) {
        return Some(format!(
            "the target answered {status} to a valid offer of permessage-deflate, where it only had to leave it out of its answer"
        ));
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_takes_no_text_is_spared_what_it_would_have_to_take() {
        let case = |steps: &str| Case::bare("text", serde_json::from_str(steps).unwrap());
        let target = Target { text: false, ..Target::echoing(Role::Server) };
        let reason = |case: &Case| excuse(case, &target);
        for steps in [
            r#"["barrier", {"send": [{"text": "Hello"}]}, {"await": "echo"}]"#,
            r#"["barrier", {"send": [{"text": "He", "fin": false}, {"cont": "llo"}]}]"#,
            r#"[{"exchange": {"message": {"text": "Hello"}, "times": 2}}]"#,
            r#"[{"send": [{"opcode": 1, "payload": "Hello"}]}]"#,
        ] {
            assert_eq!(
                reason(&case(steps)).as_deref(),
                Some("the target takes no text messages (Close 1003)"),
                "{steps}"
            );
            assert_eq!(excuse(&case(steps), &Target::echoing(Role::Server)), None, "{steps}");
        }
        for steps in [
            r#"["barrier", {"send": [{"text": "Hello", "rsv": 2, "violates": true}]}, {"await": "end"}]"#,
            r#"["barrier", {"send": [{"binary": "Hello"}]}, {"await": "echo"}, {"close": 1000}]"#,
        ] {
            assert_eq!(reason(&case(steps)), None, "{steps}");
        }
        let mut refusing = Target::echoing(Role::Server);
        refusing.known.offer_refused_with = Some(400);
        let deflated = Case { needs: vec![Need::Deflate], ..case("[]") };
        assert!(excuse(&deflated, &refusing).is_some_and(|reason| reason.contains("answered 400 to a valid offer")));
        assert_eq!(excuse(&case("[]"), &refusing), None);
        let raw = Case { needs: vec![Need::Text], ..case(r#"[{"send": [{"raw": "x"}]}]"#) };
        assert!(reason(&raw).is_some());
    }
}
