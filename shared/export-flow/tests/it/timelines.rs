//! One order as a whole: what belongs to it, and its other names.

use crate::bench::{Bench, INVOICE, seconds};
use domain::{Alias, Cause, Code, ConnectionId, OrderReference, Subject, SubjectKind, TenantId};
use export_flow::message::Message;
use export_flow::orders::Timeline;
use export_flow::ports::Ledger as _;
use export_flow::refused::Refused;

fn reference(text: &str) -> OrderReference {
    OrderReference::new(text)
}

fn alias(channel: &str, order: &str) -> Alias {
    Alias { channel: ConnectionId::new(channel), reference: reference(order) }
}

async fn timeline(bench: &Bench, channel: &str) -> Timeline {
    bench.flow.timeline(&TenantId::local(), channel, &reference("100")).await.unwrap()
}

async fn named(bench: &Bench, order: &str, aliases: &[Alias]) -> Result<Timeline, Refused> {
    bench.flow.name_aliases(&TenantId::local(), "shop", &reference(order), aliases).await
}

async fn aliases_of(bench: &Bench, channel: &str, order: &str) -> Vec<Alias> {
    let view = bench.ledger.order(&TenantId::local(), &reference(order)).await.unwrap();
    view.orders.into_iter().find(|item| item.channel.as_str() == channel).unwrap().order.aliases
}

/// Something of order 100, for one channel only.
async fn sent(bench: &Bench, kind: SubjectKind, id: &str, target: Option<&str>) {
    bench.world.document(id, id, Some("100"), "100.00");
    bench.world.parcel(id, "100", Some(id), "in_transit");
    let Message::SourceEventV1(mut event) = bench.event(kind, id, Cause::Hand) else { panic!() };
    event.target = target.map(ConnectionId::new);
    bench.send(Message::SourceEventV1(event)).await;
    bench.work().await;
}

/// Two shops that both have an order 100.
async fn two_shops() -> Bench {
    let bench = Bench::new().await;
    bench.connect("mall", "market").await;
    for shop in ["shop", "mall"] {
        bench.world.order(shop, "100", "100.00");
    }
    bench
}

#[tokio::test]
async fn what_was_carried_to_another_shop_with_the_same_reference_is_not_this_orders() {
    let bench = two_shops().await;
    sent(&bench, INVOICE, "9001", Some("shop")).await;
    sent(&bench, INVOICE, "9002", Some("mall")).await;
    sent(&bench, SubjectKind::Parcel, "7", Some("shop")).await;
    sent(&bench, INVOICE, "9003", None).await;

    let subjects = |all: &Timeline| {
        let mut subjects: Vec<String> = all.exports.iter().map(|export| export.key.subject.id.clone()).collect();
        subjects.sort();
        subjects
    };
    let documents = |all: &Timeline| all.documents.iter().map(|d| d.id.clone()).collect::<Vec<_>>();
    let shop = timeline(&bench, "shop").await;
    assert_eq!(documents(&shop), ["9001", "9003"], "whose the last is nobody knows");
    assert_eq!(subjects(&shop), ["7", "9001", "9003"]);
    assert_eq!(shop.parcels.len(), 1);
    let delivered = shop.events.iter().filter(|event| event.what == "delivered").count();
    assert_eq!(delivered, 2);
    let scanned = shop.events.iter().find(|event| event.what == "parcel_state").unwrap();
    assert_eq!((scanned.word.as_str(), scanned.parcel.as_deref()), ("in_transit", Some("7")));

    let mall = timeline(&bench, "mall").await;
    assert_eq!(documents(&mall), ["9002", "9003"]);
    assert_eq!((subjects(&mall), mall.parcels.len()), (vec!["9002".to_owned(), "9003".to_owned()], 0));
}

