//! What the hand-written client does wrong or oddly, one row each: a name, what it does, and how.
//!
//! Behind the opening handshake it shares most rows with the hand-written server; those that only a server can have are left out.

mod asking;
mod conversing;
mod deflating;
mod taking;
mod trusting;
mod variant;

pub(super) use asking::with;

use super::client_handshake::Objection;
use super::conduct::{Conduct, obey};
use super::fault::{self, Area, Quirk};
use crate::drive::Care;
use crate::wire::Head;
use std::sync::LazyLock;
use url::Url;

/// How the hand-written client opens a connection, behaves on it, and leaves it.
#[derive(Clone, Copy)]
pub(super) struct Manner {
    /// Whether it does not connect to a URL at all.
    pub(super) declines: fn(&Url) -> bool,
    /// Whether it connects to URLs of other schemes than ws and wss.
    pub(super) takes_any_scheme: bool,
    /// What it does where the URL asks for TLS.
    pub(super) speaks_tls: Secure,
    /// Edits the key.
    pub(super) key: fn(String) -> String,
    /// Edits the request.
    pub(super) request: fn(String, &Url) -> String,
    /// Whether the request is written octet by octet.
    pub(super) request_bytewise: bool,
    /// What is sent behind the request, before any answer.
    pub(super) behind_request: &'static [u8],
    /// Whether an interim response is passed over.
    pub(super) takes_interims: bool,
    /// Whether it opens connections beside each other.
    pub(super) opens_side_by_side: bool,
    /// How it takes TLS.
    pub(super) care: Care,
    /// Whether a reason to refuse the response is overlooked.
    pub(super) overlook: fn(Objection, &Head, key: &str) -> bool,
    /// Whether a good response is refused.
    pub(super) refuse: fn(&Head) -> bool,
    /// Whether it stops working at a response.
    pub(super) hangs: fn(&Head) -> bool,
    /// What is kept of the octets that came with the response.
    pub(super) behind: fn(&Head, Vec<u8>) -> Vec<u8>,
    /// Whether a head that does not come in one piece is refused.
    pub(super) refuses_pieces: bool,
    /// How it leaves behind a response that it refuses.
    pub(super) at_refusal: Leaving,
    /// How it leaves when the response never comes to its end.
    pub(super) at_no_response: Leaving,
    /// How it leaves when it has sent a Close.
    pub(super) at_close: Leaving,
    /// How it behaves behind the opening handshake.
    pub(super) conduct: Conduct,
}

/// How a client leaves TCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaving {
    /// By FIN, at once.
    Finish,
    /// By FIN, once the server has closed, for which it waits a while.
    Waits,
    /// By RST.
    Reset,
    /// By FIN behind a Close with this code.
    WithClose(u16),
    /// Not at all.
    Never,
}

/// What a client does where the URL asks for TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Secure {
    /// It speaks TLS.
    Speaks,
    /// It goes on as if the URL began with ws.
    ClearText,
}

/// A way for the hand-written client to differ from its conforming self.
#[derive(Clone, Copy)]
pub struct ClientQuirk {
    /// What the client does wrong, or oddly.
    pub name: &'static str,
    /// The same in a sentence.
    pub about: &'static str,
    /// The part of a conversation that it is about.
    pub area: Area,
    bend: Bend,
}

#[derive(Clone, Copy)]
enum Bend {
    Own(fn(&mut Manner)),
    Shared(Quirk),
}

const fn quirk(name: &'static str, about: &'static str, bend: fn(&mut Manner)) -> ClientQuirk {
    ClientQuirk { name, about, area: Area::Any, bend: Bend::Own(bend) }
}

impl Manner {
    /// Nothing wrong.
    pub(super) fn conforming() -> Manner {
        Manner {
            declines: |_| false,
            takes_any_scheme: false,
            speaks_tls: Secure::Speaks,
            opens_side_by_side: false,
            care: Care { overlooks: |_| false, names_server: true },
            key: |key| key,
            request: |request, _| request,
            request_bytewise: false,
            behind_request: b"",
            takes_interims: true,
            overlook: |_, _, _| false,
            refuse: |_| false,
            hangs: |_| false,
            behind: |_, heard| heard,
            refuses_pieces: false,
            at_refusal: Leaving::Finish,
            at_no_response: Leaving::Finish,
            at_close: Leaving::Waits,
            conduct: of_client(Conduct::conforming()),
        }
    }
}

