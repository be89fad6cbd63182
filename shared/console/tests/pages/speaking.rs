//! What the engine has to say is said in the reader's language: a store full of remarks, walked in every other language.

use crate::stage::{Stage, csrf, get, post};
use crate::walking::{addresses, busy, is_page};
use domain::remark::{self, Shape};
use domain::{
    Attempt, Check, CheckStep, Code, Connection, ConnectionId, Export, ExportKey, Hold, HoldReason, LastError,
    Operation, Remark, Skip, SkipReason, State, Step, Subject, SubjectKind, TenantId,
};
use export_flow::notices::NoticeStore as _;
use export_flow::ports::Connections as _;
use jiff::SignedDuration;
use testkit::samples;

/// Attempts that one log keeps.
const LOG: usize = domain::ATTEMPT_LOG_MAX;
/// Shorter pieces of a sentence, and single words, stand elsewhere too.
const PIECE: usize = 9;

/// As a record keeps it: its English, and its data. In each gap stands a word of no language.
fn kept(shape: &Shape) -> (String, Option<Box<Remark>>) {
    let mut text = shape.english.to_owned();
    for gap in shape.gaps {
        text = text.replace(&format!("{{{gap}}}"), "qux7");
    }
    let args = shape.gaps.iter().map(|gap| ((*gap).to_owned(), "qux7".to_owned())).collect();
    (text, Some(Box::new(Remark { code: shape.code.to_owned(), args })))
}

/// What of a sentence stands between its gaps.
fn pieces(shape: &Shape) -> impl Iterator<Item = &'static str> {
    shape
        .english
        .split(['{', '}'])
        .step_by(2)
        .map(str::trim)
        .filter(|piece| piece.len() >= PIECE && piece.contains(' '))
}

fn export(n: usize, state: State) -> Export {
    let key = ExportKey {
        tenant: TenantId::local(),
        source: ConnectionId::new("books"),
        subject: Subject { kind: SubjectKind::Invoice, id: format!("spoken-{n}") },
        operation: Operation::SendInvoice,
        target: Some(ConnectionId::new("shop")),
    };
    Export { state, changed_at: samples::noon(), ..Export::new(key, samples::noon()) }
}

/// Every remark as the detail of a hold, of a skip and of an attempt, as a step of a check and as a last error.
async fn spoken() -> (Stage, Vec<String>) {
    let stage = busy("").await;
    let now = samples::noon();
    let mut paths = vec![];
    let mut put = |export: Export| {
        paths.push(format!("/exports/{}", export.id));
        stage.ledger.put(export);
    };
    for (n, shape) in remark::ALL.iter().enumerate() {
        let (detail, remark) = kept(shape);
        let hold = Hold {
            reason: HoldReason::Preflight,
            since: now,
            until: now,
            last_day: now + SignedDuration::from_hours(24),
            detail: Some(detail.clone()),
            remark: remark.clone(),
            checks: 0,
            connection: None,
            unmapped: None,
        };
        put(Export { hold: Some(hold), ..export(n, State::Held) });
        let skip = Skip { reason: SkipReason::Unsupported, detail: Some(detail), remark };
        put(Export { skip: Some(skip), code: Some(Code::Unsupported), ..export(1_000 + n, State::Skipped) });
    }
    let attempt = |shape: &Shape| {
        let (message, remark) = kept(shape);
        Attempt { at: now, step: Step::Send, status: None, code: Code::VendorError, message, remark }
    };
    for (n, shapes) in remark::ALL.chunks(LOG).enumerate() {
        let attempt_log = shapes.iter().map(attempt).collect();
        let dead = export(2_000 + n, State::Dead);
        put(Export { attempt_log, attempts: 3, code: Some(Code::VendorError), ..dead });
    }
    let steps = remark::ALL.iter().map(|shape| {
        let (message, remark) = kept(shape);
        CheckStep { name: "reach".into(), ok: true, code: None, message: Some(message), remark, next_step: None }
    });
    let (message, remark) = kept(remark::ALL.first().unwrap());
    let shop = stage.ledger.connection(&ConnectionId::new("shop")).await.unwrap().unwrap();
    stage.ledger.put_connection_as_is(Connection {
        check: Some(Check { ok: true, at: now, steps: steps.collect() }),
        last_error: Some(LastError { at: now, code: Code::VendorError, message, remark }),
        ..shop
    });
    paths.push("/connections/shop".to_owned());
    (stage, paths)
}

/// The text of a page as a reader sees it.
fn read(html: &str) -> String {
    html.replace("&#39;", "'").replace("&#34;", "\"").replace("&#38;", "&").replace('\n', " ")
}

#[tokio::test]
async fn no_page_says_a_remark_in_another_language_than_its_readers() {
    let (stage, mut paths) = spoken().await;
    let cookie = stage.log_in().await;
    paths.extend(addresses(&stage, "").await.into_iter().map(|(_, path)| path));
    let mut english = std::collections::BTreeSet::new();
    for path in &paths {
        let join = if path.contains('?') { '&' } else { '?' };
        for language in ["en", "cs", "pl"] {
            let seen = stage.send(get(&format!("{path}{join}lang={language}"), Some(&cookie))).await;
            if !is_page(&seen) {
                continue;
            }
            let said = read(&seen.html);
            for shape in remark::ALL {
                let found: Vec<&str> = pieces(shape).filter(|piece| said.contains(piece)).collect();
                if language == "en" {
                    english.extend((!found.is_empty()).then_some(shape.code));
                } else {
                    assert!(found.is_empty(), "{path} in {language}: {}: {found:?}", shape.code);
                }
            }
        }
    }
    // Each was on some page.
    let unsaid: Vec<_> = remark::ALL
        .iter()
        .filter(|shape| pieces(shape).next().is_some() && !english.contains(shape.code))
        .map(|shape| shape.code)
        .collect();
    assert!(unsaid.is_empty(), "{unsaid:?}");
}

