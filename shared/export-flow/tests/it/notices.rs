//! Whoever makes something that people should hear of puts its notice into the outbox, whatever is cut short.

use crate::bench::{Bench, INVOICE, seconds};
use ::http::Method;
use domain::{Code, ConnectionState, NoticeKind, PauseReason, State};
use export_flow::notices::{Notice, NoticeStore as _};
use export_flow::ports::PortError;
use serde_json::json;
use testkit::Moment;
use testkit::practice::Kind;

async fn document(bench: &Bench, n: usize) {
    let reference = format!("10{n}");
    bench.world.order("shop", &reference, "100.00");
    bench.world.document(&reference, &format!("2026-{n}"), Some(&reference), "100.00");
    bench.arrive(INVOICE, &reference).await;
}

fn kinds(bench: &Bench) -> Vec<NoticeKind> {
    bench.ledger.notices().iter().map(|notice| notice.kind).collect()
}

/// The ways in which the run that is about to put a notice can be cut short.
fn cuts() -> [Option<Moment>; 3] {
    [None, Some(Moment::Before), Some(Moment::After)]
}

fn cut(bench: &Bench, moment: Option<Moment>) {
    if let Some(moment) = moment {
        bench.ledger.trouble().strike("put_notice", 0, moment, PortError::Unavailable("cut".into()));
    }
}

#[tokio::test]
async fn an_uncertain_export_is_told_once_though_the_run_was_cut_short() {
    for moment in cuts() {
        let bench = Bench::empty();
        bench.connect("shop", "mute").await;
        bench.world.fault(Method::POST, "shop/effects", Kind::DropAfter, 1);
        cut(&bench, moment);
        document(&bench, 0).await;
        bench.pass(seconds(2000)).await;
        let export = bench.only("shop").await;
        assert_eq!(export.state, State::Uncertain, "{moment:?}");
        let notices = bench.ledger.notices();
        assert_eq!(kinds(&bench), [NoticeKind::Uncertain], "{moment:?}");
        assert_eq!(notices[0].facts.export.as_ref(), Some(&export.id));
        assert_eq!(notices[0].facts.order.as_deref(), Some("100"));
    }
}

#[tokio::test]
async fn the_first_dead_letter_of_a_code_is_told_once_a_day() {
    for moment in cuts() {
        let bench = Bench::new().await;
        let refuses = || Kind::Answer(422, json!({"message": "no"}));
        bench.world.fault(Method::POST, "shop/effects", refuses(), usize::MAX);
        cut(&bench, moment);
        for n in 0..3 {
            document(&bench, n).await;
        }
        bench.pass(seconds(900)).await;
        assert_eq!(bench.count(State::Dead).await, 3, "{moment:?}");
        assert_eq!(kinds(&bench), [NoticeKind::DeadLetter], "{moment:?}");
        let told = bench.ledger.notices().remove(0);
        let code = bench.only_code();
        assert_eq!((told.facts.code, told.at), (Some(code), told.due_at.unwrap()));

        // Told, and the same again within the day; another code is another notice.
        let version = told.version + 1;
        assert!(bench.ledger.change_notice(&Notice { due_at: None, version, ..told.clone() }).await.unwrap());
        bench.clock.advance(seconds(23 * 3600));
        document(&bench, 4).await;
        bench.pass(seconds(900)).await;
        assert_eq!(bench.count(State::Dead).await, 4);
        assert_eq!(bench.ledger.notices().len(), 1, "{moment:?}");
        assert_eq!(bench.ledger.notices()[0].at, told.at);
        bench.clock.advance(seconds(2 * 3600));
        document(&bench, 5).await;
        bench.pass(seconds(900)).await;
        let anew = bench.ledger.notices().remove(0);
        assert!(anew.at > told.at && anew.due_at.is_some() && anew.message_id() != told.message_id(), "{moment:?}");
        // News of what died long ago tells nothing anew.
        let version = anew.version + 1;
        assert!(bench.ledger.change_notice(&Notice { due_at: None, version, ..anew.clone() }).await.unwrap());
        bench.clock.advance(seconds(30 * 3600));
        bench.arrive(INVOICE, "100").await;
        bench.work().await;
        assert_eq!(bench.ledger.notices()[0].at, anew.at);
    }
}

impl Bench {
    fn only_code(&self) -> Code {
        let codes: std::collections::BTreeSet<Code> = self.ledger.all().iter().filter_map(|e| e.code).collect();
        assert_eq!(codes.len(), 1, "{codes:?}");
        codes.into_iter().next().unwrap()
    }
}

#[tokio::test]
async fn a_pause_is_told_and_a_hundred_exports_that_meet_it_tell_nothing_more() {
    let bench = Bench::new().await;
    bench.world.fault(Method::POST, "shop/effects", Kind::Answer(401, json!({"message": "bad key"})), 1);
    for n in 0..5 {
        document(&bench, n).await;
    }
    bench.pass(seconds(60)).await;
    let shop = bench.state_of("shop").await;
    assert_eq!(shop.state, ConnectionState::Paused);
    let notices = bench.ledger.notices();
    assert_eq!(kinds(&bench), [NoticeKind::ConnectionPaused]);
    assert_eq!(notices[0].at, shop.pause.unwrap().since);
    assert_eq!(notices[0].facts.pause, Some(PauseReason::Credentials));
}

#[tokio::test]
async fn an_outage_is_told_once() {
    let bench = Bench::new().await;
    for method in [Method::GET, Method::POST] {
        bench.world.fault(method, "shop/", Kind::Refused, usize::MAX);
    }
    for n in 0..7 {
        document(&bench, n).await;
    }
    bench.pass(seconds(3600)).await;
    assert_eq!(bench.state_of("shop").await.state, ConnectionState::Paused);
    assert_eq!(kinds(&bench), [NoticeKind::ConnectionPaused]);
}

#[tokio::test]
async fn what_goes_well_costs_no_call_of_the_outbox() {
    let bench = Bench::new().await;
    for n in 0..3 {
        document(&bench, n).await;
    }
    bench.pass(seconds(60)).await;
    assert_eq!(bench.count(State::Delivered).await, 3);
    let calls = bench.ledger.trouble().calls();
    assert!(!calls.iter().any(|call| call.contains("notice")), "{calls:?}");
}
