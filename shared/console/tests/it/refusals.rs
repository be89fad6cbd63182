//! How the API refuses.

use crate::support::{Console, TOKEN};
use http::{Method, StatusCode};
use serde_json::json;
use std::convert::Infallible;
use testkit::samples;

#[tokio::test]
async fn every_call_but_health_and_the_description_needs_the_token() {
    let console = Console::new();
    for path in ["/api/v1/overview", "/api/v1/exports", "/api/v1/connections/shop", "/api/v1/nothing"] {
        for token in [None, Some("wrong"), Some("")] {
            let (status, problem) = console.ask(Method::GET, path, token, None).await;
            assert_eq!((status, &problem["code"]), (StatusCode::UNAUTHORIZED, &json!("unauthenticated")), "{path}");
        }
    }
    for path in ["/health", "/api/v1/openapi.json"] {
        assert_eq!(console.ask(Method::GET, path, None, None).await.0, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn problems_say_what_they_are_in_five_fields() {
    let console = Console::new();
    let (status, problem) = console.get("/exports/exp_nothing").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    for field in ["type", "title", "detail", "code", "next_step"] {
        assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "{field}: {problem}");
    }
    assert_eq!(problem["code"], "unknown_export");
}

#[tokio::test]
async fn unknown_addresses_and_methods_are_problems_too() {
    let console = Console::new();
    for (method, path, status, code) in [
        (Method::GET, "/nothing", 404, "unknown_path"),
        (Method::GET, "/exports/a/b/c", 404, "unknown_path"),
        (Method::PATCH, "/exports", 405, "method_not_allowed"),
        (Method::GET, "/connections/shop", 404, "unknown_connection"),
        (Method::DELETE, "/connections/shop", 404, "unknown_connection"),
        (Method::POST, "/connections/shop/check", 404, "unknown_connection"),
        (Method::POST, "/exports/x/retry", 404, "unknown_export"),
        (Method::GET, "/jobs/x", 404, "unknown_job"),
        (Method::GET, "/orders/shop/1", 404, "unknown_connection"),
    ] {
        let (got, problem) = console.call(method.clone(), path, None).await;
        assert_eq!((got.as_u16(), &problem["code"]), (status, &json!(code)), "{method} {path}");
    }
}

#[tokio::test]
async fn lists_take_a_limit_from_1_to_500_and_only_parameters_they_know() {
    let console = Console::new();
    for path in [
        "/exports?limit=0",
        "/exports?limit=501",
        "/exports?limit=x",
        "/exports?state=lost",
        "/exports?operation=fly",
        "/exports?sate=held",
        "/exports?cursor=garbage",
        "/exports?order=1&order=2",
        "/connections?limit=0",
    ] {
        let (status, problem) = console.get(path).await;
        assert_eq!((status.as_u16(), &problem["code"]), (422, &json!("invalid_field")), "{path}");
        assert!(problem["errors"][0]["field"].is_string(), "{path}: {problem}");
    }
    let (status, list) = console.get("/exports?limit=500&state=held&order=").await;
    assert_eq!((status, list), (StatusCode::OK, json!({"exports": [], "next": null})));
}

#[tokio::test]
async fn a_body_over_1_mib_is_too_large_whether_it_says_so_or_not() {
    let console = Console::new();
    let body = format!("{{\"label\":\"{}\"}}", "x".repeat(1024 * 1024));
    let (status, problem) = console.call(Method::PUT, "/connections/shop", Some(body.clone())).await;
    assert_eq!((status.as_u16(), &problem["code"]), (413, &json!("too_large")));
    // A stream does not say how long it is.
    let chunks: Vec<_> = body.as_bytes().chunks(65_536).map(|c| Ok::<_, Infallible>(c.to_vec())).collect();
    let request = http::Request::put("/api/v1/connections/shop")
        .header("authorization", format!("Bearer {TOKEN}"))
        .body(axum::body::Body::from_stream(futures_util::stream::iter(chunks)))
        .unwrap();
    let response = tower::ServiceExt::oneshot(console.router.clone(), request).await.unwrap();
    assert_eq!(response.status().as_u16(), 413);
}

#[tokio::test]
async fn health_and_calls_say_503_while_store_or_queue_cannot_be_read() {
    let console = Console::new();
    console.queue.trouble().throttle("depth");
    let (status, problem) = console.ask(Method::GET, "/health", None, None).await;
    assert_eq!((status.as_u16(), &problem["code"]), (503, &json!("store_unavailable")));
    console.ledger.trouble().throttle("exports");
    assert_eq!(console.get("/exports").await.0.as_u16(), 503);
    assert_eq!(console.ask(Method::GET, "/health", None, None).await.0, StatusCode::OK);
}

#[tokio::test]
async fn another_tenants_things_are_unknown() {
    let console = Console::connected().await;
    let mut export = domain::Export::new(samples::key("9001"), samples::noon());
    export.key.tenant = domain::TenantId::new("somebody-else");
    export.id = export.key.id();
    let id = export.id.clone();
    console.ledger.put(export);
    assert_eq!(console.get(&format!("/exports/{id}")).await.0.as_u16(), 404);
    let mut theirs = samples::connection(&domain::ConnectionId::new("theirs"), domain::Role::Channel, "market");
    theirs.tenant = domain::TenantId::new("somebody-else");
    console.ledger.put_connection_as_is(theirs);
    assert_eq!(console.get("/connections/theirs").await.0.as_u16(), 404);
    let (status, problem) = console.put("/connections/theirs", &crate::support::market()).await;
    assert_eq!((status.as_u16(), &problem["code"]), (409, &json!("conflict")));
}
