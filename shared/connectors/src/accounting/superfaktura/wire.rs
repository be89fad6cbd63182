//! SuperFaktura's JSON in SuperFaktura's names (github superfaktura/docs, invoice.md, other.md). Only what is read;
//! everything else is passed over, among it the JSON that comes as text inside JSON.

use crate::lenient::{decimal, optional_decimal, optional_text, text};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::collections::BTreeMap;

/// What may stand in place of anything, also in a 200: an error is a number or text other than 0, or a `status` of 0.
#[derive(Debug, Deserialize)]
pub(super) struct Verdict {
    #[serde(default)]
    error: Value,
    #[serde(default)]
    status: Value,
    #[serde(default)]
    error_message: Value,
    #[serde(default)]
    message: Value,
}

impl Verdict {
    /// Whether it says that the call failed.
    pub(super) fn is_error(&self) -> bool {
        let failed = match &self.error {
            Value::Null | Value::Bool(false) => false,
            Value::Number(number) => number.as_i64() != Some(0),
            Value::String(text) => !matches!(text.as_str(), "" | "0"),
            _ => true,
        };
        failed || self.status == 0 || self.status == "0" || self.status == false
    }

    /// Its words, for people: a text, or texts within objects and lists.
    pub(super) fn words(&self) -> String {
        let mut words = vec![];
        collect(&self.error_message, &mut words);
        if words.is_empty() {
            collect(&self.message, &mut words);
        }
        words.join(", ")
    }
}

fn collect(said: &Value, words: &mut Vec<String>) {
    match said {
        Value::String(text) if !text.trim().is_empty() => words.push(text.trim().to_owned()),
        Value::Array(all) => all.iter().for_each(|one| collect(one, words)),
        Value::Object(all) => all.values().for_each(|one| collect(one, words)),
        _ => {}
    }
}

/// `getUserCompaniesData`: by the company's id. An empty one is an empty list.
#[derive(Debug, Deserialize)]
pub(super) struct Companies {
    #[serde(deserialize_with = "map")]
    pub(super) data: BTreeMap<String, serde::de::IgnoredAny>,
}

/// A page of `index.json` with `listinfo:1`.
#[derive(Debug, Deserialize)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    #[serde(rename = "itemCount", deserialize_with = "decimal")]
    pub(super) item_count: Decimal,
    #[serde(rename = "pageCount", deserialize_with = "decimal")]
    pub(super) page_count: Decimal,
}

/// A line of a list: the little that is needed before the document is read.
#[derive(Debug, Deserialize)]
pub(super) struct Line {
    #[serde(rename = "Invoice")]
    pub(super) invoice: Listed,
}

#[derive(Debug, Deserialize)]
pub(super) struct Listed {
    #[serde(deserialize_with = "text")]
    pub(super) id: String,
    pub(super) modified: String,
    #[serde(flatten)]
    pub(super) quotes: Quotes,
}

/// The fields in which an order may be quoted.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Quotes {
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) order_no: Option<String>,
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) variable: Option<String>,
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) invoice_no_formatted: Option<String>,
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) name: Option<String>,
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) comment: Option<String>,
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) header_comment: Option<String>,
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) internal_comment: Option<String>,
}

/// A document as `view`, `getInvoiceDetails` and the list give it.
#[derive(Debug, Deserialize)]
pub(super) struct Whole {
    #[serde(rename = "Invoice")]
    pub(super) invoice: Invoice,
    #[serde(rename = "InvoiceItem", default)]
    pub(super) items: Vec<Item>,
    #[serde(rename = "Summary", default)]
    pub(super) summary: Option<Summary>,
    #[serde(rename = "0", default)]
    pub(super) sums: Option<Sums>,
    #[serde(rename = "InvoiceEmail", default)]
    pub(super) emails: Value,
    #[serde(rename = "Tag", default)]
    pub(super) tags: Value,
    #[serde(rename = "Client", default)]
    pub(super) client: Option<Client>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Invoice {
    #[serde(deserialize_with = "text")]
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(deserialize_with = "text")]
    pub(super) status: String,
    pub(super) modified: String,
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) created: Option<String>,
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) delivery: Option<String>,
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) due: Option<String>,
    pub(super) invoice_currency: String,
    /// Without VAT.
    #[serde(deserialize_with = "decimal")]
    pub(super) amount: Decimal,
    #[serde(default, deserialize_with = "optional_decimal")]
    pub(super) amount_paid: Option<Decimal>,
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) parent_id: Option<String>,
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) sequence_id: Option<String>,
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) payment_type: Option<String>,
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) token: Option<String>,
    #[serde(flatten)]
    pub(super) quotes: Quotes,
}

#[derive(Debug, Deserialize)]
pub(super) struct Item {
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) name: Option<String>,
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) sku: Option<String>,
    #[serde(default, deserialize_with = "optional_decimal")]
    pub(super) quantity: Option<Decimal>,
    #[serde(deserialize_with = "decimal")]
    pub(super) item_price_vat: Decimal,
    #[serde(default, deserialize_with = "optional_decimal")]
    pub(super) unit_price_vat: Option<Decimal>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Summary {
    /// With VAT.
    #[serde(default, deserialize_with = "optional_decimal")]
    pub(super) invoice_total: Option<Decimal>,
    /// By rate.
    #[serde(default, deserialize_with = "map")]
    pub(super) vat_base_separate: BTreeMap<String, Amount>,
    #[serde(default, deserialize_with = "map")]
    pub(super) vat_separate: BTreeMap<String, Amount>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Amount(#[serde(deserialize_with = "decimal")] pub(super) Decimal);

/// The object `"0"`.
#[derive(Debug, Deserialize)]
pub(super) struct Sums {
    /// With VAT.
    #[serde(default, deserialize_with = "optional_decimal")]
    pub(super) total: Option<Decimal>,
}

/// Who bought: read only so that nothing repeats it.
#[derive(Debug, Deserialize)]
pub(super) struct Client {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    address: Option<String>,
    #[serde(default)]
    city: Option<String>,
    #[serde(default)]
    delivery_name: Option<String>,
    #[serde(default)]
    delivery_address: Option<String>,
    #[serde(default)]
    delivery_city: Option<String>,
}

impl Client {
    /// Names, streets and cities.
    pub(super) fn values(self) -> Vec<String> {
        let all = [self.name, self.address, self.city, self.delivery_name, self.delivery_address, self.delivery_city];
        all.into_iter().flatten().filter(|value| !value.trim().is_empty()).collect()
    }
}

/// An object. One without entries comes as an empty list: the vendor's language knows no difference.
pub(super) fn map<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<BTreeMap<String, T>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either<T> {
        Map(BTreeMap<String, T>),
        Empty([(); 0]),
    }
    match Option::<Either<T>>::deserialize(from)? {
        Some(Either::Map(map)) => Ok(map),
        Some(Either::Empty(_)) | None => Ok(BTreeMap::new()),
    }
}

/// The answer of `getInvoiceDetails`: by id. What of one document does not fit spoils none of the others.
pub(super) struct Details(pub(super) BTreeMap<String, Value>);

impl<'de> Deserialize<'de> for Details {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        map(from).map(Self)
    }
}
