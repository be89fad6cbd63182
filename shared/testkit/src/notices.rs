//! The outbox of notices in memory.

use crate::ledger::MemoryLedger;
use async_trait::async_trait;
use domain::TenantId;
use export_flow::notices::{Notice, NoticeSettings, NoticeStore};
use export_flow::ports::PortError;
use jiff::Timestamp;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Default)]
pub(crate) struct Notices {
    notices: BTreeMap<(TenantId, String), Notice>,
    settings: BTreeMap<TenantId, NoticeSettings>,
}

impl MemoryLedger {
    /// Every notice there is, by tenant and id.
    #[must_use]
    pub fn notices(&self) -> Vec<Notice> {
        self.lock().notices.notices.values().cloned().collect()
    }
}

fn place(notice: &Notice) -> (TenantId, String) {
    (notice.tenant.clone(), notice.id.clone())
}

#[async_trait]
impl NoticeStore for MemoryLedger {
    async fn put_notice(&self, notice: &Notice) -> Result<bool, PortError> {
        self.run("put_notice", |records| {
            let there = &mut records.notices.notices;
            let put = notice.replaces(there.get(&place(notice)));
            if put {
                there.insert(place(notice), notice.clone());
            }
            Ok(put)
        })
    }

    async fn notices_due(&self, by: Timestamp, limit: usize) -> Result<Vec<Notice>, PortError> {
        self.run("notices_due", |records| {
            let due = |notice: &&Notice| notice.due_at.is_some_and(|at| at <= by);
            let mut due: Vec<Notice> = records.notices.notices.values().filter(due).cloned().collect();
            due.sort_by_key(|notice| notice.due_at);
            due.truncate(limit);
            Ok(due)
        })
    }

    async fn change_notice(&self, notice: &Notice) -> Result<bool, PortError> {
        self.run("change_notice", |records| {
            let there = records.notices.notices.get_mut(&place(notice));
            let there = there.filter(|there| there.version + 1 == notice.version);
            Ok(there.map(|there| *there = notice.clone()).is_some())
        })
    }

    async fn notice_settings(&self, tenant: &TenantId) -> Result<Option<NoticeSettings>, PortError> {
        self.run("notice_settings", |records| Ok(records.notices.settings.get(tenant).cloned()))
    }

    async fn put_notice_settings(&self, settings: &NoticeSettings) -> Result<bool, PortError> {
        self.run("put_notice_settings", |records| {
            let there = &mut records.notices.settings;
            let fits = there.get(&settings.tenant).map_or(0, |there| there.version) + 1 == settings.version;
            if fits {
                there.insert(settings.tenant.clone(), settings.clone());
            }
            Ok(fits)
        })
    }
}
