//! Every call and shape of the documented surface that this program has so far, by its names.

use crate::stage::{Options, SOON, Stage, TOKEN, books, eventually, market, parcels, shop};
use serde_json::{Value, json};

/// The keys an object must have; others are welcome.
fn has(object: &Value, keys: &str) {
    for key in keys.split(' ') {
        assert!(object.get(key).is_some(), "no {key} in {object}");
    }
}

/// RFC 3339 in UTC with `Z`.
fn is_instant(value: &Value) {
    let text = value.as_str().unwrap_or_default();
    assert!(text.len() >= 20 && text.ends_with('Z') && text.as_bytes()[10] == b'T', "no instant: {value}");
}

/// A refusal as the surface wants it.
#[expect(clippy::needless_pass_by_value, reason = "callers write the call where they check it")]
fn refused(answer: crate::http::Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.header("content-type"), "application/problem+json", "{}", answer.text);
    has(&answer.json, "type title detail code next_step");
    assert_eq!(answer.json["code"], code, "{}", answer.text);
}

const EXPORT: &str = "id tenant order operation subject source target state code attempts created_at changed_at \
                      duplicates revision in_doubt hold became receipt next_step";
const CONNECTION: &str = "id tenant role connector label state settings secrets switches rules mappings webhook_url \
                          offers missing pause last_error now_eligible check";
const JOB: &str = "id kind state dry_run found matched already_delivered queued redriven ids";

#[test]
fn health_is_open_and_the_api_wants_its_token() {
    let stage = Stage::empty(Options::default());
    assert_eq!(stage.raw("GET", "/health", &[], None).status, 200);
    refused(stage.raw("GET", "/api/v1/overview", &[], None), 401, "unauthenticated");
    let wrong = [("Authorization", "Bearer something-else-entirely")];
    refused(stage.raw("GET", "/api/v1/overview", &wrong, None), 401, "unauthenticated");
    let right = format!("Bearer {TOKEN}");
    assert_eq!(stage.raw("GET", "/api/v1/overview", &[("Authorization", &right)], None).status, 200);
    refused(stage.api("GET", "/no-such-call", Value::Null), 404, "unknown_path");
    refused(stage.api("GET", "/exports/exp_nobody", Value::Null), 404, "unknown_export");
    refused(stage.api("GET", "/connections/nobody", Value::Null), 404, "unknown_connection");
    refused(stage.api("GET", "/jobs/nobody", Value::Null), 404, "unknown_job");
}

#[test]
fn the_open_api_page_names_every_call() {
    let stage = Stage::empty(Options::default());
    let page = stage.get("/openapi.json");
    assert!(page["openapi"].as_str().is_some_and(|version| version.starts_with("3.")), "{}", page["openapi"]);
    let paths: Vec<&String> = page["paths"].as_object().unwrap().keys().collect();
    for call in [
        "/connectors",
        "/words",
        "/connections",
        "/connections/{id}",
        "/connections/{id}/check",
        "/connections/{id}/pause",
        "/connections/{id}/resume",
        "/exports",
        "/exports/{id}",
        "/exports/{id}/retry",
        "/exports/{id}/resolve",
        "/dead-letters/redrive",
        "/dead-letters/dismiss",
        "/jobs/{id}",
        "/overview",
        "/orders/{channel}/{reference}",
    ] {
        assert!(paths.iter().any(|path| path.ends_with(call)), "{call} is not among {paths:?}");
    }
}

