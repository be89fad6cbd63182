use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::support::{Reply, Sandbox, text};

const AGENT: (&str, &str) = ("user-agent", "Backhaul (owner@practice.example)");

async fn token(sandbox: &Sandbox) -> String {
    let vendor = sandbox.vendor("fakturoid").await;
    let pair = format!("{}:{}", text(&vendor, "/settings/client_id"), text(&vendor, "/secrets/client_secret"));
    let basic = format!("Basic {}", BASE64.encode(pair.as_bytes()));
    let headers = [AGENT, ("authorization", basic.as_str()), ("content-type", "application/json")];
    let reply = sandbox
        .send("POST", "/fakturoid/api/v3/oauth/token", &headers, br#"{"grant_type":"client_credentials"}"#)
        .await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.json()["token_type"], "Bearer");
    text(&reply.json(), "/access_token").to_owned()
}

async fn get(sandbox: &Sandbox, token: &str, path: &str) -> Reply {
    let bearer = format!("Bearer {token}");
    let target = format!("/fakturoid/api/v3/accounts/practice{path}");
    sandbox.send("GET", &target, &[AGENT, ("authorization", &bearer)], b"").await
}

#[tokio::test]
async fn a_call_without_user_agent_is_refused_before_anything_else() {
    let sandbox = Sandbox::start().await;
    let reply = sandbox.send("GET", "/fakturoid/api/v3/user.json", &[], b"").await;
    assert_eq!(reply.status, 400);
    assert_eq!(reply.json()["error"], "invalid_request");
    let generic = sandbox.send("GET", "/fakturoid/api/v3/user.json", &[("user-agent", "curl/8")], b"").await;
    assert_eq!(generic.status, 403);
}

