//! Exchanging secrets, trying things out and looking ahead, through the API.

use crate::support::{Console, KEY, books, market, van};
use domain::{Export, HoldReason, State};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::samples;

const NEW: &str = "market-key-n3w";

/// The market takes only this key.
fn takes(console: &Console, key: &'static str) {
    console.http.on(Method::GET, "/market/me", move |call| {
        let given = call.request.headers["authorization"].to_str().unwrap();
        testkit::json(if given == key { 200 } else { 401 }, &json!({"message": given}))
    });
}

#[tokio::test]
async fn new_secrets_wait_beside_the_old_and_are_never_shown() {
    let console = Console::connected().await;
    takes(&console, KEY);
    let (status, pending) = console.post("/connections/market/secrets", &json!({"secrets": {"key": NEW}})).await;
    assert_eq!(
        (status, &pending["outcome"], &pending["check"]["ok"]),
        (StatusCode::OK, &json!("pending"), &json!(false))
    );
    let key = &pending["connection"]["secrets"]["key"];
    assert_eq!((&key["set"], &key["pending"]["code"]), (&json!(true), &json!("credentials_refused")));
    assert!(key["pending"]["since"].is_string() && key["pending"]["next_try"].is_string(), "{key}");
    assert_eq!(pending["connection"]["state"], "active");
    let (_, shown) = console.get("/connections/market").await;
    assert_eq!(shown["secrets"], pending["connection"]["secrets"]);

    takes(&console, NEW);
    let (status, check) = console.call(Method::POST, "/connections/market/check", Some("{}".into())).await;
    assert_eq!((status, &check["ok"]), (StatusCode::OK, &json!(true)), "a check tries those that wait");
    let (_, replaced) = console.get("/connections/market").await;
    assert_eq!(replaced["secrets"]["key"]["pending"], Value::Null);
    for answer in [&pending, &shown, &check, &replaced] {
        assert!(!answer.to_string().contains(NEW) && !answer.to_string().contains(KEY), "{answer}");
    }

    let (_, pending) = console.post("/connections/market/secrets", &json!({"secrets": {"key": "other"}})).await;
    assert_eq!(pending["outcome"], "pending");
    let (_, withdrawn) = console.post("/connections/market/secrets", &json!({"secrets": {"key": null}})).await;
    assert_eq!((&withdrawn["outcome"], &withdrawn["check"]), (&json!("withdrawn"), &Value::Null));
    assert_eq!(withdrawn["connection"]["secrets"]["key"]["pending"], Value::Null);
    let (status, problem) = console.post("/connections/market/secrets", &json!({"secrets": {"colour": "red"}})).await;
    assert_eq!((status.as_u16(), &problem["errors"][0]["problem_code"]), (422, &json!("unknown_field")));
}

#[tokio::test]
async fn a_new_token_of_a_webhook_address_is_shown_once() {
    let console = Console::connected().await;
    let (status, new) = console.call(Method::POST, "/connections/books/webhook-token", None).await;
    assert_eq!(status, StatusCode::OK);
    let url = new["webhook_url"].as_str().unwrap();
    let token = url.rsplit('/').next().unwrap();
    assert_eq!((token.len(), &new["old_until"]), (64, &json!("2026-03-03T12:00:00Z")));
    assert!(!new["connection"].to_string().contains(token));
    assert!(!console.get("/connections/books").await.1.to_string().contains(token));
    let (status, _) = console.call(Method::POST, "/connections/market/webhook-token", None).await;
    assert_eq!(status.as_u16(), 409, "its address holds none");
}

