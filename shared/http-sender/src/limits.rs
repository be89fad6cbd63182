//! Every number of the sender in one place.

use std::time::Duration;

/// An answer that carries a PDF of 10 MiB also carries its frame.
const ANSWER_SLACK_BYTES: usize = 64 * 1024;

/// What a call may take. The defaults are the product's; tests make them small.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Name, connection and handshake together. Must be below the two that follow.
    pub connect: Duration,
    /// A reading call, from its first byte to the last byte of the answer.
    pub reading: Duration,
    /// A writing call, likewise.
    pub writing: Duration,
    /// Bytes of an answer, where the request names no other limit.
    pub answer_bytes: usize,
    /// Bytes of an answer that no request may exceed.
    pub answer_bytes_hard: usize,
    /// Calls at once per connection.
    pub calls_at_once: usize,
    /// A connection whose median call takes longer gets one call at once.
    pub slow_call: Duration,
    /// How long a call may wait for its turn in all: for one of the slots and for the connection's pace. A
    /// writing call starts with 45 s of lease and may take 30 s, so it may wait for 10 s and still end inside.
    /// Waiting here is better than coming back: who comes back starts its conversation anew.
    pub turn_wait: Duration,
    /// How long a call may wait where the vendor told us to. Longer is answered with the time at once.
    pub told_wait: Duration,
    /// How long a finished call may wait until other processes can hear what the vendor told it.
    pub telling: Duration,
    /// An unused connection is closed after this time. Common servers close after 5 s; who writes on a connection that
    /// is just being closed cannot know what became of the call.
    pub idle: Duration,
    /// Unused connections kept per host. Many connections of ours may lead to one vendor's host.
    pub idle_per_host: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            reading: Duration::from_secs(20),
            writing: Duration::from_secs(30),
            answer_bytes: 2 * 1024 * 1024,
            answer_bytes_hard: 10 * 1024 * 1024 + ANSWER_SLACK_BYTES,
            calls_at_once: 4,
            slow_call: Duration::from_secs(5),
            turn_wait: Duration::from_secs(10),
            told_wait: Duration::from_secs(2),
            telling: Duration::from_secs(2),
            idle: Duration::from_secs(4),
            idle_per_host: 32,
        }
    }
}
