//! Marketplaces and shops. Here is what their conversations share: rules of when to tell, and whose an effect is.

mod lines;
pub(crate) mod magento;
pub(crate) mod mirakl;
#[cfg(test)]
mod scene;
pub(crate) mod shipping;

use crate::account::Account;
use crate::contract::Task;
use crate::stop::Stop;
use domain::{Alias, Code, HoldReason, Operation, OrderReference, Parcel, Said};
use serde_json::Value;

/// A setting as text, whether it was given as text, number or yes and no; the field's default where it is not given.
fn setting(account: &Account, name: &str) -> Option<String> {
    match account.connection.settings.get(name) {
        Some(Value::Number(number)) => Some(number.to_string()),
        Some(Value::Bool(yes)) => Some(yes.to_string()),
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

/// Work of another kind than the operation says: our own mistake, so that nothing is counted.
fn misplanned(what: &str) -> Stop {
    Stop::Ours(format!("the task carries no {what}"))
}

/// What the vendor said it did is not there.
fn not_confirmed(what: Said) -> Stop {
    Stop::fail(Code::NotConfirmed, None, what)
}

/// The same sale's reference at another channel, where the rules say which field carries it: names parted by dots.
fn aliases(account: &Account, order: &Value) -> Vec<Alias> {
    let Some(rule) = &account.connection.rules.also_known_as else { return vec![] };
    let found = rule.field.split('.').try_fold(order, |value, name| value.get(name.trim()));
    let reference = match found {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    if reference.is_empty() {
        return vec![];
    }
    vec![Alias { channel: rule.channel.clone(), reference: OrderReference::new(reference) }]
}

/// Values of these names anywhere in what was read: a buyer's, so that no log or error repeats them.
fn buyer_values(read: &Value, names: &[&str]) -> Vec<String> {
    let mut values = vec![];
    let mut open = vec![(read, false)];
    while let Some((value, telling)) = open.pop() {
        match value {
            Value::Object(fields) => open.extend(fields.iter().map(|(name, v)| (v, names.contains(&name.as_str())))),
            Value::Array(items) => open.extend(items.iter().map(|v| (v, telling))),
            Value::String(text) if telling => values.push(text.clone()),
            _ => {}
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_same_whatever_their_case_and_spaces() {
        assert!(same_number(" ab 12", "AB12"));
        assert!(!same_number("AB12", "AB123"));
        assert!(!same_number("", " "));
    }
}
