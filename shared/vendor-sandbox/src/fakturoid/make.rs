//! Documents made and changed through the control calls.

use serde_json::{Value, json};

use super::{Document, Fakturoid, money};
use crate::books::{Books, DocumentChange, Kept, NewDocument};
use crate::clock::{self, Millis};
use crate::order::Line;
use crate::world::Tx;

const STATUSES: &[&str] = &["open", "sent", "overdue", "paid", "cancelled", "uncollectible"];

fn kind(wanted: &str) -> Result<&'static str, String> {
    Ok(match wanted {
        "invoice" => "invoice",
        "proforma" => "proforma",
        "correction" | "credit_note" => "correction",
        "tax_document" => "tax_document",
        "final_invoice" => "final_invoice",
        "partial_proforma" => "partial_proforma",
        other => return Err(format!("unknown document type {other}")),
    })
}

fn status(wanted: &str) -> Result<&str, String> {
    if STATUSES.contains(&wanted) {
        return Ok(wanted);
    }
    Err(format!("unknown status {wanted}; one of {STATUSES:?}"))
}

impl Books for Fakturoid {
    fn check(&self, wish: &NewDocument) -> Result<(), String> {
        kind(wish.r#type.as_deref().unwrap_or("invoice"))?;
        status(wish.status.as_deref().unwrap_or("open"))?;
        Ok(())
    }

    fn make(
        &mut self,
        wish: NewDocument,
        reference: Option<&str>,
        lines: &[Line],
        currency: &str,
        tx: &mut Tx,
    ) -> Result<Value, String> {
        self.make_document(wish, reference, lines, currency, tx).map(|document| made(&document))
    }

    fn change(&mut self, id: &str, change: DocumentChange, tx: &mut Tx) -> Result<Option<Value>, String> {
        Ok(self.change_document(id, change, tx)?.as_ref().map(made))
    }

    fn show(&self, id: &str) -> Option<Value> {
        self.document(id).map(made)
    }
}

/// What the control calls answer about a document.
fn made(document: &Document) -> Value {
    json!({
        "id": document.id.to_string(), "number": document.number,
        "type": document.document_type, "status": document.status, "order_number": document.order_number,
        "currency": document.currency, "pdf_sha256": crate::pdf::sha256(&document.pdf()), "total": money(document.total()),
        "updated_at": clock::with_offset(document.updated_at),
    })
}

impl Fakturoid {
    /// Rises with every change, so that `updated_since` sees each.
    fn change_time(&mut self, now: Millis) -> Millis {
        self.last_change = now.max(self.last_change + 1);
        self.last_change
    }

    fn make_document(
        &mut self,
        wish: NewDocument,
        reference: Option<&str>,
        lines: &[Line],
        currency: &str,
        tx: &mut Tx,
    ) -> Result<Document, String> {
        let document_type = kind(wish.r#type.as_deref().unwrap_or("invoice"))?.to_owned();
        let wanted_status = status(wish.status.as_deref().unwrap_or("open"))?.to_owned();
        let id = match wish.id {
            Some(id) => id.parse::<u64>().map_err(|_| "a document's id is a number".to_owned())?,
            None => self.last_id + 1,
        };
        if self.documents.contains_key(&id) {
            return Err(format!("document {id} exists"));
        }
        let correction_id = wish.correction_id.map(|id| id.parse::<u64>()).transpose();
        let correction_id = correction_id.map_err(|_| "correction_id is a number".to_owned())?;
        let number = wish.number.unwrap_or_else(|| self.next_number(tx));
        let at = self.change_time(tx.now);
        let mut document = Document {
            id,
            document_type,
            number,
            status: String::new(),
            order_number: wish.order_number.unwrap_or_else(|| reference.map(str::to_owned)),
            custom_id: wish.custom_id,
            correction_id,
            related_id: None,
            currency: wish.currency.unwrap_or_else(|| currency.to_owned()),
            lines: wish.lines.unwrap_or_else(|| lines.to_vec()),
            tags: wish.tags,
            note: wish.note,
            pdf_ready_after: wish.pdf_ready_after,
            pdf_asked: 0,
            created_at: at,
            updated_at: at,
            sent_at: None,
            paid_at: None,
            cancelled_at: None,
        };
        document.set_status(&wanted_status, at);
        self.last_id = self.last_id.max(id);
        tx.put("last_id", "", &self.last_id);
        self.link_correction(&document, tx);
        tx.put("document", id, &document);
        self.documents.insert(id, document.clone());
        Ok(document)
    }

    /// The vendor links an invoice and its correction both ways.
    fn link_correction(&mut self, correction: &Document, tx: &mut Tx) {
        if let Some(invoice) = correction.correction_id.and_then(|id| self.documents.get_mut(&id)) {
            invoice.correction_id = Some(correction.id);
            tx.put("document", invoice.id, invoice);
        }
    }

    fn next_number(&mut self, tx: &mut Tx) -> String {
        let year = clock::date(tx.now).chars().take(4).collect::<String>();
        self.last_number += 1;
        tx.put("counter", "", &self.last_number);
        format!("{year}-{:04}", self.last_number)
    }

    /// Changes or removes a document; `updated_at` moves. `Ok(None)` when it was removed.
    fn change_document(&mut self, id: &str, change: DocumentChange, tx: &mut Tx) -> Result<Option<Document>, String> {
        let wanted_status = change.status.as_deref().map(status).transpose()?.map(str::to_owned);
        let at = self.change_time(tx.now);
        let number_id = id.parse::<u64>().map_err(|_| format!("no document {id}"))?;
        if change.removed {
            self.documents.remove(&number_id).ok_or(format!("no document {id}"))?;
            tx.delete("document", id);
            return Ok(None);
        }
        let document = self.documents.get_mut(&number_id).ok_or(format!("no document {id}"))?;
        change.onto(Kept {
            number: &mut document.number,
            order_number: &mut document.order_number,
            currency: &mut document.currency,
            lines: &mut document.lines,
            tags: &mut document.tags,
            note: &mut document.note,
            pdf_ready_after: &mut document.pdf_ready_after,
            pdf_asked: &mut document.pdf_asked,
        });
        document.updated_at = at;
        if let Some(wanted) = wanted_status {
            document.set_status(&wanted, at);
        }
        tx.put("document", document.id, document);
        Ok(Some(document.clone()))
    }

    /// The body of a webhook about a document (webhooks page).
    pub(crate) fn event(&self, document: &Document, event: &str, host: &str, now: Millis) -> Value {
        let invoice = document.json(host, &self.slug);
        let payment = invoice.pointer("/payments/0").cloned();
        let mut body = json!({"invoice": invoice});
        if matches!(event, "invoice_paid" | "invoice_payment_added")
            && let (Some(body), Some(payment)) = (body.as_object_mut(), payment)
        {
            body.insert("payment".to_owned(), payment);
        }
        json!({"webhook_id": 5, "event_name": event, "created_at": clock::with_offset(now), "body": body})
    }
}
