//! Packeta as data.

use crate::spec::{FieldSpec, NumberSpec, SourceSpec, Spec};
use domain::Role;
use jiff::SignedDuration;

/// Times without an offset are those of Prague: Central European Time with its summer time, since 1996.
pub(super) const PRAGUE: &str = "CET-1CEST,M3.5.0,M10.5.0/3";

/// Packeta's numbers. Carriers behind it are synchronised three times a day: more often than hourly brings nothing.
pub(super) static NUMBERS: NumberSpec =
    NumberSpec { pattern: r"\bZ[0-9]{10,12}\b", carrier_every: SignedDuration::from_hours(1) };

const fn choice(
    name: &'static str,
    label: &'static str,
    help: &'static str,
    default: &'static str,
    choices: &'static [&'static str],
) -> FieldSpec {
    FieldSpec { default: Some(default), choices, ..FieldSpec::optional(name, label, help) }
}

/// Packeta as data.
pub(super) static SPEC: Spec = Spec {
    id: "packeta",
    label: "Packeta (Zásilkovna)",
    role: Role::Courier,
    about: "Packets of one Packeta account: numbers, carriers behind it with their own numbers, delivery states, labels. \
            Packeta has no list, so packets are told to us, or found by their numbers at orders. Nothing is written \
            there.",
    fields: &[
        FieldSpec::secret(
            "api_password",
            "API password",
            "Client section > Client support > API password: 32 characters. Not the shorter API key.",
            true,
        )
        .at("https://docs.packeta.com/docs/getting-started/packeta-api"),
        choice(
            "from_orders",
            "Numbers at orders",
            "Numbers like Z1234567890 that stand at a shop's order, as a track or in a comment, become parcels by \
             themselves. Choose `tracks` to leave comments unread, `off` if parcels are only told through the API.",
            "tracks_and_comments",
            &["tracks_and_comments", "tracks", "off"],
        ),
        choice(
            "label_format",
            "Label format",
            "As the client section offers it for Packeta's own labels: `A6 on A4`, `A7 on A6`.",
            "A6 on A4",
            &[],
        ),
        choice(
            "time_zone",
            "Times of the answers",
            "Packeta writes times without a zone. Choose `utc` if the times shown are an hour or two late.",
            "prague",
            &["prague", "utc"],
        ),
    ],
    oauth: None,
    fixed_base_url: Some("https://www.zasilkovna.cz"),
    fixed_hosts: &["www.zasilkovna.cz"],
    // The vendor publishes no figure.
    pace: None,
    operations: &[],
    webhook: None,
    source: Some(SourceSpec {
        poll_every: SignedDuration::from_hours(1),
        event_delay: SignedDuration::ZERO,
        poll_overlap: SignedDuration::ZERO,
        parcel_every: SignedDuration::from_hours(1),
        order_field: "number",
        lists_changes: false,
    }),
    channel: None,
    checked_on: "2026-11-21",
};
