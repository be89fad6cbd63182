//! People's words for every state, hold reason, skip reason, step, operation, guarantee class and code, in one place.

mod audit;
mod deviations;
mod mappings;
mod things;

use crate::code::Family;
use crate::{Code, Deviation, Guarantee, HoldReason, Operation, SkipReason, State};
use serde::Serialize;

/// How a word of the API is said to people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Word {
    /// `state`, `hold`, `skip`, `step`, `operation`, `guarantee`, `role`, `connection_state`, `pause`, `switch`,
    /// `order_state`, `delivery_state`, `subject`, `shipment`, `notice`, `notice_way`, `mapping`, `likeness`, `deviation`, `access_role`,
    /// `audit_action`, `audit_about`, `audit_outcome`, or a
    /// family of codes.
    pub kind: &'static str,
    /// The word itself.
    pub word: &'static str,
    /// A few words for people.
    pub label: &'static str,
    /// A sentence for people.
    pub explanation: &'static str,
    /// What a person can do.
    pub next_step: &'static str,
}

/// Something of ours that is said to people.
pub trait InWords {
    /// How.
    fn in_words(self) -> Word;
}

/// Every word.
#[must_use]
pub fn words() -> Vec<Word> {
    let mut all = vec![];
    all.extend(State::ALL.iter().map(|s| s.in_words()));
    all.extend(HoldReason::ALL.iter().map(|r| r.in_words()));
    all.extend(SkipReason::ALL.iter().map(|r| r.in_words()));
    all.extend(Operation::ALL.iter().map(|o| o.in_words()));
    all.extend([Guarantee::K, Guarantee::N, Guarantee::R, Guarantee::U].map(InWords::in_words));
    all.extend(things::all());
    all.extend(mappings::all());
    all.extend(audit::all());
    all.extend(Deviation::ALL.iter().map(|d| d.in_words()));
    all.extend(Code::ALL.iter().map(|c| c.in_words()));
    all
}

/// The word of one kind, if there is such a word.
#[must_use]
pub fn word(kind: &str, word: &str) -> Option<Word> {
    words().into_iter().find(|w| w.kind == kind && w.word == word)
}

macro_rules! in_words {
    ($($type:ty => $say:ident,)*) => {
        $(impl InWords for $type {
            fn in_words(self) -> Word {
                $say(self)
            }
        })*
    };
}

in_words! {
    State => state,
    HoldReason => hold,
    SkipReason => skip,
    Operation => operation,
    Guarantee => guarantee,
    Code => code,
}

fn code(code: Code) -> Word {
    let kind = match code.family() {
        Family::Problem => "problem",
        Family::Check => "check",
        Family::Attempt => "attempt",
        Family::Skip => "skip_code",
        Family::Finding => "finding",
    };
    Word {
        kind,
        word: code.as_str(),
        label: code.label(),
        explanation: code.explanation(),
        next_step: code.next_step(),
    }
}

fn state(state: State) -> Word {
    let (label, explanation, next_step) = match state {
        State::Sending => ("Under way", "It is being carried right now.", "Nothing."),
        State::Accepted => {
            ("Taken, not yet decided", "The target took it and decides later.", "Nothing; the answer is fetched.")
        }
        State::Delivered => ("Delivered", "The target has it; the proof is in the receipt.", "Nothing."),
        State::Retrying => {
            ("Will be tried again", "An attempt failed; the next one is due.", "Nothing yet; look at the last error.")
        }
        State::Held => ("Waits", "It waits for something; waiting costs no attempt.", "See what it waits for."),
        State::Expired => (
            "Waited in vain",
            "What it waited for did not come in time.",
            "Retry it if it is still wanted, or say that it is not needed.",
        ),
        State::Uncertain => (
            "Not certain",
            "It may or may not have arrived, and the target cannot be asked.",
            "Look at the target and say whether it arrived.",
        ),
        State::Dead => {
            ("Dead letter", "Three attempts failed.", "Repair the cause, then redrive; or say that it is not needed.")
        }
        State::Skipped => ("Left out", "It must not go out.", "Nothing, unless the reason is wrong."),
        State::Planned => ("Planned", "It became one export per target.", "Look at those exports."),
    };
    Word { kind: "state", word: state.as_str(), label, explanation, next_step }
}

