//! The ledger in memory.

mod figures;
mod jobs;
mod judge;

pub use judge::Judge;

use crate::trouble::Trouble;
use async_trait::async_trait;
use domain::{
    Connection, ConnectionId, Export, ExportId, ExportKey, Finding, HoldReason, JobId, OrderReference, State, Subject,
    SubjectKind, TenantId,
};
use export_flow::claim::{Claim, Claimed};
use export_flow::ports::{
    Arrival, Circuit, Connections, Counts, DocumentItem, DueEntry, ExportQuery, Guard, Happening, Hours, Job, Ledger,
    OrderItem, OrderLease, OrderView, Page, ParcelItem, PollState, PortError, group,
};
use jiff::Timestamp;
use jobs::Jobs;
use judge::Sound;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

type Place = (TenantId, ConnectionId, String);

/// Where what was ever met under an order reference is kept.
#[derive(Debug, Clone, Default)]
struct Beside {
    exports: BTreeSet<usize>,
    orders: BTreeSet<Place>,
    documents: BTreeSet<Place>,
    parcels: BTreeSet<Place>,
    findings: BTreeMap<ExportId, Finding>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Records {
    /// In the order in which they were made.
    exports: Vec<Export>,
    /// Where in `exports` each is.
    places: HashMap<ExportId, usize>,
    /// Whose, at which target, when: every time something became `delivered`.
    delivered: Vec<(TenantId, ConnectionId, Timestamp)>,
    hours: BTreeMap<TenantId, Hours>,
    orders: BTreeMap<Place, OrderItem>,
    documents: BTreeMap<Place, DocumentItem>,
    parcels: BTreeMap<Place, ParcelItem>,
    leases: BTreeMap<Place, (ExportId, u64)>,
    connections: BTreeMap<ConnectionId, Connection>,
    circuits: BTreeMap<ConnectionId, Circuit>,
    polls: BTreeMap<ConnectionId, PollState>,
    jobs: Jobs,
    /// Where in `exports` those of a thing are.
    things: HashMap<Place, BTreeSet<usize>>,
    beside: HashMap<(TenantId, String), Beside>,
    pub(crate) notices: crate::notices::Notices,
    pub(crate) audit: crate::audit::Trail,
    pub(crate) heard: std::collections::BTreeSet<export_flow::heard::Heard>,
}

impl Records {
    fn get(&self, id: &ExportId) -> Option<&Export> {
        self.exports.get(*self.places.get(id)?)
    }

    fn get_mut(&mut self, id: &ExportId) -> Option<&mut Export> {
        self.exports.get_mut(*self.places.get(id)?)
    }

    fn put(&mut self, export: Export) {
        let before = self.get(&export.id).map(|old| old.state);
        if export.state == State::Delivered && before != Some(State::Delivered) {
            let at = export.receipt.as_ref().map_or(export.changed_at, |receipt| receipt.at);
            self.delivered.push((export.key.tenant.clone(), group(&export.key).clone(), at));
        }
        let hours = self.hours.entry(export.key.tenant.clone()).or_default();
        if before.is_none() {
            hours.count(&export, Happening::Arrived, export.created_at);
        }
        if let Some((what, at)) = Happening::of(&export).filter(|_| before != Some(export.state)) {
            hours.count(&export, what, at);
        }
        let index = self.places.get(&export.id).copied().unwrap_or(self.exports.len());
        let key = &export.key;
        self.things.entry(place(&key.tenant, &key.source, &key.subject.id)).or_default().insert(index);
        if let Some(order) = &export.order {
            self.beside(&export.key.tenant, order.as_str()).exports.insert(index);
        }
        if let Some(known) = self.get_mut(&export.id) {
            *known = export;
        } else {
            self.places.insert(export.id.clone(), index);
            self.exports.push(export);
        }
    }

    fn beside(&mut self, tenant: &TenantId, order: &str) -> &mut Beside {
        self.beside.entry((tenant.clone(), order.to_owned())).or_default()
    }

    /// Replaces all but the shared part.
    fn replace(&mut self, export: &Export) -> Option<Export> {
        let mut export = export.clone();
        export.shared = self.get(&export.id)?.shared.clone();
        self.put(export.clone());
        Some(export)
    }
}

/// A ledger that keeps everything in memory and forgets it when dropped.
pub struct MemoryLedger {
    records: Mutex<Records>,
    trouble: Trouble,
    judge: Arc<dyn Judge>,
}

impl Default for MemoryLedger {
    fn default() -> Self {
        Self::judged_by(Arc::new(Sound))
    }
}

impl MemoryLedger {
    /// Empty, with rules of its own.
    #[must_use]
    pub fn judged_by(judge: Arc<dyn Judge>) -> Self {
        Self { records: Mutex::default(), trouble: Trouble::default(), judge }
    }

