use super::Fakturoid;
use crate::contract::{Accounting, Connector, Subscription, SubscriptionState, Subscriptions, Unauthentic, Webhook};
use crate::oauth::{AuthorizationCode, Authorize, OAuth as _};
use crate::stop::Stop;
use crate::suite::stage::{Stage, inbound};
use domain::{Code, DocumentKind, DocumentStatus, HoldReason, SubjectKind};
use jiff::Timestamp;
use rust_decimal::Decimal;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use std::collections::BTreeMap;

fn play(name: &str) -> Stage {
    Stage::play(&Fakturoid, name)
}

fn amount(text: &str) -> Decimal {
    text.parse().unwrap()
}

async fn read(name: &str, id: &str) -> Result<Option<domain::Document>, Stop> {
    let stage = play(name);
    let read = Fakturoid.read_document(&stage.look(), id).await;
    stage.over();
    read
}

#[tokio::test]
async fn an_invoice_is_read_whole() {
    let invoice = read("invoice", "27").await.unwrap().unwrap();
    assert_eq!(
        (invoice.id.as_str(), invoice.kind, invoice.number.as_str()),
        ("27", DocumentKind::Invoice, "2023-0021")
    );
    assert_eq!(invoice.status, DocumentStatus::Sent);
    assert_eq!(invoice.order_reference.as_deref(), Some("SHOP-100200"));
    assert_eq!((invoice.total, invoice.subtotal), (amount("11000"), amount("9133.6")));
    assert_eq!(invoice.currency.code(), "CZK");
    assert_eq!(invoice.issued_on, Some(jiff::civil::date(2023, 11, 30)));
    assert_eq!(invoice.due_on, Some(jiff::civil::date(2023, 12, 14)));
    assert_eq!(invoice.version_at, "2023-12-01T08:05:47.187Z".parse::<Timestamp>().unwrap());
    assert_eq!(invoice.payment_kind.as_deref(), Some("bank"));
    assert_eq!(invoice.series.as_deref(), Some("31"));
    assert_eq!(invoice.corrects, None);
    assert!(invoice.public_url.unwrap().ends_with("/p/69UqMuxhiA/2023-0021"));
}

#[tokio::test]
async fn lines_carry_article_numbers_and_totals_with_vat_that_add_up() {
    let invoice = read("invoice", "27").await.unwrap().unwrap();
    assert_eq!(invoice.lines[0].sku.as_deref(), Some("KU994RUR8465"));
    assert_eq!(invoice.lines[0].total, amount("10000"));
    assert_eq!((invoice.lines[1].sku.as_deref(), invoice.lines[1].quantity), (None, amount("5")));
    assert_eq!(invoice.lines.iter().map(|l| l.total).sum::<Decimal>(), invoice.total);
    assert_eq!(invoice.vat.iter().map(|v| v.base + v.vat).sum::<Decimal>(), invoice.total);
    assert_eq!(invoice.vat[0].rate, amount("21"));
}

#[tokio::test]
async fn buyer_values_are_known_to_the_session_so_that_nothing_repeats_them() {
    let stage = play("invoice");
    let session = stage.look();
    let invoice = Fakturoid.read_document(&session, "27").await.unwrap().unwrap();
    assert_eq!(invoice.private, ["Jana Nováková", "Ukázková 12", "Vzorkov"]);
    assert_eq!(session.private(), invoice.private);
}

#[tokio::test]
async fn a_correction_is_a_credit_note_for_the_invoice_it_names() {
    let note = read("correction", "94").await.unwrap().unwrap();
    assert_eq!((note.kind, note.corrects.as_deref()), (DocumentKind::CreditNote, Some("93")));
    assert_eq!((note.total, note.lines[0].quantity), (amount("-12100"), amount("-5")));
}

#[tokio::test]
async fn a_missing_document_is_gone_only_while_the_account_is_there() {
    assert_eq!(read("gone", "27").await, Ok(None));
    let stop = read("unknown_slug", "27").await.unwrap_err();
    assert!(matches!(stop, Stop::Credentials(f) if f.code == Code::SettingInvalid));
}

