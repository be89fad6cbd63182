//! Mappings: the target's own values, what waits for a counterpart, what might fit, and saving them.

use super::{AT_ONCE, ONCE_MORE};
use crate::flow::Flow;
use crate::message::{Message, Release};
use crate::ports::{ExportQuery, Outgoing, PortError};
use crate::refused::{FieldError, Refused};
use connectors::{Account, Mode, TargetValues};
use domain::{
    Code, Connection, ConnectionId, ConnectionState, DocumentKind, FieldProblem, HoldReason, Likeness, MappingKind,
    Mappings, Role, Said, State, Step, TenantId, Unmapped, likeness, remark,
};
use futures_util::future::{Either, select};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;

/// Held exports looked through for one answer; what lies beyond is said to be not counted.
const COUNTED_PAGES_MAX: usize = 20;
const COUNTED_PAGE: usize = 500;
/// Proposals for one value.
const PROPOSALS_MAX: usize = 3;

/// What waits for one counterpart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The value; absent where the source names none.
    pub value: Option<Unmapped>,
    /// In the words of a hold.
    pub detail: String,
    /// How many exports wait for it.
    pub count: u64,
    /// Values of the target that may be meant, the likeliest first.
    pub proposals: Vec<Proposal>,
}

/// A value of the target that may be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The target's code.
    pub code: String,
    /// The target's name for it.
    pub label: String,
    /// Why it may be meant.
    pub because: Likeness,
}

/// The target's own values, what waits for a mapping, and what might fit.
#[derive(Debug, Clone)]
pub struct TargetMappings {
    /// The connection, with its mappings.
    pub connection: Connection,
    /// The target's own values; empty where they could not be read.
    pub values: TargetValues,
    /// Why they could not be read.
    pub not_loaded: Option<(Code, Said)>,
    /// What waits, the largest number first.
    pub waiting: Vec<Waiting>,
    /// Whether everything that waits was counted.
    pub counted_all: bool,
    /// What is doubtful about the mappings as they are.
    pub warnings: Vec<FieldError>,
}

/// Mappings as they were written.
#[derive(Debug, Clone)]
pub struct SavedMappings {
    /// The connection with them.
    pub connection: Connection,
    /// Exports that waited for what is mapped now, ten thousand at most.
    pub woken: u64,
}

impl Flow {
    /// The target's own values for its mappings, and what waits for one. A target that cannot be asked now hides
    /// nothing of what waits.
    ///
    /// # Errors
    /// [`Refused`]: unknown connection, not a channel, our own store failing.
    pub async fn target_mappings(&self, tenant: &TenantId, id: &str) -> Result<TargetMappings, Refused> {
        let connection = self.connection_of(tenant, id).await?;
        if connection.role != Role::Channel {
            return Err(only_channels());
        }
        let read = match self.open(connection.clone()).await {
            Ok(account) => self.target_values(&account).await,
            Err(error) => Err(error.into()),
        };
        let none = |code, message| (TargetValues::default(), Some((code, message)));
        let (values, not_loaded) = match read {
            Ok(values) => (values, None),
            Err(Refused::Vendor(code, message)) => none(code, message),
            Err(Refused::Conflict(message)) => none(Code::Conflict, message),
            Err(Refused::Ours(PortError::Damaged(message))) => none(Code::SettingInvalid, message.into()),
            Err(refused) => return Err(refused),
        };
        let (mut waiting, counted_all) = self.waiting_for_mappings(tenant, &connection.id).await?;
        for one in &mut waiting {
            one.proposals = one.value.as_ref().map(|value| proposals(value, &values)).unwrap_or_default();
        }
        let warnings = warnings(&connection, not_loaded.is_none().then_some(&values));
        Ok(TargetMappings { connection, values, not_loaded, waiting, counted_all, warnings })
    }

