//! Which hosts a connection may call.

use crate::address::is_public;
use connectors::{Hosts, HttpError, NotConnected};
use domain::{Said, remark};
use std::net::IpAddr;
use url::{Host, Url};

/// Refuses what the connection may not call, before anything is resolved.
pub(crate) fn check(hosts: &Hosts, url: &Url, allow_private: bool) -> Result<(), HttpError> {
    let allowed = match hosts {
        // The vendor's own hosts are spoken to in its own way only: TLS on the standard port.
        Hosts::Fixed(names) => {
            url.scheme() == "https"
                && url.port_or_known_default() == Some(443)
                && url.host_str().is_some_and(|host| names.iter().any(|name| name.eq_ignore_ascii_case(host)))
        }
        Hosts::BaseUrl(base) => Url::parse(base).is_ok_and(|base| {
            matches!(url.scheme(), "http" | "https")
                && base.scheme() == url.scheme()
                && base.host().is_some()
                && base.host() == url.host()
                && base.port_or_known_default() == url.port_or_known_default()
        }),
    };
    if !allowed {
        let said = url.host_str().map_or_else(remark::host_missing, remark::host_foreign);
        return Err(HttpError::NotConnected(NotConnected::HostRefused, said));
    }
    match literal(url) {
        Some(address) if !allow_private && !is_public(address) => {
            Err(HttpError::NotConnected(NotConnected::AddressRefused, refused(&address.to_string())))
        }
        _ => Ok(()),
    }
}

/// What is said about a target that is not public.
pub(crate) fn refused(host: &str) -> Said {
    remark::host_private(host)
}

/// The address, where the URL names one instead of a name. Odd forms (`0x7f.1`, `2130706433`) are already normal here.
fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Domain(_) => None,
        Host::Ipv4(v4) => Some(v4.into()),
        Host::Ipv6(v6) => Some(v6.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(hosts: &Hosts, url: &str, allow_private: bool) -> Option<NotConnected> {
        match check(hosts, &Url::parse(url).unwrap(), allow_private) {
            Ok(()) => None,
            Err(HttpError::NotConnected(why, _)) => Some(why),
            Err(other) => panic!("{other:?}"),
        }
    }

    fn base(text: &str) -> Hosts {
        Hosts::BaseUrl(text.to_owned())
    }

    #[test]
    fn a_fixed_vendor_is_called_at_its_own_hosts_over_tls_only() {
        let hosts = Hosts::Fixed(&["api.vendor.example"]);
        assert_eq!(judged(&hosts, "https://api.vendor.example/v1?x=1", false), None);
        for url in [
            "http://api.vendor.example/v1",
            "https://api.vendor.example:8443/v1",
            "https://api.vendor.example.evil.example/",
            "https://evil.example/?api.vendor.example",
            "https://api.vendor.example@evil.example/",
        ] {
            assert_eq!(judged(&hosts, url, true), Some(NotConnected::HostRefused), "{url}");
        }
    }

    #[test]
    fn a_self_hosted_system_is_called_at_its_base_address_only() {
        let hosts = base("https://shop.example/sub");
        assert_eq!(judged(&hosts, "https://SHOP.example:443/rest/V1/orders", false), None);
        for url in
            ["http://shop.example/", "https://shop.example:444/", "https://other.example/", "https://shop.example./"]
        {
            assert_eq!(judged(&hosts, url, true), Some(NotConnected::HostRefused), "{url}");
        }
        assert_eq!(judged(&base("not an address"), "https://shop.example/", true), Some(NotConnected::HostRefused));
    }

    #[test]
    fn a_literal_private_address_is_refused_in_every_spelling() {
        for url in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://127.0.0.1./",
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://169.254.169.254/latest",
            "http://%31%32%37.0.0.1/",
            "http://127。0。0。1/",
        ] {
            assert_eq!(judged(&base(url), url, false), Some(NotConnected::AddressRefused), "{url}");
            assert_eq!(judged(&base(url), url, true), None, "{url}");
        }
        assert_eq!(judged(&base("http://8.8.8.8"), "http://8.8.8.8/", false), None);
    }
}
