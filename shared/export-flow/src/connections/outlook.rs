//! What would follow, said beforehand: from a check of what was only typed in, from other switches, from a removal.

use super::eligible::turned;
use super::{Given, PutOptions};
use crate::flow::Flow;
use crate::ports::{ExportQuery, PortError, Standing, look_through};
use crate::refused::{FieldError, Refused};
use connectors::{OperationSpec, Spec, TokenCache};
use domain::{
    Check, Connection, ConnectionId, Export, FieldProblem, Guarantee, Operation, Role, State, Switch, TenantId,
};
use std::collections::BTreeMap;
use std::future::Future;

/// States in which an export is not at its end.
const OPEN: [State; 7] =
    [State::Sending, State::Accepted, State::Retrying, State::Held, State::Expired, State::Uncertain, State::Dead];

macro_rules! lacks {
    ($($name:ident = $word:literal, $text:literal;)*) => {
        /// What a connection, or one of its switches, still lacks to be of use.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Lack { $(#[doc = concat!("`", $word, "`.")] $name,)* }

        impl Lack {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word used in JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str { match self { $(Self::$name => $word,)* } }

            /// In words.
            #[must_use]
            pub const fn text(self) -> &'static str { match self { $(Self::$name => $text,)* } }
        }
    };
}

lacks! {
    Connector = "no_such_connector", "this program has no such connector any more";
    AccountingConnection = "no_accounting_connection", "no accounting connection yet";
    CourierConnection = "no_courier_connection", "no courier connection yet";
    ChannelConnection = "no_channel_connection", "no channel connection yet";
    Switches = "every_switch_off", "every switch is off, so nothing is carried here";
    InvoiceWhen = "invoice_when_missing", "a person must choose when an invoice may go out (invoice_when)";
    Consent = "not_allowed_at_vendor", "a person has to allow it at the vendor: connect it there";
    PublicAddress = "no_public_address", "no public address: vendors cannot reach the webhook; start with --public-url";
}

/// A switch that a connector can honour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwitchOffered {
    /// Which.
    pub switch: Switch,
    /// Whether it is on.
    pub on: bool,
    /// What it lets out.
    pub operation: Operation,
    /// What is guaranteed, as a sentence.
    pub promise: &'static str,
    /// What the target offers against doing it twice.
    pub guarantee: Guarantee,
    /// What is still lacking.
    pub needs: Vec<Lack>,
}

/// What other switches would mean for exports that are there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SwitchOutlook {
    /// Held or retrying now; they would be left out when their turn comes.
    pub would_be_skipped: u64,
    /// Left out now because of the switch; a batch export would find them.
    pub would_be_eligible: u64,
    /// There are more than were counted.
    pub more: bool,
}

impl Flow {
    /// Checks a connection as it is typed in, with the stored secrets where none is given. Nothing is written, neither
    /// here nor at the vendor.
    ///
    /// # Errors
    /// As [`Flow::put_connection`].
    pub async fn try_connection(
        &self,
        tenant: &TenantId,
        id: &str,
        given: &serde_json::Value,
        options: PutOptions,
        deadline: impl Future<Output = ()> + Send,
    ) -> Result<Check, Refused> {
        let Given { connection, .. } = self.given(tenant, id, given, options).await?;
        let account = self.open(connection).await?;
        // What these credentials are given is not for calls with others.
        Ok(self.checked(&account, &TokenCache::default(), false, deadline).await)
    }

    /// What a connection still lacks to be of use.
    ///
    /// # Errors
    /// [`PortError`] if the connections cannot be read.
    pub async fn lacks(&self, connection: &Connection, public: bool) -> Result<Vec<Lack>, PortError> {
        let Some(connector) = self.parts.registry.get(&connection.connector) else { return Ok(vec![Lack::Connector]) };
        let spec = connector.spec();
        let others = self.connections(&connection.tenant).await?;
        let mut lacks: Vec<Lack> = vec![];
        if connection.role == Role::Channel {
            lacks.extend(
                spec.operations.iter().filter_map(|operation| source_lacking(operation, Some(&connection.id), &others)),
            );
            lacks.sort_unstable();
            lacks.dedup();
            if !connection.switches.values().any(|on| *on) {
                lacks.push(Lack::Switches);
            }
        } else {
            lacks.extend(lacking(Role::Channel, Some(&connection.id), &others));
        }
        if super::awaits_consent(spec, connection) {
            lacks.push(Lack::Consent);
        }
        if spec.webhook.is_some() && !public {
            lacks.push(Lack::PublicAddress);
        }
        Ok(lacks)
    }

    /// The switches that a connection's connector can honour, each with what it guarantees and what is still lacking.
    ///
    /// # Errors
    /// [`PortError`] if the connections cannot be read.
    pub async fn switches_offered(&self, connection: &Connection) -> Result<Vec<SwitchOffered>, PortError> {
        let Some(connector) = self.parts.registry.get(&connection.connector) else { return Ok(vec![]) };
        self.switches_of(&connection.tenant, connector.spec(), Some(connection)).await
    }

