//! Expectations about whether a client comes to where it is told to, and what it asks for there.

use super::Conversation;
use super::expect::{Answer, fails};
use crate::transcript::Ending;
use crate::wire::ClientHello;

pub(super) fn asks_for(conversation: &Conversation<'_>, targets: &[String]) -> Answer {
    let own = conversation.plan.url.as_deref().map(resource);
    let expected: Vec<&str> = match targets {
        [] => own.as_deref().into_iter().collect(),
        targets => targets.iter().map(String::as_str).collect(),
    };
    let Some(request) = conversation.request else {
        return fails("The client sent no request.", &[&["request"]]);
    };
    let line = String::from_utf8_lossy(&request.start_line);
    let target = origin_form(line.split(' ').nth(1).unwrap_or_default());
    if expected.contains(&target) {
        return Answer::Holds;
    }
    let known = expected.iter().map(|target| shown(target)).collect::<Vec<_>>().join(" or ");
    fails(format!("The client asked for {}, where {known} is meant.", shown(target)), &[])
}

/// A target as a reader wants it.
fn shown(target: &str) -> String {
    match target.char_indices().nth(60) {
        Some((cut, _)) => format!("{}… ({} octets)", &target[..cut], target.len()),
        None if target.is_empty() => "nothing".to_owned(),
        None => target.escape_debug().to_string(),
    }
}

/// Path and query of a URL, RFC 6455 section 3.
fn resource(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let start = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let resource = rest[start..].split('#').next().unwrap_or_default();
    if resource.starts_with('/') { resource.to_owned() } else { format!("/{resource}") }
}

/// A target without what stands in front of its path in the absolute form, RFC 9112 section 3.2.2.
fn origin_form(target: &str) -> &str {
    let Some((scheme, rest)) = target.split_once("://") else { return target };
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return target;
    }
    rest.find('/').map_or(target, |path| &rest[path..])
}

pub(super) fn stays_away(conversation: &Conversation<'_>) -> Answer {
    let came = !matches!(conversation.ending(), Some(Ending::NoConnection(_)));
    if came && !conversation.timeline.beginning.is_empty() {
        return fails("The client connected and sent something.", &[&["no connection"]]);
    }
    Answer::Holds
}

pub(super) fn connects_in_turn(conversation: &Conversation<'_>) -> Answer {
    let others = conversation.others;
    if others.len() < 2 {
        return Answer::NotReached("the client did not open the connections that it was told to open".to_owned());
    }
    let mut early = 0;
    for (number, other) in others.iter().enumerate() {
        let before = &others[..number];
        early += usize::from(before.iter().any(|before| before.answered_us.is_none_or(|at| at > other.asked_us)));
    }
    if early == 0 {
        return Answer::Holds;
    }
    let says = format!("Of {} connections, {early} were asked for before an earlier one was answered.", others.len());
    fails(says, &[&["one connection after the other"]])
}

pub(super) fn says_hello(conversation: &Conversation<'_>, name: Option<&str>) -> Answer {
    let accepted: &[&[&str]] = &[&["ClientHello"]];
    let Some(hello) = ClientHello::parse(&conversation.timeline.beginning) else {
        return fails("The client did not begin with TLS, which its URL asks for.", accepted);
    };
    match (name, hello.server_name) {
        (Some(name), Some(found)) if found.eq_ignore_ascii_case(name.as_bytes()) => Answer::Holds,
        (Some(name), _) => fails(format!("Its ClientHello does not name the server {name}."), accepted),
        (None, _) => Answer::Holds,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_asked_for_by_its_path_and_query() {
        for (url, expected) in [
            ("ws://{host}", "/"),
            ("ws://{host}?x=1", "/?x=1"),
            ("ws://{host}/a//b?c=%20#d", "/a//b?c=%20"),
            ("WS://u:p@{host}/x", "/x"),
        ] {
            assert_eq!(resource(url), expected);
        }
        for (target, expected) in [
            ("/x?y", "/x?y"),
            ("http://h:1/x?y", "/x?y"),
            ("HTTPS://h/", "/"),
            ("ws://h/x", "ws://h/x"),
            ("/x?u=http://h/", "/x?u=http://h/"),
        ] {
            assert_eq!(origin_form(target), expected);
        }
    }
}
