//! Sending one notice by every way that is set, until each has taken it or is given up.
//!
//! A notice is taken by moving its time before anything is sent, so that of two passes one sends. A crash after a
//! receiver has taken it and before that is written sends it once more, with the same id.

use super::{Letter, Notice, NoticeSettings, Progress};
use crate::flow::Flow;
use crate::ports::PortError;
use crate::refused::Refused;
use async_trait::async_trait;
use domain::{Code, LastError, NoticeKind, NoticeWay, Said, TenantId, remark};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A notice whose pass ended without a word is taken up again after this.
const TAKEN_FOR: SignedDuration = SignedDuration::from_mins(5);
/// A way that failed is tried again after this, doubling.
const RETRY_FIRST: SignedDuration = SignedDuration::from_mins(1);
const RETRY_MAX: SignedDuration = SignedDuration::from_hours(1);
/// No way is tried longer than this after the notice arose.
const GIVEN_UP_AFTER: SignedDuration = SignedDuration::from_hours(3 * 24);
/// No notice rests longer than this.
const WAITING_FOR_MAX: SignedDuration = SignedDuration::from_hours(24);
/// Notices read to list those that wait.
const WAITING_MAX: usize = 500;
/// Characters of a message about a failure.
const MESSAGE_CHARS_MAX: usize = 300;

/// Why a way did not take a notice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Undelivered {
    /// What.
    pub code: Code,
    /// In words, without an address of a person.
    pub message: Said,
}

impl Undelivered {
    /// Says why.
    #[must_use]
    pub fn new(code: Code, message: impl Into<Said>) -> Self {
        Self { code, message: message.into().at_most(MESSAGE_CHARS_MAX) }
    }
}

/// A way out that this process links: mail, or a cloud's notification service.
#[async_trait]
pub trait Notifier: Send + Sync {
    /// Which.
    fn way(&self) -> NoticeWay;
    /// Sends a letter; `to` are the addresses of a mail.
    async fn notify(&self, letter: &Letter, to: &[String]) -> Result<(), Undelivered>;
}

/// The ways besides signed calls, which every process can make.
#[derive(Clone, Default)]
pub struct TellingWays {
    /// Those of this process.
    pub here: Vec<Arc<dyn Notifier>>,
    /// Those that another process of the deployment has.
    pub elsewhere: BTreeSet<NoticeWay>,
}

impl TellingWays {
    fn find(&self, way: NoticeWay) -> Option<&Arc<dyn Notifier>> {
        self.here.iter().find(|notifier| notifier.way() == way)
    }

    /// Whether the deployment has this way at all.
    #[must_use]
    pub fn has(&self, way: NoticeWay) -> bool {
        way == NoticeWay::Webhook || self.find(way).is_some() || self.elsewhere.contains(&way)
    }
}

/// What became of a test of one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tried {
    /// It was taken.
    Sent,
    /// Another process sends it within a pass of the sweep.
    Queued,
    /// It was not.
    Failed(Undelivered),
}

impl Tried {
    /// The word used in JSON.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Queued => "queued",
            Self::Failed(_) => "failed",
        }
    }
}

impl Flow {
    /// Notices of a tenant that not every way has taken yet, oldest first.
    ///
    /// # Errors
    /// [`PortError`] if they cannot be read.
    pub async fn waiting_notices(&self, tenant: &TenantId) -> Result<Vec<Notice>, PortError> {
        let mut waiting = self.parts.ledger.notices_due(self.now() + WAITING_FOR_MAX, WAITING_MAX).await?;
        waiting.retain(|notice| notice.tenant == *tenant);
        Ok(waiting)
    }

    /// Whether the deployment has this way at all.
    #[must_use]
    pub fn can_tell_by(&self, way: NoticeWay) -> bool {
        self.ways.has(way)
    }

    /// Sends what is due of a notice. `resting` names the ways that just failed for its tenant and are left alone in this
    /// pass; those that fail here are added. True: something was sent.
    ///
    /// # Errors
    /// [`PortError`] if our store or a key cannot be used.
    pub async fn send_notice(
        &self,
        mut notice: Notice,
        settings: Option<&NoticeSettings>,
        resting: &mut BTreeSet<NoticeWay>,
    ) -> Result<bool, PortError> {
        let now = self.now();
        notice.version += 1;
        notice.due_at = Some(now + TAKEN_FOR);
        if !self.parts.ledger.change_notice(&notice).await? {
            return Ok(false);
        }
        let letter = Letter::of(&notice, settings.map(|settings| settings.lang).unwrap_or_default());
        let wanted: Vec<NoticeWay> = match settings.filter(|settings| settings.wants(notice.kind)) {
            Some(settings) => {
                settings.ways().filter(|way| notice.only.is_empty() || notice.only.contains(way)).collect()
            }
            None => vec![],
        };
        let (mut sent, mut next) = (false, None::<Timestamp>);
        for way in wanted {
            let mut progress = notice.ways.remove(&way).unwrap_or_else(|| Progress::due(now));
            if let (Some(settings), true) = (settings, progress.next_at.is_some_and(|at| at <= now)) {
                sent |= self.try_way(&notice, settings, way, &letter, &mut progress, resting).await;
            }
            next = [next, progress.next_at].into_iter().flatten().min();
            notice.ways.insert(way, progress);
        }
        notice.due_at = next;
        notice.version += 1;
        // Lost to another pass after ours took too long: that one tells it once more, under the same id.
        self.parts.ledger.change_notice(&notice).await?;
        Ok(sent)
    }

