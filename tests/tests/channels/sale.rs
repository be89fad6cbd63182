//! What the merchant's rules, a person and the books make of an order, through the real engine and against the practice
//! vendors.

use crate::day::{Crash, Day, done};
use crate::practice::World;
use domain::{
    AlsoKnownAs, Code, ConnectionId, Export, HoldReason, OrderReference, Rules, State, SubjectKind, TenantId,
};
use export_flow::person::{Hand, Resolution};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::sync::Arc;

async fn world() -> Arc<World> {
    let world = Arc::new(World::new().await);
    world.control("PATCH", "/_sandbox/vendors/magento", Some(json!({"bearer": true}))).await;
    world
}

/// An order with whatever else the wish says; the ids of its document and its parcel.
async fn order(world: &World, channel: &str, reference: &str, more: Value) -> (String, String) {
    let mut wish = json!({"channel": channel, "reference": reference, "document": null, "parcels": []});
    wish.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let made = world.control("POST", "/_sandbox/orders", Some(wish)).await;
    let id = |thing: &Value| thing["id"].as_str().unwrap_or_default().to_owned();
    (id(&made["document"]), id(&made["parcels"][0]))
}

async fn at(day: &Day, target: &str) -> Export {
    let to = |export: &Export| export.key.target.as_ref().is_some_and(|id| id.as_str() == target);
    let [export] = day.exports().await.into_iter().filter(to).collect::<Vec<_>>().try_into().unwrap();
    export
}

fn hold(export: &Export) -> Option<HoldReason> {
    export.hold.as_ref().filter(|_| export.state == State::Held).map(|hold| hold.reason)
}

/// A sale at the marketplace that was imported into the shop: what quotes either reference goes to both.
async fn sold_at_both(world: &Arc<World>, name: &str, quotes: &str, crash: Option<Crash>) -> bool {
    let (shop, market) = (format!("magento-{name}"), format!("mirakl-{name}"));
    order(world, "mirakl", &market, json!({})).await;
    let document = json!({"document": {"order_number": if quotes == "magento" { &shop } else { &market }},
        "other_reference": market});
    let (invoice, _) = order(world, "magento", &shop, document).await;
    let mut day = Day::begin(world, crash).await;
    let rule = AlsoKnownAs { field: "ext_order_id".into(), channel: ConnectionId::new("mirakl") };
    day.change("magento", |magento| magento.rules.also_known_as = Some(rule)).await;
    if quotes == "mirakl" {
        // The shop's order is known by something that quoted it before.
        let (other, _) =
            order(world, "magento", &format!("{shop}-b"), json!({"document": {"order_number": shop}})).await;
        day.tell(SubjectKind::Document, &other).await;
        day.rest(SignedDuration::from_mins(30)).await;
    }
    for _ in 0..2 {
        day.tell(SubjectKind::Document, &invoice).await;
    }
    day.rest(SignedDuration::from_hours(24)).await;
    let more = usize::from(quotes == "mirakl");
    let what = format!("{quotes} {crash:?}");
    assert_eq!(done(world, "mirakl", &market).await["documents"].len(), 1 + more, "{what}");
    // The second one has nothing left to invoice at the shop: the order was invoiced whole.
    assert_eq!(done(world, "magento", &shop).await["invoices"].len(), 1, "{what}");
    day.struck()
}

#[tokio::test]
async fn what_quotes_one_side_of_a_sale_reaches_both_once_wherever_the_process_ends() {
    let world = world().await;
    sold_at_both(&world, "back", "mirakl", None).await;
    let mut at = 0;
    while sold_at_both(&world, &format!("{at}"), "magento", Some(Crash { at, heard: true })).await {
        at += 1;
    }
    assert!(at >= 10, "only {at} calls");
}

