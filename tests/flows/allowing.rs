//! A connection is allowed at the vendor's own page, which is another site than ours: the session's strict cookie does not
//! come along on the way back, and no script runs.

use crate::first::given;
use crate::person::Person;
use crate::stage::{Options, Stage};
use serde_json::json;

#[test]
#[ignore = "needs Chromium and axe-core; .ci/run runs it"]
fn a_connection_is_allowed_at_the_vendors_page_and_works() {
    let stage = Stage::empty(Options::default());
    let mut person = Person::at(&stage, 375, 800);
    person.shows("allowing");
    let mut given = given(&stage, "fakturoid");
    let there = given["settings"]["base_url"].as_str().unwrap().replace("127.0.0.1", "localhost");
    given["settings"]["base_url"] = json!(there);
    person.opens("/connections/new/fakturoid");
    let back = person.finds_text("redirect-url");
    assert!(back.starts_with("http://127.0.0.1:") && back.ends_with("/oauth/callback"), "{back}");
    stage.vendor("PATCH", "/_sandbox/vendors/fakturoid", json!({"redirect_uri": back}));

    person.fills(&given, &["settings", "secrets"]);
    person.chooses("settings.auth", "authorization_code");
    person.presses("connect-save");
    person.is_told(&["connect-made-unverified", "oauth-lead-awaited", "connect-lacks-consent"]);
    person.picture("01-saved");
    let of_vendor = |person: &Person, key: &str| person.say(key).replace("{ $vendor }", "Fakturoid");
    person.clicks(&of_vendor(&person, "oauth-connect"));
    person.waits_for("Allow access to your account?");
    person.clicks("Deny");
    person.waits_for(&person.say("oauth-denied"));
    person.clicks(&of_vendor(&person, "oauth-connect"));
    person.waits_for("Allow access to your account?");
    person.clicks("Allow");
    person.waits_for(&person.say("oauth-allowed"));
    person.picture("02-allowed");
    assert!(person.path().starts_with("/connections/"), "{}", person.path());
    person.presses("connect-fetch");
    person.is_told(&["documents-none"]);
}