#[tokio::test]
async fn refused_credentials_are_told_apart_from_a_token_that_ended_early() {
    let stop = read("client_refused", "27").await.unwrap_err();
    assert!(
        matches!(stop, Stop::Credentials(f) if f.code == Code::CredentialsRefused && f.message.contains("invalid_client"))
    );
    assert!(read("token_expired", "27").await.unwrap().is_some());
    let stop = read("token_refused_twice", "27").await.unwrap_err();
    assert!(matches!(stop, Stop::Credentials(f) if f.code == Code::CredentialsRefused));
}

const CODE: AuthorizationCode<'_> = AuthorizationCode {
    code: "2f0e1d3c4b5a69788796a5b4c3d2e1f0",
    redirect_uri: "https://backhaul.example.com/oauth/callback",
    verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
};
const REFRESH_TOKEN: &str = "f1a2b3c4d5e6f70819aabbccddeeff00112233445566778899aabbccddeeff0011223344556677";

#[test]
fn a_person_is_sent_to_the_vendors_page_with_all_that_it_asks_for() {
    let stage = play("code");
    let ask = Authorize { redirect_uri: CODE.redirect_uri, state: "books.00", challenge: "a-b_c" };
    let url = Fakturoid.authorize_url(&stage.account, &ask).unwrap();
    assert!(url.as_str().starts_with("https://app.fakturoid.cz/api/v3/oauth?"), "{url}");
    let asked: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let asked: Vec<(&str, &str)> = asked.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(
        asked,
        [
            ("client_id", "0123456789abcdef0123"),
            ("redirect_uri", CODE.redirect_uri),
            ("response_type", "code"),
            ("state", "books.00"),
            ("code_challenge", "a-b_c"),
            ("code_challenge_method", "S256"),
        ]
    );
}

#[tokio::test]
async fn a_code_is_exchanged_for_tokens_or_not_at_all() {
    let exchange = async |name: &str| {
        let stage = play(name);
        let tokens = Fakturoid.exchange(&stage.look(), &CODE).await;
        stage.over();
        tokens
    };
    let tokens = exchange("code").await.unwrap();
    assert_eq!(tokens.refresh.unwrap().expose_secret(), REFRESH_TOKEN);
    assert!(tokens.access.expose_secret().starts_with("26e53aa3") && tokens.expires_in.as_secs() == 7200);
    let stop = exchange("code_spent").await.unwrap_err();
    assert!(matches!(stop, Stop::Credentials(f) if f.code == Code::CredentialsRefused));
    let stop = exchange("code_without_refresh").await.unwrap_err();
    assert!(matches!(stop, Stop::Fail(f) if f.code == Code::VendorNonsense));
}

#[tokio::test]
async fn a_refresh_says_whether_a_person_has_to_connect_again() {
    let refresh = async |name: &str| {
        let stage = play(name);
        let tokens = Fakturoid.refresh(&stage.look(), REFRESH_TOKEN).await;
        stage.over();
        tokens
    };
    assert!(refresh("refresh").await.unwrap().refresh.is_none(), "the one in use stays");
    let stop = refresh("refresh_withdrawn").await.unwrap_err();
    assert!(matches!(stop, Stop::Credentials(f) if f.message.contains("connect it once more")));
}

#[tokio::test]
async fn one_token_serves_every_call_until_it_ends() {
    let stage = play("pdf_not_ready");
    let invoice = crate::suite::samples::invoice();
    let document = domain::Document { id: "27".into(), ..invoice };
    let first = Fakturoid.read_pdf(&stage.look(), &document).await.unwrap_err();
    assert!(matches!(first, Stop::Hold { reason: HoldReason::DocumentNotReady, until: None, .. }));
    stage.later(3600);
    let pdf = Fakturoid.read_pdf(&stage.look(), &document).await.unwrap();
    assert_eq!(&pdf.bytes[..], b"%PDF-1.7\n%%EOF\n");
    stage.over();
}

