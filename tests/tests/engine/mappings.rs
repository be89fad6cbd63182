//! A carrier that the marketplace does not know waits, and goes out once when its counterpart was saved.

use crate::stage::Stage;
use domain::{HoldReason, Likeness, MappingKind, State, TenantId, Unmapped};
use export_flow::ports::ExportQuery;
use jiff::SignedDuration;
use serde_json::json;

/// After this no process has an older copy of a connection.
const CACHED: SignedDuration = SignedDuration::from_secs(10);

/// A value, how many wait for it, and what is proposed.
type Waits<'a> = (&'a str, u64, Vec<(&'a str, Likeness)>);

async fn stage() -> Stage {
    let stage = Stage::new().await;
    stage.world.control("PATCH", "/_sandbox/vendors/mirakl", Some(json!({"free_carriers": false}))).await;
    stage.connect("van", "sendcloud", json!({})).await;
    let market = json!({"settings": {"carrier_free_text": "false"}, "switches": {"send_tracking": true}});
    stage.connect("market", "mirakl", market).await;
    for (reference, number, carrier) in [
        ("M-1", "T-1", "fedex"),
        ("M-2", "T-2", "fedex"),
        ("M-3", "T-3", "tnt-sk"),
        ("M-4", "T-4", "geis"),
        // Equal to one of the marketplace's own, case ignored.
        ("M-5", "T-5", "dpd"),
    ] {
        let parcel = json!({"tracking_number": number, "carrier": carrier});
        stage.order(json!({"reference": reference, "document": null, "parcels": [parcel]})).await;
        stage.tell_parcel(number).await;
    }
    // What the connections' first writing wakes is over.
    stage.work_after(CACHED).await;
    stage
}

#[tokio::test]
async fn an_unknown_carrier_waits_by_value_and_its_mapping_lets_go_exactly_what_waits_for_it() {
    let stage = stage().await;
    let tenant = TenantId::local();
    let before = stage.exports(ExportQuery::default()).await;
    assert_eq!(before["T-5"].state, State::Delivered, "{:?}", before["T-5"]);
    for number in ["T-1", "T-2", "T-3", "T-4"] {
        let hold = before[number].hold.as_ref().unwrap_or_else(|| panic!("{:?}", before[number]));
        assert_eq!(hold.reason, HoldReason::MappingMissing, "{hold:?}");
    }
    let view = stage.flow.target_mappings(&tenant, "market").await.unwrap();
    let waits: Vec<Waits<'_>> = view
        .waiting
        .iter()
        .map(|one| {
            let proposals = one.proposals.iter().map(|proposal| (proposal.code.as_str(), proposal.because));
            (one.value.as_ref().unwrap().value.as_str(), one.count, proposals.collect())
        })
        .collect();
    assert_eq!(
        waits,
        [
            ("fedex", 2, vec![("FED", Likeness::SameName)]),
            ("geis", 1, vec![]),
            ("tnt-sk", 1, vec![("TNT", Likeness::OtherCountry)]),
        ]
    );
    assert!(view.counted_all && view.not_loaded.is_none(), "{view:?}");

    let saved = stage.flow.save_mappings(&tenant, "market", |mappings| {
        mappings.of_mut(MappingKind::Carriers).insert("FEDEX".into(), "FED".into());
    });
    saved.await.unwrap();
    stage.work_after(CACHED).await;
    let after = stage.exports(ExportQuery::default()).await;
    for number in ["T-1", "T-2"] {
        assert_eq!(after[number].state, State::Delivered, "{:?}", after[number]);
        assert_eq!(after[number].receipt.as_ref().unwrap().proof["shipping_carrier_code"], "FED");
    }
    for number in ["T-3", "T-4"] {
        assert_eq!(after[number], before[number], "it was woken, though nothing was saved for it");
    }
    assert_eq!(stage.effects("mirakl").await, json!({"tracking": 3, "shipped": 3}));
    assert_eq!(stage.flow.target_mappings(&tenant, "market").await.unwrap().waiting.len(), 2);
    stage.world.running.stop().await;
}

#[tokio::test]
async fn a_connection_put_with_its_mapping_lets_go_the_same_and_says_what_is_doubtful() {
    let stage = stage().await;
    let before = stage.exports(ExportQuery::default()).await;
    let market = json!({
        "settings": {"carrier_free_text": "false"}, "switches": {"send_tracking": true},
        "mappings": {"carriers": {"geis": "DHL", "wedo": "WEDO"}, "deliveries": {"home": "x"},
            "document_types": {"invoice": "CUSTOMER_INVOICE", "receipt": "X"}, "payments": {"cod": "on_delivery"}},
    });
    let connection = stage.connect("market", "mirakl", market).await;
    assert!(connection.mappings.covers(&Unmapped { mapping: MappingKind::Carriers, value: "GEIS".into(), name: None }));
    let view = stage.flow.target_mappings(&TenantId::local(), "market").await.unwrap();
    let doubts: Vec<&str> = view.warnings.iter().map(|doubt| doubt.field.as_str()).collect();
    let doubtful = [
        "mappings.carriers.wedo",
        "mappings.payments.cod",
        "mappings.deliveries.home",
        "mappings.document_types.receipt",
    ];
    assert_eq!(doubts, doubtful, "{:?}", view.warnings);
    stage.work_after(CACHED).await;
    let after = stage.exports(ExportQuery::default()).await;
    assert_eq!(after["T-4"].state, State::Delivered);
    for number in ["T-1", "T-2", "T-3"] {
        assert_eq!(after[number], before[number], "it was woken, though nothing was saved for it");
    }
    stage.world.running.stop().await;
}
