//! What only a client can do wrongly or oddly with permessage-deflate: its offer, and what it takes for an answer,
//! RFC 7692 sections 5 and 7.1.

use super::{ClientQuirk, Leaving, Manner, quirk};
use crate::peer::client_handshake::Objection;
use crate::peer::conduct::echo;
use crate::peer::deflate::{Deflating, Misfit, Moment};
use crate::peer::extension::is_well_formed;
use crate::wire::extension::{Agreement, Direction, ParameterFault};

pub(super) const OFFERING: &[ClientQuirk] = &[
    quirk("offers-server-windows-of-7-bits", "offers a window of 7 bits for the server", |m| {
        deflating(m, |d| d.offer = "permessage-deflate; server_max_window_bits=7");
    }),
    quirk("offers-server-windows-of-16-bits", "offers a window of 16 bits for the server", |m| {
        deflating(m, |d| d.offer = "permessage-deflate; server_max_window_bits=16");
    }),
    quirk("offers-server-windows-with-a-leading-zero", "offers a window of 010 bits for the server", |m| {
        deflating(m, |d| d.offer = "permessage-deflate; server_max_window_bits=010");
    }),
    quirk("offers-server-windows-in-letters", "offers a window of ten bits for the server", |m| {
        deflating(m, |d| d.offer = "permessage-deflate; server_max_window_bits=ten");
    }),
    quirk("offers-server-windows-without-a-value", "offers server_max_window_bits without a value", |m| {
        deflating(m, |d| d.offer = "permessage-deflate; server_max_window_bits");
    }),
    quirk("offers-client-windows-of-7-bits", "offers a window of 7 bits for itself", |m| {
        deflating(m, |d| d.offer = "permessage-deflate; client_max_window_bits=7");
    }),
    quirk("offers-client-windows-of-16-bits", "offers a window of 16 bits for itself", |m| {
        deflating(m, |d| d.offer = "permessage-deflate; client_max_window_bits=16");
    }),
    quirk("offers-client-windows-with-a-leading-zero", "offers a window of 09 bits for itself", |m| {
        deflating(m, |d| d.offer = "permessage-deflate; client_max_window_bits=09");
    }),
    quirk("offers-client-windows-in-letters", "offers a window of true bits for itself", |m| {
        deflating(m, |d| d.offer = "permessage-deflate; client_max_window_bits=true");
    }),
    quirk("offers-values-of-client-no-context-takeover", "gives client_no_context_takeover a value", |m| {
        deflating(m, |d| d.offer = "permessage-deflate; client_no_context_takeover=1");
    }),
    quirk("offers-values-of-server-no-context-takeover", "gives server_no_context_takeover a value", |m| {
        deflating(m, |d| d.offer = "permessage-deflate; server_no_context_takeover=true");
    }),
    quirk("offers-repeated-windows", "offers client_max_window_bits twice", |m| {
        deflating(m, |d| d.offer = "permessage-deflate; client_max_window_bits; client_max_window_bits=10");
    }),
    quirk("offers-repeated-no-context-takeover", "offers client_no_context_takeover twice", |m| {
        deflating(m, |d| d.offer = "permessage-deflate; client_no_context_takeover; client_no_context_takeover");
    }),
    quirk(
        "offers-a-wrong-window-behind-a-good-offer",
        "offers a window of 20 bits where a good offer was declined",
        |m| {
            deflating(m, |d| d.offer = "permessage-deflate, permessage-deflate; server_max_window_bits=20");
        },
    ),
    quirk("offers-deflate-levels", "offers permessage-deflate with a parameter of its own", |m| {
        deflating(m, |d| d.offer = "permessage-deflate; client_max_window_bits; level=9");
    }),
];

