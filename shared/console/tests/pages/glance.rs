//! The overview: the first step, what waits and why, and the hours as pictures and as a table.

use crate::stage::{Stage, get};
use domain::{Export, State};
use http::{StatusCode, header};

/// Numbers of a page between two marks, in their order.
fn between<'a>(html: &'a str, before: &str, after: &str) -> Vec<&'a str> {
    html.split(before).skip(1).map(|rest| rest.split(after).next().unwrap()).collect()
}

#[tokio::test]
async fn the_pictures_say_the_numbers_of_the_table() {
    let stage = Stage::with_a_day("").await;
    let html = stage.page("/").await.html;
    let (_, table) = html.split_once(r#"<details id="hours">"#).unwrap();
    let (table, _) = table.split_once("</table>").unwrap();
    let rows: Vec<&str> = table.split("<tr>").skip(2).collect();
    assert_eq!(rows.len(), 24);
    for (column, id) in ["arrived", "delivered", "dead"].into_iter().enumerate() {
        let (_, figure) = html.split_once(&format!(r#"<figure id="chart-{id}">"#)).unwrap();
        let (figure, _) = figure.split_once("</figure>").unwrap();
        let of_bars: Vec<&str> = between(figure, "<title>", "</title>");
        let of_rows: Vec<String> = rows
            .iter()
            .map(|row| {
                let hour = between(row, r#"<th scope="row">"#, "<")[0];
                format!("{hour}: {}", between(row, r#"<td class="number">"#, "<")[column])
            })
            .collect();
        assert_eq!(of_bars, of_rows, "{id}");
        let sum: u64 = of_bars.iter().map(|bar| bar.rsplit(": ").next().unwrap().parse::<u64>().unwrap()).sum();
        assert_eq!(between(figure, "<strong>", "<"), [sum.to_string()], "{id}");
        let heights: Vec<u64> = between(figure, r#" height=""#, "\"").iter().map(|h| h.parse().unwrap()).collect();
        let zero = of_bars.iter().map(|bar| bar.ends_with(": 0"));
        assert!(heights.iter().zip(zero).all(|(height, zero)| (*height == 0) == zero), "{id}: {heights:?}");
    }
    let all = stage.ledger.all();
    let of = |state| all.iter().filter(|export| export.state == state).count().to_string();
    let totals = [("arrived", all.len().to_string()), ("delivered", of(State::Delivered)), ("dead", of(State::Dead))];
    for (id, total) in totals {
        let (_, figure) = html.split_once(&format!(r#"<figure id="chart-{id}">"#)).unwrap();
        assert_eq!(between(figure, "<strong>", "<")[0], total, "{id}");
    }
}

#[tokio::test]
async fn what_waits_leads_to_those_that_wait_for_the_same() {
    let stage = Stage::with_a_day("").await;
    let html = stage.page("/").await.html;
    let (_, reasons) = html.split_once(r#"id="reasons""#).unwrap();
    let (reasons, _) = reasons.split_once("</ul>").unwrap();
    let held: Vec<Export> = stage.ledger.all().into_iter().filter(|export| export.state == State::Held).collect();
    assert_eq!(reasons.matches("<li>").count(), held.len(), "each waits for something else: {reasons}");
    let link = "/exports?state=held&#38;code=mapping_missing";
    assert!(reasons.contains(&format!(r#"href="{link}""#)), "{reasons}");
    let listed = stage.page(&link.replace("&#38;", "&")).await.html;
    assert!(listed.contains("1 export fits."), "{listed}");
}

#[tokio::test]
async fn it_reads_itself_again_unless_that_is_not_wanted_and_says_when_it_was_read() {
    let stage = Stage::with_a_day("").await;
    let html = stage.page("/").await.html;
    assert!(html.contains(r#"<meta http-equiv="refresh" content="30">"#) && html.contains("As of"), "{html}");
    assert!(html.contains(r#"href="/?refresh=off""#), "{html}");
    let still = stage.page("/?refresh=off").await.html;
    assert!(!still.contains("http-equiv") && still.contains(r#"<a href="/">"#), "{still}");
    assert!(html.contains(r#"<a href="/connections/shop">Garden shop</a>"#), "{html}");
}

#[tokio::test]
async fn an_empty_installation_is_told_its_first_step() {
    let empty = Stage::empty().page("/").await.html;
    assert!(empty.contains("The first step") && empty.contains(r#"href="/connections/new""#), "{empty}");
    assert!(!Stage::with_a_day("").await.page("/").await.html.contains("The first step"));
}

#[tokio::test]
async fn a_list_leaves_as_a_table_with_its_filters() {
    let stage = Stage::with_a_day("").await;
    let html = stage.page("/exports?state=held&connection=shop").await.html;
    assert!(html.contains(r#"href="/exports/table?state=held&#38;connection=shop""#), "{html}");
    let table = stage.page("/exports/table?state=held&connection=shop").await;
    assert!(table.headers[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/csv"));
    assert_eq!(table.html.lines().count(), 3, "a head and two lines: {}", table.html);
    assert!(table.html.contains("2026-0080") && !table.html.contains("2026-0090"), "{}", table.html);
    let dead = stage.page("/dead-letters?connection=market").await.html;
    assert!(dead.contains(r#"href="/dead-letters/table?connection=market""#), "{dead}");
    assert_eq!(stage.page("/dead-letters/table?connection=market&state=held").await.html.lines().count(), 2);
    for path in ["/exports/table", "/dead-letters/table"] {
        assert_eq!(stage.send(get(path, None)).await.status, StatusCode::UNAUTHORIZED, "{path}");
        let wrong = stage.page(&format!("{path}?code=nonsense")).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
    }
    let hostile = Stage::with_a_day("=1+1").await;
    let table = hostile.page("/exports/table?state=dead").await.html;
    assert!(!table.split([',', '\n']).any(|cell| cell.starts_with('=')), "{table}");
}
