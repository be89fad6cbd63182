//! What stands at an order already, whoever put it there.

use crate::flow::Flow;
use crate::look::Looked;
use crate::plan::Planned;
use connectors::{Asked, Mode, ShownDocument};
use domain::{ConnectionId, DocumentKind, Step};
use jiff::Timestamp;
use rust_decimal::Decimal;

/// Something that the target shows of the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Where.
    pub target: ConnectionId,
    /// `invoice`, `credit_note` or `parcel`.
    pub kind: &'static str,
    /// The target's id.
    pub remote_id: String,
    /// The number it carries, else the target's own.
    pub number: Option<String>,
    /// Its total, where the target tells it.
    pub total: Option<Decimal>,
    /// The currency of it.
    pub currency: Option<String>,
    /// When it was made there.
    pub at: Option<Timestamp>,
}

impl Flow {
    /// Reads it. Of a target that cannot tell, or cannot be asked just now, nothing is said here: the steps say why.
    pub(super) async fn standing(&self, planned: &Planned, looked: &Looked) -> Vec<Standing> {
        let account = planned.target.as_ref();
        let (target, rules) = (&account.connection.id, &account.connection.rules);
        let connector = self.parts.registry.get(&account.connection.connector);
        let Some(shows) = connector.and_then(|connector| connector.shows()) else { return vec![] };
        let asked = Asked {
            order: &planned.order,
            parcels: looked.parcel().is_some(),
            document: looked.document(),
            by_total: rules.full_invoice_without_line_match.unwrap_or(true),
        };
        let session = self.session(account, Mode::Trial, Step::ReadBack);
        let Ok(Some(shown)) = shows.shown(&session, &asked).await else { return vec![] };
        let of = |kind: DocumentKind, word| {
            let documents = shown.documents(kind).unwrap_or_default().iter();
            documents.map(move |document| of_document(target, word, document)).collect::<Vec<_>>()
        };
        let mut standing = of(DocumentKind::Invoice, "invoice");
        standing.extend(of(DocumentKind::CreditNote, "credit_note"));
        standing.extend(shown.parcels.iter().flatten().map(|parcel| Standing {
            target: target.clone(),
            kind: "parcel",
            remote_id: parcel.remote_id.clone(),
            number: Some(parcel.number.clone()),
            total: None,
            currency: None,
            at: None,
        }));
        standing
    }
}

fn of_document(target: &ConnectionId, kind: &'static str, document: &ShownDocument) -> Standing {
    Standing {
        target: target.clone(),
        kind,
        remote_id: document.remote_id.clone(),
        number: document.numbers.first().or(document.own_number.as_ref()).cloned(),
        total: document.total,
        currency: document.currency.clone(),
        at: document.made_at,
    }
}
