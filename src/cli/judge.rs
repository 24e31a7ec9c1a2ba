//! `wsspec judge`: judges the transcripts of a finished run again, offline.

use super::arguments::CorpusArgs;
use super::session::exit_of;
use super::session_args::{FormatArg, ProfileArg};
use super::{Exit, UserError, corpus, note, present};
use crate::run::directory::verdicts_text;
use crate::run::rejudge::{Rejudged, rejudge};
use crate::run::{DirectoryError, RunDirectory};
use clap::Args;
use std::io::ErrorKind;
use std::path::PathBuf;

/// Arguments of `wsspec judge`.
#[derive(Debug, Args)]
pub struct JudgeArgs {
    /// The folder of a run.
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// Judge by another profile than the run did.
    #[arg(long, value_enum)]
    profile: Option<ProfileArg>,
    /// What to print.
    #[arg(long, value_enum, default_value = "text")]
    format: FormatArg,
    #[command(flatten)]
    corpus: CorpusArgs,
}

/// Runs the command. Nothing is written: what the run found stays what it was.
pub fn run(args: &JudgeArgs) -> Result<Exit, UserError> {
    let corpus = corpus::load(&args.corpus)?;
    let directory = RunDirectory::open(&args.directory)?;
    let profile = match args.profile {
        Some(profile) => profile,
        None => match directory.read_info() {
            // a run that was killed has not written its profile
            Err(DirectoryError::Unreadable { source, .. }) if source.kind() == ErrorKind::NotFound => ProfileArg::Core,
            info => ProfileArg::from_word(&info?.profile)?,
        },
    };
    let Rejudged { results, unusable } = rejudge(&directory, &corpus, profile.strictness())?;
    let shown = present::report(&results, &corpus, &directory);
    present::print(&shown, &corpus, &directory, args.format);
    let says = match std::fs::read_to_string(directory.file("verdicts.json")) {
        Ok(before) if before == verdicts_text(&results) => "the verdicts are those of the run",
        Ok(_) => "the verdicts differ from those of the run",
        // what the journal has was all there was
        Err(fault) if fault.kind() == ErrorKind::NotFound => "the run ended before it wrote its verdicts",
        Err(fault) => return Err(fault.into()),
    };
    unusable.iter().for_each(|line| note(line));
    note(says);
    Ok(if unusable.is_empty() { exit_of(&results) } else { Exit::Broken })
}
