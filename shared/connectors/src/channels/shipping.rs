//! What the rules of a channel let a parcel wait for.

use crate::stop::Stop;
use domain::{HoldReason, NumberWhen, Parcel, Rules, ShippedWhen, remark};

/// What a parcel waits for before calls that confirm its shipment may be made; nothing if a person said that it goes.
#[must_use]
pub fn shipment_waits(rules: &Rules, by_hand: bool, parcel: &Parcel) -> Option<Stop> {
    let why = match rules.shipped_when.unwrap_or_default() {
        _ if by_hand => return None,
        ShippedWhen::NumberKnown => return None,
        ShippedWhen::HandedOver if parcel.handed_over() => return None,
        ShippedWhen::HandedOver => remark::waits_scan(),
        ShippedWhen::Manual => remark::waits_person(),
    };
    Some(Stop::hold(HoldReason::NotHandedOver, Some(why)))
}

/// What a parcel waits for before its number is told, where telling it confirms nothing.
#[must_use]
pub fn number_waits(rules: &Rules, by_hand: bool, parcel: &Parcel) -> Option<Stop> {
    match rules.number_when.unwrap_or_default() {
        NumberWhen::Known => None,
        NumberWhen::Shipped => shipment_waits(rules, by_hand, parcel),
    }
}
