use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Reply, Sandbox, call, text, upload};

/// An upload to the practice Mirakl; `None` when the connection was closed.
async fn upload_to(sandbox: &Sandbox, order: &str) -> Option<Reply> {
    let key = text(&sandbox.vendor("mirakl").await, "/secrets/api_key").to_owned();
    let (kind, body) = upload("a.pdf", "CUSTOMER_INVOICE", b"%PDF");
    let headers = [("authorization", key.as_str()), ("content-type", kind.as_str())];
    call(sandbox.address, "POST", &format!("/mirakl/api/orders/{order}/documents"), &headers, &body).await
}

async fn with_fault(fault: Value) -> Sandbox {
    let sandbox = Sandbox::start().await;
    sandbox.order(json!({"reference": "O-1-A"})).await;
    sandbox.control("POST", "/faults", fault).await;
    sandbox
}

async fn documents(sandbox: &Sandbox) -> u64 {
    sandbox.effects("mirakl", "documents").await
}

#[tokio::test]
async fn answer_answers_falsely_without_the_effect_and_ends_after_n() {
    let sandbox =
        with_fault(json!({"vendor": "mirakl", "match": "POST /api/orders", "kind": "answer", "n": 1, "status": 500,
                          "body": {"message": "no"}}))
        .await;
    let reply = upload_to(&sandbox, "O-1-A").await.unwrap();
    assert_eq!((reply.status, reply.json()), (500, json!({"message": "no"})));
    assert_eq!(documents(&sandbox).await, 0);
    assert_eq!(upload_to(&sandbox, "O-1-A").await.unwrap().status, 200);
    assert_eq!(documents(&sandbox).await, 1);
}

#[tokio::test]
async fn answer_after_does_the_effect_first() {
    let sandbox = with_fault(
        json!({"vendor": "mirakl", "match": "OR74", "kind": "answer_after", "status": 504, "body": "<html>"}),
    )
    .await;
    let reply = upload_to(&sandbox, "O-1-A").await.unwrap();
    assert_eq!((reply.status, reply.body.as_slice()), (504, &b"<html>"[..]));
    assert_eq!(documents(&sandbox).await, 1);
}

#[tokio::test]
async fn a_dropped_connection_has_no_answer_with_or_without_the_effect() {
    let sandbox = with_fault(json!({"vendor": "mirakl", "kind": "drop_before", "n": 1})).await;
    assert!(upload_to(&sandbox, "O-1-A").await.is_none());
    assert_eq!(documents(&sandbox).await, 0);
    sandbox.control("POST", "/faults", json!({"vendor": "mirakl", "kind": "drop_after", "n": 1})).await;
    assert!(upload_to(&sandbox, "O-1-A").await.is_none());
    assert_eq!(documents(&sandbox).await, 1);
}

