//! The same on a telephone, in Polish.

use crate::first::{first_invoice, given, mistypes, sell};
use crate::person::Person;
use crate::stage::{Options, Stage};
use crate::waiting::{a_parcel_that_waits, map_and_find};

/// Of a small telephone.
const WINDOW: (u32, u32) = (375, 740);

fn with_telephone(stage: &Stage) -> Person {
    let mut person = Person::at(stage, WINDOW.0, WINDOW.1);
    person.speaks("pl", "Polski");
    person
}

#[test]
#[ignore = "needs Chromium and axe-core; .ci/run runs it"]
fn the_first_invoice_is_delivered_in_polish_on_a_telephone() {
    let stage = Stage::empty(Options::default());
    let number = sell(&stage);
    let mut person = with_telephone(&stage);
    first_invoice(&mut person, &stage, &number);
    assert_eq!(stage.effect_count("vendor=magento&kind=invoices&order=000000042"), 1);
    person.opens("/connections/new/mirakl");
    mistypes(&mut person, &given(&stage, "mirakl"), "Mirakl", "api_key");
    person.reads(&["Co zrobić:"]);
}

#[test]
#[ignore = "needs Chromium and axe-core; .ci/run runs it"]
fn a_carrier_is_mapped_and_a_parcel_found_in_polish_on_a_telephone() {
    let stage = a_parcel_that_waits();
    let mut person = with_telephone(&stage);
    map_and_find(&mut person, &stage, "Brak odpowiednika w systemie docelowym");
}
