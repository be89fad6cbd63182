//! What a code means, for programs.

use crate::support::Console;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[tokio::test]
async fn every_code_that_the_description_names_has_its_advice() {
    let console = Console::new();
    let (status, list) = console.get("/codes").await;
    assert_eq!((status, &list["next"]), (StatusCode::OK, &Value::Null));
    let listed: BTreeSet<&str> =
        list["codes"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    let (_, description) = console.ask(Method::GET, "/api/v1/openapi.json", None, None).await;
    for kind in ["Code", "HoldReason", "SkipReason"] {
        for word in description["components"]["schemas"][kind]["enum"].as_array().unwrap() {
            assert!(listed.contains(word.as_str().unwrap()), "{kind} {word}");
        }
    }
    let (status, one) = console.get("/codes/error_inside_success").await;
    assert_eq!(
        (status, &one["family"], &one["page"]),
        (StatusCode::OK, &json!("attempt"), &json!("/codes/error_inside_success"))
    );
    assert!(one["advice"]["what_to_do"].as_array().unwrap().len() > 1, "{one}");
    for section in ["what_happened", "why", "by_itself", "repaired"] {
        assert!(one["advice"][section].as_str().is_some_and(|text| text.ends_with('.')), "{section}: {one}");
    }
    let (status, problem) = console.get("/codes/no_such_code").await;
    assert_eq!((status.as_u16(), &problem["code"]), (404, &json!("unknown_code")));
}

#[tokio::test]
async fn a_problem_and_an_export_lead_to_their_advice() {
    let console = Console::new();
    let (_, problem) = console.get("/exports/exp_nothing").await;
    assert_eq!(problem["type"], "/codes/unknown_export");
    let mut export = domain::Export::new(testkit::samples::key("1"), testkit::samples::noon());
    for (state, code, advice) in [
        (domain::State::Dead, Some(domain::Code::NotAPdf), json!("/codes/not_a_pdf")),
        (domain::State::Uncertain, None, Value::Null),
    ] {
        export.state = state;
        export.code = code;
        console.ledger.put(export.clone());
        let (_, told) = console.get(&format!("/exports/{}", export.id)).await;
        assert_eq!(told["advice"], advice);
    }
}

#[tokio::test]
async fn words_are_said_in_the_language_that_is_asked_for() {
    let console = Console::new();
    for (asked, label) in [("", "Waits"), ("?lang=cs", "Čeká"), ("?lang=pl", "Czeka"), ("?lang=xx", "Waits")] {
        let (_, list) = console.get(&format!("/words{asked}")).await;
        let held = list["words"].as_array().unwrap().iter().find(|w| w["kind"] == "state" && w["word"] == "held");
        assert_eq!(held.unwrap()["label"], label, "{asked}");
    }
}
