//! The queue in memory.

use crate::trouble::Trouble;
use async_trait::async_trait;
use connectors::Clock;
use domain::{ConnectionId, ExportId};
use export_flow::message::{MESSAGE_BYTES_MAX, Message};
use export_flow::ports::{DeadCopy, Depth, Incoming, Outbox, Outgoing, PortError, Queue};
use export_flow::times::QUEUE_DELAY_MAX;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Debug)]
struct Waiting {
    body: Vec<u8>,
    group: ConnectionId,
    /// When it can be received: after its delay, or when the receive that holds it ends.
    visible_at: Timestamp,
    receives: u32,
    /// Of the last receive; none once it was given back.
    receipt: Option<String>,
}

#[derive(Debug, Default)]
struct Messages {
    waiting: BTreeMap<u64, Waiting>,
    /// The numbers of each group, by when they can be received.
    lines: BTreeMap<ConnectionId, BTreeSet<(Timestamp, u64)>>,
    last: u64,
    /// The group served last; the next turn begins behind it.
    served: Option<ConnectionId>,
    buried: BTreeMap<(ExportId, u64), DeadCopy>,
}

impl Messages {
    fn add(&mut self, body: Vec<u8>, group: ConnectionId, visible_at: Timestamp) {
        self.last += 1;
        self.lines.entry(group.clone()).or_default().insert((visible_at, self.last));
        let waiting = Waiting { body, group, visible_at, receives: 0, receipt: None };
        self.waiting.insert(self.last, waiting);
    }

    /// The oldest due message of the group whose turn it is.
    fn next_due(&mut self, now: Timestamp) -> Option<u64> {
        let first = |(group, line): (&ConnectionId, &BTreeSet<(Timestamp, u64)>)| {
            let (_, number) = line.first().filter(|(visible_at, _)| *visible_at <= now)?;
            Some((group.clone(), *number))
        };
        let after = |group: &ConnectionId| self.served.as_ref().is_none_or(|served| group > served);
        let turn = self.lines.iter().filter(|(group, _)| after(group)).find_map(first);
        let (group, number) = turn.or_else(|| self.lines.iter().find_map(first))?;
        self.served = Some(group);
        Some(number)
    }

    fn show_at(&mut self, number: u64, at: Timestamp) -> Option<&mut Waiting> {
        let message = self.waiting.get_mut(&number)?;
        let line = self.lines.entry(message.group.clone()).or_default();
        line.remove(&(message.visible_at, number));
        line.insert((at, number));
        message.visible_at = at;
        Some(message)
    }

    fn remove(&mut self, number: u64) {
        if let Some(message) = self.waiting.remove(&number)
            && let Some(line) = self.lines.get_mut(&message.group)
        {
            line.remove(&(message.visible_at, number));
        }
    }

    /// The message that this receipt names, unless it has been received again or given back since.
    fn by_receipt(&self, receipt: &str) -> Option<u64> {
        let number = receipt.split_once('-')?.0.parse().ok()?;
        self.waiting.get(&number).filter(|message| message.receipt.as_deref() == Some(receipt)).map(|_| number)
    }
}

/// A queue that keeps everything in memory and takes the time from a clock that a test can move.
pub struct MemoryQueue {
    clock: Arc<dyn Clock>,
    messages: Mutex<Messages>,
    trouble: Trouble,
}

impl MemoryQueue {
    /// Empty.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { clock, messages: Mutex::default(), trouble: Trouble::default() })
    }

    /// Faults to come and calls made; calls are named as the port names them.
    #[must_use]
    pub const fn trouble(&self) -> &Trouble {
        &self.trouble
    }

    /// Every message there is, received or not, with its group and when it can be received, in the order of sending.
    #[must_use]
    pub fn all(&self) -> Vec<(Message, ConnectionId, Timestamp)> {
        let messages = self.lock();
        let readable = |m: &Waiting| Some((serde_json::from_slice(&m.body).ok()?, m.group.clone(), m.visible_at));
        messages.waiting.values().filter_map(readable).collect()
    }

    /// When the next message can be received; `None` if there is none.
    #[must_use]
    pub fn next_at(&self) -> Option<Timestamp> {
        self.lock().lines.values().filter_map(|line| Some(line.first()?.0)).min()
    }

    /// The copies in the dead-letter queue.
    #[must_use]
    pub fn buried(&self) -> Vec<DeadCopy> {
        self.lock().buried.values().cloned().collect()
    }

    /// Puts in a message that no program can read.
    pub fn add_unreadable(&self, group: &ConnectionId) {
        let now = self.clock.now();
        self.lock().add(b"{".to_vec(), group.clone(), now);
    }

    /// Makes every message receivable now, as if each had been delivered a second time or its receive had run out.
    pub fn redeliver_all(&self) {
        let now = self.clock.now();
        let mut messages = self.lock();
        let later: Vec<u64> = messages.waiting.iter().filter(|(_, m)| m.visible_at > now).map(|(n, _)| *n).collect();
        for number in later {
            messages.show_at(number, now);
        }
    }

    /// Delivers a message twice, the second time after a while. `which` counts the messages there are, round and round.
    pub fn double(&self, which: usize, after: SignedDuration) {
        let now = self.clock.now();
        let mut messages = self.lock();
        let count = messages.waiting.len().max(1);
        let copy = messages.waiting.values().nth(which % count).map(|m| (m.body.clone(), m.group.clone()));
        if let Some((body, group)) = copy {
            messages.add(body, group, now + after);
        }
    }

    /// Lets others overtake a message that nobody has received.
    pub fn hold_up(&self, which: usize, by: SignedDuration) {
        let mut messages = self.lock();
        let count = messages.waiting.len().max(1);
        let held = messages.waiting.iter().nth(which % count).filter(|(_, m)| m.receipt.is_none());
        if let Some((number, at)) = held.map(|(number, message)| (*number, message.visible_at + by)) {
            messages.show_at(number, at);
        }
    }

    /// Loses every message, the copies in the dead-letter queue apart.
    pub fn lose_all(&self) {
        let mut messages = self.lock();
        messages.waiting.clear();
        messages.lines.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Messages> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run<T>(
        &self,
        call: &'static str,
        work: impl FnOnce(&mut Messages, Timestamp) -> Result<T, PortError>,
    ) -> Result<T, PortError> {
        let now = self.clock.now();
        self.trouble.around(call, || work(&mut self.lock(), now))
    }
}

