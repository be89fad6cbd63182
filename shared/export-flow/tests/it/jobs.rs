//! Which dead letters a job is about.

use crate::bench::{Bench, seconds};
use domain::{Code, Export, ExportId, Operation, State, TenantId};
use export_flow::jobs::{Filter, JobKind, JobRequest};
use export_flow::message::Message;
use export_flow::person::Asks;
use export_flow::ports::Job;
use export_flow::refused::Refused;
use testkit::samples;

fn tenant() -> TenantId {
    TenantId::local()
}

fn by_ids(ids: Vec<ExportId>) -> JobRequest {
    JobRequest { filter: Filter { ids: Some(ids), ..Filter::default() }, ..JobRequest::default() }
}

/// Exports to the same target: dead ones, and half as many delivered.
fn letters(bench: &Bench, count: usize) -> Vec<Export> {
    let mut letters = vec![];
    for n in 0..count + count / 2 {
        let mut export = Export::new(samples::key(&format!("d{n}")), bench.flow.now());
        export.state = if n < count { State::Dead } else { State::Delivered };
        export.code = (n < count).then_some(Code::VendorError);
        bench.ledger.put(export.clone());
        letters.push(export);
    }
    letters
}

async fn ended(bench: &Bench, request: &JobRequest) -> Job {
    let id = bench.flow.start_job(&tenant(), JobKind::Redrive, request).await.unwrap().id;
    for _ in 0..20 {
        bench.flow.handle(&Message::JobV1 { job: id.clone() }, false).await;
    }
    let job = bench.flow.job_of(&tenant(), &id).await.unwrap();
    assert_eq!(job.state, "done");
    job
}

#[tokio::test]
async fn only_what_is_dead_is_meant_however_many_are_named() {
    let bench = Bench::new().await;
    let letters = letters(&bench, 120);
    let ids = letters.iter().map(|export| export.id.clone()).collect();
    let job = ended(&bench, &by_ids(ids)).await;
    assert_eq!((job.found, job.matched, job.redriven), (Some(180), Some(120), Some(120)));
    assert_eq!(job.already_delivered, Some(60));
}

#[tokio::test]
async fn a_filter_means_only_what_fits_all_of_it() {
    for (operation, code, matched) in [
        (Some(Operation::SendInvoice), None, 3),
        (Some(Operation::SendCreditNote), None, 0),
        (None, Some("vendor_error"), 3),
        (Some(Operation::SendCreditNote), Some("vendor_error"), 0),
    ] {
        let bench = Bench::new().await;
        letters(&bench, 3);
        let filter = Filter { operation, code: code.map(str::to_owned), ..Filter::default() };
        let job = ended(&bench, &JobRequest { filter, ..JobRequest::default() }).await;
        assert_eq!(job.matched, Some(matched), "{operation:?} {code:?}");
    }
}

#[tokio::test]
async fn at_most_a_thousand_are_named_at_once_and_none_is_no_filter() {
    let bench = Bench::new().await;
    let named = |count: usize| by_ids((0..count).map(|n| ExportId::new(format!("exp_{n}"))).collect());
    for (count, fits) in [(1_000, true), (1_001, false), (1_002, false)] {
        let started = bench.flow.start_job(&tenant(), JobKind::Redrive, &named(count)).await;
        assert_eq!(started.is_ok(), fits, "{count}");
    }
    let empty = bench.flow.start_job(&tenant(), JobKind::Redrive, &named(0)).await;
    assert_eq!(empty, Err(Refused::Empty));
}

#[tokio::test]
async fn a_confirmed_job_says_who_confirmed_it_and_why() {
    let bench = Bench::new().await;
    letters(&bench, 2);
    let filter = Filter { all: true, ..Filter::default() };
    let note = Some("only to see".to_owned());
    let seen = ended(&bench, &JobRequest { filter, dry_run: true, note, ..JobRequest::default() }).await;
    let asks = Asks { tenant: &tenant(), by: Some("jana"), job: None };
    let job = bench.flow.confirm_job(asks, &seen.id, Some("repaired")).await.unwrap();
    let request: JobRequest = serde_json::from_value(job.request).unwrap();
    assert_eq!((request.note.as_deref(), request.by.as_deref()), (Some("repaired"), Some("jana")));
}

#[tokio::test]
async fn a_job_that_does_not_come_on_is_queued_again_after_ten_minutes() {
    let bench = Bench::new().await;
    let ids = letters(&bench, 1).iter().map(|export| export.id.clone()).collect();
    let id = bench.flow.start_job(&tenant(), JobKind::Redrive, &by_ids(ids)).await.unwrap().id;
    bench.queue.lose_all();
    for (passed, queued) in [(600, 0), (1, 1)] {
        bench.clock.advance(seconds(passed));
        bench.flow.job_of(&tenant(), &id).await.unwrap();
        assert_eq!(bench.queue.all().len(), queued);
    }
}
