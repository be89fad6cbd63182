//! One order as a whole: what lies beside it at every channel that knows it, in the order of time; and its other names.

use crate::flow::Flow;
use crate::message::{Message, SourceEvent};
use crate::ports::{DocumentItem, OrderItem, OrderView, Outgoing, ParcelItem};
use crate::refused::{FieldError, Refused};
use domain::{
    Alias, Cause, Code, ConnectionId, Export, ExportId, FieldProblem, Finding, OrderReference, Role, SourceHint, State,
    Subject, SubjectKind, TenantId,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// Names one sale may have.
const ALIASES_MAX: usize = 10;

/// Something that happened to an order's things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// `export_created`, `attempt_failed`, `held`, `delivered`, `skipped`, `decided`, `found`, `settled`, `parcel_state`.
    pub what: &'static str,
    /// Which export.
    pub export: Option<ExportId>,
    /// Which parcel.
    pub parcel: Option<String>,
    /// A word of ours: state, reason, code or outcome.
    pub word: String,
    /// In words.
    pub detail: Option<String>,
}

/// Everything about one order.
#[derive(Debug, Clone)]
pub struct Timeline {
    /// As asked for.
    pub reference: OrderReference,
    /// Where.
    pub channel: ConnectionId,
    /// As last read there, if it was.
    pub order: Option<OrderItem>,
    /// The same sale at other channels.
    pub aliases: Vec<Alias>,
    /// Documents that quote it.
    pub documents: Vec<DocumentItem>,
    /// Parcels that quote it.
    pub parcels: Vec<ParcelItem>,
    /// Exports and looks, oldest first.
    pub exports: Vec<Export>,
    /// What was found about them, oldest first.
    pub findings: Vec<Finding>,
    /// What happened, oldest first.
    pub events: Vec<Moment>,
}

impl Flow {
    /// Everything about one order of a channel, found under any of its names.
    ///
    /// # Errors
    /// [`Refused::Unknown`] for a channel or order that nothing is known of; [`Refused::Ours`].
    pub async fn timeline(
        &self,
        tenant: &TenantId,
        channel: &str,
        reference: &OrderReference,
    ) -> Result<Timeline, Refused> {
        let connection = self.connection_of(tenant, channel).await?;
        if connection.role != Role::Channel {
            return Err(Refused::Unknown(Code::UnknownConnection));
        }
        let channel = connection.id;
        let view = self.parts.ledger.order(tenant, reference).await?;
        let order = view.orders.iter().find(|item| item.channel == channel).cloned();
        let aliases = order.as_ref().map(|item| item.order.aliases.clone()).unwrap_or_default();
        let mut views = vec![view];
        for alias in aliases.iter().filter(|alias| alias.reference != *reference) {
            views.push(self.parts.ledger.order(tenant, &alias.reference).await?);
        }
        let own: BTreeSet<&ConnectionId> =
            aliases.iter().map(|alias| &alias.channel).chain(std::iter::once(&channel)).collect();
        let gathered = gather(views, &own);
        if order.is_none() && gathered.is_empty() {
            return Err(Refused::Unknown(Code::UnknownOrder));
        }
        let Gathered { documents, parcels, exports, findings } = gathered;
        let events = events(&exports, &findings, &parcels);
        let reference = reference.clone();
        Ok(Timeline { reference, channel, order, aliases, documents, parcels, exports, findings, events })
    }

    /// Says under which names the same sale is known at other channels; replaces what was said before. What was carried
    /// to one of them is then carried to the others.
    ///
    /// # Errors
    /// [`Refused::Unknown`]; [`Refused::Fields`] for channels that there are not; [`Refused::Ours`].
    pub async fn name_aliases(
        &self,
        tenant: &TenantId,
        channel: &str,
        reference: &OrderReference,
        aliases: &[Alias],
    ) -> Result<Timeline, Refused> {
        let connection = self.connection_of(tenant, channel).await?;
        self.check_aliases(tenant, &connection.id, aliases).await?;
        let view = self.parts.ledger.order(tenant, reference).await?;
        let Some(mut item) = view.orders.into_iter().find(|item| item.channel == connection.id) else {
            return Err(Refused::Unknown(Code::UnknownOrder));
        };
        let before = std::mem::replace(&mut item.order.aliases, aliases.to_vec());
        item.seen_at = self.now();
        self.parts.ledger.remember_order(&item).await?;
        for dropped in before.iter().filter(|alias| !aliases.contains(alias)) {
            self.drop_name(tenant, dropped, &connection.id).await?;
        }
        for alias in aliases {
            self.name_back(tenant, alias, &connection.id, reference).await?;
        }
        self.look_again(tenant, &view.documents, &view.parcels).await?;
        self.timeline(tenant, channel, reference).await
    }