    /// A ledger that holds what this one holds now, and goes its own way from here.
    #[must_use]
    pub fn copy(&self) -> Self {
        let records = Mutex::new(self.lock().clone());
        Self { records, trouble: Trouble::default(), judge: Arc::clone(&self.judge) }
    }

    /// Shows every export, in the order in which they were made, without copying them.
    pub fn look<T>(&self, at: impl FnOnce(&[Export]) -> T) -> T {
        at(&self.lock().exports)
    }

    /// Faults to come and calls made; calls are named as the port names them.
    #[must_use]
    pub const fn trouble(&self) -> &Trouble {
        &self.trouble
    }

    /// Every export, in the order in which they were made.
    #[must_use]
    pub fn all(&self) -> Vec<Export> {
        self.lock().exports.clone()
    }

    /// Stores an export as it is, whatever was there.
    pub fn put(&self, export: Export) {
        self.lock().put(export);
    }

    /// Stores a connection as it is, whatever was there.
    pub fn put_connection_as_is(&self, connection: Connection) {
        self.lock().connections.insert(connection.id.clone(), connection);
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Records> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn run<T>(
        &self,
        call: &'static str,
        work: impl FnOnce(&mut Records) -> Result<T, PortError>,
    ) -> Result<T, PortError> {
        self.trouble.around(call, || work(&mut self.lock()))
    }
}

fn place(tenant: &TenantId, connection: &ConnectionId, id: &str) -> Place {
    (tenant.clone(), connection.clone(), id.to_owned())
}

fn entry(export: &Export) -> Option<DueEntry> {
    Some(DueEntry {
        id: export.id.clone(),
        claim: export.claim,
        due_at: export.due_at?,
        group: group(&export.key).clone(),
    })
}

fn found<'a, T>(map: &'a BTreeMap<Place, T>, places: &'a BTreeSet<Place>) -> impl Iterator<Item = &'a T> {
    places.iter().filter_map(|place| map.get(place))
}

fn same_tenant<'a, T>(map: &'a BTreeMap<Place, T>, tenant: &TenantId) -> impl Iterator<Item = &'a T> {
    map.iter().filter(move |((whose, _, _), _)| whose == tenant).map(|(_, item)| item)
}

#[async_trait]
impl Connections for MemoryLedger {
    async fn connection(&self, id: &ConnectionId) -> Result<Option<Connection>, PortError> {
        self.run("connection", |records| Ok(records.connections.get(id).cloned()))
    }
}

#[async_trait]
impl Ledger for MemoryLedger {
    async fn claim(&self, claim: &Claim) -> Result<Claimed, PortError> {
        self.run("claim", |records| {
            let claim = &Claim { key: self.judge.key(claim), ..claim.clone() };
            let old = records.get(&claim.key.id()).cloned();
            Ok(match self.judge.claim(old.as_ref(), claim) {
                Ok(export) => {
                    records.put(export.clone());
                    Claimed::Won { old: old.map(Box::new), export: Box::new(export) }
                }
                Err(refusal) => Claimed::Refused { refusal, old: old.map(Box::new) },
            })
        })
    }

    async fn finish(&self, guard: &Guard, export: &Export) -> Result<Option<Export>, PortError> {
        self.run("finish", |records| {
            let Some(old) = records.get(&guard.id).filter(|old| guard.id == export.id && self.judge.holds(old, guard))
            else {
                return Ok(None);
            };
            let mut export = export.clone();
            self.judge.store(old, &mut export);
            Ok(records.replace(&export))
        })
    }

    async fn renew(&self, guard: &Guard, lease_until: Timestamp) -> Result<bool, PortError> {
        self.run("renew", |records| {
            let Some(export) = records.get_mut(&guard.id) else { return Ok(false) };
            if self.judge.holds(export, guard) && export.state == State::Sending {
                export.lease_until = Some(lease_until);
                export.due_at = Some(lease_until);
                return Ok(true);
            }
            Ok(false)
        })
    }

    async fn arrive(&self, id: &ExportId, arrival: &Arrival) -> Result<Option<Export>, PortError> {
        self.run("arrive", |records| {
            Ok(records.get_mut(id).map(|export| {
                arrival.leave(&mut export.shared);
                export.clone()
            }))
        })
    }

