//! The ledger port: exports by `Records` and `Lists`, and what lies around them.

use super::item::{BODY, Item, body, get_text, json, key, number, text, with_body};
use super::names::{self, Place, Thing};
use super::record::CLAIM;
use super::table::{Condition, Range, Written};
use super::{DynamoLedger, homes, item};
use async_trait::async_trait;
use aws_sdk_dynamodb::types::ReturnValue;
use domain::{
    Connection, ConnectionId, Export, ExportId, ExportKey, Finding, HoldReason, JobId, OrderReference, State, TenantId,
};
use export_flow::claim::{Claim, Claimed};
use export_flow::ports::{
    Arrival, Circuit, Connections, Counts, DocumentItem, DueEntry, ExportQuery, Guard, Job, Ledger, OrderItem,
    OrderLease, OrderView, Page, ParcelItem, PollState, PortError,
};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::collections::BTreeSet;

const HOLDER: &str = "ho";
const TENANT: &str = "tn";
const SEEN: &str = "se";
/// A document that was seen so recently has its numbers noted again: the batch may have crashed before its note.
const NOTED_AGAIN: SignedDuration = SignedDuration::from_hours(1);

impl DynamoLedger {
    pub(super) async fn stored_connections(&self) -> Result<Vec<Connection>, PortError> {
        let range = Range { partition: names::CONNECTIONS.into(), consistent: true, ..Range::default() };
        self.table.query(&range).await?.iter().map(body).collect()
    }

    /// Every connection there is or was.
    pub(super) async fn known(&self) -> Result<BTreeSet<(TenantId, ConnectionId)>, PortError> {
        let mut known = BTreeSet::new();
        for partition in [names::CONNECTIONS, names::GONE] {
            let range = Range { partition: partition.into(), consistent: true, ..Range::default() };
            for item in self.table.query(&range).await? {
                let id = item::place_of(&item)?.sk;
                known.insert((TenantId::new(get_text(&item, TENANT).unwrap_or_default()), ConnectionId::new(id)));
            }
        }
        Ok(known)
    }

    async fn read_json<T: serde::de::DeserializeOwned + Default>(&self, place: &Place) -> Result<T, PortError> {
        self.table.get(place, true).await?.map_or_else(|| Ok(T::default()), |found| body(&found))
    }

    async fn write_json(&self, place: &Place, value: &(impl Serialize + Sync)) -> Result<(), PortError> {
        self.table.put(with_body(place, value)?).await
    }

    /// Puts a body whose version must be the next one.
    async fn put_version(&self, change: Version<'_>) -> Result<bool, PortError> {
        let Version { place, value, version, expected, tenant } = change;
        let change = vec![
            (BODY, Some(text(value))),
            ("vn", Some(number(version))),
            (TENANT, tenant.map(|tenant| text(tenant.as_str()))),
        ];
        let condition = expected.map_or_else(Condition::absent, |expected| Condition::is("vn", number(expected)));
        Ok(matches!(self.table.update(place, change, condition, ReturnValue::None).await?, Written::Done(_)))
    }

    /// What a source's thing is remembered as: the one with this id, else the newest of those that have the number now.
    async fn named<T: serde::de::DeserializeOwned + Send>(
        &self,
        (tenant, source, word): (&TenantId, &ConnectionId, &str),
        attribute: &'static str,
        has: impl Fn(&T) -> bool + Send,
        version: impl Fn(&T) -> Timestamp + Send,
    ) -> Result<Option<T>, PortError> {
        let thing = Thing { tenant: tenant.clone(), source: source.clone(), id: word.to_owned() };
        let found = self.table.get(&thing.place()?, true).await?;
        if let Some(by_id) = found.map_or(Ok(None), |found| item::get_json(&found, attribute))? {
            return Ok(Some(by_id));
        }
        self.flush().await?;
        let things = self.lists().numbered(tenant, word).await?;
        let mut newest: Option<T> = None;
        for found in self.subjects(things.into_iter().filter(|thing| thing.source == *source)).await? {
            let known: Option<T> = item::get_json(&found, attribute)?;
            if let Some(known) = known.filter(|known| has(known))
                && newest.as_ref().is_none_or(|newest| version(newest) <= version(&known))
            {
                newest = Some(known);
            }
        }
        Ok(newest)
    }

    pub(super) async fn subjects(&self, things: impl Iterator<Item = Thing>) -> Result<Vec<Item>, PortError> {
        let mut places = vec![];
        for thing in things {
            places.push(thing.place()?);
        }
        self.table.get_all(&places, true).await
    }
}

/// A versioned body to be written.
struct Version<'a> {
    place: &'a Place,
    value: String,
    version: u64,
    expected: Option<u64>,
    tenant: Option<&'a TenantId>,
}

