//! `wsspec import-autobahn`: turns a user's old results from Autobahn into a baseline, and explains what differs today.

use super::arguments::CorpusArgs;
use super::present;
use super::session_args::FormatArg;
use super::{Exit, UserError, corpus, say};
use crate::case::{Corpus, source};
use crate::judge::{Severity, Source};
use crate::report::Printable;
use crate::report::autobahn::CaseReport;
use crate::run::RunDirectory;
use crate::run::journal::Journal;
use crate::wstest::baseline::{Baseline, Line, OldIndex, OurResult, Standing, read};
use crate::wstest::{Catalogue, unimplemented};
use clap::Args;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Arguments of `wsspec import-autobahn`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The index.json of an old report.
    #[arg(value_name = "INDEX.json")]
    index: PathBuf,
    /// The agent in it; needed where there are several.
    #[arg(long, value_name = "NAME")]
    agent: Option<String>,
    /// The folder of a run of wsspec against the same target, to compare with.
    #[arg(long, value_name = "DIR")]
    against: Option<PathBuf>,
    /// What to print.
    #[arg(long, value_enum, default_value = "text")]
    format: FormatArg,
    #[command(flatten)]
    corpus: CorpusArgs,
}

/// Runs the command. Nothing is written.
pub fn run(args: &ImportArgs) -> Result<Exit, UserError> {
    let corpus = corpus::load(&args.corpus)?;
    let catalogue = Catalogue::new(&corpus);
    let shown = args.index.display();
    let octets = source::read(&args.index);
    let octets = octets.map_err(|fault| UserError(format!("could not read {shown}: {fault}")))?;
    let text = source::text(octets).map_err(|fault| UserError(format!("could not read {shown}: {fault}")))?;
    let old = read(&args.index, &text).map_err(|fault| UserError(fault.to_string()))?;
    let (agent, results) = choose(&old, args.agent.as_deref())?;
    let ours = args.against.as_deref().map(|root| results_of(root, &corpus, &catalogue)).transpose()?;
    let baseline = Baseline::new(agent, results, ours.as_ref(), &catalogue, &corpus.autobahn_differences);
    match args.format {
        FormatArg::Json => say(&serde_json::to_string_pretty(&baseline).map_err(std::io::Error::other)?),
        FormatArg::Text => say(&told(&baseline)),
    }
    Ok(Exit::Expected)
}

type Results = BTreeMap<String, crate::wstest::baseline::OldResult>;

fn choose<'o>(old: &'o OldIndex, wanted: Option<&str>) -> Result<(&'o str, &'o Results), UserError> {
    let names: Vec<String> = old.keys().map(|name| format!("`{}`", Printable::of(name))).collect();
    let found = match wanted {
        Some(name) => old.get_key_value(name),
        None if old.len() == 1 => old.first_key_value(),
        None => None,
    };
    found.map(|(name, results)| (name.as_str(), results)).ok_or_else(|| {
        UserError(match (wanted, names.as_slice()) {
            (_, []) => "there is no agent in the index".to_owned(),
            (Some(name), names) => format!("no agent is called `{name}`; there are {}", names.join(", ")),
            (None, names) => format!("there are several agents, and --agent chooses one: {}", names.join(", ")),
        })
    })
}

/// What a run says of each id.
fn results_of(
    root: &Path,
    corpus: &Corpus,
    catalogue: &Catalogue<'_>,
) -> Result<BTreeMap<String, OurResult>, UserError> {
    let directory = RunDirectory::open(root)?;
    let role = directory.read_info()?.target.target.role;
    let found = Journal::read(&directory)?;
    let mut results = BTreeMap::new();
    for entry in catalogue.entries() {
        let (verdict, record) = match entry.case {
            Some(case) => {
                let Some(result) = found.iter().rev().find(|result| result.id == case.id) else { continue };
                (result.verdict.clone(), present::record(&case.id, corpus, &directory))
            }
            None => (unimplemented::verdict(entry.unimplemented), None),
        };
        let outcome = verdict.outcome.word();
        let mut failed = verdict.findings.iter().filter(|finding| finding.severity == Severity::Fail).peekable();
        let of_monitor = failed.peek().is_some()
            && failed.all(|finding| finding.sources().all(|source| matches!(source, Source::Monitor(_))));
        let case = CaseReport::new(entry.clone(), verdict, record, SystemTime::UNIX_EPOCH, Duration::ZERO);
        results.insert(entry.id.to_owned(), OurResult { outcome, words: case.words(role), of_monitor });
    }
    Ok(results)
}

fn told(baseline: &Baseline) -> String {
    let mut lines = vec![format!("{}: {} results of Autobahn", Printable::of(&baseline.agent), baseline.cases.len())];
    for (standing, words) in [
        (Standing::Agrees, "agree"),
        (Standing::Explained, "differ for a known reason"),
        (Standing::Unexplained, "differ for no known reason: the target or its settings may have changed"),
        (Standing::NotCompared, "not compared"),
        (Standing::UnknownId, "ids that are not known"),
    ] {
        let count = baseline.count(standing);
        if count > 0 {
            lines.push(format!("{count:5}  {words}"));
        }
    }
    let bad: Vec<&Line> = baseline.cases.iter().filter(|line| !line.autobahn.is_good()).collect();
    if !bad.is_empty() {
        lines.push("\nWhat Autobahn did not like:".to_owned());
        lines.extend(bad.iter().map(|line| row(line)));
    }
    let mut reasons: Vec<(&str, Vec<&Line>)> = Vec::new();
    for line in &baseline.cases {
        let Some(reason) = line.reason.as_deref() else { continue };
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, lines)) => lines.push(line),
            None => reasons.push((reason, vec![line])),
        }
    }
    for (reason, of_it) in reasons {
        lines.push(format!("\n{reason}"));
        lines.extend(of_it.iter().map(|line| row(line)));
    }
    let unexplained: Vec<&Line> = baseline.cases.iter().filter(|line| line.standing == Standing::Unexplained).collect();
    if !unexplained.is_empty() {
        lines.push("\nWithout a known reason:".to_owned());
        lines.extend(unexplained.iter().map(|line| row(line)));
    }
    lines.join("\n")
}

fn row(line: &Line) -> String {
    let theirs = Printable::of(line.autobahn.joined());
    let ours = line.wsspec.as_ref().map(|pair| format!(", here {}", pair.joined())).unwrap_or_default();
    let outcome = line.outcome.map(|outcome| format!(" ({outcome})")).unwrap_or_default();
    format!("  {:8} {theirs}{ours}{outcome}  {}", line.id, line.case.as_deref().unwrap_or_default())
}
