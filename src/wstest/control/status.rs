//! What came of a case: told at once, or when the case is over, to as many as ask.

use super::Service;
use super::channel::{Channel, Incoming};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// How long is waited for a case that the client is not in.
const COMES: Duration = Duration::from_secs(30);

/// Tells the behavior of a client in a case; says goodbye with a code when the case does not come.
pub async fn tell(service: &Arc<Service>, mut channel: Channel, agent: &str, place: usize) {
    let mut changes = service.changes.subscribe();
    let mut until = Instant::now() + COMES.mul_f64(service.settings.scale);
    if service.program().spares(agent, place) {
        until = Instant::now();
    }
    if !channel.flush().await {
        return;
    }
    loop {
        let (behavior, is_under_way) = {
            let ledger = service.ledger();
            (ledger.behavior(agent, place), ledger.is_under_way(agent, place))
        };
        // a case that is run again is not over; its own deadlines see to its end
        match behavior {
            Some(behavior) if !is_under_way => {
                channel.text(&json!({ "behavior": behavior }).to_string());
                return channel.end().await;
            }
            _ if is_under_way => until = until.max(Instant::now() + COMES.mul_f64(service.settings.scale)),
            _ => {}
        }
        tokio::select! {
            _ = changes.changed() => {}
            said = channel.next() => match said {
                Incoming::Gone => return,
                Incoming::Close(_) | Incoming::Wrong(_) => return channel.end().await,
                Incoming::Text(_) => {}
            },
            () = sleep_until(until), if !is_under_way => {
                channel.close(Some(1013), "the case was not run");
                return channel.leave().await;
            }
        }
    }
}
