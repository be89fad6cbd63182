//! The way of invoices and parcels through the deployed functions, and what the table, the lists and the counts say.

use crate::merchant::Merchant;
use crate::stack::{PEACE, SOON, eventually};
use serde_json::{Value, json};

/// Bytes of an item as AWS counts them, numbers at their longest.
fn size(item: &Value) -> usize {
    let value = |value: &Value| {
        value.as_object().unwrap().values().map(|inner| inner.as_str().map_or(1, str::len)).sum::<usize>()
    };
    item.as_object().unwrap().iter().map(|(name, inner)| name.len() + value(inner)).sum()
}

#[test]
#[ignore = "needs the local AWS: .ci/run starts it"]
fn what_vendors_tell_arrives_once_and_is_found_by_every_name_it_has() {
    let merchant = Merchant::with(1, &["books", "parcels", "shop", "market"]);
    let _peace = PEACE.read();
    let parcel = |number: &str| json!([{"tracking_number": number, "carrier": "dpd"}]);
    let sold = merchant.order(json!({"reference": "MKP-1", "parcels": parcel("T-1")}));
    let in_shop = merchant.order(json!({"channel": "magento", "reference": "000000001", "parcels": parcel("T-2")}));
    for (order, number) in [(&sold, "T-1"), (&in_shop, "T-2")] {
        assert_eq!(merchant.tell_document(&order["document"]["id"], 1), [202]);
        assert_eq!(merchant.tell_parcel(number), [202]);
    }
    for order in ["MKP-1", "000000001"] {
        for operation in ["send_invoice", "send_tracking"] {
            let export = merchant.wait_export(&format!("order={order}&operation={operation}"), "delivered", SOON);
            assert!(export["receipt"]["proof"].is_object() && export["attempts"] == 0, "{export:#}");
        }
        let records = merchant.records(order);
        assert_eq!(records.len(), 2, "{records:#?}");
        for record in &records {
            let body: Value = serde_json::from_str(record["b"]["S"].as_str().unwrap()).unwrap();
            assert_eq!(record["st"]["S"], "delivered", "{record:#}");
            assert!(body["receipt"]["proof"].is_object() && record.get("ik").is_none(), "{record:#}");
            let (bytes, sort) = (size(record), &record["sk"]["S"]);
            println!("{bytes} bytes: {sort}");
            assert!(bytes <= 1024, "{bytes} bytes cost a second write unit: {record:#}");
        }
    }
    let count = |vendor: &str, kind: &str| merchant.effects(vendor, &format!("kind={kind}")).len();
    assert_eq!((count("mirakl", "documents"), count("mirakl", "tracking")), (1, 1));
    assert_eq!((count("magento", "invoices"), count("magento", "captures")), (1, 0));
    assert_eq!((count("magento", "shipments"), count("magento", "tracks")), (1, 1));
    let path = format!("/_sandbox/uploads/{}/MKP-1", merchant.vendor("mirakl"));
    let there = merchant.stack.vendor("GET", &path, Value::Null)["uploads"].clone();
    assert_eq!(there[0]["sha256"], sold["document"]["pdf_sha256"], "the bytes changed on the way");

    // Lists are written when a batch ends, counts are what they add up to.
    let number = sold["document"]["number"].as_str().unwrap();
    for (filter, wanted) in
        [("state=delivered".to_owned(), 4), (format!("document={number}"), 1), ("document=T-2".to_owned(), 1)]
    {
        eventually(&filter, SOON, || {
            let found = merchant.exports(&filter);
            let found = found.iter().filter(|export| export["operation"] != "look").count();
            (found == wanted).then_some(())
        });
    }
    eventually("the overview counts", SOON, || (merchant.get("/overview")["states"]["delivered"] == 4).then_some(()));
    let timeline = merchant.get(&format!("/orders/{}/MKP-1", merchant.id("market")));
    assert_eq!(timeline["exports"].as_array().unwrap().len(), 2, "{timeline:#}");
}

#[test]
#[ignore = "needs the local AWS: .ci/run starts it"]
fn the_same_invoice_however_often_it_is_told_goes_out_once() {
    let merchant = Merchant::with(2, &["books", "market"]);
    let _peace = PEACE.read();
    // Polls are held back, so that who tells first is this test's choice.
    merchant.fault("fakturoid", json!({"match": "/invoices.json", "kind": "answer", "status": 400}));
    let order = merchant.order(json!({"reference": "MKP-1", "parcels": []}));
    let document = &order["document"]["id"];
    assert_eq!(merchant.tell_document(document, 3), [202, 202, 202]);
    let delivered = merchant.wait_export("order=MKP-1", "delivered", SOON);
    let by_hand = merchant.post("/exports", json!({"source": merchant.id("books"), "document": document}));
    assert_eq!(by_hand["id"], delivered["id"]);
    let last = eventually("three duplicates", SOON, || {
        let exports = merchant.exports("order=MKP-1");
        assert!(exports.len() == 1 && exports[0]["duplicates"].as_u64() <= Some(3), "{exports:#?}");
        (exports[0]["duplicates"] == 3).then(|| exports[0].clone())
    });
    assert_eq!((&last["state"], &last["attempts"]), (&json!("delivered"), &json!(0)));
    assert_eq!(merchant.effects("mirakl", "").len(), 1);
    eventually("the overview counts them", SOON, || {
        (merchant.get("/overview")["duplicates_suppressed"] == 3).then_some(())
    });
}
