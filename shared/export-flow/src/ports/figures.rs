//! What people ask of everything at once: where something is.

use super::{DocumentItem, OrderItem, ParcelItem, PortError};
use async_trait::async_trait;
use domain::{Export, TenantId};

/// What is known under some words, each thing once and those that are named exactly first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// What begins with a word was looked for as well, among numbers and references.
    pub beginnings: bool,
    /// Orders with this reference.
    pub orders: Vec<OrderItem>,
    /// Documents with this number or id.
    pub documents: Vec<DocumentItem>,
    /// Parcels with this tracking number or id.
    pub parcels: Vec<ParcelItem>,
    /// Exports and looks of these, or of the order.
    pub exports: Vec<Export>,
}

/// The ledger, asked about everything it holds.
#[async_trait]
pub trait Figures: Send + Sync {
    /// What has one of these words as reference, number or id; at most `limit` of each kind and word. A store that could
    /// not find beginnings without reading everything finds whole words only.
    async fn search(&self, tenant: &TenantId, words: &[String], limit: usize) -> Result<Found, PortError>;
}
