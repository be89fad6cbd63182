//! What a log line may show of an address: the shape of its path.

use url::Url;

/// Longer segments are not words.
const WORD_CHARS_MAX: usize = 32;

/// The path with everything replaced that could be an id, a token or a person; no query.
pub(crate) fn path_shape(url: &Url) -> String {
    let Some(segments) = url.path_segments() else { return String::new() };
    segments.fold(String::new(), |mut shape, segment| {
        shape.push('/');
        shape.push_str(if is_word(segment) { segment } else { "{}" });
        shape
    })
}

/// A word of the vendor's own addresses: `rest`, `V1`, `order-documents`, `invoices.json`.
fn is_word(segment: &str) -> bool {
    let version =
        segment.strip_prefix(['v', 'V']).is_some_and(|n| n.len() < 3 && n.chars().all(|c| c.is_ascii_digit()));
    let word = segment.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '-' | '_' | '.'));
    version || (word && segment.len() <= WORD_CHARS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_tokens_people_and_queries_do_not_show() {
        let shape = |url: &str| path_shape(&Url::parse(url).unwrap());
        assert_eq!(
            shape("https://a.example/rest/V1/orders/100000001/invoice?key=secret"),
            "/rest/V1/orders/{}/invoice"
        );
        assert_eq!(shape("https://a.example/api/v3/people/jana%40example.com"), "/api/v3/people/{}");
        assert_eq!(shape("https://a.example/t/abcdefghijklmnopqrstuvwxyzabcdefghijklmnop"), "/t/{}");
        assert_eq!(shape("https://a.example/invoices.json"), "/invoices.json");
        assert_eq!(shape("https://a.example"), "/");
    }
}
