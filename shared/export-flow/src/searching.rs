//! Parcels found at orders: where a shop's own tools note a courier's numbers, and the courier has no list, the numbers
//! that stand at an order become parcels of that courier. The order is searched as a look of its own, so that whatever
//! goes wrong with it holds up nothing else, and it waits for its number like a parcel would.

use crate::claiming::{Asker, Won};
use crate::flow::Flow;
use crate::handle::source_paused;
use crate::look::{Blamed, look_key, ours};
use crate::message::{Message, SourceEvent};
use crate::owner::{Owner, Probing};
use crate::ports::{Outgoing, PortError, TOLD_ORDER};
use crate::record::Outcome;
use connectors::{Account, Connector, Courier, Mode, NumberSpec, OrderTexts, Stop};
use domain::{
    Cause, Code, ConnectionId, ConnectionState, HoldReason, OrderReference, OrderState, Role, SkipReason, SourceHint,
    Step, Subject, SubjectKind, TenantId, remark,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The setting of a courier's connection that says where its numbers are looked for.
const SETTING: &str = "from_orders";
/// An order that is asked for again within this time is not searched again.
const RESTS: SignedDuration = SignedDuration::from_mins(15);
/// Numbers taken from one order at most.
const NUMBERS_MAX: usize = 20;

/// A courier whose numbers may stand at orders.
struct Finder {
    account: Arc<Account>,
    courier: &'static dyn Courier,
    numbers: &'static NumberSpec,
    comments: bool,
}

impl Finder {
    /// Its numbers among an order's texts, each once, as it asks for them.
    fn named(&self, texts: &OrderTexts) -> Vec<String> {
        let Ok(pattern) = regex_lite::Regex::new(self.numbers.pattern) else { return vec![] };
        let comments = texts.comments.iter().filter(|_| self.comments);
        let found = texts.tracks.iter().chain(comments).flat_map(|text| pattern.find_iter(text));
        let mut named = vec![];
        for id in found.filter_map(|found| self.courier.parcel_named(found.as_str())) {
            if !named.contains(&id) && named.len() < NUMBERS_MAX {
                named.push(id);
            }
        }
        named
    }
}

impl Flow {
    /// An order was just read at its channel: it is searched, if a courier wants that and the channel can tell.
    pub(crate) async fn seek_parcels(&self, owner: &Owner) -> Result<(), PortError> {
        let channel = owner.channel.as_ref();
        let connector = self.parts.registry.get(&channel.connection.connector);
        let tells = connector.and_then(Connector::channel).is_some_and(|channel| channel.noted().is_some());
        if !tells || self.finders(&channel.connection.tenant).await?.is_empty() {
            return Ok(());
        }
        let subject = Subject { kind: SubjectKind::Order, id: owner.item.order.reference.to_string() };
        let hint = SourceHint { subject, hints: BTreeMap::new() };
        let rests = self.times.capped(RESTS);
        let look = self.parts.ledger.export(&look_key(channel, &hint).id()).await?;
        if look.is_some_and(|look| self.now().duration_since(look.changed_at) < rests) {
            return Ok(());
        }
        let news = self.found(&channel.connection.tenant, &channel.connection.id, hint);
        self.parts.queue.send(vec![news]).await
    }

    /// News of an order: it is searched, if nobody does so already.
    pub(crate) async fn search_order(
        &self,
        channel: &Account,
        hint: &SourceHint,
        asker: Asker<'_>,
    ) -> Result<(), PortError> {
        let reference = OrderReference::new(&hint.subject.id);
        match self.claim(&look_key(channel, hint), None, Some(&reference), false, asker).await? {
            Some(won) => self.search_on(won, channel, None).await,
            None => Ok(()),
        }
    }

    /// Searches the order of a claimed look, and records how that ended.
    pub(crate) async fn search_on(&self, won: Won, channel: &Account, probing: Probing<'_>) -> Result<(), PortError> {
        match self.search_at(channel, &won.export.key.subject.id, probing).await {
            Ok(()) => {
                self.record(&won.export, &won.work, Outcome::Planned(vec![]), None, None).await?;
                Ok(())
            }
            Err(blamed) => Box::pin(self.stopped(won, None, &blamed, probing)).await,
        }
    }

    async fn search_at(&self, channel: &Account, reference: &str, probing: Probing<'_>) -> Result<(), Blamed> {
        let connection = &channel.connection;
        if !connection.is_usable() && probing != Some(&connection.id) {
            return Err(source_paused(channel));
        }
        let at_channel = |error: PortError| Blamed::quiet(ours(&error), connection.id.clone());
        let finders = self.finders(&connection.tenant).await.map_err(at_channel)?;
        let texts = self.texts(channel, reference).await?;
        let mut found = 0;
        let mut news = vec![];
        for finder in &finders {
            for id in finder.named(&texts) {
                found += 1;
                let source = &finder.account.connection.id;
                let known = self.parts.ledger.parcel(&connection.tenant, source, &id).await.map_err(at_channel)?;
                // Whose order a known parcel is, is known better than by what was noted somewhere.
                if known.is_some_and(|item| item.parcel.order_reference.is_some()) {
                    continue;
                }
                let subject = Subject { kind: SubjectKind::Parcel, id: id.clone() };
                let hints = [("tracking_number".to_owned(), id), (TOLD_ORDER.to_owned(), reference.to_owned())];
                news.push(self.found(&connection.tenant, source, SourceHint { subject, hints: hints.into() }));
            }
        }
        if !news.is_empty() {
            self.parts.queue.send(news).await.map_err(at_channel)?;
        }
        let waits = matches!(texts.state, OrderState::Pending | OrderState::Open) && !finders.is_empty();
        match (found, waits) {
            (0, true) => {
                let detail = Some(remark::number_not_noted());
                let stop = Stop::Hold { reason: HoldReason::NumberMissing, until: self.next_search(&finders), detail };
                Err(Blamed::quiet(stop, connection.id.clone()))
            }
            (0, false) => {
                let detail = Some(remark::order_over());
                let stop = Stop::Skip { reason: SkipReason::NotOurs, code: Code::NotCarried, detail };
                Err(Blamed::quiet(stop, connection.id.clone()))
            }
            _ => Ok(()),
        }
    }

    /// What is written at an order.
    async fn texts(&self, channel: &Account, reference: &str) -> Result<OrderTexts, Blamed> {
        let quiet = |stop| Blamed::quiet(stop, channel.connection.id.clone());
        let (tenant, reference) = (&channel.connection.tenant, OrderReference::new(reference));
        let side = self.connector(channel).map_err(quiet)?.channel();
        let unsupported = || quiet(Stop::skip(SkipReason::Unsupported, Code::Unsupported));
        let (side, noted) = side.and_then(|side| Some((side, side.noted()?))).ok_or_else(unsupported)?;
        let view = self.parts.ledger.order(tenant, &reference).await.map_err(|error| quiet(ours(&error)))?;
        let known = view.orders.into_iter().find(|item| item.channel == channel.connection.id).map(|item| item.order);
        let session = self.session(channel, Mode::Live, Step::Look);
        let read = async {
            let order = match known {
                Some(order) => Some(order),
                None => side.find_order(&session, &reference).await?,
            };
            let texts = match &order {
                Some(order) => noted.order_texts(&session, order).await?,
                None => None,
            };
            texts.ok_or(Stop::skip(SkipReason::DocumentGone, Code::DocumentGone))
        };
        let read = read.await.map_err(|stop| Blamed::new(stop, &session));
        if session.heard() && !read.as_ref().is_err_and(Blamed::is_outage) {
            self.answered(channel).await.map_err(|error| quiet(ours(&error)))?;
        }
        read
    }

    /// An order is searched again as often as its couriers are asked for a parcel.
    fn next_search(&self, finders: &[Finder]) -> Option<Timestamp> {
        let every =
            finders.iter().filter_map(|finder| Some(finder.account.spec.source.as_ref()?.parcel_every)).min()?;
        self.now().checked_add(self.times.capped(every)).ok()
    }

    async fn finders(&self, tenant: &TenantId) -> Result<Vec<Finder>, PortError> {
        let mut finders = vec![];
        for connection in self.connections(tenant).await? {
            if connection.role != Role::Courier
                || !connection.ever_active
                || connection.state == ConnectionState::Disabled
            {
                continue;
            }
            let courier = self.parts.registry.get(&connection.connector).and_then(Connector::courier);
            let Some((courier, numbers)) = courier.and_then(|courier| Some((courier, courier.numbers()?))) else {
                continue;
            };
            let Some(account) = self.account(&connection.id).await? else { continue };
            let comments = match account.setting(SETTING) {
                Some("tracks_and_comments") => true,
                Some("tracks") => false,
                _ => continue,
            };
            finders.push(Finder { account, courier, numbers, comments });
        }
        Ok(finders)
    }

    /// News of our own, that nobody has sent us.
    fn found(&self, tenant: &TenantId, source: &ConnectionId, hint: SourceHint) -> Outgoing {
        let event = SourceEvent {
            event: self.new_event(),
            tenant: tenant.clone(),
            source: source.clone(),
            hint,
            cause: Cause::Release,
            target: None,
            at: self.now(),
        };
        Outgoing { message: Message::SourceEventV1(event), group: source.clone(), delay: SignedDuration::ZERO }
    }
}
