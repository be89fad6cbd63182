//! How long pages and the API's lists take over a long past, and how long over none.

use crate::engine::{books, connection, market};
use crate::filled::{EXPORTS, Known, fill, known};
use crate::machine::millis;
use crate::vendors::Vendors;
use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use connectors::{Clock, Registry};
use console::{Access, ConsoleState, OneToken, Options, Timer};
use domain::{AccessRole, HoldReason, Role, State, TenantId};
use export_flow::ports::Ledger as _;
use export_flow::{Flow, Parts, Times};
use http::{Request, StatusCode, header};
use jiff::SignedDuration;
use kit::{SystemClock, SystemEntropy};
use serde_json::{Value, json};
use sqlite::SqliteStore;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use testkit::PlainKeys;
use tower::ServiceExt as _;

/// A page may take so long, in milliseconds.
const P95_MAX: f64 = 100.0;
/// And so many times as long as over an empty store, if it takes longer than [`JUDGED_FROM`]: below that the lines that an
/// empty store does not have decide, and whatever else runs on the machine.
const RATIO_MAX: f64 = 2.0;
const JUDGED_FROM: f64 = 5.0;
/// So many of the slowest filters are measured.
const SLOWEST: usize = 3;
/// Documents that the accounting system lists.
const LISTED: usize = 100;
const ADDRESS: &str = "http://127.0.0.1:8080";
const API: &str = "/api/v1";
const TOKEN: &str = "bench-token";

struct TokioTimer;

#[async_trait]
impl Timer for TokioTimer {
    async fn sleep(&self, time: SignedDuration) {
        tokio::time::sleep(Duration::try_from(time).unwrap()).await;
    }
}

/// A console over a store of its own, and somebody who is logged in.
struct Console {
    router: Router,
    cookie: String,
    store: Arc<SqliteStore>,
    _folder: TempDir,
}

impl Console {
    async fn open(clock: &Arc<dyn Clock>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(folder.path(), Arc::clone(clock)).unwrap());
        let parts = Parts {
            ledger: store.clone(),
            queue: store.clone(),
            keys: Arc::new(PlainKeys),
            http: Arc::new(Vendors::listing(LISTED)),
            clock: Arc::clone(clock),
            entropy: Arc::new(SystemEntropy),
            registry: Registry::standard(),
        };
        for (id, role, connector) in [
            ("ledger", Role::Accounting, "superfaktura"),
            ("post", Role::Courier, "sendcloud"),
            ("van", Role::Courier, "packeta"),
            ("shop", Role::Channel, "magento"),
            ("outlet", Role::Channel, "magento"),
        ] {
            let there = connection(id, role, connector, json!({"base_url": "http://vendors/other"}), clock);
            assert!(store.put_connection(&there, None).await.unwrap());
        }
        for there in [books(clock), market(clock)] {
            assert!(store.put_connection(&there, None).await.unwrap());
        }
        let access = Access::Local(OneToken::new(TOKEN.into(), TenantId::local()));
        let options = Options { local_url: ADDRESS.into(), ..Options::default() };
        let state =
            ConsoleState::new(Arc::new(Flow::new(parts, Times::default())), access, options, Arc::new(TokioTimer));
        let link = console::pages::new_link(&state, &TenantId::local(), AccessRole::Operator);
        let mut console = Self { router: console::router(state), cookie: String::new(), store, _folder: folder };
        console.cookie = console.log_in(link.trim_start_matches(ADDRESS)).await;
        console
    }

    async fn log_in(&self, link: &str) -> String {
        let request = Request::builder().uri(link).body(Body::empty()).unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    /// Asks, and reads the whole answer.
    async fn get(&self, address: &str) -> (StatusCode, Vec<u8>) {
        let request = Request::builder().uri(address).header(header::AUTHORIZATION, format!("Bearer {TOKEN}"));
        let request = request.header(header::COOKIE, &self.cookie).body(Body::empty()).unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let status = answer.status();
        (status, to_bytes(answer.into_body(), 64 << 20).await.unwrap().to_vec())
    }

    async fn timed(&self, address: &str) -> Duration {
        let began = Instant::now();
        let (status, body) = self.get(address).await;
        let took = began.elapsed();
        assert!(!status.is_server_error(), "{address}: {status} {}", String::from_utf8_lossy(&body));
        took
    }
}

/// Times of one address, sorted.
struct Figure {
    address: String,
    filled: Vec<Duration>,
    empty: Vec<Duration>,
}

impl Figure {
    fn ratio(&self) -> f64 {
        millis(&self.filled, 50) / millis(&self.empty, 50)
    }

    fn is_slow(&self) -> bool {
        let grows = millis(&self.filled, 50) > JUDGED_FROM && self.ratio() > RATIO_MAX;
        millis(&self.filled, 95) > P95_MAX || grows
    }

    fn print(&self) {
        let of = |times: &[Duration]| format!("{:7.1} {:7.1}", millis(times, 50), millis(times, 95));
        let mark = if self.is_slow() { "  SLOW" } else { "" };
        println!("{} {} {:6.1}  {}{mark}", of(&self.filled), of(&self.empty), self.ratio(), self.address);
    }
}

/// Measures every page and every reading call, and fails if one is too slow.
pub(crate) async fn run(requests: usize) {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let (filled, empty) = (Console::open(&clock).await, Console::open(&clock).await);
    let began = Instant::now();
    fill(&filled.store, clock.now()).await;
    println!("{EXPORTS} exports written in {:.0} s; {requests} requests each, one after the other", secs(began));
    println!("     filled           empty\n    p50     p95     p50     p95  ratio  (ms)");
    let (mut slow, slowest) = (0, slowest(&filled).await);
    for route in routes(&filled).await {
        for address in addresses(&route, &known(), &filled, &slowest).await {
            let figure = measure(address, &filled, &empty, requests).await;
            figure.print();
            slow += usize::from(figure.is_slow());
        }
    }
    assert_eq!(slow, 0, "pages that are too slow");
}

