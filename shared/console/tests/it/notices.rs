//! What people are told of without asking, through the API.

use crate::support::Console;
use http::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn nobody_is_told_anything_until_it_is_set() {
    let console = Console::new();
    let (status, notices) = console.get("/notices").await;
    assert_eq!(status, StatusCode::OK);
    let nothing = json!({"webhook": null, "email": [], "topic": false, "kinds": [], "digest": null, "lang": "en", "changed_at": null,
                         "available": ["webhook"], "waiting": []});
    assert_eq!(notices, nothing);
    let (status, problem) = console.post("/notices/test", &json!({})).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("conflict")));
}

#[tokio::test]
async fn the_secret_is_shown_when_it_is_made_and_never_again() {
    let console = Console::new();
    let wish = json!({"webhook": {"url": "https://hooks.example/in"}, "kinds": ["dead_letter"],
                      "digest": {"hour": 7, "time_zone": "Europe/Prague"}});
    let (status, made) = console.put("/notices", &wish).await;
    assert_eq!(status, StatusCode::OK);
    let secret = made["webhook"]["secret"]["value"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("whsec_"), "{secret}");
    let (_, kept) = console.put("/notices", &wish).await;
    let (_, shown) = console.get("/notices").await;
    for answer in [&kept, &shown] {
        assert_eq!(answer["webhook"]["secret"]["value"], Value::Null);
        assert!(!answer.to_string().contains(&secret));
    }
    assert_eq!(shown["digest"], json!({"hour": 7, "time_zone": "Europe/Prague"}));
}

#[tokio::test]
async fn what_cannot_be_used_is_named_by_its_field_and_not_repeated() {
    let console = Console::new();
    let wish = json!({"webhook": {"url": "https://u:s3cret@hooks.example/"}, "email": ["s3cret"], "topic": true});
    let (status, problem) = console.put("/notices", &wish).await;
    assert_eq!((status.as_u16(), &problem["code"]), (422, &json!("invalid_field")));
    let named: Vec<&str> =
        problem["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
    assert_eq!(named, ["webhook.url", "email.0", "topic"]);
    assert!(!problem.to_string().contains("s3cret"));
    assert_eq!(console.get("/notices").await.1["webhook"], Value::Null, "nothing is saved");
}

#[tokio::test]
async fn a_test_says_what_the_receiver_answered_and_what_to_do() {
    let console = Console::new();
    console.put("/notices", &json!({"webhook": {"url": "https://hooks.example/in"}})).await;
    console.http.on(Method::POST, "/in", |_| testkit::json(401, &json!({})));
    let (status, tested) = console.post("/notices/test", &json!({})).await;
    assert_eq!(status, StatusCode::OK);
    let way = &tested["ways"][0];
    assert_eq!((&way["way"], &way["outcome"]), (&json!("webhook"), &json!("failed")));
    assert_eq!((&way["code"], &way["message"]), (&json!("notice_refused"), &json!("the receiver answered 401")));
    assert!(!way["next_step"].as_str().unwrap().is_empty());
}

#[tokio::test]
async fn notices_are_worded_in_the_language_that_is_set_and_stay_so() {
    let console = Console::new();
    let wish = json!({"webhook": {"url": "https://hooks.example/in"}, "lang": "cs"});
    let (status, made) = console.put("/notices", &wish).await;
    assert_eq!((status, &made["lang"]), (StatusCode::OK, &json!("cs")));
    let (_, kept) = console.put("/notices", &json!({"webhook": {"url": "https://hooks.example/in"}})).await;
    assert_eq!(kept["lang"], "cs", "what is left out stays");
    let (status, problem) = console.put("/notices", &json!({"lang": "xx"})).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        (&problem["errors"][0]["field"], &problem["errors"][0]["problem_code"]),
        (&json!("lang"), &json!("not_one_of"))
    );
}