    /// The same of a connector, for a connection that may not be there yet.
    ///
    /// # Errors
    /// [`PortError`] if the connections cannot be read.
    pub async fn switches_of(
        &self,
        tenant: &TenantId,
        spec: &Spec,
        connection: Option<&Connection>,
    ) -> Result<Vec<SwitchOffered>, PortError> {
        let others = self.connections(tenant).await?;
        let own = connection.map(|connection| &connection.id);
        let must_choose = spec.channel.is_some_and(|channel| channel.invoice_when.is_none())
            && connection.is_none_or(|connection| connection.rules.invoice_when.is_none());
        let offered = spec.operations.iter().map(|operation| {
            let mut needs: Vec<Lack> = source_lacking(operation, own, &others).into_iter().collect();
            needs.extend((must_choose && operation.operation == Operation::SendInvoice).then_some(Lack::InvoiceWhen));
            SwitchOffered {
                switch: operation.switch,
                on: connection.is_some_and(|connection| connection.is_on(operation.switch)),
                operation: operation.operation,
                promise: operation.promise,
                guarantee: operation.guarantee,
                needs,
            }
        });
        Ok(offered.collect())
    }

    /// What other switches of a connection would mean for exports that are there already. Nothing goes out by a switch
    /// alone.
    ///
    /// # Errors
    /// [`Refused::Fields`] for a switch that its connector cannot honour, [`Refused::Unknown`] or [`Refused::Ours`].
    pub async fn switch_outlook(
        &self,
        tenant: &TenantId,
        id: &str,
        switches: &BTreeMap<Switch, bool>,
    ) -> Result<SwitchOutlook, Refused> {
        let connection = self.connection_of(tenant, id).await?;
        let spec = self.spec_of(&connection)?;
        let unknown = switches.iter().filter(|(switch, on)| **on && spec.switches().all(|known| known != **switch));
        let errors: Vec<FieldError> = unknown
            .filter_map(|(switch, _)| serde_json::to_value(switch).ok()?.as_str().map(ToOwned::to_owned))
            .map(|name| {
                let problem = format!("{} cannot do this", spec.label);
                FieldError::new(format!("switches.{name}"), (FieldProblem::NotOffered, problem))
            })
            .collect();
        if !errors.is_empty() {
            return Err(Refused::Fields(errors));
        }
        let will = |switch: Switch| switches.get(&switch).copied().unwrap_or_else(|| connection.is_on(switch));
        let turned = |on| turned(spec, on, |switch| connection.is_on(switch), will);
        let (would_be_eligible, mut more) = self.eligible(&connection, &turned(true)).await?;
        let (off, mut would_be_skipped) = (turned(false), 0);
        for state in [State::Held, State::Retrying].into_iter().filter(|_| !off.is_empty()) {
            let (state, at) = (Some(state), Some(connection.id.clone()));
            let query = ExportQuery { state, connection: at, ..ExportQuery::default() };
            let mut look = |export: &Export| {
                let waits = export.key.target == query.connection && off.contains(&export.key.operation);
                would_be_skipped += u64::from(waits);
            };
            more |= look_through(&*self.parts.ledger, tenant, &query, &mut look).await?;
        }
        Ok(SwitchOutlook { would_be_skipped, would_be_eligible, more })
    }

    /// Where the exports of a connection stand that are not at their end: what its removal would be about.
    ///
    /// # Errors
    /// [`Refused::Unknown`] or [`Refused::Ours`].
    pub async fn removal_outlook(&self, tenant: &TenantId, id: &str) -> Result<Standing, Refused> {
        let connection = self.connection_of(tenant, id).await?;
        Ok(self.parts.ledger.standing(tenant, &connection.id, &OPEN).await?)
    }
}

/// What is lacking where no other connection has a role.
fn lacking(role: Role, own: Option<&ConnectionId>, others: &[Connection]) -> Option<Lack> {
    let there = others.iter().any(|other| other.role == role && Some(&other.id) != own);
    (!there).then_some(match role {
        Role::Accounting => Lack::AccountingConnection,
        Role::Courier => Lack::CourierConnection,
        Role::Channel => Lack::ChannelConnection,
    })
}

/// The source that an operation would carry from, where there is none.
fn source_lacking(operation: &OperationSpec, own: Option<&ConnectionId>, others: &[Connection]) -> Option<Lack> {
    let role = match operation.switch {
        Switch::SendInvoice | Switch::SendCreditNote => Role::Accounting,
        Switch::SendTracking | Switch::SendDeliveryState => Role::Courier,
        Switch::SendCancellation | Switch::SendRefund | Switch::AcknowledgeOrder | Switch::IssueDocuments => {
            return None;
        }
    };
    lacking(role, own, others)
}
