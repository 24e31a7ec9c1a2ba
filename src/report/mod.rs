//! From verdicts to what people and programs read: HTML pages, text for a terminal, JSON.
//!
//! A caller fills a [`RunReport`] and hands out plans and transcripts one case at a time. Every writer shares one view
//! model, in which all text is already [`Printable`]: no template and no terminal ever sees an octet of the target as it came.

pub mod autobahn;
pub mod command;
pub mod html;
pub mod json;
pub mod model;
pub mod moment;
pub mod naming;
pub mod press;
pub mod printable;
pub mod prose;
pub mod standing;
pub mod terminal;
pub mod view;

pub use model::{Record, Records, ReportedCase, RunReport, TargetLine};
pub use printable::Printable;

#[cfg(test)]
mod tests;