#[tokio::test]
async fn the_token_call_wants_the_client_and_a_known_content_type() {
    let sandbox = Sandbox::start().await;
    let path = "/fakturoid/api/v3/oauth/token";
    let wrong = format!("Basic {}", BASE64.encode(b"someone:else"));
    let headers = [AGENT, ("authorization", wrong.as_str()), ("content-type", "application/json")];
    let reply = sandbox.send("POST", path, &headers, br#"{"grant_type":"client_credentials"}"#).await;
    assert_eq!((reply.status, reply.json()["error"].clone()), (401, json!("invalid_client")));

    let vendor = sandbox.vendor("fakturoid").await;
    let pair = format!("{}:{}", text(&vendor, "/settings/client_id"), text(&vendor, "/secrets/client_secret"));
    let right = format!("Basic {}", BASE64.encode(pair.as_bytes()));
    let headers = [AGENT, ("authorization", right.as_str()), ("content-type", "text/plain")];
    assert_eq!(sandbox.send("POST", path, &headers, b"grant_type=client_credentials").await.status, 415);
    let headers = [AGENT, ("authorization", right.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(sandbox.send("POST", path, &headers, b"grant_type=password").await.status, 400);
    assert_eq!(sandbox.send("POST", path, &headers, b"grant_type=client_credentials").await.status, 200);
}

#[tokio::test]
async fn a_token_expires_and_an_unknown_one_is_refused() {
    let sandbox = Sandbox::start().await;
    assert_eq!(get(&sandbox, "nonsense", "/account.json").await.status, 401);
    let live = token(&sandbox).await;
    assert_eq!(get(&sandbox, &live, "/account.json").await.status, 200);
    sandbox.control("PATCH", "/vendors/fakturoid", json!({"token_seconds": 0})).await;
    let stale = token(&sandbox).await;
    assert_eq!(get(&sandbox, &stale, "/account.json").await.status, 401);
    sandbox.control("PATCH", "/vendors/fakturoid", json!({"revoke_tokens": true})).await;
    assert_eq!(get(&sandbox, &live, "/account.json").await.status, 401);
}

#[tokio::test]
async fn a_document_carries_the_orders_reference_and_amounts_as_strings() {
    let sandbox = Sandbox::start().await;
    let made = sandbox
        .order(json!({"reference": "R-1", "lines": [{"sku": "A", "quantity": 2, "price": "121.00", "vat_rate": 21}]}))
        .await;
    let id = text(&made, "/document/id");
    let token = token(&sandbox).await;
    let invoice = get(&sandbox, &token, &format!("/invoices/{id}.json")).await.json();
    assert_eq!(invoice["order_number"], "R-1");
    assert_eq!(invoice["document_type"], "invoice");
    assert_eq!(invoice["total"], "242.0");
    assert_eq!(invoice["subtotal"], "200.0");
    assert_eq!(invoice["lines"][0]["inventory"]["sku"], "A");
    assert_eq!(invoice["lines"][0]["quantity"], "2.0");
    assert_eq!(invoice["vat_rates_summary"][0]["vat"], "42.0");
    assert!(text(&invoice, "/updated_at").ends_with("+01:00"));
    assert_eq!(invoice["number"], made["document"]["number"]);
    assert_eq!(get(&sandbox, &token, "/invoices/1.json").await.status, 404);
}

#[tokio::test]
async fn a_correction_is_negative_and_linked_to_its_invoice_both_ways() {
    let sandbox = Sandbox::start().await;
    let made = sandbox.order(json!({"documents": [{"type": "invoice"}, {"type": "correction"}]})).await;
    let token = token(&sandbox).await;
    let (invoice, correction) = (text(&made, "/documents/0/id"), text(&made, "/documents/1/id"));
    let invoice = get(&sandbox, &token, &format!("/invoices/{invoice}.json")).await.json();
    let correction = get(&sandbox, &token, &format!("/invoices/{correction}.json")).await.json();
    assert_eq!(correction["total"], "-1210.0");
    assert_eq!(correction["lines"][0]["quantity"], "-1.0");
    assert_eq!(correction["correction_id"], invoice["id"]);
    assert_eq!(invoice["correction_id"], correction["id"]);
}

#[tokio::test]
async fn the_list_has_pages_of_forty_and_ends_with_an_empty_one() {
    let sandbox = Sandbox::start().await;
    let orders: Vec<Value> = (0..41).map(|_| json!({"channel": null})).collect();
    sandbox.control("POST", "/orders", json!({"orders": orders})).await;
    let token = token(&sandbox).await;
    let mut sizes = Vec::new();
    for page in 1..=3 {
        let page = get(&sandbox, &token, &format!("/invoices.json?page={page}")).await.json();
        sizes.push(page.as_array().unwrap().len());
    }
    assert_eq!(sizes, [40, 1, 0]);
}

#[tokio::test]
async fn updated_since_sees_a_change_and_the_type_filter_says_regular() {
    let sandbox = Sandbox::start().await;
    let first = sandbox.order(json!({"channel": null})).await;
    let second = sandbox.order(json!({"channel": null, "document": {"type": "proforma"}})).await;
    let token = token(&sandbox).await;
    let id = text(&first, "/document/id");
    let changed = sandbox.control("PATCH", &format!("/documents/{id}"), json!({"status": "paid"})).await;
    let since = text(&changed, "/updated_at").replace('+', "%2B");
    let page = get(&sandbox, &token, &format!("/invoices.json?updated_since={since}")).await.json();
    assert_eq!(page.as_array().unwrap().len(), 1);
    assert_eq!(page[0]["status"], "paid");
    assert_eq!(page[0]["payments"][0]["amount"], "1210.0");
    let regular = get(&sandbox, &token, "/invoices.json?document_type=regular").await.json();
    assert_eq!(regular.as_array().unwrap().len(), 1);
    let number = text(&second, "/document/number");
    let by_number = get(&sandbox, &token, &format!("/invoices.json?number={number}")).await.json();
    assert_eq!(by_number[0]["document_type"], "proforma");
    assert_eq!(get(&sandbox, &token, "/invoices.json?updated_since=soon").await.status, 400);
}

#[tokio::test]
async fn a_pdf_is_204_until_asked_often_enough_and_then_always_the_same() {
    let sandbox = Sandbox::start().await;
    let made = sandbox.order(json!({"document": {"pdf_ready_after": 2}})).await;
    let path = format!("/invoices/{}/download.pdf", text(&made, "/document/id"));
    let token = token(&sandbox).await;
    let mut replies = Vec::new();
    for _ in 0..4 {
        replies.push(get(&sandbox, &token, &path).await);
    }
    assert_eq!(replies.iter().map(|reply| reply.status).collect::<Vec<_>>(), [204, 204, 200, 200]);
    assert!(replies[0].body.is_empty());
    assert!(replies[2].body.starts_with(b"%PDF"));
    assert_eq!(replies[2].body, replies[3].body);
    assert_eq!(replies[2].headers["content-type"], "application/pdf");
}

#[tokio::test]
async fn a_wrong_content_type_an_unknown_slug_and_a_blocked_account_are_refused_as_the_vendor_does() {
    let sandbox = Sandbox::start().await;
    let token = token(&sandbox).await;
    let bearer = format!("Bearer {token}");
    let path = "/fakturoid/api/v3/accounts/practice/webhooks.json";
    let headers = [AGENT, ("authorization", bearer.as_str()), ("content-type", "text/plain")];
    assert_eq!(sandbox.send("POST", path, &headers, b"{}").await.status, 415);
    let headers = [AGENT, ("authorization", bearer.as_str()), ("content-type", "application/json")];
    assert_eq!(sandbox.send("POST", path, &headers, br#"{"webhook_url":"http://x/"}"#).await.status, 422);
    let body = br#"{"webhook_url":"http://x/","auth_header":"Bearer A","events":["invoice_paid"]}"#;
    assert_eq!(sandbox.send("POST", path, &headers, body).await.status, 201);
    let other = sandbox.send("GET", "/fakturoid/api/v3/accounts/other/account.json", &headers, b"").await;
    assert_eq!(other.status, 404);
    sandbox.control("PATCH", "/vendors/fakturoid", json!({"blocked": true})).await;
    let reply = get(&sandbox, &token, "/account.json").await;
    assert_eq!((reply.status, reply.json()["status"].clone()), (402, json!("Account blocked")));
}

#[tokio::test]
async fn webhooks_are_managed_where_that_is_switched_on_and_are_shown_as_they_are() {
    let sandbox = Sandbox::start().await;
    let token = token(&sandbox).await;
    let bearer = format!("Bearer {token}");
    let headers = [AGENT, ("authorization", bearer.as_str()), ("content-type", "application/json")];
    let path = "/fakturoid/api/v3/accounts/practice/webhooks.json";
    let body = br#"{"webhook_url":"http://x/","auth_header":"Bearer A","events":["invoice_paid"]}"#;
    let made = sandbox.send("POST", path, &headers, body).await;
    assert_eq!((made.status, made.json()["active"].clone()), (201, json!(true)));
    let one = format!("/fakturoid/api/v3/accounts/practice/webhooks/{}.json", made.json()["id"]);
    let moved = sandbox.send("PATCH", &one, &headers, br#"{"webhook_url":"http://y/"}"#).await;
    assert_eq!((moved.status, moved.json()["webhook_url"].clone()), (200, json!("http://y/")));
    sandbox.control("PATCH", "/vendors/fakturoid", json!({"webhooks_off": true})).await;
    assert_eq!(get(&sandbox, &token, "/webhooks.json").await.json()[0]["active"], false);
    sandbox.control("PATCH", "/vendors/fakturoid", json!({"manages_webhooks": false})).await;
    assert_eq!(get(&sandbox, &token, "/webhooks.json").await.status, 403);
    assert_eq!(sandbox.send("DELETE", &one, &headers, b"").await.status, 403);
    sandbox.control("PATCH", "/vendors/fakturoid", json!({"manages_webhooks": true})).await;
    assert_eq!(sandbox.send("DELETE", &one, &headers, b"").await.status, 204);
    assert_eq!(sandbox.send("DELETE", &one, &headers, b"").await.status, 404);
}

#[tokio::test]
async fn the_rate_limit_answers_429_with_the_vendors_headers() {
    let sandbox = Sandbox::start().await;
    let token = token(&sandbox).await;
    sandbox.control("PATCH", "/vendors/fakturoid", json!({"rate_limit": 2})).await;
    let mut last = get(&sandbox, &token, "/account.json").await;
    for _ in 0..2 {
        last = get(&sandbox, &token, "/account.json").await;
    }
    assert_eq!(last.status, 429);
    assert!(last.headers["x-ratelimit"].starts_with("default;r=0;t="));
}

const BACK: &str = "https://backhaul.example/oauth/callback";

/// The address of the page of consent, with other parameters in place of those of the same name.
async fn consent(sandbox: &Sandbox, other: &[(&str, &str)]) -> String {
    let vendor = sandbox.vendor("fakturoid").await;
    let usual = [
        ("client_id", text(&vendor, "/settings/client_id")),
        ("redirect_uri", BACK),
        ("response_type", "code"),
        ("state", "s&1"),
    ];
    let kept = usual.into_iter().filter(|(name, _)| other.iter().all(|(new, _)| new != name));
    let pairs = kept.chain(other.iter().copied());
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("/fakturoid/api/v3/oauth?{query}")
}

/// Presses a button of the page; what stands in the address that the browser is sent to.
async fn pressed(sandbox: &Sandbox, page: &str, decision: &str) -> Value {
    assert_eq!(sandbox.send("GET", page, &[], b"").await.status, 200);
    let (path, query) = page.split_once('?').unwrap();
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let sent = sandbox.send("POST", path, &form, format!("{query}&decision={decision}").as_bytes()).await;
    assert_eq!(sent.status, 302);
    let to: url::Url = sent.headers["location"].parse().unwrap();
    assert!(to.as_str().starts_with(BACK));
    to.query_pairs()
        .into_owned()
        .map(|(name, value)| (name, Value::String(value)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

async fn grant(sandbox: &Sandbox, body: Value) -> (u16, Value) {
    let vendor = sandbox.vendor("fakturoid").await;
    let pair = format!("{}:{}", text(&vendor, "/settings/client_id"), text(&vendor, "/secrets/client_secret"));
    let basic = format!("Basic {}", BASE64.encode(pair.as_bytes()));
    let headers = [AGENT, ("authorization", basic.as_str()), ("content-type", "application/json")];
    let reply = sandbox.send("POST", "/fakturoid/api/v3/oauth/token", &headers, body.to_string().as_bytes()).await;
    (reply.status, reply.json())
}

fn code_grant(code: &Value) -> Value {
    json!({"grant_type": "authorization_code", "code": code, "redirect_uri": BACK})
}

async fn refresh(sandbox: &Sandbox, token: &Value) -> (u16, Value) {
    grant(sandbox, json!({"grant_type": "refresh_token", "refresh_token": token})).await
}

#[tokio::test]
async fn only_a_registered_integration_gets_a_page_of_consent_and_its_person_back() {
    let sandbox = Sandbox::start().await;
    let page = consent(&sandbox, &[]).await;
    assert_eq!(sandbox.send("GET", &page, &[], b"").await.status, 400, "no URL for redirect yet");
    let local = json!({"redirect_uri": "http://localhost:8080/x"}).to_string();
    let refused = sandbox.send("PATCH", "/_sandbox/vendors/fakturoid", &[], local.as_bytes()).await;
    assert_eq!(refused.status, 422);
    sandbox.control("PATCH", "/vendors/fakturoid", json!({"redirect_uri": BACK})).await;
    let longer = format!("{BACK}/");
    for wrong in [
        ("client_id", "somebody"),
        ("redirect_uri", longer.as_str()),
        ("response_type", "token"),
        ("code_challenge_method", "plain"),
    ] {
        let page = consent(&sandbox, &[wrong]).await;
        assert_eq!(sandbox.send("GET", &page, &[], b"").await.status, 400, "{wrong:?}");
    }
    let denied = pressed(&sandbox, &page, "deny").await;
    assert_eq!((&denied["error"], &denied["state"]), (&json!("access_denied"), &json!("s&1")));
    let allowed = pressed(&sandbox, &page, "allow").await;
    assert_eq!(allowed["state"], "s&1");
    assert!(allowed["code"].is_string());
}

#[tokio::test]
async fn a_code_is_good_once_in_time_and_with_the_proof_that_was_announced() {
    let sandbox = Sandbox::start().await;
    sandbox.control("PATCH", "/vendors/fakturoid", json!({"redirect_uri": BACK})).await;
    let page = consent(&sandbox, &[]).await;
    let code = pressed(&sandbox, &page, "allow").await["code"].clone();
    let (status, tokens) = grant(&sandbox, code_grant(&code)).await;
    assert_eq!((status, &tokens["expires_in"]), (200, &json!(7200)));
    assert_eq!(get(&sandbox, text(&tokens, "/access_token"), "/account.json").await.status, 200);
    let (status, refused) = grant(&sandbox, code_grant(&code)).await;
    assert_eq!((status, &refused["error"]), (400, &json!("invalid_grant")), "a second time");

    let code = pressed(&sandbox, &page, "allow").await["code"].clone();
    let elsewhere = json!({"grant_type": "authorization_code", "code": code, "redirect_uri": "https://other.example/"});
    assert_eq!(grant(&sandbox, elsewhere).await.0, 400);
    assert_eq!(grant(&sandbox, code_grant(&code)).await.0, 400, "it is used up by the wrong call too");

    // The pair of RFC 7636, appendix B.
    let (verifier, challenge) =
        ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    let proved = consent(&sandbox, &[("code_challenge", challenge), ("code_challenge_method", "S256")]).await;
    for (proof, status) in [(None, 400), (Some("another"), 400), (Some(verifier), 200)] {
        let code = pressed(&sandbox, &proved, "allow").await["code"].clone();
        let mut body = code_grant(&code);
        body.as_object_mut().unwrap().extend(proof.map(|proof| ("code_verifier".to_owned(), json!(proof))));
        assert_eq!(grant(&sandbox, body).await.0, status, "{proof:?}");
    }
    sandbox.control("PATCH", "/vendors/fakturoid", json!({"code_seconds": 0})).await;
    let code = pressed(&sandbox, &page, "allow").await["code"].clone();
    assert_eq!(grant(&sandbox, code_grant(&code)).await.0, 400, "too late");
}

#[tokio::test]
async fn refresh_tokens_stay_or_are_exchanged_once_and_outlive_a_restart() {
    let sandbox = Sandbox::start().await;
    sandbox.control("PATCH", "/vendors/fakturoid", json!({"redirect_uri": BACK})).await;
    let page = consent(&sandbox, &[]).await;
    let code = pressed(&sandbox, &page, "allow").await["code"].clone();
    let first = grant(&sandbox, code_grant(&code)).await.1["refresh_token"].clone();
    for _ in 0..2 {
        let (status, tokens) = refresh(&sandbox, &first).await;
        assert_eq!((status, &tokens["refresh_token"]), (200, &first), "the vendor's stay");
    }
    sandbox.control("PATCH", "/vendors/fakturoid", json!({"rotate_refresh_tokens": true})).await;
    let sandbox = sandbox.restart().await;
    let (_, tokens) = refresh(&sandbox, &first).await;
    let (second, access) = (tokens["refresh_token"].clone(), text(&tokens, "/access_token").to_owned());
    assert_ne!(second, first);
    sandbox.control("PATCH", "/vendors/fakturoid", json!({"refresh_again_seconds": 60})).await;
    assert_eq!(refresh(&sandbox, &first).await.0, 200, "once more for a while");
    sandbox.control("PATCH", "/vendors/fakturoid", json!({"refresh_again_seconds": 0})).await;
    assert_eq!(get(&sandbox, &access, "/account.json").await.status, 200);
    assert_eq!(refresh(&sandbox, &first).await.0, 400);
    assert_eq!(refresh(&sandbox, &second).await.0, 400, "what was used twice ends all that came of it");
    assert_eq!(get(&sandbox, &access, "/account.json").await.status, 401);
    assert_eq!(refresh(&sandbox, &json!("nonsense")).await.0, 400);
}
