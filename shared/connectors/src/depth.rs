//! Bodies from outside, before they are parsed.

use crate::contract::Malformed;
use serde::de::DeserializeOwned;

/// How deep JSON from outside may be nested.
pub const JSON_DEPTH_MAX: usize = 64;

/// Whether no object or array lies deeper than `max` levels. Reads the bytes once, without recursion and without
/// parsing them: a body that is not JSON at all may be within any depth.
#[must_use]
pub fn json_within_depth(bytes: &[u8], max: usize) -> bool {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in bytes {
        if in_text {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_text = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'[' | b'{' => {
                depth += 1;
                if depth > max {
                    return false;
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    true
}

/// A webhook's body as JSON.
///
/// # Errors
/// [`Malformed`]: empty, not UTF-8, too deep, truncated or of another shape.
pub fn webhook_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Malformed> {
    if body.trim_ascii().is_empty() {
        return Err(Malformed("the body is empty"));
    }
    let text = std::str::from_utf8(body).map_err(|_| Malformed("the body is not UTF-8"))?;
    if !json_within_depth(body, JSON_DEPTH_MAX) {
        return Err(Malformed("the body is nested too deep"));
    }
    serde_json::from_str(text).map_err(|_| Malformed("the body is not the JSON that is expected"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_last_level_allowed_is_allowed_and_the_next_is_not() {
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(json_within_depth(nested(64).as_bytes(), 64));
        assert!(!json_within_depth(nested(65).as_bytes(), 64));
        assert!(json_within_depth(format!("[{}]", vec!["{}"; 1000].join(",")).as_bytes(), 2));
    }

    #[test]
    fn brackets_inside_texts_do_not_count() {
        assert!(json_within_depth(br#"{"a":"[[[[{{{{\"[[[["}"#, 1));
        assert!(!json_within_depth(br#"{"a":"\\","b":[[]]}"#, 2));
    }

    proptest! {
        #[test]
        fn what_is_parsed_has_the_depth_that_was_counted(depth in 1_usize..100, max in 1_usize..100) {
            let text = format!("{}1{}", r#"{"a":["#.repeat(depth), "]}".repeat(depth));
            prop_assert_eq!(json_within_depth(text.as_bytes(), max), depth * 2 <= max);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(json_within_depth(&bytes, bytes.len()));
            prop_assert!(webhook_json::<Vec<std::net::IpAddr>>(&bytes).is_err() || bytes.trim_ascii() == b"[]");
        }
    }
}
