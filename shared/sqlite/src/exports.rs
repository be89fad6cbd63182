//! An export's row: taken apart into columns for the questions that are asked of it, and written under its conditions.

use crate::fault::{Fault, nanos, number, time_or_none};
use crate::writer::{Counter, Tx};
use domain::{Export, Shared, State};
use export_flow::claim::{Claim, Claimed, decide};
use export_flow::ports::{Arrival, Guard, Happening, PortError, group, hour_of, reason};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// The columns that make an export again; to be read by [`Stored::of`].
pub(crate) const COLUMNS: &str = "e.seq, e.body, e.shared, e.due_at, e.lease_until";

/// An export as it lies in the file.
pub(crate) struct Stored {
    pub(crate) seq: i64,
    body: String,
    shared: String,
    due_at: Option<i64>,
    lease_until: Option<i64>,
}

impl Stored {
    pub(crate) fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            body: row.get(1)?,
            shared: row.get(2)?,
            due_at: row.get(3)?,
            lease_until: row.get(4)?,
        })
    }

    pub(crate) fn by_id(connection: &Connection, id: &str) -> Result<Option<Self>, Fault> {
        let mut find = connection
            .prepare_cached("SELECT e.seq, e.body, e.shared, e.due_at, e.lease_until FROM export e WHERE e.id = ?1")?;
        Ok(find.query_row([id], Self::of).optional()?)
    }

    /// The export, columns before body.
    pub(crate) fn export(&self) -> Result<Export, Fault> {
        let mut export: Export = serde_json::from_str(&self.body)?;
        export.shared = serde_json::from_str(&self.shared)?;
        export.due_at = time_or_none(self.due_at)?;
        export.lease_until = time_or_none(self.lease_until)?;
        Ok(export)
    }
}

/// An export taken apart, ready to be written. Made by the caller, so that the writing thread has less to do.
pub(crate) struct Flat {
    id: String,
    tenant: String,
    source: String,
    target: Option<String>,
    operation: &'static str,
    group: String,
    created_at: i64,
    state: State,
    code: Option<&'static str>,
    reason: Option<&'static str>,
    waits_at: Option<String>,
    claim: i64,
    run: Option<String>,
    due_at: Option<i64>,
    lease_until: Option<i64>,
    order: Option<String>,
    subject: String,
    numbers: Vec<String>,
    numbers_json: String,
    body: String,
    created_hour: i64,
    happened: Option<(Happening, i64)>,
}

impl Flat {
    pub(crate) fn of(export: &Export) -> Result<Self, Fault> {
        let key = &export.key;
        // What has columns of its own is left out of the body, so that no stale copy misleads whoever reads the file.
        let body = Export { shared: Shared::default(), due_at: None, lease_until: None, ..export.clone() };
        Ok(Self {
            id: export.id.to_string(),
            tenant: key.tenant.to_string(),
            source: key.source.to_string(),
            target: key.target.as_ref().map(ToString::to_string),
            operation: key.operation.as_str(),
            group: group(key).to_string(),
            created_at: nanos(export.created_at),
            state: export.state,
            code: export.code.map(domain::Code::as_str),
            reason: reason(export),
            waits_at: (export.state == State::Held).then(|| export.waits_at().to_string()),
            claim: number(export.claim),
            run: export.run.as_ref().map(ToString::to_string),
            due_at: export.due_at.map(nanos),
            lease_until: export.lease_until.map(nanos),
            order: export.order.as_ref().map(ToString::to_string),
            subject: key.subject.id.clone(),
            numbers: export.numbers.clone(),
            numbers_json: serde_json::to_string(&export.numbers)?,
            body: serde_json::to_string(&body)?,
            created_hour: hour_of(export.created_at),
            happened: Happening::of(export).map(|(what, at)| (what, hour_of(at))),
        })
    }
}

/// What a condition asks of a row, and what a write needs of the row before.
struct Before {
    seq: i64,
    state: String,
    claim: i64,
    run: Option<String>,
    order: Option<String>,
    numbers: String,
}

