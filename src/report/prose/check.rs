//! Expectations in words.

use super::listed;
use crate::case::{Expect, Measure};

/// What is expected, as a sentence.
pub(super) fn told(expect: &Expect) -> String {
    let mut says = clause(expect);
    if let Some(first) = says.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    format!("{says}.")
}

fn clause(expect: &Expect) -> String {
    match expect {
        Expect::Established => "the opening handshake is completed".to_owned(),
        Expect::Refused(statuses) if statuses.is_empty() => {
            "the opening handshake is refused with any status of 400 and more".to_owned()
        }
        Expect::Refused(statuses) => format!("the opening handshake is refused with {}", numbers(statuses)),
        Expect::NotEstablished => "the opening handshake is not completed".to_owned(),
        Expect::Settled => "the target answers the request or ends the connection, rather than leaving the harness waiting".to_owned(),
        Expect::Answered => "the request is answered by an HTTP response, rather than by the bare end of the connection".to_owned(),
        Expect::Statuses(responses) => {
            let each: Vec<String> = responses.iter().map(|statuses| numbers(statuses)).collect();
            format!("the responses have the status codes {}, in this order", each.join(", then "))
        }
        Expect::AsksFor(targets) if targets.is_empty() => "the client asks for what its URL names, unchanged".to_owned(),
        Expect::AsksFor(targets) => format!("the client asks for {}", listed(targets, "or")),
        Expect::StaysAway => "the client does not come, or sends nothing".to_owned(),
        Expect::ConnectsInTurn => "the client asks for each connection when the last one is answered".to_owned(),
        Expect::SaysHello => "the client begins with a ClientHello of TLS".to_owned(),
        Expect::NamesServer(name) => format!("the client begins with a ClientHello of TLS that names the server {name}"),
        Expect::StaysOpen => "the target does not close a connection on which nothing is wrong".to_owned(),
        Expect::OpenForMs(ms) => format!("the target leaves it to the harness to close TCP, which does so {ms} ms later or more"),
        Expect::Closes { code: None, .. } => "the target begins the closing handshake with an empty Close".to_owned(),
        Expect::Closes { code: Some(code), reason } => {
            format!("the target begins the closing handshake with {code} and the reason \"{reason}\"")
        }
        Expect::SendsText(octets) => format!("the target sends a text message of {octets} asterisks"),
        Expect::SendsBinary(octets) => format!("the target sends a binary message of {octets} asterisks"),
        Expect::Pings(payload) => format!("the target sends a ping with \"{payload}\""),
        Expect::OneResponse => "no more than one response comes".to_owned(),
        Expect::NoDeflate => "the response does not accept permessage-deflate".to_owned(),
        Expect::DeflateWith(parameters) if parameters.is_empty() => {
            "the response accepts permessage-deflate".to_owned()
        }
        Expect::DeflateWith(parameters) => {
            format!("the response accepts permessage-deflate with {}", listed(parameters, "and"))
        }
        Expect::NothingElse => "no message comes that is none of those that were sent".to_owned(),
        Expect::Field { name, has: None } => format!("the last response has the field {name}"),
        Expect::Field { name, has: Some(member) } => format!("the last response has the field {name} with {member} in it"),
        Expect::PongsInOrder => "the pongs come in the order of the pings that they answer".to_owned(),
        Expect::NothingUnfinished => "nothing comes back of a message that was never finished".to_owned(),
        Expect::Reset => "the target resets the TCP connection".to_owned(),
        Expect::EchoPrefix => "what comes back are the first messages, unchanged and in order, however many".to_owned(),
        Expect::PongWithinMs(ms) => format!("a ping is answered within {ms} ms"),
        Expect::CloseReplyWithinMs(ms) => format!("the Close is answered within {ms} ms"),
        Expect::EndedWithinMs(ms) => format!("the connection ends within {ms} ms"),
        Expect::GrowsLinearly => {
            "where each part, between barriers or from one of the other connections to the next, is twice as large as the one before, the time does not grow with the square of the size"
                .to_owned()
        }
        Expect::CleanEnd => "the target closes the TCP connection rather than resetting it".to_owned(),
        Expect::EndedAfterHalfClose => "the target ends the connection once nothing more can come".to_owned(),
        Expect::Survives => "a new connection to the target works afterwards".to_owned(),
        Expect::Echo => {
            "every message comes back once, in order, with the same type and octets (nothing is said of a target that does not echo)"
                .to_owned()
        }
        Expect::Accepted => {
            "every message is taken: it comes back, or, where the target does not echo, the connection goes on behind it"
                .to_owned()
        }
        Expect::Pongs => {
            "pings are answered by pongs with the same octets, in order, and the last ping in any case".to_owned()
        }
        Expect::Failed => {
            "the target fails the connection, that is, it acts upon nothing from the violation on and ends the connection in time"
                .to_owned()
        }
        Expect::CloseFrame => "a target that fails the connection sends a Close first".to_owned(),
        Expect::CloseCode(codes) => format!("where the target gives a status code, it is {}", numbers(codes)),
        Expect::CloseCodeNot(codes) => format!("the target does not close with {}", numbers(codes)),
        Expect::ClosedWith(codes) => format!("where the target sends a Close, its status code is {}", numbers(codes)),
        Expect::CloseReply => "the Close is answered by a Close".to_owned(),
        Expect::Ended => "behind the closing handshake the target ends the TCP connection".to_owned(),
        Expect::FailedEarly => "the target fails the connection before the last part has been sent".to_owned(),
        Expect::EchoedFirst(1) => "a message comes back before the connection is failed".to_owned(),
        Expect::EchoedFirst(count) => format!("{count} messages come back before the connection is failed"),
        Expect::Measure(measure) => format!("nothing is judged; what is measured is: {}", told_of(*measure)),
        Expect::AnyOf(several) => {
            let clauses: Vec<String> = several.iter().map(clause).collect();
            format!("one of these holds: {}", clauses.join("; or "))
        }
    }
}

fn told_of(measure: Measure) -> &'static str {
    match measure {
        Measure::Compression => "which messages come compressed",
        Measure::Stream => "what compressed messages are made of",
        Measure::Handshake => "how the request is answered",
        Measure::Refusal => "the status of a refusal, and whether it announces the end of the connection",
        Measure::Versions => "the versions that a refusal lists",
        Measure::Subprotocol => "the subprotocol that is selected",
        Measure::Message => "whether the message is taken",
        Measure::Fragmentation => "in how many frames messages come back",
        Measure::Pongs => "which of the pings are answered",
        Measure::PongLatency => "how long the slowest pong takes",
        Measure::CloseReply => "the Close that answers the Close",
        Measure::Ending => "who ends the connection, how and how soon",
        Measure::Failing => "the Close and the end with which the connection is failed",
        Measure::GivesUp => "when the target gave up a client that says nothing",
        Measure::Detection => "whether the violation is noticed before the rest of it is sent",
    }
}

fn numbers(numbers: &[u16]) -> String {
    listed(&numbers.iter().map(u16::to_string).collect::<Vec<_>>(), "or")
}
