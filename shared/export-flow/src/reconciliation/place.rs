//! Where a comparison goes on.

use super::Summary;
use data_encoding::BASE64URL_NOPAD;
use domain::ConnectionId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Which of the two ways through a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Way {
    /// What the source lists.
    Listed,
    /// What our records say was carried.
    Recorded,
}

/// Where it goes on, and what was counted before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) connection: ConnectionId,
    pub(super) since: Timestamp,
    pub(super) until: Timestamp,
    pub(super) source: Option<ConnectionId>,
    pub(super) way: Way,
    /// The list's own cursor, and how much of its page is done.
    pub(super) cursor: Option<String>,
    pub(super) skip: usize,
    pub(super) so_far: Summary,
}

impl Place {
    pub(super) fn new(connection: ConnectionId, since: Timestamp, until: Timestamp) -> Self {
        let (way, so_far) = (Way::Listed, Summary::default());
        Self { connection, since, until, source: None, way, cursor: None, skip: 0, so_far }
    }

    pub(super) fn read(text: &str) -> Option<Self> {
        serde_json::from_slice(&BASE64URL_NOPAD.decode(text.as_bytes()).ok()?).ok()
    }

    pub(super) fn written(&self) -> String {
        BASE64URL_NOPAD.encode(&serde_json::to_vec(self).unwrap_or_default())
    }

    /// Begins a source, unless it is the one at hand.
    pub(super) fn enter(&mut self, source: &ConnectionId) {
        if self.source.as_ref() != Some(source) {
            self.source = Some(source.clone());
            self.turn(Way::Listed);
        }
    }

    /// Begins a way.
    pub(super) fn turn(&mut self, way: Way) {
        self.way = way;
        self.go_on(None);
    }

    /// Begins the next page of a list.
    pub(super) fn go_on(&mut self, cursor: Option<String>) {
        self.cursor = cursor;
        self.skip = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_its_way_through_an_address_and_garbage_does_not() {
        let mut place = Place::new(ConnectionId::new("books"), Timestamp::UNIX_EPOCH, Timestamp::MAX);
        place.enter(&ConnectionId::new("books"));
        place.go_on(Some("page=2&x".into()));
        place.skip = 7;
        place.so_far.at_stake.insert("CZK".into(), "1210.50".parse().unwrap());
        assert_eq!(Place::read(&place.written()), Some(place));
        for bad in ["", "abc", "e30", "☃"] {
            assert_eq!(Place::read(bad), None, "{bad}");
        }
    }
}