impl Before {
    fn by_id(tx: &Tx<'_>, id: &str) -> Result<Option<Self>, Fault> {
        let mut find = tx.sql("SELECT seq, state, claim, run, order_ref, numbers FROM export WHERE id = ?1")?;
        let before = find.query_row([id], |row| {
            Ok(Self {
                seq: row.get(0)?,
                state: row.get(1)?,
                claim: row.get(2)?,
                run: row.get(3)?,
                order: row.get(4)?,
                numbers: row.get(5)?,
            })
        });
        Ok(before.optional()?)
    }

    fn held_by(&self, guard: &Guard) -> bool {
        self.claim == number(guard.claim) && self.run.as_deref() == Some(guard.run.as_str())
    }
}

/// Decides a claim and stores what it becomes.
pub(crate) fn claim(tx: &Tx<'_>, claim: &Claim) -> Result<Claimed, Fault> {
    let id = claim.key.id();
    let old = match Stored::by_id(tx.connection(), id.as_str())? {
        Some(stored) => Some(stored.export()?),
        None => None,
    };
    let export = match decide(old.as_ref(), claim) {
        Ok(export) => export,
        Err(refusal) => return Ok(Claimed::Refused { refusal, old: old.map(Box::new) }),
    };
    // The same claim number: the claim's own run, told of its success once more.
    if old.as_ref().is_none_or(|old| old.claim != export.claim) {
        let (flat, shared) = (Flat::of(&export)?, serde_json::to_string(&export.shared)?);
        match Before::by_id(tx, id.as_str())? {
            Some(before) => {
                replace(tx, &before, &flat)?;
                tx.sql("UPDATE export SET shared = ?2 WHERE seq = ?1")?.execute(params![before.seq, shared])?;
            }
            None => insert(tx, &flat, &shared)?,
        }
    }
    Ok(Claimed::Won { old: old.map(Box::new), export: Box::new(export) })
}

/// Stores what a run leaves, if it still holds its claim. The shared part as stored.
pub(crate) fn finish(tx: &Tx<'_>, guard: &Guard, flat: &Flat) -> Result<Option<String>, Fault> {
    match Before::by_id(tx, guard.id.as_str())? {
        Some(before) if before.held_by(guard) && flat.id == guard.id.as_str() => {
            replace(tx, &before, flat)?;
            let mut shared = tx.sql("SELECT shared FROM export WHERE seq = ?1")?;
            Ok(Some(shared.query_row([before.seq], |row| row.get(0))?))
        }
        _ => Ok(None),
    }
}

