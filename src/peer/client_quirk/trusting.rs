//! Faults in whom a client trusts, one row each: a name, what the client does wrong, and how.

use super::{ClientQuirk, quirk};
use crate::drive::Flaw;

pub(super) const TABLE: &[ClientQuirk] = &[
    quirk("trusts-any-certificate", "does not look at the certificate of the server", |m| m.care.overlooks = |_| true),
    quirk("trusts-unknown-issuers", "takes a certificate whoever vouches for it", |m| {
        m.care.overlooks = |flaw| flaw == Flaw::UnknownIssuer;
    }),
    quirk("trusts-expired-certificates", "takes a certificate whose time is over", |m| {
        m.care.overlooks = |flaw| flaw == Flaw::Expired;
    }),
    quirk("trusts-certificates-of-others", "takes a certificate for another name", |m| {
        m.care.overlooks = |flaw| flaw == Flaw::OtherName;
    }),
];
