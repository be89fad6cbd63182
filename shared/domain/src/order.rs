//! Orders as channels know them.

use crate::{ConnectionId, Money, OrderReference};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// How far an order has come at its channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// Waits for acceptance, payment or review.
    Pending,
    /// May be invoiced and shipped.
    Open,
    /// Shipped, at least in part of the channel's sense.
    Shipped,
    /// Nothing more to do.
    Closed,
    /// Will never be fulfilled.
    Cancelled,
}

/// One line of an order with what has become of it, as read at the channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLine {
    /// The channel's line id.
    pub id: String,
    /// The seller's article number.
    pub sku: Option<String>,
    /// Ordered.
    pub ordered: Decimal,
    /// Already invoiced there.
    pub invoiced: Decimal,
    /// Already shipped there.
    pub shipped: Decimal,
    /// Refunded or cancelled there.
    pub withdrawn: Decimal,
}

/// The same sale's reference at another channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alias {
    /// The other channel.
    pub channel: ConnectionId,
    /// Its reference there.
    pub reference: OrderReference,
}

/// An order as read at its channel. Holds no buyer data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The channel's own id, where it differs from the reference (Magento `entity_id`).
    pub remote_id: String,
    /// The reference that accounting and courier quote.
    pub reference: OrderReference,
    /// What the buyer pays.
    pub total: Money,
    /// How far it has come.
    pub state: OrderState,
    /// How it is paid, in the channel's words.
    pub payment_kind: Option<String>,
    /// Lines.
    pub lines: Vec<OrderLine>,
    /// The same sale at other channels.
    pub aliases: Vec<Alias>,
    /// When the buyer ordered.
    pub placed_at: Option<Timestamp>,
}
