//! Paces that several processes share: one item per connection, one conditional write per slice.
//!
//! [`Cell::take`] in the table's words. A cell that stands still is set to the end of the slice, one that others move is
//! added to, so that whoever is late by a moment still gets what is free and nobody has to ask twice because somebody
//! else was quicker. Which of the two it is, is guessed from what was seen last; a refusal brings the item back.

use super::item::{Item, TTL, get_time, nanos, number};
use super::names::{self, Place};
use super::table::{Condition, Table, Written};
use super::{DynamoLedger, TRIES_MAX, too_many};
use async_trait::async_trait;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use domain::{ConnectionId, TenantId};
use export_flow::pace::{Ask, Cell, Leased};
use export_flow::ports::{PortError, Slices};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

const DUE: &str = "du";
const CLOSED: &str = "cu";
/// An item nobody has written for so long says nothing any more: the vendor's word is a day at most, and what a slow
/// pace still holds back is added to it.
const KEPT: SignedDuration = SignedDuration::from_hours(48);
/// Beyond this many cells those that stand still are forgotten.
const SEEN_MAX: usize = 4096;
const OPEN: &str = "(attribute_not_exists(#cu) OR #cu <= :if_now)";

/// Cells as they were last seen by this process.
#[derive(Debug, Default)]
pub(crate) struct Seen(Mutex<HashMap<Place, Timestamp>>);

impl Seen {
    fn moves(&self, place: &Place, ask: &Ask) -> bool {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(place).is_some_and(|due| *due >= ask.now && *due <= ask.furthest())
    }

    fn note(&self, place: &Place, due: Timestamp, now: Timestamp) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= SEEN_MAX {
            seen.retain(|_, due| *due > now);
        }
        seen.insert(place.clone(), due);
    }
}

fn forgotten(at: Timestamp) -> AttributeValue {
    number(at.as_second().saturating_add(KEPT.as_secs()))
}

fn cell(item: &Item) -> Result<Cell, PortError> {
    Ok(Cell { due: get_time(item, DUE)?, closed_until: get_time(item, CLOSED)? })
}

/// Moves the cell on, if it moves already.
async fn move_on(table: &Table, place: &Place, ask: &Ask) -> Result<Written, PortError> {
    let rhythm = ask.rhythm();
    let latest = ask.latest.checked_add(rhythm.head_start).unwrap_or(Timestamp::MAX);
    let condition = format!("#du >= :if_now AND #du <= :if_latest AND {OPEN}");
    let condition = Condition::written(&condition, vec![("now", nanos(ask.now)), ("latest", nanos(latest))]);
    let names = HashMap::from([("#ttl".to_owned(), TTL.to_owned())]);
    let values = HashMap::from([
        (":more".to_owned(), number(rhythm.span(ask.granted()).as_nanos())),
        (":ttl".to_owned(), forgotten(latest)),
    ]);
    let expression = "SET #du = #du + :more, #ttl = :ttl";
    table.send_update(place, expression, (names, values), condition, ReturnValue::AllOld).await
}

/// Sets it going, if it stands still.
async fn set_going(table: &Table, place: &Place, ask: &Ask) -> Result<Written, PortError> {
    let condition = format!("(attribute_not_exists(#du) OR #du < :if_now OR #du > :if_far) AND {OPEN}");
    let values = vec![("now", nanos(ask.now)), ("far", nanos(ask.furthest()))];
    let mut cell = Cell::default();
    cell.take(ask);
    let due = cell.due.unwrap_or(ask.now);
    let change = vec![(DUE, Some(nanos(due))), (TTL, Some(forgotten(due)))];
    table.update(place, change, Condition::written(&condition, values), ReturnValue::None).await
}

#[async_trait]
impl Slices for DynamoLedger {
    async fn lease(&self, ask: &Ask) -> Result<Leased, PortError> {
        let place = names::pace(&ask.tenant, &ask.connection)?;
        let mut moves = self.seen.moves(&place, ask);
        for _ in 0..TRIES_MAX {
            let written = if moves {
                move_on(&self.table, &place, ask).await?
            } else {
                set_going(&self.table, &place, ask).await?
            };
            match written {
                Written::Done(before) => {
                    let mut cell = if moves { cell(&before)? } else { Cell::default() };
                    let leased = cell.take(ask);
                    self.seen.note(&place, cell.due.unwrap_or(ask.now), ask.now);
                    return Ok(leased);
                }
                Written::Refused(item) => {
                    let cell = cell(&item.unwrap_or_default())?;
                    match cell.start(ask) {
                        Err(none) => return Ok(none),
                        Ok(due) => moves = cell.due == Some(due),
                    }
                }
            }
        }
        Err(too_many())
    }

    async fn close(&self, tenant: &TenantId, connection: &ConnectionId, until: Timestamp) -> Result<(), PortError> {
        let shorter = Condition::written("attribute_not_exists(#cu) OR #cu < :if_until", vec![("until", nanos(until))]);
        let change = vec![(CLOSED, Some(nanos(until))), (TTL, Some(forgotten(until)))];
        self.table.update(&names::pace(tenant, connection)?, change, shorter, ReturnValue::None).await.map(drop)
    }
}
