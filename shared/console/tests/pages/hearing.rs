//! What webhooks brought, as a page, and looking at one of it again.

use crate::stage::{Stage, csrf, get, post};
use crate::walking::answered;
use domain::{Cause, Code, ConnectionId, Operation, Subject, SubjectKind, TenantId};
use export_flow::Verdict;
use export_flow::heard::{Heard, HeardStore as _};
use export_flow::message::Message;
use export_flow::ports::Connections as _;
use http::{StatusCode, header};
use jiff::SignedDuration;
use testkit::samples;

const BOOKS: &str = "/connections/books/events";

async fn heard(stage: &Stage, source: &str, kind: SubjectKind, id: &str) {
    let heard = Heard {
        tenant: TenantId::local(),
        source: ConnectionId::new(source),
        at: samples::noon(),
        subject: Subject { kind, id: id.into() },
    };
    stage.ledger.note_heard(&heard).await.unwrap();
}

/// Works off what is queued; why it was queued.
async fn work(stage: &Stage) -> Vec<Cause> {
    let queue = &stage.state.flow.parts().queue;
    let mut causes = vec![];
    for incoming in queue.receive(10, SignedDuration::from_secs(540)).await.unwrap() {
        let message = incoming.message.unwrap();
        if let Message::SourceEventV1(event) = &message {
            causes.push(event.cause);
        }
        assert_eq!(stage.state.flow.handle(&message, false).await, Verdict::Done);
        queue.delete(&[incoming.receipt]).await.unwrap();
    }
    causes
}

#[tokio::test]
async fn events_are_shown_with_what_became_of_them() {
    let stage = Stage::with_a_day("").await;
    for id in ["9001", "9095", "4711"] {
        heard(&stage, "books", SubjectKind::Document, id).await;
    }
    heard(&stage, "post", SubjectKind::Parcel, "9002").await;
    let html = stage.page(BOOKS).await.html;
    let line = |number: &str| {
        let found = html.split(r#"<tr role="row">"#).find(|line| line.contains(&format!(">Document {number}</th>")));
        found.unwrap_or_else(|| panic!("{number}: {html}"))
    };
    let carried = line("2026-0001");
    let sent = stage
        .ledger
        .all()
        .into_iter()
        .find(|export| export.key.subject.id == "9001" && export.key.operation == Operation::SendInvoice);
    let href = format!(r#"<a href="/exports/{}">Invoice 2026-0001 → Garden shop</a>"#, sent.unwrap().id);
    assert!(carried.contains(&href) && carried.contains("Delivered</span>"), "{carried}");
    assert!(!carried.contains("Planned"), "the look that led there is no news: {carried}");
    let not_ours = line("2026-0095");
    assert!(not_ours.contains("Left out</span>") && not_ours.contains("No order reference"), "{not_ours}");
    assert!(line("4711").contains("nothing is on record"), "{html}");
    assert!(html.contains("what the vendor called the event") && !html.contains("Z48"), "{html}");
    assert!(html.contains("webhook.refused") && html.contains("refused-webhooks"), "nobody counts here: {html}");
    let list = stage.page("/connections").await.html;
    assert!(list.contains(&format!(r#"href="{BOOKS}""#)), "{list}");
    assert_eq!(stage.page("/connections/nowhere/events").await.status, StatusCode::NOT_FOUND);
    assert_eq!(stage.send(get(BOOKS, None)).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn refused_calls_are_counted_by_reason_with_what_to_do() {
    let stage = Stage::with_a_day("").await.counting_refusals();
    let none = stage.page(BOOKS).await.html;
    assert!(none.contains("No call has been refused since the program started."), "{none}");
    let books = stage.ledger.connection(&ConnectionId::new("books")).await.unwrap().unwrap();
    let shop = stage.ledger.connection(&samples::shop()).await.unwrap().unwrap();
    let refusals = stage.state.flow.refusals().unwrap();
    for _ in 0..3 {
        refusals.count(&books, Code::Unauthenticated.as_str(), samples::noon());
    }
    refusals.count(&shop, Code::TooLarge.as_str(), samples::noon());
    let html = stage.page(BOOKS).await.html;
    let (_, refused) = html.split_once(r#"id="h-refused""#).unwrap();
    let word = domain::InWords::in_words(Code::Unauthenticated);
    for words in ["/codes/unauthenticated", word.label, ">3</td>", r#"datetime="2026-03-02T12:00:00Z""#] {
        assert!(refused.contains(words), "{words}: {refused}");
    }
    assert!(!refused.contains("too_large"), "another connection's: {refused}");
}

#[tokio::test]
async fn one_event_is_looked_at_again_and_leads_to_its_export() {
    let stage = answered("").await;
    heard(&stage, "books", SubjectKind::Document, "9001").await;
    heard(&stage, "post", SubjectKind::Parcel, "501").await;
    let cookie = stage.log_in().await;
    let page = stage.send(get(BOOKS, Some(&cookie))).await;
    assert!(page.html.contains(r#"<input type="hidden" name="document" value="9001">"#), "{}", page.html);
    let parcels = stage.send(get("/connections/post/events", Some(&cookie))).await;
    assert!(parcels.html.contains(r#"<input type="hidden" name="shipment" value="501">"#), "{}", parcels.html);
    let form = format!("csrf={}&document=9001", csrf(&page.html));
    let again = async || stage.send(post(BOOKS, &cookie, &form)).await;
    assert_eq!(stage.send(post(BOOKS, &cookie, "csrf=guess&document=9001")).await.status, StatusCode::FORBIDDEN);
    let first = again().await;
    assert_eq!(
        (first.status, &first.headers[header::LOCATION]),
        (StatusCode::SEE_OTHER, &"/exports?document=9001".parse().unwrap())
    );
    assert_eq!(work(&stage).await, [Cause::Hand]);
    let second = again().await;
    let to = second.headers[header::LOCATION].to_str().unwrap();
    let export = stage.ledger.all().into_iter().find(|export| to == format!("/exports/{}", export.id));
    assert_eq!(export.unwrap().key.subject.id, "9001", "{to}");
    let nothing = format!("csrf={}", csrf(&page.html));
    assert_eq!(stage.send(post(BOOKS, &cookie, &nothing)).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}
