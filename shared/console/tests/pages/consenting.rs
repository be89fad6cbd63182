//! A person allows a connection at the practice vendor's own page, and comes back.

use crate::connecting::{Desk, follows_to, says, text, with};
use crate::stage::{Seen, csrf, get, post};
use crate::viewing::call;
use domain::{AccessRole, AuditAction, AuditOutcome, ConnectionState, TenantId};
use export_flow::audit::AuditQuery;
use http::{StatusCode, header};
use jiff::SignedDuration;
use serde_json::json;

const BACK: &str = "http://127.0.0.1:8080/oauth/callback";

/// The address to which a page leads by itself, and by its button.
fn leads_to(seen: &Seen) -> String {
    assert_eq!(seen.status, StatusCode::OK, "{}", text(&seen.html));
    let (_, rest) = seen.html.split_once("http-equiv=\"refresh\" content=\"0; url=").unwrap();
    let (to, _) = rest.split_once('"').unwrap();
    assert!(seen.html.contains(&format!("id=\"go-on\" href=\"{to}\"")), "{}", seen.html);
    to.replace("&#38;", "&")
}

/// Saved with the other way of signing in, at a vendor that knows where people are sent back to.
async fn desk() -> Desk {
    let desk = Desk::new().await;
    desk.control("/_sandbox/vendors/fakturoid", json!({"redirect_uri": BACK})).await;
    let pairs = with(
        &desk.fields("fakturoid").await,
        &[("id", "books"), ("label", "Books"), ("settings.auth", "authorization_code")],
    );
    let saved = desk.sends("/connections/new/fakturoid", &pairs).await;
    let page = desk.follows(&saved).await;
    says(&page, &["Connect it at Fakturoid", BACK, "Nobody has allowed it at the vendor yet."]);
    assert_eq!(desk.stored("books").await.unwrap().state, ConnectionState::Unverified);
    a_while(&desk);
    desk
}

/// From the page of the connection to the vendor and back to ours: the address that a browser asks for, without a cookie.
async fn back_from(desk: &Desk, decision: &str) -> String {
    let leaving = desk.sends("/connections/books/connect", &vec![]).await;
    assert!(leaving.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().contains("form-action 'self'"));
    let vendor: url::Url = leads_to(&leaving).parse().unwrap();
    let asked: std::collections::HashMap<_, _> = vendor.query_pairs().into_owned().collect();
    assert_eq!((asked["redirect_uri"].as_str(), asked["code_challenge_method"].as_str()), (BACK, "S256"));
    let back = desk.presses(&vendor, decision).await;
    a_while(desk);
    back.strip_prefix("http://127.0.0.1:8080").unwrap().to_owned()
}

/// The trail tells what came first by the time alone.
fn a_while(desk: &Desk) {
    desk.stage.clock.advance(SignedDuration::from_secs(1));
}

async fn last_act(desk: &Desk) -> (AuditAction, AuditOutcome, Vec<String>) {
    let page = desk.stage.state.flow.audit(&TenantId::local(), &AuditQuery::default(), 1, None).await.unwrap();
    let entry = page.items.into_iter().next().unwrap();
    a_while(desk);
    (entry.action, entry.outcome, entry.about.into_iter().map(|about| about.id).collect())
}

