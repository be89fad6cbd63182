//! The way of an invoice and of a parcel, and what may come between.

use crate::stage::{SOON, Stage, books, eventually, market, parcels, shop};
use serde_json::{Value, json};

#[test]
fn an_invoice_and_a_parcel_reach_the_shop_and_the_marketplace() {
    let stage = Stage::usual();
    let invoice_of = |order: &Value| order["document"]["id"].clone();
    let sold = stage.order(json!({"reference": "MKP-1", "parcels": [{"tracking_number": "T-1", "carrier": "dpd"}]}));
    let in_shop = json!({"channel": "magento", "reference": "000000001",
                         "parcels": [{"tracking_number": "T-2", "carrier": "dpd"}]});
    let in_shop = stage.order(in_shop);
    for (order, parcel) in [(&sold, "T-1"), (&in_shop, "T-2")] {
        assert_eq!(stage.tell_document(&invoice_of(order)), 202);
        assert_eq!(stage.tell_parcel(&json!(parcel)), 202);
    }

    let upload = stage.wait_export("order=MKP-1&operation=send_invoice", &["delivered"], SOON);
    let there = stage.vendor("GET", "/_sandbox/uploads/mirakl/MKP-1", Value::Null)["uploads"].clone();
    assert_eq!(there.as_array().unwrap().len(), 1);
    assert_eq!(there[0]["sha256"], sold["document"]["pdf_sha256"], "the bytes changed on the way");
    assert_eq!(upload["receipt"]["remote_id"], there[0]["id"], "{upload}");
    assert!(upload["receipt"]["proof"].is_object(), "{upload}");

    let number = stage.wait_export("order=MKP-1&operation=send_tracking", &["delivered"], SOON);
    assert_eq!(number["subject"]["kind"], "parcel");
    assert_eq!(number["receipt"]["remote_id"], "MKP-1", "{number}");
    for subject in ["send_invoice", "send_tracking"] {
        let export = stage.wait_export(&format!("order=000000001&operation={subject}"), &["delivered"], SOON);
        let id = export["receipt"]["remote_id"].as_str().unwrap();
        assert!(!id.is_empty() && id.chars().all(|c| c.is_ascii_digit()), "no entity id: {export}");
        assert_eq!(export["attempts"], 0, "{export}");
    }
    let total = |filter: &str| stage.effect_count(filter);
    assert_eq!((total("vendor=mirakl&kind=documents"), total("vendor=mirakl&kind=tracking")), (1, 1));
    assert_eq!((total("vendor=magento&kind=invoices"), total("vendor=magento&kind=captures")), (1, 0));
    assert_eq!((total("vendor=magento&kind=shipments"), total("vendor=magento&kind=tracks")), (1, 1));
}

#[test]
fn the_same_invoice_however_often_it_is_told_goes_out_once() {
    let stage = Stage::with(&[books(), market()]);
    // Polls are held back for now, so that who tells first is this test's choice.
    stage.fault(json!({"vendor": "fakturoid", "match": "/invoices.json", "kind": "pause", "when": "before"}));
    let order = stage.order(json!({"reference": "MKP-1", "parcels": []}));
    let document = &order["document"]["id"];
    let wish = json!({"vendor": "fakturoid", "url": stage.webhook("accounting", "books"), "event": "invoice_created",
                      "document": document, "times": 3, "concurrent": true});
    for sent in stage.vendor("POST", "/_sandbox/emit", wish)["sent"].as_array().unwrap() {
        assert_eq!((&sent["status"], &sent["body"]), (&json!(202), &json!({"accepted": 1})));
    }
    stage.wait_export("order=MKP-1", &["delivered"], SOON);
    let by_hand = stage.post("/exports", json!({"source": "books", "document": document}), 202);
    let duplicates = |wanted: u64| {
        eventually(&format!("{wanted} duplicates"), SOON, || {
            let exports = stage.exports("order=MKP-1");
            assert_eq!(exports.len(), 1, "{exports:?}");
            assert!(exports[0]["duplicates"].as_u64() <= Some(wanted), "{exports:?}");
            (exports[0]["duplicates"] == wanted).then(|| exports[0]["id"].clone())
        })
    };
    assert_eq!(duplicates(3), by_hand["id"]);

    stage.heal();
    // Nobody tells of the second one: once it is there, the polls have listed the first one too.
    stage.order(json!({"reference": "MKP-2", "parcels": []}));
    stage.wait_export("order=MKP-2", &["delivered"], SOON);
    duplicates(3);
    assert_eq!(stage.effect_count("order=MKP-1"), 1);
    assert_eq!(stage.get("/overview")["duplicates_suppressed"], 3);
}

#[test]
fn an_invoice_without_an_order_is_left_out_and_no_alarm() {
    let stage = Stage::usual();
    let wish = json!({"channel": null, "document": {"order_number": null}, "parcels": []});
    let order = stage.order(wish);
    let document = order["document"]["id"].as_str().unwrap();
    stage.tell_document(&order["document"]["id"]);
    let found = eventually("it is skipped", SOON, || {
        let found = stage.get(&format!("/exports?document={document}&state=skipped"));
        found["exports"].as_array().unwrap().first().cloned()
    });
    assert_eq!(found["code"], "no_order_reference", "{found}");
    assert_eq!((&stage.states()["dead"], &stage.states()["held"]), (&json!(0), &json!(0)));

    let foreign = stage.order(json!({"channel": null, "document": {"order_number": "ELSEWHERE"}, "parcels": []}));
    let document = foreign["document"]["id"].as_str().unwrap();
    stage.tell_document(&foreign["document"]["id"]);
    eventually("nobody's order is skipped", SOON, || {
        let found = stage.get(&format!("/exports?document={document}&code=no_channel_matches"));
        found["exports"].as_array().unwrap().first().cloned()
    });
}