    async fn decide(&self, before: &Export, after: &Export) -> Result<bool, PortError> {
        self.run("decide", |records| {
            let same = |now: &Export| now.claim == before.claim && now.state == before.state;
            let Some(old) = records.get(&before.id).filter(|old| before.id == after.id && same(old)) else {
                return Ok(false);
            };
            let mut after = after.clone();
            self.judge.store(old, &mut after);
            Ok(records.replace(&after).is_some())
        })
    }

    async fn export(&self, id: &ExportId) -> Result<Option<Export>, PortError> {
        self.run("export", |records| Ok(records.get(id).cloned()))
    }

    async fn order(&self, tenant: &TenantId, reference: &OrderReference) -> Result<OrderView, PortError> {
        self.run("order", |records| {
            let Some(beside) = records.beside.get(&(tenant.clone(), reference.as_str().to_owned())) else {
                return Ok(OrderView::default());
            };
            // What has moved to another order since is left out.
            Ok(OrderView {
                orders: found(&records.orders, &beside.orders).cloned().collect(),
                exports: beside
                    .exports
                    .iter()
                    .filter_map(|index| records.exports.get(*index))
                    .filter(|export| export.order.as_ref() == Some(reference))
                    .cloned()
                    .collect(),
                documents: found(&records.documents, &beside.documents)
                    .filter(|item| item.order.as_ref() == Some(reference))
                    .cloned()
                    .collect(),
                parcels: found(&records.parcels, &beside.parcels)
                    .filter(|item| item.parcel.order_reference.as_deref() == Some(reference.as_str()))
                    .cloned()
                    .collect(),
                findings: beside.findings.values().cloned().collect(),
            })
        })
    }

    async fn remember_order(&self, item: &OrderItem) -> Result<(), PortError> {
        self.run("remember_order", |records| {
            let place = place(&item.tenant, &item.channel, item.order.reference.as_str());
            if records.orders.get(&place).is_none_or(|known| known.seen_at <= item.seen_at) {
                records.beside(&item.tenant, item.order.reference.as_str()).orders.insert(place.clone());
                records.orders.insert(place, item.clone());
            }
            Ok(())
        })
    }

    async fn put_finding(&self, finding: &Finding) -> Result<bool, PortError> {
        self.run("put_finding", |records| {
            let findings = &mut records.beside(&finding.tenant, finding.order.as_str()).findings;
            let fits = findings.get(&finding.export).map_or(0, |known| known.version) + 1 == finding.version;
            if fits {
                findings.insert(finding.export.clone(), finding.clone());
            }
            Ok(fits)
        })
    }

    async fn remember_document(&self, item: &DocumentItem) -> Result<bool, PortError> {
        self.run("remember_document", |records| {
            let place = place(&item.tenant, &item.source, &item.id);
            let subject = Subject { kind: SubjectKind::Document, id: item.id.clone() };
            let look = ExportKey::look(item.tenant.clone(), item.source.clone(), subject).id();
            let first = !records.documents.contains_key(&place) && records.get(&look).is_none();
            if records.documents.get(&place).is_none_or(|known| known.version_at <= item.version_at) {
                if let Some(order) = &item.order {
                    records.beside(&item.tenant, order.as_str()).documents.insert(place.clone());
                }
                records.documents.insert(place, item.clone());
            }
            Ok(first)
        })
    }

    async fn document(
        &self,
        tenant: &TenantId,
        source: &ConnectionId,
        id_or_number: &str,
    ) -> Result<Option<DocumentItem>, PortError> {
        self.run("document", |records| {
            let by_id = records.documents.get(&place(tenant, source, id_or_number));
            let by_number = || {
                same_tenant(&records.documents, tenant)
                    .filter(|item| item.source == *source && item.number == id_or_number)
                    .max_by_key(|item| item.version_at)
            };
            Ok(by_id.or_else(by_number).cloned())
        })
    }

    async fn merge_parcel(&self, item: &ParcelItem) -> Result<ParcelItem, PortError> {
        self.run("merge_parcel", |records| {
            let place = place(&item.tenant, &item.source, &item.parcel.id);
            let known = records.parcels.remove(&place).unwrap_or_else(|| item.clone());
            let merged = known.merged(item.clone());
            if let Some(order) = &merged.parcel.order_reference {
                records.beside(&item.tenant, order).parcels.insert(place.clone());
            }
            records.parcels.insert(place, merged.clone());
            Ok(merged)
        })
    }

