//! What rules ask of a document beside what it is known by.

use domain::{Document, DocumentStatus};
use serde::{Deserialize, Serialize};

/// Bytes of the words that are kept: what is remembered of a document is one small item.
const WORDS_BYTES_MAX: usize = 300;

/// How a document stood when it was last read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentStanding {
    /// How far it had come.
    pub status: DocumentStatus,
    /// How it is paid, in the source's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_kind: Option<String>,
    /// Number series, if the source has such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<String>,
    /// Tags at the source.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

impl DocumentStanding {
    /// Of a document that was just read; `None` if its words are too long to be kept.
    #[must_use]
    pub fn of(document: &Document) -> Option<Self> {
        let words = document.payment_kind.iter().chain(&document.series).chain(&document.tags);
        (words.map(String::len).sum::<usize>() <= WORDS_BYTES_MAX).then(|| Self {
            status: document.status,
            payment_kind: document.payment_kind.clone(),
            series: document.series.clone(),
            tags: document.tags.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::DocumentItem;
    use domain::{Currency, DocumentKind};
    use jiff::Timestamp;
    use rust_decimal::Decimal;
    use serde_json::json;

    #[test]
    fn what_was_stored_before_has_none_and_what_is_stored_now_reads_back() {
        let before = json!({
            "tenant": "default", "source": "books", "id": "1", "kind": "invoice", "number": "F1", "order": "100",
            "total": {"amount": "121.00", "currency": "CZK"}, "version_at": "2026-03-02T12:00:00Z",
            "seen_at": "2026-03-02T12:00:00Z",
        });
        let old: DocumentItem = serde_json::from_value(before.clone()).unwrap();
        assert_eq!((old.standing.as_ref(), serde_json::to_value(&old).unwrap()), (None, before));
        let standing = DocumentStanding {
            status: DocumentStatus::Paid,
            payment_kind: Some("card".into()),
            series: None,
            tags: vec!["b2c".into()],
        };
        assert_eq!(
            serde_json::to_string(&standing).unwrap(),
            r#"{"status":"paid","payment_kind":"card","tags":["b2c"]}"#
        );
        let item = DocumentItem { standing: Some(standing), ..old };
        let stored = serde_json::to_string(&item).unwrap();
        assert_eq!(serde_json::from_str::<DocumentItem>(&stored).unwrap(), item);
    }

    #[test]
    fn words_that_are_too_long_are_not_kept_in_part() {
        let mut document = Document {
            id: "1".into(),
            kind: DocumentKind::Invoice,
            number: "F1".into(),
            status: DocumentStatus::Sent,
            issued_on: None,
            taxed_on: None,
            due_on: None,
            currency: Currency::parse("CZK").unwrap(),
            subtotal: Decimal::ONE,
            total: Decimal::ONE,
            vat: vec![],
            lines: vec![],
            order_reference: None,
            corrects: None,
            payment_kind: None,
            series: None,
            tags: vec![],
            public_url: None,
            version_at: Timestamp::UNIX_EPOCH,
            private: vec![],
        };
        assert!(DocumentStanding::of(&document).is_some());
        document.tags = vec!["x".repeat(WORDS_BYTES_MAX), "y".into()];
        assert_eq!(DocumentStanding::of(&document), None);
    }
}
