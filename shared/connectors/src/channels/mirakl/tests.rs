//! Conversations with Mirakl, and the decisions that hang on what was read.

use super::{Mirakl, map, wire};
use crate::channels::scene::{Outcome, Scene, failed, held, id, receipt, sibling, skipped};
use crate::contract::{Channel, Connector};
use crate::session::{Session, WriteOutcome};
use crate::stop::Stop;
use crate::suite::stage::Stage;
use domain::{
    AdoptRule, AlsoKnownAs, Carrier, Code, ConnectionId, DeliveryState, DocumentKind, HoldReason, NumberWhen,
    Operation, OrderReference, OrderState, ParcelLine, ShippedWhen, SkipReason, Unmapped,
};
use proptest::prelude::*;
use rust_decimal::Decimal;

const ORDER: &str = "MIR-1-A";

fn scene() -> Scene {
    Scene::at(ORDER)
}

/// A parcel that holds two of the five mice.
fn part() -> Scene {
    let mut scene = scene();
    scene.parcel.lines = vec![ParcelLine { sku: "MOUSE-1".into(), quantity: Decimal::TWO }];
    scene
}

/// A parcel that the courier has not scanned.
fn unscanned() -> Scene {
    let mut scene = scene();
    scene.parcel.state = DeliveryState::LabelCreated;
    scene.parcel.states.clear();
    scene
}

async fn invoice(scene: &Scene, transcript: &str) -> Outcome {
    scene.play(&Mirakl, Operation::SendInvoice, transcript).await
}

async fn tracking(scene: &Scene, transcript: &str) -> Outcome {
    scene.play(&Mirakl, Operation::SendTracking, transcript).await
}

#[tokio::test]
async fn an_order_is_found_by_its_very_id() {
    let mut stage = Stage::play(&Mirakl, "order_found");
    stage.account.connection.rules.also_known_as =
        Some(AlsoKnownAs { field: "references.order_reference_for_seller".into(), channel: ConnectionId::new("shop") });
    let session = stage.look();
    let order = Mirakl.find_order(&session, &OrderReference::new(ORDER)).await.unwrap().unwrap();
    assert_eq!((order.remote_id.as_str(), order.state), (ORDER, OrderState::Open));
    assert_eq!(order.total.to_string(), "12100 CZK");
    let lines: Vec<_> = order.lines.iter().map(|l| (l.sku.as_deref(), l.ordered, l.shipped, l.withdrawn)).collect();
    let number = |n: i64| Decimal::from(n);
    assert_eq!(
        lines,
        [
            (Some("MOUSE-1"), number(5), number(0), number(1)),
            (Some("PAD-1"), number(2), number(2), number(0)),
            (None, number(1), number(0), number(1)),
        ]
    );
    assert_eq!(order.aliases.first().map(|alias| alias.reference.as_str()), Some("000000042"));
    assert!(session.private().contains(&"Nováková".to_owned()) && session.private().contains(&"Klimentská 12".into()));
    drop(session);
    stage.over();
}

#[tokio::test]
async fn taxes_come_on_top_where_prices_are_without() {
    let stage = Stage::play(&Mirakl, "order_without_taxes");
    let order = Mirakl.find_order(&stage.look(), &OrderReference::new(ORDER)).await.unwrap().unwrap();
    assert_eq!(order.total.to_string(), "194.64 CZK");
}

#[tokio::test]
async fn an_order_the_marketplace_does_not_have_is_none() {
    let stage = Stage::play(&Mirakl, "order_unknown");
    for _ in 0..2 {
        assert_eq!(Mirakl.find_order(&stage.look(), &OrderReference::new(ORDER)).await, Ok(None));
    }
    stage.over();
}

#[tokio::test]
async fn the_shop_is_named_where_a_user_has_several() {
    let stage = Stage::play(&Mirakl, "order_of_one_shop");
    assert!(Mirakl.find_order(&stage.look(), &OrderReference::new(ORDER)).await.unwrap().is_some());
    stage.over();
}

