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
