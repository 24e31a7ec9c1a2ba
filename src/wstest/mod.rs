//! What it takes to stand in for Autobahn's `wstest`: its spec files, its patterns of case ids, the catalogue of its ids,
//! and the server of the control paths by which clients drive themselves.
//!
//! Its modes are commands and live in `cli`, its reports in `report/autobahn`.

pub mod baseline;
pub mod catalogue;
pub mod control;
pub mod pattern;
pub mod spec;
pub mod unimplemented;

pub use crate::case::autobahn::Entry;
pub use catalogue::{Catalogue, SelectError, Selection};
pub use pattern::PatternError;
pub use spec::{Mode, ServerSpec, Spec};
