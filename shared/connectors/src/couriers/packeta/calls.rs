//! Conversations with Packeta. Reading only: nothing is written there.

use super::wire::{CourierNumber, Fault, Record, Response};
use super::{map, wire};
use crate::contract::{Before, PDF_BYTES_MAX, Pdf};
use crate::http::{Answer, Request};
use crate::session::Session;
use crate::steps::{Steps, knock};
use crate::stop::{Failure, Stop};
use crate::xml::Element;
use ::http::{Method, header};
use data_encoding::BASE64;
use domain::{CheckStep, Code, HoldReason, Parcel, SourceHint, Step, remark};

/// An id that no packet has: the vendor has no call for a check of the password alone.
const NOBODY: &str = "1";
const NO_SUCH_PACKET: &str = "PacketIdFault";
/// The packet is with no carrier but Packeta.
const NO_CARRIER: &str = "NotSupportedFault";
/// What a PDF is as text, and the document around it.
const LABEL_BYTES_MAX: usize = PDF_BYTES_MAX / 3 * 4 + 64 * 1024;

/// What a fault means where the call was needed.
struct Refused {
    fault: Fault,
    stop: Stop,
}

impl Refused {
    fn is(&self, name: &str) -> bool {
        self.fault.name == name
    }
}

pub(super) async fn reach(session: &Session<'_>) -> Result<(), Stop> {
    knock(session, request(session, "packetStatus", &[("packetId", NOBODY)])?).await
}

pub(super) async fn check(session: &Session<'_>) -> Vec<CheckStep> {
    let mut steps = Steps::default();
    let answer = match request(session, "packetStatus", &[("packetId", NOBODY)]) {
        Ok(request) => session.read(request).await,
        Err(stop) => Err(stop),
    };
    // What no vendor has said is no answer of one.
    let answer = answer.and_then(|answer| match answer.status {
        502..=504 if understood(&answer).is_none() => Err(answer.refusal("")),
        _ => Ok(answer),
    });
    let answer = match answer {
        Ok(answer) => answer,
        Err(stop) => {
            steps.stopped("reach", &stop);
            return steps.into_steps();
        }
    };
    steps.passed("reach");
    match judged(&answer) {
        Ok(Ok(_)) => steps.passed("credentials"),
        Ok(Err(refused)) if refused.is(NO_SUCH_PACKET) => steps.passed("credentials"),
        Ok(Err(Refused { stop, .. })) | Err(stop) => steps.stopped("credentials", &stop),
    }
    steps.into_steps()
}

/// Reads what the packet is now, how it got there, and the number of the carrier behind Packeta once it has one.
pub(super) async fn read_parcel(
    session: &Session<'_>,
    hint: &SourceHint,
    before: Before<'_>,
) -> Result<Option<Parcel>, Stop> {
    let Some(id) = map::packet_id(&hint.subject.id) else { return Ok(None) };
    let asked = [("packetId", id.as_str())];
    let now = match call(session, "packetStatus", &asked).await? {
        Ok(result) => Record::of(&result)?,
        Err(refused) if refused.is(NO_SUCH_PACKET) => return Ok(None),
        Err(refused) => return Err(refused.stop),
    };
    // Before anything has happened there is no history.
    let history = if now.code == 1 { None } else { told(session, "packetTracking", &asked).await? };
    let history = history.as_ref().map(Record::all).unwrap_or_default();
    let courier = if !before.rests && map::with_a_carrier(&now, &history) {
        told(session, "packetCourierNumberV2", &asked).await?.as_ref().and_then(CourierNumber::of)
    } else {
        None
    };
    let known = before.order.is_some() || before.parcel.is_some_and(|parcel| parcel.order_reference.is_some());
    let order = if known { None } else { told(session, "packetInfo", &asked).await? };
    let order = order.as_ref().and_then(|info| info.text_of("number")).map(str::to_owned);
    let told = map::Told { id: &id, now: &now, history: &history, courier, order, read_at: session.now() };
    Ok(Some(map::parcel(session.account, told, before)))
}