#[test]
fn connectors_are_data_with_fields_operations_and_webhooks() {
    let stage = Stage::empty(Options::default());
    let shown = stage.get("/connectors");
    assert!(shown["next"].is_null());
    let named = |id: &str| {
        let all = shown["connectors"].as_array().unwrap();
        all.iter().find(|connector| connector["id"] == id).unwrap_or_else(|| panic!("no {id}")).clone()
    };
    for (id, role, fields) in [
        ("fakturoid", "accounting", "slug client_id contact_email client_secret* webhook_authorization*"),
        ("sendcloud", "courier", "public_key secret_key* webhook_signature_key*"),
        ("magento", "channel", "auth store_code consumer_key consumer_secret* access_token* access_token_secret*"),
        ("mirakl", "channel", "invoice_type_code credit_note_type_code shop_id api_key*"),
    ] {
        let connector = named(id);
        has(&connector, "id label role fields operations webhook");
        assert_eq!(connector["role"], role);
        for name in fields.split(' ') {
            let secret = name.ends_with('*');
            let name = name.trim_end_matches('*');
            let field = connector["fields"].as_array().unwrap().iter().find(|field| field["name"] == name);
            let field = field.unwrap_or_else(|| panic!("{id} has no field {name}"));
            has(field, "name label help secret required default");
            assert_eq!(field["secret"], secret, "{id} {name}");
        }
        for operation in connector["operations"].as_array().unwrap() {
            has(operation, "name guarantee verified");
            assert!(["K", "N", "R", "U"].contains(&operation["guarantee"].as_str().unwrap()), "{operation}");
            let labels = ["live", "official_sample", "official_text", "secondary"];
            assert!(labels.contains(&operation["verified"].as_str().unwrap()), "{operation}");
        }
        assert_eq!(role == "channel", connector["operations"] != json!([]), "{id}");
    }
}

#[test]
fn every_state_hold_and_code_has_words_for_people() {
    let stage = Stage::empty(Options::default());
    let shown = stage.get("/words");
    let words = shown["words"].as_array().unwrap();
    for word in words {
        has(word, "label explanation");
        assert!(word["label"].as_str().is_some_and(|label| !label.is_empty()), "{word}");
    }
    let text = shown["words"].to_string();
    for word in "sending accepted delivered retrying held expired uncertain dead skipped planned order_unknown \
                 order_ambiguous order_mismatch predecessor document_not_ready not_paid_yet not_handed_over \
                 number_missing mapping_missing lines_unmatched preflight target_has_other rate_limited \
                 connection_paused settling vendor_error vendor_refused vendor_timeout vendor_unreachable \
                 vendor_nonsense error_inside_success crashed not_ours no_order_reference no_channel_matches \
                 credentials_refused unreachable not_that_vendor"
        .split_whitespace()
    {
        assert!(text.contains(&format!("\"{word}\"")), "no words for {word}");
    }
}

#[test]
fn a_connection_is_put_shown_changed_and_deleted() {
    let stage = Stage::empty(Options::default());
    let wish = shop();
    let made = stage.put(&wish);
    assert_eq!(made.status, 201, "{}", made.text);
    has(&made.json, CONNECTION);
    assert_eq!(made.json["state"], "active");
    assert_eq!(made.json["tenant"], "default");
    assert_eq!(made.json["check"]["ok"], true);
    is_instant(&made.json["check"]["at"]);
    for step in made.json["check"]["steps"].as_array().unwrap() {
        has(step, "name ok code message next_step");
    }
    assert_eq!(made.json["offers"], json!(["send_invoice", "send_credit_note", "refund_order", "send_tracking"]));
    assert!(made.json["missing"].as_array().is_some_and(|missing| !missing.is_empty()), "{}", made.text);
    assert_eq!(made.json["secrets"]["access_token"]["set"], true);
    is_instant(&made.json["secrets"]["access_token"]["changed_at"]);

    // Without its secrets it keeps them, and still works.
    let mut body = stage.body(&wish);
    body["secrets"] = json!({});
    body["label"] = "Renamed".into();
    let changed = stage.api("PUT", "/connections/shop", body.clone());
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!((&changed.json["label"], &changed.json["state"]), (&json!("Renamed"), &json!("active")));
    assert_eq!(changed.json["secrets"]["access_token"]["set"], true);
    assert_eq!(stage.get("/connections/shop")["label"], "Renamed");

    // A secret that is taken away is gone, and then nothing works.
    body["secrets"] = json!({"access_token": null});
    let without = stage.api("PUT", "/connections/shop", body);
    if without.status == 422 {
        refused(without, 422, "invalid_field");
    } else {
        assert_eq!(without.json["secrets"]["access_token"]["set"], false, "{}", without.text);
        assert_ne!(without.json["state"], "active", "{}", without.text);
    }
    assert_eq!(stage.api("DELETE", "/connections/shop", Value::Null).status, 204);
    refused(stage.api("GET", "/connections/shop", Value::Null), 404, "unknown_connection");
    refused(stage.api("DELETE", "/connections/shop", Value::Null), 404, "unknown_connection");
}

