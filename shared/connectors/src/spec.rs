//! A connector as data.

use crate::oauth::OAuthSpec;
use domain::{AdoptRule, Guarantee, InvoiceWhen, Operation, Role, Switch, Verified};
use jiff::SignedDuration;
use serde::Serialize;

/// One field of a connector's form, in the vendor's words.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct FieldSpec {
    /// Name in `settings` or `secrets`.
    pub name: &'static str,
    /// For people.
    pub label: &'static str,
    /// Where to find it at the vendor.
    pub help: &'static str,
    /// Goes to `secrets`.
    pub secret: bool,
    /// Must be given.
    pub required: bool,
    /// Used when it is not given.
    pub default: Option<&'static str>,
    /// The only values there are; empty: any text.
    pub choices: &'static [&'static str],
    /// What a value looks like, to be shown where none is entered yet. Never of a secret.
    pub example: Option<&'static str>,
    /// The vendor's own page about it, or the page where it stands.
    pub link: Option<&'static str>,
}

impl FieldSpec {
    /// A setting that may be left out.
    #[must_use]
    pub const fn optional(name: &'static str, label: &'static str, help: &'static str) -> Self {
        Self {
            name,
            label,
            help,
            secret: false,
            required: false,
            default: None,
            choices: &[],
            example: None,
            link: None,
        }
    }

    /// A setting that must be given.
    #[must_use]
    pub const fn required(name: &'static str, label: &'static str, help: &'static str) -> Self {
        Self { required: true, ..Self::optional(name, label, help) }
    }

    /// A secret.
    #[must_use]
    pub const fn secret(name: &'static str, label: &'static str, help: &'static str, required: bool) -> Self {
        Self { secret: true, required, ..Self::optional(name, label, help) }
    }

    /// With what a value looks like.
    #[must_use]
    pub const fn like(self, example: &'static str) -> Self {
        Self { example: Some(example), ..self }
    }

    /// With the vendor's page.
    #[must_use]
    pub const fn at(self, link: &'static str) -> Self {
        Self { link: Some(link), ..self }
    }
}

/// Calls per time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Pace {
    /// This many calls …
    pub calls: u32,
    /// … in this many seconds.
    pub seconds: u32,
}

impl Pace {
    /// Reads `"400/60s"`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (calls, seconds) = text.strip_suffix('s')?.split_once('/')?;
        let pace = Self { calls: calls.trim().parse().ok()?, seconds: seconds.trim().parse().ok()? };
        (pace.calls > 0 && pace.seconds > 0).then_some(pace)
    }
}

/// Which hosts a connection may call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hosts {
    /// Only these (the vendor's fixed hosts).
    Fixed(&'static [&'static str]),
    /// Only the host of the connection's base address; its resolved addresses are checked at connect time.
    BaseUrl(String),
}

/// How a vendor repeats a webhook that was not acknowledged; only told to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Retries {
    /// In the vendor's words.
    pub text: &'static str,
}

/// How a webhook proves where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookScheme {
    /// A header carries a value agreed beforehand.
    StaticHeader,
    /// A header carries an HMAC of the body.
    Hmac,
    /// Nothing: a token in the address.
    UrlToken,
}

/// A connector's webhook.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct WebhookSpec {
    /// How it proves where it comes from.
    pub scheme: WebhookScheme,
    /// The secrets by which it is verified. One that is replaced stays accepted for a while beside the new one.
    pub secrets: &'static [&'static str],
    /// Events to subscribe to, in the vendor's words.
    pub events: &'static [&'static str],
    /// Where in the vendor's UI it is set up.
    pub setup: &'static str,
    /// How the vendor repeats.
    pub retries: Retries,
}

