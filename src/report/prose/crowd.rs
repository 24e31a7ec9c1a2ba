//! The crowd of a case in words.

use super::{StepProse, opening, step};
use crate::case::Case;
use crate::report::Printable;

/// What the harness does with the other connections, which come in front of the conversation itself.
pub(super) fn told(case: &Case) -> Option<StepProse> {
    let crowd = case.crowd.as_ref()?;
    let mut items: Vec<Printable> =
        opening::told(&crowd.opening, &case.roles).into_iter().map(Printable::from).collect();
    for step in &crowd.steps {
        let StepProse { says, items: parts } = step::told(step, &case.roles);
        let parts: Vec<&str> = parts.iter().map(Printable::as_str).collect();
        items.push(match parts.is_empty() {
            true => says,
            false => format!("{} {}.", says.as_str(), parts.join("; ")).into(),
        });
    }
    let number = match crowd.connections {
        1 => "one other connection".to_owned(),
        number if number == crowd.at_once => format!("{number} other connections"),
        number => format!("{number} other connections ({} at a time)", crowd.at_once),
    };
    let end = match crowd.held {
        _ if crowd.doubling => "one behind the other, each with twice as much of what its head repeats",
        true => "and keep what opens open until the conversation that follows is over",
        false => "and let go of them before the conversation that follows",
    };
    let colon = if items.is_empty() { "." } else { ":" };
    Some(StepProse { says: format!("Open {number} to the target, {end}{colon}").into(), items })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_is_told_with_its_steps() {
        let words = |crowd: &str| {
            let text = format!(
                r#"{{"id": "x", "group": "x", "title": "x", "why": [], "roles": ["server"], "crowd": {crowd}, "steps": [], "checks": []}}"#
            );
            let StepProse { says, items } = told(&serde_json::from_str(&text).unwrap()).unwrap();
            let mut lines = vec![says.to_string()];
            lines.extend(items.iter().map(Printable::to_string));
            lines.join("\n")
        };
        assert_eq!(
            words(
                r#"{"connections": 100, "at_once": 20, "opening": {"mutated": true, "unanswered": true}, "steps": ["reset"]}"#
            ),
            "Open 100 other connections (20 at a time) to the target, and let go of them before the conversation that follows:\n\
             One octet of the head, which the seed chooses, is changed, left out or doubled.\n\
             The answer to the head is not waited for.\n\
             Reset the TCP connection."
        );
        assert_eq!(
            words(r#"{"connections": 1, "at_once": 1, "held": true}"#),
            "Open one other connection to the target, and keep what opens open until the conversation that follows is over."
        );
    }
}
