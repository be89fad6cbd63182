//! A console behind a gateway. What lies behind it is shared; each request meets an instance made for it.

use crate::issuer::{CLIENT, Issuer};
use axum::Router;
use axum::body::{Body, to_bytes};
use connectors::Registry;
use console::{Access, Claims, ConsoleState, Gateway, GatewaySettings, Options, Timer};
use export_flow::{Flow, Parts, Times};
use http::{HeaderMap, Request, StatusCode, header};
use http_sender::HttpSender;
use jiff::SignedDuration;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use testkit::{ManualClock, MemoryLedger, MemoryQueue, PlainKeys, SeededEntropy};
use tower::ServiceExt;

pub(crate) const HOST: &str = "console.example.com";
pub(crate) const PUBLIC: &str = "https://console.example.com";
pub(crate) const KEY: &str = "a signing key that is long enough, no. 1";
pub(crate) const NEXT_KEY: &str = "a signing key that is long enough, no. 2";

/// Waits, unless no wait is to be longer than nothing.
struct RealTime {
    impatient: bool,
}

#[async_trait::async_trait]
impl Timer for RealTime {
    async fn sleep(&self, time: SignedDuration) {
        if !self.impatient {
            tokio::time::sleep(Duration::try_from(time).unwrap()).await;
        }
    }
}

