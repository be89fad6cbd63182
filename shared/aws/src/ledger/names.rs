//! Where things lie in the table. Partition and sort key are words joined by `#`; a `#` inside a word is escaped.
//!
//! ```text
//! connections              <id>                                       a connection
//! gone                     <id>                                       that there was one: its exports may still be due
//! circuit#<id> poll#<id> job#<id>   -
//! jobs#<tenant>            <time>#<id>                                that there is a job
//! running-jobs             <id>                                       that it runs
//! sweep#                   -                                          the lease of the sweep's pass
//! notice#<tenant>#<id>  telling#<tenant>   -                          a notice; what a tenant wants to be told
//! audit#<tenant>#<month>   <time>#<id>                                who did what
//! made#<name>              -                                          a text made once, such as a sealed signing key
//! s#<tenant>#<source>#<subject>   i                                   a document or parcel, and where its exports lie
//! o#<tenant>#<order>       c#<channel>                                the order at a channel
//!                          x#<source>#<subject>#<kind>#<op>#<target>  an export of that order
//!                          p#<source>#<subject>                       a subject that lies elsewhere and quotes this order
//! l#<tenant>#<target>#<order>     -                                   the fenced lease of an order
//! pace#<tenant>#<connection>      -                                   which calls of a connection were handed out
//! r#<tenant>#<day>         <time>#<random>                            what a batch brought to rest, and heard
//! n#<tenant>#<prefix>      <time>#<random>                            which subjects have numbers that begin so
//! tally#<tenant>           all, h#<hour>                              what the batches add up to
//! ```

use domain::{ConnectionId, ExportKey, Operation, OrderReference, Subject, SubjectKind, TenantId};
use export_flow::ports::PortError;
use jiff::{SignedDuration, Timestamp};

/// Partition of all connections.
pub(crate) const CONNECTIONS: &str = "connections";
/// Partition of the names of removed connections.
pub(crate) const GONE: &str = "gone";
/// Partition of the names of jobs that run.
pub(crate) const RUNNING_JOBS: &str = "running-jobs";
/// Sort key where a partition holds one thing.
pub(crate) const ONLY: &str = "-";
/// Sort key of a subject's own item.
pub(crate) const INDEX: &str = "i";
/// Bytes of a partition key at most, and of a sort key.
const PARTITION_BYTES_MAX: usize = 2048;
const SORT_BYTES_MAX: usize = 1024;
/// Digits that hold every time in nanoseconds, so that text sorts as time does.
const DIGITS: usize = 20;

/// Where an item lies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

impl Place {
    /// A place, unless its key is longer than the table takes.
    pub(crate) fn new(pk: String, sk: String) -> Result<Self, PortError> {
        if pk.len() > PARTITION_BYTES_MAX || sk.len() > SORT_BYTES_MAX {
            return Err(PortError::Damaged("an id or a reference is too long to be stored".into()));
        }
        Ok(Self { pk, sk })
    }
}

/// A thing at a source, whatever it turned out to be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Thing {
    pub(crate) tenant: TenantId,
    pub(crate) source: ConnectionId,
    pub(crate) id: String,
}

impl Thing {
    pub(crate) fn of(key: &ExportKey) -> Self {
        Self { tenant: key.tenant.clone(), source: key.source.clone(), id: key.subject.id.clone() }
    }

    pub(crate) fn partition(&self) -> String {
        joined(&["s", self.tenant.as_str(), self.source.as_str(), &self.id])
    }

    /// Its own item.
    pub(crate) fn place(&self) -> Result<Place, PortError> {
        Place::new(self.partition(), INDEX.to_owned())
    }

    /// How the sort keys of its exports begin.
    pub(crate) fn exports(&self) -> String {
        format!("{}#", joined(&["x", self.source.as_str(), &self.id]))
    }

    /// Its pointer beside an order that it does not lie beside.
    pub(crate) fn pointer(&self, order: &str) -> Result<Place, PortError> {
        Place::new(order_partition(&self.tenant, order), joined(&["p", self.source.as_str(), &self.id]))
    }
}

pub(crate) fn order_partition(tenant: &TenantId, reference: &str) -> String {
    joined(&["o", tenant.as_str(), reference])
}

pub(crate) fn order_at(tenant: &TenantId, reference: &OrderReference, channel: &str) -> Result<Place, PortError> {
    Place::new(order_partition(tenant, reference.as_str()), joined(&["c", channel]))
}

pub(crate) fn finding(tenant: &TenantId, reference: &OrderReference, key: &ExportKey) -> Result<Place, PortError> {
    // As the export's own, so that both lie beside the order.
    let sort = export_sort(key).replacen("x#", "f#", 1);
    Place::new(order_partition(tenant, reference.as_str()), sort)
}

pub(crate) fn lease(tenant: &TenantId, target: &str, reference: &str) -> Result<Place, PortError> {
    Place::new(joined(&["l", tenant.as_str(), target, reference]), ONLY.to_owned())
}

pub(crate) fn pace(tenant: &TenantId, connection: &ConnectionId) -> Result<Place, PortError> {
    Place::new(joined(&["pace", tenant.as_str(), connection.as_str()]), ONLY.to_owned())
}

/// A thing that has a partition of its own.
pub(crate) fn single(kind: &str, id: &str) -> Result<Place, PortError> {
    Place::new(joined(&[kind, id]), ONLY.to_owned())
}

