//! What a source has right now, with what became of each.

use crate::flow::Flow;
use crate::jobs::Outlook;
use crate::refused::Refused;
use connectors::{Account, Changed, DocumentPage, Mode, Session, Spec, Stop};
use data_encoding::BASE64URL_NOPAD;
use domain::{Code, Export, FieldProblem, Step, TenantId, Within, remark};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Vendor pages read for one answer.
const VENDOR_PAGES_MAX: usize = 10;
/// How far back is read if nobody says.
pub(crate) const SINCE_DEFAULT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A document or parcel at its source, and what became of it.
#[derive(Debug, Clone)]
pub struct DocumentLine {
    /// At the source.
    pub changed: Changed,
    /// Its exports and looks.
    pub exports: Vec<Export>,
    /// What a batch export would make of it.
    pub outlook: Outlook,
}

/// A page of them.
#[derive(Debug, Clone)]
pub struct Documents {
    /// Lines.
    pub lines: Vec<DocumentLine>,
    /// Where to go on.
    pub next: Option<String>,
}

/// Where a list of documents goes on.
#[derive(Debug, Serialize, Deserialize)]
struct Cursor {
    since: Timestamp,
    vendor: Option<String>,
    skip: usize,
}

impl Cursor {
    fn read(text: &str) -> Option<Self> {
        serde_json::from_slice(&BASE64URL_NOPAD.decode(text.as_bytes()).ok()?).ok()
    }

    fn written(&self) -> String {
        BASE64URL_NOPAD.encode(&serde_json::to_vec(self).unwrap_or_default())
    }
}

impl Flow {
    /// What a source has, read live, with what became of each.
    ///
    /// # Errors
    /// [`Refused`]: unknown connection, a source that cannot list, a cursor of something else, the vendor failing.
    pub async fn documents(
        &self,
        tenant: &TenantId,
        id: &str,
        since: Option<Timestamp>,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<Documents, Refused> {
        let account = self.account_of(tenant, id).await?;
        let start = since.unwrap_or_else(|| self.now() - SINCE_DEFAULT);
        let mut place = match cursor {
            None => Cursor { since: start, vendor: None, skip: 0 },
            Some(text) => Cursor::read(text)
                .ok_or_else(|| Refused::field("cursor", (FieldProblem::NotACursor, "is not a cursor of this list")))?,
        };
        let session = self.session(&account, Mode::Live, Step::Look);
        let (mut changed, mut next) = (vec![], None);
        for _ in 0..VENDOR_PAGES_MAX {
            let page = self.listed(&session, place.since, place.vendor.as_deref()).await;
            let page = page.ok_or_else(no_list)?.map_err(|stop| self.refuse(stop, &account, &session))?;
            let room = limit - changed.len();
            let left: Vec<Changed> = page.changed.into_iter().skip(place.skip).collect();
            if left.len() > room {
                changed.extend(left.into_iter().take(room));
                next = Some(Cursor { skip: place.skip + room, ..place }.written());
                break;
            }
            changed.extend(left);
            next = page.next.map(|vendor| Cursor { since: place.since, vendor: Some(vendor), skip: 0 }.written());
            match next.as_deref().and_then(Cursor::read) {
                Some(following) if changed.len() < limit => place = following,
                _ => break,
            }
        }
        let records = self.records_of(&account, &changed).await?;
        let outlooks = self.outlooks(&account, &changed, &records, &Within::default()).await?;
        let known = records.into_iter().zip(outlooks);
        let lines = changed.into_iter().zip(known).map(|(changed, (exports, outlook))| DocumentLine {
            changed,
            exports,
            outlook,
        });
        let lines = lines.collect();
        Ok(Documents { lines, next })
    }

    /// A page of what a source lists. `None`: it has no list.
    pub(crate) async fn listed(
        &self,
        session: &Session<'_>,
        since: Timestamp,
        cursor: Option<&str>,
    ) -> Option<Result<DocumentPage, Stop>> {
        let account = session.account;
        let connector = self.parts.registry.get(&account.connection.connector).filter(|_| lists(account.spec));
        match (connector.and_then(|c| c.accounting()), connector.and_then(|c| c.courier())) {
            (Some(accounting), _) => Some(accounting.changed(session, since, cursor).await),
            (None, Some(courier)) => Some(courier.changed(session, since, cursor).await),
            (None, None) => None,
        }
    }

    /// A connection of a tenant, opened.
    pub(crate) async fn account_of(&self, tenant: &TenantId, id: &str) -> Result<Arc<Account>, Refused> {
        let connection = self.connection_of(tenant, id).await?;
        let account = self.account_anew(&connection.id).await?;
        account.ok_or(Refused::Unknown(Code::UnknownConnection))
    }

    /// What a vendor's refusal means to a person who waits for the answer.
    pub(crate) fn refuse(&self, stop: Stop, account: &Account, session: &Session<'_>) -> Refused {
        let mut redactor = self.redactor(&[account]);
        redactor.hide(session.private());
        Refused::from_stop(stop, |said| said.cleaned(&redactor))
    }
}

/// Whether a connector is a source that can be asked what it has.
pub(crate) fn lists(spec: &Spec) -> bool {
    spec.source.as_ref().is_some_and(|source| source.lists_changes)
}

pub(crate) fn no_list() -> Refused {
    Refused::Conflict(remark::list_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_way_through_an_address_and_garbage_does_not() {
        let cursor = Cursor { since: Timestamp::UNIX_EPOCH, vendor: Some("page=2&x".into()), skip: 7 };
        let read = Cursor::read(&cursor.written()).unwrap();
        assert_eq!((read.since, read.vendor.as_deref(), read.skip), (Timestamp::UNIX_EPOCH, Some("page=2&x"), 7));
        for bad in ["", "abc", "e30", "☃"] {
            assert!(Cursor::read(bad).is_none(), "{bad}");
        }
    }
}