#[async_trait]
impl Connections for DynamoLedger {
    async fn connection(&self, id: &ConnectionId) -> Result<Option<Connection>, PortError> {
        let Some(place) = names::connection(id.as_str()) else { return Ok(None) };
        self.table.get(&place, true).await?.as_ref().map(body).transpose()
    }
}

#[async_trait]
impl Ledger for DynamoLedger {
    async fn claim(&self, claim: &Claim) -> Result<Claimed, PortError> {
        self.records().claim(claim).await
    }

    async fn finish(&self, guard: &Guard, export: &Export) -> Result<Option<Export>, PortError> {
        self.records().finish(guard, export).await
    }

    async fn renew(&self, guard: &Guard, lease_until: Timestamp) -> Result<bool, PortError> {
        self.records().renew(guard, lease_until).await
    }

    async fn arrive(&self, id: &ExportId, arrival: &Arrival) -> Result<Option<Export>, PortError> {
        self.records().arrive(id, arrival).await
    }

    async fn decide(&self, before: &Export, after: &Export) -> Result<bool, PortError> {
        self.records().decide(before, after).await
    }

    async fn export(&self, id: &ExportId) -> Result<Option<Export>, PortError> {
        match ExportKey::decode(id) {
            Ok(key) => self.records().read(&key).await,
            Err(_) => Ok(None),
        }
    }

    async fn order(&self, tenant: &TenantId, reference: &OrderReference) -> Result<OrderView, PortError> {
        let beside = self.lists().beside(tenant, reference.as_str(), true).await?;
        let (orders, exports, findings) = (beside.orders, beside.exports, beside.findings);
        let mut view = OrderView { orders, exports, findings, ..OrderView::default() };
        for found in self.subjects(beside.things.into_iter()).await? {
            let document: Option<DocumentItem> = item::get_json(&found, homes::DOCUMENT)?;
            view.documents.extend(document.filter(|document| document.order.as_ref() == Some(reference)));
            let parcel: Option<ParcelItem> = item::get_json(&found, homes::PARCEL)?;
            let quotes = |parcel: &ParcelItem| parcel.parcel.order_reference.as_deref() == Some(reference.as_str());
            view.parcels.extend(parcel.filter(quotes));
        }
        view.documents.sort_by(|a, b| (&a.source, &a.id).cmp(&(&b.source, &b.id)));
        view.parcels.sort_by(|a, b| (&a.source, &a.parcel.id).cmp(&(&b.source, &b.parcel.id)));
        Ok(view)
    }

    async fn glance(&self, tenant: &TenantId, reference: &OrderReference) -> Result<OrderView, PortError> {
        let beside = self.lists().beside(tenant, reference.as_str(), false).await?;
        let (orders, exports, findings) = (beside.orders, beside.exports, beside.findings);
        Ok(OrderView { orders, exports, findings, ..OrderView::default() })
    }

    async fn remember_order(&self, order: &OrderItem) -> Result<(), PortError> {
        let place = names::order_at(&order.tenant, &order.order.reference, order.channel.as_str())?;
        let change = vec![(BODY, Some(text(json(order)?))), (SEEN, Some(item::nanos(order.seen_at)))];
        let newer =
            Condition::written("attribute_not_exists(#se) OR #se <= :if_se", vec![(SEEN, item::nanos(order.seen_at))]);
        self.table.update(&place, change, newer, ReturnValue::None).await.map(drop)
    }

    async fn put_finding(&self, finding: &Finding) -> Result<bool, PortError> {
        let (Some(before), Ok(key)) = (finding.version.checked_sub(1), ExportKey::decode(&finding.export)) else {
            return Ok(false);
        };
        self.put_version(Version {
            place: &names::finding(&finding.tenant, &finding.order, &key)?,
            value: json(finding)?,
            version: finding.version,
            expected: (before > 0).then_some(before),
            tenant: None,
        })
        .await
    }

    async fn remember_document(&self, document: &DocumentItem) -> Result<bool, PortError> {
        let remembered = self.homes.remember(document).await?;
        let thing = Thing { tenant: document.tenant.clone(), source: document.source.clone(), id: document.id.clone() };
        let noted = remembered.before.is_some_and(|before| {
            before.number == document.number && document.seen_at.duration_since(before.seen_at) > NOTED_AGAIN
        });
        if !noted {
            self.notes.numbers(&thing, std::slice::from_ref(&document.number));
        }
        Ok(remembered.first)
    }

    async fn document(
        &self,
        tenant: &TenantId,
        source: &ConnectionId,
        id_or_number: &str,
    ) -> Result<Option<DocumentItem>, PortError> {
        let has = |document: &DocumentItem| document.number == id_or_number;
        let version = |document: &DocumentItem| document.version_at;
        self.named((tenant, source, id_or_number), homes::DOCUMENT, has, version).await
    }

