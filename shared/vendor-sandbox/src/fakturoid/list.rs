//! The list of documents: filters, and pages of 40 without a total.

use serde_json::{Value, json};

use super::{Document, Fakturoid};
use crate::clock;
use crate::http::{Answer, Call};

const PAGE: usize = 40;

/// The filter speaks of `regular` where the field says `invoice` (invoices page).
fn type_fits(document: &Document, wanted: &str) -> bool {
    match wanted {
        "regular" => matches!(document.document_type.as_str(), "invoice" | "final_invoice"),
        "proforma" => matches!(document.document_type.as_str(), "proforma" | "partial_proforma"),
        other => document.document_type == other,
    }
}

fn instant(call: &Call, name: &str) -> Result<Option<i64>, Answer> {
    match call.query(name) {
        None | Some("") => Ok(None),
        Some(text) => clock::read(text).map(Some).ok_or_else(|| {
            Answer::json(
                400,
                &json!({"error": "invalid_request", "error_description": format!("Parameter {name} is not a date")}),
            )
        }),
    }
}

impl Fakturoid {
    pub(super) fn list(&self, call: &Call, host: &str) -> Answer {
        match self.page(call, host) {
            Ok(page) => Answer::json(200, &Value::Array(page)),
            Err(refusal) => refusal,
        }
    }

    fn page(&self, call: &Call, host: &str) -> Result<Vec<Value>, Answer> {
        let since = instant(call, "since")?;
        let until = instant(call, "until")?;
        let updated_since = instant(call, "updated_since")?;
        let updated_until = instant(call, "updated_until")?;
        if let Some(wanted) = call.query("document_type")
            && !matches!(wanted, "regular" | "proforma" | "correction" | "tax_document")
        {
            return Err(Answer::json(422, &json!({"errors": {"document_type": ["is not included in the list"]}})));
        }
        let page: usize = call.query("page").and_then(|page| page.parse().ok()).unwrap_or(1).max(1);
        let fits = |document: &&Document| {
            since.is_none_or(|at| document.created_at >= at)
                && until.is_none_or(|at| document.created_at <= at)
                && updated_since.is_none_or(|at| document.updated_at >= at)
                && updated_until.is_none_or(|at| document.updated_at <= at)
                && call.query("document_type").is_none_or(|wanted| type_fits(document, wanted))
                && call.query("number").is_none_or(|wanted| document.number == wanted)
                && call.query("custom_id").is_none_or(|wanted| document.custom_id.as_deref() == Some(wanted))
                && call.query("status").is_none_or(|wanted| document.status == wanted)
                && call.query("subject_id").is_none_or(|wanted| wanted == "16")
        };
        // Newest first; the vendor does not promise an order.
        let documents = self.documents.values().rev().filter(fits);
        Ok(documents
            .skip((page - 1).saturating_mul(PAGE))
            .take(PAGE)
            .map(|document| document.json(host, &self.slug))
            .collect())
    }
}
