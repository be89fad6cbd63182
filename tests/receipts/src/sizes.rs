//! How large DynamoDB says an item is. The rules are those of the developer guide, "DynamoDB item sizes and formats":
//! names count as much as values.

use serde_json::{Map, Value};

/// An item as it travels: attribute to `{"S": "…"}`.
pub(crate) type Item = Map<String, Value>;

/// Of a list or a map, whatever is in it.
const CONTAINER: usize = 3;
/// Of each element of a list or a map.
const ELEMENT: usize = 1;

/// Bytes of an item, names included.
pub(crate) fn item(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + attribute(value)).sum()
}

fn attribute(typed: &Value) -> usize {
    let Some((kind, value)) = typed.as_object().and_then(|typed| typed.iter().next()) else { return 0 };
    let texts = |size: fn(&str) -> usize| -> usize {
        value.as_array().into_iter().flatten().filter_map(Value::as_str).map(size).sum()
    };
    match kind.as_str() {
        "S" => value.as_str().map_or(0, str::len),
        "N" => value.as_str().map_or(0, number),
        "B" => value.as_str().map_or(0, binary),
        "SS" => texts(str::len),
        "NS" => texts(number),
        "BS" => texts(binary),
        "L" => CONTAINER + value.as_array().into_iter().flatten().map(|one| ELEMENT + attribute(one)).sum::<usize>(),
        "M" => {
            let fields = value.as_object().into_iter().flatten();
            CONTAINER + fields.map(|(name, one)| ELEMENT + name.len() + attribute(one)).sum::<usize>()
        }
        // BOOL and NULL.
        _ => 1,
    }
}

/// One byte per two significant digits, and one more.
fn number(text: &str) -> usize {
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').len().div_ceil(2) + 1
}

/// The bytes that base64 stands for.
fn binary(text: &str) -> usize {
    text.trim_end_matches('=').len() * 3 / 4
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn size(value: Value) -> usize {
        item(value.as_object().unwrap())
    }

    #[test]
    fn names_and_text_count_by_their_bytes() {
        assert_eq!(size(json!({"pk": {"S": "abc"}})), 5);
        assert_eq!(size(json!({"ž": {"S": "žž"}})), 6);
        assert_eq!(size(json!({})), 0);
    }

    #[test]
    fn numbers_count_two_digits_a_byte_without_outer_zeros() {
        for (text, bytes) in [("0", 1), ("7", 2), ("27", 2), ("-27", 2), ("270000", 2), ("0.0027", 2), ("123", 3)] {
            assert_eq!(size(json!({"n": {"N": text}})), 1 + bytes, "{text}");
        }
        assert_eq!(size(json!({"n": {"N": "1.5E+20"}})), 1 + 2);
        assert_eq!(size(json!({"n": {"N": "12345678901234567890123456789012345678"}})), 1 + 20);
    }

    #[test]
    fn truth_nothing_and_bytes_count_as_they_are() {
        assert_eq!(size(json!({"a": {"BOOL": true}, "b": {"NULL": true}})), 4);
        assert_eq!(size(json!({"b": {"B": "AAAA"}})), 4);
        assert_eq!(size(json!({"b": {"B": "AAA="}})), 3);
        assert_eq!(size(json!({"b": {"B": "AA=="}})), 2);
    }

    #[test]
    fn lists_and_maps_cost_three_bytes_and_one_for_each_element() {
        assert_eq!(size(json!({"l": {"L": []}})), 1 + 3);
        assert_eq!(size(json!({"l": {"L": [{"S": "ab"}, {"N": "1"}]}})), 1 + 3 + (1 + 2) + (1 + 2));
        assert_eq!(size(json!({"m": {"M": {}}})), 1 + 3);
        assert_eq!(size(json!({"m": {"M": {"key": {"S": "v"}}}})), 1 + 3 + (1 + 3 + 1));
        assert_eq!(size(json!({"s": {"SS": ["ab", "c"]}, "n": {"NS": ["12", "3"]}})), (1 + 3) + (1 + 4));
    }
}
