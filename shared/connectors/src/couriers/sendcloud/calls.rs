//! Conversations with Sendcloud. Reading only: nothing is written there.

use super::{map, wire};
use crate::account::Account;
use crate::contract::{PDF_BYTES_MAX, ParcelPage, Pdf};
use crate::http::{Answer, Request};
use crate::session::Session;
use crate::steps::{Steps, answered, knock};
use crate::stop::Stop;
use ::http::header;
use data_encoding::BASE64;
use domain::{CheckStep, Code, HoldReason, Parcel, Said, SkipReason, SourceHint, remark};
use jiff::Timestamp;
use serde_json::Value;

const METADATA: &str = "/api/v3/user/auth/metadata";

pub(super) async fn reach(session: &Session<'_>) -> Result<(), Stop> {
    knock(session, Request::get(session.account.url(METADATA)?)).await
}

pub(super) async fn check(session: &Session<'_>) -> Vec<CheckStep> {
    let mut steps = Steps::default();
    if !steps.order_field(session.account, &map::ORDER_FIELDS) {
        return steps.into_steps();
    }
    steps.passed("settings");
    let answer = match answered(get(session, METADATA).await) {
        Ok(answer) => answer,
        Err(stop) => {
            steps.stopped("reach", &stop);
            return steps.into_steps();
        }
    };
    steps.passed("reach");
    if let Err(stop) = good::<wire::Metadata>(&answer) {
        steps.stopped("credentials", &stop);
        return steps.into_steps();
    }
    steps.passed("credentials");
    if uses_v2(session) {
        let listed = match get(session, &updated_after(session.now())).await {
            Ok(answer) => good::<wire::Parcels>(&answer).map(|_| ()),
            Err(stop) => Err(stop),
        };
        if let Err(stop) = listed {
            steps.stopped("parcels", &stop);
            return steps.into_steps();
        }
        steps.passed("parcels");
    }
    steps.into_steps()
}

/// Reads what the parcel is now (v2, by its id) and how it got there (v3, by its number).
pub(super) async fn read_parcel(session: &Session<'_>, hint: &SourceHint) -> Result<Option<Parcel>, Stop> {
    let there = if uses_v2(session) { read_now(session, hint).await? } else { None };
    let number = map::number_of(hint, there.as_ref());
    let by_hand = is_by_hand(hint);
    let number = number.or_else(|| (by_hand && there.is_none()).then(|| hint.subject.id.clone()));
    let tracking = match &number {
        Some(number) => read_tracking(session, number).await?,
        None => None,
    };
    let returns = there.as_ref().and_then(|p| p.is_return) == Some(true)
        || tracking.as_ref().and_then(|t| t.details.is_return) == Some(true);
    if returns {
        let detail = Some(remark::return_parcel());
        return Err(Stop::Skip { reason: SkipReason::NotOurs, code: Code::NotCarried, detail });
    }
    if there.is_some() || tracking.is_some() {
        let hint = if by_hand { &known_by(hint, number) } else { hint };
        return map::parcel(session.account, hint, there.as_ref(), tracking.as_ref()).map(Some);
    }
    if hint.hints.contains_key(map::NUMBER) && !by_hand {
        // A signed webhook or a list named it: it exists, only its tracking does not yet.
        let detail = Some(remark::tracking_unknown("Sendcloud"));
        return Err(Stop::hold(HoldReason::DocumentNotReady, detail));
    }
    Ok(map::announced(session.account, hint))
}

/// A person may ask by number: then it stands where the id would, and nothing but it is known.
fn is_by_hand(hint: &SourceHint) -> bool {
    hint.hints.iter().all(|(name, value)| name == map::NUMBER && *value == hint.subject.id)
}

fn known_by(hint: &SourceHint, number: Option<String>) -> SourceHint {
    let hints = number.map(|n| (map::NUMBER.to_owned(), n)).into_iter().collect();
    SourceHint { subject: hint.subject.clone(), hints }
}

async fn read_now(session: &Session<'_>, hint: &SourceHint) -> Result<Option<wire::Parcel>, Stop> {
    let id = hint.subject.id.as_str();
    let is_id = !id.is_empty() && id.len() <= 18 && id.bytes().all(|b| b.is_ascii_digit());
    let mut found = None;
    if is_id {
        let answer = get(session, &format!("/api/v2/parcels/{id}")).await?;
        if answer.status != 404 {
            found = Some(good::<wire::OneParcel>(&answer)?.parcel);
        }
    }
    if found.is_none() && is_by_hand(hint) {
        let answer = get(session, &format!("/api/v2/parcels?tracking_number={}", Account::segment(id))).await?;
        let listed: wire::Parcels = good(&answer)?;
        found = listed.parcels.into_iter().find(|p| p.tracking_number.as_deref() == Some(id));
    }
    if let Some(parcel) = &found {
        session.hide(parcel.private());
    }
    Ok(found)
}

