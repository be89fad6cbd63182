//! The decisions that hang on what was read at Magento.

use super::{map, wire};
use crate::suite::samples::{cents, invoice as document};
use domain::{Carrier, DocumentLine, Mappings};
use rust_decimal::Decimal;
use serde_json::{Value, json};

fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

/// An order with these top lines: id, article, ordered, invoiced.
fn order(lines: &[(u64, &str, i64, i64)], total: f64) -> wire::Order {
    let items: Vec<Value> = lines
        .iter()
        .map(|(id, sku, ordered, invoiced)| {
            json!({"item_id": id, "sku": sku, "qty_ordered": ordered, "qty_invoiced": invoiced})
        })
        .collect();
    read(json!({
        "entity_id": 42, "increment_id": "000000042", "state": "processing", "order_currency_code": "CZK",
        "grand_total": total, "shipping_incl_tax": 100, "items": items,
    }))
}

fn line(sku: Option<&str>, quantity: i64, total: i64) -> DocumentLine {
    DocumentLine {
        sku: sku.map(Into::into),
        order_line_id: None,
        name: "x".into(),
        quantity: Decimal::from(quantity),
        total: cents(total),
    }
}

#[test]
fn markers_are_read_exactly() {
    for (comment, number) in [
        ("Invoice 1", Some("1")),
        ("Invoice 11 https://x.example/1", Some("11")),
        ("  Invoice FV 2026/1  http://x.example/1\nthanks", Some("FV 2026/1")),
        ("Invoice ", None),
        ("invoice 1", None),
        ("Faktura 1", None),
        ("", None),
    ] {
        assert_eq!(map::marked(comment).as_deref(), number, "{comment:?}");
    }
    let mut own = document();
    for number in ["1", "2026-0056", "FV  2026/1"] {
        own.number = number.into();
        for url in [None, Some("https://books.example/p/1.pdf".to_owned())] {
            own.public_url = url;
            assert_eq!(map::marked(&map::comment(&own)), Some(map::one_line(number)));
        }
    }
}

#[test]
fn a_number_is_mentioned_only_as_a_word_of_its_own() {
    let with = |comment: &str| -> wire::Invoice {
        read(json!({"entity_id": 1, "order_id": 42, "comments": [{"comment": comment}]}))
    };
    assert!(map::mentions(&with("Faktura č. 2026-1.").comments, "2026-1"));
    for other in ["2026-11", "12026-1", "2026-1-a", "2026-1/2", ""] {
        assert!(!map::mentions(&with(other).comments, "2026-1"), "{other}");
    }
}

