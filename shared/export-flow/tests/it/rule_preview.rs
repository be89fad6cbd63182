//! What other rules would have done: judged by what is kept, and left open where that does not say.

use crate::bench::{Bench, INVOICE};
use domain::{InvoiceWhen, TenantId};
use export_flow::connections::{PutOptions, RulePreview};
use export_flow::refused::Refused;
use jiff::SignedDuration;
use serde_json::{Value, json};

/// An invoice that waits to be paid, for an order paid on delivery, and one that was paid and is there.
async fn bench() -> Bench {
    let bench = Bench::new().await;
    bench.change("shop", |shop| shop.rules.invoice_when = Some(InvoiceWhen::Paid)).await;
    bench.world.order_paid_by("shop", "100", "121.00", "cod");
    bench.world.order_paid_by("shop", "200", "121.00", "card");
    bench.world.document("9001", "2026-1", Some("100"), "121.00");
    bench.world.document("9002", "2026-2", Some("200"), "121.00");
    bench.world.document_as("9002", json!({"status": "paid"}));
    for id in ["9001", "9002"] {
        bench.arrive(INVOICE, id).await;
    }
    bench.work().await;
    bench
}

/// Previews, and proves that nobody was asked and nothing has changed by it.
async fn preview(bench: &Bench, id: &str, rules: Value) -> RulePreview {
    let before = (bench.ledger.all(), bench.queue.all(), bench.world.calls(""));
    let connection = bench.flow.connection_of(&TenantId::local(), id).await.unwrap();
    let found = bench.flow.preview_rules(&TenantId::local(), id, &rules, PutOptions::default()).await.unwrap();
    assert_eq!((bench.ledger.all(), bench.queue.all(), bench.world.calls("")), before);
    assert_eq!(bench.flow.connection_of(&TenantId::local(), id).await.unwrap(), connection);
    let changed: u64 = found.changes.iter().map(|change| change.count).sum();
    assert_eq!(found.looked_at, found.unchanged + found.unjudged + changed);
    found
}

fn changes(found: &RulePreview) -> Vec<(&'static str, &'static str, u64)> {
    found.changes.iter().map(|change| (change.from, change.to, change.count)).collect()
}

#[tokio::test]
async fn when_an_invoice_goes_is_judged_as_far_as_it_is_known() {
    let bench = bench().await;
    for (rules, expected, unjudged) in [
        (json!({"invoice_when": "paid"}), vec![], 0),
        (json!({"invoice_when": "issued"}), vec![("not_paid_yet", "goes", 1)], 0),
        (json!({"invoice_when": "never"}), vec![("delivered", "rule_never", 1), ("not_paid_yet", "rule_never", 1)], 0),
        // Whether it was sent by then is not kept; what was paid had been sent.
        (json!({"invoice_when": "sent"}), vec![], 1),
        (
            json!({"invoice_when": "paid", "invoice_when_by_payment": {"cod": "issued"}}),
            vec![("not_paid_yet", "goes", 1)],
            0,
        ),
        (json!({"invoice_when": "paid", "also_known_as": {"field": "ext", "channel": "other"}}), vec![], 2),
    ] {
        let found = preview(&bench, "shop", rules.clone()).await;
        let mut told = changes(&found);
        told.sort_unstable();
        assert_eq!((told, found.unjudged), (expected, unjudged), "{rules}");
        assert!(found.changes.iter().all(|change| change.examples.len() == 1));
    }
    bench.clock.advance(SignedDuration::from_hours(24 * 31));
    assert_eq!(preview(&bench, "shop", json!({"invoice_when": "never"})).await.looked_at, 0, "it is too long ago");
}

#[tokio::test]
async fn what_would_be_anothers_or_become_ones_own_is_told() {
    let bench = bench().await;
    let narrowed = preview(&bench, "shop", json!({"invoice_when": "paid", "order_pattern": "^2"})).await;
    assert_eq!(changes(&narrowed), [("not_paid_yet", "no_channel_matches", 1)]);
    bench.change("shop", |shop| shop.rules.order_pattern = Some("^[12]".to_owned())).await;
    bench.world.document("9003", "2026-3", Some("300"), "121.00");
    bench.arrive(INVOICE, "9003").await;
    bench.work().await;
    let widened = preview(&bench, "shop", json!({"invoice_when": "paid", "order_pattern": "^[123]"})).await;
    assert_eq!(changes(&widened), [("not_ours", "looked_for", 1)]);
}

#[tokio::test]
async fn what_a_source_carries_is_judged_by_the_order_and_not_by_tags() {
    let bench = bench().await;
    bench.change("books", |books| books.switches.clear()).await;
    let by_order = preview(&bench, "books", json!({"carry_when": {"order_pattern": "^2"}})).await;
    assert_eq!((changes(&by_order), by_order.unjudged), (vec![("not_paid_yet", "not_carried", 1)], 0));
    let by_tag = preview(&bench, "books", json!({"carry_when": {"tags": ["web"]}})).await;
    assert_eq!((changes(&by_tag), by_tag.unjudged), (vec![], 2));
}

#[tokio::test]
async fn what_cannot_be_saved_is_not_previewed() {
    let bench = bench().await;
    let wrong = json!({"order_pattern": "("});
    let refused = bench.flow.preview_rules(&TenantId::local(), "shop", &wrong, PutOptions::default()).await;
    assert!(matches!(refused, Err(Refused::Fields(errors)) if errors[0].field == "rules.order_pattern"));
}
