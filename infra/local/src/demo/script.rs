//! A day of orders, the same every day: what is sold where, and what goes wrong. Nothing here is random, so that a
//! second run knows what the first one has done.

use serde_json::{Value, json};

/// Orders of the day that the channels know.
pub(super) const SALES: u32 = 200;
/// Sales that are played before progress is written down.
pub(super) const WAVE: u32 = 20;
/// The shop goes down before this wave, and comes back after it.
pub(super) const OUTAGE_WAVE: u32 = 4;
/// Ids of the practice documents begin here.
const FIRST_DOCUMENT: u32 = 9000;

/// Where something is sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// Practice Magento.
    Shop,
    /// Practice Mirakl.
    Market,
}

impl Place {
    /// The practice vendor.
    pub(super) const fn vendor(self) -> &'static str {
        match self {
            Self::Shop => "magento",
            Self::Market => "mirakl",
        }
    }
}

/// What is special about a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Twist {
    /// Nothing.
    Plain,
    /// The invoice is issued at the end of the day.
    LateInvoice,
    /// The courier speaks before the channel knows the order.
    EarlyTracking,
    /// The PDF is not ready when it is first asked for.
    SlowPdf,
    /// The accounting system says everything three times, at once.
    Repeated,
    /// The accounting system says nothing: polling finds the invoice.
    Unannounced,
    /// The courier has only the label.
    NotHandedOver,
    /// The channel answers the invoice with success and an error inside.
    ErrorInside,
    /// The channel refuses the invoice.
    Refused,
    /// The channel breaks over the invoice.
    Broken,
}

impl Twist {
    const fn of(sale: u32) -> Self {
        match sale {
            44 => Self::ErrorInside,
            91 => Self::Refused,
            26 => Self::Broken,
            66 | 171 => Self::NotHandedOver,
            _ if sale % 10 == 3 => Self::LateInvoice,
            _ if sale % 10 == 7 => Self::EarlyTracking,
            _ if sale.is_multiple_of(20) => Self::SlowPdf,
            _ if sale % 10 == 1 => Self::Repeated,
            _ if sale % 20 == 12 => Self::Unannounced,
            _ => Self::Plain,
        }
    }

    /// Ends as a dead letter until a person repairs the cause.
    pub(super) const fn is_doomed(self) -> bool {
        matches!(self, Self::ErrorInside | Self::Refused | Self::Broken)
    }
}

/// One sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sale {
    /// From 1.
    pub(super) number: u32,
    /// Where.
    pub(super) place: Place,
    /// What is special.
    pub(super) twist: Twist,
}

/// The day's sales, in their order.
pub(super) fn sales() -> impl Iterator<Item = Sale> {
    (1..=SALES).map(|number| Sale {
        number,
        place: if matches!(number % 5, 0 | 4) { Place::Market } else { Place::Shop },
        twist: Twist::of(number),
    })
}

impl Sale {
    /// The order's reference at its channel.
    pub(super) fn reference(self) -> String {
        match self.place {
            Place::Shop => format!("1{:08}", self.number),
            Place::Market => format!("MKP-{:04}-A", self.number),
        }
    }

    /// The practice document's id.
    pub(super) fn document(self) -> String {
        (FIRST_DOCUMENT + self.number).to_string()
    }

    /// The parcel's tracking number.
    pub(super) fn tracking(self) -> String {
        format!("PRACTICE{:06}", self.number)
    }

    fn lines(self) -> Value {
        let price = format!("{}.00", 121 * (1 + self.number % 7));
        json!([{"sku": format!("SKU-{}", self.number % 40), "name": "Practice item", "quantity": 1 + self.number % 3,
                "price": price, "vat_rate": 21}])
    }

    /// Body of the control call that makes the order alone.
    pub(super) fn order_wish(self) -> Value {
        json!({"channel": self.place.vendor(), "reference": self.reference(), "lines": self.lines(),
               "document": null, "parcels": []})
    }

