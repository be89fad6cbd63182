//! The outbox of notices: one item each, in the sparse index until it is at its end, forgotten by the table in time.

use super::DynamoLedger;
use super::item::{BODY, INDEX_PK, INDEX_SK, TTL, body, json, nanos, number, text};
use super::names::{self, Place, joined, sortable};
use super::record::Change;
use super::table::{Condition, Range, Written};
use async_trait::async_trait;
use aws_sdk_dynamodb::types::ReturnValue;
use domain::TenantId;
use export_flow::notices::{KEPT, Notice, NoticeSettings, NoticeStore};
use export_flow::ports::PortError;
use jiff::Timestamp;

/// Partition of the index in which notices wait. There are few: they arise from what goes wrong.
const WAITING: &str = "notices";
const VERSION: &str = "vn";
/// When the same may be told anew.
const QUIET: &str = "qu";

fn place(notice: &Notice) -> Result<Place, PortError> {
    names::single("notice", &joined(&[notice.tenant.as_str(), &notice.id]))
}

fn change(notice: &Notice) -> Result<Change, PortError> {
    let forgotten = notice.at.checked_add(KEPT).unwrap_or(Timestamp::MAX);
    Ok(vec![
        (BODY, Some(text(json(notice)?))),
        (VERSION, Some(number(notice.version))),
        (QUIET, notice.quiet_until.map(nanos)),
        (TTL, Some(number(forgotten.as_second()))),
        (INDEX_PK, notice.due_at.map(|_| text(WAITING))),
        (INDEX_SK, notice.due_at.map(|at| text(sortable(at)))),
    ])
}

impl DynamoLedger {
    async fn write_notice(&self, place: &Place, change: Change, condition: Condition) -> Result<bool, PortError> {
        Ok(matches!(self.table.update(place, change, condition, ReturnValue::None).await?, Written::Done(_)))
    }
}

#[async_trait]
impl NoticeStore for DynamoLedger {
    async fn put_notice(&self, notice: &Notice) -> Result<bool, PortError> {
        let over = Condition::written(
            "attribute_not_exists(#vn) OR (attribute_not_exists(#ik) AND #qu <= :if_qu)",
            vec![(QUIET, nanos(notice.at))],
        );
        self.write_notice(&place(notice)?, change(notice)?, over).await
    }

    async fn notices_due(&self, by: Timestamp, limit: usize) -> Result<Vec<Notice>, PortError> {
        let range = Range {
            partition: WAITING.to_owned(),
            between: Some(("0".to_owned(), sortable(by))),
            of_index: true,
            limit: Some(limit),
            ..Range::default()
        };
        let found = self.table.query(&range).await?;
        let places = found.iter().map(super::item::place_of).collect::<Result<Vec<_>, _>>()?;
        let mut due = vec![];
        for item in self.table.get_all(&places, true).await? {
            let notice: Notice = body(&item)?;
            // The index may lag behind.
            due.extend(Some(notice).filter(|notice| notice.due_at.is_some_and(|at| at <= by)));
        }
        due.sort_by_key(|notice| notice.due_at);
        Ok(due)
    }

    async fn change_notice(&self, notice: &Notice) -> Result<bool, PortError> {
        let before = notice.version.saturating_sub(1);
        self.write_notice(&place(notice)?, change(notice)?, Condition::is(VERSION, number(before))).await
    }

    async fn notice_settings(&self, tenant: &TenantId) -> Result<Option<NoticeSettings>, PortError> {
        self.table.get(&names::single("telling", tenant.as_str())?, true).await?.as_ref().map(body).transpose()
    }

    async fn put_notice_settings(&self, settings: &NoticeSettings) -> Result<bool, PortError> {
        let before = settings.version.saturating_sub(1);
        let condition = Condition::default().and(VERSION, (before > 0).then(|| number(before)));
        let change = vec![(BODY, Some(text(json(settings)?))), (VERSION, Some(number(settings.version)))];
        self.write_notice(&names::single("telling", settings.tenant.as_str())?, change, condition).await
    }
}
