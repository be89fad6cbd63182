//! A credit note that a channel is told of and asked to refund: two exports, each once, neither before the invoice.

use crate::bench::{Bench, INVOICE, hold_of, seconds};
use domain::{Code, ConnectionId, ConnectionState, Export, HoldReason, Operation, State, Switch, TenantId};
use export_flow::connections::PutOptions;
use export_flow::jobs::BatchRequest;
use export_flow::ports::Job;
use serde_json::json;
use std::future::pending;

/// An order whose invoice 9001 is credited by 9002, at a channel of this kind.
async fn credited(connector: &str, refunds: bool) -> Bench {
    let bench = Bench::empty();
    bench.connect("shop", connector).await;
    bench.change("books", |books| books.connector = "listed-books".into()).await;
    switch(&bench, refunds).await;
    bench.world.order("shop", "100", "100.00");
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    let note = json!({"kind": "credit_note", "number": "CN-1", "order": "100", "corrects": "9001", "total": "-10.00"});
    bench.world.document_as("9002", note);
    bench
}

async fn switch(bench: &Bench, on: bool) {
    bench
        .change("shop", |shop| {
            shop.switches.insert(Switch::SendRefund, on);
        })
        .await;
}

async fn told(bench: &Bench, ids: &[&str]) {
    for id in ids {
        bench.arrive(INVOICE, id).await;
    }
    bench.work().await;
}

/// What became of the credit note at the shop.
async fn became(bench: &Bench) -> Vec<Export> {
    let mut all = bench.exports().await;
    all.retain(|export| export.key.subject.id == "9002" && export.key.target.is_some());
    all.sort_by_key(|export| export.key.operation);
    all
}

async fn states(bench: &Bench) -> Vec<(Operation, State)> {
    became(bench).await.iter().map(|export| (export.key.operation, export.state)).collect()
}

fn keys(bench: &Bench) -> Vec<String> {
    let mut keys: Vec<String> = bench.world.effects().into_iter().map(|effect| effect.key).collect();
    keys.sort();
    keys
}

async fn batch(bench: &Bench, operations: Vec<Operation>) -> Job {
    let request = BatchRequest { source: Some(ConnectionId::new("books")), operations, ..BatchRequest::default() };
    let id = bench.flow.start_batch(&TenantId::local(), &request).await.unwrap().id;
    bench.rest(seconds(5)).await;
    bench.flow.job_of(&TenantId::local(), &id).await.unwrap()
}

const BOTH: [Operation; 2] = [Operation::SendCreditNote, Operation::RefundOrder];

#[tokio::test]
async fn each_is_an_export_of_its_own_and_is_done_once() {
    let bench = credited("counter", true).await;
    told(&bench, &["9001", "9002", "9002", "9001", "9002"]).await;
    assert_eq!(states(&bench).await, BOTH.map(|operation| (operation, State::Delivered)));
    assert_eq!(keys(&bench), ["2026-1", "CN-1", "refund of CN-1"]);
    let [note, refund] = became(&bench).await.try_into().unwrap();
    assert_ne!(note.id, refund.id);
    assert_ne!(note.receipt.unwrap().remote_id, refund.receipt.unwrap().remote_id);
}

#[tokio::test]
async fn both_wait_for_the_invoice_and_are_woken_by_it() {
    let bench = credited("counter", true).await;
    told(&bench, &["9002"]).await;
    for export in became(&bench).await {
        assert_eq!(hold_of(&export), Some(HoldReason::Predecessor), "{:?}", export.key.operation);
    }
    assert_eq!(keys(&bench), Vec::<String>::new());
    told(&bench, &["9001"]).await;
    bench.rest(seconds(60)).await;
    assert_eq!(keys(&bench), ["2026-1", "CN-1", "refund of CN-1"]);
}

#[tokio::test]
async fn no_refund_is_planned_until_its_switch_is_on_and_then_only_when_asked_for() {
    let bench = credited("counter", false).await;
    told(&bench, &["9001", "9002"]).await;
    assert_eq!(states(&bench).await, [(Operation::SendCreditNote, State::Delivered)]);
    let on = json!({"role": "channel", "connector": "counter", "label": "shop", "settings": {"base_url": "http://shop"},
        "switches": {"send_invoice": true, "send_credit_note": true, "send_refund": true}});
    let options = PutOptions { allow_private_targets: true, ..PutOptions::default() };
    let put = bench.flow.put_connection(&TenantId::local(), "shop", &on, options, pending()).await.unwrap();
    assert_eq!(put.now_eligible, Some(1));
    bench.change("shop", |shop| shop.state = ConnectionState::Active).await;
    bench.rest(seconds(3600)).await;
    assert_eq!(keys(&bench), ["2026-1", "CN-1"]);
    assert_eq!(batch(&bench, vec![Operation::SendCreditNote]).await.queued, Some(0));
    let job = batch(&bench, vec![Operation::RefundOrder]).await;
    assert_eq!((job.queued, keys(&bench)), (Some(1), ["2026-1", "CN-1", "refund of CN-1"].map(String::from).to_vec()));
    assert_eq!(batch(&bench, vec![]).await.queued, Some(0), "and once only");
}

#[tokio::test]
async fn one_that_waits_is_left_out_when_its_switch_is_put_off_and_goes_when_it_is_put_on() {
    let bench = credited("counter", true).await;
    told(&bench, &["9002"]).await;
    switch(&bench, false).await;
    told(&bench, &["9001"]).await;
    bench.rest(seconds(60)).await;
    let [note, refund] = became(&bench).await.try_into().unwrap();
    assert_eq!((note.state, refund.state, refund.code), (State::Delivered, State::Skipped, Some(Code::SwitchedOff)));
    switch(&bench, true).await;
    assert_eq!(batch(&bench, vec![]).await.queued, Some(1));
    assert_eq!(keys(&bench), ["2026-1", "CN-1", "refund of CN-1"]);
}

#[tokio::test]
async fn a_channel_that_refunds_nothing_is_not_asked_to_and_is_once_it_can() {
    let bench = credited("market", true).await;
    told(&bench, &["9001", "9002"]).await;
    assert_eq!(states(&bench).await, [(Operation::SendCreditNote, State::Delivered)]);
    bench.change("shop", |shop| shop.connector = "counter".into()).await;
    assert_eq!(batch(&bench, vec![Operation::SendCreditNote]).await.queued, Some(0));
    assert_eq!(batch(&bench, vec![]).await.queued, Some(1));
    assert_eq!(states(&bench).await, BOTH.map(|operation| (operation, State::Delivered)));
    assert_eq!(keys(&bench), ["2026-1", "CN-1", "refund of CN-1"]);
}
