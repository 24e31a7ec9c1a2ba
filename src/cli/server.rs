//! `wsspec server`: tests servers.

use super::arguments::{CorpusArgs, FilterArgs};
use super::session::Session;
use super::session_args::{ProfileArg, SessionArgs};
use super::{Exit, UserError, corpus};
use crate::case::{Case, Corpus, Role};
use crate::run::{Interruption, ReportFolder, RunDirectory};
use crate::transcript::redaction::hidden_url;
use clap::Args;
use url::Url;

const EXAMPLES: &str = "\
Examples:
  wsspec server ws://localhost:9001
  wsspec server wss://example.org/chat --header 'Cookie: id=1' --echo no --name chat
  wsspec server ws://localhost:9001 --spawn './server --port 9001' --case 'framing/*' --exclude 6455-5.2-3

Exit codes: 0 as expected, 1 a MUST was broken, 2 usage, configuration or case file, 3 something could not be judged.";

/// Arguments of `wsspec server`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ServerArgs {
    /// The servers, as in `ws://localhost:9001/chat` or `wss://localhost`.
    #[arg(required = true, value_name = "URL")]
    urls: Vec<String>,
    #[command(flatten)]
    session: SessionArgs,
    #[command(flatten)]
    filters: FilterArgs,
    #[command(flatten)]
    corpus: CorpusArgs,
}

/// Runs the command.
pub async fn run(args: ServerArgs) -> Result<Exit, UserError> {
    let corpus = corpus::load(&args.corpus)?;
    let cases = args.filters.cases(&corpus, args.session.profile == ProfileArg::Abuse, Role::Server)?;
    let several = args.urls.len() > 1;
    if several && args.session.out.is_some() {
        return Err(several_in_one("--out names one folder"));
    }
    if several && args.session.name.is_some() {
        return Err(several_in_one("--name is the name of one target"));
    }
    let urls = args.urls.iter().map(|url| parse_url(url)).collect::<Result<Vec<Url>, UserError>>()?;
    let sessions = urls
        .into_iter()
        .map(|url| Ok(Session::prepare(&args.session, url)?.choosing(&args.corpus, &args.filters)))
        .collect::<Result<Vec<Session>, UserError>>()?;
    run_all(&corpus, &cases, args.session.resume, sessions).await
}

fn several_in_one(what: &str) -> UserError {
    UserError(format!("{what}, and there are several URLs; leave it out, or test them one by one"))
}

/// Tests one server after the other, after a look at everything that could be wrong with any of them.
async fn run_all(corpus: &Corpus, cases: &[&Case], resume: bool, sessions: Vec<Session>) -> Result<Exit, UserError> {
    for (number, session) in sessions.iter().enumerate() {
        if let Some(other) = sessions[..number].iter().find(|other| other.root() == session.root()) {
            return Err(UserError(format!(
                "the reports on {} and {} would both go to {}; test them one by one, each with --name or --out",
                other.place(),
                session.place(),
                session.root().display()
            )));
        }
        RunDirectory::inspect(session.root(), resume)?;
    }
    let folders =
        sessions.iter().map(|session| session.folder(cases)).collect::<Result<Vec<ReportFolder>, UserError>>()?;
    let interruption = Interruption::by_signals()?;
    let mut exit = Exit::Expected;
    for (session, folder) in sessions.into_iter().zip(folders) {
        if interruption.has_come() {
            break;
        }
        exit = exit.max(session.run(corpus, cases, folder, &interruption).await?);
    }
    Ok(exit)
}

/// Reads a ws or wss URL to connect to.
pub fn parse_url(text: &str) -> Result<Url, UserError> {
    let url = parse_place(text)?;
    if url.port() == Some(0) {
        return Err(refused(text, "nobody listens on port 0"));
    }
    Ok(url)
}

fn refused(text: &str, reason: &str) -> UserError {
    UserError(format!("could not use the URL `{}`: {reason}", hidden_url(text)))
}

/// Reads a ws or wss URL, be it one to listen at.
pub fn parse_place(text: &str) -> Result<Url, UserError> {
    let refused = |reason: &str| refused(text, reason);
    if !["ws://", "wss://"]
        .iter()
        .any(|start| text.get(..start.len()).is_some_and(|scheme| scheme.eq_ignore_ascii_case(start)))
    {
        return Err(refused("it must begin with ws:// or wss://"));
    }
    let url = Url::parse(text).map_err(|fault| refused(&fault.to_string()))?;
    if url.fragment().is_some() {
        return Err(refused("a WebSocket URL has no fragment"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("a WebSocket URL has no user name; --header 'Authorization: ...' sends one"));
    }
    Ok(url)
}