    async fn merge_parcel(&self, read: &ParcelItem) -> Result<ParcelItem, PortError> {
        let (merged, known) = self.homes.merge(read).await?;
        let noted = known.is_some_and(|known| {
            known.parcel.tracking_numbers == merged.parcel.tracking_numbers
                && read.seen_at.duration_since(known.seen_at) > NOTED_AGAIN
        });
        if !noted {
            let source = merged.source.clone();
            let thing = Thing { tenant: merged.tenant.clone(), source, id: merged.parcel.id.clone() };
            self.notes.numbers(&thing, &merged.parcel.tracking_numbers);
        }
        Ok(merged)
    }

    async fn parcel(
        &self,
        tenant: &TenantId,
        source: &ConnectionId,
        id_or_number: &str,
    ) -> Result<Option<ParcelItem>, PortError> {
        let has = |parcel: &ParcelItem| parcel.parcel.tracking_numbers.iter().any(|known| known == id_or_number);
        let version = |parcel: &ParcelItem| parcel.parcel.version_at;
        self.named((tenant, source, id_or_number), homes::PARCEL, has, version).await
    }

    async fn parcels_due(&self, now: Timestamp, limit: usize) -> Result<Vec<ParcelItem>, PortError> {
        let known: Vec<_> = self.known().await?.into_iter().collect();
        let places = self.lists().watched(&known, now, limit).await?;
        let mut parcels: Vec<ParcelItem> = vec![];
        for found in self.table.get_all(&places, true).await? {
            let parcel: Option<ParcelItem> = item::get_json(&found, homes::PARCEL)?;
            parcels.extend(parcel.filter(|parcel| parcel.watch_at.is_some_and(|at| at <= now)));
        }
        parcels.sort_by_key(|parcel| parcel.watch_at);
        Ok(parcels)
    }

