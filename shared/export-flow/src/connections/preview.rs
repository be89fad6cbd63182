//! What other rules would have done to the last days, by what the ledger knows. No vendor is asked and nothing is written:
//! what would depend on a fact that is not kept, such as whether a document was paid by then, is not judged.

use super::rules::with_rules;
use super::{PutOptions, read_form};
use crate::flow::Flow;
use crate::owner::fits;
use crate::ports::{ExportQuery, PortError, reason};
use crate::refused::Refused;
use connectors::Spec;
use domain::{
    AdoptRule, CarryWhen, Code, Connection, Export, ExportId, HoldReason, InvoiceWhen, Operation, Order, Role, Rules,
    ShippedWhen, SkipReason, State, TenantId,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;

/// Days that are looked at.
pub const PREVIEW_DAYS: i64 = 30;
/// Exports that are looked through at most, in pages. What lies beyond them is said to be more.
const PAGES_MAX: usize = 20;
const PAGE: usize = 500;
/// Orders that are read for their payment at most.
const ORDERS_MAX: usize = 500;
/// Examples of one change.
const EXAMPLES_MAX: usize = 5;
/// What goes out instead.
const GOES: &str = "goes";
/// What this channel would be asked about.
const LOOKED_FOR: &str = "looked_for";

/// Exports that would have fared otherwise, all in one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleChange {
    /// What became of them: a state, or the reason of a hold or skip.
    pub from: &'static str,
    /// What would have: `goes`, `looked_for`, the reason of a hold, or the reason or code of a skip.
    pub to: &'static str,
    /// How many.
    pub count: u64,
    /// Some of them.
    pub examples: Vec<ExportId>,
}

/// What other rules would have done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulePreview {
    /// What came since then was looked at.
    pub since: Timestamp,
    /// Exports that were looked at.
    pub looked_at: u64,
    /// Exports that would have fared the same.
    pub unchanged: u64,
    /// Exports whose fate depends on what is not kept.
    pub unjudged: u64,
    /// There are more than were looked at.
    pub more: bool,
    /// Changes, the largest number first.
    pub changes: Vec<RuleChange>,
}

/// What would have become of one export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Same,
    Unknown,
    Other(&'static str),
}

impl Flow {
    /// Judges what these rules would have done to what came in the last [`PREVIEW_DAYS`] days.
    ///
    /// # Errors
    /// As [`Flow::save_rules`].
    pub async fn preview_rules(
        &self,
        tenant: &TenantId,
        id: &str,
        rules: &Value,
        options: PutOptions,
    ) -> Result<RulePreview, Refused> {
        let old = self.connection_of(tenant, id).await?;
        let form = read_form(self, &with_rules(&old, rules), Some(&old), options)?;
        let lens = Lens { old: &old, new: &form.rules, spec: form.spec };
        let since = self.now() - SignedDuration::from_hours(24 * PREVIEW_DAYS);
        let mut preview = RulePreview { since, looked_at: 0, unchanged: 0, unjudged: 0, more: false, changes: vec![] };
        let mut changes: BTreeMap<(&'static str, &'static str), RuleChange> = BTreeMap::new();
        let mut orders = 0;
        let (mut found, more) = self.of_last_days(&old, since, None).await?;
        preview.more = more;
        if old.role == Role::Channel && old.rules.order_pattern != form.rules.order_pattern {
            let (looks, more) = self.of_last_days(&old, since, Some(Code::NoChannelMatches)).await?;
            found.extend(looks);
            preview.more |= more;
        }
        for export in &found {
            let order = match &export.order {
                Some(reference) if lens.asks_payment(export) && orders < ORDERS_MAX => {
                    orders += 1;
                    let view = self.parts.ledger.order(tenant, reference).await?;
                    view.orders.into_iter().find(|item| item.channel == old.id).map(|item| item.order)
                }
                _ => None,
            };
            preview.looked_at += 1;
            match lens.fate(export, order.as_ref()) {
                Fate::Same => preview.unchanged += 1,
                Fate::Unknown => preview.unjudged += 1,
                Fate::Other(to) => {
                    let from = reason(export).unwrap_or(export.state.as_str());
                    let none = || RuleChange { from, to, count: 0, examples: vec![] };
                    let change = changes.entry((from, to)).or_insert_with(none);
                    change.count += 1;
                    if change.examples.len() < EXAMPLES_MAX {
                        change.examples.push(export.id.clone());
                    }
                }
            }
        }
        preview.changes = changes.into_values().collect();
        preview.changes.sort_by_key(|change| std::cmp::Reverse(change.count));
        Ok(preview)
    }

