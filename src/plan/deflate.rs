//! permessage-deflate in a plan: what has to be agreed, and the plan that follows from what was.

use super::{Plan, Target};
use crate::case::{Case, Role};
use crate::transcript::Transcript;
use crate::wire::Head;
use crate::wire::extension::{Agreement, DEFLATE, Direction, Extension, Parameters, extensions, offers, parameter};
use std::collections::BTreeMap;

/// What stands in an answer for the parameters that are taken over from the offer.
pub const ASKED: &str = "{asked}";

/// What a client is answered that offers permessage-deflate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// The parameters of the answer.
    pub parameters: Parameters,
    /// Whether what the client asks of the server is added to them.
    pub takes_over: bool,
    /// The names of parameters that the client must have offered for it, as in `server_max_window_bits<15` with a bound.
    pub offered: Vec<String>,
    /// The names of parameters, or of the extension, that it must not have offered.
    pub unoffered: Vec<String>,
    /// Whether the answer is none that a client may take.
    pub violates: bool,
    /// Whether it answers no offer, and a client may take it nevertheless.
    pub disputed: bool,
}

impl Terms {
    /// The parameters with which the request of a client is answered; `None` where the answer says nothing of
    /// permessage-deflate.
    fn given(&self, request: &Head) -> Option<Parameters> {
        let offered = offers(request);
        let is_wrong = self.violates || self.disputed;
        let fits = |given: &Parameters, (offer, faults): &(Parameters, Vec<_>)| {
            let is_answer = is_wrong || (faults.is_empty() && given.answers(offer));
            let has = |wanted: &String| has(offer, wanted);
            is_answer && self.offered.iter().all(has) && !self.unoffered.iter().any(has)
        };
        let as_it_stands = |offer: &_| fits(&self.parameters, offer);
        // an answer is only wrong where it fits none of several offers
        if is_wrong && !offered.iter().all(as_it_stands) {
            return None;
        }
        let to_nobody = offered.is_empty() && self.unoffered.iter().any(|name| name == DEFLATE);
        if to_nobody || offered.iter().any(as_it_stands) {
            return Some(self.parameters);
        }
        let taken_over = offered.iter().map(|offer| (self.parameters.with_what_is_asked(&offer.0), offer));
        let mut fitting = taken_over.filter(|(given, offer)| fits(given, offer)).map(|(given, _)| given);
        fitting.next().filter(|_| self.takes_over)
    }

    /// What comes of the request of a client.
    fn settled(&self, request: &Head) -> Settled {
        let given = self.given(request);
        let asked = given.map(|given| given.beyond(&self.parameters)).unwrap_or_default();
        Settled { agreement: given.as_ref().map(Agreement::of), asked }
    }

    /// Whether the answer limits the window of the server although the client had not asked for that.
    pub fn limits_unasked(&self, request: &Head) -> bool {
        let asked = offers(request).iter().any(|(offer, _)| offer.server_max_window_bits.is_some());
        self.parameters.server_max_window_bits.is_some() && !asked
    }
}

/// Whether an offer has a parameter, where a bound is named with a value below it.
fn has(offer: &Parameters, wanted: &str) -> bool {
    let (name, bound) = wanted.split_once('<').map_or((wanted, None), |(name, bound)| (name, bound.parse::<u8>().ok()));
    let is_below = |bits: Option<u8>| bound.is_none_or(|bound| bits.is_some_and(|bits| bits < bound));
    match name {
        "client_max_window_bits" => offer.client_max_window_bits.is_some_and(is_below),
        "server_max_window_bits" => offer.server_max_window_bits.is_some_and(|bits| is_below(Some(bits))),
        "client_no_context_takeover" => offer.client_no_context_takeover,
        "server_no_context_takeover" => offer.server_no_context_takeover,
        name => name == DEFLATE,
    }
}

/// What became of the offers, or is assumed until that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// What was agreed.
    pub agreement: Option<Agreement>,
    /// What the answer to a client takes over from its offer, as in `; server_max_window_bits=10`.
    pub asked: String,
}

/// permessage-deflate as a case uses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeflatePlan {
    /// What was agreed, and what is answered.
    pub settled: Settled,
    /// What a client is answered.
    pub terms: Terms,
    /// Parameters that must stand in the response of a server.
    pub agreed: Vec<(String, Option<String>)>,
    /// How far back the messages made by hand reach, in octets.
    pub farthest: u32,
    /// Whether one of them refers to an earlier message.
    pub refers_back: bool,
    origin: Origin,
}

