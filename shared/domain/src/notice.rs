//! What people are told of without asking, and by which way.

use serde::{Deserialize, Serialize};

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// A connection paused by itself.
    ConnectionPaused,
    /// A person must decide about an export.
    Uncertain,
    /// The first dead letter of a code at a connection.
    DeadLetter,
    /// A source's webhooks are missing, off, or do not arrive.
    Webhook,
    /// A connection's secrets end soon.
    CredentialsExpiring,
    /// How things stand, once a day.
    Digest,
    /// Somebody tries the ways out.
    Test,
}

impl NoticeKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::ConnectionPaused,
        Self::Uncertain,
        Self::DeadLetter,
        Self::Webhook,
        Self::CredentialsExpiring,
        Self::Digest,
        Self::Test,
    ];

    /// Those that a person chooses among; the digest has a setting of its own, and a test is asked for.
    pub const CHOSEN: [Self; 5] =
        [Self::ConnectionPaused, Self::Uncertain, Self::DeadLetter, Self::Webhook, Self::CredentialsExpiring];

    /// The word used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ConnectionPaused => "connection_paused",
            Self::Uncertain => "uncertain",
            Self::DeadLetter => "dead_letter",
            Self::Webhook => "webhook",
            Self::CredentialsExpiring => "credentials_expiring",
            Self::Digest => "digest",
            Self::Test => "test",
        }
    }
}

/// A way by which notices go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeWay {
    /// A signed call to an address of the merchant's.
    Webhook,
    /// E-mail.
    Email,
    /// A topic of the cloud's notification service.
    Topic,
}

impl NoticeWay {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::Webhook, Self::Email, Self::Topic];

    /// The word used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Email => "email",
            Self::Topic => "topic",
        }
    }
}
