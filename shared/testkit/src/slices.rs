//! Paces in memory.

use crate::Trouble;
use async_trait::async_trait;
use domain::{ConnectionId, TenantId};
use export_flow::pace::{Ask, Cell, Leased};
use export_flow::ports::{PortError, Slices};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The cells of all connections; share it between those that act as processes.
#[derive(Debug, Default)]
pub struct MemorySlices {
    /// Faults to come: `lease`, `close`.
    pub trouble: Trouble,
    cells: Mutex<BTreeMap<(TenantId, ConnectionId), Cell>>,
}

impl MemorySlices {
    fn of<T>(&self, tenant: &TenantId, connection: &ConnectionId, change: impl FnOnce(&mut Cell) -> T) -> T {
        let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        change(cells.entry((tenant.clone(), connection.clone())).or_default())
    }
}

#[async_trait]
impl Slices for MemorySlices {
    async fn lease(&self, ask: &Ask) -> Result<Leased, PortError> {
        self.trouble.around("lease", || Ok(self.of(&ask.tenant, &ask.connection, |cell| cell.take(ask))))
    }

    async fn close(&self, tenant: &TenantId, connection: &ConnectionId, until: Timestamp) -> Result<(), PortError> {
        self.trouble.around("close", || {
            self.of(tenant, connection, |cell| cell.close(until));
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    crate::slices_tests!(async || (std::sync::Arc::new(super::MemorySlices::default()), ()));
}
