use super::states::{Meaning, of_event, of_name};
use super::{Sendcloud, map};
use crate::contract::{Connector, Courier, Unauthentic, Webhook};
use crate::stop::Stop;
use crate::suite::stage::{Stage, inbound};
use domain::DeliveryState::{self, *};
use domain::{Code, HoldReason, Parcel, SkipReason, SourceHint, Subject, SubjectKind};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::json;
use std::collections::BTreeMap;

const NUMBER: &str = "3SYZXG132912330";

fn hint(id: &str, hints: &[(&str, &str)]) -> SourceHint {
    let hints = hints.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    SourceHint { subject: Subject { kind: SubjectKind::Parcel, id: id.into() }, hints }
}

fn told() -> SourceHint {
    hint("3172", &[("tracking_number", NUMBER), ("order_number", "ORD12334")])
}

async fn read(name: &str, hint: &SourceHint) -> Result<Option<Parcel>, Stop> {
    let stage = Stage::play(&Sendcloud, name);
    let read = Sendcloud.read_parcel(&stage.look(), hint).await;
    stage.over();
    read
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_parcel_is_read_whole() {
    let parcel = read("parcel", &hint("3172", &[])).await.unwrap().unwrap();
    assert_eq!(parcel.id, "3172");
    assert_eq!(parcel.tracking_numbers, [NUMBER, "HANDOVER-1"]);
    let carrier = parcel.carrier.unwrap();
    assert_eq!((carrier.code.as_str(), carrier.name.as_str()), ("postnl", "PostNL"));
    assert_eq!(parcel.tracking_url.as_deref(), Some("https://example.com/3SYZXG132912330"));
    assert_eq!(parcel.state, InTransit);
    assert_eq!(parcel.states.iter().map(|s| s.state).collect::<Vec<_>>(), [LabelCreated, LabelCreated, InTransit]);
    assert_eq!(parcel.order_reference.as_deref(), Some("ORD12334"));
    assert_eq!((parcel.lines[0].sku.as_str(), parcel.lines[0].quantity), ("TS1234", Decimal::from(3)));
    assert_eq!(parcel.version_at, at("2024-01-02T10:00:12Z"));
}

#[tokio::test]
async fn buyer_values_are_known_to_the_session_so_that_nothing_repeats_them() {
    let stage = Stage::play(&Sendcloud, "parcel");
    let session = stage.look();
    Sendcloud.read_parcel(&session, &told()).await.unwrap();
    for value in ["Jana Nováková", "Ukázková 12", "Vzorkov"] {
        assert!(session.private().iter().any(|v| v == value), "{value}");
    }
}

#[tokio::test]
async fn a_parcel_without_a_number_waits_and_one_that_never_gets_one_says_so() {
    let parcel = read("no_number_yet", &hint("3172", &[])).await.unwrap().unwrap();
    assert_eq!((parcel.tracking_number(), parcel.state), (None, LabelCreated));
    assert_eq!(parcel.order_reference.as_deref(), Some("ORD12334"));
    let parcel = read("never_a_number", &hint("3172", &[])).await.unwrap().unwrap();
    assert_eq!((parcel.tracking_number(), parcel.state), (None, DeliveryFailed));
}

#[tokio::test]
async fn what_only_the_signed_webhook_knows_comes_from_it() {
    let said = |message| {
        hint(
            "3172",
            &[("order_number", "ORD12334"), ("status_message", message), ("status_at", "2018-05-02T14:38:05.993Z")],
        )
    };
    let parcel = read("only_the_webhook", &said("Being announced")).await.unwrap().unwrap();
    assert_eq!((parcel.tracking_number(), parcel.state), (None, LabelCreated));
    assert_eq!(parcel.order_reference.as_deref(), Some("ORD12334"));
    assert_eq!(parcel.version_at, at("2018-05-02T14:38:05.993Z"));
    let parcel = read("only_the_webhook", &said("Announcement failed")).await.unwrap().unwrap();
    assert_eq!((parcel.tracking_number(), parcel.state), (None, DeliveryFailed));
}

#[tokio::test]
async fn without_the_parcels_api_the_order_comes_from_the_signed_webhook() {
    let parcel = read("tracking_only", &told()).await.unwrap().unwrap();
    assert_eq!((parcel.id.as_str(), parcel.state), ("3172", InTransit));
    assert_eq!(parcel.order_reference.as_deref(), Some("ORD12334"));
    assert_eq!(parcel.tracking_numbers[0], NUMBER);
}

#[tokio::test]
async fn what_a_webhook_named_is_waited_for_and_what_a_person_named_is_missing() {
    let stop = read("tracking_not_there_yet", &told()).await.unwrap_err();
    assert!(matches!(stop, Stop::Hold { reason: HoldReason::DocumentNotReady, .. }));
    for hints in [&[][..], &[("tracking_number", "NOSUCH")]] {
        assert_eq!(read("missing", &hint("NOSUCH", hints)).await, Ok(None));
    }
}

#[tokio::test]
async fn a_number_is_good_before_its_tracking_is_there() {
    let parcel = read("number_without_tracking", &told()).await.unwrap().unwrap();
    assert_eq!((parcel.tracking_number(), parcel.state), (Some(NUMBER), LabelCreated));
    assert!(!parcel.handed_over());
}

#[tokio::test]
async fn a_person_may_ask_by_number() {
    for hints in [&[][..], &[("tracking_number", NUMBER)]] {
        let parcel = read("by_number", &hint(NUMBER, hints)).await.unwrap().unwrap();
        assert_eq!((parcel.id.as_str(), parcel.tracking_number()), ("3172", Some(NUMBER)));
        assert_eq!(parcel.order_reference.as_deref(), Some("ORD12334"));
    }
}

#[tokio::test]
async fn a_return_parcel_is_left_out() {
    let stop = read("return_parcel", &told()).await.unwrap_err();
    assert!(matches!(stop, Stop::Skip { reason: SkipReason::NotOurs, code: Code::NotCarried, .. }));
}

#[tokio::test]
async fn late_and_unordered_events_never_lead_back() {
    let parcel = read("out_of_order", &told()).await.unwrap().unwrap();
    assert_eq!(parcel.state, Delivered);
    assert_eq!(parcel.version_at, at("2024-01-03T10:05:00Z"));
    assert!(parcel.states.is_sorted_by_key(|s| s.at));
    assert_eq!(parcel.states.last().map(|s| s.raw.as_str()), Some("Late scan"));
}

#[tokio::test]
async fn a_state_that_no_table_lists_is_unknown() {
    let parcel = read("unknown_state", &told()).await.unwrap().unwrap();
    assert_eq!((parcel.state, parcel.states[0].raw.as_str()), (Unknown, "__NEW__"));
}

#[tokio::test]
async fn refusals_mean_what_they_mean() {
    let stop = read("unauthorised", &told()).await.unwrap_err();
    assert!(matches!(stop, Stop::Credentials(f) if f.message == "Invalid username/password."));
    let stop = read("rate_limited", &told()).await.unwrap_err();
    assert!(matches!(stop, Stop::RateLimited { retry_after: None, .. }));
    let stop = read("nonsense", &told()).await.unwrap_err();
    assert!(matches!(stop, Stop::Fail(f) if f.code == Code::VendorNonsense));
    let stop = read("invalid_number", &told()).await.unwrap_err();
    assert!(matches!(stop, Stop::Fail(f) if f.code == Code::VendorRefused && f.message.contains("255 characters")));
}

#[tokio::test]
async fn a_label_is_waited_for_and_must_be_a_pdf() {
    let stage = Stage::play(&Sendcloud, "label");
    let stop = Sendcloud.read_label(&stage.look(), "3172").await.unwrap_err();
    assert!(matches!(stop, Stop::Hold { reason: HoldReason::DocumentNotReady, .. }));
    let pdf = Sendcloud.read_label(&stage.look(), "3172").await.unwrap();
    assert_eq!(&pdf.bytes[..], b"%PDF-1.4\n%%EOF\n");
    assert_eq!(stage.seen()[0].request.answer_bytes_max, Some(crate::PDF_BYTES_MAX));
    stage.over();
    let stage = Stage::play(&Sendcloud, "label_zpl");
    let stop = Sendcloud.read_label(&stage.look(), "3172").await.unwrap_err();
    assert!(matches!(stop, Stop::Fail(f) if f.code == Code::NotAPdf));
}

#[tokio::test]
async fn changes_are_read_page_by_page() {
    let stage = Stage::play(&Sendcloud, "poll");
    let since = at("2026-11-21T11:50:00.5Z");
    let page = Sendcloud.changed(&stage.look(), since, None).await.unwrap();
    assert_eq!(page.next.as_deref(), Some("cD0z="));
    assert_eq!(page.changed.len(), 1);
    assert_eq!((page.changed[0].hint.subject.id.as_str(), page.changed[0].number.as_deref()), ("3172", Some(NUMBER)));
    assert_eq!(page.changed[0].order_reference.as_deref(), Some("ORD12334"));
    assert_eq!(page.changed[0].version_at, at("2024-01-02T10:00:12Z"));
    let page = Sendcloud.changed(&stage.look(), since, page.next.as_deref()).await.unwrap();
    assert_eq!((page.changed[0].hint.subject.id.as_str(), page.changed[0].number.as_deref()), ("3173", None));
    assert_eq!(page.next, None);
    stage.over();
    let off = Stage::silent(&Sendcloud, &BTreeMap::from([("parcels_api".to_owned(), json!("off"))]));
    assert!(Sendcloud.changed(&off.look(), since, None).await.unwrap().changed.is_empty());
}

#[tokio::test]
async fn a_check_names_the_step_that_failed() {
    for (name, last, code) in [("check", "parcels", None), ("check_no_v2", "parcels", Some(Code::PermissionMissing))] {
        let stage = Stage::play(&Sendcloud, name);
        let steps = Sendcloud.check(&stage.look()).await;
        let step = steps.last().unwrap();
        assert_eq!((step.name.as_str(), step.code), (last, code), "{name}");
        stage.over();
    }
    let odd = BTreeMap::from([("order_reference".to_owned(), json!({"field": "nonsense"}))]);
    let steps = Sendcloud.check(&Stage::silent(&Sendcloud, &odd).look()).await;
    assert_eq!(steps.last().unwrap().code, Some(Code::SettingInvalid));
}

mod words {
    use super::*;

    #[test]
    fn every_phase_of_the_schema_has_its_state() {
        for (phase, state) in [
            ("accepted", InTransit),
            ("announced", LabelCreated),
            ("announcing", LabelCreated),
            ("attempted", DeliveryFailed),
            ("cancelled", Cancelled),
            ("customs", InTransit),
            ("delivered", Delivered),
            ("delivery_forced", Delivered),
            ("dropped", InTransit),
            ("in_delivery", OutForDelivery),
            ("in_transit", InTransit),
            ("labelled", LabelCreated),
            ("none", LabelCreated),
            ("no_label", LabelCreated),
            ("pup", OutForDelivery),
            ("ready_to_send", LabelCreated),
            ("sorted", InTransit),
            ("unknown", Unknown),
        ] {
            assert_eq!(of_event(phase, Some("none")), Meaning::Is(state), "{phase}");
        }
    }

    #[test]
    fn an_exception_outweighs_its_phase() {
        for (exception, state) in [
            ("refused", DeliveryFailed),
            ("customer_rejected", DeliveryFailed),
            ("pup_expiration", DeliveryFailed),
            ("damaged", DeliveryFailed),
            ("missing", DeliveryFailed),
            ("returned_sender", Returned),
            ("cancelled", Cancelled),
            ("cancelled_upstream", Cancelled),
        ] {
            assert_eq!(of_event("in_transit", Some(exception)), Meaning::Is(state), "{exception}");
        }
        for exception in ["delivery_delay", "hold", "customs_issue", "address_error", "__NEW__"] {
            assert_eq!(of_event("in_transit", Some(exception)), Meaning::Is(InTransit), "{exception}");
        }
        assert_eq!(of_event("none", Some("address_error")), Meaning::NotAnnounced);
        assert_eq!(of_event("announcing", Some("announcement_failed")), Meaning::NotAnnounced);
    }

    #[test]
    fn names_and_codes_are_read_alike_and_a_request_is_not_a_cancellation() {
        for (name, meaning) in [
            ("Being announced", Meaning::Is(LabelCreated)),
            ("Announced: not collected", Meaning::Is(LabelCreated)),
            ("READY_TO_SEND", Meaning::Is(LabelCreated)),
            ("At Customs", Meaning::Is(InTransit)),
            ("At sorting centre", Meaning::Is(InTransit)),
            ("shipment-on-route", Meaning::Is(InTransit)),
            ("Awaiting customer pickup", Meaning::Is(OutForDelivery)),
            ("Delivered", Meaning::Is(Delivered)),
            ("Address invalid", Meaning::NotAnnounced),
            ("Announcement failed", Meaning::NotAnnounced),
            ("Cancelled", Meaning::Is(Cancelled)),
            ("Cancellation request", Meaning::Same),
            ("Cancellation requested", Meaning::Same),
            ("cancelling", Meaning::Same),
            ("Delivery delayed", Meaning::Same),
            ("Unknown status - check carrier track & trace page for more insights", Meaning::Is(Unknown)),
            ("Not delivered", Meaning::Is(Unknown)),
            ("", Meaning::Is(Unknown)),
        ] {
            assert_eq!(of_name(name), meaning, "{name}");
        }
    }
}

mod mapping {
    use super::super::wire;
    use super::*;
    use crate::suite::stage::{account, index};

    fn tracked(events: &serde_json::Value, settings: &serde_json::Value) -> Parcel {
        let settings = settings.as_object().unwrap().clone().into_iter().collect();
        let account = account(&Sendcloud, &index(&Sendcloud), &settings);
        let tracking: wire::Tracking = serde_json::from_value(json!({
            "announced_at": "2024-01-01T00:00:00Z", "source_id": "SRC-7", "events": events,
            "tracking_numbers": [{"carrier_code": "GLS_DE", "tracking_number": "T1", "tracking_url": "javascript:alert(1)"}],
            "parcel_items": [{"sku": "A", "quantity": 1}, {"sku": "", "quantity": 1}],
        }))
        .unwrap();
        let hint = hint("1", &[("tracking_number", "T1"), ("order_number", "ORD-1"), ("external_order_id", "EXT-1")]);
        map::parcel(&account, &hint, None, Some(&tracking)).unwrap()
    }

    fn event(hour: u8, phase: &str, exception: &str) -> serde_json::Value {
        json!({"event_at": format!("2024-01-02T{hour:02}:00:00Z"), "status_code": phase, "sub_status_code": exception})
    }

    fn state_after(events: &[(&str, &str)]) -> DeliveryState {
        let events = events.iter().zip(0..).map(|((phase, exception), hour)| event(hour, phase, exception));
        tracked(&events.collect(), &json!({})).state
    }

    #[test]
    fn the_state_is_where_the_journey_has_come() {
        assert_eq!(state_after(&[]), LabelCreated);
        assert_eq!(
            state_after(&[("accepted", "none"), ("attempted", "none"), ("in_delivery", "none")]),
            OutForDelivery
        );
        assert_eq!(
            state_after(&[("accepted", "none"), ("attempted", "refused"), ("in_transit", "returned_sender")]),
            Returned
        );
        assert_eq!(state_after(&[("delivered", "none"), ("sorted", "none"), ("unknown", "none")]), Delivered);
        assert_eq!(state_after(&[("ready_to_send", "cancelling")]), LabelCreated);
    }

    #[test]
    fn a_failed_announcement_is_forgotten_once_another_followed() {
        let events = json!([event(0, "announcing", "announcement_failed"), event(1, "ready_to_send", "none")]);
        let parcel = tracked(&events, &json!({}));
        assert_eq!(parcel.state, LabelCreated);
        assert!(!parcel.handed_over(), "no carrier has ever had it");
        assert_eq!(state_after(&[("announcing", "none"), ("announcing", "announcement_failed")]), DeliveryFailed);
    }

    #[test]
    fn half_a_list_of_contents_is_none_and_an_odd_address_is_no_link() {
        let parcel = tracked(&json!([]), &json!({}));
        assert_eq!((parcel.lines, parcel.tracking_url), (vec![], None));
        let carrier = parcel.carrier.unwrap();
        assert_eq!((carrier.code.as_str(), carrier.name.as_str()), ("gls_de", "GLS"));
    }

    #[test]
    fn the_order_stands_where_the_setting_says() {
        for (rule, reference) in [
            (json!({}), Some("ORD-1")),
            (json!({"field": "external_order_id"}), Some("EXT-1")),
            (json!({"field": "source_id"}), Some("SRC-7")),
            (json!({"field": "external_reference"}), None),
            (json!({"pattern": "ORD-(\\d+)"}), Some("1")),
        ] {
            let parcel = tracked(&json!([]), &json!({"order_reference": rule}));
            assert_eq!(parcel.order_reference.as_deref(), reference, "{rule}");
        }
    }

    #[test]
    fn webhook_times_are_taken_in_seconds_and_in_milliseconds() {
        let wanted = at("2018-05-02T14:38:05Z");
        assert_eq!(map::webhook_time(1_525_271_885.0), Some(wanted));
        assert_eq!(map::webhook_time(1_525_271_885_000.0), Some(wanted));
        for odd in [f64::NAN, f64::INFINITY, -1.0, 1e18] {
            assert_eq!(map::webhook_time(odd), None);
        }
    }
}

mod hooks {
    use super::*;
    use crate::account::Secrets;
    use ::http::HeaderMap;
    use secrecy::SecretString;

    /// The vendor's published example, recomputed (Sendcloud v3 OpenAPI, webhooks).
    const BODY: &[u8] = br#"{"key": "value"}"#;
    const SIGNATURE: &str = "1eed4b3d41f4653ac64fd56f1bf1cbfd349e4482cbc11dff7134bd93e5da4b0a";
    const RESERIALISED: &str = "87fed1f0acad9b36aaee8a70e98293aef8db35458b261903ef60a3ad488aaaf2";

    fn verdict(secrets: &[(&str, &str)], signature: &str, body: &[u8]) -> Result<(), Unauthentic> {
        let mut stage = Stage::silent(&Sendcloud, &BTreeMap::new());
        let secrets = secrets.iter().map(|(n, v)| ((*n).to_owned(), SecretString::from((*v).to_owned())));
        stage.account.secrets = Secrets::new(secrets.collect());
        let mut headers = HeaderMap::new();
        headers.insert("sendcloud-signature", signature.parse().unwrap());
        Sendcloud.verify(&stage.account, &inbound(&headers, body))
    }

    #[test]
    fn the_published_signature_fits_the_raw_bytes_and_nothing_else() {
        let key = [("secret_key", "secretkey")];
        assert_eq!(verdict(&key, SIGNATURE, BODY), Ok(()));
        assert_eq!(verdict(&key, SIGNATURE, br#"{"key":"value"}"#), Err(Unauthentic));
        assert_eq!(verdict(&key, RESERIALISED, BODY), Err(Unauthentic));
        assert_eq!(verdict(&key, RESERIALISED, br#"{"key":"value"}"#), Ok(()));
        assert_eq!(verdict(&key, &SIGNATURE.to_uppercase(), BODY), Err(Unauthentic));
    }

    #[test]
    fn every_key_that_may_have_signed_is_accepted() {
        for name in ["secret_key", "webhook_signature_key", "webhook_signature_key_previous"] {
            let keys = [("secret_key", "another"), ("webhook_signature_key", "third"), (name, "secretkey")];
            assert_eq!(verdict(&keys, SIGNATURE, BODY), Ok(()), "{name}");
        }
        assert_eq!(verdict(&[("public_key", "secretkey")], SIGNATURE, BODY), Err(Unauthentic));
    }

    fn parsed(event: &serde_json::Value) -> SourceHint {
        let stage = Stage::silent(&Sendcloud, &BTreeMap::new());
        let headers = HeaderMap::new();
        let body = event.to_string();
        let hints = Sendcloud.parse(&stage.account, &inbound(&headers, body.as_bytes())).unwrap();
        assert_eq!(hints.len(), 1);
        hints[0].clone()
    }

    #[test]
    fn an_event_names_its_parcel_and_how_to_read_it_again() {
        let sample = Stage::silent(&Sendcloud, &BTreeMap::new()).index.webhook.unwrap().relevant;
        let hint = parsed(&sample[0]);
        assert_eq!((hint.subject.kind, hint.subject.id.as_str()), (SubjectKind::Parcel, "1"));
        let known: Vec<_> = hint.hints.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(
            known,
            [
                ("external_order_id", "AMZ23311"),
                ("external_shipment_id", "AMZ231231"),
                ("order_number", "ORD12334"),
                ("tracking_number", NUMBER)
            ]
        );
    }

    #[test]
    fn only_an_event_without_a_number_keeps_its_own_word() {
        let sample = Stage::silent(&Sendcloud, &BTreeMap::new()).index.webhook.unwrap().relevant;
        let hint = parsed(&sample[1]);
        assert_eq!(hint.hints.get("status_message").map(String::as_str), Some("Being announced"));
        assert_eq!(hint.hints.get("status_at").map(String::as_str), Some("2018-05-02T14:38:05.993Z"));
        assert!(!hint.hints.contains_key("tracking_number"));
    }

    #[test]
    fn an_event_whose_parcel_cannot_be_told_is_malformed() {
        let stage = Stage::silent(&Sendcloud, &BTreeMap::new());
        let headers = HeaderMap::new();
        for body in [
            r#"{"action":"parcel_status_changed","parcel":{"tracking_number":"T1"}}"#,
            r#"{"action":"parcel_status_changed","parcel":{"id":{}}}"#,
            r#"{"action":"parcel_status_changed","parcel":{"id":""}}"#,
        ] {
            assert!(Sendcloud.parse(&stage.account, &inbound(&headers, body.as_bytes())).is_err(), "{body}");
        }
    }
}
