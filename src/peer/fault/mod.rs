//! The injected faults and the legal variants, one row each: a name, what the server does, and how its conduct is bent.
//!
//! A fault breaks as few requirements as it can, so that a check which misses it is seen to miss it.

mod accepting;
mod answering;
mod arriving;
mod close_codes;
mod closing;
#[cfg(test)]
mod compressed;
mod control;
mod crowding;
mod deflate_variant;
mod deflating;
mod inflating;
mod messages;
mod naming;
mod negotiating;
mod opening;
mod reading;
mod refusing;
#[cfg(test)]
mod rows;
mod sending;
mod spelling;
mod text;
mod variant;

pub(super) use variant::pieces;

use super::BindError;
use super::conduct::Conduct;
use super::deflate::Deflating;
use std::sync::LazyLock;

/// The name of the hand-written server without any quirk.
pub const CONFORMING: &str = "conforming";

/// The name of the hand-written peers that speak permessage-deflate, without any other quirk.
pub const DEFLATING: &str = "speaks-deflate";

/// One way for the hand-written server to differ from its conforming self.
#[derive(Clone, Copy)]
pub struct Quirk {
    /// What the server does wrong, or oddly.
    pub name: &'static str,
    /// The same in a sentence.
    pub about: &'static str,
    /// The part of a conversation that it is about.
    pub area: Area,
    bend: fn(&mut Conduct),
}

/// The parts of a conversation that a quirk can be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// The request of the opening handshake, and how it is refused.
    Opening,
    /// The 101 that opens the connection.
    Switching,
    /// Frames as they are read.
    Reading,
    /// UTF-8.
    Text,
    /// Echoes.
    Messages,
    /// Frames as they are sent.
    Sending,
    /// Pings and pongs.
    Control,
    /// The closing handshake, and how a connection fails.
    Closing,
    /// The negotiation of permessage-deflate.
    Agreeing,
    /// Compressed messages.
    Deflate,
    /// What many connections do, or much on one.
    Crowding,
    /// Any of them.
    Any,
}

/// A quirk that RFC 6455 or the HTTP below it forbids.
pub type Fault = Quirk;

/// A quirk that is odd and allowed.
pub type Variant = Quirk;

const fn quirk(name: &'static str, about: &'static str, bend: fn(&mut Conduct)) -> Quirk {
    Quirk { name, about, area: Area::Any, bend }
}

/// Speaks permessage-deflate, in a bent way.
fn deflating(conduct: &mut Conduct, bend: fn(&mut Deflating)) {
    let mut ways = Deflating::conforming();
    bend(&mut ways);
    conduct.deflate = Some(ways);
}

impl Quirk {
    pub(super) fn conduct(self) -> Conduct {
        let mut conduct = Conduct::conforming();
        (self.bend)(&mut conduct);
        conduct
    }
}

/// Every injected fault.
pub fn faults() -> &'static [Fault] {
    static FAULTS: LazyLock<Vec<Fault>> = LazyLock::new(|| {
        tables(&[
            (Area::Switching, opening::TABLE),
            (Area::Opening, refusing::TABLE),
            (Area::Opening, accepting::TABLE),
            (Area::Opening, spelling::TABLE),
            (Area::Opening, arriving::TABLE),
            (Area::Opening, naming::TABLE),
            (Area::Reading, reading::TABLE),
            (Area::Text, text::TABLE),
            (Area::Messages, messages::TABLE),
            (Area::Sending, sending::TABLE),
            (Area::Control, control::TABLE),
            (Area::Closing, closing::TABLE),
            (Area::Closing, close_codes::TABLE),
            (Area::Crowding, crowding::TABLE),
            (Area::Crowding, naming::TRIMMING),
            (Area::Agreeing, negotiating::TABLE),
            (Area::Deflate, inflating::TABLE),
            (Area::Deflate, deflating::TABLE),
        ])
    });
    &FAULTS
}

/// Every legal variant.
pub fn variants() -> &'static [Variant] {
    static VARIANTS: LazyLock<Vec<Variant>> = LazyLock::new(|| {
        tables(&[
            (Area::Any, variant::TABLE),
            (Area::Opening, answering::TABLE),
            (Area::Agreeing, deflate_variant::ANSWERING),
            (Area::Deflate, deflate_variant::TABLE),
        ])
    });
    &VARIANTS
}

fn tables(tables: &[(Area, &[Quirk])]) -> Vec<Quirk> {
    let of_area =
        |(area, table): &(Area, &[Quirk])| table.iter().map(|quirk| Quirk { area: *area, ..*quirk }).collect();
    tables.iter().flat_map::<Vec<Quirk>, _>(of_area).collect()
}

/// The quirk of that name; `None` is the conforming server.
pub(super) fn find(name: &str) -> Result<Option<Quirk>, BindError> {
    if name == CONFORMING {
        return Ok(None);
    }
    let mut known = faults().iter().chain(variants());
    known.clone().find(|quirk| quirk.name == name).map(|quirk| Some(*quirk)).ok_or_else(|| {
        let names: Vec<_> = known.by_ref().map(|quirk| quirk.name).collect();
        BindError::unknown_name(name, &names)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::session::Session;
    use std::collections::BTreeSet;

    fn all() -> impl Iterator<Item = &'static Quirk> {
        faults().iter().chain(variants())
    }

    #[test]
    fn names_are_unique_and_explained() {
        let names: BTreeSet<_> = all().map(|quirk| quirk.name).collect();
        assert_eq!(names.len(), all().count());
        for Quirk { name, about, .. } in all() {
            assert!(name.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || b"-+".contains(&c)), "{name}");
            assert!(!about.is_empty() && !about.ends_with('.'), "{name}");
        }
    }

    #[test]
    fn every_name_is_found_and_no_other() {
        assert!(find(CONFORMING).unwrap().is_none());
        for quirk in all() {
            assert_eq!(find(quirk.name).unwrap().unwrap().name, quirk.name);
        }
        let Err(BindError::UnknownName { near, .. }) = find("accepts-rsv1-on-txt") else { panic!() };
        assert_eq!(near[0], "accepts-rsv1-on-text");
    }

    #[test]
    fn no_quirk_panics_on_odd_input() {
        for quirk in all() {
            for first in 0..=255u8 {
                let mut session = Session::new(rows::conduct(quirk.name));
                session.open();
                for length in [0x80, 0x81, 0x82, 0x85, 0x05, 0xFE, 0x80] {
                    let mut octets =
                        [[first, length].as_slice(), &[0, 2, 3, 4, 0, 0x88, 0xFF, first, 0xE2, 0x82]].concat();
                    let (start, end) = octets.split_at_mut(5);
                    session.receive(start);
                    session.receive(end);
                }
                session.tick();
                session.eof();
            }
        }
    }
}
