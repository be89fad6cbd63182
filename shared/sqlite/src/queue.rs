//! The queue: messages in the order in which they fall due, turn by turn between groups.

use crate::fault::{Fault, count, limit, nanos, number, time, time_or_none};
use crate::open::SqliteStore;
use crate::writer::Tx;
use async_trait::async_trait;
use domain::{ConnectionId, ExportId};
use export_flow::message::MESSAGE_BYTES_MAX;
use export_flow::ports::{DeadCopy, Depth, Incoming, Outbox, Outgoing, PortError, Queue};
use export_flow::times::QUEUE_DELAY_MAX;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};
use std::collections::VecDeque;

/// A message ready to be written.
struct Flat {
    group: ConnectionId,
    visible_at: i64,
    body: String,
}

/// Names one receive of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Receipt {
    seq: i64,
    receives: i64,
}

impl Receipt {
    fn text(self) -> String {
        format!("{}-{}", self.seq, self.receives)
    }

    /// `None`: not a receipt of ours, so there is no such receive.
    fn parse(text: &str) -> Option<Self> {
        let (seq, receives) = text.split_once('-')?;
        Some(Self { seq: seq.parse().ok()?, receives: receives.parse().ok()? })
    }
}

impl SqliteStore {
    /// Ends once a message has been sent, given back or freed since the last call ended. For one waiter at a time.
    pub async fn message_came(&self) {
        self.bell.notified().await;
    }

    /// When the next message beside these groups can be received: a time that has passed if one can be received now,
    /// `None` if there is no message. A message in flight counts with the end of its receive.
    ///
    /// # Errors
    /// [`PortError`] if the file cannot be read.
    pub async fn next_message_at(&self, beside: &[ConnectionId]) -> Result<Option<Timestamp>, PortError> {
        let beside = beside.to_vec();
        self.read(move |file| {
            let mut next = None;
            for group in groups(file, i64::MAX, &beside)? {
                let mut first = file.prepare_cached(
                    "SELECT min(visible_at) FROM message INDEXED BY message_due WHERE queue_group = ?1",
                )?;
                let first: Option<i64> = first.query_row([group], |row| row.get(0))?;
                next = [next, first].into_iter().flatten().min();
            }
            time_or_none(next)
        })
        .await
    }
}

fn flat(outgoing: Outgoing, now: Timestamp) -> Result<Flat, PortError> {
    let body = serde_json::to_string(&outgoing.message).map_err(Fault::from)?;
    if body.len() > MESSAGE_BYTES_MAX {
        return Err(PortError::Damaged(format!("a message of {} bytes is too large", body.len())));
    }
    if outgoing.delay > QUEUE_DELAY_MAX {
        return Err(PortError::Damaged(format!("a message cannot be delayed by {}", outgoing.delay)));
    }
    Ok(Flat { group: outgoing.group, visible_at: after(now, outgoing.delay), body })
}

fn after(now: Timestamp, delay: SignedDuration) -> i64 {
    nanos(now.checked_add(delay.max(SignedDuration::ZERO)).unwrap_or(Timestamp::MAX))
}

/// Groups beside these whose first message is visible by then, in their order, each found with one step through the index.
fn groups(connection: &Connection, by: i64, beside: &[ConnectionId]) -> Result<Vec<String>, Fault> {
    let mut groups = connection.prepare_cached(
        "WITH RECURSIVE g (name) AS (
           SELECT min(queue_group) FROM message
           UNION ALL SELECT (SELECT min(queue_group) FROM message WHERE queue_group > name) FROM g WHERE name IS NOT NULL)
         SELECT name, (SELECT min(visible_at) FROM message WHERE queue_group = name) AS first FROM g
         WHERE name IS NOT NULL AND first <= ?1",
    )?;
    let mut groups: Vec<String> = groups.query_map([by], |row| row.get(0))?.collect::<Result<_, _>>()?;
    groups.retain(|group| !beside.iter().any(|other| other.as_str() == group));
    Ok(groups)
}

/// Due messages, one of each group in turn, beginning behind the group that was served last.
fn due(tx: &Tx<'_>, now: i64, beside: &[ConnectionId], max: usize) -> Result<Vec<i64>, Fault> {
    let mut groups = groups(tx.connection(), now, beside)?;
    let mut served = tx.sql("SELECT queue_group FROM served")?;
    let served: String = served.query_row([], |row| row.get(0))?;
    let turn = groups.iter().position(|group| *group > served).unwrap_or(0);
    groups.rotate_left(turn);
    let mut lines = VecDeque::new();
    for group in groups {
        let mut first = tx.sql(
            "SELECT seq FROM message INDEXED BY message_due WHERE queue_group = ?1 AND visible_at <= ?2
             ORDER BY visible_at, in_flight, seq LIMIT ?3",
        )?;
        let line: VecDeque<i64> =
            first.query_map(params![group, now, limit(max)], |row| row.get(0))?.collect::<Result<_, _>>()?;
        lines.push_back((group, line));
    }
    let (mut taken, mut last) = (vec![], None);
    while taken.len() < max {
        let Some((group, mut line)) = lines.pop_front() else { break };
        if let Some(seq) = line.pop_front() {
            taken.push(seq);
            last = Some(group.clone());
            lines.push_back((group, line));
        }
    }
    if let Some(group) = last {
        tx.sql("UPDATE served SET queue_group = ?1")?.execute([group])?;
    }
    Ok(taken)
}