#[tokio::test]
async fn an_invoice_is_uploaded_once_and_proven_by_the_list() {
    let scene = scene();
    let outcome = invoice(&scene, "invoice_accepted").await;
    let delivered = outcome.0.as_ref().unwrap();
    assert_eq!((delivered.remote_id.as_str(), delivered.number.as_deref()), ("2025", Some("2026-0056")));
    assert_eq!(delivered.proof["file_name"], "2026-0056.pdf");
    assert_eq!(delivered.proof["file_size"], 35);
    assert_eq!(delivered.proof["sha256"].as_str().map(str::len), Some(64));
    assert_eq!((outcome.1, scene.gate.asked()), (WriteOutcome::Done, 1));
}

#[tokio::test]
async fn a_credit_note_goes_under_its_own_type_or_not_at_all() {
    let mut scene = scene();
    scene.document = crate::suite::samples::credit_note();
    assert_eq!(scene.document.kind, DocumentKind::CreditNote);
    let outcome = scene.play(&Mirakl, Operation::SendCreditNote, "credit_note_accepted").await;
    assert_eq!(id(&outcome), "2026");
    let settings = [("credit_note_type_code".to_owned(), serde_json::Value::Null)].into();
    let stage = Stage::silent(&Mirakl, &settings);
    let outcome = scene.deliver(&Mirakl, Operation::SendCreditNote, &stage.read_back()).await;
    skipped(&outcome, SkipReason::Unsupported, Code::Unsupported);
}

#[tokio::test]
async fn a_credit_note_follows_the_file_of_its_invoice_and_to_a_cancelled_order_too() {
    let mut scene = scene();
    scene.document = crate::suite::samples::credit_note();
    let note = async |scene: &Scene, transcript| scene.play(&Mirakl, Operation::SendCreditNote, transcript).await;
    skipped(
        &note(&scene, "credit_note_of_cancelled_order_alone").await,
        SkipReason::OrderCancelled,
        Code::OrderCancelled,
    );
    scene.siblings = vec![sibling(Operation::SendInvoice, "2026-0056", "2025")];
    assert_eq!(id(&note(&scene, "credit_note_of_cancelled_order").await), "2026");
    scene.siblings.clear();
    scene.after = Some("2026-0056");
    assert_eq!(id(&note(&scene, "credit_note_of_cancelled_order").await), "2026");
    let outcome = note(&scene, "credit_note_before_its_invoice").await;
    held(&outcome, HoldReason::Predecessor);
    assert_eq!(outcome.1, WriteOutcome::None);
}

#[tokio::test]
async fn an_invoice_that_lies_there_is_not_sent_again() {
    let scene = scene();
    let outcome = invoice(&scene, "invoice_already_there").await;
    assert_eq!((id(&outcome), outcome.1, scene.gate.asked()), ("2025", WriteOutcome::None, 0));
    assert_eq!(outcome.0.unwrap().proof["sha256"], serde_json::Value::Null, "it has another size than our file");
}

#[tokio::test]
async fn an_error_inside_success_is_a_failure_and_says_whether_the_file_is_there() {
    let outcome = invoice(&scene(), "invoice_error_inside_success").await;
    failed(&outcome, Code::ErrorInsideSuccess, Some(200));
    assert_eq!(outcome.1, WriteOutcome::NotDone);
    let outcome = invoice(&scene(), "invoice_error_unclear").await;
    failed(&outcome, Code::ErrorInsideSuccess, Some(200));
    assert_eq!(outcome.1, WriteOutcome::Unknown);
}

#[tokio::test]
async fn refusals_of_an_invoice_mean_what_they_mean() {
    let outcome = invoice(&scene(), "invoice_rate_limited").await;
    assert!(matches!(&outcome.0, Err(Stop::RateLimited { retry_after: Some(t), .. }) if t.as_secs() == 42));
    let outcome = invoice(&scene(), "invoice_unauthorised").await;
    assert!(matches!(&outcome.0, Err(Stop::Credentials(f)) if f.code == Code::CredentialsRefused));
    let outcome = invoice(&scene(), "invoice_refused").await;
    failed(&outcome, Code::VendorRefused, Some(404));
    assert_eq!(outcome.1, WriteOutcome::NotDone);
    let outcome = invoice(&scene(), "invoice_400").await;
    failed(&outcome, Code::VendorRefused, Some(400));
    assert_eq!(outcome.1, WriteOutcome::Unknown, "no table says that a 400 to an upload is harmless");
    failed(&invoice(&scene(), "invoice_nonsense").await, Code::VendorNonsense, Some(200));
}

