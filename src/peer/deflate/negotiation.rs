//! What a server answers to offers of permessage-deflate, and what a client takes for an answer: RFC 7692 sections 5 and 7.1.

use super::Deflating;
use crate::wire::Head;
use crate::wire::extension::{Agreement, Extension, ParameterFault, Parameters, extensions};

/// Why an offer is declined, or an answer refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::peer) enum Misfit {
    /// A parameter is wrong.
    Parameter(ParameterFault),
    /// The answer names an extension that was not offered.
    Other,
    /// The answer names permessage-deflate twice.
    Twice,
    /// The answer sets a window for a client that did not say that it takes one.
    ClientWindow,
    /// The answer leaves the server a larger window than was offered.
    ServerWindow,
    /// The answer lets the server refer to earlier messages, and the client had asked it not to.
    ServerContext,
    /// Nothing is wrong: a quirk refuses it.
    Imagined,
}

/// What a server does with the offers of a request: the value of Sec-WebSocket-Extensions in its answer, and what it
/// then takes for agreed. `None` declines.
pub(in crate::peer) fn answer(ways: &Deflating, request: &Head) -> Option<(String, Agreement)> {
    let offers = extensions(request).into_iter().filter(Extension::is_deflate);
    let read = offers.map(|offer| Parameters::read(&offer, true));
    let is_good =
        |faults: Vec<ParameterFault>| faults.into_iter().all(|fault| (ways.excuse)(&Misfit::Parameter(fault)));
    let good =
        read.filter_map(|(offer, faults)| is_good(faults).then_some(offer)).find(|offer| !(ways.declines)(offer));
    let answer = (ways.answer)(&good.or_else(|| ways.unasked.then(Parameters::default))?);
    // without a value, a client only says that it would take one
    let answer = Parameters { client_max_window_bits: answer.client_max_window_bits.filter(Option::is_some), ..answer };
    Some(((ways.spell)(spelled(&answer), request), (ways.agree)(Agreement::of(&answer))))
}

/// What a client takes for agreed behind a response; `Err` where it fails the connection.
pub(in crate::peer) fn taken(ways: &Deflating, response: &Head) -> Result<Option<Agreement>, Misfit> {
    let members = extensions(response);
    let mut accepted = members.iter().filter(|member| member.is_deflate());
    let first = accepted.next().map(|member| Parameters::read(member, false));
    let mut misfits = Vec::new();
    misfits.extend(members.iter().any(|member| !member.is_deflate()).then_some(Misfit::Other));
    misfits.extend(accepted.next().map(|_| Misfit::Twice));
    let Some((answer, faults)) = first else {
        let unasked = ways.unasked.then(|| Agreement::of(&Parameters::default()));
        return unfit(ways, misfits).map_or(Ok(unasked), Err);
    };
    misfits.extend(faults.into_iter().map(Misfit::Parameter));
    misfits.extend((ways.declines)(&answer).then_some(Misfit::Imagined));
    let offers =
        ways.offer.split(',').map(|offer| Parameters::read(&Extension::parse(offer.trim().as_bytes()), true).0);
    // the answer may be to any of the offers
    let fitting = offers.map(|offer| (against(&answer, &offer), offer)).min_by_key(|(misfits, _)| misfits.len());
    let (others, offer) = fitting.unwrap_or_default();
    misfits.extend(others);
    if let Some(misfit) = unfit(ways, misfits) {
        return Err(misfit);
    }
    let mut agreed = Agreement::of(&answer);
    // sections 7.1.1.2 and 7.1.2.2: what a client has said of itself holds even if the server says nothing of it
    agreed.by_client.keeps_context &= !offer.client_no_context_takeover;
    if let Some(Some(bits)) = offer.client_max_window_bits {
        agreed.by_client.window_bits = agreed.by_client.window_bits.min(bits);
    }
    Ok(Some((ways.agree)(agreed)))
}

fn unfit(ways: &Deflating, misfits: Vec<Misfit>) -> Option<Misfit> {
    misfits.into_iter().find(|misfit| !(ways.excuse)(misfit))
}

