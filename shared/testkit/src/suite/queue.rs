//! What a queue promises: at least once, with delay, lease, groups and dead-letter copies.

use crate::ManualClock;
use crate::samples::{at, books, due_message, ended, key, noon, shop};
use domain::{ConnectionId, Export, ExportId, JobId, State};
use export_flow::message::Message;
use export_flow::ports::{DeadCopy, Depth, Incoming, Outgoing, PortError, Queue};
use futures_util::future::{BoxFuture, join_all};
use jiff::SignedDuration;
use std::collections::BTreeSet;
use std::sync::Arc;

const VISIBILITY: SignedDuration = SignedDuration::from_secs(540);

/// A queue, and the way to let time pass for it.
pub struct Subject {
    queue: Arc<dyn Queue>,
    pass: Box<dyn Fn(SignedDuration) -> BoxFuture<'static, ()> + Send + Sync>,
}

impl Subject {
    /// A queue that takes the time from a clock that can be moved.
    #[must_use]
    pub fn on_clock(queue: Arc<dyn Queue>, clock: Arc<ManualClock>) -> Self {
        let pass = move |by| -> BoxFuture<'static, ()> {
            clock.advance(by);
            Box::pin(std::future::ready(()))
        };
        Self { queue, pass: Box::new(pass) }
    }

    /// A queue whose time passes by other means.
    #[must_use]
    pub fn new(
        queue: Arc<dyn Queue>,
        pass: impl Fn(SignedDuration) -> BoxFuture<'static, ()> + Send + Sync + 'static,
    ) -> Self {
        Self { queue, pass: Box::new(pass) }
    }

    async fn pass(&self, seconds: i64) {
        (self.pass)(SignedDuration::from_secs(seconds)).await;
    }

    async fn send(&self, id: &str, group: &ConnectionId) {
        self.queue.send(vec![due_message(id, group)]).await.unwrap();
    }

    async fn receive(&self) -> Vec<Incoming> {
        self.queue.receive(10, VISIBILITY).await.unwrap()
    }

    async fn receive_one(&self) -> Incoming {
        let mut received = self.receive().await;
        assert_eq!(received.len(), 1);
        received.remove(0)
    }
}

fn delayed(id: &str, seconds: i64) -> Outgoing {
    Outgoing { delay: SignedDuration::from_secs(seconds), ..due_message(id, &shop()) }
}

fn export_of(incoming: &Incoming) -> ExportId {
    match &incoming.message {
        Some(Message::ExportDueV1(due)) => due.export.clone(),
        _ => ExportId::new("none"),
    }
}

/// Body, group and count of receives.
pub async fn a_message_arrives_as_it_was_sent(subject: Subject) {
    assert!(subject.receive().await.is_empty());
    subject.send("1", &shop()).await;
    let received = subject.receive_one().await;
    assert_eq!(received.message, Some(due_message("1", &shop()).message));
    assert_eq!((received.group, received.receives), (shop(), 1));
}

/// Not before its time, and then.
pub async fn a_delayed_message_rests_until_its_time(subject: Subject) {
    subject.queue.send(vec![delayed("1", 60), delayed("2", 0)]).await.unwrap();
    assert_eq!(export_of(&subject.receive_one().await), key("2").id());
    subject.pass(59).await;
    assert!(subject.receive().await.is_empty());
    subject.pass(1).await;
    assert_eq!(export_of(&subject.receive_one().await), key("1").id());
}

/// A receive that ends without an answer: the message comes again, counted.
pub async fn a_message_that_is_not_deleted_comes_again(subject: Subject) {
    subject.send("1", &shop()).await;
    for receives in 1..=3 {
        assert_eq!(subject.receive_one().await.receives, receives);
        subject.pass(539).await;
        assert!(subject.receive().await.is_empty());
        subject.pass(1).await;
    }
}

/// It never comes again, also not after the receive's time.
pub async fn a_deleted_message_is_gone(subject: Subject) {
    subject.send("1", &shop()).await;
    subject.send("2", &shop()).await;
    let received = subject.receive().await;
    let receipts: Vec<_> = received.into_iter().map(|incoming| incoming.receipt).collect();
    subject.queue.delete(&receipts).await.unwrap();
    subject.queue.delete(&receipts).await.unwrap();
    subject.pass(1000).await;
    assert!(subject.receive().await.is_empty());
}

/// Giving back counts as a receive.
pub async fn a_message_given_back_rests_and_comes_again(subject: Subject) {
    subject.send("1", &shop()).await;
    let first = subject.receive_one().await;
    subject.queue.give_back(&first.receipt, SignedDuration::from_secs(30)).await.unwrap();
    subject.pass(29).await;
    assert!(subject.receive().await.is_empty());
    subject.pass(1).await;
    let second = subject.receive_one().await;
    assert_eq!(second.receives, 2);
    subject.queue.give_back(&second.receipt, SignedDuration::ZERO).await.unwrap();
    assert_eq!(subject.receive_one().await.receives, 3);
}

