//! Notices: what was not told yet is put into the outbox, and what lies there is sent. A receiver that does not answer
//! delays nothing but notices.

use crate::sweep::{Sweep, told};
use domain::{Connection, NoticeWay, TenantId};
use export_flow::Flow;
use export_flow::connections::notice_of_expiry;
use export_flow::notices::{Notice, NoticeSettings, of_pause};
use export_flow::ports::PortError;
use futures_util::StreamExt as _;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Notices sent by one pass; the next one goes on.
const NOTICES_MAX: usize = 200;
/// Tenants whose receivers are called at once.
const TENANTS_AT_ONCE: usize = 4;
/// Notices remembered as told, so that a long pause does not cost a write in every pass.
const TOLD_MAX: usize = 1_000;

/// What this process need not look at again.
#[derive(Default)]
pub(crate) struct Noticed {
    told: HashSet<String>,
    digests: HashMap<TenantId, Date>,
}

impl Noticed {
    fn remember(&mut self, id: String) {
        if self.told.len() >= TOLD_MAX {
            self.told.clear();
        }
        self.told.insert(id);
    }
}

impl Sweep {
    /// Answers how many notices were sent.
    pub(crate) async fn notices(&self) -> usize {
        let Ok(mut noticed) = self.noticed.try_lock() else { return 0 };
        let connections = told("connections", self.flow.parts().ledger.all_connections().await);
        told("pauses", untold(&self.flow, &connections, &mut noticed, of_pause).await);
        let ends = |connection: &Connection| notice_of_expiry(connection, self.flow.now());
        told("expiries", untold(&self.flow, &connections, &mut noticed, ends).await);
        let tenants: BTreeSet<&TenantId> = connections.iter().map(|connection| &connection.tenant).collect();
        let mut settings = BTreeMap::new();
        for tenant in tenants {
            settings.extend(told("notice settings", settings_of(&self.flow, tenant).await));
        }
        for settings in settings.values() {
            told("digest", digest(&self.flow, settings, &mut noticed).await);
        }
        told("notices", send(&self.flow, settings).await)
    }
}

async fn settings_of(flow: &Flow, tenant: &TenantId) -> Result<Option<(TenantId, NoticeSettings)>, PortError> {
    Ok(flow.parts().ledger.notice_settings(tenant).await?.map(|settings| (tenant.clone(), settings)))
}

/// Tells of each connection what there is to be told, once: by the id of its notice. Whoever paused a connection may have
/// ended before it told of it; secrets that end soon are told of by nobody else.
async fn untold(
    flow: &Flow,
    connections: &[Connection],
    noticed: &mut Noticed,
    of: impl Fn(&Connection) -> Option<Notice> + Send,
) -> Result<(), PortError> {
    for notice in connections.iter().filter_map(of) {
        let id = format!("{}:{}", notice.tenant, notice.id);
        if !noticed.told.contains(&id) {
            flow.tell(notice).await?;
            noticed.remember(id);
        }
    }
    Ok(())
}

async fn digest(flow: &Flow, settings: &NoticeSettings, noticed: &mut Noticed) -> Result<(), PortError> {
    let last = noticed.digests.get(&settings.tenant).copied();
    if let Some(date) = flow.put_digest(settings, last).await? {
        noticed.digests.insert(settings.tenant.clone(), date);
    }
    Ok(())
}

/// Sends what is due, tenant by tenant and oldest first.
async fn send(flow: &Flow, mut settings: BTreeMap<TenantId, NoticeSettings>) -> Result<usize, PortError> {
    let due = flow.parts().ledger.notices_due(flow.now(), NOTICES_MAX).await?;
    let mut of_tenant: BTreeMap<TenantId, Vec<Notice>> = BTreeMap::new();
    for notice in due {
        of_tenant.entry(notice.tenant.clone()).or_default().push(notice);
    }
    let mut work = vec![];
    for (tenant, notices) in of_tenant {
        let settings = match settings.remove(&tenant) {
            Some(settings) => Some(settings),
            // Its last connection is gone, and what it wants to be told is not; or it could not be read just now.
            None => flow.parts().ledger.notice_settings(&tenant).await?,
        };
        work.push(send_to(flow, settings, notices));
    }
    let counts: Vec<usize> = futures_util::stream::iter(work).buffer_unordered(TENANTS_AT_ONCE).collect().await;
    Ok(counts.into_iter().sum())
}

async fn send_to(flow: &Flow, settings: Option<NoticeSettings>, notices: Vec<Notice>) -> usize {
    let mut resting: BTreeSet<NoticeWay> = BTreeSet::new();
    let mut sent = 0;
    for notice in notices {
        let done = flow.send_notice(notice, settings.as_ref(), &mut resting).await;
        sent += usize::from(told("notice", done));
    }
    sent
}
