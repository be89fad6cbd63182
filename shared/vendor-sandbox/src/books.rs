//! Documents as the control calls speak of them, whatever practice accounting has them.

use serde::Deserialize;
use serde_json::Value;

use crate::order::{Line, given};
use crate::world::Tx;

/// Wish for a document; everything has a default.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::option_option, reason = "absent, null and a value are three different wishes")]
pub(crate) struct NewDocument {
    pub(crate) vendor: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) number: Option<String>,
    pub(crate) r#type: Option<String>,
    pub(crate) status: Option<String>,
    #[serde(deserialize_with = "given")]
    pub(crate) order_number: Option<Option<String>>,
    pub(crate) currency: Option<String>,
    pub(crate) lines: Option<Vec<Line>>,
    pub(crate) custom_id: Option<String>,
    /// Id of the invoice that a correction corrects.
    pub(crate) correction_id: Option<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) note: Option<String>,
    pub(crate) pdf_ready_after: u64,
}

/// Change of a document; fields left out stay.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::option_option, reason = "absent, null and a value are three different wishes")]
pub(crate) struct DocumentChange {
    pub(crate) vendor: Option<String>,
    pub(crate) number: Option<String>,
    pub(crate) status: Option<String>,
    #[serde(deserialize_with = "given")]
    pub(crate) order_number: Option<Option<String>>,
    pub(crate) currency: Option<String>,
    pub(crate) lines: Option<Vec<Line>>,
    pub(crate) tags: Option<Vec<String>>,
    pub(crate) note: Option<String>,
    /// Counted anew from now on.
    pub(crate) pdf_ready_after: Option<u64>,
    pub(crate) removed: bool,
}

/// What every practice accounting keeps of a document, whatever it calls it.
pub(crate) struct Kept<'a> {
    pub(crate) number: &'a mut String,
    pub(crate) order_number: &'a mut Option<String>,
    pub(crate) currency: &'a mut String,
    pub(crate) lines: &'a mut Vec<Line>,
    pub(crate) tags: &'a mut Vec<String>,
    pub(crate) note: &'a mut Option<String>,
    pub(crate) pdf_ready_after: &'a mut u64,
    pub(crate) pdf_asked: &'a mut u64,
}

impl DocumentChange {
    /// Writes what is wished into a document. Status and removal are each accounting's own.
    pub(crate) fn onto(self, kept: Kept<'_>) {
        fn set<T>(kept: &mut T, wished: Option<T>) {
            if let Some(wished) = wished {
                *kept = wished;
            }
        }
        set(kept.number, self.number);
        set(kept.order_number, self.order_number);
        set(kept.currency, self.currency);
        set(kept.lines, self.lines);
        set(kept.tags, self.tags);
        if self.note.is_some() {
            *kept.note = self.note;
        }
        if let Some(asks) = self.pdf_ready_after {
            *kept.pdf_ready_after = asks;
            *kept.pdf_asked = 0;
        }
    }
}

impl NewDocument {
    /// An ordinary invoice of everything.
    pub(crate) fn usual() -> Self {
        Self::default()
    }

    pub(crate) fn is_correction(&self) -> bool {
        matches!(self.r#type.as_deref(), Some("correction" | "credit_note" | "cancel"))
    }
}

/// A practice accounting, as the control calls see it. Answers are what those tell of a document.
pub(crate) trait Books {
    /// What can be known to be wrong before anything is made.
    fn check(&self, wish: &NewDocument) -> Result<(), String>;

    /// Makes a document. `lines` and `currency` are the order's, `reference` its reference.
    fn make(
        &mut self,
        wish: NewDocument,
        reference: Option<&str>,
        lines: &[Line],
        currency: &str,
        tx: &mut Tx,
    ) -> Result<Value, String>;

    /// Changes or removes a document. `None` when it was removed.
    fn change(&mut self, id: &str, change: DocumentChange, tx: &mut Tx) -> Result<Option<Value>, String>;

    /// One document.
    fn show(&self, id: &str) -> Option<Value>;
}