    /// What came to a channel, or from a source, since then; with a code the looks that ended with it, wherever they came
    /// from. True: there is more.
    async fn of_last_days(
        &self,
        at: &Connection,
        since: Timestamp,
        looks: Option<Code>,
    ) -> Result<(Vec<Export>, bool), PortError> {
        let (mut found, mut cursor) = (vec![], None);
        let query = match looks {
            Some(code) => ExportQuery {
                state: Some(State::Skipped),
                operation: Some(Operation::Look),
                code: Some(code.as_str().to_owned()),
                ..ExportQuery::default()
            },
            None => ExportQuery { connection: Some(at.id.clone()), ..ExportQuery::default() },
        };
        for _ in 0..PAGES_MAX {
            let page = self.parts.ledger.exports(&at.tenant, &query, PAGE, cursor.as_deref()).await?;
            found.extend(page.items.into_iter().filter(|export| {
                let here = looks.is_some() || at.role != Role::Channel || export.key.target.as_ref() == Some(&at.id);
                here && export.created_at >= since && export.state != State::Planned
            }));
            cursor = page.next;
            if cursor.is_none() {
                return Ok((found, false));
            }
        }
        Ok((found, true))
    }
}

/// The rules as they are and as they would be.
struct Lens<'a> {
    old: &'a Connection,
    new: &'a Rules,
    spec: &'static Spec,
}