fn receive(
    tx: &Tx<'_>,
    now: Timestamp,
    beside: &[ConnectionId],
    max: usize,
    visibility: SignedDuration,
) -> Result<Vec<(Receipt, String, String)>, Fault> {
    let mut lease = tx.sql(
        "UPDATE message SET visible_at = ?2, in_flight = 1, receives = receives + 1 WHERE seq = ?1
         RETURNING receives, queue_group, body",
    )?;
    let until = after(now, visibility);
    let leased = due(tx, nanos(now), beside, max)?.into_iter().map(|seq| {
        let leased = lease.query_row([seq, until], |row| {
            let receipt = Receipt { seq, receives: row.get(0)? };
            Ok((receipt, row.get(1)?, row.get(2)?))
        });
        Ok(leased?)
    });
    leased.collect()
}

#[async_trait]
impl Outbox for SqliteStore {
    async fn send(&self, messages: Vec<Outgoing>) -> Result<(), PortError> {
        let now = self.clock.now();
        let messages = messages.into_iter().map(|message| flat(message, now)).collect::<Result<Vec<_>, _>>()?;
        if messages.is_empty() {
            return Ok(());
        }
        self.write(move |tx| {
            let mut add = tx.sql(
                "INSERT INTO message (queue_group, visible_at, in_flight, receives, body) VALUES (?1, ?2, 0, 0, ?3)",
            )?;
            for message in &messages {
                add.execute(params![message.group.as_str(), message.visible_at, message.body])?;
            }
            tx.ring();
            Ok(())
        })
        .await
    }
}

#[async_trait]
impl Queue for SqliteStore {
    async fn receive(&self, max: usize, visibility: SignedDuration) -> Result<Vec<Incoming>, PortError> {
        self.receive_beside(&[], max, visibility).await
    }

    async fn receive_beside(
        &self,
        groups: &[ConnectionId],
        max: usize,
        visibility: SignedDuration,
    ) -> Result<Vec<Incoming>, PortError> {
        let (now, groups) = (self.clock.now(), groups.to_vec());
        let received = self.write(move |tx| receive(tx, now, &groups, max, visibility)).await?;
        let incoming = received.into_iter().map(|(receipt, group, body)| Incoming {
            message: serde_json::from_str(&body).ok(),
            receipt: receipt.text(),
            receives: u32::try_from(receipt.receives).unwrap_or(u32::MAX),
            group: ConnectionId::new(group),
        });
        Ok(incoming.collect())
    }

    async fn delete(&self, receipts: &[String]) -> Result<(), PortError> {
        let receipts: Vec<_> = receipts.iter().filter_map(|text| Receipt::parse(text)).collect();
        self.write(move |tx| {
            // A message received again since has another count: an old receipt removes nothing.
            let mut gone = tx.sql("DELETE FROM message WHERE seq = ?1 AND receives = ?2 AND in_flight = 1")?;
            for receipt in &receipts {
                gone.execute([receipt.seq, receipt.receives])?;
            }
            Ok(())
        })
        .await
    }

    async fn give_back(&self, receipt: &str, delay: SignedDuration) -> Result<(), PortError> {
        let Some(receipt) = Receipt::parse(receipt) else { return Ok(()) };
        let visible_at = after(self.clock.now(), delay);
        self.write(move |tx| {
            let mut back = tx.sql(
                "UPDATE message SET visible_at = ?3, in_flight = 0 WHERE seq = ?1 AND receives = ?2 AND in_flight = 1",
            )?;
            back.execute([receipt.seq, receipt.receives, visible_at])?;
            tx.ring();
            Ok(())
        })
        .await
    }

    async fn bury(&self, copy: &DeadCopy) -> Result<(), PortError> {
        let (id, claim, at) = (copy.export.id.clone(), number(copy.export.claim), nanos(copy.at));
        let body = serde_json::to_string(copy).map_err(Fault::from)?;
        self.write(move |tx| {
            tx.sql("INSERT INTO dead_letter VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING")?.execute(params![
                id.as_str(),
                claim,
                at,
                body
            ])?;
            Ok(())
        })
        .await
    }

    async fn exhume(&self, id: &ExportId) -> Result<(), PortError> {
        let id = id.clone();
        self.write(move |tx| {
            tx.sql("DELETE FROM dead_letter WHERE export = ?1")?.execute([id.as_str()])?;
            Ok(())
        })
        .await
    }

    async fn depth(&self) -> Result<Depth, PortError> {
        let now = nanos(self.clock.now());
        self.read(move |file| {
            let mut messages = file.prepare_cached(
                "SELECT count(*), coalesce(sum(in_flight AND visible_at > ?1), 0) FROM message INDEXED BY message_due",
            )?;
            let (all, in_flight) =
                messages.query_row([now], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
            let mut dead = file.prepare_cached("SELECT count(*) FROM dead_letter")?;
            let dead = dead.query_row([], |row| row.get(0))?;
            Ok(Depth { visible: count(all - in_flight), in_flight: count(in_flight), dead_letters: count(dead) })
        })
        .await
    }

    async fn age(&self) -> Result<Option<SignedDuration>, PortError> {
        // The first of each group, from group to group along the index: the rest is not read.
        const OLDEST: &str = "WITH RECURSIVE line(g) AS (SELECT min(queue_group) FROM message
            UNION ALL SELECT (SELECT min(queue_group) FROM message WHERE queue_group > line.g) FROM line WHERE g IS NOT NULL)
          SELECT min((SELECT min(visible_at) FROM message INDEXED BY message_due WHERE queue_group = line.g)) FROM line";
        let now = self.clock.now();
        self.read(move |file| {
            let oldest: Option<i64> = file.prepare_cached(OLDEST)?.query_row([], |row| row.get(0))?;
            let due = oldest.filter(|oldest| *oldest <= nanos(now)).map(time).transpose()?;
            Ok(due.map(|due| now.duration_since(due)))
        })
        .await
    }
}
