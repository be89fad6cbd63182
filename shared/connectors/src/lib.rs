#![doc = include_str!("../README.md")]

mod account;
mod accounting;
mod answers;
mod channels;
mod contract;
mod couriers;
mod depth;
mod http;
mod lenient;
mod oauth;
mod recorded;
mod registry;
mod session;
mod shows;
mod spec;
mod steps;
mod stop;
#[cfg(test)]
mod suite;
mod xml;

pub use account::{
    Account, ROTATION_OVERLAP, SECRETS_EXPIRE_ON, Secrets, SettingError, rotation_overlap, secrets_expire_on,
};
pub use channels::shipping::{number_waits, shipment_waits};
pub use contract::{
    Accounting, Before, Changed, Channel, Connector, Courier, Delivered, DocumentPage, Files, Gate, Hears, Inbound,
    Malformed, ManyDocuments, Noted, OrderTexts, PARCEL_NAME_BYTES_MAX, PDF_BYTES_MAX, ParcelPage, Pdf, Sibling,
    Subscription, SubscriptionState, Subscriptions, Target, TargetValues, Task, Unauthentic, Webhook,
};
pub use depth::{JSON_DEPTH_MAX, json_within_depth, webhook_json};
pub use http::{Answer, Body, Http, HttpError, Lane, NotConnected, Request};
pub use oauth::{AuthorizationCode, Authorize, OAuth, OAuthSpec, TokenKeeper, Tokens};
pub use registry::{Hearing, Registry};
pub use session::{Clock, Entropy, Mode, Permit, Recorded, Session, TokenCache, WriteOutcome};
pub use shows::{Asked, Shown, ShownDocument, ShownParcel, Shows};
pub use spec::{
    ChannelSpec, FieldSpec, Hosts, NumberSpec, OperationSpec, Pace, Retries, SourceSpec, Spec, WebhookScheme,
    WebhookSpec,
};
pub use stop::{Failure, Stop};
