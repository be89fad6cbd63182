//! Source against target over the API: a finding brings its call, and a table has no formula.

use crate::support::{Console, TOKEN};
use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;

const PATH: &str = "/reconciliation?connection=books&since=2026-01-01";

async fn table(console: &Console, path: &str, accept: &str) -> (StatusCode, http::HeaderMap, String) {
    let request = Request::builder().uri(format!("/api/v1{path}")).header("authorization", format!("Bearer {TOKEN}"));
    let request = request.header("accept", accept).body(Body::empty()).unwrap();
    let response = console.router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    (parts.status, parts.headers, String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test]
async fn a_missing_export_is_found_and_made_by_the_call_that_the_finding_names() {
    let console = Console::connected().await;
    console.order("100");
    console.document("9000", "=2026-1", Some("100"));
    // A document of nobody, and one that is no channel's.
    console.document("9001", "2026-2", None);
    let (status, answer) = console.get(PATH).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let found = &answer["reconciliation"];
    assert_eq!(found.as_array().unwrap().len(), 1, "{answer}");
    assert_eq!((&found[0]["code"], &found[0]["target"]), (&json!("not_exported"), &json!("market")));
    assert_eq!((&found[0]["amount"], &found[0]["currency"]), (&json!("121.00"), &json!("CZK")));
    assert_eq!(found[0]["label"], "Nobody has told us of it");
    assert_eq!((&answer["summary"]["compared"], &answer["summary"]["left_out"]), (&json!(2), &json!(1)));
    assert_eq!(answer["summary"]["at_stake"], json!({"CZK": "121.00"}));
    assert_eq!((&answer["stopped"], &answer["next"], &answer["not_read"]), (&Value::Null, &Value::Null, &json!([])));
    assert!(console.ledger.all().is_empty(), "it wrote something");

    let (status, headers, text) = table(&console, PATH, "text/csv").await;
    assert_eq!((status, headers["content-type"].to_str().unwrap()), (StatusCode::OK, "text/csv; charset=utf-8"));
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("id,code,label,source,target,order,"), "{text}");
    assert!(lines.len() == 2 && lines[1].contains(",'=2026-1,") && lines[1].contains(",121.00,CZK,"), "{text}");
    assert_eq!(table(&console, &format!("{PATH}&format=csv"), "*/*").await.2, text);

    let call = &found[0]["call"];
    assert_eq!((&call["method"], &call["path"]), (&json!("POST"), &json!("/api/v1/exports")));
    let (status, made) = console.post("/exports", &call["body"]).await;
    assert_eq!((status, &made["target"]), (StatusCode::ACCEPTED, &json!("market")), "{made}");
    console.work().await;
    let (_, after) = console.get(PATH).await;
    // This market cannot be read back: nothing says that it agrees.
    let sums = &after["summary"];
    assert_eq!(
        (&sums["findings"], &sums["agreed"], &sums["not_readable"]),
        (&json!(0), &json!(0), &json!(1)),
        "{after}"
    );
    assert_eq!(sums["facts"]["total"], json!({"agreed": 0, "differs": 0, "not_readable": 1}));
}

#[tokio::test]
async fn parts_follow_each_other_and_what_cannot_be_asked_for_is_refused_by_name() {
    let console = Console::connected().await;
    for (n, id) in ["9000", "9001", "9002", "9003"].into_iter().enumerate() {
        console.order(&format!("10{n}"));
        console.document(id, &format!("2026-{n}"), Some(&format!("10{n}")));
    }
    let (mut path, mut numbers, mut parts) = (format!("{PATH}&limit=3"), vec![], 0);
    let last = loop {
        let (status, part) = console.get(&path).await;
        assert_eq!(status, StatusCode::OK, "{part}");
        let found = part["reconciliation"].as_array().unwrap();
        numbers.extend(found.iter().map(|one| one["subject"]["number"].as_str().unwrap().to_owned()));
        parts += 1;
        match part["next"].as_str() {
            Some(next) => path = format!("{PATH}&limit=3&cursor={next}"),
            None => break part,
        }
    };
    assert!(parts > 1, "one part was enough");
    assert_eq!(numbers, ["2026-0", "2026-1", "2026-2", "2026-3"]);
    assert_eq!((&last["so_far"]["findings"], &last["so_far"]["compared"]), (&json!(4), &json!(4)));
    for (path, status) in [
        ("/reconciliation", 422),
        ("/reconciliation?connection=nobody", 404),
        ("/reconciliation?connection=books&since=yesterday", 422),
        ("/reconciliation?connection=books&cursor=x", 422),
        ("/reconciliation?connection=books&format=pdf", 422),
        ("/reconciliation?connection=market&since=2026-01-01", 200),
    ] {
        assert_eq!(console.get(path).await.0.as_u16(), status, "{path}");
    }
}

/// A page or form as a browser sends it: status, where it leads or what it sets, and the text.
async fn browse(console: &Console, path: &str, cookie: &str, form: Option<String>) -> (StatusCode, String, String) {
    let method = if form.is_some() { "POST" } else { "GET" };
    let request = Request::builder().method(method).uri(path).header("cookie", cookie);
    let request = request.body(form.map_or_else(Body::empty, Body::from)).unwrap();
    let response = console.router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let told = parts.headers.get("set-cookie").or(parts.headers.get("location"));
    let told = told.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    (parts.status, told, String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test]
async fn the_page_has_a_button_that_makes_the_missing_export() {
    let console = Console::connected().await;
    console.order("100");
    console.document("9000", "2026-1", Some("100"));
    let (_, link) = console.post("/login-links", &json!({})).await;
    let path = link["url"].as_str().unwrap().strip_prefix("http://127.0.0.1:8080").unwrap().to_owned();
    let (_, cookie, _) = browse(&console, &path, "", None).await;
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let (status, _, page) = browse(&console, PATH, &cookie, None).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    assert!(page.contains("Nobody has told us of it") && page.contains("Invoice 2026-1"), "{page}");
    let hidden = |name: &str| {
        let (_, rest) = page.split_once(&format!(r#"<input type="hidden" name="{name}" value=""#)).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let form = format!(
        "csrf={}&source={}&document={}&target={}",
        hidden("csrf"),
        hidden("source"),
        hidden("document"),
        hidden("target")
    );
    let (status, to, _) = browse(&console, "/reconciliation/make", &cookie, Some(form)).await;
    assert_eq!((status, to.as_str()), (StatusCode::SEE_OTHER, "/exports?document=9000"));
    console.work().await;
    let (_, made) = console.get("/exports?document=9000&state=delivered").await;
    assert_eq!(made["exports"].as_array().unwrap().len(), 1, "{made}");
    let (_, _, table) =
        browse(&console, &PATH.replace("/reconciliation", "/reconciliation/table"), &cookie, None).await;
    assert!(table.starts_with("id,code,"), "{table}");
}
