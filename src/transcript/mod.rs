//! What happened: bytes with times, and the views derived from them.
//!
//! A [`Transcript`] is the only record of a conversation. Events, facts and verdicts are recomputed from it at any time.
//! It states and never judges: an illegal frame is a [`Fact`], and what a fact means is said by `cases/spec/monitors.json`.

mod body;
pub mod content;
pub mod decode;
mod deflate_facts;
mod deflated;
pub mod entry;
pub mod fact;
pub mod head_facts;
mod mask_history;
pub mod payload;
pub mod record;
pub mod redaction;
pub mod request_facts;
pub mod timeline;

pub use content::Content;
pub use decode::{Compressed, Decoder, Event, Side};
pub use entry::{Beginning, Ending, Entry, Other, Reply, Span, Timed, Transcript, Turnout};
pub use fact::{Fact, FactKind};
pub use head_facts::switches_elsewhere;
pub use payload::{Payload, Payloads};
pub use record::Recorder;
pub use redaction::Redaction;
pub use timeline::{TimedEvent, Timeline};