    async fn parcel(
        &self,
        tenant: &TenantId,
        source: &ConnectionId,
        id_or_number: &str,
    ) -> Result<Option<ParcelItem>, PortError> {
        self.run("parcel", |records| {
            let by_id = records.parcels.get(&place(tenant, source, id_or_number));
            let by_number = || {
                same_tenant(&records.parcels, tenant)
                    .filter(|item| item.source == *source)
                    .filter(|item| item.parcel.tracking_numbers.iter().any(|number| number == id_or_number))
                    .max_by_key(|item| item.parcel.version_at)
            };
            Ok(by_id.or_else(by_number).cloned())
        })
    }

    async fn parcels_due(&self, now: Timestamp, limit: usize) -> Result<Vec<ParcelItem>, PortError> {
        self.run("parcels_due", |records| {
            let due = |item: &&ParcelItem| item.watch_at.is_some_and(|at| at <= now);
            let mut parcels: Vec<_> = records.parcels.values().filter(due).cloned().collect();
            parcels.sort_by_key(|item| item.watch_at);
            parcels.truncate(limit);
            Ok(parcels)
        })
    }

    async fn exports(
        &self,
        tenant: &TenantId,
        query: &ExportQuery,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<Page<Export>, PortError> {
        self.run("exports", |records| {
            let end = match cursor {
                None => records.exports.len(),
                Some(text) => text.parse().map_err(|_| PortError::Damaged("not a cursor of ours".into()))?,
            };
            let fits = |(_, export): &(usize, &Export)| export.key.tenant == *tenant && query.fits(export);
            let mut found: Vec<_> =
                records.exports.iter().enumerate().take(end).rev().filter(fits).take(limit + 1).collect();
            let more = found.len() > limit;
            found.truncate(limit);
            let next = found.last().filter(|_| more).map(|(index, _)| index.to_string());
            Ok(Page { items: found.into_iter().map(|(_, export)| export.clone()).collect(), next })
        })
    }

    async fn exports_of(
        &self,
        tenant: &TenantId,
        source: &ConnectionId,
        ids: &[String],
    ) -> Result<Vec<Export>, PortError> {
        self.run("exports_of", |records| {
            let of = |id: &String| records.things.get(&place(tenant, source, id));
            Ok(ids.iter().filter_map(of).flatten().filter_map(|index| records.exports.get(*index).cloned()).collect())
        })
    }

    async fn due(&self, before: Timestamp, limit: usize) -> Result<Vec<DueEntry>, PortError> {
        self.run("due", |records| {
            let mut due: Vec<_> = records.exports.iter().filter_map(entry).filter(|e| e.due_at < before).collect();
            due.sort_by_key(|entry| entry.due_at);
            due.truncate(limit);
            Ok(due)
        })
    }

    async fn postpone(&self, entry: &DueEntry, to: Timestamp) -> Result<bool, PortError> {
        self.run("postpone", |records| {
            let Some(export) = records.get_mut(&entry.id) else { return Ok(false) };
            let same = export.claim == entry.claim && export.due_at == Some(entry.due_at);
            if same {
                export.due_at = Some(to);
            }
            Ok(same)
        })
    }

    async fn waiting(
        &self,
        connection: &ConnectionId,
        reason: HoldReason,
        after: Option<&ExportId>,
        limit: usize,
    ) -> Result<Vec<DueEntry>, PortError> {
        self.run("waiting", |records| {
            let waits = |export: &&Export| {
                export.state == State::Held
                    && export.waits_at() == connection
                    && export.hold.as_ref().is_some_and(|hold| hold.reason == reason)
                    && after.is_none_or(|after| export.id > *after)
            };
            let mut found: Vec<_> = records.exports.iter().filter(waits).filter_map(entry).collect();
            found.sort_by(|a, b| a.id.cmp(&b.id));
            found.truncate(limit);
            Ok(found)
        })
    }

    async fn lease_order(&self, lease: &OrderLease) -> Result<Result<(), ExportId>, PortError> {
        self.run("lease_order", |records| {
            let place = place(&lease.tenant, &lease.target, lease.order.as_str());
            let (holder, claim) = records.leases.entry(place).or_insert_with(|| (lease.holder.clone(), lease.claim));
            if *holder == lease.holder && *claim <= lease.claim {
                *claim = lease.claim;
                return Ok(Ok(()));
            }
            Ok(if self.judge.leases() { Err(holder.clone()) } else { Ok(()) })
        })
    }

    async fn release_order(&self, lease: &OrderLease) -> Result<bool, PortError> {
        self.run("release_order", |records| {
            let place = place(&lease.tenant, &lease.target, lease.order.as_str());
            let ours = |(holder, claim): &(ExportId, u64)| *holder == lease.holder && *claim <= lease.claim;
            let held = records.leases.get(&place).is_some_and(ours);
            if held {
                records.leases.remove(&place);
            }
            Ok(held)
        })
    }

    async fn connections(&self, tenant: &TenantId) -> Result<Vec<Connection>, PortError> {
        self.run("connections", |records| {
            Ok(records.connections.values().filter(|c| c.tenant == *tenant).cloned().collect())
        })
    }

    async fn all_connections(&self) -> Result<Vec<Connection>, PortError> {
        self.run("all_connections", |records| Ok(records.connections.values().cloned().collect()))
    }

    async fn put_connection(&self, connection: &Connection, expected: Option<u64>) -> Result<bool, PortError> {
        self.run("put_connection", |records| {
            let fits = records.connections.get(&connection.id).map(|known| known.version) == expected;
            if fits {
                records.connections.insert(connection.id.clone(), connection.clone());
            }
            Ok(fits)
        })
    }

    async fn delete_connection(&self, id: &ConnectionId) -> Result<bool, PortError> {
        self.run("delete_connection", |records| {
            records.circuits.remove(id);
            records.polls.remove(id);
            Ok(records.connections.remove(id).is_some())
        })
    }

    async fn circuit(&self, id: &ConnectionId) -> Result<Circuit, PortError> {
        self.run("circuit", |records| Ok(records.circuits.get(id).cloned().unwrap_or_default()))
    }

    async fn put_circuit(&self, id: &ConnectionId, circuit: &Circuit) -> Result<bool, PortError> {
        self.run("put_circuit", |records| {
            let known = records.circuits.get(id).map_or(0, |known| known.version);
            let fits = known + 1 == circuit.version;
            if fits {
                records.circuits.insert(id.clone(), circuit.clone());
            }
            Ok(fits)
        })
    }

    async fn poll_state(&self, id: &ConnectionId) -> Result<PollState, PortError> {
        self.run("poll_state", |records| Ok(records.polls.get(id).cloned().unwrap_or_default()))
    }

    async fn put_poll_state(&self, id: &ConnectionId, state: &PollState) -> Result<(), PortError> {
        self.run("put_poll_state", |records| {
            records.polls.insert(id.clone(), state.clone());
            Ok(())
        })
    }

    async fn job(&self, id: &JobId) -> Result<Option<Job>, PortError> {
        self.run("job", |records| Ok(records.jobs.get(id)))
    }

    async fn put_job(&self, job: &Job) -> Result<bool, PortError> {
        self.run("put_job", |records| Ok(records.jobs.put(job)))
    }

    async fn jobs(&self, tenant: &TenantId, limit: usize, cursor: Option<&str>) -> Result<Page<Job>, PortError> {
        self.run("jobs", |records| records.jobs.page(tenant, limit, cursor))
    }

    async fn running_jobs(&self, limit: usize) -> Result<Vec<Job>, PortError> {
        self.run("running_jobs", |records| Ok(records.jobs.running(limit)))
    }

    async fn counts(&self, tenant: &TenantId, since: Timestamp) -> Result<Counts, PortError> {
        self.run("counts", |records| {
            let mut counts = Counts::default();
            for export in records.exports.iter().filter(|export| export.key.tenant == *tenant) {
                *counts.states.entry(export.state).or_default() += 1;
                counts.duplicates += export.shared.duplicates;
                let here = counts.connections.entry(group(&export.key).clone()).or_default();
                here.held += u64::from(export.state == State::Held);
                here.dead += u64::from(export.state == State::Dead);
                if matches!(export.state, State::Held | State::Retrying | State::Accepted) {
                    let oldest = here.oldest_waiting.unwrap_or(export.created_at);
                    here.oldest_waiting = Some(oldest.min(export.created_at));
                }
            }
            for (_, target, _) in records.delivered.iter().filter(|(whose, _, at)| whose == tenant && *at >= since) {
                counts.connections.entry(target.clone()).or_default().delivered += 1;
            }
            Ok(counts)
        })
    }
}

#[cfg(test)]
mod tests {
    crate::ledger_tests!(async || (std::sync::Arc::new(super::MemoryLedger::default()), ()));
    crate::whole_ledger_tests!(async || (std::sync::Arc::new(super::MemoryLedger::default()), ()));
}
