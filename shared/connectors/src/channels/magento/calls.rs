//! Requests as Magento wants them, its refusals, and the reading calls.

use super::{map, oauth, wire};
use crate::account::Account;
use crate::channels::{aliases, setting};
use crate::contract::{OrderTexts, Task};
use crate::http::{Answer, Request};
use crate::session::Session;
use crate::stop::{Failure, Stop};
use domain::{Code, HoldReason, Order, OrderReference, Step, remark};
use http::Method;
use http::header::{ACCEPT, AUTHORIZATION};
use serde::de::DeserializeOwned;

/// Lines of a page; Magento's own limit is 300 where it limits at all.
const PAGE: u64 = 100;
/// Pages of one order's invoices, shipments or credit memos that are read at most; beyond that something is wrong.
const PAGES_MAX: u64 = 10;

/// A signed request below `/rest/<store>/V1`.
pub(super) fn request(
    session: &Session<'_>,
    method: Method,
    path: &str,
    query: &[(String, String)],
) -> Result<Request, Stop> {
    let account = session.account;
    let store = setting(account, "store_code").unwrap_or_else(|| "default".to_owned());
    let mut url = account.url(&format!("/rest/{}/V1/{path}", Account::segment(&store)))?;
    if !query.is_empty() {
        // Encoded by hand: Magento signs `%20` where forms would write `+`.
        let pair = |(name, value): &(String, String)| format!("{}={}", Account::segment(name), Account::segment(value));
        url.set_query(Some(&query.iter().map(pair).collect::<Vec<_>>().join("&")));
    }
    let authorization = match setting(account, "auth").as_deref() {
        Some("bearer") => format!("Bearer {}", account.secrets.get("access_token")),
        _ => {
            let consumer_key = setting(account, "consumer_key").unwrap_or_default();
            let keys = oauth::Keys {
                consumer_key: &consumer_key,
                consumer_secret: account.secrets.get("consumer_secret"),
                token: account.secrets.get("access_token"),
                token_secret: account.secrets.get("access_token_secret"),
            };
            oauth::header(&keys, method.as_str(), &url, session.random(), session.now())
        }
    };
    Ok(Request::new(method, url).secret_header(AUTHORIZATION, &authorization).header(ACCEPT, "application/json"))
}

/// Search criteria for one field, or none.
fn search(filter: Option<(&str, &str)>, size: u64, page: u64) -> Vec<(String, String)> {
    let pair = |name: &str, value: &str| (format!("searchCriteria[{name}]"), value.to_owned());
    let mut query = vec![];
    if let Some((field, value)) = filter {
        let filter = |name: &str, value: &str| pair(&format!("filter_groups][0][filters][0][{name}"), value);
        query.extend([filter("field", field), filter("value", value), filter("condition_type", "eq")]);
    }
    query.push(pair("pageSize", &size.to_string()));
    query.push(pair("currentPage", &page.to_string()));
    query
}

/// The vendor's words with their placeholders filled; empty where the body is not its JSON.
pub(super) fn words(answer: &Answer) -> String {
    let refusal: Option<wire::Refusal> = serde_json::from_slice(&answer.body).ok();
    refusal.and_then(|r| Some(map::filled(r.message.as_deref()?, &r.parameters))).unwrap_or_default()
}

/// What a refusal means. A missing right is 401 here, not 403; a signature's time that is off is a wrong clock, whose
/// calls all fail until it is set.
pub(super) fn refused(answer: &Answer) -> Stop {
    let words = words(answer);
    if answer.status == 401 && words.contains("isn't authorized to access") {
        return Stop::Credentials(Failure::new(Code::PermissionMissing, Step::Look, Some(401), words));
    }
    if matches!(answer.status, 400 | 401) && words.contains("oauth_timestamp") {
        return Stop::Credentials(Failure::new(Code::ClockSkew, Step::Look, Some(answer.status), words));
    }
    answer.refusal(words)
}

/// A refused record, by the vendor's own words: its codes do not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// The validators said no: nothing was made by this call.
    Validation,
    /// "Could not save": a deadlock or a lost database connection may be behind it.
    NotSaved,
    /// There is no such order.
    Unknown,
    /// Anything else.
    Other,
}

/// Reads why a record was refused.
pub(super) fn why(answer: &Answer) -> Refused {
    let words = words(answer);
    match answer.status {
        400 if words.contains("Document Validation Error(s)") => Refused::Validation,
        400 if words.starts_with("Could not save") => Refused::NotSaved,
        404 => Refused::Unknown,
        _ => Refused::Other,
    }
}