    async fn exports(
        &self,
        tenant: &TenantId,
        query: &ExportQuery,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<Page<Export>, PortError> {
        self.flush().await?;
        let now = self.clock.now();
        let known = self.known_of(tenant).await?;
        let first = self.tally().sum(tenant).await?.first_or_before(now);
        let scope = super::lists::Scope { tenant, known: &known, first, now };
        self.lists().exports(&scope, query, limit, cursor).await
    }

    async fn exports_of(
        &self,
        tenant: &TenantId,
        source: &ConnectionId,
        ids: &[String],
    ) -> Result<Vec<Export>, PortError> {
        let thing = |id: &String| Thing { tenant: tenant.clone(), source: source.clone(), id: id.clone() };
        self.lists().of_known_things(ids.iter().map(thing).collect()).await
    }

    async fn due(&self, before: Timestamp, limit: usize) -> Result<Vec<DueEntry>, PortError> {
        let known: Vec<_> = self.known().await?.into_iter().collect();
        let due = self.lists().due(&known, before, limit).await?;
        let entries = due.into_iter().filter_map(|entry| {
            let (id, claim, group) = (entry.key.id(), entry.claim, ConnectionId::new(entry.group));
            Some(DueEntry { id, claim, due_at: entry.due_at?, group })
        });
        Ok(entries.collect())
    }

    async fn postpone(&self, entry: &DueEntry, to: Timestamp) -> Result<bool, PortError> {
        self.records().postpone(entry, to).await
    }

    async fn waiting(
        &self,
        connection: &ConnectionId,
        reason: HoldReason,
        after: Option<&ExportId>,
        limit: usize,
    ) -> Result<Vec<DueEntry>, PortError> {
        let mut found = vec![];
        for (tenant, _) in self.known().await?.into_iter().filter(|(_, id)| id == connection) {
            for entry in self.lists().attention(&tenant, std::slice::from_ref(connection)).await? {
                let waits = entry.state == State::Held && entry.reason.as_deref() == Some(reason.as_str());
                let (id, claim, group) = (entry.key.id(), entry.claim, ConnectionId::new(entry.group));
                if let Some(due_at) = entry.due_at.filter(|_| waits && after.is_none_or(|after| id > *after)) {
                    found.push(DueEntry { id, claim, due_at, group });
                }
            }
        }
        found.sort_by(|a, b| a.id.cmp(&b.id));
        found.truncate(limit);
        Ok(found)
    }

    async fn lease_order(&self, lease: &OrderLease) -> Result<Result<(), ExportId>, PortError> {
        let place = names::lease(&lease.tenant, lease.target.as_str(), lease.order.as_str())?;
        let holder = text(lease.holder.as_str());
        let claim = number(lease.claim);
        let free = Condition::written(
            "attribute_not_exists(#ho) OR (#ho = :if_ho AND (attribute_not_exists(#cl) OR #cl <= :if_cl))",
            vec![(HOLDER, holder.clone()), (CLAIM, claim.clone())],
        );
        let change = vec![(HOLDER, Some(holder)), (CLAIM, Some(claim))];
        match self.table.update(&place, change, free, ReturnValue::None).await? {
            Written::Done(_) => Ok(Ok(())),
            Written::Refused(held) => {
                let held = held.unwrap_or_default();
                Ok(Err(ExportId::new(get_text(&held, HOLDER).unwrap_or_default())))
            }
        }
    }

    async fn release_order(&self, lease: &OrderLease) -> Result<bool, PortError> {
        let place = names::lease(&lease.tenant, lease.target.as_str(), lease.order.as_str())?;
        // A version before this one wrote no claim.
        let held = Condition::is(HOLDER, text(lease.holder.as_str()))
            .also("(attribute_not_exists(#cl) OR #cl <= :if_cl)", vec![(CLAIM, number(lease.claim))]);
        self.table.delete(&place, held).await
    }

    async fn connections(&self, tenant: &TenantId) -> Result<Vec<Connection>, PortError> {
        let all = self.stored_connections().await?;
        Ok(all.into_iter().filter(|connection| connection.tenant == *tenant).collect())
    }

    async fn all_connections(&self) -> Result<Vec<Connection>, PortError> {
        self.stored_connections().await
    }

    async fn put_connection(&self, connection: &Connection, expected: Option<u64>) -> Result<bool, PortError> {
        let place = names::connection(connection.id.as_str());
        self.put_version(Version {
            place: &place.ok_or_else(|| PortError::Damaged("a connection cannot have this id".into()))?,
            value: json(connection)?,
            version: connection.version,
            expected,
            tenant: Some(&connection.tenant),
        })
        .await
    }

    async fn delete_connection(&self, id: &ConnectionId) -> Result<bool, PortError> {
        let Some(place) = names::connection(id.as_str()) else { return Ok(false) };
        let Some(found) = self.table.get(&place, true).await? else { return Ok(false) };
        // Its exports may still be due, and are found by its name.
        let mut gone = key(&Place::new(names::GONE.to_owned(), id.to_string())?);
        gone.extend(found.get(TENANT).map(|tenant| (TENANT.to_owned(), tenant.clone())));
        self.table.put(gone).await?;
        for kind in ["circuit", "poll"] {
            self.table.delete(&names::single(kind, id.as_str())?, Condition::default()).await?;
        }
        self.table.delete(&place, Condition::default()).await
    }

    async fn circuit(&self, id: &ConnectionId) -> Result<Circuit, PortError> {
        self.read_json(&names::single("circuit", id.as_str())?).await
    }

    async fn put_circuit(&self, id: &ConnectionId, circuit: &Circuit) -> Result<bool, PortError> {
        let Some(before) = circuit.version.checked_sub(1) else { return Ok(false) };
        self.put_version(Version {
            place: &names::single("circuit", id.as_str())?,
            value: json(circuit)?,
            version: circuit.version,
            expected: (before > 0).then_some(before),
            tenant: None,
        })
        .await
    }

    async fn poll_state(&self, id: &ConnectionId) -> Result<PollState, PortError> {
        self.read_json(&names::single("poll", id.as_str())?).await
    }

    async fn put_poll_state(&self, id: &ConnectionId, state: &PollState) -> Result<(), PortError> {
        self.write_json(&names::single("poll", id.as_str())?, state).await
    }

    async fn job(&self, id: &JobId) -> Result<Option<Job>, PortError> {
        self.jobs().one(id).await
    }

    async fn put_job(&self, job: &Job) -> Result<bool, PortError> {
        self.jobs().put(job).await
    }

    async fn jobs(&self, tenant: &TenantId, limit: usize, cursor: Option<&str>) -> Result<Page<Job>, PortError> {
        self.jobs().page(tenant, limit, cursor).await
    }

    async fn running_jobs(&self, limit: usize) -> Result<Vec<Job>, PortError> {
        self.jobs().running(limit).await
    }

    async fn counts(&self, tenant: &TenantId, since: Timestamp) -> Result<Counts, PortError> {
        self.flush().await?;
        let mut counts = self.tally().counts(tenant, since, self.clock.now()).await?;
        let known = self.known_of(tenant).await?;
        for entry in self.lists().attention(tenant, &known).await? {
            *counts.states.entry(entry.state).or_default() += 1;
            let here = counts.connections.entry(ConnectionId::new(entry.group)).or_default();
            match entry.state {
                State::Held => here.held += 1,
                State::Dead => here.dead += 1,
                _ => {}
            }
            if matches!(entry.state, State::Held | State::Retrying | State::Accepted) {
                let oldest = here.oldest_waiting.map_or(entry.created_at, |known| known.min(entry.created_at));
                here.oldest_waiting = Some(oldest);
            }
        }
        Ok(counts)
    }
}
