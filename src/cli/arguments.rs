//! Arguments that several commands share.

use super::UserError;
use crate::case::select::Selection;
use crate::case::{Case, Corpus, Role};
use clap::Args;
use std::path::PathBuf;

/// Where the cases come from.
#[derive(Clone, Debug, Default, Args)]
pub struct CorpusArgs {
    /// Read the cases from this folder instead of the ones built in.
    #[arg(long, value_name = "DIR")]
    pub cases: Option<PathBuf>,
}

/// Which cases are meant.
#[derive(Clone, Debug, Default, Args)]
pub struct FilterArgs {
    /// Only cases with such an id, as in `framing/*`; may be given several times, as all of these.
    #[arg(long, value_name = "GLOB", num_args = 1.., help_heading = "Selection")]
    case: Vec<String>,
    /// Only cases that check such a requirement, as in `6455-5.4*`.
    #[arg(long, value_name = "GLOB", num_args = 1.., help_heading = "Selection")]
    requirement: Vec<String>,
    /// Only cases with the stimulus of such a case of the Autobahn Testsuite, as in `5.*`.
    #[arg(long, value_name = "GLOB", num_args = 1.., help_heading = "Selection")]
    autobahn: Vec<String>,
    /// Only cases with such a tag.
    #[arg(long, value_name = "TAG", num_args = 1.., help_heading = "Selection")]
    tag: Vec<String>,
    /// Leave out cases with such an id, requirement, Autobahn id or tag.
    #[arg(long, value_name = "GLOB", num_args = 1.., help_heading = "Selection")]
    exclude: Vec<String>,
}

impl FilterArgs {
    /// The cases that are meant and say something about such a target.
    pub fn cases<'c>(&self, corpus: &'c Corpus, abuse: bool, role: Role) -> Result<Vec<&'c Case>, UserError> {
        let mut cases = self.selection(abuse).apply(corpus)?;
        cases.retain(|case| case.roles.contains(&role));
        if cases.is_empty() {
            let role = if role == Role::Server { "a server" } else { "a client" };
            return Err(UserError(format!("none of these cases says anything about {role}")));
        }
        Ok(cases)
    }

    /// Whether they leave anything out.
    pub fn is_part(&self) -> bool {
        ![&self.case, &self.requirement, &self.autobahn, &self.tag, &self.exclude]
            .iter()
            .all(|chosen| chosen.is_empty())
    }

    /// The selection that the arguments stand for; `abuse` also takes the cases that could harm a target.
    pub fn selection(&self, abuse: bool) -> Selection {
        Selection {
            abuse,
            cases: self.case.clone(),
            requirements: self.requirement.clone(),
            autobahn: self.autobahn.clone(),
            tags: self.tag.clone(),
            exclude: self.exclude.clone(),
        }
    }
}
