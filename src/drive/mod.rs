//! The only place that touches sockets and processes: connects an [`Engine`](crate::engine::Engine) to a target.

pub mod accept;
pub mod call;
pub mod certificates;
pub mod descriptors;
pub mod dial;
pub mod endpoint;
mod others;
mod prompt;
pub mod spawn;
mod start;
pub mod tls;
pub mod tls_server;
mod transfer;
pub mod tunnel;

pub use accept::{Caller, Door, Line, NoHead};
pub use call::{Call, CallError, Secure};
pub use certificates::Certificates;
pub use dial::{ResolveError, Stay};
pub use endpoint::Endpoint;
pub use spawn::{SpawnError, Spawned};
pub use start::Task;
pub use tls::{TlsError, TlsOptions};
pub use tls_server::TlsServer;
pub use tunnel::{Care, Flaw, Trust};

use crate::engine::DeadlineKind;
use crate::transcript::Transcript;
use std::time::Duration;

/// A conversation that is over.
#[derive(Debug)]
pub struct Recording {
    /// What happened.
    pub transcript: Transcript,
    /// How long each kind of wait that was not in vain took at most.
    pub waits: Vec<(DeadlineKind, Duration)>,
    /// The kind of wait that was in vain.
    pub missed: Option<DeadlineKind>,
}
