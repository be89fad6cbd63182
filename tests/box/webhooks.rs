//! What knocks at the webhooks' door and is not let in.

use crate::stage::{Options, SOON, Stage, books, eventually, market, memory, parcels};
use serde_json::{Value, json};

const MIB: usize = 1024 * 1024;

/// The header by which the accounting system proves itself.
fn authorization(stage: &Stage) -> String {
    stage.body(&books())["secrets"]["webhook_authorization"].as_str().unwrap().to_owned()
}

#[test]
fn only_what_is_signed_is_taken_and_only_what_can_be_read() {
    let stage = Stage::with(&[books(), parcels(), market()]);
    let authorization = authorization(&stage);
    let right = [("Authorization", authorization.as_str()), ("Content-Type", "application/json")];
    let wrong = [("Authorization", "Bearer of-somebody-else")];
    let path = "/webhooks/accounting/books";
    let status =
        |path: &str, headers: &[(&str, &str)], body: &[u8]| stage.raw("POST", path, headers, Some(body)).status;
    assert_eq!(status(path, &[], b"{}"), 401, "without a signature");
    assert_eq!(status(path, &wrong, b"{}"), 401, "with a wrong one");
    assert_eq!(status(path, &wrong, b"garbage"), 401, "who it is counts before what it says");
    assert_eq!(status("/webhooks/courier/parcels", &[("Sendcloud-Signature", "00ff")], b"{}"), 401);
    let deep = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
    for garbage in [&b""[..], b"garbage", b"{\"webhook_id\":", b"\xff\xfe{}", deep.as_bytes()] {
        assert_eq!(status(path, &right, garbage), 400, "{:?}", String::from_utf8_lossy(garbage));
    }
    for unknown in ["/webhooks/accounting/nobody", "/webhooks/courier/books", "/webhooks/bank/books"] {
        assert_eq!(status(unknown, &right, b"{}"), 404, "{unknown}");
    }
    let large = vec![b' '; MIB + 1];
    assert_eq!(status(path, &right, &large), 413);
    assert_eq!(status(path, &[], &large), 413, "size counts before who it is");
    assert_eq!(status("/webhooks/accounting/nobody", &[], &large), 413);

    for (vendor, role, id, subject) in
        [("fakturoid", "accounting", "books", "document"), ("sendcloud", "courier", "parcels", "parcel")]
    {
        let order = stage.order(json!({"reference": format!("MKP-{id}"), "parcels": [{}]}));
        let object = if subject == "parcel" { &order["parcels"][0]["id"] } else { &order["document"]["id"] };
        for tamper in ["signature", "body"] {
            if vendor == "fakturoid" && tamper == "body" {
                continue; // Its webhook carries a fixed word and signs nothing.
            }
            let wish = json!({"vendor": vendor, "url": stage.webhook(role, id), subject: object, "tamper": tamper});
            let sent = stage.vendor("POST", "/_sandbox/emit", wish);
            assert_eq!(sent["sent"][0]["status"], 401, "{vendor} {tamper}: {sent}");
        }
        // Both of the courier's keys are right.
        for secret_index in [0, 1] {
            let wish = json!({"vendor": vendor, "url": stage.webhook(role, id), subject: object,
                              "secret_index": secret_index});
            if vendor == "sendcloud" || secret_index == 0 {
                let sent = stage.vendor("POST", "/_sandbox/emit", wish);
                assert_eq!(sent["sent"][0]["status"], 202, "{vendor} {secret_index}: {sent}");
            }
        }
    }
}

#[test]
fn what_concerns_nothing_of_ours_is_taken_and_forgotten() {
    let stage = Stage::with(&[books()]);
    let authorization = authorization(&stage);
    let right = [("Authorization", authorization.as_str())];
    let other = json!({"webhook_id": 1, "event_name": "subject_created", "created_at": "2026-01-01T00:00:00Z",
                       "body": {"subject": {"id": 1}}});
    let answer = stage.raw("POST", "/webhooks/accounting/books", &right, Some(other.to_string().as_bytes()));
    assert_eq!((answer.status, &answer.json), (202, &json!({"accepted": 0})), "{}", answer.text);
}

#[test]
#[cfg(target_os = "linux")]
fn a_hundred_bodies_that_are_too_large_cost_little_memory() {
    let stage = Stage::with_options(Options::default(), &[books()]);
    let authorization = authorization(&stage);
    let before = memory(stage.pid(), "VmRSS:");
    let large = vec![b'x'; 8 * MIB];
    std::thread::scope(|scope| {
        for n in 0..100 {
            let (stage, authorization, large) = (&stage, &authorization, &large);
            scope.spawn(move || {
                // Some much too large, some by a byte.
                let body = if n % 2 == 0 { &large[..] } else { &large[..MIB + 1] };
                let headers = [("Authorization", authorization.as_str())];
                let answer = stage.raw("POST", "/webhooks/accounting/books", &headers, Some(body));
                assert_eq!(answer.status, 413);
            });
        }
    });
    let grown = memory(stage.pid(), "VmHWM:").saturating_sub(before);
    println!("grew by {grown} KiB from {before} KiB");
    assert!(grown <= 64 * 1024, "grew by {grown} KiB");
    eventually("it still answers", SOON, || (stage.raw("GET", "/health", &[], None).status == 200).then_some(()));
    assert_eq!(stage.api("GET", "/exports", Value::Null).json["exports"], json!([]));
}
