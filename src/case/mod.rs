//! What is asked: the law as data.
//!
//! The file format, loading with exact positions, the register of requirements, the monitors, selection and lint.
//! A case says what is sent and which outcomes the RFCs accept; it knows nothing of sockets, clocks or how a verdict is reached.

pub mod autobahn;
pub mod autobahn_difference;
pub mod certificate;
pub mod check;
pub mod corpus;
pub mod coverage;
pub mod crowd;
pub mod deflate;
pub mod delivery;
pub mod file;
pub mod frame;
pub mod law;
pub mod lint;
pub mod load;
pub mod measure;
pub mod monitor;
mod name;
pub mod one_or_many;
pub mod opening;
pub mod payload;
pub mod requirement;
pub mod response;
pub mod schema;
pub mod select;
pub mod source;
pub mod step;

pub use autobahn::Autobahn;
pub use certificate::Certificate;
pub use check::{Check, Expect, Level};
pub use corpus::Corpus;
pub use crowd::Crowd;
pub use delivery::Delivery;
pub use file::{Case, Need, Role};
pub use frame::{FrameSpec, Kind};
pub use law::Law;
pub use measure::Measure;
pub use monitor::Monitor;
pub use opening::Opening;
pub use payload::PayloadSpec;
pub use requirement::{Register, Requirement};
pub use response::Response;
pub use source::SourceError;
pub use step::{Send, Step, Until};
