//! Words for the things around an export: connections, orders, parcels, steps.

use super::{InWords, Word};
use crate::{
    ConnectionState, DeliveryState, NoticeKind, NoticeWay, OrderState, PauseReason, Role, Step, SubjectKind, Switch,
    TellOutcome,
};

pub(super) fn all() -> Vec<Word> {
    let mut all = vec![];
    all.extend(Step::ALL.iter().map(|s| s.in_words()));
    all.extend([Role::Accounting, Role::Courier, Role::Channel].map(InWords::in_words));
    all.extend(
        [ConnectionState::Unverified, ConnectionState::Active, ConnectionState::Paused, ConnectionState::Disabled]
            .map(InWords::in_words),
    );
    all.extend([PauseReason::Outage, PauseReason::Credentials, PauseReason::ByHand].map(InWords::in_words));
    all.extend(
        [
            Switch::SendInvoice,
            Switch::SendCreditNote,
            Switch::SendTracking,
            Switch::SendDeliveryState,
            Switch::SendCancellation,
            Switch::SendRefund,
            Switch::AcknowledgeOrder,
            Switch::IssueDocuments,
        ]
        .map(InWords::in_words),
    );
    all.extend(
        [OrderState::Pending, OrderState::Open, OrderState::Shipped, OrderState::Closed, OrderState::Cancelled]
            .map(InWords::in_words),
    );
    all.extend(
        [
            DeliveryState::LabelCreated,
            DeliveryState::InTransit,
            DeliveryState::OutForDelivery,
            DeliveryState::Delivered,
            DeliveryState::DeliveryFailed,
            DeliveryState::Returned,
            DeliveryState::Cancelled,
            DeliveryState::Unknown,
        ]
        .map(InWords::in_words),
    );
    all.extend(
        [
            SubjectKind::Invoice,
            SubjectKind::Proforma,
            SubjectKind::CreditNote,
            SubjectKind::Parcel,
            SubjectKind::Order,
            SubjectKind::Document,
        ]
        .map(InWords::in_words),
    );
    all.extend(NoticeKind::ALL.map(InWords::in_words));
    all.extend(NoticeWay::ALL.map(InWords::in_words));
    all.extend([TellOutcome::Accepted, TellOutcome::Known, TellOutcome::Refused].map(InWords::in_words));
    all
}

const fn plain(kind: &'static str, word: &'static str, label: &'static str, explanation: &'static str) -> Word {
    Word { kind, word, label, explanation, next_step: "" }
}

impl InWords for Step {
    fn in_words(self) -> Word {
        let (label, explanation) = match self {
            Self::Look => ("Reading the source", "Reading the source and finding the order."),
            Self::Preflight => ("Checking beforehand", "Checking what must be true before anything is sent."),
            Self::ReadBack => ("Looking at the target", "Asking the target what it already has."),
            Self::Send => ("Sending", "The call that makes the change at the target."),
            Self::Confirm => ("Confirming", "Asking the target afterwards whether it has it."),
        };
        plain("step", self.as_str(), label, explanation)
    }
}

impl InWords for Role {
    fn in_words(self) -> Word {
        let (label, explanation) = match self {
            Self::Accounting => ("Accounting", "Issues invoices and credit notes."),
            Self::Courier => ("Courier", "Carries parcels and gives tracking numbers."),
            Self::Channel => ("Shop or marketplace", "Orders come from it."),
        };
        plain("role", self.as_str(), label, explanation)
    }
}

impl InWords for ConnectionState {
    fn in_words(self) -> Word {
        let (word, label, explanation, next_step) = match self {
            Self::Unverified => (
                "unverified",
                "Not checked yet",
                "No check has succeeded with its present settings, so nothing goes out.",
                "Run the check.",
            ),
            Self::Active => ("active", "In use", "The connection works and is used.", "Nothing."),
            Self::Paused => (
                "paused",
                "Paused",
                "Nothing is tried there until the pause ends; what waits is not lost.",
                "Look at the reason of the pause.",
            ),
            Self::Disabled => {
                ("disabled", "Switched off", "A person switched it off.", "Switch it on if it is wanted again.")
            }
        };
        Word { kind: "connection_state", word, label, explanation, next_step }
    }
}

