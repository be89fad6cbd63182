//! Parcels told on a page.

use crate::stage::{Seen, Stage, csrf, get, post};
use domain::Role;
use export_flow::ports::Ledger;
use http::StatusCode;

async fn told(stage: &Stage, cookie: &str, page: &Seen, form: &str) -> Seen {
    stage.send(post("/shipments", cookie, &format!("csrf={}&{form}", csrf(&page.html)))).await
}

#[tokio::test]
async fn parcels_are_told_line_by_line_and_what_was_refused_is_shown_to_be_mended() {
    let stage = Stage::with_a_day("").await;
    let cookie = stage.log_in().await;
    let courier = stage.ledger.all_connections().await.unwrap().into_iter().find(|c| c.role == Role::Courier).unwrap();
    let list = stage.send(get("/connections", Some(&cookie))).await;
    assert!(list.html.contains(&format!("/shipments?source={}", courier.id)), "{}", list.html);
    let page = stage.send(get("/shipments?source=post", Some(&cookie))).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.html.contains(r#"<option value="post" selected>"#), "{}", page.html);

    let long = "9".repeat(200);
    let form = format!("source=post&lines=T-1%2C+100%0D%0A%0D%0AT-1+100%0D%0A{long}%2C+200%0D%0A%3Cb%3E%2C300");
    let seen = told(&stage, &cookie, &page, &form).await;
    assert_eq!(seen.status, StatusCode::OK, "{}", seen.html);
    for label in ["Taken", "Known before", "Not taken"] {
        assert!(seen.html.contains(label), "{label}: {}", seen.html);
    }
    assert!(seen.html.contains("&#60;b&#62;") && !seen.html.contains("<b>"), "{}", seen.html);
    let (_, again) = seen.html.split_once("<textarea").unwrap();
    let (again, _) = again.split_once("</textarea>").unwrap();
    assert!(again.ends_with(&format!("{long}, 200")), "only what was refused: {again}");
    assert_eq!(stage.state.flow.parts().queue.depth().await.unwrap().visible, 2);
}

#[tokio::test]
async fn a_form_that_is_another_sites_or_says_nothing_tells_nothing() {
    let stage = Stage::with_a_day("").await;
    let cookie = stage.log_in().await;
    let page = stage.send(get("/shipments", Some(&cookie))).await;
    let forged = stage.send(post("/shipments", &cookie, "csrf=guess&source=post&lines=T-1")).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    for form in ["source=post&lines=+", "lines=T-1"] {
        assert_eq!(told(&stage, &cookie, &page, form).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
    }
    let nowhere = told(&stage, &cookie, &page, "source=nowhere&lines=T-1").await;
    assert!(nowhere.html.contains("Source: There is no such connection, or not of this role."), "{}", nowhere.html);
    assert_eq!(stage.state.flow.parts().queue.depth().await.unwrap().visible, 0);
    let none = Stage::empty();
    let seen = none.page("/shipments").await;
    assert!(seen.html.contains("There is no courier connection yet."), "{}", seen.html);
}
