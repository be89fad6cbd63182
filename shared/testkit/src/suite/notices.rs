//! The outbox of notices, and what tenants want to be told.

use crate::samples::{at, noon, shop};
use domain::{NoticeKind, SealedSecret, TenantId};
use export_flow::notices::{DigestTime, Facts, Language, Notice, NoticeSettings, WebhookWay};
use export_flow::ports::Ledger;
use futures_util::future::join_all;
use std::sync::Arc;

fn notice(id: &str, seconds: i64) -> Notice {
    let facts = Facts { connection: Some(shop()), ..Facts::default() };
    Notice::new(TenantId::local(), id.into(), NoticeKind::DeadLetter, at(seconds), facts)
}

/// Of many that find the same thing one tells it, and what lies there stays as it is.
pub async fn the_same_thing_is_told_once(ledger: Arc<dyn Ledger>) {
    let (first, later) = (notice("a", 0), notice("a", 5));
    let puts = join_all((0..8).map(|_| ledger.put_notice(&first))).await;
    assert_eq!(puts.into_iter().filter(|put| *put == Ok(true)).count(), 1);
    assert!(!ledger.put_notice(&later).await.unwrap());
    assert_eq!(ledger.notices_due(at(60), 10).await.unwrap(), [first]);
    let others = Notice { tenant: TenantId::new("other"), ..notice("a", 1) };
    assert!(ledger.put_notice(&others).await.unwrap());
    assert!(ledger.put_notice(&notice("b", 2)).await.unwrap());
    let found = ledger.notices_due(at(1), 10).await.unwrap();
    assert_eq!(found.iter().map(|notice| notice.at).collect::<Vec<_>>(), [noon(), at(1)]);
    assert_eq!(ledger.notices_due(at(60), 2).await.unwrap().len(), 2);
}

/// It may be told anew once it was told, its quiet time is over, and it happened after that.
pub async fn the_same_thing_is_told_anew_after_its_quiet_time(ledger: Arc<dyn Ledger>) {
    let first = Notice { quiet_until: Some(at(100)), ..notice("a", 0) };
    assert!(ledger.put_notice(&first).await.unwrap());
    assert!(!ledger.put_notice(&notice("a", 200)).await.unwrap(), "nobody has been told yet");
    let told = Notice { due_at: None, version: 2, ..first };
    assert!(ledger.change_notice(&told).await.unwrap());
    assert!(!ledger.put_notice(&notice("a", 99)).await.unwrap());
    let anew = notice("a", 100);
    assert!(ledger.put_notice(&anew).await.unwrap());
    assert_eq!(ledger.notices_due(at(100), 10).await.unwrap().first(), Some(&anew));
    let never = Notice { due_at: None, version: 2, ..anew };
    assert!(ledger.change_notice(&never).await.unwrap());
    assert!(!ledger.put_notice(&notice("a", 9_000)).await.unwrap());
}

/// Each write is the next version; what is at its end is not due.
pub async fn a_notice_is_taken_by_one_of_those_who_saw_it(ledger: Arc<dyn Ledger>) {
    let first = notice("a", 0);
    assert!(!ledger.change_notice(&Notice { version: 2, ..first.clone() }).await.unwrap(), "there is none");
    assert!(ledger.put_notice(&first).await.unwrap());
    let taken = Notice { due_at: Some(at(300)), version: 2, ..first.clone() };
    let takes = join_all((0..8).map(|_| ledger.change_notice(&taken))).await;
    assert_eq!(takes.into_iter().filter(|taken| *taken == Ok(true)).count(), 1);
    assert!(!ledger.change_notice(&Notice { version: 4, ..first.clone() }).await.unwrap());
    assert_eq!(ledger.notices_due(at(299), 10).await.unwrap(), []);
    assert_eq!(ledger.notices_due(at(300), 10).await.unwrap(), [taken]);
    assert!(ledger.change_notice(&Notice { due_at: None, version: 3, ..first }).await.unwrap());
    assert_eq!(ledger.notices_due(at(9_000), 10).await.unwrap(), []);
}

/// Each tenant's own, each write the next version.
pub async fn notice_settings_are_written_by_version(ledger: Arc<dyn Ledger>) {
    let tenant = TenantId::local();
    assert_eq!(ledger.notice_settings(&tenant).await.unwrap(), None);
    let settings = |version| NoticeSettings {
        tenant: tenant.clone(),
        webhook: Some(WebhookWay {
            url: "https://hooks.example/x".into(),
            secret: SealedSecret::entered(noon(), "sealed".into()),
        }),
        email: vec!["a@example.com".into()],
        topic: true,
        kinds: [NoticeKind::Uncertain].into(),
        lang: Language::Cs,
        digest: Some(DigestTime { hour: 7, time_zone: "Europe/Prague".into(), from: noon() }),
        changed_at: at(version),
        version: version.unsigned_abs(),
    };
    assert!(!ledger.put_notice_settings(&settings(2)).await.unwrap());
    let first = settings(1);
    let writes = join_all((0..8).map(|_| ledger.put_notice_settings(&first))).await;
    assert_eq!(writes.into_iter().filter(|written| *written == Ok(true)).count(), 1);
    assert!(!ledger.put_notice_settings(&settings(3)).await.unwrap());
    assert!(ledger.put_notice_settings(&settings(2)).await.unwrap());
    assert_eq!(ledger.notice_settings(&tenant).await.unwrap(), Some(settings(2)));
    assert_eq!(ledger.notice_settings(&TenantId::new("other")).await.unwrap(), None);
}