impl InWords for PauseReason {
    fn in_words(self) -> Word {
        let (word, label, explanation, next_step) = match self {
            Self::Outage => (
                "outage",
                "It cannot be reached",
                "Several calls in a row found nobody there.",
                "Nothing: it is tried again by itself and goes on when it answers.",
            ),
            Self::Credentials => (
                "credentials",
                "It refuses our credentials",
                "The vendor does not accept our credentials, or a right is missing.",
                "Enter new credentials or grant the right, then run the check.",
            ),
            Self::ByHand => ("by_hand", "Paused by a person", "Somebody paused it.", "Resume it when it may go on."),
        };
        Word { kind: "pause", word, label, explanation, next_step }
    }
}

impl InWords for Switch {
    fn in_words(self) -> Word {
        let (word, label, explanation) = match self {
            Self::SendInvoice => ("send_invoice", "Receives invoices", "Invoices are carried here."),
            Self::SendCreditNote => ("send_credit_note", "Receives credit notes", "Credit notes are carried here."),
            Self::SendTracking => ("send_tracking", "Receives tracking numbers", "Tracking numbers are carried here."),
            Self::SendDeliveryState => {
                ("send_delivery_state", "Is told delivery states", "It is told where parcels are.")
            }
            Self::SendCancellation => {
                ("send_cancellation", "Receives cancellations", "Cancellations are carried here.")
            }
            Self::SendRefund => {
                ("send_refund", "Receives refunds", "Credit notes are recorded here as refunds of the order.")
            }
            Self::AcknowledgeOrder => ("acknowledge_order", "Orders are acknowledged", "Its orders are acknowledged."),
            Self::IssueDocuments => ("issue_documents", "Issues documents", "It is asked to issue documents."),
        };
        plain("switch", word, label, explanation)
    }
}

impl InWords for OrderState {
    fn in_words(self) -> Word {
        let (word, label, explanation) = match self {
            Self::Pending => ("pending", "Not confirmed yet", "It waits for acceptance, payment or review."),
            Self::Open => ("open", "Open", "It may be invoiced and shipped."),
            Self::Shipped => ("shipped", "Shipped", "It is shipped, at least in part."),
            Self::Closed => ("closed", "Closed", "There is nothing more to do."),
            Self::Cancelled => ("cancelled", "Cancelled", "It will never be fulfilled."),
        };
        plain("order_state", word, label, explanation)
    }
}

impl InWords for DeliveryState {
    fn in_words(self) -> Word {
        let (word, label, explanation) = match self {
            Self::LabelCreated => {
                ("label_created", "Label made", "A label exists; the courier does not have the parcel yet.")
            }
            Self::InTransit => ("in_transit", "On its way", "The courier has the parcel."),
            Self::OutForDelivery => {
                ("out_for_delivery", "Out for delivery", "It is on its last leg, or waits to be picked up.")
            }
            Self::Delivered => ("delivered", "With the buyer", "The buyer has it."),
            Self::DeliveryFailed => ("delivery_failed", "Delivery failed", "An attempt to deliver it failed."),
            Self::Returned => ("returned", "Returned", "It came back."),
            Self::Cancelled => ("cancelled", "Cancelled", "It will never travel."),
            Self::Unknown => ("unknown", "Not known", "The courier said something that no table lists."),
        };
        plain("delivery_state", word, label, explanation)
    }
}

