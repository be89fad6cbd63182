//! What can be carried, and what a target guarantees about it.

use serde::{Deserialize, Serialize};

/// What a subject is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    /// An invoice.
    Invoice,
    /// A proforma.
    Proforma,
    /// A credit note.
    CreditNote,
    /// A parcel.
    Parcel,
    /// An order.
    Order,
    /// A document of a source that has not been read yet, so that its kind is not known.
    Document,
}

impl SubjectKind {
    /// The word used in ids and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::Proforma => "proforma",
            Self::CreditNote => "credit_note",
            Self::Parcel => "parcel",
            Self::Order => "order",
            Self::Document => "document",
        }
    }

    /// Reads [`SubjectKind::as_str`].
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Invoice, Self::Proforma, Self::CreditNote, Self::Parcel, Self::Order, Self::Document]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

/// One thing at a source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Subject {
    /// What it is.
    pub kind: SubjectKind,
    /// The source's id.
    pub id: String,
}

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// What an export does at its target.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Operation { $($(#[$doc])* $name,)* }

        impl Operation {
            /// Every operation.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word used in ids and JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

operations! {
    /// Finds out what is to be carried where; has no target.
    Look = "look",
    /// Carries an invoice.
    SendInvoice = "send_invoice",
    /// Carries a credit note.
    SendCreditNote = "send_credit_note",
    /// Carries a tracking number, and says that the parcel left.
    SendTracking = "send_tracking",
    /// Carries a parcel's delivery state.
    SendDeliveryState = "send_delivery_state",
    /// Cancels an order at the target.
    CancelOrder = "cancel_order",
    /// Records a credit note as a refund at the target.
    RefundOrder = "refund_order",
    /// Acknowledges an order at its channel.
    AcknowledgeOrder = "acknowledge_order",
    /// Brings an order to another system.
    ImportOrder = "import_order",
    /// Has accounting issue an invoice.
    IssueInvoice = "issue_invoice",
    /// Has accounting issue a proforma.
    IssueProforma = "issue_proforma",
    /// Has accounting issue a credit note.
    IssueCreditNote = "issue_credit_note",
}

impl Operation {
    /// Reads [`Operation::as_str`].
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|op| op.as_str() == word)
    }
}

/// What a target offers against doing a thing twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Guarantee {
    /// It honours an idempotency key.
    K,
    /// It refuses a duplicate by a natural key.
    N,
    /// It can be asked what it has.
    R,
    /// Neither.
    U,
}

/// How well a vendor fact is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verified {
    /// Seen at a live account.
    Live,
    /// The vendor's own sample.
    OfficialSample,
    /// The vendor's own documentation or source.
    OfficialText,
    /// Somebody else's account of it.
    Secondary,
}
