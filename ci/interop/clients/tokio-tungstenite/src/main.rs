//! Drives itself through the control paths as the example `autobahn-client` of tokio-tungstenite does:
//! `drive-tokio-tungstenite SERVER AGENT`.

use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::{Error, Result};

async fn get_case_count(server: &str) -> Result<u32> {
    let (mut socket, _) = connect_async(format!("{server}/getCaseCount")).await?;
    let message = socket.next().await.expect("the count comes")?;
    socket.close(None).await?;
    Ok(message.to_text()?.parse::<u32>().expect("the count is a number"))
}

async fn update_reports(server: &str, agent: &str) -> Result<()> {
    let (mut socket, _) = connect_async(format!("{server}/updateReports?agent={agent}")).await?;
    socket.close(None).await
}

async fn run_test(server: &str, agent: &str, case: u32) -> Result<()> {
    let (mut socket, _) = connect_async(format!("{server}/runCase?case={case}&agent={agent}")).await?;
    while let Some(message) = socket.next().await {
        let message = message?;
        if message.is_text() || message.is_binary() {
            socket.send(message).await?;
        }
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut words = std::env::args().skip(1);
    let (Some(server), Some(agent)) = (words.next(), words.next()) else {
        panic!("usage: drive-tokio-tungstenite SERVER AGENT");
    };
    let total = get_case_count(&server).await.expect("the count comes");
    for case in 1..=total {
        match run_test(&server, &agent, case).await {
            Ok(()) | Err(Error::ConnectionClosed | Error::Protocol(_) | Error::Utf8(_)) => {}
            Err(fault) => eprintln!("case {case}: {fault}"),
        }
    }
    update_reports(&server, &agent).await.expect("the reports are written");
}
