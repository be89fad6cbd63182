//! The vendor's statuses in its three vocabularies: v2 number and message, v3 code, and phase with exception.
//!
//! Names and phases are documented; the numbers are seen in clients only, so a client must load the list.

/// One status.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Status {
    /// What the control calls say.
    pub(crate) name: &'static str,
    pub(crate) id: u32,
    pub(crate) message: &'static str,
    /// Code of the v3 list.
    pub(crate) code: &'static str,
    /// Phase and exception of a v3 tracking event.
    pub(crate) phase: &'static str,
    pub(crate) exception: &'static str,
    /// The v2 tracking word.
    pub(crate) parent: &'static str,
}

const fn status(
    name: &'static str,
    (id, message): (u32, &'static str),
    code: &'static str,
    (phase, exception): (&'static str, &'static str),
    parent: &'static str,
) -> Status {
    Status { name, id, message, code, phase, exception, parent }
}

pub(crate) const UNKNOWN: Status = status(
    "unknown",
    (1337, "Unknown status - check carrier track & trace page for more insights"),
    "UNKNOWN",
    ("unknown", "none"),
    "unknown",
);

pub(crate) const STATUSES: &[Status] = &[
    status("announcing", (1001, "Being announced"), "ANNOUNCING", ("announcing", "none"), "announcing"),
    status("announced", (1000, "Announced"), "ANNOUNCED", ("announced", "none"), "announced"),
    status("ready_to_send", (1, "Ready to send"), "READY_TO_SEND", ("ready_to_send", "none"), "ready-to-send"),
    status(
        "not_collected",
        (13, "Announced: not collected"),
        "ANNOUNCED_NOT_COLLECTED",
        ("labelled", "none"),
        "announced",
    ),
    status("no_label", (999, "No label"), "NO_LABEL", ("no_label", "none"), "no-label"),
    status(
        "en_route",
        (3, "En route to sorting center"),
        "EN_ROUTE_TO_SORTING_CENTER",
        ("in_transit", "none"),
        "shipment-on-route",
    ),
    status("sorting", (7, "Being sorted"), "BEING_SORTED", ("sorted", "none"), "shipment-on-route"),
    status(
        "sorting_centre",
        (62_990, "At sorting centre"),
        "AT_SORTING_CENTRE",
        ("in_transit", "none"),
        "shipment-on-route",
    ),
    status("customs", (62_989, "At Customs"), "AT_CUSTOMS", ("customs", "none"), "customs"),
    status("driver", (92, "Driver en route"), "DRIVER_ON_ROUTE", ("in_delivery", "none"), "driver-on-route"),
    status(
        "pickup",
        (12, "Awaiting customer pickup"),
        "AWAITING_CUSTOMER_PICKUP",
        ("pup", "none"),
        "awaiting-customer-pickup",
    ),
    status("delivered", (11, "Delivered"), "DELIVERED", ("delivered", "none"), "delivered"),
    status(
        "attempt_failed",
        (8, "Delivery attempt failed"),
        "DELIVERY_ATTEMPT_FAILED",
        ("attempted", "none"),
        "delivery-attempt-failed",
    ),
    status(
        "refused",
        (62_991, "Refused by recipient"),
        "REFUSED_BY_RECIPIENT",
        ("attempted", "refused"),
        "delivery-attempt-failed",
    ),
    status(
        "address_invalid",
        (1998, "Address invalid"),
        "ADDRESS_INVALID",
        ("none", "address_error"),
        "announcement-failed",
    ),
    status(
        "announcement_failed",
        (1002, "Announcement failed"),
        "ANNOUNCEMENT_FAILED",
        ("none", "announcement_failed"),
        "announcement-failed",
    ),
    status(
        "returned",
        (62_992, "Returned to sender"),
        "RETURNED_TO_SENDER",
        ("in_transit", "returned_sender"),
        "returned-to-sender",
    ),
    status(
        "cancellation_requested",
        (1999, "Cancellation requested"),
        "CANCELLATION_REQUESTED",
        ("none", "cancelling"),
        "cancelling",
    ),
    status("cancelled", (2000, "Cancelled"), "CANCELLED", ("cancelled", "cancelled"), "cancelled"),
    UNKNOWN,
];

/// A status by its name here, or by the canonical delivery state that it stands for.
pub(crate) fn find(name: &str) -> Option<&'static Status> {
    let name = match name {
        "label_created" => "ready_to_send",
        "in_transit" => "en_route",
        "out_for_delivery" => "driver",
        "delivery_failed" => "attempt_failed",
        other => other,
    };
    STATUSES.iter().find(|status| status.name == name)
}

/// What a parcel usually went through before it came to a status.
pub(crate) fn before(status: &Status) -> &'static [&'static str] {
    match status.name {
        "announcing" | "no_label" => &[],
        "announced" | "ready_to_send" | "not_collected" | "address_invalid" | "announcement_failed" => &["announcing"],
        "cancellation_requested" | "cancelled" | "en_route" | "unknown" => &["announcing", "ready_to_send"],
        "delivered" => &["announcing", "ready_to_send", "en_route", "driver"],
        _ => &["announcing", "ready_to_send", "en_route"],
    }
}
