//! What other rules and switches of a connection would have done to the last days, said before they are saved. Judged by
//! what plans and conversations ask, over what is remembered: no vendor is called and nothing is written.

mod judge;
#[cfg(test)]
mod tests;
mod worlds;

use super::form;
use crate::flow::Flow;
use crate::ports::{ExportQuery, PortError, reason};
use crate::refused::Refused;
use domain::{Connection, Export, ExportId, OrderReference, Rules, State, SubjectKind, TenantId};
use futures_util::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use judge::{Judged, Lens};
use serde_json::Value;
use worlds::Known;

/// Days that are looked at.
pub const PREVIEW_DAYS: i64 = 30;
/// Exports that are looked at, the newest.
pub const LOOKED_AT_MAX: usize = 2_000;
/// Pages that are read to find them.
const PAGES_MAX: usize = 20;
const PAGE: usize = 500;
/// Exports whose orders are read at once.
const READ_AT_ONCE: usize = 20;
const EXAMPLES_MAX: usize = 5;

/// Where an export stands, or would.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fate {
    /// Its state. `sending` and `planned` say that it would go on; how that would end is not known.
    pub state: State,
    /// Why it is held, expired or skipped.
    pub reason: Option<&'static str>,
}

/// What other rules do to an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It goes.
    Goes,
    /// It waits.
    Waits,
    /// It is left out.
    LeftOut,
    /// Its number is told at once, though its shipment still waits.
    NumberTold,
    /// Its number waits with its shipment.
    NumberWaits,
}

impl Effect {
    /// The word used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Goes => "would_go",
            Self::Waits => "would_wait",
            Self::LeftOut => "would_be_left_out",
            Self::NumberTold => "number_would_be_told",
            Self::NumberWaits => "number_would_wait",
        }
    }
}

/// An export that would have fared otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleExample {
    /// Which.
    pub export: ExportId,
    /// Its order, if it is known.
    pub order: Option<OrderReference>,
    /// Its number.
    pub number: Option<String>,
}

/// Exports that would have fared otherwise, all in one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleChange {
    /// Where they stand.
    pub from: Fate,
    /// Where they would stand.
    pub to: Fate,
    /// What that means.
    pub effect: Effect,
    /// They have gone, or may have, and that stays so: only what comes from now on would fare so.
    pub gone: bool,
    /// How many.
    pub count: u64,
    /// The newest of them.
    pub examples: Vec<RuleExample>,
}

impl RuleChange {
    /// In words.
    #[must_use]
    pub const fn text(&self) -> &'static str {
        match (self.effect, self.gone) {
            (Effect::Goes, _) => "would have gone",
            (Effect::Waits, false) => "would have waited",
            (Effect::LeftOut, false) => "would have been left out",
            (Effect::Waits, true) => "have gone and stay so; would have waited, as such ones will from now on",
            (Effect::LeftOut, true) => "have gone and stay so; would have been left out, as such ones will from now on",
            (Effect::NumberTold, _) => "wait as before, but their number would have been told at once",
            (Effect::NumberWaits, _) => "wait as before, but their number would not have been told yet",
        }
    }
}

/// What other rules would have done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RulePreview {
    /// Exports and looks that were looked at.
    pub looked_at: u64,
    /// Whether that was all there is.
    pub complete: bool,
    /// Changes, the largest number first.
    pub changes: Vec<RuleChange>,
    /// Would have fared the same.
    pub unchanged: u64,
    /// It depends on what is not remembered, or on what only a vendor knows.
    pub not_judged: u64,
    /// Rules that change and whose effect is never judged: what they do depends on what stands at the target.
    pub rules_not_judged: Vec<&'static str>,
}

impl Flow {
    /// Judges what these rules and switches would have done to what came in the last [`PREVIEW_DAYS`] days. `null` for
    /// either leaves it as it is, and a switch that is not named stays. Refunds that nobody has asked for have no record
    /// and are not seen.
    ///
    /// # Errors
    /// [`Refused::Fields`] with every rule and switch that cannot be used; [`Refused::Unknown`] or [`Refused::Ours`].
    pub async fn preview_rules(
        &self,
        tenant: &TenantId,
        id: &str,
        rules: &Value,
        switches: &Value,
    ) -> Result<RulePreview, Refused> {
        let was = self.connection_of(tenant, id).await?;
        let spec = self.spec_of(&was)?;
        let (rules, switches) = form::read_rules(spec, &was, (rules, switches)).map_err(Refused::Fields)?;
        let will = Connection { rules, switches, ..was.clone() };
        let lens = Lens::new(spec, was, will, self.parts.ledger.connections(tenant).await?);
        let since = self.now() - SignedDuration::from_hours(24 * PREVIEW_DAYS);
        let (found, complete) = self.of_last_days(&lens, since).await?;
        let rules_not_judged = never_judged(&lens.was.rules, &lens.will.rules);
        let mut preview = RulePreview { complete, rules_not_judged, ..RulePreview::default() };
        for some in found.chunks(READ_AT_ONCE) {
            let judged = try_join_all(some.iter().map(|export| self.judged(&lens, export))).await?;
            for (export, judged) in some.iter().zip(judged) {
                preview.count(export, judged);
            }
        }
        preview.changes.sort_by_key(|change| std::cmp::Reverse(change.count));
        Ok(preview)
    }

