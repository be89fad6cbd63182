//! The six functions as the template deploys them, on a local AWS, between practice vendors: spoken to as the documented
//! surface says, and looked into as AWS itself can be.

#[cfg(test)]
mod crashes;
#[cfg(test)]
mod dead_letters;
#[cfg(test)]
mod emulator;
#[cfg(test)]
mod faults;
#[cfg(test)]
#[path = "../box/http.rs"]
mod http;
#[cfg(test)]
mod journey;
#[cfg(test)]
mod merchant;
#[cfg(test)]
mod proxy;
#[cfg(test)]
mod stack;
#[cfg(test)]
mod sweeping;
#[cfg(test)]
mod upgrades;
#[cfg(test)]
mod webhooks;