/// What the plan was made of.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    case: Case,
    target: Target,
    seed: u64,
}

impl DeflatePlan {
    /// As the opening of the case has it, assuming that everything is agreed.
    pub(super) fn of(case: &Case, target: &Target, seed: u64) -> Option<DeflatePlan> {
        let opening = case.opening.deflate.as_ref()?;
        let answer = Extension::parse(answered(&opening.answer, "").as_bytes());
        let parameters = Parameters::read(&answer, false).0;
        let names = |texts: &[String]| texts.iter().map(|text| placed(text, target.role)).collect();
        let terms = Terms {
            parameters,
            takes_over: opening.answer.contains(ASKED),
            offered: names(&opening.offered),
            unoffered: names(&opening.unoffered),
            violates: case.opening.response.as_ref().is_some_and(|response| response.violates),
            disputed: opening.disputed,
        };
        let agreed: Vec<(String, Option<String>)> = match target.role {
            Role::Client => Vec::new(),
            Role::Server => {
                let text = format!("x; {}", opening.agreed.join("; "));
                let named = Extension::parse(placed(&text, target.role).as_bytes()).parameters;
                named.into_iter().filter(|(name, _)| !name.is_empty()).collect()
            }
        };
        let agreement = match target.role {
            Role::Client => Some(Agreement::of(&parameters)),
            Role::Server => Some(assumed(&placed(&opening.offer, target.role))),
        };
        Some(DeflatePlan {
            settled: Settled { agreement, asked: String::new() },
            terms,
            agreed,
            farthest: 0,
            refers_back: false,
            origin: Origin { case: case.clone(), target: target.clone(), seed },
        })
    }

    /// How the harness compresses.
    pub(super) fn own(&self, role: Role) -> Direction {
        let whole = Direction { window_bits: 15, keeps_context: true };
        self.settled.agreement.map_or(whole, |agreement| own(agreement, role))
    }

    /// What this head of the target makes of the connection.
    fn settled_by(&self, role: Role, head: &Head) -> Settled {
        match role {
            Role::Server => Settled { agreement: Agreement::in_response(head), asked: String::new() },
            Role::Client => self.terms.settled(head),
        }
    }

    /// What a client is answered: the value of Sec-WebSocket-Extensions.
    pub fn answer(&self) -> Option<String> {
        let deflate = self.origin.case.opening.deflate.as_ref()?;
        self.settled.agreement.map(|_| answered(&deflate.answer, &self.settled.asked))
    }

    /// Why the case says nothing on a connection that was opened with this head of the target.
    pub fn objection(&self, role: Role, head: &Head) -> Option<String> {
        let Some(agreement) = self.settled_by(role, head).agreement else {
            return Some(match role {
                Role::Server => "the target did not accept this offer of permessage-deflate".to_owned(),
                Role::Client if offers(head).is_empty() => "the target offers no permessage-deflate".to_owned(),
                Role::Client if self.terms.violates || self.terms.disputed => {
                    "the target offers permessage-deflate in a way that makes the case say nothing".to_owned()
                }
                Role::Client => "the target offers permessage-deflate, but not with what the case needs".to_owned(),
            });
        };
        let accepted = extensions(head).into_iter().find(Extension::is_deflate);
        let response = accepted.map(|extension| extension.parameters).unwrap_or_default();
        if let Some((name, value)) = self.agreed.iter().find(|parameter| !response.contains(parameter)) {
            let wanted = parameter(name, value.as_deref());
            return Some(format!("the target did not agree to {wanted}"));
        }
        let own = own(agreement, role);
        if self.farthest > 1 << own.window_bits {
            let most = 1_u32 << own.window_bits;
            return Some(format!(
                "the case refers {} octets back, and the target agreed on a window of {most}",
                self.farthest
            ));
        }
        (self.refers_back && !own.keeps_context).then(|| {
            "the case refers to earlier messages, and the target agreed on having no such references".to_owned()
        })
    }
}

/// What a server most likely makes of an offer: it takes the first as it stands, with the full window for the client.
fn assumed(offer: &str) -> Agreement {
    let first = offer.split(',').next().unwrap_or_default();
    let offered = Parameters::read(&Extension::parse(first.as_bytes()), true).0;
    Agreement::of(&Parameters { client_max_window_bits: None, ..offered })
}

fn own(agreement: Agreement, role: Role) -> Direction {
    match role {
        Role::Server => agreement.by_client,
        Role::Client => agreement.by_server,
    }
}

/// An answer of the case to a client, with what it takes over from the offer.
pub fn answered(answer: &str, asked: &str) -> String {
    placed(&answer.replace(ASKED, asked), Role::Client)
}

