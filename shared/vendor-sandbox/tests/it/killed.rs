//! The program killed at work: what was answered is there, and once.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use serde_json::json;
use vendor_sandbox::{Options, start};

use crate::support::{Sandbox, call, text, upload};

const DATA: &str = "PRACTICE_DATA";

/// Not a test: the child process of the one below, which kills it.
#[tokio::test]
#[ignore = "serves until it is killed"]
async fn a_child_that_serves() {
    let Ok(data) = std::env::var(DATA) else { return };
    let options = Options { listen: "127.0.0.1:0".parse().unwrap(), data: data.into() };
    let running = start(options).await.unwrap();
    println!("\nlistening {}", running.address);
    running.wait().await.unwrap();
}

fn child(data: &std::path::Path) -> (Child, SocketAddr) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "killed::a_child_that_serves", "--nocapture"])
        .env(DATA, data)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut lines = lines.map_while(Result::ok);
    let address = lines.find_map(|line| line.strip_prefix("listening ").and_then(|text| text.parse().ok()));
    (child, address.expect("an address"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_before_a_kill_is_there_afterwards_and_once() {
    let sandbox = Sandbox::start().await;
    sandbox.order(json!({"reference": "O-1-A"})).await;
    let key = text(&sandbox.vendor("mirakl").await, "/secrets/api_key").to_owned();
    let data = sandbox.stop().await;
    let (mut process, address) = child(&data.path().join("practice"));
    let uploads = (0..40).map(|number| {
        let key = key.clone();
        tokio::spawn(async move {
            let (kind, body) = upload(&format!("{number}.pdf"), "CUSTOMER_INVOICE", b"%PDF");
            let headers = [("authorization", key.as_str()), ("content-type", kind.as_str())];
            let reply = call(address, "POST", "/mirakl/api/orders/O-1-A/documents", &headers, &body).await;
            reply.is_some_and(|reply| reply.status == 200)
        })
    });
    let uploads: Vec<_> = uploads.collect();
    let wait = call(address, "GET", "/_sandbox/wait?vendor=mirakl&effects=15&timeout=30", &[], b"").await;
    assert_eq!(wait.unwrap().json()["reached"], true);
    process.kill().unwrap();
    process.wait().unwrap();
    let mut answered = Vec::new();
    for (number, upload) in uploads.into_iter().enumerate() {
        if upload.await.unwrap_or(false) {
            answered.push(format!("{number}.pdf"));
        }
    }
    let sandbox = Sandbox::on(data).await;
    let page = sandbox.control("GET", "/effects?kind=documents", json!({})).await;
    assert_eq!(page["duplicates"], json!([]));
    let kept: Vec<&str> = page["effects"].as_array().unwrap().iter().map(|effect| text(effect, "/key")).collect();
    assert!(kept.len() >= 15, "{} effects were counted before the kill", kept.len());
    let lost: Vec<_> = answered.iter().filter(|name| !kept.contains(&name.as_str())).collect();
    assert!(lost.is_empty(), "answered and lost: {lost:?}");
    let headers = [("authorization", key.as_str())];
    let list = sandbox.send("GET", "/mirakl/api/orders/documents?order_ids=O-1-A", &headers, b"").await.json();
    assert_eq!(list["order_documents"].as_array().unwrap().len(), kept.len());
}
