//! `wsspec server`: tests servers.

use super::arguments::{CorpusArgs, FilterArgs};
use super::session::{Session, SessionArgs};
use super::{Exit, UserError, corpus};
use clap::Args;
use url::Url;

/// Arguments of `wsspec server`.
#[derive(Debug, Args)]
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
    let cases = args.filters.selection().apply(&corpus)?;
    if args.urls.len() > 1 && args.session.out.is_some() {
        return Err(UserError(
            "--out names one folder, and there are several URLs; leave it out, or test them one by one".to_owned(),
        ));
    }
    let mut exit = Exit::Expected;
    for url in &args.urls {
        let session = Session::prepare(&args.session, parse_url(url)?)?;
        exit = exit.max(session.run(&corpus, cases.clone()).await?);
    }
    Ok(exit)
}

/// Reads a ws or wss URL.
pub fn parse_url(text: &str) -> Result<Url, UserError> {
    let refused = |reason: &str| UserError(format!("could not use the URL `{text}`: {reason}"));
    let url = Url::parse(text).map_err(|fault| refused(&fault.to_string()))?;
    if !matches!(url.scheme(), "ws" | "wss") {
        return Err(refused("it must begin with ws:// or wss://"));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(refused("it names no host"));
    }
    if url.fragment().is_some() {
        return Err(refused("a WebSocket URL has no fragment"));
    }
    Ok(url)
}
