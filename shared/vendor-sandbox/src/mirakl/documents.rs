//! Documents of an order: OR72, OR73, OR74, OR76.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Mirakl, TYPES, refuse};
use crate::clock::{self, Millis};
use crate::http::{Answer, Call, Part};
use crate::world::{Reply, Tx};

/// File kinds of the OR74 page.
const KINDS: &[&str] = &[
    "csv", "doc", "xls", "xlsx", "ppt", "pdf", "odt", "ods", "odp", "txt", "rtf", "png", "jpg", "gif", "zpl", "mov",
    "mp4",
];
/// Documents per order (OR74 page).
const MOST: usize = 50;
/// The vendor's sister product's limit; its own is not documented.
const LARGEST: usize = 10 << 20;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Document {
    pub(super) id: u64,
    order_id: String,
    pub(super) file_name: String,
    type_code: String,
    pub(super) size: usize,
    sha256: String,
    pub(super) at: Millis,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Input {
    #[serde(default)]
    file_name: String,
    #[serde(default)]
    type_code: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    entity: Option<Value>,
}

#[derive(Deserialize)]
struct Inputs {
    order_documents: Vec<Input>,
}

/// Code, field and message of one error.
type Fault = (&'static str, &'static str, String);

impl Document {
    fn json(&self) -> Value {
        json!({"id": self.id, "order_id": self.order_id, "file_name": self.file_name, "file_size": self.size,
               "type": self.type_code, "date_uploaded": clock::utc_seconds(self.at)})
    }
}

fn name_fault(name: &str) -> Option<Fault> {
    let field = "file_name";
    if name.is_empty() || !name.is_ascii() || name.contains(['/', '\\']) || name.chars().any(char::is_control) {
        let message = "The file name must contain only US-ASCII characters and no path".to_owned();
        return Some(("valid_order_document.file_name", field, message));
    }
    let kind = name.rsplit_once('.').map(|(_, kind)| kind.to_ascii_lowercase()).unwrap_or_default();
    if !KINDS.contains(&kind.as_str()) {
        return Some(("valid_order_document.extension", field, format!("The file type '{kind}' is not supported")));
    }
    None
}

fn type_fault(code: &str) -> Option<Fault> {
    let known = TYPES.iter().any(|(known, _, entity)| *known == code && *entity == "ORDER");
    if known && !code.starts_with("SYSTEM_") {
        return None;
    }
    let message = "Unable to retrieve document's type from the given code".to_owned();
    Some(("valid_order_document.type", "type_code", message))
}

fn file_fault(files: &[&Part], name: &str) -> Option<Fault> {
    let field = "file_name";
    match files.iter().find(|part| part.file_name.as_deref() == Some(name)) {
        None => Some(("valid_order_document.file", field, "No file was sent under this name".to_owned())),
        Some(part) if part.body.is_empty() => {
            Some(("valid_order_document.file", field, "The file is empty".to_owned()))
        }
        Some(part) if part.body.len() > LARGEST => {
            Some(("valid_order_document.file_size", field, "The file is too large".to_owned()))
        }
        Some(_) => None,
    }
}

impl Mirakl {
    pub(super) fn keep_document(&mut self, document: Document) {
        self.last_document = self.last_document.max(document.id);
        self.documents_of.entry(document.order_id.clone()).or_default().push(document.id);
        self.documents.insert(document.id, document);
    }

    pub(super) fn has_invoice(&self, order: &str) -> bool {
        self.of_order(order).any(|document| document.type_code == "CUSTOMER_INVOICE")
    }

    /// What was uploaded to an order, for the control calls.
    pub(crate) fn uploads(&self, order: &str) -> Vec<Value> {
        let show = |document: &Document| {
            let mut page = document.json();
            if let Some(page) = page.as_object_mut() {
                page.insert("id".to_owned(), json!(document.id.to_string()));
                page.insert("sha256".to_owned(), json!(document.sha256));
            }
            page
        };
        self.of_order(order).map(show).collect()
    }

    fn of_order(&self, order: &str) -> impl Iterator<Item = &Document> {
        let ids = self.documents_of.get(order).map(Vec::as_slice).unwrap_or_default();
        ids.iter().filter_map(|id| self.documents.get(id))
    }

    pub(super) fn list_documents(&self, call: &Call) -> Answer {
        let Some(orders) = call.query("order_ids").filter(|ids| !ids.is_empty()) else {
            return refuse(400, "The 'order_ids' parameter is required");
        };
        let found: Vec<Value> =
            orders.split(',').flat_map(|order| self.of_order(order.trim())).map(Document::json).collect();
        Answer::json(200, &json!({"order_documents": found}))
    }

    pub(super) fn download(&self, call: &Call) -> Reply {
        let codes: Option<Vec<&str>> = call.query("document_codes").map(|codes| codes.split(',').collect());
        let found: Vec<&Document> = match (call.query("document_ids"), call.query("order_ids")) {
            (Some(ids), _) => ids
                .split(',')
                .filter_map(|id| id.trim().parse::<u64>().ok())
                .filter_map(|id| self.documents.get(&id))
                .collect(),
            (None, Some(orders)) => orders.split(',').flat_map(|order| self.of_order(order.trim())).collect(),
            (None, None) => {
                return refuse(400, "Either document_ids or order_ids is required").into();
            }
        };
        let found: Vec<&Document> = found
            .into_iter()
            .filter(|document| codes.as_ref().is_none_or(|codes| codes.contains(&document.type_code.as_str())))
            .collect();
        let name = match found.as_slice() {
            [] => return refuse(404, "No document found").into(),
            [only] => only.file_name.as_str(),
            _ => "documents.zip",
        };
        let answer = Answer::bytes(200, "application/octet-stream", bytes::Bytes::new())
            .with("content-disposition", format!("attachment; filename=\"{name}\""));
        let files = found.iter().map(|document| (document.file_name.clone(), document.id.to_string())).collect();
        Reply { answer, files }
    }

    /// OR74: 200 whatever happens to the single documents; only the failed ones are listed.
    pub(super) fn upload(&mut self, order: &str, call: &Call, tx: &mut Tx) -> Answer {
        if !self.orders.contains_key(order) {
            return Self::no_order(order);
        }
        let Some(Ok(parts)) = &call.parts else {
            return refuse(400, "The body is not a valid multipart body");
        };
        let files: Vec<&Part> = parts.iter().filter(|part| part.name == "files").collect();
        let Some(part) = parts.iter().find(|part| part.name == "order_documents") else {
            return refuse(400, "The 'order_documents' part is required");
        };
        if part.content_type.as_deref().is_some_and(|kind| !kind.starts_with("application/json")) {
            return refuse(415, "The 'order_documents' part must be application/json");
        }
        let Ok(inputs) = serde_json::from_slice::<Inputs>(&part.body) else {
            return refuse(400, "The 'order_documents' part is not valid JSON");
        };
        if files.is_empty() || inputs.order_documents.is_empty() {
            return refuse(400, "At least one file is required");
        }
        let described = |file: &&Part| {
            inputs.order_documents.iter().any(|input| file.file_name.as_deref() == Some(input.file_name.as_str()))
        };
        if !files.iter().all(described) {
            return refuse(400, "Every file must be described in 'order_documents'");
        }
        let mut errors = Vec::new();
        let mut names = HashSet::new();
        for input in &inputs.order_documents {
            let twice = (!names.insert(input.file_name.clone()))
                .then(|| ("valid_order_document.file_name", "file_name", "File names must be distinct".to_owned()));
            let full = (self.of_order(order).count() >= MOST).then(|| {
                ("valid_order_document.count", "file_name", format!("An order can have at most {MOST} documents"))
            });
            let fault = twice
                .or_else(|| name_fault(&input.file_name))
                .or_else(|| type_fault(&input.type_code))
                .or_else(|| file_fault(&files, &input.file_name))
                .or(full);
            match fault {
                Some((code, field, message)) => errors.push(json!({
                    "input": input, "errors": [{"code": code, "field": field, "message": message}]})),
                None => self.add_document(order, input, &files, tx),
            }
        }
        Answer::json(200, &json!({"errors_count": errors.len(), "order_documents": errors}))
    }

    /// A second file of the same name in a later call becomes a second document: what the vendor does is not known,
    /// and this is the unkind guess.
    fn add_document(&mut self, order: &str, input: &Input, files: &[&Part], tx: &mut Tx) {
        let Some(file) = files.iter().find(|part| part.file_name.as_deref() == Some(input.file_name.as_str())) else {
            return;
        };
        let document = Document {
            id: self.last_document + 1,
            order_id: order.to_owned(),
            file_name: input.file_name.clone(),
            type_code: input.type_code.clone(),
            size: file.body.len(),
            sha256: crate::pdf::sha256(&file.body),
            at: tx.now,
        };
        tx.put("document", document.id, &document);
        tx.blob(document.id, file.body.clone());
        tx.effect("documents", Some(order), &document.file_name);
        self.keep_document(document);
        tx.put("last_document", "", &self.last_document);
    }

    pub(super) fn delete_document(&mut self, id: &str, tx: &mut Tx) -> Answer {
        let Some(document) = id.parse().ok().and_then(|id: u64| self.documents.remove(&id)) else {
            return refuse(404, format!("Document with identifier '{id}' not found"));
        };
        if let Some(ids) = self.documents_of.get_mut(&document.order_id) {
            ids.retain(|known| *known != document.id);
        }
        tx.delete("document", document.id);
        tx.effect("document_deletions", Some(&document.order_id), &document.file_name);
        Answer::empty(204)
    }
}