    async fn check_aliases(&self, tenant: &TenantId, own: &ConnectionId, aliases: &[Alias]) -> Result<(), Refused> {
        if aliases.len() > ALIASES_MAX {
            return Err(Refused::field("aliases", (FieldProblem::TooMany, format!("at most {ALIASES_MAX}"))));
        }
        let connections = self.parts.ledger.connections(tenant).await?;
        let wrong: Vec<FieldError> = aliases
            .iter()
            .enumerate()
            .filter(|(_, alias)| {
                alias.channel == *own || !connections.iter().any(|c| c.id == alias.channel && c.role == Role::Channel)
            })
            .map(|(index, _)| {
                FieldError::new(
                    format!("aliases[{index}].channel"),
                    (FieldProblem::UnknownConnection, "is not another channel connection"),
                )
            })
            .collect();
        if wrong.is_empty() { Ok(()) } else { Err(Refused::Fields(wrong)) }
    }

    /// The other channel's order does not name this one any more.
    async fn drop_name(&self, tenant: &TenantId, alias: &Alias, channel: &ConnectionId) -> Result<(), Refused> {
        let view = self.parts.ledger.order(tenant, &alias.reference).await?;
        if let Some(mut other) = view.orders.into_iter().find(|item| item.channel == alias.channel) {
            other.order.aliases.retain(|known| known.channel != *channel);
            other.seen_at = self.now();
            self.parts.ledger.remember_order(&other).await?;
        }
        Ok(())
    }

    /// The other channel's order, where it is known, names this one too, and what quotes it goes to this one too.
    async fn name_back(
        &self,
        tenant: &TenantId,
        alias: &Alias,
        channel: &ConnectionId,
        reference: &OrderReference,
    ) -> Result<(), Refused> {
        let view = self.parts.ledger.order(tenant, &alias.reference).await?;
        if let Some(mut other) = view.orders.iter().find(|item| item.channel == alias.channel).cloned() {
            other.order.aliases.retain(|known| known.channel != *channel);
            other.order.aliases.push(Alias { channel: channel.clone(), reference: reference.clone() });
            other.seen_at = self.now();
            self.parts.ledger.remember_order(&other).await?;
        }
        self.look_again(tenant, &view.documents, &view.parcels).await
    }

    /// Everything that quotes the order is looked at again.
    async fn look_again(
        &self,
        tenant: &TenantId,
        documents: &[DocumentItem],
        parcels: &[ParcelItem],
    ) -> Result<(), Refused> {
        let of_documents =
            documents.iter().map(|document| (&document.source, SubjectKind::Document, &document.id, BTreeMap::new()));
        let of_parcels =
            parcels.iter().map(|item| (&item.source, SubjectKind::Parcel, &item.parcel.id, item.hints.clone()));
        let messages: Vec<Outgoing> = of_documents
            .chain(of_parcels)
            .map(|(source, kind, id, hints)| Outgoing {
                message: Message::SourceEventV1(SourceEvent {
                    event: self.new_event(),
                    tenant: tenant.clone(),
                    source: source.clone(),
                    hint: SourceHint { subject: Subject { kind, id: id.clone() }, hints },
                    cause: Cause::Release,
                    target: None,
                    at: self.now(),
                }),
                group: source.clone(),
                delay: SignedDuration::ZERO,
            })
            .collect();
        if !messages.is_empty() {
            self.parts.queue.send(messages).await?;
        }
        Ok(())
    }
}

struct Gathered {
    documents: Vec<DocumentItem>,
    parcels: Vec<ParcelItem>,
    exports: Vec<Export>,
    findings: Vec<Finding>,
}