#[tokio::test]
async fn a_pdf_comes_whole_and_what_is_none_is_refused() {
    let document = domain::Document { id: "27".into(), ..crate::suite::samples::invoice() };
    let stage = play("pdf");
    let pdf = Fakturoid.read_pdf(&stage.look(), &document).await.unwrap();
    assert!(pdf.bytes.starts_with(b"%PDF") && pdf.bytes.ends_with(b"%%EOF\n"));
    assert_eq!(stage.seen()[1].request.answer_bytes_max, Some(crate::PDF_BYTES_MAX));
    let stage = play("pdf_is_a_page");
    let stop = Fakturoid.read_pdf(&stage.look(), &document).await.unwrap_err();
    assert!(matches!(stop, Stop::Fail(f) if f.code == Code::NotAPdf));
}

#[tokio::test]
async fn the_rest_of_the_window_is_waited_for() {
    let stop = read("rate_limited", "27").await.unwrap_err();
    assert!(matches!(stop, Stop::RateLimited { retry_after: Some(t), .. } if t.as_secs() == 41));
}

#[tokio::test]
async fn what_no_page_names_is_never_guessed() {
    for name in ["unknown_type", "unknown_status"] {
        let stop = read(name, "27").await.unwrap_err();
        assert!(
            matches!(&stop, Stop::Fail(f) if f.code == Code::VendorNonsense && f.message.contains("__NEW__")),
            "{stop:?}"
        );
    }
}

#[tokio::test]
async fn a_blocked_account_pauses_and_says_so() {
    let stop = read("account_blocked", "27").await.unwrap_err();
    assert!(matches!(stop, Stop::Credentials(f) if f.code == Code::AccountBlocked && f.message == "Account blocked"));
}

#[tokio::test]
async fn the_vendors_words_come_through_by_field() {
    let stage = play("refused_by_field");
    let stop = Fakturoid.find_document(&stage.look(), "2023-0021").await.unwrap_err();
    let Stop::Fail(failure) = stop else { panic!("{stop:?}") };
    assert_eq!((failure.code, failure.status), (Code::VendorRefused, Some(422)));
    assert_eq!(failure.message, "client_name: can't be blank, is too short; number: is invalid");
}

#[tokio::test]
async fn changes_are_read_until_an_empty_page() {
    let stage = play("poll");
    let since: Timestamp = "2026-11-21T11:50:00.987Z".parse().unwrap();
    let page = Fakturoid.changed(&stage.look(), since, None).await.unwrap();
    assert_eq!(page.next.as_deref(), Some("2"));
    assert!(page.changed.iter().all(|c| c.hint.subject.kind == SubjectKind::Document));
    assert_eq!(page.changed[0].hint.subject.id, "27");
    assert_eq!(page.changed[1].number.as_deref(), Some("2024-0057"));
    assert_eq!(page.changed[1].order_reference.as_deref(), Some("SHOP-100234"));
    assert_eq!(page.changed[1].version_at, "2024-06-13T12:06:20.8Z".parse::<Timestamp>().unwrap());
    let page = Fakturoid.changed(&stage.look(), since, page.next.as_deref()).await.unwrap();
    assert_eq!((page.changed.len(), page.next), (0, None));
    stage.over();
}

#[tokio::test]
async fn a_number_finds_its_document_exactly() {
    let stage = play("by_number");
    let found = Fakturoid.find_document(&stage.look(), "2023-0021").await.unwrap().unwrap();
    assert_eq!((found.id.as_str(), found.kind), ("27", DocumentKind::Invoice));
    let stage = play("by_number_none");
    assert_eq!(Fakturoid.find_document(&stage.look(), "2023-9999").await, Ok(None));
}

#[tokio::test]
async fn a_check_names_the_step_that_failed() {
    let steps = |stage: Stage| async move {
        let steps = Fakturoid.check(&stage.look()).await;
        let last = steps.last().unwrap().clone();
        stage.over();
        (last.name, last.code)
    };
    assert_eq!(steps(play("check")).await, ("permission".into(), None));
    assert_eq!(steps(play("check_other_account")).await, ("account".into(), Some(Code::SettingInvalid)));
    assert_eq!(steps(play("check_no_right")).await, ("permission".into(), Some(Code::PermissionMissing)));
    for (name, value) in [("order_reference", json!({"field": "nonsense"})), ("contact_email", json!("nobody"))] {
        let stage = Stage::silent(&Fakturoid, &BTreeMap::from([(name.to_owned(), value)]));
        assert_eq!(steps(stage).await, ("settings".into(), Some(Code::SettingInvalid)), "{name}");
    }
}