/// A source's own times.
#[derive(Debug, Clone, Copy)]
pub struct SourceSpec {
    /// Polling interval by default; larger than five minutes where the vendor's quota asks for it.
    pub poll_every: SignedDuration,
    /// How long after an event the source may first be asked.
    pub event_delay: SignedDuration,
    /// Window that polling overlaps.
    pub poll_overlap: SignedDuration,
    /// How often a parcel that is not final is asked for; couriers only.
    pub parcel_every: SignedDuration,
    /// The vendor's field that carries the order reference by default.
    pub order_field: &'static str,
    /// Whether the source can be asked what changed.
    pub lists_changes: bool,
}

/// A courier's numbers.
#[derive(Debug, Clone, Copy)]
pub struct NumberSpec {
    /// What they look like among other words, as a regular expression. Where a connection's setting `from_orders` allows
    /// it, parcels are also found by the numbers that stand at orders.
    pub pattern: &'static str,
    /// How often a carrier behind the courier is asked for a number of its own.
    pub carrier_every: SignedDuration,
}

/// What a channel says about itself beyond its operations.
#[derive(Debug, Clone, Copy)]
pub struct ChannelSpec {
    /// Default of `invoice_when`; absent where the call makes a record that changes the order, so a person must choose.
    pub invoice_when: Option<InvoiceWhen>,
    /// Default of `if_target_has_one`.
    pub if_target_has_one: AdoptRule,
    /// Whether a number can be told before the shipment is confirmed, so that `number_when` means something.
    pub number_apart: bool,
}

/// One thing a connector can do at its target; the conversation itself is [`crate::Connector::target`].
#[derive(Debug, Clone, Copy)]
pub struct OperationSpec {
    /// What.
    pub operation: Operation,
    /// The switch that allows it.
    pub switch: Switch,
    /// What the target offers against doing it twice.
    pub guarantee: Guarantee,
    /// How long after our connection ended the target may still apply the call.
    pub late_bound: SignedDuration,
    /// Takes the order lease: only one such export of an order at a time.
    pub exclusive_order: bool,
    /// How well the facts behind it are known.
    pub verified: Verified,
    /// What is guaranteed, as a sentence for people.
    pub promise: &'static str,
}

/// A connector as data.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// Lower-case word, stable.
    pub id: &'static str,
    /// The vendor's name.
    pub label: &'static str,
    /// The role it plays.
    pub role: Role,
    /// What it carries and what it does not, in a few sentences for people.
    pub about: &'static str,
    /// Its own fields; settings every connector knows are not repeated here.
    pub fields: &'static [FieldSpec],
    /// How a person allows a connection at the vendor, where that is possible.
    pub oauth: Option<OAuthSpec>,
    /// The vendor's address where it is fixed; absent for self-hosted systems and instances, where `base_url` is required.
    pub fixed_base_url: Option<&'static str>,
    /// Hosts that may be called beside that of the base address.
    pub fixed_hosts: &'static [&'static str],
    /// Pace by default; `None` is off.
    pub pace: Option<Pace>,
    /// What it can do at its target. What the vendor cannot do is absent.
    pub operations: &'static [OperationSpec],
    /// Its webhook.
    pub webhook: Option<WebhookSpec>,
    /// Its times as a source.
    pub source: Option<SourceSpec>,
    /// Its defaults as a channel.
    pub channel: Option<ChannelSpec>,
    /// Date on which the facts were last checked.
    pub checked_on: &'static str,
}

impl Spec {
    /// What it does for an operation, if it can.
    #[must_use]
    pub fn operation(&self, operation: Operation) -> Option<&'static OperationSpec> {
        self.operations.iter().find(|spec| spec.operation == operation)
    }

    /// What a field has where nothing is given.
    #[must_use]
    pub fn default_of(&self, name: &str) -> Option<&'static str> {
        self.fields.iter().find(|field| field.name == name).and_then(|field| field.default)
    }

    /// The switches it can honour.
    pub fn switches(&self) -> impl Iterator<Item = Switch> + use<> {
        let mut switches: Vec<Switch> = self.operations.iter().map(|o| o.switch).collect();
        switches.sort_unstable();
        switches.dedup();
        switches.into_iter()
    }
}
