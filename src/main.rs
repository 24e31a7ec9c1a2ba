//! The command line of wsspec.

#![warn(clippy::disallowed_macros)]

use clap::Parser;
use std::process::ExitCode;
use wsspec::cli::{Cli, Exit, UserError};

/// Usage, configuration or case file.
const USER_ERROR: u8 = 2;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    wsspec::cli::tame_panics();
    let words = wsspec::cli::words(std::env::args_os());
    let cli = match Cli::try_parse_from(&words) {
        Ok(cli) => cli,
        Err(fault) => {
            wsspec::cli::print_usage(&fault);
            return match fault.exit_code() {
                0 => wsspec::cli::with_output(Exit::Expected).into(),
                _ => wsspec::cli::usage_exit(&fault, &words),
            };
        }
    };
    match wsspec::cli::run(cli).await {
        Ok(exit) => exit.into(),
        Err(UserError(message)) => {
            wsspec::cli::complain(message);
            ExitCode::from(USER_ERROR)
        }
    }
}
