//! The commands: each in a file of its own, each from arguments to an [`Exit`].

mod arguments;
mod client;
mod corpus;
mod coverage;
mod echo;
mod explain;
mod fields;
mod import_autobahn;
mod judge;
mod lint;
mod list;
mod listen;
mod native;
mod output;
mod present;
mod progress;
mod reference;
mod server;
mod session;
mod session_args;
mod target;
mod way;
mod wstest;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Conformance tests for WebSocket implementations.
///
/// Without a command, wsspec starts its own reference server, tests it, and writes the report.
#[derive(Debug, Parser)]
#[command(name = "wsspec", version, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 as expected, 1 a MUST was broken, 2 usage, configuration or case file, 3 something could not be judged."
)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Test servers.
    Server(Box<server::ServerArgs>),
    /// Test a client.
    Client(Box<client::ClientArgs>),
    /// List cases.
    List(list::ListArgs),
    /// Tell what a case does and why.
    Explain(explain::ExplainArgs),
    /// Say what is wrong with the corpus.
    Lint(lint::LintArgs),
    /// Show which requirements are judged, and by what.
    Coverage(coverage::CoverageArgs),
    /// Judge the transcripts of a finished run again, offline.
    Judge(judge::JudgeArgs),
    /// Run the reference echo server or client, or a server that misbehaves.
    Echo(echo::EchoArgs),
    /// Stand in for Autobahn's wstest: the same options, spec files and reports.
    Wstest(Box<wstest::WstestArgs>),
    /// Compare old results of Autobahn with a run.
    ImportAutobahn(import_autobahn::ImportArgs),
}

/// How a command ended, from good to grave: of several ends the gravest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// As expected.
    Expected,
    /// Something could not be judged, or was not run.
    Broken,
    /// A MUST was broken.
    Failed,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Expected => 0,
            Exit::Failed => 1,
            Exit::Broken => 3,
        })
    }
}

/// A mistake of the user, or trouble with files: exit code 2.
#[derive(Debug)]
pub struct UserError(pub String);

impl<E: std::error::Error> From<E> for UserError {
    fn from(fault: E) -> UserError {
        UserError(fault.to_string())
    }
}

/// The end of a command, once it is known whether all that it printed was taken.
pub fn with_output(exit: Exit) -> Exit {
    let Some(says) = output::fault() else { return exit };
    if let Some(says) = says {
        complain(says);
    }
    exit.max(Exit::Broken)
}

/// Runs the command that was given.
pub async fn run(cli: Cli) -> Result<Exit, UserError> {
    dispatch(cli).await.map(with_output)
}

async fn dispatch(cli: Cli) -> Result<Exit, UserError> {
    match cli.command {
        Some(Command::Server(args)) => server::run(*args).await,
        Some(Command::Client(args)) => client::run(*args).await,
        Some(Command::List(args)) => list::run(&args),
        Some(Command::Explain(args)) => explain::run(&args),
        Some(Command::Lint(args)) => lint::run(&args),
        Some(Command::Coverage(args)) => coverage::run(&args),
        Some(Command::Judge(args)) => judge::run(&args),
        Some(Command::Echo(args)) => echo::run(&args).await,
        Some(Command::Wstest(args)) => wstest::run(&args).await,
        Some(Command::ImportAutobahn(args)) => import_autobahn::run(&args),
        None => reference::run().await,
    }
}

pub use output::{complain, inert, note, print_usage, tame_panics};
pub use wstest::{usage_exit, words};

use output::{say, say_styled};

#[cfg(test)]
mod tests {
    #[test]
    fn the_arguments_of_every_command_fit_together() {
        <super::Cli as clap::CommandFactory>::command().debug_assert();
    }
}