impl ClientQuirk {
    pub(super) fn manner(self) -> Manner {
        let mut manner = Manner::conforming();
        match self.bend {
            Bend::Own(bend) => bend(&mut manner),
            Bend::Shared(quirk) => manner.conduct = of_client(quirk.conduct()),
        }
        manner
    }

    /// Whether only a client has it.
    pub fn is_own(self) -> bool {
        matches!(self.bend, Bend::Own(_))
    }
}

fn of_client(conduct: Conduct) -> Conduct {
    Conduct { is_client: true, command: Some(obey), ..conduct }
}

/// How the names of shared faults begin that mean nothing for a client, or nothing wrong.
const OF_SERVERS: [&str; 11] = [
    // a client unmasks nothing
    "accepts-unmasked-",
    "forgets-mask-key-",
    "leaves-",
    "masks-its-",
    "refuses-mask-key-",
    // each client has one connection
    "crashes-",
    "dies-",
    // a client may say 1010, and leaves it to the server to close TCP
    "close-reply-1010",
    "keeps-tcp-open-after-close",
    "keeps-tcp-open-after-violation",
    "reassembles-",
];

/// Every fault of the hand-written client.
pub fn client_faults() -> &'static [ClientQuirk] {
    static FAULTS: LazyLock<Vec<ClientQuirk>> = LazyLock::new(|| {
        let own = of_areas(&[
            (Area::Opening, asking::TABLE),
            (Area::Opening, trusting::TABLE),
            (Area::Switching, taking::TABLE),
            (Area::Sending, conversing::SENDING),
            (Area::Reading, conversing::READING),
            (Area::Closing, conversing::LEAVING),
            (Area::Messages, conversing::OBEYING),
            (Area::Agreeing, deflating::OFFERING),
            (Area::Agreeing, deflating::TAKING),
        ]);
        let is_for_clients = |quirk: &&Quirk| {
            !matches!(quirk.area, Area::Opening | Area::Switching | Area::Crowding | Area::Agreeing)
                && !OF_SERVERS.iter().any(|start| quirk.name.starts_with(start))
        };
        own.chain(fault::faults().iter().filter(is_for_clients).map(shared)).collect()
    });
    &FAULTS
}

/// The odd servers that are as odd at the other end; each is tried on every topic, so that these stand for the others.
const ODD_TOO: [&str; 12] = [
    "answers-only-last-ping",
    "close-reply-empty",
    "echo-after-30-ms",
    "echo-in-two-fragments",
    "malformed-closes-answered-with-1000",
    "message-limit-1-mib",
    "ticks",
    "unsolicited-pongs",
    "utf8-at-message-end",
    "violation-bare-fin",
    "violation-reset",
    "writes-octet-by-octet",
];

/// Every legal variant of the hand-written client.
pub fn client_variants() -> &'static [ClientQuirk] {
    static VARIANTS: LazyLock<Vec<ClientQuirk>> = LazyLock::new(|| {
        let is_odd_too = |quirk: &&Quirk| quirk.area == Area::Deflate || ODD_TOO.contains(&quirk.name);
        let shared_ones = fault::variants().iter().filter(is_odd_too).map(shared);
        let own = of_areas(&[
            (Area::Opening, variant::ASKING),
            (Area::Switching, variant::TAKING),
            (Area::Agreeing, deflating::VARIANTS),
        ]);
        own.chain(shared_ones).collect()
    });
    &VARIANTS
}

fn of_areas(tables: &[(Area, &'static [ClientQuirk])]) -> impl Iterator<Item = ClientQuirk> {
    tables.iter().flat_map(|(area, table)| table.iter().map(|row| ClientQuirk { area: *area, ..*row }))
}

fn shared(quirk: &Quirk) -> ClientQuirk {
    ClientQuirk { name: quirk.name, about: quirk.about, area: quirk.area, bend: Bend::Shared(*quirk) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_explained() {
        let all: Vec<&ClientQuirk> = client_faults().iter().chain(client_variants()).collect();
        let names: BTreeSet<&str> = all.iter().map(|quirk| quirk.name).collect();
        assert_eq!(names.len(), all.len());
        for ClientQuirk { name, about, .. } in all {
            assert!(!name.contains(' ') && !about.is_empty() && !about.ends_with('.'), "{name}");
        }
    }
}
