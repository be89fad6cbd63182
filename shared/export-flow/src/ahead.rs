//! Documents that arrive together are read together, at a source that can: a vendor that counts calls by the day would
//! else run out of them. Nothing is asked before the first of them is looked at. What is read serves one look each, of
//! the event it was read for, in this process and within seconds; whoever finds nothing looks for himself.

use crate::flow::Flow;
use crate::look::{Blamed, Looked, ours};
use crate::message::{Message, SourceEvent};
use crate::times::VISIBILITY;
use connectors::{Account, ManyDocuments, Mode};
use domain::{ConnectionId, Document, EventId, SourceHint, Step, SubjectKind};
use futures_util::lock::Mutex as Turn;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What was read longer ago is read again.
const FRESH: SignedDuration = SignedDuration::from_secs(10);
/// A version is told from the next by its time, which some sources tell to the second. What changed so shortly before it
/// was read may have changed once more within that second, and an older content could pass for the newest: its look
/// reads it anew.
const SETTLED: SignedDuration = SignedDuration::from_secs(2);

/// Documents of one source that arrived together.
struct Party {
    /// By event: those that were not looked at yet.
    ids: Mutex<BTreeMap<EventId, String>>,
    /// One reads for all that are left; the others wait for what it finds.
    read: Turn<Read>,
    since: Timestamp,
}

#[derive(Default)]
struct Read {
    /// By event: what was found for those that were asked for.
    found: BTreeMap<EventId, Found>,
    /// It came to no good end once: from then on each for himself.
    failed: bool,
}

/// What one call for many found for one event.
struct Found {
    /// Absent where it was not in the answer.
    document: Option<Document>,
    /// Just before the call, and just after.
    began: Timestamp,
    ended: Timestamp,
}

/// Who arrived with whom.
#[derive(Default)]
pub(crate) struct Ahead(Mutex<HashMap<EventId, Arc<Party>>>);

impl Flow {
    /// These messages were received together: what they have to read at one source, the first of them reads for all.
    pub fn expect<'m>(&self, messages: impl Iterator<Item = &'m Message>) {
        let mut by_source: BTreeMap<&ConnectionId, BTreeMap<EventId, String>> = BTreeMap::new();
        for message in messages {
            if let Message::SourceEventV1(news) | Message::HandedOnV1 { news, .. } = message
                && is_document(&news.hint)
            {
                let id = news.hint.subject.id.clone();
                by_source.entry(&news.source).or_default().insert(news.event.clone(), id);
            }
        }
        by_source.retain(|source, ids| ids.len() > 1 && self.may_read_many(source));
        if by_source.is_empty() {
            return;
        }
        let now = self.now();
        let mut known = self.ahead.lock();
        // What was given back to the queue without a look is not expected any more.
        known.retain(|_, party| now.duration_since(party.since) < VISIBILITY);
        for ids in by_source.into_values() {
            let party = Arc::new(Party { ids: Mutex::new(ids.clone()), read: Turn::default(), since: now });
            known.extend(ids.into_keys().map(|event| (event, Arc::clone(&party))));
        }
    }

    /// Whether its connector can; true where this process does not know the connection yet.
    fn may_read_many(&self, source: &ConnectionId) -> bool {
        let connector = self.accounts.connector_of(source).and_then(|id| self.parts.registry.get(id));
        connector.is_none_or(|connector| connector.accounting().is_some_and(|books| books.many().is_some()))
    }

    /// The look that news asks for, from what was read for it if that can be.
    pub(crate) async fn look_at_news(&self, source: &Account, news: &SourceEvent) -> Result<Looked, Blamed> {
        match self.read_for(source, news).await {
            Ok(Some(document)) => Ok(Looked::at_document(document, &news.hint)),
            Ok(None) => self.look(source, &news.hint).await,
            Err(blamed) => Err(blamed),
        }
    }

    async fn read_for(&self, source: &Account, news: &SourceEvent) -> Result<Option<Document>, Blamed> {
        let Some(party) = self.ahead.lock().remove(&news.event) else { return Ok(None) };
        let connector = self.parts.registry.get(&source.connection.connector);
        let Some(many) = connector.and_then(|connector| connector.accounting()?.many()) else { return Ok(None) };
        let mut read = party.read.lock().await;
        if !read.failed && read.fresh(&news.event, self.now()).is_none() {
            let left = party.left(news, &read, self.now(), many.at_once());
            if left.len() > 1 {
                self.read_together(source, many, left, &mut read).await?;
            }
        }
        party.ids().remove(&news.event);
        let found = read.found.remove(&news.event).filter(|found| found.is_fresh(self.now()));
        Ok(found.and_then(|found| found.document.filter(|document| document.version_at + SETTLED <= found.began)))
    }

    /// Whatever goes wrong here is found again by each for himself, and counts there.
    async fn read_together(
        &self,
        source: &Account,
        many: &dyn ManyDocuments,
        left: BTreeMap<EventId, String>,
        read: &mut Read,
    ) -> Result<(), Blamed> {
        let session = self.session(source, Mode::Live, Step::Look);
        let ids: BTreeSet<&str> = left.values().map(String::as_str).collect();
        let ids: Vec<&str> = ids.into_iter().collect();
        // Before the call: if it does not come back, nobody tries it again.
        read.failed = true;
        let began = self.now();
        if let Ok(documents) = many.read_documents(&session, &ids).await {
            let ended = self.now();
            read.failed = false;
            read.found.extend(left.into_iter().map(|(event, id)| {
                let document = documents.iter().find(|document| document.id == id).cloned();
                (event, Found { document, began, ended })
            }));
            self.answered(source).await.map_err(|error| Blamed::new(ours(&error), &session))?;
        }
        Ok(())
    }
}

impl Party {
    fn ids(&self) -> MutexGuard<'_, BTreeMap<EventId, String>> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whoever asks, and others who will and for whom nothing is there: as many as one call can take.
    fn left(&self, first: &SourceEvent, read: &Read, now: Timestamp, at_once: usize) -> BTreeMap<EventId, String> {
        let mut left = BTreeMap::from([(first.event.clone(), first.hint.subject.id.clone())]);
        for (event, id) in self.ids().iter().filter(|(event, _)| read.fresh(event, now).is_none()) {
            if left.len() >= at_once {
                break;
            }
            left.insert(event.clone(), id.clone());
        }
        left
    }
}

impl Read {
    fn fresh(&self, event: &EventId, now: Timestamp) -> Option<&Found> {
        self.found.get(event).filter(|found| found.is_fresh(now))
    }
}

impl Found {
    fn is_fresh(&self, now: Timestamp) -> bool {
        now.duration_since(self.ended) <= FRESH
    }
}

impl Ahead {
    fn lock(&self) -> MutexGuard<'_, HashMap<EventId, Arc<Party>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_document(hint: &SourceHint) -> bool {
    !matches!(hint.subject.kind, SubjectKind::Parcel | SubjectKind::Order)
}
