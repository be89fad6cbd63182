//! Marketplaces and shops. Here is what their conversations share: rules of when to tell, and whose an effect is.

pub(crate) mod mirakl;
#[cfg(test)]
mod scene;

use crate::account::Account;
use crate::contract::Task;
use crate::http::Answer;
use crate::stop::Stop;
use domain::{Code, DocumentLine, HoldReason, Operation, Parcel, ParcelLine, ShippedWhen};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// A setting as text, whether it was given as text, number or yes and no; the field's default where it is not given.
fn setting(account: &Account, name: &str) -> Option<String> {
    match account.connection.settings.get(name) {
        Some(serde_json::Value::Number(number)) => Some(number.to_string()),
        Some(serde_json::Value::Bool(yes)) => Some(yes.to_string()),
        _ => account.setting(name).map(str::to_owned),
    }
}

/// Whether a receipt of another export with the same operation names this effect. Ids of different kinds of things may
/// be equal at a target (Magento counts invoices and shipments apart), so only the same operation counts.
fn taken(task: &Task<'_>, operation: Operation, remote_id: &str) -> bool {
    task.siblings.iter().filter(|s| s.operation == operation).any(|s| s.remote_ids.iter().any(|id| id == remote_id))
}

/// Whether an earlier receipt of this same export names this effect.
fn was_ours(task: &Task<'_>, remote_id: &str) -> bool {
    task.previous.iter().any(|receipt| receipt.remote_id == remote_id)
}

/// Whether calls that confirm shipment may be made.
fn may_confirm_shipment(task: &Task<'_>, parcel: &Parcel) -> bool {
    task.overrides.by_hand
        || match task.rules.shipped_when.unwrap_or_default() {
            ShippedWhen::HandedOver => parcel.handed_over(),
            ShippedWhen::NumberKnown => true,
            ShippedWhen::Manual => false,
        }
}

/// The hold of a parcel whose shipment may not be confirmed yet.
fn not_handed_over(task: &Task<'_>) -> Stop {
    let why = match task.rules.shipped_when.unwrap_or_default() {
        ShippedWhen::Manual => "the rule waits for a person to confirm the shipment",
        ShippedWhen::HandedOver | ShippedWhen::NumberKnown => "the courier has not scanned the parcel",
    };
    Stop::hold(HoldReason::NotHandedOver, Some(why.to_owned()))
}

/// The tracking number to show the buyer.
fn tracking_number(parcel: &Parcel) -> Result<&str, Stop> {
    let number = parcel.tracking_number().map(str::trim).filter(|n| !n.is_empty());
    number.ok_or_else(|| Stop::hold(HoldReason::NumberMissing, None))
}

/// Whether two texts name the same parcel: targets trim, and people type in either case.
fn same_number(a: &str, b: &str) -> bool {
    let plain = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_uppercase();
    !plain(a).is_empty() && plain(a) == plain(b)
}

/// What is left of one order line for the effect in question.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Left {
    /// The target's line id.
    id: String,
    /// The seller's article number.
    sku: Option<String>,
    /// How many are left.
    quantity: Decimal,
}

/// One line wanted, by whatever names it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Wanted<'a> {
    sku: Option<&'a str>,
    line_id: Option<&'a str>,
    quantity: Decimal,
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
fn spread(wanted: &[Wanted<'_>], left: &[Left]) -> Result<BTreeMap<String, Decimal>, String> {
    let mut rest: Vec<Left> = left.to_vec();
    let mut taken: BTreeMap<String, Decimal> = BTreeMap::new();
    for line in wanted.iter().filter(|line| line.quantity > Decimal::ZERO) {
        let sku = line.sku.map(str::trim).filter(|sku| !sku.is_empty());
        let by_sku = sku.filter(|sku| rest.iter().any(|l| l.sku.as_deref().map(str::trim) == Some(*sku)));
        let mut open = line.quantity;
        for candidate in &mut rest {
            let fits = match by_sku {
                Some(sku) => candidate.sku.as_deref().map(str::trim) == Some(sku),
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
            let name = sku.or(line.line_id).unwrap_or("a line without article number");
            return Err(format!("{name}: {} more than the order has left", open.normalize()));
        }
    }
    Ok(taken)
}

/// Whether a call shows that the vendor is up: any answer does, one too large to be read too; a gateway's 502 to 504
/// does not.
fn reached(call: Result<Answer, Stop>) -> Result<(), Stop> {
    match call {
        Ok(answer) if (502..=504).contains(&answer.status) => Err(answer.refusal("")),
        Err(Stop::Fail(failure)) if failure.code == Code::AnswerTooLarge => Ok(()),
        call => call.map(drop),
    }
}

/// Work of another kind than the operation says: our own mistake, so that nothing is counted.
fn misplanned(what: &str) -> Stop {
    Stop::Ours(format!("the task carries no {what}"))
}

/// What the vendor said it did is not there.
fn not_confirmed(what: &str) -> Stop {
    Stop::fail(Code::NotConfirmed, None, format!("the answer was a success, but {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(lines: &[(&str, Option<&str>, i64)]) -> Vec<Left> {
        let line = |(id, sku, quantity): &(&str, Option<&str>, i64)| Left {
            id: (*id).into(),
            sku: sku.map(Into::into),
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

    #[test]
    fn numbers_are_the_same_whatever_their_case_and_spaces() {
        assert!(same_number(" ab 12", "AB12"));
        assert!(!same_number("AB12", "AB123"));
        assert!(!same_number("", " "));
    }
}