/// Stores a decision, if the record is still the one it was made on.
pub(crate) fn decision(tx: &Tx<'_>, claim: u64, state: State, flat: &Flat) -> Result<bool, Fault> {
    match Before::by_id(tx, &flat.id)? {
        Some(before) if before.claim == number(claim) && before.state == state.as_str() => {
            replace(tx, &before, flat)?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// Moves a lease and the due time with it, while the run holds its claim.
pub(crate) fn renew(tx: &Tx<'_>, guard: &Guard, lease_until: Timestamp) -> Result<bool, Fault> {
    let mut renew = tx.sql(
        "UPDATE export SET lease_until = ?4, due_at = ?4 WHERE id = ?1 AND claim = ?2 AND run = ?3 AND state = 'sending'",
    )?;
    let renewed =
        renew.execute(params![guard.id.as_str(), number(guard.claim), guard.run.as_str(), nanos(lease_until)])?;
    Ok(renewed > 0)
}

/// Adds an arrival to the shared part.
pub(crate) fn arrive(tx: &Tx<'_>, id: &str, arrival: &Arrival) -> Result<Option<Stored>, Fault> {
    let mut find = tx.sql("SELECT seq, shared, tenant, queue_group FROM export WHERE id = ?1")?;
    let found = find.query_row([id], |row| {
        let (seq, shared, tenant, group): (i64, String, String, String) =
            (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        Ok((seq, shared, tenant, group))
    });
    let Some((seq, shared, tenant, group)) = found.optional()? else { return Ok(None) };
    let mut shared: Shared = serde_json::from_str(&shared)?;
    if arrival.leave(&mut shared) {
        tx.add(Counter::Word { tenant, group, word: "duplicates" }, 1);
    }
    let shared = serde_json::to_string(&shared)?;
    tx.sql("UPDATE export SET shared = ?2 WHERE seq = ?1")?.execute(params![seq, shared])?;
    Stored::by_id(tx.connection(), id)
}

fn insert(tx: &Tx<'_>, flat: &Flat, shared: &str) -> Result<(), Fault> {
    let mut insert = tx.sql(
        "INSERT INTO export (id, tenant, source, target, operation, queue_group, created_at, state, code, reason,
           waits_at, claim, run, due_at, lease_until, order_ref, numbers, shared, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)",
    )?;
    let seq = insert.insert(params![
        flat.id,
        flat.tenant,
        flat.source,
        flat.target,
        flat.operation,
        flat.group,
        flat.created_at,
        flat.state.as_str(),
        flat.code,
        flat.reason,
        flat.waits_at,
        flat.claim,
        flat.run,
        flat.due_at,
        flat.lease_until,
        flat.order,
        flat.numbers_json,
        shared,
        flat.body,
    ])?;
    add_numbers(tx, seq, flat)?;
    count_state(tx, None, flat)
}

/// Writes all but the shared part. Columns that an index holds and that seldom change are named only when they do:
/// SQLite takes an entry out and puts it in again for every column that a statement names.
fn replace(tx: &Tx<'_>, before: &Before, flat: &Flat) -> Result<(), Fault> {
    let mut update = tx.sql(
        "UPDATE export SET state = ?2, code = ?3, reason = ?4, waits_at = ?5, claim = ?6, run = ?7, due_at = ?8,
           lease_until = ?9, body = ?10 WHERE seq = ?1",
    )?;
    update.execute(params![
        before.seq,
        flat.state.as_str(),
        flat.code,
        flat.reason,
        flat.waits_at,
        flat.claim,
        flat.run,
        flat.due_at,
        flat.lease_until,
        flat.body,
    ])?;
    if before.order != flat.order {
        tx.sql("UPDATE export SET order_ref = ?2 WHERE seq = ?1")?.execute(params![before.seq, flat.order])?;
    }
    if before.numbers != flat.numbers_json {
        tx.sql("UPDATE export SET numbers = ?2 WHERE seq = ?1")?.execute(params![before.seq, flat.numbers_json])?;
        let mut gone = tx.sql("DELETE FROM export_number WHERE number = ?1 AND seq = ?2")?;
        let numbers: Vec<String> = serde_json::from_str(&before.numbers)?;
        for number in numbers {
            gone.execute(params![number, before.seq])?;
        }
        add_numbers(tx, before.seq, flat)?;
    }
    count_state(tx, Some(&before.state), flat)
}

fn add_numbers(tx: &Tx<'_>, seq: i64, flat: &Flat) -> Result<(), Fault> {
    let mut add = tx.sql("INSERT INTO export_number VALUES (?1, ?2) ON CONFLICT DO NOTHING")?;
    for number in flat.numbers.iter().chain([&flat.subject]) {
        add.execute(params![number, seq])?;
    }
    Ok(())
}

fn count_state(tx: &Tx<'_>, before: Option<&str>, flat: &Flat) -> Result<(), Fault> {
    let state = flat.state.as_str();
    if before == Some(state) {
        return Ok(());
    }
    let word = |word| Counter::Word { tenant: flat.tenant.clone(), group: flat.group.clone(), word };
    tx.add(word(state), 1);
    if let Some(before) = before {
        let known = State::from_word(before)
            .ok_or_else(|| PortError::Damaged(format!("`{before}` is no state of this program")))?;
        tx.add(word(known.as_str()), -1);
    }
    let (tenant, group) = (flat.tenant.clone(), flat.group.clone());
    match flat.happened {
        Some((Happening::Delivered, hour)) => tx.add(Counter::Delivered { tenant, group, hour }, 1),
        Some((what, hour)) => tx.add(Counter::Happened { tenant, group, hour, word: what.as_str() }, 1),
        None => {}
    }
    if before.is_none() {
        let (tenant, group, hour) = (flat.tenant.clone(), flat.group.clone(), flat.created_hour);
        tx.add(Counter::Happened { tenant, group, hour, word: Happening::Arrived.as_str() }, 1);
    }
    Ok(())
}
