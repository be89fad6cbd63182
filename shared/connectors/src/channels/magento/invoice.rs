//! Invoices: Magento's own record, marked with our number in a comment.
//!
//! ```text
//! order, invoices ── one is marked with our number ─► fits: delivered · does not fit: target_has_other
//!   └─ none ─► one that fits is nobody's ─► rule adopt: our comment on it ─► delivered, adopted
//!        └─ none ─► POST order/{id}/invoice, capture never ─► its id: delivered
//! ```

use super::VENDOR;
use super::{calls, map, wire};
use crate::channels::{misplanned, taken, was_ours};
use crate::contract::{Delivered, Target, Task};
use crate::http::Answer;
use crate::session::Session;
use crate::stop::Stop;
use async_trait::async_trait;
use domain::{AdoptRule, Code, Document, HoldReason, Operation, SkipReason, Step, remark};
use http::Method;

/// Makes the invoice record.
pub(super) struct SendInvoice;

/// One conversation.
struct Talk<'a, 's> {
    session: &'a Session<'s>,
    task: &'a Task<'a>,
    document: &'a Document,
    /// A document over the whole may go though its lines fit nothing.
    by_total: bool,
}

#[async_trait]
impl Target for SendInvoice {
    async fn deliver(&self, session: &Session<'_>, task: &Task<'_>) -> Result<Delivered, Stop> {
        let document = task.document.ok_or_else(|| misplanned("document"))?;
        let by_total = task.rules.full_invoice_without_line_match.unwrap_or(true) || task.overrides.without_lines;
        Talk { session, task, document, by_total }.run().await
    }
}

impl Talk<'_, '_> {
    async fn run(&self) -> Result<Delivered, Stop> {
        let order = calls::order(self.session, &self.task.order.remote_id).await?;
        let invoices = calls::invoices(self.session, &order).await?;
        if let Some(found) = self.ours(&order, &invoices)? {
            return Ok(found);
        }
        if let Some(same) = self.adoptable(&order, &invoices) {
            return self.adopt(same).await;
        }
        let items = self.preflight(&order, &invoices)?;
        self.make(&order, items).await
    }

    fn is_taken(&self, invoice: &wire::Invoice) -> bool {
        taken(self.task, Operation::SendInvoice, &invoice.entity_id.to_string())
    }

    /// The invoice that carries our number, if there is one.
    fn ours(&self, order: &wire::Order, invoices: &[wire::Invoice]) -> Result<Option<Delivered>, Stop> {
        let number = map::one_line(&self.document.number);
        let marked: Vec<&wire::Invoice> = invoices
            .iter()
            .filter(|invoice| map::stands(invoice) && !self.is_taken(invoice))
            .filter(|invoice| map::numbers(invoice).contains(&number))
            .collect();
        let fits = |invoice: &&&wire::Invoice| {
            let fit = map::fit(invoice, self.document, order, self.by_total);
            fit.currency && (fit.total || fit.quantities || self.task.overrides.without_lines)
        };
        match (marked.iter().find(fits), marked.first()) {
            (Some(found), _) => Ok(Some(delivered(found, false))),
            (None, Some(other)) if !self.task.overrides.send_anyway => Err(changed(other)),
            (None, _) => Ok(None),
        }
    }

