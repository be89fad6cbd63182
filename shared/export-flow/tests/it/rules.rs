//! The merchant's rules, one by one: whose order it is, what is carried, and when an invoice goes.

use crate::bench::{Bench, INVOICE, hold_of};
use domain::{CarryWhen, Code, HoldReason, InvoiceWhen, SkipReason, State};
use serde_json::json;

async fn sold() -> Bench {
    let bench = Bench::new().await;
    bench.world.order("shop", "100", "100.00");
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    bench
}

async fn told(bench: &Bench) {
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
}

/// What a rule makes of an invoice with this status: it goes, waits, or never goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Goes,
    Waits,
    Never,
}

async fn way(bench: &Bench) -> Way {
    let export = bench.only("shop").await;
    match export.state {
        State::Delivered => Way::Goes,
        State::Held if hold_of(&export) == Some(HoldReason::NotPaidYet) => Way::Waits,
        State::Skipped if export.code == Some(Code::RuleNever) => Way::Never,
        other => panic!("{other:?}"),
    }
}

const STATUSES: [&str; 4] = ["issued", "sent", "in_payment", "paid"];

/// Each rule, and from which status on it lets an invoice go.
const WHEN: [(InvoiceWhen, Option<usize>); 5] = [
    (InvoiceWhen::Issued, Some(0)),
    (InvoiceWhen::Sent, Some(1)),
    (InvoiceWhen::InPayment, Some(2)),
    (InvoiceWhen::Paid, Some(3)),
    (InvoiceWhen::Never, None),
];

#[tokio::test]
async fn an_invoice_goes_from_the_status_on_that_the_rule_names() {
    for (when, first) in WHEN {
        for (at, status) in STATUSES.iter().enumerate() {
            let bench = sold().await;
            bench.change("shop", |shop| shop.rules.invoice_when = Some(when)).await;
            bench.world.document_as("9001", json!({"status": status}));
            told(&bench).await;
            let expected = match first {
                None => Way::Never,
                Some(first) if at >= first => Way::Goes,
                Some(_) => Way::Waits,
            };
            assert_eq!(way(&bench).await, expected, "{when:?} at {status}");
            assert_eq!(bench.world.done(), usize::from(expected == Way::Goes), "{when:?} at {status}");
        }
    }
}

#[tokio::test]
async fn what_waits_for_its_payment_goes_with_the_news_of_it() {
    let bench = sold().await;
    bench.change("shop", |shop| shop.rules.invoice_when = Some(InvoiceWhen::InPayment)).await;
    told(&bench).await;
    assert_eq!(way(&bench).await, Way::Waits);
    bench.world.document_as("9001", json!({"status": "in_payment"}));
    told(&bench).await;
    assert_eq!((way(&bench).await, bench.world.done()), (Way::Goes, 1));
}

#[tokio::test]
async fn the_payment_kind_of_the_order_goes_before_the_rule_for_all() {
    // The practice market's orders are paid by card.
    let cases = [
        (vec![("card", InvoiceWhen::Never)], Way::Never),
        (vec![("card", InvoiceWhen::Paid), ("cod", InvoiceWhen::Issued)], Way::Waits),
        (vec![("cod", InvoiceWhen::Never)], Way::Goes),
        (vec![("Card", InvoiceWhen::Never)], Way::Goes),
    ];
    for (by_payment, expected) in cases {
        let bench = sold().await;
        bench
            .change("shop", |shop| {
                shop.rules.invoice_when = Some(InvoiceWhen::Issued);
                shop.rules.invoice_when_by_payment =
                    by_payment.iter().map(|(kind, when)| ((*kind).to_owned(), *when)).collect();
            })
            .await;
        told(&bench).await;
        assert_eq!(way(&bench).await, expected, "{by_payment:?}");
    }
}

#[tokio::test]
async fn an_order_is_looked_for_only_where_its_reference_fits() {
    let bench = sold().await;
    bench.connect("bazaar", "market").await;
    bench.change("shop", |shop| shop.rules.order_pattern = Some("^[0-9]+$".into())).await;
    bench.change("bazaar", |bazaar| bazaar.rules.order_pattern = Some("^M-".into())).await;
    // Both have it, but only one could.
    bench.world.order("bazaar", "100", "100.00");
    told(&bench).await;
    assert_eq!((bench.world.calls("shop/orders"), bench.world.calls("bazaar/orders")), (1, 0));
    assert_eq!(bench.world.effects_at("shop"), 1);
    bench.world.document("9002", "2026-2", Some("X-1"), "1.00");
    bench.arrive(INVOICE, "9002").await;
    bench.work().await;
    let left_out = bench.exports().await.into_iter().find(|e| e.key.subject.id == "9002").unwrap();
    assert_eq!((left_out.state, left_out.code), (State::Skipped, Some(Code::NoChannelMatches)));
    assert_eq!(left_out.skip.unwrap().reason, SkipReason::NotOurs);
}

#[tokio::test]
async fn the_sources_rule_says_what_is_carried_at_all() {
    let rule = |series: &[&str], tags: &[&str], pattern: &str| CarryWhen {
        series: series.iter().map(|s| (*s).to_owned()).collect(),
        tags: tags.iter().map(|t| (*t).to_owned()).collect(),
        order_pattern: pattern.to_owned(),
    };
    let cases = [
        (rule(&[], &[], ""), true),
        (rule(&["shop", "other"], &[], ""), true),
        (rule(&["other"], &[], ""), false),
        (rule(&[], &["b2c"], ""), true),
        (rule(&[], &["b2b"], ""), false),
        (rule(&[], &[], "^1"), true),
        (rule(&[], &[], "^2"), false),
        (rule(&["shop"], &["b2b"], ""), false),
    ];
    for (carry, goes) in cases {
        let bench = sold().await;
        bench.world.document_as("9001", json!({"series": "shop", "tags": ["b2c", "vip"]}));
        bench.change("books", |books| books.rules.carry_when = Some(carry.clone())).await;
        told(&bench).await;
        assert_eq!(bench.world.done(), usize::from(goes), "{carry:?}");
        if !goes {
            let look = bench.look().await;
            assert_eq!((look.state, look.code), (State::Skipped, Some(Code::NotCarried)), "{carry:?}");
        }
    }
}
