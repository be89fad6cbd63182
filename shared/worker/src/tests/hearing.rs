use super::{Scene, in_minutes, scene};
use crate::Sweep;
use domain::{Code, Connection, NoticeKind, Role};
use export_flow::ports::{Connections as _, Ledger as _};
use jiff::Timestamp;
use serde_json::json;
use testkit::samples;

fn books(scene: &Scene) -> Connection {
    let mut connection = samples::connection(&samples::books(), Role::Accounting, "listing");
    connection.settings.insert("pages".into(), json!([[]]));
    scene.ledger.put_connection_as_is(connection.clone());
    connection
}

/// A document changes, and two minutes later the source is polled. `told`: a webhook told of it meanwhile.
async fn change(scene: &Scene, sweep: &Sweep, minute: i64, told: bool) {
    let version: Timestamp = in_minutes(minute);
    let mut connection = books(scene);
    connection.settings.insert("pages".into(), json!([[[minute.to_string(), version]]]));
    scene.ledger.put_connection_as_is(connection.clone());
    scene.flow.forget(&connection.id, &connection.tenant);
    if told {
        let document = samples::document(&minute.to_string(), "2026-1", "100", version);
        scene.ledger.remember_document(&document).await.unwrap();
    }
    scene.clock.set(in_minutes(minute + 2));
    sweep.pass().await;
}

fn told(scene: &Scene) -> Vec<(NoticeKind, Option<Code>)> {
    scene.ledger.notices().iter().map(|notice| (notice.kind, notice.facts.code)).collect()
}

#[tokio::test]
async fn a_source_whose_changes_only_polls_find_seems_not_to_call_us() {
    let scene = scene();
    books(&scene);
    let sweep = Sweep::new(scene.flow.clone());
    sweep.pass().await;
    for n in 1..=4 {
        change(&scene, &sweep, n * 10, false).await;
    }
    assert_eq!(told(&scene), [], "it may be chance");
    change(&scene, &sweep, 50, false).await;
    assert_eq!(told(&scene), [(NoticeKind::Webhook, Some(Code::WebhookSilent))]);
    let code = |connection: Option<Connection>| connection.unwrap().last_error.map(|error| error.code);
    assert_eq!(code(scene.ledger.connection(&samples::books()).await.unwrap()), Some(Code::WebhookSilent));
    for n in 6..=20 {
        change(&scene, &sweep, n * 10, false).await;
    }
    assert_eq!(told(&scene).len(), 1, "told once for as long as it lasts");
}

#[tokio::test]
async fn one_change_that_a_webhook_told_of_is_enough() {
    let scene = scene();
    books(&scene);
    let sweep = Sweep::new(scene.flow.clone());
    sweep.pass().await;
    for n in 1..=20 {
        change(&scene, &sweep, n * 10, n % 5 == 0).await;
    }
    assert_eq!(told(&scene), []);
}

#[tokio::test]
async fn what_had_changed_before_polling_began_says_nothing() {
    let scene = scene();
    let mut connection = books(&scene);
    let backlog: Vec<_> = (0..50).map(|n| json!([format!("old {n}"), samples::at(n)])).collect();
    connection.settings.insert("pages".into(), backlog.chunks(5).map(|page| json!(page)).collect());
    connection.created_at = samples::at(-9_000);
    scene.ledger.put_connection_as_is(connection);
    let sweep = Sweep::new(scene.flow.clone());
    for minute in 0..60 {
        scene.clock.set(in_minutes(10 + minute));
        sweep.pass().await;
    }
    assert_eq!(told(&scene), []);
}
