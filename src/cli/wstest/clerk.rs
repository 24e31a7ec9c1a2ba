//! Writes Autobahn's reports beside the service, each case as soon as it is over, so that little is left to be done when a
//! client asks for the reports.

use super::super::present;
use crate::case::{Corpus, Role};
use crate::report::autobahn::{AgentReport, CaseReport, Writer};
use crate::wstest::control::Standing;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

/// Records that wait to be written; those of more cases are read from the disk again when their turn comes.
const MOST_WAITING: usize = 16;

/// What there is to do.
enum Order {
    Case { agent: String, case: Box<CaseReport<'static>> },
    Write { agents: Vec<Standing>, done: Sender<Result<(), String>> },
}

/// Somebody who writes reports in a thread of its own.
pub struct Clerk {
    orders: Sender<Order>,
    waiting: Arc<AtomicUsize>,
}

impl Clerk {
    /// One that writes into a folder.
    pub fn employ(outdir: &Path, corpus: &'static Corpus) -> io::Result<Clerk> {
        let (orders, received) = channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let desk = Desk {
            writer: Writer::new(outdir)?,
            corpus,
            place: outdir.display().to_string(),
            agents: Vec::new(),
            waiting: Arc::clone(&waiting),
        };
        thread::Builder::new().name("reports".to_owned()).spawn(move || desk.work(received))?;
        Ok(Clerk { orders, waiting })
    }

    /// Takes in a case that is over; it replaces an earlier run.
    pub fn take(&self, agent: &str, case: CaseReport<'static>) {
        let is_late = self.waiting.fetch_add(1, Ordering::Relaxed) >= MOST_WAITING;
        let case = Box::new(if is_late { case.without_record(Role::Client) } else { case });
        // nobody at the desk any more is told by the next report
        let _ = self.orders.send(Order::Case { agent: agent.to_owned(), case });
    }

    /// Waits until all is written; the transcripts are where `agents` have them.
    pub fn write(&self, agents: Vec<Standing>) -> Result<(), String> {
        let gone = || "the reports are not written any more".to_owned();
        let (done, written) = channel();
        self.orders.send(Order::Write { agents, done }).map_err(|_| gone())?;
        written.recv().map_err(|_| gone())?
    }
}

struct Desk {
    writer: Writer,
    corpus: &'static Corpus,
    place: String,
    /// All clients in the order in which they came.
    agents: Vec<AgentReport<'static>>,
    waiting: Arc<AtomicUsize>,
}

impl Desk {
    fn work(mut self, orders: Receiver<Order>) {
        for order in orders {
            match order {
                Order::Case { agent, case } => {
                    let (agent, place) = self.file(&agent, *case);
                    if self.agents[agent].cases[place].record.is_some() {
                        // what cannot be written now is tried again, and told, with the report
                        let _ = self.writer.ahead(&mut self.agents, agent, place);
                    }
                    self.waiting.fetch_sub(1, Ordering::Relaxed);
                }
                Order::Write { agents, done } => {
                    let _ = done.send(self.write(&agents));
                }
            }
        }
    }

    /// Puts a case where it belongs, and tells where that is.
    fn file(&mut self, agent: &str, case: CaseReport<'static>) -> (usize, usize) {
        let place = self.agents.iter().position(|known| known.agent == agent).unwrap_or_else(|| {
            self.agents.push(AgentReport { agent: agent.to_owned(), role: Role::Client, cases: Vec::new() });
            self.agents.len() - 1
        });
        let cases = &mut self.agents[place].cases;
        match cases.binary_search_by_key(&case.entry.number, |known| known.entry.number) {
            Ok(at) => {
                cases[at] = case;
                (place, at)
            }
            Err(at) => {
                cases.insert(at, case);
                (place, at)
            }
        }
    }

    fn write(&mut self, standings: &[Standing]) -> Result<(), String> {
        let mut records = |agent: &str, id: &str| {
            let standing = standings.iter().find(|known| known.name == agent)?;
            present::record(id, self.corpus, standing.directory.as_ref()?)
        };
        let written = self.writer.write_from(&mut self.agents, &mut records);
        written.map_err(|fault| format!("could not write to {}: {fault}", self.place))
    }
}
