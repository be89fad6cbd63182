//! Every page there is, walked: the list comes from the router's source, so that no new page is left out.

use crate::stage::{Seen, Stage, get};
use crate::viewing::{call, pages};
use domain::{
    AccessRole, Code, ConnectionId, LastError, NoticeKind, NoticeWay, Role, Subject, SubjectKind, Switch, TenantId,
};
use export_flow::audit::{Act, Actor};
use export_flow::heard::{Heard, HeardStore as _};
use export_flow::notices::{Facts, Notice, NoticeStore as _, Progress};
use export_flow::ports::Ledger as _;
use html5gum::{Token, Tokenizer};
use http::header::CONTENT_TYPE;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use testkit::samples;

/// Pages before the login, and files.
const OUTSIDE: [&str; 2] = ["/login", "/assets/{file}"];
/// Pages on which nothing stands that an outside system wrote.
const OURS_ALONE: [&str; 6] =
    ["/codes", "/codes/{code}", "/connections/new", "/connections/new/{connector}", "/jobs", "/reconciliation/table"];
/// Forms that a viewer's pages have, for what changes nothing.
const OPEN_FORMS: [&str; 2] = ["/logout", "/trial"];
/// What a page shows only if it is asked to.
const ASKED: [(&str, &str); 9] = [
    ("/exports", "state=held"),
    ("/search", "q=Z48"),
    ("/trial", "connection=shop&order=100000090"),
    ("/orders/{channel}/{reference}", "show=trouble"),
    ("/reconciliation", "connection=books&since=2020-01-01"),
    ("/reconciliation/table", "connection=books&since=2020-01-01"),
    ("/connections/{id}/documents", "since=2020-01-01"),
    ("/shipments", "source=post"),
    ("/audit", "about=shop&who=token"),
];

/// A page: its route, and an address of it.
pub(crate) type Page = (String, String);

