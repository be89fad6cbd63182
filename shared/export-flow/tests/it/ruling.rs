//! Rules alone: saved without a check, everything else kept, and what may go by them goes.

use crate::bench::{Bench, INVOICE, hold_of};
use domain::{Connection, ConnectionState, HoldReason, InvoiceWhen, State, TenantId};
use export_flow::connections::PutOptions;
use export_flow::refused::Refused;
use serde_json::{Value, json};

async fn save(bench: &Bench, id: &str, rules: Value) -> Result<Connection, Refused> {
    bench
        .flow
        .save_rules(&TenantId::local(), id, &rules, PutOptions { allow_private_targets: true, ..PutOptions::default() })
        .await
}

#[tokio::test]
async fn what_waited_by_an_old_rule_goes_by_the_new_one_and_the_rest_stays() {
    let bench = Bench::new().await;
    bench.change("shop", |shop| shop.rules.invoice_when = Some(InvoiceWhen::Paid)).await;
    bench.world.order("shop", "100", "121.00");
    bench.world.document("9001", "2026-1", Some("100"), "121.00");
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
    assert_eq!(hold_of(&bench.only("shop").await), Some(HoldReason::NotPaidYet));
    let (before, calls) =
        (bench.flow.connection_of(&TenantId::local(), "shop").await.unwrap(), bench.world.calls("GET"));
    let saved = save(&bench, "shop", json!({"invoice_when": "issued", "order_pattern": "^1"})).await.unwrap();
    assert_eq!(bench.world.calls("GET"), calls, "nothing that a check looks at has changed");
    let same = Connection {
        rules: before.rules.clone(),
        version: before.version,
        changed_at: before.changed_at,
        ..saved.clone()
    };
    assert_eq!((same, saved.rules.invoice_when), (before, Some(InvoiceWhen::Issued)));
    bench.work().await;
    assert_eq!(bench.only("shop").await.state, State::Delivered);
}

#[tokio::test]
async fn a_rule_that_cannot_be_used_is_named_and_one_that_is_off_stays_off() {
    let bench = Bench::new().await;
    bench.change("books", |books| books.switches.clear()).await;
    for (id, rules, field) in [
        ("shop", json!({"order_pattern": "("}), "rules.order_pattern"),
        ("shop", json!({"invoice_when": "soon"}), "rules.invoice_when"),
        ("shop", json!({"carry_when": {"tags": ["a"]}}), "rules.carry_when"),
        ("books", json!({"notify_customer": true}), "rules"),
    ] {
        let before = bench.flow.connection_of(&TenantId::local(), id).await.unwrap();
        let Err(Refused::Fields(errors)) = save(&bench, id, rules).await else { panic!("{field} is taken") };
        assert_eq!(errors.iter().map(|error| error.field.as_str()).collect::<Vec<_>>(), [field]);
        assert_eq!(bench.flow.connection_of(&TenantId::local(), id).await.unwrap(), before);
    }
    bench.change("shop", |shop| shop.state = ConnectionState::Disabled).await;
    assert_eq!(save(&bench, "shop", json!({})).await.unwrap().state, ConnectionState::Disabled);
    assert!(matches!(save(&bench, "nobody", json!({})).await, Err(Refused::Unknown(_))));
}
