//! What belongs to one merchant is not there for another, neither by the API nor on the pages.

use crate::stage::{Browser, Seen, Stage, csrf};
use domain::{Code, Connection, ConnectionId, Export, ExportId, OrderReference, Role, State, TenantId};
use export_flow::ports::Ledger;
use http::header;
use serde_json::{Value, json};
use testkit::samples;

/// What the other merchant has, under names that are searched for.
struct Theirs {
    export: ExportId,
}

async fn fill(stage: &Stage, tenant: &str, mark: &str) -> Theirs {
    let (tenant, shop) = (TenantId::new(tenant), ConnectionId::new(format!("{mark}-shop")));
    let connection = samples::connection(&shop, Role::Channel, "magento");
    stage.ledger.put_connection_as_is(Connection {
        tenant: tenant.clone(),
        label: format!("{mark} shop"),
        ..connection
    });
    let mut key = samples::key_to(&format!("{mark}-9001"), &shop);
    key.tenant = tenant.clone();
    let mut export = Export::new(key, samples::noon());
    export.state = State::Dead;
    export.code = Some(Code::VendorRefused);
    export.attempts = 3;
    export.order = Some(OrderReference::new(format!("{mark}-order")));
    let id = export.id.clone();
    stage.ledger.put(export);
    let mut order = samples::order(&shop, &format!("{mark}-order"), samples::noon());
    order.tenant = tenant.clone();
    stage.ledger.remember_order(&order).await.unwrap();
    Theirs { export: id }
}

fn claims(tenant: &str) -> Option<Value> {
    Some(json!({"custom:tenant": tenant, "cognito:groups": "[operator]"}))
}

