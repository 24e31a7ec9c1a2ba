//! The connections that a client of this layer opens because a command tells it to.

use std::pin::Pin;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Opens one more connection to where the client is, and holds it to its end.
pub(super) type Another = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// Opens connections, and knows which are not over.
pub(super) struct Companions {
    another: Another,
    /// Whether they are opened beside each other; RFC 6455 section 4.1 wants one at a time.
    side_by_side: bool,
    under_way: JoinSet<()>,
}

impl Companions {
    pub fn new(another: Another, side_by_side: bool) -> Companions {
        Companions { another, side_by_side, under_way: JoinSet::new() }
    }

    /// Begins to open so many.
    pub fn open(&mut self, count: u32) {
        if self.side_by_side {
            for _ in 0..count {
                self.under_way.spawn((self.another)());
            }
            return;
        }
        let another = Arc::clone(&self.another);
        self.under_way.spawn(async move {
            for _ in 0..count {
                another().await;
            }
        });
    }

    /// Waits until all are over.
    pub async fn gone(self) {
        self.under_way.join_all().await;
    }
}
