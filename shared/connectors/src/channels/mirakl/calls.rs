//! Requests as Mirakl wants them, its refusals, and the reading calls.

use super::{map, wire};
use crate::account::Account;
use crate::channels::{aliases, setting};
use crate::contract::TargetValues;
use crate::http::{Answer, Request};
use crate::session::Session;
use crate::steps::reached;
use crate::stop::Stop;
use domain::{Code, Order, OrderReference, remark};
use http::Method;
use http::header::{ACCEPT, AUTHORIZATION};
use jiff::SignedDuration;
use serde::de::DeserializeOwned;

/// Pages of shipments of one order that are read at most; beyond that something is wrong.
const SHIPMENT_PAGES_MAX: usize = 10;
/// SH21 may be asked once a day.
const CARRIERS_KEPT: SignedDuration = SignedDuration::from_hours(24);

/// A request with key, shop and query.
pub(super) fn request(account: &Account, method: Method, path: &str, query: &[(&str, &str)]) -> Result<Request, Stop> {
    let mut url = account.url(path)?;
    let shop = setting(account, "shop_id");
    let shop = shop.as_deref().map(|id| ("shop_id", id));
    let pairs: Vec<(&str, &str)> = query.iter().copied().chain(shop).collect();
    if !pairs.is_empty() {
        url.query_pairs_mut().extend_pairs(pairs);
    }
    // The key stands there alone: no "Bearer".
    Ok(Request::new(method, url)
        .secret_header(AUTHORIZATION, account.secrets.get("api_key"))
        .header(ACCEPT, "application/json"))
}

/// The path of an order's own call.
pub(super) fn order_path(order_id: &str, call: &str) -> String {
    format!("/api/orders/{}/{call}", Account::segment(order_id))
}

/// A refusal with the vendor's words. Their shape is not documented: what its own connector reads is tried first.
pub(super) fn refused(answer: &Answer) -> Stop {
    let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let message = body
        .get("message")
        .and_then(text)
        .or_else(|| body.get("errors")?.get(0)?.get("message").and_then(text))
        .or_else(|| body.get("error").and_then(text));
    answer.refusal(message.unwrap_or_default())
}

/// A GET whose answer is JSON.
pub(super) async fn get<T: DeserializeOwned>(
    session: &Session<'_>,
    path: &str,
    query: &[(&str, &str)],
) -> Result<T, Stop> {
    let answer = session.read(request(session.account, Method::GET, path, query)?).await?;
    if answer.status == 200 { answer.json() } else { Err(refused(&answer)) }
}

/// OR11 by id. `None`: there is no such order.
pub(super) async fn read_order(session: &Session<'_>, id: &str) -> Result<Option<wire::Order>, Stop> {
    let request = request(session.account, Method::GET, "/api/orders", &[("order_ids", id)])?;
    let answer = session.read(request).await?;
    let orders: wire::Orders = match answer.status {
        200 => answer.json()?,
        404 => return Ok(None),
        _ => return Err(refused(&answer)),
    };
    for order in &orders.orders {
        session.hide(map::private(&order.customer));
    }
    // The filter takes a list: only the very id counts.
    Ok(orders.orders.into_iter().find(|order| order.order_id == id))
}

/// OR11 for an order that must be there.
pub(super) async fn order_again(session: &Session<'_>, id: &str) -> Result<wire::Order, Stop> {
    let order = read_order(session, id).await?;
    order.ok_or_else(|| Stop::fail(Code::OrderState, None, remark::order_gone()))
}

/// The order in our words.
pub(super) async fn find_order(session: &Session<'_>, reference: &OrderReference) -> Result<Option<Order>, Stop> {
    let Some(order) = read_order(session, reference.as_str()).await? else { return Ok(None) };
    let read = map::order(&order).map_err(|why| Stop::fail(Code::VendorNonsense, Some(200), why))?;
    let all = serde_json::Value::Object(order.other);
    Ok(Some(Order { aliases: aliases(session.account, &all), ..read }))
}

/// OR72.
pub(super) async fn documents(session: &Session<'_>, order_id: &str) -> Result<Vec<wire::Document>, Stop> {
    let listed: wire::Documents = get(session, "/api/orders/documents", &[("order_ids", order_id)]).await?;
    Ok(listed.order_documents)
}

