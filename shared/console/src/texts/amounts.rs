//! Amounts, numbers and instants as a language writes them.

use super::say;
use domain::Money;
use jiff::Timestamp;
use rust_decimal::Decimal;

/// Decimal places of an amount at least.
const CENTS: u32 = 2;

/// An amount with its cents and currency.
pub(crate) fn money(money: &Money) -> String {
    let mut amount = money.amount.normalize();
    if amount.scale() < CENTS {
        amount.rescale(CENTS);
    }
    format!("{}\u{a0}{}", number(amount), money.currency)
}

/// A number.
pub(crate) fn number(number: Decimal) -> String {
    let text = number.abs().to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let mut grouped = String::new();
    for (n, digit) in whole.chars().enumerate() {
        if n > 0 && (whole.len() - n).is_multiple_of(3) && whole.len() > GROUPED_FROM {
            grouped.push_str(say("format-group"));
        }
        grouped.push(digit);
    }
    let sign = if number.is_sign_negative() && !number.is_zero() { "-" } else { "" };
    let point = if part.is_empty() { "" } else { say("format-point") };
    format!("{sign}{grouped}{point}{part}")
}

/// Up to this many digits are not grouped.
const GROUPED_FROM: usize = 3;

/// An instant, to the second, in UTC.
pub(crate) fn instant(at: Timestamp) -> String {
    at.strftime(say("format-instant")).to_string()
}

/// The beginning of an hour, in UTC.
pub(crate) fn hour(at: Timestamp) -> String {
    at.strftime(say("format-hour")).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_their_cents() {
        let said = |text: &str| money(&Money::new(text.parse().unwrap(), domain::Currency::parse("CZK").unwrap()));
        assert_eq!(said("1210.500"), "1,210.50\u{a0}CZK");
        assert_eq!(said("1210"), "1,210.00\u{a0}CZK");
        assert_eq!((said("0.125"), said("-999999.5")), ("0.125\u{a0}CZK".into(), "-999,999.50\u{a0}CZK".into()));
    }
}