/// What speaks against an answer to that offer.
fn against(answer: &Parameters, offer: &Parameters) -> Vec<Misfit> {
    let is_larger = |most: u8| answer.server_max_window_bits.is_none_or(|bits| bits > most);
    let checks = [
        (answer.client_max_window_bits.is_some() && offer.client_max_window_bits.is_none(), Misfit::ClientWindow),
        // who says nothing has a window of 15 bits
        (offer.server_max_window_bits.is_some_and(|most| most < 15 && is_larger(most)), Misfit::ServerWindow),
        (offer.server_no_context_takeover && !answer.server_no_context_takeover, Misfit::ServerContext),
    ];
    checks.into_iter().filter_map(|(holds, misfit)| holds.then_some(misfit)).collect()
}

/// The answer as a member of the list.
fn spelled(answer: &Parameters) -> String {
    let named = |name: &str, is_set: bool| if is_set { format!("; {name}") } else { String::new() };
    let valued = |name: &str, bits: Option<u8>| bits.map(|bits| format!("; {name}={bits}")).unwrap_or_default();
    [
        "permessage-deflate".to_owned(),
        named("server_no_context_takeover", answer.server_no_context_takeover),
        named("client_no_context_takeover", answer.client_no_context_takeover),
        valued("server_max_window_bits", answer.server_max_window_bits),
        valued("client_max_window_bits", answer.client_max_window_bits.flatten()),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::extension::Direction;

    fn request(offer: &str) -> Head {
        Head::parse(format!("GET / HTTP/1.1\r\nSec-WebSocket-Extensions: {offer}\r\n\r\n").as_bytes())
    }

    fn response(answer: &str) -> Head {
        Head::parse(format!("HTTP/1.1 101 OK\r\nSec-WebSocket-Extensions: {answer}\r\n\r\n").as_bytes())
    }

    #[test]
    fn a_server_answers_the_first_good_offer() {
        let d = "permessage-deflate";
        for (offer, expected) in [
            ("", None),
            ("x-own", None),
            ("permessage-deflate", Some("")),
            ("permessage-deflate; client_max_window_bits; client_no_context_takeover", Some("")),
            ("permessage-deflate; client_max_window_bits=9", Some("; client_max_window_bits=9")),
            ("permessage-deflate; server_max_window_bits=10", Some("; server_max_window_bits=10")),
            ("permessage-deflate; server_max_window_bits=7, permessage-deflate", Some("")),
            ("x-own, permessage-deflate; foo, permessage-deflate; server_no_context_takeover", {
                Some("; server_no_context_takeover")
            }),
            ("permessage-deflate; server_max_window_bits", None),
            ("permessage-deflate; client_no_context_takeover; client_no_context_takeover", None),
        ] {
            let found = answer(&Deflating::conforming(), &request(offer)).map(|(value, _)| value);
            assert_eq!(found, expected.map(|rest| format!("{d}{rest}")), "{offer}");
        }
    }

    #[test]
    fn a_client_takes_what_answers_its_offer() {
        let plain = Deflating::conforming();
        let strict =
            Deflating { offer: "permessage-deflate; server_max_window_bits=10; server_no_context_takeover", ..plain };
        let d = "permessage-deflate";
        assert_eq!(taken(&plain, &response("")), Ok(None));
        let agreed = taken(&plain, &response(&format!("{d}; client_max_window_bits=9; server_no_context_takeover")));
        let agreed = agreed.unwrap().unwrap();
        assert_eq!(agreed.by_client, Direction { window_bits: 9, keeps_context: true });
        assert_eq!(agreed.by_server, Direction { window_bits: 15, keeps_context: false });
        let unknown = || Misfit::Parameter(ParameterFault::Unknown("foo".to_owned()));
        for (ways, answer, misfit) in [
            (&plain, "x-own", Misfit::Other),
            (&plain, "permessage-deflate; foo", unknown()),
            (&plain, "permessage-deflate, permessage-deflate", Misfit::Twice),
            (&strict, "permessage-deflate; server_no_context_takeover", Misfit::ServerWindow),
            (&strict, "permessage-deflate; server_max_window_bits=10", Misfit::ServerContext),
            (
                &strict,
                "permessage-deflate; server_max_window_bits=10; server_no_context_takeover; client_max_window_bits=9",
                { Misfit::ClientWindow },
            ),
        ] {
            assert_eq!(taken(ways, &response(answer)), Err(misfit), "{answer}");
        }
    }
}
