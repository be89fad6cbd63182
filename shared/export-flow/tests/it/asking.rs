//! What a person asks for by hand, and what is decided of one export.

use crate::bench::{Bench, INVOICE, hold_of, seconds};
use domain::{Code, ConnectionId, Export, OrderReference, State, TenantId};
use export_flow::message::Message;
use export_flow::person::{Hand, Resolution};
use export_flow::refused::Refused;
use serde_json::json;

fn tenant() -> TenantId {
    TenantId::local()
}

fn hand(document: &str, target: Option<&str>) -> Hand {
    let (document, target) = (Some(document.into()), target.map(ConnectionId::new));
    Hand { source: "books".into(), document, target, ..Hand::default() }
}

/// Two markets that know order 100, and invoice 9001 of it.
async fn two_markets() -> Bench {
    let bench = Bench::new().await;
    bench.connect("mall", "market").await;
    for shop in ["shop", "mall"] {
        bench.world.order(shop, "100", "100.00");
    }
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    bench
}

/// The targets of what a request has become by now.
async fn asked(bench: &Bench, hand: &Hand) -> Vec<String> {
    let requested = bench.flow.request(&tenant(), hand).await.unwrap();
    bench.work().await;
    let met = bench.flow.met(&requested).await.unwrap();
    met.iter().map(|export| export.key.target.as_ref().map_or("look", ConnectionId::as_str).to_owned()).collect()
}

#[tokio::test]
async fn a_request_finds_the_exports_it_was_about() {
    let bench = two_markets().await;
    assert_eq!(asked(&bench, &hand("9001", None)).await, ["look"], "both have the order");
    assert_eq!(asked(&bench, &hand("9001", Some("mall"))).await, ["mall"]);
    assert_eq!(asked(&bench, &hand("9001", Some("shop"))).await, ["shop"], "not what was asked for before");
}

#[tokio::test]
async fn a_request_with_a_target_is_foreseen_and_tried_for_that_target_only() {
    let bench = two_markets().await;
    let hand = hand("9001", Some("mall"));
    let trial = bench.flow.trial(&tenant(), &hand).await.unwrap();
    assert_eq!(trial.exports.iter().map(|(_, target)| target.as_str()).collect::<Vec<_>>(), ["mall"]);
    assert!(bench.exports().await.is_empty() && bench.queue.all().is_empty());
    let requested = bench.flow.request(&tenant(), &hand).await.unwrap();
    let foreseen = bench.flow.foreseen(&requested).await.unwrap();
    assert_eq!(foreseen.len(), 1);
    assert_eq!(foreseen[0].key.target, hand.target);
}

#[tokio::test]
async fn a_trial_says_what_is_there_already() {
    let bench = two_markets().await;
    let hand = hand("9001", Some("mall"));
    asked(&bench, &hand).await;
    let trial = bench.flow.trial(&tenant(), &hand).await.unwrap();
    assert_eq!((trial.requests.len(), trial.already_there.len(), trial.preflight.len()), (0, 1, 0));
    bench.change("mall", |mall| _ = mall.settings.insert("holds".into(), json!("preflight"))).await;
    bench.world.document("9001", "2026-1", Some("100"), "90.00");
    let trial = bench.flow.trial(&tenant(), &hand).await.unwrap();
    assert_eq!((trial.requests.len(), trial.already_there.len(), trial.preflight.len()), (0, 0, 1));
}

#[tokio::test]
async fn a_request_names_one_thing_of_a_source_that_can_be_asked() {
    let bench = two_markets().await;
    for (given, said) in [(Hand::default(), "one of them is needed"), (both(), "only one of them can be given")] {
        let refused = bench.flow.request(&tenant(), &Hand { source: "books".into(), ..given }).await;
        let Err(Refused::Fields(errors)) = refused else { panic!("{refused:?}") };
        assert_eq!(errors.iter().map(|error| error.problem.as_str()).collect::<Vec<_>>(), [said]);
    }
    bench.flow.pause_connection(&tenant(), "books").await.unwrap();
    let refused = bench.flow.request(&tenant(), &hand("9001", None)).await;
    assert!(matches!(refused, Err(Refused::Conflict(_))), "{refused:?}");
    assert_eq!(bench.world.calls("books/"), 0);
}

