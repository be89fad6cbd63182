//! Connections are opened once for many that need them at the same moment.

use crate::bench::{Bench, seconds};
use async_trait::async_trait;
use connectors::Hearing;
use domain::{Connection, ConnectionId, TenantId};
use export_flow::Accounts;
use export_flow::ports::{Connections, Ledger as _, PortError};
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

/// What this process knows of the shop: opened, and in the list of all.
async fn labels(bench: &Bench) -> [String; 2] {
    let opened = bench.flow.account(&ConnectionId::new("shop")).await.unwrap().unwrap();
    let listed = bench.flow.connections(&TenantId::local()).await.unwrap();
    let shop = listed.into_iter().find(|connection| connection.id.as_str() == "shop").unwrap();
    [opened.connection.label.clone(), shop.label]
}

#[tokio::test]
async fn what_another_process_wrote_is_known_after_five_seconds_and_when_a_clock_was_put_back() {
    for (passed, known) in [(0, "shop"), (5, "shop"), (6, "other"), (-1, "other")] {
        let bench = Bench::new().await;
        assert_eq!(labels(&bench).await, ["shop", "shop"]);
        let shop = bench.state_of("shop").await;
        let other = Connection { label: "other".into(), version: shop.version + 1, ..shop.clone() };
        assert!(bench.ledger.put_connection(&other, Some(shop.version)).await.unwrap());
        bench.clock.set(bench.flow.now() + seconds(passed));
        assert_eq!(labels(&bench).await, [known, known], "after {passed} s");
    }
}
