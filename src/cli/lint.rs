//! `wsspec lint`: what is wrong with the corpus.

use super::arguments::CorpusArgs;
use super::{Exit, UserError, corpus, say};
use crate::case::lint::lint;
use crate::case::schema::case_schema;
use clap::Args;

/// Arguments of `wsspec lint`.
#[derive(Debug, Args)]
pub struct LintArgs {
    #[command(flatten)]
    corpus: CorpusArgs,
    /// Print the JSON schema of case files instead.
    #[arg(long)]
    schema: bool,
}

/// Runs the command.
pub fn run(args: &LintArgs) -> Result<Exit, UserError> {
    if args.schema {
        say(case_schema().trim_end());
        return Ok(Exit::Expected);
    }
    let corpus = corpus::load(&args.corpus)?;
    let faults = lint(&corpus);
    if faults.is_empty() {
        let (cases, groups) = (corpus.cases().count(), corpus.groups.len());
        let requirements = corpus.register.iter().count();
        say(&format!(
            "{cases} cases in {groups} groups, {requirements} requirements, {} monitors: nothing is wrong",
            corpus.monitors.len()
        ));
        return Ok(Exit::Expected);
    }
    let count = if faults.len() == 1 { "1 fault".to_owned() } else { format!("{} faults", faults.len()) };
    let shown: Vec<String> = faults.iter().map(ToString::to_string).collect();
    Err(UserError(format!("{count} in the corpus\n\n{}", shown.join("\n\n"))))
}
