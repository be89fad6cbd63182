//! Conversations with Magento.

use super::Magento;
use crate::channels::scene::{Outcome, Scene, failed, held, id, receipt, sibling, skipped};
use crate::contract::{Channel, Connector, Noted, OrderTexts};
use crate::session::WriteOutcome;
use crate::stop::Stop;
use crate::suite::samples::cents;
use crate::suite::stage::Stage;
use domain::{
    AdoptRule, AlsoKnownAs, Code, ConnectionId, DeliveryState, HoldReason, Operation, OrderReference, OrderState,
    ParcelLine, ShippedWhen, SkipReason,
};
use rust_decimal::Decimal;

const ORDER: &str = "42";

fn scene() -> Scene {
    Scene::at(ORDER)
}

/// An invoice or a parcel over two of the five mice.
fn part() -> Scene {
    let mut scene = scene();
    scene.document.lines.truncate(1);
    scene.document.lines.iter_mut().for_each(|line| line.quantity = Decimal::TWO);
    scene.document.total = cents(400_000);
    scene.parcel.lines = vec![ParcelLine { sku: "MOUSE-1".into(), quantity: Decimal::TWO }];
    scene
}

async fn invoice(scene: &Scene, transcript: &str) -> Outcome {
    scene.play(&Magento, Operation::SendInvoice, transcript).await
}

async fn tracking(scene: &Scene, transcript: &str) -> Outcome {
    scene.play(&Magento, Operation::SendTracking, transcript).await
}

#[tokio::test]
async fn an_order_is_found_by_its_number_with_its_top_lines() {
    let mut stage = Stage::play(&Magento, "order_found");
    stage.account.connection.rules.also_known_as =
        Some(AlsoKnownAs { field: "ext_order_id".into(), channel: ConnectionId::new("market") });
    let session = stage.look();
    let order = Magento.find_order(&session, &OrderReference::new("000000042")).await.unwrap().unwrap();
    assert_eq!(
        (order.remote_id.as_str(), order.reference.as_str(), order.state),
        ("42", "000000042", OrderState::Open)
    );
    assert_eq!((order.total.to_string().as_str(), order.payment_kind.as_deref()), ("12100 CZK", Some("banktransfer")));
    assert_eq!(order.placed_at.unwrap().to_string(), "2026-11-20T10:00:00Z");
    let lines: Vec<_> = order.lines.iter().map(|l| (l.id.as_str(), l.invoiced, l.shipped, l.withdrawn)).collect();
    let number = |n: i64| Decimal::from(n);
    assert_eq!(
        lines,
        [("81", number(2), number(1), number(1)), ("82", number(0), number(0), number(0))],
        "a variant counts through its parent"
    );
    let [alias] = order.aliases.as_slice() else { panic!("one alias: {:?}", order.aliases) };
    assert_eq!((alias.channel.as_str(), alias.reference.as_str()), ("market", "MIR-1-A"));
    for private in ["Nováková", "Klimentská 12", "jana@example.com"] {
        assert!(session.private().contains(&private.to_owned()), "{private}");
    }
}

#[tokio::test]
async fn an_order_that_is_not_there_is_none_and_two_are_ambiguous() {
    let stage = Stage::play(&Magento, "order_unknown");
    for _ in 0..2 {
        assert_eq!(Magento.find_order(&stage.look(), &OrderReference::new("000000042")).await, Ok(None));
    }
    stage.over();
    let stage = Stage::play(&Magento, "order_twice");
    let found = Magento.find_order(&stage.look(), &OrderReference::new("000000042")).await;
    assert!(matches!(found, Err(Stop::Hold { reason: HoldReason::OrderAmbiguous, .. })), "{found:?}");
}

#[tokio::test]
async fn an_invoice_is_made_once_and_proven_by_its_id() {
    let scene = scene();
    let outcome = invoice(&scene, "invoice_accepted").await;
    assert_eq!((id(&outcome), outcome.1, scene.gate.asked()), ("7", WriteOutcome::Done, 1));
    assert_eq!(id(&invoice(&scene, "invoice_accepted_as_digits").await), "7");
    assert_eq!(id(&invoice(&part(), "invoice_part").await), "7");
}

#[tokio::test]
async fn the_link_follows_the_number_and_the_buyer_is_told_only_by_rule() {
    let mut scene = scene();
    scene.document.public_url = Some("https://books.example/p/1.pdf".into());
    scene.rules.notify_customer = Some(true);
    assert_eq!(id(&invoice(&scene, "invoice_with_link").await), "7");
}

#[tokio::test]
async fn an_invoice_with_our_number_is_not_made_again() {
    for transcript in ["invoice_already_there", "invoice_on_second_page"] {
        let scene = scene();
        let outcome = invoice(&scene, transcript).await;
        assert_eq!((id(&outcome), outcome.1, scene.gate.asked()), ("7", WriteOutcome::None, 0), "{transcript}");
    }
}

