//! Logins that must come to nothing.

use crate::issuer::Conduct;
use crate::stage::{Browser, PUBLIC, Seen, Stage, csrf, refresh};
use axum::body::Body;
use domain::Code;
use http::{Request, StatusCode, header};
use jiff::SignedDuration;
use serde_json::json;
use std::sync::MutexGuard;

fn conduct(stage: &Stage) -> MutexGuard<'_, Conduct> {
    stage.issuer.conduct.lock().unwrap()
}

/// Nobody got in, and the page says what to do in the code's own words.
fn is_refused(seen: &Seen, browser: &Browser, status: StatusCode, code: Code) {
    assert_eq!(seen.status, status, "{}", seen.text);
    assert!(seen.text.contains(code.label()) && seen.text.contains(code.next_step()), "{}", seen.text);
    assert!(seen.text.contains(r#"href="/login"#) && !seen.text.contains(r#"<nav aria-label="Main""#), "{}", seen.text);
    assert!(!browser.cookies.contains_key("__Host-backhaul_session"), "{:?}", browser.cookies);
}

fn failed(seen: &Seen, browser: &Browser) {
    is_refused(seen, browser, StatusCode::UNAUTHORIZED, Code::LoginFailed);
}

#[tokio::test]
async fn an_answer_with_another_state_or_to_another_browser_is_refused() {
    let (stage, mut browser) = (Stage::new().await, Browser::default());
    let asked = browser.begin(&stage, "/").await;
    let back = stage.issuer.visit(&asked).await.unwrap();
    let (before, _) = back.split_once("&state=").unwrap();
    for wrong in [before.to_owned(), format!("{before}&state="), format!("{before}&state=guess")] {
        failed(&browser.arrive(&stage, &wrong).await, &browser);
    }
    let mut another = Browser::default();
    failed(&another.arrive(&stage, &back).await, &another);
    // Somebody else's login in a browser that has begun one of its own.
    another.begin(&stage, "/").await;
    failed(&another.arrive(&stage, &back).await, &another);
    assert_eq!(stage.issuer.asked("token"), 0, "no code was handed in");
    assert_eq!(browser.arrive(&stage, &back).await.status, StatusCode::OK, "the true answer still counts");
}

#[tokio::test]
async fn a_token_that_does_not_fit_is_refused() {
    let stage = Stage::new().await;
    let now = testkit::samples::noon().as_second();
    for (claim, value) in [
        ("nonce", json!("another")),
        ("nonce", json!(null)),
        ("exp", json!(now - 61)),
        ("iat", json!(now - 700)),
        ("aud", json!("another-client")),
        ("aud", json!([crate::issuer::CLIENT, "another-client"])),
        ("iss", json!("https://id.example.com")),
    ] {
        conduct(&stage).wrong = vec![(claim, value.clone())];
        let mut browser = Browser::default();
        let seen = browser.log_in(&stage).await;
        failed(&seen, &browser);
        assert!(browser.cookies.is_empty(), "{claim} {value}: the login is over");
    }
    conduct(&stage).wrong.clear();
    assert_eq!(Browser::default().log_in(&stage).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_code_is_good_once_and_only_for_the_login_that_asked_for_it() {
    let (stage, mut browser) = (Stage::new().await, Browser::default());
    let asked = browser.begin(&stage, "/").await;
    let login = browser.cookies["__Host-backhaul_login"].clone();
    let back = stage.issuer.visit(&asked).await.unwrap();
    assert_eq!(browser.arrive(&stage, &back).await.status, StatusCode::OK);
    let mut again = Browser::default();
    failed(&again.arrive(&stage, &back).await, &again);
    assert_eq!(stage.issuer.asked("token"), 1);
    // Even with the cookie of that login, which a browser would have thrown away.
    again.cookies.insert("__Host-backhaul_login".into(), login);
    failed(&again.arrive(&stage, &back).await, &again);
    assert_eq!(stage.issuer.asked("token"), 2);
    // Another person's code under this login's state: the verifier does not fit.
    let (mut mine, mut other) = (Browser::default(), Browser::default());
    let (my_question, their_question) = (mine.begin(&stage, "/").await, other.begin(&stage, "/").await);
    let my_back = stage.issuer.visit(&my_question).await.unwrap();
    let their_back = stage.issuer.visit(&their_question).await.unwrap();
    let (_, my_state) = my_back.split_once("&state=").unwrap();
    let (their_code, _) = their_back.split_once("&state=").unwrap();
    failed(&mine.arrive(&stage, &format!("{their_code}&state={my_state}")).await, &mine);
}

#[tokio::test]
async fn a_login_may_take_ten_minutes() {
    for (seconds, status) in [(599, StatusCode::OK), (600, StatusCode::UNAUTHORIZED)] {
        let (stage, mut browser) = (Stage::new().await, Browser::default());
        let asked = browser.begin(&stage, "/").await;
        stage.clock.advance(SignedDuration::from_secs(seconds));
        let back = stage.issuer.visit(&asked).await.unwrap();
        assert_eq!(browser.arrive(&stage, &back).await.status, status, "{seconds}");
    }
}

#[tokio::test]
async fn a_person_without_a_merchant_sees_why_and_may_log_in_as_another() {
    let stage = Stage::new().await;
    for person in
        [json!({"sub": "jana"}), json!({"sub": "jana", "custom:tenant": ""}), json!({"sub": "jana", "tenant": "acme"})]
    {
        stage.issuer.person(person);
        let mut browser = Browser::default();
        let seen = browser.log_in(&stage).await;
        is_refused(&seen, &browser, StatusCode::FORBIDDEN, Code::NoTenant);
        let anew = browser.get(&stage, "/login?anew=yes").await;
        assert!(seen.text.contains(r#"href="/login?anew=yes""#));
        assert!(anew.headers[header::LOCATION].to_str().unwrap().contains("&prompt=login"), "{anew:?}");
    }
}

#[tokio::test]
async fn a_refusal_of_the_identity_provider_is_told_in_our_words() {
    let (stage, mut browser) = (Stage::new().await, Browser::default());
    let asked = browser.begin(&stage, "/").await;
    let state = asked.split("state=").nth(1).unwrap().split('&').next().unwrap();
    let back = format!("{PUBLIC}/login/callback?error=access_denied&error_description=%3Cb%3Esay+this&state={state}");
    let seen = browser.arrive(&stage, &back).await;
    failed(&seen, &browser);
    assert!(!seen.text.contains("say this"), "{}", seen.text);
    // Without the state it could have been sent by anybody.
    failed(&browser.arrive(&stage, &format!("{PUBLIC}/login/callback?error=access_denied")).await, &browser);
}

#[tokio::test]
async fn an_answer_that_names_another_issuer_or_leaves_its_name_out_is_refused() {
    let stage = Stage::new().await;
    for (names_itself, said, status) in [
        (false, None, StatusCode::OK),
        (false, Some("right"), StatusCode::OK),
        (false, Some("https://evil.example.com"), StatusCode::UNAUTHORIZED),
        (true, Some("right"), StatusCode::OK),
        (true, None, StatusCode::UNAUTHORIZED),
    ] {
        conduct(&stage).described = vec![("authorization_response_iss_parameter_supported", json!(names_itself))];
        let mut browser = Browser::default();
        let asked = browser.begin(&stage, "/").await;
        let mut back = stage.issuer.visit(&asked).await.unwrap();
        if let Some(said) = said {
            back.push_str(&format!("&iss={}", if said == "right" { &stage.issuer.url } else { said }));
        }
        assert_eq!(browser.arrive(&stage, &back).await.status, status, "{names_itself} {said:?}");
    }
}

#[tokio::test]
async fn an_identity_provider_that_is_away_or_talks_nonsense_is_a_page_that_says_so() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    let asked = browser.begin(&stage, "/").await;
    let back = stage.issuer.visit(&asked).await.unwrap();
    conduct(&stage).token_status = Some(503);
    let seen = browser.arrive(&stage, &back).await;
    is_refused(&seen, &browser, StatusCode::SERVICE_UNAVAILABLE, Code::IssuerUnavailable);
    for wrong in
        [("issuer", json!("https://id.example.com")), ("token_endpoint", json!("nowhere")), ("issuer", json!(7))]
    {
        conduct(&stage).described = vec![wrong];
        let seen = browser.get(&stage, "/login").await;
        is_refused(&seen, &browser, StatusCode::SERVICE_UNAVAILABLE, Code::IssuerUnavailable);
    }
    let mut gone = Stage::new().await;
    gone.settings.issuer = "http://127.0.0.1:1/pool".into();
    let seen = browser.get(&gone, "/login").await;
    is_refused(&seen, &browser, StatusCode::SERVICE_UNAVAILABLE, Code::IssuerUnavailable);
}

#[tokio::test]
async fn an_identity_provider_that_does_not_answer_is_not_waited_for_and_keeps_nobody_in() {
    let (mut stage, mut browser) = (Stage::new().await, Browser::default());
    browser.log_in(&stage).await;
    let token = csrf(&browser.get(&stage, "/").await.text);
    // Takes connections and says nothing.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    stage.settings.issuer = format!("http://{}/pool", silent.local_addr().unwrap());
    stage.impatient = true;
    let mut another = Browser::default();
    let seen = another.get(&stage, "/login").await;
    is_refused(&seen, &another, StatusCode::SERVICE_UNAVAILABLE, Code::IssuerUnavailable);
    let out = browser.post(&stage, "/logout", &format!("csrf={token}")).await;
    assert_eq!(out.status, StatusCode::SEE_OTHER);
    assert!(browser.cookies.is_empty(), "logged out all the same");
}

#[tokio::test]
async fn a_login_leads_to_our_own_pages_and_nowhere_else() {
    let stage = Stage::new().await;
    let evil = [
        "https://evil.example.com/",
        "//evil.example.com",
        "///evil.example.com",
        "/\\evil.example.com",
        "\\\\evil.example.com",
        "/%09/evil.example.com",
        "/\t/evil.example.com",
        "/.//evil.example.com",
        "/x/..//evil.example.com",
        "javascript:alert(1)",
        "evil.example.com",
        "@evil.example.com",
        "/login",
        "/login/callback?code=x",
        "/logout",
        "/logged-out",
        "/%6cogin\n",
    ];
    let long = format!("/{}", "x".repeat(2000));
    for to in evil.into_iter().chain([long.as_str()]) {
        let mut browser = Browser::default();
        let encoded: String = url::form_urlencoded::byte_serialize(to.as_bytes()).collect();
        let asked = browser.begin(&stage, &encoded).await;
        let back = stage.issuer.visit(&asked).await.unwrap();
        let on = refresh(&browser.arrive(&stage, &back).await.text).unwrap();
        let base = url::Url::parse(PUBLIC).unwrap();
        assert_eq!(base.join(&on).unwrap().origin(), base.origin(), "{to} led to {on}");
        assert!(!on.starts_with("//") && !on.starts_with("/log"), "{to} led to {on}");
        // And likewise for whoever is logged in already.
        let seen = browser.get(&stage, &format!("/login?to={encoded}")).await;
        let on = seen.headers[header::LOCATION].to_str().unwrap();
        assert_eq!(base.join(on).unwrap().origin(), base.origin(), "{to} led to {on}");
    }
}

#[tokio::test]
async fn only_the_public_host_is_answered() {
    let stage = Stage::new().await;
    let ask = |host: &str, path: &str| Request::get(path).header(header::HOST, host).body(Body::empty()).unwrap();
    for host in
        ["evil.example", "console.example.com.evil.example", "", "console.example.com@evil.example", "127.0.0.1"]
    {
        for path in ["/", "/login", "/api/v1/overview", "/assets/x"] {
            let seen = stage.send(ask(host, path)).await;
            assert_eq!(seen.status, StatusCode::MISDIRECTED_REQUEST, "{host} {path}");
            assert!(seen.text.contains(r#""code":"host_refused""#));
        }
    }
    // Some gateways put the host into the target. Whoever names two hosts names one that is not ours.
    let two = stage.send(ask("console.example.com", "https://evil.example/login")).await;
    assert_eq!(two.status, StatusCode::MISDIRECTED_REQUEST);
    for good in ["console.example.com", "Console.Example.com:443"] {
        assert_eq!(stage.send(ask(good, "/login")).await.status, StatusCode::SEE_OTHER, "{good}");
    }
    assert_eq!(
        stage.send(ask("console.example.com", "https://console.example.com/")).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(stage.send(ask("10.0.0.7", "/health")).await.status, StatusCode::OK);
}
