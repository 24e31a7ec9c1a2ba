//! Moves bytes between an engine and a stream until the conversation is over.

use super::Recording;
use crate::engine::{Action, DeadlineKind, Engine};
use crate::transcript::Ending;
use std::io::{self, ErrorKind};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_rustls::{client, server};

const BUFFER: usize = 64 * 1024;
/// How long closing by the harness may take; the conversation is over by then.
const CLOSING: Duration = Duration::from_millis(500);

/// A stream that can be reset.
pub(super) trait Transport: AsyncRead + AsyncWrite + Unpin {
    /// Whether octets that were written may have to be flushed.
    const KEEPS: bool;
    /// Whether a flush acknowledges what was read.
    const ACKNOWLEDGES: bool = false;
    /// Makes the coming drop a reset.
    fn reset_on_drop(&self) -> io::Result<()>;
}

impl Transport for TcpStream {
    const KEEPS: bool = false;

    fn reset_on_drop(&self) -> io::Result<()> {
        self.set_zero_linger()
    }
}

impl Transport for client::TlsStream<TcpStream> {
    const KEEPS: bool = true;

    fn reset_on_drop(&self) -> io::Result<()> {
        self.get_ref().0.set_zero_linger()
    }
}

impl Transport for server::TlsStream<TcpStream> {
    const KEEPS: bool = true;

    fn reset_on_drop(&self) -> io::Result<()> {
        self.get_ref().0.set_zero_linger()
    }
}

/// Runs the conversation to its end, and closes the connection.
pub(super) async fn transfer<T: Transport>(stream: T, engine: Engine, start: Instant) -> Recording {
    let (recording, open) = transfer_and_stay(stream, engine, start).await;
    if let Some(mut stream) = open {
        let _ = tokio::time::timeout(CLOSING, stream.shutdown()).await;
    }
    recording
}

/// Runs the conversation to its end, and leaves the connection open unless it was reset.
pub(super) async fn transfer_and_stay<T: Transport>(
    stream: T,
    mut engine: Engine,
    start: Instant,
) -> (Recording, Option<T>) {
    let (mut reader, mut writer) = tokio::io::split(stream);
    let mut buffer = vec![0; BUFFER];
    let mut waits = Waits::default();
    let timer = sleep_until(start);
    tokio::pin!(timer);
    let mut unflushed = false;
    // the system tells of a reset once, be it to who reads or to who writes; afterwards it looks like an end
    let mut was_reset = false;
    let mut has_read = false;
    let reset = loop {
        match engine.next(start.elapsed()) {
            Action::Close => break false,
            Action::Reset => break true,
            Action::HalfClose => {
                let _ = tokio::time::timeout(CLOSING, writer.shutdown()).await;
                continue;
            }
            Action::Transfer => {}
        }
        waits.note(engine.awaits(), start.elapsed());
        let deadline = engine.deadline().map(|at| start + at);
        arm(timer.as_mut(), deadline);
        let engine_reads = engine.reads();
        if T::ACKNOWLEDGES && has_read && engine.outgoing().is_empty() {
            // an answer would carry the acknowledgement, and there is none
            let _ = writer.flush().await;
        }
        has_read = false;
        let outgoing = engine.outgoing();
        let mut wrote = false;
        tokio::select! {
            biased;
            read = reader.read(&mut buffer), if engine_reads => match read {
                Ok(0) if was_reset => engine.ended(Ending::Reset, start.elapsed()),
                Ok(0) => engine.ended(Ending::Eof, start.elapsed()),
                Ok(octets) => {
                    engine.received(&buffer[..octets], start.elapsed());
                    has_read = true;
                }
                Err(fault) => engine.ended(ending(&fault), start.elapsed()),
            },
            pushed = push(&mut writer, outgoing, unflushed), if unflushed || !outgoing.is_empty() => match pushed {
                Ok(octets) => {
                    if octets > 0 {
                        engine.wrote(octets, start.elapsed());
                        wrote = true;
                    }
                    unflushed = T::KEEPS && octets > 0;
                }
                // what the target had to say before it went is still to be read
                Err(fault) => {
                    was_reset = fault.kind() == ErrorKind::ConnectionReset;
                    engine.write_failed(start.elapsed());
                    unflushed = false;
                }
            },
            () = &mut timer, if deadline.is_some() => {
                let now = start.elapsed();
                if engine.deadline().is_some_and(|at| now >= at) {
                    engine.expired(now);
                }
            }
        }
        if wrote {
            // small writes in a row would reach the target as one
            tokio::task::yield_now().await;
        }
    };
    let took = start.elapsed();
    let stream = reader.unsplit(writer);
    let open = match reset {
        true => {
            let _ = stream.reset_on_drop();
            None
        }
        false => Some(stream),
    };
    (waits.into_recording(engine, took), open)
}

