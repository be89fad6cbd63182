//! Parcels of a courier that has no list: told, or found at orders; watched, and carried once each.

use crate::stage::{SOON, Stage, TOKEN, books, eventually, market, packets, shop};
use serde_json::{Value, json};

const NUMBER: &str = "Z3669041905";

impl Stage {
    /// Tells parcels as a table.
    fn tell_table(&self, table: &str) -> Value {
        let bearer = format!("Bearer {TOKEN}");
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", "text/csv")];
        let answer = self.raw("POST", "/api/v1/shipments", &headers, Some(table.as_bytes()));
        assert_eq!(answer.status, 202, "{}", answer.text);
        answer.json
    }

    /// Something happens to a packet.
    fn packet(&self, number: &str, change: Value) {
        let mut change = change;
        change["vendor"] = "packeta".into();
        self.vendor("PATCH", &format!("/_sandbox/parcels/{number}"), change);
    }

    fn parcel_of(&self, channel: &str, order: &str) -> Value {
        self.get(&format!("/orders/{channel}/{order}"))["parcels"][0].clone()
    }
}

fn outcomes(answer: &Value) -> Vec<&str> {
    answer["shipments"].as_array().unwrap().iter().map(|line| line["outcome"].as_str().unwrap()).collect()
}

fn with_packet(channel: &str, reference: &str, packet: Value) -> Value {
    json!({"channel": channel, "reference": reference, "courier": "packeta", "document": null, "parcels": [packet]})
}

#[test]
fn a_parcel_goes_its_way_once_however_often_it_is_told() {
    let stage = Stage::with(&[packets(), shop(), market()]);
    stage.order(with_packet("mirakl", "MKP-1", json!({"tracking_number": NUMBER, "state": "label_created"})));
    let line = json!({"source": "packets", "shipment": NUMBER, "order": "MKP-1"});
    let first = stage.post("/shipments", line.clone(), 202);
    assert_eq!(outcomes(&first), ["accepted"], "{first}");
    assert!(first["shipments"][0]["export"].is_string(), "{first}");
    stage.wait_export("order=MKP-1", &["held/not_handed_over"], SOON);
    let table = format!("source;shipment;order\npackets;{NUMBER};MKP-1\npackets;nonsense;MKP-1\n");
    assert_eq!(outcomes(&stage.post("/shipments", json!([line]), 202)), ["known"]);
    assert_eq!(outcomes(&stage.tell_table(&table)), ["known", "refused"]);

    for state in ["arrived", "departed"] {
        stage.packet(NUMBER, json!({"state": state}));
    }
    let export = stage.wait_export("order=MKP-1", &["delivered"], SOON);
    assert_eq!((&export["receipt"]["number"], &export["attempts"]), (&json!(NUMBER), &json!(0)), "{export}");
    for state in ["ready_for_pickup", "delivered", "departed"] {
        stage.packet(NUMBER, json!({"state": state}));
    }
    let parcel = eventually("it is with the buyer", SOON, || {
        let parcel = stage.parcel_of("market", "MKP-1");
        (parcel["delivery_state"] == "delivered").then_some(parcel)
    });
    let told: Vec<&str> = parcel["states"].as_array().unwrap().iter().map(|s| s["state"].as_str().unwrap()).collect();
    assert_eq!(told[..5], ["label_created", "in_transit", "in_transit", "out_for_delivery", "delivered"], "{parcel}");
    assert_eq!(stage.effect_count("vendor=mirakl&kind=tracking"), 1);
    assert_eq!(stage.effect_count("vendor=mirakl&kind=shipped"), 1);
    assert_eq!(stage.effect_count("vendor=packeta"), 0, "nothing is written at the courier");
}

