//! What an order shows: its invoices with the numbers in their comments, and its tracks. Credit memos are not compared.

use super::{Magento, calls, map, wire};
use crate::session::Session;
use crate::shows::{Asked, Shown, ShownDocument, ShownParcel, Shows};
use crate::stop::Stop;
use async_trait::async_trait;

#[async_trait]
impl Shows for Magento {
    async fn shown(&self, session: &Session<'_>, asked: &Asked<'_>) -> Result<Option<Shown>, Stop> {
        let order = match calls::order(session, &asked.order.remote_id).await {
            Err(Stop::Fail(failure)) if failure.status == Some(404) => return Ok(None),
            read => read?,
        };
        if asked.parcels {
            let shipments = calls::shipments(session, &order).await?;
            return Ok(Some(Shown { parcels: Some(shipments.iter().flat_map(tracks).collect()), ..Shown::default() }));
        }
        let invoices = calls::invoices(session, &order).await?;
        let standing = invoices.iter().filter(|invoice| map::stands(invoice));
        let invoices = standing.map(|invoice| shown(invoice, &order, asked)).collect();
        Ok(Some(Shown { invoices: Some(invoices), ..Shown::default() }))
    }
}

fn tracks(shipment: &wire::Shipment) -> Vec<ShownParcel> {
    let numbers = shipment.tracks.iter().filter_map(|track| track.track_number.clone());
    numbers.map(|number| ShownParcel { remote_id: shipment.entity_id.to_string(), number }).collect()
}

fn shown(invoice: &wire::Invoice, order: &wire::Order, asked: &Asked<'_>) -> ShownDocument {
    let currency = invoice.order_currency_code.as_ref().unwrap_or(&order.order_currency_code);
    ShownDocument {
        remote_id: invoice.entity_id.to_string(),
        own_number: invoice.increment_id.clone(),
        numbers: map::numbers(invoice),
        total: invoice.grand_total,
        currency: Some(currency.clone()),
        made_at: invoice.created_at.as_deref().and_then(map::utc),
        file_size: None,
        same_lines: asked.document.map(|document| map::fit(invoice, document, order, asked.by_total).quantities),
    }
}
