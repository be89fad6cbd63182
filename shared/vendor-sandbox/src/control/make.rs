//! Orders and documents made and changed through the control calls.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Refusal, Result};
use crate::books::{DocumentChange, NewDocument};
use crate::order::{Line, NewOrder, given};
use crate::packeta;
use crate::sendcloud::{NewParcel, ParcelChange};
use crate::server::App;
use crate::world::vendor_of;

/// Body of `POST /_sandbox/orders`; everything has a default.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::option_option, reason = "absent, null and a value are three different wishes")]
pub(super) struct OrderWish {
    #[serde(deserialize_with = "given")]
    channel: Option<Option<String>>,
    books: String,
    reference: Option<String>,
    currency: String,
    lines: Option<Vec<Line>>,
    shipping: Decimal,
    state: Option<String>,
    payment: Option<String>,
    other_reference: Option<String>,
    r#virtual: bool,
    #[serde(deserialize_with = "given")]
    document: Option<Option<NewDocument>>,
    documents: Vec<NewDocument>,
    courier: String,
    parcels: Option<Vec<NewParcel>>,
}

impl Default for OrderWish {
    fn default() -> Self {
        Self {
            channel: None,
            books: "fakturoid".to_owned(),
            reference: None,
            currency: "CZK".to_owned(),
            lines: None,
            shipping: Decimal::ZERO,
            state: None,
            payment: None,
            other_reference: None,
            r#virtual: false,
            document: None,
            documents: Vec::new(),
            courier: "sendcloud".to_owned(),
            parcels: None,
        }
    }
}

/// One order, or many at once.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum OrderWishes {
    Many { orders: Vec<Value> },
    One(Value),
}

/// The channel that an order goes to when none is named.
const USUAL_CHANNEL: &str = "mirakl";

fn wish(value: Value) -> Result<OrderWish> {
    serde_json::from_value(value).map_err(|error| Refusal::unprocessable(error.to_string()))
}

pub(super) fn orders(app: &App, wishes: OrderWishes) -> Result<Value> {
    match wishes {
        OrderWishes::One(value) => order(app, wish(value)?),
        OrderWishes::Many { orders } => {
            let wishes = orders.into_iter().map(wish).collect::<Result<Vec<_>>>()?;
            let mut made = Vec::with_capacity(wishes.len());
            for wish in wishes {
                made.push(order(app, wish)?);
            }
            Ok(json!({"orders": made}))
        }
    }
}

fn order(app: &App, mut wish: OrderWish) -> Result<Value> {
    for document in wish.document.iter().flatten().chain(&wish.documents) {
        let books = document.vendor.as_deref().unwrap_or(&wish.books);
        app.world().books(books)?.check(document)?;
    }
    for parcel in wish.parcels.iter().flatten() {
        match vendor_of(parcel.vendor.as_deref().unwrap_or(&wish.courier)) {
            Some("packeta") => packeta::check(parcel)?,
            _ => parcel.check()?,
        }
    }
    let channel = wish.channel.clone().unwrap_or_else(|| Some(USUAL_CHANNEL.to_owned()));
    let lines = wish.lines.take().unwrap_or_else(|| vec![Line::usual()]);
    let mut page = json!({"channel": channel, "order": null});
    let mut reference = wish.reference.clone();
    if let Some(channel) = &channel {
        let new = NewOrder {
            reference: reference.clone(),
            currency: wish.currency.clone(),
            lines: lines.clone(),
            shipping: wish.shipping,
            state: wish.state.clone(),
            payment: wish.payment.clone(),
            other_reference: wish.other_reference.clone(),
            is_virtual: wish.r#virtual,
        };
        let (made, _) = app.apply(channel, |world, tx| world.make_order(channel, &new, tx));
        let made = made?;
        reference = Some(made.reference.clone());
        merge(&mut page, "order", json!(made));
    }
    merge(&mut page, "reference", json!(reference));
    let documents = documents(app, &wish, reference.as_deref(), lines)?;
    merge(&mut page, "document", documents.first().cloned().unwrap_or(Value::Null));
    merge(&mut page, "documents", Value::Array(documents));
    let mut parcels = Vec::new();
    for parcel in wish.parcels.unwrap_or_else(|| vec![NewParcel::default()]) {
        parcels.push(make_parcel(app, &wish.courier, parcel, reference.as_deref())?);
    }
    merge(&mut page, "parcels", Value::Array(parcels));
    Ok(page)
}

