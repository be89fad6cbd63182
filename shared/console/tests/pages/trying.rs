//! A trial from a page: told step by step, nothing sent, and the same for real.

use crate::stage::{Seen, Stage, csrf, get, post};
use ::http::Method;
use domain::{ConnectionId, InvoiceWhen, Role, SealedSecret, State, Switch};
use export_flow::ports::{Connections as _, Keys as _, Ledger as _};
use http::{StatusCode, header};
use std::sync::Arc;
use testkit::practice::{Kind, World};
use testkit::{PlainKeys, samples};
use url::form_urlencoded;

/// Books, a van and two channels, each with an order of its own and its invoice and parcel.
async fn stage() -> (Stage, Arc<World>) {
    let (stage, world) = Stage::beside_a_world();
    connect(&stage, "books", Role::Accounting, "listed-books");
    connect(&stage, "van", Role::Courier, "listed-van");
    connect(&stage, "shop", Role::Channel, "market");
    connect(&stage, "bazaar", Role::Channel, "natural");
    for (channel, order, document) in [("shop", "100", "9001"), ("bazaar", "200", "9002")] {
        world.order(channel, order, "100.00");
        world.document(document, &format!("2026-{document}"), Some(order), "100.00");
    }
    world.parcel("7", "100", Some("T-7"), "in_transit");
    (stage, world)
}

fn connect(stage: &Stage, id: &str, role: Role, connector: &str) {
    let mut connection = samples::connection(&ConnectionId::new(id), role, connector);
    connection.settings.insert("base_url".into(), format!("http://{id}").into());
    connection.switches = [(Switch::SendInvoice, true), (Switch::SendTracking, true)].into();
    stage.ledger.put_connection_as_is(connection);
}

/// Somebody at a browser.
struct Person<'a> {
    stage: &'a Stage,
    cookie: String,
    csrf: String,
}

impl<'a> Person<'a> {
    async fn at(stage: &'a Stage) -> Self {
        let cookie = stage.log_in().await;
        let csrf = csrf(&stage.send(get("/trial", Some(&cookie))).await.html);
        Self { stage, cookie, csrf }
    }

    async fn sends(&self, path: &str, fields: &[(&str, &str)]) -> Seen {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("csrf", &self.csrf).extend_pairs(fields);
        self.stage.send(post(path, &self.cookie, &form.finish())).await
    }

    /// Tries, and proves that nothing has changed by it.
    async fn tries(&self, world: &World, fields: &[(&str, &str)]) -> Seen {
        let before = (self.stage.ledger.all(), self.stage.queue.all());
        let seen = self.sends("/trial", fields).await;
        assert_eq!((self.stage.ledger.all(), self.stage.queue.all()), before);
        assert_eq!((world.calls("POST"), world.effects().len()), (0, 0));
        seen
    }
}

