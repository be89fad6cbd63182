//! The rules of a connection alone: everything else of it stays as it is.

use super::{PutOptions, read_form};
use crate::flow::Flow;
use crate::refused::Refused;
use domain::{Connection, ConnectionState, TenantId};
use serde_json::{Value, json};

impl Flow {
    /// Replaces the rules of a connection and lets go what may go by the new ones. Nothing that a check looks at changes,
    /// so none is run. Repeating it is safe.
    ///
    /// # Errors
    /// [`Refused::Fields`] with every rule that cannot be used; [`Refused::Unknown`] or [`Refused::Ours`].
    pub async fn save_rules(
        &self,
        tenant: &TenantId,
        id: &str,
        rules: &Value,
        options: PutOptions,
    ) -> Result<Connection, Refused> {
        let old = self.connection_of(tenant, id).await?;
        let rules = read_form(self, &with_rules(&old, rules), Some(&old), options)?.rules;
        let now = self.now();
        let saved = self
            .rewrite(old.clone(), |connection| {
                let changed = connection.rules != rules;
                if changed {
                    connection.rules.clone_from(&rules);
                    connection.changed_at = now;
                }
                changed
            })
            .await?;
        self.release_after_put(Some(&old), &saved).await?;
        Ok(saved)
    }
}

/// The connection as a person would give it, with these rules.
fn with_rules(old: &Connection, rules: &Value) -> Value {
    json!({
        "role": old.role, "connector": old.connector, "label": old.label, "settings": old.settings,
        "switches": old.switches, "rules": rules, "mappings": old.mappings,
        "state": (old.state == ConnectionState::Disabled).then_some("disabled"),
    })
}
