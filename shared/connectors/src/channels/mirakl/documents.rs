//! Invoices and credit notes: OR72, OR74, OR76.
//!
//! ```text
//! OR72 ── ours is there ───────────────► (outdated ones deleted) ► delivered
//!   └─ not there ► OR11, preflight, PDF ► OR76 per outdated one ► OR74 ► OR72 ► delivered
//! ```
//! A crash after OR76 leaves no document: the next run uploads. A crash after OR74 leaves ours: the next run finds it.
//! Deleting comes first because file names must differ, and what a second file of one name does is not documented.

use super::{calls, map, wire};
use crate::account::Account;
use crate::channels::{misplanned, not_confirmed, setting, was_ours};
use crate::contract::{Delivered, Pdf, Sibling, Target, Task};
use crate::session::Session;
use crate::stop::Stop;
use async_trait::async_trait;
use bytes::Bytes;
use data_encoding::HEXLOWER;
use domain::{
    AdoptRule, Code, Document, DocumentKind, HoldReason, Mappings, Operation, OrderState, SkipReason, State, Step,
    remark,
};
use http::Method;
use ring::digest::{SHA256, digest};

/// OR74: an order can have this many documents.
const DOCUMENTS_MAX: usize = 50;

/// Uploads a document under the marketplace's type for its kind.
pub(super) struct Upload;

/// The setting that names the type of a kind of document.
pub(super) const fn type_setting(kind: DocumentKind) -> Option<&'static str> {
    match kind {
        DocumentKind::Invoice => Some("invoice_type_code"),
        DocumentKind::CreditNote => Some("credit_note_type_code"),
        DocumentKind::Proforma => None,
    }
}

/// The marketplace's type for a kind of document: by the mappings, else by the setting.
pub(super) fn type_code(account: &Account, mappings: &Mappings, kind: DocumentKind) -> Option<String> {
    let mapped = mappings.document_type(kind).map(str::to_owned);
    mapped.or_else(|| setting(account, type_setting(kind)?))
}

/// What is to be there in the end.
struct Wanted<'a> {
    order_id: &'a str,
    document: &'a Document,
    name: String,
    type_code: String,
}

#[async_trait]
impl Target for Upload {
    async fn deliver(&self, session: &Session<'_>, task: &Task<'_>) -> Result<Delivered, Stop> {
        let document = task.document.ok_or_else(|| misplanned("document"))?;
        let Some(type_code) = type_code(session.account, task.mappings, document.kind) else {
            return Err(Stop::Skip {
                reason: SkipReason::Unsupported,
                code: Code::Unsupported,
                detail: Some(remark::type_unnamed(document.kind.as_str())),
            });
        };
        let name = map::file_name(&document.number);
        let wanted = Wanted { order_id: &task.order.remote_id, document, name, type_code };
        let shelf = look(session, task, &wanted).await?;
        if let Some(found) = &shelf.ours {
            delete(session, task, &shelf.outdated).await?;
            let own = task.files.pdf().await.ok().filter(|pdf| same_size(pdf, found));
            return Ok(delivered(&wanted, found, own.as_ref()));
        }
        order_allows(session, task, wanted.order_id).await?;
        session.step(Step::Preflight);
        after_its_invoice(&shelf, task)?;
        preflight(&shelf, task, &wanted)?;
        let pdf = task.files.pdf().await?;
        delete(session, task, &shelf.outdated).await?;
        upload(session, task, &wanted, &pdf).await?;
        let shelf = look(session, task, &wanted).await?;
        let found = shelf.ours.ok_or_else(|| not_confirmed(remark::unproven_document()))?;
        session.done();
        Ok(delivered(&wanted, &found, Some(&pdf)))
    }
}

async fn look(session: &Session<'_>, task: &Task<'_>, wanted: &Wanted<'_>) -> Result<map::Shelf, Stop> {
    let documents = calls::documents(session, wanted.order_id).await?;
    Ok(map::shelf(&documents, &wanted.name, &wanted.type_code, task))
}

/// A document waits for the marketplace to have a valid order, and none goes to a cancelled one. An order that was seen
/// shipped can become neither again, so it is not read once more.
async fn order_allows(session: &Session<'_>, task: &Task<'_>, order_id: &str) -> Result<(), Stop> {
    if matches!(task.order.state, OrderState::Shipped | OrderState::Closed) {
        return Ok(());
    }
    let order = calls::order_again(session, order_id).await?;
    match map::stage(&order.order_state) {
        map::Stage::Shipping | map::Stage::Shipped => Ok(()),
        map::Stage::Waiting => {
            Err(Stop::hold(HoldReason::Predecessor, Some(remark::order_not_accepted(order.order_state))))
        }
        // What takes an invoice back that stands there is wanted all the more.
        map::Stage::Cancelled if follows_its_invoice(task) => Ok(()),
        map::Stage::Cancelled => Err(Stop::skip(SkipReason::OrderCancelled, Code::OrderCancelled)),
    }
}

/// A credit note whose invoice has arrived, or will be looked for.
fn follows_its_invoice(task: &Task<'_>) -> bool {
    let arrived = |s: &Sibling| s.operation == Operation::SendInvoice && s.state == State::Delivered;
    task.operation == Operation::SendCreditNote && (task.after.is_some() || task.siblings.iter().any(arrived))
}

