//! Carries out on a socket what a [`Session`] decides.

use super::companions::Companions;
use super::conduct::{Conduct, Place, Tick};
use super::out::{Act, Frame};
use super::session::Session;
use crate::wire::{MaskKey, Opcode};
use std::future::pending;
use std::hash::RandomState;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep, sleep_until};

const READ_AT_ONCE: usize = 64 << 10;
const COPIED_INTO_BUFFER: usize = 16 << 10;
const WRITTEN_BYTEWISE: usize = 4 << 10;

/// How a connection is let go of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Finish,
    Reset,
    StopReading,
    /// Another request may follow on the same connection.
    NextRequest,
    /// Reset, and so is the connection that comes next.
    LoseNext,
    /// Finish, and the server can serve one connection less from then on.
    Leak,
    /// Finish, and the server serves nobody from then on.
    BreakDown,
    Die,
}

/// Tells the masking key of a frame.
type MaskOf = fn(&RandomState, Place) -> u32;

/// One connection behind its handshake.
pub(super) struct Driver<'a> {
    stream: &'a mut TcpStream,
    session: Session,
    ticker: Option<Interval>,
    deadline: Option<Instant>,
    /// How long a pause inside a frame has to be to count.
    patience: Option<Duration>,
    bytewise: bool,
    masks: Option<(RandomState, MaskOf)>,
    place: Place,
    sent_close: bool,
    companions: Option<Companions>,
    unwritten: Vec<u8>,
}

impl<'a> Driver<'a> {
    pub(super) fn new(stream: &'a mut TcpStream, conduct: Conduct) -> Driver<'a> {
        let ticker = conduct.tick.map(|Tick { period, .. }| {
            let mut ticker = interval_at(Instant::now() + period, period);
            ticker.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticker
        });
        Driver {
            stream,
            session: Session::new(conduct),
            ticker,
            deadline: None,
            patience: conduct.impatience.map(|(patience, _)| patience),
            bytewise: conduct.bytewise,
            masks: conduct.is_client.then(|| (RandomState::new(), conduct.mask_key)),
            place: Place::default(),
            sent_close: false,
            companions: None,
            unwritten: Vec::new(),
        }
    }

    /// Opens more connections when it is told to.
    pub(super) fn with(self, companions: Companions) -> Driver<'a> {
        Driver { companions: Some(companions), ..self }
    }

    /// Gives back who opened more connections.
    pub(super) fn companions(&mut self) -> Option<Companions> {
        self.companions.take()
    }

    /// Whether a Close frame was sent.
    pub(super) fn sent_close(&self) -> bool {
        self.sent_close
    }

    /// Writes the head of the 101 and converses; `behind` is what the client sent in front of it.
    pub(super) async fn run(&mut self, head: Vec<u8>, mut behind: Vec<u8>) -> io::Result<Ending> {
        self.unwritten = head;
        let acts = self.session.open();
        if let Some(ending) = self.perform(acts).await? {
            return Ok(ending);
        }
        let acts = self.session.receive(&mut behind);
        if let Some(ending) = self.perform(acts).await? {
            return Ok(ending);
        }
        let mut buffer = vec![0; READ_AT_ONCE];
        loop {
            let mut left = false;
            let out_of_patience =
                self.patience.filter(|_| self.session.is_inside_frame()).map(|patience| Instant::now() + patience);
            let acts = tokio::select! {
                read = self.stream.read(&mut buffer) => match read? {
                    0 => {
                        left = true;
                        self.session.eof()
                    }
                    count => self.session.receive(&mut buffer[..count]),
                },
                () = next_tick(&mut self.ticker) => self.session.tick(),
                () = reached(out_of_patience) => self.session.lose_patience(),
                () = reached(self.deadline) => return Ok(Ending::Finish),
            };
            match self.perform(acts).await? {
                Some(ending) => return Ok(ending),
                None if left => return Ok(Ending::StopReading),
                None => {}
            }
        }
    }

    async fn perform(&mut self, acts: Vec<Act>) -> io::Result<Option<Ending>> {
        for act in acts {
            let ending = match act {
                Act::Send(frame) => {
                    let length = frame.payload.len();
                    self.send(frame, length).await?;
                    continue;
                }
                Act::SendPart(frame, octets) => {
                    self.send(frame, octets).await?;
                    continue;
                }
                Act::Pause(time) => {
                    self.flush().await?;
                    sleep(time).await;
                    continue;
                }
                Act::Open(count) => {
                    if let Some(companions) = &mut self.companions {
                        companions.open(count);
                    }
                    continue;
                }
                Act::FinishAfter(time) => {
                    self.deadline = Some(Instant::now() + time);
                    continue;
                }
                Act::Finish => Ending::Finish,
                Act::Reset => Ending::Reset,
                Act::StopReading => Ending::StopReading,
                Act::LoseNext => Ending::LoseNext,
                Act::FinishAndLeak => Ending::Leak,
                Act::Die => Ending::Die,
            };
            self.flush().await?;
            return Ok(Some(ending));
        }
        self.flush().await?;
        Ok(None)
    }

    async fn send(&mut self, frame: Frame, octets: usize) -> io::Result<()> {
        let Frame { mut header, mut payload } = frame;
        self.sent_close |= header.opcode == Opcode::CLOSE;
        if let Some((random, mask_key)) = &self.masks {
            // a quirk that masks where a server does not leaves a client without a mask
            self.place.frame += 1;
            self.place.started += u64::from(header.opcode != Opcode::CONTINUATION);
            let key = mask_key(random, self.place).to_be_bytes();
            header.mask = header.mask.is_none().then_some(MaskKey(key));
        }
        header.encode(&mut self.unwritten);
        if let Some(key) = header.mask {
            key.apply(&mut payload);
        }
        let payload = &payload[..octets.min(payload.len())];
        if payload.len() <= COPIED_INTO_BUFFER {
            self.unwritten.extend_from_slice(payload);
            if self.unwritten.len() > COPIED_INTO_BUFFER {
                self.flush().await?;
            }
            return Ok(());
        }
        self.flush().await?;
        self.stream.write_all(payload).await
    }

    async fn flush(&mut self) -> io::Result<()> {
        if self.bytewise && self.unwritten.len() < WRITTEN_BYTEWISE {
            for octet in &self.unwritten {
                self.stream.write_all(std::slice::from_ref(octet)).await?;
            }
        } else {
            self.stream.write_all(&self.unwritten).await?;
        }
        self.unwritten.clear();
        Ok(())
    }
}

async fn next_tick(ticker: &mut Option<Interval>) {
    match ticker {
        Some(ticker) => {
            ticker.tick().await;
        }
        None => pending().await,
    }
}

async fn reached(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => pending().await,
    }
}
