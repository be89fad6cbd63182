//! What a failed call tells: did a connection exist, and how did it end?

use crate::hosts::refused;
use crate::resolve::OnlyPrivate;
use connectors::{HttpError, NotConnected};
use domain::remark;
use std::error::Error;
use std::io;

/// Reads the client's error. The text names the host and the fault, never the rest of the address.
pub(crate) fn classify(error: &reqwest::Error, host: &str, tls: bool) -> HttpError {
    let not_connected = |why, said| HttpError::NotConnected(why, said);
    if chain(error).any(|e| e.is::<OnlyPrivate>()) {
        return not_connected(NotConnected::AddressRefused, refused(host));
    }
    if error.is_builder() {
        return not_connected(NotConnected::HostRefused, remark::address_unusable(host));
    }
    if error.is_dns() {
        return not_connected(NotConnected::Dns, remark::name_unresolved(host));
    }
    if error.is_connect() {
        let said = if error.is_timeout() {
            remark::connection_too_slow(host)
        } else {
            remark::connection_refused(host, innermost(error))
        };
        let why = if tls && is_handshake(error) { NotConnected::Tls } else { NotConnected::Tcp };
        return not_connected(why, said);
    }
    if error.is_timeout() {
        return HttpError::TimedOut;
    }
    HttpError::Broken(remark::connection_broken(host, innermost(error)))
}

/// Whether the peer was reached and the handshake failed.
fn is_handshake(error: &reqwest::Error) -> bool {
    chain(error).any(|e| e.is::<rustls::Error>() || e.downcast_ref().is_some_and(is_handshake_io))
}

/// An I/O error hides what it wraps from `source`, also when that is another one.
fn is_handshake_io(error: &io::Error) -> bool {
    let cut_off = matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof
            | io::ErrorKind::InvalidData
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::BrokenPipe
    );
    let wrapped = error.get_ref();
    cut_off
        || wrapped.is_some_and(|inner| inner.is::<rustls::Error>() || inner.downcast_ref().is_some_and(is_handshake_io))
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |e: &&'a (dyn Error + 'static)| (*e).source())
}

/// The cause's own words: those of the operating system, TLS or HTTP layer, none of which quotes a request.
fn innermost(error: &reqwest::Error) -> String {
    match chain(error).skip(1).last() {
        Some(cause) => cause.to_string(),
        None => "no cause given".to_owned(),
    }
}