/// A carrier's packet goes under that carrier's label, which there is once there is its number.
pub(super) async fn read_label(session: &Session<'_>, parcel_id: &str) -> Result<Pdf, Stop> {
    let not_ready = |why| Err(Stop::hold(HoldReason::DocumentNotReady, Some(why)));
    let Some(id) = map::packet_id(parcel_id) else { return not_ready(remark::packet_unknown("Packeta")) };
    let asked = [("packetId", id.as_str())];
    let number = match call(session, "packetCourierNumberV2", &asked).await? {
        Ok(result) => CourierNumber::of(&result).map(|courier| courier.number),
        Err(refused) if refused.is(NO_SUCH_PACKET) => return not_ready(remark::packet_unknown("Packeta")),
        Err(refused) if refused.is(NO_CARRIER) => return own_label(session, &id).await,
        Err(_) => None,
    };
    if let Some(number) = number {
        let asked = [asked[0], ("courierNumber", number.as_str())];
        return pdf(call_with(session, "packetCourierLabelPdf", &asked, LABEL_BYTES_MAX).await?);
    }
    let now = match call(session, "packetStatus", &asked).await? {
        Ok(result) => Record::of(&result)?,
        Err(refused) => return Err(refused.stop),
    };
    if now.carrier.is_some() || map::with_a_carrier(&now, &[]) {
        return not_ready(remark::label_without_number());
    }
    own_label(session, &id).await
}

async fn own_label(session: &Session<'_>, id: &str) -> Result<Pdf, Stop> {
    let format = session.account.setting("label_format").unwrap_or("A6 on A4");
    let asked = [("packetId", id), ("format", format), ("offset", "0")];
    pdf(call_with(session, "packetLabelPdf", &asked, LABEL_BYTES_MAX).await?)
}

fn pdf(answer: Result<Element, Refused>) -> Result<Pdf, Stop> {
    let result = answer.map_err(|refused| refused.stop)?;
    let joined: String = result.text.split_ascii_whitespace().collect();
    let bytes = BASE64.decode(joined.as_bytes()).unwrap_or_default();
    if bytes.starts_with(b"%PDF") && bytes.len() <= PDF_BYTES_MAX {
        return Ok(Pdf { bytes: bytes.into() });
    }
    Err(Stop::fail(Code::NotAPdf, Some(200), remark::label_undecoded()))
}

/// A call without which a packet is still known: whatever it is refused for is nothing told. No answer at all, a refused
/// password and a call for patience are what they are everywhere.
async fn told(session: &Session<'_>, method: &str, fields: &[(&str, &str)]) -> Result<Option<Element>, Stop> {
    match call(session, method, fields).await {
        Ok(answer) => Ok(answer.ok()),
        Err(Stop::Fail(failure)) if !failure.outage => Ok(None),
        Err(stop) => Err(stop),
    }
}

async fn call(session: &Session<'_>, method: &str, fields: &[(&str, &str)]) -> Result<Result<Element, Refused>, Stop> {
    judged(&session.read(request(session, method, fields)?).await?)
}

async fn call_with(
    session: &Session<'_>,
    method: &str,
    fields: &[(&str, &str)],
    limit: usize,
) -> Result<Result<Element, Refused>, Stop> {
    let mut request = request(session, method, fields)?;
    request.answer_bytes_max = Some(limit);
    judged(&session.read(request).await?)
}

fn request(session: &Session<'_>, method: &str, fields: &[(&str, &str)]) -> Result<Request, Stop> {
    let account = session.account;
    let body = wire::request(method, account.secrets.get("api_password"), fields);
    let request = Request::new(Method::POST, account.url("/api/rest")?);
    Ok(request.header(header::ACCEPT, "text/xml").body("text/xml; charset=utf-8", body))
}

fn understood(answer: &Answer) -> Option<Response> {
    answer.xml().ok().as_ref().and_then(Response::of)
}

/// What an answer means: by its body wherever that is the vendor's, whatever the status is.
fn judged(answer: &Answer) -> Result<Result<Element, Refused>, Stop> {
    match understood(answer) {
        Some(Response::Ok(result)) => result.map(Ok).ok_or_else(|| nonsense(answer)),
        Some(Response::Fault(fault)) if fault.name == "IncorrectApiPasswordFault" => {
            let failure = Failure::new(Code::CredentialsRefused, Step::Look, Some(answer.status), fault.words);
            Err(Stop::Credentials(failure))
        }
        Some(Response::Fault(fault)) => {
            let words = fault.words.clone();
            let stop = match answer.status {
                200..=299 => Stop::fail(Code::ErrorInsideSuccess, Some(answer.status), words),
                401..=403 => Stop::fail(Code::VendorRefused, Some(answer.status), words),
                _ => answer.refusal(words),
            };
            match stop {
                // It asks for patience, or it is the word of something before the vendor.
                Stop::RateLimited { .. } => Err(stop),
                stop => Ok(Err(Refused { fault, stop })),
            }
        }
        None if (200..=299).contains(&answer.status) => answer.xml().and_then(|_| Err(nonsense(answer))),
        None => Err(answer.refusal("")),
    }
}

fn nonsense(answer: &Answer) -> Stop {
    Stop::fail(Code::VendorNonsense, Some(answer.status), remark::answer_unexpected("response"))
}
