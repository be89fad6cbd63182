//! Documents made and changed through the control calls.

use serde_json::{Value, json};

use super::{Document, SuperFaktura};
use crate::books::{Books, DocumentChange, Kept, NewDocument};
use crate::clock;
use crate::order::Line;
use crate::world::Tx;

const KINDS: &[&str] = &["regular", "proforma", "cancel", "estimate", "order", "delivery", "draft", "reverse_order"];

/// The vendor's words, and those that the control calls have for every accounting.
fn kind(wanted: &str) -> Result<&str, String> {
    match wanted {
        "invoice" => Ok("regular"),
        "correction" | "credit_note" => Ok("cancel"),
        other if KINDS.contains(&other) => Ok(other),
        other => Err(format!("unknown document type {other}; one of {KINDS:?}")),
    }
}

/// The status, and whether it was sent: the vendor tells that apart from it.
fn status(wanted: &str) -> Result<(&'static str, bool), String> {
    match wanted {
        "1" | "open" => Ok(("1", false)),
        "sent" => Ok(("1", true)),
        "2" => Ok(("2", false)),
        "3" | "paid" => Ok(("3", false)),
        "99" | "overdue" => Ok(("99", false)),
        other => Err(format!("unknown status {other}; one of 1, 2, 3, 99, open, sent, paid, overdue")),
    }
}

impl Books for SuperFaktura {
    fn check(&self, wish: &NewDocument) -> Result<(), String> {
        kind(wish.r#type.as_deref().unwrap_or("regular"))?;
        status(wish.status.as_deref().unwrap_or("1"))?;
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
        let kind = kind(wish.r#type.as_deref().unwrap_or("regular"))?.to_owned();
        let (status, sent) = status(wish.status.as_deref().unwrap_or("1"))?;
        let id = match wish.id {
            Some(id) => id.parse::<u64>().map_err(|_| "a document's id is a number".to_owned())?,
            None => self.last_id + 1,
        };
        if self.documents.contains_key(&id) {
            return Err(format!("document {id} exists"));
        }
        let parent_id = wish.correction_id.map(|id| id.parse::<u64>()).transpose();
        let parent_id = parent_id.map_err(|_| "correction_id is a number".to_owned())?;
        let now = self.now(tx.now);
        let number = wish.number.unwrap_or_else(|| self.next_number(tx));
        let document = Document {
            id,
            kind,
            variable: wish.custom_id.or_else(|| Some(number.clone())),
            number,
            status: status.to_owned(),
            order_no: wish.order_number.unwrap_or_else(|| reference.map(str::to_owned)),
            parent_id,
            currency: wish.currency.unwrap_or_else(|| currency.to_owned()),
            lines: wish.lines.unwrap_or_else(|| lines.to_vec()),
            tags: wish.tags,
            comment: wish.note,
            sent,
            token: clock::random_hex(4),
            pdf_ready_after: wish.pdf_ready_after,
            pdf_asked: 0,
            created: now,
            modified: now,
        };
        self.last_id = self.last_id.max(id);
        tx.put("last_id", "", &self.last_id);
        tx.put("document", id, &document);
        let page = made(&document);
        self.documents.insert(id, document);
        Ok(page)
    }

    fn change(&mut self, id: &str, change: DocumentChange, tx: &mut Tx) -> Result<Option<Value>, String> {
        let wanted = change.status.as_deref().map(status).transpose()?;
        let now = self.now(tx.now);
        let missing = || format!("no document {id}");
        let number = id.parse::<u64>().map_err(|_| missing())?;
        if change.removed {
            self.documents.remove(&number).ok_or_else(missing)?;
            tx.delete("document", id);
            return Ok(None);
        }
        let document = self.documents.get_mut(&number).ok_or_else(missing)?;
        if let Some((status, sent)) = wanted {
            status.clone_into(&mut document.status);
            document.sent |= sent;
        }
        change.onto(Kept {
            number: &mut document.number,
            order_number: &mut document.order_no,
            currency: &mut document.currency,
            lines: &mut document.lines,
            tags: &mut document.tags,
            note: &mut document.comment,
            pdf_ready_after: &mut document.pdf_ready_after,
            pdf_asked: &mut document.pdf_asked,
        });
        document.modified = now;
        tx.put("document", document.id, document);
        Ok(Some(made(document)))
    }

    fn show(&self, id: &str) -> Option<Value> {
        self.document(id).map(made)
    }
}

impl SuperFaktura {
    fn next_number(&mut self, tx: &mut Tx) -> String {
        let year = clock::local(self.now(tx.now)).year();
        self.last_number += 1;
        tx.put("counter", "", &self.last_number);
        format!("{year}{:04}", self.last_number)
    }
}

/// What the control calls answer about a document.
fn made(document: &Document) -> Value {
    json!({
        "id": document.id.to_string(), "number": document.number, "type": document.kind, "status": document.status,
        "order_number": document.order_no, "currency": document.currency, "total": format!("{:.2}", document.total()),
        "pdf_sha256": crate::pdf::sha256(&document.pdf()), "updated_at": clock::utc_seconds(document.modified),
    })
}
