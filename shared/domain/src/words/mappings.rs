//! Words for mappings.

use super::{InWords, Word};
use crate::{Likeness, MappingKind};

pub(super) fn all() -> Vec<Word> {
    let kinds = MappingKind::ALL.iter().map(|kind| kind.in_words());
    kinds.chain(Likeness::ALL.iter().map(|like| like.in_words())).collect()
}

impl InWords for MappingKind {
    fn in_words(self) -> Word {
        let (label, explanation) = match self {
            Self::Carriers => ("Carrier", "A courier's carrier, as the target calls it."),
            Self::Payments => {
                ("Payment", "A payment kind of an order or document, as the rules of this target call it.")
            }
            Self::Deliveries => ("Delivery", "A delivery kind. Nothing uses it yet: no order tells its own."),
            Self::DocumentTypes => ("Document type", "A kind of document, as the target's own type."),
        };
        Word { kind: "mapping", word: self.as_str(), label, explanation, next_step: "" }
    }
}

impl InWords for Likeness {
    fn in_words(self) -> Word {
        let (label, explanation) = match self {
            Self::SameName => ("the same name", "The same but for case, accents and punctuation."),
            Self::OtherCountry => ("the same name but for a country", "The same but for the name of a country."),
            Self::OtherName => ("another name of the same carrier", "Two names under which one carrier goes."),
            Self::Contains => ("one name is part of the other", "Every word of one name is in the other."),
            Self::SharedWord => ("a word in common", "The names share a word."),
        };
        Word { kind: "likeness", word: self.as_str(), label, explanation, next_step: "" }
    }
}
