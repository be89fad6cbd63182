//! An export as an item: what conditions ask and indexes hold are attributes, the rest is a slim JSON body. A delivered
//! record stays within 1 KB, which is what one write unit pays for.

use super::item::{self, INDEX_PK, INDEX_SK, Item, TTL, damaged, get_number, get_text, get_time, nanos, number, text};
use super::names::{self, Place, joined, sortable};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Export, ExportKey, RunId, Shared, State, TenantId};
use export_flow::ports::{PortError, group, reason};
use jiff::Timestamp;
use serde_json::{Map, Value};

/// The form of records that this program writes. A record of a later form was written by a later version of this
/// program and is left to it: nothing of it is read, changed or thrown away.
pub(crate) const FORM: u32 = 1;

pub(crate) const VERSION: &str = "v";
/// Counts the writes of a record: a change adds to it.
pub(crate) const CHANGES: &str = "n";
pub(crate) const SHARED: &str = "s";
pub(crate) const STATE: &str = "st";
pub(crate) const CLAIM: &str = "cl";
pub(crate) const RUN: &str = "ru";
pub(crate) const DUE: &str = "du";
pub(crate) const LEASE: &str = "le";
/// In the index only: group, creation and change, reason.
pub(crate) const GROUP: &str = "gr";
pub(crate) const TIMES: &str = "ch";
pub(crate) const REASON: &str = "rs";

/// Every attribute of a record that a run may change; one that has no value is removed.
const OF_THE_RUN: [&str; 14] =
    [VERSION, CHANGES, item::BODY, STATE, CLAIM, RUN, DUE, LEASE, INDEX_PK, INDEX_SK, GROUP, TIMES, REASON, TTL];

/// Shards of the sparse index per tenant and connection.
pub(crate) const SHARDS: u32 = 16;
/// A record that has come to its end is kept so long.
const KEPT_SECONDS: i64 = 400 * 24 * 60 * 60;

/// Fields of an export that have attributes of their own, or that its place says.
const ELSEWHERE: [&str; 8] = ["id", "key", "shared", "state", "claim", "run", "due_at", "lease_until"];

/// Whether nothing more will happen to it by itself, so that it is in no index.
pub(crate) const fn at_rest(state: State) -> bool {
    matches!(state, State::Delivered | State::Skipped | State::Planned)
}

