//! The loop of the service: takes callers in, gives each what it asks for, and ends when somebody says so.

use super::access::Access;
use super::channel::Channel;
use super::ledger::Ledger;
use super::page;
use super::reporter::News;
use super::request::{Ask, ask};
use super::run_case::run_case;
use super::standing::Standing;
use super::{Service, Settings, command, response, status};
use crate::drive::{Caller, Door};
use serde_json::json;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

/// How long those may go on who are connected when the service ends.
const GRACE: Duration = Duration::from_secs(2);

/// Why the service ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Somebody asked for it.
    Stopped,
    /// A client had its reports written and is through.
    Complete,
    /// So many clients are through as were expected.
    Enough,
    /// Nobody was connected for too long.
    Idle,
    /// It was ended from outside.
    Outside,
}

/// Serves the control paths at `door`, and the page for browsers at `web` too, until somebody asks for the end or `outside`
/// is done. What came in since the last report is then in the last look at the clients that comes back.
pub async fn serve(
    door: Door,
    web: Option<Door>,
    mut settings: Settings,
    outside: impl Future<Output = ()>,
) -> (End, Vec<Standing>, Arc<Service>) {
    let (ends, mut ended) = mpsc::unbounded_channel();
    settings.info.not_run = settings.program.offers().iter().map(|offer| offer.case.id.clone()).collect();
    let idle = settings.idle;
    let addresses: Vec<_> = std::iter::once(&door).chain(&web).map(Door::local_addr).collect();
    let access = Access::new(&addresses, settings.named.as_deref(), door.is_secure());
    let service = Arc::new(Service {
        ledger: Mutex::new(Ledger::new(&settings.root, settings.scale, settings.info.clone())),
        settings,
        changes: watch::channel(0).0,
        ends,
        writing: tokio::sync::Mutex::new(()),
        control: (door.local_addr().port(), door.is_secure()),
        access,
    });
    let mut callers = JoinSet::new();
    let mut outside = std::pin::pin!(outside);
    let mut quiet_since = Instant::now();
    let knocks_at_web = async |web: &Option<Door>| match web {
        Some(web) => web.next().await,
        None => pending().await,
    };
    let end = loop {
        let is_quiet = callers.is_empty();
        tokio::select! {
            biased;
            Some(end) = ended.recv() => break end,
            () = &mut outside => break End::Outside,
            Some(_) = callers.join_next() => quiet_since = Instant::now(),
            knock = door.next() => {
                let service = Arc::clone(&service);
                callers.spawn(async move {
                    if let Some(caller) = knock.request().await {
                        answer(service, caller).await;
                    }
                });
            }
            knock = knocks_at_web(&web) => {
                let service = Arc::clone(&service);
                callers.spawn(async move {
                    if let Some(caller) = knock.request().await {
                        page::answer(&service, caller).await;
                    }
                });
            }
            () = sleep_until(quiet_since + idle.unwrap_or_default()), if is_quiet && idle.is_some() => break End::Idle,
        }
    };
    drop(door);
    drop(web);
    service.tell(&News::Stops);
    let left = async { while callers.join_next().await.is_some() {} };
    let _ = timeout(GRACE, left).await;
    callers.shutdown().await;
    let agents = service.ledger().look();
    (end, agents, service)
}

/// Gives a caller what it asks for.
async fn answer(service: Arc<Service>, caller: Caller) {
    let request = match caller.request() {
        Ok(request) => request,
        Err(fault) => return caller.dismiss(&response::without_head(fault)).await,
    };
    if let Err(denied) = service.access.check(&request) {
        return caller.dismiss(&response::denied(&request, &denied)).await;
    }
    let asked = match ask(&request, service.program()) {
        Ok(asked) => asked,
        Err(refusal) => return caller.dismiss(&response::to(&request, response::refused(&refusal))).await,
    };
    let peer = caller.peer();
    match asked {
        Ask::Page(_) => page::answer(&service, caller).await,
        Ask::RunCase { agent, place } if service.program().spares(&agent, place) => {
            service.tell(&News::Spared { agent: &agent, id: &service.program().offers()[place].id });
            Channel::accept(caller, &request).end().await;
        }
        Ask::RunCase { agent, place } => run_case(service, caller, &request, agent, place).await,
        Ask::CaseCount => say(caller, &request, &service.program().offers().len().to_string()).await,
        Ask::CaseInfo(place) => {
            let offer = &service.program().offers()[place];
            let info = json!({ "id": offer.id, "description": offer.description });
            say(caller, &request, &info.to_string()).await;
        }
        Ask::CaseStatus { agent, place } => {
            status::tell(&service, Channel::accept(caller, &request), &agent, place).await;
        }
        Ask::UpdateReports { agent, and_stop } => {
            let mut channel = Channel::accept(caller, &request);
            // whoever waits long for the response gives up; the Close tells that the reports are there
            let there = channel.flush().await;
            service.tell(&News::Updates { peer });
            service.settle().await;
            service.write_reports().await;
            service.tell(&News::Updated);
            if there {
                channel.end().await;
            }
            let asked = service.ledger().asked(&agent);
            if and_stop {
                let _ = service.ends.send(End::Complete);
            } else if service.settings.enough.is_some_and(|enough| asked >= enough) {
                let _ = service.ends.send(End::Enough);
            }
        }
        Ask::StopServer => {
            Channel::accept(caller, &request).end().await;
            let _ = service.ends.send(End::Stopped);
        }
        Ask::Commands => {
            service.tell(&News::Commands { peer });
            command::obey(Channel::accept(caller, &request)).await;
        }
    }
}

/// One text, and goodbye.
async fn say(caller: Caller, request: &crate::wire::Head, text: &str) {
    let mut channel = Channel::accept(caller, request);
    channel.text(text);
    channel.end().await;
}
