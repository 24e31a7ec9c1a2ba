//! The members of Sec-WebSocket-Extensions, and what those of permessage-deflate say:
//! RFC 6455 section 9.1, RFC 7692 sections 5 and 7.1.

use super::Head;
use std::collections::HashSet;
use std::fmt;

/// The name under which permessage-deflate is registered.
pub const DEFLATE: &str = "permessage-deflate";
/// Its parameters, RFC 7692 section 7.1.
pub const PARAMETERS: [&str; 4] =
    ["server_no_context_takeover", "client_no_context_takeover", "server_max_window_bits", "client_max_window_bits"];

/// One member of the list: a name and its parameters, read leniently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// The name as spelled.
    pub name: String,
    /// The parameters in order, each with the value behind its `=`, out of its quotes.
    pub parameters: Vec<(String, Option<String>)>,
}

/// All members of the fields of that name in a head, in order.
pub fn extensions(head: &Head) -> Vec<Extension> {
    head.list("sec-websocket-extensions").into_iter().map(Extension::parse).collect()
}

impl Extension {
    /// Reads a member of the list.
    pub fn parse(member: &[u8]) -> Extension {
        let text = String::from_utf8_lossy(member);
        let mut parts = text.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_owned();
        let parameters = parts
            .map(|parameter| match parameter.split_once('=') {
                None => (parameter.to_owned(), None),
                Some((name, value)) => (name.trim_end().to_owned(), Some(unquoted(value.trim_start()))),
            })
            .collect();
        Extension { name, parameters }
    }

    /// Whether it is permessage-deflate; names of extensions are told apart by case.
    pub fn is_deflate(&self) -> bool {
        self.name == DEFLATE
    }
}

/// As a member of the list, one blank behind each semicolon.
impl fmt::Display for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.parameters.iter().try_for_each(|(name, value)| write!(f, "; {}", parameter(name, value.as_deref())))
    }
}

/// A parameter with its value, if it has one.
pub fn parameter(name: &str, value: Option<&str>) -> String {
    value.map_or_else(|| name.to_owned(), |value| format!("{name}={value}"))
}

/// The value of a quoted string, RFC 9110 section 5.6.4; anything else as it is.
fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return value.to_owned();
    };
    let mut plain = String::new();
    let mut escaped = false;
    for letter in inner.chars() {
        if letter == '\\' && !escaped {
            escaped = true;
        } else {
            plain.push(letter);
            escaped = false;
        }
    }
    plain
}

/// What is wrong with the parameters of a permessage-deflate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParameterFault {
    /// A parameter that it does not have.
    Unknown(String),
    /// A value where none belongs, none where one belongs, or one out of its range.
    Value(String),
    /// The same parameter twice.
    Repeated(String),
}

/// The parameters of an offer or of a response, RFC 7692 section 7.1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parameters {
    /// The server refers to no earlier message.
    pub server_no_context_takeover: bool,
    /// The client refers to no earlier message.
    pub client_no_context_takeover: bool,
    /// The window of the server in bits.
    pub server_max_window_bits: Option<u8>,
    /// The window of the client in bits; without a value, the client only says that it would take one.
    pub client_max_window_bits: Option<Option<u8>>,
}

impl Parameters {
    /// Reads the parameters of an offer, or of a response, and tells everything that is wrong with them.
    pub fn read(extension: &Extension, is_offer: bool) -> (Parameters, Vec<ParameterFault>) {
        let mut read = Parameters::default();
        let mut faults = Vec::new();
        let mut seen: HashSet<&str> = HashSet::new();
        for (name, value) in &extension.parameters {
            let shown = || parameter(name, value.as_deref());
            if !seen.insert(name) {
                faults.push(ParameterFault::Repeated(name.clone()));
                continue;
            }
            let bits = value.as_deref().map(window_bits);
            let is_right = match (name.as_str(), bits) {
                ("server_no_context_takeover", None) => {
                    read.server_no_context_takeover = true;
                    true
                }
                ("client_no_context_takeover", None) => {
                    read.client_no_context_takeover = true;
                    true
                }
                ("server_max_window_bits", Some(Some(bits))) => {
                    read.server_max_window_bits = Some(bits);
                    true
                }
                ("client_max_window_bits", Some(Some(bits))) => {
                    read.client_max_window_bits = Some(Some(bits));
                    true
                }
                ("client_max_window_bits", None) if is_offer => {
                    read.client_max_window_bits = Some(None);
                    true
                }
                (known, _) if PARAMETERS.contains(&known) => false,
                _ => {
                    faults.push(ParameterFault::Unknown(shown()));
                    true
                }
            };
            if !is_right {
                faults.push(ParameterFault::Value(shown()));
            }
        }
        (read, faults)
    }

    /// Whether a response with these parameters answers that offer, RFC 7692 sections 7.1.1 and 7.1.2.
    pub fn answers(&self, offer: &Parameters) -> bool {
        let repeats = self.server_no_context_takeover || !offer.server_no_context_takeover;
        let is_small_enough = offer
            .server_max_window_bits
            .is_none_or(|most| self.server_max_window_bits.is_some_and(|bits| bits <= most));
        let is_offered = self.client_max_window_bits.is_none() || offer.client_max_window_bits.is_some();
        repeats && is_small_enough && is_offered
    }

    /// A response with these parameters and with what an offer asks of the server beside, if they do not name it.
    pub fn with_what_is_asked(&self, offer: &Parameters) -> Parameters {
        Parameters {
            server_no_context_takeover: self.server_no_context_takeover || offer.server_no_context_takeover,
            server_max_window_bits: self.server_max_window_bits.or(offer.server_max_window_bits),
            ..*self
        }
    }