impl InWords for SubjectKind {
    fn in_words(self) -> Word {
        let (label, explanation) = match self {
            Self::Invoice => ("Invoice", "An invoice."),
            Self::Proforma => ("Proforma", "A request for payment; no invoice in the tax sense."),
            Self::CreditNote => ("Credit note", "Corrects an invoice."),
            Self::Parcel => ("Parcel", "A parcel."),
            Self::Order => ("Order", "An order."),
            Self::Document => ("Document", "A document that has not been read yet."),
        };
        plain("subject", self.as_str(), label, explanation)
    }
}

impl InWords for TellOutcome {
    fn in_words(self) -> Word {
        let (word, label, explanation, next_step) = match self {
            Self::Accepted => ("accepted", "Taken", "The parcel is looked at now, and watched until its end.", ""),
            Self::Known => ("known", "Known before", "The parcel is known with this order; nothing is done twice.", ""),
            Self::Refused => (
                "refused",
                "Not taken",
                "The line cannot be used. The other lines do not depend on it.",
                "Correct it and tell it again.",
            ),
        };
        Word { kind: "shipment", word, label, explanation, next_step }
    }
}

impl InWords for NoticeKind {
    fn in_words(self) -> Word {
        let (label, explanation, next_step) = match self {
            Self::ConnectionPaused => (
                "A connection has paused",
                "Nothing is sent there until the pause ends; what is due there waits.",
                "Open the connection: it says what to do.",
            ),
            Self::Uncertain => (
                "A person must decide",
                "It may or may not have arrived, and the target cannot be asked.",
                "Look at the target and say whether it arrived.",
            ),
            Self::DeadLetter => (
                "A dead letter",
                "Three attempts failed. Others that end the same way within a day are not told one by one.",
                "Repair the cause, then redrive; or say that it is not needed.",
            ),
            Self::Webhook => (
                "Webhooks do not arrive",
                "What changes at this source is found by polling only: nothing is lost, but it goes out later.",
                "Look at the webhook at the vendor: its address, its secret, and whether it is switched on.",
            ),
            Self::CredentialsExpiring => (
                "Credentials end soon",
                "After that day the vendor refuses them; the connection pauses then, and what is meant for it waits.",
                "Make new ones at the vendor and enter them; the old ones stay in use until a check succeeds with them.",
            ),
            Self::Digest => ("The day in numbers", "How things stand, once a day.", "Nothing."),
            Self::Test => ("A test", "Somebody tried the way by which notices go out.", "Nothing."),
        };
        Word { kind: "notice", word: self.as_str(), label, explanation, next_step }
    }
}

impl InWords for NoticeWay {
    fn in_words(self) -> Word {
        let (label, explanation) = match self {
            Self::Webhook => ("Webhook", "A signed call to an address of yours."),
            Self::Email => ("E-mail", "A mail to each of the addresses given."),
            Self::Topic => ("Topic", "A message to the deployment's notification topic."),
        };
        plain("notice_way", self.as_str(), label, explanation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_serialised_names_agree() {
        let pairs = [
            (serde_json::to_value(ConnectionState::Unverified).unwrap(), ConnectionState::Unverified.in_words()),
            (serde_json::to_value(ConnectionState::Disabled).unwrap(), ConnectionState::Disabled.in_words()),
            (serde_json::to_value(PauseReason::ByHand).unwrap(), PauseReason::ByHand.in_words()),
            (serde_json::to_value(Switch::SendDeliveryState).unwrap(), Switch::SendDeliveryState.in_words()),
            (serde_json::to_value(OrderState::Pending).unwrap(), OrderState::Pending.in_words()),
            (serde_json::to_value(DeliveryState::OutForDelivery).unwrap(), DeliveryState::OutForDelivery.in_words()),
            (serde_json::to_value(TellOutcome::Accepted).unwrap(), TellOutcome::Accepted.in_words()),
            (serde_json::to_value(DeliveryState::LabelCreated).unwrap(), DeliveryState::LabelCreated.in_words()),
        ];
        for (name, word) in pairs {
            assert_eq!(name, word.word);
        }
    }
}