fn book(number: &str) -> [(&'static str, &str); 2] {
    [("connection", "books"), ("document", number)]
}

#[tokio::test]
async fn an_invoice_is_tried_out_at_either_channel_and_nothing_is_sent() {
    let (stage, world) = stage().await;
    let person = Person::at(&stage).await;
    for (id, channel, order) in [("9001", "shop", "100"), ("9002", "bazaar", "200")] {
        let seen = person.tries(&world, &book(id)).await;
        let number = format!("2026-{id}");
        assert_eq!(seen.status, StatusCode::OK, "{}", seen.html);
        for words in [
            "It would go out like this.",
            "Nothing has been sent, and nothing has been written.",
            &format!("{number}, 100.00\u{a0}CZK"),
            &format!("Invoice for order {order}."),
            "Nothing of it is there yet.",
            "1 request would change something there.",
            "Total, at most that of the order",
            &format!("<summary><strong>POST</strong> http://{channel}/effects/{order}"),
            &format!("&#34;key&#34;: &#34;{number}&#34;"),
            r#"<form id="trial-send-form" method="post" action="/trial/send">"#,
        ] {
            assert!(seen.html.contains(words), "{words}: {}", seen.html);
        }
        assert!(!seen.html.contains("send_invoice"), "a raw name: {}", seen.html);
    }
    let parcel = person.tries(&world, &[("connection", "van"), ("document", "7")]).await;
    assert!(parcel.html.contains(r#"<input type="hidden" name="shipment" value="7">"#), "{}", parcel.html);
}

#[tokio::test]
async fn secrets_are_covered_wherever_they_stand_in_a_request() {
    let (stage, world) = stage().await;
    let shop = ConnectionId::new("shop");
    let sealed = PlainKeys.seal(&shop, "api_key", &"effects".into()).await.unwrap();
    let mut connection = stage.ledger.connection(&shop).await.unwrap().unwrap();
    connection.secrets.insert("api_key".into(), SealedSecret::entered(samples::noon(), sealed));
    stage.ledger.put_connection_as_is(connection);
    let seen = Person::at(&stage).await.tries(&world, &book("9001")).await;
    assert!(seen.html.contains("http://shop/***/100") && !seen.html.contains("effects"), "{}", seen.html);
}

#[tokio::test]
async fn what_was_tried_is_sent_for_real_by_a_second_form_and_led_to_its_receipt() {
    let (stage, world) = stage().await;
    let stage = stage.with_a_worker();
    let person = Person::at(&stage).await;
    person.tries(&world, &book("9001")).await;
    let sent = person.sends("/trial/send", &[("source", "books"), ("document", "9001")]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.html);
    assert_eq!(world.effects_at("shop"), 1);
    let export = stage.send(get(sent.headers[header::LOCATION].to_str().unwrap(), Some(&person.cookie))).await;
    for words in ["Delivered", "What the target itself told us about it.", "shop-1"] {
        assert!(export.html.contains(words), "{words}: {}", export.html);
    }
    assert!(!export.html.contains("http-equiv=\"refresh\""), "it is at rest");
    // What is there is not offered a second time.
    let again = person.sends("/trial", &book("9001")).await;
    assert!(again.html.contains("the target has it already") && !again.html.contains("trial-send-form"));
    assert_eq!(world.effects_at("shop"), 1);
}

#[tokio::test]
async fn what_no_worker_has_met_yet_is_waited_for_by_a_page_that_leads_on() {
    let (stage, _) = stage().await;
    let person = Person::at(&stage).await;
    let sent = person.sends("/trial/send", &[("source", "books"), ("document", "9001"), ("target", "shop")]).await;
    let leads_on = r#"<meta http-equiv="refresh" content="3; url=/exports?connection=books&#38;document=9001">"#;
    assert!(sent.status == StatusCode::OK && sent.html.contains(leads_on), "{}", sent.html);
    assert_eq!(stage.queue.all().len(), 1);
}

#[tokio::test]
async fn an_export_under_way_looks_again_until_it_is_at_rest() {
    let stage = Stage::with_a_day("").await;
    for export in stage.ledger.all() {
        let html = stage.page(&format!("/exports/{}", export.id)).await.html;
        let under_way = matches!(export.state, State::Sending | State::Accepted);
        assert_eq!(html.contains(r#"<meta http-equiv="refresh""#), under_way, "{}", export.state.as_str());
    }
}

#[tokio::test]
async fn a_trial_that_cannot_go_says_why_and_what_to_do() {
    let (stage, world) = stage().await;
    let person = Person::at(&stage).await;
    let refused = async |fields: &[(&str, &str)], words: &[&str]| {
        let seen = person.tries(&world, fields).await;
        for words in words {
            assert!(seen.html.contains(words), "{words}: {}", seen.html);
        }
        assert!(!seen.html.contains("trial-send-form"), "{}", seen.html);
        seen.status
    };
    let change = |id: &'static str, change: fn(&mut domain::Connection)| {
        let ledger = stage.ledger.clone();
        async move {
            let id = ConnectionId::new(id);
            let mut connection = ledger.connection(&id).await.unwrap().unwrap();
            change(&mut connection);
            connection.version += 1;
            ledger.put_connection_as_is(connection);
        }
    };
    // A document that nobody has, and none at all.
    let beside = [r#"aria-invalid="true""#, r#"id="trial-document-error""#];
    let unknown = [beside[0], beside[1], "books has nothing under this number."];
    assert_eq!(refused(&book("nothing"), &unknown).await, StatusCode::UNPROCESSABLE_ENTITY);
    let none = [("connection", ""), ("document", "")];
    assert_eq!(refused(&none, &[beside[1], "Give a number."]).await, StatusCode::UNPROCESSABLE_ENTITY);
    // Whose total does not fit: both values, and the advice.
    world.document("9003", "2026-9003", Some("100"), "150.00");
    let mismatch = ["150 CZK", "100 CZK", r#"href="/codes/order_mismatch""#, "What to do:", "It would not go out now."];
    assert_eq!(refused(&book("9003"), &mismatch).await, StatusCode::OK);
    // Not yet, by a rule.
    change("shop", |shop| shop.rules.invoice_when = Some(InvoiceWhen::Paid)).await;
    refused(&book("9001"), &[r#"href="/codes/not_paid_yet""#]).await;
    change("shop", |shop| shop.rules.invoice_when = None).await;
    // Switched off.
    change("shop", |shop| shop.switches.clear()).await;
    refused(&book("9001"), &[r#"href="/codes/switched_off""#]).await;
    change("shop", |shop| _ = shop.switches.insert(Switch::SendInvoice, true)).await;
    // The target is down, then the source.
    world.fault(Method::GET, "shop/", Kind::Refused, 100);
    refused(&book("9001"), &[r#"href="/codes/vendor_unreachable""#, "What to do:"]).await;
    world.heal();
    world.fault(Method::GET, "books/", Kind::Refused, 100);
    refused(&book("9001"), &["Reading the source", r#"href="/codes/vendor_unreachable""#]).await;
    world.heal();
    change("books", |books| books.state = domain::ConnectionState::Paused).await;
    refused(&book("9001"), &["Reading the source", r#"href="/codes/connection_paused""#]).await;
}

#[tokio::test]
async fn a_number_alone_is_found_and_an_order_leads_to_what_belongs_to_it() {
    let (stage, world) = stage().await;
    let person = Person::at(&stage).await;
    let unseen = person.tries(&world, &[("document", "2026-9001")]).await;
    assert!(unseen.html.contains("Nothing that has been seen so far has this number."), "{}", unseen.html);
    stage.ledger.remember_order(&samples::order(&ConnectionId::new("shop"), "100", samples::noon())).await.unwrap();
    let document = samples::document("9001", "2026-9001", "100", samples::noon());
    stage.ledger.remember_document(&document).await.unwrap();
    let found = person.tries(&world, &[("document", "2026-9001")]).await;
    assert!(found.html.contains("It would go out like this."), "{}", found.html);
    let of_order = person.tries(&world, &[("document", "100")]).await;
    assert!(of_order.html.contains("It would go out like this."), "the only one of it: {}", of_order.html);
    let mut parcel = samples::parcel("7", "T-7", "100", domain::DeliveryState::InTransit, samples::noon());
    parcel.source = ConnectionId::new("van");
    stage.ledger.merge_parcel(&parcel).await.unwrap();
    let several = person.tries(&world, &[("document", "100"), ("target", "shop")]).await;
    for words in ["Which one?", "2026-9001, books", "T-7, van", r#"<input type="hidden" name="target" value="shop">"#] {
        assert!(several.html.contains(words), "{words}: {}", several.html);
    }
}

#[tokio::test]
async fn the_form_is_filled_by_the_links_that_lead_to_it() {
    let (stage, _) = stage().await;
    let html = stage.page("/trial?connection=books&document=9001&target=bazaar").await.html;
    for filled in [r#"value="9001""#, r#"<option value="books" selected>"#, r#"<option value="bazaar" selected>"#] {
        assert!(html.contains(filled), "{filled}: {html}");
    }
    // From a channel's own page.
    let html = stage.page("/trial?connection=shop&order=100").await.html;
    assert!(html.contains(r#"value="100""#) && html.contains(r#"<option value="shop" selected>"#), "{html}");
    let list = stage.page("/connections/books/documents?since=2020-01-01").await.html;
    assert!(list.contains(r#"formaction="/trial" name="document" value="9001""#), "{list}");
    assert!(list.contains(r#"<input type="hidden" name="connection" value="books">"#), "{list}");
    for id in ["books", "shop"] {
        let connection = stage.page(&format!("/connections/{id}")).await.html;
        for href in [format!("/trial?connection={id}"), format!("/connections/{id}/rules")] {
            assert!(connection.contains(&format!(r#"href="{href}""#)), "{href}: {connection}");
        }
    }
    let day = Stage::with_a_day("").await;
    let order = day.page("/orders/shop/100000090").await.html;
    assert!(order.contains("document=2026-0090&#38;target=shop\""), "{order}");
}

#[tokio::test]
async fn what_others_wrote_is_text_in_a_trial_and_a_stranger_gets_none() {
    let (stage, world) = stage().await;
    let hostile = r#"<script>alert("1")</script>"#;
    world.document("9009", hostile, Some("100"), "100.00");
    let person = Person::at(&stage).await;
    let seen = person.tries(&world, &book("9009")).await;
    assert!(!seen.html.contains("<script") && seen.html.contains("&#60;script&#62;"), "{}", seen.html);
    let typed = person.tries(&world, &book(hostile)).await;
    assert!(!typed.html.contains("<script") && typed.html.contains("&#60;script&#62;"), "{}", typed.html);
    let stranger = stage.send(get("/trial", None)).await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
    for path in ["/trial", "/trial/send"] {
        let forged = stage.send(post(path, &person.cookie, "connection=books&source=books&document=9001")).await;
        assert_eq!(forged.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert!(stage.queue.all().is_empty());
}
