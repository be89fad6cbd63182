//! How many units a call is charged. The rules are those of the developer guides of DynamoDB ("read and write
//! operations", "on-demand capacity mode") and SQS (64 KB a request).

use crate::sizes::{self, Item};

const WRITE_BYTES: usize = 1024;
const READ_BYTES: usize = 4096;
const MESSAGE_BYTES: usize = 64 * 1024;
/// Whatever the sparse index shows of an item: its own keys, the table's, and what the template projects.
const SHOWN: [&str; 9] = ["pk", "sk", "ik", "is", "st", "cl", "gr", "ch", "rs"];

fn units(bytes: usize, of: usize) -> f64 {
    let whole = u32::try_from(bytes.div_ceil(of).max(1)).unwrap_or(u32::MAX);
    f64::from(whole)
}

/// A write: by the larger of the item before and after, at least one. A refused condition is charged by the item that
/// is there.
pub(crate) fn write(before: Option<&Item>, after: Option<&Item>) -> f64 {
    let size = |item: Option<&Item>| item.map_or(0, sizes::item);
    units(size(before).max(size(after)), WRITE_BYTES)
}

/// What the write does in the sparse index: an entry made, changed or removed is one write, one that moves is two.
pub(crate) fn index(before: Option<&Item>, after: Option<&Item>) -> f64 {
    let (before, after) = (before.and_then(entry), after.and_then(entry));
    let size = |entry: &Item| units(sizes::item(entry), WRITE_BYTES);
    match (before, after) {
        (None, None) => 0.0,
        (None, Some(only)) | (Some(only), None) => size(&only),
        (Some(before), Some(after)) if before == after => 0.0,
        (Some(before), Some(after)) => {
            let stays = ["ik", "is"].iter().all(|key| before.get(*key) == after.get(*key));
            if stays { size(&before).max(size(&after)) } else { size(&before) + size(&after) }
        }
    }
}

/// The entry that an item has in the sparse index.
pub(crate) fn entry(item: &Item) -> Option<Item> {
    let both = item.contains_key("ik") && item.contains_key("is");
    both.then(|| {
        item.iter().filter(|(name, _)| SHOWN.contains(&name.as_str())).map(|(n, v)| (n.clone(), v.clone())).collect()
    })
}

/// Reading this many bytes in one call, or one item of a batch; nothing found costs as much as little found.
pub(crate) fn read(bytes: usize, consistent: bool) -> f64 {
    units(bytes, READ_BYTES) * if consistent { 1.0 } else { 0.5 }
}

/// A request to the queue with this much in it.
pub(crate) fn message(bytes: usize) -> f64 {
    units(bytes, MESSAGE_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn item(value: Value) -> Item {
        value.as_object().unwrap().clone()
    }

    fn of_bytes(bytes: usize) -> Item {
        item(json!({"b": {"S": "x".repeat(bytes - 1)}}))
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn a_write_is_charged_by_the_larger_side_in_whole_kilobytes() {
        let of = |before: Option<usize>, after: Option<usize>| {
            let (before, after) = (before.map(of_bytes), after.map(of_bytes));
            write(before.as_ref(), after.as_ref())
        };
        assert!(close(of(None, Some(1024)), 1.0));
        assert!(close(of(None, Some(1025)), 2.0));
        assert!(close(of(Some(2049), Some(100)), 3.0));
        assert!(close(of(Some(100), None), 1.0), "removing is a write");
        assert!(close(of(None, None), 1.0), "a refused write of what is not there");
    }

    #[test]
    fn a_read_is_charged_by_four_kilobytes_and_half_where_it_may_be_old() {
        assert!(close(read(0, true), 1.0));
        assert!(close(read(0, false), 0.5));
        assert!(close(read(4096, true), 1.0));
        assert!(close(read(4097, true), 2.0));
        assert!(close(read(4097, false), 1.0));
    }

    #[test]
    fn a_message_is_charged_by_sixty_four_kilobytes() {
        assert!(close(message(0), 1.0));
        assert!(close(message(65_536), 1.0));
        assert!(close(message(65_537), 2.0));
    }

    #[test]
    fn the_sparse_index_is_charged_for_what_changes_in_it() {
        let bare = item(json!({"pk": {"S": "o"}, "sk": {"S": "x"}, "st": {"S": "sending"}}));
        let half = item(json!({"pk": {"S": "o"}, "sk": {"S": "x"}, "is": {"S": "d1"}}));
        let held = item(json!({"pk": {"S": "o"}, "sk": {"S": "x"}, "ik": {"S": "a"}, "is": {"S": "d1"},
                               "st": {"S": "held"}, "b": {"S": "not shown"}}));
        let mut body = held.clone();
        body.insert("b".into(), json!({"S": "another"}));
        let mut shown = held.clone();
        shown.insert("st".into(), json!({"S": "sending"}));
        let mut moved = held.clone();
        moved.insert("is".into(), json!({"S": "d2"}));
        let of = |before: &Item, after: &Item| index(Some(before), Some(after));
        assert!(close(of(&bare, &bare), 0.0));
        assert!(close(of(&bare, &half), 0.0), "half a key makes no entry");
        assert!(close(of(&bare, &held), 1.0), "made");
        assert!(close(of(&held, &bare), 1.0), "removed");
        assert!(close(of(&held, &body), 0.0), "what it does not show");
        assert!(close(of(&held, &shown), 1.0), "changed");
        assert!(close(of(&held, &moved), 2.0), "moved");
        assert!(close(index(None, Some(&held)), 1.0));
        assert!(close(index(Some(&held), None), 1.0));
    }
}
