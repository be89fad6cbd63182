//! What other rules would have done: told by what is remembered, and nothing is asked, sent or written for it.

use crate::bench::{Bench, INVOICE};
use domain::{CarryWhen, Export, InvoiceWhen, OrderReference, State, SubjectKind, TenantId};
use export_flow::connections::{Effect, Fate, RuleChange, RulePreview};
use jiff::SignedDuration;
use serde_json::{Value, json};

const STATUSES: [&str; 4] = ["issued", "sent", "in_payment", "paid"];
const NOT_PAID: Fate = Fate { state: State::Held, reason: Some("not_paid_yet") };
const NEVER: Fate = Fate { state: State::Skipped, reason: Some("rule_never") };
const DELIVERED: Fate = Fate { state: State::Delivered, reason: None };
const SENDING: Fate = Fate { state: State::Sending, reason: None };

/// Previews, and proves that nothing was written, queued or asked of a vendor.
async fn preview(bench: &Bench, id: &str, rules: &Value, switches: &Value) -> RulePreview {
    const READS: [&str; 6] = ["connection", "connections", "exports", "order", "document", "parcel"];
    let (exports, queued, asked) = (bench.ledger.all(), bench.queue.all(), bench.world.calls(""));
    let before = bench.ledger.trouble().calls().len();
    let preview = bench.flow.preview_rules(&TenantId::local(), id, rules, switches).await.unwrap();
    let calls = bench.ledger.trouble().calls();
    let written: Vec<_> = calls[before..].iter().filter(|call| !READS.contains(call)).collect();
    assert!(written.is_empty(), "{written:?}");
    assert_eq!((bench.ledger.all(), bench.queue.all(), bench.world.calls("")), (exports, queued, asked));
    let changed: u64 = preview.changes.iter().map(|change| change.count).sum();
    assert_eq!(changed + preview.unchanged + preview.not_judged, preview.looked_at);
    preview
}

/// Ten orders of the shop and their invoices, at each status in turn: three are issued, three sent, two in payment, two paid.
async fn ten(rule: InvoiceWhen) -> Bench {
    let bench = Bench::new().await;
    bench.change("shop", |shop| shop.rules.invoice_when = Some(rule)).await;
    for n in 0..10 {
        let (order, id) = (format!("{}", 100 + n), format!("{}", 9000 + n));
        bench.world.order_paid_by("shop", &order, "100.00", if n % 2 == 0 { "card" } else { "cod" });
        bench.world.document(&id, &format!("2026-{n}"), Some(&order), "100.00");
        bench.world.document_as(&id, json!({"status": STATUSES[n % 4]}));
        bench.arrive(INVOICE, &id).await;
    }
    bench.work().await;
    bench
}

fn only(preview: &RulePreview) -> &RuleChange {
    assert_eq!(preview.changes.len(), 1, "{preview:?}");
    &preview.changes[0]
}

fn orders(change: &RuleChange) -> Vec<String> {
    let mut orders: Vec<String> =
        change.examples.iter().map(|example| example.order.as_ref().unwrap().to_string()).collect();
    orders.sort();
    orders
}

#[tokio::test]
async fn of_ten_invoices_those_that_are_not_paid_would_have_waited() {
    let bench = ten(InvoiceWhen::Issued).await;
    let told = preview(&bench, "shop", &json!({"invoice_when": "paid"}), &Value::Null).await;
    assert_eq!((told.looked_at, told.complete, told.unchanged, told.not_judged), (10, true, 2, 0));
    let change = only(&told);
    assert_eq!((change.from, change.to, change.effect, change.gone), (DELIVERED, NOT_PAID, Effect::Waits, true));
    assert_eq!((change.count, change.examples.len()), (8, 5));
    assert!(change.examples.iter().all(|e| e.number.as_ref().is_some_and(|n| n.starts_with("2026-"))), "{change:?}");
    assert!(change.text().contains("from now on"), "{}", change.text());

    let in_payment = preview(&bench, "shop", &json!({"invoice_when": "in_payment"}), &Value::Null).await;
    assert_eq!((only(&in_payment).count, in_payment.unchanged), (6, 4));
}

