//! Servers with faults, odd servers, and conforming ones.

use super::arena::REFERENCE;
use super::{ALL_LARGE, LARGE_DEFLATED, Named, Side, Tried};
use std::sync::LazyLock;
use wsspec::case::Role;
use wsspec::judge::Outcome;
use wsspec::peer::{Quirk, faults, variants};

/// How many faults end a run with an exit code that is not 0: all that break a MUST. It only ever rises.
const DETECTED: usize = 465;
/// How many more a run warns of: they break a SHOULD, or what only the documents of HTTP ask for.
const WARNED_OF: usize = 44;

/// Quirks that have to do with large or many messages, and faults that break what the cases of `bulk` check beside.
const WITH_LARGE: &[(&str, &[&str])] = &[
    ("close-interrupts-big-echo", &["close/behind-large-text"]),
    ("crashes-at-frames-of-64-kib", &["limits/growing-message"]),
    ("never-answers-ping", &["control/during-transfer"]),
    ("breaks-down-at-heads-of-50000-octets", &["limits/growth"]),
    ("looks-up-fields-in-quadratic-time", &["limits/growth"]),
    ("matches-subprotocols-in-quadratic-time", &["limits/growth"]),
    ("reassembles-in-quadratic-time", &["limits/growth"]),
    ("trims-extensions-in-quadratic-time", &["limits/growth"]),
    ("trims-subprotocols-in-quadratic-time", &["limits/growth"]),
    ("trims-values-in-quadratic-time", &["limits/growth"]),
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
    ("keeps-tcp-open-after-close", ALL_LARGE),
    ("hangs-after-ping-inside-message", &["control/during-transfer"]),
    ("loses-every-100th-message", &["bulk/binary-round-trips", "bulk/text-round-trips"]),
    ("rejects-fragmented-binary", &["bulk/binary-fragments"]),
    ("stops-reading-after-500-messages", &["bulk/binary-round-trips"]),
    ("echo-in-8-kib-fragments-with-pings", &["bulk/binary-fragments", "bulk/text-size"]),
    ("echo-in-small-fragments", &["bulk/text-round-trips", "bulk/text-size"]),
    ("message-limit-1-mib", &["bulk/binary-size", "bulk/text-fragments", "bulk/text-size"]),
    ("ticks", &["bulk/binary-pieces", "bulk/text-round-trips"]),
    ("utf8-at-message-end", &["bulk/text-size"]),
];

static SERVERS: LazyLock<Tried> = LazyLock::new(|| {
    let named = |quirks: &[Quirk]| quirks.iter().map(|quirk| (quirk.name, quirk.area)).collect::<Vec<Named>>();
    Tried::new(Side {
        role: Role::Server,
        faults: named(faults()),
        variants: named(variants()),
        golden: ["faults", "variants"],
        with_large: WITH_LARGE,
        whole: &["closes-tcp-without-close-reply", "keeps-tcp-open-after-close"],
        slow: &[
            "close-reply-after-2-s",
            "echo-after-300-ms",
            "looks-up-fields-in-quadratic-time",
            "matches-subprotocols-in-quadratic-time",
            "reassembles-in-quadratic-time",
            "third-pong-after-2-s",
            "trims-extensions-in-quadratic-time",
            "trims-subprotocols-in-quadratic-time",
            "trims-values-in-quadratic-time",
        ],
    })
});

#[test]
fn each_fault_fails_the_cases_of_the_golden_table() {
    SERVERS.faults_are_detected((DETECTED, WARNED_OF));
}

#[test]
fn no_variant_is_accused() {
    SERVERS.no_variant_is_accused();
}

#[test]
fn conforming_servers_pass() {
    // tungstenite does not know the code 1014
    SERVERS.conforming_peers_pass(&[(REFERENCE, "close/codes-registered-late/code-1014", Outcome::Warn)]);
}

#[test]
fn every_must_is_failed_by_some_fault() {
    SERVERS.every_must_is_failed();
}

#[test]
fn every_monitor_is_set_off_by_some_fault() {
    SERVERS.every_monitor_is_set_off();
}