    /// Body of the control call that makes the invoice.
    pub(super) fn document_wish(self) -> Value {
        let slow = if self.twist == Twist::SlowPdf { 2 } else { 0 };
        json!({"id": self.document(), "number": format!("2026-{:04}", self.number), "order_number": self.reference(),
               "currency": "CZK", "lines": self.lines(), "pdf_ready_after": slow})
    }

    /// Body of the control call that makes the parcel.
    pub(super) fn parcel_wish(self) -> Value {
        let state = match self.twist {
            Twist::NotHandedOver => "label_created",
            // Followed until they arrive.
            _ if self.number % 20 == 5 => "in_transit",
            _ => "delivered",
        };
        json!({"tracking_number": self.tracking(), "order_number": self.reference(), "carrier": "dpd",
               "carrier_name": "DPD", "state": state})
    }
}

/// Documents without a sale: ordinary books contain many.
pub(super) fn strays() -> Vec<Stray> {
    let not_ours = (1..=5).map(|n| Stray {
        document: (FIRST_DOCUMENT + SALES + n).to_string(),
        // Four quote no order at all, the fifth one that fits no channel.
        order: (n == 5).then(|| "B2B-17".to_owned()),
    });
    // Fits a channel that does not know it (yet): waits, visibly.
    let orphans = [(6, "190000006"), (7, "MKP-9907-A")]
        .map(|(n, order)| Stray { document: (FIRST_DOCUMENT + SALES + n).to_string(), order: Some(order.to_owned()) });
    not_ours.chain(orphans).collect()
}

/// A document without a sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stray {
    /// The practice document's id.
    pub(super) document: String,
    /// The order it quotes.
    pub(super) order: Option<String>,
}

impl Stray {
    /// Body of the control call that makes it.
    pub(super) fn document_wish(&self) -> Value {
        json!({"id": self.document, "order_number": self.order})
    }
}

/// What must have become of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Expected {
    pub(super) delivered: u64,
    pub(super) held: u64,
    pub(super) skipped: u64,
    pub(super) dead: u64,
    /// Repeated webhooks at least; a second run repeats some more.
    pub(super) duplicates_min: u64,
}

/// Counted from the script.
pub(super) fn expected() -> Expected {
    let count = |fits: fn(Twist) -> bool| sales().filter(|sale| fits(sale.twist)).count() as u64;
    let sales = u64::from(SALES);
    let dead = count(Twist::is_doomed);
    let waiting = count(|twist| twist == Twist::NotHandedOver);
    Expected {
        delivered: sales - dead + sales - waiting,
        held: waiting + 2,
        skipped: 5,
        dead,
        duplicates_min: 2 * count(|twist| twist == Twist::Repeated),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_day_has_everything_it_promises() {
        let sales: Vec<Sale> = sales().collect();
        assert_eq!(sales.len(), 200);
        for twist in [Twist::LateInvoice, Twist::EarlyTracking, Twist::SlowPdf, Twist::Repeated, Twist::Unannounced] {
            assert!(sales.iter().filter(|s| s.twist == twist).count() >= 7, "{twist:?}");
        }
        assert_eq!(sales.iter().filter(|s| s.twist.is_doomed()).count(), 3);
        assert_eq!(expected(), Expected { delivered: 395, held: 4, skipped: 5, dead: 3, duplicates_min: 36 });
    }

    #[test]
    fn only_where_a_pdf_travels_can_it_be_late() {
        assert!(sales().filter(|s| s.twist == Twist::SlowPdf).all(|s| s.place == Place::Market));
        let error_inside: Vec<Place> = sales().filter(|s| s.twist == Twist::ErrorInside).map(|s| s.place).collect();
        assert_eq!(error_inside, [Place::Market]);
    }

    #[test]
    fn nothing_is_named_twice() {
        let names = sales().flat_map(|s| [s.reference(), s.document(), s.tracking()]);
        let all: Vec<String> = names.chain(strays().into_iter().map(|stray| stray.document)).collect();
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
    }
}