    /// True: it was taken.
    async fn try_way(
        &self,
        notice: &Notice,
        settings: &NoticeSettings,
        way: NoticeWay,
        letter: &Letter,
        progress: &mut Progress,
        resting: &mut BTreeSet<NoticeWay>,
    ) -> bool {
        let soon = self.now() + RETRY_FIRST;
        if resting.contains(&way) {
            progress.next_at = Some(soon);
            return false;
        }
        match self.send_by(way, settings, letter).await {
            Ok(Ok(())) => {
                progress.sent_at = Some(self.now());
                progress.next_at = None;
                tracing::info!(
                    event = "notice.sent",
                    notice = letter.id,
                    tenant = notice.tenant.as_str(),
                    kind = notice.kind.as_str(),
                    way = way.as_str(),
                    failed = progress.failed,
                );
                return true;
            }
            Ok(Err(why)) => self.note_failure(notice, progress, way, why),
            // Ours: the same again soon, uncounted.
            Err(error) => {
                tracing::warn!(event = "notice.unsent", way = way.as_str(), %error);
                progress.next_at = Some(soon);
            }
        }
        resting.insert(way);
        false
    }

    fn note_failure(&self, notice: &Notice, progress: &mut Progress, way: NoticeWay, why: Undelivered) {
        let now = self.now();
        progress.failed += 1;
        let doubled = RETRY_FIRST.checked_mul(1 << (progress.failed - 1).min(10)).unwrap_or(RETRY_MAX);
        let over = now.duration_since(notice.at) >= GIVEN_UP_AFTER;
        progress.next_at = (!over).then(|| now + self.times.capped(doubled.min(RETRY_MAX)));
        tracing::warn!(
            event = "notice.failed",
            notice = notice.message_id(),
            tenant = notice.tenant.as_str(),
            kind = notice.kind.as_str(),
            way = way.as_str(),
            code = why.code.as_str(),
            failed = progress.failed,
            given_up = over,
        );
        progress.error = Some(LastError::new(now, why.code, why.message));
    }

    async fn send_by(
        &self,
        way: NoticeWay,
        settings: &NoticeSettings,
        letter: &Letter,
    ) -> Result<Result<(), Undelivered>, PortError> {
        match (way, &settings.webhook, self.ways.find(way)) {
            (NoticeWay::Webhook, Some(webhook), _) => self.call_webhook(&settings.tenant, webhook, letter).await,
            (_, _, Some(notifier)) => Ok(notifier.notify(letter, &settings.email).await),
            _ => Ok(Err(Undelivered::new(Code::WayUnavailable, remark::way_missing()))),
        }
    }

    /// Sends a test by every way that is set, and says what became of each.
    ///
    /// # Errors
    /// [`Refused::Conflict`] where no way is set; [`Refused::Ours`].
    pub async fn test_notices(&self, tenant: &TenantId) -> Result<Vec<(NoticeWay, Tried)>, Refused> {
        let settings = self.parts.ledger.notice_settings(tenant).await?;
        let Some(settings) = settings.filter(|settings| settings.ways().next().is_some()) else {
            return Err(Refused::Conflict(remark::ways_none()));
        };
        let now = self.now();
        let id = format!("test:{}", self.new_event());
        let mut notice = Notice::new(tenant.clone(), id, NoticeKind::Test, now, super::Facts::default());
        let letter = Letter::of(&notice, settings.lang);
        let mut tried = vec![];
        for way in settings.ways() {
            let outcome = if self.ways.elsewhere.contains(&way) && self.ways.find(way).is_none() {
                notice.only.insert(way);
                Tried::Queued
            } else {
                match self.send_by(way, &settings, &letter).await? {
                    Ok(()) => Tried::Sent,
                    Err(why) => Tried::Failed(why),
                }
            };
            tried.push((way, outcome));
        }
        if !notice.only.is_empty() {
            self.parts.ledger.put_notice(&notice).await?;
        }
        Ok(tried)
    }
}
