//! A connection as a connector sees it: opened secrets, read settings.

use crate::http::Lane;
use crate::spec::{Hosts, Pace, Spec};
use domain::{Connection, FieldProblem, OrderReferenceRule};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;
use url::Url;

/// The setting that says on which day the secrets end.
pub const SECRETS_EXPIRE_ON: &str = "secrets_expire_on";

/// What RFC 3986 does not call unreserved.
const RESERVED: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// How long the old secret of a webhook is accepted beside the new one, by default.
pub const ROTATION_OVERLAP: SignedDuration = SignedDuration::from_hours(24);

/// Opened secrets by name.
#[derive(Debug, Clone, Default)]
pub struct Secrets {
    in_use: BTreeMap<String, SecretString>,
    beside: Vec<Beside>,
}

/// A secret that is accepted of others, but not used by us: an older or a newer one than that in use.
#[derive(Debug, Clone)]
struct Beside {
    name: String,
    secret: SecretString,
    until: Option<Timestamp>,
}

impl Secrets {
    /// Takes opened secrets.
    #[must_use]
    pub const fn new(secrets: BTreeMap<String, SecretString>) -> Self {
        Self { in_use: secrets, beside: vec![] }
    }

    /// With one that webhooks may be signed with too, until a time if one is given.
    #[must_use]
    pub fn beside(mut self, name: &str, secret: SecretString, until: Option<Timestamp>) -> Self {
        self.beside.push(Beside { name: name.to_owned(), secret, until });
        self
    }

    /// One secret; empty if it is not set.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.in_use.get(name).map_or("", |secret| secret.expose_secret())
    }

    /// Every value that a sender may prove to know at a time: the one in use, and those beside it. None is empty.
    pub fn accepted<'a>(&'a self, name: &'a str, now: Timestamp) -> impl Iterator<Item = &'a str> + 'a {
        let beside = self
            .beside
            .iter()
            .filter(move |beside| beside.name == name && beside.until.is_none_or(|until| now < until));
        let beside = beside.map(|beside| beside.secret.expose_secret());
        std::iter::once(self.get(name)).chain(beside).filter(|secret| !secret.is_empty())
    }

    /// Whether this is a value that another has replaced under this name.
    #[must_use]
    pub fn is_replaced(&self, name: &str, value: &str) -> bool {
        let mut former = self.beside.iter().filter(|beside| beside.name == name && beside.until.is_some());
        former.any(|former| former.secret.expose_secret() == value) && value != self.get(name)
    }

    /// Every secret's value: what a redactor must hide.
    pub fn values(&self) -> impl Iterator<Item = String> + '_ {
        let beside = self.beside.iter().map(|beside| &beside.secret);
        self.in_use.values().chain(beside).map(|secret| secret.expose_secret().to_owned())
    }
}

/// A setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct SettingError {
    /// Which.
    pub field: String,
    /// Why.
    pub problem: String,
    /// Why, as a word.
    pub code: FieldProblem,
}

/// A connection with its secrets opened and the settings that every connector knows read.
#[derive(Debug, Clone)]
pub struct Account {
    /// As stored.
    pub connection: Connection,
    /// Its connector.
    pub spec: &'static Spec,
    /// Opened.
    pub secrets: Secrets,
    /// Scheme, host, port and optional path prefix, without a slash at its end.
    pub base_url: String,
    /// How far back polling starts.
    pub since: Timestamp,
    /// Polling interval.
    pub poll_every: SignedDuration,
    /// Pace; `None` is off.
    pub pace: Option<Pace>,
    /// Set per connection; else the operation's own.
    pub late_bound: Option<SignedDuration>,
    /// How long after an event the source may first be asked.
    pub event_delay: SignedDuration,
    /// Where the source quotes the order.
    pub order_reference: OrderReferenceRule,
    /// How long what verified a webhook is accepted after it was replaced.
    pub rotation_overlap: SignedDuration,
}

impl Account {
    /// Reads the settings every connector knows.
    ///
    /// # Errors
    /// The first setting that cannot be used.
    pub fn open(connection: Connection, spec: &'static Spec, secrets: Secrets) -> Result<Self, SettingError> {
        let given = connection.setting("base_url").or(spec.fixed_base_url);
        let base_url =
            given.ok_or_else(|| wrong("base_url", FieldProblem::Missing, "is required for this connector"))?;
        let base_url = read_base_url(base_url)?;
        let since = match connection.setting("since") {
            Some(text) => {
                text.parse().map_err(|_| wrong("since", FieldProblem::NotATime, "must be an RFC 3339 instant"))?
            }
            None => connection.created_at,
        };
        let source = spec.source.as_ref();
        let poll_every = duration(&connection, "poll_every")?
            .or(source.map(|s| s.poll_every))
            .unwrap_or(SignedDuration::from_mins(5));
        let event_delay =
            duration(&connection, "event_delay")?.or(source.map(|s| s.event_delay)).unwrap_or(SignedDuration::ZERO);
        let pace = match connection.setting("pace") {
            None => spec.pace,
            Some("off") => None,
            Some(text) => Some(
                Pace::parse(text)
                    .ok_or_else(|| wrong("pace", FieldProblem::NotAPace, "must be like \"400/60s\", or \"off\""))?,
            ),
        };
        let order_reference: OrderReferenceRule = match connection.settings.get("order_reference") {
            None | Some(serde_json::Value::Null) => OrderReferenceRule::default(),
            Some(value) => serde_json::from_value(value.clone())
                .map_err(|_| wrong("order_reference", FieldProblem::NotAnObject, "must be {\"field\",\"pattern\"}"))?,
        };
        if let Some(pattern) = &order_reference.pattern {
            regex_lite::Regex::new(pattern).map_err(|_| {
                wrong("order_reference", FieldProblem::NotAPattern, "pattern is not a regular expression")
            })?;
        }
        let late_bound = duration(&connection, "late_bound")?;
        let rotation_overlap = rotation_overlap(&connection)?;
        secrets_expire_on(&connection)?;
        Ok(Self {
            connection,
            spec,
            secrets,
            base_url,
            since,
            poll_every,
            pace,
            late_bound,
            event_delay,
            order_reference,
            rotation_overlap,
        })
    }

