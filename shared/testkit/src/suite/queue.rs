//! What a queue promises: at least once, with delay, lease, groups and dead-letter copies.

use crate::ManualClock;
use crate::samples::{at, books, due_message, ended, key, noon, shop};
use domain::{ConnectionId, Export, ExportId, JobId, State};
use export_flow::message::Message;
use export_flow::ports::{DeadCopy, Depth, Incoming, Outgoing, PortError, Queue};
use futures_util::future::join_all;
use jiff::SignedDuration;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

const VISIBILITY: SignedDuration = SignedDuration::from_secs(540);
/// What must happen in real time has happened by then, or never will.
const PATIENCE: Duration = Duration::from_secs(60);

/// How time passes for a queue.
enum Time {
    /// By hand.
    Clock(Arc<ManualClock>),
    /// By itself: the spans of a case are shortened, and its ends are waited for by asking again and again.
    Real(fn(SignedDuration) -> SignedDuration),
}

/// A queue, and how time passes for it.
pub struct Subject {
    queue: Arc<dyn Queue>,
    time: Time,
    takes_turns: bool,
}

/// Since when something rests.
#[derive(Clone, Copy)]
struct Since(Instant);

impl Subject {
    /// A queue that takes the time from a clock that can be moved, and serves its groups turn by turn.
    #[must_use]
    pub fn on_clock(queue: Arc<dyn Queue>, clock: Arc<ManualClock>) -> Self {
        Self { queue, time: Time::Clock(clock), takes_turns: true }
    }

    /// A queue of another program, whose time is the real one. `shortened` makes the spans of the cases (30 s to 15
    /// min) into ones that a test can wait for: in whole seconds, at least two.
    ///
    /// That groups are served turn by turn is not asked of it: such a queue is fair in the long run, by measures of
    /// its own.
    #[must_use]
    pub fn in_real_time(queue: Arc<dyn Queue>, shortened: fn(SignedDuration) -> SignedDuration) -> Self {
        Self { queue, time: Time::Real(shortened), takes_turns: false }
    }

    /// A span of so many seconds, as long as it is here.
    fn span(&self, seconds: i64) -> SignedDuration {
        let span = SignedDuration::from_secs(seconds);
        match self.time {
            Time::Clock(_) => span,
            Time::Real(shortened) => shortened(span),
        }
    }

    #[expect(clippy::unused_self, reason = "reads as what it is: the subject's time")]
    fn now(&self) -> Since {
        Since(Instant::now())
    }

    /// Receives what rests for a span that began then; nothing comes before its end.
    async fn receive_after(&self, began: Since, span: SignedDuration) -> Vec<Incoming> {
        match &self.time {
            Time::Clock(clock) => {
                clock.advance(span - SignedDuration::from_secs(1));
                assert!(self.receive().await.is_empty(), "too early");
                clock.advance(SignedDuration::from_secs(1));
                self.receive().await
            }
            Time::Real(_) => loop {
                let received = self.receive().await;
                let rested = began.0.elapsed();
                if !received.is_empty() {
                    // The queue's clock may be a little ahead of ours, and counts from a moment of its own.
                    let least = Duration::try_from(span).unwrap() - Duration::from_millis(100);
                    assert!(rested >= least, "after {rested:?} of {span}");
                    return received;
                }
                assert!(rested < PATIENCE, "not even after {rested:?}");
            },
        }
    }

    /// The depth once a span has passed.
    async fn depth_after(&self, span: SignedDuration, expected: Depth) {
        if let Time::Clock(clock) = &self.time {
            clock.advance(span);
        }
        self.depth_is(expected).await;
    }

    /// The depth; in real time it may take a while to be told.
    async fn depth_is(&self, expected: Depth) {
        let began = Instant::now();
        loop {
            let depth = self.queue.depth().await.unwrap();
            if depth == expected {
                return;
            }
            let waits = matches!(self.time, Time::Real(_)) && began.elapsed() < PATIENCE;
            assert!(waits, "{depth:?} instead of {expected:?}");
        }
    }

    async fn send(&self, id: &str, group: &ConnectionId) {
        self.queue.send(vec![due_message(id, group)]).await.unwrap();
    }

