//! What is found: by the box of every page, by a list's address, by an order's story.

use crate::stage::{Stage, get};
use domain::{Export, ExportKey, Operation, State, Subject, SubjectKind};
use http::{StatusCode, header};
use jiff::SignedDuration;
use testkit::samples;

/// Where the box leads at once.
async fn leads_to(stage: &Stage, word: &str) -> String {
    let seen = stage.page(&format!("/search?q={word}")).await;
    assert_eq!(seen.status, StatusCode::SEE_OTHER, "{word}: {}", seen.html);
    seen.headers[header::LOCATION].to_str().unwrap().to_owned()
}

fn find(stage: &Stage, number: &str, operation: Operation) -> Export {
    let fits = |e: &Export| e.key.operation == operation && e.numbers.iter().any(|n| n == number);
    stage.ledger.all().into_iter().find(fits).unwrap()
}

#[tokio::test]
async fn a_tracking_number_a_document_and_a_reference_lead_to_the_order() {
    let stage = Stage::with_a_day("").await;
    for word in ["Z4820117090", "z4820117090", "+Z4820117090+", "100000090", "Z4820117064"] {
        let order = if word.ends_with("064") { "/orders/shop/100000064" } else { "/orders/shop/100000090" };
        assert_eq!(leads_to(&stage, word).await, order, "{word}");
    }
    let look = find(&stage, "2026-0083", Operation::Look);
    assert_eq!(leads_to(&stage, "2026-0083").await, format!("/exports/{}", look.id), "no channel is known yet");
    let dead = find(&stage, "2026-0091", Operation::SendInvoice);
    assert_eq!(leads_to(&stage, dead.id.as_str()).await, "/orders/shop/100000091");
}

