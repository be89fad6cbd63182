//! Every connector, one line each.

use crate::contract::Connector;
use crate::spec::Spec;

#[rustfmt::skip]
static STANDARD: &[&dyn Connector] = &[
    &crate::accounting::fakturoid::Fakturoid,
    &crate::channels::magento::Magento,
    &crate::channels::mirakl::Mirakl,
    &crate::couriers::sendcloud::Sendcloud,
];

/// The connectors a process works with.
#[derive(Clone, Copy)]
pub struct Registry(&'static [&'static dyn Connector]);

impl Registry {
    /// All that ship.
    #[must_use]
    pub const fn standard() -> Self {
        Self(STANDARD)
    }

    /// Others, for tests of the engine.
    #[must_use]
    pub const fn of(connectors: &'static [&'static dyn Connector]) -> Self {
        Self(connectors)
    }

    /// The connector of that name.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&'static dyn Connector> {
        self.0.iter().copied().find(|c| c.spec().id == id)
    }

    /// Every connector.
    pub fn all(&self) -> impl Iterator<Item = &'static dyn Connector> + use<> {
        self.0.iter().copied()
    }

    /// Every connector as data.
    pub fn specs(&self) -> impl Iterator<Item = &'static Spec> + use<> {
        self.0.iter().map(|c| c.spec())
    }
}