impl Gathered {
    fn is_empty(&self) -> bool {
        self.documents.is_empty() && self.parcels.is_empty() && self.exports.is_empty()
    }
}

/// What belongs to the order at these channels. Two shops may use the same reference: what was carried to another
/// channel only is not this order's.
fn gather(views: Vec<OrderView>, own: &BTreeSet<&ConnectionId>) -> Gathered {
    let (mut documents, mut parcels, mut exports, mut findings) = (vec![], vec![], vec![], vec![]);
    for view in views {
        let elsewhere = |source: &ConnectionId, id: &str| {
            let mut targets = view
                .exports
                .iter()
                .filter(|e| e.key.source == *source && e.key.subject.id == id)
                .filter_map(|e| e.key.target.as_ref())
                .peekable();
            targets.peek().is_some() && !targets.any(|target| own.contains(target))
        };
        documents.extend(view.documents.iter().filter(|d| !elsewhere(&d.source, &d.id)).cloned());
        parcels.extend(view.parcels.iter().filter(|p| !elsewhere(&p.source, &p.parcel.id)).cloned());
        let ours = |e: &&Export| match &e.key.target {
            Some(target) => own.contains(target),
            None => !elsewhere(&e.key.source, &e.key.subject.id),
        };
        exports.extend(view.exports.iter().filter(ours).cloned());
        findings.extend(view.findings);
    }
    exports.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    exports.dedup_by(|a, b| a.id == b.id);
    findings.retain(|finding: &Finding| exports.iter().any(|export: &Export| export.id == finding.export));
    findings.sort_by(|a, b| (a.at, &a.export).cmp(&(b.at, &b.export)));
    Gathered { documents, parcels, exports, findings }
}

fn events(exports: &[Export], findings: &[Finding], parcels: &[ParcelItem]) -> Vec<Moment> {
    let mut events: Vec<Moment> = findings.iter().flat_map(of_finding).collect();
    for export in exports {
        events.extend(of_export(export));
    }
    for item in parcels {
        events.extend(item.parcel.states.iter().map(|change| Moment {
            at: change.at,
            what: "parcel_state",
            export: None,
            parcel: Some(item.parcel.id.clone()),
            word: word_of(change.state),
            detail: Some(change.raw.clone()),
        }));
    }
    events.sort_by_key(|event| event.at);
    events
}

fn of_finding(finding: &Finding) -> Vec<Moment> {
    let export = Some(finding.export.clone());
    let (code, parcel) = (finding.code.as_str().to_owned(), None);
    let found = Moment { at: finding.at, what: "found", export, parcel, word: code, detail: None };
    let settled = finding.resolved.as_ref().map(|resolved| Moment {
        at: resolved.at,
        what: "settled",
        word: resolved.how.as_str().to_owned(),
        detail: resolved.note.clone(),
        ..found.clone()
    });
    std::iter::once(found).chain(settled).collect()
}

fn word_of(state: domain::DeliveryState) -> String {
    domain::InWords::in_words(state).word.to_owned()
}

fn of_export(export: &Export) -> Vec<Moment> {
    let moment = |at, what, word: &str, detail: Option<String>| Moment {
        at,
        what,
        export: Some(export.id.clone()),
        parcel: None,
        word: word.to_owned(),
        detail,
    };
    let mut events = vec![moment(export.created_at, "export_created", export.key.operation.as_str(), None)];
    events.extend(
        export.attempt_log.iter().map(|a| moment(a.at, "attempt_failed", a.code.as_str(), Some(a.message.clone()))),
    );
    events.extend(export.notes.iter().map(|note| moment(note.at, "decided", &note.outcome, note.note.clone())));
    let receipts = export.earlier_receipts.iter().chain(&export.receipt);
    events.extend(receipts.map(|receipt| moment(receipt.at, "delivered", "delivered", receipt.number.clone())));
    if let (State::Held, Some(hold)) = (export.state, &export.hold) {
        events.push(moment(hold.since, "held", hold.reason.as_str(), hold.detail.clone()));
    }
    if let (State::Skipped, Some(skip)) = (export.state, &export.skip) {
        events.push(moment(export.changed_at, "skipped", skip.reason.as_str(), skip.detail.clone()));
    }
    events
}
