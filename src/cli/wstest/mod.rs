//! `wsspec wstest`, also when the program is called by the name `wstest`: Autobahn's command line.
//!
//! A mistake of the user ends with 1 as there, and a finished run with 0, whatever it found; with `--gate` all ends have the
//! codes of the other commands.

mod clerk;
mod fuzzing_client;
mod fuzzing_server;
mod peers;
mod spec_file;

use super::{Exit, UserError, complain, note, say};
use crate::report::Printable;
use clap::Args;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The name under which the program behaves like Autobahn's.
const NAME: &str = "wstest";

const MODES: &str = "\
Modes:
  fuzzingclient   test the servers of the spec file
  fuzzingserver   wait at the URL of the spec file for clients that drive themselves
  echoserver, testeeserver   send back every message, at the URL of -w
  echoclient      connect to the URL of -w and send back every message
  testeeclient    be tested by the fuzzing server at the URL of -w

Exit codes: 0 a finished run whatever it found, 1 usage or spec file, 3 nothing could be tested. With --gate: 1 a MUST was \
broken, 2 usage or spec file, 3 something could not be judged.";

/// Arguments of `wsspec wstest`.
#[derive(Debug, Args)]
#[command(after_help = MODES, infer_long_args = true, disable_version_flag = true)]
pub struct WstestArgs {
    /// What to do.
    #[arg(short, long, value_name = "MODE")]
    mode: Option<String>,
    /// The spec file; `MODE.json` in the working folder if absent, which is written where there is none.
    #[arg(short, long, value_name = "FILE")]
    spec: Option<PathBuf>,
    /// The URL of an echo or testee mode, or of the server to test where the spec file names none.
    #[arg(short, long, value_name = "URL")]
    wsuri: Option<String>,
    /// The port of the web page of the fuzzing server; 0 for none.
    #[arg(short = 'u', long, value_name = "PORT", default_value = "8080")]
    webport: String,
    /// The agent name of testeeclient.
    #[arg(short, long, value_name = "NAME")]
    ident: Option<String>,
    /// Without effect, as in Autobahn: the spec file has the key.
    #[arg(short, long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Without effect, as in Autobahn: the spec file has the certificate.
    #[arg(short, long, value_name = "FILE")]
    cert: Option<PathBuf>,
    /// Without effect: the mode that it is for is not provided.
    #[arg(short, long, value_name = "FILE")]
    outfile: Option<PathBuf>,
    /// Without effect, as in Autobahn.
    #[arg(short, long, value_name = "NAME")]
    testset: Option<String>,
    /// Without effect: nothing that is worth knowing is left out.
    #[arg(short, long)]
    debug: bool,
    /// Print the version.
    #[arg(short, long, visible_alias = "version")]
    autobahnversion: bool,
    /// End with 1 when a MUST was broken, with 2 after a mistake in arguments or spec file, and with 3 when something could not
    /// be judged.
    #[arg(long)]
    gate: bool,
    /// How many cases run beside each other; what fails is run once more, alone.
    #[arg(long, value_name = "N", default_value = "16", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: u16,
}

/// The words of the command line, with `wstest` as the command where the program has that name.
pub fn words(words: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut words: Vec<OsString> = words.collect();
    let called = words.first().and_then(|name| Path::new(name).file_stem()).is_some_and(|stem| stem == NAME);
    if called {
        words.insert(1, NAME.into());
    }
    words
}

/// The exit code of words that the command line does not understand.
pub fn usage_exit(fault: &clap::Error, words: &[OsString]) -> ExitCode {
    let is_wstest = words.get(1).is_some_and(|word| word == NAME);
    let is_gated = words.iter().any(|word| word == "--gate");
    ExitCode::from(if is_wstest && !is_gated && fault.exit_code() != 0 { 1 } else { fault.exit_code() as u8 })
}

/// Runs the command. A mistake of the user ends it with 1 as in Autobahn, unless --gate asks for codes that tell more.
pub async fn run(args: &WstestArgs) -> Result<Exit, UserError> {
    match dispatch(args).await {
        Err(UserError(message)) if !args.gate => {
            complain(message);
            Ok(Exit::Failed)
        }
        ended => ended,
    }
}

async fn dispatch(args: &WstestArgs) -> Result<Exit, UserError> {
    if args.autobahnversion {
        say(&format!("wsspec {}\nin place of AutobahnTestSuite 25.10.1", env!("CARGO_PKG_VERSION")));
        return Ok(Exit::Expected);
    }
    let Some(mode) = args.mode.as_deref() else {
        return Err(usage("a mode must be specified to run"));
    };
    match args.webport.parse::<u16>() {
        Ok(_) => {}
        Err(_) => return Err(usage(&format!("`{}` is no port", Printable::of(&args.webport)))),
    }
    for (option, is_given) in [
        ("--key", args.key.is_some()),
        ("--cert", args.cert.is_some()),
        ("--outfile", args.outfile.is_some()),
        ("--testset", args.testset.is_some()),
    ] {
        if is_given {
            warn(&format!("{option} has no effect"));
        }
    }
    let wsuri = || {
        args.wsuri
            .as_deref()
            .ok_or_else(|| usage(&format!("the mode {mode} needs a URL, as in -w ws://127.0.0.1:9001")))
    };
    match mode {
        "fuzzingclient" => fuzzing_client::run(args).await,
        "fuzzingserver" => fuzzing_server::run(args).await,
        "echoserver" | "testeeserver" => peers::serve(wsuri()?).await,
        "echoclient" => peers::connect(wsuri()?).await,
        "testeeclient" => peers::testee(wsuri()?, args.ident.as_deref()).await,
        "broadcastserver" | "broadcastclient" | "massconnect" | "serializer" => Err(UserError(format!(
            "the mode {mode} is not provided: it tests no conformance; `wsspec wstest --help` lists those that do"
        ))),
        other => Err(usage(&format!("`{}` is no mode", Printable::of(other)))),
    }
}

fn usage(what: &str) -> UserError {
    UserError(format!("{what}\n\n{MODES}"))
}

/// Tells what has no effect, or not the one that was meant.
fn warn(text: &str) {
    note(&format!("warning: {text}"));
}
