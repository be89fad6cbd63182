//! The version of what is sent.

use crate::{Document, DocumentKind, Parcel};
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Hash of what would be sent, the source's version time, and the few facts by which hashes of another version of this
/// program can still be compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// `v1:` and half a SHA-256, in hexadecimal.
    pub hash: String,
    /// When the source last changed it.
    pub version_at: Timestamp,
    /// Number, date, total and currency.
    pub gist: String,
}

const HASH_VERSION: &str = "v1:";

impl Revision {
    /// The revision of a document. It covers kind, number, dates, currency, lines, totals and references; not the
    /// payment status, not the time of change, not the bytes of the PDF.
    #[must_use]
    pub fn of_document(document: &Document) -> Self {
        let kind = match document.kind {
            DocumentKind::Invoice => "invoice",
            DocumentKind::Proforma => "proforma",
            DocumentKind::CreditNote => "credit_note",
        };
        let date = |d: Option<jiff::civil::Date>| d.map_or_else(String::new, |d| d.to_string());
        let mut fields = Fields::default();
        fields.text(kind).text(&document.number).text(&date(document.issued_on)).text(&date(document.taxed_on));
        fields.text(&date(document.due_on)).text(document.currency.code());
        fields.number(document.subtotal).number(document.total);
        for vat in &document.vat {
            fields.text("vat").number(vat.rate).number(vat.base).number(vat.vat);
        }
        for line in &document.lines {
            fields.text("line").text(line.sku.as_deref().unwrap_or("")).text(&line.name);
            fields.text(line.order_line_id.as_deref().unwrap_or("")).number(line.quantity).number(line.total);
        }
        fields.text(document.order_reference.as_deref().unwrap_or(""));
        fields.text(document.corrects.as_deref().unwrap_or(""));
        let gist = format!(
            "{}|{}|{}|{}",
            document.number,
            date(document.issued_on),
            document.total.normalize(),
            document.currency
        );
        Self { hash: fields.hash(), version_at: document.version_at, gist }
    }

    /// The revision of a parcel: number shown to the buyer, carrier, contents. Its delivery state is not part of it.
    #[must_use]
    pub fn of_parcel(parcel: &Parcel) -> Self {
        let number = parcel.tracking_number().unwrap_or("");
        let carrier = parcel.carrier.as_ref().map_or("", |c| c.code.as_str());
        let mut fields = Fields::default();
        fields.text("parcel").text(number).text(carrier);
        for line in &parcel.lines {
            fields.text("line").text(&line.sku).number(line.quantity);
        }
        Self { hash: fields.hash(), version_at: parcel.version_at, gist: format!("{number}|||") }
    }

    /// Whether both say the same thing. Hashes of another version are compared by number, date, total and currency.
    #[must_use]
    pub fn same_content(&self, other: &Self) -> bool {
        let version = |hash: &str| hash.split_once(':').map(|(version, _)| version.to_owned());
        if version(&self.hash) == version(&other.hash) { self.hash == other.hash } else { self.gist == other.gist }
    }
}

/// Length-prefixed fields, so that no two different lists of fields have the same bytes.
#[derive(Default)]
struct Fields(Vec<u8>);

impl Fields {
    fn text(&mut self, text: &str) -> &mut Self {
        self.0.extend_from_slice(text.len().to_string().as_bytes());
        self.0.push(b':');
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    fn number(&mut self, number: Decimal) -> &mut Self {
        self.text(&number.normalize().to_string())
    }

    fn hash(&self) -> String {
        let hex = HEXLOWER.encode(digest(&SHA256, &self.0).as_ref());
        format!("{HASH_VERSION}{}", hex.get(..32).unwrap_or(&hex))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Currency, DocumentLine, DocumentStatus};
    use proptest::prelude::*;

    fn document(number: &str, cents: i64, name: &str) -> Document {
        Document {
            id: "9001".into(),
            kind: DocumentKind::Invoice,
            number: number.into(),
            status: DocumentStatus::Issued,
            issued_on: Some(jiff::civil::date(2026, 1, 2)),
            taxed_on: None,
            due_on: None,
            currency: Currency::parse("CZK").unwrap(),
            subtotal: Decimal::new(cents, 2),
            total: Decimal::new(cents, 2),
            vat: vec![],
            lines: vec![DocumentLine {
                sku: None,
                order_line_id: None,
                name: name.into(),
                quantity: Decimal::ONE,
                total: Decimal::new(cents, 2),
            }],
            order_reference: Some("100".into()),
            corrects: None,
            payment_kind: None,
            series: None,
            tags: vec![],
            public_url: None,
            version_at: Timestamp::UNIX_EPOCH,
            private: vec![],
        }
    }

    proptest! {
        #[test]
        fn only_what_is_sent_moves_the_revision(number in "[0-9-]{1,8}", cents in 0..1_000_000_i64, later in 1..1000_i64) {
            let first = document(&number, cents, "x");
            let mut paid = first.clone();
            paid.status = DocumentStatus::Paid;
            paid.version_at = Timestamp::from_second(later).unwrap();
            paid.private = vec!["Jana".into()];
            prop_assert!(Revision::of_document(&first).same_content(&Revision::of_document(&paid)));
        }

        #[test]
        fn other_content_is_another_revision(a in 0..1_000_i64, b in 0..1_000_i64, x in ".{0,5}", y in ".{0,5}") {
            let same = a == b && x == y;
            let (first, second) = (document("1", a, &x), document("1", b, &y));
            prop_assert_eq!(Revision::of_document(&first).same_content(&Revision::of_document(&second)), same);
        }
    }

    #[test]
    fn trailing_zeros_are_not_a_change() {
        let mut other = document("1", 100, "x");
        let first = document("1", 100, "x");
        other.total = "1.0000".parse().unwrap();
        assert_eq!(Revision::of_document(&first).hash, Revision::of_document(&other).hash);
    }

    #[test]
    fn another_hash_version_is_compared_by_its_gist() {
        let now = Revision::of_document(&document("1", 100, "x"));
        let before = Revision { hash: "v0:ffff".into(), ..now.clone() };
        assert!(now.same_content(&before));
        assert!(!now.same_content(&Revision { gist: "2|||".into(), ..before }));
    }
}
