//! Conversations with Fakturoid. Documents are only read there.

use super::{map, oauth, wire};
use crate::account::Account;
use crate::contract::{DocumentPage, PDF_BYTES_MAX, Pdf};
use crate::http::{Answer, Request};
use crate::session::Session;
use crate::steps::{Steps, answered, knock};
use crate::stop::{Failure, Stop};
use ::http::{Method, header};
use data_encoding::BASE64;
use domain::{CheckStep, Code, Document, DocumentKind, HoldReason, Said, Step, remark};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// Any answer will do; without a token it is a 401.
pub(super) async fn reach(session: &Session<'_>) -> Result<(), Stop> {
    knock(session, request(session.account, Method::GET, "/api/v3/user.json")?).await
}

pub(super) async fn check(session: &Session<'_>) -> Vec<CheckStep> {
    let mut steps = Steps::default();
    if !steps.order_field(session.account, &map::ORDER_FIELDS) {
        return steps.into_steps();
    }
    if !session.account.setting("contact_email").is_some_and(|mail| mail.contains('@') && mail.is_ascii()) {
        steps.failed("settings", Code::SettingInvalid, remark::setting_no_email("contact_email"));
        return steps.into_steps();
    }
    steps.passed("settings");
    let result = check_steps(session, &mut steps).await;
    steps.ended(result)
}

async fn check_steps(session: &Session<'_>, steps: &mut Steps) -> Result<(), Box<(&'static str, Stop)>> {
    let at = |name: &'static str| move |stop| Box::new((name, stop));
    // What a person has just typed in must be tried, not what an earlier credential was given.
    session.tokens().forget(token_key(session));
    if oauth::applies(session.account) {
        token(session, None).await.map_err(|stop| match stop {
            Stop::Credentials(_) => at("credentials")(stop),
            stop => at("reach")(stop),
        })?;
        steps.passed("reach");
    } else {
        let answer = answered(ask_for_token(session).await).map_err(at("reach"))?;
        steps.passed("reach");
        keep_token(session, &answer).map_err(at("credentials"))?;
    }
    let answer = get(session, "/api/v3/user.json", None).await.map_err(at("credentials"))?;
    let user: wire::User = good(&answer).map_err(at("credentials"))?;
    steps.passed("credentials");
    let Some(account) = user.accounts.iter().find(|a| a.slug == slug(session.account)) else {
        return Err(at("account")(unknown_slug()));
    };
    steps.passed("account");
    if account.allowed_scope.as_ref().is_some_and(|scopes| !scopes.iter().any(|s| s == "invoices")) {
        let message = remark::invoices_closed();
        let failure = Failure::new(Code::PermissionMissing, Step::Look, None, message);
        return Err(at("permission")(Stop::Credentials(failure)));
    }
    let answer = get(session, &below(session.account, "invoices.json?page=1"), None).await.map_err(at("permission"))?;
    good::<Vec<serde::de::IgnoredAny>>(&answer).map_err(at("permission"))?;
    steps.passed("permission");
    Ok(())
}

pub(super) async fn read_document(session: &Session<'_>, id: &str) -> Result<Option<Document>, Stop> {
    let path = below(session.account, &format!("invoices/{}.json", Account::segment(id)));
    let answer = get(session, &path, None).await?;
    if answer.status == 404 {
        return gone(session).await.map(|()| None);
    }
    let document = map::document(session.account, good(&answer)?)?;
    session.hide(document.private.iter().cloned());
    Ok(Some(document))
}

/// Also a wrong slug answers 404: a document is gone only if the account itself is still there.
async fn gone(session: &Session<'_>) -> Result<(), Stop> {
    let user: wire::User = good(&get(session, "/api/v3/user.json", None).await?)?;
    if user.accounts.iter().any(|a| a.slug == slug(session.account)) { Ok(()) } else { Err(unknown_slug()) }
}

