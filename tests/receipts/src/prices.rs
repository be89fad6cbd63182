//! What a million units cost. The table is one file, with its date.

use crate::calls::Kind;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The price table.
#[derive(Debug, Deserialize)]
pub(crate) struct Prices {
    pub(crate) date: String,
    pub(crate) note: String,
    pub(crate) currency: String,
    pub(crate) regions: BTreeMap<String, Region>,
}

/// One region's prices.
#[derive(Debug, Deserialize)]
pub(crate) struct Region {
    dynamodb_write_million: f64,
    dynamodb_read_million: f64,
    sqs_request_million: f64,
    /// Our messages carry a group id.
    sqs_group_surcharge_million: f64,
    lambda_request_million: f64,
    pub(crate) lambda_arm_gb_second: f64,
    kms_request_million: f64,
    pub(crate) dynamodb_storage_gb_month: f64,
    pub(crate) logs_ingested_gb: f64,
    pub(crate) egress_gb: f64,
}

impl Prices {
    /// As written in the file.
    pub(crate) fn read() -> Self {
        serde_json::from_str(include_str!("../prices.json")).unwrap()
    }
}

impl Region {
    /// Of a million units of a kind.
    pub(crate) fn million(&self, kind: Kind) -> f64 {
        match kind {
            Kind::Write => self.dynamodb_write_million,
            Kind::Read => self.dynamodb_read_million,
            Kind::Queue => self.sqs_request_million + self.sqs_group_surcharge_million,
            Kind::Lambda => self.lambda_request_million,
            Kind::Keys => self.kms_request_million,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_can_be_read_and_has_both_regions() {
        let prices = Prices::read();
        for name in ["us-east-1", "eu-central-1"] {
            assert!(prices.regions[name].million(Kind::Write) > prices.regions[name].million(Kind::Read), "{name}");
        }
        assert!(prices.date.len() == 10 && !prices.note.is_empty());
    }
}