/// `None`: no connection can have this id. It may come from the path of a webhook.
pub(crate) fn connection(id: &str) -> Option<Place> {
    let fits = !id.is_empty() && id.len() <= SORT_BYTES_MAX;
    fits.then(|| Place { pk: CONNECTIONS.to_owned(), sk: id.to_owned() })
}

pub(crate) fn export_sort(key: &ExportKey) -> String {
    let target = key.target.as_ref().map_or("", ConnectionId::as_str);
    let (subject, operation) = (&key.subject, key.operation.as_str());
    joined(&["x", key.source.as_str(), &subject.id, subject.kind.as_str(), operation, target])
}

/// The key that an export's sort key says.
pub(crate) fn export_key(tenant: &TenantId, sk: &str) -> Option<ExportKey> {
    let words = split(sk);
    let [x, source, id, kind, operation, target] = words.as_slice() else { return None };
    (x == "x").then_some(())?;
    Some(ExportKey {
        tenant: tenant.clone(),
        source: ConnectionId::new(source.as_str()),
        subject: Subject { kind: SubjectKind::from_word(kind)?, id: id.clone() },
        operation: Operation::from_word(operation)?,
        target: (!target.is_empty()).then(|| ConnectionId::new(target.as_str())),
    })
}

/// Words joined, each escaped.
pub(crate) fn joined(words: &[&str]) -> String {
    let mut text = String::new();
    for (index, word) in words.iter().enumerate() {
        if index > 0 {
            text.push('#');
        }
        for c in word.chars() {
            match c {
                '#' => text.push_str("%23"),
                '%' => text.push_str("%25"),
                c => text.push(c),
            }
        }
    }
    text
}

/// The words that were joined.
pub(crate) fn split(text: &str) -> Vec<String> {
    text.split('#').map(|word| word.replace("%23", "#").replace("%25", "%")).collect()
}

/// A time as text that sorts as time does. Times before 1970 count as 1970.
pub(crate) fn sortable(at: Timestamp) -> String {
    let nanos = at.as_nanosecond().max(0);
    format!("{nanos:0DIGITS$}")
}

/// The time that [`sortable`] wrote at the beginning of a text.
pub(crate) fn sorted_time(text: &str) -> Option<Timestamp> {
    Timestamp::from_nanosecond(text.get(..DIGITS)?.parse().ok()?).ok()
}

/// The day of a time, in UTC.
pub(crate) fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// The last instant of the day before a time's.
pub(crate) fn day_before(at: Timestamp) -> Option<Timestamp> {
    let midnight: Timestamp = format!("{}T00:00:00Z", day(at)).parse().ok()?;
    midnight.checked_sub(SignedDuration::from_nanos(1)).ok()
}

/// A bound below a sort key that ends in a random number, and excludes it. Of keys of the same nanosecond it would leave out
/// one whose random number differs in the last digit only.
pub(crate) fn below(sk: &str) -> String {
    let mut chars: Vec<char> = sk.chars().collect();
    chars.pop();
    chars.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: &str, target: Option<&str>) -> ExportKey {
        ExportKey {
            tenant: TenantId::local(),
            source: ConnectionId::new("books"),
            subject: Subject { kind: SubjectKind::Invoice, id: id.into() },
            operation: Operation::SendInvoice,
            target: target.map(ConnectionId::new),
        }
    }

    #[test]
    fn an_export_is_named_by_its_sort_key() {
        for id in ["9001", "#1001", "a%23b", "%", "a#%25#b", "žluťoučký", ""] {
            for target in [Some("shop"), None] {
                let key = key(id, target);
                assert_eq!(export_key(&key.tenant, &export_sort(&key)), Some(key));
            }
        }
        for other in ["c#shop", "x#a", "x#books#1#invoice#fly#shop", ""] {
            assert_eq!(export_key(&TenantId::local(), other), None);
        }
    }

    #[test]
    fn no_words_join_to_the_same_key_as_others() {
        assert_ne!(joined(&["a#b", "c"]), joined(&["a", "b#c"]));
        assert_ne!(joined(&["a%23", "c"]), joined(&["a#", "c"]));
        let begins = Thing { tenant: TenantId::local(), source: ConnectionId::new("books"), id: "1".into() }.exports();
        assert!(export_sort(&key("1", Some("shop"))).starts_with(&begins));
        assert!(!export_sort(&key("1#2", Some("shop"))).starts_with(&begins));
        assert!(!export_sort(&key("12", Some("shop"))).starts_with(&begins));
    }

    #[test]
    fn times_sort_as_text() {
        let times = [0, 1, 999_999_999, 1_000_000_000, 4_102_444_800_000_000_000_i128];
        let texts: Vec<_> = times.iter().map(|nanos| sortable(Timestamp::from_nanosecond(*nanos).unwrap())).collect();
        assert!(texts.is_sorted());
        let back: Vec<_> = texts.iter().map(|text| sorted_time(text).unwrap().as_nanosecond()).collect();
        assert_eq!(back, times);
    }

    #[test]
    fn a_key_that_the_table_would_refuse_is_refused_before() {
        assert!(Place::new("x".repeat(2048), "y".repeat(1024)).is_ok());
        assert!(Place::new("x".repeat(2049), String::new()).is_err());
        assert!(Place::new(String::new(), "y".repeat(1025)).is_err());
    }
}
