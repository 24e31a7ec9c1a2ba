//! How a client is started: by a command, or as a task of this process.

use super::spawn::Spawned;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// What stands for the place to connect to.
pub(super) const URL: &str = "{url}";

/// A client in this process: what it does with a URL, until its connection has ended.
pub type Task = Arc<dyn Fn(String) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// What starts a client.
pub(super) enum Start {
    /// A command, and the file to which its output is appended.
    Command(Vec<String>, PathBuf),
    /// A task, which costs no process.
    Task(Task),
}

impl Start {
    /// Starts the client with a place to connect to.
    pub fn at(&self, url: &str) -> io::Result<Started> {
        match self {
            Start::Command(words, output) => {
                let words: Vec<String> = words.iter().map(|word| word.replace(URL, url)).collect();
                let spawned = Spawned::client(&words, output).map_err(io::Error::other)?;
                Ok(Started::Process(Box::new(spawned)))
            }
            Start::Task(task) => Ok(Started::Task(Running(tokio::spawn(task(url.to_owned()))))),
        }
    }
}

/// A client that was started; it ends when this is dropped.
pub(super) enum Started {
    Process(Box<Spawned>),
    Task(Running),
}

impl Started {
    /// Waits until the client ends by itself, and tells how it did.
    pub async fn ends(&mut self) -> String {
        match self {
            Started::Process(process) => match process.wait().await {
                Ok(status) => format!("the client ended ({status}) and did not connect"),
                Err(fault) => fault.to_string(),
            },
            Started::Task(Running(task)) => match task.await {
                Ok(()) => "the client ended and did not connect".to_owned(),
                Err(fault) => format!("the client failed: {fault}"),
            },
        }
    }

    /// Lets the client go, which has so long to end by itself.
    pub async fn let_go(self, grace: Duration) {
        match self {
            Started::Process(process) => process.let_go(grace).await,
            // a task that was seen to end cannot be waited for again
            Started::Task(running) if running.0.is_finished() => {}
            Started::Task(mut running) => drop(timeout(grace, &mut running.0).await),
        }
    }
}

/// A task that ends when this is dropped.
pub(super) struct Running(JoinHandle<()>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}
