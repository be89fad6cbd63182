//! What waits for a mapping is counted up to a bound, and payment kinds decide by their counterpart.

use crate::bench::{Bench, INVOICE, hold_of};
use domain::{ConnectionId, Export, ExportKey, HoldReason, InvoiceWhen, MappingKind, State, TenantId, Unmapped};
use serde_json::json;
use testkit::samples;

fn waiting(n: usize, carrier: &str) -> Export {
    let key = ExportKey { target: Some(ConnectionId::new("shop")), ..samples::key(&n.to_string()) };
    let held = samples::held(&Export::new(key, samples::noon()), HoldReason::MappingMissing, samples::at(60));
    let unmapped = Unmapped { mapping: MappingKind::Carriers, value: carrier.into(), name: None };
    Export { hold: held.hold.map(|hold| domain::Hold { unmapped: Some(unmapped), ..hold }), ..held }
}

#[tokio::test]
async fn however_much_waits_an_answer_counts_so_far_and_says_when_there_is_more() {
    let bench = Bench::new().await;
    for n in 0..10_000 {
        bench.ledger.put(waiting(n, if n % 4 == 0 { "geis" } else { "ppl" }));
    }
    let count = async || {
        let found = bench.flow.target_mappings(&TenantId::local(), "shop").await.unwrap();
        let counts: Vec<(String, u64)> =
            found.waiting.into_iter().map(|one| (one.value.unwrap().value, one.count)).collect();
        (counts, found.counted_all)
    };
    assert_eq!(count().await, (vec![("ppl".into(), 7_500), ("geis".into(), 2_500)], true));
    for n in 10_000..10_300 {
        bench.ledger.put(waiting(n, "geis"));
    }
    let (counts, all) = count().await;
    assert_eq!((counts.iter().map(|(_, n)| n).sum::<u64>(), all), (10_000, false));
}

#[tokio::test]
async fn a_payment_kind_decides_by_its_counterpart_the_channels_word_first() {
    for (paid_by, told, sent) in
        [("cod_cz", "", true), ("card", "cod_cz", false), ("", "cod_cz", true), ("", "card", false)]
    {
        let bench = Bench::new().await;
        bench
            .change("shop", |shop| {
                shop.rules.invoice_when = Some(InvoiceWhen::Paid);
                let rules = [("on_delivery".into(), InvoiceWhen::Issued), ("card".into(), InvoiceWhen::Paid)];
                shop.rules.invoice_when_by_payment.extend(rules);
                shop.mappings.payments.insert("COD_CZ".into(), "on_delivery".into());
            })
            .await;
        bench.world.order_paid_by("shop", "100", "121.00", paid_by);
        bench.world.document("9001", "2026-1", Some("100"), "121.00");
        bench.world.document_as("9001", json!({"payment": told}));
        bench.arrive(INVOICE, "9001").await;
        bench.work().await;
        let export = bench.only("shop").await;
        let waits = hold_of(&export) == Some(HoldReason::NotPaidYet);
        assert_eq!((export.state == State::Delivered, waits), (sent, !sent), "{paid_by} {told}: {export:?}");
    }
}

#[tokio::test]
async fn a_payment_kind_that_is_mapped_lets_go_what_waits_by_another_rule() {
    let bench = Bench::new().await;
    bench
        .change("shop", |shop| {
            shop.rules.invoice_when = Some(InvoiceWhen::Paid);
            shop.rules.invoice_when_by_payment.insert("on_delivery".into(), InvoiceWhen::Issued);
        })
        .await;
    bench.world.order_paid_by("shop", "100", "121.00", "cod_cz");
    bench.world.document("9001", "2026-1", Some("100"), "121.00");
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
    assert_eq!(hold_of(&bench.only("shop").await), Some(HoldReason::NotPaidYet));
    let tenant = TenantId::local();
    let saved = bench.flow.save_mappings(&tenant, "shop", |mappings| {
        mappings.payments.insert("cod_cz".into(), "on_delivery".into());
    });
    assert_eq!(saved.await.unwrap().woken, 0, "it waits for no mapping");
    bench.work().await;
    assert_eq!(bench.only("shop").await.state, State::Delivered);
}
