//! The server of the control paths: a client asks for cases by number or id, is tested by each, and asks for the reports.
//!
//! `/getCaseCount`, `/getCaseInfo`, `/getCaseStatus`, `/runCase`, `/updateReports` and `/stopServer` are the paths of the
//! Autobahn Testsuite, with its order of messages and Closes. Any other path takes direct commands. Nothing that a client does
//! ends the service but `/stopServer` and `shutdownOnComplete`.

pub mod access;
mod agent_folder;
pub mod channel;
pub mod command;
pub mod ledger;
pub mod page;
pub mod program;
pub mod reporter;
pub mod request;
pub mod response;
mod run_case;
mod serve;
mod standing;
mod status;

pub use program::{Offer, Program, Spares};
pub use reporter::{News, Reporter, Run};
pub use serve::{End, serve};
pub use standing::{Ran, Standing};

use crate::case::Corpus;
use crate::judge::Strictness;
use crate::plan::Target;
use crate::run::RunInfo;
use access::Access;
use ledger::Ledger;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// How long a report waits for cases that are about to end: who has closed a connection may be here again before us.
const SETTLES: Duration = Duration::from_millis(500);

/// What the service goes by.
pub struct Settings {
    /// What is offered.
    pub program: Program,
    /// Any client, as far as plans have to know it.
    pub target: Target,
    /// The seed of masks and payloads.
    pub seed: u64,
    /// What every deadline is multiplied with.
    pub scale: f64,
    /// What turns warnings into failures.
    pub strictness: Strictness,
    /// The law.
    pub corpus: Arc<Corpus>,
    /// Where each client gets a folder.
    pub root: PathBuf,
    /// What is the same in the reports on all clients.
    pub info: RunInfo,
    /// The service ends when so many clients have asked for the reports.
    pub enough: Option<usize>,
    /// The service ends when nobody was connected for so long.
    pub idle: Option<Duration>,
    /// The host in the URL that the user gave to the port: its name, whatever else it has.
    pub named: Option<String>,
    /// What browsers may see of the reports.
    pub shown: Option<PathBuf>,
    /// Who hears of everything.
    pub reporter: Arc<dyn Reporter>,
}

/// The state that all connections share.
pub struct Service {
    settings: Settings,
    ledger: Mutex<Ledger>,
    /// Changes when a conversation is over.
    changes: watch::Sender<u64>,
    ends: mpsc::UnboundedSender<End>,
    /// Held while reports are written.
    writing: tokio::sync::Mutex<()>,
    /// The port of the control paths, and whether TLS is spoken there.
    control: (u16, bool),
    access: Access,
}

impl Service {
    /// What was offered.
    pub fn program(&self) -> &Program {
        &self.settings.program
    }

    fn tell(&self, news: &News<'_>) {
        self.settings.reporter.tell(news);
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        // every change of the ledger is whole before anything can panic
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changed(&self) {
        self.changes.send_modify(|number| *number += 1);
    }

    /// Waits for the ends of conversations that clients hold for over, and not for those that go on.
    async fn settle(&self) {
        let mut changes = self.changes.subscribe();
        let settled = async { while self.ledger().is_busy() && changes.changed().await.is_ok() {} };
        let _ = tokio::time::timeout(SETTLES, settled).await;
    }

    /// Writes the reports; the service goes on meanwhile.
    async fn write_reports(self: &Arc<Service>) {
        let _turn = self.writing.lock().await;
        let agents = self.ledger().look();
        let service = Arc::clone(self);
        let written =
            tokio::task::spawn_blocking(move || service.settings.reporter.write(&agents, service.program())).await;
        let trouble = match written {
            Ok(Ok(())) => return,
            Ok(Err(reason)) => reason,
            Err(fault) => fault.to_string(),
        };
        self.tell(&News::Trouble(&trouble));
    }
}
