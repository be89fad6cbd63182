//! Refunds: Magento's own credit memo, offline, marked with the credit note's number in a comment.
//!
//! ```text
//! order, memos ── one is marked with our number ─► its sum: delivered · another sum: target_has_other
//!   └─ none ─► one that may be it and is nobody's ─► rule: held, adopted or passed over
//!        └─ none ─► its invoice is there ─► its lines and Magento's own sum fit ─► POST order/{id}/refund ─► memos: ours
//! ```

use super::VENDOR;
use super::invoice::waiting;
use super::{calls, map, memo, memo_sum, wire};
use crate::channels::{misplanned, not_confirmed, taken, was_ours};
use crate::contract::{Delivered, Target, Task};
use crate::http::Answer;
use crate::session::Session;
use crate::stop::Stop;
use async_trait::async_trait;
use domain::{AdoptRule, Code, Document, HoldReason, Money, Operation, SkipReason, Step, remark};
use http::Method;

/// Makes the credit memo.
pub(super) struct RefundOrder;

/// One conversation.
struct Talk<'a, 's> {
    session: &'a Session<'s>,
    task: &'a Task<'a>,
    document: &'a Document,
}

#[async_trait]
impl Target for RefundOrder {
    async fn deliver(&self, session: &Session<'_>, task: &Task<'_>) -> Result<Delivered, Stop> {
        let document = task.document.ok_or_else(|| misplanned("document"))?;
        Talk { session, task, document }.run().await
    }
}

impl Talk<'_, '_> {
    async fn run(&self) -> Result<Delivered, Stop> {
        let order = calls::order(self.session, &self.task.order.remote_id).await?;
        let memos = calls::credit_memos(self.session, &order).await?;
        if let Some(found) = self.ours(&order, &memos)? {
            return Ok(found);
        }
        if let Some(same) = self.adoptable(&order, &memos) {
            return self.adopt(same).await;
        }
        self.session.step(Step::Preflight);
        self.stranger(&order, &memos)?;
        stage(&order)?;
        self.after_its_invoice(&order).await?;
        let goods = self.preflight(&order)?;
        self.make(&order, &goods).await
    }

    fn is_taken(&self, memo: &wire::CreditMemo) -> bool {
        taken(self.task, Operation::RefundOrder, &memo.entity_id.to_string())
    }