impl Lens<'_> {
    fn fate(&self, export: &Export, order: Option<&Order>) -> Fate {
        if self.old.role != Role::Channel {
            return self.of_source(export);
        }
        let (was, will) = (&self.old.rules, self.new);
        let reference = export.order.as_ref().map_or("", |order| order.as_str());
        // Whoever said where it goes is asked no pattern.
        let named = export.overrides.target.is_some() || export.overrides.order.is_some();
        let matches = fits(will.order_pattern.as_deref().unwrap_or_default(), reference);
        if export.key.operation == Operation::Look {
            return if matches && !reference.is_empty() { Fate::Other(LOOKED_FOR) } else { Fate::Same };
        }
        if !named && !matches {
            return Fate::Other(Code::NoChannelMatches.as_str());
        }
        if was.also_known_as != will.also_known_as {
            return Fate::Unknown;
        }
        let fates = [self.by_status(export, order), self.by_handing_over(export), self.by_what_is_there(export)];
        let other = fates.iter().find(|fate| matches!(fate, Fate::Other(_)));
        let unknown = fates.iter().find(|fate| **fate == Fate::Unknown);
        other.or(unknown).copied().unwrap_or(Fate::Same)
    }

    /// Whether the payment of its order decides.
    fn asks_payment(&self, export: &Export) -> bool {
        let asked = |rules: &Rules| !rules.invoice_when_by_payment.is_empty();
        export.key.operation == Operation::SendInvoice && (asked(&self.old.rules) || asked(self.new))
    }

    fn by_status(&self, export: &Export, order: Option<&Order>) -> Fate {
        if export.key.operation != Operation::SendInvoice {
            return Fate::Same;
        }
        let payment = order.and_then(|order| order.payment_kind.as_deref());
        if self.asks_payment(export) && payment.is_none() {
            let same = self.old.rules.invoice_when_by_payment == self.new.invoice_when_by_payment
                && self.old.rules.invoice_when == self.new.invoice_when;
            return if same { Fate::Same } else { Fate::Unknown };
        }
        let when = |rules: &Rules| {
            let kind = payment.map(|kind| self.old.mappings.payment(kind));
            let own = kind.and_then(|kind| rules.invoice_when_by_payment.get(kind)).copied();
            let default = self.spec.channel.as_ref().and_then(|channel| channel.invoice_when);
            own.or(rules.invoice_when).or(default).unwrap_or(InvoiceWhen::Never)
        };
        let (was, will) = (when(&self.old.rules), when(self.new));
        let waits = reason(export) == Some(HoldReason::NotPaidYet.as_str());
        let never = reason(export) == Some(SkipReason::RuleNever.as_str());
        match will {
            _ if was == will => Fate::Same,
            InvoiceWhen::Never if never => Fate::Same,
            InvoiceWhen::Never => Fate::Other(SkipReason::RuleNever.as_str()),
            InvoiceWhen::Issued if waits || never => Fate::Other(GOES),
            InvoiceWhen::Issued => Fate::Same,
            _ if never => Fate::Unknown,
            // It was not that far, so it is not further; or it was that far, and less is enough.
            _ if waits && rank(will) > rank(was) => Fate::Same,
            _ if !waits && rank(will) < rank(was) => Fate::Same,
            _ => Fate::Unknown,
        }
    }

    fn by_handing_over(&self, export: &Export) -> Fate {
        if export.key.operation != Operation::SendTracking {
            return Fate::Same;
        }
        let shipped = |rules: &Rules| rules.shipped_when.unwrap_or_default();
        let number = |rules: &Rules| rules.number_when.unwrap_or_default();
        let (was, will) = (shipped(&self.old.rules), shipped(self.new));
        let waits = reason(export) == Some(HoldReason::NotHandedOver.as_str());
        match will {
            _ if was == will && number(&self.old.rules) == number(self.new) => Fate::Same,
            ShippedWhen::NumberKnown if waits => Fate::Other(GOES),
            ShippedWhen::Manual if waits => Fate::Same,
            _ => Fate::Unknown,
        }
    }

    fn by_what_is_there(&self, export: &Export) -> Fate {
        let default = self.spec.channel.as_ref().map_or(AdoptRule::Hold, |channel| channel.if_target_has_one);
        let has_one = |rules: &Rules| rules.if_target_has_one.unwrap_or(default);
        let without_lines = |rules: &Rules| rules.full_invoice_without_line_match.unwrap_or(true);
        let (was, will) = (has_one(&self.old.rules), has_one(self.new));
        let adopted =
            export.receipt.as_ref().is_some_and(|receipt| receipt.proof.get("adopted") == Some(&Value::Bool(true)));
        let why = reason(export);
        if was != will && why == Some(HoldReason::TargetHasOther.as_str()) {
            return if will == AdoptRule::SendAnyway { Fate::Other(GOES) } else { Fate::Unknown };
        }
        if was != will && adopted {
            return if will == AdoptRule::Hold {
                Fate::Other(HoldReason::TargetHasOther.as_str())
            } else {
                Fate::Unknown
            };
        }
        if without_lines(&self.old.rules) != without_lines(self.new)
            && export.key.operation == Operation::SendInvoice
            && (why == Some(HoldReason::LinesUnmatched.as_str()) || export.state == State::Delivered)
        {
            return Fate::Unknown;
        }
        Fate::Same
    }

    fn of_source(&self, export: &Export) -> Fate {
        if self.old.role != Role::Accounting {
            return Fate::Same;
        }
        let carried = export.code != Some(Code::NotCarried);
        let none = CarryWhen::default();
        let (was, will) =
            (self.old.rules.carry_when.as_ref().unwrap_or(&none), self.new.carry_when.as_ref().unwrap_or(&none));
        let reference = export.order.as_ref().map_or("", |order| order.as_str());
        let open = will.series.is_empty() && will.tags.is_empty();
        // Series and tags are not kept: what was carried had the old ones.
        let had = carried && was.series == will.series && was.tags == will.tags;
        match (fits(&will.order_pattern, reference), carried) {
            _ if was == will => Fate::Same,
            (false, true) => Fate::Other(Code::NotCarried.as_str()),
            (false, false) => Fate::Same,
            (true, true) if open || had => Fate::Same,
            (true, false) if open => Fate::Other(GOES),
            (true, _) => Fate::Unknown,
        }
    }
}

/// How far a document must be.
const fn rank(when: InvoiceWhen) -> u8 {
    match when {
        InvoiceWhen::Issued => 0,
        InvoiceWhen::Sent => 1,
        InvoiceWhen::InPayment => 2,
        InvoiceWhen::Paid => 3,
        InvoiceWhen::Never => 4,
    }
}