#[tokio::test]
async fn what_is_typed_in_can_be_checked_without_being_kept() {
    let console = Console::new();
    takes(&console, KEY);
    let mut typed = market();
    typed["secrets"]["key"] = json!("wr0ng-k3y");
    let (status, check) = console.post("/connections/market/check", &typed).await;
    assert_eq!((status, &check["ok"]), (StatusCode::OK, &json!(false)));
    assert_eq!(check["steps"][0]["code"], "credentials_refused");
    assert!(!check.to_string().contains("wr0ng-k3y"), "{check}");
    assert_eq!(console.get("/connections/market").await.0.as_u16(), 404, "nothing is kept");
    let (_, check) = console.post("/connections/market/check", &market()).await;
    assert_eq!(check["ok"], true);
    assert_eq!(console.get("/connections/market").await.0.as_u16(), 404);
    typed["settings"] = json!({});
    let (status, problem) = console.post("/connections/market/check", &typed).await;
    assert_eq!((status.as_u16(), &problem["errors"][0]["problem_code"]), (422, &json!("missing")));

    console.put("/connections/market", &market()).await;
    let (_, before) = console.get("/connections/market").await;
    let mut other = market();
    (other["secrets"], other["settings"]) = (json!({}), json!({"region": "us"}));
    let (_, check) = console.post("/connections/market/check", &other).await;
    assert_eq!(check["ok"], true, "with the stored secret");
    assert_eq!(console.get("/connections/market").await.1, before);
}

#[tokio::test]
async fn every_switch_says_what_it_promises_and_what_is_lacking() {
    let console = Console::new();
    let mut off = market();
    (off["switches"], off["rules"]) = (json!({}), json!({}));
    let offered = async |body: &Value| console.put("/connections/market", body).await.1["switches_offered"].clone();
    let first = offered(&off).await;
    let lacks =
        |offered: &Value| offered[0]["needs"].as_array().unwrap().iter().map(|n| n["code"].clone()).collect::<Vec<_>>();
    assert_eq!((&first[0]["switch"], &first[0]["on"]), (&json!("send_invoice"), &json!(false)));
    assert_eq!((&first[0]["promise"], &first[0]["guarantee"]), (&json!("once"), &json!("R")));
    assert_eq!(lacks(&first), ["no_accounting_connection", "invoice_when_missing"]);
    console.put("/connections/books", &books()).await;
    assert_eq!(lacks(&offered(&market()).await), [""; 0]);
}

#[tokio::test]
async fn what_other_switches_or_a_removal_would_mean_is_said_beforehand() {
    let console = Console::connected().await;
    console.put("/connections/van", &van()).await;
    let mut n = 0;
    let mut there = |end: &dyn Fn(&Export) -> Export| {
        n += 1;
        let key = samples::key_to(&n.to_string(), &domain::ConnectionId::new("market"));
        console.ledger.put(end(&Export::new(key, samples::noon())));
    };
    let held = |export: &Export| samples::held(export, HoldReason::OrderUnknown, samples::at(60));
    let off = |export: &Export| {
        let skip = domain::Skip { reason: domain::SkipReason::SwitchedOff, detail: None, remark: None };
        Export { state: State::Skipped, code: Some(domain::Code::SwitchedOff), skip: Some(skip), ..export.clone() }
    };
    for _ in 0..3 {
        there(&held);
    }
    there(&off);
    there(&|export| samples::ended(export, State::Dead, None));
    let path = "/connections/market/switches/outlook";
    let (status, outlook) = console.post(path, &json!({"send_invoice": false})).await;
    assert_eq!(
        (status, &outlook),
        (StatusCode::OK, &json!({"would_be_skipped": 3, "would_be_eligible": 0, "more": false}))
    );
    let mut body = market();
    body["switches"] = json!({});
    console.put("/connections/market", &body).await;
    let (_, outlook) = console.post(path, &json!({"send_invoice": true})).await;
    assert_eq!(outlook, json!({"would_be_skipped": 0, "would_be_eligible": 1, "more": false}));
    let (status, problem) = console.post(path, &json!({"send_tracking": true})).await;
    assert_eq!((status.as_u16(), &problem["errors"][0]["problem_code"]), (422, &json!("not_offered")));

    let (status, removal) = console.get("/connections/market/removal").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        removal,
        json!({"as_target": {"held": 3, "dead": 1}, "as_source": {}, "would_be_skipped": 3, "more": false})
    );
    let (_, removal) = console.get("/connections/books/removal").await;
    assert_eq!(removal["as_source"], json!({"held": 3, "dead": 1}));
    let (_, removal) = console.get("/connections/van/removal").await;
    assert_eq!((&removal["as_source"], &removal["would_be_skipped"]), (&json!({}), &json!(0)));
    assert_eq!(console.get("/connections/nobody/removal").await.0.as_u16(), 404);
}