#[test]
fn a_carriers_number_comes_later_and_is_the_one_that_stands_at_the_marketplace() {
    let stage = Stage::with(&[packets(), shop(), market()]);
    let carried =
        |number: &str| json!({"tracking_number": number, "carrier_name": "HU GLS HD", "state": "handed_to_carrier"});
    stage.order(with_packet("mirakl", "MKP-1", carried(NUMBER)));
    stage.order(with_packet("magento", "000000001", carried("Z3669041906")));
    let lines = json!([{"source": "packets", "shipment": NUMBER, "order": "MKP-1"},
                       {"source": "packets", "shipment": "Z3669041906", "order": "000000001"}]);
    stage.post("/shipments", lines, 202);
    for order in ["MKP-1", "000000001"] {
        let export = stage.wait_export(&format!("order={order}"), &["delivered"], SOON);
        assert_eq!(export["revision"], 1, "{export}");
    }
    stage.packet(NUMBER, json!({"carrier_number": "GLS-1"}));
    stage.packet("Z3669041906", json!({"carrier_number": "GLS-2"}));
    for (order, number) in [("MKP-1", "GLS-1"), ("000000001", "GLS-2")] {
        let export = eventually("the carrier's number is delivered", SOON, || {
            let exports = stage.exports(&format!("order={order}&state=delivered"));
            exports.into_iter().find(|export| export["receipt"]["number"] == number)
        });
        assert_eq!((&export["revision"], &export["attempts"]), (&json!(2), &json!(0)), "{export}");
    }
    let numbers = |filter: &str| {
        let effects = stage.effects(filter);
        assert_eq!(effects["duplicates"], json!([]), "{effects}");
        let mut keys: Vec<String> =
            effects["effects"].as_array().unwrap().iter().map(|e| e["key"].as_str().unwrap().to_owned()).collect();
        keys.sort();
        keys
    };
    assert_eq!(numbers("vendor=mirakl&kind=tracking"), ["GLS-1", NUMBER]);
    assert_eq!(numbers("vendor=magento&kind=tracks"), ["GLS-2", "Z3669041906"]);
    assert_eq!(stage.effect_count("vendor=magento&kind=shipments"), 1);
    let parcel = stage.parcel_of("market", "MKP-1");
    assert_eq!(parcel["tracking_numbers"], json!(["GLS-1", NUMBER]), "{parcel}");
    assert_eq!(stage.get(&format!("/exports?document={NUMBER}"))["exports"].as_array().unwrap().len(), 1);
}

#[test]
fn killed_while_it_asks_the_courier_every_parcel_still_goes_once() {
    let stage = Stage::with(&[packets(), shop(), market()]);
    for (round, (at, skip)) in
        [("packetStatus", 2), ("packetTracking", 4), ("PUT /api/orders", 3)].into_iter().enumerate()
    {
        let mut table = String::from("source,shipment,order\n");
        for n in round * 12..(round + 1) * 12 {
            let (order, number) = (format!("MKP-{n}"), format!("Z{}", 3_669_041_905 + n));
            stage.order(with_packet("mirakl", &order, json!({"tracking_number": number})));
            table.push_str(&format!("packets,{number},{order}\n"));
        }
        stage.fault(json!({"match": at, "kind": "pause", "when": "after", "skip": skip, "n": 1}));
        std::thread::scope(|scope| {
            let telling = scope.spawn(|| assert_eq!(outcomes(&stage.tell_table(&table)), ["accepted"; 12]));
            let seen = stage.vendor("GET", "/_sandbox/wait?paused=1&timeout=60", Value::Null);
            assert_eq!(seen["reached"], true, "never got to {at}: {}", stage.states());
            telling.join().unwrap();
        });
        stage.kill();
        stage.heal();
        stage.start();
    }
    stage.wait_states("delivered", 36, SOON * 2);
    assert_eq!(stage.effect_count("vendor=mirakl&kind=tracking"), 36);
    assert_eq!(stage.effect_count("vendor=mirakl&kind=shipped"), 36);
    assert_eq!(stage.states()["dead"], 0);
}

