//! The API behind a gateway: claims say who it is.

use crate::stage::{PUBLIC, Stage};
use axum::body::Body;
use domain::Role;
use http::Request;
use serde_json::{Value, json};

fn acme() -> Option<Value> {
    Some(json!({"sub": "jana", "custom:tenant": "acme", "cognito:groups": "[operator]"}))
}

#[tokio::test]
async fn a_call_that_no_authorizer_has_seen_is_refused_whatever_its_headers_say() {
    let stage = Stage::new().await;
    for path in ["/api/v1/overview", "/api/v1/exports", "/api/v1/connections/shop", "/api/v1/nothing"] {
        let (status, problem) = stage.call("GET", path, None, "").await;
        assert_eq!((status, &problem["code"]), (401, &json!("unauthenticated")), "{path}");
    }
    let request = Request::get("/api/v1/overview")
        .header("authorization", "Bearer token")
        .header("x-amzn-oidc-data", "e30.eyJjdXN0b206dGVuYW50IjoiYWNtZSJ9.")
        .header("custom:tenant".replace(':', "-"), "acme")
        .header("x-tenant", "acme")
        .header("cookie", "__Host-backhaul_session=acme");
    assert_eq!(stage.send(request.body(Body::empty()).unwrap()).await.status.as_u16(), 401);
}

#[tokio::test]
async fn a_call_whose_token_names_no_merchant_is_forbidden() {
    let stage = Stage::new().await;
    for claims in [
        json!({}),
        json!({"sub": "jana"}),
        json!({"custom:tenant": ""}),
        json!({"custom:tenant": "a#b"}),
        json!({"custom:tenant": ["acme"]}),
    ] {
        let (status, problem) = stage.call("GET", "/api/v1/overview", Some(claims.clone()), "").await;
        assert_eq!((status, &problem["code"]), (403, &json!("no_tenant")), "{claims}");
        assert!(problem["next_step"].as_str().is_some_and(|step| step.contains("tenant claim")), "{problem}");
    }
    assert_eq!(stage.call("GET", "/api/v1/overview", acme(), "").await.0, 200);
}

#[tokio::test]
async fn the_claim_has_the_name_that_was_set() {
    let mut stage = Stage::new().await;
    stage.settings.tenant_claim = "https://example.com/merchant".into();
    assert_eq!(stage.call("GET", "/api/v1/overview", acme(), "").await.0, 403);
    let named = Some(json!({"https://example.com/merchant": "acme"}));
    assert_eq!(stage.call("GET", "/api/v1/overview", named, "").await.0, 200);
}

#[tokio::test]
async fn the_groups_of_a_token_say_whether_its_holder_may_change_anything() {
    let mut stage = Stage::new().await;
    let change = |groups: Value| {
        let claims = json!({"sub": "jana", "custom:tenant": "acme", "cognito:groups": groups});
        ("DELETE", "/api/v1/connections/books", Some(claims), "")
    };
    for (groups, wanted) in [
        (json!("[operator]"), (404, "unknown_connection")),
        (json!("[viewer operator]"), (404, "unknown_connection")),
        (json!("[viewer]"), (403, "forbidden")),
        (json!("[operators]"), (403, "forbidden")),
        (Value::Null, (403, "forbidden")),
    ] {
        let (method, path, claims, body) = change(groups.clone());
        let (status, problem) = stage.call(method, path, claims.clone(), body).await;
        assert_eq!((status, problem["code"].as_str().unwrap()), wanted, "{groups}");
        assert_eq!(stage.call("GET", "/api/v1/connections", claims, "").await.0, 200, "{groups}");
    }
    stage.settings.role_claim = "roles".into();
    let (method, path, claims, body) = change(json!("[operator]"));
    assert_eq!(stage.call(method, path, claims, body).await.0, 403, "another claim says it");
    let claims = Some(json!({"sub": "jana", "custom:tenant": "acme", "roles": ["operator"]}));
    assert_eq!(stage.call(method, path, claims, body).await.0, 404);
}

#[tokio::test]
async fn there_are_no_login_links_and_the_description_knows_it() {
    let stage = Stage::new().await;
    let (status, problem) = stage.call("POST", "/api/v1/login-links", acme(), "").await;
    assert_eq!((status, &problem["code"]), (404, &json!("unknown_path")));
    let (status, described) = stage.call("GET", "/api/v1/openapi.json", None, "").await;
    assert_eq!(status, 200);
    assert!(described["paths"].get("/api/v1/login-links").is_none());
    for (path, calls) in described["paths"].as_object().unwrap() {
        for (method, call) in calls.as_object().unwrap() {
            let responses = &call["responses"];
            assert_eq!(responses.get("401").is_some(), responses.get("403").is_some(), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn each_role_has_webhooks_at_its_own_address() {
    let mut stage = Stage::new().await;
    let at = |role: &str| format!("https://{role}.lambda-url.example.com/");
    stage.options.webhook_urls =
        [(Role::Accounting, at("books")), (Role::Courier, at("parcels"))].into_iter().collect();
    let body = json!({
        "role": "accounting", "connector": "fakturoid", "label": "Books",
        "settings": {"slug": "example", "client_id": "id", "contact_email": "it@example.com"},
        "secrets": {"client_secret": "s", "webhook_authorization": "Bearer long"}, "switches": {}, "rules": {}, "mappings": {},
    });
    let (status, books) = stage.call("PUT", "/api/v1/connections/books", acme(), &body.to_string()).await;
    assert_eq!((status, &books["tenant"]), (201, &json!("acme")), "{books}");
    assert_eq!(books["webhook_url"], "https://books.lambda-url.example.com/webhooks/accounting/books");
    assert!(!books["missing"].to_string().contains("public address"), "{books}");
    stage.options.webhook_urls.clear();
    let (_, books) = stage.call("GET", "/api/v1/connections/books", acme(), "").await;
    assert_eq!(books["webhook_url"], format!("{PUBLIC}/webhooks/accounting/books"));
}
