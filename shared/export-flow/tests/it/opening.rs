//! Connections are opened once for many that need them at the same moment.

use async_trait::async_trait;
use connectors::Hearing;
use domain::{Connection, ConnectionId};
use export_flow::Accounts;
use export_flow::ports::{Connections, PortError};
use futures_util::future::join_all;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use testkit::{ManualClock, PlainKeys};

/// Has no connection and answers only when asked a second time, so that others can ask meanwhile.
#[derive(Default)]
struct Slow {
    asked: AtomicUsize,
    fails: bool,
}

#[async_trait]
impl Connections for Slow {
    async fn connection(&self, _: &ConnectionId) -> Result<Option<Connection>, PortError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        if self.fails { Err(PortError::Throttled("on purpose".into())) } else { Ok(None) }
    }
}

async fn asked_by_ten(store: Slow) -> (usize, Vec<bool>) {
    let store = Arc::new(store);
    let accounts =
        Accounts::new(Arc::<Slow>::clone(&store), Arc::new(PlainKeys), ManualClock::at_noon(), Hearing::Alone(&[]));
    let id = ConnectionId::new("shop");
    let found = join_all((0..10).map(|_| accounts.account(&id))).await;
    (store.asked.load(Ordering::SeqCst), found.iter().map(Result::is_ok).collect())
}

#[tokio::test]
async fn ten_that_need_a_connection_at_once_read_it_once() {
    assert_eq!(asked_by_ten(Slow::default()).await, (1, vec![true; 10]));
}

#[tokio::test]
async fn none_is_answered_by_the_failure_of_another() {
    let failing = Slow { fails: true, ..Slow::default() };
    assert_eq!(asked_by_ten(failing).await, (10, vec![false; 10]));
}
