//! The product from outside: the real program and the practice vendors as child processes, and nothing but the
//! documented surface between them and these tests.

#[cfg(test)]
mod batch;
#[cfg(test)]
mod day;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod http;
#[cfg(test)]
mod journey;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod notices;
#[cfg(test)]
mod outages;
#[cfg(test)]
mod packets;
#[cfg(test)]
mod polled;
#[cfg(test)]
mod redrive;
#[cfg(test)]
mod rotation;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod surface;
#[cfg(test)]
mod webhooks;
