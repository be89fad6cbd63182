//! Conversations with SuperFaktura. Reading only: nothing is written there.

use super::{local, map, quota, spec, wire};
use crate::account::Account;
use crate::contract::{DocumentPage, PDF_BYTES_MAX, Pdf};
use crate::http::{Answer, Request};
use crate::session::Session;
use crate::steps::{Steps, answered, knock};
use crate::stop::{Failure, Stop};
use ::http::header;
use domain::{CheckStep, Code, Document, DocumentKind, Said, Step, remark};
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use std::fmt::Write as _;
use url::Url;

/// Documents that one call reads at most (invoice.md).
pub(super) const DETAILS_MAX: usize = 100;
/// Lines of a page at most (invoice.md).
const PAGE: usize = 200;
/// A line is a whole document with its seller's logo and signature: a full page exceeds what an answer usually may be.
const LIST_BYTES_MAX: usize = 10 * 1024 * 1024;
/// Two defaults hide documents: only this year's, and no credit notes. Both are always overruled.
const EVERYTHING: &str = "created:0/type:regular%7Ccancel%7Cproforma";
/// `modified` knows seconds. A line whose second is not over yet could change once more without being told from this.
const SECOND_OVER: SignedDuration = SignedDuration::from_secs(2);
const WHO_AM_I: &str = "/users/getUserCompaniesData";

/// Any answer will do.
pub(super) async fn reach(session: &Session<'_>) -> Result<(), Stop> {
    knock(session, request(session.account, WHO_AM_I)?).await
}

pub(super) async fn check(session: &Session<'_>) -> Vec<CheckStep> {
    let mut steps = Steps::default();
    if !steps.order_field(session.account, &map::ORDER_FIELDS) {
        return steps.into_steps();
    }
    if !session.account.setting("email").is_some_and(|mail| mail.contains('@')) {
        steps.failed("settings", Code::SettingInvalid, remark::setting_no_email("email"));
        return steps.into_steps();
    }
    steps.passed("settings");
    let result = check_steps(session, &mut steps).await;
    steps.ended(result)
}

async fn check_steps(session: &Session<'_>, steps: &mut Steps) -> Result<(), Box<(&'static str, Stop)>> {
    let at = |name: &'static str| move |stop| Box::new((name, stop));
    let answer = answered(get(session, WHO_AM_I, None).await).map_err(at("reach"))?;
    steps.passed("reach");
    companies(session, &answer).map_err(at("credentials"))?;
    steps.passed("credentials");
    let path = format!("/invoices/index.json/{EVERYTHING}/listinfo:1/per_page:1/page:1");
    let answer = get(session, &path, None).await.map_err(at("permission"))?;
    good::<wire::Page<wire::Line>>(session, &answer).await.map_err(at("permission"))?;
    steps.passed("permission");
    Ok(())
}

/// What a wrong key is answered is documented nowhere. Nothing but the credentials can be wrong in this call.
fn companies(session: &Session<'_>, answer: &Answer) -> Result<(), Stop> {
    if answer.status == 200 && !has_error(answer) {
        let companies: wire::Companies = json(session, answer)?;
        let none = || Failure::new(Code::PermissionMissing, Step::Look, Some(200), remark::company_missing());
        return if companies.data.is_empty() { Err(Stop::Credentials(none())) } else { Ok(()) };
    }
    match refused(session, answer) {
        Stop::Fail(failure) if matches!(failure.status, Some(200 | 400)) => {
            let message = remark::key_elsewhere(&failure.message);
            Err(Stop::Credentials(Failure { code: Code::CredentialsRefused, message, ..failure }))
        }
        stop => Err(stop),
    }
}

pub(super) async fn read_document(session: &Session<'_>, id: &str) -> Result<Option<Document>, Stop> {
    let answer = get(session, &format!("/invoices/view/{}.json", Account::segment(id)), None).await?;
    if answer.status == 404 {
        // Also another address may not know the path: a document is gone only where the account is.
        return if exhausted(session, &answer) {
            Err(refused(session, &answer))
        } else {
            whoami(session).await.map(|()| None)
        };
    }
    if answer.status == 200 && has_error(&answer) && !exhausted(session, &answer) {
        whoami(session).await?;
        return if is_gone(session, id).await? { Ok(None) } else { Err(refused(session, &answer)) };
    }
    let whole = good(session, &answer).await?;
    document(session, whole).map(Some)
}

