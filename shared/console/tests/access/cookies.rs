//! Cookies that nobody of ours has set.

use crate::stage::{Browser, KEY, NEXT_KEY, Stage};
use data_encoding::BASE64URL_NOPAD;
use http::StatusCode;
use ring::hmac;

const SESSION: &str = "__Host-backhaul_session";

/// A cookie as we would sign it, if the key were this.
fn forge(label: &str, key: &str, payload: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    let tag = hmac::sign(&key, &[label.as_bytes(), b"\0", payload.as_bytes()].concat());
    format!("{}.{}", BASE64URL_NOPAD.encode(payload.as_bytes()), BASE64URL_NOPAD.encode(tag.as_ref()))
}

async fn status(stage: &Stage, cookie: &str) -> StatusCode {
    let mut browser = Browser::default();
    browser.cookies.insert(SESSION.into(), (cookie.into(), "Strict".into()));
    browser.get(stage, "/exports").await.status
}

#[tokio::test]
async fn a_session_is_what_our_key_has_signed_as_one_and_nothing_else() {
    let stage = Stage::new().await;
    let until = testkit::samples::noon().as_second() + 60;
    let payload = format!(r#"{{"t":"acme","s":"x","e":{until}}}"#);
    // This test knows how we sign: the one below must be good, or the rest would prove nothing.
    assert_eq!(status(&stage, &forge("backhaul.session.v1", KEY, &payload)).await, StatusCode::OK);
    let past = payload.replace(&until.to_string(), &(until - 60).to_string());
    for (what, cookie) in [
        ("another key", forge("backhaul.session.v1", NEXT_KEY, &payload)),
        ("run out", forge("backhaul.session.v1", KEY, &past)),
        ("another purpose", forge("backhaul.login.v1", KEY, &payload)),
        ("no date", forge("backhaul.session.v1", KEY, r#"{"t":"acme","s":"x"}"#)),
        (
            "far too late",
            forge("backhaul.session.v1", KEY, &payload.replace(&until.to_string(), &i64::MAX.to_string())),
        ),
        ("no JSON", forge("backhaul.session.v1", KEY, "acme")),
        ("no signature", BASE64URL_NOPAD.encode(payload.as_bytes())),
        ("empty", String::new()),
    ] {
        assert_eq!(status(&stage, &cookie).await, StatusCode::UNAUTHORIZED, "{what}");
    }
}

#[tokio::test]
async fn a_session_changed_by_one_character_is_none() {
    let (stage, mut browser) = (Stage::new().await, Browser::default());
    browser.log_in(&stage).await;
    let (good, _) = browser.cookies[SESSION].clone();
    assert_eq!(status(&stage, &good).await, StatusCode::OK);
    for at in 0..good.len() {
        let mut changed = good.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert_eq!(status(&stage, &changed).await, StatusCode::UNAUTHORIZED, "at {at}");
    }
}

#[tokio::test]
async fn the_cookie_of_a_login_under_way_opens_nothing() {
    let (stage, mut browser) = (Stage::new().await, Browser::default());
    browser.begin(&stage, "/").await;
    let (login, _) = browser.cookies["__Host-backhaul_login"].clone();
    assert_eq!(status(&stage, &login).await, StatusCode::UNAUTHORIZED);
}
