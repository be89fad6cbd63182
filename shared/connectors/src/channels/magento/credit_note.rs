//! Credit notes: a comment on the order with our number, the amount and the link. No record is made and no money moves.
//!
//! ```text
//! order ── a comment says the same ─► delivered
//!   └─ none ─► its invoice is there ─► POST orders/{id}/comments ─► order: the comment's id: delivered
//! ```

use super::{calls, map, wire};
use crate::channels::{misplanned, not_confirmed, taken};
use crate::contract::{Delivered, Target, Task};
use crate::session::Session;
use crate::stop::Stop;
use async_trait::async_trait;
use domain::{Code, Document, HoldReason, Operation, Step, remark};
use http::Method;

/// Notes a credit note at the order.
pub(super) struct SendCreditNote;

/// One conversation.
struct Talk<'a, 's> {
    session: &'a Session<'s>,
    task: &'a Task<'a>,
    document: &'a Document,
}

#[async_trait]
impl Target for SendCreditNote {
    async fn deliver(&self, session: &Session<'_>, task: &Task<'_>) -> Result<Delivered, Stop> {
        let document = task.document.ok_or_else(|| misplanned("document"))?;
        Talk { session, task, document }.run().await
    }
}

impl Talk<'_, '_> {
    async fn run(&self) -> Result<Delivered, Stop> {
        let order = calls::order(self.session, &self.task.order.remote_id).await?;
        if let Some(found) = self.ours(&order).await? {
            return Ok(found);
        }
        self.session.step(Step::Preflight);
        if map::one_line(&self.document.number).is_empty() {
            let detail = remark::number_for_comment();
            return Err(Stop::hold(HoldReason::Preflight, Some(detail)));
        }
        self.after_its_invoice(&order).await?;
        self.comment(&order).await
    }

    /// The comment that says what ours would say. An older revision's says another amount.
    async fn ours(&self, order: &wire::Order) -> Result<Option<Delivered>, Stop> {
        let comments = calls::order_comments(self.session, order).await?;
        let free = |id: &wire::Id| !taken(self.task, Operation::SendCreditNote, &id.to_string());
        let found = comments.iter().find_map(|comment| {
            let id = comment.entity_id.filter(free)?;
            let text = comment.comment.as_deref()?;
            map::says_credit(text, self.document).then_some((id, text))
        });
        Ok(found.map(|(id, text)| Delivered {
            remote_id: id.to_string(),
            number: Some(map::one_line(&self.document.number)),
            proof: serde_json::json!({"comment_id": id, "order_id": order.entity_id, "comment": text}),
        }))
    }

    /// Where no record of ours proves it, the invoice must be among the order's: by our mark, or named in anybody's words.
    async fn after_its_invoice(&self, order: &wire::Order) -> Result<(), Stop> {
        let Some(number) = self.task.after else { return Ok(()) };
        calls::invoice_named(self.session, order, number).await
    }

    /// `POST orders/{id}/comments`. The answer is a bare `true`, so the comment is looked for afterwards.
    async fn comment(&self, order: &wire::Order) -> Result<Delivered, Stop> {
        let body = wire::NewOrderComment {
            status_history: wire::OrderComment {
                comment: map::credit_comment(self.document),
                parent_id: order.entity_id.0,
                is_customer_notified: u8::from(calls::notifies(self.task)),
                is_visible_on_front: 0,
            },
        };
        let path = format!("orders/{}/comments", order.entity_id);
        let request = calls::request(self.session, Method::POST, &path, &[])?.json(&body);
        let permit = self.task.gate.absent().await?;
        let answer = self.session.write(&permit, request).await?;
        if answer.status != 200 {
            return Err(match calls::why(&answer) {
                calls::Refused::NotSaved => calls::failed(&answer, Code::VendorError),
                calls::Refused::Unknown => {
                    self.session.not_done();
                    calls::refused(&answer)
                }
                calls::Refused::Validation | calls::Refused::Other => calls::refused(&answer),
            });
        }
        let order = calls::order(self.session, &self.task.order.remote_id).await?;
        let found = self.ours(&order).await?.ok_or_else(|| not_confirmed(remark::unproven_comment()))?;
        self.session.done();
        Ok(found)
    }
}
