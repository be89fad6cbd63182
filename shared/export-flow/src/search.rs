//! Where something is: orders, documents, parcels and exports by the one word that a person has of them.

use crate::flow::Flow;
use crate::ports::Found;
use crate::refused::Refused;
use domain::{
    ConnectionId, Export, ExportId, ExportKey, FieldProblem, InWords, OrderReference, Said, State, SubjectKind,
    TenantId, Word, remark,
};
use std::collections::{BTreeMap, BTreeSet};

/// What a person can search for.
pub const SEARCHABLE: &str =
    "Search for an order reference, a document's number or id, a tracking number or an export's id.";
/// Hits of one search at most.
pub const HITS_MAX: usize = 20;
/// Characters of what is searched for at most.
pub const CHARS_MAX: usize = 200;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HitKind {
    /// An order at a channel.
    Order,
    /// A document of a source.
    Document,
    /// A parcel of a courier.
    Parcel,
    /// An export or a look.
    Export,
}

impl HitKind {
    /// The word used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Document => "document",
            Self::Parcel => "parcel",
            Self::Export => "export",
        }
    }
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// What it is.
    pub kind: HitKind,
    /// The channel it belongs to, where that is known: with the reference, the way to the order.
    pub channel: Option<ConnectionId>,
    /// The source of a document, parcel or export.
    pub source: Option<ConnectionId>,
    /// The order.
    pub reference: Option<OrderReference>,
    /// Its number: a document's, a tracking number.
    pub number: Option<String>,
    /// The export that says where it stands, the one that most needs a person first.
    pub export: Option<ExportId>,
    /// Where it stands: the order's or parcel's own state, else the export's.
    pub state: Option<Word>,
    /// Named by the whole word.
    pub whole: bool,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hits {
    /// At most [`HITS_MAX`], whole words first.
    pub hits: Vec<Hit>,
    /// What begins with the word was looked for as well.
    pub beginnings: bool,
}

impl Flow {
    /// Finds what a word names.
    ///
    /// # Errors
    /// [`Refused::Fields`] for what cannot be searched for; [`Refused::Ours`].
    pub async fn search(&self, tenant: &TenantId, text: &str) -> Result<Hits, Refused> {
        let words = spellings(text)?;
        let mut found = self.parts.ledger.search(tenant, &words, HITS_MAX).await?;
        let by_id = ExportId::new(text.trim());
        if ExportKey::decode(&by_id).is_ok_and(|key| key.tenant == *tenant)
            && let Some(export) = self.parts.ledger.export(&by_id).await?
        {
            found.exports.insert(0, export);
        }
        let about = self.about(tenant, &found).await?;
        let mut hits = hits(&found, &about, &words);
        hits.sort_by_key(|hit| (!hit.whole, hit.kind));
        hits.truncate(HITS_MAX);
        self.name_channels(tenant, &mut hits).await?;
        Ok(Hits { hits, beginnings: found.beginnings })
    }

    /// What nothing was carried of yet belongs to the one channel at which its order is known.
    async fn name_channels(&self, tenant: &TenantId, hits: &mut [Hit]) -> Result<(), Refused> {
        let mut known: BTreeMap<OrderReference, Option<ConnectionId>> = BTreeMap::new();
        for hit in hits.iter_mut().filter(|hit| hit.whole && hit.channel.is_none()) {
            let Some(reference) = &hit.reference else { continue };
            if !known.contains_key(reference) {
                let view = self.parts.ledger.glance(tenant, reference).await?;
                let at_channels = view.orders.into_iter().map(|item| item.channel);
                let channels: BTreeSet<_> = at_channels.chain(view.exports.iter().filter_map(channel)).collect();
                let only = (channels.len() == 1).then_some(channels).and_then(|mut channels| channels.pop_first());
                known.insert(reference.clone(), only);
            }
            hit.channel = known.get(reference).cloned().flatten();
        }
        Ok(())
    }

    /// Exports and looks of the documents and parcels found, by source and subject.
    async fn about(&self, tenant: &TenantId, found: &Found) -> Result<About, Refused> {
        let documents = found.documents.iter().map(|item| (&item.source, &item.id)).take(HITS_MAX);
        let parcels = found.parcels.iter().map(|item| (&item.source, &item.parcel.id)).take(HITS_MAX);
        let mut things: BTreeMap<&ConnectionId, Vec<String>> = BTreeMap::new();
        for (source, id) in documents.chain(parcels) {
            things.entry(source).or_default().push(id.clone());
        }
        let mut about = About::new();
        for (source, ids) in things {
            for export in self.parts.ledger.exports_of(tenant, source, &ids).await? {
                about.entry((source.clone(), export.key.subject.id.clone())).or_default().push(export);
            }
        }
        Ok(about)
    }
}

