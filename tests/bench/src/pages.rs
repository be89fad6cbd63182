//! The pages over a durable file that holds many exports: how long each takes.

use crate::machine::millis;
use connectors::{Clock, Registry};
use console::{Access, ConsoleState, OneToken, Options, Timer};
use domain::{AccessRole, Code, HoldReason, OrderReference, Role, State, TenantId};
use export_flow::claim::{Claim, Claimed};
use export_flow::ports::Ledger;
use export_flow::{Flow, Parts, Times};
use http::{Request, StatusCode, header};
use jiff::SignedDuration;
use kit::{SystemClock, SystemEntropy};
use sqlite::SqliteStore;
use std::sync::Arc;
use std::time::Instant;
use testkit::{FakeHttp, PlainKeys, samples};
use tower::ServiceExt;

const AT_ONCE: usize = 64;
const TIMES: usize = 20;
/// Pages that show a list, a part of it, or numbers about all of it.
const PATHS: [&str; 11] = [
    "/",
    "/exports",
    "/exports?state=delivered",
    "/exports?state=held",
    "/exports?state=dead&tick=all",
    "/exports?connection=shop",
    "/exports?code=vendor_error",
    "/dead-letters",
    "/search?q=N-777",
    "/search?q=N-7",
    "/orders/shop/O-777",
];

struct NoWait;

#[async_trait::async_trait]
impl Timer for NoWait {
    async fn sleep(&self, _: SignedDuration) {}
}

/// Fills a store with this many exports and prints how long the pages take.
pub(crate) async fn run(exports: usize) {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(SqliteStore::open(folder.path(), Arc::clone(&clock)).unwrap());
    for (id, role, connector) in [("books", Role::Accounting, "fakturoid"), ("shop", Role::Channel, "magento")] {
        let connection = samples::connection(&domain::ConnectionId::new(id), role, connector);
        assert!(store.put_connection(&connection, None).await.unwrap());
    }
    let began = Instant::now();
    let fillers: Vec<_> = (0..AT_ONCE)
        .map(|filler| {
            let (store, clock) = (Arc::clone(&store), Arc::clone(&clock));
            tokio::spawn(async move {
                for n in (filler..exports).step_by(AT_ONCE) {
                    fill(&store, n, &*clock).await;
                }
            })
        })
        .collect();
    for filler in fillers {
        filler.await.unwrap();
    }
    println!("pages over {exports} exports, filled in {:.0} s, {TIMES} times each", began.elapsed().as_secs_f64());
    let parts = Parts {
        ledger: store.clone(),
        queue: store,
        keys: Arc::new(PlainKeys),
        http: Arc::new(FakeHttp::default()),
        clock,
        entropy: Arc::new(SystemEntropy),
        registry: Registry::standard(),
    };
    let flow = Arc::new(Flow::new(parts, Times::default()));
    let access = Access::Local(OneToken::new("token".into(), TenantId::local()));
    measure(&ConsoleState::new(flow, access, Options::default(), Arc::new(NoWait))).await;
}

/// One of twenty is dead, one waits, the others have arrived.
async fn fill(store: &SqliteStore, n: usize, clock: &dyn Clock) {
    let now = clock.now();
    let claim = Claim {
        order: Some(OrderReference::new(format!("O-{n}"))),
        numbers: vec![format!("N-{n}")],
        ..samples::claim(samples::key(&format!("{n}")), &format!("run-{n}"), now)
    };
    let Claimed::Won { export, .. } = store.claim(&claim).await.unwrap() else { unreachable!("each is claimed once") };
    let ended = match n % 20 {
        0 => {
            let mut dead = samples::ended(&export, State::Dead, None);
            dead.code = Some(Code::VendorError);
            dead
        }
        1 => samples::held(&export, HoldReason::NotPaidYet, now + SignedDuration::from_hours(24)),
        _ => samples::ended(&export, State::Delivered, None),
    };
    store.finish(&samples::guard(&export), &ended).await.unwrap().unwrap();
}

async fn measure(state: &ConsoleState) {
    let link = console::pages::new_link(state, &TenantId::local(), AccessRole::Operator);
    let answer = answer(state, &link, "").await;
    let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    for path in PATHS {
        let mut times = vec![];
        for _ in 0..TIMES {
            let began = Instant::now();
            let answer = self::answer(state, path, &cookie).await;
            assert!(matches!(answer.status(), StatusCode::OK | StatusCode::SEE_OTHER), "{path}: {}", answer.status());
            axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
            times.push(began.elapsed());
        }
        times.sort_unstable();
        println!("  {path}: p50 {:.1} ms, p99 {:.1} ms", millis(&times, 50), millis(&times, 99));
    }
}

async fn answer(state: &ConsoleState, path: &str, cookie: &str) -> axum::response::Response {
    let request = Request::builder().uri(path).header(header::COOKIE, cookie);
    console::router(state.clone()).oneshot(request.body(axum::body::Body::empty()).unwrap()).await.unwrap()
}
