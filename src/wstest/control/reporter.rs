//! Who hears of what the service does, and writes the reports.

use super::ledger::Standing;
use super::program::Program;
use crate::judge::Verdict;
use crate::plan::Plan;
use crate::transcript::Transcript;
use std::net::SocketAddr;

/// Something worth telling.
#[derive(Debug)]
pub enum News<'a> {
    /// A client begins a case.
    Runs {
        /// The client.
        agent: &'a str,
        /// The id of the case.
        id: &'a str,
        /// Where it calls from.
        peer: SocketAddr,
    },
    /// A client is spared a case.
    Spared {
        /// The client.
        agent: &'a str,
        /// The id of the case.
        id: &'a str,
    },
    /// A case has its verdict.
    Ran {
        /// The client.
        agent: &'a str,
        /// The id of the case.
        id: &'a str,
        /// The verdict.
        verdict: &'a Verdict,
    },
    /// The reports are being written for a client.
    Updates {
        /// Where it calls from.
        peer: SocketAddr,
    },
    /// They are written.
    Updated,
    /// Somebody sends direct commands.
    Commands {
        /// Where they come from.
        peer: SocketAddr,
    },
    /// The service ends.
    Stops,
    /// Something could not be written.
    Trouble(&'a str),
}

/// Takes in what happens.
pub trait Reporter: Send + Sync + 'static {
    /// Something happened.
    fn tell(&self, news: &News<'_>);

    /// The word for a verdict that clients are told, out of Autobahn's.
    fn behavior(&self, verdict: &Verdict, plan: &Plan, transcript: &Transcript) -> &'static str;

    /// Writes what is known of all clients; it runs beside the service, and never twice at a time.
    fn write(&self, agents: &[Standing], program: &Program) -> Result<(), String>;
}
