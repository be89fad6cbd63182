//! The practice SuperFaktura.

use serde_json::{Value, json};

use crate::support::{Reply, Sandbox, call, text};

const EVERYTHING: &str = "created:0/type:regular%7Ccancel%7Cproforma/listinfo:1";

async fn key(sandbox: &Sandbox) -> String {
    let vendor = sandbox.vendor("superfaktura").await;
    assert_eq!(vendor["settings"]["email"], "owner+api@practice.example");
    text(&vendor, "/secrets/api_key").to_owned()
}

fn header(key: &str) -> String {
    format!("SFAPI email=owner%2Bapi%40practice.example&apikey={key}&module=Test%201.0&company_id=1")
}

async fn get(sandbox: &Sandbox, path: &str) -> Reply {
    let header = header(&key(sandbox).await);
    sandbox.send("GET", &format!("/superfaktura{path}"), &[("authorization", &header)], b"").await
}

async fn list(sandbox: &Sandbox, parameters: &str) -> Vec<String> {
    let page = get(sandbox, &format!("/invoices/index.json/{parameters}")).await.json();
    let items = if page.is_array() { &page } else { &page["items"] };
    items.as_array().unwrap().iter().map(|item| text(item, "/Invoice/id").to_owned()).collect()
}

/// Makes a document at a time of the vendor's own.
async fn made_at(sandbox: &Sandbox, clock: &str, document: Value) -> String {
    sandbox.control("PATCH", "/vendors/superfaktura", json!({ "clock": clock })).await;
    let wish = json!({"channel": null, "books": "superfaktura", "parcels": [], "document": document});
    let made = sandbox.order(wish).await;
    assert_eq!(made["document"]["vendor"], "superfaktura");
    text(&made, "/document/id").to_owned()
}

#[tokio::test]
async fn the_header_wants_every_value_encoded_and_a_module() {
    let sandbox = Sandbox::start().await;
    let key = key(&sandbox).await;
    let path = "/superfaktura/users/getUserCompaniesData";
    let good = header(&key);
    let cases = [
        (good.clone(), 0),
        (good.replace("&company_id=1", ""), 0),
        (good.replace("%2B", "+"), 1),
        (good.replace("%40", "@"), 1),
        (good.replace("&module=Test%201.0", ""), 1),
        (good.replace("company_id=1", "company_id=2"), 1),
        (good.replace("SFAPI ", "Bearer "), 1),
        (format!("{good}0").replace(&key, "wrong"), 1),
    ];
    for (header, wrong) in cases {
        let reply = sandbox.send("GET", path, &[("authorization", &header)], b"").await;
        assert_eq!((reply.status, reply.json()["error"].clone()), (200, json!(wrong)), "{header}");
    }
    sandbox.control("PATCH", "/vendors/superfaktura", json!({"refusal_status": 401})).await;
    assert_eq!(sandbox.send("GET", path, &[], b"").await.status, 401);
}

#[tokio::test]
async fn two_defaults_hide_documents() {
    let sandbox = Sandbox::start().await;
    let old = made_at(&sandbox, "2025-12-31T22:00:00Z", json!({})).await;
    let invoice = made_at(&sandbox, "2026-11-20T10:00:00Z", json!({})).await;
    let note = made_at(&sandbox, "2026-11-20T11:00:00Z", json!({"type": "cancel", "correction_id": invoice})).await;
    assert_eq!(list(&sandbox, "").await, std::slice::from_ref(&invoice));
    assert_eq!(list(&sandbox, "created:0").await, [invoice.clone(), old.clone()], "newest first");
    assert_eq!(list(&sandbox, "type:regular%7Ccancel").await, [note.clone(), invoice.clone()]);
    let all = format!("{EVERYTHING}/sort:id/direction:ASC");
    assert_eq!(list(&sandbox, &all).await, [old, invoice.clone(), note.clone()]);
    let read = get(&sandbox, &format!("/invoices/view/{note}.json")).await.json();
    assert_eq!((&read["Invoice"]["parent_id"], &read["Invoice"]["type"]), (&json!(invoice), &json!("cancel")));
    assert_eq!(read["Summary"]["invoice_total"], -1210);
}

#[tokio::test]
async fn ranges_are_whole_days_of_bratislava() {
    let sandbox = Sandbox::start().await;
    let late = made_at(&sandbox, "2026-11-20T22:59:59Z", json!({})).await;
    let early = made_at(&sandbox, "2026-11-20T23:00:00Z", json!({})).await;
    let range = |since: &str, to: &str| format!("{EVERYTHING}/modified:3/modified_since:{since}/modified_to:{to}");
    assert_eq!(list(&sandbox, &range("2026-11-20", "2026-11-20")).await, std::slice::from_ref(&late));
    assert_eq!(list(&sandbox, &range("2026-11-21", "2026-11-21")).await, std::slice::from_ref(&early));
    assert_eq!(list(&sandbox, &range("2026-11-20", "2026-11-21")).await.len(), 2);
    assert!(list(&sandbox, &range("2026-11-20%2022:59:59", "2026-11-21")).await.is_empty(), "no time of the day");
    let read = get(&sandbox, &format!("/invoices/view/{late}.json")).await.json();
    assert_eq!(read["Invoice"]["modified"], "2026-11-20 23:59:59", "local, and it does not say so");
    assert_eq!((&read["Invoice"]["amount"], &read["Summary"]["invoice_total"]), (&json!("1000.00"), &json!(1210)));
}

