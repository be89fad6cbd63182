//! Connecting a system on pages, with the practice vendors behind the real sender.

use crate::stage::{Seen, Stage, csrf, get, post};
use connectors::{Hosts, Http, Lane, Request};
use domain::{AccessRole, Connection, ConnectionId, ConnectionState, InvoiceWhen, Switch, TenantId};
use export_flow::ports::Connections as _;
use http::{Method, StatusCode, header};
use http_sender::HttpSender;
use jiff::Timestamp;
use serde_json::Value;
use std::sync::Arc;
use testkit::{ManualClock, samples};
use url::form_urlencoded::Serializer;

/// The practice vendors, and somebody at a browser who connects them.
pub(crate) struct Desk {
    pub(crate) stage: Stage,
    cookie: String,
    http: Arc<HttpSender>,
    base: String,
    _running: vendor_sandbox::Running,
    _data: tempfile::TempDir,
}

/// Pairs of a form.
pub(crate) type Pairs = Vec<(String, String)>;

impl Desk {
    pub(crate) async fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let options = vendor_sandbox::Options { listen: "127.0.0.1:0".parse().unwrap(), data: data.path().to_owned() };
        let running = vendor_sandbox::start(options).await.unwrap();
        // Signatures carry the time, and the practice vendors have that of the day.
        let clock = ManualClock::at(connectors::Clock::now(&kit::SystemClock));
        let options = http_sender::Options { allow_private_targets: true, ..http_sender::Options::default() };
        let http = Arc::new(HttpSender::new(options, clock.clone()));
        let stage = Stage::reaching(clock, http.clone());
        let cookie = stage.log_in().await;
        Self { stage, cookie, http, base: format!("http://{}", running.address), _running: running, _data: data }
    }

    /// What is needed to connect one of the vendors, as the form's fields.
    pub(crate) async fn fields(&self, vendor: &str) -> Pairs {
        let given = self.call(Method::GET, &format!("/_sandbox/vendors/{vendor}"), None).await;
        let part = |part: &str| {
            let part = part.to_owned();
            let values = given[&part].as_object().unwrap().clone();
            values.into_iter().map(move |(name, value)| (format!("{part}.{name}"), value.as_str().unwrap().to_owned()))
        };
        part("settings").chain(part("secrets")).collect()
    }

    /// A control call of the practice vendors.
    pub(crate) async fn control(&self, path: &str, change: Value) {
        self.call(Method::PATCH, path, Some(change)).await;
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let request = Request::new(method, format!("{}{path}", self.base).parse().unwrap());
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let answer = self.http.call(&self.lane(), request, true).await.unwrap();
        assert_eq!(answer.status, 200, "{path}: {}", answer.excerpt());
        serde_json::from_slice(&answer.body).unwrap()
    }

    fn lane(&self) -> Lane {
        let hosts = Hosts::BaseUrl(self.base.clone());
        Lane { tenant: TenantId::local(), connection: ConnectionId::new("control"), pace: None, hosts }
    }

    /// Presses one of the buttons on a vendor's page of consent. Where the vendor sends the browser.
    pub(crate) async fn presses(&self, page: &url::Url, decision: &str) -> String {
        let shown = self.http.call(&self.lane(), Request::get(page.clone()), false).await.unwrap();
        assert_eq!(shown.status, 200, "{}", shown.excerpt());
        let mut to = page.clone();
        to.set_query(None);
        let form = format!("{}&decision={decision}", page.query().unwrap());
        let request = Request::new(Method::POST, to).body("application/x-www-form-urlencoded", form);
        let sent = self.http.call(&self.lane(), request, true).await.unwrap();
        assert_eq!(sent.status, 302, "{}", sent.excerpt());
        sent.header("location").unwrap().to_owned()
    }

    pub(crate) async fn opens(&self, path: &str) -> Seen {
        self.stage.send(get(path, Some(&self.cookie))).await
    }

    pub(crate) async fn sends(&self, path: &str, pairs: &Pairs) -> Seen {
        let page = self.opens("/connections/new").await;
        let token = csrf(&page.html);
        let form = Serializer::new(String::new()).append_pair("csrf", &token).extend_pairs(pairs).finish();
        self.stage.send(post(path, &self.cookie, &form)).await
    }

    pub(crate) async fn follows(&self, seen: &Seen) -> Seen {
        self.opens(&follows_to(seen)).await
    }

    pub(crate) async fn stored(&self, id: &str) -> Option<Connection> {
        self.stage.ledger.connection(&ConnectionId::new(id)).await.unwrap()
    }

    /// Connects one of the vendors under this id.
    async fn connected(&self, vendor: &str, id: &str, more: &[(&str, &str)]) -> Connection {
        let pairs = with(&self.fields(vendor).await, &[("id", id), ("label", vendor)]);
        let seen = self.sends(&format!("/connections/new/{vendor}"), &with(&pairs, more)).await;
        self.follows(&seen).await;
        self.stored(id).await.unwrap()
    }
}

