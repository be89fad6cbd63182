//! Connections through the API.

use crate::support::{Console, KEY, books, market};
use console::Options;
use domain::{Operation, State};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::samples;

fn fields(problem: &Value) -> Vec<String> {
    problem["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_new_connection_is_201_checked_and_shows_no_secret() {
    let console = Console::new();
    let (status, new) = console.put("/connections/market", &market()).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(new["state"], "active");
    assert_eq!(new["check"]["ok"], true);
    assert_eq!(new["secrets"]["key"]["set"], true);
    assert_eq!(new["secrets"]["spare_key"], json!({"set": false, "changed_at": null}));
    assert_eq!(new["offers"], json!(["send_invoice"]));
    assert_eq!(new["missing"], json!(["no accounting connection yet"]));
    assert_eq!((&new["webhook_url"], &new["now_eligible"], &new["pause"]), (&Value::Null, &Value::Null, &Value::Null));
    let (status, again) = console.put("/connections/market", &market()).await;
    assert_eq!(status, StatusCode::OK);
    let (_, list) = console.get("/connections").await;
    for answer in [&new, &again, &list, &console.get("/connections/market").await.1] {
        assert!(!answer.to_string().contains(KEY), "{answer}");
    }
    assert_eq!(list["connections"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn every_wrong_field_is_named_and_nothing_is_saved() {
    let console = Console::new();
    let body = json!({
        "role": "channel", "connector": "market", "colour": "red",
        "settings": {"region": "moon", "size": 1, "key": "x", "base_url": "http://10.0.0.1"},
        "secrets": {"token": "x"},
        "switches": {"send_invoice": true, "send_tracking": true, "fly": true},
        "rules": {"order_pattern": "(", "colour": "red"},
        "mappings": {"colours": {}},
    });
    let (status, problem) = console.put("/connections/market", &body).await;
    assert_eq!((status.as_u16(), &problem["code"]), (422, &json!("invalid_field")));
    let mut named = fields(&problem);
    named.sort();
    assert_eq!(
        named,
        [
            "colour",
            "mappings.colours",
            "rules.colour",
            "rules.invoice_when",
            "secrets.key",
            "secrets.token",
            "settings.base_url",
            "settings.key",
            "settings.region",
            "settings.size",
            "switches.fly",
            "switches.send_tracking",
        ]
    );
    assert_eq!(console.get("/connections/market").await.0.as_u16(), 404);
}

#[tokio::test]
async fn a_list_is_never_taken_for_the_fields_of_an_object() {
    let console = Console::new();
    let part = json!({"rules": [null, null]});
    for (body, named) in [
        (json!({"mappings": [{}]}), "mappings"),
        (part.clone(), "rules"),
        (json!({"rules": {"also_known_as": ["number", "market"]}}), "rules.also_known_as"),
    ] {
        let mut whole = market();
        whole.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        let (status, problem) = console.put("/connections/market", &whole).await;
        assert_eq!(status.as_u16(), 422, "{body}");
        assert!(fields(&problem).contains(&named.to_owned()), "{body}: {problem}");
    }
    assert_eq!(console.put("/connections/market", &market()).await.0, StatusCode::CREATED);
    let (status, problem) = console.post("/connections/market/rules/preview", &part).await;
    assert_eq!((status.as_u16(), &fields(&problem)[0]), (422, &"rules".to_owned()));
    let (status, problem) = console.post("/dead-letters/redrive", &json!({"filter": [true]})).await;
    assert_eq!((status.as_u16(), fields(&problem)), (422, vec!["filter".to_owned()]));
}

#[tokio::test]
async fn single_faults_are_told_by_their_field() {
    let console = Console::new();
    let with = |path: &str, value: Value| {
        let mut body = market();
        *body.pointer_mut(path).unwrap() = value;
        body
    };
    for (body, field) in [
        (with("/role", json!("courier")), "role"),
        (with("/role", json!("pirate")), "role"),
        (with("/connector", json!("nobody")), "connector"),
        (with("/settings", json!({"poll_every": "often"})), "settings.region"),
        (with("/settings", json!({"region": "eu", "poll_every": "often"})), "settings.poll_every"),
        (with("/settings", json!({"region": "eu", "pace": "fast"})), "settings.pace"),
        (with("/rules", json!({"invoice_when": "paid", "order_pattern": "("})), "rules.order_pattern"),
        (with("/rules", json!({"invoice_when": "someday"})), "rules.invoice_when"),
        (with("/rules", json!({"invoice_when": "paid", "carry_when": {}})), "rules.carry_when"),
        (with("/secrets", json!({})), "secrets.key"),
        (with("/secrets", json!({"key": ""})), "secrets.key"),
        (with("/secrets", json!({"key": 1})), "secrets.key"),
        (json!({}), "role"),
        (json!([]), "body"),
    ] {
        let (status, problem) = console.put("/connections/market", &body).await;
        assert_eq!(status.as_u16(), 422, "{body}");
        assert!(fields(&problem).contains(&field.to_owned()), "{field}: {problem}");
    }
    let (status, problem) = console.put("/connections/NO", &market()).await;
    assert_eq!((status.as_u16(), fields(&problem)), (422, vec!["id".to_owned()]));
}

#[tokio::test]
async fn a_secret_left_out_stays_and_null_removes_it() {
    let console = Console::new();
    let mut body = market();
    body["secrets"]["spare_key"] = json!("spare");
    console.put("/connections/market", &body).await;
    body["secrets"] = json!({});
    let (_, kept) = console.put("/connections/market", &body).await;
    assert_eq!((&kept["secrets"]["key"]["set"], &kept["secrets"]["spare_key"]["set"]), (&json!(true), &json!(true)));
    assert_eq!(kept["state"], "active", "the stored secret still opens: {kept}");
    body["secrets"] = json!({"spare_key": null});
    let (_, removed) = console.put("/connections/market", &body).await;
    assert_eq!(removed["secrets"]["spare_key"]["set"], false);
    body["secrets"] = json!({"key": null});
    let (status, problem) = console.put("/connections/market", &body).await;
    assert_eq!((status.as_u16(), fields(&problem)), (422, vec!["secrets.key".to_owned()]));
}

#[tokio::test]
async fn a_failed_check_saves_it_as_unverified_and_a_good_one_activates_it() {
    let console = Console::new();
    console.market_answers(401);
    let (status, new) = console.put("/connections/market", &market()).await;
    assert_eq!((status, &new["state"]), (StatusCode::CREATED, &json!("unverified")));
    let step = &new["check"]["steps"][0];
    assert_eq!((&step["ok"], &step["code"]), (&json!(false), &json!("credentials_refused")));
    assert!(step["next_step"].is_string() && !new.to_string().contains(KEY), "{new}");
    let (status, problem) = console.call(Method::POST, "/connections/market/resume", None).await;
    assert_eq!((status.as_u16(), &problem["code"]), (409, &json!("conflict")));
    console.market_answers(200);
    let (status, check) = console.call(Method::POST, "/connections/market/check", None).await;
    assert_eq!((status, &check["ok"], &check["state"]), (StatusCode::OK, &json!(true), &json!("active")));
}

#[tokio::test]
async fn pausing_and_resuming_by_hand_are_safe_to_repeat() {
    let console = Console::connected().await;
    for _ in 0..2 {
        let (status, paused) = console.call(Method::POST, "/connections/market/pause", None).await;
        assert_eq!((status, &paused["state"]), (StatusCode::OK, &json!("paused")));
        assert_eq!(paused["pause"]["reason"], "by_hand");
    }
    let (_, put) = console.put("/connections/market", &market()).await;
    assert_eq!(put["state"], "paused", "writing it anew does not end a pause by hand");
    for _ in 0..2 {
        let (status, resumed) = console.call(Method::POST, "/connections/market/resume", None).await;
        assert_eq!((status, &resumed["state"], &resumed["pause"]), (StatusCode::OK, &json!("active"), &Value::Null));
    }
}

#[tokio::test]
async fn what_waits_for_a_paused_connection_goes_when_it_is_resumed() {
    let console = Console::connected().await;
    console.order("100");
    console.document("9001", "2026-0001", Some("100"));
    console.call(Method::POST, "/connections/market/pause", None).await;
    let (_, export) = console.post("/exports", &json!({"source": "books", "document": "9001"})).await;
    assert_eq!((&export["state"], &export["hold"]["reason"]), (&json!("held"), &json!("connection_paused")));
    console.call(Method::POST, "/connections/market/resume", None).await;
    console.work().await;
    let (_, list) = console.get("/exports?target=&state=delivered").await;
    assert_eq!(list["exports"].as_array().unwrap().len(), 1, "{list}");
}

#[tokio::test]
async fn switching_on_says_how_much_is_now_eligible() {
    let console = Console::connected().await;
    let mut off = market();
    off["switches"] = json!({});
    let (_, changed) = console.put("/connections/market", &off).await;
    assert_eq!(changed["now_eligible"], 0);
    console.order("100");
    for id in ["9001", "9002"] {
        console.document(id, &format!("2026-{id}"), Some("100"));
        let (_, export) = console.post("/exports", &json!({"source": "books", "document": id})).await;
        assert_eq!((&export["state"], &export["code"]), (&json!("skipped"), &json!("switched_off")), "{export}");
    }
    let (_, on) = console.put("/connections/market", &market()).await;
    assert_eq!(on["now_eligible"], 2);
    let (_, same) = console.put("/connections/market", &market()).await;
    assert_eq!(same["now_eligible"], Value::Null);
    console.work().await;
    assert_eq!(console.http.writes(), 0, "nothing skipped goes out by itself");
}

#[tokio::test]
async fn the_token_of_a_webhook_address_is_shown_once() {
    let options = Options {
        public_url: Some("https://hooks.example.com/".into()),
        local_url: "http://127.0.0.1:8080".into(),
        ..Options::default()
    };
    let console = Console::with(options);
    let (_, new) = console.put("/connections/books", &books()).await;
    let url = new["webhook_url"].as_str().unwrap();
    let token = url.strip_prefix("https://hooks.example.com/webhooks/accounting/books/").unwrap();
    assert!(token.len() >= 32, "{url}");
    assert_eq!(new["missing"], json!(["no channel connection yet"]));
    let (_, again) = console.put("/connections/books", &books()).await;
    assert_eq!(again["webhook_url"], "https://hooks.example.com/webhooks/accounting/books/***");
    let local = Console::connected().await.get("/connections/books").await.1;
    assert!(local["missing"].to_string().contains("--public-url"), "{local}");
}

#[tokio::test]
async fn a_fixed_address_moves_only_where_private_targets_are_allowed() {
    let mut body = market();
    body["settings"]["base_url"] = json!("http://127.0.0.1:9100/x");
    let (status, _) = Console::new().put("/connections/market", &body).await;
    assert_eq!(status.as_u16(), 422);
    let allowed = Console::with(Options { allow_private_targets: true, ..Options::default() });
    let (status, answer) = allowed.put("/connections/market", &body).await;
    assert_eq!((status, &answer["settings"]["base_url"]), (StatusCode::CREATED, &json!("http://127.0.0.1:9100/x")));
}

#[tokio::test]
async fn deleting_is_204_and_then_it_is_unknown() {
    let console = Console::connected().await;
    let (status, body) = console.call(Method::DELETE, "/connections/market", None).await;
    assert_eq!((status, body), (StatusCode::NO_CONTENT, Value::Null));
    assert_eq!(console.get("/connections/market").await.0.as_u16(), 404);
}

#[tokio::test]
async fn connections_are_listed_page_by_page() {
    let console = Console::connected().await;
    let (_, first) = console.get("/connections?limit=1").await;
    assert_eq!((&first["connections"][0]["id"], &first["next"]), (&json!("books"), &json!("books")));
    let (_, last) = console.get("/connections?limit=1&cursor=books").await;
    assert_eq!((&last["connections"][0]["id"], &last["next"]), (&json!("market"), &Value::Null));
}

#[tokio::test]
async fn a_sources_documents_are_read_live_page_by_page_with_what_became_of_them() {
    let console = Console::connected().await;
    let mut export = domain::Export::new(samples::key("9001"), samples::noon());
    export.state = State::Delivered;
    console.ledger.put(export);
    let (mut path, mut seen) = ("/connections/books/documents?limit=2".to_owned(), vec![]);
    loop {
        let (status, page) = console.get(&path).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        seen.extend(page["documents"].as_array().unwrap().iter().map(|line| line["id"].as_str().unwrap().to_owned()));
        if page["documents"][1]["id"] == "9001" {
            let found = &page["documents"][1]["exports"][0];
            assert_eq!((&found["state"], &found["operation"]), (&json!("delivered"), &json!(Operation::SendInvoice)));
        }
        match page["next"].as_str() {
            Some(next) => path = format!("/connections/books/documents?limit=2&cursor={next}"),
            None => break,
        }
    }
    let all: Vec<String> = (9000..9009).map(|n: u32| n.to_string()).collect();
    assert_eq!(seen, all);
    for (path, status) in [
        ("/connections/market/documents", 409),
        ("/connections/books/documents?since=yesterday", 422),
        ("/connections/books/documents?cursor=x", 422),
        ("/connections/books/documents?since=2026-01-01", 200),
        ("/connections/books/mappings", 409),
    ] {
        assert_eq!(console.get(path).await.0.as_u16(), status, "{path}");
    }
}

#[tokio::test]
async fn mappings_show_the_targets_values_and_what_waits_for_one() {
    let console = Console::connected().await;
    let mut export = domain::Export::new(samples::key_to("1", &domain::ConnectionId::new("market")), samples::noon());
    export = samples::held(&export, domain::HoldReason::MappingMissing, samples::at(60));
    if let Some(hold) = &mut export.hold {
        hold.detail = Some("carrier dpd".into());
        hold.unmapped = Some(domain::Unmapped {
            mapping: domain::MappingKind::Carriers,
            value: "dpd".into(),
            name: Some("DPD Česko".into()),
        });
    }
    console.ledger.put(export);
    let (status, view) = console.get("/connections/market/mappings").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(view["values"]["carriers"], json!([{"code": "dpd_cz", "label": "DPD"}]));
    let waits =
        json!({"mapping": "carriers", "value": "dpd", "name": "DPD Česko", "detail": "carrier dpd", "count": 1});
    assert_eq!((&view["unmapped"], &view["counted_all"]), (&json!([waits]), &json!(true)));
    let proposal = json!({"for": "carrier dpd", "mapping": "carriers", "value": "dpd", "code": "dpd_cz",
        "label": "DPD", "because": "same_name"});
    assert_eq!(view["proposals"], json!([proposal]));
    assert_eq!(view["warnings"], json!([]));
}

#[tokio::test]
async fn whoever_only_makes_a_connection_writes_over_none_and_one_name_is_nobodys() {
    let console = Console::connected().await;
    let put = async |id: &str| {
        let request = http::Request::builder()
            .method(Method::PUT)
            .uri(format!("/api/v1/connections/{id}"))
            .header("authorization", format!("Bearer {}", crate::support::TOKEN))
            .header("if-none-match", "*");
        let request = request.body(axum::body::Body::from(market().to_string())).unwrap();
        tower::ServiceExt::oneshot(console.router.clone(), request).await.unwrap().status()
    };
    let before = console.get("/connections/market").await;
    assert_eq!(put("market").await, StatusCode::CONFLICT);
    assert_eq!(console.get("/connections/market").await, before);
    assert_eq!(put("market-2").await, StatusCode::CREATED);
    let (status, problem) = console.put("/connections/new", &market()).await;
    assert_eq!((status, fields(&problem)), (StatusCode::UNPROCESSABLE_ENTITY, vec!["id".to_owned()]));
}

#[tokio::test]
async fn a_webhook_address_is_asked_who_answers_there() {
    let options = Options { public_url: Some("https://backhaul.example".into()), ..Options::default() };
    let console = Console::with(options);
    console.put("/connections/books", &books()).await;
    let asked = async |path: &str| console.post(&format!("/connections/{path}/webhook-test"), &json!({})).await;
    let (_, connector) = console.get("/connectors").await;
    let speaks = connector["connectors"].as_array().unwrap().iter().find(|one| !one["webhook"].is_null()).unwrap();
    assert_eq!(speaks["id"], "books");
    for (status, code, found) in [
        (401, "unauthenticated", "ours"),
        (404, "unknown_connection", "not_known"),
        (503, "store_unavailable", "unavailable"),
        (200, "hello", "another"),
    ] {
        console.http.on(Method::POST, "/webhooks/", move |_| testkit::json(status, &json!({"code": code})));
        let (_, answer) = asked("books").await;
        assert_eq!(
            (&answer["found"], &answer["ok"], &answer["public"]),
            (&json!(found), &json!(found == "ours"), &json!(true))
        );
        let url = answer["url"].as_str().unwrap();
        assert!(url.starts_with("https://backhaul.example/webhooks/accounting/books"), "{url}");
    }
    console.put("/connections/market", &market()).await;
    assert_eq!(asked("market").await.0, StatusCode::CONFLICT, "its vendor calls nobody");
    assert_eq!(asked("nowhere").await.0, StatusCode::NOT_FOUND);
}
