//! Lists and counts.

use super::claims::{ends_as, won};
use crate::samples::{at, books, claim, ended, guard, held, key, key_to, noon, shop};
use domain::{
    Code, ConnectionId, Export, ExportId, ExportKey, HoldReason, Operation, OrderReference, Skip, SkipReason, State,
    TenantId,
};
use export_flow::claim::Claim;
use export_flow::ports::{Arrival, ConnectionCounts, ExportQuery, Ledger, PortError, Standing};
use jiff::SignedDuration;
use std::sync::Arc;

async fn listed(ledger: &Arc<dyn Ledger>, query: &ExportQuery) -> Vec<ExportId> {
    let page = ledger.exports(&TenantId::local(), query, 100, None).await.unwrap();
    assert_eq!(page.next, None);
    page.items.into_iter().map(|export| export.id).collect()
}

/// Also while new ones arrive.
pub async fn exports_are_listed_newest_first_in_pages_that_never_overlap(ledger: Arc<dyn Ledger>) {
    let listed = async |name: &str, seconds: i64| {
        let export = won(&ledger, &claim(key(name), name, at(seconds))).await;
        let end = if seconds % 2 == 0 {
            ended(&export, State::Delivered, None)
        } else {
            held(&export, HoldReason::Preflight, at(900))
        };
        ledger.finish(&guard(&export), &end).await.unwrap().unwrap().id
    };
    let mut expected = vec![];
    for n in 0..7 {
        expected.insert(0, listed(&n.to_string(), n).await);
    }
    let (mut found, mut cursor) = (vec![], None);
    loop {
        let all = ExportQuery::default();
        let page = ledger.exports(&TenantId::local(), &all, 3, cursor.as_deref()).await.unwrap();
        found.push(page.items.into_iter().map(|export| export.id).collect::<Vec<_>>());
        listed(&format!("late {}", found.len()), 20).await;
        match page.next {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    assert_eq!(found.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 1]);
    assert_eq!(found.concat(), expected);
}

/// Makes exports that differ in one thing each and lists them by every combination of filters.
pub async fn every_filter_narrows_and_all_of_them_together_mean_all_of_them(ledger: Arc<dyn Ledger>) {
    let mut all = vec![];
    let targets = [shop(), ConnectionId::new("market"), books()];
    for n in 0..24_usize {
        let target = targets.get(n % 3).unwrap();
        let operation = if n % 4 == 0 { Operation::SendTracking } else { Operation::SendInvoice };
        let look = n % 5 == 4;
        let key = ExportKey { operation, ..key_to(&format!("doc {}", n / 2), target) };
        let key = if look { ExportKey::look(key.tenant, key.source, key.subject) } else { key };
        let request = Claim {
            order: (n % 3 != 1).then(|| OrderReference::new(format!("order {}", n % 2))),
            numbers: vec![format!("number {}", n % 7)],
            ..claim(key, &n.to_string(), at(i64::try_from(n).unwrap()))
        };
        let export = won(&ledger, &request).await;
        let skip = Skip { reason: SkipReason::NotOurs, detail: None, remark: None };
        let end = match n % 6 {
            0 => ended(&export, State::Delivered, None),
            1 => held(&export, HoldReason::OrderUnknown, at(500)),
            2 => Export { code: Some(Code::VendorError), ..ended(&export, State::Dead, None) },
            3 => Export { skip: Some(skip), ..ended(&export, State::Skipped, None) },
            4 => Export { code: Some(Code::VendorError), ..ended(&export, State::Retrying, Some(at(99))) },
            _ => ended(&export, State::Uncertain, None),
        };
        all.insert(0, ledger.finish(&guard(&export), &end).await.unwrap().unwrap());
    }
    let everything = ledger.exports(&TenantId::local(), &ExportQuery::default(), 100, None).await.unwrap().items;
    assert!(all.iter().all(|export| everything.contains(export)));
    let text = |text: &str| Some(text.to_owned());
    let mut seen = 0;
    for state in [None, Some(State::Delivered), Some(State::Uncertain), Some(State::Dead), Some(State::Held)] {
        for connection in [None, Some(books()), Some(shop()), Some(ConnectionId::new("nobody"))] {
            for order in [None, text("order 0")] {
                for document in [None, text("doc 3"), text("number 1")] {
                    for operation in [None, Some(Operation::SendInvoice), Some(Operation::Look)] {
                        for code in [None, text("vendor_error"), text("order_unknown"), text("not_ours")] {
                            let (connection, order) = (connection.clone(), order.clone());
                            let document = document.clone();
                            let query = ExportQuery { state, connection, order, document, operation, code };
                            let fits = everything.iter().filter(|export| query.fits(export));
                            let expected: Vec<_> = fits.map(|export| export.id.clone()).collect();
                            seen += usize::from(!expected.is_empty());
                            assert_eq!(listed(&ledger, &query).await, expected, "{query:?}");
                        }
                    }
                }
            }
        }
    }
    assert!(seen > 50, "only {seen} combinations found anything");
    for connection in [books(), shop(), ConnectionId::new("nobody")] {
        let mut expected = Standing::default();
        let of = ExportQuery { connection: Some(connection.clone()), ..ExportQuery::default() };
        for export in everything.iter().filter(|export| export.state != State::Skipped && of.fits(export)) {
            expected.add(export.state, export.key.target.as_ref() == Some(&connection), 1);
        }
        let states = [State::Delivered, State::Held, State::Dead, State::Retrying, State::Uncertain];
        let standing = ledger.standing(&TenantId::local(), &connection, &states).await.unwrap();
        assert_eq!(standing, expected, "{connection}");
        let theirs = ledger.standing(&TenantId::new("other"), &connection, &states).await.unwrap();
        assert_eq!(theirs, Standing::default(), "{connection}");
    }
}

/// State, reason, code, order and numbers are found as they are now, not as they were.
pub async fn filters_follow_what_changes(ledger: Arc<dyn Ledger>) {
    let before = ends_as(&ledger, "1", |export| held(export, HoldReason::OrderUnknown, at(60))).await;
    let by = |order: Option<&str>, document: Option<&str>, code: Option<&str>| ExportQuery {
        order: order.map(Into::into),
        document: document.map(Into::into),
        code: code.map(Into::into),
        ..ExportQuery::default()
    };
    assert_eq!(listed(&ledger, &by(None, None, Some("order_unknown"))).await.len(), 1);
    let after = Export {
        order: Some(OrderReference::new("100")),
        numbers: vec!["2026-001".into(), "2026-002".into()],
        code: Some(Code::VendorError),
        ..ended(&before, State::Dead, None)
    };
    assert!(ledger.decide(&before, &after).await.unwrap());
    for query in [by(Some("100"), None, None), by(None, Some("2026-002"), None), by(None, None, Some("vendor_error"))] {
        assert_eq!(listed(&ledger, &query).await, std::slice::from_ref(&before.id), "{query:?}");
    }
    let again = Export { order: Some(OrderReference::new("200")), numbers: vec!["2026-003".into()], ..after.clone() };
    assert!(ledger.decide(&after, &again).await.unwrap());
    let gone = [by(Some("100"), None, None), by(None, Some("2026-001"), None), by(None, None, Some("order_unknown"))];
    for query in gone {
        assert!(listed(&ledger, &query).await.is_empty(), "{query:?}");
    }
    for query in [by(Some("200"), None, None), by(None, Some("2026-003"), None), by(None, Some("1"), None)] {
        assert_eq!(listed(&ledger, &query).await, std::slice::from_ref(&before.id), "{query:?}");
    }
    let order = |reference: &str| OrderReference::new(reference);
    assert!(ledger.order(&TenantId::local(), &order("100")).await.unwrap().exports.is_empty());
    assert_eq!(ledger.order(&TenantId::local(), &order("200")).await.unwrap().exports.len(), 1);
}

/// Lists, orders and counts of one tenant never show another's.
pub async fn nothing_crosses_between_tenants(ledger: Arc<dyn Ledger>) {
    let other = TenantId::new("other");
    // Connections are unique in a deployment.
    let (source, target) = (ConnectionId::new("their-books"), Some(ConnectionId::new("their-shop")));
    let theirs = ExportKey { tenant: other.clone(), source, target, ..key("1") };
    let order = Some(OrderReference::new("100"));
    for key in [theirs.clone(), key("1")] {
        let run = key.tenant.to_string();
        let export = won(&ledger, &Claim { order: order.clone(), ..claim(key, &run, noon()) }).await;
        ledger.finish(&guard(&export), &ended(&export, State::Delivered, None)).await.unwrap().unwrap();
    }
    for (tenant, id) in [(&other, theirs.id()), (&TenantId::local(), key("1").id())] {
        for query in [ExportQuery::default(), ExportQuery { document: Some("1".into()), ..ExportQuery::default() }] {
            let page = ledger.exports(tenant, &query, 10, None).await.unwrap();
            assert_eq!(page.items.iter().map(|export| &export.id).collect::<Vec<_>>(), [&id]);
        }
        let view = ledger.order(tenant, order.as_ref().unwrap()).await.unwrap();
        assert_eq!(view.exports.iter().map(|export| &export.id).collect::<Vec<_>>(), [&id]);
        assert_eq!(ledger.counts(tenant, noon()).await.unwrap().states, [(State::Delivered, 1)].into());
    }
}

/// Per state, and per connection the delivered since a time, the held, the dead and the oldest that waits.
pub async fn counts_say_what_is_there(ledger: Arc<dyn Ledger>) {
    let day = SignedDuration::from_hours(24);
    for (n, ago) in [(1, 3), (2, 2), (3, 0)] {
        let id = format!("delivered {n}");
        let export = won(&ledger, &claim(key(&id), &id, noon() - day * ago)).await;
        ledger.finish(&guard(&export), &ended(&export, State::Delivered, None)).await.unwrap();
    }
    for n in 0..2 {
        let id = format!("held {n}");
        let export = won(&ledger, &claim(key(&id), &id, at(10 - n))).await;
        ledger.finish(&guard(&export), &held(&export, HoldReason::Preflight, at(900))).await.unwrap();
    }
    let dead = ends_as(&ledger, "dead", |export| ended(export, State::Dead, None)).await;
    let redriven = ends_as(&ledger, "redriven", |export| ended(export, State::Dead, None)).await;
    assert!(ledger.decide(&redriven, &ended(&redriven, State::Retrying, Some(at(1)))).await.unwrap());
    let arrival = Arrival { event: domain::EventId::new("e"), duplicate: true, newer: None };
    for _ in 0..2 {
        ledger.arrive(&dead.id, &arrival).await.unwrap();
    }
    let counts = ledger.counts(&TenantId::local(), noon() - day).await.unwrap();
    let states = [(State::Delivered, 3), (State::Retrying, 1), (State::Held, 2), (State::Dead, 1)];
    assert_eq!(counts.states, states.into());
    assert_eq!(counts.duplicates, 1);
    let at_shop = ConnectionCounts { delivered: 1, held: 2, dead: 1, oldest_waiting: Some(noon()) };
    assert_eq!(counts.connections.get(&shop()), Some(&at_shop));
    assert_eq!(counts.connections.get(&books()).cloned().unwrap_or_default(), ConnectionCounts::default());
    let longer = ledger.counts(&TenantId::local(), noon() - day * 2 - SignedDuration::from_hours(1)).await.unwrap();
    assert_eq!(longer.connections.get(&shop()).unwrap().delivered, 2);
}

/// For stores that keep every export in an index of its own; others find it by its order or number.
pub async fn what_is_under_way_is_listed_counted_and_due(ledger: Arc<dyn Ledger>) {
    let export = won(&ledger, &claim(key("1"), "r1", noon())).await;
    let look = ExportKey::look(TenantId::local(), books(), key("look").subject);
    won(&ledger, &claim(look, "look", at(1))).await;
    let sending = ExportQuery { state: Some(State::Sending), ..ExportQuery::default() };
    assert_eq!(listed(&ledger, &sending).await.len(), 2);
    assert_eq!(ledger.counts(&TenantId::local(), noon()).await.unwrap().states, [(State::Sending, 2)].into());
    let due: Vec<_> = ledger.due(at(91), 10).await.unwrap().into_iter().map(|entry| (entry.id, entry.due_at)).collect();
    assert_eq!(due, [(export.id, at(90))]);
}

/// It comes from outside.
pub async fn a_cursor_that_is_not_ours_is_refused(ledger: Arc<dyn Ledger>) {
    for cursor in ["", "x", "-", "99999999999999999999999999", "1;drop table export"] {
        let page = ledger.exports(&TenantId::local(), &ExportQuery::default(), 10, Some(cursor)).await;
        assert!(matches!(page, Err(PortError::Damaged(_))), "{cursor}: {page:?}");
    }
}
