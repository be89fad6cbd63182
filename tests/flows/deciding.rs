//! Dead letters, once their cause is repaired.

use crate::person::Person;
use crate::stage::{Options, SOON, Stage, books, market};
use serde_json::{Value, json};

const LETTERS: usize = 50;
/// So many have arrived when the person looks how far it is.
const SO_FAR: usize = 20;

#[test]
#[ignore = "needs Chromium and axe-core; .ci/run runs it"]
fn fifty_dead_letters_are_redriven_while_the_page_tells_how_far_it_is() {
    let stage = Stage::with_options(Options { retry_delays: "0s,0s,0s", ..Options::default() }, &[books(), market()]);
    stage.fault(json!({"vendor": "mirakl", "match": "OR72", "kind": "answer", "status": 400,
                       "body": {"status": 400, "message": "The shop is suspended"}}));
    let order = |n: usize| json!({"reference": format!("MKP-{n}"), "parcels": []});
    stage.order(json!({"orders": (1..=LETTERS).map(order).collect::<Vec<Value>>()}));
    stage.wait_states("dead", 50, SOON * 2);
    stage.heal();
    // The marketplace hesitates after some, so that there is something to see.
    let slow =
        stage.fault(json!({"vendor": "mirakl", "match": "OR74", "kind": "pause", "when": "before", "skip": SO_FAR}));

    let mut person = Person::at_desk(&stage);
    person.presses("nav-dead");
    person.reads(&["The shop is suspended"]);
    person.clicks(&person.say("dead-redrive-count").replace("{ $n }", "50"));
    person.waits_for("Redrive 50 dead letters?");
    person.clicks(&person.say("jobs-letters-redrive-do").replace("{ $n }", "50"));
    person.waits_for("50 are back at work.");
    person.waits_for("delivered 20, under way 30, dead letters again 0");
    stage.vendor("DELETE", &format!("/_sandbox/faults/{slow}"), Value::Null);
    person.waits_for("delivered 50, under way 0, dead letters again 0");
    person.presses("nav-dead");
    person.is_told(&["dead-none"]);
    assert_eq!(stage.states()["dead"], 0);
    assert_eq!(stage.effect_count("vendor=mirakl&kind=documents"), LETTERS);
}
