//! The channels' connectors against the practice vendors, over the real sender: neither shares code with the other.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's stage: what fails here fails the test"
)]

mod anomalies;
mod day;
mod play;
#[path = "../practice/mod.rs"]
mod practice;
mod refunds;
mod sale;

use connectors::{Delivered, Sibling, Stop, WriteOutcome};
use domain::{
    AdoptRule, Code, DeliveryState, Document, ExportId, HoldReason, Operation, OrderReference, OrderState, Receipt,
    State,
};
use jiff::Timestamp;
use play::{Play, REFERENCE, document, holds, line, parcel};
use practice::World;
use rust_decimal::Decimal;
use serde_json::{Value, json};

fn sibling(operation: Operation, number: &str, delivered: &Delivered) -> Sibling {
    Sibling {
        id: ExportId::new(number),
        operation,
        state: State::Delivered,
        numbers: vec![number.into()],
        remote_ids: vec![delivered.remote_id.clone()],
    }
}

fn receipt(delivered: &Delivered) -> Receipt {
    Receipt {
        remote_id: delivered.remote_id.clone(),
        number: delivered.number.clone(),
        at: Timestamp::UNIX_EPOCH,
        proof: delivered.proof.clone(),
    }
}

#[tokio::test]
async fn both_are_checked_and_read_as_the_practice_vendors_have_them() {
    let world = World::new().await;
    for channel in ["mirakl", "magento"] {
        let play = Play::at(&world, channel).await;
        assert_eq!((play.order.total.to_string().as_str(), play.order.state), ("277 EUR", OrderState::Open));
        let lines: Vec<_> = play.order.lines.iter().map(|l| (l.sku.as_deref(), l.ordered.to_string())).collect();
        assert_eq!(lines, [(Some("MUG"), "2".to_owned()), (Some("BOWL"), "3".to_owned())], "{channel}");
        let session = world.session(&play.account);
        let steps = play.connector.check(&session).await;
        assert!(steps.iter().all(|s| s.ok), "{channel}: {steps:?}");
        play.connector.reach(&session).await.unwrap();
        let side = play.connector.channel().unwrap();
        assert_eq!(side.find_order(&session, &OrderReference::new("000000999")).await, Ok(None));
        assert!(side.target_values(&session).await.unwrap().carriers.len() > 3);
    }
    world.running.stop().await;
}

#[tokio::test]
async fn mirakl_keeps_one_file_per_invoice_whatever_is_lost() {
    let world = World::new().await;
    let mut play = Play::at(&world, "mirakl").await;
    let found = play.delivered_after_loss(Operation::SendInvoice, "OR74").await;
    assert_eq!(found.proof["file_name"], "2026~2f0001.pdf");
    assert_eq!(play.delivered(Operation::SendInvoice).await.remote_id, found.remote_id);
    assert_eq!(play.effects().await, json!({"documents": 1}));

    // A newer revision, and the answers to both its calls are lost.
    play.previous = vec![receipt(&found)];
    play.document.total = Decimal::from(276);
    play.paper = b"%PDF-1.7 practice, corrected";
    play.lose("OR76").await;
    assert!(play.deliver(Operation::SendInvoice).await.0.is_err());
    let newer = play.delivered_after_loss(Operation::SendInvoice, "OR74").await;
    assert_ne!(newer.remote_id, found.remote_id);
    assert_eq!(newer.proof["file_size"], play.paper.len());

    let mut note = Play { document: Document { number: "2026/0002".into(), ..document() }, ..play };
    note.previous.clear();
    note.siblings = vec![sibling(Operation::SendInvoice, "2026/0001", &newer)];
    note.delivered(Operation::SendCreditNote).await;
    let all = world.control("GET", "/_sandbox/effects?vendor=mirakl&list=false", None).await;
    assert_eq!(all["vendors"]["mirakl"], json!({"documents": 3, "document_deletions": 1}));
    world.running.stop().await;
}

