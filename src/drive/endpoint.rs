//! How conversations with a target come about: the harness calls a server, and has a client call.

use super::call::Call;
use super::dial::{Dial, ResolveError, Stay};
use super::tls::Tls;
use super::{Recording, Task};
use crate::engine::Deadlines;
use crate::plan::Plan;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// A target, as far as conversations with it have to know it.
#[derive(Clone)]
pub enum Endpoint {
    /// A server: the harness connects to it.
    Server(Dial),
    /// A client: the harness starts it, and it connects.
    Client(Arc<Call>),
}

impl Endpoint {
    /// A server. Its host is resolved once; every conversation then uses the same addresses.
    pub async fn resolve(host: &str, port: u16, tls: Option<Tls>) -> Result<Endpoint, ResolveError> {
        Dial::resolve(host, port, tls).await.map(Endpoint::Server)
    }

    /// A client that a command starts, once for each conversation. `{url}` in its words stands for where to connect to,
    /// at `resource`; what it prints is appended to the file `output`.
    pub fn of_command(words: Vec<String>, resource: String, output: PathBuf) -> Endpoint {
        Endpoint::Client(Arc::new(Call::new(words, resource, output)))
    }

    /// A client in this process, which costs none; for the reference client and those of our own tests.
    pub fn of_task(task: Task, resource: String) -> Endpoint {
        Endpoint::Client(Arc::new(Call::of_task(task, resource)))
    }

    /// Whether the target accepts a TCP connection within `limit`; a client is always there.
    pub async fn accepts(&self, limit: Duration) -> bool {
        match self {
            Endpoint::Server(dial) => dial.accepts(limit).await,
            Endpoint::Client(_) => true,
        }
    }

    /// Runs a plan on a connection of its own.
    pub async fn converse(&self, plan: Arc<Plan>, deadlines: Deadlines) -> Recording {
        match self {
            Endpoint::Server(dial) => dial.converse(plan, deadlines).await,
            Endpoint::Client(call) => call.converse(plan, deadlines).await,
        }
    }

    /// The same, and the connection to a server stays open for as long as what comes beside the recording is kept.
    pub async fn converse_and_stay(&self, plan: Arc<Plan>, deadlines: Deadlines) -> (Recording, Option<Stay>) {
        match self {
            Endpoint::Server(dial) => dial.converse_and_stay(plan, deadlines).await,
            Endpoint::Client(call) => (call.converse(plan, deadlines).await, None),
        }
    }
}
