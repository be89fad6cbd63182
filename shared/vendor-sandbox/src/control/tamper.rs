//! What somebody else does at a channel: a person in its pages, or another program.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Result;
use crate::server::App;

/// Body of `POST /_sandbox/tamper`: one change of the newest thing of its kind at an order.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tamper {
    vendor: String,
    pub(crate) order: String,
    pub(crate) thing: Thing,
    /// It goes.
    #[serde(default)]
    pub(crate) remove: bool,
    /// There is a second one like it; the other changes are made to that one.
    #[serde(default)]
    pub(crate) repeat: bool,
    /// It is called so: an invoice's comment, a file's name, a tracking number.
    pub(crate) name: Option<String>,
    /// Total of an invoice.
    pub(crate) total: Option<Decimal>,
    /// Size of a file.
    pub(crate) size: Option<usize>,
    /// It was made so long ago.
    pub(crate) days_ago: Option<i64>,
}

/// What is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Thing {
    /// A Magento invoice.
    Invoice,
    /// A Mirakl document.
    Document,
    /// A tracking number.
    Track,
}

impl Tamper {
    /// When it was made, seen from now.
    pub(crate) fn at(&self, now: i64) -> Option<i64> {
        self.days_ago.map(|days| now - days * 86_400_000)
    }
}

pub(super) fn tamper(app: &App, wish: &Tamper) -> Result<Value> {
    let (done, _) = app.apply(&wish.vendor, |world, tx| world.tamper(&wish.vendor, wish, tx));
    done?;
    Ok(json!({"vendor": wish.vendor, "order": wish.order}))
}
