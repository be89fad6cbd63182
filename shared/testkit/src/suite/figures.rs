//! Questions about everything there is.

use super::claims::{ends_as, won};
use crate::samples::{
    at, books, claim, connection, document, due_claim, ended, guard, held, key, noon, order, parcel, shop,
};
use domain::{ConnectionId, DeliveryState, Export, ExportKey, HoldReason, OrderReference, Role, State, TenantId};
use export_flow::claim::Claim;
use export_flow::ports::{Found, Happening, Ledger, hour_of};
use jiff::SignedDuration;
use std::sync::Arc;

const LIMIT: usize = 20;

/// Orders 100 and 1001 with an invoice, a parcel and an export each, and the same of another merchant.
async fn filled(ledger: &Arc<dyn Ledger>) {
    for (id, role) in [(books(), Role::Accounting), (ConnectionId::new("post"), Role::Courier), (shop(), Role::Channel)]
    {
        assert!(ledger.put_connection(&connection(&id, role, "any"), None).await.unwrap());
    }
    let other = TenantId::new("other");
    for (tenant, reference) in [(TenantId::local(), "100"), (TenantId::local(), "1001"), (other, "100")] {
        let foreign = tenant != TenantId::local();
        let source = if foreign { ConnectionId::new("their-books") } else { books() };
        let mut known = order(&shop(), reference, noon());
        known.tenant = tenant.clone();
        ledger.remember_order(&known).await.unwrap();
        let id = format!("9{reference}");
        let mut invoice = document(&id, &format!("FV-{reference}"), reference, noon());
        (invoice.tenant, invoice.source) = (tenant.clone(), source.clone());
        ledger.remember_document(&invoice).await.unwrap();
        let number = format!("T{reference}");
        let mut sent = parcel(&format!("p{reference}"), &number, reference, DeliveryState::InTransit, noon());
        sent.tenant = tenant.clone();
        if !foreign {
            ledger.merge_parcel(&sent).await.unwrap();
        }
        let key = ExportKey { tenant, source, ..key(&id) };
        let (order, numbers) = (Some(OrderReference::new(reference)), vec![format!("FV-{reference}")]);
        let run = format!("run {reference} {foreign}");
        won(ledger, &Claim { order, numbers, ..claim(key, &run, at(1)) }).await;
    }
}

async fn search(ledger: &Arc<dyn Ledger>, words: &[&str]) -> Found {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    ledger.search(&TenantId::local(), &words, LIMIT).await.unwrap()
}

/// What of a kind there is: order references, document ids, parcel ids, subjects of exports.
fn told(found: &Found) -> [Vec<String>; 4] {
    let exports = found.exports.iter().map(|export: &Export| export.key.subject.id.clone());
    let mut told = [
        found.orders.iter().map(|item| item.order.reference.to_string()).collect::<Vec<_>>(),
        found.documents.iter().map(|item| item.id.clone()).collect(),
        found.parcels.iter().map(|item| item.parcel.id.clone()).collect(),
        exports.collect(),
    ];
    told.iter_mut().for_each(|names| names.sort());
    told
}

/// By reference, number, tracking number and the vendor's id; of this merchant only.
pub async fn what_a_word_names_is_found_wherever_it_lies(ledger: Arc<dyn Ledger>) {
    filled(&ledger).await;
    let one = |name: &str| vec![name.to_owned()];
    let none = Vec::<String>::new;
    for (words, expected) in [
        (vec!["1001"], [one("1001"), none(), none(), one("91001")]),
        (vec!["FV-1001"], [none(), one("91001"), none(), one("91001")]),
        (vec!["fv-1001", "FV-1001"], [none(), one("91001"), none(), one("91001")]),
        (vec!["91001"], [none(), one("91001"), none(), one("91001")]),
        (vec!["T1001"], [none(), none(), one("p1001"), none()]),
        (vec!["p1001"], [none(), none(), one("p1001"), none()]),
        (vec!["nobody's", "%", "_", "#", "' OR 1=1"], [none(), none(), none(), none()]),
    ] {
        let found = search(&ledger, &words).await;
        assert_eq!(told(&found), expected, "{words:?}");
        assert!(found.exports.iter().all(|export| export.key.tenant == TenantId::local()));
    }
}

/// Whole words first; nowhere but where the store says that it looked.
pub async fn what_begins_with_a_word_is_found_where_the_store_says_so(ledger: Arc<dyn Ledger>) {
    filled(&ledger).await;
    let found = search(&ledger, &["FV-100"]).await;
    let numbers: Vec<_> = found.documents.iter().map(|item| item.number.as_str()).collect();
    let expected: &[&str] = if found.beginnings { &["FV-100", "FV-1001"] } else { &["FV-100"] };
    assert_eq!(numbers, expected);
    let found = search(&ledger, &["10"]).await;
    let references: Vec<_> = found.orders.iter().map(|item| item.order.reference.as_str()).collect();
    let expected: &[&str] = if found.beginnings { &["100", "1001"] } else { &[] };
    assert_eq!(references, expected);
    let words = ["T".to_owned()];
    let few = ledger.search(&TenantId::local(), &words, 1).await.unwrap();
    assert_eq!(few.parcels.len(), usize::from(few.beginnings));
}

/// What the store counts, and nothing of what it does not: made once, held once for a reason, ended once.
pub async fn what_happened_is_counted_by_the_hour_once(ledger: Arc<dyn Ledger>) {
    let earlier = noon() - SignedDuration::from_hours(3);
    let export = won(&ledger, &claim(key("1"), "long ago", earlier)).await;
    ledger.finish(&guard(&export), &ended(&export, State::Delivered, None)).await.unwrap();
    for id in ["2", "3"] {
        ends_as(&ledger, id, |export| ended(export, State::Delivered, None)).await;
    }
    ends_as(&ledger, "4", |export| ended(export, State::Dead, None)).await;
    let waits = ends_as(&ledger, "5", |export| held(export, HoldReason::Preflight, at(60))).await;
    let again = won(&ledger, &due_claim(key("5"), "again", at(60), waits.claim)).await;
    let mut still = held(&again, HoldReason::Preflight, at(120));
    still.hold.as_mut().unwrap().checks = 1;
    ledger.finish(&guard(&again), &still).await.unwrap();
    let of = async |tenant: &TenantId, since| ledger.hours(tenant, since).await.unwrap();
    let hours = of(&TenantId::local(), noon()).await;
    assert!(hours.counted.contains(&Happening::Delivered));
    let all = [(Happening::Arrived, 4), (Happening::Delivered, 2), (Happening::Held, 1), (Happening::Dead, 1)];
    let counted = all.into_iter().filter(|(what, _)| hours.counted.contains(what));
    let expected = counted.map(|(what, n)| ((hour_of(noon()), shop(), what), n)).collect();
    assert_eq!(hours.counts, expected);
    let longer = of(&TenantId::local(), earlier).await;
    assert_eq!(longer.counts.get(&(hour_of(earlier), shop(), Happening::Delivered)), Some(&1));
    assert!(of(&TenantId::new("other"), earlier).await.counts.is_empty());
}