mod mapping {
    use super::super::{map, wire};
    use super::*;
    use crate::suite::stage::{account, index};

    fn sample() -> serde_json::Value {
        let text = include_str!("transcripts/invoice.json");
        serde_json::from_str::<serde_json::Value>(text).unwrap()["calls"][1]["answer"]["body"].clone()
    }

    fn mapped(change: serde_json::Value, settings: serde_json::Value) -> domain::Document {
        let mut invoice = sample();
        invoice.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let settings = settings.as_object().unwrap().clone().into_iter().collect();
        let account = account(&Fakturoid, &index(&Fakturoid), &settings);
        let invoice: wire::Invoice = serde_json::from_value(invoice).unwrap();
        map::document(&account, invoice).unwrap()
    }

    #[test]
    fn every_document_type_has_its_kind() {
        for (word, kind) in [
            ("invoice", DocumentKind::Invoice),
            ("final_invoice", DocumentKind::Invoice),
            ("tax_document", DocumentKind::Invoice),
            ("proforma", DocumentKind::Proforma),
            ("partial_proforma", DocumentKind::Proforma),
            ("correction", DocumentKind::CreditNote),
        ] {
            assert_eq!(mapped(json!({"document_type": word}), json!({})).kind, kind, "{word}");
        }
    }

    #[test]
    fn every_status_has_its_meaning() {
        let payment = json!([{"id": 785, "paid_on": "2024-06-13"}]);
        for (change, status) in [
            (json!({"status": "open"}), DocumentStatus::Issued),
            (json!({"status": "sent"}), DocumentStatus::Sent),
            (json!({"status": "overdue"}), DocumentStatus::Sent),
            (json!({"status": "uncollectible"}), DocumentStatus::Sent),
            (json!({"status": "paid", "payments": payment, "remaining_amount": "0.0"}), DocumentStatus::Paid),
            (json!({"status": "open", "payments": payment}), DocumentStatus::InPayment),
            (json!({"status": "overdue", "remaining_amount": "999.5"}), DocumentStatus::InPayment),
            (json!({"status": "cancelled"}), DocumentStatus::Cancelled),
            (json!({"status": "paid", "cancelled_at": "2024-06-13T14:06:20.800+02:00"}), DocumentStatus::Cancelled),
        ] {
            assert_eq!(mapped(change.clone(), json!({})).status, status, "{change}");
        }
    }

    #[test]
    fn an_invoice_that_was_corrected_corrects_nothing_itself() {
        assert_eq!(mapped(json!({"correction_id": 94}), json!({})).corrects, None);
        let note = mapped(json!({"correction_id": 93, "document_type": "correction"}), json!({}));
        assert_eq!(note.corrects.as_deref(), Some("93"));
    }

    #[test]
    fn the_order_stands_where_the_setting_says() {
        let note = json!({"note": "Objednávka SHOP-7 ze dne", "custom_id": "C-1", "variable_symbol": 20230021, "order_number": " "});
        for (rule, reference) in [
            (json!({}), None),
            (json!({"field": "custom_id"}), Some("C-1")),
            (json!({"field": "variable_symbol"}), Some("20230021")),
            (json!({"field": "number"}), Some("2023-0021")),
            (json!({"field": "note", "pattern": "(SHOP-\\d+)"}), Some("SHOP-7")),
            (json!({"field": "note", "pattern": "MARKET-\\d+"}), None),
            (json!({"field": "private_note"}), None),
        ] {
            let document = mapped(note.clone(), json!({"order_reference": rule}));
            assert_eq!(document.order_reference.as_deref(), reference, "{rule}");
        }
    }

    #[test]
    fn numbers_may_come_as_texts_and_texts_as_numbers() {
        let other =
            mapped(json!({"id": "27", "total": 11000, "subtotal": 9133.6, "number_format_id": "31"}), json!({}));
        let usual = mapped(json!({}), json!({}));
        assert_eq!((other.id, other.total, other.subtotal), (usual.id, usual.total, usual.subtotal));
    }
}