    /// What is remembered is read only where it makes a difference.
    async fn judged(&self, lens: &Lens, export: &Export) -> Result<Judged, PortError> {
        match lens.judge(export, &Known::default()) {
            // What goes by its rules may still not fit its order.
            Judged::Unknown | Judged::Change { effect: Effect::Goes, .. } => {
                Ok(lens.judge(export, &self.known(export).await?))
            }
            sure => Ok(sure),
        }
    }

    async fn known(&self, export: &Export) -> Result<Known, PortError> {
        let (tenant, source, id) = (&export.key.tenant, &export.key.source, &export.key.subject.id);
        let ledger = &self.parts.ledger;
        let view = match &export.order {
            Some(reference) => ledger.order(tenant, reference).await?,
            None => crate::ports::OrderView::default(),
        };
        let alone = export.order.is_some().then_some(view.parcels.len() <= 1);
        let mut known = Known { orders: view.orders, alone, ..Known::default() };
        if export.key.subject.kind == SubjectKind::Parcel {
            let beside = view.parcels.into_iter().find(|item| item.source == *source && item.parcel.id == *id);
            let item = if beside.is_some() { beside } else { ledger.parcel(tenant, source, id).await? };
            known.parcel = item.map(|item| item.parcel).filter(|parcel| parcel.id == *id);
        } else {
            let beside = view.documents.into_iter().find(|item| item.source == *source && item.id == *id);
            let item = if beside.is_some() { beside } else { ledger.document(tenant, source, id).await? };
            known.document = item.filter(|item| item.id == *id);
        }
        Ok(known)
    }

    /// What the rules could be about, newest first, and whether that is all.
    async fn of_last_days(&self, lens: &Lens, since: Timestamp) -> Result<(Vec<Export>, bool), PortError> {
        let (mut found, mut cursor) = (vec![], None);
        // Looks that found no channel name none.
        let connection = (!lens.pattern_changes()).then(|| lens.was.id.clone());
        let query = ExportQuery { connection, ..ExportQuery::default() };
        for _ in 0..PAGES_MAX {
            let page = self.parts.ledger.exports(&lens.was.tenant, &query, PAGE, cursor.as_deref()).await?;
            let older = page.items.last().is_some_and(|last| last.created_at < since);
            found.extend(page.items.into_iter().filter(|e| e.created_at >= since && lens.concerns(e)));
            cursor = page.next;
            if found.len() > LOOKED_AT_MAX {
                found.truncate(LOOKED_AT_MAX);
                return Ok((found, false));
            }
            if cursor.is_none() || older {
                return Ok((found, true));
            }
        }
        Ok((found, false))
    }
}

impl RulePreview {
    fn count(&mut self, export: &Export, judged: Judged) {
        self.looked_at += 1;
        let (to, effect) = match judged {
            Judged::Unchanged => return self.unchanged += 1,
            Judged::Unknown => return self.not_judged += 1,
            Judged::Change { to, effect } => (to, effect),
        };
        let from = Fate { state: export.state, reason: reason(export) };
        let gone = judge::has_gone(export) && matches!(effect, Effect::Waits | Effect::LeftOut);
        let same = |c: &RuleChange| (c.from, c.to, c.effect, c.gone) == (from, to, effect, gone);
        let at = self.changes.iter().position(same).unwrap_or_else(|| {
            self.changes.push(RuleChange { from, to, effect, gone, count: 0, examples: vec![] });
            self.changes.len() - 1
        });
        if let Some(change) = self.changes.get_mut(at) {
            change.count += 1;
            if change.examples.len() < EXAMPLES_MAX {
                let number = export.numbers.first().cloned();
                change.examples.push(RuleExample { export: export.id.clone(), order: export.order.clone(), number });
            }
        }
    }
}

fn never_judged(was: &Rules, will: &Rules) -> Vec<&'static str> {
    [
        ("if_target_has_one", was.if_target_has_one != will.if_target_has_one),
        ("notify_customer", was.notify_customer != will.notify_customer),
        (
            "full_invoice_without_line_match",
            was.full_invoice_without_line_match != will.full_invoice_without_line_match,
        ),
        ("also_known_as", was.also_known_as != will.also_known_as),
        ("batch_export", was.batch_export != will.batch_export),
    ]
    .into_iter()
    .filter_map(|(name, changed)| changed.then_some(name))
    .collect()
}
