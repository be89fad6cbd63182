//! SuperFaktura as data.

use crate::spec::{FieldSpec, Pace, SourceSpec, Spec};
use domain::Role;
use jiff::SignedDuration;

/// Where the vendor is, by country, and where one may practise. A key belongs to one of them.
pub(super) const HOSTS: &[&str] = &[
    "moja.superfaktura.sk",
    "moje.superfaktura.cz",
    "meine.superfaktura.at",
    "sandbox.superfaktura.sk",
    "sandbox.superfaktura.cz",
];

/// The first of them.
const USUAL: &str = "moja.superfaktura.sk";

/// SuperFaktura as data.
pub(super) static SPEC: Spec = Spec {
    id: "superfaktura",
    label: "SuperFaktura",
    role: Role::Accounting,
    about: "Invoices, proformas and credit notes that SuperFaktura issues, with their PDF, found by polling: it sends no \
            webhooks. Nothing is written there.",
    fields: &[
        FieldSpec::required("email", "E-mail", "The address of the user whose key this is: Tools > API access.")
            .like("me@example.com"),
        FieldSpec::optional(
            "company_id",
            "Company ID",
            "Needed where the user has several companies: Tools > API access.",
        ),
        FieldSpec {
            default: Some(USUAL),
            choices: HOSTS,
            ..FieldSpec::optional(
                "host",
                "Address",
                "The address at which you log in. A key is good at one address only.",
            )
        },
        FieldSpec::secret(
            "api_key",
            "API key",
            "Tools > API access, best of a user of its own with the role Administrator.",
            true,
        ),
    ],
    oauth: None,
    fixed_base_url: Some("https://moja.superfaktura.sk"),
    fixed_hosts: HOSTS,
    // The vendor counts days and months, not minutes. A pace of our own lets all workers hear when those are spent.
    pace: Some(Pace { calls: 300, seconds: 60 }),
    operations: &[],
    webhook: None,
    source: Some(SourceSpec {
        // 96 of the 1,000 calls of a day.
        poll_every: SignedDuration::from_mins(15),
        event_delay: SignedDuration::ZERO,
        // Four passes see each change, and the hour that clocks repeat in autumn is within it.
        poll_overlap: SignedDuration::from_mins(70),
        parcel_every: SignedDuration::ZERO,
        order_field: "order_no",
        lists_changes: true,
    }),
    channel: None,
    checked_on: "2026-11-21",
};