fn hold(reason: HoldReason) -> Word {
    let (label, explanation, next_step) = match reason {
        HoldReason::OrderUnknown => (
            "The order is not known yet",
            "No channel knows this order yet.",
            "Nothing if the order is still to come; else correct the reference at the source, or name the order.",
        ),
        HoldReason::OrderAmbiguous => (
            "Several channels know the order",
            "More than one channel has an order with this reference.",
            "Say which one it is, or give the channels order patterns.",
        ),
        HoldReason::OrderMismatch => (
            "Does not fit the order",
            "Currency or total of the document do not fit the order.",
            "Compare both; correct the document at the source.",
        ),
        HoldReason::Predecessor => (
            "Something else comes first",
            "Another document, shipment or call of this order must arrive first.",
            "Nothing; it goes on by itself.",
        ),
        HoldReason::DocumentNotReady => (
            "The document is not ready",
            "The source has not finished the document or its PDF.",
            "Nothing; it is fetched again soon.",
        ),
        HoldReason::NotPaidYet => (
            "Not paid yet",
            "A rule of the target, or the target itself, waits for payment.",
            "Nothing; it goes out when the payment is known.",
        ),
        HoldReason::NotHandedOver => (
            "Not handed over yet",
            "The courier has not scanned the parcel.",
            "Nothing; it goes out at the first scan.",
        ),
        HoldReason::NumberMissing => (
            "No tracking number yet",
            "The parcel has no tracking number yet.",
            "Nothing; it goes out when the number is known.",
        ),
        HoldReason::MappingMissing => (
            "No counterpart at the target",
            "A value of the source has no counterpart at the target.",
            "Add it to the target's mappings; what waits goes out by itself.",
        ),
        HoldReason::LinesUnmatched => (
            "Lines do not match",
            "The document's lines do not fit the order's.",
            "Correct the article numbers, or send it without lines.",
        ),
        HoldReason::Preflight => (
            "The target would refuse it",
            "We know beforehand that the target must refuse it.",
            "Read the detail and correct it at the source.",
        ),
        HoldReason::TargetHasOther => (
            "The target has another one",
            "The target already holds such a thing that is not known to be ours.",
            "Look at the target; say that it arrived, send it again, or leave it.",
        ),
        HoldReason::RateLimited => {
            ("The vendor asks us to wait", "Too many calls; the vendor named a time.", "Nothing; it goes on by itself.")
        }
        HoldReason::ConnectionPaused => {
            ("The connection is paused", "The connection is paused, so nothing is tried.", "Look at the connection.")
        }
        HoldReason::Settling => (
            "An earlier call may still take effect",
            "A call ended without an answer; we look there before sending again.",
            "Nothing; it goes on by itself.",
        ),
    };
    Word { kind: "hold", word: reason.as_str(), label, explanation, next_step }
}

fn skip(reason: SkipReason) -> Word {
    let twin = match reason {
        SkipReason::NotOurs => {
            return Word {
                kind: "skip",
                word: reason.as_str(),
                label: "Not from a channel",
                explanation: "It belongs to no shop or marketplace of yours. Ordinary books contain many such.",
                next_step: "Nothing, unless the order reference is wrong at the source.",
            };
        }
        SkipReason::SwitchedOff => Code::SwitchedOff,
        SkipReason::Unsupported => Code::Unsupported,
        SkipReason::RuleNever => Code::RuleNever,
        SkipReason::MarketplaceInvoices => Code::MarketplaceInvoices,
        SkipReason::DocumentGone => Code::DocumentGone,
        SkipReason::DocumentCancelled => Code::DocumentCancelled,
        SkipReason::OrderCancelled => Code::OrderCancelled,
        SkipReason::Dismissed => Code::Dismissed,
    };
    Word { kind: "skip", ..code(twin) }
}

fn operation(operation: Operation) -> Word {
    let (label, explanation) = match operation {
        Operation::Look => ("Find out where it goes", "Reads the source and finds the order's channel."),
        Operation::SendInvoice => ("Invoice", "Carries an invoice to the channel."),
        Operation::SendCreditNote => ("Credit note", "Carries a credit note to the channel."),
        Operation::SendTracking => ("Tracking number", "Carries a tracking number, and says that the parcel left."),
        Operation::SendDeliveryState => ("Delivery state", "Tells the channel where the parcel is."),
        Operation::CancelOrder => ("Cancellation", "Cancels the order at the target."),
        Operation::RefundOrder => ("Refund", "Records a credit note as a refund at the channel."),
        Operation::AcknowledgeOrder => ("Acknowledgement", "Acknowledges the order at its channel."),
        Operation::ImportOrder => ("Order", "Brings the order to another system."),
        Operation::IssueInvoice => ("Issue an invoice", "Has accounting issue an invoice."),
        Operation::IssueProforma => ("Issue a proforma", "Has accounting issue a proforma."),
        Operation::IssueCreditNote => ("Issue a credit note", "Has accounting issue a credit note."),
    };
    Word { kind: "operation", word: operation.as_str(), label, explanation, next_step: "" }
}

fn guarantee(guarantee: Guarantee) -> Word {
    let (word, label, explanation) = match guarantee {
        Guarantee::K => {
            ("K", "The target recognises a repeat", "We send again with the same key; the target does it once.")
        }
        Guarantee::N => (
            "N",
            "The target refuses a second one",
            "We send again; the target refuses a duplicate, and we compare the one it has.",
        ),
        Guarantee::R => (
            "R",
            "We look there before sending again",
            "Before every send we read what the target has; what may still take effect is waited for.",
        ),
        Guarantee::U => {
            ("U", "A person decides in doubt", "The target cannot be asked. In doubt we never send again by ourselves.")
        }
    };
    Word { kind: "guarantee", word, label, explanation, next_step: "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_says_something_and_none_is_there_twice() {
        let all = words();
        let mut seen = std::collections::BTreeSet::new();
        for word in &all {
            assert!(!word.label.is_empty() && !word.explanation.is_empty(), "{word:?}");
            assert!(seen.insert((word.kind, word.word)), "{word:?}");
        }
    }

    #[test]
    fn each_is_found_under_its_kind_and_own_word_only() {
        for state in State::ALL {
            assert_eq!(word("state", state.as_str()), Some(state.in_words()));
        }
        for reason in HoldReason::ALL {
            assert_eq!(word("hold", reason.as_str()), Some(reason.in_words()));
        }
        for reason in SkipReason::ALL {
            assert_eq!(word("skip", reason.as_str()), Some(reason.in_words()));
        }
        for step in crate::Step::ALL {
            assert_eq!(word("step", step.as_str()), Some(step.in_words()));
        }
        assert_eq!(word("state", "look"), None, "a step is no state");
        assert_eq!(word("state", "no_such_word"), None);
    }
}
