//! Questions about everything there is, answered by reads of known partitions: never by a scan. Numbers lie in
//! partitions by how they begin, so that a whole word is one read; what only begins with it would be all of them.

use super::homes::{DOCUMENT, PARCEL};
use super::item::get_json;
use super::names::Thing;
use super::{DynamoLedger, PortError};
use async_trait::async_trait;
use domain::{ConnectionId, ExportId, TenantId};
use export_flow::ports::{DocumentItem, Figures, Found, Happening, Hours, ParcelItem};
use jiff::Timestamp;
use std::collections::BTreeSet;

#[async_trait]
impl Figures for DynamoLedger {
    async fn search(&self, tenant: &TenantId, words: &[String], limit: usize) -> Result<Found, PortError> {
        self.flush().await?;
        let known = self.known_of(tenant).await?;
        let mut found = Found::default();
        let mut met: BTreeSet<ExportId> = BTreeSet::new();
        let mut things: BTreeSet<Thing> = BTreeSet::new();
        for word in words.iter().filter(|word| !word.is_empty()) {
            let beside = self.lists().beside(tenant, word, false).await?;
            found.orders.extend(beside.orders);
            found.exports.extend(beside.exports.into_iter().filter(|export| met.insert(export.id.clone())).take(limit));
            things.extend(self.lists().things(tenant, word, &known).await?);
        }
        for thing in self.subjects(things.iter().cloned()).await? {
            let document: Option<DocumentItem> = get_json(&thing, DOCUMENT)?;
            found.documents.extend(document.filter(|item| words.contains(&item.id) || words.contains(&item.number)));
            let parcel: Option<ParcelItem> = get_json(&thing, PARCEL)?;
            let has = |item: &ParcelItem| item.parcel.tracking_numbers.iter().any(|number| words.contains(number));
            found.parcels.extend(parcel.filter(|item| words.contains(&item.parcel.id) || has(item)));
        }
        let exports = self.lists().of_known_things(things.into_iter().collect()).await?;
        let named = |export: &domain::Export| {
            words.iter().any(|word| export.key.subject.id == *word || export.numbers.contains(word))
        };
        let exports = exports.into_iter().filter(|export| named(export) && met.insert(export.id.clone()));
        found.exports.extend(exports.take(limit));
        Ok(found)
    }

    /// Deliveries, from the notes of batches. Of the rest nothing is noted by the hour: `CloudWatch` counts it.
    async fn hours(&self, tenant: &TenantId, since: Timestamp) -> Result<Hours, PortError> {
        self.flush().await?;
        let delivered = self.tally().hours(tenant, since, self.clock.now()).await?;
        let mut hours = Hours { counted: vec![Happening::Delivered], ..Hours::default() };
        for (hour, targets) in delivered {
            let counts =
                targets.into_iter().map(|(target, n)| ((hour, ConnectionId::new(target), Happening::Delivered), n));
            hours.counts.extend(counts);
        }
        Ok(hours)
    }
}
