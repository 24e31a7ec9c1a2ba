//! `wsspec list`: the cases of the corpus.

use super::arguments::{CorpusArgs, FilterArgs};
use super::session_args::FormatArg;
use super::{Exit, UserError, corpus, say};
use crate::case::Case;
use clap::Args;
use serde::Serialize;

/// Arguments of `wsspec list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    #[command(flatten)]
    filters: FilterArgs,
    #[command(flatten)]
    corpus: CorpusArgs,
    /// How to print them.
    #[arg(long, value_enum, default_value = "text")]
    format: FormatArg,
}

#[derive(Serialize)]
struct Listed<'a> {
    id: &'a str,
    group: &'a str,
    title: &'a str,
    autobahn: &'a [String],
    roles: &'a [crate::case::Role],
    needs: &'a [crate::case::Need],
    tags: &'a [String],
    requirements: Vec<&'a str>,
}

impl<'a> Listed<'a> {
    fn of(case: &'a Case) -> Listed<'a> {
        let mut requirements: Vec<&str> =
            case.checks.iter().flat_map(|check| &check.requirements).map(String::as_str).collect();
        requirements.sort_unstable();
        requirements.dedup();
        Listed {
            id: &case.id,
            group: &case.group,
            title: &case.title,
            autobahn: &case.autobahn,
            roles: &case.roles,
            needs: &case.needs,
            tags: &case.tags,
            requirements,
        }
    }
}

/// Runs the command.
pub fn run(args: &ListArgs) -> Result<Exit, UserError> {
    let corpus = corpus::load(&args.corpus)?;
    let cases = args.filters.selection(true).apply(&corpus)?;
    if args.format == FormatArg::Json {
        let listed: Vec<Listed<'_>> = cases.iter().map(|case| Listed::of(case)).collect();
        say(&serde_json::to_string_pretty(&listed)?);
        return Ok(Exit::Expected);
    }
    let width = cases.iter().map(|case| case.id.len()).max().unwrap_or(0);
    let mut lines: Vec<String> =
        cases.iter().map(|case| format!("{:width$}  {}", case.id, case.title).trim_end().to_owned()).collect();
    lines.push(format!("{} cases", cases.len()));
    say(&lines.join("\n"));
    Ok(Exit::Expected)
}