#[tokio::test]
async fn a_record_of_an_earlier_version_is_shown_as_it_was_written() {
    let stage = busy("").await;
    let cookie = stage.log_in().await;
    let (detail, _) = kept(remark::ALL.first().unwrap());
    let mut old = serde_json::to_value(export(1, State::Skipped)).unwrap();
    old["skip"] = serde_json::json!({"reason": "unsupported", "detail": detail});
    old["code"] = serde_json::json!("unsupported");
    let old: Export = serde_json::from_value(old).unwrap();
    let path = format!("/exports/{}?lang=cs", old.id);
    stage.ledger.put(old);
    let html = read(&stage.send(get(&path, Some(&cookie))).await.html);
    assert!(html.contains(&detail), "{html}");
}

#[tokio::test]
async fn words_of_ours_are_in_the_language_within_a_remark_too() {
    let stage = busy("").await;
    let cookie = stage.log_in().await;
    let delivered = stage.ledger.all().into_iter().find(|export| export.state == State::Delivered).unwrap();
    let page = stage.send(get("/dead-letters", Some(&cookie))).await;
    let form = format!("csrf={}&outcome=arrived&note=x", csrf(&page.html));
    let path = format!("/exports/{}/decide?lang=cs", delivered.id);
    let html = read(&stage.send(post(&path, &cookie, &form)).await.html);
    assert!(html.contains("Není o\u{a0}čem rozhodovat; stav: doručeno."), "{html}");
}

/// A vendor's own words stay as they are and are marked as its own; ours are not.
#[tokio::test]
async fn a_check_says_which_words_are_the_vendors() {
    let stage = busy("").await;
    let cookie = stage.log_in().await;
    let html = stage.send(get("/connections/market?lang=cs", Some(&cookie))).await.html;
    assert!(
        html.contains("<p class=\"says\">Slovy poskytovatele:</p><blockquote>connection refused</blockquote>"),
        "{html}"
    );
    let (ours, _) = spoken().await;
    let cookie = ours.log_in().await;
    let html = ours.send(get("/connections/shop?lang=cs", Some(&cookie))).await.html;
    assert!(!html.contains("Slovy poskytovatele:"), "{html}");
}

#[tokio::test]
async fn a_field_that_cannot_be_used_is_told_in_the_readers_language() {
    let stage = busy("").await;
    let cookie = stage.log_in().await;
    let page = stage.send(get("/shipments", Some(&cookie))).await;
    let lines = format!("csrf={}&source=post&lines={}", csrf(&page.html), "x".repeat(300));
    for (language, name, problem) in
        [("en", "Parcel", "This cannot be"), ("cs", "Zásilka", "Toto nemůže být"), ("pl", "Paczka", "To nie może być")]
    {
        let seen = stage.send(post(&format!("/shipments?lang={language}"), &cookie, &lines)).await;
        assert!(seen.html.contains(&format!("{name}: {problem}")), "{language}: {}", seen.html);
    }
}

#[tokio::test]
async fn the_language_of_notices_is_chosen_on_their_page() {
    let stage = Stage::empty();
    let cookie = stage.log_in().await;
    let page = stage.send(get("/notices", Some(&cookie))).await;
    let choice = |language: &str| format!("csrf={}&language={language}", csrf(&page.html));
    let nobody = stage.send(post("/notices/language?lang=cs", &cookie, &choice("cs"))).await;
    assert_eq!(nobody.status, 409);
    assert!(nobody.html.contains("Není nastaven žádný způsob upozornění."), "{}", nobody.html);
    let wanted = serde_json::json!({"webhook": {"url": "https://hooks.example/in"}, "kinds": ["dead_letter"]});
    crate::viewing::call(&stage, "token", "put", "/api/v1/notices", &wanted.to_string()).await;
    assert_eq!(stage.send(post("/notices/language", &cookie, &choice("xx"))).await.status, 422);
    assert_eq!(stage.send(post("/notices/language", &cookie, &choice("pl"))).await.status, 303);
    let html = stage.send(get("/notices?lang=cs", Some(&cookie))).await.html;
    assert!(html.contains("<option value=\"pl\" selected lang=\"pl\">Polski</option>"), "{html}");
    let settings = stage.ledger.notice_settings(&TenantId::local()).await.unwrap().unwrap();
    assert_eq!((settings.lang.as_str(), settings.webhook.is_some()), ("pl", true));
}

/// Whoever adds a language to the pages adds it to the notices.
#[tokio::test]
async fn notices_know_every_language_of_the_pages() {
    let stage = busy("").await;
    let html = stage.send(get("/notices", Some(&stage.log_in().await))).await.html;
    let pages: std::collections::BTreeSet<&str> =
        html.split("?lang=").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let known = export_flow::notices::Language::ALL.iter().map(|language| language.as_str()).collect();
    assert_eq!(pages, known);
}