/// A refused record: `Ok` where the validators said no, so that this call has certainly made nothing; an earlier one of
/// ours may have just taken effect, so the order is to be looked at once more.
///
/// # Errors
/// What any other refusal means.
pub(super) fn only_refused(session: &Session<'_>, answer: &Answer) -> Result<(), Stop> {
    match why(answer) {
        Refused::Validation => {
            session.not_done();
            Ok(())
        }
        Refused::NotSaved => Err(failed(answer, Code::VendorError)),
        Refused::Unknown => {
            session.not_done();
            Err(refused(answer))
        }
        Refused::Other => Err(refused(answer)),
    }
}

/// A failed attempt with the vendor's words.
pub(super) fn failed(answer: &Answer, code: Code) -> Stop {
    let words = words(answer);
    let words = if words.is_empty() { answer.excerpt() } else { words.into() };
    Stop::fail(code, Some(answer.status), words)
}

async fn get<T: DeserializeOwned>(session: &Session<'_>, path: &str, query: &[(String, String)]) -> Result<T, Stop> {
    let answer = session.read(request(session, Method::GET, path, query)?).await?;
    if answer.status == 200 { answer.json() } else { Err(refused(&answer)) }
}

/// Every page of an order's invoices, shipments or credit memos.
async fn of_order<T: DeserializeOwned>(session: &Session<'_>, path: &str, order_id: &str) -> Result<Vec<T>, Stop> {
    let mut all = vec![];
    for page in 1..=PAGES_MAX {
        let query = search(Some(("order_id", order_id)), PAGE, page);
        let read: wire::Page<T> = get(session, path, &query).await?;
        let last = read.items.is_empty();
        all.extend(read.items);
        let count = u64::try_from(all.len()).unwrap_or(u64::MAX);
        if last || count >= read.total_count.unwrap_or(count) {
            return Ok(all);
        }
    }
    Err(Stop::fail(Code::VendorNonsense, Some(200), remark::list_endless(path)))
}

/// Whether the buyer is told of what is made.
pub(super) fn notifies(task: &Task<'_>) -> bool {
    task.rules.notify_customer.unwrap_or(false)
}

/// Notes a comment on a record that is there, and reads in the answer that it is the one that was sent.
pub(super) async fn note(
    session: &Session<'_>,
    task: &Task<'_>,
    path: &str,
    (record, comment): (wire::Id, &str),
    is_ours: impl FnOnce(&str) -> bool,
) -> Result<(), Stop> {
    let entity = wire::RecordComment {
        comment: comment.to_owned(),
        parent_id: record.0,
        is_customer_notified: u8::from(notifies(task)),
        is_visible_on_front: 0,
    };
    let request = request(session, Method::POST, path, &[])?.json(&wire::NewRecordComment { entity });
    let permit = task.gate.absent().await?;
    let answer = session.write(&permit, request).await?;
    if answer.status != 200 {
        return Err(refused(&answer));
    }
    let told: wire::Comment = answer.json()?;
    if !told.comment.as_deref().is_some_and(is_ours) {
        return Err(Stop::fail(Code::VendorNonsense, Some(200), remark::comment_other()));
    }
    session.done();
    Ok(())
}

/// `GET orders/{id}`: quantities are always read anew.
pub(super) async fn order(session: &Session<'_>, id: &str) -> Result<wire::Order, Stop> {
    let read: wire::Order = get(session, &format!("orders/{}", Account::segment(id)), &[]).await?;
    session.hide(map::private(&read.other));
    Ok(read)
}

/// The order's invoices.
pub(super) async fn invoices(session: &Session<'_>, order: &wire::Order) -> Result<Vec<wire::Invoice>, Stop> {
    let mut all: Vec<wire::Invoice> = of_order(session, "invoices", &order.entity_id.to_string()).await?;
    all.retain(|invoice| invoice.order_id == order.entity_id);
    Ok(all)
}

/// Whether an invoice is among the order's: by our mark, or named in anybody's words.
///
/// # Errors
/// [`HoldReason::Predecessor`] if it is not.
pub(super) async fn invoice_named(session: &Session<'_>, order: &wire::Order, number: &str) -> Result<(), Stop> {
    let invoices = invoices(session, order).await?;
    let own = map::one_line(number);
    let is_it = |invoice: &wire::Invoice| {
        map::stands(invoice) && (map::numbers(invoice).contains(&own) || map::mentions(&invoice.comments, number))
    };
    if invoices.iter().any(is_it) {
        return Ok(());
    }
    let detail = remark::invoice_unnamed(own);
    Err(Stop::hold(HoldReason::Predecessor, Some(detail)))
}

