//! When the worker asks the queue again: something came, or the next delayed message is due.

use async_trait::async_trait;
use connectors::Clock;
use domain::ConnectionId;
use sqlite::SqliteStore;
use std::sync::Arc;
use std::time::Duration;
use worker::Bell;

/// A store that cannot be read is asked again after this.
const AFTER_A_FAILURE: Duration = Duration::from_secs(1);

pub(crate) struct StoreBell {
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) clock: Arc<dyn Clock>,
}

#[async_trait]
impl Bell for StoreBell {
    async fn wait(&self, beside: &[ConnectionId]) {
        tokio::select! {
            () = self.store.message_came() => {}
            () = self.next_is_due(beside) => {}
        }
    }
}

impl StoreBell {
    async fn next_is_due(&self, beside: &[ConnectionId]) {
        match self.store.next_message_at(beside).await {
            Ok(Some(at)) => {
                let wait = Duration::try_from(at.duration_since(self.clock.now())).unwrap_or(Duration::ZERO);
                tokio::time::sleep(wait).await;
            }
            Ok(None) => std::future::pending().await,
            Err(error) => {
                tracing::warn!(event = "bell.store_failed", %error);
                tokio::time::sleep(AFTER_A_FAILURE).await;
            }
        }
    }
}