#[tokio::test]
async fn a_shipment_that_waits_for_a_person_is_released_by_one() {
    let world = world().await;
    for (number, by_request) in [(1, false), (2, true)] {
        for channel in ["magento", "mirakl"] {
            let reference = format!("{channel}-{number}");
            let parcels = json!({"parcels": [{"tracking_number": format!("T-{reference}"), "state": "in_transit"}]});
            let (_, parcel) = order(&world, channel, &reference, parcels).await;
            let mut day = Day::begin(&world, None).await;
            let manual: Rules = serde_json::from_value(json!({"shipped_when": "manual"})).unwrap();
            day.change(channel, |connection| connection.rules.shipped_when = manual.shipped_when).await;
            day.tell(SubjectKind::Parcel, &parcel).await;
            day.rest(SignedDuration::from_hours(1)).await;
            let waiting = at(&day, channel).await;
            assert_eq!(hold(&waiting), Some(HoldReason::NotHandedOver), "{channel}");
            let before = done(&world, channel, &reference).await;
            assert!(!before.contains_key("shipments") && !before.contains_key("shipped"), "{before:?}");
            if by_request {
                let hand = Hand { source: "sendcloud".into(), document: None, shipment: Some(parcel), target: None };
                day.flow.request(&TenantId::local(), &hand).await.unwrap();
            } else {
                day.flow.resolve(&TenantId::local(), &waiting.id, &Resolution::SendAgain, None).await.unwrap();
            }
            day.rest(SignedDuration::from_hours(1)).await;
            assert_eq!(at(&day, channel).await.state, State::Delivered, "{channel} by request {by_request}");
        }
    }
}

#[tokio::test]
async fn a_payment_kind_with_nothing_beside_it_gets_no_invoice_at_the_shop() {
    let world = world().await;
    for (payment, goes) in [("cashondelivery", false), ("banktransfer", true)] {
        let wish = json!({"payment": payment, "document": {}});
        let reference = format!("magento-{payment}");
        let (invoice, _) = order(&world, "magento", &reference, wish).await;
        let mut day = Day::begin(&world, None).await;
        let rules = json!({"invoice_when": "issued", "invoice_when_by_payment": {"cashondelivery": ""}});
        let rules: Rules = serde_json::from_value(rules).unwrap();
        day.change("magento", |magento| magento.rules = Rules { order_pattern: None, ..rules }).await;
        day.change("mirakl", |mirakl| mirakl.rules.order_pattern = Some("^mirakl".into())).await;
        day.tell(SubjectKind::Document, &invoice).await;
        day.rest(SignedDuration::from_hours(1)).await;
        let export = at(&day, "magento").await;
        let state = if goes { (State::Delivered, None) } else { (State::Skipped, Some(Code::RuleNever)) };
        assert_eq!((export.state, export.code), state);
        assert_eq!(done(&world, "magento", &reference).await.contains_key("invoices"), goes);
    }
}

#[tokio::test]
async fn what_the_books_take_back_is_left_out_before_and_found_after_it_went_out() {
    let world = world().await;
    for (number, change, code) in [
        (1, json!({"status": "cancelled"}), Code::CancelledAfterSending),
        (2, json!({"removed": true}), Code::GoneAfterSending),
    ] {
        for channel in ["magento", "mirakl"] {
            let reference = format!("{channel}-{number}");
            let (sent, _) = order(&world, channel, &reference, json!({"document": {}})).await;
            let late = format!("{reference}-late");
            let (waits, _) = order(&world, channel, &late, json!({"document": {}})).await;
            let mut day = Day::begin(&world, None).await;
            day.tell(SubjectKind::Document, &sent).await;
            day.rest(SignedDuration::from_mins(10)).await;
            day.change(channel, |c| c.rules.invoice_when = Some(domain::InvoiceWhen::Paid)).await;
            day.tell(SubjectKind::Document, &waits).await;
            day.rest(SignedDuration::from_mins(10)).await;
            let before = done(&world, channel, &reference).await;
            for id in [&sent, &waits] {
                world.control("PATCH", &format!("/_sandbox/documents/{id}"), Some(change.clone())).await;
                day.tell(SubjectKind::Document, id).await;
            }
            day.rest(SignedDuration::from_mins(10)).await;
            let tenant = TenantId::local();
            let order = day.flow.timeline(&tenant, channel, &OrderReference::new(&reference)).await.unwrap();
            let found: Vec<Code> = order.findings.iter().map(|finding| finding.code).collect();
            assert_eq!((found, order.exports[0].state), (vec![code], State::Delivered), "{channel}");
            assert_eq!(done(&world, channel, &reference).await, before, "nothing was taken away");
            let order = day.flow.timeline(&tenant, channel, &OrderReference::new(&late)).await.unwrap();
            assert!(order.findings.is_empty() && done(&world, channel, &late).await.is_empty());
            assert_eq!(order.exports[0].state, State::Skipped, "{channel}");
        }
    }
}