fn both() -> Hand {
    Hand { document: Some("9001".into()), shipment: Some("7".into()), ..Hand::default() }
}

/// An invoice that its market holds for this reason.
async fn held(reason: &str) -> (Bench, Export) {
    let bench = Bench::new().await;
    bench.change("shop", |shop| _ = shop.settings.insert("holds".into(), json!(reason))).await;
    bench.world.order("shop", "100", "100.00");
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
    let export = bench.only("shop").await;
    assert_eq!(hold_of(&export).unwrap().as_str(), reason);
    (bench, export)
}

#[tokio::test]
async fn sent_again_it_goes_beside_another_only_where_another_was_what_it_waited_for() {
    for (reason, anyway) in [("target_has_other", true), ("preflight", false)] {
        let (bench, export) = held(reason).await;
        let decided = bench.flow.resolve(&tenant(), &export.id, &Resolution::SendAgain, None).await.unwrap();
        assert_eq!((decided.overrides.send_anyway, decided.overrides.by_hand), (anyway, true), "{reason}");
        assert_eq!(decided.notes.last().unwrap().outcome, "send_again");
    }
}

#[tokio::test]
async fn a_document_may_go_without_lines_and_nothing_else_may() {
    let (bench, export) = held("lines_unmatched").await;
    let without = Resolution::Use { order: None, target: None, without_lines: true };
    let decided = bench.flow.resolve(&tenant(), &export.id, &without, None).await.unwrap();
    assert!(decided.overrides.without_lines);
    assert_eq!(decided.due_at, Some(bench.flow.now()));
    let order = Some(OrderReference::new("200"));
    let named = Resolution::Use { order, target: None, without_lines: false };
    let refused = bench.flow.resolve(&tenant(), &export.id, &named, None).await;
    assert!(matches!(refused, Err(Refused::Conflict(_))), "its order is known");
    bench.world.document("9002", "2026-2", Some("unknown"), "100.00");
    bench.arrive(INVOICE, "9002").await;
    bench.work().await;
    let look = bench.look().await;
    let refused = bench.flow.resolve(&tenant(), &look.id, &without, None).await;
    assert!(matches!(refused, Err(Refused::Conflict(_))), "it is not on its way to a target");
    bench.connect("strange", "market").await;
    bench.change("strange", |strange| strange.tenant = TenantId::new("stranger")).await;
    for nowhere in ["books", "strange", "nobody"] {
        let target = Some(ConnectionId::new(nowhere));
        let chosen = Resolution::Use { order: None, target, without_lines: false };
        let refused = bench.flow.resolve(&tenant(), &look.id, &chosen, None).await;
        assert!(matches!(refused, Err(Refused::Fields(_))), "{nowhere}");
    }
}

#[tokio::test]
async fn what_crashed_its_runs_is_put_back_to_work_alone() {
    for (code, unrecorded) in [(Code::Crashed, true), (Code::VendorError, false)] {
        let bench = Bench::new().await;
        let key = testkit::samples::key("9001");
        let dead = Export { state: State::Dead, code: Some(code), attempts: 3, ..Export::new(key, bench.flow.now()) };
        bench.ledger.put(dead.clone());
        assert!(bench.flow.redrive(&tenant(), &dead.id, None).await.unwrap());
        let alone = bench.queue.all().into_iter().find_map(|(message, ..)| match message {
            Message::ExportDueV1(due) => Some(due.alone),
            _ => None,
        });
        assert_eq!(alone, Some(unrecorded), "{code:?}");
    }
}

#[tokio::test]
async fn a_parcel_is_watched_until_its_journey_is_over() {
    use export_flow::ports::Ledger as _;
    let bench = Bench::new().await;
    bench.world.order("shop", "100", "100.00");
    let watched = async |after: i64| {
        let at = bench.flow.now() + seconds(after);
        bench.ledger.parcels_due(at, 10).await.unwrap().len()
    };
    for (state, is_watched) in [("in_transit", true), ("delivered", false)] {
        bench.world.parcel("7", "100", Some("T-1"), state);
        bench.arrive(domain::SubjectKind::Parcel, "7").await;
        bench.work().await;
        let found = (watched(15 * 60 - 1).await, watched(15 * 60 + 1).await);
        assert_eq!(found, (0, usize::from(is_watched)), "{state}");
        bench.clock.advance(seconds(60));
    }
}