#[test]
fn a_connection_that_cannot_be_meant_is_refused_by_field() {
    let stage = Stage::empty(Options::default());
    let good = stage.body(&shop());
    let change = |at: &str, value: Value| {
        let mut body = good.clone();
        *body.pointer_mut(at).unwrap() = value;
        body
    };
    let mut settings = good["settings"].clone();
    settings["colour"] = "red".into();
    let mut without_base = good["settings"].clone();
    without_base.as_object_mut().unwrap().remove("base_url");
    for body in [
        change("/settings", settings),
        change("/settings", without_base),
        change("/switches", json!({"issue_documents": true})),
        change("/switches", json!({"send_everything": true})),
        change("/rules", json!({"order_pattern": "^[0-9]{9}$"})),
        change("/rules", json!({"invoice_when": "someday"})),
        change("/rules", json!({"invoice_when": "issued", "order_pattern": "("})),
        change("/role", json!("courier")),
        change("/secrets", json!({"pass_phrase": "x"})),
    ] {
        let answer = stage.api("PUT", "/connections/shop", body.clone());
        assert_eq!(answer.status, 422, "{body} was answered {}", answer.text);
        assert!(answer.json["errors"].as_array().is_some_and(|errors| !errors.is_empty()), "{}", answer.text);
        refused(answer, 422, "invalid_field");
    }
    assert_ne!(stage.api("PUT", "/connections/Shop!", good.clone()).status, 201);
    assert_eq!(stage.api("PUT", "/connections/shop", change("/connector", json!("no-such-vendor"))).status / 100, 4);
    assert_eq!(stage.get("/connections")["connections"], json!([]));
}

#[test]
fn a_connection_whose_check_fails_is_kept_and_tells_what_to_do() {
    let stage = Stage::empty(Options::default());
    let mut body = stage.body(&market());
    body["secrets"]["api_key"] = "a-key-that-is-nobody's".into();
    let put = stage.api("PUT", "/connections/market", body);
    assert_eq!(put.status, 201, "{}", put.text);
    assert_eq!(put.json["state"], "unverified");
    let check = stage.post("/connections/market/check", Value::Null, 200);
    assert_eq!(check["ok"], false);
    let failed = check["steps"].as_array().unwrap().iter().find(|step| step["ok"] == false).unwrap();
    assert_eq!(failed["code"], "credentials_refused", "{failed}");
    assert!(failed["next_step"].as_str().is_some_and(|step| !step.is_empty()), "{failed}");
    let repaired = stage.put(&market());
    assert_eq!((repaired.status, &repaired.json["state"]), (200, &json!("active")));
    assert_eq!(stage.post("/connections/market/check", Value::Null, 200)["ok"], true);
}

