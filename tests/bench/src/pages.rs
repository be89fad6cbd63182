//! How long pages and the API's lists take over a long past, and how long over none.

use crate::engine::{books, connection, market};
use crate::filled::{EXPORTS, Known, Past, fill, known};
use crate::machine::millis;
use crate::vendors::Vendors;
use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::response::Response;
use connectors::{Clock, Registry};
use console::{Access, ConsoleState, OneToken, Options, Timer};
use domain::{AccessRole, HoldReason, Role, State, TenantId};
use export_flow::ports::Ledger as _;
use export_flow::{Flow, Parts, Times};
use http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use jiff::SignedDuration;
use kit::{SystemClock, SystemEntropy};
use serde_json::{Value, json};
use sqlite::SqliteStore;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use testkit::PlainKeys;
use tower::ServiceExt as _;

/// A page may take so long, in milliseconds.
const P95_MAX: f64 = 100.0;
/// And so many times as long as over a small store, if it takes longer than [`JUDGED_FROM`]: below that whatever else runs
/// on the machine decides.
const RATIO_MAX: f64 = 2.0;
const JUDGED_FROM: f64 = 5.0;
/// What is not held to [`RATIO_MAX`], and what it reads more of in a full store. Each but the last has its bound.
const READS_MORE: &[(&str, &str)] = &[
    ("/api/v1/connections/market/errors", "1,000 exports of each of three states"),
    ("/connections/market", "the same"),
    ("/api/v1/dead-letters", "2,000 dead letters"),
    ("/dead-letters", "the same"),
    ("/api/v1/notices", "500 notices that could not be told"),
    (
        "/api/v1/exports?state=delivered&operation=look",
        "all looks: they are counted apart by operation, not by state too",
    ),
];
/// What is not held to [`P95_MAX`], since it asks two vendors for each of a hundred documents: how fast they answer decides.
const LIVE: &str = "/api/v1/reconciliation";
/// So many of the slowest filters are measured.
const SLOWEST: usize = 3;
/// What the accounting system lists: a hundred documents that a small store has too.
const LISTED: Range<usize> = EXPORTS - 1_000..EXPORTS - 800;
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
    _folder: TempDir,
}

impl Console {
    async fn open(past: Past, clock: &Arc<dyn Clock>) -> Self {
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
        fill(&store, past, clock.now()).await;
        let access = Access::Local(OneToken::new(TOKEN.into(), TenantId::local()));
        let options = Options { local_url: ADDRESS.into(), ..Options::default() };
        let state =
            ConsoleState::new(Arc::new(Flow::new(parts, Times::default())), access, options, Arc::new(TokioTimer));
        let link = console::pages::new_link(&state, &TenantId::local(), AccessRole::Operator);
        let mut console = Self { router: console::router(state), cookie: String::new(), _folder: folder };
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
        let answer = self.ask(address).await;
        let status = answer.status();
        (status, to_bytes(answer.into_body(), 64 << 20).await.unwrap().to_vec())
    }

    async fn ask(&self, address: &str) -> Response {
        let request = Request::builder().uri(address).header(header::AUTHORIZATION, format!("Bearer {TOKEN}"));
        let request = request.header(header::COOKIE, &self.cookie).body(Body::empty()).unwrap();
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// Until the whole answer is there; of a table, which is streamed from the store to a file, until its first lines are.
    async fn timed(&self, address: &str) -> Duration {
        let began = Instant::now();
        let answer = self.ask(address).await;
        let status = answer.status();
        let mut body = answer.into_body();
        while let Some(part) = body.frame().await {
            part.unwrap();
            if address.contains("/table") {
                break;
            }
        }
        let took = began.elapsed();
        assert!(!status.is_server_error(), "{address}: {status}");
        took
    }
}

/// Times of one address, sorted.
struct Figure {
    route: String,
    address: String,
    full: Vec<Duration>,
    small: Vec<Duration>,
    none: Vec<Duration>,
}

impl Figure {
    fn ratio(&self, to: &[Duration]) -> f64 {
        millis(&self.full, 50) / millis(to, 50)
    }

