//! How things stand, as the sweep tells it.

use super::{Scene, in_minutes, scene};
use crate::{Gauges, Sweep};
use domain::{
    Connection, ConnectionId, ConnectionState, Export, HoldReason, Pause, PauseReason, Role, State, TenantId,
};
use export_flow::claim::Claimed;
use export_flow::ports::{Ledger as _, PollState};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use testkit::{Told, samples};

fn source(scene: &Scene, id: &str) -> Connection {
    let mut connection = samples::connection(&ConnectionId::new(id), Role::Accounting, "listing");
    connection.settings.insert("pages".into(), json!([[]]));
    scene.ledger.put_connection_as_is(connection.clone());
    connection
}

fn pause(scene: &Scene, connection: &Connection, reason: PauseReason) {
    let pause = Pause { reason, since: samples::noon(), next_probe: None, next_step: String::new() };
    scene.ledger.put_connection_as_is(Connection {
        state: ConnectionState::Paused,
        pause: Some(pause),
        ..connection.clone()
    });
}

async fn heard(scene: &Scene, id: &str, state: PollState) {
    scene.ledger.put_poll_state(&ConnectionId::new(id), &state).await.unwrap();
}

async fn export(scene: &Scene, id: &str, tenant: &str, at: Timestamp, end: impl Fn(&Export) -> Export) {
    let key = domain::ExportKey { tenant: TenantId::new(tenant), ..samples::key(id) };
    let Claimed::Won { export, .. } = scene.ledger.claim(&samples::claim(key, "run", at)).await.unwrap() else {
        panic!()
    };
    scene.ledger.finish(&samples::guard(&export), &end(&export)).await.unwrap().unwrap();
}

#[tokio::test]
async fn how_things_stand_is_told_once_over_all_tenants() {
    let scene = scene();
    for (id, tenant) in [("books", "default"), ("books-2", "acme")] {
        let connection = source(&scene, id);
        let tenant = TenantId::new(tenant);
        scene.ledger.put_connection_as_is(Connection { tenant, ..connection });
    }
    pause(&scene, &source(&scene, "down"), PauseReason::Outage);
    pause(&scene, &source(&scene, "locked"), PauseReason::Credentials);
    pause(&scene, &source(&scene, "resting"), PauseReason::ByHand);
    for (id, days) in [("ends", 13), ("ended", -1), ("lasts", 15)] {
        let mut connection = source(&scene, id);
        let date = samples::noon() + SignedDuration::from_hours(24 * days);
        connection.settings.insert("secrets_expire_on".into(), date.strftime("%F").to_string().into());
        connection.state = ConnectionState::Unverified;
        scene.ledger.put_connection_as_is(connection);
    }
    let waits = |export: &Export| samples::held(export, HoldReason::OrderUnknown, in_minutes(500));
    export(&scene, "1", "default", in_minutes(2), waits).await;
    export(&scene, "2", "acme", in_minutes(1), waits).await;
    for (id, state) in [("3", State::Dead), ("4", State::Uncertain), ("5", State::Delivered)] {
        export(&scene, id, "acme", samples::noon(), |export| samples::ended(export, state, None)).await;
    }
    scene.clock.set(in_minutes(31));
    let told = Told::listen("info");
    let gauges = Sweep::new(scene.flow.clone()).gauges().await;
    let expected = Gauges {
        oldest_waiting_seconds: 30 * 60,
        connections_paused: 2,
        uncertain: 1,
        dead: 1,
        held: 2,
        credentials_expiring: 2,
        silent_sources: 0,
    };
    assert_eq!(gauges, Some(expected));
    assert_eq!(told.lines().len(), 1);
    assert_eq!(
        told.metrics().first().map(|line| line["HeldNow"].clone()),
        Some(json!(2)),
        "and it is counted as a metric"
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_not_told() {
    let scene = scene();
    source(&scene, "books");
    scene.ledger.trouble().throttle("counts");
    let told = Told::listen("info");
    assert_eq!(Sweep::new(scene.flow.clone()).gauges().await, None);
    assert_eq!((told.of("sweep.gauges").len(), told.of("sweep.failed").len()), (0, 1));
    assert_eq!(told.totals(), json!({}), "no zero where nothing is known");
}

#[tokio::test]
async fn a_source_is_silent_when_its_list_was_not_read_to_its_end_for_long() {
    let silent = async |change: fn(&mut Connection), state: Option<PollState>, minutes| {
        let scene = scene();
        let mut connection = source(&scene, "books");
        change(&mut connection);
        scene.ledger.put_connection_as_is(connection);
        if let Some(state) = state {
            heard(&scene, "books", state).await;
        }
        scene.clock.set(in_minutes(minutes));
        Sweep::new(scene.flow.clone()).gauges().await.unwrap().silent_sources
    };
    let until = |minutes| Some(PollState { since: Some(in_minutes(minutes)), ..PollState::default() });
    let as_is: fn(&mut Connection) = |_| {};
    assert_eq!(silent(as_is, until(100), 160).await, 0, "an hour is bearable");
    assert_eq!(silent(as_is, until(100), 161).await, 1);
    assert_eq!(silent(as_is, None, 61).await, 1, "never heard of at all");
    let long = |c: &mut Connection| drop(c.settings.insert("poll_every".into(), Value::from("30m")));
    assert_eq!(silent(long, until(100), 161).await, 0, "it is asked every half hour only");
    assert_eq!(silent(long, until(100), 221).await, 1);
    let off = |c: &mut Connection| c.state = ConnectionState::Paused;
    assert_eq!(silent(off, until(100), 600).await, 0, "a paused one is counted as that");
    let new = |c: &mut Connection| c.changed_at = in_minutes(150);
    assert_eq!(silent(new, until(100), 161).await, 0, "it may have been switched off until then");
    let amid = PollState { cursor: Some("7".into()), ..until(1).unwrap() };
    assert_eq!(silent(as_is, Some(amid), 600).await, 0, "in the midst of a long list");
}

#[tokio::test]
async fn a_source_that_answers_is_not_silent() {
    let scene = scene();
    source(&scene, "books");
    let sweep = Sweep::new(scene.flow.clone());
    scene.clock.set(in_minutes(300));
    assert_eq!(sweep.gauges().await.unwrap().silent_sources, 1);
    sweep.pass().await;
    assert_eq!(sweep.gauges().await.unwrap().silent_sources, 0);
    scene.clock.advance(SignedDuration::from_mins(59));
    assert_eq!(sweep.gauges().await.unwrap().silent_sources, 0);
}

#[tokio::test]
async fn polled_lines_are_arrivals() {
    let scene = scene();
    let mut connection = source(&scene, "books");
    connection.settings.insert("pages".into(), json!([[["1", in_minutes(1)], ["2", in_minutes(1)]]]));
    scene.ledger.put_connection_as_is(connection);
    scene.clock.set(in_minutes(5));
    let told = Told::listen("info");
    Sweep::new(scene.flow.clone()).pass().await;
    let lines = told.of("source.polled");
    assert_eq!((lines.len(), &lines[0]["connector"], &lines[0]["count"]), (1, &json!("listing"), &json!(2)));
    assert_eq!(told.totals()["Arrivals"], 2);
}
