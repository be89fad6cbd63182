//! The whole login, and out again.

use crate::stage::{Browser, NEXT_KEY, PUBLIC, Stage, csrf, refresh};
use console::{Gateway, GatewayError, GatewaySettings, Options};
use http::{StatusCode, header};
use jiff::SignedDuration;
use serde_json::json;

#[tokio::test]
async fn a_person_who_wants_a_page_logs_in_and_is_led_to_it() {
    let (stage, mut browser) = (Stage::new().await, Browser::default());
    let closed = browser.arrive(&stage, &format!("{PUBLIC}/exports?state=held&order=%26x")).await;
    assert_eq!(closed.status, StatusCode::UNAUTHORIZED);
    let (_, link) = closed.text.split_once(r#"class="button" href=""#).unwrap();
    let link = link.split('"').next().unwrap();
    assert_eq!(link, "/login?to=%2Fexports%3Fstate%3Dheld%26order%3D%2526x");
    let asked = browser.begin(&stage, "%2Fexports%3Fstate%3Dheld%26order%3D%2526x").await;
    assert!(!asked.contains("prompt="), "{asked}");
    let back = stage.issuer.visit(&asked).await.unwrap();
    let welcome = browser.arrive(&stage, &back).await;
    assert_eq!(welcome.status, StatusCode::OK, "{}", welcome.text);
    assert!(welcome.headers.get(header::LOCATION).is_none(), "a redirect would lose the strict cookie");
    let on = refresh(&welcome.text).unwrap();
    assert_eq!(on, "/exports?state=held&order=%26x");
    assert_eq!(browser.get(&stage, &on).await.status, StatusCode::OK);
    let names: Vec<_> =
        browser.cookies.iter().map(|(name, (_, same_site))| (name.as_str(), same_site.as_str())).collect();
    assert_eq!(names, [("__Host-backhaul_session", "Strict")], "the login's own cookie is gone");
}

#[tokio::test]
async fn the_cookie_of_a_login_under_way_is_lax_and_keeps_the_verifier_to_us() {
    let (stage, mut browser) = (Stage::new().await, Browser::default());
    let asked = browser.begin(&stage, "/").await;
    let (value, same_site) = &browser.cookies["__Host-backhaul_login"];
    assert_eq!(same_site, "Lax");
    let payload = data_encoding::BASE64URL_NOPAD.decode(value.split('.').next().unwrap().as_bytes()).unwrap();
    let said = String::from_utf8(payload).unwrap();
    let fields: Vec<String> =
        serde_json::from_str::<serde_json::Value>(&said).unwrap().as_object().unwrap().keys().cloned().collect();
    assert_eq!(fields, ["e", "n", "r", "s"], "{said}");
    let challenge = asked.split("code_challenge=").nth(1).unwrap().split('&').next().unwrap();
    assert!(!said.contains(challenge));
}

#[tokio::test]
async fn whoever_is_logged_in_and_comes_from_another_site_is_led_on_without_asking_again() {
    let (stage, mut browser) = (Stage::new().await, Browser::default());
    browser.log_in(&stage).await;
    assert_eq!(browser.arrive(&stage, &format!("{PUBLIC}/connections")).await.status, StatusCode::UNAUTHORIZED);
    let on = browser.get(&stage, "/login?to=%2Fconnections").await;
    assert_eq!((on.status, on.headers[header::LOCATION].to_str().unwrap()), (StatusCode::SEE_OTHER, "/connections"));
}

#[tokio::test]
async fn a_session_ends_after_eight_hours() {
    let (stage, mut browser) = (Stage::new().await, Browser::default());
    browser.log_in(&stage).await;
    stage.clock.advance(SignedDuration::from_secs(8 * 3600 - 1));
    assert_eq!(browser.get(&stage, "/").await.status, StatusCode::OK);
    stage.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(browser.get(&stage, "/").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn logging_out_closes_the_pages_here_and_at_the_identity_provider() {
    let (stage, mut browser) = (Stage::new().await, Browser::default());
    browser.log_in(&stage).await;
    let token = csrf(&browser.get(&stage, "/").await.text);
    let out = browser.post(&stage, "/logout", &format!("csrf={token}")).await;
    // A form may not lead to another host, not even by a redirect.
    assert_eq!(out.status, StatusCode::OK);
    assert!(out.headers["content-security-policy"].to_str().unwrap().contains("form-action 'self'"));
    assert!(browser.cookies.is_empty());
    let back = stage.issuer.visit(&refresh(&out.text).unwrap()).await.unwrap();
    let end = browser.arrive(&stage, &back).await;
    assert!(end.status == StatusCode::OK && end.text.contains("You are logged out"), "{}", end.text);
    assert_eq!(browser.get(&stage, "/").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn logging_out_works_without_a_place_to_go_to() {
    let (stage, mut browser) = (Stage::new().await, Browser::default());
    stage.issuer.conduct.lock().unwrap().described = vec![("end_session_endpoint", json!(null))];
    browser.log_in(&stage).await;
    let token = csrf(&browser.get(&stage, "/").await.text);
    let out = browser.post(&stage, "/logout", &format!("csrf={token}")).await;
    assert_eq!((out.status, &out.headers[header::LOCATION]), (StatusCode::SEE_OTHER, &"/logged-out".parse().unwrap()));
    assert!(browser.cookies.is_empty() && browser.get(&stage, "/logged-out").await.status == StatusCode::OK);
}

#[tokio::test]
async fn a_form_without_its_sessions_token_is_refused_on_every_instance() {
    let stage = Stage::new().await;
    let (mut mine, mut other) = (Browser::default(), Browser::default());
    mine.log_in(&stage).await;
    other.log_in(&stage).await;
    let others = csrf(&other.get(&stage, "/").await.text);
    for form in ["", "csrf=", "csrf=guess", &format!("csrf={others}"), &format!("csrf=&csrf={others}")] {
        for path in ["/logout", "/dead-letters/preview", "/connections/shop/pause", "/exports/exp_x/decide"] {
            assert_eq!(mine.post(&stage, path, form).await.status, StatusCode::FORBIDDEN, "{path} {form}");
        }
    }
    assert_eq!(mine.get(&stage, "/").await.status, StatusCode::OK, "still logged in");
}

#[tokio::test]
async fn a_change_of_the_key_ends_no_session_while_the_previous_one_is_known() {
    let (mut stage, mut browser, mut late) = (Stage::new().await, Browser::default(), Browser::default());
    browser.log_in(&stage).await;
    let token = csrf(&browser.get(&stage, "/").await.text);
    let asked = late.begin(&stage, "/").await;
    stage.settings.previous_key = Some(std::mem::replace(&mut stage.settings.key, NEXT_KEY.into()));
    assert_eq!(csrf(&browser.get(&stage, "/").await.text), token, "forms that are open stay good");
    // A login that began under the previous key ends under the next.
    let back = stage.issuer.visit(&asked).await.unwrap();
    assert_eq!(late.arrive(&stage, &back).await.status, StatusCode::OK);
    stage.settings.previous_key = None;
    assert_eq!(browser.get(&stage, "/").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(late.get(&stage, "/").await.status, StatusCode::OK);
}

#[test]
fn settings_that_would_not_hold_are_refused_at_start() {
    let key = || "0123456789abcdef0123456789abcdef".into();
    let good = || GatewaySettings::new("https://id.example.com", "console", key());
    let options = |url: &str| Options { public_url: Some(url.to_owned()), ..Options::default() };
    let made = |settings: &GatewaySettings, url: &str| Gateway::new(settings, &options(url)).err();
    assert_eq!(made(&good(), PUBLIC), None);
    assert_eq!(made(&good(), &format!("{PUBLIC}/")), None);
    for url in ["http://console.example.com", "https://console.example.com/stage", "console.example.com", ""] {
        assert_eq!(made(&good(), url), Some(GatewayError::PublicUrl), "{url}");
    }
    assert_eq!(Gateway::new(&good(), &Options::default()).err(), Some(GatewayError::PublicUrl));
    for (settings, error) in [
        (GatewaySettings { issuer: "http://id.example.com".into(), ..good() }, GatewayError::Issuer),
        (GatewaySettings { client_id: String::new(), ..good() }, GatewayError::ClientId),
        (GatewaySettings { scopes: "email profile".into(), ..good() }, GatewayError::Scopes),
        (GatewaySettings { tenant_claim: String::new(), ..good() }, GatewayError::TenantClaim),
        (GatewaySettings { role_claim: String::new(), ..good() }, GatewayError::RoleClaim),
        (GatewaySettings { key: "short".into(), ..good() }, GatewayError::Key),
        (GatewaySettings { previous_key: Some("short".into()), ..good() }, GatewayError::Key),
    ] {
        assert_eq!(made(&settings, PUBLIC), Some(error));
    }
}