pub(super) async fn find_document(session: &Session<'_>, number: &str) -> Result<Option<Document>, Stop> {
    let path = below(session.account, &format!("invoices.json?number={}", Account::segment(number)));
    let answer = get(session, &path, None).await?;
    let found: Vec<wire::Invoice> = good(&answer)?;
    let mut documents = vec![];
    for invoice in found.into_iter().filter(|i| i.quotes.number.as_deref() == Some(number)) {
        let document = map::document(session.account, invoice)?;
        session.hide(document.private.iter().cloned());
        documents.push(document);
    }
    // Proformas may have a number series of their own that meets an invoice's number.
    documents.sort_by_key(|d| (d.kind == DocumentKind::Proforma, std::cmp::Reverse(d.version_at)));
    Ok(documents.into_iter().next())
}

pub(super) async fn changed(
    session: &Session<'_>,
    since: Timestamp,
    cursor: Option<&str>,
) -> Result<DocumentPage, Stop> {
    let page: u32 = cursor.and_then(|c| c.parse().ok()).unwrap_or(1);
    // Whole seconds, downwards: nothing changed in that second is missed.
    let since = Timestamp::from_second(since.as_second()).unwrap_or(since).to_string();
    let path = format!("invoices.json?updated_since={}&page={page}", Account::segment(&since));
    let answer = get(session, &below(session.account, &path), None).await?;
    let listed: Vec<wire::Listed> = good(&answer)?;
    // Neither links nor totals since v3: the end is an empty page.
    let next = (!listed.is_empty()).then(|| page.saturating_add(1).to_string());
    let changed = listed.into_iter().map(|l| map::changed(session.account, l)).collect::<Result<_, _>>()?;
    Ok(DocumentPage { changed, next })
}

pub(super) async fn read_pdf(session: &Session<'_>, id: &str) -> Result<Pdf, Stop> {
    let path = below(session.account, &format!("invoices/{}/download.pdf", Account::segment(id)));
    let answer = get(session, &path, Some(PDF_BYTES_MAX)).await?;
    match answer.status {
        200 if answer.body.starts_with(b"%PDF") => Ok(Pdf { bytes: answer.body }),
        200 => Err(Stop::fail(Code::NotAPdf, Some(200), remark::pdf_other())),
        204 => Err(Stop::hold(HoldReason::DocumentNotReady, Some(remark::pdf_in_making("Fakturoid")))),
        _ => Err(refused(&answer)),
    }
}

fn slug(account: &Account) -> &str {
    account.setting("slug").unwrap_or_default()
}

pub(super) fn below(account: &Account, path: &str) -> String {
    format!("/api/v3/accounts/{}/{path}", Account::segment(slug(account)))
}

/// Every call names the program and a person; without that it is refused (API v3, introduction).
fn request(account: &Account, method: Method, path: &str) -> Result<Request, Stop> {
    let contact = account.setting("contact_email").unwrap_or_default();
    let request = Request::new(method, account.url(path)?);
    Ok(request.header(header::USER_AGENT, &format!("Backhaul ({contact})")))
}

fn token_key<'a>(session: &'a Session<'_>) -> &'a str {
    session.account.connection.id.as_str()
}

/// The client of the connection asks for tokens.
pub(super) async fn grant(session: &Session<'_>, grant: &Value) -> Result<Answer, Stop> {
    let account = session.account;
    let id = account.setting("client_id").unwrap_or_default();
    let basic = BASE64.encode(format!("{id}:{}", account.secrets.get("client_secret")).as_bytes());
    let request = request(account, Method::POST, "/api/v3/oauth/token")?
        .header(header::ACCEPT, "application/json")
        .secret_header(header::AUTHORIZATION, &format!("Basic {basic}"))
        .json(grant);
    session.read(request).await
}

/// The tokens in an answer, if it holds some.
pub(super) fn granted(answer: &Answer) -> Result<wire::Token, Stop> {
    if matches!(answer.status, 400 | 401) {
        // OAuth names a wrong client in either, and a code or token that is no longer good in the first.
        let failure = Failure::new(Code::CredentialsRefused, Step::Look, Some(answer.status), words(answer));
        return Err(Stop::Credentials(failure));
    }
    good(answer)
}

/// Client credentials, for an account of one's own (API v3, authorization).
async fn ask_for_token(session: &Session<'_>) -> Result<Answer, Stop> {
    grant(session, &json!({"grant_type": "client_credentials"})).await
}

