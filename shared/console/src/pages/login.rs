//! Who may see the pages of a single machine: one-time links, and the sessions that they open.
//!
//! Links and sessions live in memory alone: a restart logs everybody out, and nothing on disk opens the pages.

use crate::access::By;
use data_encoding::BASE64URL_NOPAD;
use domain::{AccessRole, TenantId};
use export_flow::person::Asks;
use jiff::{SignedDuration, Timestamp};
use ring::digest::{SHA256, digest};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use subtle::ConstantTimeEq;

/// How long a login link may be used.
pub const LINK_LIFE: SignedDuration = SignedDuration::from_mins(15);
/// How long a session lasts.
pub const SESSION_LIFE: SignedDuration = SignedDuration::from_hours(12);
/// Unused links and open sessions kept at most; the oldest go first.
const KEPT_MAX: usize = 100;

/// A secret that we hand out and keep only the hash of.
type Hash = [u8; 32];

fn hash(secret: &str) -> Hash {
    let mut out = Hash::default();
    out.copy_from_slice(digest(&SHA256, secret.as_bytes()).as_ref());
    out
}

/// Thirty-two random bytes as text.
fn secret(first: [u8; 16], second: [u8; 16]) -> String {
    BASE64URL_NOPAD.encode(&[first, second].concat())
}

/// An open session, as handlers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Session {
    /// Whose.
    pub(super) tenant: TenantId,
    /// What whoever has it may do.
    pub(super) role: AccessRole,
    /// Who it is, where an identity provider was asked.
    pub(super) who: Option<String>,
    /// What every form must carry.
    pub(super) csrf: String,
    /// When it ends.
    pub(super) until: Timestamp,
    /// Where vendors send whoever has it back to: the address they have come by.
    pub(super) redirect_url: String,
}

impl Session {
    /// Of whoever this is.
    pub(super) fn new(by: By, csrf: String, until: Timestamp) -> Self {
        let By { tenant, role, who } = by;
        Self { tenant, role, who, csrf, until, redirect_url: String::new() }
    }

    /// Whoever has it.
    pub(super) fn by(&self) -> By {
        By { tenant: self.tenant.clone(), role: self.role, who: self.who.clone() }
    }

    /// Whoever has it, asking for something.
    pub(super) fn asks(&self) -> Asks<'_> {
        Asks { by: self.who.as_deref(), ..Asks::from(&self.tenant) }
    }

    /// Whether whoever has it may change anything.
    pub(super) fn may_change(&self) -> bool {
        self.role >= AccessRole::Operator
    }

    /// Whether a form came from one of our own pages. Constant time.
    pub(super) fn wrote(&self, csrf: &str) -> bool {
        self.csrf.as_bytes().ct_eq(csrf.as_bytes()).into()
    }
}

#[derive(Default)]
struct Kept {
    links: HashMap<Hash, (By, Timestamp)>,
    sessions: HashMap<Hash, Session>,
}

/// Login links and sessions of one process.
#[derive(Default)]
pub(super) struct Logins {
    kept: Mutex<Kept>,
}

impl Logins {
    /// A token that opens one session like this within [`LINK_LIFE`]. `random` is fresh randomness.
    pub(super) fn new_token(&self, by: By, now: Timestamp, random: [[u8; 16]; 2]) -> String {
        let [first, second] = random;
        let token = secret(first, second);
        let mut kept = self.kept(now);
        make_room(&mut kept.links, |(_, until)| *until);
        kept.links.insert(hash(&token), (by, later(now, LINK_LIFE)));
        token
    }

    /// Uses a token up. The secret for the session's cookie; `None` if the token is unknown, used or too old.
    pub(super) fn redeem(&self, token: &str, now: Timestamp, random: [[u8; 16]; 4]) -> Option<String> {
        let mut kept = self.kept(now);
        let (by, _) = kept.links.remove(&hash(token))?;
        let [a, b, c, d] = random;
        let (cookie, csrf) = (secret(a, b), secret(c, d));
        make_room(&mut kept.sessions, |session| session.until);
        kept.sessions.insert(hash(&cookie), Session::new(by, csrf, later(now, SESSION_LIFE)));
        Some(cookie)
    }

