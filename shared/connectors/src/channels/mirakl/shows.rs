//! What an order shows: its documents by their file names, and its tracking numbers. A document's total, currency and
//! lines are inside its file, which Mirakl does not tell.

use super::documents::type_code;
use super::{Mirakl, calls, map, wire};
use crate::channels::same_number;
use crate::session::Session;
use crate::shows::{Asked, Shown, ShownDocument, ShownParcel, Shows};
use crate::stop::Stop;
use async_trait::async_trait;
use domain::DocumentKind;

#[async_trait]
impl Shows for Mirakl {
    async fn shown(&self, session: &Session<'_>, asked: &Asked<'_>) -> Result<Option<Shown>, Stop> {
        let Some(order) = calls::read_order(session, &asked.order.remote_id).await? else { return Ok(None) };
        if asked.parcels {
            let shipments = calls::shipments(session, &order.order_id).await?.unwrap_or_default();
            return Ok(Some(Shown { parcels: Some(numbers(&order, &shipments)), ..Shown::default() }));
        }
        let documents = calls::documents(session, &order.order_id).await?;
        let of = |kind| {
            let code = type_code(session.account, &session.account.connection.mappings, kind)?;
            Some(documents.iter().filter(|document| document.type_code == code).map(shown).collect())
        };
        let (invoices, credit_notes) = (of(DocumentKind::Invoice), of(DocumentKind::CreditNote));
        Ok(Some(Shown { invoices, credit_notes, parcels: None }))
    }
}

fn shown(document: &wire::Document) -> ShownDocument {
    ShownDocument {
        remote_id: document.id.to_string(),
        own_number: Some(document.file_name.clone()),
        numbers: map::number_of(&document.file_name).into_iter().collect(),
        made_at: document.date_uploaded.as_deref().and_then(|text| text.parse().ok()),
        file_size: document.file_size,
        ..ShownDocument::default()
    }
}

/// The numbers of shipments, and the order's own where it is none of theirs.
fn numbers(order: &wire::Order, shipments: &[wire::Shipment]) -> Vec<ShownParcel> {
    let standing = shipments.iter().filter(|shipment| map::stands(shipment));
    let mut parcels: Vec<ShownParcel> = standing
        .filter_map(|shipment| {
            let number = map::shipment_number(shipment)?.to_owned();
            Some(ShownParcel { remote_id: shipment.id.clone(), number })
        })
        .collect();
    let own = order.shipping_tracking.as_deref().map(str::trim).filter(|number| !number.is_empty());
    if let Some(number) = own.filter(|own| !parcels.iter().any(|parcel| same_number(&parcel.number, own))) {
        parcels.push(ShownParcel { remote_id: order.order_id.clone(), number: number.to_owned() });
    }
    parcels
}
