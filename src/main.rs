//! The command line of wsspec.

use clap::Parser;
use std::process::ExitCode;
use wsspec::cli::{Cli, UserError};

/// Usage, configuration or case file.
const USER_ERROR: u8 = 2;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match wsspec::cli::run(Cli::parse()).await {
        Ok(exit) => exit.into(),
        Err(UserError(message)) => {
            eprintln!("error: {message}");
            ExitCode::from(USER_ERROR)
        }
    }
}
