//! What is done for an id without a case, or with one that makes no sense on the target: the connection is opened and
//! closed in good order, as Autobahn does where a target lacks an extension.

use crate::case::{Case, Step};
use crate::judge::{Finding, Severity, Verdict};

/// The case that stands in under an id. It judges nothing.
pub fn stand_in(id: &str) -> Case {
    Case { title: "Opens the connection and closes it".to_owned(), ..Case::bare(id, vec![Step::Close(1000)]) }
}

/// The verdict on an id that is not run, for this reason.
pub fn verdict(reason: &str) -> Verdict {
    Verdict::of(vec![Finding::of_run(Severity::Skip, reason)], true)
}