#[tokio::test]
async fn an_order_is_known_by_itself_or_by_anything_that_quotes_it() {
    let known = async |bench: &Bench| match bench.flow.timeline(&TenantId::local(), "shop", &reference("100")).await {
        Ok(all) => Some((all.order.is_some(), all.documents.len(), all.parcels.len(), all.exports.len())),
        Err(Refused::Unknown(Code::UnknownOrder)) => None,
        Err(other) => panic!("{other:?}"),
    };
    let bench = Bench::new().await;
    assert_eq!(known(&bench).await, None);
    let at_a_source = bench.flow.timeline(&TenantId::local(), "books", &reference("100")).await;
    assert!(matches!(at_a_source, Err(Refused::Unknown(Code::UnknownConnection))), "only channels have orders");
    // The look of a document, then the document itself without an export.
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
    assert_eq!(known(&bench).await, Some((false, 1, 0, 1)));

    let bench = Bench::new().await;
    let view = two_shops().await;
    sent(&view, INVOICE, "9001", Some("shop")).await;
    let mut item = view.ledger.order(&TenantId::local(), &reference("100")).await.unwrap().orders.remove(0);
    item.seen_at = bench.flow.now() + seconds(1);
    bench.ledger.remember_order(&item).await.unwrap();
    assert_eq!(known(&bench).await, Some((true, 0, 0, 0)));

    let bench = Bench::new().await;
    let document = view.ledger.order(&TenantId::local(), &reference("100")).await.unwrap().documents.remove(0);
    bench.ledger.remember_document(&document).await.unwrap();
    assert_eq!(known(&bench).await, Some((false, 1, 0, 0)));

    let bench = Bench::new().await;
    let key = domain::ExportKey::look(
        TenantId::local(),
        ConnectionId::new("books"),
        Subject { kind: SubjectKind::Document, id: "9001".into() },
    );
    let order = Some(reference("100"));
    bench.ledger.put(domain::Export { order, ..domain::Export::new(key, bench.flow.now()) });
    assert_eq!(known(&bench).await, Some((false, 0, 0, 1)));
}

#[tokio::test]
async fn a_name_is_given_to_both_and_takes_no_third_away() {
    let bench = two_shops().await;
    bench.connect("fair", "market").await;
    for (shop, pattern) in [("shop", "^1"), ("mall", "^M"), ("fair", "^F")] {
        bench.change(shop, |c| c.rules.order_pattern = Some(pattern.into())).await;
    }
    bench.world.order("mall", "M-7", "100.00");
    for (id, order) in [("9001", "100"), ("9002", "M-7")] {
        bench.world.document(id, id, Some(order), "100.00");
        bench.arrive(INVOICE, id).await;
    }
    bench.work().await;
    let (tenant, third) = (TenantId::local(), alias("fair", "F-1"));
    bench.flow.name_aliases(&tenant, "mall", &reference("M-7"), std::slice::from_ref(&third)).await.unwrap();
    for _ in 0..2 {
        named(&bench, "100", &[alias("mall", "M-7")]).await.unwrap();
        assert_eq!(aliases_of(&bench, "mall", "M-7").await, [third.clone(), alias("shop", "100")], "each once");
    }
    assert_eq!(aliases_of(&bench, "shop", "100").await, [alias("mall", "M-7")]);
}

#[tokio::test]
async fn names_are_at_other_channels_and_not_too_many() {
    let bench = two_shops().await;
    sent(&bench, INVOICE, "9001", Some("shop")).await;
    for wrong in ["shop", "books", "nobody"] {
        let refused = named(&bench, "100", &[alias("mall", "100"), alias(wrong, "100")]).await;
        assert!(
            matches!(&refused, Err(Refused::Fields(e)) if e.len() == 1 && e[0].field == "aliases[1].channel"),
            "{wrong}: {refused:?}"
        );
    }
    let many = |count: usize| (0..count).map(|n| alias("mall", &format!("M-{n}"))).collect::<Vec<_>>();
    assert!(named(&bench, "100", &many(10)).await.is_ok());
    for count in [11, 12] {
        let refused = named(&bench, "100", &many(count)).await;
        assert!(matches!(&refused, Err(Refused::Fields(e)) if e[0].field == "aliases"), "{refused:?}");
    }
}