/// Where an answer sends the browser.
pub(crate) fn follows_to(seen: &Seen) -> String {
    assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", text(&seen.html));
    seen.headers[header::LOCATION].to_str().unwrap().to_owned()
}

/// The pairs, with others in place of those of the same name.
pub(crate) fn with(pairs: &Pairs, other: &[(&str, &str)]) -> Pairs {
    let kept = pairs.iter().filter(|(name, _)| other.iter().all(|(new, _)| new != name)).cloned();
    kept.chain(other.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))).collect()
}

/// What a reader sees.
pub(crate) fn text(html: &str) -> String {
    let body = html.split_once("<main").map_or(html, |(_, body)| body);
    let mut inside = false;
    let shown = body.chars().filter(|c| match c {
        '<' | '>' => {
            inside = *c == '<';
            false
        }
        _ => !inside,
    });
    let shown = shown.collect::<String>().replace("&#62;", ">").replace("&#39;", "'");
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The input of this name, as it stands in the page.
fn input<'a>(html: &'a str, name: &str) -> &'a str {
    let (before, after) = html.split_once(&format!("name=\"{name}\"")).unwrap_or_else(|| panic!("{name}: {html}"));
    let start = before.rfind('<').unwrap();
    let end = before.len() + after.find('>').unwrap() + format!("name=\"{name}\"").len();
    &html[start..=end]
}

pub(crate) fn says(seen: &Seen, words: &[&str]) {
    let shown = text(&seen.html);
    for word in words {
        assert!(shown.contains(word), "{word}: {shown}");
    }
}

