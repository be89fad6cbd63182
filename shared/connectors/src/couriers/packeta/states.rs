//! Packeta's status codes in our words. Pure.
//!
//! 1 to 17 and 999 are those of the vendor's plugins, 18 to 30 those that clients of the live service list. There is no
//! 8 and no 13.

use domain::DeliveryState::{self, *};

/// The packet has left Packeta's own net for a carrier, who has a number of its own for it.
pub(super) const HANDED_TO_CARRIER: u32 = 6;

/// What a code says about where a packet is.
pub(super) const fn of_code(code: u32) -> DeliveryState {
    match code {
        1 => LabelCreated,
        // 12 is collected from the sender; 15 a packet on its way back that has only arrived.
        2..=4 | 6 | 12 | 14 | 15 | 27..=30 => InTransit,
        5 => OutForDelivery,
        7 => Delivered,
        16..=18 | 20 | 23..=25 => DeliveryFailed,
        9 | 10 | 19 | 22 => Returned,
        11 | 21 => Cancelled,
        // 26 is under investigation, 999 what the vendor does not know itself. Never a guess.
        _ => Unknown,
    }
}
