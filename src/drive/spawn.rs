//! Starts a target as a process, keeps its output, and ends it with all its children.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::process::{Child, Command};

/// How long a target has to go by itself when asked to.
const GRACE: Duration = Duration::from_secs(2);

/// Why a target could not be started.
#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    /// The shell could not be run, or the file for its output not be created.
    #[error("could not start `{command}`: {source}")]
    Start {
        /// The command.
        command: String,
        /// The reason.
        source: io::Error,
    },
    /// It ended before it listened.
    #[error("`{command}` ended ({status}) before it listened; its output is in {output}")]
    Ended {
        /// The command.
        command: String,
        /// How it ended.
        status: ExitStatus,
        /// The file with its output.
        output: PathBuf,
    },
    /// It did not listen in time.
    #[error("`{command}` did not listen within {} s; its output is in {output}", .limit.as_secs_f64())]
    NotListening {
        /// The command.
        command: String,
        /// The time it had.
        limit: Duration,
        /// The file with its output.
        output: PathBuf,
    },
}

/// A target that the harness started. Dropping it ends it.
pub struct Spawned {
    child: Child,
    /// The process group; the id outlives the shell that it was named after.
    #[cfg(unix)]
    group: Option<nix::unistd::Pid>,
    command: String,
    output: PathBuf,
}

impl Spawned {
    /// Starts a shell command in a process group of its own; what it prints goes to the file `output`.
    pub fn start(command: &str, output: &Path) -> Result<Spawned, SpawnError> {
        let log = File::create(output).map_err(|source| SpawnError::Start { command: command.to_owned(), source })?;
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(command);
        Spawned::with_output(shell, command, log, output)
    }

    /// Starts a program with its arguments in a process group of its own; what it prints is appended to the file `output`.
    pub fn client(words: &[String], output: &Path) -> Result<Spawned, SpawnError> {
        let command = words.join(" ");
        let failed = |source| SpawnError::Start { command: command.clone(), source };
        let (program, arguments) =
            words.split_first().ok_or_else(|| failed(io::Error::other("there is no program in it")))?;
        let log = File::options().create(true).append(true).open(output).map_err(failed)?;
        let mut client = Command::new(program);
        client.args(arguments);
        Spawned::with_output(client, &command, log, output)
    }

    fn with_output(mut program: Command, command: &str, log: File, output: &Path) -> Result<Spawned, SpawnError> {
        let failed = |source| SpawnError::Start { command: command.to_owned(), source };
        program.stdin(Stdio::null()).stdout(log.try_clone().map_err(failed)?).stderr(log).kill_on_drop(true);
        #[cfg(unix)]
        program.process_group(0);
        let child = program.spawn().map_err(failed)?;
        #[cfg(unix)]
        let group = child.id().and_then(|id| i32::try_from(id).ok()).map(nix::unistd::Pid::from_raw);
        Ok(Spawned {
            child,
            #[cfg(unix)]
            group,
            command: command.to_owned(),
            output: output.to_owned(),
        })
    }

    /// Waits until `listens` says that the target accepts connections.
    pub async fn until_listening<F>(&mut self, limit: Duration, listens: impl Fn() -> F) -> Result<(), SpawnError>
    where
        F: Future<Output = bool>,
    {
        let polls = async {
            while !listens().await {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let (command, output) = (self.command.clone(), self.output.clone());
        tokio::select! {
            ended = self.child.wait() => match ended {
                Ok(status) => Err(SpawnError::Ended { command, status, output }),
                Err(source) => Err(SpawnError::Start { command, source }),
            },
            waited = tokio::time::timeout(limit, polls) => {
                waited.map_err(|_| SpawnError::NotListening { command, limit, output })
            }
        }
    }

    /// How it ended, when it has.
    pub fn has_ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Waits until it ends by itself.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Gives it so long to end by itself, and then ends it.
    pub async fn let_go(mut self, grace: Duration) {
        let _ = tokio::time::timeout(grace, self.child.wait()).await;
        self.stop().await;
    }

    /// Asks it to go, and ends it and its children when it does not.
    pub async fn stop(mut self) {
        self.signal(Signal::Terminate);
        let _ = tokio::time::timeout(GRACE, self.child.wait()).await;
        // also when the shell is gone: its children may not be
        self.signal(Signal::Kill);
        let _ = self.child.wait().await;
    }

    #[cfg(unix)]
    fn signal(&self, signal: Signal) {
        use nix::sys::signal::{Signal as Number, killpg};
        let number = match signal {
            Signal::Terminate => Number::SIGTERM,
            Signal::Kill => Number::SIGKILL,
        };
        if let Some(group) = self.group {
            let _ = killpg(group, number);
        }
    }

    #[cfg(not(unix))]
    fn signal(&mut self, _signal: Signal) {
        let _ = self.child.start_kill();
    }
}

#[derive(Clone, Copy)]
enum Signal {
    Terminate,
    Kill,
}

impl Drop for Spawned {
    fn drop(&mut self) {
        self.signal(Signal::Kill);
    }
}
