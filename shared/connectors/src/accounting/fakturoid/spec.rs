//! Fakturoid as data.

use crate::oauth::OAuthSpec;
use crate::spec::{FieldSpec, Pace, Retries, SourceSpec, Spec, WebhookScheme, WebhookSpec};
use domain::Role;
use jiff::SignedDuration;

/// Where the vendor is.
pub(super) const HOST: &str = "app.fakturoid.cz";

/// The secret that is filled at the vendor.
pub(super) const REFRESH_TOKEN: &str = "refresh_token";

/// How a person allows a connection at the vendor.
const AUTHORIZATION_CODE: &str = "authorization_code";

/// The vendor's page about credentials.
const CREDENTIALS: &str = "https://www.fakturoid.cz/api/v3/authorization";
/// The vendor's page about webhooks.
const WEBHOOKS: &str = "https://www.fakturoid.cz/api/v3/webhooks";

/// Fakturoid as data.
pub(super) static SPEC: Spec = Spec {
    id: "fakturoid",
    label: "Fakturoid",
    role: Role::Accounting,
    about: "Invoices, proformas and credit notes that Fakturoid issues, with their PDF. Nothing is written there.",
    fields: &[
        FieldSpec::required("slug", "Account slug", "The word after app.fakturoid.cz/ in the address of your account.")
            .like("mycompany"),
        FieldSpec {
            default: Some("client_credentials"),
            choices: &["client_credentials", AUTHORIZATION_CODE],
            ..FieldSpec::optional(
                "auth",
                "Way of signing in",
                "client_credentials: the keys of your own account. authorization_code: an integration for several \
                 customers, which Fakturoid asks for then; save, and connect at Fakturoid afterwards.",
            )
            .at(CREDENTIALS)
        },
        FieldSpec::required(
            "client_id",
            "Client ID",
            "Settings > User account > API v3 credentials of your own account. With authorization_code: Settings > \
             Connect other apps > OAuth 2 for app developers.",
        )
        .at(CREDENTIALS),
        FieldSpec::required(
            "contact_email",
            "Contact e-mail",
            "Fakturoid demands an address of yours in every call's User-Agent.",
        )
        .like("me@example.com"),
        FieldSpec::secret("client_secret", "Client secret", "Shown beside the client ID.", true).at(CREDENTIALS),
        FieldSpec::secret(
            "webhook_authorization",
            "Webhook authorization",
            "The whole Authorization value that you gave the webhook, for example `Bearer` and a long random text.",
            true,
        )
        .at(WEBHOOKS),
        FieldSpec::secret(
            "webhook_authorization_previous",
            "Previous webhook authorization",
            "While you change the value: the old one, which stays valid until you remove it here.",
            false,
        ),
        FieldSpec {
            default: Some("no"),
            choices: &["no", "yes"],
            ..FieldSpec::optional(
                "manage_webhook",
                "Register the webhook",
                "yes: Backhaul registers its address at Fakturoid when it is not there or switched off. Switch on webhook \
                 management in Fakturoid's user settings first.",
            )
        },
    ],
    oauth: Some(OAuthSpec { secret: REFRESH_TOKEN, setting: "auth", value: AUTHORIZATION_CODE }),
    fixed_base_url: Some("https://app.fakturoid.cz"),
    fixed_hosts: &[HOST],
    pace: Some(Pace { calls: 400, seconds: 60 }),
    operations: &[],
    webhook: Some(WebhookSpec {
        scheme: WebhookScheme::StaticHeader,
        secrets: &["webhook_authorization"],
        events: &[
            "invoice_created",
            "invoice_updated",
            "invoice_removed",
            "invoice_restored",
            "invoice_paid",
            "invoice_payment_added",
            "invoice_payment_removed",
            "invoice_sent",
            "invoice_cancelled",
            "invoice_cancellation_removed",
        ],
        setup: "Settings > Webhooks (paid plans). Enter the address, the Authorization value and these events.",
        retries: Retries { text: "five times at growing intervals, unless a 2xx comes within 30 s" },
    }),
    source: Some(SourceSpec {
        poll_every: SignedDuration::from_mins(5),
        event_delay: SignedDuration::ZERO,
        poll_overlap: SignedDuration::from_mins(10),
        parcel_every: SignedDuration::ZERO,
        order_field: "order_number",
        lists_changes: true,
    }),
    channel: None,
    checked_on: "2026-11-21",
};
