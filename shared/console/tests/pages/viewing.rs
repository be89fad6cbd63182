//! Whoever may only look: every call of the API and every page there is.

use crate::stage::{Seen, Stage, csrf, get, post};
use axum::body::Body;
use domain::{AccessRole, Connection, Export, TenantId};
use export_flow::ports::{Depth, ExportQuery, Ledger};
use http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What may be asked for with another method than `GET` by whoever may only look.
pub(crate) const OPEN: [(&str, &str); 2] = [("post", "/logout"), ("post", "/trial")];

/// A path of a route with something in place of its parameters.
pub(crate) fn filled(route: &str) -> String {
    let part = |part: &str| if part.starts_with('{') { "shop".to_owned() } else { part.to_owned() };
    route.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Every route of the pages, as the router's source names them.
pub(crate) fn pages() -> BTreeSet<(&'static str, String)> {
    let source = include_str!("../../src/pages/mod.rs").replace(['\n', ' '], "");
    let mut routes = BTreeSet::new();
    for part in source.split(".route(\"").skip(1) {
        let (path, handlers) = part.split_once("\",").unwrap();
        let handlers = handlers.split(".route(").next().unwrap();
        for method in ["get", "post", "put", "delete", "patch"] {
            if handlers.starts_with(&format!("{method}(")) || handlers.contains(&format!(").{method}(")) {
                routes.insert((method, path.to_owned()));
            }
        }
    }
    assert!(routes.len() > 25, "{routes:?}");
    routes
}

pub(crate) async fn call(stage: &Stage, token: &str, method: &str, path: &str, body: &str) -> (StatusCode, Value) {
    let request = Request::builder()
        .method(Method::from_bytes(method.to_uppercase().as_bytes()).unwrap())
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Body::from(body.to_owned()));
    let seen = stage.send(request.unwrap()).await;
    (seen.status, serde_json::from_str(&seen.html).unwrap_or_default())
}

/// Everything that a change could have left its mark on.
async fn all(stage: &Stage) -> (Vec<Connection>, Vec<Export>, usize, Option<Value>, Depth) {
    let (tenant, ledger) = (TenantId::local(), &stage.ledger);
    let connections = ledger.connections(&tenant).await.unwrap();
    let exports = ledger.exports(&tenant, &ExportQuery::default(), 500, None).await.unwrap().items;
    let jobs = ledger.jobs(&tenant, 500, None).await.unwrap().items.len();
    let notices = stage.state.flow.parts().ledger.notice_settings(&tenant).await.unwrap();
    let notices = notices.map(|settings| json!([settings.changed_at, settings.kinds]));
    (connections, exports, jobs, notices, stage.state.flow.parts().queue.depth().await.unwrap())
}

#[tokio::test]
async fn a_viewer_may_make_every_reading_call_of_the_api_and_no_changing_one() {
    let stage = Stage::with_a_day("").await;
    let before = all(&stage).await;
    let (_, document) = call(&stage, "viewer", "get", "/api/v1/openapi.json", "").await;
    let mut changes = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            for body in ["", "{}", r#"{"all":true}"#, r#"{"trial":false}"#, r#"{"dry_run":true,"filter":{"all":true}}"#]
            {
                let (status, answer) = call(&stage, "viewer", method, &filled(path), body).await;
                if method == "get" {
                    assert!(!matches!(status.as_u16(), 401 | 403), "{method} {path}: {answer}");
                } else {
                    assert_eq!(
                        (status.as_u16(), &answer["code"]),
                        (403, &json!("forbidden")),
                        "{method} {path}: {answer}"
                    );
                    assert!(answer["next_step"].as_str().unwrap().contains("operator"), "{answer}");
                    changes += 1;
                }
            }
        }
    }
    assert!(changes > 80, "{changes}");
    assert_eq!(all(&stage).await, before);
}