fn merge(page: &mut Value, name: &str, value: Value) {
    if let Some(page) = page.as_object_mut() {
        page.insert(name.to_owned(), value);
    }
}

fn documents(app: &App, wish: &OrderWish, reference: Option<&str>, mut lines: Vec<Line>) -> Result<Vec<Value>> {
    let mut wishes: Vec<NewDocument> = match &wish.document {
        None if wish.documents.is_empty() => vec![NewDocument::usual()],
        None | Some(None) => Vec::new(),
        Some(Some(document)) => vec![document.clone()],
    };
    wishes.extend(wish.documents.iter().cloned());
    if !wish.shipping.is_zero() {
        lines.push(Line::shipping(wish.shipping));
    }
    let mut made = Vec::with_capacity(wishes.len());
    let mut invoice: Option<String> = None;
    for mut document in wishes {
        if document.is_correction() && document.correction_id.is_none() {
            document.correction_id.clone_from(&invoice);
        }
        let page = make_document(app, &wish.books, document, reference, &lines, &wish.currency)?;
        if invoice.is_none() {
            invoice = page.get("id").and_then(Value::as_str).map(str::to_owned);
        }
        made.push(page);
    }
    Ok(made)
}

fn make_document(
    app: &App,
    books: &str,
    wish: NewDocument,
    reference: Option<&str>,
    lines: &[Line],
    currency: &str,
) -> Result<Value> {
    let books = wish.vendor.clone().unwrap_or_else(|| books.to_owned());
    let (made, _) = app.apply(&books, |world, tx| world.books(&books)?.make(wish, reference, lines, currency, tx));
    Ok(of(&books, made?))
}

/// A document's page with the name of whose it is.
fn of(books: &str, mut page: Value) -> Value {
    merge(&mut page, "vendor", json!(books));
    page
}

/// `POST /_sandbox/documents`: a document without an order.
pub(super) fn document(app: &App, wish: NewDocument) -> Result<Value> {
    let lines = [Line::usual()];
    make_document(app, "fakturoid", wish, None, &lines, "CZK")
}

/// `GET /_sandbox/documents/{id}`.
pub(super) fn show_document(app: &App, books: &str, id: &str) -> Result<Value> {
    let mut world = app.world();
    let document = world.books(books)?.show(id).ok_or_else(|| Refusal(404, format!("no document {id}")))?;
    Ok(of(books, document))
}

/// `PATCH /_sandbox/documents/{id}`.
pub(super) fn change_document(app: &App, id: &str, change: DocumentChange) -> Result<Value> {
    let books = change.vendor.clone().unwrap_or_else(|| "fakturoid".to_owned());
    let (changed, _) = app.apply(&books, |world, tx| world.books(&books)?.change(id, change, tx));
    Ok(of(&books, changed?.unwrap_or_else(|| json!({"id": id, "removed": true}))))
}

/// Body of `PATCH /_sandbox/orders/{channel}/{reference}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OrderChange {
    state: String,
}

pub(super) fn change_order(app: &App, channel: &str, reference: &str, change: OrderChange) -> Result<Value> {
    let (changed, _) = app.apply(channel, |world, tx| world.change_order(channel, reference, &change.state, tx));
    Ok(json!({"channel": channel, "order": changed?}))
}

fn make_parcel(app: &App, courier: &str, wish: NewParcel, reference: Option<&str>) -> Result<Value> {
    let courier = wish.vendor.clone().unwrap_or_else(|| courier.to_owned());
    let (made, _) = app.apply(&courier, |world, tx| world.make_parcel(&courier, wish, reference, tx));
    Ok(made?)
}

/// `POST /_sandbox/parcels`: a parcel without an order.
pub(super) fn parcel(app: &App, wish: NewParcel) -> Result<Value> {
    make_parcel(app, "sendcloud", wish, None)
}

/// `PATCH /_sandbox/parcels/{id or tracking number}`.
pub(super) fn change_parcel(app: &App, id: &str, change: ParcelChange) -> Result<Value> {
    let courier = change.vendor.clone().unwrap_or_else(|| "sendcloud".to_owned());
    let (changed, _) = app.apply(&courier, |world, tx| world.change_parcel(&courier, id, change, tx));
    Ok(changed?)
}
