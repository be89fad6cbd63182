//! Words for what a comparison of source and target finds.

use super::{InWords, Word};
use crate::Deviation;

/// Label, explanation and next step of each.
const SAID: [(Deviation, &str, &str, &str); 19] = [
    (
        Deviation::NotExported,
        "Nobody has told us of it",
        "Nothing was ever heard of this document or parcel: its webhook did not come, and no poll has listed it.",
        "Have it carried now; then see why it was not told: the webhook's address, and the polls of its source.",
    ),
    (
        Deviation::MissingAtTarget,
        "Left out, but wanted now",
        "It was left out by a setting that has changed since, and it is not at the target.",
        "Have it carried now, or start a batch export for all of its kind.",
    ),
    (
        Deviation::LostAtTarget,
        "Not there any more",
        "It was delivered, with proof, and is not at the target now.",
        "Ask at the target who removed it. A new version at the source is carried again.",
    ),
    (
        Deviation::StillWaiting,
        "Not delivered yet",
        "Its export still waits, is being tried, or has ended without being delivered.",
        "Open the export: it says what it waits for and what can be done.",
    ),
    (
        Deviation::WrongOrder,
        "At the wrong order",
        "It stands at another order of the target than its source names.",
        "Correct the reference at the source or remove it at the target, whichever is wrong.",
    ),
    (
        Deviation::NumberDiffers,
        "Another number",
        "What was delivered stands there, but not under the number that the source has.",
        "See who changed the number, and correct it where it is wrong.",
    ),
    (
        Deviation::TotalDiffers,
        "Another total",
        "Source and target have different totals.",
        "Compare both documents and correct the wrong one; a credit note may be needed.",
    ),
    (
        Deviation::CurrencyDiffers,
        "Another currency",
        "Source and target have different currencies.",
        "Correct the document at the source.",
    ),
    (
        Deviation::DateDiffers,
        "Another date",
        "It was made at the target before the document's own date, or long after we delivered it.",
        "Look whether it falls into another period there, and whether it is the same thing.",
    ),
    (
        Deviation::LinesDiffer,
        "Other quantities",
        "The quantities at the target are not those of the document's lines.",
        "Compare the lines of both and correct the wrong one.",
    ),
    (
        Deviation::FileDiffers,
        "Another file",
        "The file at the target has another size than the one that was delivered.",
        "See who replaced it. A new version at the source is carried again.",
    ),
    (
        Deviation::DuplicateAtTarget,
        "There twice",
        "The target holds more than one for the same document or parcel.",
        "Remove the one too many at the target.",
    ),
    (
        Deviation::UnknownAtSource,
        "No source has it",
        "It stands at the target under a number that no source knows.",
        "See where it came from: another program, or a document that was deleted at its source.",
    ),
    (
        Deviation::GoneAtSource,
        "Gone at the source",
        "It was delivered and is still at the target, but its source does not have it any more.",
        "Restore it at the source, or remove it at the target.",
    ),
    (
        Deviation::CancelledAtSource,
        "Cancelled at the source",
        "It was cancelled at the source and is still at the target.",
        "Remove it at the target, or issue a credit note.",
    ),
    (
        Deviation::CreditNoteWithoutInvoice,
        "A credit note without its invoice",
        "The credit note is at the target, but the invoice that it corrects is not.",
        "Have the invoice carried, or remove the credit note.",
    ),
    (
        Deviation::ParcelMissing,
        "The tracking number is missing",
        "The parcel was told to the target, and no number of it is there now.",
        "Look at the order; its buyer sees no tracking number.",
    ),
    (
        Deviation::ParcelNumberDiffers,
        "Another tracking number",
        "The parcel was told to the target, and another number stands in its place now.",
        "See who changed it, and correct it at the target or at the courier.",
    ),
    (
        Deviation::ParcelExtra,
        "A tracking number too many",
        "A tracking number stands at the order that belongs to no known parcel of it.",
        "See which parcel it is: one of another courier, or a mistake.",
    ),
];

impl InWords for Deviation {
    fn in_words(self) -> Word {
        let said = SAID.iter().find(|(deviation, ..)| *deviation == self);
        let (_, label, explanation, next_step) = *said.unwrap_or(&(self, "", "", ""));
        Word { kind: "deviation", word: self.as_str(), label, explanation, next_step }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_deviation_is_said() {
        assert!(SAID.iter().map(|(deviation, ..)| deviation).eq(Deviation::ALL), "in the order of their list");
    }
}
