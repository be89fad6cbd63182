//! The trail of who did what.

use crate::samples::{at, noon};
use domain::{About, AboutKind, AccessRole, AuditAction, AuditDetail, AuditEntry, AuditOutcome, Code, TenantId};
use export_flow::audit::{AuditQuery, KEPT};
use export_flow::ports::{Ledger, PortError};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

const DAY: i64 = 24 * 60 * 60;

fn entry(id: &str, when: Timestamp) -> AuditEntry {
    AuditEntry {
        id: id.into(),
        tenant: TenantId::local(),
        at: when,
        who: "token".into(),
        role: AccessRole::Operator,
        action: AuditAction::PauseConnection,
        about: vec![About::new(AboutKind::Connection, "shop")],
        detail: AuditDetail::new(),
        cut: false,
        outcome: AuditOutcome::Asked,
        code: None,
    }
}

/// The pages of the list, by ids.
async fn pages(ledger: &Arc<dyn Ledger>, query: &AuditQuery, by: Timestamp, limit: usize) -> Vec<Vec<String>> {
    let (mut pages, mut cursor) = (vec![], None);
    loop {
        let page = ledger.audit(&TenantId::local(), query, by, limit, cursor.as_deref()).await.unwrap();
        assert!(page.items.len() <= limit);
        pages.push(page.items.into_iter().map(|entry| entry.id).collect());
        match page.next {
            Some(next) => cursor = Some(next),
            None => return pages,
        }
    }
}

async fn all(ledger: &Arc<dyn Ledger>, query: &AuditQuery, by: Timestamp) -> Vec<String> {
    pages(ledger, query, by, 500).await.concat()
}

/// Those of one instant too; nothing of another tenant, nothing later than asked for.
pub async fn what_was_done_is_listed_newest_first_in_pages(ledger: Arc<dyn Ledger>) {
    let any = AuditQuery::default();
    assert_eq!(pages(&ledger, &any, noon(), 2).await, [Vec::<String>::new()]);
    for (id, seconds) in [("b", 1), ("a", 1), ("d", 3), ("c", 2), ("e", 9)] {
        ledger.put_audit(&entry(id, at(seconds))).await.unwrap();
    }
    ledger.put_audit(&AuditEntry { tenant: TenantId::new("other"), ..entry("x", at(2)) }).await.unwrap();
    assert_eq!(pages(&ledger, &any, at(3), 3).await.concat(), ["d", "c", "b", "a"]);
    assert_eq!(pages(&ledger, &any, at(3), 1).await.concat(), ["d", "c", "b", "a"]);
    assert_eq!(all(&ledger, &any, at(3)).await, ["d", "c", "b", "a"]);
    assert_eq!(all(&ledger, &any, at(9)).await.first().map(String::as_str), Some("e"));
    let damaged = ledger.audit(&TenantId::local(), &any, at(9), 2, Some("nonsense")).await;
    assert!(matches!(damaged, Err(PortError::Damaged(_))), "{damaged:?}");
}

/// Whatever is written again, and by whomever.
pub async fn an_entry_ends_once_and_changes_by_nothing_else(ledger: Arc<dyn Ledger>) {
    let asked = entry("a", noon());
    assert!(!ledger.end_audit(&AuditEntry { outcome: AuditOutcome::Done, ..asked.clone() }).await.unwrap());
    ledger.put_audit(&asked).await.unwrap();
    ledger.put_audit(&AuditEntry { who: "somebody else".into(), ..asked.clone() }).await.unwrap();
    let listed = async || ledger.audit(&TenantId::local(), &AuditQuery::default(), at(9), 9, None).await.unwrap().items;
    assert_eq!(listed().await, std::slice::from_ref(&asked));
    let detail = AuditDetail::from([("changed".to_owned(), vec!["state".to_owned()])]);
    let refused = AuditEntry { outcome: AuditOutcome::Refused, code: Some(Code::Conflict), detail, ..asked.clone() };
    assert!(ledger.end_audit(&refused).await.unwrap());
    assert!(!ledger.end_audit(&AuditEntry { outcome: AuditOutcome::Done, ..asked.clone() }).await.unwrap());
    ledger.put_audit(&asked).await.unwrap();
    assert_eq!(listed().await, [refused]);
}

/// By both together too.
pub async fn the_trail_is_narrowed_by_what_it_is_about_and_by_whom(ledger: Arc<dyn Ledger>) {
    for n in 0..30 {
        let mut one = entry(&format!("{n:02}"), at(n));
        if n % 3 == 0 {
            one.about.push(About::new(AboutKind::Order, "100"));
        }
        if n % 5 == 0 {
            one.who = "jana".into();
        }
        ledger.put_audit(&one).await.unwrap();
    }
    let query = |about: Option<&str>, who: Option<&str>| AuditQuery {
        about: about.map(str::to_owned),
        who: who.map(str::to_owned),
    };
    assert_eq!(all(&ledger, &query(Some("shop"), None), at(60)).await.len(), 30);
    assert_eq!(all(&ledger, &query(None, Some("jana")), at(60)).await, ["25", "20", "15", "10", "05", "00"]);
    assert_eq!(pages(&ledger, &query(Some("100"), Some("jana")), at(60), 1).await.concat(), ["15", "00"]);
    assert_eq!(all(&ledger, &query(Some("101"), None), at(60)).await, Vec::<String>::new());
}

/// Months in which nothing was done lie between.
pub async fn the_trail_of_a_year_goes_on_from_month_to_month(ledger: Arc<dyn Ledger>) {
    let days = [0, 1, 45, 46, 200, 364];
    for day in days {
        ledger.put_audit(&entry(&format!("{day:03}"), at(day * DAY))).await.unwrap();
    }
    let expected: Vec<String> = days.iter().rev().map(|day| format!("{day:03}")).collect();
    for limit in [1, 2, 4, 500] {
        assert_eq!(pages(&ledger, &AuditQuery::default(), at(365 * DAY), limit).await.concat(), expected, "{limit}");
    }
}

/// Whether it is still there or not.
pub async fn what_is_too_old_is_not_listed(ledger: Arc<dyn Ledger>) {
    for (id, seconds) in [("old", 0), ("kept", 1)] {
        ledger.put_audit(&entry(id, at(seconds))).await.unwrap();
    }
    let by = noon() + KEPT + SignedDuration::from_secs(1);
    ledger.put_audit(&entry("new", by)).await.unwrap();
    assert_eq!(all(&ledger, &AuditQuery::default(), by).await, ["new", "kept"]);
}