#[tokio::test]
async fn our_number_at_another_total_waits_for_a_person() {
    let mut scene = scene();
    held(&invoice(&scene, "invoice_of_other_revision").await, HoldReason::TargetHasOther);
    // A person may say "send it all the same"; here nothing is left for it.
    scene.overrides.send_anyway = true;
    held(&invoice(&scene, "invoice_of_other_revision").await, HoldReason::Preflight);
}

#[tokio::test]
async fn a_longer_number_is_another_documents() {
    assert_eq!(id(&invoice(&scene(), "invoice_longer_number").await), "7");
}

#[tokio::test]
async fn an_invoice_in_another_receipt_never_matches() {
    let mut scene = scene();
    scene.siblings = vec![sibling(Operation::SendInvoice, "x", "7")];
    let outcome = invoice(&scene, "invoice_already_there").await;
    held(&outcome, HoldReason::Preflight);
    // Shipments are counted apart: the same id there means nothing.
    scene.siblings = vec![sibling(Operation::SendTracking, "x", "7")];
    assert_eq!(id(&invoice(&scene, "invoice_already_there").await), "7");
}

#[tokio::test]
async fn an_invoice_made_by_hand_is_adopted_where_it_is_the_same() {
    let mut scene = scene();
    let outcome = invoice(&scene, "invoice_adopted").await;
    assert_eq!((id(&outcome), outcome.1, scene.gate.asked()), ("6", WriteOutcome::Done, 1));
    assert_eq!(outcome.0.unwrap().proof["adopted"], true);
    held(&invoice(&scene, "invoice_beside_others").await, HoldReason::TargetHasOther);
    scene.rules.if_target_has_one = Some(AdoptRule::Hold);
    held(&invoice(&scene, "invoice_beside_others").await, HoldReason::TargetHasOther);
    scene.rules.if_target_has_one = Some(AdoptRule::SendAnyway);
    held(&invoice(&scene, "invoice_beside_others").await, HoldReason::Preflight);
}

#[tokio::test]
async fn what_was_invoiced_by_hand_leaves_the_rest_to_us() {
    let mut scene = part();
    assert_eq!(id(&invoice(&scene, "invoice_rest").await), "7");
    scene.rules.if_target_has_one = Some(AdoptRule::Hold);
    scene.overrides.by_hand = true;
    held(&invoice(&scene, "invoice_beside_others").await, HoldReason::TargetHasOther);
    scene.overrides.send_anyway = true;
    assert_eq!(id(&invoice(&scene, "invoice_rest").await), "7", "a person decided");
}

#[tokio::test]
async fn a_changed_document_never_becomes_a_second_invoice() {
    let mut scene = part();
    scene.previous = vec![receipt("6", "2026-0055")];
    let outcome = invoice(&scene, "invoice_beside_others").await;
    held(&outcome, HoldReason::TargetHasOther);
    assert!(matches!(&outcome.0, Err(Stop::Hold { detail: Some(d), .. }) if d.contains("cannot change")));
}

#[tokio::test]
async fn orders_that_take_no_invoice_say_why() {
    held(&invoice(&scene(), "invoice_of_held_order").await, HoldReason::Predecessor);
    let outcome = invoice(&scene(), "invoice_of_canceled_order").await;
    skipped(&outcome, SkipReason::OrderCancelled, Code::OrderCancelled);
    failed(&invoice(&scene(), "invoice_of_closed_order").await, Code::OrderState, None);
    held(&invoice(&scene(), "invoice_nothing_left").await, HoldReason::Preflight);
}

#[tokio::test]
async fn a_refusal_of_the_validators_is_certain_and_read_once_more() {
    let outcome = invoice(&scene(), "invoice_refused").await;
    failed(&outcome, Code::OrderState, Some(400));
    assert_eq!(outcome.1, WriteOutcome::NotDone);
    assert!(matches!(&outcome.0, Err(Stop::Fail(f)) if f.message.contains("SKU \"MOUSE-1\"")), "{outcome:?}");
    assert_eq!(id(&invoice(&scene(), "invoice_refused_for_it_is_there").await), "7");
}

