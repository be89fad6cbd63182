//! Sendcloud as data.

use crate::spec::{FieldSpec, Retries, SourceSpec, Spec, WebhookScheme, WebhookSpec};
use domain::Role;
use jiff::SignedDuration;

/// Keys that may have signed a webhook: which one it is depends on the kind of integration.
pub(super) const WEBHOOK_KEYS: [&str; 3] = ["secret_key", "webhook_signature_key", "webhook_signature_key_previous"];

/// Sendcloud as data.
pub(super) static SPEC: Spec = Spec {
    id: "sendcloud",
    label: "Sendcloud",
    role: Role::Courier,
    about: "Parcels of one Sendcloud integration: tracking numbers, carriers, delivery states, labels. Nothing is \
            written there.",
    fields: &[
        FieldSpec::required("public_key", "Public key", "Settings > Integrations > your integration > Public Key."),
        FieldSpec {
            default: Some("v2"),
            choices: &["v2", "off"],
            ..FieldSpec::optional(
                "parcels_api",
                "Parcels API",
                "Choose `off` if your account may not use the v2 parcels API: then there is no list of changes, and what \
                 the tracking API does not say is taken from the signed webhook.",
            )
        },
        FieldSpec::secret("secret_key", "Secret key", "Shown beside the Public Key of the integration.", true),
        FieldSpec::secret(
            "webhook_signature_key",
            "Webhook signature key",
            "The integration's Webhook Signature Key, if it shows one. Either key is accepted.",
            false,
        )
        .at("https://sendcloud.dev/api/v3/webhooks"),
        FieldSpec::secret(
            "webhook_signature_key_previous",
            "Previous signature key",
            "While you change a key: the old one, which stays valid for webhooks until you remove it here.",
            false,
        ),
    ],
    oauth: None,
    fixed_base_url: Some("https://panel.sendcloud.sc"),
    fixed_hosts: &["panel.sendcloud.sc"],
    // The vendor publishes no figure; a 429 is obeyed.
    pace: None,
    operations: &[],
    webhook: Some(WebhookSpec {
        scheme: WebhookScheme::Hmac,
        secrets: &["secret_key", "webhook_signature_key"],
        events: &["parcel_status_changed"],
        setup: "Settings > Integrations > your integration: enable webhook feedback, enter the address. Each \
                integration needs its own.",
        retries: Retries { text: "ten times, at first after 5 minutes, at most 1 hour apart; in any order" },
    }),
    source: Some(SourceSpec {
        poll_every: SignedDuration::from_mins(5),
        event_delay: SignedDuration::ZERO,
        poll_overlap: SignedDuration::from_mins(10),
        parcel_every: SignedDuration::from_hours(2),
        order_field: "order_number",
        lists_changes: true,
    }),
    channel: None,
    checked_on: "2026-11-21",
};
