//! The ledger in memory, asked about everything it holds.

use super::{MemoryLedger, same_tenant};
use async_trait::async_trait;
use domain::{OrderReference, TenantId};
use export_flow::ports::{Figures, Found, Happening, Hours, PortError, hour_of};
use jiff::Timestamp;

/// What one of the words names or begins: whole words first.
fn named<'a, T: Clone + 'a>(
    things: impl Iterator<Item = &'a T>,
    words: &[String],
    limit: usize,
    names: impl Fn(&T) -> Vec<&str>,
) -> Vec<T> {
    let whole = |thing: &&T| names(thing).iter().any(|name| words.iter().any(|word| word == name));
    let begins = |thing: &&T| names(thing).iter().any(|name| words.iter().any(|word| name.starts_with(word.as_str())));
    let (exact, others): (Vec<&T>, Vec<&T>) = things.filter(begins).partition(whole);
    exact.into_iter().chain(others).take(limit).cloned().collect()
}

#[async_trait]
impl Figures for MemoryLedger {
    async fn search(&self, tenant: &TenantId, words: &[String], limit: usize) -> Result<Found, PortError> {
        self.run("search", |records| {
            let exports = records.exports.iter().filter(|export| export.key.tenant == *tenant);
            Ok(Found {
                beginnings: true,
                orders: named(same_tenant(&records.orders, tenant), words, limit, |item| {
                    vec![item.order.reference.as_str()]
                }),
                documents: named(same_tenant(&records.documents, tenant), words, limit, |item| {
                    vec![&item.id, &item.number]
                }),
                parcels: named(same_tenant(&records.parcels, tenant), words, limit, |item| {
                    let numbers = item.parcel.tracking_numbers.iter();
                    numbers.chain([&item.parcel.id]).map(String::as_str).collect()
                }),
                exports: named(exports, words, limit, |export| {
                    let named = export.numbers.iter().chain([&export.key.subject.id]).map(String::as_str);
                    named.chain(export.order.iter().map(OrderReference::as_str)).collect()
                }),
            })
        })
    }

    async fn hours(&self, tenant: &TenantId, since: Timestamp) -> Result<Hours, PortError> {
        self.run("hours", |records| {
            let mut hours = records.hours.get(tenant).cloned().unwrap_or_default();
            hours.counted = Happening::ALL.to_vec();
            hours.counts.retain(|(hour, ..), _| *hour >= hour_of(since));
            Ok(hours)
        })
    }
}