    /// Replaces the mappings of a channel and lets go what waited for those that are there now. Repeating it is safe.
    ///
    /// # Errors
    /// [`Refused`]: unknown connection, not a channel, our own store failing.
    pub async fn save_mappings(
        &self,
        tenant: &TenantId,
        id: &str,
        mut change: impl FnMut(&mut Mappings) + Send,
    ) -> Result<SavedMappings, Refused> {
        let connection = self.connection_of(tenant, id).await?;
        if connection.role != Role::Channel {
            return Err(only_channels());
        }
        // Once it is announced, what waits is on its way.
        let (waiting, _) = self.waiting_for_mappings(tenant, &connection.id).await?;
        let now = self.now();
        let mut payments = false;
        let saved = self
            .rewrite(connection, |connection| {
                let before = connection.mappings.clone();
                change(&mut connection.mappings);
                let changed = connection.mappings != before;
                payments = connection.mappings.payments != before.payments;
                if changed {
                    connection.changed_at = now;
                }
                changed
            })
            .await?;
        // What goes to a paused connection waits for that from now on.
        let announced = matches!(saved.state, ConnectionState::Active | ConnectionState::Paused);
        if announced {
            self.announce_mappings(&saved.id, true).await?;
            // Which rule an invoice waits by may be another one now.
            if payments {
                self.announce(&saved.id, &[HoldReason::NotPaidYet]).await?;
            }
        }
        let covers = |one: &&Waiting| one.value.as_ref().is_some_and(|value| saved.mappings.covers(value));
        let woken = waiting.iter().filter(|_| announced).filter(covers).map(|one| one.count).sum();
        Ok(SavedMappings { connection: saved, woken })
    }

    /// Says that mappings were written. `mapped`: only what has its counterpart now is let go; else everything, since
    /// what else decides has changed as well.
    pub(super) async fn announce_mappings(&self, at: &ConnectionId, mapped: bool) -> Result<(), PortError> {
        let messages = [AT_ONCE, ONCE_MORE].map(|delay| {
            let release = Release { connection: at.clone(), reason: HoldReason::MappingMissing, mapped, after: None };
            Outgoing { message: Message::ReleaseV1(release), group: at.clone(), delay }
        });
        self.parts.queue.send(messages.into()).await
    }

    /// What is doubtful about mappings that were just written. The target is asked for its values until `deadline`.
    pub(super) async fn doubts_about_mappings(
        &self,
        connection: &Connection,
        deadline: impl Future<Output = ()> + Send,
    ) -> Result<Vec<FieldError>, Refused> {
        let Mappings { carriers, document_types, .. } = &connection.mappings;
        let asks = connection.state == ConnectionState::Active && !(carriers.is_empty() && document_types.is_empty());
        if connection.role != Role::Channel || !asks {
            return Ok(warnings(connection, None));
        }
        let account = self.open(connection.clone()).await?;
        let values = match select(pin!(self.target_values(&account)), pin!(deadline)).await {
            Either::Left((read, _)) => read.ok(),
            Either::Right(_) => None,
        };
        Ok(warnings(connection, values.as_ref()))
    }

    async fn target_values(&self, account: &Account) -> Result<TargetValues, Refused> {
        let connector = self.parts.registry.get(&account.connection.connector);
        let channel = connector.and_then(|c| c.channel()).ok_or_else(only_channels)?;
        let session = self.session(account, Mode::Live, Step::Look);
        channel.target_values(&session).await.map_err(|stop| self.refuse(stop, account, &session))
    }

    /// What waits for a mapping at a connection, by value, and whether all of it was looked at.
    async fn waiting_for_mappings(
        &self,
        tenant: &TenantId,
        at: &ConnectionId,
    ) -> Result<(Vec<Waiting>, bool), Refused> {
        let query = ExportQuery {
            state: Some(State::Held),
            connection: Some(at.clone()),
            code: Some(HoldReason::MappingMissing.as_str().to_owned()),
            ..ExportQuery::default()
        };
        let (mut counts, mut cursor): (BTreeMap<_, Waiting>, Option<String>) = (BTreeMap::new(), None);
        let mut all = false;
        for _ in 0..COUNTED_PAGES_MAX {
            let page = self.parts.ledger.exports(tenant, &query, COUNTED_PAGE, cursor.as_deref()).await?;
            for hold in page.items.into_iter().filter(|export| export.waits_at() == at).filter_map(|export| export.hold)
            {
                let detail = hold.detail.unwrap_or_default();
                // Two couriers may write one carrier's name differently: its code is what an entry would name.
                let by = hold.unmapped.as_ref().map(|value| (value.mapping, value.value.clone()));
                let by = (by.is_none().then(|| detail.clone()), by);
                let none = || Waiting { value: hold.unmapped, detail, count: 0, proposals: vec![] };
                counts.entry(by).or_insert_with(none).count += 1;
            }
            cursor = page.next;
            if cursor.is_none() {
                all = true;
                break;
            }
        }
        let mut waiting: Vec<Waiting> = counts.into_values().collect();
        waiting.sort_by_key(|one| std::cmp::Reverse(one.count));
        Ok((waiting, all))
    }
}

