//! What is known of something, in words: a remark of ours, or what somebody else has said.

use crate::Redactor;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;

/// A remark of ours as data, so that it can be said in any language. [`crate::remark`] makes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// Which. A record may name one that only a later version makes; then its English text says it.
    pub code: String,
    /// What stands in its gaps, by their names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<String, String>,
}

/// A text for people. It reads as its English text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    // As small as a String: errors carry it.
    text: Box<str>,
    remark: Option<Box<Remark>>,
}

impl Said {
    /// A remark: its English with the gaps filled.
    // Not generic and kept in one place: there are many remarks, and a function's program is loaded at every cold start.
    #[inline(never)]
    pub(crate) fn remark(code: &str, english: &str, args: &[(&str, &dyn fmt::Display)]) -> Self {
        let args: BTreeMap<String, String> =
            args.iter().map(|(gap, value)| ((*gap).to_owned(), value.to_string())).collect();
        let mut text = String::with_capacity(english.len());
        for (n, piece) in english.split(['{', '}']).enumerate() {
            let filled = if n % 2 == 1 { args.get(piece) } else { None };
            text.push_str(filled.map_or(piece, String::as_str));
        }
        Self { text: text.into(), remark: Some(Box::new(Remark { code: code.to_owned(), args })) }
    }

    /// Without what must not be kept, in the text as in what fills its gaps.
    #[must_use]
    pub fn cleaned(&self, redactor: &Redactor) -> Self {
        let mut remark = self.remark.clone();
        for value in remark.iter_mut().flat_map(|remark| remark.args.values_mut()) {
            *value = redactor.clean(value);
        }
        Self { text: redactor.clean(&self.text).into(), remark }
    }

    /// The same with something said before it in English.
    #[must_use]
    pub fn after(self, before: &str) -> Self {
        Self { text: format!("{before}: {}", self.text).into(), ..self }
    }

    /// Cut where it is longer than so many characters.
    #[must_use]
    pub fn at_most(self, chars: usize) -> Self {
        if self.text.chars().count() <= chars {
            return self;
        }
        Self { text: self.text.chars().take(chars).collect::<String>().into(), remark: None }
    }

    /// As a record keeps it: in English, and as a remark if it is one.
    #[must_use]
    pub fn into_parts(self) -> (String, Option<Box<Remark>>) {
        (self.text.into(), self.remark)
    }

    /// From what a record has kept.
    #[must_use]
    pub fn of_parts(text: impl Into<String>, remark: Option<Box<Remark>>) -> Self {
        Self { text: text.into().into(), remark }
    }

    /// The remark; nothing if these are somebody else's words.
    #[must_use]
    pub fn as_remark(&self) -> Option<&Remark> {
        self.remark.as_deref()
    }
}

/// What a record keeps of a detail that may be missing.
#[must_use]
pub fn kept(detail: Option<Said>) -> (Option<String>, Option<Box<Remark>>) {
    detail.map_or((None, None), |said| {
        let (text, remark) = said.into_parts();
        (Some(text), remark)
    })
}

/// Somebody else's words.
impl From<String> for Said {
    fn from(text: String) -> Self {
        Self { text: text.into(), remark: None }
    }
}

/// Somebody else's words.
impl From<&str> for Said {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl Deref for Said {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

/// To programs it is its English text.
impl Serialize for Said {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.text)
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq<str> for Said {
    fn eq(&self, other: &str) -> bool {
        &*self.text == other
    }
}

impl PartialEq<&str> for Said {
    fn eq(&self, other: &&str) -> bool {
        &*self.text == *other
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remark;

    #[test]
    fn a_remark_is_its_english_and_its_data() {
        let said = remark::document_and_order("12 CZK", "{order}");
        assert_eq!(said, "the document says 12 CZK, the order {order}");
        let (text, kept) = said.clone().into_parts();
        let wire = serde_json::to_string(&kept).unwrap();
        assert_eq!(wire, r#"{"code":"document_and_order","args":{"document":"12 CZK","order":"{order}"}}"#);
        assert_eq!(Said::of_parts(text, serde_json::from_str(&wire).unwrap()), said);
        let (_, kept) = remark::invoice_first().into_parts();
        assert_eq!(serde_json::to_string(&kept).unwrap(), r#"{"code":"invoice_first"}"#);
    }

    #[test]
    fn what_must_not_be_kept_is_taken_out_of_the_gaps_too() {
        let mut redactor = Redactor::default();
        redactor.hide(["Jana".to_owned()]);
        let (text, kept) = remark::carrier_unknown("jana express").cleaned(&redactor).into_parts();
        assert!(!format!("{text} {kept:?}").to_lowercase().contains("jana"), "{text} {kept:?}");
    }

    #[test]
    fn every_gap_is_filled_and_every_name_is_used_once() {
        let mut codes = std::collections::BTreeSet::new();
        for shape in remark::ALL {
            assert!(codes.insert(shape.code), "{} twice", shape.code);
            let gaps: Vec<&str> = shape.english.split(['{', '}']).skip(1).step_by(2).collect();
            let mut known: Vec<&str> = gaps.clone();
            known.sort_unstable();
            known.dedup();
            let mut given = shape.gaps.to_vec();
            given.sort_unstable();
            assert_eq!(known, given, "{}", shape.code);
        }
    }
}
