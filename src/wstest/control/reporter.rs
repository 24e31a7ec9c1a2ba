//! Who hears of what the service does, and writes the reports.

use super::program::{Offer, Program};
use super::standing::Standing;
use crate::judge::Verdict;
use crate::plan::Plan;
use crate::transcript::Transcript;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

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

/// A case that is over.
#[derive(Debug)]
pub struct Run<'a> {
    /// The client.
    pub agent: &'a str,
    /// What it asked for.
    pub offer: &'a Offer,
    /// What was found.
    pub verdict: &'a Verdict,
    /// What was planned.
    pub plan: &'a Plan,
    /// What happened.
    pub transcript: &'a Transcript,
    /// When it began.
    pub started: SystemTime,
    /// How long it took.
    pub took: Duration,
}

/// Takes in what happens.
pub trait Reporter: Send + Sync + 'static {
    /// Something happened.
    fn tell(&self, news: &News<'_>);

    /// A case is over; the word for what came of it comes back, which is what clients are told, out of Autobahn's.
    fn ran(&self, run: &Run<'_>) -> &'static str;

    /// Writes what is known of all clients; it runs beside the service, and never twice at a time.
    fn write(&self, agents: &[Standing], program: &Program) -> Result<(), String>;
}