#[tokio::test]
async fn an_invoice_waits_for_its_order_and_never_goes_to_a_cancelled_one() {
    let outcome = invoice(&scene(), "invoice_not_ready").await;
    held(&outcome, HoldReason::Predecessor);
    assert_eq!(outcome.1, WriteOutcome::None);
    skipped(&invoice(&scene(), "invoice_of_cancelled_order").await, SkipReason::OrderCancelled, Code::OrderCancelled);
}

#[tokio::test]
async fn an_upload_whose_answer_was_lost_is_found_by_the_next_run() {
    let mut scene = scene();
    let [first, second] = scene.play_twice(&Mirakl, Operation::SendInvoice, "invoice_effect_then_drop").await;
    failed(&first, Code::VendorUnreachable, None);
    assert_eq!(first.1, WriteOutcome::Unknown);
    assert_eq!((id(&second), second.1), ("2025", WriteOutcome::None));
}

#[tokio::test]
async fn a_newer_revision_replaces_the_file_of_the_older_one() {
    let mut scene = scene();
    scene.previous = vec![receipt("2025", "2026-0056")];
    let outcome = invoice(&scene, "invoice_replaced").await;
    assert_eq!((id(&outcome), scene.gate.asked()), ("2031", 2));
    assert_eq!(id(&invoice(&scene, "invoice_replaced_after_crash").await), "2031");
}

#[tokio::test]
async fn a_file_that_no_export_has_sent_holds_the_invoice_unless_the_rule_says_otherwise() {
    let mut scene = scene();
    held(&invoice(&scene, "invoice_beside_stranger").await, HoldReason::TargetHasOther);
    scene.rules.if_target_has_one = Some(AdoptRule::Adopt);
    held(&invoice(&scene, "invoice_beside_stranger").await, HoldReason::TargetHasOther);
    for (rule, by_person) in [(Some(AdoptRule::SendAnyway), false), (None, true)] {
        scene.rules.if_target_has_one = rule;
        scene.overrides.send_anyway = by_person;
        assert_eq!(id(&invoice(&scene, "invoice_beside_stranger_all_the_same").await), "2025");
    }
    // Another export's invoice is no stranger, by its receipt or by its number.
    let listed = [document(1999, "2026-0001.pdf", "CUSTOMER_INVOICE")];
    scene.siblings = vec![sibling(Operation::SendInvoice, "2026-0001", "no receipt yet")];
    assert_eq!(shelf(&scene, &listed).stranger, None);
    scene.siblings = vec![sibling(Operation::SendInvoice, "x", "1999")];
    assert_eq!(shelf(&scene, &listed).stranger, None);
    scene.siblings.clear();
    assert_eq!(shelf(&scene, &listed).stranger.map(|d| d.id), Some(1999));
}

#[tokio::test]
async fn a_file_name_that_another_export_holds_is_refused_beforehand() {
    let mut scene = scene();
    scene.siblings = vec![sibling(Operation::SendCreditNote, "2026-0056", "2025")];
    let outcome = invoice(&scene, "invoice_name_taken").await;
    held(&outcome, HoldReason::Preflight);
    assert_eq!(scene.gate.asked(), 0);
}

fn document(id: i64, name: &str, type_code: &str) -> wire::Document {
    wire::Document { id, file_name: name.into(), type_code: type_code.into(), file_size: None, date_uploaded: None }
}

fn shelf(scene: &Scene, documents: &[wire::Document]) -> map::Shelf {
    scene.with_task(Operation::SendInvoice, |task| map::shelf(documents, "2026-0056.pdf", "CUSTOMER_INVOICE", task))
}

#[test]
fn of_several_files_of_our_name_the_newest_that_is_nobody_elses_is_ours() {
    let mut scene = scene();
    let listed = [
        document(7, "2026-0056.pdf", "CUSTOMER_INVOICE"),
        document(9, "2026-0056.pdf", "CUSTOMER_INVOICE"),
        document(8, "2026-0056.pdf", "CUSTOMER_INVOICE"),
    ];
    assert_eq!(shelf(&scene, &listed).ours.map(|d| d.id), Some(9));
    scene.previous = vec![receipt("9", "2026-0056")];
    let sorted = shelf(&scene, &listed);
    assert_eq!((sorted.ours.map(|d| d.id), sorted.outdated.len()), (Some(8), 1));
    scene.siblings = vec![sibling(Operation::SendInvoice, "x", "8"), sibling(Operation::SendInvoice, "x", "7")];
    let sorted = shelf(&scene, &listed);
    assert_eq!((sorted.ours, sorted.name_taken_by.is_some()), (None, true));
}

