//! `wsspec coverage`: which requirements are judged, by what, and what a run found of them.

use super::arguments::CorpusArgs;
use super::session_args::FormatArg;
use super::{Exit, UserError, corpus, say};
use crate::case::Role;
use crate::case::coverage::{Covered, coverage};
use crate::judge::Outcome;
use crate::report::standing::{Judged, standing};
use crate::run::RunDirectory;
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Arguments of `wsspec coverage`.
#[derive(Debug, Args)]
pub struct CoverageArgs {
    /// The folder of a run, to show its results beside the requirements.
    #[arg(value_name = "DIR")]
    directory: Option<PathBuf>,
    /// The role of the target.
    #[arg(long, value_enum, default_value = "server")]
    role: RoleArg,
    /// Only documents with this in their name, as in `6455`.
    #[arg(long, value_name = "TEXT")]
    document: Option<String>,
    /// Only requirements that nothing judges, or that are judged in part.
    #[arg(long)]
    gaps: bool,
    /// How to print them.
    #[arg(long, value_enum, default_value = "text")]
    format: FormatArg,
    #[command(flatten)]
    corpus: CorpusArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum RoleArg {
    Server,
    Client,
}

#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    document: &'a str,
    section: &'a str,
    level: &'a str,
    statement: &'a str,
    observable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<Outcome>,
    cases: &'a [&'a str],
    monitors: &'a [&'a str],
    #[serde(skip_serializing_if = "Option::is_none")]
    why_not: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<&'a str>,
}

/// Runs the command.
pub fn run(args: &CoverageArgs) -> Result<Exit, UserError> {
    let corpus = corpus::load(&args.corpus)?;
    let role = match args.role {
        RoleArg::Server => Role::Server,
        RoleArg::Client => Role::Client,
    };
    let verdicts = match &args.directory {
        Some(path) => Some(RunDirectory::open(path)?.read_verdicts()?),
        None => None,
    };
    let all = coverage(&corpus, role);
    let in_document = |covered: &&Covered<'_>| {
        args.document.as_ref().is_none_or(|text| covered.requirement.document.contains(text.as_str()))
    };
    let documents: Vec<&Covered<'_>> = all.iter().filter(in_document).collect();
    if documents.is_empty() {
        let text = args.document.as_deref().unwrap_or_default();
        return Err(UserError(format!("no document has `{text}` in its name")));
    }
    let is_gap = |covered: &&&Covered<'_>| !args.gaps || (covered.requirement.observable && !covered.is_judged_whole());
    let shown: Vec<&Covered<'_>> = documents.iter().filter(is_gap).copied().collect();
    let judged: Option<BTreeMap<&str, Judged<'_>>> = verdicts.as_ref().map(|verdicts| {
        let cases = verdicts.cases.iter().map(|(id, verdict)| {
            let found = verdict.findings.iter().map(|finding| (finding.severity, finding.requirements.as_slice()));
            (id.as_str(), Judged::new(verdict.outcome, found))
        });
        cases.collect()
    });
    let rows: Vec<Row<'_>> = shown.iter().map(|covered| row(covered, judged.as_ref())).collect();
    if args.format == FormatArg::Json {
        say(&serde_json::to_string_pretty(&rows)?);
        return Ok(Exit::Expected);
    }
    for row in &rows {
        let judged = match (row.cases.len(), row.monitors.len(), row.why_not) {
            (0, 0, Some(why)) => format!("not judged: {why}"),
            (0, 0, None) => "not judged".to_owned(),
            (0, monitors, _) => format!("{monitors} monitors"),
            (cases, 0, _) => format!("{cases} cases"),
            (cases, monitors, _) => format!("{cases} cases, {monitors} monitors"),
        };
        let result = row.result.map(|outcome| format!("{outcome}: ")).unwrap_or_default();
        say(&format!("{:18} {:10} {}\n{:30}{result}{judged}", row.id, row.level, row.statement, ""));
        if let Some(missing) = row.missing {
            say(&format!("{:30}judged in part; not judged: {missing}", ""));
        }
    }
    say(&totals(&documents));
    Ok(Exit::Expected)
}

fn row<'a>(covered: &'a Covered<'a>, judged: Option<&BTreeMap<&str, Judged<'_>>>) -> Row<'a> {
    let requirement = covered.requirement;
    Row {
        id: &requirement.id,
        document: &requirement.document,
        section: &requirement.section,
        level: &requirement.level,
        statement: &requirement.statement,
        observable: requirement.observable,
        result: judged.and_then(|judged| standing(covered, judged)),
        cases: &covered.cases,
        monitors: &covered.monitors,
        why_not: covered.why_not,
        missing: covered.missing,
    }
}

fn totals(covered: &[&Covered<'_>]) -> String {
    #[derive(Default)]
    struct Totals {
        observable: usize,
        judged: usize,
        partly: usize,
    }
    let mut documents: BTreeMap<&str, Totals> = BTreeMap::new();
    for covered in covered.iter().filter(|covered| covered.requirement.observable) {
        let totals = documents.entry(&covered.requirement.document).or_default();
        totals.observable += 1;
        totals.judged += usize::from(covered.is_judged());
        totals.partly += usize::from(covered.is_judged() && !covered.is_judged_whole());
    }
    let lines: Vec<String> = documents
        .iter()
        .map(|(document, Totals { observable, judged, partly })| {
            let partly = if *partly > 0 { format!(", {partly} of them in part") } else { String::new() };
            format!("{document:32} {judged:>4} of {observable:>4} observable requirements are judged{partly}")
        })
        .collect();
    format!("\n{}", lines.join("\n"))
}
