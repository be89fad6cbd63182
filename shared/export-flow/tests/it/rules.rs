//! The merchant's rules, one by one: whose order it is, what is carried, when an invoice goes, and what a person asks for.

use crate::bench::{Bench, INVOICE, hold_of, seconds};
use domain::{CarryWhen, Cause, Code, ConnectionState, HoldReason, InvoiceWhen, SkipReason, State, SubjectKind};
use export_flow::message::Message;
use serde_json::{Value, json};

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
            let bench = Bench::sold().await;
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
            if expected == Way::Waits {
                let until = ["", "was sent to the buyer", "a payment is under way", "is paid"][first.unwrap()];
                let detail = bench.only("shop").await.hold.unwrap().detail.unwrap();
                assert!(detail.contains(until), "{when:?}: {detail}");
            }
        }
    }
}

#[tokio::test]
async fn what_waits_for_its_payment_goes_with_the_news_of_it() {
    let bench = Bench::sold().await;
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
        let bench = Bench::sold().await;
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
    let bench = Bench::sold().await;
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

/// Order 100 of the shop, and an invoice of it that says this besides.
async fn invoice(bench: &Bench, says: Value) {
    bench.world.order("shop", "100", "100.00");
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    bench.world.document_as("9001", says);
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
}

#[tokio::test]
async fn a_source_carries_what_fits_every_part_of_its_rule() {
    let rule =
        CarryWhen { series: vec!["WEB".into()], tags: vec!["shop".into(), "b2c".into()], order_pattern: "^1".into() };
    for (says, carried) in [
        (json!({"series": "WEB", "tags": ["b2c", "old"]}), true),
        (json!({"series": "HOME", "tags": ["shop"]}), false),
        (json!({"tags": ["shop"]}), false),
        (json!({"series": "WEB", "tags": ["b2b"]}), false),
        (json!({"series": "WEB"}), false),
        (json!({"series": "WEB", "tags": ["shop"], "order": "200"}), false),
    ] {
        let bench = Bench::new().await;
        bench.world.order("shop", "200", "100.00");
        bench.change("books", |books| books.rules.carry_when = Some(rule.clone())).await;
        invoice(&bench, says.clone()).await;
        assert_eq!(bench.world.effects_at("shop"), usize::from(carried), "{says}");
        if !carried {
            let look = bench.look().await;
            assert_eq!((look.state, look.code), (State::Skipped, Some(Code::NotCarried)), "{says}");
        }
    }
}

#[tokio::test]
async fn an_empty_part_of_a_rule_leaves_nothing_out() {
    let bench = Bench::new().await;
    bench.change("books", |books| books.rules.carry_when = Some(CarryWhen::default())).await;
    invoice(&bench, json!({"series": "HOME", "tags": ["b2b"]})).await;
    assert_eq!(bench.world.effects_at("shop"), 1);
}

#[tokio::test]
async fn a_credit_note_waits_for_its_own_invoice_at_its_own_target() {
    let bench = Bench::new().await;
    bench.change("shop", |shop| shop.rules.invoice_when = Some(InvoiceWhen::Paid)).await;
    // Met before its own one, so that nobody takes the first of the order for it.
    let others = ["9000", "9009"];
    bench.world.order("shop", "100", "100.00");
    for id in others {
        bench.world.document_as(id, json!({"order": "100", "status": "paid"}));
        bench.arrive(INVOICE, id).await;
    }
    bench.work().await;
    invoice(&bench, json!({})).await;
    bench
        .world
        .document_as("9002", json!({"number": "C-1", "order": "100", "kind": "credit_note", "corrects": "9001"}));
    bench.arrive(INVOICE, "9002").await;
    bench.work().await;
    let of = async |id: &str| bench.exports().await.into_iter().find(|e| e.key.subject.id == id).unwrap();
    for id in others {
        assert_eq!(of(id).await.state, State::Delivered, "another invoice of the order");
    }
    assert_eq!(hold_of(&of("9002").await), Some(HoldReason::Predecessor));

    bench.world.document_as("9001", json!({"status": "cancelled"}));
    bench.rest(seconds(2 * 86_400)).await;
    assert_eq!(of("9001").await.skip.unwrap().reason, SkipReason::DocumentCancelled);
    assert_eq!(of("9002").await.state, State::Delivered, "an invoice that will never go is not waited for");
}

#[tokio::test]
async fn an_order_that_grew_at_its_channel_is_asked_for_once_more_before_anything_is_held() {
    let bench = Bench::new().await;
    invoice(&bench, json!({})).await;
    let asked = || bench.world.calls("GET shop/orders");
    assert_eq!(asked(), 1);
    bench.world.order("shop", "100", "250.00");
    bench.world.document("9002", "2026-2", Some("100"), "200.00");
    bench.arrive(INVOICE, "9002").await;
    bench.work().await;
    assert_eq!((bench.world.effects_at("shop"), asked()), (2, 2));
    bench.world.document("9003", "2026-3", Some("100"), "240.00");
    bench.arrive(INVOICE, "9003").await;
    bench.work().await;
    assert_eq!((bench.world.effects_at("shop"), asked()), (3, 2), "what fits is not asked about");
}

/// Two markets that know order 100 and want everything.
async fn two_markets() -> Bench {
    let bench = Bench::new().await;
    bench.connect("shop2", "market").await;
    for shop in ["shop", "shop2"] {
        bench.world.order(shop, "100", "100.00");
    }
    bench
}

#[tokio::test]
async fn news_with_a_target_goes_to_that_target_only() {
    let bench = two_markets().await;
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    let Message::SourceEventV1(mut event) = bench.event(INVOICE, "9001", Cause::Hand) else { panic!() };
    event.target = Some(domain::ConnectionId::new("shop2"));
    bench.send(Message::SourceEventV1(event)).await;
    bench.work().await;
    assert_eq!((bench.world.effects_at("shop"), bench.world.effects_at("shop2")), (0, 1));
    let export = bench.only("shop2").await;
    assert_eq!(export.overrides.target, export.key.target, "what was asked for is kept");
}

#[tokio::test]
async fn asking_for_a_parcel_says_that_it_goes_now_and_asking_for_a_document_does_not() {
    for (cause, by_hand) in [(Cause::Hand, true), (Cause::Webhook, false)] {
        let bench = Bench::new().await;
        bench.change("shop", |shop| shop.rules.invoice_when = Some(InvoiceWhen::Paid)).await;
        invoice(&bench, json!({})).await;
        bench.world.parcel("7", "100", Some("T-1"), "in_transit");
        for (kind, id) in [(SubjectKind::Parcel, "7"), (INVOICE, "9001")] {
            let message = bench.event(kind, id, cause);
            bench.send(message).await;
        }
        bench.work().await;
        for export in bench.exports().await {
            let expected = by_hand && export.key.subject.kind == SubjectKind::Parcel;
            assert_eq!(export.overrides.by_hand, expected, "{cause:?} {:?}", export.key);
        }
    }
}

#[tokio::test]
async fn a_channel_that_is_switched_off_or_never_was_in_use_is_no_second_target() {
    for unused in [false, true] {
        let bench = two_markets().await;
        bench.change("shop2", |shop| shop.rules.order_pattern = Some("^never".into())).await;
        invoice(&bench, json!({})).await;
        let alias = domain::Alias {
            channel: domain::ConnectionId::new("shop2"),
            reference: domain::OrderReference::new("100"),
        };
        let reference = domain::OrderReference::new("100");
        bench.flow.name_aliases(&domain::TenantId::local(), "shop", &reference, &[alias]).await.unwrap();
        bench
            .change("shop2", |shop| {
                if unused {
                    shop.ever_active = false;
                } else {
                    shop.state = ConnectionState::Disabled;
                }
            })
            .await;
        bench.work().await;
        assert_eq!((bench.world.effects_at("shop"), bench.world.effects_at("shop2")), (1, 0));
        assert_eq!(bench.exports().await.iter().filter(|export| export.key.target.is_some()).count(), 1);
    }
}

#[tokio::test]
async fn names_that_a_person_gave_an_order_outlive_its_being_asked_for_again() {
    let bench = two_markets().await;
    bench.connect("shop3", "market").await;
    bench.world.order("shop3", "100", "100.00");
    for shop in ["shop2", "shop3"] {
        bench.change(shop, |shop| shop.rules.order_pattern = Some("^never".into())).await;
    }
    invoice(&bench, json!({})).await;
    let reference = domain::OrderReference::new("100");
    let aliases = ["shop2", "shop3"]
        .map(|channel| domain::Alias { channel: domain::ConnectionId::new(channel), reference: reference.clone() });
    bench.flow.name_aliases(&domain::TenantId::local(), "shop", &reference, &aliases).await.unwrap();
    bench.work().await;
    assert_eq!(["shop", "shop2", "shop3"].map(|shop| bench.world.effects_at(shop)), [1, 1, 1]);
    bench.world.order("shop", "100", "250.00");
    bench.world.document("9002", "2026-2", Some("100"), "200.00");
    bench.arrive(INVOICE, "9002").await;
    bench.work().await;
    let targets = bench.exports().await.into_iter().filter(|e| e.key.subject.id == "9002" && e.key.target.is_some());
    assert_eq!(targets.count(), 3);
}
