//! Clients with faults, odd clients, and conforming ones.

use super::arena::REFERENCE;
use super::{ALL_LARGE, LARGE_DEFLATED, Named, Side, Tried};
use std::sync::LazyLock;
use wsspec::case::Role;
use wsspec::judge::Outcome;
use wsspec::peer::{ClientQuirk, DEFLATING, client_faults, client_variants};

/// How many faults end a run with an exit code that is not 0: all that break a MUST. It only ever rises.
const DETECTED: usize = 428;
/// How many more a run warns of: they break a SHOULD, or what only the documents of HTTP ask for.
const WARNED_OF: usize = 30;

/// Quirks that have to do with large or many messages, and faults that break what the cases of `bulk` check beside.
const WITH_LARGE: &[(&str, &[&str])] = &[
    ("close-interrupts-big-echo", &["close/behind-large-text"]),
    ("never-answers-ping", &["control/during-transfer"]),
    ("closes-tcp-after-second-message", &["bulk/text-round-trips"]),
    ("closes-tcp-without-close-reply", ALL_LARGE),
    ("hangs-at-closes-with-deflate", LARGE_DEFLATED),
    ("hangs-behind-closes-with-deflate", LARGE_DEFLATED),
    ("loses-compressed-messages", LARGE_DEFLATED),
    ("echo-drops-last-byte-over-65535", ALL_LARGE),
    ("echo-cut-to-1-mib", &["limits/just-above"]),
    ("echo-cut-to-65536", &["limits/just-above"]),
    ("ends-inflated-messages-at-64-kib", &["deflate/just-above"]),
    ("echo-ends-at-1-mib", &["bulk/text-size"]),
    ("echo-zeroes-octet-65536", &["bulk/binary-size"]),
    ("ignores-messages-over-1-mib", &["bulk/text-size"]),
    ("hangs-after-ping-inside-message", &["control/during-transfer"]),
    ("loses-every-100th-message", &["bulk/binary-round-trips", "bulk/text-round-trips"]),
    ("never-closes-tcp", ALL_LARGE),
    ("rejects-fragmented-binary", &["bulk/binary-fragments"]),
    ("stops-reading-after-500-messages", &["bulk/binary-round-trips"]),
    ("message-limit-1-mib", &["bulk/binary-size", "bulk/text-fragments", "bulk/text-size"]),
];

static CLIENTS: LazyLock<Tried> = LazyLock::new(|| {
    let named = |quirks: &[ClientQuirk]| quirks.iter().map(|quirk| (quirk.name, quirk.area)).collect::<Vec<Named>>();
    Tried::new(Side {
        role: Role::Client,
        faults: named(client_faults()),
        variants: named(client_variants()),
        golden: ["client-faults", "client-variants"],
        with_large: WITH_LARGE,
        whole: &["closes-tcp-without-close-reply", "never-closes-tcp"],
        slow: &["close-reply-after-2-s", "echo-after-300-ms", "third-pong-after-2-s"],
    })
});

#[test]
fn each_fault_fails_the_cases_of_the_golden_table() {
    CLIENTS.faults_are_detected((DETECTED, WARNED_OF));
}

#[test]
fn no_variant_is_accused() {
    CLIENTS.no_variant_is_accused();
}

#[test]
fn conforming_clients_pass() {
    // tungstenite does not know the code 1014
    let reference = [(REFERENCE, "close/codes-registered-late/code-1014", Outcome::Warn)];
    // what these offer, or do not, leaves these without a meaning
    let offering = [
        "answers-not-as-offered/server-context",
        "answers-not-as-offered/server-window-of-15-bits",
        "answers-not-as-offered/server-window-unlimited",
        "answers/client-window-not-offered",
        "answers/not-offered",
        "answers/quoted-server",
    ];
    let ids = offering.map(|name| format!("deflate/{name}"));
    let skipped = ids.iter().flat_map(|id| [DEFLATING, REFERENCE].map(|peer| (peer, id.as_str(), Outcome::Skip)));
    let excused = skipped.chain(reference);
    CLIENTS.conforming_peers_pass(&excused.collect::<Vec<_>>());
}

#[test]
fn every_must_is_failed_by_some_fault() {
    CLIENTS.every_must_is_failed();
}

#[test]
fn every_monitor_is_set_off_by_some_fault() {
    CLIENTS.every_monitor_is_set_off();
}