#[test]
fn placeholders_are_filled_from_lists_and_names_once() {
    for (message, parameters, filled) in [
        ("SKU \"%1\" of %2", json!(["A-%2", 7]), "SKU \"A-%2\" of 7"),
        ("%10 and %1", json!(["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]), "j and a"),
        ("%fieldName and %field", json!({"field": "x", "fieldName": "y"}), "y and x"),
        ("100 % of %resources", json!({"resources": "Magento_Sales::ship"}), "100 % of Magento_Sales::ship"),
        ("%1", Value::Null, "%1"),
    ] {
        assert_eq!(map::filled(message, &parameters), filled);
    }
}

#[test]
fn a_document_over_all_that_is_left_names_no_lines() {
    let whole = order(&[(81, "MOUSE-1", 5, 0), (82, "PAD-1", 2, 0)], 12_100.0);
    let all = map::Cover::Items(map::Items::All);
    assert_eq!(map::cover(&document(), &whole, false, true), all);
    // Lines that fit nothing: by the total if the rule allows, else a person looks.
    let mut strange = document();
    strange.lines = vec![line(None, 1, 1_210_000)];
    assert_eq!(map::cover(&strange, &whole, false, true), all);
    assert!(matches!(map::cover(&strange, &whole, false, false), map::Cover::Unmatched(_)));
    strange.total = cents(600_000);
    assert!(matches!(map::cover(&strange, &whole, false, true), map::Cover::Unmatched(_)));
    assert_eq!(map::cover(&strange, &whole, true, false), all, "a person said so");
}

#[test]
fn a_part_is_named_and_shipping_and_discount_are_no_goods() {
    let whole = order(&[(81, "MOUSE-1", 5, 0), (82, "PAD-1", 2, 0)], 12_100.0);
    let mut part = document();
    part.total = cents(410_000);
    part.lines = vec![line(Some("MOUSE-1"), 2, 400_000), line(None, 1, 10_000), line(Some("SALE"), 1, -5_000)];
    let map::Cover::Items(map::Items::Some(items)) = map::cover(&part, &whole, false, true) else { panic!() };
    assert_eq!(serde_json::to_value(&items).unwrap(), json!([{"order_item_id": 81, "qty": 2}]));
    part.lines.push(line(None, 1, 70_000));
    assert!(matches!(map::cover(&part, &whole, false, true), map::Cover::Unmatched(_)), "that is more than shipping");
}

#[test]
fn a_whole_invoice_whose_lines_fit_nothing_goes_by_its_total_where_the_rule_allows_it() {
    let whole = order(&[(81, "MOUSE-1", 5, 0), (82, "PAD-1", 2, 0)], 12_100.0);
    let mut strange = document();
    strange.lines = vec![line(Some("OTHER"), 1, 1_210_000)];
    assert_eq!(map::cover(&strange, &whole, false, true), map::Cover::Items(map::Items::All));
    assert!(matches!(map::cover(&strange, &whole, false, false), map::Cover::Unmatched(_)), "the rule says no");
    assert_eq!(map::cover(&strange, &whole, true, false), map::Cover::Items(map::Items::All), "a person says yes");
    strange.total = cents(1_209_900);
    assert!(matches!(map::cover(&strange, &whole, false, true), map::Cover::Unmatched(_)), "another total");
}

#[test]
fn what_is_invoiced_already_is_never_invoiced_by_the_total() {
    // The mice were invoiced by hand; the document names the mice again and costs what the pads cost.
    let rest = order(&[(81, "MOUSE-1", 5, 5), (82, "PAD-1", 5, 0)], 12_100.0);
    let mut again = document();
    again.lines = vec![line(Some("MOUSE-1"), 5, 1_210_000)];
    assert!(matches!(map::cover(&again, &rest, false, true), map::Cover::Unmatched(_)));
    let none = order(&[(81, "MOUSE-1", 5, 5)], 12_100.0);
    assert_eq!(map::cover(&again, &none, false, true), map::Cover::NothingLeft);
}

#[test]
fn variants_count_through_their_parent_and_match_by_either_number() {
    let order: wire::Order = read(json!({
        "entity_id": 42, "increment_id": "1", "order_currency_code": "CZK", "grand_total": 10,
        "items": [
            {"item_id": 1, "sku": "SHIRT", "product_type": "configurable", "qty_ordered": 2},
            {"item_id": 2, "parent_item_id": 1, "sku": "SHIRT-RED", "product_type": "simple", "qty_ordered": 2},
            {"item_id": 3, "sku": "BOX", "product_type": "bundle", "qty_ordered": "1.0000"},
            {"item_id": 4, "parent_item_id": "3", "sku": "PART", "product_type": "simple", "qty_ordered": 6},
            {"item_id": 5, "sku": "EBOOK", "product_type": "virtual", "is_virtual": 1, "qty_ordered": 1},
        ],
    }));
    let left = map::left_to_ship(&order);
    let shown: Vec<_> = left.iter().map(|l| (l.id.as_str(), l.skus.join(" "), l.quantity.to_string())).collect();
    assert_eq!(shown[0], ("1", "SHIRT SHIRT-RED".into(), "2".into()));
    assert_eq!(shown[1].1, "BOX");
    assert_eq!((shown.len(), shown[2].2.as_str()), (3, "0"), "virtual lines are never shipped");
}

#[test]
fn quantities_left_are_counted_as_magento_counts_them() {
    let order: wire::Order = read(json!({
        "entity_id": 42, "increment_id": "1", "order_currency_code": "CZK", "grand_total": 10,
        "items": [{"item_id": 1, "sku": "A", "qty_ordered": 9, "qty_invoiced": 4, "qty_shipped": 3,
                   "qty_refunded": 2, "qty_canceled": 1}],
    }));
    let quantity = |left: &[crate::channels::lines::Left]| left[0].quantity.to_string();
    assert_eq!(quantity(&map::left_to_invoice(&order)), "4");
    assert_eq!(quantity(&map::left_to_ship(&order)), "3");
}

#[test]
fn fractions_are_told_as_fractions() {
    let whole = order(&[(81, "CLOTH", 5, 0)], 100.0);
    let mut part = document();
    part.lines = vec![DocumentLine { quantity: Decimal::new(15, 1), ..line(Some("CLOTH"), 1, 3_000) }];
    part.total = cents(3_000);
    let map::Cover::Items(map::Items::Some(items)) = map::cover(&part, &whole, false, true) else { panic!() };
    assert_eq!(serde_json::to_value(&items).unwrap(), json!([{"order_item_id": 81, "qty": 1.5}]));
}

#[test]
fn an_invoice_fits_by_currency_total_and_quantities() {
    let whole = order(&[(81, "MOUSE-1", 5, 5), (82, "PAD-1", 2, 2)], 12_100.0);
    let made = |total: f64, currency: &str, mice: i64, pads: i64| -> wire::Invoice {
        read(json!({
            "entity_id": 6, "order_id": 42, "grand_total": total, "order_currency_code": currency,
            "items": [{"order_item_id": 81, "qty": mice}, {"order_item_id": 82, "qty": pads}, {"order_item_id": 99, "qty": 1}],
        }))
    };
    let fit = |invoice: &wire::Invoice| map::fit(invoice, &document(), &whole, false);
    assert_eq!(fit(&made(12_100.004, "czk", 5, 2)), map::Fit { currency: true, total: true, quantities: true });
    assert_eq!(fit(&made(12_099.99, "EUR", 5, 1)), map::Fit { currency: false, total: false, quantities: false });
    let mut strange = document();
    strange.lines = vec![line(None, 1, 1_210_000)];
    assert!(!map::fit(&made(12_100.0, "CZK", 5, 2), &strange, &whole, false).quantities);
    assert!(map::fit(&made(12_100.0, "CZK", 5, 2), &strange, &whole, true).quantities, "the whole order, by the total");
    assert!(!map::fit(&made(12_100.0, "CZK", 4, 2), &strange, &whole, true).quantities);
}

#[test]
fn carriers_go_by_mapping_then_by_magentos_own_then_as_custom() {
    let carrier = |code: &str, name: &str| Carrier { code: code.into(), name: name.into() };
    let mut mappings = Mappings::default();
    let told = |carrier: Option<&Carrier>, mappings: &Mappings| {
        let track = map::track(carrier, "N", mappings);
        (track.carrier_code, track.title)
    };
    assert_eq!(told(Some(&carrier("DHL", "DHL Parcel")), &mappings), ("dhl".into(), "DHL Parcel".into()));
    assert_eq!(told(Some(&carrier("gls_de", "GLS")), &mappings), ("custom".into(), "GLS".into()));
    assert_eq!(told(Some(&carrier("ppl", "")), &mappings), ("custom".into(), "ppl".into()));
    mappings.carriers.insert("GLS_DE".into(), "mageglobal".into());
    assert_eq!(told(Some(&carrier("gls_de", "GLS")), &mappings), ("mageglobal".into(), "GLS".into()));
    assert_eq!(told(None, &mappings), ("custom".into(), "Parcel".into()));
}

#[test]
fn ids_are_numbers_or_their_digits_and_nothing_else() {
    for (text, id) in [("7", Some(7)), ("\"7\"", Some(7)), ("false", None), ("0", None), ("\"x\"", None), ("[]", None)]
    {
        let read: Result<wire::Id, _> = serde_json::from_str(text);
        assert_eq!(read.ok().map(|id| id.0), id, "{text}");
    }
}
