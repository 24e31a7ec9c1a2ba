//! Echo client with permessage-deflate on the crate yawc: `interop-yawc-client URL`.

use interop_yawc::{echo, options};
use yawc::WebSocket;

#[tokio::main(flavor = "current_thread")]
async fn main() -> yawc::Result<()> {
    let url = std::env::args().nth(1).and_then(|url| url.parse().ok());
    let url = url.expect("usage: interop-yawc-client URL");
    // Without a window the library offers nothing but the name, and no server could ask for one.
    let options = options().with_no_delay().with_client_max_window_bits(15);
    echo(WebSocket::connect(url).with_options(options).await?).await
}
