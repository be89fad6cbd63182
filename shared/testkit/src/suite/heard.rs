//! What webhooks told of.

use crate::samples::{at, books};
use domain::{ConnectionId, Subject, SubjectKind, TenantId};
use export_flow::heard::Heard;
use export_flow::ports::Ledger;
use std::sync::Arc;

fn heard(id: &str, seconds: i64) -> Heard {
    let subject = Subject { kind: SubjectKind::Document, id: id.into() };
    Heard { tenant: TenantId::local(), source: books(), at: at(seconds), subject }
}

async fn ids(ledger: &Arc<dyn Ledger>, by: i64, limit: usize) -> Vec<String> {
    let page = ledger.heard(&TenantId::local(), &books(), at(by), limit).await.unwrap();
    page.items.into_iter().map(|one| one.subject.id).collect()
}

/// However often a message came; nothing of other sources and tenants, and nothing later than asked for.
pub async fn the_last_events_of_a_source_come_newest_first_each_once(ledger: Arc<dyn Ledger>) {
    assert_eq!(ids(&ledger, 60, 50).await, Vec::<String>::new());
    for (id, seconds) in [("b", 2), ("a", 1), ("c", 3), ("b", 2), ("a", 9)] {
        ledger.note_heard(&heard(id, seconds)).await.unwrap();
    }
    ledger.note_heard(&Heard { source: ConnectionId::new("other-books"), ..heard("x", 2) }).await.unwrap();
    ledger.note_heard(&Heard { tenant: TenantId::new("other"), ..heard("y", 2) }).await.unwrap();
    assert_eq!(ids(&ledger, 60, 50).await, ["a", "c", "b", "a"]);
    assert_eq!(ids(&ledger, 60, 2).await, ["a", "c"]);
    assert_eq!(ids(&ledger, 3, 50).await, ["c", "b", "a"]);
}

/// More than are shown, in several writes: the newest stay.
pub async fn of_many_events_the_newest_stay(ledger: Arc<dyn Ledger>) {
    for n in 0..130 {
        ledger.note_heard(&heard(&format!("{n:03}"), n)).await.unwrap();
        if n % 40 == 0 {
            ids(&ledger, n, 1).await;
        }
    }
    let expected: Vec<String> = (80..130).rev().map(|n| format!("{n:03}")).collect();
    assert_eq!(ids(&ledger, 1000, 50).await, expected);
}