#[tokio::test]
async fn mirakl_refuses_inside_success_and_waits_for_its_order() {
    let world = World::new().await;
    let mut play = Play::at(&world, "mirakl").await;
    let more = json!({"invoice_type_code": "NOBODYS"});
    let account = std::mem::replace(&mut play.account, world.account("mirakl", more).await);
    let (ended, outcome) = play.deliver(Operation::SendInvoice).await;
    assert!(matches!(&ended, Err(Stop::Fail(f)) if f.code == Code::ErrorInsideSuccess), "{ended:?}");
    assert_eq!(outcome, WriteOutcome::NotDone);
    play.account = account;
    play.order_becomes("WAITING_ACCEPTANCE").await;
    assert_eq!(play.held(Operation::SendInvoice).await, HoldReason::Predecessor);
    assert_eq!(play.held(Operation::SendTracking).await, HoldReason::Predecessor);
    play.order_becomes("CANCELED").await;
    for operation in [Operation::SendInvoice, Operation::SendTracking] {
        let (ended, _) = play.deliver(operation).await;
        assert!(matches!(&ended, Err(Stop::Skip { code: Code::OrderCancelled, .. })), "{ended:?}");
    }
    assert_eq!(play.effects().await, Value::Null);
    world.running.stop().await;
}

#[tokio::test]
async fn mirakl_is_told_a_number_early_and_a_shipment_once() {
    let world = World::new().await;
    let mut play = Play::at(&world, "mirakl").await;
    play.parcel.state = DeliveryState::LabelCreated;
    assert_eq!(play.held(Operation::SendTracking).await, HoldReason::NotHandedOver);
    assert_eq!(play.held(Operation::SendTracking).await, HoldReason::NotHandedOver);
    assert_eq!(play.effects().await, json!({"tracking": 1}));
    play.parcel.state = DeliveryState::InTransit;
    let done = play.delivered_after_loss(Operation::SendTracking, "OR24").await;
    assert_eq!((done.remote_id.as_str(), done.number.as_deref()), (REFERENCE, Some("T-1")));
    assert_eq!(play.effects().await, json!({"tracking": 1, "shipped": 1}));
    // Another parcel finds the place taken and the order shipped.
    play.siblings = vec![sibling(Operation::SendTracking, "T-1", &done)];
    play.parcel = parcel("T-2");
    let (ended, _) = play.deliver(Operation::SendTracking).await;
    assert!(matches!(&ended, Err(Stop::Skip { code: Code::OneNumberPerOrder, .. })), "{ended:?}");
    assert_eq!(play.effects().await, json!({"tracking": 1, "shipped": 1}));
    world.running.stop().await;
}

#[tokio::test]
async fn mirakl_takes_parts_as_shipments_and_without_them_the_order_as_one() {
    let world = World::new().await;
    let mut play = Play::at(&world, "mirakl").await;
    play.parcel.lines = holds("MUG", 1);
    let first = play.delivered_after_loss(Operation::SendTracking, "ST01").await;
    assert_ne!(first.remote_id, REFERENCE);
    play.siblings = vec![sibling(Operation::SendTracking, "T-1", &first)];
    play.parcel = parcel("T-2");
    let rest = play.delivered(Operation::SendTracking).await;
    assert_ne!(rest.remote_id, first.remote_id);
    let shipments = play.effects().await["shipments"].clone();
    assert_eq!(shipments, 2);
    // The first parcel gets another number.
    play.siblings = vec![sibling(Operation::SendTracking, "T-2", &rest)];
    play.previous = vec![receipt(&first)];
    play.parcel = parcel("T-3");
    assert_eq!(play.delivered(Operation::SendTracking).await.remote_id, first.remote_id);
    assert_eq!(play.effects().await["shipments"], 2);
    world.running.stop().await;

    let world = World::new().await;
    let mut play = Play::at(&world, "mirakl").await;
    play.options(json!({"multi_shipment": false})).await;
    play.parcel.lines = holds("MUG", 1);
    assert_eq!(play.delivered(Operation::SendTracking).await.remote_id, REFERENCE);
    assert_eq!(play.effects().await, json!({"tracking": 1, "shipped": 1}));
    world.running.stop().await;
}

