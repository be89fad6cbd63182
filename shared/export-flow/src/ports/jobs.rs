//! Jobs, as the ledger keeps them.

use domain::{ExportId, JobId, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A long-running piece of work and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Which.
    pub id: JobId,
    /// Whose.
    pub tenant: TenantId,
    /// `redrive`, `dismiss`, `batch_export` …
    pub kind: String,
    /// `running`, `done`, `failed`, `cancelled`.
    pub state: String,
    /// Counts only, changes nothing.
    pub dry_run: bool,
    /// What was asked.
    pub request: serde_json::Value,
    /// Looked at.
    pub found: Option<u64>,
    /// Fit the filter.
    pub matched: Option<u64>,
    /// Already at the target.
    pub already_delivered: Option<u64>,
    /// Queued.
    pub queued: Option<u64>,
    /// Put back to work.
    pub redriven: Option<u64>,
    /// Said to be not needed.
    #[serde(default)]
    pub dismissed: Option<u64>,
    /// The first hundred.
    pub ids: Vec<ExportId>,
    /// Where it goes on after a crash.
    pub cursor: Option<String>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it last came on.
    #[serde(default)]
    pub changed_at: Option<Timestamp>,
    /// Why it does not come on just now, or why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub halt: Option<Halt>,
    /// Raised by every write: the condition of the next one.
    #[serde(default)]
    pub version: u64,
}

/// What keeps a job from coming on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Halt {
    /// The word of a hold's reason, or a code.
    pub reason: String,
    /// More of it, redacted.
    pub detail: Option<String>,
    /// The same as a remark of ours; absent where it is somebody else's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<Box<domain::Remark>>,
    /// When it is tried again; `None`: not any more.
    pub until: Option<Timestamp>,
}