/// What stands in the place of a parameter.
async fn things(stage: &Stage, route: &str, parameter: &str, tail: &str) -> Vec<String> {
    let first = route.split('/').nth(1).unwrap();
    match (first, parameter) {
        ("connections", "id") | ("orders", "channel") => {
            let all = stage.ledger.all_connections().await.unwrap();
            all.into_iter().map(|connection| connection.id.to_string()).collect()
        }
        // One of each kind.
        ("exports", "id") => {
            let all = stage.ledger.all().into_iter();
            let kinds: BTreeMap<_, _> = all.map(|export| ((export.state, export.key.operation), export.id)).collect();
            kinds.into_values().map(|id| id.to_string()).chain(["exp_x".to_owned()]).collect()
        }
        ("jobs", "id") => {
            let jobs = stage.ledger.jobs(&TenantId::local(), 500, None).await.unwrap().items;
            jobs.into_iter().map(|job| job.id.to_string()).collect()
        }
        ("orders", "reference") => vec![encoded(&format!("100000090{tail}"))],
        ("connections", "connector") => vec!["magento".to_owned(), "fakturoid".to_owned()],
        ("codes", "code") => vec!["crashed".to_owned(), "settling".to_owned()],
        _ => panic!("say what stands in the place of {parameter} in {route}, so that the page is walked"),
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// Every page for whoever is logged in, with whatever there is to fill its address.
pub(crate) async fn addresses(stage: &Stage, tail: &str) -> Vec<Page> {
    let mut found = vec![];
    for (_, route) in pages().into_iter().filter(|(method, route)| *method == "get" && !OUTSIDE.contains(&&**route)) {
        let mut paths = vec![String::new()];
        for part in route.split('/').skip(1) {
            let choices = match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
                Some(parameter) => things(stage, &route, parameter, tail).await,
                None => vec![part.to_owned()],
            };
            paths = paths.iter().flat_map(|path| choices.iter().map(move |one| format!("{path}/{one}"))).collect();
        }
        let asked = ASKED.iter().filter(|(of, _)| *of == route);
        let asked = asked.flat_map(|(_, query)| paths.iter().map(move |path| format!("{path}?{query}")));
        let all: Vec<String> = asked.chain(paths.iter().cloned()).collect();
        found.extend(all.into_iter().map(|path| (route.clone(), path)));
    }
    found
}

/// A day of work, with something on every page: jobs in each of their states, events, notices that nobody took, and a
/// trail with an act whose end is not known.
pub(crate) async fn busy(tail: &str) -> Stage {
    let stage = Stage::with_a_day(tail).await;
    let (ledger, now, tenant) = (&stage.ledger, samples::noon(), TenantId::local());
    let say = |words: &str| format!("{words}{tail}");
    for mut connection in ledger.all_connections().await.unwrap() {
        connection.settings.insert("base_url".into(), "https://shop.example".into());
        connection.mappings.carriers.insert(say("ppl"), say("PPL"));
        ledger.put_connection_as_is(connection);
    }
    for (source, kind, id) in
        [("books", SubjectKind::Document, say("9095")), ("post", SubjectKind::Parcel, say("9002"))]
    {
        let subject = Subject { kind, id };
        let heard = Heard { tenant: tenant.clone(), source: ConnectionId::new(source), at: now, subject };
        ledger.note_heard(&heard).await.unwrap();
    }
    let failed = LastError { at: now, code: Code::VendorError, message: say("550 mailbox unavailable"), remark: None };
    let facts = Facts { connection: Some(ConnectionId::new("market")), ..Facts::default() };
    let mut notice = Notice::new(tenant.clone(), "n1".into(), NoticeKind::ConnectionPaused, now, facts);
    notice.ways.insert(NoticeWay::Email, Progress { error: Some(failed), ..Progress::default() });
    ledger.put_notice(&notice).await.unwrap();

    let api = async |method: &str, path: &str, body: serde_json::Value| {
        call(&stage, "token", method, &format!("/api/v1{path}"), &body.to_string()).await;
    };
    api("post", "/dead-letters/redrive", json!({"filter": {"all": true}, "dry_run": true})).await;
    let batch = json!({"source": "books", "since": "2026-01-01T00:00:00Z", "dry_run": true});
    api("post", "/batch-exports", batch).await;
    stage.work().await;
    api("post", "/dead-letters/dismiss", json!({"filter": {"all": true}, "dry_run": true, "note": say("why")})).await;
    api("put", &format!("/orders/shop/{}/aliases", encoded(&say("100000090"))), json!({"aliases": []})).await;
    let dead = ledger.all().into_iter().find(|export| export.state == domain::State::Dead).unwrap();
    api("post", &format!("/exports/{}/retry", dead.id), json!({"note": say("try")})).await;
    let who = Actor { tenant, who: say("somebody"), role: AccessRole::Viewer };
    stage.state.flow.begin_audit(&who, Act::new(domain::AuditAction::LogIn)).await.unwrap();
    stage
}

/// A practice world, whose systems answer what `tail` ends.
pub(crate) async fn answered(tail: &str) -> Stage {
    let (stage, world) = Stage::beside_a_world();
    for (id, role, connector) in [
        ("books", Role::Accounting, "listed-books"),
        ("post", Role::Courier, "listed-van"),
        ("shop", Role::Channel, "market"),
    ] {
        let mut connection = samples::connection(&ConnectionId::new(id), role, connector);
        connection.label = format!("{id}{tail}");
        connection.settings.insert("base_url".into(), format!("http://{id}").into());
        connection.switches = [(Switch::SendInvoice, true), (Switch::SendTracking, true)].into();
        stage.ledger.put_connection_as_is(connection);
    }
    for id in ["9001", "9002"] {
        world.document(id, &format!("2026-{id}{tail}"), Some(&format!("{id}{tail}")), "100.00");
    }
    world.parcel("501", &format!("9001{tail}"), Some(&format!("Z501{tail}")), "in_transit");
    stage
}

/// Whether it is a page, and no file.
pub(crate) fn is_page(seen: &Seen) -> bool {
    seen.headers[CONTENT_TYPE].to_str().unwrap().starts_with("text/html")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Elements and attributes by name, as a browser would make them of a page.
/// Addresses that lead elsewhere are named with it.
fn made(html: &str) -> BTreeSet<(String, String)> {
    let mut made = BTreeSet::new();
    for token in Tokenizer::new(html).map(|token| token.unwrap()) {
        let Token::StartTag(tag) = token else { continue };
        let element = text(&tag.name).to_owned();
        made.insert((element.clone(), String::new()));
        for (name, value) in &tag.attributes {
            let (name, value) = (text(name), text(value));
            let elsewhere = matches!(name, "href" | "src" | "action") && !value.starts_with(['/', '#']);
            made.insert((element.clone(), if elsewhere { format!("{name} to {value}") } else { name.to_owned() }));
        }
    }
    made
}

const HOSTILE: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)><made by=x>&lt;<!--{{made}}%3Cmade%3E";
const ESCAPED: &str = "&#60;script&#62;alert(1)&#60;/script&#62;&#34;&#39;&#62;&#60;img src=x onerror=alert(1)&#62;\
                       &#60;made by=x&#62;&#38;lt;&#60;!--{{made}}%3Cmade%3E";

#[tokio::test]
async fn every_page_shows_hostile_text_as_text() {
    // What our own templates make, with text that could make nothing.
    let mut ours = BTreeSet::new();
    for stage in [busy("x").await, answered("x").await] {
        let cookie = stage.log_in().await;
        for (_, path) in addresses(&stage, "x").await {
            ours.extend(made(&stage.send(get(&path, Some(&cookie))).await.html));
        }
    }
    let mut shown: BTreeMap<String, usize> = BTreeMap::new();
    for stage in [busy(HOSTILE).await, answered(HOSTILE).await] {
        let cookie = stage.log_in().await;
        for (route, path) in addresses(&stage, HOSTILE).await {
            let seen = stage.send(get(&path, Some(&cookie))).await;
            assert!(!seen.status.is_server_error(), "{path}: {}: {}", seen.status, seen.html);
            if !is_page(&seen) {
                assert_eq!(seen.headers["x-content-type-options"], "nosniff", "{path}");
                continue;
            }
            let html = seen.html;
            let foreign: Vec<_> = made(&html).into_iter().filter(|one| !ours.contains(one)).collect();
            assert!(foreign.is_empty(), "{path} makes {foreign:?}");
            let comments = Tokenizer::new(&html).filter(|token| matches!(token, Ok(Token::Comment(_)))).count();
            assert_eq!(comments, 0, "{path}");
            // In an address it is encoded once more.
            let whole = html.matches(ESCAPED).count();
            assert_eq!(html.matches("alert(1)&#60;/script").count(), whole, "{path}: cut or escaped otherwise");
            assert!(!html.contains("&#38;#") && !html.contains("&#60;time"), "{path} is escaped twice");
            *shown.entry(route).or_default() += whole;
        }
    }
    let ours_alone: Vec<&str> =
        shown.iter().filter(|(_, whole)| **whole == 0).map(|(route, _)| route.as_str()).collect();
    assert_eq!(ours_alone, OURS_ALONE, "the others show what outside systems wrote");
}

#[test]
fn what_text_makes_of_a_page_is_found() {
    let page = |text: &str| made(&format!("<p title=\"{text}\">{text}</p>"));
    assert_eq!(page(ESCAPED), page("x"));
    let names = |page: &str| made(page).into_iter().map(|(a, b)| format!("{a} {b}")).collect::<Vec<_>>();
    assert_eq!(
        names(&format!("<p title=\"{HOSTILE}")),
        ["img ", "img onerror", "img src to x", "made ", "made by", "p ", "p '", "p title"]
    );
    assert!(names(HOSTILE).contains(&"script ".to_owned()));
}

/// The forms of a page that are sent, and whatever else offers a change.
fn offers(html: &str) -> Vec<String> {
    let (mut found, mut within) = (vec![], None);
    for token in Tokenizer::new(html).map(|token| token.unwrap()) {
        match token {
            Token::StartTag(tag) if *tag.name == b"form" => {
                let value = |name: &str| tag.attributes.get(name.as_bytes()).map(|value| text(value).to_owned());
                let posts = value("method").is_some_and(|method| method.eq_ignore_ascii_case("post"));
                let action = value("action").unwrap_or_default();
                let offer = posts && !OPEN_FORMS.contains(&&*action);
                found.extend(offer.then(|| format!("form {action}")));
                within = Some(offer);
            }
            Token::EndTag(tag) if *tag.name == b"form" => within = None,
            Token::StartTag(tag) if [b"button".as_slice(), b"input", b"select", b"textarea"].contains(&&**tag.name) => {
                found.extend(within.is_none().then(|| format!("{} in no form", text(&tag.name))));
            }
            _ => {}
        }
    }
    found
}

#[tokio::test]
async fn a_viewers_pages_offer_no_change_and_say_so() {
    let (mut operators, mut walked) = (BTreeSet::new(), 0);
    for stage in [busy("").await, answered("").await] {
        let (viewer, operator) = (stage.log_in_as(AccessRole::Viewer).await, stage.log_in().await);
        for (route, path) in addresses(&stage, "").await {
            let seen = stage.send(get(&path, Some(&viewer))).await;
            if !is_page(&seen) {
                continue;
            }
            let offered = offers(&seen.html);
            assert!(offered.is_empty(), "{path} offers a viewer {offered:?}: {}", seen.html);
            let theirs = stage.send(get(&path, Some(&operator))).await;
            assert!(!theirs.html.contains("You can look, not change."), "{path}");
            operators.extend(offers(&theirs.html).into_iter().map(|_| route.clone()));
            if seen.status.is_success() {
                assert!(seen.html.contains("You can look, not change."), "{path}: {}", seen.html);
                assert!(seen.html.contains("Viewer</p>") && theirs.html.contains("Operator</p>"), "{path}");
                walked += 1;
            }
        }
    }
    assert!(walked > 30, "{walked}");
    let with_forms = [
        "/connections",
        "/connections/{id}/documents",
        "/connections/{id}/events",
        "/connections/{id}/mappings",
        "/dead-letters",
        "/exports/{id}",
        "/jobs/{id}",
        "/notices",
        "/reconciliation",
        "/shipments",
    ];
    for route in with_forms {
        assert!(operators.contains(route), "{route} offers an operator nothing: {operators:?}");
    }
}
