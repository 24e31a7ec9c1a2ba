//! What is shown, made once for every writer: plain structs whose text is [`Printable`](super::Printable).

pub mod alike;
pub mod case;
pub mod coverage;
pub mod diff;
pub(super) mod drafts;
pub mod finding;
mod frames;
pub mod group;
pub mod hex;
pub mod negotiation;
pub mod octets;
pub mod profile;
pub mod rows;
pub(super) mod sent;
pub mod summary;
pub(super) mod wire;

pub use alike::Alike;
pub use case::CaseView;
pub use coverage::CoverageView;
pub use diff::{DiffLine, DiffView};
pub use finding::FindingView;
pub use group::{CaseRow, GroupView};
pub use hex::HexView;
pub use profile::{ProfileLine, ProfileValue};
pub use rows::{Bounds, Row};
pub use summary::{CountView, GroupLine, SummaryView};

#[cfg(test)]
mod tests;