    /// An invoice that is the same in all that counts and is nobody's; one of our own earlier revisions in any case.
    fn adoptable<'i>(&self, order: &wire::Order, invoices: &'i [wire::Invoice]) -> Option<&'i wire::Invoice> {
        let rule = self.task.rules.if_target_has_one.unwrap_or(AdoptRule::Adopt);
        let mut standing = invoices.iter().filter(|invoice| map::stands(invoice) && !self.is_taken(invoice));
        standing.find(|invoice| {
            let fit = map::fit(invoice, self.document, order, self.by_total);
            let same = fit.currency && fit.total && fit.quantities;
            let earlier = was_ours(self.task, &invoice.entity_id.to_string());
            same && (earlier || (rule == AdoptRule::Adopt && self.is_nobodys(invoice)))
        })
    }

    /// Whether no comment names another document.
    fn is_nobodys(&self, invoice: &wire::Invoice) -> bool {
        let mut others = self.task.siblings.iter().flat_map(|sibling| &sibling.numbers);
        let own = map::one_line(&self.document.number);
        map::numbers(invoice).is_empty()
            && !others.any(|n| map::one_line(n) != own && map::mentions(&invoice.comments, n))
    }

    /// What we know beforehand, and which lines the invoice names.
    fn preflight(&self, order: &wire::Order, invoices: &[wire::Invoice]) -> Result<map::Items, Stop> {
        self.session.step(Step::Preflight);
        let stranger = self.stranger(invoices)?;
        match map::stage(order) {
            map::Stage::Open | map::Stage::Complete => {}
            map::Stage::Waiting => return Err(waiting(order)),
            map::Stage::Canceled => return Err(Stop::skip(SkipReason::OrderCancelled, Code::OrderCancelled)),
            map::Stage::Closed => {
                return Err(Stop::fail(Code::OrderState, None, remark::closed_without_invoice()));
            }
        }
        let without_lines = self.task.overrides.without_lines;
        match (map::cover(self.document, order, without_lines, self.by_total), stranger) {
            (map::Cover::Items(items), _) => Ok(items),
            (map::Cover::NothingLeft | map::Cover::Unmatched(_), Some(stranger)) => Err(has_other(stranger)),
            (map::Cover::NothingLeft, None) => {
                Err(Stop::hold(HoldReason::Preflight, Some(remark::nothing_to_invoice())))
            }
            (map::Cover::Unmatched(what), None) => Err(Stop::hold(HoldReason::LinesUnmatched, Some(what))),
        }
    }

    /// An invoice that nobody's comment claims, where it matters; held at once where the rule or our own past says so.
    fn stranger<'i>(&self, invoices: &'i [wire::Invoice]) -> Result<Option<&'i wire::Invoice>, Stop> {
        if self.task.overrides.send_anyway {
            return Ok(None);
        }
        let standing = || invoices.iter().filter(|invoice| map::stands(invoice) && !self.is_taken(invoice));
        // An earlier revision of this document stands there, and does not fit any more.
        if let Some(before) = standing().find(|invoice| was_ours(self.task, &invoice.entity_id.to_string())) {
            return Err(changed(before));
        }
        let stranger = standing().find(|invoice| map::numbers(invoice).is_empty());
        match (stranger, self.task.rules.if_target_has_one.unwrap_or(AdoptRule::Adopt)) {
            (Some(stranger), AdoptRule::Hold) => Err(has_other(stranger)),
            (_, AdoptRule::SendAnyway) => Ok(None),
            (stranger, _) => Ok(stranger),
        }
    }

    /// `POST order/{id}/invoice`.
    async fn make(&self, order: &wire::Order, items: map::Items) -> Result<Delivered, Stop> {
        let body = wire::NewInvoice {
            // Money is never taken.
            capture: false,
            items: items.named(),
            notify: calls::notifies(self.task),
            // Without it the comment would only be mailed, and our mark would be lost.
            append_comment: true,
            comment: wire::NewComment { comment: map::comment(self.document), is_visible_on_front: 0 },
        };
        let path = format!("order/{}/invoice", order.entity_id);
        let request = calls::request(self.session, Method::POST, &path, &[])?.json(&body);
        let permit = self.task.gate.absent().await?;
        let answer = self.session.write(&permit, request).await?;
        if answer.status != 200 {
            return self.refused(&answer).await;
        }
        let id: wire::Id = answer.json()?;
        self.session.done();
        Ok(Delivered {
            remote_id: id.to_string(),
            number: None,
            proof: serde_json::json!({
                "invoice_id": id, "order_id": order.entity_id, "comment": body.comment.comment, "adopted": false,
            }),
        })
    }

    /// What a refusal means. The validators' is certain: then the order is read once more, for an earlier call of ours
    /// may have just taken effect.
    async fn refused(&self, answer: &Answer) -> Result<Delivered, Stop> {
        calls::only_refused(self.session, answer)?;
        let order = calls::order(self.session, &self.task.order.remote_id).await?;
        let invoices = calls::invoices(self.session, &order).await?;
        self.ours(&order, &invoices)?.ok_or_else(|| calls::failed(answer, Code::OrderState))
    }

    /// Notes our number on an invoice that is there: `POST invoices/comments`.
    async fn adopt(&self, invoice: &wire::Invoice) -> Result<Delivered, Stop> {
        let comment = map::comment(self.document);
        let is_ours = |told: &str| map::marked(told) == map::marked(&comment);
        calls::note(self.session, self.task, "invoices/comments", (invoice.entity_id, &comment), is_ours).await?;
        Ok(delivered(invoice, true))
    }
}

/// An order that a later event may open.
pub(super) fn waiting(order: &wire::Order) -> Stop {
    let detail = order.state.as_deref().map_or_else(remark::order_stateless, remark::order_is);
    Stop::hold(HoldReason::Predecessor, Some(detail))
}

fn changed(invoice: &wire::Invoice) -> Stop {
    let detail = remark::invoice_differs(VENDOR, name(invoice));
    Stop::hold(HoldReason::TargetHasOther, Some(detail))
}

fn has_other(invoice: &wire::Invoice) -> Stop {
    let detail = remark::invoice_other(VENDOR, name(invoice));
    Stop::hold(HoldReason::TargetHasOther, Some(detail))
}

fn name(invoice: &wire::Invoice) -> String {
    invoice.increment_id.clone().unwrap_or_else(|| invoice.entity_id.to_string())
}

fn delivered(invoice: &wire::Invoice, adopted: bool) -> Delivered {
    Delivered {
        remote_id: invoice.entity_id.to_string(),
        number: invoice.increment_id.clone(),
        proof: serde_json::json!({
            "invoice_id": invoice.entity_id,
            "increment_id": invoice.increment_id,
            "order_id": invoice.order_id,
            "grand_total": invoice.grand_total,
            "currency": invoice.order_currency_code,
            "adopted": adopted,
        }),
    }
}
