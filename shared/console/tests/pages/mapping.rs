//! Mappings side by side, saved by a form; and the page that compares.

use crate::stage::{Stage, csrf, get, post};
use domain::ConnectionId;
use export_flow::ports::Connections;
use http::StatusCode;
use url::form_urlencoded;

#[tokio::test]
async fn a_value_that_waits_is_mapped_by_a_form_and_removed_by_an_empty_field() {
    let stage = Stage::with_a_day("<b>").await;
    let cookie = stage.log_in().await;
    let path = "/connections/market/mappings";
    let page = stage.send(get(path, Some(&cookie))).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.html);
    assert!(page.html.contains("gls_cz&#60;b&#62;"), "{}", page.html);
    assert!(
        page.html.contains(r#"<a href="/exports?state=held&#38;connection=market&#38;code=mapping_missing">1</a>"#)
    );
    // The marketplace cannot be asked here; the page says so and stays of use.
    assert!(page.html.contains("could not be read"), "{}", page.html);

    let save = async |fields: &[(&str, &str)]| {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("csrf", &csrf(&page.html)).extend_pairs(fields);
        stage.send(post(path, &cookie, &form.finish())).await.status
    };
    let mapped = async || {
        let market = stage.ledger.connection(&ConnectionId::new("market")).await.unwrap().unwrap();
        market.mappings.carriers.into_iter().collect::<Vec<_>>()
    };
    let line = [("mapping-0", "carriers"), ("from-0", "gls_cz<b>")];
    assert_eq!(save(&[line[0], line[1], ("to-0", "GLS")]).await, StatusCode::SEE_OTHER);
    assert_eq!(mapped().await, [("gls_cz<b>".to_owned(), "GLS".to_owned())]);
    // A proposal's button wins over the field beside it.
    let other = [("mapping-1", "carriers"), ("from-1", "ppl"), ("to-1", "x"), ("take", "1:PPL")];
    assert_eq!(save(&other).await, StatusCode::SEE_OTHER, "lines begin with the first");
    let both = [line[0], line[1], ("to-0", "GLS"), other[0], other[1], other[2], other[3]];
    assert_eq!(save(&both).await, StatusCode::SEE_OTHER);
    assert_eq!(mapped().await.last().unwrap(), &("ppl".to_owned(), "PPL".to_owned()));
    assert_eq!(save(&[line[0], line[1], ("to-0", "")]).await, StatusCode::SEE_OTHER);
    assert_eq!(mapped().await, [("ppl".to_owned(), "PPL".to_owned())]);
    assert_eq!(save(&[("mapping-0", "carriers"), ("to-0", "GLS")]).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(save(&[("mapping-0", "colours"), line[1]]).await, StatusCode::UNPROCESSABLE_ENTITY);
    let forged = stage.send(post(path, &cookie, "mapping-0=carriers&from-0=a&to-0=b")).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_comparing_page_asks_for_a_connection_and_says_what_could_not_be_read() {
    let stage = Stage::with_a_day("").await;
    let empty = stage.page("/reconciliation").await.html;
    assert!(empty.contains(r#"<select id="f-connection" name="connection" required>"#), "{empty}");
    let page = stage.page("/reconciliation?connection=books&since=2026-01-01&until=").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.html);
    // The books cannot be asked here.
    assert!(page.html.contains("The comparison ended here") || page.html.contains("Everything of"), "{}", page.html);
    assert!(page.html.contains(r#"aria-current="page">Compare</a>"#), "{}", page.html);
    for wrong in ["/reconciliation?connection=books&since=x", "/reconciliation?connection=books&cursor=x"] {
        assert_eq!(stage.page(wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    assert_eq!(stage.page("/reconciliation?connection=nobody").await.status, StatusCode::NOT_FOUND);
}