    async fn receive(&self) -> Vec<Incoming> {
        self.queue.receive(10, VISIBILITY).await.unwrap()
    }

    async fn receive_one(&self) -> Incoming {
        self.receive_one_for(VISIBILITY).await
    }

    async fn receive_one_for(&self, visibility: SignedDuration) -> Incoming {
        one(self.queue.receive(10, visibility).await.unwrap())
    }
}

fn one(mut received: Vec<Incoming>) -> Incoming {
    assert_eq!(received.len(), 1);
    received.remove(0)
}

fn delayed(id: &str, delay: SignedDuration) -> Outgoing {
    Outgoing { delay, ..due_message(id, &shop()) }
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
    let (began, delay) = (subject.now(), subject.span(60));
    subject.queue.send(vec![delayed("1", delay), delayed("2", SignedDuration::ZERO)]).await.unwrap();
    assert_eq!(export_of(&subject.receive_one().await), key("2").id());
    assert_eq!(export_of(&one(subject.receive_after(began, delay).await)), key("1").id());
}

/// A receive that ends without an answer: the message comes again, counted.
pub async fn a_message_that_is_not_deleted_comes_again(subject: Subject) {
    subject.send("1", &shop()).await;
    let visibility = subject.span(540);
    for receives in [1, 3, 5] {
        let began = subject.now();
        assert_eq!(subject.receive_one_for(visibility).await.receives, receives);
        let again = one(subject.receive_after(began, visibility).await);
        assert_eq!(again.receives, receives + 1);
        subject.queue.give_back(&again.receipt, SignedDuration::ZERO).await.unwrap();
    }
}

/// It never comes again, also not after the receive's time.
pub async fn a_deleted_message_is_gone(subject: Subject) {
    for id in ["1", "2", "stays"] {
        subject.send(id, &shop()).await;
    }
    let (began, visibility) = (subject.now(), subject.span(540));
    let received = subject.queue.receive(10, visibility).await.unwrap();
    assert_eq!(received.len(), 3);
    let gone = received.iter().filter(|incoming| export_of(incoming) != key("stays").id());
    let receipts: Vec<_> = gone.map(|incoming| incoming.receipt.clone()).collect();
    subject.queue.delete(&receipts).await.unwrap();
    subject.queue.delete(&receipts).await.unwrap();
    // Received at once with the others, the third comes again when they would have.
    let again = one(subject.receive_after(began, visibility).await);
    assert_eq!(export_of(&again), key("stays").id());
    subject.queue.delete(&[again.receipt]).await.unwrap();
    subject.depth_after(VISIBILITY, Depth::default()).await;
    assert!(subject.receive().await.is_empty());
}

/// Giving back counts as a receive.
pub async fn a_message_given_back_rests_and_comes_again(subject: Subject) {
    subject.send("1", &shop()).await;
    let first = subject.receive_one().await;
    let (began, delay) = (subject.now(), subject.span(30));
    subject.queue.give_back(&first.receipt, delay).await.unwrap();
    let second = one(subject.receive_after(began, delay).await);
    assert_eq!(second.receives, 2);
    subject.queue.give_back(&second.receipt, SignedDuration::ZERO).await.unwrap();
    assert_eq!(subject.receive_one().await.receives, 3);
}

/// Once a message has been received again, the earlier receipt neither deletes it nor gives it back. Until then the
/// receipt of a receive that ran out still deletes.
pub async fn a_receipt_counts_for_its_own_receive_only(subject: Subject) {
    subject.send("1", &shop()).await;
    let (began, visibility) = (subject.now(), subject.span(540));
    let stale = subject.receive_one_for(visibility).await;
    let current = one(subject.receive_after(began, visibility).await);
    assert_ne!(stale.receipt, current.receipt);
    subject.queue.give_back(&stale.receipt, SignedDuration::ZERO).await.unwrap();
    assert!(subject.receive().await.is_empty());
    subject.queue.delete(std::slice::from_ref(&stale.receipt)).await.unwrap();
    subject.queue.delete(&["of another queue".to_owned()]).await.unwrap();
    subject.queue.give_back(&current.receipt, SignedDuration::ZERO).await.unwrap();
    let last = subject.receive_one_for(visibility).await;
    subject.depth_after(visibility, Depth { visible: 1, ..Depth::default() }).await;
    subject.queue.delete(std::slice::from_ref(&last.receipt)).await.unwrap();
    assert!(subject.receive().await.is_empty());
}

