//! What is shown and written when a run is over: pages, the summary, JSON.

use super::UserError;
use super::session_args::FormatArg;
use super::{say, say_styled};
use crate::case::{Corpus, Role};
use crate::judge::recording::fault_of;
use crate::plan::plan;
use crate::report::terminal::Style;
use crate::report::{Record, ReportedCase, RunReport, TargetLine, html, json, terminal};
use crate::run::{RunDirectory, RunResults};
use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The widest that text is set on a terminal.
const WIDEST: usize = 120;

/// Colours only for people, and only for those who want them.
pub fn style() -> Style {
    let color = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let width = terminal_size::terminal_size().map_or(Style::PLAIN.width, |(width, _)| usize::from(width.0));
    Style { color, width: width.clamp(40, WIDEST) }
}

/// The results as a report takes them.
pub fn report<'a>(results: &'a RunResults, corpus: &'a Corpus, directory: &RunDirectory) -> RunReport<'a> {
    let info = &results.info;
    let existing = |path: std::path::PathBuf| path.exists().then(|| relative(&path, directory.root()));
    RunReport {
        target: TargetLine {
            name: info.target.name.clone(),
            url: info.target.url.clone(),
            software: info.target.software.clone(),
            role: info.target.target.role,
        },
        wsspec: info.wsspec.clone(),
        started: info.started,
        took: Duration::from_millis(info.took_ms),
        seed: info.seed,
        jobs: info.jobs,
        profile: info.profile.clone(),
        stopped: info.stopped.clone(),
        not_run: info.not_run.clone(),
        command: info.command.clone(),
        directory: Some(directory.root().display().to_string()),
        corpus,
        cases: results
            .cases
            .iter()
            .filter_map(|result| {
                Some(ReportedCase {
                    case: corpus.case(&result.id)?,
                    verdict: &result.verdict,
                    attempts: result.attempts,
                    took: Duration::from_micros(result.took_us),
                    transcript: existing(directory.transcript_path(&result.id)),
                    first_transcript: existing(directory.first_transcript_path(&result.id)),
                })
            })
            .collect(),
    }
}

fn relative(path: &Path, root: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

/// The plan and the transcript of a case, as its file holds them.
pub fn record(id: &str, corpus: &Corpus, directory: &RunDirectory) -> Option<Record> {
    let stored = directory.read_transcript(id).ok().flatten()?;
    let mut plan = plan(&stored.case, &stored.target, stored.seed, &corpus.data).ok()?;
    if fault_of(&plan, &stored.transcript).is_some() {
        return None;
    }
    if let Some(settled) = plan.settled_by(&stored.transcript) {
        plan = settled;
    }
    if plan.role == Role::Client
        && let Some(request) = stored.transcript.first_head()
    {
        plan.answer(&request);
    }
    Some(Record { plan, transcript: stored.transcript })
}

/// Writes the pages of a report; those of an earlier report that it has no more are removed.
pub fn write_pages(report: &RunReport<'_>, corpus: &Corpus, directory: &RunDirectory) -> Result<(), UserError> {
    let written = Mutex::new(BTreeSet::new());
    let sink = |path: &str, page: &[u8]| {
        written.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned());
        directory.write_file(path, page).map_err(std::io::Error::other)
    };
    let unmade = html::write(report, &|id| record(id, corpus, directory), &sink)?;
    let written = written.into_inner().unwrap_or_else(PoisonError::into_inner);
    directory.keep_only(html::PAGES, &|path| written.contains(path))?;
    match unmade.as_slice() {
        [] => Ok(()),
        [page, more @ ..] => {
            let more = if more.is_empty() { String::new() } else { format!(", and so with {} more", more.len()) };
            let html::UnmadePage { path, reason } = page;
            Err(UserError(format!("could not make the page {path}, which is a defect of wsspec: {reason}{more}")))
        }
    }
}

/// Prints the end of a run.
pub fn print(report: &RunReport<'_>, corpus: &Corpus, directory: &RunDirectory, format: FormatArg) {
    match format {
        FormatArg::Json => say(json::summary(report).trim_end()),
        FormatArg::Text => {
            let text = terminal::summary(report, &|id| record(id, corpus, directory), style());
            say_styled(text.trim_end());
        }
    }
}