fn only_channels() -> Refused {
    Refused::Conflict(remark::channels_only())
}

/// The target's values that are like a value which waits, the likeliest first.
fn proposals(value: &Unmapped, values: &TargetValues) -> Vec<Proposal> {
    let candidates = match value.mapping {
        MappingKind::Carriers => &values.carriers,
        MappingKind::DocumentTypes => &values.document_types,
        MappingKind::Payments | MappingKind::Deliveries => return vec![],
    };
    let ours: Vec<&str> = [Some(value.value.as_str()), value.name.as_deref()].into_iter().flatten().collect();
    let mut found: Vec<Proposal> = candidates
        .iter()
        .filter_map(|(code, label)| {
            let because = likeness(&ours, &[code, label])?;
            Some(Proposal { code: code.clone(), label: label.clone(), because })
        })
        .collect();
    found.sort_by(|a, b| (a.because, &a.code).cmp(&(b.because, &b.code)));
    found.truncate(PROPOSALS_MAX);
    found
}

/// What is doubtful about a connection's mappings. They are saved all the same: a target's list may be old, and a shop
/// may have carriers that it does not tell.
fn warnings(connection: &Connection, values: Option<&TargetValues>) -> Vec<FieldError> {
    let mappings = &connection.mappings;
    let mut found = vec![];
    let mut doubt = |kind: MappingKind, from: &str, problem: Said| {
        found.push(FieldError::new(format!("mappings.{}.{from}", kind.as_str()), (FieldProblem::Doubtful, problem)));
    };
    let is_known = |known: &[(String, String)], to: &str| known.iter().any(|(code, _)| code == to.trim());
    for kind in MappingKind::ALL {
        for (from, to) in mappings.of(*kind) {
            if connection.role != Role::Channel {
                doubt(*kind, from, remark::mapping_of_source());
                continue;
            }
            let problem = match kind {
                _ if to.trim().is_empty() => Some(remark::mapping_empty()),
                MappingKind::Carriers => values
                    .filter(|values| !values.carriers.is_empty() && !is_known(&values.carriers, to))
                    .map(|_| remark::mapping_carrier(to)),
                MappingKind::DocumentTypes => doubtful_type(from, to, values, is_known),
                MappingKind::Payments => (!connection.rules.invoice_when_by_payment.contains_key(to.trim()))
                    .then(|| remark::mapping_payment(to)),
                MappingKind::Deliveries => Some(remark::mapping_delivery()),
            };
            if let Some(problem) = problem {
                doubt(*kind, from, problem);
            }
        }
    }
    found
}

fn doubtful_type(
    from: &str,
    to: &str,
    values: Option<&TargetValues>,
    is_known: impl Fn(&[(String, String)], &str) -> bool,
) -> Option<Said> {
    let carried = [DocumentKind::Invoice, DocumentKind::CreditNote].map(DocumentKind::as_str);
    if !carried.contains(&from.trim().to_lowercase().as_str()) {
        return Some(remark::mapping_kinds(carried.join(", ")));
    }
    match values {
        Some(values) if values.document_types.is_empty() => Some(remark::mapping_no_types()),
        Some(values) if !is_known(&values.document_types, to) => Some(remark::mapping_type(to)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> TargetValues {
        let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect();
        TargetValues {
            carriers: pairs(&[("dpd_sk", "DPD Slovakia"), ("dpd", "DPD"), ("PCK", "Packeta"), ("gls", "GLS")]),
            document_types: pairs(&[("CUSTOMER_INVOICE", "Invoice")]),
        }
    }

    #[test]
    fn the_likeliest_value_is_proposed_first_and_what_is_not_alike_never() {
        let carrier =
            |code: &str, name: &str| Unmapped::carrier(&domain::Carrier { code: code.into(), name: name.into() });
        let codes = |value: &Unmapped| -> Vec<String> {
            proposals(value, &values()).into_iter().map(|proposal| proposal.code).collect()
        };
        assert_eq!(codes(&carrier("dpd_cz", "DPD")), ["dpd", "dpd_sk"]);
        assert_eq!(codes(&carrier("zasilkovna", "Zásilkovna")), ["PCK"]);
        assert!(codes(&carrier("geis", "Geis")).is_empty());
    }
}