#[tokio::test]
async fn misleading_codes_are_not_followed() {
    for (transcript, code, status, outcome) in [
        ("invoice_could_not_save", Code::VendorError, 400, WriteOutcome::Unknown),
        ("invoice_input_refused", Code::VendorRefused, 400, WriteOutcome::Unknown),
        ("invoice_order_gone", Code::VendorRefused, 404, WriteOutcome::NotDone),
        ("invoice_internal_error", Code::VendorError, 500, WriteOutcome::Unknown),
        ("invoice_nonsense", Code::VendorNonsense, 200, WriteOutcome::Unknown),
    ] {
        let ended = invoice(&scene(), transcript).await;
        failed(&ended, code, Some(status));
        assert_eq!(ended.1, outcome, "{transcript}");
    }
    let outcome = invoice(&scene(), "invoice_right_missing").await;
    assert!(
        matches!(&outcome.0, Err(Stop::Credentials(f))
            if f.code == Code::PermissionMissing && f.message.contains("Magento_Sales::sales_invoice")),
        "{outcome:?}"
    );
    assert_eq!(outcome.1, WriteOutcome::NotDone);
    let outcome = invoice(&scene(), "invoice_unauthorised").await;
    assert!(matches!(&outcome.0, Err(Stop::Credentials(f)) if f.code == Code::CredentialsRefused), "{outcome:?}");
    let outcome = invoice(&scene(), "invoice_rate_limited").await;
    assert!(matches!(&outcome.0, Err(Stop::RateLimited { retry_after: Some(t), .. }) if t.as_secs() == 30));
    let outcome = invoice(&scene(), "invoice_maintenance").await;
    assert!(matches!(&outcome.0, Err(Stop::Fail(f)) if f.outage && f.message == "an HTML page"), "{outcome:?}");
}

#[tokio::test]
async fn an_invoice_whose_answer_was_lost_is_found_by_the_next_run() {
    for (mut scene, transcript) in [(scene(), "invoice_effect_then_drop"), (part(), "invoice_part_effect_then_drop")] {
        let [first, second] = scene.play_twice(&Magento, Operation::SendInvoice, transcript).await;
        assert!(matches!(&first.0, Err(Stop::Fail(f)) if f.outage), "{transcript}: {first:?}");
        assert_eq!(first.1, WriteOutcome::Unknown);
        assert_eq!((id(&second), second.1), ("7", WriteOutcome::None), "{transcript}");
    }
}

#[tokio::test]
async fn a_parcel_becomes_a_shipment_with_its_number() {
    let scene = scene();
    let outcome = tracking(&scene, "tracking_accepted").await;
    assert_eq!((id(&outcome), outcome.1, scene.gate.asked()), ("11", WriteOutcome::Done, 1));
    assert_eq!(id(&tracking(&part(), "tracking_part").await), "11");
    let mut told = self::scene();
    told.rules.notify_customer = Some(true);
    assert_eq!(id(&tracking(&told, "tracking_notified").await), "11");
}

#[tokio::test]
async fn a_number_that_is_there_is_not_sent_again_unless_it_is_another_parcels() {
    let mut scene = scene();
    let outcome = tracking(&scene, "tracking_already_there").await;
    assert_eq!((id(&outcome), outcome.1), ("11", WriteOutcome::None));
    // Another parcel's track lies on the same shipment, under its own number.
    scene.siblings = vec![sibling(Operation::SendTracking, "A", "11")];
    assert_eq!(id(&tracking(&scene, "tracking_already_there").await), "11");
    // Another parcel has this very number: the one track is its.
    scene.siblings = vec![sibling(Operation::SendTracking, "3SYZXG132912330", "11")];
    let stage = Stage::play(&Magento, "tracking_already_there");
    let trial = stage.trial();
    let outcome = scene.deliver(&Magento, Operation::SendTracking, &trial).await;
    assert!(outcome.0.is_err());
    assert_eq!(trial.recorded().len(), 1, "a track of its own would be added");
}

#[tokio::test]
async fn where_nothing_is_left_to_ship_the_number_joins_the_shipment() {
    let outcome = tracking(&scene(), "tracking_further_track").await;
    assert_eq!((id(&outcome), outcome.1), ("10", WriteOutcome::Done));
    assert_eq!(outcome.0.unwrap().proof["track_id"], 77);
    let mut scene = scene();
    let [first, second] =
        scene.play_twice(&Magento, Operation::SendTracking, "tracking_further_track_effect_then_drop").await;
    assert_eq!((first.0.is_err(), first.1), (true, WriteOutcome::Unknown));
    assert_eq!((id(&second), second.1), ("10", WriteOutcome::None));
}

#[tokio::test]
async fn a_shipment_waits_for_what_the_rule_says() {
    let mut scene = scene();
    scene.parcel.state = DeliveryState::LabelCreated;
    scene.parcel.states.clear();
    held(&tracking(&scene, "tracking_not_scanned").await, HoldReason::NotHandedOver);
    scene.rules.shipped_when = Some(ShippedWhen::NumberKnown);
    assert_eq!(id(&tracking(&scene, "tracking_accepted").await), "11");
    scene.rules.shipped_when = Some(ShippedWhen::Manual);
    held(&tracking(&scene, "tracking_not_scanned").await, HoldReason::NotHandedOver);
    scene.overrides.by_hand = true;
    assert_eq!(id(&tracking(&scene, "tracking_accepted").await), "11");
    scene.parcel.tracking_numbers.clear();
    let stage = Stage::silent(&Magento, &std::collections::BTreeMap::new());
    held(&scene.deliver(&Magento, Operation::SendTracking, &stage.read_back()).await, HoldReason::NumberMissing);
}

