//! `GET /connections/{id}/events`: what webhooks brought, and what was refused.

use crate::support::Console;
use domain::{Cause, ConnectionId, EventId, SourceHint, Subject, SubjectKind, TenantId};
use export_flow::message::{Message, SourceEvent};
use export_flow::ports::Outgoing;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// News of a document of the books, worked off.
async fn told(console: &Console, id: &str, cause: Cause) {
    let news = SourceEvent {
        event: EventId::new(format!("event-{id}")),
        tenant: TenantId::local(),
        source: ConnectionId::new("books"),
        hint: SourceHint { subject: Subject { kind: SubjectKind::Document, id: id.into() }, hints: BTreeMap::new() },
        cause,
        target: None,
        at: console.flow.now(),
    };
    let group = news.source.clone();
    let sent = Outgoing { message: Message::SourceEventV1(news), group, delay: SignedDuration::ZERO };
    console.flow.parts().queue.send(vec![sent]).await.unwrap();
    console.work().await;
    console.clock.advance(SignedDuration::from_secs(1));
}

#[tokio::test]
async fn the_last_events_come_with_what_became_of_them() {
    let console = Console::connected().await;
    console.order("100");
    console.document("9001", "2026-1", Some("100"));
    console.document("9002", "2026-2", None);
    console.document("9003", "2026-3", Some("100"));
    told(&console, "9001", Cause::Webhook).await;
    told(&console, "9002", Cause::Webhook).await;
    told(&console, "9003", Cause::Poll).await;
    let (status, events) = console.get("/connections/books/events").await;
    assert_eq!(status.as_u16(), 200, "{events}");
    let accepted = events["accepted"].as_array().unwrap();
    let said: Vec<(&str, &Value, &Value)> = accepted
        .iter()
        .map(|one| (one["subject"]["id"].as_str().unwrap(), &one["ours"], &one["exports"][0]["state"]))
        .collect();
    assert_eq!(said, [("9002", &json!(false), &json!("skipped")), ("9001", &json!(true), &json!("delivered"))]);
    assert_eq!(
        (&accepted[1]["at"], &accepted[1]["subject"]["number"]),
        (&json!("2026-03-02T12:00:00Z"), &json!("2026-1"))
    );
    assert_eq!((&events["since"], &events["refused"]), (&Value::Null, &Value::Null), "nobody counts here");
    let (status, problem) = console.get("/connections/nowhere/events").await;
    assert_eq!((status.as_u16(), &problem["code"]), (404, &json!("unknown_connection")));
}

#[tokio::test]
async fn looking_at_an_event_again_is_asking_for_its_subject() {
    let console = Console::connected().await;
    console.document("9001", "2026-1", None);
    told(&console, "9001", Cause::Webhook).await;
    console.order("100");
    console.document("9001", "2026-1", Some("100"));
    let (status, export) = console.post("/exports", &json!({"source": "books", "document": "9001"})).await;
    assert_eq!((status.as_u16(), &export["state"]), (202, &json!("delivered")), "{export}");
    let (_, events) = console.get("/connections/books/events").await;
    let accepted = events["accepted"].as_array().unwrap();
    assert_eq!(
        (accepted.len(), &accepted[0]["ours"]),
        (1, &json!(true)),
        "what a person asks for is no event: {events}"
    );
}