#[test]
fn an_earlier_revision_is_outdated_whatever_its_name_was() {
    let mut scene = scene();
    scene.previous = vec![receipt("7", "2026-0055")];
    let sorted = shelf(&scene, &[document(7, "2026-0055.pdf", "CUSTOMER_INVOICE")]);
    assert_eq!((sorted.outdated.len(), sorted.stranger), (1, None));
}

#[test]
fn a_file_of_our_name_and_another_type_takes_the_name() {
    let sorted = shelf(&scene(), &[document(7, "2026-0056.PDF", "SYSTEM_DELIVERY_BILL")]);
    assert_eq!((sorted.ours, sorted.name_taken_by.map(|d| d.id)), (None, Some(7)));
}

#[tokio::test]
async fn the_first_parcel_tells_its_number_and_confirms_the_shipment() {
    let scene = scene();
    let outcome = tracking(&scene, "tracking_first_parcel").await;
    assert_eq!((id(&outcome), outcome.1, scene.gate.asked()), (ORDER, WriteOutcome::Done, 2));
    let delivered = outcome.0.unwrap();
    assert_eq!(delivered.number.as_deref(), Some("3SYZXG132912330"));
    assert_eq!(delivered.proof["order_state"], "SHIPPED");
}

#[tokio::test]
async fn the_number_goes_early_and_the_confirmation_waits_for_the_courier() {
    let outcome = tracking(&unscanned(), "tracking_number_early").await;
    held(&outcome, HoldReason::NotHandedOver);
    assert_eq!(outcome.1, WriteOutcome::Done, "OR23 is proven, so nothing is in doubt while it waits");
    assert_eq!(id(&tracking(&scene(), "tracking_after_early_number").await), ORDER);
}

#[tokio::test]
async fn rules_say_when_a_number_is_told_and_a_shipment_confirmed() {
    let mut late = unscanned();
    late.rules.number_when = Some(NumberWhen::Shipped);
    let stage = Stage::play(&Mirakl, "tracking_number_early");
    let outcome = late.deliver(&Mirakl, Operation::SendTracking, &stage.read_back()).await;
    held(&outcome, HoldReason::NotHandedOver);
    assert_eq!(outcome.1, WriteOutcome::None);
    let mut at_once = unscanned();
    at_once.rules.shipped_when = Some(ShippedWhen::NumberKnown);
    assert_eq!(id(&tracking(&at_once, "tracking_first_parcel").await), ORDER);
    let mut manual = scene();
    manual.rules.shipped_when = Some(ShippedWhen::Manual);
    held(&tracking(&manual, "tracking_number_early").await, HoldReason::NotHandedOver);
    manual.overrides.by_hand = true;
    assert_eq!(id(&tracking(&manual, "tracking_first_parcel").await), ORDER);
}

#[tokio::test]
async fn a_parcel_without_a_number_asks_nothing() {
    let mut scene = scene();
    scene.parcel.tracking_numbers.clear();
    let stage = Stage::silent(&Mirakl, &std::collections::BTreeMap::new());
    held(&scene.deliver(&Mirakl, Operation::SendTracking, &stage.read_back()).await, HoldReason::NumberMissing);
}

#[tokio::test]
async fn a_400_of_or24_is_read_by_the_orders_state() {
    let outcome = tracking(&scene(), "tracking_confirmed_before").await;
    assert_eq!(id(&outcome), ORDER);
    let outcome = tracking(&scene(), "tracking_refused").await;
    failed(&outcome, Code::OrderState, Some(400));
    assert_eq!(outcome.1, WriteOutcome::NotDone);
}

#[tokio::test]
async fn what_is_told_already_is_not_told_again() {
    let scene = scene();
    let outcome = tracking(&scene, "tracking_already_there").await;
    assert_eq!((id(&outcome), outcome.1, scene.gate.asked()), (ORDER, WriteOutcome::None, 0));
}

