//! The service of the control paths in this process, with a few cases and a reporter that only listens.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use wsspec::case::{Corpus, Role};
use wsspec::drive::{Door, TlsServer};
use wsspec::judge::{Outcome, Strictness};
use wsspec::plan::Target;
use wsspec::run::{RunInfo, TargetInfo};
use wsspec::wstest::control::{End, News, Offer, Program, Reporter, Run, Settings, Standing, serve};

static CORPUS: LazyLock<Arc<Corpus>> = LazyLock::new(|| Arc::new(Corpus::embedded().unwrap()));

/// The client that is spared the case of that id.
pub const SPARED: (&str, &str) = ("spared", "1.1.2");

/// What the service told and wrote.
#[derive(Default)]
pub struct Heard {
    lines: Mutex<Vec<String>>,
    /// The report fails, each time.
    pub trouble: bool,
}

impl Heard {
    /// The lines so far.
    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    fn push(&self, line: String) {
        self.lines.lock().unwrap().push(line);
    }
}

impl Reporter for Heard {
    fn tell(&self, news: &News<'_>) {
        self.push(match news {
            News::Runs { agent, id, .. } => format!("{agent} runs {id}"),
            News::Spared { agent, id } => format!("{agent} is spared {id}"),
            News::Trouble(reason) => format!("trouble: {reason}"),
            News::Stops => "stops".to_owned(),
            _ => return,
        });
    }

    fn ran(&self, run: &Run<'_>) -> &'static str {
        self.push(format!("{} ran {}: {}", run.agent, run.offer.id, run.verdict.outcome));
        if run.verdict.outcome == Outcome::Pass { "OK" } else { "FAILED" }
    }

    fn write(&self, agents: &[Standing], _: &Program) -> Result<(), String> {
        let told = agents.iter().map(|agent| format!("{} {}", agent.name, agent.runs.len()));
        self.push(format!("wrote: {}", told.collect::<Vec<_>>().join(", ")));
        if self.trouble { Err("the disk is full".to_owned()) } else { Ok(()) }
    }
}

fn info(target: &Target) -> RunInfo {
    let target = TargetInfo { name: String::new(), url: String::new(), software: None, target: target.clone() };
    RunInfo::beginning(target, Vec::new())
}

/// How the service is set up.
#[derive(Default)]
pub struct Manner {
    /// Ids of Autobahn; those that have no case are offered without one.
    pub ids: Vec<String>,
    /// What deadlines are multiplied with; 0 stands for 1.
    pub scale: f64,
    pub enough: Option<usize>,
    pub idle: Option<Duration>,
    pub tls: Option<TlsServer>,
    /// Whether reports cannot be written.
    pub trouble: bool,
}

/// The service, until it is dropped.
pub struct Stage {
    pub address: SocketAddr,
    pub heard: Arc<Heard>,
    pub folder: TempDir,
    outcome: JoinHandle<(End, Vec<Standing>)>,
    stop: oneshot::Sender<()>,
}

impl Stage {
    /// With the cases 1.1.1, 1.1.2, 2.1, and 12.1.1 that does not exist.
    pub async fn start() -> Stage {
        Stage::with(Manner::default()).await
    }

    pub async fn with(manner: Manner) -> Stage {
        let target = Target::echoing(Role::Client);
        let offer = |id: &str| match CORPUS.cases().find(|case| case.autobahn.iter().any(|known| known == id)) {
            Some(case) => Offer::of_case(id, case, &target),
            None => Offer::without_case(id, "nothing yet", "compression is not tested yet"),
        };
        let some = || ["1.1.1", "1.1.2", "2.1", "12.1.1"].map(str::to_owned).to_vec();
        let ids = if manner.ids.is_empty() { some() } else { manner.ids };
        let spares = Box::new(|agent: &str, id: &str| (agent, id) == SPARED);
        let program = Program::new(ids.iter().map(|id| offer(id)).collect(), spares);
        let folder = tempfile::tempdir().unwrap();
        let heard = Arc::new(Heard { trouble: manner.trouble, ..Heard::default() });
        let settings = Settings {
            info: info(&target),
            program,
            target,
            seed: 1,
            scale: if manner.scale == 0.0 { 1.0 } else { manner.scale },
            strictness: Strictness::default(),
            corpus: Arc::clone(&CORPUS),
            root: folder.path().to_owned(),
            enough: manner.enough,
            idle: manner.idle,
            named: None,
            shown: Some(folder.path().to_owned()),
            reporter: heard.clone(),
        };
        let door = Door::open((Ipv4Addr::LOCALHOST, 0).into(), manner.tls).await.unwrap();
        let address = door.local_addr();
        let (stop, stopped) = oneshot::channel();
        let outcome = tokio::spawn(async move {
            let outside = async { drop(stopped.await) };
            let (end, agents, _) = serve(door, None, settings, outside).await;
            (end, agents)
        });
        Stage { address, heard, folder, outcome, stop }
    }

    /// Ends the service from outside, and tells what it knows of the clients.
    pub async fn stop(self) -> Vec<Standing> {
        self.stop_and_keep().await.0
    }

    /// The same, with the folder that holds what it wrote.
    pub async fn stop_and_keep(self) -> (Vec<Standing>, TempDir) {
        self.stop.send(()).unwrap();
        (self.outcome.await.unwrap().1, self.folder)
    }

    /// Waits until the service ends by itself.
    pub async fn ended(self) -> (End, Vec<Standing>, Arc<Heard>) {
        let (end, agents) = self.outcome.await.unwrap();
        (end, agents, self.heard)
    }
}