/// An error is a number and a text in the user's language: neither says whether the document is missing or something
/// else is wrong. The call for several documents answers without those that are not there.
async fn is_gone(session: &Session<'_>, id: &str) -> Result<bool, Stop> {
    let answer = get(session, &details_path(&[id]), Some(LIST_BYTES_MAX)).await?;
    if answer.status != 200 || has_error(&answer) {
        return Ok(false);
    }
    Ok(json::<wire::Details>(session, &answer)?.0.is_empty())
}

pub(super) async fn read_documents(session: &Session<'_>, ids: &[&str]) -> Result<Vec<Document>, Stop> {
    let answer = get(session, &details_path(ids), Some(LIST_BYTES_MAX)).await?;
    let details: wire::Details = good(session, &answer).await?;
    let wholes = details.0.into_values().filter_map(|value| serde_json::from_value(value).ok());
    Ok(wholes.filter_map(|whole| document(session, whole).ok()).collect())
}

fn details_path(ids: &[&str]) -> String {
    let ids: Vec<String> = ids.iter().map(|id| Account::segment(id)).collect();
    format!("/invoices/getInvoiceDetails/{}", ids.join(","))
}

pub(super) async fn find_document(session: &Session<'_>, number: &str) -> Result<Option<Document>, Stop> {
    let number_is = format!("invoice_no_formatted:{}", Account::segment(number));
    let path = format!("/invoices/index.json/{EVERYTHING}/{number_is}/listinfo:1/per_page:{PAGE}/page:1");
    let answer = get(session, &path, Some(LIST_BYTES_MAX)).await?;
    let page: wire::Page<wire::Whole> = good(session, &answer).await?;
    let mut documents = vec![];
    for whole in page.items {
        if whole.invoice.quotes.invoice_no_formatted.as_deref() == Some(number) {
            documents.push(document(session, whole)?);
        }
    }
    // Proformas have a number series of their own that may meet an invoice's number.
    documents.sort_by_key(|d| (d.kind == DocumentKind::Proforma, std::cmp::Reverse(d.version_at)));
    Ok(documents.into_iter().next())
}

fn document(session: &Session<'_>, whole: wire::Whole) -> Result<Document, Stop> {
    let link = |id: &str, token: &str| url(session.account, &pdf_path(id, token)).ok().map(String::from);
    let document = map::document(session.account, whole, link)?;
    session.hide(document.private.iter().cloned());
    Ok(document)
}

/// Ranges are whole days in the vendor's zone, so a day is listed again and again. Of its lines only those count that
/// changed in the time asked about: `modified` says it to the second.
pub(super) async fn changed(
    session: &Session<'_>,
    since: Timestamp,
    cursor: Option<&str>,
) -> Result<DocumentPage, Stop> {
    let (number, count) = cursor.and_then(read_cursor).unwrap_or((1, Decimal::ZERO));
    let now = session.now();
    // What changed later in that second says only the second.
    let since = Timestamp::from_second(since.as_second()).unwrap_or(since);
    let (from, to) = (local::day(since), local::day(now));
    let path = format!(
        "/invoices/index.json/modified:3/modified_since:{from}/modified_to:{to}/{EVERYTHING}\
         /sort:id/direction:ASC/listinfo:1/per_page:{PAGE}/page:{number}"
    );
    let answer = get(session, &path, Some(LIST_BYTES_MAX)).await?;
    let page: wire::Page<wire::Line> = good(session, &answer).await?;
    let mut changed = vec![];
    for line in page.items {
        let line = map::changed(session.account, line)?;
        if line.version_at >= since && line.version_at + SECOND_OVER <= now {
            changed.push(line);
        }
    }
    let next = if page.item_count < count {
        // Something was taken away: what came after it has moved to a page that was read before.
        Some(write_cursor(1, page.item_count))
    } else if Decimal::from(number) < page.page_count {
        Some(write_cursor(number.saturating_add(1), page.item_count))
    } else {
        None
    };
    Ok(DocumentPage { changed, next })
}

/// The page, and how many lines there were in all.
fn read_cursor(cursor: &str) -> Option<(u32, Decimal)> {
    let (page, count) = cursor.split_once('/')?;
    Some((page.parse().ok()?, count.parse().ok()?))
}

fn write_cursor(page: u32, count: Decimal) -> String {
    format!("{page}/{}", count.normalize())
}