#[tokio::test]
async fn waiting_and_cancelled_orders_take_no_parcel() {
    held(&tracking(&scene(), "tracking_of_waiting_order").await, HoldReason::Predecessor);
    skipped(&tracking(&scene(), "tracking_of_cancelled_order").await, SkipReason::OrderCancelled, Code::OrderCancelled);
}

#[tokio::test]
async fn a_second_parcel_becomes_a_shipment_of_what_is_left() {
    let outcome = tracking(&scene(), "tracking_second_parcel").await;
    assert_eq!((id(&outcome), outcome.1), ("s-2", WriteOutcome::Done));
    assert_eq!(outcome.0.unwrap().proof["tracking_number"], "3SYZXG132912330");
}

#[tokio::test]
async fn a_number_that_is_not_ours_is_never_overwritten() {
    for transcript in ["tracking_one_number_per_order", "tracking_second_parcel_late"] {
        let scene = scene();
        let outcome = tracking(&scene, transcript).await;
        skipped(&outcome, SkipReason::Unsupported, Code::OneNumberPerOrder);
        assert_eq!(scene.gate.asked(), 0, "{transcript}");
    }
    let outcome = tracking(&scene(), "tracking_no_shipments_after_all").await;
    skipped(&outcome, SkipReason::Unsupported, Code::OneNumberPerOrder);
    assert_eq!(outcome.1, WriteOutcome::NotDone, "what is left out leaves no doubt behind");
}

#[tokio::test]
async fn a_part_of_an_order_becomes_a_shipment_of_its_own() {
    assert_eq!(id(&tracking(&part(), "tracking_part").await), "s-2");
    assert_eq!(id(&tracking(&part(), "tracking_part_without_multi_shipment").await), ORDER);
}

#[tokio::test]
async fn an_error_inside_a_created_is_a_failure() {
    let outcome = tracking(&part(), "tracking_error_inside_success").await;
    failed(&outcome, Code::ErrorInsideSuccess, Some(201));
    assert_eq!(outcome.1, WriteOutcome::NotDone);
}

#[tokio::test]
async fn a_shipment_whose_answer_was_lost_is_found_by_the_next_run() {
    let mut scene = part();
    let [first, second] = scene.play_twice(&Mirakl, Operation::SendTracking, "tracking_effect_then_drop").await;
    failed(&first, Code::VendorTimeout, None);
    assert_eq!(first.1, WriteOutcome::Unknown);
    assert_eq!((id(&second), second.1), ("s-2", WriteOutcome::None));
    let mut scene = self::scene();
    let [first, second] = scene.play_twice(&Mirakl, Operation::SendTracking, "tracking_ship_effect_then_drop").await;
    assert_eq!((first.0.is_err(), first.1), (true, WriteOutcome::Unknown));
    assert_eq!(id(&second), ORDER);
}

#[tokio::test]
async fn a_newer_revision_renames_what_is_ours() {
    let mut scene = part();
    scene.previous = vec![receipt("s-2", "OLD-1")];
    assert_eq!(id(&tracking(&scene, "tracking_renumbered").await), "s-2");
    let mut scene = self::scene();
    scene.previous = vec![receipt(ORDER, "OLD-1")];
    assert_eq!(id(&tracking(&scene, "tracking_new_number").await), ORDER);
}

#[tokio::test]
async fn carriers_go_by_mapping_then_by_the_marketplaces_list_then_by_name() {
    let mut scene = scene();
    scene.parcel.carrier = Some(Carrier { code: "zasilkovna".into(), name: "Zásilkovna".into() });
    assert_eq!(id(&tracking(&scene, "tracking_free_carrier").await), ORDER);
    let (ended, _) = tracking(&scene, "tracking_no_free_carrier").await;
    let missing = Unmapped::carrier(scene.parcel.carrier.as_ref().unwrap());
    assert!(matches!(&ended, Err(Stop::Unmapped { value, .. }) if **value == missing), "{ended:?}");
    scene.mappings.carriers.insert("ZASILKOVNA".into(), "ZAS".into());
    assert_eq!(id(&tracking(&scene, "tracking_mapped_carrier").await), ORDER);
}

