use super::{Scene, in_minutes, scene, scene_with};
use crate::{Sweep, Tally};
use domain::{Connection, ConnectionState, DeliveryState, HoldReason, NightlyBatch, Pause, PauseReason, Role, Rules};
use export_flow::Times;
use export_flow::claim::Claimed;
use export_flow::ports::{Circuit, Connections as _, Ledger as _, PollState, PortError, Queue as _};
use export_flow::times::VISIBILITY;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use testkit::samples;

/// An export held until a time.
async fn held(scene: &Scene, id: &str, until: Timestamp, reason: HoldReason) {
    let claim = samples::claim(samples::key(id), "run", samples::noon());
    let Claimed::Won { export, .. } = scene.ledger.claim(&claim).await.unwrap() else { panic!() };
    let held = samples::held(&export, reason, until);
    scene.ledger.finish(&samples::guard(&export), &held).await.unwrap().unwrap();
}

fn books(scene: &Scene, pages: Value) -> Connection {
    let mut connection = samples::connection(&samples::books(), Role::Accounting, "listing");
    connection.settings.insert("pages".into(), pages);
    scene.ledger.put_connection_as_is(connection.clone());
    connection
}

fn paused(reason: PauseReason, next_probe: Option<Timestamp>) -> Pause {
    Pause { reason, since: samples::noon(), next_probe, next_step: String::new() }
}

