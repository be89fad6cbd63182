//! The rules of a connection by a form, and every proposal for a mapping at once.

use crate::stage::{Seen, Stage, csrf, get, post};
use domain::{
    AdoptRule, Connection, ConnectionId, HoldReason, InvoiceWhen, MappingKind, Role, Rules, Switch, Unmapped,
};
use export_flow::ports::{Connections as _, Ledger as _};
use http::{StatusCode, header};
use serde_json::json;
use testkit::samples;
use url::form_urlencoded;

async fn sends(stage: &Stage, path: &str, fields: &[(&str, &str)]) -> Seen {
    let cookie = stage.log_in().await;
    let page = stage.send(get(path, Some(&cookie))).await;
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("csrf", &csrf(&page.html)).extend_pairs(fields);
    stage.send(post(path, &cookie, &form.finish())).await
}

async fn stored(stage: &Stage, id: &str) -> Connection {
    stage.ledger.connection(&ConnectionId::new(id)).await.unwrap().unwrap()
}

/// A shop and books that can list what they have.
fn stage() -> Stage {
    let (stage, _) = Stage::beside_a_world();
    for (id, role, connector) in [
        ("shop", Role::Channel, "market"),
        ("bazaar", Role::Channel, "natural"),
        ("books", Role::Accounting, "listed-books"),
    ] {
        let mut connection = samples::connection(&ConnectionId::new(id), role, connector);
        connection.settings.insert("base_url".into(), format!("http://{id}").into());
        connection.mappings.carriers.insert("dpd".into(), "DPD".into());
        connection.switches.insert(Switch::SendInvoice, role == Role::Channel);
        stage.ledger.put_connection_as_is(connection);
    }
    stage
}

#[tokio::test]
async fn rules_of_a_channel_are_saved_and_nothing_else_of_it_changes() {
    let stage = stage();
    let path = "/connections/shop/rules";
    let page = stage.page(path).await;
    assert_eq!(page.status, StatusCode::OK);
    for words in ["Default: as soon as it has a number", "Default: every number", "Default: wait for a person"] {
        assert!(page.html.contains(words), "{words}: {}", page.html);
    }
    let before = stored(&stage, "shop").await;
    let fields = [
        ("order_pattern", "^1"),
        ("also_known_as.field", "ext_id"),
        ("also_known_as.channel", "bazaar"),
        ("invoice_when", "paid"),
        ("if_target_has_one", "hold"),
        ("full_invoice_without_line_match", "false"),
        ("number_when", "shipped"),
        ("shipped_when", "manual"),
        ("notify_customer", "true"),
        ("payment-0", "cod"),
        ("payment_when-0", "issued"),
        ("payment-1", ""),
        ("payment_when-1", "never"),
    ];
    let saved = sends(&stage, path, &fields).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.html);
    let after = stored(&stage, "shop").await;
    let expected: Rules = serde_json::from_value(json!({
        "order_pattern": "^1", "also_known_as": {"field": "ext_id", "channel": "bazaar"}, "invoice_when": "paid",
        "invoice_when_by_payment": {"cod": "issued"}, "number_when": "shipped", "shipped_when": "manual",
        "if_target_has_one": "hold", "notify_customer": true, "full_invoice_without_line_match": false,
    }))
    .unwrap();
    assert_eq!(after.rules, expected);
    let same = Connection { rules: before.rules.clone(), version: before.version, ..after.clone() };
    assert_eq!(same, Connection { changed_at: same.changed_at, ..before });
    // Shown again as saved, and what is emptied goes.
    let shown = stage.page(saved.headers[header::LOCATION].to_str().unwrap()).await.html;
    for words in [
        "The rules are saved.",
        r#"value="cod""#,
        r#"<option value="paid" selected>"#,
        r#"<option value="bazaar" selected>"#,
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    sends(&stage, path, &[("invoice_when", "never")]).await;
    let left = stored(&stage, "shop").await.rules;
    assert_eq!(left, Rules { invoice_when: Some(InvoiceWhen::Never), ..Rules::default() });
    assert_ne!(left.if_target_has_one, Some(AdoptRule::Hold));
}

