//! What Magento would make of a credit note, by its own sums.

use super::memo_sum::{Taken, sum};
use super::{memo, wire};
use crate::suite::samples::{cents, credit_note};
use domain::{Document, DocumentLine};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

/// An order line that is wholly invoiced: id, quantity, row, tax, discount.
fn item(id: u64, quantity: u32, row: &str, tax: &str, discount: &str) -> Value {
    json!({
        "item_id": id, "sku": format!("A-{id}"), "product_type": "simple",
        "qty_ordered": quantity, "qty_invoiced": quantity, "row_total": row, "row_invoiced": row, "tax_amount": tax,
        "tax_invoiced": tax, "discount_amount": discount, "discount_invoiced": discount,
    })
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// An order over these lines, with shipping as net and tax.
fn order(items: Vec<Value>, shipping: (&str, &str)) -> Value {
    let all = |name: &str| -> Decimal { items.iter().map(|item| decimal(item[name].as_str().unwrap())).sum() };
    let tax = all("tax_amount") + decimal(shipping.1);
    let total = all("row_total") + tax - all("discount_amount") + decimal(shipping.0);
    json!({
        "entity_id": 42, "increment_id": "000000042", "state": "complete", "order_currency_code": "CZK",
        "grand_total": total, "total_paid": total, "shipping_amount": shipping.0, "shipping_tax_amount": shipping.1,
        "tax_invoiced": tax, "items": items,
    })
}

fn with(mut order: Value, field: &str, value: impl Into<Value>) -> wire::Order {
    order[field] = value.into();
    read(order)
}

fn of(order: &wire::Order, quantities: &[(&str, &str)], shipping: bool) -> Result<Decimal, domain::Said> {
    let quantities: BTreeMap<String, Decimal> =
        quantities.iter().map(|(id, quantity)| ((*id).to_owned(), decimal(quantity))).collect();
    sum(order, Taken { quantities: &quantities, shipping })
}

fn comes_to(order: &wire::Order, quantities: &[(&str, &str)], shipping: bool, total: &str) {
    assert_eq!(of(order, quantities, shipping), Ok(decimal(total)), "{quantities:?}");
}

#[track_caller]
fn cannot(result: Result<Decimal, domain::Said>, why: &str) {
    let said = result.unwrap_err();
    assert!(said.contains(why), "{said}");
}

#[test]
fn a_part_of_a_line_is_its_share_and_what_rounding_cuts_off_goes_on() {
    // 3 pieces of 10.00 with tax: 24.79 + 5.21 = 30. One is 8.2633 + 1.7367.
    let one = read(order(vec![item(1, 3, "24.79", "5.21", "0")], ("0", "0")));
    comes_to(&one, &[("1", "1")], false, "10");
    comes_to(&one, &[("1", "2")], false, "20");
    // 3.3333 leaves 0.0033 to the tax: 0.7033 becomes 0.71. Where a discount comes between, it takes 0.0033 less.
    comes_to(&read(order(vec![item(1, 3, "10", "2.11", "0")], ("0", "0"))), &[("1", "1")], false, "4.04");
    comes_to(&read(order(vec![item(1, 3, "10", "2.11", "1")], ("0", "0"))), &[("1", "1")], false, "3.7");
    // 8.26 leaves 0.0033 to the next line's row: 4.1317 and 0.0033 are still 4.13, and the taxes get what is left.
    let two = read(order(vec![item(1, 3, "24.79", "5.21", "0"), item(2, 3, "12.395", "2.605", "0")], ("0", "0")));
    comes_to(&two, &[("1", "1"), ("2", "1")], false, "15");
}

#[test]
fn a_discount_is_shared_out_with_its_line() {
    // 5 × 20 + 21 % on 90: a discount of 10 before tax.
    let discounted = read(order(vec![item(1, 5, "100", "18.90", "10")], ("0", "0")));
    comes_to(&discounted, &[("1", "1")], false, "21.78");
    comes_to(&discounted, &[("1", "5")], false, "108.90");
    // What the row's rounding cut off counts the other way where something is taken off: 33.33 - 3.33 + 6.30.
    let thirds = read(order(vec![item(1, 3, "100", "18.90", "10")], ("0", "0")));
    comes_to(&thirds, &[("1", "1")], false, "36.3");
}

#[test]
fn the_last_of_a_line_takes_what_is_left_of_it() {
    let mut line = item(1, 3, "24.79", "5.21", "0");
    line["qty_refunded"] = 2.into();
    line["amount_refunded"] = "16.53".into();
    line["tax_refunded"] = "3.47".into();
    let rest = with(order(vec![line, item(2, 1, "10", "2.10", "0")], ("0", "0")), "tax_refunded", "3.47");
    comes_to(&rest, &[("1", "1")], false, "10");
    comes_to(&rest, &[("1", "1"), ("2", "1")], false, "22.10");
}

#[test]
fn shipping_comes_whole_with_its_tax_or_not_at_all() {
    let lines = || vec![item(1, 2, "200", "42", "0")];
    let shipped: wire::Order = read(order(lines(), ("100", "21")));
    comes_to(&shipped, &[("1", "1")], false, "121");
    comes_to(&shipped, &[("1", "1")], true, "242");
    // The last of everything takes all tax that is left, unless some of it is the shipping's that stays.
    comes_to(&shipped, &[("1", "2")], false, "242");
    comes_to(&shipped, &[("1", "2")], true, "363");
    let begun = with(order(lines(), ("100", "21")), "shipping_refunded", "10");
    cannot(of(&begun, &[("1", "1")], true), "refunded already");
    comes_to(&begun, &[("1", "1")], false, "121");
}

#[test]
fn no_more_tax_comes_back_than_the_order_has_left() {
    let short =
        with(order(vec![item(1, 2, "200", "42", "0"), item(2, 1, "10", "2.1", "0")], ("0", "0")), "tax_refunded", "30");
    comes_to(&short, &[("1", "1")], false, "114.10");
}

#[test]
fn what_cannot_be_foretold_is_said() {
    let lines = || vec![item(1, 2, "200", "42", "0")];
    cannot(
        of(&with(order(lines(), ("100", "21")), "shipping_discount_amount", "5"), &[("1", "1")], false),
        "discount on its shipping",
    );
    cannot(of(&with(order(lines(), ("0", "0")), "grand_total", "200"), &[("1", "1")], false), "its total is 200");
    let mut bundle = item(1, 1, "200", "42", "0");
    bundle["product_type"] = "bundle".into();
    let mut part = item(2, 1, "0", "0", "0");
    part["parent_item_id"] = 1.into();
    cannot(of(&read(order(vec![bundle.clone(), part.clone()], ("0", "0"))), &[("1", "1")], false), "bundle");
    bundle["product_type"] = "configurable".into();
    comes_to(&read(order(vec![bundle, part], ("0", "0"))), &[("1", "1")], false, "242");
    // Half a cent that nothing takes up: rounded up or down, by the release of the language it is written in.
    cannot(of(&read(order(vec![item(1, 2, "10.01", "0", "0")], ("0", "0"))), &[("1", "1")], false), "half a cent");
    cannot(of(&read(order(vec![item(1, 1, "10.005", "0", "0")], ("0", "0"))), &[("1", "1")], false), "not whole cents");
}

fn note(lines: &[(Option<&str>, i64, i64)]) -> Document {
    let line = |(sku, quantity, total): &(Option<&str>, i64, i64)| DocumentLine {
        sku: sku.map(Into::into),
        order_line_id: None,
        name: "x".into(),
        quantity: Decimal::from(*quantity),
        total: cents(*total),
    };
    Document { lines: lines.iter().map(line).collect(), ..credit_note() }
}

fn goods(lines: &[(Option<&str>, i64, i64)]) -> Result<(Vec<(String, String)>, bool), domain::Said> {
    let order: wire::Order =
        read(order(vec![item(1, 2, "200", "42", "0"), item(2, 1, "10", "2.1", "0")], ("100", "21")));
    let found = memo::goods(&note(lines), &order)?;
    let quantities = found.quantities.iter().map(|(id, quantity)| (id.clone(), quantity.to_string())).collect();
    Ok((quantities, found.shipping))
}

#[test]
fn every_line_is_goods_of_the_order_or_its_whole_shipping_whatever_its_sign() {
    let one = || vec![("1".to_owned(), "1".to_owned())];
    for sign in [1, -1] {
        assert_eq!(goods(&[(Some("A-1"), sign, sign * 12_100)]), Ok((one(), false)));
        assert_eq!(goods(&[(Some("A-1"), 1, sign * 12_100), (None, 1, sign * 12_100)]), Ok((one(), true)));
        assert_eq!(goods(&[(Some("A-1"), 1, sign * 12_100), (None, 1, 0)]), Ok((one(), false)), "a line of text");
    }
    for (lines, why) in [
        (&[(Some("A-1"), 3, 36_300)][..], "1 more"),
        (&[(Some("A-1"), 1, 12_100), (Some("A-9"), 1, 500)][..], "5 name nothing"),
        (&[(Some("A-1"), 1, 12_100), (None, 1, 12_099)][..], "whose shipping is 121"),
        (&[(Some("A-1"), 1, 12_100), (Some("A-2"), 1, -1_210)][..], "takes some of the refund back"),
        (&[(None, 1, 12_100)][..], "a sum alone"),
        (&[][..], "a sum alone"),
    ] {
        let said = goods(lines).unwrap_err();
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn a_broken_quantity_needs_a_product_that_is_sold_by_the_measure() {
    let mut document = note(&[(Some("A-1"), 1, 6_050)]);
    document.lines[0].quantity = decimal("0.5");
    let mut line = item(1, 2, "200", "42", "0");
    assert!(memo::goods(&document, &read(order(vec![line.clone()], ("0", "0")))).unwrap_err().contains("by the piece"));
    line["is_qty_decimal"] = 1.into();
    assert!(memo::goods(&document, &read(order(vec![line], ("0", "0")))).is_ok());
}
