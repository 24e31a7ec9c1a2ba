//! Drives itself through the control paths as the example `autobahn_client` of fastwebsockets does:
//! `drive-fastwebsockets SERVER AGENT`.

use fastwebsockets::{FragmentCollector, Frame, OpCode, handshake};
use http_body_util::Empty;
use hyper::Request;
use hyper::body::Bytes;
use hyper::header::{CONNECTION, UPGRADE};
use hyper::upgrade::Upgraded;
use std::error::Error;
use tokio::net::TcpStream;

type Fault = Box<dyn Error + Send + Sync>;
type Socket = FragmentCollector<hyper_util::rt::TokioIo<Upgraded>>;

struct SpawnExecutor;

impl<F> hyper::rt::Executor<F> for SpawnExecutor
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    fn execute(&self, future: F) {
        tokio::task::spawn(future);
    }
}

async fn connect(server: &str, path: &str) -> Result<Socket, Fault> {
    let host = server.strip_prefix("ws://").expect("a server without TLS");
    let stream = TcpStream::connect(host).await?;
    let request = Request::builder()
        .method("GET")
        .uri(format!("http://{host}/{path}"))
        .header("Host", host)
        .header(UPGRADE, "websocket")
        .header(CONNECTION, "upgrade")
        .header("Sec-WebSocket-Key", handshake::generate_key())
        .header("Sec-WebSocket-Version", "13")
        .body(Empty::<Bytes>::new())?;
    let (socket, _) = handshake::client(&SpawnExecutor, request, stream).await?;
    Ok(FragmentCollector::new(socket))
}

async fn get_case_count(server: &str) -> Result<u32, Fault> {
    let mut socket = connect(server, "getCaseCount").await?;
    let message = socket.read_frame().await?;
    socket.write_frame(Frame::close(1000, &[])).await?;
    Ok(std::str::from_utf8(&message.payload)?.parse()?)
}

async fn run_test(server: &str, agent: &str, case: u32) -> Result<(), Fault> {
    let mut socket = connect(server, &format!("runCase?case={case}&agent={agent}")).await?;
    loop {
        let message = socket.read_frame().await?;
        match message.opcode {
            OpCode::Text | OpCode::Binary => {
                socket.write_frame(Frame::new(true, message.opcode, None, message.payload)).await?;
            }
            OpCode::Close => return Ok(()),
            _ => {}
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fault> {
    let mut words = std::env::args().skip(1);
    let (Some(server), Some(agent)) = (words.next(), words.next()) else {
        panic!("usage: drive-fastwebsockets SERVER AGENT");
    };
    for case in 1..=get_case_count(&server).await? {
        if let Err(fault) = run_test(&server, &agent, case).await {
            eprintln!("case {case}: {fault}");
        }
    }
    let mut socket = connect(&server, &format!("updateReports?agent={agent}")).await?;
    socket.write_frame(Frame::close(1000, &[])).await?;
    Ok(())
}