#[tokio::test]
async fn a_viewer_may_try_out_what_would_be_sent_and_only_that() {
    let stage = Stage::with_a_day("").await;
    let exports = "/api/v1/exports";
    let trial = r#"{"source":"nowhere","document":"1","trial":true}"#;
    let viewers = call(&stage, "viewer", "post", exports, trial).await;
    assert_eq!(viewers, call(&stage, "token", "post", exports, trial).await, "as an operator's");
    assert_ne!(viewers.0, StatusCode::FORBIDDEN);
    for body in [
        r#"{"source":"nowhere","document":"1"}"#,
        r#"{"source":"nowhere","document":"1","trial":true,"trial":false}"#,
        r#"{"source":"nowhere","document":"1","trial":false,"trial":true}"#,
        r#"{"source":"nowhere","document":"1","trial":"true"}"#,
        r#"{"source":"nowhere","document":{"trial":true}}"#,
        r#"[{"trial":true}]"#,
        "trial=true",
    ] {
        assert_eq!(call(&stage, "viewer", "post", exports, body).await.0, StatusCode::FORBIDDEN, "{body}");
    }
    assert_eq!(call(&stage, "viewer", "put", exports, r#"{"trial":true}"#).await.0, StatusCode::FORBIDDEN);
    let huge = format!("{{\"trial\":true,\"x\":\"{}\"}}", "x".repeat(1 << 20));
    assert_eq!(call(&stage, "viewer", "post", exports, &huge).await.0, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_viewer_sees_every_page_and_every_form_is_refused_by_a_page() {
    let stage = Stage::with_a_day("").await;
    let cookie = stage.log_in_as(AccessRole::Viewer).await;
    let token = csrf(&stage.send(get("/", Some(&cookie))).await.html);
    let before = all(&stage).await;
    let mut forms = 0;
    for (method, route) in pages() {
        let path = filled(&route);
        let inside = !path.starts_with("/login") && !path.starts_with("/assets");
        if method == "get" {
            let Seen { status, html, .. } = stage.send(get(&path, Some(&cookie))).await;
            assert!(
                status != StatusCode::FORBIDDEN && (status != StatusCode::UNAUTHORIZED || !inside),
                "{path}: {html}"
            );
        } else if !OPEN.contains(&(method, route.as_str())) {
            assert_eq!(method, "post", "{path}: forms know no other method");
            let form = format!("csrf={token}&outcome=retry&which=all&kind=redrive&source=shop");
            let Seen { status, html, headers } = stage.send(post(&path, &cookie, &form)).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{path}: {html}");
            assert!(
                html.contains("<h1") && html.contains("Not allowed") && html.contains("operator"),
                "{path}: {html}"
            );
            assert!(headers.contains_key(header::CONTENT_SECURITY_POLICY), "{path}");
            forms += 1;
        }
    }
    assert!(forms > 10, "{forms}");
    assert_eq!(all(&stage).await, before);
    let out = stage.send(post("/logout", &cookie, &format!("csrf={token}"))).await;
    assert_eq!(out.status, StatusCode::SEE_OTHER);
    assert_eq!(stage.send(get("/", Some(&cookie))).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_link_for_a_viewer_opens_a_viewers_pages() {
    let stage = Stage::with_a_day("").await;
    let links = "/api/v1/login-links";
    for (body, status) in [(r#"{"role":"owner"}"#, 422), (r#"{"role":"viewer","x":1}"#, 422), ("{", 400)] {
        assert_eq!(call(&stage, "token", "post", links, body).await.0.as_u16(), status, "{body}");
    }
    let (status, link) = call(&stage, "token", "post", links, r#"{"role":"viewer"}"#).await;
    assert_eq!((status.as_u16(), &link["role"]), (201, &json!("viewer")), "{link}");
    let path = link["url"].as_str().unwrap().strip_prefix("http://127.0.0.1:8080").unwrap();
    let seen = stage.send(get(path, None)).await;
    let cookie = seen.headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    let token = csrf(&stage.send(get("/connections", Some(&cookie))).await.html);
    let pause = |cookie: &str, token: &str| post("/connections/shop/pause", cookie, &format!("csrf={token}"));
    assert_eq!(stage.send(pause(&cookie, &token)).await.status, StatusCode::FORBIDDEN);
    let operator = stage.log_in().await;
    let theirs = csrf(&stage.send(get("/", Some(&operator))).await.html);
    assert_eq!(stage.send(pause(&operator, &theirs)).await.status, StatusCode::SEE_OTHER);
}
