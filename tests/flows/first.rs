//! The first invoice: from an empty data directory to the shop's own number of it.

use crate::person::Person;
use crate::stage::{Options, Stage};
use serde_json::{Value, json};
use std::time::Instant;

/// Clicks that the first invoice may take.
const CLICKS_MAX: usize = 12;

/// What a practice vendor gives out to whoever connects it.
pub(crate) fn given(stage: &Stage, vendor: &str) -> Value {
    stage.vendor("GET", &format!("/_sandbox/vendors/{vendor}"), Value::Null)
}

/// Sells at the shop, before anything is connected; gives the invoice's number.
pub(crate) fn sell(stage: &Stage) -> String {
    let sold = stage.order(json!({"channel": "magento", "reference": "000000042", "parcels": []}));
    sold["document"]["number"].as_str().unwrap().to_owned()
}

/// From the first page of an empty installation to the shop's receipt, only by what the pages say.
pub(crate) fn first_invoice(person: &mut Person, stage: &Stage, number: &str) {
    person.is_told(&["hours-first", "hours-first-means"]);
    person.picture("01-start");
    person.presses("hours-first-do");
    person.is_told(&["connect-first"]);
    person.picture("02-choose");
    person.clicks(&format!("{}: Fakturoid", person.say("connect-choose")));
    person.fills(&given(stage, "fakturoid"), &["settings", "secrets"]);
    person.picture("03-books");
    person.presses("connect-save");
    person.is_told(&["connect-made", "connect-fetch", "connect-lacks-channel"]);
    person.picture("04-books-work");

    person.presses("connect-add");
    person.clicks(&format!("{}: Magento", person.say("connect-choose")));
    person.fills(&given(stage, "magento"), &["settings", "secrets"]);
    person.ticks("[name='switches.send_invoice']");
    person.chooses("rules.invoice_when", "issued");
    person.picture("05-shop");
    person.presses("connect-save");
    person.is_told(&["connect-made", "connect-fetch-help"]);
    person.picture("06-shop-works");

    person.clicks(&person.say("connect-fetch-from").replace("{ $name }", "Fakturoid"));
    person.is_told(&["documents-goes", "documents-not-seen"]);
    person.reads(&[number]);
    person.picture("07-documents");
    person.clicks(&format!("{}: {number}", person.say("trial-link")));
    person.is_told(&["trial-would-go", "trial-nothing-sent"]);
    assert_eq!(stage.effect_count(""), 0, "a trial changes nothing");
    person.picture("08-trial");
    person.presses("trial-send");
    person.waits_for(&person.say("export-receipt-lead"));
    person.is_told(&["export-receipt", "export-id-there"]);
    person.reads(&[number, "000000042"]);
    person.turns_to("h-receipt");
    person.picture("09-delivered");
}

#[test]
#[ignore = "needs Chromium and axe-core; .ci/run runs it"]
fn the_first_invoice_is_delivered_within_twelve_clicks() {
    let stage = Stage::empty(Options::default());
    let number = sell(&stage);
    let began = Instant::now();
    let mut person = Person::at_desk(&stage);
    person.shows("first-invoice");
    first_invoice(&mut person, &stage, &number);
    println!("{} clicks, {:.1} s", person.clicks, began.elapsed().as_secs_f64());
    assert!(person.clicks <= CLICKS_MAX, "{} clicks", person.clicks);
    assert_eq!(stage.effect_count("vendor=magento&kind=invoices&order=000000042"), 1);
    let export = &stage.exports("order=000000042")[0];
    assert_eq!((&export["state"], &export["attempts"]), (&json!("delivered"), &json!(0)), "{export}");
}

/// Enters a wrong secret first: what is to be done is said, what was typed stays, and no secret does.
pub(crate) fn mistypes(person: &mut Person, given: &Value, vendor: &str, secret: &str) {
    let name = format!("secrets.{secret}");
    person.fills(given, &["settings", "secrets"]);
    person.types("label", "Our own name");
    person.types(&name, "wr0ng-s3cret");
    person.presses("connect-save");
    let failed = person.say("connect-failed").replace("{ $vendor }", vendor);
    person.reads(&[&failed]);
    person.is_told(&["connect-failed-new", "what-to-do", "timeline-advice", "connect-save-anyway-help"]);
    assert_eq!(person.value("label"), "Our own name");
    for (name, value) in given["settings"].as_object().unwrap() {
        assert_eq!(person.value(&format!("settings.{name}")), *value, "{name}");
    }
    for name in given["secrets"].as_object().unwrap().keys() {
        assert_eq!(person.value(&format!("secrets.{name}")), "", "{name}");
    }
    assert!(!person.text().contains("wr0ng-s3cret"));
}

#[test]
#[ignore = "needs Chromium and axe-core; .ci/run runs it"]
fn a_wrong_secret_is_advised_on_and_the_right_one_is_all_that_is_left_to_enter() {
    let stage = Stage::empty(Options::default());
    let mut person = Person::at_desk(&stage);
    let credentials = given(&stage, "fakturoid");
    person.opens("/connections/new/fakturoid");
    mistypes(&mut person, &credentials, "Fakturoid", "client_secret");
    assert_eq!(stage.get("/connections")["connections"], json!([]));
    person.fills(&credentials, &["secrets"]);
    person.presses("connect-save");
    person.is_told(&["connect-made"]);

    let credentials = given(&stage, "magento");
    person.opens("/connections/new/magento");
    person.ticks("[name='switches.send_invoice']");
    person.chooses("rules.invoice_when", "paid");
    mistypes(&mut person, &credentials, "Magento 2 / Adobe Commerce", "access_token");
    assert!(person.is_ticked("[name=\"switches.send_invoice\"]"));
    assert_eq!(person.value("rules.invoice_when"), "paid");
    person.fills(&credentials, &["secrets"]);
    person.presses("connect-save");
    person.is_told(&["connect-made"]);
    for connection in stage.get("/connections")["connections"].as_array().unwrap() {
        assert_eq!((&connection["state"], &connection["label"]), (&json!("active"), &json!("Our own name")));
    }
}