#[tokio::test]
async fn what_waits_would_have_gone_and_no_more_of_it_than_the_rule_says() {
    let bench = ten(InvoiceWhen::Paid).await;
    assert_eq!(bench.world.done(), 2);
    let told = preview(&bench, "shop", &json!({"invoice_when": "in_payment"}), &Value::Null).await;
    let change = only(&told);
    assert_eq!((change.from, change.to, change.effect, change.gone), (NOT_PAID, SENDING, Effect::Goes, false));
    assert_eq!((orders(change), told.unchanged), (vec!["102".to_owned(), "106".to_owned()], 8));

    // What was foretold is what happens once it is saved.
    bench.change("shop", |shop| shop.rules.invoice_when = Some(InvoiceWhen::InPayment)).await;
    bench.rest(SignedDuration::from_hours(25)).await;
    assert_eq!(bench.world.done(), 4);
}

#[tokio::test]
async fn the_payment_of_the_order_decides_where_the_rule_asks_for_it() {
    let bench = ten(InvoiceWhen::Issued).await;
    let rules = json!({"invoice_when": "issued", "invoice_when_by_payment": {"cod": "never"}});
    let told = preview(&bench, "shop", &rules, &Value::Null).await;
    let change = only(&told);
    assert_eq!((change.to, change.effect, change.gone, change.count), (NEVER, Effect::LeftOut, true, 5));
    assert_eq!(orders(change), ["101", "103", "105", "107", "109"]);
}

#[tokio::test]
async fn a_switch_lets_out_and_leaves_out() {
    let bench = ten(InvoiceWhen::Paid).await;
    let off = preview(&bench, "shop", &Value::Null, &json!({"send_invoice": false})).await;
    let left: Vec<_> = off.changes.iter().map(|c| (c.from, c.to.reason, c.gone, c.count)).collect();
    assert_eq!(left, [(NOT_PAID, Some("switched_off"), false, 8), (DELIVERED, Some("switched_off"), true, 2)]);
    bench.change("shop", |shop| shop.switches.clear()).await;
    bench.world.order("shop", "200", "100.00");
    bench.world.document("9100", "2026-100", Some("200"), "100.00");
    bench.arrive(INVOICE, "9100").await;
    bench.work().await;
    let rules = json!({"invoice_when": "paid"});
    let on = preview(&bench, "shop", &rules, &json!({"send_invoice": true})).await;
    let change = only(&on);
    assert_eq!((change.from.reason, change.to, change.count), (Some("switched_off"), NOT_PAID, 1));
}

#[tokio::test]
async fn whose_order_it_is_tells_what_goes_nowhere_and_guesses_nothing() {
    let bench = ten(InvoiceWhen::Issued).await;
    let rules = json!({"invoice_when": "issued", "order_pattern": "^10[0-4]$"});
    let told = preview(&bench, "shop", &rules, &Value::Null).await;
    assert_eq!((only(&told).to.reason, only(&told).gone, only(&told).count), (Some("not_ours"), true, 5));
    // Another channel would be asked, and it alone knows.
    bench.connect("bazaar", "market").await;
    let told = preview(&bench, "shop", &rules, &Value::Null).await;
    assert_eq!((told.changes.len(), told.not_judged, told.unchanged), (0, 5, 5));
}

#[tokio::test]
async fn a_source_tells_what_it_would_leave_out_and_what_it_would_carry() {
    let bench = Bench::new().await;
    for (n, says) in [json!({"series": "WEB"}), json!({"series": "HOME"}), json!({"tags": ["b2b"]})].iter().enumerate()
    {
        let (order, id) = (format!("10{n}"), format!("900{n}"));
        bench.world.order("shop", &order, "100.00");
        bench.world.document(&id, &format!("2026-{n}"), Some(&order), "100.00");
        bench.world.document_as(&id, says.clone());
        bench.arrive(INVOICE, &id).await;
    }
    bench.work().await;
    let web = json!({"carry_when": {"series": ["WEB"]}});
    let told = preview(&bench, "books", &web, &Value::Null).await;
    let change = only(&told);
    assert_eq!((change.from, change.to, change.gone), (DELIVERED, NEVER, true));
    assert_eq!(orders(change), ["101", "102"]);

    let rule = CarryWhen { series: vec!["WEB".into()], ..CarryWhen::default() };
    bench.change("books", |books| books.rules.carry_when = Some(rule)).await;
    for (order, id) in [(Some("200"), "9100"), (None, "9101")] {
        bench.world.document_as(id, json!({"number": id, "order": order, "series": "HOME"}));
        bench.arrive(INVOICE, id).await;
    }
    bench.work().await;
    let told = preview(&bench, "books", &json!({"carry_when": {"series": ["WEB", "HOME"]}}), &Value::Null).await;
    let tos: Vec<_> = told.changes.iter().map(|c| (c.from, c.to.state, c.to.reason, c.effect)).collect();
    assert_eq!(tos.len(), 2, "{tos:?}");
    assert!(tos.contains(&(NEVER, State::Planned, None, Effect::Goes)), "{tos:?}");
    assert!(tos.contains(&(NEVER, State::Skipped, Some("not_ours"), Effect::LeftOut)), "{tos:?}");
}

