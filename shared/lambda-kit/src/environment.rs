//! What a function's environment says.

use aws::Settings;
use domain::Role;
use export_flow::times::Times;
use kit::metrics::Metrics;
use kit::{Unreadable, read_env, read_env_as};
use std::collections::BTreeMap;

/// Why a function cannot start. Lambda shows it in the log of the init phase.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A variable cannot be used.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// A variable is not there.
    #[error("{0} is not set: deploy the function with the template, which sets it")]
    Missing(&'static str),
    /// AWS's own variables.
    #[error(transparent)]
    Aws(#[from] aws::Missing),
    /// The log filter.
    #[error("BACKHAUL_LOG: {0}")]
    Logs(#[from] kit::logs::LogsError),
    /// The ports could not be read in the init phase.
    #[error("cannot start: {0}")]
    Port(#[from] export_flow::ports::PortError),
}

/// The environment of every function.
#[derive(Debug, Clone)]
pub struct Environment {
    pub(crate) metrics: Metrics,
    pub(crate) aws: Settings,
    pub(crate) table: String,
    pub(crate) queue_url: String,
    pub(crate) dead_letter_url: String,
    pub(crate) key: String,
    pub(crate) allow_private_targets: bool,
    /// Where notices go, for those functions that are told.
    pub(crate) topic: Option<String>,
    /// Where vendors reach the webhooks of each role, for those functions that are told.
    pub(crate) bases: BTreeMap<Role, String>,
    pub(crate) times: Times,
}

/// A variable that must be there.
pub(crate) fn needed(name: &'static str) -> Result<String, StartError> {
    read_env(name)?.ok_or(StartError::Missing(name))
}

fn bases() -> Result<BTreeMap<Role, String>, Unreadable> {
    let named = [
        (Role::Accounting, "BACKHAUL_ACCOUNTING_URL"),
        (Role::Courier, "BACKHAUL_COURIER_URL"),
        (Role::Channel, "BACKHAUL_CHANNEL_URL"),
    ];
    let mut bases = BTreeMap::new();
    for (role, name) in named {
        bases.extend(read_env(name)?.map(|url| (role, url.trim_end_matches('/').to_owned())));
    }
    Ok(bases)
}

impl Environment {
    /// Reads it, and starts the function's log and metrics under its name.
    ///
    /// # Errors
    /// [`StartError`] names the variable that is missing or cannot be used.
    pub fn read(function: &'static str) -> Result<Self, StartError> {
        let filter = read_env("BACKHAUL_LOG")?.unwrap_or_else(|| "info".to_owned());
        let metrics = kit::logs::start_function(function, &filter)?;
        kit::metrics::cold_start(function);
        // The SDK's own variables; one that is not UTF-8 is as good as absent.
        let aws = Settings::read(|name| read_env(name).unwrap_or_default())?;
        let mut times = Times::default();
        if let Some(delays) = read_env_as::<kit::ThreeDurations>("BACKHAUL_RETRY_DELAYS")? {
            times.retry_delays = delays.0;
        }
        times.recheck_max = read_env_as::<kit::Duration>("BACKHAUL_RECHECK_MAX")?.map(|duration| duration.0);
        Ok(Self {
            metrics,
            aws,
            table: needed("BACKHAUL_TABLE")?,
            queue_url: needed("BACKHAUL_QUEUE_URL")?,
            dead_letter_url: needed("BACKHAUL_DEAD_LETTER_URL")?,
            key: needed("BACKHAUL_KMS_KEY")?,
            allow_private_targets: read_env("BACKHAUL_ALLOW_PRIVATE_TARGETS")?.is_some_and(|given| given == "true"),
            topic: read_env("BACKHAUL_NOTICE_TOPIC")?,
            bases: bases()?,
            times,
        })
    }
}
