//! The native reports on clients that drive themselves: verdicts, pages and figures, in a folder for each client.

use super::{note, present};
use crate::case::Corpus;
use crate::judge::Outcome;
use crate::run::directory::in_corpus_order;
use crate::run::{RunDirectory, RunInfo, RunResults};
use crate::wstest::control::{News, Program, Reporter, Run, Standing};
use std::sync::Arc;

/// Writes a report for each client.
pub struct Native {
    /// The law.
    pub corpus: Arc<Corpus>,
    /// What is the same for all clients.
    pub info: RunInfo,
    /// Whether nothing is told while the service goes on.
    pub quiet: bool,
}

impl Native {
    /// Writes the report on one client.
    pub fn write_one(&self, agent: &Standing, results: &RunResults, directory: &RunDirectory) -> Result<(), String> {
        let mut results = agent.report(results);
        results.cases = in_corpus_order(results.cases, &self.corpus.cases().collect::<Vec<_>>());
        directory.write_results(&results).map_err(|fault| fault.to_string())?;
        let shown = present::report(&results, &self.corpus, directory);
        present::write_pages(&shown, &self.corpus, directory).map_err(|fault| fault.0)
    }
}

impl Reporter for Native {
    fn tell(&self, news: &News<'_>) {
        let line = match news {
            News::Trouble(reason) => format!("trouble: {reason}"),
            _ if self.quiet => return,
            News::Updates { .. } => "writing the reports".to_owned(),
            _ => return,
        };
        note(&line);
    }

    fn ran(&self, run: &Run<'_>) -> &'static str {
        let outcome = run.verdict.outcome;
        if !self.quiet && matches!(outcome, Outcome::Fail | Outcome::Broken) {
            note(&format!("{outcome:6} {} ({})", run.offer.id, run.agent));
        }
        match outcome {
            Outcome::Pass => "OK",
            Outcome::Warn => "NON-STRICT",
            Outcome::Info => "INFORMATIONAL",
            Outcome::Skip => "UNIMPLEMENTED",
            Outcome::Fail | Outcome::Flaky | Outcome::Broken => "FAILED",
        }
    }

    fn write(&self, agents: &[Standing], program: &Program) -> Result<(), String> {
        for agent in agents.iter().filter(|agent| agent.news) {
            if let Some(directory) = &agent.directory {
                self.write_one(agent, &agent.results(&self.info, program), directory)?;
            }
        }
        Ok(())
    }
}