/// Once a message has been received again, the earlier receipt neither deletes it nor gives it back. Until then the
/// receipt of a receive that ran out still deletes.
pub async fn a_receipt_counts_for_its_own_receive_only(subject: Subject) {
    subject.send("1", &shop()).await;
    let stale = subject.receive_one().await;
    subject.pass(600).await;
    let current = subject.receive_one().await;
    assert_ne!(stale.receipt, current.receipt);
    subject.queue.give_back(&stale.receipt, SignedDuration::ZERO).await.unwrap();
    assert!(subject.receive().await.is_empty());
    subject.queue.delete(std::slice::from_ref(&stale.receipt)).await.unwrap();
    subject.queue.delete(&["of another queue".to_owned()]).await.unwrap();
    subject.pass(600).await;
    let last = subject.receive_one().await;
    subject.pass(600).await;
    subject.queue.delete(std::slice::from_ref(&last.receipt)).await.unwrap();
    assert!(subject.receive().await.is_empty());
}

/// A group with a hundred messages does not keep the one message of another waiting.
pub async fn a_busy_group_does_not_starve_another(subject: Subject) {
    let busy = (0..100).map(|n| due_message(&format!("busy {n}"), &books())).collect();
    subject.queue.send(busy).await.unwrap();
    subject.send("quiet", &shop()).await;
    subject.send("also quiet", &ConnectionId::new("market")).await;
    let first: Vec<_> = subject.receive().await.iter().map(|incoming| incoming.group.clone()).collect();
    assert_eq!(first.len(), 10);
    assert!(first.contains(&shop()) && first.contains(&ConnectionId::new("market")), "{first:?}");
}

/// Also where one at a time is taken, turns go round.
pub async fn a_receive_takes_no_more_than_asked_for(subject: Subject) {
    for n in 0..4 {
        subject.send(&format!("a{n}"), &books()).await;
        subject.send(&format!("b{n}"), &shop()).await;
    }
    let mut groups = vec![];
    for _ in 0..4 {
        let received = subject.queue.receive(1, VISIBILITY).await.unwrap();
        assert_eq!(received.len(), 1);
        groups.extend(received.into_iter().map(|incoming| incoming.group));
    }
    assert_eq!(groups.iter().filter(|group| **group == shop()).count(), 2, "{groups:?}");
    assert!(subject.queue.receive(0, VISIBILITY).await.unwrap().is_empty());
}

/// No two receivers hold the same message at a time.
pub async fn each_message_goes_to_one_of_many_receivers(subject: Subject) {
    let messages = (0..64).map(|n| due_message(&n.to_string(), &shop())).collect();
    subject.queue.send(messages).await.unwrap();
    let all = join_all((0..32).map(|_| subject.queue.receive(4, VISIBILITY))).await;
    let received: Vec<_> = all.into_iter().flat_map(Result::unwrap).collect();
    let exports: BTreeSet<_> = received.iter().map(export_of).collect();
    let receipts: BTreeSet<_> = received.iter().map(|incoming| incoming.receipt.clone()).collect();
    assert_eq!((received.len(), exports.len(), receipts.len()), (64, 64, 64));
}

/// A message over 20 KB, or a delay over 15 minutes, is refused together with what was to be sent with it.
pub async fn what_is_too_large_or_too_late_is_refused_whole(subject: Subject) {
    let large = Message::JobV1 { job: JobId::new("x".repeat(20 * 1024)) };
    let large = Outgoing { message: large, ..due_message("large", &shop()) };
    for wrong in [large, delayed("late", 901)] {
        let sent = subject.queue.send(vec![due_message("1", &shop()), wrong]).await;
        assert!(matches!(sent, Err(PortError::Damaged(_))), "{sent:?}");
    }
    assert!(subject.receive().await.is_empty());
    subject.queue.send(vec![delayed("1", 900)]).await.unwrap();
}

/// The same export dies again only under another claim; exhuming takes all its copies and no other's.
pub async fn a_dead_copy_is_kept_once_per_claim_until_exhumed(subject: Subject) {
    let copy = |id: &str, number: u64| {
        let mut export = Export::new(key(id), noon());
        export.claim = number;
        let export = ended(&export, State::Dead, None);
        DeadCopy { export, at: at(5) }
    };
    for _ in 0..2 {
        subject.queue.bury(&copy("1", 3)).await.unwrap();
    }
    subject.queue.bury(&copy("1", 6)).await.unwrap();
    subject.queue.bury(&copy("2", 3)).await.unwrap();
    assert_eq!(subject.queue.depth().await.unwrap().dead_letters, 3);
    subject.queue.exhume(&key("1").id()).await.unwrap();
    assert_eq!(subject.queue.depth().await.unwrap().dead_letters, 1);
}

/// Waiting includes delayed; a receive that ran out is waiting again.
pub async fn depth_counts_what_waits_and_what_is_in_flight(subject: Subject) {
    subject.queue.send(vec![delayed("1", 0), delayed("2", 0), delayed("3", 60)]).await.unwrap();
    let received = subject.queue.receive(1, VISIBILITY).await.unwrap();
    let depth = |visible, in_flight| Depth { visible, in_flight, dead_letters: 0 };
    assert_eq!(subject.queue.depth().await.unwrap(), depth(2, 1));
    subject.pass(540).await;
    assert_eq!(subject.queue.depth().await.unwrap(), depth(3, 0));
    for incoming in received {
        subject.queue.delete(&[incoming.receipt]).await.unwrap();
    }
    assert_eq!(subject.queue.depth().await.unwrap(), depth(2, 0));
}
