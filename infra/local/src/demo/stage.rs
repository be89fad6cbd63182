//! What the day is played on: the practice vendors, our own API, and how far it has come.

use super::client::Client;
use crate::Failure;
use crate::terminal::Progress;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// Delay before the first, second and third attempt.
pub(super) const RETRY_DELAYS: &str = "0s,1s,2s";
/// Of the channels' operations: how long after a broken call it may still take effect.
const LATE_BOUND: &str = "5s";

pub(super) struct Stage {
    pub(super) vendors: Client,
    pub(super) api: Client,
    /// Holds the number of waves played.
    pub(super) played_file: PathBuf,
    pub(super) progress: Mutex<Progress>,
}

impl Stage {
    /// Our address for a source's webhooks.
    pub(super) fn webhook(&self, role: &str, connection: &str) -> String {
        format!("{}/webhooks/{role}/{connection}", self.api.base())
    }

    /// Waves that a run before this one has played whole.
    pub(super) fn played(&self) -> Result<u32, Failure> {
        match std::fs::read_to_string(&self.played_file) {
            Ok(text) => Ok(text.trim().parse().unwrap_or(0)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    /// A crash between the file and its name leaves the count of before: that wave is played again.
    pub(super) fn note_played(&self, waves: u32) -> Result<(), Failure> {
        let new = self.played_file.with_extension("new");
        std::fs::write(&new, waves.to_string())?;
        Ok(std::fs::rename(&new, &self.played_file)?)
    }

    /// A line of its own, above the progress.
    pub(super) fn tell(&self, line: &str) {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        progress.above(line);
    }

    /// Puts the four connections, with the practice vendors' credentials of this run.
    pub(super) async fn connect(&self) -> Result<(), Failure> {
        let shown = self.vendors.get("/_sandbox").await?;
        for (id, role, vendor, more) in connections() {
            let of = &shown["vendors"][vendor];
            let mut settings = of["settings"].clone();
            merge(&mut settings, &more["settings"]);
            // The practice vendors count no calls; the real ones' paces would make a day of orders last minutes.
            merge(&mut settings, &json!({"pace": "off"}));
            let mut body = json!({"role": role, "connector": vendor, "settings": settings, "secrets": of["secrets"]});
            for name in ["label", "switches", "rules"] {
                merge(&mut body, &json!({name: more[name]}));
            }
            let path = format!("/api/v1/connections/{id}");
            let put = self.api.ask(http::Method::PUT, &path, Some(&body)).await?;
            if put["state"] != "active" && put["state"] != "paused" {
                return Err(format!("the connection {id} cannot be used: {}", put["check"]).into());
            }
        }
        Ok(())
    }
}

fn connections() -> [(&'static str, &'static str, &'static str, Value); 4] {
    let receives = json!({"send_invoice": true, "send_tracking": true});
    let nothing = json!({});
    [
        (
            "shop",
            "channel",
            "magento",
            json!({"label": "Practice shop", "switches": receives, "settings": {"late_bound": LATE_BOUND},
                   "rules": {"order_pattern": "^1[0-9]{8}$", "invoice_when": "issued"}}),
        ),
        (
            "market",
            "channel",
            "mirakl",
            json!({"label": "Practice marketplace", "switches": receives, "settings": {"late_bound": LATE_BOUND},
                   "rules": {"order_pattern": "^MKP-"}}),
        ),
        (
            "books",
            "accounting",
            "fakturoid",
            json!({"label": "Practice accounting", "switches": nothing, "rules": nothing, "settings": {}}),
        ),
        (
            "parcels",
            "courier",
            "sendcloud",
            json!({"label": "Practice courier", "switches": nothing, "rules": nothing, "settings": {}}),
        ),
    ]
}

fn merge(into: &mut Value, from: &Value) {
    if let (Some(into), Some(from)) = (into.as_object_mut(), from.as_object()) {
        into.extend(from.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
}