    fn standing<'m>(&self, memos: &'m [wire::CreditMemo]) -> impl Iterator<Item = &'m wire::CreditMemo> {
        memos.iter().filter(|memo| memo::stands(memo) && !self.is_taken(memo))
    }

    /// The memo that carries our number, if there is one. One over another sum is never passed over, whatever a person
    /// says: each further run would find it again, and refund again.
    fn ours(&self, order: &wire::Order, memos: &[wire::CreditMemo]) -> Result<Option<Delivered>, Stop> {
        let number = map::one_line(&self.document.number);
        let marked = || self.standing(memos).filter(|memo| memo::numbers(memo).contains(&number));
        match (marked().find(|memo| memo::same_sum(memo, self.document, order)), marked().next()) {
            (Some(found), _) => Ok(Some(delivered(found, false))),
            (None, Some(other)) => Err(self.changed(other)),
            (None, None) => Ok(None),
        }
    }

    /// What a person says, else the rule. Money that somebody else may have given back is asked about.
    fn rule(&self) -> AdoptRule {
        if self.task.overrides.send_anyway {
            return AdoptRule::SendAnyway;
        }
        self.task.rules.if_target_has_one.unwrap_or(AdoptRule::Hold)
    }

    /// A memo that is the same in all that counts and is nobody's; one of our own earlier revisions in any case.
    fn adoptable<'m>(&self, order: &wire::Order, memos: &'m [wire::CreditMemo]) -> Option<&'m wire::CreditMemo> {
        self.standing(memos).find(|memo| {
            let same = memo::same_sum(memo, self.document, order) && memo::same_goods(memo, self.document, order);
            let earlier = was_ours(self.task, &memo.entity_id.to_string());
            same && (earlier || (self.rule() == AdoptRule::Adopt && self.is_nobodys(memo)))
        })
    }

    /// Whether no comment names another credit note.
    fn is_nobodys(&self, memo: &wire::CreditMemo) -> bool {
        let own = map::one_line(&self.document.number);
        let mut others = self.task.siblings.iter().flat_map(|sibling| &sibling.numbers);
        memo::numbers(memo).is_empty()
            && !others.any(|n| map::one_line(n) != own && map::mentions(memo::comments(memo), n))
    }

    /// A memo that may be this refund, made by hand or by another tool, is not made a second time.
    fn stranger(&self, order: &wire::Order, memos: &[wire::CreditMemo]) -> Result<(), Stop> {
        if self.rule() == AdoptRule::SendAnyway {
            return Ok(());
        }
        // An earlier revision of this credit note stands there, and does not fit any more.
        if let Some(before) = self.standing(memos).find(|memo| was_ours(self.task, &memo.entity_id.to_string())) {
            return Err(self.changed(before));
        }
        let may_be_it = |memo: &&wire::CreditMemo| {
            memo::same_sum(memo, self.document, order) || memo::shares_goods(memo, self.document, order)
        };
        match self.standing(memos).filter(|memo| self.is_nobodys(memo)).find(may_be_it) {
            None => Ok(()),
            Some(stranger) => {
                let detail = remark::memo_other(VENDOR, name(stranger));
                Err(Stop::hold(HoldReason::TargetHasOther, Some(detail)))
            }
        }
    }

    /// As for its comment: where no record of ours proves it, the invoice must be among the order's.
    async fn after_its_invoice(&self, order: &wire::Order) -> Result<(), Stop> {
        let Some(number) = self.task.after else { return Ok(()) };
        calls::invoice_named(self.session, order, number).await
    }

    /// What is to be taken back, if Magento's own sum of it is the credit note's to the cent.
    fn preflight(&self, order: &wire::Order) -> Result<memo::Goods, Stop> {
        let hold = |reason, detail| Stop::hold(reason, Some(detail));
        let cannot_be = match self.document.total {
            _ if map::one_line(&self.document.number).is_empty() => Some(remark::number_for_memo()),
            total if total.is_zero() => Some(remark::refund_nothing(VENDOR)),
            _ => None,
        };
        if let Some(detail) = cannot_be {
            return Err(hold(HoldReason::Preflight, detail));
        }
        let goods = memo::goods(self.document, order).map_err(|what| hold(HoldReason::LinesUnmatched, what))?;
        let wanted = Money::new(self.document.total.abs(), self.document.currency);
        if !order.order_currency_code.eq_ignore_ascii_case(self.document.currency.code()) {
            let detail = remark::refund_currency(wanted, &order.order_currency_code);
            return Err(hold(HoldReason::OrderMismatch, detail));
        }
        let sum = memo_sum::sum(order, goods.taken()).map_err(|why| hold(HoldReason::OrderMismatch, why))?;
        if sum != wanted.amount {
            let theirs = Money::new(sum, self.document.currency);
            let detail = remark::refund_sum(VENDOR, theirs, wanted);
            return Err(hold(HoldReason::OrderMismatch, detail));
        }
        let paid = order.total_paid.unwrap_or_default() - order.total_refunded.unwrap_or_default();
        if paid < sum {
            let paid = Money::new(paid, self.document.currency);
            let detail = remark::refund_unpaid(paid, wanted);
            return Err(hold(HoldReason::NotPaidYet, detail));
        }
        Ok(goods)
    }

    /// `POST order/{id}/refund`. The answer is a bare number, so the memo is read afterwards.
    async fn make(&self, order: &wire::Order, goods: &memo::Goods) -> Result<Delivered, Stop> {
        let body = wire::NewCreditMemo {
            items: map::items(&goods.quantities),
            notify: calls::notifies(self.task),
            append_comment: true,
            comment: wire::NewComment { comment: map::memo_comment(self.document), is_visible_on_front: 0 },
            // Which shipping amount would be meant, with tax or without, is the shop's setting, and none says which.
            arguments: (!goods.shipping).then_some(wire::MemoArguments { shipping_amount: 0 }),
        };
        let path = format!("order/{}/refund", order.entity_id);
        let request = calls::request(self.session, Method::POST, &path, &[])?.json(&body);
        let permit = self.task.gate.absent().await?;
        let answer = self.session.write(&permit, request).await?;
        if answer.status != 200 {
            return self.refused(&answer).await;
        }
        let id: wire::Id = answer.json()?;
        let memos = calls::credit_memos(self.session, order).await?;
        let made = memos.iter().find(|memo| memo.entity_id == id);
        let made = made.ok_or_else(|| not_confirmed(remark::unproven_memo()))?;
        self.session.done();
        if !memo::same_sum(made, self.document, order) {
            return Err(self.changed(made));
        }
        Ok(delivered(made, false))
    }

    /// What a refusal means. The validators' is certain: then the memos are read once more, for an earlier call of ours
    /// may have just taken effect.
    async fn refused(&self, answer: &Answer) -> Result<Delivered, Stop> {
        calls::only_refused(self.session, answer)?;
        let order = calls::order(self.session, &self.task.order.remote_id).await?;
        let memos = calls::credit_memos(self.session, &order).await?;
        self.ours(&order, &memos)?.ok_or_else(|| calls::failed(answer, Code::OrderState))
    }

    /// Notes our number on a memo that is there: `POST creditmemo/{id}/comments`.
    async fn adopt(&self, memo: &wire::CreditMemo) -> Result<Delivered, Stop> {
        let path = format!("creditmemo/{}/comments", memo.entity_id);
        let comment = map::memo_comment(self.document);
        let number = map::one_line(&self.document.number);
        let is_ours = |told: &str| map::credited(told) == Some(number);
        calls::note(self.session, self.task, &path, (memo.entity_id, &comment), is_ours).await?;
        Ok(delivered(memo, true))
    }

    fn changed(&self, memo: &wire::CreditMemo) -> Stop {
        let wanted = Money::new(self.document.total.abs(), self.document.currency);
        let detail = match memo.grand_total {
            Some(total) => remark::memo_differs(VENDOR, name(memo), total.normalize(), wanted),
            None => remark::memo_differs_unsaid(VENDOR, name(memo), wanted),
        };
        Stop::hold(HoldReason::TargetHasOther, Some(detail))
    }
}

/// An order that has nothing to refund, by its state.
fn stage(order: &wire::Order) -> Result<(), Stop> {
    match map::stage(order) {
        map::Stage::Open | map::Stage::Complete => Ok(()),
        map::Stage::Waiting => Err(waiting(order)),
        map::Stage::Canceled => Err(Stop::skip(SkipReason::OrderCancelled, Code::OrderCancelled)),
        map::Stage::Closed => Err(Stop::fail(Code::OrderState, None, remark::closed_without_memo())),
    }
}

fn name(memo: &wire::CreditMemo) -> String {
    memo.increment_id.clone().unwrap_or_else(|| memo.entity_id.to_string())
}

fn delivered(memo: &wire::CreditMemo, adopted: bool) -> Delivered {
    Delivered {
        remote_id: memo.entity_id.to_string(),
        number: memo.increment_id.clone(),
        proof: serde_json::json!({
            "creditmemo_id": memo.entity_id,
            "increment_id": memo.increment_id,
            "order_id": memo.order_id,
            "grand_total": memo.grand_total,
            "currency": memo.order_currency_code,
            "adopted": adopted,
        }),
    }
}