#[tokio::test]
async fn a_trial_writes_nothing_and_shows_what_would_go_out() {
    let stage = Stage::play(&Mirakl, "tracking_trial");
    let session: Session<'_> = stage.trial();
    let outcome = scene().deliver(&Mirakl, Operation::SendTracking, &session).await;
    failed(&outcome, Code::NotConfirmed, None);
    assert_eq!(session.recorded().len(), 2);
    let shown: Vec<_> = session.recorded().iter().map(|r| r.shown()).collect();
    assert_eq!(shown[0]["body"]["tracking_number"], "3SYZXG132912330");
    assert_eq!(shown[0]["headers"]["authorization"], "***");
    assert!(stage.seen().iter().all(|seen| !seen.writing));
}

#[tokio::test]
async fn a_check_reads_platform_key_and_document_types() {
    let stage = Stage::play(&Mirakl, "check_passed");
    let steps = Mirakl.check(&stage.look()).await;
    assert!(steps.iter().all(|s| s.ok) && steps.len() == 3, "{steps:?}");
    stage.over();
    let stage = Stage::play(&Mirakl, "check_unknown_type");
    let steps = Mirakl.check(&stage.look()).await;
    let last = steps.last().unwrap();
    assert_eq!((last.ok, last.code), (false, Some(Code::SettingInvalid)));
    assert!(last.message.as_deref().unwrap().contains("CUSTOMER_INVOICE"));
}

#[tokio::test]
async fn the_marketplaces_own_values_are_there_for_mappings() {
    let stage = Stage::play(&Mirakl, "values_for_mappings");
    let values = Mirakl.target_values(&stage.look()).await.unwrap();
    assert!(values.carriers.contains(&("PNL".into(), "PostNL".into())));
    assert_eq!(values.document_types.len(), 3);
    stage.over();
}

#[test]
fn only_known_states_mean_more_than_waiting() {
    use map::Stage::{Cancelled, Shipped, Shipping, Waiting};
    for (state, stage) in [
        ("STAGING", Waiting),
        ("WAITING_ACCEPTANCE", Waiting),
        ("WAITING_DEBIT", Waiting),
        ("WAITING_DEBIT_PAYMENT", Waiting),
        ("__NEW__", Waiting),
        ("SHIPPING", Shipping),
        ("SHIPPED", Shipped),
        ("TO_COLLECT", Shipped),
        ("RECEIVED", Shipped),
        ("CLOSED", Shipped),
        ("REFUSED", Cancelled),
        ("CANCELED", Cancelled),
    ] {
        assert_eq!(map::stage(state), stage, "{state}");
    }
}

#[test]
fn the_orders_place_belongs_to_whoever_told_a_number_first() {
    use map::Slot::{Free, Other, Ours, OursBefore};
    let mut scene = scene();
    let slot = |scene: &Scene, shown: Option<&str>| {
        let order: wire::Order = serde_json::from_value(serde_json::json!({
            "order_id": ORDER, "order_state": "SHIPPING", "currency_iso_code": "CZK", "total_price": 1,
            "shipping_tracking": shown,
        }))
        .unwrap();
        scene.with_task(Operation::SendTracking, |task| map::slot(&order, "N-1", &scene.parcel, task))
    };
    assert_eq!((slot(&scene, None), slot(&scene, Some(" "))), (Free, Free));
    assert_eq!((slot(&scene, Some("n-1")), slot(&scene, Some("N-2"))), (Ours, Other));
    assert_eq!(slot(&scene, Some("3SYZXG132912330")), OursBefore, "another number of the same parcel");
    scene.previous = vec![receipt(ORDER, "N-2")];
    assert_eq!(slot(&scene, Some("N-2")), OursBefore);
    scene.siblings = vec![sibling(Operation::SendInvoice, "x", ORDER)];
    assert_eq!(slot(&scene, Some("N-1")), Ours, "an invoice takes no number's place");
    scene.siblings = vec![sibling(Operation::SendTracking, "N-1", ORDER)];
    assert_eq!(slot(&scene, Some("N-1")), Other, "an effect in another receipt never matches");
}

proptest! {
    #[test]
    fn two_numbers_never_share_a_file_name(a in ".{0,12}", b in ".{0,12}") {
        let (left, right) = (map::file_name(&a), map::file_name(&b));
        prop_assert_eq!(a == b, left == right);
        prop_assert_eq!(map::number_of(&left), Some(a).filter(|a| !a.is_empty()));
        prop_assert!(left.is_ascii() && left.ends_with(".pdf") && !left.contains(['/', '\\', '"', '\r', '\n']));
    }
}