/// ST11, all pages. `None`: multi-shipment is not active at this marketplace.
pub(super) async fn shipments(session: &Session<'_>, order_id: &str) -> Result<Option<Vec<wire::Shipment>>, Stop> {
    let mut all = vec![];
    let mut token: Option<String> = None;
    for _ in 0..SHIPMENT_PAGES_MAX {
        let mut query = vec![("order_id", order_id)];
        if let Some(token) = &token {
            query.push(("page_token", token));
        }
        let answer = session.read(request(session.account, Method::GET, "/api/shipments", &query)?).await?;
        let page: wire::Shipments = match answer.status {
            200 => answer.json()?,
            404 => return Ok(None),
            _ => return Err(refused(&answer)),
        };
        all.extend(page.data.into_iter().filter(|shipment| shipment.order_id == order_id));
        match page.next_page_token.filter(|next| !next.is_empty()) {
            Some(next) => token = Some(next),
            None => return Ok(Some(all)),
        }
    }
    Err(Stop::fail(Code::VendorNonsense, Some(200), remark::list_endless("shipments")))
}

/// SH21, read anew.
async fn carriers_now(session: &Session<'_>) -> Result<Vec<wire::Carrier>, Stop> {
    let listed: wire::Carriers = get(session, "/api/shipping/carriers", &[]).await?;
    let text = serde_json::to_string(&listed.carriers).unwrap_or_default();
    session.tokens().put(&carriers_key(session.account), text, session.now() + CARRIERS_KEPT);
    Ok(listed.carriers)
}

/// SH21, from memory where it was read within a day: the vendor wants no more.
pub(super) async fn carriers(session: &Session<'_>) -> Result<Vec<wire::Carrier>, Stop> {
    let kept = session.tokens().get(&carriers_key(session.account), session.now());
    match kept.and_then(|text| serde_json::from_str(&text).ok()) {
        Some(carriers) => Ok(carriers),
        None => carriers_now(session).await,
    }
}

fn carriers_key(account: &Account) -> String {
    let connection = &account.connection;
    format!("mirakl carriers {} {} {}", connection.tenant, connection.id, account.base_url)
}

/// DO01 for orders.
pub(super) async fn document_types(session: &Session<'_>) -> Result<Vec<wire::DocumentType>, Stop> {
    let listed: wire::DocumentTypes = get(session, "/api/documents", &[("entities", "ORDER")]).await?;
    Ok(listed.documents)
}

/// RE01: needs the key, and may be asked often.
pub(super) async fn reasons(session: &Session<'_>) -> Result<wire::Reasons, Stop> {
    get(session, "/api/reasons", &[]).await
}

/// PC01: whether an order may have several shipments here. `None`: the platform does not say.
pub(super) async fn several_shipments(session: &Session<'_>) -> Result<Option<bool>, Stop> {
    let configuration: serde_json::Value = get(session, "/api/platform/configuration", &[]).await?;
    Ok(configuration.pointer("/features/shipment/multi_shipment").and_then(serde_json::Value::as_bool))
}

/// V01: only its code is documented.
pub(super) async fn version(session: &Session<'_>) -> Result<Answer, Stop> {
    session.read(request(session.account, Method::GET, "/api/version", &[])?).await
}

/// Whether the platform answers at all.
pub(super) async fn reach(session: &Session<'_>) -> Result<(), Stop> {
    reached(version(session).await)
}

/// SH21 and DO01 for mappings. Carriers are read anew, for a person may wait for one that was just added; where the
/// vendor has been asked too often, what was read within a day is good enough.
pub(super) async fn target_values(session: &Session<'_>) -> Result<TargetValues, Stop> {
    let carriers = match carriers_now(session).await {
        Err(Stop::RateLimited { .. }) => carriers(session).await?,
        read => read?,
    };
    let types = document_types(session).await?;
    Ok(TargetValues {
        carriers: carriers.into_iter().map(|carrier| (carrier.code, carrier.label)).collect(),
        document_types: types.into_iter().map(|t| (t.code.clone(), t.label.unwrap_or(t.code))).collect(),
    })
}
