//! What a connection still lacks to be of use.

use crate::flow::Flow;
use crate::ports::PortError;
use domain::{Connection, Role, Switch};

/// Something that a connection lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// The program has no such connector.
    Connector,
    /// A system that issues documents.
    Accounting,
    /// A system that carries parcels.
    Courier,
    /// A shop or marketplace.
    Channel,
    /// A switch that is on.
    Switch,
    /// An address at which vendors reach its webhook.
    PublicAddress,
}

impl Lack {
    /// In a few words.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Connector => "this program has no such connector any more",
            Self::Accounting => "no accounting connection yet",
            Self::Courier => "no courier connection yet",
            Self::Channel => "no channel connection yet",
            Self::Switch => "every switch is off, so nothing is carried here",
            Self::PublicAddress => "no public address: vendors cannot reach the webhook; start with --public-url",
        }
    }
}

impl Flow {
    /// What a connection still lacks to be of use.
    ///
    /// # Errors
    /// [`PortError`] if the connections cannot be read.
    pub async fn missing(&self, connection: &Connection, public: bool) -> Result<Vec<Lack>, PortError> {
        let others = self.connections(&connection.tenant).await?;
        let lacks = |role: Role| !others.iter().any(|other| other.role == role && other.id != connection.id);
        let Some(connector) = self.parts.registry.get(&connection.connector) else {
            return Ok(vec![Lack::Connector]);
        };
        let spec = connector.spec();
        let offers = |switches: &[Switch]| spec.switches().any(|switch| switches.contains(&switch));
        let mut missing = vec![];
        if connection.role == Role::Channel {
            if offers(&[Switch::SendInvoice, Switch::SendCreditNote]) && lacks(Role::Accounting) {
                missing.push(Lack::Accounting);
            }
            if offers(&[Switch::SendTracking, Switch::SendDeliveryState]) && lacks(Role::Courier) {
                missing.push(Lack::Courier);
            }
            if !connection.switches.values().any(|on| *on) {
                missing.push(Lack::Switch);
            }
        } else if lacks(Role::Channel) {
            missing.push(Lack::Channel);
        }
        if spec.webhook.is_some() && !public {
            missing.push(Lack::PublicAddress);
        }
        Ok(missing)
    }
}