fn keep_token(session: &Session<'_>, answer: &Answer) -> Result<String, Stop> {
    let token = granted(answer)?;
    let until = session.now() + SignedDuration::from_secs(i64::from(token.expires_in));
    session.tokens().put(token_key(session), token.access_token.clone(), until);
    Ok(token.access_token)
}

/// A token that is not the one that was refused.
async fn token(session: &Session<'_>, refused: Option<&str>) -> Result<String, Stop> {
    if oauth::applies(session.account) {
        return session.access_token(refused).await;
    }
    match session.tokens().get(token_key(session), session.now()) {
        Some(token) => Ok(token),
        None => keep_token(session, &ask_for_token(session).await?),
    }
}

fn authorized(session: &Session<'_>, method: Method, path: &str, token: &str) -> Result<Request, Stop> {
    let request = request(session.account, method, path)?.header(header::CONTENT_TYPE, "application/json");
    Ok(request.secret_header(header::AUTHORIZATION, &format!("Bearer {token}")))
}

/// Changes what Fakturoid calls us for. It follows a look, whose token is fresh.
pub(super) async fn send(
    session: &Session<'_>,
    method: Method,
    path: &str,
    body: Option<&Value>,
) -> Result<Answer, Stop> {
    let request = authorized(session, method, path, &token(session, None).await?)?;
    session
        .arrange(match body {
            Some(body) => request.json(body),
            None => request,
        })
        .await
}

/// Reads with a token; a token that is refused before its time is asked for once more.
pub(super) async fn get(session: &Session<'_>, path: &str, answer_bytes_max: Option<usize>) -> Result<Answer, Stop> {
    let with = |token: &str| -> Result<Request, Stop> {
        let mut request = authorized(session, Method::GET, path, token)?;
        request.answer_bytes_max = answer_bytes_max;
        Ok(request)
    };
    let first = token(session, None).await?;
    let answer = session.read(with(&first)?).await?;
    if answer.status != 401 {
        return Ok(answer);
    }
    session.tokens().forget(token_key(session));
    session.read(with(&token(session, Some(&first)).await?)?).await
}

pub(super) fn good<T: serde::de::DeserializeOwned>(answer: &Answer) -> Result<T, Stop> {
    if answer.status == 200 { answer.json() } else { Err(refused(answer)) }
}

fn unknown_slug() -> Stop {
    let message = remark::slug_unknown();
    Stop::Credentials(Failure::new(Code::SettingInvalid, Step::Look, None, message))
}

pub(super) fn refused(answer: &Answer) -> Stop {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if answer.status == 403 && body.get("error").and_then(Value::as_str) == Some("quota_exhausted") {
        let failure = Failure::new(Code::SubscriptionInactive, Step::Look, Some(403), words(answer));
        return Stop::Credentials(failure);
    }
    match answer.refusal(words(answer)) {
        Stop::RateLimited { retry_after: None, message } => Stop::RateLimited { retry_after: window(answer), message },
        stop => stop,
    }
}

/// `X-RateLimit: default;r=0;t=55`: seconds until the window of 400 calls begins anew.
fn window(answer: &Answer) -> Option<SignedDuration> {
    let seconds = answer.header("x-ratelimit")?.split(';').find_map(|part| part.trim().strip_prefix("t="))?;
    seconds.parse::<u32>().ok().map(|s| SignedDuration::from_secs(i64::from(s)))
}

/// The vendor's words in its three shapes: `error` with `error_description`, `errors` by field, `status`.
fn words(answer: &Answer) -> Said {
    let Ok(body) = serde_json::from_slice::<Value>(&answer.body) else { return answer.excerpt() };
    if let Some(fields) = body.get("errors").and_then(Value::as_object) {
        let said = fields.iter().map(|(field, errors)| {
            let errors: Vec<&str> = errors.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            format!("{field}: {}", errors.join(", "))
        });
        return said.collect::<Vec<_>>().join("; ").into();
    }
    let said: Vec<&str> =
        ["error", "error_description", "status"].iter().filter_map(|key| body.get(*key)?.as_str()).collect();
    said.join(": ").into()
}