type About = BTreeMap<(ConnectionId, String), Vec<Export>>;

/// The word as it was typed, in capitals and in small letters: what numbers are written in.
fn spellings(text: &str) -> Result<Vec<String>, Refused> {
    let text = text.trim();
    let refuse = |code, problem: Said| Err(Refused::field("q", (code, problem)));
    if text.is_empty() {
        return refuse(FieldProblem::Missing, "is missing".into());
    }
    if text.chars().count() > CHARS_MAX {
        return refuse(FieldProblem::TooLong, "must have at most 200 characters".into());
    }
    if text.contains('@') {
        return refuse(FieldProblem::Invalid, remark::mail_not_stored());
    }
    let mut words = vec![text.to_owned()];
    for other in [text.to_uppercase(), text.to_lowercase()] {
        if !words.contains(&other) {
            words.push(other);
        }
    }
    Ok(words)
}

fn hits(found: &Found, about: &About, words: &[String]) -> Vec<Hit> {
    let whole = |name: &str| words.iter().any(|word| word == name);
    let none = vec![];
    let of = |source: &ConnectionId, id: &String| about.get(&(source.clone(), id.clone())).unwrap_or(&none);
    let mut hits: Vec<Hit> = vec![];
    for item in &found.orders {
        let (order, channel) = (&item.order, Some(item.channel.clone()));
        let reference = Some(order.reference.clone());
        let (state, whole) = (Some(order.state.in_words()), whole(order.reference.as_str()));
        hits.push(Hit {
            kind: HitKind::Order,
            channel,
            source: None,
            reference,
            number: None,
            export: None,
            state,
            whole,
        });
    }
    for item in &found.documents {
        let telling = telling(of(&item.source, &item.id));
        hits.push(Hit {
            kind: HitKind::Document,
            channel: telling.and_then(channel),
            source: Some(item.source.clone()),
            reference: item.order.clone(),
            number: Some(item.number.clone()),
            export: telling.map(|export| export.id.clone()),
            state: telling.map(|export| export.state.in_words()),
            whole: whole(&item.number) || whole(&item.id),
        });
    }
    for item in &found.parcels {
        let parcel = &item.parcel;
        let telling = telling(of(&item.source, &parcel.id));
        let named = parcel.tracking_numbers.iter().find(|number| whole(number));
        hits.push(Hit {
            kind: HitKind::Parcel,
            channel: telling.and_then(channel),
            source: Some(item.source.clone()),
            reference: parcel.order_reference.clone().map(OrderReference::new),
            number: named.map(String::as_str).or(parcel.tracking_number()).map(str::to_owned),
            export: telling.map(|export| export.id.clone()),
            state: Some(parcel.state.in_words()),
            whole: named.is_some() || whole(&parcel.id),
        });
    }
    let mut met = BTreeSet::new();
    for export in about.values().flatten().chain(&found.exports) {
        // A look that became exports says nothing that these do not.
        if export.state == State::Planned || !met.insert(&export.id) {
            continue;
        }
        let order = export.order.as_ref();
        let named = export.numbers.iter().any(|number| whole(number)) || whole(&export.key.subject.id);
        hits.push(Hit {
            kind: HitKind::Export,
            channel: channel(export),
            source: Some(export.key.source.clone()),
            reference: export.order.clone(),
            number: export.numbers.first().cloned(),
            export: Some(export.id.clone()),
            state: Some(export.state.in_words()),
            whole: named || whole(export.id.as_str()) || order.is_some_and(|order| whole(order.as_str())),
        });
    }
    hits
}

/// The export that says where a thing stands: one that waits for a person before one that does not, the newest of these.
fn telling(exports: &[Export]) -> Option<&Export> {
    let urgency = |state: State| match state {
        State::Dead | State::Uncertain | State::Expired => 3,
        State::Held | State::Retrying => 2,
        State::Sending | State::Accepted | State::Delivered => 1,
        State::Skipped | State::Planned => 0,
    };
    exports.iter().max_by_key(|export| (urgency(export.state), export.changed_at))
}

/// The channel of the order: what a document is carried to, what an order came from.
fn channel(export: &Export) -> Option<ConnectionId> {
    let of_order = export.key.subject.kind == SubjectKind::Order;
    export.key.target.clone().filter(|_| !of_order).or_else(|| of_order.then(|| export.key.source.clone()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;

    #[test]
    fn a_word_is_trimmed_and_spelled_as_numbers_are() {
        assert_eq!(spellings("  Fv-1 ").unwrap(), ["Fv-1", "FV-1", "fv-1"]);
        assert_eq!(spellings("2026-1").unwrap(), ["2026-1"]);
        for refused in ["", "  ", "eva@example.com", &"x".repeat(201)] {
            assert!(matches!(spellings(refused), Err(Refused::Fields(_))), "{refused}");
        }
    }
}