/// A group with a hundred messages does not keep the one message of another waiting; where turns are not promised, each
/// message at least keeps its group.
pub async fn a_busy_group_does_not_starve_another(subject: Subject) {
    let market = ConnectionId::new("market");
    let busy = (0..100).map(|n| due_message(&format!("busy {n}"), &books())).collect();
    subject.queue.send(busy).await.unwrap();
    subject.send("quiet", &shop()).await;
    subject.send("also quiet", &market).await;
    let all = if subject.takes_turns { 10 } else { 102 };
    let received = subject.queue.receive(all, VISIBILITY).await.unwrap();
    let groups: Vec<_> = received.iter().map(|incoming| incoming.group.clone()).collect();
    assert_eq!(groups.len(), all);
    assert!(groups.contains(&shop()) && groups.contains(&market), "{groups:?}");
    assert_eq!(groups.iter().filter(|group| **group == books()).count(), all - 2);
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
    let turns = groups.iter().filter(|group| **group == shop()).count();
    assert!(turns == 2 || !subject.takes_turns, "{groups:?}");
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
    for wrong in [large, delayed("late", SignedDuration::from_secs(901))] {
        let sent = subject.queue.send(vec![due_message("1", &shop()), wrong]).await;
        assert!(matches!(sent, Err(PortError::Damaged(_))), "{sent:?}");
    }
    assert!(subject.receive().await.is_empty());
    subject.queue.send(vec![delayed("1", SignedDuration::from_secs(900))]).await.unwrap();
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
    subject.depth_is(Depth { dead_letters: 3, ..Depth::default() }).await;
    subject.queue.exhume(&key("1").id()).await.unwrap();
    subject.depth_is(Depth { dead_letters: 1, ..Depth::default() }).await;
}

/// Waiting includes delayed; a receive that ran out is waiting again.
pub async fn depth_counts_what_waits_and_what_is_in_flight(subject: Subject) {
    let later = delayed("3", subject.span(60));
    let now = ["1", "2"].map(|id| delayed(id, SignedDuration::ZERO));
    subject.queue.send([now.to_vec(), vec![later]].concat()).await.unwrap();
    let depth = |visible, in_flight| Depth { visible, in_flight, dead_letters: 0 };
    let held = one(subject.queue.receive(1, VISIBILITY).await.unwrap());
    subject.depth_is(depth(2, 1)).await;
    subject.queue.give_back(&held.receipt, SignedDuration::ZERO).await.unwrap();
    subject.depth_is(depth(3, 0)).await;
    let visibility = subject.span(540);
    let mut received = subject.queue.receive(1, visibility).await.unwrap();
    subject.depth_after(visibility, depth(3, 0)).await;
    subject.queue.delete(&[one(std::mem::take(&mut received)).receipt]).await.unwrap();
    subject.depth_is(depth(2, 0)).await;
}

/// Where the queue can tell it: neither of what is delayed nor of what is in flight.
pub async fn the_age_is_that_of_the_message_due_for_longest(subject: Subject) {
    let Time::Clock(clock) = &subject.time else { return };
    let age = async || subject.queue.age().await.unwrap();
    assert_eq!(age().await, None);
    subject.queue.send(vec![delayed("1", SignedDuration::from_secs(60))]).await.unwrap();
    assert_eq!(age().await, None);
    clock.advance(SignedDuration::from_secs(90));
    subject.queue.send(vec![due_message("2", &shop())]).await.unwrap();
    assert_eq!(age().await, Some(SignedDuration::from_secs(30)));
    while !subject.queue.receive(10, VISIBILITY).await.unwrap().is_empty() {}
    assert_eq!(age().await, None);
    clock.advance(VISIBILITY + SignedDuration::from_secs(7));
    assert_eq!(age().await, Some(SignedDuration::from_secs(7)));
}