#[tokio::test]
async fn what_bears_no_very_name_or_several_orders_is_listed_by_kind() {
    let stage = Stage::with_a_day("").await;
    let seen = stage.page("/search?q=Z48201170").await;
    assert_eq!(seen.status, StatusCode::OK);
    let place = |words: &str| seen.html.find(words).unwrap_or_else(|| panic!("{words}: {}", seen.html));
    assert!(place(r#"id="h-parcels""#) < place(r#"id="h-exports""#));
    assert!(seen.html.contains(r#"<a href="/orders/shop/100000002">100000002</a>"#), "{}", seen.html);
    assert!(seen.html.contains(r#"<a href="/exports?order=100000090">Z4820117090</a>"#), "{}", seen.html);
    assert!(seen.html.contains("Only the first ones are shown."), "{}", seen.html);
    assert!(seen.html.contains(r#"value="Z48201170""#) && !seen.html.contains(r#"id="h-documents""#));
    // The same reference at two channels.
    let at_market = find(&stage, "2026-0063", Operation::SendInvoice);
    let mut twin = at_market.clone();
    twin.key.target = Some(domain::ConnectionId::new("shop"));
    twin.id = twin.key.id();
    stage.ledger.put(twin);
    let both = stage.page("/search?q=100000063").await;
    assert_eq!(both.status, StatusCode::OK);
    assert!(both.html.contains("Garden shop") || both.html.matches("Delivered").count() >= 2, "{}", both.html);
}

#[tokio::test]
async fn nothing_found_says_what_can_be_searched_and_what_to_try() {
    let stage = Stage::with_a_day("").await;
    let seen = stage.page("/search?q=NO-SUCH").await;
    assert_eq!(seen.status, StatusCode::OK);
    for words in ["Nothing is known of “NO-SUCH”.", "tracking numbers", "What to try:", r#"href="/connections""#] {
        assert!(seen.html.contains(words), "{words}: {}", seen.html);
    }
    let empty = stage.page("/search?q=").await;
    assert!(empty.status == StatusCode::OK && empty.html.contains("Nothing about buyers is stored"));
    for (word, why) in [("eva%40example.com", "looks like an e-mail address"), (&"9".repeat(201), "too long")] {
        let refused = stage.page(&format!("/search?q={word}")).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{word}");
        assert!(refused.html.contains(why) && refused.html.contains(r#"aria-invalid="true""#), "{}", refused.html);
    }
    assert_eq!(stage.send(get("/search?q=1", None)).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn another_tenants_things_are_not_found() {
    let stage = Stage::empty();
    let key = ExportKey {
        tenant: domain::TenantId::new("somebody else"),
        source: domain::ConnectionId::new("books"),
        subject: Subject { kind: SubjectKind::Invoice, id: "1".into() },
        operation: Operation::SendInvoice,
        target: Some(domain::ConnectionId::new("shop")),
    };
    let mut export = Export::new(key, samples::noon());
    export.numbers = vec!["F-1".into()];
    stage.ledger.put(export.clone());
    for word in ["F-1", export.id.as_str()] {
        assert!(stage.page(&format!("/search?q={word}")).await.html.contains("Nothing is known of"), "{word}");
    }
}

#[tokio::test]
async fn every_page_has_the_box() {
    let stage = Stage::with_a_day("").await;
    for path in ["/", "/exports", "/dead-letters", "/connections", "/orders/shop/100000090"] {
        let html = stage.page(path).await.html;
        assert!(html.contains(r#"action="/search""#) && html.contains(r#"<label for="q""#), "{path}");
    }
}

#[tokio::test]
async fn a_list_says_how_many_fit_and_has_an_address_without_what_was_not_asked() {
    let stage = Stage::with_a_day("").await;
    let delivered = stage.page("/exports?operation=&state=delivered&order=").await.html;
    assert!(delivered.contains("65 exports fit."), "counted by the store: {delivered}");
    assert!(delivered.contains(r#"<link rel="canonical" href="/exports?state=delivered">"#), "{delivered}");
    let all = stage.page("/exports").await.html;
    assert!(all.contains(&format!("{} exports fit.", stage.ledger.all().len())), "{all}");
    let held = stage.page("/exports?state=held&connection=shop").await.html;
    assert!(held.contains("2 exports fit."), "all are shown: {held}");
    let many = stage.page("/exports?connection=books&operation=send_invoice").await.html;
    assert!(!many.contains("More than"), "{many}");
    let many = stage.page("/exports?state=delivered&connection=shop").await.html;
    assert!(many.contains("exports fit."), "{many}");
    for n in 1..=60_i64 {
        let key = ExportKey {
            subject: Subject { kind: SubjectKind::Invoice, id: format!("x{n}") },
            ..find(&stage, "2026-0001", Operation::SendInvoice).key
        };
        stage.ledger.put(Export::new(key, samples::noon() - SignedDuration::from_mins(n)));
    }
    let many = stage.page("/exports?connection=books&operation=send_invoice").await.html;
    assert!(many.contains("More than 50 exports fit."), "{many}");
}

#[tokio::test]
async fn an_order_is_told_as_one_story_and_in_parts() {
    let stage = Stage::with_a_day("").await;
    let html = stage.page("/orders/shop/100000090").await.html;
    let (_, story) = html.split_once(r#"<ol class="timeline">"#).unwrap();
    let place = |words: &str| story.find(words).unwrap_or_else(|| panic!("{words} is not in {story}"));
    let order = [
        "The buyer ordered",
        "Parcel Z4820117090: Label made",
        "Delivered",
        "Invoice 2026-0090 is there at Fakturoid",
        "Attempt 1 failed: The vendor refused",
        "The vendor’s words:",
        "Attempt 2 failed: The vendor refused",
        "60 s after the attempt before.",
        "Attempt 3 failed: The vendor refused",
    ];
    let places: Vec<usize> = order.iter().map(|words| place(words)).collect();
    assert!(places.is_sorted(), "{places:?} {story}");
    assert!(html.contains("Documents: 1. Parcels: 1. Exports delivered: 1 of 2."), "{html}");
    assert!(html.contains(r#"<a href="/orders/shop/100000090" aria-current="true">Everything</a>"#), "{html}");
    let all = story.matches("<li class=").count();
    let mut parts = 0;
    for part in ["order", "documents", "parcels", "exports", "trouble"] {
        let path = format!("/orders/shop/100000090?show={part}");
        assert!(html.contains(&format!(r#"<a href="{path}">"#)), "{part}: {html}");
        let html = stage.page(&path).await.html;
        let (_, story) = html.split_once(r#"<ol class="timeline">"#).unwrap();
        assert!(html.contains(&format!(r#"<a href="{path}" aria-current="true">"#)), "{part}");
        parts += story.matches("<li class=").count();
    }
    assert_eq!(all, parts, "each belongs to one part");
    assert!(!html.contains("?show=decisions"), "there is none: {html}");
    let wrong = stage.page("/orders/shop/100000090?show=nonsense").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_delivery_says_what_it_settled() {
    let stage = Stage::with_a_day("").await;
    let mut export = find(&stage, "2026-0063", Operation::SendInvoice);
    export.attempt_log = find(&stage, "2026-0090", Operation::SendInvoice).attempt_log[..2].to_vec();
    let receipt = export.receipt.as_mut().unwrap();
    (receipt.at, receipt.proof) = (samples::noon(), serde_json::json!({"adopted": true}));
    stage.ledger.put(export.clone());
    let html = stage.page(&format!("/exports/{}", export.id)).await.html;
    for words in ["so nothing was sent a second time", "It arrived after 2 failed attempts."] {
        assert!(html.contains(words), "{words}: {html}");
    }
    assert_eq!(export.state, State::Delivered);
}
