//! `wsspec client`: tests a client, which a command starts once for each case, or which drives itself through them.

use super::arguments::{CorpusArgs, FilterArgs};
use super::listen::{self, Listen};
use super::session::Session;
use super::session_args::{ProfileArg, SessionArgs};
use super::{Exit, UserError, corpus};
use crate::case::Role;
use crate::drive::{Task, Trust};
use crate::peer::echo_client;
use crate::run::Interruption;
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use url::Url;

const EXAMPLES: &str = "\
Examples:
  wsspec client -- node echo-client.js {url}
  wsspec client --name my-client --case 'framing/*' -- ./client --connect {url}
  wsspec client --path '/chat?room=1' --jobs 4 -- sh -c 'exec ./client \"$0\" 2>&1' {url}
  wsspec client --tls -- env SSL_CERT_FILE={ca} ./client {url}
  wsspec client --listen 127.0.0.1:9001
  wsspec client --driver --autobahn '*' -- node driver.js {url}

The command is started once for each case, and {url} in it stands for where to connect to. The client sends back every
message (or is tested with --echo no), answers pings and Closes, and ends when its connection does.
Without a command, wsspec tests its own reference client.

With --listen, clients drive themselves: they ask at /getCaseCount how many cases there are, run each by
/runCase?case=N&agent=NAME, and have the reports written by /updateReports?agent=NAME. With --driver the command is such a
client, or a browser that opens {page}; it is started once.

Exit codes: 0 as expected, 1 a MUST was broken, 2 usage, configuration or case file, 3 something could not be judged.";

/// Arguments of `wsspec client`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ClientArgs {
    #[command(flatten)]
    session: SessionArgs,
    #[command(flatten)]
    filters: FilterArgs,
    #[command(flatten)]
    corpus: CorpusArgs,
    /// The path and query of the URL that the client gets.
    #[arg(long, value_name = "PATH", default_value = "/", help_heading = "Target")]
    path: String,
    /// Serve the control paths of the Autobahn Testsuite here, for clients that drive themselves; each gets a folder by its name.
    #[arg(long, value_name = "ADDR:PORT", help_heading = "Target")]
    listen: Option<SocketAddr>,
    /// The command is a driver of the control paths: start it once and serve until it ends.
    #[arg(long, requires = "command", help_heading = "Target")]
    driver: bool,
    /// With --listen or --driver: end when so many clients have asked for their reports.
    #[arg(long, value_name = "N", help_heading = "Target")]
    agents: Option<usize>,
    /// With --listen or --driver: speak TLS, with this certificate in a PEM file.
    #[arg(long, value_name = "FILE", requires = "key", help_heading = "Target")]
    cert: Option<PathBuf>,
    /// The key of the certificate, in a PEM file.
    #[arg(long, value_name = "FILE", requires = "cert", help_heading = "Target")]
    key: Option<PathBuf>,
    /// Speak TLS, with certificates made for this run: {url} begins with wss://localhost, and {ca} in the command stands for
    /// the PEM file of the authority to trust.
    #[arg(long, conflicts_with_all = ["listen", "driver"], help_heading = "Target")]
    tls: bool,
    /// The command that starts the client, with {url} where it is to connect to.
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

/// Runs the command.
pub async fn run(args: ClientArgs) -> Result<Exit, UserError> {
    let corpus = Arc::new(corpus::load(&args.corpus)?);
    let cases = args.filters.cases(&corpus, args.session.profile == ProfileArg::Abuse, Role::Client)?;
    if args.driver || args.listen.is_some() {
        if !args.driver && !args.command.is_empty() {
            return Err(UserError("a command beside --listen has to be a driver, and --driver says so".to_owned()));
        }
        let listen = Listen {
            address: args.listen,
            tls: args.cert.zip(args.key),
            command: args.command,
            enough: args.agents,
            path: args.path,
            part: args.filters.is_part() || args.corpus.cases.is_some(),
            cases: args.corpus.cases,
        };
        return listen::run(listen, &args.session, Arc::clone(&corpus), &cases).await;
    }
    if args.agents.is_some() || args.cert.is_some() {
        return Err(UserError("--agents and --cert are of no use without --listen or --driver".to_owned()));
    }
    let session = match args.command.is_empty() {
        true if args.tls => Session::of_client(&args.session, trusting()?, &args.path, Some("reference-client"))?,
        true => {
            Session::of_client(&args.session, reference()?, &args.path, Some("reference-client"))?.within(in_process())
        }
        false => Session::of_client(&args.session, args.command, &args.path, None)?,
    };
    let session = if args.tls { session.over_tls()? } else { session };
    let session = session.choosing(&args.corpus, &args.filters);
    let folder = session.folder(&cases)?;
    session.run(&corpus, &cases, folder, &Interruption::by_signals()?).await
}

/// The reference client as a task, which saves a process for each case.
fn in_process() -> Task {
    Arc::new(|url| {
        Box::pin(async move {
            if let Ok(url) = Url::parse(&url) {
                // what becomes of the connection is for the harness to see
                let _ = echo_client(&url, &Trust::default()).await;
            }
        })
    })
}

/// The words that start the reference client: this program.
fn reference() -> Result<Vec<String>, UserError> {
    let own = std::env::current_exe()?.to_string_lossy().into_owned();
    Ok([own, "echo".to_owned(), "--connect".to_owned(), "{url}".to_owned()].to_vec())
}

/// The same, with trust in the authority of a run.
fn trusting() -> Result<Vec<String>, UserError> {
    Ok([reference()?, vec!["--ca".to_owned(), "{ca}".to_owned()]].concat())
}