pub(super) const TAKING: &[ClientQuirk] = &[
    quirk("takes-deflate-it-did-not-offer", "opens with permessage-deflate, which it did not offer", |m| {
        m.overlook = |objection, _, _| objection == Objection::Extension;
    }),
    quirk("takes-unknown-parameters", "opens with a parameter that permessage-deflate does not have", |m| {
        deflating(m, |d| d.excuse = |misfit| matches!(misfit, Misfit::Parameter(ParameterFault::Unknown(_))));
    }),
    quirk("takes-repeated-parameters", "opens with a parameter of permessage-deflate twice", |m| {
        deflating(m, |d| d.excuse = |misfit| matches!(misfit, Misfit::Parameter(ParameterFault::Repeated(_))));
    }),
    quirk("takes-server-windows-of-7-bits", "opens with a window of 7 bits for the server", |m| {
        deflating(m, |d| d.excuse = |misfit| is_value(misfit, "server_max_window_bits=7"));
    }),
    quirk("takes-server-windows-of-16-bits", "opens with a window of 16 bits for the server", |m| {
        deflating(m, |d| d.excuse = |misfit| is_value(misfit, "server_max_window_bits=16"));
    }),
    quirk("takes-client-windows-of-7-bits", "opens with a window of 7 bits for itself", |m| {
        deflating(m, |d| d.excuse = |misfit| is_value(misfit, "client_max_window_bits=7"));
    }),
    quirk("takes-client-windows-of-16-bits", "opens with a window of 16 bits for itself", |m| {
        deflating(m, |d| d.excuse = |misfit| is_value(misfit, "client_max_window_bits=16"));
    }),
    quirk("takes-windows-with-a-leading-zero", "reads a window of 010 bits as one of 10", |m| {
        deflating(m, |d| d.excuse = |misfit| wrong_value(misfit).is_some_and(|value| value.contains("=0")));
    }),
    quirk("takes-windows-that-are-no-number", "opens with a window in letters", |m| {
        deflating(m, |d| {
            d.excuse = |misfit| {
                let is_word =
                    |value: &str| value.split_once("_bits=").is_some_and(|(_, bits)| bits.parse::<u64>().is_err());
                wrong_value(misfit).is_some_and(is_word)
            }
        });
    }),
    quirk("takes-server-windows-without-a-value", "opens with server_max_window_bits without a value", |m| {
        deflating(m, |d| d.excuse = |misfit| is_value(misfit, "server_max_window_bits"));
    }),
    quirk("takes-client-windows-without-a-value", "opens with client_max_window_bits without a value", |m| {
        deflating(m, |d| d.excuse = |misfit| is_value(misfit, "client_max_window_bits"));
    }),
    quirk("takes-values-of-no-context-takeover", "opens with a value where no_context_takeover has none", |m| {
        deflating(m, |d| d.excuse = |misfit| wrong_value(misfit).is_some_and(|value| value.contains("_takeover=")));
    }),
    quirk("takes-any-parameters", "does not look at the parameters of permessage-deflate", |m| {
        deflating(m, |d| d.excuse = |misfit| matches!(misfit, Misfit::Parameter(_)));
    }),
    quirk(
        "takes-other-extensions-with-deflate",
        "opens with an extension that it did not offer, if deflate was",
        |m| {
            deflating(m, |d| d.excuse = |misfit| *misfit == Misfit::Other);
        },
    ),
    quirk("hangs-at-malformed-extensions", "neither opens nor leaves where the list of extensions is malformed", |m| {
        deflating(m, |_| {});
        m.hangs = |head| head.values("sec-websocket-extensions").any(|value| !is_well_formed(value));
    }),
    quirk("reads-malformed-extensions", "takes a malformed list of extensions for permessage-deflate alone", |m| {
        deflating(m, |d| {
            d.excuse = |misfit| match misfit {
                Misfit::Parameter(ParameterFault::Unknown(seen) | ParameterFault::Repeated(seen)) => {
                    seen.is_empty() || seen.starts_with('=')
                }
                Misfit::Parameter(ParameterFault::Value(seen)) => seen.contains(['"', ' ']) || seen.ends_with('='),
                _ => false,
            };
        });
    }),
    quirk(
        "resets-at-compressed-messages",
        "opens whatever was agreed, and resets TCP at the first compressed message",
        |m| {
            deflating(m, |_| {});
            m.conduct.message = |out, message| if message.compressed { out.reset() } else { echo(out, message) };
        },
    ),
    quirk("takes-deflate-twice", "opens with two extensions that both use RSV1", |m| {
        deflating(m, |d| d.excuse = |misfit| *misfit == Misfit::Twice);
    }),
    quirk("takes-windows-it-did-not-offer", "opens with a window for itself, which it had not offered", |m| {
        deflating(m, |d| {
            d.offer = "permessage-deflate";
            d.excuse = |misfit| *misfit == Misfit::ClientWindow;
        });
    }),
    quirk(
        "takes-larger-server-windows",
        "opens where the window of the server is larger than it asked for, and cannot follow so far back",
        |m| {
            deflating(m, |d| {
                d.offer = "permessage-deflate; server_max_window_bits=9; client_max_window_bits";
                d.excuse = |misfit| *misfit == Misfit::ServerWindow;
                d.window = 1 << 9;
            });
        },
    ),
    quirk(
        "takes-servers-that-keep-context",
        "opens where the server does not keep from earlier messages as it was asked to, and cannot follow",
        |m| {
            deflating(m, |d| {
                d.offer = "permessage-deflate; server_no_context_takeover; client_max_window_bits";
                d.excuse = |misfit| *misfit == Misfit::ServerContext;
                d.forgets = |moment| matches!(moment, Moment::Message(_));
            });
        },
    ),
    quirk("ignores-the-window-it-was-set", "compresses with 32768 octets whatever the server said", |m| {
        deflating(m, |d| {
            d.agree = |agreed| Agreement { by_client: Direction { window_bits: 15, ..agreed.by_client }, ..agreed }
        });
    }),
    quirk(
        "ignores-client-no-context-takeover",
        "refers to earlier messages although the server said that it must not",
        |m| {
            deflating(m, |d| {
                d.agree =
                    |agreed| Agreement { by_client: Direction { keeps_context: true, ..agreed.by_client }, ..agreed }
            });
        },
    ),
    quirk("takes-the-window-of-servers-for-its-own", "heeds server_max_window_bits and not its own", |m| {
        deflating(m, |d| {
            d.agree = |agreed| Agreement {
                by_client: Direction { window_bits: agreed.by_server.window_bits, ..agreed.by_client },
                ..agreed
            }
        });
    }),
    quirk("takes-the-context-of-servers-for-its-own", "heeds server_no_context_takeover and not its own", |m| {
        deflating(m, |d| {
            d.agree = |agreed| Agreement {
                by_client: Direction { keeps_context: agreed.by_server.keeps_context, ..agreed.by_client },
                ..agreed
            }
        });
    }),
    quirk(
        "takes-its-own-context-for-that-of-servers",
        "forgets what it has read where it may not refer back itself",
        |m| {
            deflating(m, |d| {
                d.agree = |agreed| Agreement {
                    by_server: Direction { keeps_context: agreed.by_client.keeps_context, ..agreed.by_server },
                    ..agreed
                }
            });
        },
    ),
    quirk(
        "refuses-server-no-context-takeover-unasked",
        "refuses a server that keeps no context without being asked",
        |m| {
            deflating(m, |d| d.declines = |answer| answer.server_no_context_takeover);
        },
    ),
    quirk("refuses-client-no-context-takeover", "refuses not to refer to earlier messages", |m| {
        deflating(m, |d| d.declines = |answer| answer.client_no_context_takeover);
    }),
    quirk("refuses-the-window-it-offered", "refuses a window for itself, which it had offered", |m| {
        deflating(m, |d| d.declines = |answer| answer.client_max_window_bits.is_some());
    }),
];