pub(super) async fn read_pdf(session: &Session<'_>, document: &Document) -> Result<Pdf, Stop> {
    let path = match token(document.public_url.as_deref()) {
        Some(token) => pdf_path(&document.id, token),
        None => {
            let read = read_document(session, &document.id).await?;
            let token = read.as_ref().and_then(|read| token(read.public_url.as_deref()));
            let none = || Stop::fail(Code::NotAPdf, Some(200), remark::pdf_unlinked());
            pdf_path(&document.id, token.ok_or_else(none)?)
        }
    };
    let answer = get(session, &path, Some(PDF_BYTES_MAX)).await?;
    match answer.status {
        200 if answer.body.starts_with(b"%PDF") => Ok(Pdf { bytes: answer.body }),
        200 if exhausted(session, &answer) => Err(refused(session, &answer)),
        200 => Err(Stop::fail(Code::NotAPdf, Some(200), remark::pdf_other())),
        _ => Err(refused(session, &answer)),
    }
}

fn pdf_path(id: &str, token: &str) -> String {
    format!("/invoices/pdf/{}/token:{}", Account::segment(id), Account::segment(token))
}

fn token(link: Option<&str>) -> Option<&str> {
    link?.rsplit_once("/token:").map(|(_, token)| token)
}

/// Below the address the account has its key for.
fn url(account: &Account, path: &str) -> Result<Url, Stop> {
    if account.connection.setting("base_url").is_some() {
        return account.url(path);
    }
    let host = account.setting("host").filter(|host| spec::HOSTS.contains(host));
    let unknown = || Stop::fail(Code::SettingInvalid, None, remark::setting_no_host("host", "SuperFaktura"));
    Url::parse(&format!("https://{}{path}", host.ok_or_else(unknown)?)).map_err(|_| unknown())
}

/// Values are URL-encoded: an address with `+` is refused otherwise (intro.md, faq.md).
fn request(account: &Account, path: &str) -> Result<Request, Stop> {
    let value = |name: &str| Account::segment(account.setting(name).unwrap_or_default());
    let mut credentials = format!("SFAPI email={}", value("email"));
    let key = Account::segment(account.secrets.get("api_key"));
    let module = Account::segment(concat!("Backhaul ", env!("CARGO_PKG_VERSION")));
    // Writing to a String cannot fail.
    let _written = write!(credentials, "&apikey={key}&module={module}");
    if account.setting("company_id").is_some() {
        let _written = write!(credentials, "&company_id={}", value("company_id"));
    }
    Ok(Request::get(url(account, path)?).secret_header(header::AUTHORIZATION, &credentials))
}

/// Reads. Where the answer says that a quota is spent, no further call is made before it begins anew; the answer itself
/// may be the last good one.
async fn get(session: &Session<'_>, path: &str, answer_bytes_max: Option<usize>) -> Result<Answer, Stop> {
    let mut request = request(session.account, path)?;
    request.answer_bytes_max = answer_bytes_max;
    let answer = session.read(request).await?;
    if let Some(wait) = quota::spent(&answer, session.now()) {
        session.closed_for(wait).await;
    }
    Ok(answer)
}

fn exhausted(session: &Session<'_>, answer: &Answer) -> bool {
    quota::spent(answer, session.now()).is_some()
}

fn has_error(answer: &Answer) -> bool {
    verdict(answer).is_some_and(|verdict| verdict.is_error())
}

fn verdict(answer: &Answer) -> Option<wire::Verdict> {
    serde_json::from_slice(&answer.body).ok()
}

/// What a 200 without an error inside holds. An error inside may be about the credentials: nothing says how those are
/// refused, so the account is asked about itself before the error counts against what was asked for.
async fn good<T: DeserializeOwned>(session: &Session<'_>, answer: &Answer) -> Result<T, Stop> {
    if answer.status != 200 {
        return Err(refused(session, answer));
    }
    if has_error(answer) {
        if !exhausted(session, answer) {
            whoami(session).await?;
        }
        return Err(refused(session, answer));
    }
    json(session, answer)
}

fn json<T: DeserializeOwned>(session: &Session<'_>, answer: &Answer) -> Result<T, Stop> {
    answer.json().map_err(|stop| if exhausted(session, answer) { refused(session, answer) } else { stop })
}

async fn whoami(session: &Session<'_>) -> Result<(), Stop> {
    companies(session, &get(session, WHO_AM_I, None).await?)
}

/// A spent quota explains any refusal: with which status calls beyond it are refused is not documented.
fn refused(session: &Session<'_>, answer: &Answer) -> Stop {
    let words = verdict(answer).map(|verdict| verdict.words()).unwrap_or_default();
    if let Some(wait) = quota::spent(answer, session.now()) {
        let told = answer.header("x-ratelimit-message").map_or_else(remark::quota_spent, Said::from);
        return Stop::RateLimited { retry_after: Some(wait), message: told };
    }
    if answer.status == 200 {
        return Stop::Fail(Failure::new(Code::ErrorInsideSuccess, Step::Look, Some(200), words));
    }
    answer.refusal(words)
}