#[tokio::test]
async fn a_rule_that_cannot_be_used_is_told_beside_its_field_and_nothing_is_saved() {
    let stage = stage();
    let hostile = "(<script>";
    let before = stored(&stage, "shop").await;
    let fields = [
        ("order_pattern", hostile),
        ("also_known_as.field", "ext_id"),
        ("payment-0", "cod"),
        ("payment_when-0", "issued"),
        ("notify_customer", "true"),
    ];
    // A pair of which one is missing is met first; it hides no other mistake once it is mended.
    for fields in [&fields[..], &[&fields[..1], &fields[2..]].concat()] {
        let refused = sends(&stage, "/connections/shop/rules", fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.html);
        for words in ["Nothing has been saved", r#"aria-invalid="true""#, "&#60;script&#62;", r#"value="cod""#] {
            assert!(refused.html.contains(words), "{words}: {}", refused.html);
        }
        assert!(!refused.html.contains("<script"));
        let wrong = if fields.len() == 5 { "error-also_known_as.field" } else { "error-order_pattern" };
        assert!(refused.html.contains(&format!(r#"id="{wrong}""#)), "{wrong}: {}", refused.html);
    }
    assert_eq!(stored(&stage, "shop").await, before);
    let nightly = |wrong: &[(&'static str, &'static str)]| {
        let mut fields = vec![("batch_export.at", "02:30"), ("carry_when.series", "A\r\nB, C")];
        fields.extend(wrong);
        fields
    };
    for (field, value) in
        [("batch_export.days_back", "soon"), ("batch_export.days_back", "91"), ("batch_export.time_zone", "Moon")]
    {
        let refused = sends(&stage, "/connections/books/rules", &nightly(&[(field, value)])).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.html.contains(&format!(r#"id="error-{field}""#)), "{field}: {}", refused.html);
    }
    let saved = sends(&stage, "/connections/books/rules", &nightly(&[("batch_export.days_back", "3")])).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.html);
    let rules = serde_json::to_value(stored(&stage, "books").await.rules).unwrap();
    let carry = json!({"series": ["A", "B, C"], "tags": [], "order_pattern": ""});
    assert_eq!(
        rules,
        json!({"carry_when": carry, "batch_export": {"at": "02:30", "days_back": 3, "time_zone": "UTC"}})
    );
}

#[tokio::test]
async fn what_the_rules_would_have_done_is_shown_before_they_are_saved_and_what_was_typed_is_kept() {
    let stage = stage();
    // Of the third nothing is kept beside the export.
    for id in ["1", "2", "3"] {
        let export = domain::Export::new(samples::key_to(id, &ConnectionId::new("shop")), samples::noon());
        let mut held = samples::held(&export, HoldReason::NotPaidYet, samples::at(60));
        held.numbers = vec![format!("<b>{id}")];
        held.order = Some(domain::OrderReference::new("100"));
        stage.ledger.put(held);
        if id != "3" {
            let document = samples::document(id, &format!("<b>{id}"), "100", samples::noon());
            stage.ledger.remember_document(&document).await.unwrap();
        }
    }
    stage.ledger.remember_order(&samples::order(&ConnectionId::new("shop"), "100", samples::noon())).await.unwrap();
    let mut shop = stored(&stage, "shop").await;
    shop.rules.invoice_when = Some(InvoiceWhen::Paid);
    stage.ledger.put_connection_as_is(shop.clone());
    let path = "/connections/shop/rules";
    let html = stage.page(path).await.html;
    assert!(html.contains(r#"formaction="/connections/shop/rules/preview""#), "{html}");
    let cookie = stage.log_in().await;
    let csrf = csrf(&stage.send(get(path, Some(&cookie))).await.html);
    let asked = async |fields: &str| {
        stage.send(post(&format!("{path}/preview"), &cookie, &format!("csrf={csrf}&{fields}"))).await
    };
    let shown = asked("invoice_when=issued&order_pattern=").await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.html);
    for words in [
        "Nothing has been saved yet.",
        "It would have gone out",
        r#"class="number">2</td>"#,
        "&#60;b&#62;1</a>",
        r#"<option value="issued" selected>"#,
        "0 exports would have fared the same. 1 export could not be judged",
    ] {
        assert!(shown.html.contains(words), "{words}: {}", shown.html);
    }
    let same = asked("invoice_when=paid&if_target_has_one=adopt").await.html;
    for words in ["3 exports would have fared the same. All could be judged.", "never judged", "If the target has one"]
    {
        assert!(same.contains(words), "{words}: {same}");
    }
    assert_eq!(asked("invoice_when=paid&order_pattern=(").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(stored(&stage, "shop").await, shop);
}

#[tokio::test]
async fn every_proposal_is_taken_at_once_and_it_says_what_goes_on_by_it() {
    let stage = stage();
    let mut shop = stored(&stage, "shop").await;
    shop.settings.insert("carriers".into(), json!({"gls": "GLS", "ppl": "PPL", "dpd": "DPD"}));
    stage.ledger.put_connection_as_is(shop);
    for (id, carrier) in [("1", "gls_cz"), ("2", "gls_cz"), ("3", "ppl_cz"), ("4", "geis"), ("5", "<b>")] {
        let export = domain::Export::new(samples::key_to(id, &ConnectionId::new("shop")), samples::noon());
        let mut held = samples::held(&export, HoldReason::MappingMissing, samples::at(60));
        let unmapped = Unmapped { mapping: MappingKind::Carriers, value: carrier.into(), name: None };
        held.hold.as_mut().unwrap().unmapped = Some(unmapped);
        stage.ledger.put(held);
    }
    let path = "/connections/shop/mappings";
    let html = stage.page(path).await.html;
    for words in ["Use all 2 proposals", "Use GLS", "Without an entry a carrier", "&#60;b&#62;"] {
        assert!(html.contains(words), "{words}: {html}");
    }
    // The form as it stands, by the one button.
    let names = ["mapping-", "from-", "to-", "proposed-"];
    let inputs = html.split("<input ").skip(1).map(|input| input.split('>').next().unwrap());
    let attribute =
        |input: &str, name: &str| Some(input.split(&format!("{name}=\"")).nth(1)?.split('"').next()?.to_owned());
    let form: Vec<(String, String)> = inputs
        .filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value").unwrap_or_default())))
        .filter(|(name, _)| names.iter().any(|known| name.starts_with(known)))
        .collect();
    let mut fields: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.push(("take", "all"));
    let saved = sends(&stage, path, &fields).await;
    assert_eq!(saved.headers[header::LOCATION], format!("{path}?woken=3"), "{}", saved.html);
    let carriers = stored(&stage, "shop").await.mappings.carriers;
    let pairs: Vec<(&str, &str)> = carriers.iter().map(|(from, to)| (from.as_str(), to.as_str())).collect();
    assert_eq!(pairs, [("dpd", "DPD"), ("gls_cz", "gls"), ("ppl_cz", "ppl")]);
    let told = stage.page(&format!("{path}?woken=3")).await.html;
    assert!(told.contains("3 exports waited for it and go on now."), "{told}");
}
