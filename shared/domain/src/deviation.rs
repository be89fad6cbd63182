//! How a target may deviate from its source.

use serde::{Deserialize, Serialize};

/// What a comparison of source and target has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deviation {
    /// It ought to be at the target, and no export of it was ever made.
    NotExported,
    /// By the settings of today it ought to be at the target, and its export has left it out.
    MissingAtTarget,
    /// Delivered, but not there any more.
    LostAtTarget,
    /// Its export has not come to an end.
    StillWaiting,
    /// It stands at another order than the source says.
    WrongOrder,
    /// What was delivered stands under another number.
    NumberDiffers,
    /// Another total.
    TotalDiffers,
    /// Another currency.
    CurrencyDiffers,
    /// Made at another time.
    DateDiffers,
    /// Other quantities.
    LinesDiffer,
    /// Another file.
    FileDiffers,
    /// There twice.
    DuplicateAtTarget,
    /// No source has it.
    UnknownAtSource,
    /// Deleted at the source.
    GoneAtSource,
    /// Cancelled at the source.
    CancelledAtSource,
    /// Its invoice is not there.
    CreditNoteWithoutInvoice,
    /// Its number is not there.
    ParcelMissing,
    /// Another number is there.
    ParcelNumberDiffers,
    /// A number no courier knows.
    ParcelExtra,
}

impl Deviation {
    /// Every one.
    pub const ALL: &'static [Self] = &[
        Self::NotExported,
        Self::MissingAtTarget,
        Self::LostAtTarget,
        Self::StillWaiting,
        Self::WrongOrder,
        Self::NumberDiffers,
        Self::TotalDiffers,
        Self::CurrencyDiffers,
        Self::DateDiffers,
        Self::LinesDiffer,
        Self::FileDiffers,
        Self::DuplicateAtTarget,
        Self::UnknownAtSource,
        Self::GoneAtSource,
        Self::CancelledAtSource,
        Self::CreditNoteWithoutInvoice,
        Self::ParcelMissing,
        Self::ParcelNumberDiffers,
        Self::ParcelExtra,
    ];

    /// The word used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotExported => "not_exported",
            Self::MissingAtTarget => "missing_at_target",
            Self::LostAtTarget => "lost_at_target",
            Self::StillWaiting => "still_waiting",
            Self::WrongOrder => "wrong_order",
            Self::NumberDiffers => "number_differs",
            Self::TotalDiffers => "total_differs",
            Self::CurrencyDiffers => "currency_differs",
            Self::DateDiffers => "date_differs",
            Self::LinesDiffer => "lines_differ",
            Self::FileDiffers => "file_differs",
            Self::DuplicateAtTarget => "duplicate_at_target",
            Self::UnknownAtSource => "unknown_at_source",
            Self::GoneAtSource => "gone_at_source",
            Self::CancelledAtSource => "cancelled_at_source",
            Self::CreditNoteWithoutInvoice => "credit_note_without_invoice",
            Self::ParcelMissing => "parcel_missing",
            Self::ParcelNumberDiffers => "parcel_number_differs",
            Self::ParcelExtra => "parcel_extra",
        }
    }
}
