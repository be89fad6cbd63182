//! Jobs by the list, and what they ask of the ledger.

use super::claims::won;
use crate::samples::{at, books, claim, key, noon, shop};
use domain::{ConnectionId, Export, ExportId, ExportKey, JobId, TenantId};
use export_flow::ports::{Job, Ledger, PortError};
use std::collections::BTreeSet;
use std::sync::Arc;

fn job(id: &str, seconds: i64) -> Job {
    Job {
        id: JobId::new(id),
        tenant: TenantId::local(),
        kind: "batch_export".into(),
        state: "running".into(),
        dry_run: false,
        request: serde_json::json!({}),
        found: None,
        matched: None,
        already_delivered: None,
        queued: None,
        redriven: None,
        dismissed: None,
        ids: vec![],
        cursor: None,
        created_at: at(seconds),
        changed_at: Some(at(seconds)),
        halt: None,
        version: 1,
    }
}

async fn ids(ledger: &Arc<dyn Ledger>, limit: usize) -> Vec<Vec<String>> {
    let (mut pages, mut cursor) = (vec![], None);
    loop {
        let page = ledger.jobs(&TenantId::local(), limit, cursor.as_deref()).await.unwrap();
        pages.push(page.items.into_iter().map(|job| job.id.to_string()).collect());
        match page.next {
            Some(next) => cursor = Some(next),
            None => return pages,
        }
    }
}

/// Newest first, in pages; a job that is written again, or twice as new, stays one and where it is.
pub async fn jobs_are_listed_newest_first_each_once(ledger: Arc<dyn Ledger>) {
    assert_eq!(ids(&ledger, 2).await, [Vec::<String>::new()]);
    for (n, id) in ["b", "a", "d", "c"].into_iter().enumerate() {
        assert!(ledger.put_job(&job(id, i64::try_from(n).unwrap())).await.unwrap());
    }
    let others = Job { tenant: TenantId::new("other"), ..job("e", 9) };
    assert!(ledger.put_job(&others).await.unwrap());
    // Somebody else was to make the same job, and came late.
    assert!(!ledger.put_job(&job("a", 20)).await.unwrap());
    assert!(ledger.put_job(&Job { version: 2, state: "done".into(), ..job("b", 0) }).await.unwrap());
    assert_eq!(ids(&ledger, 3).await, [vec!["c", "d", "a"], vec!["b"]]);
    assert_eq!(ids(&ledger, 2).await, [["c", "d"], ["a", "b"]]);
    assert_eq!(ids(&ledger, 9).await, [["c", "d", "a", "b"]]);
    let damaged = ledger.jobs(&TenantId::local(), 2, Some("nonsense")).await;
    assert!(matches!(damaged, Err(PortError::Damaged(_))), "{damaged:?}");
}

/// Of all tenants; one that ends is none of them any more, whatever late writers try.
pub async fn jobs_that_run_are_found_until_they_end(ledger: Arc<dyn Ledger>) {
    let running = async || {
        let found = ledger.running_jobs(10).await.unwrap();
        found.into_iter().map(|job| job.id.to_string()).collect::<BTreeSet<_>>()
    };
    let all = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    let other = Job { tenant: TenantId::new("other"), ..job("b", 1) };
    for job in [&job("a", 0), &other, &Job { state: "done".into(), ..job("c", 2) }] {
        assert!(ledger.put_job(job).await.unwrap());
    }
    assert_eq!(running().await, all(&["a", "b"]));
    assert!(ledger.put_job(&Job { version: 2, ..other.clone() }).await.unwrap());
    assert!(ledger.put_job(&Job { version: 3, state: "cancelled".into(), ..other.clone() }).await.unwrap());
    assert!(!ledger.put_job(&other).await.unwrap());
    for _ in 0..2 {
        assert_eq!(running().await, all(&["a"]));
    }
}

/// Those of a source's things and no others, whatever their targets; of things that nobody knows, none.
pub async fn exports_are_found_by_the_things_they_are_about(ledger: Arc<dyn Ledger>) {
    let stranger = ExportKey { tenant: TenantId::new("other"), ..key("1") };
    let elsewhere = ExportKey { source: ConnectionId::new("more-books"), ..key("1") };
    let look = ExportKey::look(TenantId::local(), books(), key("2").subject);
    let to_market = ExportKey { target: Some(ConnectionId::new("market")), ..key("1") };
    let mut expected: BTreeSet<ExportId> = BTreeSet::new();
    for (n, key) in [key("1"), to_market, look, key("3"), stranger, elsewhere].into_iter().enumerate() {
        let mut asked = claim(key, &format!("run {n}"), noon());
        // One is found under a number that is another one's id.
        asked.numbers = if n == 3 { vec!["1".into()] } else { vec![] };
        asked.order = (n % 2 == 0).then(|| domain::OrderReference::new("100"));
        let export: Export = won(&ledger, &asked).await;
        if n < 3 {
            expected.insert(export.id);
        }
    }
    let wanted = ["1", "2", "unknown"].map(str::to_owned);
    let found = ledger.exports_of(&TenantId::local(), &books(), &wanted).await.unwrap();
    assert_eq!(found.len(), expected.len());
    assert_eq!(found.into_iter().map(|export| export.id).collect::<BTreeSet<_>>(), expected);
    assert!(ledger.exports_of(&TenantId::local(), &shop(), &wanted).await.unwrap().is_empty());
}
