//! Lines of parcels and documents, spread over what an order has left.

use domain::{DocumentLine, ParcelLine, Said, remark};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// What is left of one order line for the effect in question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Left {
    /// The target's line id.
    pub(super) id: String,
    /// The seller's article numbers for it: more than one where a variant has its own.
    pub(super) skus: Vec<String>,
    /// How many are left.
    pub(super) quantity: Decimal,
}

impl Left {
    fn is(&self, sku: &str) -> bool {
        self.skus.iter().any(|own| own.trim() == sku)
    }

    /// Whether a wanted line means this one, whatever the quantity.
    pub(super) fn meant_by(&self, line: &Wanted<'_>) -> bool {
        line.sku().is_some_and(|sku| self.is(sku)) || line.line_id == Some(self.id.as_str())
    }
}

/// One line wanted, by whatever names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted<'a> {
    pub(super) sku: Option<&'a str>,
    pub(super) line_id: Option<&'a str>,
    pub(super) quantity: Decimal,
}

impl<'a> Wanted<'a> {
    fn sku(&self) -> Option<&'a str> {
        self.sku.map(str::trim).filter(|sku| !sku.is_empty())
    }
}

impl<'a> From<&'a ParcelLine> for Wanted<'a> {
    fn from(line: &'a ParcelLine) -> Self {
        Self { sku: Some(&line.sku), line_id: None, quantity: line.quantity }
    }
}

impl<'a> From<&'a DocumentLine> for Wanted<'a> {
    fn from(line: &'a DocumentLine) -> Self {
        let quantity = line.quantity.abs();
        Self { sku: line.sku.as_deref(), line_id: line.order_line_id.as_deref(), quantity }
    }
}

/// Spreads wanted lines over what is left: by article number, then by the order line id the source carries. Several
/// order lines of one article are filled in their order. The result holds quantities by line id, none of them zero.
///
/// # Errors
/// In words: which line fits nothing that is left.
pub(super) fn spread(wanted: &[Wanted<'_>], left: &[Left]) -> Result<BTreeMap<String, Decimal>, Said> {
    let mut rest: Vec<Left> = left.to_vec();
    let mut taken: BTreeMap<String, Decimal> = BTreeMap::new();
    for line in wanted.iter().filter(|line| line.quantity > Decimal::ZERO) {
        let sku = line.sku();
        let by_sku = sku.filter(|sku| rest.iter().any(|l| l.is(sku)));
        let mut open = line.quantity;
        for candidate in &mut rest {
            let fits = match by_sku {
                Some(sku) => candidate.is(sku),
                None => line.line_id == Some(candidate.id.as_str()),
            };
            let part = if fits { open.min(candidate.quantity) } else { Decimal::ZERO };
            if part > Decimal::ZERO {
                candidate.quantity -= part;
                open -= part;
                *taken.entry(candidate.id.clone()).or_default() += part;
            }
        }
        if open > Decimal::ZERO {
            let more = open.normalize();
            return Err(match sku.or(line.line_id) {
                Some(name) => remark::lines_too_many(name, more),
                None => remark::lines_too_many_unnamed(more),
            });
        }
    }
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(lines: &[(&str, Option<&str>, i64)]) -> Vec<Left> {
        let line = |(id, sku, quantity): &(&str, Option<&str>, i64)| Left {
            id: (*id).into(),
            skus: sku.map(Into::into).into_iter().collect(),
            quantity: Decimal::from(*quantity),
        };
        lines.iter().map(line).collect()
    }

    fn wanted<'a>(sku: Option<&'a str>, line_id: Option<&'a str>, quantity: i64) -> Wanted<'a> {
        Wanted { sku, line_id, quantity: Decimal::from(quantity) }
    }

    fn pairs(spread: &BTreeMap<String, Decimal>) -> Vec<(&str, String)> {
        spread.iter().map(|(id, quantity)| (id.as_str(), quantity.to_string())).collect()
    }

    #[test]
    fn lines_are_found_by_article_number_and_then_by_the_order_line_id() {
        let left = left(&[("1", Some("A"), 2), ("2", Some("B"), 1), ("3", None, 4)]);
        let found = spread(&[wanted(Some("B"), Some("1"), 1), wanted(Some("Z"), Some("3"), 4)], &left).unwrap();
        assert_eq!(pairs(&found), [("2", "1".into()), ("3", "4".into())]);
    }

    #[test]
    fn several_order_lines_of_one_article_are_filled_in_turn() {
        let left = left(&[("1", Some("A"), 2), ("2", Some("A"), 3)]);
        let found = spread(&[wanted(Some("A"), None, 1), wanted(Some(" A "), None, 3)], &left).unwrap();
        assert_eq!(pairs(&found), [("1", "2".into()), ("2", "2".into())]);
    }

    #[test]
    fn more_than_is_left_or_an_unknown_article_fits_nothing() {
        let left = left(&[("1", Some("A"), 2)]);
        assert!(spread(&[wanted(Some("A"), None, 3)], &left).unwrap_err().contains("A: 1 more"));
        assert!(spread(&[wanted(Some("X"), None, 1)], &left).is_err());
        assert!(spread(&[wanted(None, None, 1)], &left).is_err());
    }
}
