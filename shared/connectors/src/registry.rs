//! Every connector, one line each.

use crate::contract::{Connector, Hears};
use crate::spec::Spec;

/// One list, in two forms: whole, and without the conversations. A program that names only the second carries none of
/// them.
macro_rules! registered {
    ($($connector:path,)*) => {
        static STANDARD: &[&dyn Connector] = &[$(&$connector,)*];
        static HEARD: &[&dyn Hears] = &[$(&$connector,)*];
    };
}

registered! {
    crate::accounting::fakturoid::Fakturoid,
    crate::accounting::superfaktura::SuperFaktura,
    crate::channels::magento::Magento,
    crate::channels::mirakl::Mirakl,
    crate::couriers::packeta::Packeta,
    crate::couriers::sendcloud::Sendcloud,
}

/// What a process needs of connectors to take webhooks.
#[derive(Clone, Copy)]
pub enum Hearing {
    /// It works with whole connectors anyway.
    Whole(Registry),
    /// It has nothing but this.
    Alone(&'static [&'static dyn Hears]),
}

impl Hearing {
    /// All connectors that ship, without their conversations.
    #[must_use]
    pub const fn standard() -> Self {
        Self::Alone(HEARD)
    }

    /// The connector of that name.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&'static dyn Hears> {
        match self {
            Self::Whole(registry) => registry.get(id).map(|connector| connector as &dyn Hears),
            Self::Alone(heard) => heard.iter().copied().find(|connector| connector.spec().id == id),
        }
    }
}

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