fn secs(since: Instant) -> f64 {
    since.elapsed().as_secs_f64()
}

/// In turns, so that whatever else the machine does falls on both.
async fn measure(address: String, filled: &Console, empty: &Console, requests: usize) -> Figure {
    let (status, _) = filled.get(&address).await;
    let outside = address == "/login";
    assert!(status.is_success() || outside, "{address}: {status}");
    let mut figure = Figure { address, filled: vec![], empty: vec![] };
    for _ in 0..requests {
        figure.filled.push(filled.timed(&figure.address).await);
        figure.empty.push(empty.timed(&figure.address).await);
    }
    figure.filled.sort_unstable();
    figure.empty.sort_unstable();
    figure
}

/// Every page, as the router's source names them, and every reading call, as the API's description does: none can be left
/// out.
async fn routes(console: &Console) -> BTreeSet<String> {
    let source = include_str!("../../../shared/console/src/pages/mod.rs").replace(['\n', ' '], "");
    let parts = source.split(".route(\"").skip(1).filter_map(|part| part.split_once("\","));
    let mut routes: BTreeSet<String> =
        parts.filter(|(_, handler)| handler.starts_with("get(")).map(|(path, _)| path.to_owned()).collect();
    let (_, document) = console.get(&format!("{API}/openapi.json")).await;
    let document: Value = serde_json::from_slice(&document).unwrap();
    let calls = document["paths"].as_object().unwrap().iter().filter(|(_, methods)| methods.get("get").is_some());
    routes.extend(calls.map(|(path, _)| path.clone()));
    assert!(routes.len() > 40, "{routes:?}");
    routes
}

/// What is measured of a route: its plain address, or those that its parameters allow; of the lists that can be filtered
/// in many ways, the slowest besides.
async fn addresses(route: &str, known: &Known, filled: &Console, slowest: &[String]) -> Vec<String> {
    let path = path(route, known, filled).await;
    let asked = |queries: &[&str]| queries.iter().map(|query| format!("{path}{query}")).collect::<Vec<_>>();
    let dead = known.dead.as_str();
    match route.trim_start_matches(API) {
        "/exports" => {
            let mut chosen = asked(&["", "?state=held", "?state=delivered&connection=market"]);
            chosen.extend(slowest.iter().map(|query| format!("{path}{query}")));
            chosen
        }
        "/dead-letters" => {
            asked(&["", "?connection=books", "?code=vendor_error", "?connection=van&code=vendor_refused"])
        }
        "/reconciliation" | "/reconciliation/table" => asked(&["?connection=books", "?connection=market"]),
        "/search" => asked(&["?q=D123", "?q=Z482000", "?q=D49000", "?q=nothing-like-this"]),
        "/audit" => asked(&["", "?who=person-3", "?who=nobody", &format!("?about={dead}")]),
        "/overview/hours" => asked(&["", "?hours=48"]),
        _ => asked(&[""]),
    }
}

async fn path(route: &str, known: &Known, filled: &Console) -> String {
    let mut parts: Vec<String> = vec![];
    for part in route.split('/') {
        let before = parts.last().cloned().unwrap_or_default();
        parts.push(match (part, before.as_str()) {
            ("{id}", "exports") => known.delivered.to_string(),
            ("{id}", "jobs") => known.job.to_string(),
            ("{id}", "connections") if route.ends_with("/documents") || route.ends_with("/events") => "books".into(),
            ("{id}", "connections") => "market".into(),
            ("{connector}", _) => "mirakl".into(),
            ("{channel}", _) => known.channel.to_string(),
            ("{reference}", _) => known.order.clone(),
            ("{code}", _) => HoldReason::NotPaidYet.as_str().to_owned(),
            ("{file}", "assets") => style(filled).await,
            _ if part.starts_with('{') => unreachable!("{route}: say what stands for {part}"),
            _ => part.to_owned(),
        });
    }
    parts.join("/")
}

/// The name of the style sheet, which changes with it.
async fn style(console: &Console) -> String {
    let (_, page) = console.get("/").await;
    let page = String::from_utf8(page).unwrap();
    let (_, file) = page.split_once("/assets/").unwrap();
    file.split('"').next().unwrap().to_owned()
}

/// Of what the lists of exports can be narrowed by, together too, what takes longest.
async fn slowest(filled: &Console) -> Vec<String> {
    let or_none = |name: &str, words: &[&str]| {
        let given = words.iter().map(|word| format!("{name}={word}&"));
        std::iter::once(String::new()).chain(given).collect::<Vec<_>>()
    };
    let states = or_none("state", &State::ALL.iter().map(|state| state.as_str()).collect::<Vec<_>>());
    let connections = or_none("connection", &["books", "van", "shop", "market", "outlet"]);
    let operations =
        or_none("operation", &["look", "send_invoice", "send_credit_note", "send_tracking", "refund_order"]);
    let codes = or_none("code", &["not_paid_yet", "order_unknown", "not_ours", "no_order_reference", "vendor_refused"]);
    let mut tried = vec![];
    for connection in &connections {
        for state in &states {
            for more in operations.iter().chain(codes.iter().skip(1)) {
                let query = format!("?{connection}{state}{more}").trim_end_matches('&').to_owned();
                tried.push((filled.timed(&format!("/exports{query}")).await, query));
            }
        }
    }
    tried.sort_unstable_by(|a, b| b.cmp(a));
    tried.truncate(SLOWEST);
    tried.into_iter().map(|(_, query)| query).collect()
}