    /// The session of a cookie.
    pub(super) fn session(&self, cookie: &str, now: Timestamp) -> Option<Session> {
        self.kept(now).sessions.get(&hash(cookie)).cloned()
    }

    /// Ends the session of a cookie.
    pub(super) fn end(&self, cookie: &str, now: Timestamp) {
        self.kept(now).sessions.remove(&hash(cookie));
    }

    /// What is kept, without what has run out.
    fn kept(&self, now: Timestamp) -> MutexGuard<'_, Kept> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.links.retain(|_, (_, until)| *until > now);
        kept.sessions.retain(|_, session| session.until > now);
        kept
    }
}

impl std::fmt::Debug for Logins {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Logins").finish_non_exhaustive()
    }
}

fn later(now: Timestamp, life: SignedDuration) -> Timestamp {
    now.checked_add(life).unwrap_or(Timestamp::MAX)
}

fn make_room<T>(kept: &mut HashMap<Hash, T>, until: impl Fn(&T) -> Timestamp) {
    while kept.len() >= KEPT_MAX {
        let Some(oldest) = kept.iter().min_by_key(|(_, one)| until(one)).map(|(key, _)| *key) else { return };
        kept.remove(&oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::UNIX_EPOCH;

    fn link(logins: &Logins, byte: u8) -> String {
        let by = By { tenant: TenantId::local(), role: AccessRole::Viewer, who: None };
        logins.new_token(by, NOON, [[byte; 16]; 2])
    }

    fn redeem(logins: &Logins, token: &str, now: Timestamp) -> Option<String> {
        logins.redeem(token, now, [[7; 16], [8; 16], [9; 16], [10; 16]])
    }

    #[test]
    fn a_link_opens_one_session_and_no_second() {
        let logins = Logins::default();
        let token = link(&logins, 1);
        let cookie = redeem(&logins, &token, NOON).unwrap();
        assert_eq!(redeem(&logins, &token, NOON), None);
        let session = logins.session(&cookie, NOON).unwrap();
        assert_eq!((&session.tenant, session.role), (&TenantId::local(), AccessRole::Viewer));
        assert!(session.wrote(&session.csrf) && !session.wrote("") && !session.wrote(&cookie));
    }

    #[test]
    fn links_and_sessions_run_out() {
        let logins = Logins::default();
        let (early, late) = (link(&logins, 1), link(&logins, 2));
        let cookie = redeem(&logins, &early, NOON + SignedDuration::from_secs(15 * 60 - 1)).unwrap();
        assert_eq!(redeem(&logins, &late, NOON + SignedDuration::from_secs(15 * 60)), None);
        let opened = NOON + SignedDuration::from_secs(15 * 60 - 1);
        assert!(logins.session(&cookie, opened + SignedDuration::from_secs(12 * 3600 - 1)).is_some());
        assert!(logins.session(&cookie, opened + SignedDuration::from_secs(12 * 3600)).is_none());
    }

    #[test]
    fn logging_out_ends_the_session_of_that_cookie() {
        let logins = Logins::default();
        let cookie = redeem(&logins, &link(&logins, 1), NOON).unwrap();
        logins.end("another", NOON);
        assert!(logins.session(&cookie, NOON).is_some());
        logins.end(&cookie, NOON);
        assert!(logins.session(&cookie, NOON).is_none());
    }

    #[test]
    fn a_flood_of_links_is_bounded() {
        let logins = Logins::default();
        for n in 0..250_u8 {
            link(&logins, n);
        }
        assert_eq!(logins.kept(NOON).links.len(), KEPT_MAX);
        assert!(redeem(&logins, &secret([249; 16], [249; 16]), NOON).is_some());
    }
}
