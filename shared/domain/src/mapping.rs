//! Values of the sources and their counterparts at a target.

use crate::{Carrier, DocumentKind, Mappings};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which of a connection's mappings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MappingKind {
    /// Carriers.
    Carriers,
    /// Payment kinds.
    Payments,
    /// Delivery kinds.
    Deliveries,
    /// Document kinds.
    DocumentTypes,
}

impl MappingKind {
    /// Every one.
    pub const ALL: &'static [Self] = &[Self::Carriers, Self::Payments, Self::Deliveries, Self::DocumentTypes];

    /// The word used in JSON: the name of its part of `mappings`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Carriers => "carriers",
            Self::Payments => "payments",
            Self::Deliveries => "deliveries",
            Self::DocumentTypes => "document_types",
        }
    }
}

/// A value of a source that has no counterpart at the target: what a hold waits for, fit to be offered for mapping.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Unmapped {
    /// Which mapping lacks it.
    pub mapping: MappingKind,
    /// The value as an entry of that mapping would name it.
    pub value: String,
    /// What a person would call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Unmapped {
    /// A carrier. One without a code is known by its name.
    #[must_use]
    pub fn carrier(carrier: &Carrier) -> Self {
        let known = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let (code, name) = (known(&carrier.code), known(&carrier.name));
        Self { mapping: MappingKind::Carriers, value: code.or_else(|| name.clone()).unwrap_or_default(), name }
    }
}

impl std::fmt::Display for Unmapped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.name.as_ref().filter(|name| **name != self.value) {
            Some(name) => write!(f, "{} ({name})", self.value),
            None => self.value.fmt(f),
        }
    }
}

impl Mappings {
    /// The entries of one mapping.
    #[must_use]
    pub const fn of(&self, kind: MappingKind) -> &BTreeMap<String, String> {
        match kind {
            MappingKind::Carriers => &self.carriers,
            MappingKind::Payments => &self.payments,
            MappingKind::Deliveries => &self.deliveries,
            MappingKind::DocumentTypes => &self.document_types,
        }
    }

    /// The same, to be changed.
    pub const fn of_mut(&mut self, kind: MappingKind) -> &mut BTreeMap<String, String> {
        match kind {
            MappingKind::Carriers => &mut self.carriers,
            MappingKind::Payments => &mut self.payments,
            MappingKind::Deliveries => &mut self.deliveries,
            MappingKind::DocumentTypes => &mut self.document_types,
        }
    }

    /// The counterpart of a value: its own entry, else one that differs only in case. An empty entry is none.
    #[must_use]
    pub fn get(&self, kind: MappingKind, value: &str) -> Option<&str> {
        let entries = self.of(kind);
        let plain = |text: &str| text.trim().to_lowercase();
        let found = entries.get(value).or_else(|| {
            let wanted = plain(value);
            entries.iter().find(|(from, _)| plain(from) == wanted).map(|(_, to)| to)
        });
        found.map(|to| to.trim()).filter(|to| !to.is_empty())
    }

    /// The target's code for a carrier, by its code or else by its name.
    #[must_use]
    pub fn carrier(&self, carrier: &Carrier) -> Option<&str> {
        let by = |text: &str| self.get(MappingKind::Carriers, text).filter(|_| !text.trim().is_empty());
        by(&carrier.code).or_else(|| by(&carrier.name))
    }

    /// The target's type for a kind of document.
    #[must_use]
    pub fn document_type(&self, kind: DocumentKind) -> Option<&str> {
        self.get(MappingKind::DocumentTypes, kind.as_str())
    }

    /// The payment kind that the rules use for one of a channel or source: its counterpart, else itself.
    #[must_use]
    pub fn payment<'a>(&'a self, kind: &'a str) -> &'a str {
        self.get(MappingKind::Payments, kind).unwrap_or(kind)
    }

    /// Whether what a hold waits for has its counterpart now.
    #[must_use]
    pub fn covers(&self, missing: &Unmapped) -> bool {
        let by = |text: &str| self.get(missing.mapping, text).is_some();
        by(&missing.value) || missing.name.as_deref().is_some_and(by)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mappings(entries: &[(&str, &str)]) -> Mappings {
        let carriers = entries.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect();
        Mappings { carriers, ..Mappings::default() }
    }

    fn carrier(code: &str, name: &str) -> Carrier {
        Carrier { code: code.into(), name: name.into() }
    }

    #[test]
    fn an_entry_is_found_by_code_then_by_name_whatever_the_case_and_an_empty_one_is_none() {
        let known = mappings(&[("DPD", "first"), ("dpd", "exact"), ("Zásilkovna", "PACKETA"), ("gls", " ")]);
        for (code, name, to) in [
            ("dpd", "", Some("exact")),
            ("Dpd", "", Some("first")),
            ("95", "ZÁSILKOVNA", Some("PACKETA")),
            ("gls", "GLS", None),
            ("", "", None),
        ] {
            assert_eq!(known.carrier(&carrier(code, name)), to, "{code} {name}");
            let missing = Unmapped::carrier(&carrier(code, name));
            assert_eq!(known.covers(&missing), to.is_some(), "{missing:?}");
        }
    }

    #[test]
    fn what_is_missing_reads_as_its_code_with_its_name() {
        assert_eq!(Unmapped::carrier(&carrier("ppl_cz", "PPL")).to_string(), "ppl_cz (PPL)");
        assert_eq!(Unmapped::carrier(&carrier(" ", "PPL")).to_string(), "PPL");
        let wire = r#"{"mapping":"carriers","value":"ppl_cz","name":"PPL"}"#;
        assert_eq!(serde_json::to_string(&Unmapped::carrier(&carrier("ppl_cz", "PPL"))).unwrap(), wire);
    }
}
