//! Facts about the negotiation of permessage-deflate, RFC 7692 sections 5 and 7.

use super::head_facts::show;
use super::{Fact, FactKind};
use crate::wire::Head;
use crate::wire::extension::{DEFLATE, ParameterFault, Parameters, extensions, offers};

/// Extensions that use RSV1, of which only one can be in use.
const OF_RSV1: [&str; 6] =
    [DEFLATE, "permessage-bzip2", "permessage-snappy", "permessage-brotli", "x-webkit-deflate-frame", "deflate-frame"];
/// Extensions that work on frames, on top of which no permessage-deflate can be.
const OF_FRAMES: [&str; 1] = ["mux"];

/// What is wrong with the permessage-deflate in the response to `request`.
pub(super) fn of_response(response: &Head, request: Option<&Head>, facts: &mut Vec<Fact>) {
    let members = extensions(response);
    let mut fact = |kind, detail: String| facts.push(Fact::new(kind, detail));
    let of_rsv1 = members.iter().filter(|member| OF_RSV1.contains(&member.name.as_str())).count();
    let over_frames = members.iter().any(|member| OF_FRAMES.contains(&member.name.as_str()));
    if of_rsv1 > 1 || (over_frames && of_rsv1 > 0) {
        let names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
        fact(FactKind::ExtensionsConflict, names.join(", "));
    }
    let Some(accepted) = members.iter().find(|member| member.is_deflate()) else { return };
    let (answer, faults) = Parameters::read(accepted, false);
    for fault in faults {
        match fault {
            ParameterFault::Value(seen) => fact(FactKind::ExtensionParameterValue, seen),
            ParameterFault::Repeated(name) => fact(FactKind::ExtensionParameterRepeated, name),
            // told with the other extensions
            ParameterFault::Unknown(_) => {}
        }
    }
    let Some(request) = request else { return };
    let offered = offers(request);
    if offered.is_empty() {
        return;
    }
    // an offer with a value that is not allowed is one all the same
    let asks_for_window = extensions(request)
        .iter()
        .filter(|member| member.is_deflate())
        .any(|member| member.parameters.iter().any(|(name, _)| name == "client_max_window_bits"));
    if answer.client_max_window_bits.is_some() && !asks_for_window {
        return fact(FactKind::ClientWindowNotOffered, show(accepted.to_string().as_bytes()));
    }
    let valid = || offered.iter().filter(|(_, faults)| faults.is_empty()).map(|(offer, _)| offer);
    if valid().any(|offer| answer.answers(offer)) {
        return;
    }
    // a window of the full size is what it has anyway
    let full = Parameters { server_max_window_bits: answer.server_max_window_bits.or(Some(15)), ..answer };
    let kind = match valid().any(|offer| full.answers(offer)) {
        true => FactKind::FullWindowUnsaid,
        false => FactKind::DeflateNotAsOffered,
    };
    let asked: Vec<String> = request.values("sec-websocket-extensions").map(show).collect();
    fact(kind, format!("{} for {}", show(accepted.to_string().as_bytes()), asked.join(", ")));
}

/// What is wrong with the offers of permessage-deflate in a request.
pub(super) fn of_request(request: &Head, facts: &mut Vec<Fact>) {
    for fault in offers(request).into_iter().flat_map(|(_, faults)| faults) {
        facts.push(match fault {
            ParameterFault::Unknown(seen) => Fact::new(FactKind::OfferedParameterUnknown, seen),
            ParameterFault::Value(seen) => Fact::new(FactKind::OfferedParameterValue, seen),
            ParameterFault::Repeated(name) => Fact::new(FactKind::OfferedParameterRepeated, name),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(offer: &str, answer: &str) -> Vec<FactKind> {
        let request = Head::parse(format!("GET / HTTP/1.1\r\nSec-WebSocket-Extensions: {offer}\r\n\r\n").as_bytes());
        let response = Head::parse(format!("HTTP/1.1 101 OK\r\nSec-WebSocket-Extensions: {answer}\r\n\r\n").as_bytes());
        let mut facts = Vec::new();
        of_response(&response, Some(&request), &mut facts);
        facts.into_iter().map(|fact| fact.kind).collect()
    }

    #[test]
    fn each_fact_is_seen_and_a_good_answer_has_none() {
        use FactKind::*;
        let d = "permessage-deflate";
        for (offer, answer, expected) in [
            ("", "", vec![]),
            ("; client_max_window_bits", "; client_max_window_bits=12; server_no_context_takeover", vec![]),
            ("; server_max_window_bits=12", "; server_max_window_bits=9", vec![]),
            ("", "; server_max_window_bits=7", vec![ExtensionParameterValue]),
            ("; client_max_window_bits", "; client_max_window_bits", vec![ExtensionParameterValue]),
            ("", "; server_no_context_takeover; server_no_context_takeover", vec![ExtensionParameterRepeated]),
            ("", "; client_max_window_bits=9", vec![ClientWindowNotOffered]),
            ("; client_max_window_bits=99", "; client_max_window_bits=9", vec![DeflateNotAsOffered]),
            ("; server_no_context_takeover", "", vec![DeflateNotAsOffered]),
            ("; server_max_window_bits=10", "; server_max_window_bits=11", vec![DeflateNotAsOffered]),
            ("; server_max_window_bits=10", "", vec![DeflateNotAsOffered]),
            ("; server_max_window_bits=15", "", vec![FullWindowUnsaid]),
            ("; foo", "", vec![DeflateNotAsOffered]),
            ("; foo, permessage-deflate", "", vec![]),
            ("; server_max_window_bits=16", "", vec![DeflateNotAsOffered]),
            (", permessage-bzip2", ", permessage-bzip2", vec![ExtensionsConflict]),
            (", mux", ", mux", vec![ExtensionsConflict]),
            ("", ", permessage-deflate", vec![ExtensionsConflict]),
        ] {
            assert_eq!(kinds(&format!("{d}{offer}"), &format!("{d}{answer}")), expected, "{offer} -> {answer}");
        }
    }
}