mod hooks {
    use super::*;
    use crate::account::Secrets;
    use ::http::HeaderMap;
    use secrecy::SecretString;

    fn verdict(secrets: &[(&str, &str)], sent: &str) -> Result<(), Unauthentic> {
        let mut stage = Stage::silent(&Fakturoid, &BTreeMap::new());
        let secrets = secrets.iter().map(|(n, v)| ((*n).to_owned(), SecretString::from((*v).to_owned())));
        stage.account.secrets = Secrets::new(secrets.collect());
        let mut headers = HeaderMap::new();
        headers.insert("authorization", sent.parse().unwrap());
        Fakturoid.verify(&stage.account, &inbound(&headers, b"{}"))
    }

    #[test]
    fn the_old_value_stays_valid_while_it_is_kept() {
        let both = [("webhook_authorization", "Bearer new"), ("webhook_authorization_previous", "Bearer old")];
        assert_eq!(verdict(&both, "Bearer new"), Ok(()));
        assert_eq!(verdict(&both, "Bearer old"), Ok(()));
        assert_eq!(verdict(&both, "Bearer older"), Err(Unauthentic));
        assert_eq!(verdict(&both[..1], "Bearer old"), Err(Unauthentic));
        assert_eq!(verdict(&both[..1], ""), Err(Unauthentic));
    }

    #[test]
    fn an_event_names_its_document_and_nothing_else() {
        let stage = Stage::silent(&Fakturoid, &BTreeMap::new());
        let headers = HeaderMap::new();
        for event in &stage.index.webhook.as_ref().unwrap().relevant {
            let hints = Fakturoid.parse(&stage.account, &inbound(&headers, event.to_string().as_bytes())).unwrap();
            let id = event["body"]["invoice"]["id"].to_string();
            assert_eq!(hints.len(), 1);
            assert_eq!((hints[0].subject.kind, &hints[0].subject.id), (SubjectKind::Document, &id));
            assert!(hints[0].hints.is_empty());
        }
        let nameless = br#"{"event_name":"invoice_created","body":{"invoice":{"number":"1"}}}"#;
        assert!(Fakturoid.parse(&stage.account, &inbound(&headers, nameless)).is_err());
    }
}

const OURS: &str = "https://backhaul.example.com/webhooks/accounting/books";

fn seen(id: &str, state: SubscriptionState) -> Option<Vec<Subscription>> {
    Some(vec![Subscription { id: id.to_owned(), state }])
}

#[tokio::test]
async fn a_webhook_is_seen_as_the_vendor_keeps_it() {
    for (name, wanted) in [
        ("hook_active", seen("5", SubscriptionState::Active)),
        ("hook_not_seen", Some(vec![])),
        ("hook_forbidden", None),
    ] {
        let stage = play(name);
        assert_eq!(Fakturoid.look(&stage.look(), OURS).await.unwrap(), wanted, "{name}");
        stage.over();
    }
}

#[tokio::test]
async fn a_webhook_that_proves_itself_by_what_was_replaced_is_outdated() {
    let shown = SecretString::from("Bearer TOKEN");
    for (until, state) in [(Some(Timestamp::MAX), SubscriptionState::Outdated), (None, SubscriptionState::Active)] {
        let mut stage = play("hook_active");
        stage.account.secrets = stage.account.secrets.clone().beside("webhook_authorization", shown.clone(), until);
        assert_eq!(Fakturoid.look(&stage.look(), OURS).await.unwrap(), seen("5", state), "one that waits is none");
        stage.over();
    }
}

#[tokio::test]
async fn a_webhook_that_is_off_is_registered_anew_before_it_is_removed() {
    let stage = play("hook_off");
    let session = stage.look();
    assert_eq!(Fakturoid.look(&session, OURS).await.unwrap(), seen("5", SubscriptionState::Off));
    Fakturoid.register(&session, OURS).await.unwrap();
    Fakturoid.remove(&session, "5").await.unwrap();
    stage.over();
}
