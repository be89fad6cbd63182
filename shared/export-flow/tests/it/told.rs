//! Parcels that somebody tells: taken line by line, carried like any others, and whose order they are stays as told.

use crate::bench::Bench;
use ::http::Method;
use domain::{ConnectionId, ConnectionState, State, SubjectKind, TenantId};
use export_flow::person::{Shipment, Taken};
use export_flow::ports::Ledger;
use jiff::SignedDuration;
use testkit::practice::Kind;

fn line(id: &str, order: &str) -> Shipment {
    let order = Some(order.to_owned()).filter(|order| !order.is_empty());
    Shipment { source: "van".into(), shipment: id.into(), order }
}

impl Bench {
    async fn tell(&self, lines: &[Shipment]) -> Vec<Taken> {
        self.flow.tell_shipments(&TenantId::local(), lines).await.unwrap()
    }

    async fn order_of(&self, parcel: &str) -> Option<String> {
        let van = ConnectionId::new("van");
        let kept = self.ledger.parcel(&TenantId::local(), &van, parcel).await.unwrap().unwrap();
        kept.parcel.order_reference
    }
}

#[tokio::test]
async fn the_order_that_was_told_outweighs_what_the_courier_quotes() {
    let bench = Bench::new().await;
    bench.world.order("shop", "100", "100.00");
    bench.world.order("shop", "999", "100.00");
    bench.world.parcel("7", "999", Some("T-1"), "in_transit");
    assert!(matches!(bench.tell(&[line("7", "100")]).await[..], [Taken::Accepted(_)]));
    bench.work().await;
    let export = bench.only("shop").await;
    assert_eq!((export.state, export.order.as_ref().map(|o| o.as_str())), (State::Delivered, Some("100")));
    // The courier's own news, with its own quote, changes nothing of that.
    bench.arrive(SubjectKind::Parcel, "7").await;
    bench.work().await;
    assert_eq!((bench.only("shop").await.state, bench.order_of("7").await.as_deref()), (State::Delivered, Some("100")));
    assert_eq!(bench.world.effects_at("shop"), 1);
    for (told, known) in [(line("7", "100"), true), (line("T-1", ""), true), (line("7", "999"), false)] {
        match &bench.tell(std::slice::from_ref(&told)).await[..] {
            [Taken::Known(_)] => assert!(known, "{told:?}"),
            [Taken::Refused(error)] => assert!(!known && error.field == "order", "{told:?} {error:?}"),
            other => panic!("{told:?} became {other:?}"),
        }
    }
    bench.work().await;
    assert_eq!(bench.only("shop").await.shared.duplicates, 1, "the webhook; what was known was not looked at again");
}

#[tokio::test]
async fn told_thrice_before_anybody_looked_it_goes_once_and_counts_as_repeated() {
    let bench = Bench::new().await;
    bench.world.order("shop", "100", "100.00");
    bench.world.parcel("7", "", Some("T-1"), "in_transit");
    for _ in 0..3 {
        let told = bench.tell(&[line("7", "100"), line("7", "100")]).await;
        assert!(matches!(told[..], [Taken::Accepted(_), Taken::Known(_)]), "{told:?}");
    }
    bench.work().await;
    let export = bench.only("shop").await;
    assert_eq!((export.state, export.shared.duplicates), (State::Delivered, 2));
    assert_eq!(bench.world.effects_at("shop"), 1);
}

#[tokio::test]
async fn a_courier_that_is_down_for_a_day_costs_nothing() {
    let bench = Bench::new().await;
    bench.world.fault(Method::GET, "van/", Kind::Refused, usize::MAX);
    let mut lines = vec![];
    for n in 0..7 {
        let (id, order) = (format!("p{n}"), format!("{}", 100 + n));
        bench.world.order("shop", &order, "100.00");
        bench.world.parcel(&id, "", Some(&format!("T-{n}")), "in_transit");
        lines.push(line(&id, &order));
    }
    assert!(bench.tell(&lines).await.iter().all(|taken| matches!(taken, Taken::Accepted(_))));
    bench.rest(SignedDuration::from_hours(24)).await;
    assert_eq!(bench.state_of("van").await.state, ConnectionState::Paused);
    assert_eq!((bench.count(State::Dead).await, bench.world.effects_at("shop")), (0, 0));
    bench.world.heal();
    bench.rest(SignedDuration::from_hours(2)).await;
    assert_eq!(bench.state_of("van").await.state, ConnectionState::Active);
    assert_eq!((bench.count(State::Delivered).await, bench.world.effects_at("shop")), (7, 7));
    for (n, line) in lines.iter().enumerate() {
        assert_eq!(bench.order_of(&line.shipment).await, Some(format!("{}", 100 + n)), "the order survived the day");
    }
}