#[tokio::test]
async fn the_api_shows_each_merchant_its_own() {
    let stage = Stage::new().await;
    fill(&stage, "acme", "mine").await;
    let theirs = fill(&stage, "globex", "theirs").await;
    for path in ["/api/v1/exports", "/api/v1/connections", "/api/v1/overview", "/api/v1/exports?state=dead"] {
        let (status, seen) = stage.call("GET", path, claims("acme"), "").await;
        let text = seen.to_string();
        assert!(status == 200 && text.contains("mine") && !text.contains("theirs"), "{path}: {text}");
    }
    let id = &theirs.export;
    for (method, path, body) in [
        ("GET", format!("/api/v1/exports/{id}"), ""),
        ("POST", format!("/api/v1/exports/{id}/retry"), ""),
        ("POST", format!("/api/v1/exports/{id}/resolve"), r#"{"outcome":"not_needed","note":"x"}"#),
        ("GET", "/api/v1/connections/theirs-shop".into(), ""),
        ("DELETE", "/api/v1/connections/theirs-shop".into(), ""),
        ("POST", "/api/v1/connections/theirs-shop/pause".into(), ""),
        ("POST", "/api/v1/connections/theirs-shop/check".into(), ""),
        ("GET", "/api/v1/connections/theirs-shop/mappings".into(), ""),
        ("GET", "/api/v1/orders/theirs-shop/theirs-order".into(), ""),
        ("GET", "/api/v1/orders/mine-shop/theirs-order".into(), ""),
    ] {
        let (status, seen) = stage.call(method, &path, claims("acme"), body).await;
        assert_eq!(status, 404, "{method} {path}: {seen}");
    }
    assert_eq!(stage.call("GET", &format!("/api/v1/exports/{id}"), claims("globex"), "").await.0, 200);
}

#[tokio::test]
async fn a_job_touches_only_its_own_merchants_dead_letters_and_is_only_its_own() {
    let stage = Stage::new().await;
    let mine = fill(&stage, "acme", "mine").await;
    let theirs = fill(&stage, "globex", "theirs").await;
    let ids = json!({"filter": {"ids": [mine.export, theirs.export]}, "note": "x"}).to_string();
    for body in [ids.as_str(), r#"{"filter":{"all":true},"note":"x"}"#] {
        let (status, job) = stage.call("POST", "/api/v1/dead-letters/dismiss", claims("acme"), body).await;
        assert_eq!(status, 202, "{job}");
        stage.work().await;
        let path = format!("/api/v1/jobs/{}", job["id"].as_str().unwrap());
        let (_, done) = stage.call("GET", &path, claims("acme"), "").await;
        assert!(done["state"] == "done" && !done["ids"].to_string().contains(theirs.export.as_str()), "{done}");
        assert_eq!(stage.call("GET", &path, claims("globex"), "").await.0, 404);
    }
    let untouched = stage.ledger.export(&theirs.export).await.unwrap().unwrap();
    assert_eq!(untouched.state, State::Dead);
    assert_eq!(stage.ledger.export(&mine.export).await.unwrap().unwrap().state, State::Skipped);
}

#[tokio::test]
async fn the_pages_show_each_merchant_its_own() {
    let stage = Stage::new().await;
    let mine = fill(&stage, "acme", "mine").await;
    let theirs = fill(&stage, "globex", "theirs").await;
    let mut browser = Browser::default();
    browser.log_in(&stage).await;
    for path in ["/", "/exports", "/dead-letters", "/connections"] {
        let seen = browser.get(&stage, path).await;
        assert!(seen.status.is_success() && !seen.text.contains("theirs"), "{path}: {}", seen.text);
    }
    assert!(browser.get(&stage, "/exports").await.text.contains("mine"));
    for path in [format!("/exports/{}", theirs.export), "/orders/theirs-shop/theirs-order".into()] {
        assert_eq!(browser.get(&stage, &path).await.status.as_u16(), 404, "{path}");
    }
    let token = csrf(&browser.get(&stage, "/").await.text);
    let form = format!("csrf={token}&outcome=not_needed&note=x");
    let refused: Seen = browser.post(&stage, &format!("/exports/{}/decide", theirs.export), &form).await;
    assert_eq!(refused.status.as_u16(), 404);
    // A preview that names both counts one; nobody else opens it.
    let form = format!("csrf={token}&kind=redrive&ids={}&ids={}", mine.export, theirs.export);
    let preview = browser.post(&stage, "/dead-letters/preview", &form).await;
    let job = preview.headers[header::LOCATION].to_str().unwrap().to_owned();
    stage.work().await;
    let seen = browser.get(&stage, &job).await;
    assert!(seen.text.contains("mine") && !seen.text.contains("theirs"), "{}", seen.text);
    stage.issuer.person(json!({"sub": "hank", "custom:tenant": "globex", "cognito:groups": ["operator"]}));
    let mut other = Browser::default();
    other.log_in(&stage).await;
    assert_eq!(other.get(&stage, &job).await.status.as_u16(), 404);
    assert_eq!(other.get(&stage, &format!("/exports/{}", theirs.export)).await.status.as_u16(), 200);
}

#[tokio::test]
async fn whoever_decides_is_named_as_the_identity_provider_does() {
    let stage = Stage::new().await;
    let mine = fill(&stage, "acme", "mine").await.export;
    let jana = Some(
        json!({"sub": "user-0007", "email": "jana@example.com", "custom:tenant": "acme", "cognito:groups": "[operator]"}),
    );
    let path = format!("/api/v1/exports/{mine}");
    assert_eq!(stage.call("POST", &format!("{path}/retry"), jana.clone(), "").await.0, 202);
    let body = r#"{"outcome":"not_needed","note":"sold by phone"}"#;
    assert_eq!(stage.call("POST", &format!("{path}/resolve"), jana.clone(), body).await.0, 202);
    let (_, export) = stage.call("GET", &path, claims("acme"), "").await;
    let by: Vec<_> = export["notes"].as_array().unwrap().iter().map(|note| (&note["outcome"], &note["by"])).collect();
    let who = json!("user-0007");
    assert_eq!(by, [(&json!("retry"), &who), (&json!("not_needed"), &who)]);
    assert!(!export.to_string().contains("jana"), "a name that people use is not kept");

    let (_, trail) = stage.call("GET", "/api/v1/audit?who=user-0007", claims("acme"), "").await;
    let trail = trail["audit"].as_array().unwrap().clone();
    let about = json!([{"kind": "export", "id": mine}]);
    let said: Vec<_> = trail.iter().map(|entry| (&entry["action"], &entry["role"], &entry["about"])).collect();
    let operator = json!("operator");
    assert_eq!(said, [(&json!("resolve"), &operator, &about), (&json!("retry"), &operator, &about)]);
    assert!(!json!(trail).to_string().contains("jana"), "{trail:?}");
    let (_, theirs) = stage.call("GET", "/api/v1/audit", claims("globex"), "").await;
    assert_eq!(theirs, json!({"audit": [], "next": null}));

    let other = fill(&stage, "acme", "other").await.export;
    let redrive = r#"{"filter":{"all":true}}"#;
    let (_, job) = stage.call("POST", "/api/v1/dead-letters/redrive", jana, redrive).await;
    stage.work().await;
    let (_, export) = stage.call("GET", &format!("/api/v1/exports/{other}"), claims("acme"), "").await;
    assert_eq!((&export["notes"][0]["by"], &export["notes"][0]["job"]), (&who, &job["id"]));
}

#[tokio::test]
async fn whoever_decides_on_the_pages_is_named_too() {
    let (stage, mut browser) = (Stage::new().await, Browser::default());
    let mine = fill(&stage, "acme", "mine").await.export;
    browser.log_in(&stage).await;
    let page = browser.get(&stage, &format!("/exports/{mine}")).await;
    let form = format!("csrf={}&outcome=retry&note=repaired", csrf(&page.text));
    let seen = browser.post(&stage, &format!("/exports/{mine}/decide"), &form).await;
    assert_eq!(seen.status.as_u16(), 303, "{}", seen.text);
    let note = stage.ledger.all().into_iter().find(|export| export.id == mine).unwrap().notes.pop().unwrap();
    assert_eq!((note.outcome.as_str(), note.note.as_deref()), ("retry", Some("repaired")));
    assert!(note.by.is_some_and(|who| !who.is_empty()), "the issuer's subject");
}
