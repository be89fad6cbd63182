//! A batch export from a connection's page: seen, counted, and done once a person says so.

use crate::stage::{Stage, csrf, post};
use domain::{ConnectionId, Role, Switch};
use http::{StatusCode, header};
use testkit::samples;

fn connect(stage: &Stage, id: &str, role: Role, connector: &str) {
    let mut connection = samples::connection(&ConnectionId::new(id), role, connector);
    connection.settings.insert("base_url".into(), format!("http://{id}").into());
    connection.switches.insert(Switch::SendInvoice, true);
    stage.ledger.put_connection_as_is(connection);
}

#[tokio::test]
async fn what_a_source_has_is_shown_counted_and_exported_once_a_person_says_so() {
    let (stage, world) = Stage::beside_a_world();
    connect(&stage, "books", Role::Accounting, "listed-books");
    connect(&stage, "shop", Role::Channel, "market");
    for id in ["9001", "9002"] {
        world.document(id, &format!("2026-{id}"), Some(id), "100.00");
    }
    assert!(stage.page("/connections").await.html.contains(r#"href="/connections/books/documents""#));
    let cookie = stage.log_in().await;
    let page = stage.page("/connections/books/documents?since=2020-01-01").await;
    for words in ["2026-9001", "nothing yet", "Would go", "Not seen yet"] {
        assert!(page.html.contains(words), "{words}: {}", page.html);
    }
    let asked = async |path: &str, form: &str| {
        let seen = stage.send(crate::stage::get("/connections/books/documents?since=2020-01-01", Some(&cookie))).await;
        stage.send(post(path, &cookie, &format!("csrf={}&{form}", csrf(&seen.html)))).await
    };
    let none = asked("/connections/books/documents", "since=2020-01-01&which=these").await;
    assert!(none.html.contains("Tick at least one"), "{}", none.html);
    for (form, count) in [("which=these&ids=9002", 1), ("which=all", 2)] {
        let counted = asked("/connections/books/documents", &format!("since=2020-01-01&{form}")).await;
        assert_eq!(counted.status, StatusCode::SEE_OTHER, "{}", counted.html);
        let job = counted.headers.get(header::LOCATION).unwrap().to_str().unwrap().to_owned();
        stage.work().await;
        let shown = stage.page(&job).await.html;
        assert!(shown.contains("Nothing has been done yet") && shown.contains(&format!("Export {count}?")), "{shown}");
        let confirmed = asked(&format!("{job}/confirm"), "").await;
        assert_eq!(confirmed.status, StatusCode::SEE_OTHER, "{}", confirmed.html);
        stage.work().await;
        let done = stage.page(confirmed.headers.get(header::LOCATION).unwrap().to_str().unwrap()).await.html;
        assert!(done.contains(&format!("queued of {count} looked at")), "{done}");
    }
    let jobs = stage.page("/jobs").await.html;
    assert_eq!(jobs.matches("Batch export</a>").count(), 4, "{jobs}");
}
