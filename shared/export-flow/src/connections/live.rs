//! What a connection's vendor says right now: a source's documents, a target's own values.

use crate::flow::Flow;
use crate::jobs::Outlook;
use crate::ports::ExportQuery;
use crate::refused::Refused;
use connectors::{Account, Changed, DocumentPage, Mode, Session, Spec, Stop};
use data_encoding::BASE64URL_NOPAD;
use domain::{Code, Connection, Export, HoldReason, Role, State, Step, TenantId, Within};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Vendor pages read for one answer.
const VENDOR_PAGES_MAX: usize = 10;
/// How far back is read if nobody says.
pub(crate) const SINCE_DEFAULT: SignedDuration = SignedDuration::from_hours(30 * 24);
const HELD_PAGE: usize = 500;

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

/// A value of the sources that has no counterpart at the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmapped {
    /// In the words of the hold.
    pub detail: String,
    /// How many exports wait for it.
    pub count: u64,
}

/// A carrier of the target that may be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// In the words of the hold.
    pub detail: String,
    /// The target's code.
    pub code: String,
    /// The target's name for it.
    pub label: String,
}

/// The target's own values, what waits for a mapping, and what might fit.
#[derive(Debug, Clone)]
pub struct TargetMappings {
    /// The connection, with its mappings.
    pub connection: Connection,
    /// The target's carriers as code and label.
    pub carriers: Vec<(String, String)>,
    /// The target's document types.
    pub document_types: Vec<(String, String)>,
    /// What waits.
    pub unmapped: Vec<Unmapped>,
    /// What might fit.
    pub proposals: Vec<Proposal>,
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
            Some(text) => Cursor::read(text).ok_or_else(|| Refused::field("cursor", "is not a cursor of this list"))?,
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

    /// The target's own values for its mappings, and what waits for one.
    ///
    /// # Errors
    /// [`Refused`]: unknown connection, not a channel, the vendor failing.
    pub async fn target_mappings(&self, tenant: &TenantId, id: &str) -> Result<TargetMappings, Refused> {
        let account = self.account_of(tenant, id).await?;
        let connector = self.parts.registry.get(&account.connection.connector);
        let Some(channel) = connector.and_then(|c| c.channel()).filter(|_| account.connection.role == Role::Channel)
        else {
            return Err(Refused::Conflict("only channels have mappings".into()));
        };
        let session = self.session(&account, Mode::Live, Step::Look);
        let values = channel.target_values(&session).await.map_err(|stop| self.refuse(stop, &account, &session))?;
        let unmapped = self.unmapped(tenant, &account.connection).await?;
        let proposals = unmapped.iter().flat_map(|unmapped| proposals(&unmapped.detail, &values.carriers)).collect();
        Ok(TargetMappings {
            connection: account.connection.clone(),
            carriers: values.carriers,
            document_types: values.document_types,
            unmapped,
            proposals,
        })
    }

    async fn unmapped(&self, tenant: &TenantId, connection: &Connection) -> Result<Vec<Unmapped>, Refused> {
        let query = ExportQuery {
            state: Some(State::Held),
            connection: Some(connection.id.clone()),
            code: Some(HoldReason::MappingMissing.as_str().to_owned()),
            ..ExportQuery::default()
        };
        let page = self.parts.ledger.exports(tenant, &query, HELD_PAGE, None).await?;
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for export in page.items {
            if let Some(hold) = export.hold {
                *counts.entry(hold.detail.unwrap_or_default()).or_default() += 1;
            }
        }
        Ok(counts.into_iter().map(|(detail, count)| Unmapped { detail, count }).collect())
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
        Refused::from_stop(stop, |text| redactor.clean(text))
    }
}

/// Whether a connector is a source that can be asked what it has.
pub(crate) fn lists(spec: &Spec) -> bool {
    spec.source.as_ref().is_some_and(|source| source.lists_changes)
}

pub(crate) fn no_list() -> Refused {
    Refused::Conflict("this connection has no list of documents".into())
}

/// Carriers of the target that share a word with what waits.
fn proposals(detail: &str, carriers: &[(String, String)]) -> Vec<Proposal> {
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric()).filter(|w| w.len() >= 3).map(str::to_lowercase).collect()
    };
    let wanted = words(detail);
    let fits = |code: &str, label: &str| words(code).into_iter().chain(words(label)).any(|word| wanted.contains(&word));
    carriers
        .iter()
        .filter(|(code, label)| fits(code, label))
        .map(|(code, label)| Proposal { detail: detail.to_owned(), code: code.clone(), label: label.clone() })
        .collect()
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

    #[test]
    fn a_carrier_that_shares_a_word_is_proposed_and_no_other() {
        let carriers = vec![("dpd_cz".into(), "DPD Czech".into()), ("gls".into(), "GLS".into())];
        let found = proposals("carrier dpd (DPD)", &carriers);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].code, "dpd_cz");
    }
}
