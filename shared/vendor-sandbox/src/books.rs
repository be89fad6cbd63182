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
