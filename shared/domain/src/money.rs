//! Exact amounts with their currency.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::fmt;

/// An ISO 4217 currency code, three capital letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// Reads an ISO code; letters may be of either case.
    ///
    /// # Errors
    /// [`InvalidMoney`] if no such currency exists.
    pub fn parse(code: &str) -> Result<Self, InvalidMoney> {
        iso_currency::Currency::from_code(&code.trim().to_ascii_uppercase()).map(Self).ok_or_else(|| {
            InvalidMoney(format!("`{}` is not an ISO currency", code.chars().take(12).collect::<String>()))
        })
    }

    /// The three letters.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.0.code()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl TryFrom<String> for Currency {
    type Error = InvalidMoney;
    fn try_from(code: String) -> Result<Self, InvalidMoney> {
        Self::parse(&code)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

/// An amount or currency that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidMoney(String);

/// An exact amount in one currency. Serialised as a string beside its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// The amount in whole units of the currency, exact.
    pub amount: Decimal,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// Puts an amount and its currency together.
    #[must_use]
    pub const fn new(amount: Decimal, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// Reads an amount as vendors write it (`"12100.0"`).
    ///
    /// # Errors
    /// [`InvalidMoney`] if the text is not a decimal number.
    pub fn parse_amount(text: &str) -> Result<Decimal, InvalidMoney> {
        text.trim()
            .parse::<Decimal>()
            .map_err(|_| InvalidMoney(format!("`{}` is not an amount", text.chars().take(24).collect::<String>())))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount.normalize(), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::{Currency, Money};

    #[test]
    fn amounts_stay_exact_and_compare_by_value() {
        let a = Money::parse_amount("0.1").unwrap() + Money::parse_amount("0.2").unwrap();
        assert_eq!(a, Money::parse_amount("0.30").unwrap());
        assert!(Money::parse_amount("12,5").is_err());
    }

    #[test]
    fn unknown_currencies_are_refused() {
        assert_eq!(Currency::parse("czk").unwrap().code(), "CZK");
        assert!(Currency::parse("ZZZ").is_err());
    }

    #[test]
    fn an_amount_is_said_with_its_currency_and_without_idle_zeros() {
        let money = Money::new("12100.50".parse().unwrap(), Currency::parse("EUR").unwrap());
        assert_eq!(money.to_string(), "12100.5 EUR");
        let json = serde_json::to_value(money).unwrap();
        assert_eq!(json, serde_json::json!({"amount": "12100.50", "currency": "EUR"}));
        assert_eq!(serde_json::from_value::<Money>(json).unwrap(), money);
    }
}
