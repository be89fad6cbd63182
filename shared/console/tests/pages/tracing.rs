//! The trail: every change there is leaves its trace, or is not made.

use crate::stage::{Stage, csrf, get, post};
use crate::viewing::{OPEN, call, filled, pages};
use domain::{About, AboutKind, AccessRole, AuditAction, AuditEntry, AuditOutcome, State, TenantId};
use export_flow::audit::AuditQuery;
use http::StatusCode;

async fn trail(stage: &Stage) -> Vec<AuditEntry> {
    stage.state.flow.audit(&TenantId::local(), &AuditQuery::default(), 500, None).await.unwrap().items
}

/// A stage with nobody logged in, and the session of an operator with its form token.
async fn inside() -> (Stage, String, String) {
    let stage = Stage::with_a_day("").await;
    let cookie = stage.log_in().await;
    let token = csrf(&stage.send(get("/", Some(&cookie))).await.html);
    (stage, cookie, token)
}

#[tokio::test]
async fn every_change_there_is_leaves_its_trace_under_its_own_name() {
    let (stage, cookie, token) = inside().await;
    let (_, document) = call(&stage, "token", "get", "/api/v1/openapi.json", "").await;
    stage.clock.advance(jiff::SignedDuration::from_secs(1));
    let mut known = trail(&stage).await.len();
    let mut one_more = async |what: &str| {
        stage.clock.advance(jiff::SignedDuration::from_secs(1));
        let entries = trail(&stage).await;
        known += 1;
        assert_eq!(entries.len(), known, "{what}");
        assert_ne!(entries[0].action, AuditAction::Other, "{what} has no name in the trail");
        assert_ne!(entries[0].outcome, AuditOutcome::Asked, "{what}");
        entries[0].clone()
    };
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys().filter(|method| *method != "get") {
            call(&stage, "token", method, &filled(path), "{}").await;
            let entry = one_more(&format!("{method} {path}")).await;
            assert_eq!((entry.who.as_str(), entry.role), ("token", AccessRole::Operator), "{path}");
        }
    }
    for (method, route) in pages() {
        if method == "post" && !OPEN.contains(&(method, route.as_str())) {
            let form = format!("csrf={token}&outcome=retry&which=all&kind=redrive&source=shop");
            stage.send(post(&filled(&route), &cookie, &form)).await;
            let entry = one_more(&route).await;
            assert_eq!(entry.who, "console session", "{route}");
        }
    }
}

#[tokio::test]
async fn what_a_form_is_about_is_named_once_though_it_leads_back_there() {
    let (stage, cookie, token) = inside().await;
    let dead = stage.ledger.all().into_iter().find(|export| export.state == State::Dead).unwrap();
    stage.clock.advance(jiff::SignedDuration::from_secs(1));
    let form = format!("csrf={token}&outcome=retry");
    stage.send(post(&format!("/exports/{}/decide", dead.id), &cookie, &form)).await;
    let entry = trail(&stage).await.remove(0);
    assert_eq!(
        (entry.action, entry.about),
        (AuditAction::Resolve, vec![About::new(AboutKind::Export, dead.id.as_str())])
    );
}

#[tokio::test]
async fn what_only_reads_leaves_no_trace_and_a_refused_viewer_neither() {
    let (stage, cookie, _) = inside().await;
    let before = trail(&stage).await;
    for path in ["/", "/exports", "/connections"] {
        stage.send(get(path, Some(&cookie))).await;
    }
    call(&stage, "token", "get", "/api/v1/exports", "").await;
    call(&stage, "token", "post", "/api/v1/exports", r#"{"source":"shop","document":"1","trial":true}"#).await;
    call(&stage, "viewer", "post", "/api/v1/connections/shop/pause", "").await;
    call(&stage, "token", "post", "/api/v1/nowhere", "").await;
    assert_eq!(trail(&stage).await, before);
}

#[tokio::test]
async fn a_login_is_traced_and_without_its_trace_the_pages_stay_closed() {
    let stage = Stage::empty();
    stage.log_in_as(AccessRole::Viewer).await;
    let entries = trail(&stage).await;
    let login = &entries[0];
    assert_eq!(
        (login.action, login.role, login.who.as_str()),
        (AuditAction::LogIn, AccessRole::Viewer, "console session")
    );
    assert_eq!((login.outcome, entries.len()), (AuditOutcome::Done, 1));
    stage.ledger.trouble().throttle("put_audit");
    let link = console::pages::new_link(&stage.state, &TenantId::local(), AccessRole::Operator);
    let seen = stage.send(get(link.strip_prefix("http://127.0.0.1:8080").unwrap(), None)).await;
    assert_eq!(seen.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!seen.headers.contains_key("set-cookie"));
}

#[tokio::test]
async fn a_form_whose_trace_cannot_be_written_is_not_carried_out() {
    let (stage, cookie, token) = inside().await;
    let pause = || post("/connections/shop/pause", &cookie, &format!("csrf={token}"));
    stage.ledger.trouble().throttle("put_audit");
    assert_eq!(stage.send(pause()).await.status, StatusCode::SERVICE_UNAVAILABLE);
    let (_, shop) = call(&stage, "token", "get", "/api/v1/connections/shop", "").await;
    assert_ne!(shop["state"], "paused");
    assert_eq!(stage.send(pause()).await.status, StatusCode::SEE_OTHER);
    let (_, shop) = call(&stage, "token", "get", "/api/v1/connections/shop", "").await;
    assert_eq!(shop["state"], "paused");
}