#[tokio::test]
async fn a_parcel_waits_for_its_courier_where_the_rule_does() {
    let bench = Bench::new().await;
    for (n, state) in ["label_created", "in_transit", "delivered"].iter().enumerate() {
        let (order, id) = (format!("10{n}"), format!("{n}"));
        bench.world.order("shop", &order, "100.00");
        bench.world.parcel(&id, &order, Some(&format!("T-{n}")), state);
        bench.arrive(SubjectKind::Parcel, &id).await;
    }
    bench.work().await;
    bench.change("shop", |shop| shop.rules.shipped_when = Some(domain::ShippedWhen::NumberKnown)).await;
    let told = preview(&bench, "shop", &json!({"shipped_when": "handed_over"}), &Value::Null).await;
    assert_eq!((only(&told).to.reason, told.unchanged), (Some("not_handed_over"), 2));
    assert_eq!(orders(only(&told)), ["100"]);
    let manual = preview(&bench, "shop", &json!({"shipped_when": "manual"}), &Value::Null).await;
    assert_eq!(only(&manual).count, 3);
}

#[tokio::test]
async fn only_the_last_days_are_looked_at_and_what_changes_nothing_changes_nothing() {
    let bench = ten(InvoiceWhen::Issued).await;
    let same = preview(&bench, "shop", &json!({"invoice_when": "issued"}), &json!({"send_invoice": true})).await;
    assert_eq!((same.looked_at, same.unchanged, same.changes.len()), (10, 10, 0));
    let other = json!({"invoice_when": "issued", "if_target_has_one": "adopt"});
    assert_eq!(preview(&bench, "shop", &other, &Value::Null).await.rules_not_judged, ["if_target_has_one"]);
    bench.clock.advance(SignedDuration::from_hours(24 * 31));
    let later = preview(&bench, "shop", &json!({"invoice_when": "never"}), &Value::Null).await;
    assert_eq!((later.looked_at, later.complete), (0, true));
}

#[tokio::test]
async fn more_than_it_looks_at_is_said_to_be_more() {
    let bench = ten(InvoiceWhen::Issued).await;
    let sample = bench.exports().await.remove(0);
    for n in 0..2_000 {
        let mut key = sample.key.clone();
        key.subject.id = format!("copy-{n}");
        let order = Some(OrderReference::new(format!("C-{n}")));
        bench.ledger.put(Export { id: key.id(), key, order, ..sample.clone() });
    }
    let told = preview(&bench, "shop", &Value::Null, &json!({"send_invoice": false})).await;
    assert_eq!((told.looked_at, told.complete), (2_000, false));
}

#[tokio::test]
async fn rules_and_switches_that_cannot_be_saved_cannot_be_previewed() {
    let bench = ten(InvoiceWhen::Issued).await;
    for (rules, switches, field) in [
        (json!({"order_pattern": "("}), Value::Null, "rules.order_pattern"),
        (json!({"invoice_when": "someday"}), Value::Null, "rules.invoice_when"),
        (json!({"carry_when": {}}), Value::Null, "rules.carry_when"),
        (Value::Null, json!({"fly": true}), "switches.fly"),
        (Value::Null, json!({"issue_documents": true}), "switches.issue_documents"),
    ] {
        let refused = bench.flow.preview_rules(&TenantId::local(), "shop", &rules, &switches).await.unwrap_err();
        assert!(format!("{refused:?}").contains(field), "{field}: {refused:?}");
    }
    assert!(bench.flow.preview_rules(&TenantId::new("other"), "shop", &Value::Null, &Value::Null).await.is_err());
}
