//! Changes to the opening handshake in words.

use super::{frame, listed, payload};
use crate::case::deflate::DeflateOpening;
use crate::case::opening::Others;
use crate::case::{Certificate, Opening, Response, Role};
use crate::plan::deflate::{ASKED, answered, placed};
use crate::report::view::octets::count;
use crate::wire::http::is_token;

/// What is unusual about the head that the harness sends, one sentence for each change.
pub(super) fn told(opening: &Opening, roles: &[Role]) -> Vec<String> {
    let mut says: Vec<String> = Vec::new();
    if let Some(url) = &opening.url {
        says.push(format!("The client is told to connect to {}.", quoted(url)));
    }
    if let Some(certificate) = opening.certificate {
        says.push(format!("The harness speaks TLS, with a certificate {}.", shown(certificate)));
    }
    if let Some(Others { connections, answered_after_ms }) = opening.others {
        says.push(format!(
            "The client is told to open {connections} more connections, each of which is answered {answered_after_ms} ms late and then closed."
        ));
    }
    if let Some(raw) = &opening.raw {
        let octets = payload::told(raw).unwrap_or_else(|| "nothing".to_owned());
        says.push(format!("In place of a head the harness sends {octets}."));
    } else {
        if let Some(line) = &opening.request_line {
            says.push(format!("The request line is {}.", quoted(line)));
        }
        for (name, value) in &opening.set {
            says.push(format!("The field {} has the value {}.", named(name), quoted(value)));
        }
        for name in &opening.remove {
            says.push(format!("The field {} is left out.", named(name)));
        }
        for (name, value) in &opening.add {
            says.push(format!("A field is added: {} with the value {}.", named(name), quoted(value)));
        }
    }
    if let Some(deflate) = &opening.deflate {
        deflated(deflate, roles, &mut says);
    }
    if let Some(response) = &opening.response {
        responded(response, &mut says);
    }
    if opening.clear_text {
        says.push("TLS is left out, although the target is reached through it.".to_owned());
    }
    if let Some(octets) = opening.chop {
        says.push(format!("The head is written {} at a time.", count(octets)));
    }
    if !opening.cut_at.is_empty() {
        let places: Vec<String> = opening.cut_at.iter().map(u64::to_string).collect();
        let pause = opening.pause_ms.map(|ms| format!(", with a pause of {ms} ms at each cut")).unwrap_or_default();
        says.push(format!("The head is sent in parts, cut behind octet {}{pause}.", listed(&places, "and")));
    }
    if let Some(nonce) = &opening.nonce {
        let octets = payload::told(nonce).unwrap_or_else(|| "no octet".to_owned());
        says.push(format!("The key is the Base64 of {octets}."));
    }
    if opening.mutated {
        says.push("One octet of the head, which the seed chooses, is changed, left out or doubled.".to_owned());
    }
    if opening.unanswered {
        says.push(match roles {
            [Role::Client] => "The request of the client is not waited for.".to_owned(),
            _ => "The answer to the head is not waited for.".to_owned(),
        });
    }
    for spec in &opening.with {
        says.push(format!("In one write with the head, before it is answered, goes {}.", frame::told(spec, roles)));
    }
    says
}

/// What there is to say of a certificate.
fn shown(certificate: Certificate) -> &'static str {
    match certificate {
        Certificate::Trusted => "that the client can trust",
        Certificate::UnknownIssuer => "by an authority that the client does not know",
        Certificate::SelfSigned => "that nobody vouches for but itself",
        Certificate::Expired => "whose time is over",
        Certificate::OtherName => "for another name",
    }
}

/// What is said of permessage-deflate on either side.
fn deflated(deflate: &DeflateOpening, roles: &[Role], says: &mut Vec<String>) {
    if roles.contains(&Role::Server) {
        let offer = placed(&deflate.offer, Role::Server);
        says.push(format!("A server is offered {}.", quoted(&offer)));
        if !deflate.agreed.is_empty() {
            let agreed: Vec<String> = deflate.agreed.iter().map(|text| placed(text, Role::Server)).collect();
            says.push(format!("The case goes on where it agrees to {}.", listed(&agreed, "and")));
        }
    }
    if roles.contains(&Role::Client) {
        let answer = answered(&deflate.answer, "");
        let beside = if deflate.answer.contains(ASKED) { " with what it asks of the server" } else { "" };
        let offered: Vec<String> =
            deflate.offered.iter().map(|text| placed(text, Role::Client).replace('<', " below ")).collect();
        let offers = if offered.is_empty() { String::new() } else { format!(" with {}", listed(&offered, "and")) };
        let but = if deflate.disputed { ", which accepts none of its offers" } else { "" };
        says.push(format!(
            "A client that offers permessage-deflate{offers} is answered {}{beside}{but}.",
            quoted(&answer)
        ));
    }
}

/// A name as it is, unless white space or something else that no name has could be overlooked.
fn named(name: &str) -> String {
    if is_token(name.as_bytes()) { name.to_owned() } else { quoted(name) }
}

/// The text itself between quotes: what acts on a terminal is escaped later, like everything else.
fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

/// What is unusual about the response of the harness.
fn responded(response: &Response, says: &mut Vec<String>) {
    if let Some(raw) = &response.raw {
        says.push(format!("The client is answered {}.", quoted(raw)));
    }
    if let Some(line) = &response.status_line {
        says.push(format!("The status line of the response is {}.", quoted(line)));
    }
    for (name, value) in &response.set {
        says.push(format!("Its field {} has the value {}.", named(name), quoted(value)));
    }
    for name in &response.remove {
        says.push(format!("Its field {} is left out.", named(name)));
    }
    for (name, value) in &response.add {
        says.push(format!("A field is added to it: {} with the value {}.", named(name), quoted(value)));
    }
    if response.violates {
        says.push("The client has to refuse it.".to_owned());
    }
}