#[tokio::test]
async fn magento_makes_one_record_per_invoice_whatever_is_lost() {
    let world = World::new().await;
    let mut play = Play::at(&world, "magento").await;
    play.document.lines = vec![line("MUG", 1, 121)];
    play.document.total = Decimal::from(121);
    let part = play.delivered_after_loss(Operation::SendInvoice, "POST /rest/default/V1/order/").await;
    assert_eq!(play.delivered(Operation::SendInvoice).await.remote_id, part.remote_id);
    play.siblings = vec![sibling(Operation::SendInvoice, "2026/0001", &part)];
    play.document = Document { number: "2026/00011".into(), total: Decimal::from(151), ..document() };
    play.document.lines = vec![line("MUG", 1, 121), line("BOWL", 3, 30)];
    let rest = play.delivered_after_loss(Operation::SendInvoice, "POST /rest/default/V1/order/").await;
    assert_ne!(rest.remote_id, part.remote_id);
    assert_eq!(play.effects().await, json!({"invoices": 2}), "and nothing was captured");
    // Nothing is left for a third.
    play.siblings.push(sibling(Operation::SendInvoice, "2026/00011", &rest));
    play.document = Document { number: "2026/0003".into(), ..document() };
    assert_eq!(play.held(Operation::SendInvoice).await, HoldReason::Preflight);
    world.running.stop().await;
}

#[tokio::test]
async fn magento_adopts_what_a_person_made_there() {
    let world = World::new().await;
    let mut play = Play::at(&world, "magento").await;
    // Somebody else's invoice over the whole order: ours without its mark.
    play.document.public_url = None;
    let before = play.delivered(Operation::SendInvoice).await;
    play.document.number = "2026/0002".into();
    play.rules.if_target_has_one = Some(AdoptRule::Hold);
    assert_eq!(
        play.held(Operation::SendInvoice).await,
        HoldReason::Preflight,
        "another document's number stands there"
    );
    // Our own earlier revision under another number takes the new one.
    play.previous = vec![receipt(&before)];
    let adopted = play.delivered(Operation::SendInvoice).await;
    assert_eq!((adopted.remote_id, adopted.proof["adopted"].clone()), (before.remote_id, json!(true)));
    let again = play.delivered(Operation::SendInvoice).await;
    assert_eq!(again.proof["adopted"], false);
    assert_eq!(play.effects().await, json!({"invoices": 1, "invoice_comments": 1}));
    world.running.stop().await;
}

#[tokio::test]
async fn magento_ships_once_and_adds_further_numbers() {
    let world = World::new().await;
    let mut play = Play::at(&world, "magento").await;
    play.parcel.lines = holds("MUG", 2);
    let first = play.delivered_after_loss(Operation::SendTracking, "POST /rest/default/V1/order/").await;
    play.siblings = vec![sibling(Operation::SendTracking, "T-1", &first)];
    play.parcel = parcel("T-2");
    let second = play.delivered_after_loss(Operation::SendTracking, "POST /rest/default/V1/order/").await;
    assert_ne!(first.remote_id, second.remote_id);
    play.siblings.push(sibling(Operation::SendTracking, "T-2", &second));
    play.parcel = parcel("T-3");
    let third = play.delivered_after_loss(Operation::SendTracking, "POST /rest/default/V1/shipment/track").await;
    assert_eq!((third.remote_id, third.number.as_deref()), (second.remote_id, Some("T-3")));
    assert_eq!(play.effects().await, json!({"shipments": 2, "tracks": 3}));
    world.running.stop().await;
}

#[tokio::test]
async fn magento_says_which_right_is_missing_and_takes_a_bearer_where_it_is_allowed() {
    let world = World::new().await;
    let mut play = Play::at(&world, "magento").await;
    play.options(json!({"acl_denied": ["Magento_Sales::ship"], "bearer": true})).await;
    let (ended, outcome) = play.deliver(Operation::SendTracking).await;
    assert!(
        matches!(&ended, Err(Stop::Credentials(f))
            if f.code == Code::PermissionMissing && f.message.contains("Magento_Sales::ship")),
        "{ended:?}"
    );
    assert_eq!(outcome, WriteOutcome::NotDone);
    play.account = world.account("magento", json!({"auth": "bearer"})).await;
    play.delivered(Operation::SendInvoice).await;
    play.account = world.account("magento", json!({"auth": "oauth1", "consumer_key": "nobody"})).await;
    let (ended, _) = play.deliver(Operation::SendInvoice).await;
    assert!(matches!(&ended, Err(Stop::Credentials(f)) if f.code == Code::CredentialsRefused), "{ended:?}");
    play.account = world.account("magento", json!({"auth": "oauth1"})).await;
    play.order_becomes("holded").await;
    assert_eq!(play.held(Operation::SendTracking).await, HoldReason::Predecessor);
    world.running.stop().await;
}