/// What a write changes: attributes to set, and to remove.
pub(crate) type Change = Vec<(&'static str, Option<AttributeValue>)>;

/// All of a record but its shared part. `indexed`: whether a claim keeps an entry in the index; the first claim of an
/// export makes none, since its message carries it until it is recorded.
pub(crate) fn change(export: &Export, indexed: bool) -> Result<Change, PortError> {
    let mut set = Item::new();
    let mut put = |name: &str, value| set.insert(name.to_owned(), value);
    put(VERSION, number(FORM));
    put(CHANGES, number(1));
    put(item::BODY, text(slim(export)?));
    put(STATE, text(export.state.as_str()));
    put(CLAIM, number(export.claim));
    if let Some(run) = &export.run {
        put(RUN, text(run.as_str()));
    }
    if let Some(due) = export.due_at {
        put(DUE, nanos(due));
    }
    if let Some(lease) = export.lease_until {
        put(LEASE, nanos(lease));
    }
    if at_rest(export.state) {
        put(TTL, number(export.changed_at.as_second().saturating_add(KEPT_SECONDS)));
    } else if indexed || export.state != State::Sending {
        put(INDEX_PK, text(index_partition(export)));
        put(INDEX_SK, text(index_sort(export)));
        put(GROUP, text(group(&export.key).as_str()));
        put(TIMES, text(format!("{}{}", sortable(export.created_at), sortable(export.changed_at))));
        if let Some(reason) = reason(export) {
            put(REASON, text(reason));
        }
    }
    Ok(OF_THE_RUN.into_iter().map(|name| (name, set.remove(name))).collect())
}

/// The connection it waits at, which of its shards by its id.
fn index_partition(export: &Export) -> String {
    let at = if export.state == State::Held { export.waits_at() } else { group(&export.key) };
    shard(&export.key.tenant, at.as_str(), shard_of(export.id.as_str()))
}

/// Which shard an id belongs to (FNV-1a).
pub(crate) fn shard_of(id: &str) -> u32 {
    id.bytes().fold(0x811c_9dc5_u32, |h, b| (h ^ u32::from(b)).wrapping_mul(0x0100_0193)) % SHARDS
}

/// One of the index's partitions.
pub(crate) fn shard(tenant: &TenantId, connection: &str, shard: u32) -> String {
    joined(&[tenant.as_str(), connection, &shard.to_string()])
}

fn index_sort(export: &Export) -> String {
    match export.due_at {
        Some(due) => due_sort(due),
        None => format!("z{}", export.state.as_str()),
    }
}

/// How an entry sorts that is due at a time.
pub(crate) fn due_sort(due: Timestamp) -> String {
    format!("d{}", sortable(due))
}

/// What is needed of the record, as JSON: a field that is as in a new record is left out.
fn slim(export: &Export) -> Result<String, PortError> {
    let fresh = fields(&Export::new(export.key.clone(), export.created_at))?;
    let mut slim = fields(export)?;
    slim.retain(|name, value| {
        let elsewhere = ELSEWHERE.contains(&name.as_str());
        !elsewhere && (name == "created_at" || fresh.get(name) != Some(value))
    });
    item::json(&slim)
}

fn fields(export: &Export) -> Result<Map<String, Value>, PortError> {
    match serde_json::to_value(export) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(PortError::Damaged("a record is no object".into())),
        Err(error) => Err(damaged("a record cannot be written", &error)),
    }
}

/// The shared part as an attribute; `None` where it says nothing.
pub(crate) fn shared_attribute(shared: &Shared) -> Result<Option<AttributeValue>, PortError> {
    Ok(if *shared == Shared::default() { None } else { Some(text(item::json(shared)?)) })
}

pub(crate) fn shared(record: &Item) -> Result<Shared, PortError> {
    Ok(item::get_json(record, SHARED)?.unwrap_or_default())
}

/// The export that an item holds.
pub(crate) fn export(tenant: &TenantId, record: &Item) -> Result<Export, PortError> {
    let place = item::place_of(record)?;
    let key = names::export_key(tenant, &place.sk)
        .ok_or_else(|| PortError::Damaged("a record in a place that is none for records".into()))?;
    read(key, record)
}

/// Whether a record has a form that this program knows.
pub(crate) fn check_form(record: &Item) -> Result<(), PortError> {
    let form: u32 = get_number(record, VERSION)?.unwrap_or(0);
    if form > FORM {
        return Err(PortError::Unavailable(format!(
            "a record of form {form} was written by a later version of this program, which knows form {FORM}"
        )));
    }
    Ok(())
}

/// The export of a key that an item holds.
pub(crate) fn read(key: ExportKey, record: &Item) -> Result<Export, PortError> {
    check_form(record)?;
    let slim: Map<String, Value> = item::body(record)?;
    let created = slim.get("created_at").cloned().unwrap_or_default();
    let created: Timestamp = serde_json::from_value(created).map_err(|error| damaged("a record's age", &error))?;
    let mut whole = fields(&Export::new(key, created))?;
    whole.extend(slim);
    let mut export: Export =
        serde_json::from_value(Value::Object(whole)).map_err(|error| damaged("a record cannot be read", &error))?;
    let state = get_text(record, STATE).unwrap_or_default();
    export.state =
        State::from_word(state).ok_or_else(|| PortError::Damaged(format!("`{state}` is no state of this program")))?;
    export.claim = get_number(record, CLAIM)?.unwrap_or(0);
    export.run = get_text(record, RUN).map(RunId::new);
    export.due_at = get_time(record, DUE)?;
    export.lease_until = get_time(record, LEASE)?;
    export.shared = shared(record)?;
    Ok(export)
}

