//! The wish of the user to stop: Ctrl-C, and what else asks a process politely to go.

use std::future::pending;
use std::io;
use tokio::sync::watch;

/// Tells whether the user wants to stop.
#[derive(Clone, Debug)]
pub struct Interruption(watch::Receiver<bool>);

impl Interruption {
    /// Listens to the signals of the process; from now on they do not end it by themselves.
    pub fn by_signals() -> io::Result<Interruption> {
        let (sender, receiver) = watch::channel(false);
        let mut signals = Signals::new()?;
        tokio::spawn(async move {
            signals.first().await;
            let _ = sender.send(true);
            // the sender stays, so that who waits is not told that nobody can interrupt any more
            pending::<()>().await;
        });
        Ok(Interruption(receiver))
    }

    /// One that never comes.
    pub fn never() -> Interruption {
        Interruption(watch::channel(false).1)
    }

    /// Whether it has come.
    pub fn has_come(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits for it.
    pub async fn comes(&self) {
        if self.0.clone().wait_for(|come| *come).await.is_err() {
            pending::<()>().await;
        }
    }

    /// What `work` comes to; `None` when the interruption is sooner.
    pub async fn or<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.comes() => None,
            done = work => Some(done),
        }
    }
}

#[cfg(unix)]
struct Signals([tokio::signal::unix::Signal; 3]);

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals([signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?, signal(SignalKind::hangup())?]))
    }

    async fn first(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Signals> {
        Ok(Signals)
    }

    async fn first(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_goes_on_until_somebody_interrupts() {
        let never = Interruption::never();
        assert_eq!(never.or(async { 1 }).await, Some(1));
        assert!(!never.has_come());
        let (sender, receiver) = watch::channel(false);
        let interruption = Interruption(receiver);
        sender.send(true).unwrap();
        assert_eq!(interruption.or(async { 1 }).await, None);
        assert!(interruption.has_come());
    }
}
