//! Vendors write numbers as texts and texts as numbers, sometimes both in one answer. These take either.

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::Value;

/// A text, also where the vendor wrote a number.
///
/// # Errors
/// Anything else.
pub(crate) fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    optional_text(from)?.ok_or_else(|| D::Error::custom("a text or a number is missing"))
}

/// A text or number; `None` for null. Use with `#[serde(default)]`.
///
/// # Errors
/// Anything else.
pub(crate) fn optional_text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    match Value::deserialize(from)? {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        Value::Number(number) => Ok(Some(number.to_string())),
        _ => Err(D::Error::custom("neither a text nor a number")),
    }
}

/// An exact number, also where the vendor wrote a text.
///
/// # Errors
/// Anything that is not a decimal number.
pub(crate) fn decimal<'de, D: Deserializer<'de>>(from: D) -> Result<Decimal, D::Error> {
    optional_decimal(from)?.ok_or_else(|| D::Error::custom("a number is missing"))
}

/// An exact number; `None` for null and for an empty text. Use with `#[serde(default)]`.
///
/// # Errors
/// Anything that is not a decimal number.
pub(crate) fn optional_decimal<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Decimal>, D::Error> {
    let Some(text) = optional_text(from)? else { return Ok(None) };
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let number = text.parse().or_else(|_| Decimal::from_scientific(text));
    number.map(Some).map_err(|_| D::Error::custom("not a decimal number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Line {
        #[serde(deserialize_with = "text")]
        id: String,
        #[serde(deserialize_with = "decimal")]
        rate: Decimal,
        #[serde(default, deserialize_with = "optional_decimal")]
        total: Option<Decimal>,
        #[serde(default, deserialize_with = "optional_text")]
        note: Option<String>,
    }

    #[test]
    fn numbers_and_texts_are_read_alike_and_exactly() {
        let line: Line = serde_json::from_str(r#"{"id":27,"rate":12.5,"total":"0.1","note":null}"#).unwrap();
        assert_eq!((line.id.as_str(), line.rate.to_string().as_str()), ("27", "12.5"));
        assert_eq!((line.total, line.note), (Some(Decimal::new(1, 1)), None));
        let line: Line = serde_json::from_str(r#"{"id":"27","rate":"21"}"#).unwrap();
        assert_eq!((line.id.as_str(), line.rate, line.total), ("27", Decimal::from(21), None));
    }

    #[test]
    fn what_is_neither_is_refused() {
        for bad in [r#"{"id":{},"rate":1}"#, r#"{"id":"1","rate":"12,5"}"#, r#"{"id":null,"rate":1}"#, r#"{"id":"1"}"#]
        {
            assert!(serde_json::from_str::<Line>(bad).is_err(), "{bad}");
        }
    }
}
