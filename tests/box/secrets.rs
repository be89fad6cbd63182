//! After a busy day no secret is to be read where it should not be.

use crate::stage::{Options, SOON, Stage, TOKEN, books, market, parcels, shop};
use serde_json::{Value, json};
use std::path::Path;

/// Every file under a directory.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = vec![];
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    found
}

fn holds(text: &[u8], secret: &str) -> bool {
    text.windows(secret.len()).any(|window| window == secret.as_bytes())
}

#[test]
fn no_secret_is_in_logs_answers_or_data() {
    let options = Options { listening: true, ..Options::default() };
    let wishes = [books(), parcels(), shop(), market()];
    let stage = Stage::with_options(options, &wishes);
    let mut secrets: Vec<String> = vec![];
    for wish in &wishes {
        let body = stage.body(wish);
        let values = body["secrets"].as_object().unwrap().values();
        for text in values.map(|value| value.as_str().unwrap()) {
            secrets.push(text.to_owned());
            // The whole header value, and the word in it.
            secrets.extend(text.strip_prefix("Bearer ").map(str::to_owned));
        }
        for secret in body["secrets"].as_object().unwrap().values() {
            busy(&stage, secret.as_str().unwrap());
        }
    }
    for n in 1..=5 {
        let order =
            stage.order(json!({"reference": format!("MKP-{n}"), "parcels": [{"tracking_number": format!("T-{n}")}]}));
        stage.tell_document(&order["document"]["id"]);
        stage.tell_parcel(&json!(format!("T-{n}")));
        stage.order(json!({"channel": "magento", "reference": format!("{n:09}")}));
    }
    stage.wait_states("delivered", 20, SOON);

    // A vendor that repeats our own secret in its words, and a webhook that is refused.
    let key = stage.body(&market())["secrets"]["api_key"].clone();
    let words = format!("the key {} may not do this", key.as_str().unwrap());
    stage.fault(
        json!({"vendor": "mirakl", "match": "OR74", "kind": "answer", "status": 400, "body": {"message": words}}),
    );
    let order = stage.order(json!({"reference": "MKP-9", "parcels": []}));
    let dead = stage.wait_export("order=MKP-9", &["dead"], SOON);
    assert!(dead["attempt_log"].to_string().contains("may not do this"), "{dead}");
    let trial = json!({"source": "books", "document": order["document"]["id"], "trial": true});
    stage.api("POST", "/exports", trial);
    for path in
        ["/connections", "/connectors", "/words", "/exports", "/overview", "/orders/market/MKP-9", "/openapi.json"]
    {
        stage.get(path);
    }
    for wish in &wishes {
        stage.post(&format!("/connections/{}/check", wish.id), Value::Null, 200);
    }
    stage.api(
        "PUT",
        "/connections/market",
        json!({"role": "channel", "connector": "mirakl", "secrets": {"api_key": key, "colour": key}}),
    );

    let log = std::fs::read(stage.log_file()).unwrap();
    assert!(log.len() > 500, "nothing was logged: {}", String::from_utf8_lossy(&log));
    let heard = stage.heard();
    assert!(heard.contains("\"set\":true"), "no connection was shown");
    assert!(secrets.len() >= 8, "{secrets:?}");
    let data = files(&stage.data());
    assert!(!data.is_empty());
    for secret in secrets.iter().map(String::as_str).chain([TOKEN]) {
        assert!(!holds(&log, secret), "a secret is in the log");
        assert!(!holds(heard.as_bytes(), secret), "a secret is in an answer of the API");
        for (name, bytes) in &data {
            assert!(!holds(bytes, secret), "a secret lies in clear in {name}");
        }
    }
}

/// The refused also get no echo.
fn busy(stage: &Stage, secret: &str) {
    let answer =
        stage.raw("POST", "/webhooks/accounting/books", &[("Authorization", "Bearer x")], Some(secret.as_bytes()));
    assert_eq!(answer.status, 401);
}
