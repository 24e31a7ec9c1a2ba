//! Faults in what a server answers to offers of permessage-deflate, RFC 7692 sections 5 and 7.1.

use super::{Quirk, deflating, quirk};
use crate::peer::deflate::{Deflating, Misfit};
use crate::peer::driver::Ending;
use crate::peer::request::Objection;
use crate::wire::extension::{Agreement, Direction, ParameterFault, Parameters, extensions, offers, parameter};

pub(super) const TABLE: &[Quirk] = &[
    quirk("accepts-unknown-parameters", "accepts offers with parameters that it does not know", |c| {
        deflating(c, |d| d.excuse = |misfit| matches!(misfit, Misfit::Parameter(ParameterFault::Unknown(_))));
    }),
    quirk("accepts-repeated-parameters", "accepts offers that name a parameter twice", |c| {
        deflating(c, |d| d.excuse = |misfit| matches!(misfit, Misfit::Parameter(ParameterFault::Repeated(_))));
    }),
    quirk("accepts-windows-of-7-bits", "accepts offers with a window of 7 bits", |c| {
        deflating(c, |d| d.excuse = |misfit| has_value(misfit, "_window_bits", |value| value == "7"));
    }),
    quirk("accepts-windows-of-16-bits", "accepts offers with a window of 16 bits", |c| {
        deflating(c, |d| d.excuse = |misfit| has_value(misfit, "_window_bits", |value| value == "16"));
    }),
    quirk("accepts-windows-with-a-leading-zero", "reads 08 as 8 and 010 as 10", |c| {
        deflating(c, |d| {
            d.excuse = |misfit| has_value(misfit, "_window_bits", |value| value.len() > 1 && value.starts_with('0'));
        });
    }),
    quirk("accepts-windows-that-are-no-number", "accepts offers with a window in letters", |c| {
        deflating(c, |d| {
            d.excuse =
                |misfit| has_value(misfit, "_window_bits", |value| !value.is_empty() && value.parse::<u64>().is_err());
        });
    }),
    quirk("accepts-any-window-of-the-client", "does not look at the window that a client offers for itself", |c| {
        deflating(c, |d| d.excuse = |misfit| has_value(misfit, "client_max_window_bits", |_| true));
    }),
    quirk("accepts-server-windows-without-a-value", "accepts server_max_window_bits without a value", |c| {
        deflating(c, |d| d.excuse = |misfit| has_value(misfit, "server_max_window_bits", str::is_empty));
    }),
    quirk("accepts-values-of-no-context-takeover", "accepts a value where no_context_takeover has none", |c| {
        deflating(c, |d| d.excuse = |misfit| has_value(misfit, "_no_context_takeover", |_| true));
    }),
    quirk("accepts-malformed-offers", "reads what it can of an offer that breaks the grammar", |c| {
        deflating(c, |_| {});
        c.waive = |objection, _| objection == Objection::Extensions;
    }),
    quirk("answers-larger-windows", "answers with a window of one bit more than was offered", |c| {
        deflating(c, |d| {
            d.answer = |offer| Parameters {
                server_max_window_bits: offer.server_max_window_bits.map(|bits| (bits + 1).min(15)),
                ..*offer
            };
        });
    }),
    quirk("ignores-server-windows", "accepts without the window that it was offered", |c| {
        deflating(c, |d| d.answer = |offer| Parameters { server_max_window_bits: None, ..*offer });
    }),
    quirk(
        "ignores-server-no-context-takeover",
        "accepts without server_no_context_takeover, which was asked for",
        |c| {
            deflating(c, |d| d.answer = |offer| Parameters { server_no_context_takeover: false, ..*offer });
        },
    ),
    quirk("sets-windows-of-clients-that-take-none", "answers with client_max_window_bits unasked", |c| {
        deflating(c, |d| d.answer = |offer| Parameters { client_max_window_bits: Some(Some(12)), ..*offer });
    }),
    quirk("answers-client-windows-without-a-value", "answers with client_max_window_bits and no value", |c| {
        deflating(c, |d| {
            d.spell = |value, request| if asks(request) { value + "; client_max_window_bits" } else { value }
        });
    }),
    quirk("answers-client-windows-of-16-bits", "answers with client_max_window_bits=16", |c| {
        deflating(c, |d| {
            d.spell = |value, request| if asks(request) { value + "; client_max_window_bits=16" } else { value };
        });
    }),
    quirk("answers-windows-of-7-bits", "answers with server_max_window_bits=7", |c| {
        respell(c, |value, _| if value.contains("server_max") { value } else { value + "; server_max_window_bits=7" });
    }),
    quirk("answers-windows-with-a-leading-zero", "answers with server_max_window_bits=015", |c| {
        respell(
            c,
            |value, _| if value.contains("server_max") { value } else { value + "; server_max_window_bits=015" },
        );
    }),
    quirk("answers-values-of-no-context-takeover", "answers with client_no_context_takeover=true", |c| {
        respell(c, |value, _| value.replace("; client_no_context_takeover", "") + "; client_no_context_takeover=true");
    }),
    quirk("answers-repeated-parameters", "answers with client_no_context_takeover twice", |c| {
        respell(c, |value, _| value + "; client_no_context_takeover; client_no_context_takeover");
    }),
    quirk("answers-unknown-parameters", "answers with a parameter that permessage-deflate does not have", |c| {
        respell(c, |value, _| value + "; level=9");
    }),
    quirk("accepts-every-offer", "accepts permessage-deflate as often as it was offered", |c| {
        respell(c, |value, request| vec![value; offers(request).len()].join(", "));
    }),
    quirk("accepts-another-deflate-beside", "accepts x-webkit-deflate-frame beside permessage-deflate", |c| {
        respell(c, |value, _| value + ", x-webkit-deflate-frame");
    }),
    quirk("accepts-deflate-unasked", "accepts permessage-deflate that nobody offered", |c| {
        deflating(c, |d| d.unasked = true);
    }),
    quirk("merges-offers", "answers with the parameters of all offers at once", |c| {
        deflating(c, |d| {
            d.spell = |_, request| {
                let mut parameters: Vec<String> = Vec::new();
                for member in extensions(request) {
                    for (name, value) in member.parameters {
                        let spelled = parameter(&name, value.as_deref());
                        if !parameters.contains(&spelled) {
                            parameters.push(spelled);
                        }
                    }
                }
                [vec!["permessage-deflate".to_owned()], parameters].concat().join("; ")
            };
        });
    }),
    quirk("takes-the-context-of-clients-for-its-own", "heeds client_no_context_takeover and not its own", |c| {
        deflating(c, |d| {
            d.agree = |agreed| Agreement {
                by_server: Direction { keeps_context: agreed.by_client.keeps_context, ..agreed.by_server },
                ..agreed
            };
        });
    }),
    quirk("takes-the-window-of-clients-for-its-own", "heeds client_max_window_bits and not its own", |c| {
        deflating(c, |d| {
            d.agree = |agreed| Agreement {
                by_server: Direction { window_bits: agreed.by_client.window_bits, ..agreed.by_server },
                ..agreed
            };
        });
    }),
    quirk(
        "takes-its-own-context-for-that-of-clients",
        "forgets what it has read where it may not refer back itself",
        |c| {
            deflating(c, |d| {
                d.agree = |agreed| Agreement {
                    by_client: Direction { keeps_context: agreed.by_server.keeps_context, ..agreed.by_client },
                    ..agreed
                };
            });
        },
    ),
    quirk("compresses-with-1024-octets-for-256", "uses a window of 1024 octets where 256 were agreed", |c| {
        deflating(c, |d| {
            d.direction = |direction| match direction.window_bits {
                8 => Direction { window_bits: 10, ..direction },
                _ => direction,
            };
        });
    }),
    quirk("hangs-at-two-extensions-of-rsv1", "stops working at offers of several extensions", |c| {
        deflating(c, |_| {});
        c.refuse = |request| extensions(&request.head).iter().any(|member| !member.is_deflate());
        c.refused = |_, _| None;
        c.behind_refusal = |_, _| Ending::StopReading;
    }),
];

fn respell(conduct: &mut crate::peer::conduct::Conduct, spell: fn(String, &crate::wire::Head) -> String) {
    conduct.deflate = Some(Deflating { spell, ..Deflating::conforming() });
}

/// Whether a client said that it would take a window and named none.
fn asks(request: &crate::wire::Head) -> bool {
    offers(request).first().is_some_and(|(offer, _)| offer.client_max_window_bits == Some(None))
}

/// Whether a parameter whose name ends like this has a wrong value of which that holds; none counts as empty.
fn has_value(misfit: &Misfit, end: &str, holds: fn(&str) -> bool) -> bool {
    let Misfit::Parameter(ParameterFault::Value(seen)) = misfit else { return false };
    let (name, value) = seen.split_once('=').unwrap_or((seen, ""));
    name.ends_with(end) && holds(value)
}
