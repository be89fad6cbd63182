//! What dead letters have in common: the code they ended with, and the connection they are counted at.

use super::Filter;
use crate::flow::Flow;
use crate::ports::{PortError, group};
use domain::{Code, ConnectionId, ExportId, TenantId};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Dead letters read for one list of groups.
const READ_MAX: usize = 2_000;
/// Ids named of each group, the newest.
const IDS_MAX: usize = 5;

/// Dead letters with one code at one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The code they ended with.
    pub code: Option<Code>,
    /// The target, or the source of a look.
    pub connection: ConnectionId,
    /// How many of those that were read.
    pub count: u64,
    /// When the first of them ended.
    pub oldest: Timestamp,
    /// When the last of them ended.
    pub newest: Timestamp,
    /// Some of them.
    pub ids: Vec<ExportId>,
}

/// Dead letters by what they have in common, the largest group first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    /// The groups.
    pub groups: Vec<Group>,
    /// How many dead letters were read for this.
    pub read: u64,
    /// Where reading goes on; then each count is a lower bound.
    pub next: Option<String>,
}

impl Flow {
    /// Groups dead letters; one call reads 2,000 of them at most.
    ///
    /// # Errors
    /// [`PortError`] if they cannot be read, or the cursor is none of this list.
    pub async fn dead_letters(
        &self,
        tenant: &TenantId,
        filter: &Filter,
        cursor: Option<&str>,
    ) -> Result<Groups, PortError> {
        self.newest_dead_letters(tenant, filter, READ_MAX, cursor).await
    }

    /// The same, reading this many at most.
    ///
    /// # Errors
    /// [`PortError`] if they cannot be read, or the cursor is none of this list.
    pub async fn newest_dead_letters(
        &self,
        tenant: &TenantId,
        filter: &Filter,
        most: usize,
        cursor: Option<&str>,
    ) -> Result<Groups, PortError> {
        let page = self.parts.ledger.exports(tenant, &filter.query(), most, cursor).await?;
        let mut groups: BTreeMap<(Option<Code>, ConnectionId), Group> = BTreeMap::new();
        for export in page.items.iter().filter(|export| filter.fits(export)) {
            let (code, connection) = (export.code, group(&export.key).clone());
            let at = export.changed_at;
            let group = groups.entry((code, connection.clone())).or_insert_with(|| Group {
                code,
                connection,
                count: 0,
                oldest: at,
                newest: at,
                ids: vec![],
            });
            group.count += 1;
            group.oldest = group.oldest.min(at);
            group.newest = group.newest.max(at);
            if group.ids.len() < IDS_MAX {
                group.ids.push(export.id.clone());
            }
        }
        let mut groups: Vec<Group> = groups.into_values().collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.count));
        let read = u64::try_from(page.items.len()).unwrap_or(u64::MAX);
        Ok(Groups { groups, read, next: page.next })
    }
}
