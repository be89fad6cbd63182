//! In and out, forms and headers.

use crate::stage::{Stage, csrf, get, post};
use domain::{AccessRole, TenantId};
use http::{StatusCode, header};
use jiff::SignedDuration;

const INSIDE: [&str; 6] = ["/", "/exports", "/exports/exp_x", "/orders/shop/1", "/dead-letters", "/connections"];

#[tokio::test]
async fn without_a_session_every_page_asks_for_the_login_link() {
    let stage = Stage::with_a_day("").await;
    for path in INSIDE {
        for cookie in [None, Some("backhaul_session=guess")] {
            let seen = stage.send(get(path, cookie)).await;
            assert_eq!(seen.status, StatusCode::UNAUTHORIZED, "{path}");
            assert!(seen.html.contains("Please log in") && !seen.html.contains(r#"<nav aria-label="Main""#), "{path}");
        }
    }
}

#[tokio::test]
async fn a_login_link_opens_the_pages_once() {
    let stage = Stage::empty();
    let link = console::pages::new_link(&stage.state, &TenantId::local(), AccessRole::Operator);
    let path = link.strip_prefix("http://127.0.0.1:8080").unwrap();
    let seen = stage.send(get(path, None)).await;
    assert_eq!((seen.status, &seen.headers[header::LOCATION]), (StatusCode::SEE_OTHER, &"/".parse().unwrap()));
    let cookie = seen.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(
        cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Strict") && cookie.contains("; Path=/"),
        "{cookie}"
    );
    let cookie = cookie.split(';').next().unwrap();
    assert_eq!(stage.send(get("/", Some(cookie))).await.status, StatusCode::OK);
    let again = stage.send(get(path, None)).await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED);
    assert!(again.headers.get(header::SET_COOKIE).is_none() && again.html.contains("no longer works"));
}

#[tokio::test]
async fn whoever_has_the_token_gets_a_new_link_without_a_restart() {
    let stage = Stage::empty();
    let ask = |token: &str| {
        let mut request = post("/api/v1/login-links", "", "");
        request.headers_mut().insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        request
    };
    assert_eq!(stage.send(ask("wrong")).await.status, StatusCode::UNAUTHORIZED);
    let seen = stage.send(ask("token")).await;
    assert_eq!(seen.status, StatusCode::CREATED, "{}", seen.html);
    let answer: serde_json::Value = serde_json::from_str(&seen.html).unwrap();
    assert_eq!(answer["expires_at"], "2026-03-02T12:15:00Z");
    assert_eq!(answer["role"], "operator");
    let path = answer["url"].as_str().unwrap().strip_prefix("http://127.0.0.1:8080").unwrap();
    assert_eq!(stage.send(get(path, None)).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_login_link_dies_after_a_quarter_of_an_hour() {
    let stage = Stage::empty();
    let link = console::pages::new_link(&stage.state, &TenantId::local(), AccessRole::Operator);
    stage.clock.advance(SignedDuration::from_mins(15));
    let seen = stage.send(get(link.strip_prefix("http://127.0.0.1:8080").unwrap(), None)).await;
    assert_eq!(seen.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_link_followed_from_another_site_still_ends_at_the_overview() {
    let stage = Stage::empty();
    let link = console::pages::new_link(&stage.state, &TenantId::local(), AccessRole::Operator);
    let mut request = get(link.strip_prefix("http://127.0.0.1:8080").unwrap(), None);
    request.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
    let seen = stage.send(request).await;
    assert_eq!(seen.status, StatusCode::OK);
    assert!(
        seen.headers.contains_key(header::SET_COOKIE) && seen.html.contains(r#"content="0; url=/""#),
        "{}",
        seen.html
    );
}

#[tokio::test]
async fn a_session_ends_after_twelve_hours_and_at_logout() {
    let stage = Stage::empty();
    let (first, second) = (stage.log_in().await, stage.log_in().await);
    let page = stage.send(get("/", Some(&first))).await;
    let out = stage.send(post("/logout", &first, &format!("csrf={}", csrf(&page.html)))).await;
    assert_eq!(out.status, StatusCode::SEE_OTHER);
    assert!(out.headers[header::SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(stage.send(get("/", Some(&first))).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(stage.send(get("/", Some(&second))).await.status, StatusCode::OK);
    stage.clock.advance(SignedDuration::from_hours(12));
    assert_eq!(stage.send(get("/", Some(&second))).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_form_without_the_sessions_own_token_is_refused() {
    let stage = Stage::empty();
    let (mine, other) = (stage.log_in().await, stage.log_in().await);
    let others = csrf(&stage.send(get("/", Some(&other))).await.html);
    for form in ["", "csrf=", "csrf=guess", &format!("csrf={others}"), &format!("csrf=&csrf={others}")] {
        let seen = stage.send(post("/logout", &mine, form)).await;
        assert_eq!(seen.status, StatusCode::FORBIDDEN, "{form}");
    }
    assert_eq!(stage.send(get("/", Some(&mine))).await.status, StatusCode::OK, "still logged in");
}

#[tokio::test]
async fn every_answer_forbids_scripts_frames_and_keeping() {
    let stage = Stage::with_a_day("").await;
    let cookie = stage.log_in().await;
    for (path, cookie) in INSIDE.iter().map(|path| (*path, Some(cookie.as_str()))).chain([
        ("/", None),
        ("/login", None),
        ("/login?token=x", None),
    ]) {
        let seen = stage.send(get(path, cookie)).await;
        let said = |name: &str| seen.headers[name].to_str().unwrap().to_owned();
        let policy = said("content-security-policy");
        for part in [
            "default-src 'none'",
            "style-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains("script-src"), "{policy}");
        assert_eq!(said("cache-control"), "no-store", "{path}");
        assert_eq!((said("referrer-policy"), said("x-content-type-options")), ("no-referrer".into(), "nosniff".into()));
        for inline in ["<script", " style=", "<style", " onclick", "javascript:"] {
            assert!(!seen.html.contains(inline), "{path} has {inline}");
        }
    }
}

#[tokio::test]
async fn style_and_icon_come_from_the_binary_and_may_be_kept() {
    let stage = Stage::empty();
    let page = stage.send(get("/", None)).await.html;
    let assets: Vec<&str> = page.split('"').filter(|part| part.starts_with("/assets/")).collect();
    assert!(assets.iter().any(|path| path.ends_with(".css")) && assets.iter().any(|path| path.ends_with(".svg")));
    for path in assets {
        let seen = stage.send(get(path, None)).await;
        assert_eq!(seen.status, StatusCode::OK, "{path}");
        assert!(seen.headers[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
        assert!(!seen.html.is_empty());
    }
    assert_eq!(stage.send(get("/assets/app-000000000000.css", None)).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_unknown_address_is_a_page_for_browsers_and_a_problem_for_programs() {
    let stage = Stage::empty();
    let mut browser = get("/nowhere", None);
    browser.headers_mut().insert(header::ACCEPT, "text/html,*/*;q=0.8".parse().unwrap());
    let page = stage.send(browser).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.html.contains("Nothing here") && page.headers.contains_key("content-security-policy"));
    let program = stage.send(get("/nowhere", None)).await;
    assert_eq!(program.status, StatusCode::NOT_FOUND);
    assert!(program.html.contains(r#""code":"unknown_path""#), "{}", program.html);
}
