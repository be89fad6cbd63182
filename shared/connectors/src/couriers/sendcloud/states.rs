//! Sendcloud's three vocabularies of states in ours. Pure.
//!
//! Phases and exceptions are those of the v3 event schema, names those of the tracking-statuses page and, where that
//! page has no word, those that the live list is seen to hold. The numbers of v2 are published nowhere and not used.

use domain::DeliveryState::{self, *};

/// What a vendor's word says about where a parcel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It is there.
    Is(DeliveryState),
    /// The carrier did not take the announcement: it never left, and without another announcement it never will.
    NotAnnounced,
    /// Nothing new: delays, changed dates, a cancellation that was only asked for.
    Same,
}

impl Meaning {
    /// The state, if the word tells one.
    pub(super) const fn state(self) -> Option<DeliveryState> {
        match self {
            Self::Is(state) => Some(state),
            Self::NotAnnounced => Some(DeliveryFailed),
            Self::Same => None,
        }
    }
}

/// An event of the v3 tracking: an exception outweighs its phase.
pub(super) fn of_event(phase: &str, exception: Option<&str>) -> Meaning {
    match exception.map(word).as_deref() {
        Some("returned_sender") => Meaning::Is(Returned),
        Some("cancelled" | "cancelled_upstream") => Meaning::Is(Cancelled),
        Some("cancelling" | "cancelling_upstream") => Meaning::Same,
        Some("refused" | "customer_rejected" | "pup_expiration" | "damaged" | "missing") => Meaning::Is(DeliveryFailed),
        Some("announcement_failed") => Meaning::NotAnnounced,
        // A wrong address before the first scan ends the parcel; later the phase says more.
        Some("address_error") if word(phase) == "none" => Meaning::NotAnnounced,
        _ => of_name(phase),
    }
}

/// A phase, a name or a code.
pub(super) fn of_name(name: &str) -> Meaning {
    let state = match word(name).as_str() {
        "announcing"
        | "being_announced"
        | "announced"
        | "labelled"
        | "ready_to_send"
        | "no_label"
        | "none"
        | "announced_not_collected"
        | "announced_uncollected" => LabelCreated,
        "accepted"
        | "dropped"
        | "sorted"
        | "in_transit"
        | "customs"
        | "at_customs"
        | "being_sorted"
        | "sorting"
        | "not_sorted"
        | "unsorted"
        | "at_sorting_centre"
        | "at_sorting_center"
        | "en_route"
        | "en_route_to_sorting_center"
        | "en_route_to_sorting_centre"
        | "to_sorting"
        | "parcel_en_route"
        | "shipment_on_route"
        | "shipment_picked_up_by_driver"
        | "picked_up_by_driver" => InTransit,
        "in_delivery" | "pup" | "awaiting_customer_pickup" | "driver_en_route" | "driver_on_route" => OutForDelivery,
        "delivered" | "delivery_forced" | "shipment_collected_by_customer" => Delivered,
        "attempted" | "delivery_attempt_failed" | "unable_to_deliver" | "refused_by_recipient" => DeliveryFailed,
        "address_invalid" | "announcement_failed" => return Meaning::NotAnnounced,
        "returned_to_sender" => Returned,
        "cancelled" | "cancelled_upstream" => Cancelled,
        "cancellation_request"
        | "cancellation_requested"
        | "submitting_cancellation_request"
        | "cancelling"
        | "parcel_cancellation_failed"
        | "delivery_delayed"
        | "delayed"
        | "delivery_date_changed"
        | "delivery_address_changed"
        | "delivery_method_changed"
        | "error_collecting"
        | "collect_error" => {
            return Meaning::Same;
        }
        // Never a guess, least of all `delivered`.
        _ => Unknown,
    };
    Meaning::Is(state)
}

/// Lower case, one underscore for everything that is no letter and no digit.
fn word(text: &str) -> String {
    let parts = text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    parts.map(str::to_lowercase).collect::<Vec<_>>().join("_")
}