/// An entry of the sparse index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) place: Place,
    pub(crate) key: ExportKey,
    pub(crate) state: State,
    pub(crate) claim: u64,
    pub(crate) group: String,
    pub(crate) reason: Option<String>,
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) created_at: Timestamp,
    pub(crate) changed_at: Timestamp,
}

impl Entry {
    /// Reads an entry of the index.
    pub(crate) fn of(tenant: &TenantId, found: &Item) -> Result<Self, PortError> {
        let place = item::place_of(found)?;
        let times = get_text(found, TIMES).unwrap_or_default();
        let later = times.get(times.len() / 2..).unwrap_or_default();
        let entry = names::export_key(tenant, &place.sk).and_then(|key| {
            Some(Self {
                key,
                state: State::from_word(get_text(found, STATE)?)?,
                claim: get_number(found, CLAIM).ok()??,
                group: get_text(found, GROUP)?.to_owned(),
                reason: get_text(found, REASON).map(ToOwned::to_owned),
                due_at: get_text(found, INDEX_SK)?.strip_prefix('d').and_then(names::sorted_time),
                created_at: names::sorted_time(times)?,
                changed_at: names::sorted_time(later)?,
                place,
            })
        });
        entry.ok_or_else(|| PortError::Damaged("an entry of the index cannot be read".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Attempt, Code, EventId, HoldReason, OrderReference, Step};
    use testkit::samples::{at, claim, ended, held, key, noon, revision};

    fn stored(export: &Export, indexed: bool) -> Item {
        let place = Place::new("o#default#100".into(), names::export_sort(&export.key)).unwrap();
        let mut item = item::key(&place);
        for (name, value) in change(export, indexed).unwrap() {
            item.extend(value.map(|value| (name.to_owned(), value)));
        }
        item.extend(shared_attribute(&export.shared).unwrap().map(|value| (SHARED.to_owned(), value)));
        item
    }

    fn all() -> Vec<Export> {
        let request = export_flow::claim::Claim {
            revision: Some(revision("a", noon())),
            order: Some(OrderReference::new("100")),
            numbers: vec!["2026-0001".into()],
            hints: [("order".to_owned(), "7".to_owned())].into(),
            writes: true,
            ..claim(key("9001"), "run", at(1))
        };
        let claimed = export_flow::claim::decide(None, &request).unwrap();
        let mut dead = ended(&claimed, State::Dead, None);
        let message = "Interner Fehler 'Größe'".to_owned();
        dead.log_attempt(Attempt {
            at: at(2),
            step: Step::Send,
            status: Some(500),
            code: Code::VendorError,
            message,
            remark: None,
        });
        dead.shared.see(&EventId::new("another"));
        dead.shared.duplicates = 3;
        vec![
            ended(&claimed, State::Delivered, None),
            held(&claimed, HoldReason::OrderUnknown, at(90)),
            ended(&claimed, State::Retrying, Some(at(60))),
            dead,
            claimed,
        ]
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        for export in all() {
            for indexed in [true, false] {
                assert_eq!(super::export(&export.key.tenant, &stored(&export, indexed)).unwrap(), export);
            }
        }
    }

    #[test]
    fn only_what_wants_attention_is_in_the_index() {
        for export in all() {
            let item = stored(&export, false);
            let expected = !matches!(export.state, State::Delivered | State::Sending);
            assert_eq!(item.contains_key(INDEX_PK), expected, "{:?}", export.state);
            assert_eq!(item.contains_key(TTL), export.state == State::Delivered);
            if expected {
                let entry = Entry::of(&export.key.tenant, &item).unwrap();
                let (claim, due_at) = (entry.claim, entry.due_at);
                assert_eq!((entry.key, entry.state, claim), (export.key.clone(), export.state, export.claim));
                assert_eq!((due_at, entry.created_at, entry.changed_at), (export.due_at, at(1), export.changed_at));
                assert_eq!(entry.reason.as_deref(), reason(&export));
            }
        }
    }

    #[test]
    fn a_record_of_a_later_form_is_left_alone() {
        let mut item = stored(&all().remove(0), false);
        item.insert(VERSION.to_owned(), number(FORM + 1));
        item.insert(STATE.to_owned(), text("from_the_future"));
        let refused = export(&TenantId::local(), &item).unwrap_err();
        assert!(matches!(&refused, PortError::Unavailable(why) if why.contains("later version")), "{refused}");
    }

    #[test]
    fn a_field_that_an_earlier_version_did_not_write_is_as_in_a_new_record() {
        let export = all().remove(0);
        let mut item = stored(&export, false);
        let mut body: Map<String, Value> = item::body(&item).unwrap();
        body.remove("hints");
        body.remove("read_as");
        item.insert(item::BODY.to_owned(), text(serde_json::to_string(&body).unwrap()));
        let read = super::export(&TenantId::local(), &item).unwrap();
        assert_eq!(read, Export { hints: std::collections::BTreeMap::new(), ..export });
    }

    /// By AWS's rules: names and texts by their bytes, numbers by pairs of digits.
    fn bytes(item: &Item) -> usize {
        let value = |value: &AttributeValue| match value {
            AttributeValue::S(text) => text.len(),
            AttributeValue::N(digits) => digits.len().div_ceil(2) + 1,
            _ => 0,
        };
        item.iter().map(|(name, of)| name.len() + value(of)).sum()
    }

    /// An invoice delivered to a marketplace, with ids as long as such systems make them.
    #[test]
    fn a_delivered_record_stays_within_what_one_write_unit_pays_for() {
        let version = "2026-03-02T11:59:58.123456Z".parse().unwrap();
        let key = ExportKey {
            source: domain::ConnectionId::new("accounting-main"),
            target: Some(domain::ConnectionId::new("marketplace-de")),
            ..key("4711000815")
        };
        let request = export_flow::claim::Claim {
            run: RunId::new("run_0123456789abcdef0123456789abcdef"),
            revision: Some(domain::Revision {
                hash: format!("v1:{}", "9e".repeat(16)),
                version_at: version,
                gist: "2026-0056789|2026-03-02|1210.00|EUR".into(),
            }),
            order: Some(OrderReference::new("C12345678-A")),
            numbers: vec!["2026-0056789".into()],
            hints: [("order".to_owned(), "C12345678-A".to_owned())].into(),
            writes: true,
            ..claim(key, "run", "2026-03-02T12:00:00.123456789Z".parse().unwrap())
        };
        let claimed = export_flow::claim::decide(None, &request).unwrap();
        let proof = serde_json::json!({
            "order_id": "C12345678-A",
            "file_name": "invoice-2026-0056789.pdf",
            "type_code": "CUSTOMER_INVOICE",
            "file_size": 184_467,
            "date_uploaded": "2026-03-02T12:00:03Z",
            "sha256": "9e".repeat(32),
        });
        let at = "2026-03-02T12:00:04.987654321Z".parse().unwrap();
        let (remote_id, number) = ("190055123456".to_owned(), Some("2026-0056789".to_owned()));
        let receipt = domain::Receipt { remote_id, number, at, proof };
        let mut export = Export {
            receipt: Some(receipt),
            changed_at: at,
            read_as: Some(domain::SubjectKind::Invoice),
            ..ended(&claimed, State::Delivered, None)
        };
        export.in_doubt = None;
        // With as many arrivals as are remembered.
        for n in 0..20 {
            export.shared.see(&EventId::new(format!("event {n}")));
        }
        export.shared.duplicates = 19;
        let bytes = bytes(&stored(&export, false));
        assert!(bytes <= 1024, "{bytes} bytes");
    }
}