/// Writes once, or hands on what the last write has left: TLS keeps octets for as long as the target does not read.
async fn push(writer: &mut (impl AsyncWrite + Unpin), octets: &[u8], unflushed: bool) -> io::Result<usize> {
    if unflushed {
        return writer.flush().await.map(|()| 0);
    }
    match writer.write(octets).await? {
        0 => Err(ErrorKind::WriteZero.into()),
        written => Ok(written),
    }
}

/// Sets the timer; a later deadline is left to the next ring, which is cheaper than moving it at every write.
fn arm(timer: std::pin::Pin<&mut Sleep>, deadline: Option<Instant>) {
    if let Some(deadline) = deadline
        && (timer.deadline() > deadline || timer.is_elapsed())
    {
        timer.reset(deadline);
    }
}

fn ending(fault: &io::Error) -> Ending {
    match fault.kind() {
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => Ending::Reset,
        // a TLS peer that leaves without close_notify
        ErrorKind::UnexpectedEof => Ending::Eof,
        _ => Ending::Broken(fault.to_string()),
    }
}

/// How long was waited for what.
#[derive(Default)]
struct Waits {
    current: Option<(DeadlineKind, Duration)>,
    longest: Vec<(DeadlineKind, Duration)>,
}

impl Waits {
    /// Notes what is waited for now; what was waited for before has come.
    fn note(&mut self, kind: Option<DeadlineKind>, now: Duration) {
        if self.current.map(|(known, _)| known) == kind {
            return;
        }
        if let Some((before, since)) = self.current.take() {
            self.done(before, now.saturating_sub(since));
        }
        self.current = kind.map(|kind| (kind, now));
    }

    fn done(&mut self, kind: DeadlineKind, took: Duration) {
        match self.longest.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, longest)) => *longest = took.max(*longest),
            None => self.longest.push((kind, took)),
        }
    }

    fn into_recording(mut self, engine: Engine, now: Duration) -> Recording {
        let missed = engine.missed();
        let transcript = engine.into_transcript();
        if let Some((last, since)) = self.current {
            let came = match transcript.ending() {
                Some(Ending::Closed | Ending::WasReset) => missed.is_none(),
                // the end is an answer only to who waits for it
                Some(Ending::Eof | Ending::Reset) => {
                    matches!(last, DeadlineKind::EndAfterClose | DeadlineKind::EndAfterViolation)
                }
                _ => false,
            };
            if came {
                self.done(last, now.saturating_sub(since));
            }
        }
        Recording { transcript, waits: self.longest, missed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_target_takes_counts_as_a_wait() {
        let ms = Duration::from_millis;
        let mut waits = Waits::default();
        waits.note(Some(DeadlineKind::Echo), ms(0));
        waits.note(Some(DeadlineKind::Echo), ms(5));
        waits.note(None, ms(20));
        waits.note(Some(DeadlineKind::Echo), ms(1000));
        waits.note(Some(DeadlineKind::Pong), ms(1010));
        assert_eq!(waits.longest, [(DeadlineKind::Echo, ms(20))]);
        assert_eq!(waits.current, Some((DeadlineKind::Pong, ms(1010))));
    }
}
