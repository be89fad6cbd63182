//! What the pages show.

use crate::stage::{Stage, get};
use crate::walking::{addresses, busy, is_page};
use domain::{Code, Export, HoldReason, Operation, SkipReason, State, Step};
use export_flow::ports::Ledger;
use http::StatusCode;

/// What a reader sees: without tags, attributes and the support box of an export.
fn text(html: &str) -> String {
    let body = html.split_once("<main").unwrap().1;
    let body = body.split("<summary>For a question").next().unwrap();
    let mut out = String::new();
    let mut inside = true;
    for c in body.chars() {
        match c {
            '<' => inside = true,
            '>' => {
                inside = false;
                out.push(' ');
            }
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out
}

#[tokio::test]
async fn no_page_shows_a_raw_name_or_class_letter() {
    let stage = busy("").await;
    let cookie = stage.log_in().await;
    let mut raw: Vec<&str> = vec![];
    raw.extend(HoldReason::ALL.iter().map(|w| w.as_str()));
    raw.extend(SkipReason::ALL.iter().map(|w| w.as_str()));
    raw.extend(Code::ALL.iter().map(|w| w.as_str()));
    raw.extend(Operation::ALL.iter().map(|w| w.as_str()));
    raw.extend(Step::ALL.iter().map(|w| w.as_str()));
    raw.retain(|word| word.contains('_'));
    for (_, path) in addresses(&stage, "").await {
        let seen = stage.send(get(&path, Some(&cookie))).await;
        if !is_page(&seen) {
            continue;
        }
        let shown = text(&seen.html);
        for word in &raw {
            assert!(!shown.contains(word), "{path} shows {word}");
        }
        for word in shown.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '&') {
            assert!(!matches!(word, "K" | "N" | "R" | "U"), "{path} shows the letter {word}");
        }
    }
}

#[tokio::test]
async fn every_page_names_its_language_its_landmarks_and_one_heading() {
    let stage = busy("").await;
    let cookie = stage.log_in().await;
    for (_, path) in addresses(&stage, "").await {
        let seen = stage.send(get(&path, Some(&cookie))).await;
        if !is_page(&seen) {
            continue;
        }
        let html = seen.html;
        assert!(html.contains(r#"<html lang="en">"#) && html.contains(r##"href="#content""##), "{path}");
        assert_eq!((html.matches("<h1").count(), html.matches("<main").count()), (1, 1), "{path}");
        for (control, _) in html.match_indices("<select id=\"").chain(html.match_indices("<input id=\"")) {
            let id = html[control..].split('"').nth(1).unwrap();
            assert!(html.contains(&format!(r#"<label for="{id}""#)), "{path}: {id} has no label");
        }
    }
}

#[tokio::test]
async fn filters_narrow_the_list_and_stay_in_every_link() {
    let stage = Stage::with_a_day("").await;
    let narrowed = stage.page("/exports?state=held&connection=shop&code=not_paid_yet&order=&document=").await.html;
    assert!(narrowed.contains("Invoice 2026-0080") && !narrowed.contains("2026-0001"), "{narrowed}");
    assert!(narrowed.contains(r#"<option value="held" selected>Waits</option>"#));
    assert!(narrowed.contains(r#"<option value="not_paid_yet" selected>"#));
    assert!(narrowed.contains(r#"href="/exports?connection=shop&#38;code=not_paid_yet""#), "without the state");
    assert!(narrowed.contains(r#"href="/exports?state=held&#38;connection=shop""#), "without the reason");

    let first = stage.page("/exports?state=delivered&connection=books").await.html;
    assert!(!first.contains("Older ones"), "32 invoices fit one page");
    let first = stage.page("/exports?state=delivered").await.html;
    let (before, _) = first.split_once("Older ones").unwrap();
    let older = before.rsplit("href=\"").next().unwrap().split('"').next().unwrap().replace("&#38;", "&");
    assert!(older.starts_with("/exports?state=delivered&cursor="), "{older}");
    let second = stage.page(&older).await.html;
    assert!(second.contains(r#"href="/exports?state=delivered">Back to the newest"#), "{second}");
    assert_eq!(first.matches("role=\"rowheader\"").count() + second.matches("role=\"rowheader\"").count(), 65);
}

#[tokio::test]
async fn a_filter_that_means_nothing_is_said_so() {
    let stage = Stage::empty();
    for query in ["state=lost", "operation=dance", "code=whatever"] {
        let seen = stage.page(&format!("/exports?{query}")).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert!(seen.html.contains("There is no such"), "{query}");
    }
}

fn find(stage: &Stage, number: &str, state: State) -> Export {
    let fits = |e: &Export| e.state == state && e.numbers.iter().any(|n| n == number);
    stage.ledger.all().into_iter().find(fits).unwrap()
}

#[tokio::test]
async fn a_dead_letter_tells_each_attempt_in_its_order_and_the_next_step() {
    let stage = Stage::with_a_day("").await;
    let dead = find(&stage, "Z4820117092", State::Dead);
    let html = stage.page(&format!("/exports/{}", dead.id)).await.html;
    let shown = text(&html);
    let place = |words: &str| shown.find(words).unwrap_or_else(|| panic!("{words} is not in {shown}"));
    let order = [
        "Look at the vendor&#39;s words, repair the cause, then redrive.",
        "First heard of",
        "Carrier code is not valid for this shop",
        "no answer within 30 s",
        "Internal Server Error",
        "Three attempts failed.",
        "Asked the marketplace, ticket 4411",
    ];
    assert!(order.windows(2).all(|pair| place(pair[0]) < place(pair[1])), "{shown}");
    assert!(shown.contains("The answer had HTTP status 200.") && shown.contains("There was no answer."));
    assert!(shown.contains("An earlier call may still take effect"), "the doubt is told");
    assert!(html.contains(r#"<time datetime="2026-03-02T10:00:00Z">2026-03-02 10:00:00 UTC</time>"#), "{html}");
}

#[tokio::test]
async fn a_delivered_export_shows_its_receipt_and_a_held_one_what_it_waits_for() {
    let stage = Stage::with_a_day("").await;
    let delivered = find(&stage, "2026-0063", State::Delivered);
    let shown = text(&stage.page(&format!("/exports/{}", delivered.id)).await.html);
    for words in ["Receipt", "3000063", "7063", "File name", "2026-0063.pdf", "Adopted"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let held = find(&stage, "Z4820117084", State::Held);
    let shown = text(&stage.page(&format!("/exports/{}", held.id)).await.html);
    for words in ["No counterpart at the target", "gls_cz", "Last day", "Looked at again", "mappings"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
}

#[tokio::test]
async fn an_order_tells_documents_parcels_and_exports_together() {
    let stage = Stage::with_a_day("").await;
    let seen = stage.page("/orders/shop/100000090").await;
    let shown = text(&seen.html);
    for words in [
        "Garden shop",
        "MK-55120-A",
        "Invoice 2026-0090",
        "Z4820117090",
        "Out for delivery",
        "LAMP-OAK",
        "The buyer ordered",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert!(seen.html.contains(r#"href="/orders/market/MK-55120-A""#));
    let other = text(&stage.page("/orders/market/100000090").await.html);
    assert!(!other.contains("Garden shop") && !other.contains("Dead letter"), "another channel's sale: {other}");
    assert_eq!(stage.page("/orders/shop/4711").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn another_tenants_export_is_as_unknown_as_none() {
    let stage = Stage::with_a_day("").await;
    let mut export = find(&stage, "2026-0063", State::Delivered);
    export.key.tenant = domain::TenantId::new("somebody else");
    export.id = export.key.id();
    stage.ledger.put(export.clone());
    assert!(stage.ledger.export(&export.id).await.unwrap().is_some());
    assert_eq!(stage.page(&format!("/exports/{}", export.id)).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_overview_names_what_needs_a_person_and_an_idle_one_says_nothing() {
    let stage = Stage::with_a_day("").await;
    let shown = text(&stage.page("/").await.html);
    for words in
        ["Dead letter", "Not certain", "Waited in vain", "Home &#38; Living marketplace", "It cannot be reached"]
    {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let idle = text(&Stage::empty().page("/").await.html);
    assert!(
        idle.contains("Nothing. Everything is delivered or on its way.") && !idle.contains("Dead letter"),
        "{idle}"
    );
}

#[tokio::test]
async fn a_store_that_fails_is_a_page_that_says_so() {
    let stage = Stage::with_a_day("").await;
    let cookie = stage.log_in().await;
    stage.ledger.trouble().throttle("connections");
    let seen = stage.send(get("/connections", Some(&cookie))).await;
    assert_eq!(seen.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(seen.html.contains("Store or queue unavailable"));
}

#[tokio::test]
async fn every_code_has_a_page_and_whatever_failed_waits_or_was_left_out_leads_to_it() {
    let stage = Stage::with_a_day("").await;
    let list = stage.page("/codes").await.html;
    let cookie = stage.log_in().await;
    for advice in domain::Advice::all() {
        let path = format!("/codes/{}", advice.word.word);
        assert!(list.contains(&format!("href=\"{path}\"")), "{path} is not listed");
        let seen = stage.send(get(&path, Some(&cookie))).await;
        assert_eq!(seen.status, StatusCode::OK, "{path}");
        let shown = text(&seen.html);
        for (heading, _) in advice.sections() {
            assert!(shown.contains(heading), "{path}: {heading}: {shown}");
        }
        let (_, content) = seen.html.split_once("<main").unwrap();
        let (content, _) = content.split_once("</main>").unwrap();
        assert_eq!(content.matches("<li>").count(), advice.what_to_do.len(), "{path}: each step");
        assert!(!seen.html.contains('`'), "{path}: {}", seen.html);
    }
    assert_eq!(stage.send(get("/codes/not_paid_yet", None)).await.status, StatusCode::UNAUTHORIZED);
    let missing = stage.page("/codes/nonsense").await;
    assert!(missing.status == StatusCode::NOT_FOUND && missing.html.contains(r#"href="/codes/unknown_code""#));

    for (state, code, mended_at) in [
        (State::Dead, "error_inside_success", None),
        (State::Held, "mapping_missing", Some("/connections/market/mappings")),
        (State::Held, "connection_paused", Some("/connections/market")),
        (State::Skipped, "switched_off", Some("/connections/shop/edit")),
        (State::Retrying, "vendor_refused", None),
    ] {
        let fits = |e: &Export| {
            let reasons = [
                e.code.map(Code::as_str),
                export_flow::ports::reason(e),
                e.attempt_log.first().map(|a| a.code.as_str()),
            ];
            e.state == state && reasons.contains(&Some(code))
        };
        let export = stage.ledger.all().into_iter().find(fits).unwrap();
        let html = stage.page(&format!("/exports/{}", export.id)).await.html;
        assert!(html.contains(&format!("href=\"/codes/{code}\"")), "{state:?}: {html}");
        let (_, main) = html.split_once("<main").unwrap();
        let leads: Vec<&str> = main.split("href=\"").filter(|link| link.starts_with("/connections/")).collect();
        let leads = leads.first().and_then(|link| link.split('"').next());
        assert_eq!(leads, mended_at, "{code}: {html}");
    }
}