#[tokio::test]
async fn the_way_to_the_vendor_and_back_makes_a_connection_that_works() {
    let desk = desk().await;
    let back = back_from(&desk, "allow").await;
    let begun = last_act(&desk).await;
    assert_eq!(begun, (AuditAction::ConnectAtVendor, AuditOutcome::Done, vec!["books".to_owned()]));

    // The first arrival comes from another site, so without the strict cookie: nothing is exchanged yet.
    let arrived = desk.stage.send(get(&back, None)).await;
    assert_eq!(arrived.headers[header::REFERRER_POLICY], "no-referrer");
    assert_eq!(arrived.headers[header::CACHE_CONTROL], "no-store");
    let on = leads_to(&arrived);
    assert!(on.starts_with("/oauth/finish?") && on.contains("code="), "{on}");
    assert_eq!(desk.stored("books").await.unwrap().state, ConnectionState::Unverified);

    let finished = desk.opens(&on).await;
    assert_eq!(follows_to(&finished), "/connections/books?allowed=yes#h-oauth");
    let page = desk.follows(&finished).await;
    says(&page, &["It was allowed, and the check has succeeded.", "Connected at Fakturoid"]);
    assert_eq!(desk.stored("books").await.unwrap().state, ConnectionState::Active);
    let done = last_act(&desk).await;
    assert_eq!(done, (AuditAction::ConnectAtVendor, AuditOutcome::Done, vec!["books".to_owned()]));

    let again = desk.opens(&on).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    says(&again, &["used up or too old"]);
    assert_eq!(last_act(&desk).await.1, AuditOutcome::Refused);
}

#[tokio::test]
async fn a_no_at_the_vendor_is_said_plainly() {
    let desk = desk().await;
    let back = back_from(&desk, "deny").await;
    let on = leads_to(&desk.stage.send(get(&back, None)).await);
    let page = desk.follows(&desk.opens(&on).await).await;
    says(&page, &["It was not allowed at the vendor. Nothing has changed here.", "Connect it at Fakturoid"]);
    assert_eq!(last_act(&desk).await.1, AuditOutcome::Refused);
}

#[tokio::test]
async fn the_way_back_needs_a_session_of_somebody_who_may_change_things() {
    let desk = desk().await;
    let back = back_from(&desk, "allow").await;
    let on = leads_to(&desk.stage.send(get(&back, None)).await);
    assert_eq!(desk.stage.send(get(&on, None)).await.status, StatusCode::UNAUTHORIZED);
    let viewer = desk.stage.log_in_as(AccessRole::Viewer).await;
    assert_eq!(desk.stage.send(get(&on, Some(&viewer))).await.status, StatusCode::FORBIDDEN);
    let page = desk.stage.send(get("/connections/books", Some(&viewer))).await;
    assert!(!page.html.contains("/connections/books/connect"));
    let form = format!("csrf={}", csrf(&page.html));
    let begun = desk.stage.send(post("/connections/books/connect", &viewer, &form)).await;
    assert_eq!(begun.status, StatusCode::FORBIDDEN);
    // Nobody of them has used the way up.
    assert_eq!(follows_to(&desk.opens(&on).await), "/connections/books?allowed=yes#h-oauth");
}

#[tokio::test]
async fn what_a_stranger_makes_of_the_way_back_does_nothing() {
    let desk = desk().await;
    for query in ["", "?state=books.00&code=x", "?state=&code=x", "?code=x", "?state=nobody.1&error=access_denied"] {
        let on = leads_to(&desk.stage.send(get(&format!("/oauth/callback{query}"), None)).await);
        let seen = desk.opens(&on).await;
        assert!(seen.status.is_client_error(), "{query}: {}", seen.status);
    }
    let hostile =
        "/oauth/callback?state=%22%3E%3Cscript%3E&code='%3B%20url=https://evil.example&redirect=https://evil.example";
    let on = leads_to(&desk.stage.send(get(hostile, None)).await);
    assert_eq!(on, "/oauth/finish?state=%22%3E%3Cscript%3E&code=%27%3B+url%3Dhttps%3A%2F%2Fevil.example");
}

#[tokio::test]
async fn a_program_is_given_the_vendors_page() {
    let desk = desk().await;
    let (status, answer) = call(&desk.stage, "token", "post", "/api/v1/connections/books/connect", "").await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!(answer["redirect_url"], BACK);
    assert!(answer["url"].as_str().unwrap().contains("/fakturoid/api/v3/oauth?client_id="), "{answer}");
    assert!(answer["expires_at"].is_string());
}
