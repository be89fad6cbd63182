#![doc = include_str!("../README.md")]

mod access;
mod advice;
mod audit;
mod code;
mod connection;
mod deviation;
mod document;
mod event;
mod export;
mod field_problem;
mod finding;
mod ids;
mod key;
mod likeness;
mod mapping;
mod money;
mod notice;
mod operation;
mod order;
mod parcel;
mod redact;
pub mod remark;
mod revision;
mod said;
mod words;

pub use access::AccessRole;
pub use advice::Advice;
pub use audit::{AUDIT_BYTES_MAX, About, AboutKind, AuditAction, AuditDetail, AuditEntry, AuditOutcome};
pub use code::Code;
pub use connection::{
    AccessToken, AdoptRule, AlsoKnownAs, Asked, CarryWhen, Check, CheckStep, Connection, ConnectionState, FormerSecret,
    FormerToken, Granted, InvoiceWhen, LastError, Mappings, NightlyBatch, NumberWhen, OAuth, OrderReferenceRule, Pause,
    PauseReason, PendingSecrets, Refreshing, Role, Rotation, Rules, SealedSecret, ShippedWhen, Switch, ends,
};
pub use deviation::Deviation;
pub use document::{Document, DocumentKind, DocumentLine, DocumentStatus, VatLine};
pub use event::{Cause, SourceHint, Within};
pub use export::{
    ATTEMPT_LOG_MAX, ATTEMPTS_MAX, Attempt, Doubt, Export, Hold, HoldReason, NOTES_MAX, Note, Overrides, Receipt,
    Shared, Skip, SkipReason, State, Step,
};
pub use field_problem::FieldProblem;
pub use finding::{Finding, Resolved, ResolvedHow};
pub use ids::{ConnectionId, EventId, ExportId, InvalidId, JobId, OrderReference, RunId, TenantId};
pub use key::{ExportKey, InvalidExportId};
pub use likeness::{Likeness, likeness, without_marks};
pub use mapping::{MappingKind, Unmapped};
pub use money::{Currency, InvalidMoney, Money};
pub use notice::{NoticeKind, NoticeWay};
pub use operation::{Guarantee, Operation, Subject, SubjectKind, Verified};
pub use order::{Alias, Order, OrderLine, OrderState};
pub use parcel::{Carrier, DeliveryState, Parcel, ParcelLine, StateChange, TellOutcome};
pub use redact::{MESSAGE_CHARS_MAX, Redactor};
pub use revision::Revision;
pub use said::{Remark, Said, kept};
pub use words::{InWords, Word, word, words};
