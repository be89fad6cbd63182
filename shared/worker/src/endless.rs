//! Without end: as many in flight as the limits allow, never waiting for a batch to end, never asking an empty queue
//! again and again.

use crate::seats::Seats;
use crate::worker::{Worker, must_be_alone};
use async_trait::async_trait;
use domain::ConnectionId;
use export_flow::Verdict;
use export_flow::ports::Incoming;
use export_flow::times::{LEASE, VISIBILITY};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::time::Duration;
use tokio::task::{Id, JoinError, JoinSet};

/// Messages taken from the queue that wait for a seat, at most. They are few hundred bytes each.
const WAITING_MAX: usize = 512;
/// Of a group with so many waiting no more are taken, so that a slow target's messages do not keep others out.
const WAITING_OF_GROUP_MAX: usize = 32;
/// Messages received at once.
const RECEIVE_MAX: usize = 64;
/// A queue that failed is asked again after this.
const AFTER_A_FAILURE: Duration = Duration::from_secs(1);
/// At the end, work in flight gets this long to come to its own end.
const GRACE: Duration = Duration::from_secs(10);

/// Says when the queue may have something.
#[async_trait]
pub trait Bell: Send + Sync {
    /// Ends once a message may be due that is of none of these groups and that no receive since the last call has seen.
    /// May end early; must not end late.
    async fn wait(&self, beside: &[ConnectionId]);
}

struct Waiting {
    incoming: Incoming,
    /// After this the queue gives the message to another receive.
    good_until: Timestamp,
}

/// What one endless run has in hand.
struct Hands {
    seats: Seats,
    waiting: VecDeque<Waiting>,
    running: JoinSet<()>,
    groups: HashMap<Id, ConnectionId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Received {
    Some,
    Nothing,
    /// Not asked: there is enough in hand.
    Enough,
    Failed,
}

impl Worker {
    /// Runs until `shutdown` ends; then what is in flight gets ten seconds and the rest goes back to the queue.
    pub async fn run_forever(&self, bell: &dyn Bell, shutdown: impl Future<Output = ()> + Send) {
        let mut hands = Hands {
            seats: Seats::new(self.limits),
            waiting: VecDeque::new(),
            running: JoinSet::new(),
            groups: HashMap::new(),
        };
        tokio::pin!(shutdown);
        loop {
            self.start(&mut hands);
            let full = hands.full();
            let received = self.receive(&mut hands, &full).await;
            if received == Received::Some {
                continue;
            }
            tokio::select! {
                () = &mut shutdown => break,
                Some(ended) = hands.running.join_next_with_id() => hands.ended(ended),
                () = bell.wait(&full), if received == Received::Nothing => {}
                () = tokio::time::sleep(AFTER_A_FAILURE), if received == Received::Failed => {}
            }
            while let Some(ended) = hands.running.try_join_next_with_id() {
                hands.ended(ended);
            }
        }
        self.end(hands).await;
    }

    /// Takes from the queue what could start, and looks past what waits for its group.
    async fn receive(&self, hands: &mut Hands, full: &[ConnectionId]) -> Received {
        let free = self.limits.in_flight.saturating_sub(hands.seats.taken());
        let lonely = hands.waiting.iter().any(|one| must_be_alone(&one.incoming));
        if free == 0 || lonely || hands.waiting.len() >= WAITING_MAX {
            return Received::Enough;
        }
        let now = self.flow.now();
        let max = RECEIVE_MAX.min(WAITING_MAX - hands.waiting.len());
        match self.flow.parts().queue.receive_beside(full, max, VISIBILITY).await {
            Ok(received) if received.is_empty() => Received::Nothing,
            Ok(received) => {
                self.expect(&received);
                let good_until = now.checked_add(VISIBILITY - LEASE).unwrap_or(Timestamp::MAX);
                hands.waiting.extend(received.into_iter().map(|incoming| Waiting { incoming, good_until }));
                Received::Some
            }
            Err(error) => {
                tracing::error!(event = "worker.queue_failed", %error);
                Received::Failed
            }
        }
    }

    fn start(&self, hands: &mut Hands) {
        let now = self.flow.now();
        hands.waiting.retain(|one| one.good_until > now);
        while let Some(incoming) = hands.next() {
            hands.seats.take(&incoming.group, must_be_alone(&incoming));
            let (worker, group) = (self.clone(), incoming.group.clone());
            let task = hands.running.spawn(async move {
                let verdict = worker.run(&incoming).await;
                worker.answer(&incoming, verdict).await;
            });
            hands.groups.insert(task.id(), group);
        }
    }

    async fn end(&self, mut hands: Hands) {
        let grace = async { while hands.running.join_next().await.is_some() {} };
        if tokio::time::timeout(GRACE, grace).await.is_err() {
            tracing::warn!(event = "worker.cut", in_flight = hands.running.len());
        }
        hands.running.shutdown().await;
        let back = Verdict::GiveBack(SignedDuration::ZERO);
        join_all(hands.waiting.iter().map(|one| self.answer(&one.incoming, back))).await;
    }

    /// Tells the queue. If that fails the message comes again by itself, and meets a record that is done.
    async fn answer(&self, incoming: &Incoming, verdict: Verdict) {
        let queue = &self.flow.parts().queue;
        let told = match verdict {
            Verdict::Done => queue.delete(std::slice::from_ref(&incoming.receipt)).await,
            Verdict::GiveBack(delay) => queue.give_back(&incoming.receipt, delay).await,
        };
        if let Err(error) = told {
            tracing::warn!(event = "worker.answer_failed", %error);
        }
    }
}

impl Hands {
    fn next(&mut self) -> Option<Incoming> {
        let waiting = self.waiting.iter().map(|one| (&one.incoming.group, must_be_alone(&one.incoming)));
        let index = self.seats.next(waiting)?;
        self.waiting.remove(index).map(|one| one.incoming)
    }

    /// Groups of which enough is waiting.
    fn full(&self) -> Vec<ConnectionId> {
        let mut waiting: HashMap<&ConnectionId, usize> = HashMap::new();
        for one in &self.waiting {
            *waiting.entry(&one.incoming.group).or_default() += 1;
        }
        let full = waiting.into_iter().filter(|(_, count)| *count >= WAITING_OF_GROUP_MAX);
        full.map(|(group, _)| group.clone()).collect()
    }

    fn ended(&mut self, ended: Result<(Id, ()), JoinError>) {
        let id = match ended {
            Ok((id, ())) => id,
            Err(error) => {
                // The handler's panics are caught inside; this one is ours.
                tracing::error!(event = "worker.task_failed", %error);
                error.id()
            }
        };
        if let Some(group) = self.groups.remove(&id) {
            self.seats.leave(&group);
        }
    }
}