#[async_trait]
impl Outbox for MemoryQueue {
    async fn send(&self, outgoing: Vec<Outgoing>) -> Result<(), PortError> {
        self.run("send", |messages, now| {
            let mut bodies = vec![];
            for message in &outgoing {
                let body = serde_json::to_vec(&message.message).map_err(|e| PortError::Damaged(e.to_string()))?;
                if body.len() > MESSAGE_BYTES_MAX {
                    return Err(PortError::Damaged(format!("a message of {} bytes is too large", body.len())));
                }
                if message.delay > QUEUE_DELAY_MAX {
                    return Err(PortError::Damaged(format!("a message cannot be delayed by {}", message.delay)));
                }
                bodies.push(body);
            }
            for (message, body) in outgoing.into_iter().zip(bodies) {
                messages.add(body, message.group, now + message.delay.max(SignedDuration::ZERO));
            }
            Ok(())
        })
    }
}

#[async_trait]
impl Queue for MemoryQueue {
    async fn receive(&self, max: usize, visibility: SignedDuration) -> Result<Vec<Incoming>, PortError> {
        self.run("receive", |messages, now| {
            let mut received = vec![];
            while received.len() < max {
                let Some(number) = messages.next_due(now) else { break };
                let Some(message) = messages.show_at(number, now + visibility) else { break };
                message.receives += 1;
                let receipt = format!("{number}-{}", message.receives);
                message.receipt = Some(receipt.clone());
                received.push(Incoming {
                    message: serde_json::from_slice(&message.body).ok(),
                    receipt,
                    receives: message.receives,
                    group: message.group.clone(),
                });
            }
            Ok(received)
        })
    }

    async fn delete(&self, receipts: &[String]) -> Result<(), PortError> {
        self.run("delete", |messages, _| {
            for receipt in receipts {
                if let Some(number) = messages.by_receipt(receipt) {
                    messages.remove(number);
                }
            }
            Ok(())
        })
    }

    async fn give_back(&self, receipt: &str, delay: SignedDuration) -> Result<(), PortError> {
        self.run("give_back", |messages, now| {
            let shown = now + delay.max(SignedDuration::ZERO);
            if let Some(message) = messages.by_receipt(receipt).and_then(|number| messages.show_at(number, shown)) {
                message.receipt = None;
            }
            Ok(())
        })
    }

    async fn bury(&self, copy: &DeadCopy) -> Result<(), PortError> {
        self.run("bury", |messages, _| {
            let place = (copy.export.id.clone(), copy.export.claim);
            messages.buried.entry(place).or_insert_with(|| copy.clone());
            Ok(())
        })
    }

    async fn exhume(&self, id: &ExportId) -> Result<(), PortError> {
        self.run("exhume", |messages, _| {
            messages.buried.retain(|(buried, _), _| buried != id);
            Ok(())
        })
    }

    async fn depth(&self) -> Result<Depth, PortError> {
        self.run("depth", |messages, now| {
            let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
            let in_flight = |m: &&Waiting| m.receipt.is_some() && m.visible_at > now;
            let flying = messages.waiting.values().filter(in_flight).count();
            Ok(Depth {
                visible: count(messages.waiting.len() - flying),
                in_flight: count(flying),
                dead_letters: count(messages.buried.len()),
            })
        })
    }

    async fn age(&self) -> Result<Option<SignedDuration>, PortError> {
        self.run("age", |messages, now| {
            let due = messages.waiting.values().map(|message| message.visible_at).min();
            Ok(due.filter(|due| *due <= now).map(|due| now.duration_since(due)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::queue::Subject;
    use crate::{ManualClock, samples};

    async fn subject() -> (Subject, ()) {
        let clock = ManualClock::at_noon();
        (Subject::on_clock(MemoryQueue::new(clock.clone()), clock), ())
    }

    crate::queue_tests!(subject);

    #[tokio::test]
    async fn an_unreadable_message_is_received_without_a_body() {
        let queue = MemoryQueue::new(ManualClock::at_noon());
        queue.add_unreadable(&samples::shop());
        let received = queue.receive(1, SignedDuration::from_secs(1)).await.unwrap();
        assert_eq!(received[0].message, None);
    }
}
