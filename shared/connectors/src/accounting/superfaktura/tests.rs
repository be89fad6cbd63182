use super::{SuperFaktura, local, map, wire};
use crate::contract::{Accounting, Connector, ManyDocuments};
use crate::stop::Stop;
use crate::suite::stage::{Stage, account, index};
use domain::{Code, DocumentKind, DocumentStatus, SkipReason, SubjectKind};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn play(name: &str) -> Stage {
    Stage::play(&SuperFaktura, name)
}

fn amount(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

async fn read(name: &str, id: &str) -> Result<Option<domain::Document>, Stop> {
    let stage = play(name);
    let read = SuperFaktura.read_document(&stage.look(), id).await;
    stage.over();
    read
}

#[tokio::test]
async fn an_invoice_is_read_whole() {
    let invoice = read("invoice", "7").await.unwrap().unwrap();
    assert_eq!((invoice.id.as_str(), invoice.kind, invoice.number.as_str()), ("7", DocumentKind::Invoice, "2026007"));
    assert_eq!(invoice.status, DocumentStatus::Issued);
    assert_eq!(invoice.order_reference.as_deref(), Some("SHOP-100234"));
    assert_eq!((invoice.total, invoice.subtotal), (amount("30"), amount("25")), "amount is without VAT");
    assert_eq!(invoice.currency.code(), "EUR");
    assert_eq!(invoice.issued_on, Some(jiff::civil::date(2026, 11, 20)));
    assert_eq!(invoice.due_on, Some(jiff::civil::date(2026, 12, 4)));
    assert_eq!(invoice.version_at, at("2026-11-20T14:04:05Z"), "the time of Bratislava");
    assert_eq!((invoice.payment_kind, invoice.corrects), (None, None));
    assert_eq!(invoice.series.as_deref(), Some("1"));
    assert_eq!(invoice.public_url.as_deref(), Some("https://moja.superfaktura.sk/invoices/pdf/7/token:c3b05c50"));
    assert_eq!(invoice.private, ["Jana Nováková", "Ukážková 12", "Vzorkov"]);
    assert_eq!(invoice.lines[0].sku.as_deref(), Some("A-1"));
    assert_eq!((invoice.lines[0].quantity, invoice.lines[0].total), (amount("2"), amount("24")));
    assert_eq!((invoice.lines[1].sku.as_deref(), invoice.lines[1].quantity), (None, amount("1")));
    assert_eq!(invoice.lines.iter().map(|l| l.total).sum::<Decimal>(), invoice.total);
    assert_eq!(invoice.vat.iter().map(|v| v.base + v.vat).sum::<Decimal>(), invoice.total);
    assert_eq!(invoice.vat[0].rate, amount("20"));
}

#[tokio::test]
async fn buyer_values_are_known_to_the_session_so_that_nothing_repeats_them() {
    let stage = play("invoice");
    let session = stage.look();
    let invoice = SuperFaktura.read_document(&session, "7").await.unwrap().unwrap();
    assert_eq!(session.private(), invoice.private);
}

#[tokio::test]
async fn the_header_carries_every_value_encoded() {
    let stage = play("invoice");
    SuperFaktura.read_document(&stage.look(), "7").await.unwrap();
    let version = env!("CARGO_PKG_VERSION");
    let wanted = format!(
        "SFAPI email=api%2Bbooks%40example.com&apikey=c0a4cdcdfe98ca660942d60cf7896de6\
         &module=Backhaul%20{version}&company_id=1"
    );
    assert_eq!(stage.seen()[0].request.headers["authorization"].to_str().unwrap(), wanted);
    let mut stage = play("invoice");
    stage.account.connection.settings.remove("company_id");
    SuperFaktura.read_document(&stage.look(), "7").await.unwrap();
    let sent = stage.seen()[0].request.headers["authorization"].to_str().unwrap().to_owned();
    assert!(sent.ends_with(&format!("&module=Backhaul%20{version}")), "{sent}");
}

#[tokio::test]
async fn a_key_of_another_country_goes_to_its_address_only() {
    let invoice = read("other_host", "7").await.unwrap().unwrap();
    assert!(invoice.public_url.unwrap().starts_with("https://moje.superfaktura.cz/"));
    let elsewhere = BTreeMap::from([("host".to_owned(), json!("superfaktura.example"))]);
    let stage = Stage::silent(&SuperFaktura, &elsewhere);
    let stop = SuperFaktura.read_document(&stage.look(), "7").await.unwrap_err();
    assert!(matches!(stop, Stop::Fail(f) if f.code == Code::SettingInvalid));
    assert!(stage.seen().is_empty());
}

#[tokio::test]
async fn a_credit_note_names_its_invoice() {
    let note = read("credit_note", "8").await.unwrap().unwrap();
    assert_eq!((note.kind, note.corrects.as_deref()), (DocumentKind::CreditNote, Some("7")));
    assert_eq!((note.total, note.subtotal), (amount("-30"), amount("-25")));
}

#[tokio::test]
async fn a_document_is_gone_only_where_the_account_is_there_and_the_list_by_id_is_without_it() {
    assert_eq!(read("gone", "7").await, Ok(None));
    assert_eq!(read("gone_inside_success", "7").await, Ok(None));
    let stop = read("error_inside_success", "7").await.unwrap_err();
    let Stop::Fail(failure) = stop else { panic!("{stop:?}") };
    assert_eq!((failure.code, failure.status), (Code::ErrorInsideSuccess, Some(200)));
    assert_eq!(failure.message, "Niečo nie je v poriadku");
}

#[tokio::test]
async fn refused_credentials_pause_however_they_are_refused() {
    for name in ["wrong_key", "wrong_key_inside_success"] {
        let stop = read(name, "7").await.unwrap_err();
        assert!(matches!(&stop, Stop::Credentials(f) if f.code == Code::CredentialsRefused), "{name}: {stop:?}");
    }
}

#[tokio::test]
async fn a_spent_quota_is_waited_for_until_midnight_in_bratislava() {
    let eleven_hours = SignedDuration::from_hours(11);
    let stage = play("quota_spent");
    let stop = SuperFaktura.read_document(&stage.look(), "7").await.unwrap_err();
    assert!(
        matches!(&stop, Stop::RateLimited { retry_after: Some(wait), message } if *wait == eleven_hours && message.contains("daily limit")),
        "{stop:?}"
    );
    assert_eq!(stage.closed(), [at("2026-11-21T23:00:00Z")]);
    let stage = play("quota_last");
    assert!(SuperFaktura.read_document(&stage.look(), "7").await.unwrap().is_some(), "it was answered");
    assert_eq!(stage.closed(), [at("2026-11-21T23:00:00Z")]);
}

#[tokio::test]
async fn a_pdf_comes_by_its_token_and_what_is_none_is_refused() {
    let known = |url: &str| domain::Document {
        id: "7".into(),
        public_url: Some(url.to_owned()).filter(|url| !url.is_empty()),
        ..crate::suite::samples::invoice()
    };
    let link = "https://moja.superfaktura.sk/invoices/pdf/7/token:c3b05c50";
    for (name, link) in [("pdf", link), ("pdf_without_token", "")] {
        let stage = play(name);
        let pdf = SuperFaktura.read_pdf(&stage.look(), &known(link)).await.unwrap();
        assert!(pdf.bytes.starts_with(b"%PDF") && pdf.bytes.ends_with(b"%%EOF\n"));
        assert_eq!(stage.seen().last().unwrap().request.answer_bytes_max, Some(crate::PDF_BYTES_MAX));
        stage.over();
    }
    for (name, code, status) in [("pdf_missing", Code::VendorRefused, 404), ("pdf_is_a_page", Code::NotAPdf, 200)] {
        let stage = play(name);
        let stop = SuperFaktura.read_pdf(&stage.look(), &known(link)).await.unwrap_err();
        assert!(matches!(&stop, Stop::Fail(f) if f.code == code && f.status == Some(status)), "{name}: {stop:?}");
    }
}

#[tokio::test]
async fn what_no_page_names_is_never_guessed_and_what_is_no_invoice_is_left_out() {
    for (name, word) in [("unknown_type", "__NEW__"), ("unknown_status", "42")] {
        let stop = read(name, "7").await.unwrap_err();
        assert!(
            matches!(&stop, Stop::Fail(f) if f.code == Code::VendorNonsense && f.message.contains(word)),
            "{stop:?}"
        );
    }
    let stop = read("draft", "7").await.unwrap_err();
    assert!(matches!(stop, Stop::Skip { reason: SkipReason::Unsupported, .. }));
}

fn ids(page: &crate::DocumentPage) -> Vec<&str> {
    page.changed.iter().map(|line| line.hint.subject.id.as_str()).collect()
}

#[tokio::test]
async fn of_the_days_that_are_listed_only_the_time_asked_about_is_told() {
    let stage = play("poll");
    // Half past midnight there, and the day before in Greenwich.
    let since = at("2026-11-20T23:30:00.7Z");
    let page = SuperFaktura.changed(&stage.look(), since, None).await.unwrap();
    assert_eq!((ids(&page), page.next.as_deref()), (vec!["6", "7"], Some("2/5")));
    assert_eq!(page.changed[1].order_reference.as_deref(), Some("SHOP-7"));
    assert_eq!(page.changed[1].number.as_deref(), Some("2026007"));
    assert_eq!(page.changed[1].version_at, at("2026-11-21T11:10:00Z"));
    assert_eq!(page.changed[1].hint.subject.kind, SubjectKind::Document);
    let page = SuperFaktura.changed(&stage.look(), since, page.next.as_deref()).await.unwrap();
    assert_eq!((ids(&page), page.next.as_deref()), (vec!["8"], None), "the second of 9 is not over yet");
    stage.over();
}

#[tokio::test]
async fn a_list_that_became_shorter_is_read_from_its_beginning() {
    let stage = play("poll_shifted");
    let page = SuperFaktura.changed(&stage.look(), at("2026-11-20T23:30:00Z"), Some("2/202")).await.unwrap();
    assert_eq!((ids(&page), page.next.as_deref()), (vec!["9"], Some("1/201")));
}

#[tokio::test]
async fn of_many_documents_one_that_does_not_fit_spoils_none_of_the_others() {
    let stage = play("many");
    let read = SuperFaktura.read_documents(&stage.look(), &["7", "8", "9", "10", "11"]).await.unwrap();
    let mut found: Vec<(&str, Option<&str>)> =
        read.iter().map(|document| (document.id.as_str(), document.order_reference.as_deref())).collect();
    found.sort_unstable();
    assert_eq!(found, [("10", None), ("7", Some("SHOP-100234"))]);
    assert_eq!(SuperFaktura.at_once(), 100);
    stage.over();
}

#[tokio::test]
async fn a_number_finds_its_document_exactly() {
    let stage = play("by_number");
    let found = SuperFaktura.find_document(&stage.look(), "2026007").await.unwrap().unwrap();
    assert_eq!((found.id.as_str(), found.kind), ("27", DocumentKind::Invoice));
    let stage = play("by_number_none");
    assert_eq!(SuperFaktura.find_document(&stage.look(), "2026999").await, Ok(None));
}

#[tokio::test]
async fn a_check_names_the_step_that_failed() {
    let steps = |stage: Stage| async move {
        let steps = SuperFaktura.check(&stage.look()).await;
        let last = steps.last().unwrap().clone();
        stage.over();
        (last.name, last.code)
    };
    assert_eq!(steps(play("check")).await, ("permission".into(), None));
    assert_eq!(steps(play("check_wrong_key")).await, ("credentials".into(), Some(Code::CredentialsRefused)));
    assert_eq!(steps(play("check_no_right")).await, ("permission".into(), Some(Code::PermissionMissing)));
    for (name, value) in [("order_reference", json!({"field": "nonsense"})), ("email", json!("nobody"))] {
        let stage = Stage::silent(&SuperFaktura, &BTreeMap::from([(name.to_owned(), value)]));
        assert_eq!(steps(stage).await, ("settings".into(), Some(Code::SettingInvalid)), "{name}");
    }
}

#[test]
fn the_zone_is_that_of_bratislava_whenever_clocks_change() {
    let table = TimeZone::get("Europe/Bratislava").unwrap();
    let hour = SignedDuration::from_hours(1);
    let mut now = at("2026-01-01T00:30:00Z");
    while now < at("2031-01-01T00:00:00Z") {
        assert_eq!(now.to_zoned(local::zone()).datetime(), now.to_zoned(table.clone()).datetime(), "{now}");
        now += hour;
    }
}

#[test]
fn local_times_are_read_and_of_the_hour_that_comes_twice_the_first_is_meant() {
    for (text, moment) in [
        ("2026-07-01 12:00:00", "2026-07-01T10:00:00Z"),
        ("2026-12-01 12:00:00", "2026-12-01T11:00:00Z"),
        ("2026-10-25 02:30:00", "2026-10-25T00:30:00Z"),
        ("2026-10-25 03:00:00", "2026-10-25T02:00:00Z"),
    ] {
        assert_eq!(local::instant(text), Some(at(moment)), "{text}");
    }
    assert_eq!(local::instant("2026-07-01T12:00:00Z"), None);
    assert_eq!(local::reset("24.12.2030 00:00:00"), Some(at("2030-12-23T23:00:00Z")));
    assert_eq!(local::day(at("2026-07-01T22:30:00Z")), jiff::civil::date(2026, 7, 2));
}

mod mapping {
    use super::*;

    fn sample() -> Value {
        let text = include_str!("transcripts/invoice.json");
        serde_json::from_str::<Value>(text).unwrap()["calls"][0]["answer"]["body"].clone()
    }

    /// The sample with `change` in its invoice and `beside` beside it.
    fn read(change: Value, beside: Value, settings: Value) -> Result<domain::Document, Stop> {
        let mut whole = sample();
        whole["Invoice"].as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        whole.as_object_mut().unwrap().extend(beside.as_object().unwrap().clone());
        let settings = settings.as_object().unwrap().clone().into_iter().collect();
        let account = account(&SuperFaktura, &index(&SuperFaktura), &settings);
        let whole: wire::Whole = serde_json::from_value(whole).unwrap();
        map::document(&account, whole, |_, _| None)
    }

    fn mapped(change: Value) -> domain::Document {
        read(change, json!({}), json!({})).unwrap()
    }

    #[test]
    fn every_type_has_its_kind() {
        for (word, kind) in [
            ("regular", DocumentKind::Invoice),
            ("proforma", DocumentKind::Proforma),
            ("cancel", DocumentKind::CreditNote),
        ] {
            assert_eq!(mapped(json!({"type": word})).kind, kind, "{word}");
        }
        assert_eq!(mapped(json!({"parent_id": "5"})).corrects, None, "an invoice corrects nothing");
    }

    #[test]
    fn every_status_has_its_meaning() {
        for (change, emails, status) in [
            (json!({"status": "1"}), json!([]), DocumentStatus::Issued),
            (json!({"status": 1}), json!([{"id": "4"}]), DocumentStatus::Sent),
            (json!({"status": "2"}), json!([]), DocumentStatus::InPayment),
            (json!({"status": "3"}), json!([{"id": "4"}]), DocumentStatus::Paid),
            (json!({"status": "99"}), json!([]), DocumentStatus::Issued),
            (json!({"status": "99"}), json!([{"id": "4"}]), DocumentStatus::Sent),
            (json!({"status": "99", "amount_paid": "10.00"}), json!([]), DocumentStatus::InPayment),
        ] {
            let read = read(change.clone(), json!({"InvoiceEmail": emails}), json!({})).unwrap();
            assert_eq!(read.status, status, "{change}");
        }
    }

    #[test]
    fn the_total_with_vat_is_the_summarys_or_that_of_the_sums() {
        let total = |beside: Value| read(json!({}), beside, json!({})).map(|document| document.total);
        assert_eq!(total(json!({"0": null})), Ok(amount("30")));
        assert_eq!(total(json!({"Summary": null})), Ok(amount("30")));
        assert!(total(json!({"Summary": null, "0": {}})).is_err(), "never the amount, which is without VAT");
    }

    #[test]
    fn a_price_for_one_piece_is_told_from_one_for_the_line_by_the_total() {
        let item = json!({"name": "Mug", "quantity": "2", "unit_price_vat": 12, "item_price_vat": 12});
        let read = read(json!({}), json!({"InvoiceItem": [item, {"name": "Post", "item_price_vat": "6"}]}), json!({}));
        let totals: Vec<Decimal> = read.unwrap().lines.iter().map(|line| line.total).collect();
        assert_eq!(totals, [amount("24"), amount("6")]);
    }

    #[test]
    fn numbers_may_come_as_texts_and_texts_as_numbers_and_nothing_as_an_empty_list() {
        let usual = mapped(json!({}));
        let other = mapped(json!({"id": 7, "amount": 25, "sequence_id": 1, "delivery": "", "due": "0000-00-00"}));
        assert_eq!((other.id, other.subtotal, other.series), (usual.id, usual.subtotal, usual.series));
        assert_eq!((other.taxed_on, other.due_on), (None, None));
        let summary = json!({"invoice_total": "30.00", "vat_base_separate": [], "vat_separate": []});
        assert_eq!(read(json!({}), json!({"Summary": summary}), json!({})).unwrap().vat, []);
    }

    #[test]
    fn the_order_stands_where_the_setting_says() {
        let change = json!({"comment": "Objednávka SHOP-7 z e-shopu", "variable": 20230021, "order_no": " "});
        for (rule, reference) in [
            (json!({}), None),
            (json!({"field": "variable"}), Some("20230021")),
            (json!({"field": "invoice_no_formatted"}), Some("2026007")),
            (json!({"field": "comment", "pattern": "(SHOP-\\d+)"}), Some("SHOP-7")),
            (json!({"field": "comment", "pattern": "MARKET-\\d+"}), None),
            (json!({"field": "internal_comment"}), None),
        ] {
            let document = read(change.clone(), json!({}), json!({"order_reference": rule.clone()})).unwrap();
            assert_eq!(document.order_reference.as_deref(), reference, "{rule}");
        }
    }

    #[test]
    fn an_error_is_known_by_its_number_and_told_in_its_words() {
        for (said, error, words) in [
            (json!({"error": 0, "error_message": ""}), false, ""),
            (json!({"error": "0"}), false, ""),
            (json!({"Invoice": {"status": "0"}}), false, ""),
            (json!({"error": 1, "message": "Nie"}), true, "Nie"),
            (json!({"error": "5", "error_message": {"type": ["a", "b"], "x": "c"}}), true, "a, b, c"),
            (json!({"status": 0, "message": "Permission denied."}), true, "Permission denied."),
            (json!({"status": false, "message": "Bad data format."}), true, "Bad data format."),
        ] {
            let verdict: wire::Verdict = serde_json::from_value(said.clone()).unwrap();
            assert_eq!((verdict.is_error(), verdict.words().as_str()), (error, words), "{said}");
        }
    }
}