#[test]
fn a_connection_is_paused_and_resumed_by_hand() {
    let stage = Stage::with(&[books(), market()]);
    let paused = stage.post("/connections/market/pause", Value::Null, 200);
    assert_eq!(paused["state"], "paused");
    assert_eq!(paused["pause"]["reason"], "by_hand");
    is_instant(&paused["pause"]["since"]);
    has(&paused["pause"], "next_probe next_step");
    let order = stage.order(json!({"reference": "MKP-1", "parcels": []}));
    stage.tell_document(&order["document"]["id"]);
    let held = stage.wait_held("order=MKP-1", "connection_paused");
    has(&held["hold"], "reason since until last_day next_step");
    assert_eq!(held["attempts"], 0);
    assert_eq!(stage.effect_count(""), 0);
    assert_eq!(stage.post("/connections/market/resume", Value::Null, 200)["state"], "active");
    stage.wait_export("order=MKP-1", &["delivered"], SOON);
    assert_eq!(stage.effect_count(""), 1);
}

#[test]
fn lists_are_paged_and_filters_combine() {
    let stage = Stage::usual();
    let shown = stage.get("/connections?limit=3");
    assert_eq!(shown["connections"].as_array().unwrap().len(), 3);
    let rest = stage.get(&format!("/connections?limit=3&cursor={}", shown["next"].as_str().unwrap()));
    assert_eq!((rest["connections"].as_array().unwrap().len(), &rest["next"]), (1, &Value::Null));

    for n in 1..=3 {
        stage.order(json!({"reference": format!("MKP-{n}"), "parcels": [{"tracking_number": format!("T-{n}")}]}));
        stage.order(json!({"channel": "magento", "reference": format!("00000000{n}"), "parcels": []}));
    }
    stage.wait_states("delivered", 9, SOON);
    let count = |filter: &str| stage.exports(filter).len();
    assert_eq!(count("state=delivered"), 9);
    assert_eq!(count("state=delivered&connection=market"), 6);
    assert_eq!(count("connection=market&operation=send_invoice"), 3);
    assert_eq!(count("connection=books&order=MKP-1"), 1);
    assert_eq!(count("document=T-2"), 1);
    assert_eq!(count("document=T-2&operation=send_invoice"), 0);
    assert_eq!(count("state=dead"), 0);
    let mut seen = vec![];
    let mut path = "/exports?state=delivered&limit=4".to_owned();
    loop {
        let page = stage.get(&path);
        let exports = page["exports"].as_array().unwrap();
        assert!(exports.len() <= 4);
        seen.extend(exports.iter().map(|export| export["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/exports?state=delivered&limit=4&cursor={next}");
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 9);
    for bad in ["limit=0", "limit=501", "state=lost", "colour=red", "cursor=nonsense"] {
        refused(stage.api("GET", &format!("/exports?{bad}"), Value::Null), 422, "invalid_field");
    }
}

#[test]
fn an_export_is_asked_for_by_hand_and_tried_without_being_sent() {
    let stage = Stage::with(&[books().setting("since", json!("2040-01-01T00:00:00Z")), market()]);
    let order = stage.order(json!({"reference": "MKP-1", "parcels": []}));
    let document = &order["document"];
    let trial = stage.post("/exports", json!({"source": "books", "document": document["id"], "trial": true}), 200);
    has(&trial, "requests preflight already_there");
    let upload = trial["requests"].as_array().unwrap().iter().find(|request| request["method"] == "POST");
    let upload = upload.unwrap_or_else(|| panic!("no upload in {trial}"));
    has(upload, "method url headers body");
    let key = stage.body(&market())["secrets"]["api_key"].as_str().unwrap().to_owned();
    assert!(!trial.to_string().contains(&key), "the trial shows the key");
    assert_eq!(stage.effect_count(""), 0);
    assert!(stage.exports("order=MKP-1").is_empty(), "a trial is written down");

    // By number as well as by id.
    let asked = stage.post("/exports", json!({"source": "books", "document": document["number"]}), 202);
    has(&asked, EXPORT);
    let export = stage.wait_export("order=MKP-1", &["delivered"], SOON);
    has(&export, EXPORT);
    has(&export, "attempt_log");
    assert_eq!(export["subject"], json!({"kind": "invoice", "id": document["id"], "number": document["number"]}));
    assert_eq!((&export["source"], &export["target"]), (&json!("books"), &json!("market")));
    assert_eq!(export["attempt_log"], json!([]));
    is_instant(&export["created_at"]);
    is_instant(&export["receipt"]["at"]);
    assert!(stage.exports("order=MKP-1")[0].get("attempt_log").is_none(), "lists leave the log out");

    let id = export["id"].as_str().unwrap();
    refused(stage.api("POST", &format!("/exports/{id}/retry"), Value::Null), 409, "conflict");
    refused(stage.api("POST", &format!("/exports/{id}/resolve"), json!({"outcome": "not_needed"})), 409, "conflict");
    let nobody = json!({"source": "nobody", "document": "1"});
    assert_eq!(stage.api("POST", "/exports", nobody).status / 100, 4);
    let nothing = json!({"source": "books"});
    refused(stage.api("POST", "/exports", nothing), 422, "invalid_field");
    assert_eq!(stage.effect_count(""), 1);
}

#[test]
fn a_held_export_is_retried_and_resolved() {
    let stage = Stage::with(&[books(), market()]);
    let document = stage.order(json!({"channel": null, "document": {"order_number": "MKP-9"}, "parcels": []}));
    stage.tell_document(&document["document"]["id"]);
    let look = stage.wait_held("order=MKP-9", "order_unknown");
    assert_eq!((&look["operation"], &look["target"]), (&json!("look"), &Value::Null));
    has(&look["hold"], "reason since until last_day next_step");
    is_instant(&look["hold"]["last_day"]);
    let id = look["id"].as_str().unwrap();
    stage.post(&format!("/exports/{id}/retry"), Value::Null, 202);
    let gone = json!({"outcome": "not_needed", "note": "sold by telephone"});
    // While the retry has it, there is nothing to decide.
    eventually("it can be decided", SOON, || {
        let answer = stage.api("POST", &format!("/exports/{id}/resolve"), gone.clone());
        assert!([202, 409].contains(&answer.status), "{}", answer.text);
        (answer.status == 202).then_some(())
    });
    eventually("it is dismissed", SOON, || {
        let export = stage.get(&format!("/exports/{id}"));
        (export["state"] == "skipped" && export["code"] == "dismissed").then_some(())
    });
    let again = json!({"outcome": "arrived"});
    refused(stage.api("POST", &format!("/exports/{id}/resolve"), again), 409, "conflict");
    refused(stage.api("POST", &format!("/exports/{id}/resolve"), json!({"outcome": "lost"})), 422, "invalid_field");
}

#[test]
fn dead_letters_are_redriven_and_dismissed_by_jobs() {
    let stage = Stage::with(&[books(), market()]);
    stage.fault(
        json!({"vendor": "mirakl", "match": "OR74", "kind": "answer", "status": 400, "body": {"message": "no"}}),
    );
    for n in 1..=3 {
        let order = stage.order(json!({"reference": format!("MKP-{n}"), "parcels": []}));
        stage.tell_document(&order["document"]["id"]);
    }
    stage.wait_states("dead", 3, SOON);
    stage.heal();
    for path in ["/dead-letters/redrive", "/dead-letters/dismiss"] {
        refused(stage.api("POST", path, json!({"filter": {}})), 422, "empty_filter");
        refused(stage.api("POST", path, json!({})), 422, "empty_filter");
        assert_eq!(stage.api("POST", path, json!({"filter": {"colour": "red"}})).status, 422);
    }
    let ended = |job: &Value| {
        has(job, JOB);
        let path = format!("/jobs/{}", job["id"].as_str().unwrap());
        eventually("the job ends", SOON, || {
            let job = stage.get(&path);
            (job["state"] == "done").then_some(job)
        })
    };
    let dry = ended(&stage.post("/dead-letters/redrive", json!({"filter": {"all": true}, "dry_run": true}), 202));
    assert_eq!((&dry["matched"], &dry["redriven"], &dry["dry_run"]), (&json!(3), &json!(0), &json!(true)), "{dry}");
    assert_eq!(dry["ids"].as_array().unwrap().len(), 3);
    assert_eq!(stage.states()["dead"], 3);

    let ids = json!([stage.exports("order=MKP-1")[0]["id"]]);
    let filter = json!({"filter": {"ids": ids}, "note": "sent by post"});
    let dismissed = ended(&stage.post("/dead-letters/dismiss", filter, 202));
    assert_eq!(dismissed["matched"], 1, "{dismissed}");
    stage.wait_export("order=MKP-1", &["skipped"], SOON);
    let filter = json!({"filter": {"connection": "market", "operation": "send_invoice"}, "note": "healed"});
    let real = ended(&stage.post("/dead-letters/redrive", filter, 202));
    assert_eq!((&real["matched"], &real["redriven"]), (&json!(2), &json!(2)), "{real}");
    for order in ["order=MKP-2", "order=MKP-3"] {
        let export = stage.wait_export(order, &["delivered"], SOON);
        assert_eq!(export["attempt_log"].as_array().unwrap().len(), 3, "a success keeps the failed history");
    }
    assert_eq!(stage.effect_count(""), 2);
}

#[test]
fn an_orders_timeline_and_the_overview_tell_what_became_of_it() {
    let stage = Stage::usual();
    let wish = json!({"reference": "MKP-1", "parcels": [{"tracking_number": "T-1", "carrier": "dpd"}]});
    let order = stage.order(wish);
    stage.tell_document(&order["document"]["id"]);
    stage.tell_parcel(&json!("T-1"));
    stage.wait_states("delivered", 2, SOON);
    let timeline = stage.get("/orders/market/MKP-1");
    has(&timeline, "order channel aliases state documents parcels exports events");
    assert_eq!((&timeline["order"], &timeline["channel"]), (&json!("MKP-1"), &json!("market")));
    assert_eq!(timeline["documents"][0]["number"], order["document"]["number"]);
    assert_eq!(timeline["exports"].as_array().unwrap().iter().filter(|e| e["state"] == "delivered").count(), 2);
    let parcel = &timeline["parcels"][0];
    has(parcel, "tracking_number carrier delivery_state states");
    assert_eq!((&parcel["tracking_number"], &parcel["delivery_state"]), (&json!("T-1"), &json!("in_transit")));
    has(&parcel["states"][0], "state at raw");
    assert!(!timeline["events"].as_array().unwrap().is_empty());
    refused(stage.api("GET", "/orders/market/MKP-404", Value::Null), 404, "unknown_order");

    let overview = stage.get("/overview");
    has(&overview, "states connections queue duplicates_suppressed");
    has(&overview["queue"], "visible in_flight dead_letters");
    let market = overview["connections"].as_array().unwrap().iter().find(|c| c["id"] == "market").unwrap();
    has(market, "id state delivered_24h held dead oldest_waiting");
    assert_eq!(market["delivered_24h"], 2);
}

#[test]
fn a_source_shows_what_it_has_and_a_target_what_it_knows() {
    let stage = Stage::usual();
    let order = stage.order(json!({"reference": "MKP-1", "parcels": []}));
    stage.wait_export("order=MKP-1", &["delivered"], SOON);
    let shown = stage.get("/connections/books/documents?limit=10");
    let line = shown["documents"].as_array().unwrap().iter().find(|d| d["id"] == order["document"]["id"]);
    assert!(line.is_some_and(|line| line["exports"].to_string().contains("delivered")), "{shown}");
    has(&stage.get("/connections/market/mappings"), "proposals unmapped");
}

#[test]
fn a_second_program_on_the_same_data_is_refused() {
    let stage = Stage::empty(Options::default());
    assert!(!stage.starts_beside_itself(), "two programs share one data directory");
    assert_eq!(stage.raw("GET", "/health", &[], None).status, 200);
    stage.put(&parcels());
}