/// Odd and allowed.
pub(super) const VARIANTS: &[ClientQuirk] = &[
    quirk("refuses-server-windows-unasked", "refuses a smaller window of the server that it did not ask for", |m| {
        deflating(m, |d| d.declines = |answer| answer.server_max_window_bits.is_some());
    }),
    quirk("offers-deflate", "offers permessage-deflate in two ways", |m| {
        deflating(m, |d| {
            d.offer = "permessage-deflate; client_max_window_bits, permessage-deflate; server_max_window_bits=\"10\"";
        });
    }),
    quirk("offers-plain-deflate", "offers permessage-deflate without parameters", |m| {
        deflating(m, |d| d.offer = "permessage-deflate");
    }),
    quirk("offers-all-parameters", "offers permessage-deflate with every parameter", |m| {
        deflating(
            m,
            |d| d.offer = "permessage-deflate; client_max_window_bits=10; server_max_window_bits=9; server_no_context_takeover; client_no_context_takeover",
        );
    }),
    quirk(
        "offers-deflate-in-three-ways",
        "offers permessage-deflate again with less, in case the first is declined",
        |m| {
            deflating(
                m,
                |d| d.offer = "permessage-deflate; server_max_window_bits=9; client_max_window_bits, permessage-deflate; client_max_window_bits, permessage-deflate",
            );
        },
    ),
    quirk("offers-window-of-256-octets", "offers the smallest windows", |m| {
        deflating(m, |d| d.offer = "permessage-deflate; server_max_window_bits=8; client_max_window_bits=8");
    }),
    quirk(
        "follows-servers-that-keep-context",
        "opens where the server does not keep from earlier messages as it was asked to, and follows",
        |m| {
            deflating(m, |d| {
                d.offer = "permessage-deflate; server_no_context_takeover; client_max_window_bits";
                d.excuse = |misfit| *misfit == Misfit::ServerContext;
            });
        },
    ),
    quirk(
        "leaves-windows-unasked-with-1010",
        "closes with 1010 over a window of the server that it did not ask for",
        |m| {
            deflating(m, |d| d.declines = |answer| answer.server_max_window_bits.is_some());
            m.at_refusal = Leaving::WithClose(1010);
        },
    ),
    quirk(
        "leaves-windows-unasked-with-1002",
        "closes with 1002 over a window of the server that it did not ask for",
        |m| {
            deflating(m, |d| d.declines = |answer| answer.server_max_window_bits.is_some());
            m.at_refusal = Leaving::WithClose(1002);
        },
    ),
    quirk(
        "follows-larger-server-windows",
        "opens where the window of the server is larger than it asked for, and follows as far back",
        |m| {
            deflating(m, |d| {
                d.offer = "permessage-deflate; server_max_window_bits=10; client_max_window_bits";
                d.excuse = |misfit| *misfit == Misfit::ServerWindow;
            });
        },
    ),
    quirk("offers-full-windows", "offers windows of the full size", |m| {
        deflating(m, |d| d.offer = "permessage-deflate; server_max_window_bits=15; client_max_window_bits=15");
    }),
    quirk("offers-no-context", "asks the server not to refer to earlier messages", |m| {
        deflating(m, |d| d.offer = "permessage-deflate; server_no_context_takeover; client_max_window_bits");
    }),
    quirk("hints-at-no-context", "says that it will not refer to earlier messages", |m| {
        deflating(m, |d| d.offer = "permessage-deflate; client_no_context_takeover; client_max_window_bits");
    }),
    quirk("offers-quoted-windows", "writes windows as quoted strings", |m| {
        deflating(m, |d| d.offer = "permessage-deflate; client_max_window_bits=\"12\"; server_max_window_bits=\"12\"");
    }),
    quirk("offers-deflate-without-blanks", "leaves out every blank", |m| {
        deflating(m, |d| {
            d.offer = "permessage-deflate;client_max_window_bits;server_max_window_bits=12,permessage-deflate"
        });
    }),
];

fn deflating(manner: &mut Manner, bend: fn(&mut Deflating)) {
    let mut ways = Deflating::conforming();
    bend(&mut ways);
    manner.conduct.deflate = Some(ways);
}

/// The parameter with a wrong value, as in `client_max_window_bits=7`.
fn wrong_value(misfit: &Misfit) -> Option<&str> {
    match misfit {
        Misfit::Parameter(ParameterFault::Value(seen)) => Some(seen),
        _ => None,
    }
}

fn is_value(misfit: &Misfit, parameter: &str) -> bool {
    wrong_value(misfit) == Some(parameter)
}