    /// A text setting, the field's default where it is not given.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.connection.setting(name).filter(|text| !text.is_empty()).or_else(|| self.spec.default_of(name))
    }

    /// An address below the base. Path segments must already be percent-encoded where they come from outside
    /// (see [`crate::Account::segment`]).
    ///
    /// # Errors
    /// [`crate::Stop::Fail`] if no address comes of it.
    pub fn url(&self, path: &str) -> Result<Url, crate::Stop> {
        Url::parse(&format!("{}{path}", self.base_url))
            .map_err(|_| crate::Stop::fail(domain::Code::VendorNonsense, None, domain::remark::address_unmade()))
    }

    /// One path segment or query value: everything but letters, digits and `-_.~` percent-encoded.
    #[must_use]
    pub fn segment(text: &str) -> String {
        percent_encoding::utf8_percent_encode(text, RESERVED).to_string()
    }

    /// Under which limits its calls are made.
    #[must_use]
    pub fn lane(&self) -> Lane {
        let own = self.connection.setting("base_url").is_some();
        let hosts = match (own, self.spec.fixed_base_url) {
            (false, Some(_)) => Hosts::Fixed(self.spec.fixed_hosts),
            _ => Hosts::BaseUrl(self.base_url.clone()),
        };
        Lane { tenant: self.connection.tenant.clone(), connection: self.connection.id.clone(), pace: self.pace, hosts }
    }

    /// Hashes of the tokens that its webhook address may hold at a time.
    pub fn accepted_tokens(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        let former = self.connection.rotation.former_tokens.iter();
        let former = former.filter(move |old| now < domain::ends(old.replaced_at, old.until, self.rotation_overlap));
        self.connection.url_token_hash.as_deref().into_iter().chain(former.map(|old| old.hash.as_str()))
    }

    /// The order reference in a field's text, by the connection's pattern: the first capture group, else the whole
    /// match; without a pattern the trimmed text. `None` if nothing is left.
    #[must_use]
    pub fn reference_in(&self, text: &str) -> Option<String> {
        let text = text.trim();
        let found = match &self.order_reference.pattern {
            None => text.to_owned(),
            Some(pattern) => {
                let captures = regex_lite::Regex::new(pattern).ok()?.captures(text)?;
                captures.get(1).or_else(|| captures.get(0))?.as_str().trim().to_owned()
            }
        };
        (!found.is_empty()).then_some(found)
    }

    /// The vendor's field that carries the order reference.
    #[must_use]
    pub fn order_field(&self) -> &str {
        let default = self.spec.source.as_ref().map_or("", |s| s.order_field);
        self.order_reference.field.as_deref().unwrap_or(default)
    }
}

/// How long what verified a connection's webhooks is accepted after it was replaced.
///
/// # Errors
/// [`SettingError`] if the setting is no duration.
pub fn rotation_overlap(connection: &Connection) -> Result<SignedDuration, SettingError> {
    Ok(duration(connection, "rotation_overlap")?.unwrap_or(ROTATION_OVERLAP))
}

/// The day on which a connection's secrets end, as somebody has entered it: none of the vendors says so by itself.
///
/// # Errors
/// [`SettingError`] if the setting is no date.
pub fn secrets_expire_on(connection: &Connection) -> Result<Option<Date>, SettingError> {
    let given = connection.setting(SECRETS_EXPIRE_ON).filter(|text| !text.is_empty());
    given
        .map(|text| {
            text.parse()
                .map_err(|_| wrong(SECRETS_EXPIRE_ON, FieldProblem::NotADate, "must be a date like \"2027-01-31\""))
        })
        .transpose()
}

fn wrong(field: &str, code: FieldProblem, problem: &str) -> SettingError {
    SettingError { field: field.to_owned(), problem: problem.to_owned(), code }
}

fn duration(connection: &Connection, name: &str) -> Result<Option<SignedDuration>, SettingError> {
    let Some(text) = connection.setting(name) else { return Ok(None) };
    let read: Result<SignedDuration, _> = text.parse();
    match read {
        Ok(duration) if !duration.is_negative() => Ok(Some(duration)),
        _ => Err(wrong(name, FieldProblem::NotADuration, "must be a duration like \"90s\" or \"5m\"")),
    }
}

fn read_base_url(text: &str) -> Result<String, SettingError> {
    let url =
        Url::parse(text.trim()).map_err(|_| wrong("base_url", FieldProblem::NotAnAddress, "is not an address"))?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if plain {
        Ok(url.as_str().trim_end_matches('/').to_owned())
    } else {
        Err(wrong(
            "base_url",
            FieldProblem::NotAnAddress,
            "must be scheme, host, optional port and path: https://shop.example.com",
        ))
    }
}