/// What all instances share, and how the next one is made.
pub(crate) struct Stage {
    pub(crate) issuer: Issuer,
    pub(crate) ledger: Arc<MemoryLedger>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) settings: GatewaySettings,
    pub(crate) options: Options,
    /// Every wait is over at once.
    pub(crate) impatient: bool,
    queue: Arc<MemoryQueue>,
    entropy: Arc<SeededEntropy>,
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::at(PUBLIC).await
    }

    /// One whose public address is this.
    pub(crate) async fn at(public: &str) -> Self {
        let clock = ManualClock::at_noon();
        let issuer = Issuer::start(clock.clone(), public).await;
        let settings = GatewaySettings::new(&issuer.url, CLIENT, KEY.into());
        Self {
            settings,
            issuer,
            ledger: Arc::new(MemoryLedger::default()),
            queue: MemoryQueue::new(clock.clone()),
            clock,
            entropy: SeededEntropy::new(3),
            impatient: false,
            options: Options { public_url: Some(public.to_owned()), allow_private_targets: true, ..Options::default() },
        }
    }

    fn flow(&self) -> Arc<Flow> {
        let options = http_sender::Options { allow_private_targets: true, ..http_sender::Options::default() };
        let parts = Parts {
            ledger: self.ledger.clone(),
            queue: self.queue.clone(),
            keys: Arc::new(PlainKeys),
            http: Arc::new(HttpSender::new(options, self.clock.clone())),
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
            registry: Registry::standard(),
        };
        Arc::new(Flow::new(parts, Times::default()))
    }

    /// A new instance.
    pub(crate) fn instance(&self) -> Router {
        let gateway = Gateway::new(&self.settings, &self.options).unwrap();
        let access = Access::Gateway(Box::new(gateway));
        let timer = RealTime { impatient: self.impatient };
        console::router(ConsoleState::new(self.flow(), access, self.options.clone(), Arc::new(timer)))
    }

    /// Does what the queue holds, as a worker would.
    pub(crate) async fn work(&self) {
        use export_flow::ports::Queue;
        let flow = self.flow();
        loop {
            let received = self.queue.receive(10, SignedDuration::from_secs(540)).await.unwrap();
            if received.is_empty() {
                return;
            }
            for incoming in received {
                flow.handle(&incoming.message.unwrap(), false).await;
                self.queue.delete(&[incoming.receipt]).await.unwrap();
            }
        }
    }

    pub(crate) async fn send(&self, mut request: Request<Body>) -> Seen {
        request.headers_mut().entry(header::HOST).or_insert(HOST.parse().unwrap());
        let answer = self.instance().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let bytes = to_bytes(body, 4 << 20).await.unwrap();
        Seen { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    /// A call to the API whose token the gateway has verified.
    pub(crate) async fn call(&self, method: &str, path: &str, claims: Option<Value>, body: &str) -> (u16, Value) {
        let mut request = Request::builder().method(method).uri(path).body(Body::from(body.to_owned())).unwrap();
        if let Some(Value::Object(claims)) = claims {
            request.extensions_mut().insert(Claims::new(claims));
        }
        let seen = self.send(request).await;
        (seen.status.as_u16(), serde_json::from_str(&seen.text).unwrap_or_default())
    }
}

/// A browser's cookies, kept by its rules. A strict cookie stays at home when the browser comes from another site.
#[derive(Default)]
pub(crate) struct Browser {
    pub(crate) cookies: BTreeMap<String, (String, String)>,
}

impl Browser {
    /// Follows a link on one of our own pages.
    pub(crate) async fn get(&mut self, stage: &Stage, path: &str) -> Seen {
        self.go(stage, Request::get(path), "", false).await
    }

    /// Comes here from another site.
    pub(crate) async fn arrive(&mut self, stage: &Stage, address: &str) -> Seen {
        let path = address.strip_prefix(stage.options.public_url.as_deref().unwrap()).unwrap();
        self.go(stage, Request::get(path), "", true).await
    }

    /// Posts a form of one of our own pages.
    pub(crate) async fn post(&mut self, stage: &Stage, path: &str, form: &str) -> Seen {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.go(stage, request, form, false).await
    }

    async fn go(
        &mut self,
        stage: &Stage,
        mut request: http::request::Builder,
        body: &str,
        from_elsewhere: bool,
    ) -> Seen {
        for (name, (value, same_site)) in &self.cookies {
            if !(from_elsewhere && same_site == "Strict") {
                request = request.header(header::COOKIE, format!("{name}={value}"));
            }
        }
        let seen = stage.send(request.body(Body::from(body.to_owned())).unwrap()).await;
        for cookie in seen.headers.get_all(header::SET_COOKIE) {
            self.keep(cookie.to_str().unwrap());
        }
        seen
    }

    fn keep(&mut self, cookie: &str) {
        let mut parts = cookie.split("; ");
        let (name, value) = parts.next().unwrap().split_once('=').unwrap();
        let rest: Vec<&str> = parts.collect();
        let says = |what: &str| rest.iter().find_map(|part| part.strip_prefix(what));
        // What browsers ask of this prefix, and what we ask of every cookie.
        assert!(name.starts_with("__Host-") && rest.contains(&"Secure") && rest.contains(&"HttpOnly"), "{cookie}");
        assert!(rest.contains(&"Path=/") && says("Domain=").is_none(), "{cookie}");
        assert!(cookie.len() < 4096, "{} bytes", cookie.len());
        match says("Max-Age=").unwrap() {
            "0" => self.cookies.remove(name),
            _ => self.cookies.insert(name.to_owned(), (value.to_owned(), says("SameSite=").unwrap().to_owned())),
        };
    }

    /// Begins a login that is to end at `to`; where the identity provider is asked.
    pub(crate) async fn begin(&mut self, stage: &Stage, to: &str) -> String {
        let seen = self.get(stage, &format!("/login?to={to}")).await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.text);
        seen.headers[header::LOCATION].to_str().unwrap().to_owned()
    }

    /// Logs in as whoever the identity provider says; the page that leads on.
    pub(crate) async fn log_in(&mut self, stage: &Stage) -> Seen {
        let asked = self.begin(stage, "/").await;
        let back = stage.issuer.visit(&asked).await.unwrap();
        self.arrive(stage, &back).await
    }
}

/// The form token that a page carries.
pub(crate) fn csrf(page: &str) -> String {
    let (_, rest) = page.split_once(r#"name="csrf" value=""#).unwrap();
    rest.split('"').next().unwrap().to_owned()
}

/// Where a page leads on by itself.
pub(crate) fn refresh(page: &str) -> Option<String> {
    let (_, rest) = page.split_once(r#"http-equiv="refresh" content="0; url="#)?;
    Some(rest.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&"))
}