#[test]
fn with_two_shops_of_the_same_numbers_nothing_goes_to_the_wrong_one() {
    let one = shop().rule("order_pattern", Value::Null);
    let two = one.clone().named("shop-two").of("magento-2");
    let stage = Stage::with(&[books(), one, two]);
    stage.post("/connections/shop/pause", Value::Null, 200);
    // The first is the paused shop's, the second the other's; the third number exists in both.
    for (channel, reference) in [("magento", "000000001"), ("magento-2", "000000002")] {
        stage.order(json!({"channel": channel, "reference": reference, "parcels": []}));
    }
    stage.order(json!({"channel": "magento-2", "reference": "000000003", "document": null, "parcels": []}));
    stage.order(json!({"channel": "magento", "reference": "000000003", "parcels": []}));
    for reference in ["000000001", "000000002", "000000003"] {
        stage.wait_held(&format!("order={reference}"), "connection_paused");
    }
    assert_eq!(stage.effect_count(""), 0, "something went out although a shop could not be asked");

    stage.post("/connections/shop/resume", Value::Null, 200);
    stage.wait_export("order=000000001&connection=shop", &["delivered"], SOON);
    stage.wait_export("order=000000002&connection=shop-two", &["delivered"], SOON);
    let look = stage.wait_held("order=000000003", "order_ambiguous");
    assert_eq!(stage.effect_count("order=000000003"), 0);
    let path = format!("/exports/{}/resolve", look["id"].as_str().unwrap());
    stage.post(&path, json!({"outcome": "use", "target": "shop"}), 202);
    stage.wait_export("order=000000003", &["delivered"], SOON);
    assert_eq!(stage.effect_count("vendor=magento&kind=invoices&order=000000003"), 1);
    assert_eq!(stage.effect_count("vendor=magento-2&order=000000003"), 0);
    assert_eq!(stage.effect_count("vendor=magento&order=000000002"), 0);
    assert_eq!(stage.effect_count("vendor=magento-2&order=000000001"), 0);
}

#[test]
fn an_invoice_that_comes_before_its_order_waits_for_it() {
    let stage = Stage::usual();
    let early = json!({"channel": null, "document": {"order_number": "MKP-7"},
                       "parcels": [{"tracking_number": "T-7", "order_number": "MKP-7"}]});
    let early = stage.order(early);
    stage.tell_document(&early["document"]["id"]);
    stage.tell_parcel(&json!("T-7"));
    eventually("both wait", SOON, || {
        let found = stage.get("/exports?order=MKP-7&state=held");
        let held = found["exports"].as_array().unwrap();
        (held.iter().filter(|e| e["hold"]["reason"] == "order_unknown").count() == 2).then_some(())
    });
    stage.order(json!({"reference": "MKP-7", "document": null, "parcels": []}));
    for operation in ["send_invoice", "send_tracking"] {
        let export = stage.wait_export(&format!("order=MKP-7&operation={operation}"), &["delivered"], SOON);
        assert_eq!(export["attempts"], 0, "waiting costs no attempt");
    }
    assert_eq!(stage.effect_count("kind=documents"), 1);
    assert_eq!(stage.effect_count("kind=tracking"), 1);
}

#[test]
fn a_pdf_that_is_not_ready_is_waited_for() {
    let stage = Stage::usual();
    let order = stage.order(json!({"reference": "MKP-1", "document": {"pdf_ready_after": 2}, "parcels": []}));
    stage.tell_document(&order["document"]["id"]);
    stage.wait_export("order=MKP-1", &["held/document_not_ready"], SOON);
    let export = stage.wait_export("order=MKP-1", &["delivered"], SOON);
    assert_eq!((&export["attempts"], &export["attempt_log"]), (&json!(0), &json!([])));
    let there = stage.vendor("GET", "/_sandbox/uploads/mirakl/MKP-1", Value::Null)["uploads"].clone();
    let made = format!("/_sandbox/documents/{}", order["document"]["id"].as_str().unwrap());
    assert_eq!(there[0]["sha256"], stage.vendor("GET", &made, Value::Null)["pdf_sha256"]);
    assert_eq!(stage.effect_count(""), 1);
}

#[test]
fn two_partial_invoices_and_two_parcels_of_one_order_all_arrive() {
    let stage = Stage::with(&[books(), parcels(), shop(), market()]);
    let part = |sku: &str| json!({"lines": [{"sku": sku, "quantity": 1, "price": "121.00"}]});
    for (channel, reference, t) in [("magento", "000000001", "S"), ("mirakl", "MKP-1", "M")] {
        let line = |sku: &str| json!({"sku": sku, "quantity": 1, "price": "121.00", "vat_rate": 21});
        stage.order(json!({"channel": channel, "reference": reference, "lines": [line("A-1"), line("B-2")],
            "document": null, "documents": [part("A-1"), part("B-2")],
            "parcels": [{"tracking_number": format!("{t}-1"), "carrier": "dpd"},
                        {"tracking_number": format!("{t}-2"), "carrier": "dpd"}]}));
    }
    stage.wait_states("delivered", 7, SOON);
    // The marketplace's order holds one number, and was shipped with it.
    stage.wait_export("order=MKP-1&code=one_number_per_order", &["skipped"], SOON);
    assert_eq!(stage.effect_count("vendor=magento&kind=invoices"), 2);
    assert_eq!(stage.effect_count("vendor=magento&kind=tracks"), 2);
    assert_eq!(stage.effect_count("vendor=mirakl&kind=documents"), 2);
}
