//! A whole run against a server: probe, schedule, repeat what failed, and keep what is finished.

mod crowd;
pub mod directory;
pub mod excuse;
pub mod interruption;
pub mod journal;
mod lock;
pub mod pace;
pub mod probe;
mod refusal;
pub mod rejudge;
pub mod report_folder;
pub mod results;
mod same_target;
pub mod schedule;
mod verdicts;

pub use directory::{DirectoryError, RunDirectory};
pub use interruption::Interruption;
pub use pace::Pace;
pub use probe::{Probe, ProbeError};
pub use report_folder::{Filed, ReportFolder};
pub use results::{CaseResult, RunInfo, RunResults, TargetInfo};
pub use schedule::{Progress, Runner};
