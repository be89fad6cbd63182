//! A batch: each message answered by itself, within the time a function has.

use crate::seats::Seats;
use crate::worker::{Worker, must_be_alone};
use export_flow::Verdict;
use export_flow::ports::Incoming;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;
use tokio::task::{Id, JoinSet};
use tracing::Instrument as _;

/// An export is started only with this much of the worker's own time left.
const TIME_LEFT_MIN: SignedDuration = SignedDuration::from_secs(75);
/// A message whose work was cut off comes again when its claim has run out.
const AFTER_A_CUT: SignedDuration = SignedDuration::from_secs(95);

/// What became of one message of a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The receive it answers.
    pub receipt: String,
    /// To be deleted, or to be given back.
    pub verdict: Verdict,
}

impl Worker {
    /// Runs a batch and answers every message of it, in any order. What is not started with 75 s left goes back at once;
    /// what is still running at `deadline` is stopped and goes back.
    pub async fn run_batch(&self, batch: Vec<Incoming>, deadline: Timestamp) -> Vec<Answer> {
        let mut seats = Seats::new(self.limits);
        self.expect(&batch);
        let mut waiting: VecDeque<Incoming> = batch.into();
        let mut running: JoinSet<Verdict> = JoinSet::new();
        let mut tasks: BTreeMap<Id, Incoming> = BTreeMap::new();
        let mut answers = vec![];
        let end = tokio::time::sleep(until(self.flow.now(), deadline));
        tokio::pin!(end);
        loop {
            if deadline.duration_since(self.flow.now()) < TIME_LEFT_MIN {
                answers.extend(waiting.drain(..).map(|incoming| back(incoming, SignedDuration::ZERO)));
            }
            while let Some(incoming) = next(&seats, &mut waiting) {
                seats.take(&incoming.group, must_be_alone(&incoming));
                let (worker, copy) = (self.clone(), incoming.clone());
                // What is said of the whole batch, such as the invocation it came with, holds for each message of it.
                let task = running.spawn(async move { worker.run(&copy).await }.in_current_span());
                tasks.insert(task.id(), incoming);
            }
            tokio::select! {
                ended = running.join_next_with_id() => {
                    let Some(ended) = ended else { break };
                    let (id, verdict) = match ended {
                        Ok((id, verdict)) => (id, verdict),
                        Err(error) => (error.id(), Verdict::GiveBack(AFTER_A_CUT)),
                    };
                    if let Some(incoming) = tasks.remove(&id) {
                        seats.leave(&incoming.group);
                        answers.push(Answer { receipt: incoming.receipt, verdict });
                    }
                }
                () = &mut end => break,
            }
        }
        running.shutdown().await;
        answers.extend(tasks.into_values().map(|incoming| back(incoming, AFTER_A_CUT)));
        answers.extend(waiting.into_iter().map(|incoming| back(incoming, SignedDuration::ZERO)));
        answers
    }
}

fn until(now: Timestamp, deadline: Timestamp) -> Duration {
    deadline.duration_since(now).try_into().unwrap_or(Duration::ZERO)
}

fn back(incoming: Incoming, delay: SignedDuration) -> Answer {
    Answer { receipt: incoming.receipt, verdict: Verdict::GiveBack(delay) }
}

fn next(seats: &Seats, waiting: &mut VecDeque<Incoming>) -> Option<Incoming> {
    let index = seats.next(waiting.iter().map(|incoming| (&incoming.group, must_be_alone(incoming))))?;
    waiting.remove(index)
}