/// Puts the ends of the connection into a text of the case.
pub fn placed(text: &str, role: Role) -> String {
    let (harness, target) = match role {
        Role::Server => ("client", "server"),
        Role::Client => ("server", "client"),
    };
    text.replace("{harness}", harness).replace("{target}", target)
}

impl Plan {
    /// The plan that follows from a conversation, where it is another than what was assumed.
    pub fn settled_by(&self, transcript: &Transcript) -> Option<Plan> {
        self.deflate.as_ref()?;
        self.settled(&transcript.first_head()?)
    }

    /// The plan that follows from the head of the target, where it is another than what was assumed: what the harness
    /// compresses, and whether it answers with permessage-deflate, depend on it.
    pub fn settled(&self, head: &Head) -> Option<Plan> {
        let deflate = self.deflate.as_ref()?;
        let settled = deflate.settled_by(self.role, head);
        if settled == deflate.settled {
            return None;
        }
        let Origin { case, target, seed } = &deflate.origin;
        super::build::build(case, target, *seed, &BTreeMap::new(), Some(settled)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_answer_is_given_to_whom_it_is_wrong_alone() {
        let window = Parameters { client_max_window_bits: Some(Some(10)), ..Parameters::default() };
        let not_offered = Terms {
            parameters: window,
            unoffered: vec!["client_max_window_bits".to_owned()],
            violates: true,
            ..Terms::default()
        };
        let with_context =
            Terms { offered: vec!["server_no_context_takeover".to_owned()], violates: true, ..Terms::default() };
        let larger =
            Terms { offered: vec!["server_max_window_bits<15".to_owned()], disputed: true, ..Terms::default() };
        let unasked = Terms { unoffered: vec![DEFLATE.to_owned()], violates: true, ..Terms::default() };
        let d = "permessage-deflate";
        for (terms, offer, is_given) in [
            (&not_offered, d.to_owned(), true),
            (&not_offered, format!("{d}; client_max_window_bits"), false),
            // it answers the second of these
            (&not_offered, format!("{d}, {d}; client_max_window_bits"), false),
            (&with_context, format!("{d}; server_no_context_takeover"), true),
            (&with_context, format!("{d}; server_no_context_takeover, {d}"), false),
            (&larger, format!("{d}; server_max_window_bits=14"), true),
            (&larger, format!("{d}; server_max_window_bits=15"), false),
            (&larger, format!("{d}; server_max_window_bits=9, {d}"), false),
            (&unasked, String::new(), true),
            (&unasked, d.to_owned(), false),
        ] {
            let head = format!("GET / HTTP/1.1\r\nSec-WebSocket-Extensions: {offer}\r\n\r\n");
            assert_eq!(terms.given(&Head::parse(head.as_bytes())).is_some(), is_given, "{offer}");
        }
    }

    #[test]
    fn what_a_client_asks_of_the_server_is_taken_over_where_the_case_says_so() {
        let d = "permessage-deflate";
        let asking = Terms { takes_over: true, ..Terms::default() };
        let limiting = Terms {
            parameters: Parameters { server_max_window_bits: Some(9), ..Parameters::default() },
            takes_over: true,
            ..Terms::default()
        };
        for (terms, offer, asked) in [
            (&asking, d.to_owned(), Some("")),
            (
                &asking,
                format!("{d}; server_max_window_bits=12; client_max_window_bits"),
                Some("; server_max_window_bits=12"),
            ),
            (
                &asking,
                format!("{d}; server_no_context_takeover; server_max_window_bits=15"),
                Some("; server_no_context_takeover; server_max_window_bits=15"),
            ),
            // the second offer asks for nothing
            (&asking, format!("{d}; server_max_window_bits=12, {d}"), Some("")),
            (&asking, format!("{d}; server_max_window_bits=7"), None),
            (
                &limiting,
                format!("{d}; server_max_window_bits=12; server_no_context_takeover"),
                Some("; server_no_context_takeover"),
            ),
            (&limiting, format!("{d}; server_max_window_bits=8"), None),
            (&Terms::default(), format!("{d}; server_max_window_bits=12"), None),
        ] {
            let head = format!("GET / HTTP/1.1\r\nSec-WebSocket-Extensions: {offer}\r\n\r\n");
            let settled = terms.settled(&Head::parse(head.as_bytes()));
            let asked_of = settled.agreement.map(|_| settled.asked);
            assert_eq!(asked_of.as_deref(), asked, "{offer}");
        }
    }
}