/// Where no record of ours proves it, a file with the invoice's number must lie there.
fn after_its_invoice(shelf: &map::Shelf, task: &Task<'_>) -> Result<(), Stop> {
    match task.after {
        Some(number) if !shelf.names.contains(&map::file_name(number).to_ascii_lowercase()) => {
            let detail = remark::invoice_file_missing(number);
            Err(Stop::hold(HoldReason::Predecessor, Some(detail)))
        }
        _ => Ok(()),
    }
}

/// What the vendor's rules forbid, and what the merchant's rule holds back.
fn preflight(shelf: &map::Shelf, task: &Task<'_>, wanted: &Wanted<'_>) -> Result<(), Stop> {
    let hold = |reason, detail| Err(Stop::hold(reason, Some(detail)));
    if wanted.document.number.trim().is_empty() {
        return hold(HoldReason::Preflight, remark::number_for_file());
    }
    if let Some(other) = &shelf.name_taken_by {
        let detail = remark::file_name_taken(&other.file_name, &other.type_code, other.id);
        return hold(HoldReason::Preflight, detail);
    }
    if shelf.count - shelf.outdated.len().min(shelf.count) >= DOCUMENTS_MAX {
        return hold(HoldReason::Preflight, remark::files_too_many(shelf.count));
    }
    let rule = task.rules.if_target_has_one.unwrap_or(AdoptRule::Hold);
    if let Some(stranger) = &shelf.stranger
        && rule != AdoptRule::SendAnyway
        && !task.overrides.send_anyway
    {
        // Mirakl shows neither total nor currency of a document, so none can be taken for ours.
        let detail = remark::file_other(&stranger.file_name, &stranger.type_code, stranger.id);
        return hold(HoldReason::TargetHasOther, detail);
    }
    Ok(())
}

/// OR76 for earlier revisions. Gone already is as good.
async fn delete(session: &Session<'_>, task: &Task<'_>, outdated: &[wire::Document]) -> Result<(), Stop> {
    for document in outdated.iter().filter(|document| was_ours(task, &document.id.to_string())) {
        let path = format!("/api/orders/documents/{}", document.id);
        let request = calls::request(session.account, Method::DELETE, &path, &[])?;
        let permit = task.gate.absent().await?;
        let answer = session.write(&permit, request).await?;
        match answer.status {
            200..=299 | 404 => session.done(),
            _ => return Err(calls::refused(&answer)),
        }
    }
    Ok(())
}

/// OR74.
async fn upload(session: &Session<'_>, task: &Task<'_>, wanted: &Wanted<'_>, pdf: &Pdf) -> Result<(), Stop> {
    let path = calls::order_path(wanted.order_id, "documents");
    let (content_type, body) = multipart(session.random(), wanted, pdf);
    let request = calls::request(session.account, Method::POST, &path, &[])?.body(&content_type, body);
    let permit = task.gate.absent().await?;
    let answer = session.write(&permit, request).await?;
    match answer.status {
        200 => {}
        201..=299 => return Ok(()),
        404 => {
            session.not_done();
            return Err(calls::refused(&answer));
        }
        _ => return Err(calls::refused(&answer)),
    }
    let told: wire::Uploaded = answer.json()?;
    match map::upload_verdict(&told, &wanted.name) {
        map::UploadVerdict::Taken => Ok(()),
        map::UploadVerdict::Refused(words) => {
            session.not_done();
            Err(Stop::fail(Code::ErrorInsideSuccess, Some(200), words))
        }
        map::UploadVerdict::Unclear(words) => Err(Stop::fail(Code::ErrorInsideSuccess, Some(200), words)),
    }
}

/// The body of OR74: the file, and a JSON part that says what it is.
fn multipart(random: [u8; 16], wanted: &Wanted<'_>, pdf: &Pdf) -> (String, Bytes) {
    let boundary = format!("backhaul-{}", HEXLOWER.encode(&random));
    let described = wire::UploadRequest {
        order_documents: [wire::UploadInput { file_name: &wanted.name, type_code: &wanted.type_code }],
    };
    let described = serde_json::to_vec(&described).unwrap_or_default();
    let mut body = Vec::with_capacity(pdf.bytes.len() + described.len() + 512);
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{}\"\r\n\
         Content-Type: application/pdf\r\n\r\n",
        wanted.name
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(&pdf.bytes);
    let middle = format!(
        "\r\n--{boundary}\r\nContent-Disposition: form-data; name=\"order_documents\"\r\n\
         Content-Type: application/json\r\n\r\n"
    );
    body.extend_from_slice(middle.as_bytes());
    body.extend_from_slice(&described);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), body.into())
}

fn same_size(pdf: &Pdf, found: &wire::Document) -> bool {
    found.file_size.is_some() && found.file_size == u64::try_from(pdf.bytes.len()).ok()
}

/// The proof: what OR72 shows, and the hash of the bytes that were sent; of a file that was found there, the hash of ours
/// where it has the same size.
fn delivered(wanted: &Wanted<'_>, found: &wire::Document, pdf: Option<&Pdf>) -> Delivered {
    let hash = pdf.map(|pdf| HEXLOWER.encode(digest(&SHA256, &pdf.bytes).as_ref()));
    Delivered {
        remote_id: found.id.to_string(),
        number: Some(wanted.document.number.clone()),
        proof: serde_json::json!({
            "order_id": wanted.order_id,
            "file_name": found.file_name,
            "type_code": found.type_code,
            "file_size": found.file_size,
            "date_uploaded": found.date_uploaded,
            "sha256": hash,
        }),
    }
}
