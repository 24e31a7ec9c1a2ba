//! What became of offers of permessage-deflate, and whether a case that needs it says anything.

use super::Conversation;
use super::echo::unasked;
use super::expect::{Answer, fails};
use super::opening::said_why;
use super::words;
use crate::case::Role;
use crate::wire::extension::{Extension, extensions};

/// Why a case with permessage-deflate says nothing on this connection; where it is about what a server accepts, it does.
pub(super) fn not_agreed(conversation: &Conversation<'_>) -> Option<String> {
    let plan = conversation.plan;
    let deflate = plan.deflate.as_ref()?;
    let head = match plan.role {
        Role::Server if plan.tests_opening => return None,
        Role::Server => {
            let Some(response) = conversation.responses.last() else {
                // without a word of HTTP, as RFC 6455 section 10.7 allows
                return conversation
                    .ended_by_target()
                    .then(|| "the target ended the connection over this offer of permessage-deflate".to_owned());
            };
            if let Some(status @ 400..) = response.status() {
                // it may refuse any handshake, and the offer is what is unusual about this one
                return Some(format!("the target refused the handshake over this offer ({status})"));
            }
            *response
        }
        Role::Client => conversation.request?,
    };
    if let Some(reason) = deflate.objection(plan.role, head) {
        return Some(reason);
    }
    // RFC 7692 section 5.1: who cannot go on with the parameters of a response closes
    let stayed_out = !conversation.opened || said_why(conversation);
    let leaves = plan.role == Role::Client && !deflate.terms.violates && stayed_out && conversation.ended_by_target();
    (leaves && deflate.terms.limits_unasked(head))
        .then(|| "the target does not take a limit on the window of the server that it had not offered".to_owned())
}

fn accepted(conversation: &Conversation<'_>) -> Option<Extension> {
    let response = conversation.responses.last().filter(|_| conversation.established)?;
    extensions(response).into_iter().find(Extension::is_deflate)
}

pub(super) fn declined(conversation: &Conversation<'_>) -> Answer {
    match accepted(conversation) {
        Some(accepted) => fails(format!("The target accepted {}.", accepted.to_string().escape_debug()), &[]),
        None => Answer::Holds,
    }
}

pub(super) fn accepted_with(conversation: &Conversation<'_>, parameters: &[String]) -> Answer {
    let Some(accepted) = accepted(conversation) else {
        return fails("The target did not accept permessage-deflate.", &[]);
    };
    let has = |name: &String| accepted.parameters.iter().any(|(found, _)| found == name);
    match parameters.iter().find(|name| !has(name)) {
        Some(missing) => {
            let accepted = accepted.to_string();
            fails(format!("The target accepted {} without {missing}.", accepted.escape_debug()), &[])
        }
        None => Answer::Holds,
    }
}

pub(super) fn nothing_else(conversation: &Conversation<'_>) -> Answer {
    if !conversation.plan.echo {
        return Answer::NotApplicable;
    }
    if conversation.plan.violation.is_some() && !conversation.violated() {
        return Answer::NotReached(super::echo::cut_short(conversation));
    }
    let foreign = unasked(conversation).into_iter().find(|received| !received.content.is_empty());
    foreign.map_or(Answer::Holds, |received| {
        let what = words::message(received.opcode, &words::content(received.content, &conversation.plan.payloads));
        fails(format!("The target sent {what}, which nobody had sent."), &[])
    })
}
