//! What waits for a mapping, and where a parcel is found.

use crate::person::Person;
use crate::stage::{SOON, Stage, books, market, parcels};
use serde_json::json;

/// A marketplace that knows its own carriers alone, and a parcel that waits for the name of another.
pub(crate) fn a_parcel_that_waits() -> Stage {
    let stage = Stage::with(&[parcels(), market().setting("carrier_free_text", json!("false"))]);
    stage.vendor("PATCH", "/_sandbox/vendors/mirakl", json!({"free_carriers": false}));
    let parcel = json!({"tracking_number": "T-4711", "carrier": "fedex"});
    stage.order(json!({"reference": "MKP-1", "document": null, "parcels": [parcel]}));
    assert_eq!(stage.tell_parcel(&json!("T-4711")), 202);
    stage.wait_held("order=MKP-1", "mapping_missing");
    stage
}

/// From the number that waits to the parcel at the marketplace, and to its order by its tracking number.
pub(crate) fn map_and_find(person: &mut Person, stage: &Stage, reason: &str) {
    person.clicks(reason);
    person.presses("nav-connections");
    person.presses("connections-mappings");
    person.reads(&["fedex", "Fed Ex"]);
    person.clicks(&person.say("mappings-use").replace("{ $name }", "Fed Ex"));
    let export = stage.wait_export("order=MKP-1", &["delivered"], SOON);
    assert_eq!((&export["receipt"]["number"], &export["attempts"]), (&json!("T-4711"), &json!(0)), "{export}");
    assert_eq!(stage.effect_count("vendor=mirakl&kind=tracking"), 1);

    person.types("q", "T-4711");
    person.presses("search-do");
    assert_eq!(person.path(), "/orders/market/MKP-1", "the one order that has it");
    person.reads(&["MKP-1", "T-4711"]);
}

#[test]
#[ignore = "needs Chromium and axe-core; .ci/run runs it"]
fn a_carrier_is_mapped_as_proposed_and_its_parcel_found_by_number() {
    let stage = a_parcel_that_waits();
    let mut person = Person::at_desk(&stage);
    map_and_find(&mut person, &stage, "No counterpart at the target");
}

#[test]
#[ignore = "needs Chromium and axe-core; .ci/run runs it"]
fn a_paused_shop_gets_nothing_until_it_is_resumed() {
    let stage = Stage::with(&[books(), market()]);
    let mut person = Person::at_desk(&stage);
    person.presses("nav-connections");
    person.clicks("market");
    person.presses("connections-pause");
    person.is_told(&["connections-nothing-lost", "what-to-do"]);
    let sold = stage.order(json!({"reference": "MKP-1", "parcels": []}));
    assert_eq!(stage.tell_document(&sold["document"]["id"]), 202);
    stage.wait_held("order=MKP-1", "connection_paused");
    assert_eq!(stage.effect_count(""), 0);
    person.presses("nav-overview");
    person.reads(&["market"]);
    person.presses("nav-connections");
    person.clicks("market");
    person.presses("connections-resume");
    let export = stage.wait_export("order=MKP-1", &["delivered"], SOON);
    assert_eq!(export["attempts"], 0, "{export}");
    assert_eq!(stage.effect_count("vendor=mirakl&kind=documents"), 1);
}
