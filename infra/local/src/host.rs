//! Which `Host` headers are answered. A page of somebody else's that has its own name resolved to this machine must
//! not reach API or pages.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use console::Problem;
use domain::Code;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use url::Url;

/// The names this process answers to.
#[derive(Debug, Clone)]
pub(crate) struct Hosts {
    listen: IpAddr,
    public: Option<String>,
}

impl Hosts {
    pub(crate) fn new(listen: SocketAddr, public_url: Option<&str>) -> Self {
        let public = public_url.and_then(|url| Url::parse(url).ok()).and_then(|url| url.host_str().map(str::to_owned));
        Self { listen: listen.ip(), public }
    }

    /// Whether a `Host` header is one of ours; the port is not judged, a proxy or tunnel may have another.
    pub(crate) fn answers_to(&self, host: &str) -> bool {
        match console::host::read(host) {
            Some(url::Host::Domain(name)) => {
                name == "localhost" || self.public.as_deref().is_some_and(|public| public == name)
            }
            Some(url::Host::Ipv4(ip)) => self.answers_to_address(ip.into()),
            Some(url::Host::Ipv6(ip)) => self.answers_to_address(ip.into()),
            None => false,
        }
    }

    fn answers_to_address(&self, ip: IpAddr) -> bool {
        let public = self.public.as_deref().is_some_and(|public| public.trim_matches(['[', ']']) == ip.to_string());
        // Listening on every address means that any of them was meant; a number cannot be made to point elsewhere.
        ip == self.listen || ip.is_loopback() || self.listen.is_unspecified() || public
    }
}

/// Refuses other hosts, except for webhooks (signed, and often forwarded under another name) and health checks.
pub(crate) async fn check(State(hosts): State<Arc<Hosts>>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let open = path.starts_with("/webhooks/") || path == "/health";
    let named = console::host::named(&request).next();
    if open || named.is_some_and(|host| hosts.answers_to(host)) {
        return next.run(request).await;
    }
    Problem::plain(Code::HostRefused).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(listen: &str, public: Option<&str>) -> Hosts {
        Hosts::new(listen.parse().unwrap(), public)
    }

    #[test]
    fn its_own_names_are_answered() {
        let local = hosts("127.0.0.1:8080", Some("https://backhaul.example.com/in"));
        for good in ["127.0.0.1:8080", "localhost", "LOCALHOST:8080", "[::1]:8080", "backhaul.example.com"] {
            assert!(local.answers_to(good), "{good}");
        }
        assert!(hosts("0.0.0.0:80", None).answers_to("192.0.2.7"));
    }

    #[test]
    fn names_of_others_are_refused() {
        let local = hosts("127.0.0.1:8080", Some("https://backhaul.example.com"));
        for bad in [
            "evil.example",
            "localhost.evil.example",
            "backhaul.example.com.evil.example",
            "192.0.2.7",
            "",
            "a b",
            "x@127.0.0.1:1/",
        ] {
            assert!(!local.answers_to(bad), "{bad}");
        }
        assert!(!hosts("0.0.0.0:80", None).answers_to("evil.example"));
    }
}
