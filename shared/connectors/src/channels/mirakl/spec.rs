//! Mirakl as data. Facts: Mirakl seller OpenAPI and general notes, checked on the date below.

use crate::spec::{ChannelSpec, FieldSpec, OperationSpec, Spec};
use domain::{AdoptRule, Guarantee, InvoiceWhen, Operation, Role, Switch, Verified};
use jiff::SignedDuration;

const LATE_BOUND: SignedDuration = SignedDuration::from_secs(120);

static FIELDS: &[FieldSpec] = &[
    FieldSpec::secret(
        "api_key",
        "API key",
        "In the seller's back office: your user's menu, \"API key\". One per user and marketplace.",
        true,
    ),
    FieldSpec::optional("shop_id", "Shop id", "Only if your user has several shops: the number of the shop to use.")
        .like("2041"),
    FieldSpec {
        default: Some("CUSTOMER_INVOICE"),
        ..FieldSpec::optional(
            "invoice_type_code",
            "Document type of invoices",
            "Defined by the marketplace; the check reads the list.",
        )
    },
    FieldSpec::optional(
        "credit_note_type_code",
        "Document type of credit notes",
        "Defined by the marketplace. Without it no credit note is carried.",
    ),
    FieldSpec {
        default: Some("true"),
        choices: &["true", "false"],
        ..FieldSpec::optional(
            "carrier_free_text",
            "Carriers by name",
            "\"false\" if the marketplace takes only the carriers of its own list; others then wait for a mapping.",
        )
    },
];

static OPERATIONS: &[OperationSpec] = &[
    OperationSpec {
        operation: Operation::SendInvoice,
        switch: Switch::SendInvoice,
        guarantee: Guarantee::R,
        late_bound: LATE_BOUND,
        exclusive_order: false,
        verified: Verified::OfficialText,
        promise: "The PDF lies once at the order, found again by its file name and type before and after every upload; \
                  a newer revision replaces the older file.",
    },
    OperationSpec {
        operation: Operation::SendCreditNote,
        switch: Switch::SendCreditNote,
        guarantee: Guarantee::R,
        late_bound: LATE_BOUND,
        exclusive_order: false,
        verified: Verified::OfficialText,
        promise: "As invoices, under the marketplace's type for credit notes. No money moves.",
    },
    OperationSpec {
        operation: Operation::SendTracking,
        switch: Switch::SendTracking,
        guarantee: Guarantee::R,
        late_bound: LATE_BOUND,
        exclusive_order: true,
        verified: Verified::OfficialText,
        promise: "The number is told once and the shipment confirmed once, after reading what the order shows; \
                  a number that is not ours is never overwritten.",
    },
];

/// The connector as data.
pub(super) static SPEC: Spec = Spec {
    id: "mirakl",
    label: "Mirakl",
    role: Role::Channel,
    about: "Marketplaces that run on Mirakl, seller side. Invoices and credit notes travel as PDF files at the order. \
            A tracking number goes to the order as soon as it is known, and the shipment is confirmed once the parcel \
            was handed over; parts of an order go as shipments of their own where the marketplace has multi-shipment.",
    fields: FIELDS,
    oauth: None,
    fixed_base_url: None,
    fixed_hosts: &[],
    pace: None,
    operations: OPERATIONS,
    webhook: None,
    source: None,
    channel: Some(ChannelSpec {
        // The target only receives a document.
        invoice_when: Some(InvoiceWhen::Issued),
        if_target_has_one: AdoptRule::Hold,
        number_apart: true,
    }),
    checked_on: "2026-11-21",
};
