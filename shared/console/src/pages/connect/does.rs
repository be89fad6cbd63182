//! What a connector carries, and what is guaranteed about it, in words.

use crate::texts::{self, word};
use connectors::{OperationSpec, Spec};
use domain::{InWords, Operation, Role};

/// One thing that is carried there.
pub(super) struct Does {
    pub(super) label: &'static str,
    /// How the target keeps from doing it twice.
    pub(super) guarantee: &'static str,
    /// What that is worth here.
    pub(super) promise: &'static str,
}

/// What is carried to a connector.
pub(super) fn does(spec: &Spec) -> Vec<Does> {
    let one = |operation: &OperationSpec| Does {
        label: word(operation.operation.in_words()).label,
        guarantee: word(operation.guarantee.in_words()).label,
        promise: promise(spec, operation.operation, operation.promise),
    };
    spec.operations.iter().map(one).collect()
}

/// What is guaranteed of an operation, in the connector's words.
pub(in crate::pages) fn promise(spec: &Spec, operation: Operation, english: &'static str) -> &'static str {
    let key = format!("promise-{}", operation.as_str());
    texts::connector(spec.id, &key, english)
}

/// What might be carried to a shop or marketplace, but not to this one.
pub(super) fn cannot(spec: &Spec) -> Vec<&'static str> {
    const TO_CHANNELS: [Operation; 7] = [
        Operation::SendInvoice,
        Operation::SendCreditNote,
        Operation::SendTracking,
        Operation::SendDeliveryState,
        Operation::CancelOrder,
        Operation::RefundOrder,
        Operation::AcknowledgeOrder,
    ];
    let absent = |operation: &&Operation| spec.role == Role::Channel && spec.operation(**operation).is_none();
    TO_CHANNELS.iter().filter(absent).map(|operation| word(operation.in_words()).label).collect()
}

/// What a connector is for, in a few sentences.
pub(super) fn about(spec: &Spec) -> &'static str {
    texts::connector(spec.id, "about", spec.about)
}
