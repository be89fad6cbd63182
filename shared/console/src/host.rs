//! Which host a request names. A page of somebody else's that has its own name resolved to this server must not reach
//! API or pages; which names are ours is for whoever builds the router to say.

use axum::extract::Request;
use http::header;
use url::{Host, Url};

/// Reads a host with or without a port, as a `Host` header has it. The port is not judged: a proxy may have another.
#[must_use]
pub fn read(text: &str) -> Option<Host> {
    if text.contains(['/', '@', '?', '#', '\\']) {
        return None;
    }
    Url::parse(&format!("http://{text}/")).ok()?.host().map(|host| host.to_owned())
}

/// What a request names: the authority of its target and its `Host` headers, as they are written.
pub fn named(request: &Request) -> impl Iterator<Item = &str> {
    // A header that is no text names something, and nothing of ours.
    let headers = request.headers().get_all(header::HOST).iter().map(|host| host.to_str().unwrap_or_default());
    request.uri().host().into_iter().chain(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_read_without_its_port_and_nothing_else_is_a_host() {
        let said = |text: &str| read(text).map(|host| host.to_string());
        assert_eq!(said("Backhaul.example.com:443"), Some("backhaul.example.com".to_owned()));
        assert_eq!(said("[::1]:8080"), Some("[::1]".to_owned()));
        for bad in ["", "a b", "x@127.0.0.1:1/", "a/b", "a?b", "a:port"] {
            assert_eq!(said(bad), None, "{bad}");
        }
    }
}