#[tokio::test]
async fn a_delay_answers_rightly_but_late() {
    let sandbox = with_fault(json!({"vendor": "mirakl", "kind": "delay", "seconds": 0.2})).await;
    let started = Instant::now();
    assert_eq!(upload_to(&sandbox, "O-1-A").await.unwrap().status, 200);
    assert!(started.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn a_rate_limit_says_when_to_come_back() {
    let sandbox = with_fault(json!({"vendor": "mirakl", "kind": "rate_limit", "seconds": 7})).await;
    let reply = upload_to(&sandbox, "O-1-A").await.unwrap();
    assert_eq!((reply.status, reply.headers["retry-after"].as_str()), (429, "7"));
    assert_eq!(documents(&sandbox).await, 0);
}

#[tokio::test]
async fn a_vendor_that_is_down_closes_or_answers_503_and_another_one_is_unhindered() {
    let sandbox = with_fault(json!({"vendor": "mirakl", "kind": "down"})).await;
    assert!(upload_to(&sandbox, "O-1-A").await.is_none());
    let other = sandbox.send("GET", "/mirakl-2/api/version", &[], b"").await;
    assert_eq!(other.status, 200);
    assert_eq!(sandbox.control("DELETE", "/faults", json!({})).await["cleared"], 1);
    let fault = sandbox.control("POST", "/faults", json!({"vendor": "mirakl", "kind": "down", "status": 503})).await;
    assert_eq!(upload_to(&sandbox, "O-1-A").await.unwrap().status, 503);
    sandbox.control("DELETE", &format!("/faults/{}", text(&fault, "/id")), json!({})).await;
    assert_eq!(upload_to(&sandbox, "O-1-A").await.unwrap().status, 200);
}

#[tokio::test]
async fn a_late_effect_comes_after_the_connection_is_gone() {
    let sandbox = with_fault(json!({"vendor": "mirakl", "kind": "late_effect", "n": 1, "seconds": 0.3})).await;
    assert!(upload_to(&sandbox, "O-1-A").await.is_none());
    assert_eq!(documents(&sandbox).await, 0);
    let page = sandbox.control("GET", "/wait?vendor=mirakl&effects=1&timeout=10", json!({})).await;
    assert_eq!(page["reached"], true);
}

#[tokio::test]
async fn a_late_effect_survives_a_restart_and_comes_once() {
    let sandbox = with_fault(json!({"vendor": "mirakl", "kind": "late_effect", "n": 1, "seconds": 0.5})).await;
    assert!(upload_to(&sandbox, "O-1-A").await.is_none());
    let sandbox = sandbox.restart().await;
    let page = sandbox.control("GET", "/wait?vendor=mirakl&effects=1&timeout=10", json!({})).await;
    assert_eq!(page["reached"], true);
    let sandbox = sandbox.restart().await;
    let page = sandbox.control("GET", "/wait?vendor=mirakl&effects=2&timeout=0.2", json!({})).await;
    assert_eq!((page["reached"].clone(), page["effects"].clone()), (json!(false), json!(1)));
}

#[tokio::test]
async fn a_late_effect_with_a_wrong_key_is_refused_at_once() {
    let sandbox = with_fault(json!({"vendor": "mirakl", "kind": "late_effect", "seconds": 0})).await;
    let headers = [("authorization", "wrong")];
    let reply = call(sandbox.address, "PUT", "/mirakl/api/orders/O-1-A/ship", &headers, b"").await;
    assert_eq!(reply.unwrap().status, 401);
}

#[tokio::test]
async fn a_paused_call_waits_before_or_after_its_effect_until_released() {
    for (when, effects_while_paused) in [("before", 0), ("after", 1)] {
        let sandbox = Sandbox::start().await;
        sandbox.order(json!({"reference": "O-1-A"})).await;
        let fault = json!({"vendor": "mirakl", "match": "OR74", "kind": "pause", "when": when, "n": 1});
        let fault = sandbox.control("POST", "/faults", fault).await;
        let id = text(&fault, "/id");
        let watch = async {
            let page = sandbox.control("GET", "/wait?paused=1&timeout=10", json!({})).await;
            assert_eq!(page["reached"], true);
            assert_eq!(documents(&sandbox).await, effects_while_paused);
            sandbox.control("POST", &format!("/faults/{id}/release"), json!({})).await;
        };
        let (reply, ()) = tokio::join!(upload_to(&sandbox, "O-1-A"), watch);
        assert_eq!(reply.unwrap().status, 200);
        assert_eq!(documents(&sandbox).await, 1);
    }
}

#[tokio::test]
async fn a_hanging_vendor_lets_go_when_the_fault_is_ended() {
    let sandbox = with_fault(json!({"vendor": "mirakl", "kind": "down", "seconds": 600})).await;
    let heal = async {
        let page = sandbox.control("GET", "/wait?vendor=mirakl&calls=1&timeout=10", json!({})).await;
        assert_eq!(page["reached"], true);
        sandbox.control("DELETE", "/faults", json!({})).await;
    };
    let (reply, ()) = tokio::join!(upload_to(&sandbox, "O-1-A"), heal);
    assert!(reply.is_none());
    assert_eq!(documents(&sandbox).await, 0);
}

#[tokio::test]
async fn a_door_refuses_while_it_is_shut_and_opens_again_at_the_same_address() {
    let sandbox = Sandbox::start().await;
    let door = sandbox.control("PUT", "/doors/mirakl", json!({"open": true})).await;
    let base = text(&door, "/base_url").to_owned();
    let address = base.trim_start_matches("http://").trim_end_matches("/mirakl").parse().unwrap();
    let version = async || call(address, "GET", "/mirakl/api/version", &[], b"").await;
    assert_eq!(version().await.unwrap().status, 200);
    sandbox.control("PUT", "/doors/mirakl", json!({"open": false})).await;
    let refused = tokio::net::TcpStream::connect(address).await;
    assert_eq!(refused.unwrap_err().kind(), std::io::ErrorKind::ConnectionRefused);
    assert_eq!(sandbox.send("GET", "/mirakl/api/version", &[], b"").await.status, 200);
    let again = sandbox.control("PUT", "/doors/mirakl", json!({"open": true})).await;
    assert_eq!(text(&again, "/base_url"), base);
    assert_eq!(version().await.unwrap().status, 200);
}