#[tokio::test]
async fn an_empty_installation_leads_to_the_first_connection() {
    let stage = Stage::empty();
    for path in ["/", "/connections"] {
        assert!(stage.page(path).await.html.contains(r#"href="/connections/new""#), "{path}");
    }
    let page = stage.page("/connections/new").await;
    for spec in connectors::Registry::standard().specs() {
        assert!(page.html.contains(&format!("href=\"/connections/new/{}\"", spec.id)), "{}", spec.id);
        assert!(text(&page.html).contains("We look there before sending again"), "{}", page.html);
        let form = stage.page(&format!("/connections/new/{}", spec.id)).await;
        for field in spec.fields {
            let place = if field.secret { "secrets" } else { "settings" };
            let input = input(&form.html, &format!("{place}.{}", field.name)).to_owned();
            assert_eq!(input.contains(" required"), field.required, "{input}");
            assert_eq!(input.contains(r#"type="password""#), field.secret, "{input}");
        }
        assert_eq!(form.html.contains(r#"name="switches."#), !spec.operations.is_empty(), "{}", spec.id);
    }
    says(&page, &["Nothing is connected yet.", "Accounting", "Courier", "Shop or marketplace"]);
    assert_eq!(stage.page("/connections/new/nothing").await.status, StatusCode::NOT_FOUND);
    assert_eq!(stage.send(get("/connections/new", None)).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn accounting_with_a_wrong_key_is_not_kept_and_with_the_right_one_it_is_in_use() {
    let desk = Desk::new().await;
    let fields = with(&desk.fields("superfaktura").await, &[("id", "books"), ("label", "Our <books>")]);
    let path = "/connections/new/superfaktura";
    let form = desk.opens(path).await;
    assert!(input(&form.html, "id").contains(r#"value="books""#), "the usual name is proposed");

    let seen = desk.sends(path, &with(&fields, &[("secrets.api_key", "wr0ng-k3y")])).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&seen, &["SuperFaktura could not be used", "Nothing was saved.", "Credentials refused", "What to do:"]);
    assert!(seen.html.contains(r#"href="/codes/credentials_refused""#) && seen.html.contains("<blockquote>"));
    assert!(input(&seen.html, "label").contains("Our &#60;books&#62;"), "what was typed is kept");
    assert!(!seen.html.contains("wr0ng-k3y") && seen.html.contains(r#"id="save-anyway""#), "{}", seen.html);
    assert!(desk.stored("books").await.is_none());

    let seen = desk.sends(path, &fields).await;
    let page = desk.follows(&seen).await;
    let words = ["It works and is in use", "Fetch existing documents", "There is no shop or marketplace yet"];
    says(&page, &words);
    assert!(page.html.contains(r##"href="/connections/new#g-channel""##), "{}", page.html);
    assert!(page.html.contains(r#"href="/connections/books/documents""#));
    let stored = desk.stored("books").await.unwrap();
    assert_eq!((stored.state, stored.label.as_str()), (ConnectionState::Active, "Our <books>"));
    let next = desk.opens(path).await;
    assert!(input(&next.html, "id").contains(r#"value="superfaktura""#), "a free one is proposed");
}

#[tokio::test]
async fn a_channel_with_a_wrong_key_is_not_kept_and_with_the_right_one_it_carries_what_was_chosen() {
    let desk = Desk::new().await;
    let fields = with(
        &desk.fields("mirakl").await,
        &[("id", "market"), ("switches.send_invoice", "on"), ("rules.order_pattern", "^M")],
    );
    let path = "/connections/new/mirakl";
    let seen = desk.sends(path, &with(&fields, &[("secrets.api_key", "wr0ng-k3y")])).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&seen, &["Mirakl could not be used", "Credentials refused", "Still needed:"]);
    assert!(input(&seen.html, "switches.send_invoice").contains(" checked"), "{}", seen.html);
    assert!(!input(&seen.html, "switches.send_tracking").contains(" checked"));
    assert!(desk.stored("market").await.is_none());

    let page = desk.follows(&desk.sends(path, &fields).await).await;
    says(&page, &["It works and is in use", "There is no accounting connection yet", "The PDF lies once at the order"]);
    says(&page, &["without a limit of ours", "as soon as they have a number", "2 min"]);
    let stored = desk.stored("market").await.unwrap();
    assert!(stored.is_on(Switch::SendInvoice) && !stored.is_on(Switch::SendTracking));
    assert_eq!((stored.state, stored.rules.order_pattern.as_deref()), (ConnectionState::Active, Some("^M")));
}

#[tokio::test]
async fn nobody_there_and_somebody_else_there_are_told_apart() {
    let desk = Desk::new().await;
    let fields = with(&desk.fields("mirakl").await, &[("id", "market")]);
    let away = with(&fields, &[("settings.base_url", "http://127.0.0.1:1")]);
    let seen = desk.sends("/connections/new/mirakl", &away).await;
    assert!(seen.html.contains(r#"href="/codes/unreachable""#), "{}", text(&seen.html));
    assert!(input(&seen.html, "settings.base_url").contains("http://127.0.0.1:1"));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let other = format!("http://{}", listener.local_addr().unwrap());
    let front = axum::Router::new().fallback(|| async { axum::response::Html("<h1>Welcome to our shop</h1>") });
    tokio::spawn(async move { axum::serve(listener, front).await });
    let seen = desk.sends("/connections/new/mirakl", &with(&fields, &[("settings.base_url", &other)])).await;
    assert!(seen.html.contains(r#"href="/codes/not_that_vendor""#), "{}", text(&seen.html));
    assert!(desk.stored("market").await.is_none());
}

#[tokio::test]
async fn what_is_missing_or_wrong_stands_beside_its_field() {
    let desk = Desk::new().await;
    let seen = desk.sends("/connections/new/mirakl", &with(&vec![], &[("id", "x")])).await;
    says(&seen, &["Use 3 to 64 small letters"]);
    let seen = desk.sends("/connections/new/mirakl", &with(&vec![], &[("id", "market")])).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&seen, &["Something is missing or wrong", "This is needed."]);
    for (name, wrong) in [("secrets.api_key", true), ("settings.base_url", true), ("id", false), ("label", false)] {
        let input = input(&seen.html, name);
        assert_eq!(input.contains(r#"aria-invalid="true""#), wrong, "{input}");
        let id = name.replace('.', "-");
        assert_eq!(input.contains(&format!("aria-describedby=\"e-f-{id}")), wrong, "{input}");
        assert_eq!(seen.html.contains(&format!("id=\"e-f-{id}\"")), wrong, "{name}");
    }
    let fields = with(&desk.fields("mirakl").await, &[("id", "market"), ("settings.pace", "often")]);
    let seen = desk.sends("/connections/new/mirakl", &fields).await;
    assert!(input(&seen.html, "settings.pace").contains(r#"aria-invalid="true""#), "{}", text(&seen.html));
    assert!(seen.html.contains("<details open>"), "what is wrong is not folded away");
    for taken in ["new", "market"] {
        desk.stage.ledger.put_connection_as_is(samples::connection(
            &ConnectionId::new("market"),
            domain::Role::Channel,
            "mirakl",
        ));
        let seen = desk.sends("/connections/new/mirakl", &with(&fields, &[("id", taken), ("settings.pace", "")])).await;
        assert!(input(&seen.html, "id").contains(r#"aria-invalid="true""#), "{taken}: {}", text(&seen.html));
    }
    assert_eq!(desk.stored("market").await.unwrap().version, 1, "nothing is written over");
}

#[tokio::test]
async fn invoices_for_a_shop_need_to_know_when() {
    let desk = Desk::new().await;
    let fields = with(&desk.fields("magento").await, &[("id", "shop"), ("switches.send_invoice", "on")]);
    let seen = desk.sends("/connections/new/magento", &fields).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(input(&seen.html, "rules.invoice_when").contains(r#"aria-invalid="true""#), "{}", text(&seen.html));
    says(&seen, &["Please choose: there is no answer that would be right for everybody."]);
    let stored = desk.connected("magento", "shop", &[("switches.send_invoice", "on"), ("rules.invoice_when", "paid")]);
    assert_eq!(stored.await.rules.invoice_when, Some(InvoiceWhen::Paid));
    says(&desk.opens("/connections/shop").await, &["once they are paid", "Not carried there:"]);
}

#[tokio::test]
async fn whoever_insists_keeps_what_does_not_work_and_nothing_goes_out() {
    let desk = Desk::new().await;
    let fields = with(&desk.fields("mirakl").await, &[("id", "market"), ("secrets.api_key", "wr0ng-k3y")]);
    let seen = desk.sends("/connections/new/mirakl", &with(&fields, &[("save", "anyway")])).await;
    let page = desk.follows(&seen).await;
    says(&page, &["It is saved, but does not work yet", "Not checked yet", "Credentials refused"]);
    let stored = desk.stored("market").await.unwrap();
    assert_eq!((stored.state, stored.ever_active), (ConnectionState::Unverified, false));
}

#[tokio::test]
async fn a_change_keeps_the_secrets_and_what_the_form_does_not_show() {
    let desk = Desk::new().await;
    let mut stored = desk.connected("mirakl", "market", &[]).await;
    stored.mappings.carriers.insert("dpd".into(), "DPD".into());
    stored.rules.notify_customer = Some(true);
    desk.stage.ledger.put_connection_as_is(stored.clone());
    let form = desk.opens("/connections/market/edit").await;
    assert!(input(&form.html, "settings.base_url").contains(stored.setting("base_url").unwrap()));
    let key = input(&form.html, "secrets.api_key");
    assert!(!key.contains("value=") && !key.contains(" required"), "{key}");

    let mut pairs = desk.fields("mirakl").await;
    pairs.retain(|(name, _)| name.starts_with("settings."));
    let seen_at = stored.changed_at.to_string();
    let pairs = with(&pairs, &[("label", "Other"), ("switches.send_tracking", "on"), ("changed_at", &seen_at)]);
    let page = desk.follows(&desk.sends("/connections/market/edit", &pairs).await).await;
    says(&page, &["The change is saved", "Other"]);
    let changed = desk.stored("market").await.unwrap();
    assert_eq!((&changed.secrets, &changed.mappings), (&stored.secrets, &stored.mappings));
    assert_eq!(changed.rules, stored.rules);
    assert!(changed.is_on(Switch::SendTracking) && changed.state == ConnectionState::Active);

    let bad =
        with(&pairs, &[("settings.base_url", "http://127.0.0.1:1"), ("changed_at", &changed.changed_at.to_string())]);
    let seen = desk.sends("/connections/market/edit", &bad).await;
    says(&seen, &["Nothing was changed: it goes on as it was."]);
    desk.stage.clock.advance(jiff::SignedDuration::from_secs(1));
    let late = with(&pairs, &[("changed_at", &Timestamp::UNIX_EPOCH.to_string())]);
    let seen = desk.sends("/connections/market/edit", &late).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&seen, &["Somebody has changed it meanwhile"]);
    assert_eq!(desk.stored("market").await.unwrap(), changed);
}

#[tokio::test]
async fn a_switch_tells_before_and_after_what_it_changes() {
    let stage = Stage::with_a_day("").await;
    let cookie = stage.log_in().await;
    let shop = stage.ledger.connection(&ConnectionId::new("shop")).await.unwrap().unwrap();
    let form = stage.page("/connections/shop/edit").await;
    assert!(form.html.contains(r#"formaction="/connections/shop/switches""#), "{}", form.html);
    let token = csrf(&stage.send(get("/", Some(&cookie))).await.html);
    let ask = async |pairs: &str| {
        stage.send(post("/connections/shop/switches", &cookie, &format!("csrf={token}&label=Shop&{pairs}"))).await
    };
    let off = ask("switches.send_tracking=on").await;
    says(&off, &["What the switches would change", "2 exports that wait would be left out when their turn comes."]);
    says(&ask("switches.send_invoice=on&switches.send_tracking=on").await, &["No switch is turned."]);
    assert_eq!(stage.ledger.connection(&shop.id).await.unwrap().unwrap(), shop, "nothing is kept");
}

#[tokio::test]
async fn new_secrets_wait_until_they_work() {
    let desk = Desk::new().await;
    let stored = desk.connected("mirakl", "market", &[]).await;
    let good = desk.fields("mirakl").await;
    let key = |value: &str| with(&vec![], &[("secrets.api_key", value)]);
    let seen = desk.sends("/connections/market/secrets", &key("wr0ng-k3y")).await;
    assert_eq!(seen.status, StatusCode::OK);
    says(&seen, &["New ones wait:", "API key", "Those in use stay", "Credentials refused"]);
    assert!(seen.html.contains("<blockquote>") && !seen.html.contains("wr0ng-k3y"), "{}", seen.html);
    let pending = desk.stored("market").await.unwrap();
    assert_eq!((&pending.secrets, pending.state), (&stored.secrets, ConnectionState::Active));
    says(&desk.opens("/connections/market").await, &["New ones wait:"]);

    let none = desk.sends("/connections/market/secrets", &with(&vec![], &[("withdraw", "yes")])).await;
    says(&desk.follows(&none).await, &["The new secrets were withdrawn."]);
    assert!(desk.stored("market").await.unwrap().rotation.pending.is_none());

    let (_, right) = good.iter().find(|(name, _)| name == "secrets.api_key").unwrap();
    desk.stage.clock.advance(jiff::SignedDuration::from_secs(1));
    let seen = desk.sends("/connections/market/secrets", &key(right)).await;
    says(&desk.follows(&seen).await, &["The new secrets work and are in use."]);
    assert_ne!(desk.stored("market").await.unwrap().secrets, stored.secrets);
    let long = desk.sends("/connections/market/secrets", &key(&"x".repeat(9_000))).await;
    assert_eq!(long.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(input(&long.html, "secrets.api_key").contains(r#"aria-invalid="true""#), "{}", text(&long.html));
}

#[tokio::test]
async fn a_connection_is_removed_by_its_name_alone() {
    let stage = Stage::with_a_day("").await;
    let cookie = stage.log_in().await;
    let page = stage.page("/connections/shop/remove").await;
    says(&page, &["What becomes of what waits", "that wait will be left out", "To confirm, type shop"]);
    let token = csrf(&stage.send(get("/", Some(&cookie))).await.html);
    let send = async |confirm: &str| {
        stage.send(post("/connections/shop/remove", &cookie, &format!("csrf={token}&confirm={confirm}"))).await
    };
    for wrong in ["", "Shop", "books"] {
        let seen = send(wrong).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        says(&seen, &["This is not its short name."]);
    }
    let forged = stage.send(post("/connections/shop/remove", &cookie, "csrf=guess&confirm=shop")).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    assert!(stage.ledger.connection(&ConnectionId::new("shop")).await.unwrap().is_some());
    let gone = send("shop").await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER, "{}", gone.html);
    let list = stage.send(get(gone.headers[header::LOCATION].to_str().unwrap(), Some(&cookie))).await;
    says(&list, &["Garden shop was removed."]);
    assert!(stage.ledger.connection(&ConnectionId::new("shop")).await.unwrap().is_none());
    assert_eq!(stage.page("/connections/shop").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_webhook_address_is_asked_who_answers_there() {
    let desk = Desk::new().await;
    desk.connected("fakturoid", "books", &[]).await;
    let page = desk.opens("/connections/books").await;
    says(&page, &["http://127.0.0.1:8080/webhooks/accounting/books", "Settings > Webhooks", "invoice_created"]);
    let mut stage = desk.stage;
    for (base, words) in [
        (desk.base.clone(), "Somebody else answers there."),
        ("http://127.0.0.1:1".to_owned(), "Nobody answers there."),
    ] {
        let options = console::Options { public_url: Some(base), ..(*stage.state.options).clone() };
        stage.state.options = Arc::new(options);
        let token = csrf(&stage.send(get("/connections/books", Some(&desk.cookie))).await.html);
        let seen = stage.send(post("/connections/books/webhook-test", &desk.cookie, &format!("csrf={token}"))).await;
        let there = seen.headers[header::LOCATION].to_str().unwrap().to_owned();
        says(&stage.send(get(there.split('#').next().unwrap(), Some(&desk.cookie))).await, &[words]);
    }
}

#[tokio::test]
async fn the_page_of_a_connection_tells_all_about_it_and_a_viewer_finds_no_button_there() {
    let stage = Stage::with_a_day("").await;
    let page = stage.page("/connections/shop").await;
    says(&page, &["Garden shop", "What it can do", "Newest exports", "Last delivered", "Last error"]);
    says(&page, &["What fails or waits", "The vendor refused", "Not paid yet"]);
    assert!(page.html.contains(r#"href="/exports?state=dead&#38;connection=shop&#38;code=vendor_refused""#));
    let (_, recent) = page.html.split_once(r#"id="h-recent""#).unwrap();
    assert_eq!(recent.matches(r#"role="rowheader""#).count(), 10, "ten exports");
    for link in ["/exports?connection=shop", "/connections/shop/mappings", "/connections/shop/edit"] {
        assert!(page.html.contains(&format!("href=\"{link}\"")), "{link}: {}", page.html);
    }
    says(&stage.page("/connections/market").await, &["It cannot be reached", "connection refused"]);
    says(&stage.page("/connections/books").await, &["Asked for changes every", "5 min", "400 calls in 1 min"]);
    let cookie = stage.log_in_as(AccessRole::Viewer).await;
    for path in ["/connections/shop", "/connections/shop/edit", "/connections/new/mirakl", "/connections/shop/remove"] {
        let seen = stage.send(get(path, Some(&cookie))).await;
        let (_, main) = seen.html.split_once("<main").unwrap();
        assert!(seen.status == StatusCode::OK && !main.contains("<button"), "{path}: {main}");
    }
    let token = csrf(&stage.send(get("/", Some(&cookie))).await.html);
    let seen = stage.send(post("/connections/shop/remove", &cookie, &format!("csrf={token}&confirm=shop"))).await;
    assert_eq!(seen.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_new_shop_leads_to_what_lies_at_the_sources_if_anything_is_carried_there() {
    let desk = Desk::new().await;
    let shop = with(&desk.fields("mirakl").await, &[("id", "shop")]);
    let carries = with(&shop, &[("id", "market"), ("switches.send_invoice", "on")]);
    let made = desk.sends("/connections/new/mirakl", &carries).await;
    let list = r#"href="/connections/books/documents""#;
    assert!(!desk.follows(&made).await.html.contains(list), "there is no source yet");
    desk.connected("superfaktura", "books", &[]).await;
    let seen = desk.opens("/connections/market?saved=new").await;
    assert!(seen.html.contains(list), "{}", seen.html);
    says(&seen, &["Fetch existing documents: superfaktura", "Nothing goes out before you say so."]);
    let idle = desk.follows(&desk.sends("/connections/new/mirakl", &shop).await).await;
    assert!(!idle.html.contains(list), "nothing is carried there");
}