#[test]
fn a_courier_that_is_down_costs_no_parcel_anything() {
    let stage = Stage::with(&[packets(), market()]);
    let down = stage.fault(json!({"vendor": "packeta", "match": "", "kind": "down"}));
    let mut lines = vec![];
    for n in 0..8_u64 {
        let (order, number) = (format!("MKP-{n}"), format!("Z{}", 3_669_041_905 + n));
        stage.order(with_packet("mirakl", &order, json!({"tracking_number": number})));
        lines.push(json!({"source": "packets", "shipment": number, "order": order}));
    }
    stage.post("/shipments", json!(lines), 202);
    eventually("the courier is paused", SOON, || {
        let all = stage.get("/connections");
        let all = all["connections"].as_array().unwrap();
        all.iter().any(|c| c["id"] == "packets" && c["pause"]["reason"] == "outage").then_some(())
    });
    stage.vendor("DELETE", &format!("/_sandbox/faults/{down}"), Value::Null);
    stage.wait_states("delivered", 8, SOON);
    let states = stage.states();
    assert_eq!((&states["dead"], stage.effect_count("vendor=mirakl&kind=tracking")), (&json!(0), 8), "{states}");
}

/// What a plugin of the shop does at an order, beside the program.
struct Plugin<'a> {
    stage: &'a Stage,
    token: String,
}

impl<'a> Plugin<'a> {
    fn of(stage: &'a Stage) -> Self {
        let shown = stage.vendor("PATCH", "/_sandbox/vendors/magento", json!({"bearer": true}));
        Self { stage, token: shown["secrets"]["access_token"].as_str().unwrap().to_owned() }
    }

    fn writes(&self, order: &Value, path: &str, body: Value) {
        let id = order["order"]["id"].as_str().unwrap();
        let path = format!("/magento/rest/default/V1/{}", path.replace("{id}", id));
        self.stage.vendor_as(&self.token, "POST", &path, body);
    }
}

#[test]
fn a_number_that_a_plugin_notes_at_an_order_becomes_its_parcel() {
    let shop = shop().rule("also_known_as", json!({"field": "ext_order_id", "channel": "market"}));
    let stage = Stage::with(&[books(), packets(), shop, market()]);
    let plugin = Plugin::of(&stage);
    let order = |reference: &str, other: &str| {
        stage.order(json!({"reference": other, "document": null, "parcels": []}));
        stage.order(json!({"channel": "magento", "reference": reference, "other_reference": other, "parcels": []}))
    };
    let (noted, tracked) = (order("000000001", "MKP-1"), order("000000002", "MKP-2"));
    for number in [NUMBER, "Z3669041906"] {
        stage.vendor("POST", "/_sandbox/parcels", json!({"vendor": "packeta", "tracking_number": number}));
    }
    // The second one's plugin ships by itself.
    let track = json!({"track_number": "Z3669041906", "title": "Packeta", "carrier_code": "custom"});
    plugin.writes(&tracked, "order/{id}/ship", json!({"notify": false, "tracks": [track]}));
    for sold in [&noted, &tracked] {
        assert_eq!(stage.tell_document(&sold["document"]["id"]), 202);
    }
    stage.wait_held("order=000000001&operation=look", "number_missing");
    stage.kill();
    stage.start();
    let comment = json!({"statusHistory": {"comment": format!("Parcel {NUMBER} was made."), "is_customer_notified": 0,
                                           "is_visible_on_front": 0, "parent_id": 1, "status": "processing"}});
    plugin.writes(&noted, "orders/{id}/comments", comment);
    for (reference, number) in [("000000001", NUMBER), ("000000002", "Z3669041906")] {
        for channel in ["shop", "market"] {
            let filter = format!("document={number}&connection={channel}&operation=send_tracking");
            let export = stage.wait_export(&filter, &["delivered"], SOON);
            assert_eq!((&export["order"], &export["attempts"]), (&json!(reference), &json!(0)), "{export}");
        }
    }
    assert_eq!(stage.effect_count("vendor=magento&kind=tracks&order=000000001"), 1, "our shipment");
    assert_eq!(stage.effect_count("vendor=magento&kind=tracks&order=000000002"), 1, "the plugin's, and none of ours");
    assert_eq!(stage.effect_count("vendor=mirakl&kind=tracking"), 2);
    let look = stage.get("/exports?order=000000001&operation=look&connection=shop")["exports"][0].clone();
    assert_eq!(look["state"], "planned", "{look}");
}
