//! Addresses of the pages.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::form_urlencoded;

/// What may stand in a path segment as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// One export.
pub(super) fn export(id: &domain::ExportId) -> String {
    format!("/exports/{}", segment(id.as_str()))
}

/// What a code or reason means.
pub(super) fn code(word: &str) -> String {
    domain::Advice::path(&segment(word))
}

/// What belongs to a connection.
pub(super) fn connection(id: &domain::ConnectionId) -> String {
    format!("/connections/{}", segment(id.as_str()))
}

/// One job.
pub(super) fn job(id: &domain::JobId) -> String {
    format!("/jobs/{}", segment(id.as_str()))
}

/// One order at its channel.
pub(super) fn order(channel: &domain::ConnectionId, reference: &domain::OrderReference) -> String {
    // Browsers take such a segment for a step up, however it is written.
    if matches!(reference.as_str(), "." | "..") {
        return list("/exports", [("order", reference.as_str())]);
    }
    format!("/orders/{}/{}", segment(channel.as_str()), segment(reference.as_str()))
}

/// A trial of one document or parcel.
pub(super) fn trial(source: &domain::ConnectionId, number: &str, target: Option<&domain::ConnectionId>) -> String {
    let target = target.map(domain::ConnectionId::as_str).unwrap_or_default();
    list("/trial", [("connection", source.as_str()), ("document", number), ("target", target)])
}

/// A list with what narrows it. Pairs without a value are left out.
pub(super) fn list<'a>(path: &str, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    let query = query.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_stay_within_their_segment() {
        let channel = domain::ConnectionId::new("shop");
        let link = |reference: &str| order(&channel, &domain::OrderReference::new(reference));
        assert_eq!(link("a/b?c#d e"), "/orders/shop/a%2Fb%3Fc%23d%20e");
        assert_eq!(link(".."), "/exports?order=..");
    }

    #[test]
    fn lists_leave_out_what_is_not_given() {
        assert_eq!(list("/exports", [("state", ""), ("order", "1&2")]), "/exports?order=1%262");
        assert_eq!(list("/exports", [("state", "")]), "/exports");
    }
}