/// The order's credit memos, each with its comments. A version that leaves them out of the memo has a list of them.
pub(super) async fn credit_memos(session: &Session<'_>, order: &wire::Order) -> Result<Vec<wire::CreditMemo>, Stop> {
    let mut all: Vec<wire::CreditMemo> = of_order(session, "creditmemos", &order.entity_id.to_string()).await?;
    all.retain(|memo| memo.order_id == order.entity_id);
    for memo in all.iter_mut().filter(|memo| memo.comments.is_none()) {
        let path = format!("creditmemo/{}/comments", memo.entity_id);
        let listed: wire::Page<wire::Comment> = get(session, &path, &[]).await?;
        memo.comments = Some(listed.items);
    }
    Ok(all)
}

/// The order's own comments. A version that leaves them out of the order has a list of them.
pub(super) async fn order_comments(session: &Session<'_>, order: &wire::Order) -> Result<Vec<wire::Comment>, Stop> {
    if let Some(comments) = &order.status_histories {
        return Ok(comments.clone());
    }
    let listed: wire::Page<wire::Comment> = get(session, &format!("orders/{}/comments", order.entity_id), &[]).await?;
    Ok(listed.items)
}

/// The order's shipments.
pub(super) async fn shipments(session: &Session<'_>, order: &wire::Order) -> Result<Vec<wire::Shipment>, Stop> {
    let mut all: Vec<wire::Shipment> = of_order(session, "shipments", &order.entity_id.to_string()).await?;
    all.retain(|shipment| shipment.order_id == order.entity_id);
    Ok(all)
}

/// Finds an order by its increment id.
pub(super) async fn find_order(session: &Session<'_>, reference: &OrderReference) -> Result<Option<Order>, Stop> {
    let query = search(Some(("increment_id", reference.as_str())), 2, 1);
    let page: wire::Page<wire::Order> = get(session, "orders", &query).await?;
    for order in &page.items {
        session.hide(map::private(&order.other));
    }
    // The database compares without regard to case; a reference does not.
    let mut found = page.items.into_iter().filter(|order| order.increment_id == reference.as_str());
    let Some(order) = found.next() else { return Ok(None) };
    if found.next().is_some() {
        let detail = Some(remark::order_twice());
        return Err(Stop::hold(HoldReason::OrderAmbiguous, detail));
    }
    let read = map::order(&order).map_err(|why| Stop::fail(Code::VendorNonsense, Some(200), why))?;
    let all = serde_json::Value::Object(order.other);
    Ok(Some(Order { aliases: aliases(session.account, &all), ..read }))
}

/// What stands at an order: the tracks of its shipments, the comments of its history.
pub(super) async fn order_texts(session: &Session<'_>, known: &Order) -> Result<Option<OrderTexts>, Stop> {
    let path = format!("orders/{}", Account::segment(&known.remote_id));
    let answer = session.read(request(session, Method::GET, &path, &[])?).await?;
    let order: wire::Order = match answer.status {
        200 => answer.json()?,
        404 => return Ok(None),
        _ => return Err(refused(&answer)),
    };
    session.hide(map::private(&order.other));
    let state = map::order(&order).map_err(|why| Stop::fail(Code::VendorNonsense, Some(200), why))?.state;
    let shipments = shipments(session, &order).await?;
    let tracks = shipments.into_iter().flat_map(|shipment| shipment.tracks).filter_map(|track| track.track_number);
    let comments = order_comments(session, &order).await?.into_iter().filter_map(|comment| comment.comment);
    Ok(Some(OrderTexts { state, tracks: tracks.collect(), comments: comments.collect() }))
}

/// `GET store/storeConfigs`: any credential may read it.
pub(super) async fn store_configs(session: &Session<'_>) -> Result<Answer, Stop> {
    session.read(request(session, Method::GET, "store/storeConfigs", &[])?).await
}

/// One line of a list: tells whether the right for it is there.
pub(super) async fn may_read(session: &Session<'_>, path: &str) -> Result<(), Stop> {
    let page: wire::Page<serde::de::IgnoredAny> = get(session, path, &search(None, 1, 1)).await?;
    drop(page);
    Ok(())
}
