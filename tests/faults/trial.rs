//! A peer and which cases are run against it: all of them for what may be odd anywhere, and for a fault the topics that
//! can tell something of it.

use crate::arena::target;
use crate::patterns::Universe;
use std::path::Path;
use std::sync::LazyLock;
use wsspec::case::{Case, Corpus, Need, Role};
use wsspec::peer::Area;

pub static CORPUS: LazyLock<Corpus> = LazyLock::new(|| {
    // from the folder, so that a changed case can be tried without a new build
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    Corpus::from_dir(&folder).expect("the corpus is well-formed")
});

/// The groups whose repetitions by other deliveries stand for all of them: their checks are those of the case itself.
const REPEATED: [&str; 3] = ["control/ping-pong", "fragmentation/reassembly", "framing/text-length"];

/// The cases that the tables of a role are about: all that judge. Of those that could harm one, only those that send little.
pub fn in_table(role: Role) -> impl Iterator<Item = &'static Case> {
    let harms = |case: &Case| case.group != "limits/announced" && case.tags.iter().any(|tag| tag == "abuse");
    let stands = |case: &Case| case.delivery.is_plain() || REPEATED.contains(&case.group.as_str());
    let probes = |case: &Case| case.group.starts_with("probes/");
    // nothing is known of these peers beside where they are
    let is_known = move |case: &Case| {
        let is_met = |need: &Need| match need {
            // who does not speak permessage-deflate is skipped, which is told too
            Need::Echo | Need::Text | Need::Binary | Need::Url | Need::Commands | Need::Deflate => true,
            // the clients trust our authority
            Need::Tls => role == Role::Client,
            Need::RefusedOrigin | Need::MissingPath | Need::Subprotocol => false,
        };
        case.needs.iter().all(is_met)
    };
    let is_in = move |case: &Case| !harms(case) && !probes(case) && stands(case) && is_known(case);
    CORPUS.cases().filter(move |case| case.roles.contains(&role) && is_in(case))
}

static OF_SERVERS: LazyLock<Universe<'static>> = LazyLock::new(|| universe(Role::Server));
static OF_CLIENTS: LazyLock<Universe<'static>> = LazyLock::new(|| universe(Role::Client));

fn universe(role: Role) -> Universe<'static> {
    let all: Vec<&Case> = in_table(role).collect();
    Universe::new(&CORPUS, &all, &target(role))
}

/// A peer and what is run against it.
#[derive(Clone, Copy, Debug)]
pub struct Trial {
    pub role: Role,
    pub name: &'static str,
    /// The part of a conversation that it bends.
    pub area: Area,
    /// Whether it is run on every topic, as cases of every topic check for what it breaks.
    pub whole: bool,
    /// The groups of large or many messages that are run too; they would take most of the time.
    pub large: &'static [&'static str],
    /// Whether every combination of parameters is tried, for a quirk that has to do with what was agreed.
    pub combined: bool,
    /// Cases one after the other, for a server that ends at some of them.
    pub one_by_one: bool,
    /// Whether each case has a peer of its own, as what one case does to it would show in the next.
    pub fresh: bool,
    /// Whether the server is slow rather than silent, so that only real deadlines can tell.
    pub slow: bool,
}

impl Trial {
    pub fn cases(&self) -> Vec<&'static Case> {
        let is_run = |case: &&Case| match is_large(&case.group) {
            true => self.large.contains(&case.group.as_str()),
            false if COMBINATIONS.contains(&case.group.as_str()) && !self.combined => false,
            false if self.slow => OF_SLOWNESS.contains(&case.group.as_str()),
            false => self.whole || matters(self.area, &case.group) && !self.is_told_already(&case.group),
        };
        in_table(self.role).filter(is_run).collect()
    }

    /// What a client shares with the server is told by the table of servers: fewer topics do for the other end.
    fn is_told_already(&self, group: &str) -> bool {
        let topics: &[&str] = match self.area {
            Area::Sending => &["close/", "control/ping-length", "fragmentation/"],
            Area::Messages => &["close/codes", "close/malformed", "close/reason", "control/ping-length"],
            Area::Control => &["close/", "framing/", "fragmentation/re", "masking/"],
            Area::Reading => &["control/ping-pong", "framing/text-length", "framing/several"],
            _ => &[],
        };
        self.role == Role::Client && topics.iter().any(|topic| group.starts_with(topic))
    }

    pub fn universe(&self) -> Universe<'static> {
        let all = match self.role {
            Role::Server => &OF_SERVERS,
            Role::Client => &OF_CLIENTS,
        };
        all.only(&self.cases())
    }
}

/// The groups outside of `bulk` that send megabytes.
const LARGE: [&str; 10] = [
    "close/behind-large-text",
    "control/during-transfer",
    "deflate/just-above",
    "deflate/parameters",
    "deflate/payloads",
    "delivery/slow-reader",
    "limits/growing-message",
    "limits/growth",
    "limits/just-above",
    "utf8/large",
];

/// Many cases with few messages each.
const COMBINATIONS: [&str; 2] = ["deflate/offers", "deflate/responses"];

/// What tells slow from silent.
const OF_SLOWNESS: [&str; 4] = ["close/by-server", "close/codes", "close/end-of-tcp", "control/ping-pong"];

fn is_large(group: &str) -> bool {
    group.starts_with("bulk/") || LARGE.contains(&group)
}

/// Whether a quirk in this area can change the outcome of such cases. What costs much and shows little is left out:
/// the areas need not overlap, as long as each check is failed by some fault.
fn matters(area: Area, group: &str) -> bool {
    let of = |scopes: &[&str]| scopes.iter().any(|scope| group.starts_with(scope));
    let opens = of(&["handshake/", "extensions/", "request/url", "request/certificates", "response/"]);
    match area {
        Area::Agreeing | Area::Deflate => of(&["deflate/"]),
        // these speak no permessage-deflate
        _ if of(&["deflate/"]) => false,
        Area::Any => true,
        Area::Crowding => of(&["abuse/", "limits/growth"]),
        // pauses take their time too, and are about how frames are read
        _ if group == "delivery/pauses" => area == Area::Reading,
        // crowds take their time, and other faults show elsewhere
        _ if of(&["abuse/"]) => area == Area::Opening && group == "abuse/smuggling",
        // what a client asks for shows in any case, and nothing of it in how it takes an answer
        Area::Opening if of(&["response/"]) => group == "response/segments",
        Area::Opening => {
            opens || of(&["request/connection", "framing/text-length", "delivery/frames-with", "delivery/head-and"])
        }
        Area::Switching => {
            let of_servers = ["handshake/key", "handshake/segments", "handshake/subprotocol", "extensions/"];
            of(&of_servers) || of(&["response/", "framing/text-length"])
        }
        Area::Reading => !opens && !of(&["utf8/", "close/", "control/ping-length"]) || group == "handshake/segments",
        Area::Text => of(&["utf8/", "close/reason", "fragmentation/reassembly", "delivery/pieces"]),
        Area::Messages => {
            let others = ["framing/reserved", "masking/", "control/ping-length", "delivery/pieces", "utf8/"];
            !opens && !of(&others) || of(&["utf8/bi", "utf8/bo", "utf8/byte", "utf8/split", "utf8/valid"])
        }
        Area::Sending => !opens && !of(&["framing/reserved", "masking/", "control/ping-length", "utf8/"]),
        Area::Control => !opens && !of(&["framing/reserved", "masking/", "utf8/"]) || group == "utf8/byte-order-mark",
        Area::Closing => !opens && !of(&["control/ping-length", "delivery/pieces", "masking/unaligned", "utf8/"]),
    }
}
