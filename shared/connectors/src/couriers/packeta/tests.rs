use super::states::of_code;
use super::{Packeta, map, wire};
use crate::contract::{Before, Connector, Courier};
use crate::stop::Stop;
use crate::suite::stage::Stage;
use domain::DeliveryState::{self, *};
use domain::{Code, HoldReason, Parcel, SourceHint, Subject, SubjectKind};
use jiff::Timestamp;
use std::collections::BTreeMap;

const ID: &str = "3669041905";
const NUMBER: &str = "Z3669041905";
const CARRIER_NUMBER: &str = "00345120011";

fn hint(id: &str) -> SourceHint {
    SourceHint { subject: Subject { kind: SubjectKind::Parcel, id: id.into() }, hints: BTreeMap::new() }
}

async fn read(name: &str, id: &str, before: Before<'_>) -> Result<Option<Parcel>, Stop> {
    let stage = Stage::play(&Packeta, name);
    let read = Packeta.read_again(&stage.look(), &hint(id), before).await;
    stage.over();
    read
}

async fn told(name: &str) -> Parcel {
    read(name, ID, Before { order: Some("000000042"), ..Before::default() }).await.unwrap().unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn states(parcel: &Parcel) -> Vec<DeliveryState> {
    parcel.states.iter().map(|change| change.state).collect()
}

#[tokio::test]
async fn a_packet_is_known_by_its_id_and_shown_by_its_number() {
    for written in [ID, NUMBER, "z3669041905", " Z 366 9041 905 "] {
        let parcel = read("created", written, Before::default()).await.unwrap().unwrap();
        assert_eq!((parcel.id.as_str(), parcel.tracking_numbers.as_slice()), (ID, &[NUMBER.to_owned()][..]));
        assert_eq!((parcel.state, parcel.handed_over()), (LabelCreated, false));
        assert_eq!(parcel.order_reference.as_deref(), Some("000000042"), "as Packeta quotes it");
        let carrier = parcel.carrier.unwrap();
        assert_eq!((carrier.code.as_str(), carrier.name.as_str()), ("packeta", "Packeta"));
        assert_eq!(parcel.version_at, at("2026-11-20T08:00:00Z"), "a time without an offset is that of Prague");
    }
    assert_eq!(map::packet_id("18446744073709551615").as_deref(), Some("18446744073709551615"));
    for nobody in ["", "Z", "ZZ1", "1a", "-1", "+1", "0", "18446744073709551616", "1;2", "١", "Z3669041905 100", "1 2"]
    {
        assert_eq!(map::packet_id(nobody), None, "{nobody}");
        let stage = Stage::silent(&Packeta, &BTreeMap::new());
        assert_eq!(Packeta.read_parcel(&stage.look(), &hint(nobody)).await, Ok(None));
    }
}

#[tokio::test]
async fn its_journey_is_read_whole_and_its_order_is_not_asked_for_where_it_is_known() {
    let parcel = told("on_its_way").await;
    assert_eq!(states(&parcel), [LabelCreated, InTransit, InTransit, OutForDelivery]);
    assert_eq!(parcel.states.last().map(|s| s.raw.as_str()), Some("ready for pickup"));
    assert_eq!((parcel.state, parcel.handed_over(), parcel.order_reference), (OutForDelivery, true, None));
    assert_eq!(parcel.version_at, at("2026-11-21T07:30:00Z"));
}

#[tokio::test]
async fn late_and_unordered_records_never_lead_back() {
    let parcel = told("out_of_order").await;
    assert_eq!(states(&parcel), [LabelCreated, InTransit, Delivered, InTransit]);
    assert_eq!(parcel.state, Delivered);
    assert!(parcel.states.is_sorted_by_key(|s| s.at));
}

#[tokio::test]
async fn the_carriers_number_comes_later_leads_and_replaces_nothing() {
    let first = told("carrier_without_number").await;
    assert_eq!((first.tracking_numbers.as_slice(), first.state), (&[NUMBER.to_owned()][..], InTransit));
    assert_eq!(first.carrier.as_ref().map(|c| c.code.as_str()), Some("packeta"));
    let known = Before { parcel: Some(&first), order: Some("000000042"), rests: false };
    let second = read("carrier_number", ID, known).await.unwrap().unwrap();
    assert_eq!(second.tracking_numbers, [CARRIER_NUMBER, NUMBER]);
    assert_eq!(second.carrier.as_ref().map(|c| (c.code.as_str(), c.name.as_str())), Some(("hu_gls_hd", "HU GLS HD")));
    let merged = first.clone().merged(second.clone());
    assert_eq!(merged.tracking_numbers, [CARRIER_NUMBER, NUMBER]);
    // While the carrier rests it is not asked, and what it once gave stays; so it does where it does not answer.
    for (name, rests) in [("carrier_rests", true), ("carrier_without_number", false)] {
        let known = Before { parcel: Some(&merged), order: None, rests };
        let known = Before { order: Some("000000042"), ..known };
        let third = read(name, ID, known).await.unwrap().unwrap();
        assert_eq!(third.tracking_numbers, [CARRIER_NUMBER, NUMBER], "{name}");
        assert_eq!(third.carrier, merged.carrier, "{name}");
    }
}

#[tokio::test]
async fn a_status_without_a_time_is_as_old_as_its_first_read() {
    let first = told("without_times").await;
    assert_eq!((first.state, first.states.len()), (DeliveryFailed, 1));
    assert_eq!(first.version_at, at("2026-11-21T12:00:00Z"), "when it was read");
    let stage = Stage::play(&Packeta, "without_times");
    stage.later(3600);
    let known = Before { parcel: Some(&first), order: Some("000000042"), rests: false };
    let again = Packeta.read_again(&stage.look(), &hint(ID), known).await.unwrap().unwrap();
    assert_eq!(again, Parcel { order_reference: None, ..first });
}

#[tokio::test]
async fn a_code_that_no_table_lists_is_unknown_and_keeps_its_words() {
    let parcel = told("unknown_code").await;
    assert_eq!((parcel.state, parcel.states[0].raw.as_str()), (Unknown, "beamed & gone"));
}

#[tokio::test]
async fn faults_stand_in_the_body_whatever_the_status_is() {
    for name in ["missing", "missing_500"] {
        assert_eq!(read(name, "404", Before::default()).await, Ok(None), "{name}");
    }
    let stop = read("unauthorised", ID, Before::default()).await.unwrap_err();
    assert!(
        matches!(stop, Stop::Credentials(f) if f.code == Code::CredentialsRefused && f.message.contains("Incorrect API password"))
    );
    let stop = read("other_fault", ID, Before::default()).await.unwrap_err();
    assert!(
        matches!(stop, Stop::Fail(f) if f.code == Code::ErrorInsideSuccess && f.message == "MaintenanceFault: Back at noon.")
    );
    let stop = read("rate_limited", ID, Before::default()).await.unwrap_err();
    assert!(matches!(stop, Stop::RateLimited { retry_after: Some(wait), .. } if wait.as_secs() == 30));
    for name in ["nonsense", "nonsense_code"] {
        let stop = read(name, ID, Before::default()).await.unwrap_err();
        assert!(matches!(stop, Stop::Fail(f) if f.code == Code::VendorNonsense), "{name}");
    }
}

#[tokio::test]
async fn a_label_is_packetas_own_or_the_carriers() {
    for name in ["label", "label_without_carrier", "label_carrier"] {
        let stage = Stage::play(&Packeta, name);
        let pdf = Packeta.read_label(&stage.look(), ID).await.unwrap();
        assert_eq!(&pdf.bytes[..], b"%PDF-1.4\n%%EOF\n", "{name}");
        assert!(stage.seen().last().unwrap().request.answer_bytes_max > Some(crate::PDF_BYTES_MAX));
        stage.over();
    }
    for (name, id) in [("label_not_ready", ID), ("label_missing", "404")] {
        let stage = Stage::play(&Packeta, name);
        let stop = Packeta.read_label(&stage.look(), id).await.unwrap_err();
        assert!(matches!(stop, Stop::Hold { reason: HoldReason::DocumentNotReady, .. }), "{name}");
        stage.over();
    }
    let stage = Stage::play(&Packeta, "label_zpl");
    let stop = Packeta.read_label(&stage.look(), ID).await.unwrap_err();
    assert!(matches!(stop, Stop::Fail(f) if f.code == Code::NotAPdf));
}

#[tokio::test]
async fn a_check_asks_for_nobodys_packet() {
    for (name, code) in [("check", None), ("check_refused", Some(Code::CredentialsRefused))] {
        let stage = Stage::play(&Packeta, name);
        let steps = Packeta.check(&stage.look()).await;
        let step = steps.last().unwrap();
        assert_eq!((step.name.as_str(), step.code), ("credentials", code), "{name}");
        stage.over();
    }
}

#[test]
fn what_is_written_cannot_leave_its_element() {
    let body = wire::request("packetStatus", "a<b>&\"c'", &[("packetId", "</packetId><x/>")]);
    assert_eq!(
        body,
        "<packetStatus><apiPassword>a&lt;b&gt;&amp;&quot;c&apos;</apiPassword>\
         <packetId>&lt;/packetId&gt;&lt;x/&gt;</packetId></packetStatus>"
    );
}

#[test]
fn every_code_that_is_known_has_its_state() {
    for (codes, state) in [
        (&[1][..], LabelCreated),
        (&[2, 3, 4, 6, 12, 14, 15, 27, 28, 29, 30], InTransit),
        (&[5], OutForDelivery),
        (&[7], Delivered),
        (&[16, 17, 18, 20, 23, 24, 25], DeliveryFailed),
        (&[9, 10, 19, 22], Returned),
        (&[11, 21], Cancelled),
        (&[26, 999, 0, 8, 13, 31, u32::MAX], Unknown),
    ] {
        for code in codes {
            assert_eq!(of_code(*code), state, "{code}");
        }
    }
}

#[test]
fn its_numbers_are_told_from_other_words() {
    let pattern = regex_lite::Regex::new(Packeta.numbers().unwrap().pattern).unwrap();
    let found = |text| pattern.find_iter(text).map(|found| found.as_str().to_owned()).collect::<Vec<_>>();
    assert_eq!(found("Zásilka Z3669041905 a Z3669041906."), ["Z3669041905", "Z3669041906"]);
    for other in ["3669041905", "XZ3669041905", "Z366904190", "Z3669041905123", "Z3669041905a", "RR123456789CZ"] {
        assert!(found(other).is_empty(), "{other}");
    }
}