#[tokio::test]
async fn orders_that_take_no_parcel_say_why() {
    held(&tracking(&scene(), "tracking_virtual").await, HoldReason::Preflight);
    held(&tracking(&part(), "tracking_lines_unmatched").await, HoldReason::LinesUnmatched);
    held(&tracking(&scene(), "tracking_of_reviewed_order").await, HoldReason::Predecessor);
    let outcome = tracking(&scene(), "tracking_of_canceled_order").await;
    skipped(&outcome, SkipReason::OrderCancelled, Code::OrderCancelled);
}

#[tokio::test]
async fn refused_shipments_mean_what_refused_invoices_mean() {
    let outcome = tracking(&scene(), "tracking_refused").await;
    failed(&outcome, Code::OrderState, Some(400));
    assert_eq!(outcome.1, WriteOutcome::NotDone);
    let outcome = tracking(&scene(), "tracking_could_not_save").await;
    failed(&outcome, Code::VendorError, Some(400));
    assert_eq!(outcome.1, WriteOutcome::Unknown);
    let mut scene = part();
    let [first, second] = scene.play_twice(&Magento, Operation::SendTracking, "tracking_effect_then_drop").await;
    assert_eq!((first.0.is_err(), first.1), (true, WriteOutcome::Unknown));
    assert_eq!(id(&second), "11");
}

#[tokio::test]
async fn a_trial_writes_nothing_and_hides_the_signature() {
    let stage = Stage::play(&Magento, "tracking_trial");
    let session = stage.trial();
    let outcome = scene().deliver(&Magento, Operation::SendTracking, &session).await;
    assert!(outcome.0.is_err());
    let shown: Vec<_> = session.recorded().iter().map(|r| r.shown()).collect();
    assert_eq!(shown[0]["body"]["tracks"][0]["track_number"], "3SYZXG132912330");
    assert_eq!(shown[0]["headers"]["authorization"], "***");
    assert!(stage.seen().iter().all(|seen| !seen.writing));
}

#[tokio::test]
async fn every_call_is_signed_anew_and_a_bearer_only_where_the_setting_says_so() {
    let stage = Stage::play(&Magento, "tracking_trial");
    assert!(scene().deliver(&Magento, Operation::SendTracking, &stage.trial()).await.0.is_err());
    let signed: Vec<String> = stage
        .seen()
        .iter()
        .map(|seen| seen.request.headers.get("authorization").unwrap().to_str().unwrap().to_owned())
        .collect();
    assert!(signed.iter().all(|s| s.starts_with("OAuth oauth_consumer_key=\"sample-consumer-key\"")), "{signed:?}");
    assert_ne!(signed[0], signed[1]);
    assert_eq!(id(&tracking(&scene(), "tracking_by_bearer").await), "11");
}

#[tokio::test]
async fn a_check_tries_reach_key_and_every_right() {
    let stage = Stage::play(&Magento, "check_passed");
    let steps = Magento.check(&stage.look()).await;
    assert!(steps.iter().all(|s| s.ok) && steps.len() == 5, "{steps:?}");
    stage.over();
    for (transcript, code) in [
        ("check_right_missing", Code::PermissionMissing),
        ("check_clock_skew", Code::ClockSkew),
        ("check_not_magento", Code::NotThatVendor),
    ] {
        let stage = Stage::play(&Magento, transcript);
        let steps = Magento.check(&stage.look()).await;
        assert_eq!(steps.last().unwrap().code, Some(code), "{transcript}");
    }
    let mut stage = Stage::play(&Magento, "check_passed");
    stage.account.secrets = crate::account::Secrets::default();
    let steps = Magento.check(&stage.look()).await;
    assert_eq!(steps.last().unwrap().code, Some(Code::SettingInvalid));
}

#[tokio::test]
async fn what_other_tools_have_noted_at_an_order_is_read() {
    let stage = Stage::play(&Magento, "order_texts");
    let session = stage.look();
    let texts = Magento.order_texts(&session, &crate::suite::samples::order()).await.unwrap().unwrap();
    let wanted = OrderTexts {
        state: OrderState::Open,
        tracks: vec!["A".into(), "Z3669041905".into()],
        comments: vec!["Zásilka Z3669041906 byla podána".into()],
    };
    assert_eq!(texts, wanted);
    assert!(session.private().iter().any(|value| value == "Nováková"), "buyer values are known to be hidden");
    stage.over();
    let stage = Stage::play(&Magento, "order_texts_gone");
    assert_eq!(Magento.order_texts(&stage.look(), &crate::suite::samples::order()).await, Ok(None));
}