async fn read_tracking(session: &Session<'_>, number: &str) -> Result<Option<wire::Tracking>, Stop> {
    if number.bytes().all(|b| b == b'.') {
        return Ok(None); // Would lead to another address.
    }
    let answer = get(session, &format!("/api/v3/parcels/tracking/{}", Account::segment(number))).await?;
    if answer.status == 404 {
        return Ok(None);
    }
    let tracking: wire::Tracking = good(&answer)?;
    session.hide(tracking.to_address.iter().flat_map(wire::Address::private));
    Ok(Some(tracking))
}

pub(super) async fn changed(session: &Session<'_>, since: Timestamp, cursor: Option<&str>) -> Result<ParcelPage, Stop> {
    if !uses_v2(session) {
        return Ok(ParcelPage::default());
    }
    let mut path = updated_after(since);
    if let Some(cursor) = cursor {
        path = format!("{path}&cursor={}", Account::segment(cursor));
    }
    let listed: wire::Parcels = good(&get(session, &path).await?)?;
    let next = listed.next.as_deref().and_then(next_cursor).filter(|_| !listed.parcels.is_empty());
    let travelling = listed.parcels.iter().filter(|p| p.is_return != Some(true));
    let changed = travelling.map(|p| map::changed(session.account, p, since)).collect();
    Ok(ParcelPage { changed, next })
}

/// The vendor's own example writes its offset as figures.
fn updated_after(since: Timestamp) -> String {
    let since = format!("{}+00:00", since.strftime("%Y-%m-%dT%H:%M:%S"));
    format!("/api/v2/parcels?updated_after={}", Account::segment(&since))
}

/// The token itself, or the one inside an address.
fn next_cursor(next: &str) -> Option<String> {
    match next.split_once('?') {
        None => Some(next.to_owned()).filter(|n| !n.is_empty()),
        Some((_, query)) => {
            let mut pairs = url::form_urlencoded::parse(query.as_bytes());
            pairs.find(|(name, _)| name == "cursor").map(|(_, value)| value.into_owned())
        }
    }
}

pub(super) async fn read_label(session: &Session<'_>, parcel_id: &str) -> Result<Pdf, Stop> {
    let path = format!("/api/v3/parcels/{}/documents/label", Account::segment(parcel_id));
    let mut request = request(session.account, &path)?.header(header::ACCEPT, "application/pdf");
    request.answer_bytes_max = Some(PDF_BYTES_MAX);
    let answer = session.read(request).await?;
    match answer.status {
        200 if answer.body.starts_with(b"%PDF") => Ok(Pdf { bytes: answer.body }),
        // A label that the carrier made as ZPL stays ZPL, whatever was asked for.
        200 => Err(Stop::fail(Code::NotAPdf, Some(200), remark::label_other())),
        404 => Err(Stop::hold(HoldReason::DocumentNotReady, Some(remark::label_none()))),
        _ => Err(refused(&answer)),
    }
}

fn uses_v2(session: &Session<'_>) -> bool {
    session.account.setting("parcels_api") != Some("off")
}

fn request(account: &Account, path: &str) -> Result<Request, Stop> {
    let public = account.setting("public_key").unwrap_or_default();
    let basic = BASE64.encode(format!("{public}:{}", account.secrets.get("secret_key")).as_bytes());
    Ok(Request::get(account.url(path)?).secret_header(header::AUTHORIZATION, &format!("Basic {basic}")))
}

async fn get(session: &Session<'_>, path: &str) -> Result<Answer, Stop> {
    session.read(request(session.account, path)?.header(header::ACCEPT, "application/json")).await
}

fn good<T: serde::de::DeserializeOwned>(answer: &Answer) -> Result<T, Stop> {
    if answer.status == 200 { answer.json() } else { Err(refused(answer)) }
}

fn refused(answer: &Answer) -> Stop {
    answer.refusal(words(answer))
}

/// The vendor's words in its shapes: `errors[].detail` (v3), `detail` (tracking), `error.message` (v2).
fn words(answer: &Answer) -> Said {
    let Ok(body) = serde_json::from_slice::<Value>(&answer.body) else { return answer.excerpt() };
    let of = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let list = |key: &str, inner: &str| -> Vec<String> {
        body.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(|v| of(v, inner)).collect()
    };
    let mut said = list("errors", "detail");
    said.extend(list("detail", "msg"));
    said.extend(of(&body, "detail"));
    said.extend(body.get("error").and_then(|e| of(e, "message")));
    said.join("; ").into()
}
