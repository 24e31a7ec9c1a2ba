//! Accepting connections and letting go of them: what all the servers of this layer share below the protocol.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

const CONNECTIONS: usize = 1024;
const DRAIN_TIME: Duration = Duration::from_secs(2);
const DRAIN_OCTETS: usize = 256 << 20;

/// A listening socket whose connections are bounded in number.
pub(super) struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    slots: Arc<Semaphore>,
}

impl Listener {
    pub(super) async fn bind(address: SocketAddr) -> io::Result<Listener> {
        let socket = TcpListener::bind(address).await?;
        let address = socket.local_addr()?;
        Ok(Listener { socket, address, slots: Arc::new(Semaphore::new(CONNECTIONS)) })
    }

    pub(super) fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Runs one task per connection until `stop` is done; then the socket closes and the tasks are waited for.
    /// Dropping the future aborts the tasks.
    pub(super) async fn serve<H, C>(self, handle: H, stop: impl Future<Output = ()>)
    where
        H: Fn(TcpStream) -> C,
        C: Future<Output = ()> + Send + 'static,
    {
        let Listener { socket, slots, .. } = self;
        let mut tasks = JoinSet::new();
        let mut stop = std::pin::pin!(stop);
        loop {
            let accepted = async {
                let slot = slots.clone().acquire_owned().await;
                (slot, socket.accept().await)
            };
            tokio::select! {
                (slot, accepted) = accepted => match accepted {
                    Ok((stream, _)) => {
                        // Without it small frames wait for acknowledgements; a socket that refuses it still works.
                        let _ = stream.set_nodelay(true);
                        let connection = handle(stream);
                        tasks.spawn(async move {
                            connection.await;
                            drop(slot);
                        });
                    }
                    // Out of descriptors, or a connection that died in the queue: neither ends the server.
                    Err(_) => sleep(Duration::from_millis(5)).await,
                },
                Some(_) = tasks.join_next() => {}
                () = &mut stop => break,
            }
        }
        drop(socket);
        while tasks.join_next().await.is_some() {}
    }
}

/// Ends a connection with FIN: unread input would turn the close into a reset, so the rest of it is read away first.
pub(super) async fn finish(mut stream: TcpStream) {
    if stream.shutdown().await.is_err() {
        return;
    }
    let drain = async {
        let mut sink = vec![0; 64 << 10];
        let mut left = DRAIN_OCTETS;
        while let Ok(read) = stream.read(&mut sink).await {
            if read == 0 || read > left {
                break;
            }
            left -= read;
        }
    };
    let _ = timeout(DRAIN_TIME, drain).await;
}

/// Ends a connection with RST.
pub(super) fn reset(stream: TcpStream) {
    let _ = stream.set_zero_linger();
}
