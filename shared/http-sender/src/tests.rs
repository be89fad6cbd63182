//! The sender against real sockets on this machine.

mod tls;
mod vendor;
mod wire;

use crate::resolve::Names;
use async_trait::async_trait;
use connectors::{Clock, Hosts, Lane, Pace};
use domain::{ConnectionId, TenantId};
use jiff::{SignedDuration, Timestamp};
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::time::Instant;

/// Goes with the test runtime's own time, which a paused runtime moves by itself.
pub(crate) struct RuntimeClock(Instant);

impl RuntimeClock {
    pub(crate) const START: Timestamp = Timestamp::UNIX_EPOCH;
}

impl Default for RuntimeClock {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Clock for RuntimeClock {
    fn now(&self) -> Timestamp {
        Self::START + SignedDuration::try_from(self.0.elapsed()).unwrap()
    }
}

/// A lane to one's own base address.
pub(crate) fn lane(connection: &str, pace: Option<Pace>) -> Lane {
    let hosts = Hosts::BaseUrl("http://127.0.0.1".to_owned());
    Lane { tenant: TenantId::local(), connection: ConnectionId::new(connection), pace, hosts }
}

/// Names a test makes up: each look-up takes the next answer, the last one stays.
#[derive(Default)]
pub(crate) struct MadeUp {
    answers: Vec<Vec<IpAddr>>,
    pub(crate) asked: AtomicUsize,
}

#[async_trait]
impl Names for MadeUp {
    async fn addresses(&self, _host: &str) -> io::Result<Vec<IpAddr>> {
        let n = self.asked.fetch_add(1, Ordering::SeqCst).min(self.answers.len().saturating_sub(1));
        self.answers.get(n).cloned().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }
}

pub(crate) fn names(answers: &[&[&str]]) -> Arc<MadeUp> {
    let answers = answers.iter().map(|list| list.iter().map(|a| a.parse().unwrap()).collect()).collect();
    Arc::new(MadeUp { answers, asked: AtomicUsize::new(0) })
}