    /// What these parameters say of the server and the others do not, with a semicolon in front of each.
    pub fn beyond(&self, others: &Parameters) -> String {
        let context = self.server_no_context_takeover && !others.server_no_context_takeover;
        let bits = self.server_max_window_bits.filter(|_| others.server_max_window_bits.is_none());
        let bits = bits.map(|bits| format!("; server_max_window_bits={bits}")).unwrap_or_default();
        if context { format!("; server_no_context_takeover{bits}") } else { bits }
    }
}

/// A number from 8 to 15 without a zero in front, RFC 7692 section 7.1.2.1.
fn window_bits(value: &str) -> Option<u8> {
    let bits: u8 = value.parse().ok().filter(|bits| (8..=15).contains(bits))?;
    (bits.to_string() == value).then_some(bits)
}

/// How one end compresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Direction {
    /// The window in bits.
    pub window_bits: u8,
    /// Whether it may refer to earlier messages.
    pub keeps_context: bool,
}

/// What was agreed for a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// From the client to the server.
    pub by_client: Direction,
    /// From the server to the client.
    pub by_server: Direction,
}

impl Agreement {
    /// What a response with these parameters makes of the connection.
    pub fn of(response: &Parameters) -> Agreement {
        let bits = |agreed: Option<u8>| agreed.unwrap_or(15);
        Agreement {
            by_client: Direction {
                window_bits: bits(response.client_max_window_bits.flatten()),
                keeps_context: !response.client_no_context_takeover,
            },
            by_server: Direction {
                window_bits: bits(response.server_max_window_bits),
                keeps_context: !response.server_no_context_takeover,
            },
        }
    }

    /// What the head of a 101 agrees to; the first permessage-deflate counts, whatever is wrong with it.
    pub fn in_response(response: &Head) -> Option<Agreement> {
        let accepted = extensions(response).into_iter().find(Extension::is_deflate)?;
        Some(Agreement::of(&Parameters::read(&accepted, false).0))
    }
}

/// The offers of permessage-deflate in a request, in order, each with what is wrong with it.
pub fn offers(request: &Head) -> Vec<(Parameters, Vec<ParameterFault>)> {
    let deflate = extensions(request).into_iter().filter(Extension::is_deflate);
    deflate.map(|offer| Parameters::read(&offer, true)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(member: &str, is_offer: bool) -> (Parameters, Vec<ParameterFault>) {
        Parameters::read(&Extension::parse(member.as_bytes()), is_offer)
    }

    #[test]
    fn a_member_is_written_as_it_is_read() {
        let text = "permessage-deflate; server_no_context_takeover; client_max_window_bits=12";
        assert_eq!(Extension::parse(text.as_bytes()).to_string(), text);
    }

    #[test]
    fn all_parameters_are_read() {
        let (read, faults) = read(
            "permessage-deflate ;server_no_context_takeover; client_no_context_takeover ; server_max_window_bits = 10;\
             client_max_window_bits=\"1\\2\"",
            false,
        );
        assert_eq!(faults, []);
        assert!(read.server_no_context_takeover && read.client_no_context_takeover);
        assert_eq!((read.server_max_window_bits, read.client_max_window_bits), (Some(10), Some(Some(12))));
        let agreement = Agreement::of(&read);
        assert_eq!(agreement.by_client, Direction { window_bits: 12, keeps_context: false });
        assert_eq!(agreement.by_server, Direction { window_bits: 10, keeps_context: false });
    }

    #[test]
    fn each_fault_of_a_parameter_is_told() {
        let value = |text: &str| vec![ParameterFault::Value(text.to_owned())];
        for (parameter, is_offer, faults) in [
            ("client_max_window_bits", true, vec![]),
            ("client_max_window_bits", false, value("client_max_window_bits")),
            ("server_max_window_bits", true, value("server_max_window_bits")),
            ("server_max_window_bits=7", true, value("server_max_window_bits=7")),
            ("server_max_window_bits=16", true, value("server_max_window_bits=16")),
            ("server_max_window_bits=08", true, value("server_max_window_bits=08")),
            ("server_max_window_bits=+9", true, value("server_max_window_bits=+9")),
            ("server_no_context_takeover=1", true, value("server_no_context_takeover=1")),
            ("level=9", true, vec![ParameterFault::Unknown("level=9".to_owned())]),
            (
                "client_no_context_takeover; client_no_context_takeover",
                true,
                vec![ParameterFault::Repeated("client_no_context_takeover".to_owned())],
            ),
        ] {
            assert_eq!(read(&format!("permessage-deflate; {parameter}"), is_offer).1, faults, "{parameter}");
        }
    }

    #[test]
    fn an_answer_fits_its_offer_or_not() {
        for (offer, answer, fits) in [
            ("", "", true),
            ("", "server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9", true),
            ("", "client_max_window_bits=10", false),
            ("client_max_window_bits", "client_max_window_bits=10", true),
            ("client_max_window_bits=9", "client_max_window_bits=10", true),
            ("client_max_window_bits", "", true),
            ("server_max_window_bits=10", "server_max_window_bits=9", true),
            ("server_max_window_bits=10", "server_max_window_bits=11", false),
            ("server_max_window_bits=10", "", false),
            ("server_no_context_takeover", "", false),
            ("client_no_context_takeover", "", true),
        ] {
            let (offered, _) = read(&format!("permessage-deflate; {offer}").replace("; ;", ";"), true);
            let (answered, _) = read(&format!("permessage-deflate; {answer}"), false);
            assert_eq!(answered.answers(&offered), fits, "{offer} -> {answer}");
        }
    }
}
