//! What ends the process that works on it, again and again.

use crate::bench::{Bench, INVOICE, seconds};
use ::http::Method;
use domain::{Code, Export, State, TenantId};
use export_flow::Verdict;
use export_flow::message::{ExportDue, Message};
use export_flow::ports::{Ledger as _, Queue as _};
use export_flow::times::{OVERDUE, VISIBILITY};
use testkit::practice::Kind;

/// Works off what is due; who is killed answers nothing, and its message comes again. How often that was.
async fn lives(bench: &Bench, lives: usize) -> usize {
    let mut killed = 0;
    for _ in 0..lives {
        for incoming in bench.queue.receive(10, VISIBILITY).await.unwrap() {
            let (flow, message) = (bench.flow.clone(), incoming.message.unwrap());
            match tokio::spawn(async move { flow.handle(&message, false).await }).await {
                Ok(Verdict::Done) => bench.queue.delete(&[incoming.receipt]).await.unwrap(),
                Ok(Verdict::GiveBack(delay)) => bench.queue.give_back(&incoming.receipt, delay).await.unwrap(),
                Err(_) => killed += 1,
            }
        }
        bench.clock.advance(VISIBILITY);
        // What no message leads back to, the sweep finds.
        for entry in bench.ledger.due(bench.flow.now() - OVERDUE, 10).await.unwrap() {
            if bench.ledger.postpone(&entry, bench.flow.now()).await.unwrap() {
                let due = ExportDue { export: entry.id, claim: entry.claim, alone: false, trace: None };
                bench.send(Message::ExportDueV1(due)).await;
            }
        }
    }
    killed
}

#[tokio::test]
async fn an_export_that_ends_every_process_is_dead_after_three_and_says_why() {
    let bench = Bench::new().await;
    bench.world.order("shop", "100", "100.00");
    bench.world.document("9001", "2026-0001", Some("100"), "100.00");
    bench.world.fault(Method::POST, "shop/effects", Kind::Kill, 1000);
    bench.arrive(INVOICE, "9001").await;
    assert_eq!(lives(&bench, 20).await, 3, "the third time alone, and no fourth");
    let dead: Export = bench.only("shop").await;
    assert_eq!((dead.state, dead.code), (State::Dead, Some(Code::Crashed)));
    let last = dead.attempt_log.last().unwrap();
    assert_eq!((last.code, last.status), (Code::Crashed, None));
    assert!(last.message.contains("without an outcome three times"), "{}", last.message);
    assert!(dead.in_doubt.is_some(), "nobody knows what its calls did");
    assert_eq!(bench.queue.buried().iter().map(|copy| &copy.export.id).collect::<Vec<_>>(), [&dead.id]);
    assert!(bench.queue.all().is_empty(), "nothing of it goes round any more");

    // Redriven while nothing is repaired, it gets one more turn, alone.
    assert!(bench.flow.redrive(&TenantId::local(), &dead.id, None).await.unwrap());
    assert_eq!(lives(&bench, 20).await, 1);
    assert_eq!(bench.only("shop").await.code, Some(Code::Crashed));
    bench.world.heal();
    assert!(bench.flow.redrive(&TenantId::local(), &dead.id, None).await.unwrap());
    bench.pass(seconds(300)).await;
    assert_eq!((bench.only("shop").await.state, bench.world.effects_at("shop")), (State::Delivered, 1));
}