#[tokio::test]
async fn pages_have_two_hundred_at_most_and_tell_how_many_there_are() {
    let sandbox = Sandbox::start().await;
    let orders: Vec<Value> =
        (0..201).map(|_| json!({"channel": null, "books": "superfaktura", "parcels": []})).collect();
    sandbox.control("POST", "/orders", json!({"orders": orders})).await;
    let path = format!("/invoices/index.json/{EVERYTHING}/per_page:500/page:2");
    let page = get(&sandbox, &path).await.json();
    assert_eq!((&page["itemCount"], &page["pageCount"], &page["perPage"]), (&json!(201), &json!(2), &json!(200)));
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    assert_eq!(list(&sandbox, "page:2").await.len(), 50, "without listinfo a bare list");
    let ids: Vec<String> = (7001..7111).map(|id| id.to_string()).collect();
    let details = get(&sandbox, &format!("/invoices/getInvoiceDetails/1,{}", ids.join(","))).await.json();
    assert_eq!(details.as_object().unwrap().len(), 99, "a hundred are looked at, and one of them is not there");
    assert_eq!(get(&sandbox, "/invoices/getInvoiceDetails/1,2").await.json(), json!([]));
}

#[tokio::test]
async fn errors_come_inside_a_200_and_a_pdf_is_404_whatever_is_wrong() {
    let sandbox = Sandbox::start().await;
    let id = made_at(&sandbox, "2026-11-20T10:00:00Z", json!({"pdf_ready_after": 1})).await;
    let reply = get(&sandbox, "/invoices/view/1.json").await;
    assert_eq!((reply.status, &reply.json()["error"]), (200, &json!(1)));
    let read = get(&sandbox, &format!("/invoices/view/{id}.json")).await.json();
    let path = format!("/invoices/pdf/{id}/token:{}", text(&read, "/Invoice/token"));
    assert_eq!(get(&sandbox, &format!("/invoices/pdf/{id}/token:wrong")).await.status, 404);
    assert_eq!(get(&sandbox, &path).await.status, 404, "not yet");
    assert!(get(&sandbox, &path).await.body.starts_with(b"%PDF"));
    assert!(get(&sandbox, &format!("/slo{path}")).await.body.starts_with(b"%PDF"));
}

#[tokio::test]
async fn beyond_its_quota_it_says_nothing_until_the_day_is_over() {
    let sandbox = Sandbox::start().await;
    let switches = json!({"daily_limit": 2, "clock": "2026-11-20T10:00:00Z"});
    sandbox.control("PATCH", "/vendors/superfaktura", switches).await;
    let header = header(&key(&sandbox).await);
    let headers = [("authorization", header.as_str())];
    let path = "/superfaktura/users/getUserCompaniesData";
    let first = sandbox.send("GET", path, &headers, b"").await;
    assert_eq!(first.headers["x-ratelimit-dailyremaining"], "1");
    assert_eq!(first.headers["x-ratelimit-dailyreset"], "21.11.2026 00:00:00");
    assert_eq!(first.headers["x-ratelimit-monthlyreset"], "01.12.2026 00:00:00");
    assert_eq!(sandbox.send("GET", path, &headers, b"").await.headers["x-ratelimit-dailyremaining"], "0");
    assert!(call(sandbox.address, "GET", path, &headers, b"").await.is_none(), "closed without an answer");
    sandbox.control("PATCH", "/vendors/superfaktura", json!({"over_limit_status": 403})).await;
    let told = sandbox.send("GET", path, &headers, b"").await;
    assert!(told.status == 403 && told.headers["x-ratelimit-message"].contains("exceeded"));
    sandbox.control("PATCH", "/vendors/superfaktura", json!({"clock": "2026-11-20T23:00:00Z"})).await;
    assert_eq!(sandbox.send("GET", path, &headers, b"").await.status, 200);
}

#[tokio::test]
async fn it_has_no_webhook_to_send_and_keeps_what_it_has() {
    let sandbox = Sandbox::start().await;
    let id = made_at(&sandbox, "2026-11-20T10:00:00Z", json!({"number": "2026-X"})).await;
    let wish = json!({"vendor": "superfaktura", "url": "http://127.0.0.1:9/", "document": id}).to_string();
    let reply = sandbox.send("POST", "/_sandbox/emit", &[], wish.as_bytes()).await;
    assert_eq!(reply.status, 422);
    assert_eq!(reply.json()["message"], "superfaktura sends no webhooks");
    let path = format!("/documents/{id}");
    let change = json!({"vendor": "superfaktura", "status": "sent"});
    let changed = sandbox.control("PATCH", &path, change).await;
    let sandbox = sandbox.restart().await;
    let shown = sandbox.control("GET", &format!("{path}?vendor=superfaktura"), json!({})).await;
    assert_eq!((&shown, &shown["number"]), (&changed, &json!("2026-X")));
    let wrong = json!({"channel": null, "books": "superfaktura", "document": {"status": "cancelled"}}).to_string();
    assert_eq!(sandbox.send("POST", "/_sandbox/orders", &[], wrong.as_bytes()).await.status, 422);
}
