//! Magento as data. Facts: Adobe Commerce web API pages and Magento's own sources, checked on the date below.

use crate::spec::{ChannelSpec, FieldSpec, OperationSpec, Spec};
use domain::{AdoptRule, Guarantee, Operation, Role, Switch, Verified};
use jiff::SignedDuration;

const LATE_BOUND: SignedDuration = SignedDuration::from_secs(120);

static FIELDS: &[FieldSpec] = &[
    FieldSpec {
        default: Some("oauth1"),
        choices: &["oauth1", "bearer"],
        ..FieldSpec::optional(
            "auth",
            "How calls are signed",
            "\"oauth1\" works with every integration; \"bearer\" only where the shop allows an integration's token alone.",
        )
    },
    FieldSpec {
        default: Some("default"),
        ..FieldSpec::optional(
            "store_code",
            "Store code",
            "Stores, All Stores: the code of the store view in the REST address.",
        )
    },
    FieldSpec::optional(
        "consumer_key",
        "Consumer key",
        "System, Extensions, Integrations: your integration. Needed for oauth1.",
    ),
    FieldSpec::secret("consumer_secret", "Consumer secret", "Beside the consumer key. Needed for oauth1.", false),
    FieldSpec::secret(
        "access_token",
        "Access token",
        "Beside the consumer key, after the integration was activated.",
        true,
    ),
    FieldSpec::secret(
        "access_token_secret",
        "Access token secret",
        "Beside the access token. Needed for oauth1.",
        false,
    ),
    FieldSpec::optional(
        "source_code",
        "Inventory source",
        "Only if the shop keeps stock in several sources: the source that shipments are taken from.",
    ),
];

static OPERATIONS: &[OperationSpec] = &[
    OperationSpec {
        operation: Operation::SendInvoice,
        switch: Switch::SendInvoice,
        guarantee: Guarantee::R,
        late_bound: LATE_BOUND,
        // Partial invoices have no natural key.
        exclusive_order: true,
        verified: Verified::OfficialText,
        promise: "The order gets one Magento invoice per document, known again by our number in its comment, read \
                  before every send. No PDF travels, Magento numbers its own invoice, and no money is captured.",
    },
    OperationSpec {
        operation: Operation::SendCreditNote,
        switch: Switch::SendCreditNote,
        guarantee: Guarantee::R,
        late_bound: LATE_BOUND,
        // Magento saves the whole order with a comment: nothing else may change it meanwhile.
        exclusive_order: true,
        verified: Verified::OfficialText,
        promise: "The order gets one comment per credit note, with its number, amount and link, known again by them and \
                  read before and after every send. This alone makes no credit memo, returns nothing to stock and moves no \
                  money.",
    },
    OperationSpec {
        operation: Operation::RefundOrder,
        switch: Switch::SendRefund,
        guarantee: Guarantee::R,
        late_bound: LATE_BOUND,
        // A partial memo that is repeated refunds twice.
        exclusive_order: true,
        verified: Verified::OfficialText,
        promise: "The order gets one offline credit memo per credit note, known again by its number in the memo's comment, \
                  read before and after every send. It is made only over lines that are invoiced and not refunded, and \
                  only where Magento's own sums give the credit note's total to the cent. No money moves at a payment \
                  provider, and nothing is asked back into stock.",
    },
    OperationSpec {
        operation: Operation::SendTracking,
        switch: Switch::SendTracking,
        guarantee: Guarantee::R,
        late_bound: LATE_BOUND,
        exclusive_order: true,
        verified: Verified::OfficialText,
        promise: "The order gets one shipment per parcel, known again by its tracking number, read before every send; \
                  where nothing is left to ship, the number joins the shipment that is there.",
    },
];

/// The connector as data.
pub(super) static SPEC: Spec = Spec {
    id: "magento",
    label: "Magento 2 / Adobe Commerce",
    role: Role::Channel,
    about: "Magento 2 shops, Open Source and Adobe Commerce on your own servers. An invoice becomes Magento's own invoice \
            record at the order: no PDF travels, since Magento takes none, and Magento gives the record its own number; \
            ours and the link to the document stand in its comment. Money is never captured. A credit note becomes a comment \
            on the order; with the switch for refunds also Magento's own credit memo, offline, so that no money moves at a \
            payment provider. A parcel becomes a shipment with its tracking number.",
    fields: FIELDS,
    oauth: None,
    fixed_base_url: None,
    fixed_hosts: &[],
    pace: None,
    operations: OPERATIONS,
    webhook: None,
    source: None,
    channel: Some(ChannelSpec {
        // The call makes a record that changes the order: a person must choose when.
        invoice_when: None,
        if_target_has_one: AdoptRule::Adopt,
        number_apart: false,
    }),
    checked_on: "2026-11-21",
};