    fn is_slow(&self) -> bool {
        let more = READS_MORE.iter().any(|(address, _)| *address == self.address);
        let grows = millis(&self.full, 50) > JUDGED_FROM && self.ratio(&self.small) > RATIO_MAX && !more;
        (millis(&self.full, 95) > P95_MAX && self.route != LIVE) || grows
    }

    fn print(&self) {
        let of = |times: &[Duration]| format!("{:6.1} {:6.1}", millis(times, 50), millis(times, 95));
        let mark = if self.is_slow() { "  SLOW" } else { "" };
        let ratios = format!("{:6.1} {:6.1}", self.ratio(&self.small), self.ratio(&self.none));
        println!("{} {} {} {ratios}  {}{mark}", of(&self.full), of(&self.small), of(&self.none), self.address);
    }
}

/// Measures every page and every reading call, and fails if one is too slow.
pub(crate) async fn run(requests: usize) {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let began = Instant::now();
    let [full, small, none] = [
        Console::open(Past::Full, &clock).await,
        Console::open(Past::Small, &clock).await,
        Console::open(Past::None, &clock).await,
    ];
    println!("{EXPORTS} exports written in {:.0} s; {requests} requests each, one after the other", secs(began));
    println!(
        "     full         small          none     full to (p50)\n   p50    p95    p50    p95    p50    p95  small   none  (ms)"
    );
    let (mut slow, slowest) = (0, slowest(&full).await);
    for route in routes(&full).await {
        for address in addresses(&route, &known(), &full, &slowest).await {
            let figure = measure(&route, address, [&full, &small, &none], requests).await;
            figure.print();
            slow += usize::from(figure.is_slow());
        }
    }
    assert_eq!(slow, 0, "pages that are too slow");
}

fn secs(since: Instant) -> f64 {
    since.elapsed().as_secs_f64()
}

/// In turns, so that whatever else the machine does falls on all.
async fn measure(route: &str, address: String, [full, small, none]: [&Console; 3], requests: usize) -> Figure {
    for console in [full, small] {
        let (status, _) = console.get(&address).await;
        // Whoever has found the one thing there is is led on, and nobody logs in without a token.
        let leads_on = status == StatusCode::SEE_OTHER && route == "/search";
        assert!(status.is_success() || leads_on || route == "/login", "{address}: {status}");
    }
    let mut figure = Figure { route: route.to_owned(), address, full: vec![], small: vec![], none: vec![] };
    for _ in 0..requests {
        figure.full.push(full.timed(&figure.address).await);
        figure.small.push(small.timed(&figure.address).await);
        figure.none.push(none.timed(&figure.address).await);
    }
    for times in [&mut figure.full, &mut figure.small, &mut figure.none] {
        times.sort_unstable();
    }
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
async fn addresses(route: &str, known: &Known, full: &Console, slowest: &[String]) -> Vec<String> {
    let path = path(route, known, full).await;
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
        "/search" => {
            let (many, one) = ("?q=D96", format!("?q={}", known.order));
            asked(&[many, &one, &format!("?q={}", known.number), "?q=nothing-like-this"])
        }
        "/audit" => asked(&["", "?who=person-3", "?who=nobody", &format!("?about={dead}")]),
        "/overview/hours" => asked(&["", "?hours=48"]),
        _ => asked(&[""]),
    }
}

async fn path(route: &str, known: &Known, full: &Console) -> String {
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
            ("{file}", "assets") => style(full).await,
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
async fn slowest(full: &Console) -> Vec<String> {
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
                tried.push((full.timed(&format!("/exports{query}")).await, query));
            }
        }
    }
    tried.sort_unstable_by(|a, b| b.cmp(a));
    tried.truncate(SLOWEST);
    tried.into_iter().map(|(_, query)| query).collect()
}