async fn drain(scene: &Scene) {
    for incoming in scene.queue.receive(1000, VISIBILITY).await.unwrap() {
        scene.queue.delete(&[incoming.receipt]).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_overdue_by_more_than_two_minutes_is_queued_once() {
    let scene = scene();
    let sweep = Sweep::new(scene.flow.clone());
    held(&scene, "1", in_minutes(10), HoldReason::OrderUnknown).await;
    scene.clock.set(in_minutes(12));
    assert_eq!(sweep.pass().await, Tally::default(), "its own message still has time");
    scene.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(sweep.pass().await.due, 1);
    assert_eq!(scene.queued(), ["due 1"]);
    assert_eq!(sweep.pass().await.due, 0, "the next pass leaves it alone");
    let export = scene.ledger.all().remove(0);
    assert!(export.due_at.unwrap() <= scene.flow.now(), "or the claim would refuse the message");
    scene.clock.advance(SignedDuration::from_secs(121));
    assert_eq!(sweep.pass().await.due, 1, "until it is overdue anew");
}

#[tokio::test]
async fn the_first_pass_of_a_process_takes_what_is_only_just_due() {
    let scene = scene();
    held(&scene, "1", in_minutes(10), HoldReason::OrderUnknown).await;
    scene.clock.set(in_minutes(10) + SignedDuration::from_secs(1));
    assert_eq!(Sweep::new(scene.flow.clone()).chores(SignedDuration::ZERO).await.due, 1);
}

#[tokio::test]
async fn many_overdue_exports_are_all_queued_by_one_pass() {
    let scene = scene();
    for n in 0..450 {
        held(&scene, &n.to_string(), in_minutes(1), HoldReason::OrderUnknown).await;
    }
    scene.clock.set(in_minutes(30));
    assert_eq!(Sweep::new(scene.flow.clone()).pass().await.due, 450);
}

#[tokio::test]
async fn a_part_that_fails_does_not_stop_the_others() {
    let scene = scene();
    books(&scene, json!([[["1", in_minutes(1)]]]));
    scene.ledger.trouble().throttle("due");
    scene.clock.set(in_minutes(5));
    let tally = Sweep::new(scene.flow.clone()).pass().await;
    assert_eq!((tally.due, tally.polled), (0, 1));
}

#[tokio::test]
async fn polling_queues_each_line_once_per_version_and_goes_on_where_it_ended() {
    let scene = scene();
    let sweep = Sweep::new(scene.flow.clone());
    let mut connection = books(&scene, json!([[["1", in_minutes(1)], ["2", in_minutes(4)]], [["3", in_minutes(4)]]]));
    scene.clock.set(in_minutes(5));
    assert_eq!(sweep.pass().await.polled, 3);
    assert_eq!(scene.queued(), ["1", "2", "3"]);
    assert_eq!(sweep.pass().await.polled, 0, "not due again yet");
    // Within the overlap of the next pass: 2 as it was, 3 changed; before it: 1.
    connection
        .settings
        .insert("pages".into(), json!([[["1", in_minutes(1)], ["2", in_minutes(4)], ["3", in_minutes(6)]]]));
    scene.ledger.put_connection_as_is(connection);
    drain(&scene).await;
    scene.clock.set(in_minutes(10));
    assert_eq!(sweep.pass().await.polled, 1);
    assert_eq!(scene.queued(), ["3"]);
}

#[tokio::test]
async fn a_pass_interrupted_between_queue_and_record_loses_nothing() {
    let scene = scene();
    let sweep = Sweep::new(scene.flow.clone());
    books(&scene, json!([[["1", in_minutes(1)]], [["2", in_minutes(1)]]]));
    scene.clock.set(in_minutes(5));
    scene.ledger.trouble().strike(
        "put_poll_state",
        1,
        testkit::Moment::Before,
        export_flow::ports::PortError::Throttled("on purpose".into()),
    );
    sweep.pass().await;
    assert_eq!(scene.queued(), ["1", "2"]);
    sweep.pass().await;
    assert_eq!(scene.queued(), ["1", "2", "2"], "the page that was not remembered comes again, the first does not");
}

#[tokio::test]
async fn polling_starts_where_the_connection_says() {
    let scene = scene();
    let mut connection = books(&scene, json!([[["old", in_minutes(-60)], ["new", in_minutes(1)]]]));
    scene.clock.set(in_minutes(5));
    Sweep::new(scene.flow.clone()).pass().await;
    assert_eq!(scene.queued(), ["new"], "the moment the connection was made");
    connection.settings.insert("since".into(), json!(in_minutes(-90)));
    connection.id = domain::ConnectionId::new("books-2");
    scene.ledger.put_connection_as_is(connection);
    Sweep::new(scene.flow.clone()).pass().await;
    assert_eq!(scene.queued(), ["new", "old", "new"]);
}

#[tokio::test]
async fn sources_that_may_not_be_called_are_not() {
    for state in [ConnectionState::Paused, ConnectionState::Unverified, ConnectionState::Disabled] {
        let scene = scene();
        let mut connection = books(&scene, json!([[["1", in_minutes(1)]]]));
        connection.state = state;
        scene.ledger.put_connection_as_is(connection);
        scene.clock.set(in_minutes(5));
        assert_eq!(Sweep::new(scene.flow.clone()).pass().await.polled, 0, "{state:?}");
    }
}

#[tokio::test]
async fn a_poll_that_fails_is_shown_and_tried_again() {
    let scene = scene();
    let sweep = Sweep::new(scene.flow.clone());
    let mut connection = books(&scene, json!([[["1", in_minutes(1)]], "refused"]));
    scene.clock.set(in_minutes(5));
    assert_eq!(sweep.pass().await.polled, 1);
    let stored = scene.ledger.connection(&samples::books()).await.unwrap().unwrap();
    assert_eq!(stored.last_error.unwrap().code, domain::Code::VendorRefused);
    assert_eq!(stored.state, ConnectionState::Active);
    connection.settings.insert("pages".into(), json!([[["2", in_minutes(2)]]]));
    scene.ledger.put_connection_as_is(connection);
    scene.clock.set(in_minutes(11));
    assert_eq!(sweep.pass().await.polled, 1, "from the first page, from where the last whole pass ended");
}

#[tokio::test]
async fn refused_credentials_pause_the_source() {
    let scene = scene();
    books(&scene, json!(["login"]));
    Sweep::new(scene.flow.clone()).pass().await;
    let stored = scene.ledger.connection(&samples::books()).await.unwrap().unwrap();
    assert_eq!(stored.pause.unwrap().reason, PauseReason::Credentials);
}

#[tokio::test]
async fn a_cap_on_intervals_makes_polls_more_frequent() {
    let scene = scene_with(Times { recheck_max: Some(SignedDuration::from_secs(2)), ..Times::default() });
    let sweep = Sweep::new(scene.flow.clone());
    books(&scene, json!([[]]));
    sweep.pass().await;
    let state: PollState = scene.ledger.poll_state(&samples::books()).await.unwrap();
    assert_eq!(state.next_at, Some(samples::at(2)));
}

#[tokio::test]
async fn parcels_are_asked_for_until_they_are_final() {
    let scene = scene();
    let sweep = Sweep::new(scene.flow.clone());
    books(&scene, json!([[]]));
    let mut moving = samples::parcel("p1", "T1", "100", DeliveryState::InTransit, samples::noon());
    moving.source = samples::books();
    let mut done = samples::parcel("p2", "T2", "100", DeliveryState::Delivered, samples::noon());
    done.source = samples::books();
    for parcel in [&moving, &done] {
        scene.ledger.merge_parcel(parcel).await.unwrap();
    }
    scene.clock.set(in_minutes(1));
    assert_eq!(sweep.pass().await.parcels, 1);
    assert_eq!(scene.queued(), ["p1"]);
    scene.clock.set(in_minutes(30));
    assert_eq!(sweep.pass().await.parcels, 0, "its next time was moved before it was queued");
    scene.clock.set(in_minutes(32));
    assert_eq!(sweep.pass().await.parcels, 1);
}

#[tokio::test]
async fn a_parcel_whose_connection_could_not_be_read_just_now_is_asked_for_by_the_next_pass() {
    let scene = scene();
    let sweep = Sweep::new(scene.flow.clone());
    books(&scene, json!([[]]));
    let mut moving = samples::parcel("p1", "T1", "100", DeliveryState::InTransit, samples::noon());
    moving.source = samples::books();
    scene.ledger.merge_parcel(&moving).await.unwrap();
    scene.clock.set(in_minutes(1));
    scene.ledger.trouble().throttle("connection");
    assert_eq!(sweep.pass().await.parcels, 0);
    scene.clock.set(in_minutes(2));
    assert_eq!(sweep.pass().await.parcels, 1);
}

#[tokio::test]
async fn a_lost_probe_is_sent_again_by_another_export() {
    let scene = scene();
    let mut shop = samples::connection(&samples::shop(), Role::Channel, "listing");
    shop.state = ConnectionState::Paused;
    shop.pause = Some(paused(PauseReason::Outage, Some(in_minutes(1))));
    scene.ledger.put_connection_as_is(shop);
    for id in ["1", "2"] {
        held(&scene, id, in_minutes(60), HoldReason::ConnectionPaused).await;
    }
    let first = scene.ledger.waiting(&samples::shop(), HoldReason::ConnectionPaused, None, 1).await.unwrap().remove(0);
    let circuit = Circuit { last_probe: Some(first.id.clone()), version: 1, ..Circuit::default() };
    assert!(scene.ledger.put_circuit(&samples::shop(), &circuit).await.unwrap());
    scene.clock.set(in_minutes(3));
    let sweep = Sweep::new(scene.flow.clone());
    assert_eq!(sweep.pass().await.probes, 0, "its own message still has time");
    scene.clock.set(in_minutes(4));
    assert_eq!(sweep.pass().await.probes, 1);
    let (message, ..) = scene.queue.all().remove(0);
    let export_flow::message::Message::ExportDueV1(due) = message else { panic!() };
    assert_ne!(due.export, first.id);
}

#[tokio::test]
async fn a_paused_source_that_nothing_waits_for_is_asked_itself() {
    let scene = scene();
    let mut connection = books(&scene, json!([[]]));
    connection.state = ConnectionState::Paused;
    connection.pause = Some(paused(PauseReason::Outage, Some(in_minutes(1))));
    connection.settings.insert("reachable".into(), json!(false));
    scene.ledger.put_connection_as_is(connection.clone());
    scene.clock.set(in_minutes(2));
    let sweep = Sweep::new(scene.flow.clone());
    assert_eq!(sweep.pass().await.probes, 1);
    let mut stored = scene.ledger.connection(&samples::books()).await.unwrap().unwrap();
    assert!(stored.pause.as_ref().unwrap().next_probe.unwrap() > scene.flow.now());
    stored.settings.insert("reachable".into(), json!(true));
    scene.ledger.put_connection_as_is(stored);
    scene.clock.set(in_minutes(20));
    sweep.pass().await;
    let stored = scene.ledger.connection(&samples::books()).await.unwrap().unwrap();
    assert_eq!((stored.state, stored.pause), (ConnectionState::Active, None));
}

#[tokio::test]
async fn a_pause_by_hand_is_nobodys_to_end() {
    let scene = scene();
    let mut connection = books(&scene, json!([[]]));
    connection.state = ConnectionState::Paused;
    connection.pause = Some(paused(PauseReason::ByHand, None));
    scene.ledger.put_connection_as_is(connection);
    scene.clock.set(in_minutes(60));
    assert_eq!(Sweep::new(scene.flow.clone()).pass().await, Tally::default());
}

#[tokio::test]
async fn neither_half_of_a_pass_runs_twice_at_the_same_time() {
    let scene = scene();
    books(&scene, json!([[["1", in_minutes(1)]]]));
    held(&scene, "1", in_minutes(1), HoldReason::OrderUnknown).await;
    scene.clock.set(in_minutes(5));
    let sweep = Sweep::new(scene.flow.clone());
    let (chores, polls) = (sweep.chores.lock().await, sweep.polls.lock().await);
    assert_eq!(sweep.pass().await, Tally::default());
    drop(polls);
    assert_eq!(sweep.pass().await, Tally { polled: 1, ..Tally::default() });
    drop(chores);
    assert_eq!(sweep.pass().await, Tally { due: 1, ..Tally::default() });
}

fn nightly(connection: &Connection) -> Connection {
    let rule = NightlyBatch { at: "12:30".into(), days_back: 7, time_zone: "UTC".into() };
    let rules = Rules { batch_export: Some(rule), ..Rules::default() };
    Connection { rules, ..connection.clone() }
}

#[tokio::test]
async fn a_nightly_batch_begins_once_per_due_time_whoever_looks_and_also_after_a_night_off() {
    let scene = scene();
    scene.ledger.put_connection_as_is(nightly(&books(&scene, json!([[]]))));
    let sweeps = [Sweep::new(scene.flow.clone()), Sweep::new(scene.flow.clone())];
    let started = async |minutes: i64| {
        scene.clock.set(in_minutes(minutes));
        let mut started = 0;
        for sweep in sweeps.iter().chain(&sweeps) {
            started += sweep.pass().await.jobs;
        }
        started
    };
    assert_eq!(started(29).await, 0, "that of yesterday was before the rule");
    assert_eq!(started(30).await, 1);
    assert_eq!(started(31).await, 0);
    // Nobody works here, so the first has stalled by then and is revived; the second is written, and not known to be.
    scene.ledger.trouble().strike("put_job", 1, testkit::Moment::After, PortError::Throttled("slow".into()));
    assert_eq!(started(30 + 24 * 60).await, 1);
    // A machine that was off does the last that it missed, and goes on with both that stalled.
    assert_eq!(started(35 + 5 * 24 * 60).await, 1 + 2);
    let jobs = async || scene.ledger.jobs(&samples::key("1").tenant, 10, None).await.unwrap().items.len();
    assert_eq!(jobs().await, 3);
    scene
        .ledger
        .put_connection_as_is(Connection { state: ConnectionState::Disabled, ..nightly(&books(&scene, json!([[]]))) });
    assert_eq!(started(31 + 6 * 24 * 60).await, 3, "all stalled again");
    assert_eq!(jobs().await, 3, "no new one where the connection is off");
}
