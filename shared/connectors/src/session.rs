//! One run's conversation with one vendor: the port, the clock, and what was written.

use crate::account::Account;
use crate::http::{Answer, Http, HttpError, Lane, NotConnected, Request};
use crate::oauth::TokenKeeper;
use crate::stop::{Failure, Stop};
use domain::{Code, Said, Step, remark};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// What time it is. Implemented at the edge only.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// Random bytes. Implemented at the edge only.
pub trait Entropy: Send + Sync {
    /// Sixteen random bytes.
    fn bytes(&self) -> [u8; 16];

    /// The same as a word of hexadecimal digits: an id that nobody guesses and no two share.
    fn word(&self) -> String {
        self.bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Whether writing calls go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// They do.
    Live,
    /// They are recorded and answered with an empty 204; reading calls go out.
    Trial,
}

/// Proof that the engine allows a writing call: the target was looked at, nothing is in doubt, the lease is long enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    key: Option<String>,
}

impl Permit {
    /// Made by the engine's gate only; `key` is the idempotency key for targets that honour one.
    #[must_use]
    pub const fn granted(key: Option<String>) -> Self {
        Self { key }
    }

    /// The idempotency key.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }
}

/// What became of the last writing call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteOutcome {
    /// No writing call was made.
    None,
    /// Called; nothing is proven.
    Unknown,
    /// The vendor did it, as far as its answer says.
    Done,
    /// The vendor certainly did not do it.
    NotDone,
}

/// A writing call that a trial did not make.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// Method, address, headers and body as they would go out.
    pub request: Request,
}

/// Access tokens in memory, shared by all runs of a process.
#[derive(Default)]
pub struct TokenCache(Mutex<HashMap<String, (String, Timestamp)>>);

impl TokenCache {
    /// A token that lives for at least another minute.
    #[must_use]
    pub fn get(&self, key: &str, now: Timestamp) -> Option<String> {
        let tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens
            .get(key)
            .filter(|(_, until)| *until > now + SignedDuration::from_secs(60))
            .map(|(token, _)| token.clone())
    }

    /// Keeps a token until it ends.
    pub fn put(&self, key: &str, token: String, until: Timestamp) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned(), (token, until));
    }

    /// Forgets a token that was refused.
    pub fn forget(&self, key: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

#[derive(Debug)]
struct Log {
    step: Step,
    write: WriteOutcome,
    recorded: Vec<Recorded>,
    private: Vec<String>,
    heard: bool,
    skew: Option<SignedDuration>,
}

/// One run's conversation with one vendor.
pub struct Session<'a> {
    /// The connection, opened.
    pub account: &'a Account,
    http: &'a dyn Http,
    clock: &'a dyn Clock,
    entropy: &'a dyn Entropy,
    tokens: &'a TokenCache,
    keeper: Option<&'a dyn TokenKeeper>,
    lane: Lane,
    mode: Mode,
    log: Mutex<Log>,
}

impl<'a> Session<'a> {
    /// A conversation that begins with `step` (`look` at a source, `read_back` at a target).
    #[must_use]
    pub fn new(
        account: &'a Account,
        http: &'a dyn Http,
        clock: &'a dyn Clock,
        entropy: &'a dyn Entropy,
        tokens: &'a TokenCache,
        mode: Mode,
        step: Step,
    ) -> Self {
        let log = Mutex::new(Log {
            step,
            write: WriteOutcome::None,
            recorded: vec![],
            private: vec![],
            heard: false,
            skew: None,
        });
        Self { account, http, clock, entropy, tokens, keeper: None, lane: account.lane(), mode, log }
    }

    /// With somebody who keeps tokens of connections that are allowed at the vendor.
    #[must_use]
    pub const fn kept_by(mut self, keeper: &'a dyn TokenKeeper) -> Self {
        self.keeper = Some(keeper);
        self
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Sixteen random bytes (nonces, multipart boundaries).
    #[must_use]
    pub fn random(&self) -> [u8; 16] {
        self.entropy.bytes()
    }

    /// Access tokens.
    #[must_use]
    pub const fn tokens(&self) -> &TokenCache {
        self.tokens
    }

    /// An access token of a connection that is allowed at the vendor, other than the one that was refused.
    ///
    /// # Errors
    /// [`Stop`] where there is none.
    pub async fn access_token(&self, refused: Option<&str>) -> Result<String, Stop> {
        match self.keeper {
            Some(keeper) => keeper.access_token(self, refused).await,
            None => Err(Stop::Ours("nobody keeps tokens here".to_owned())),
        }
    }

    /// A call that changes nothing at the vendor (token calls included).
    ///
    /// # Errors
    /// [`Stop`] where no whole answer came.
    pub async fn read(&self, request: Request) -> Result<Answer, Stop> {
        {
            let mut log = self.lock();
            if log.write != WriteOutcome::None {
                log.step = Step::Confirm;
            }
        }
        match self.http.call(&self.lane, request, false).await {
            Ok(answer) => {
                self.hear(&answer);
                Ok(answer)
            }
            Err(error) => Err(self.no_answer(error)),
        }
    }

    /// A call that changes how the vendor calls us. Nothing is carried by it, and it may be repeated.
    ///
    /// # Errors
    /// [`Stop`] where no whole answer came.
    pub async fn arrange(&self, request: Request) -> Result<Answer, Stop> {
        match self.http.call(&self.lane, request, true).await {
            Ok(answer) => {
                self.hear(&answer);
                Ok(answer)
            }
            Err(error) => Err(self.no_answer(error)),
        }
    }

    /// A call that changes something at the vendor. After it, say what the answer proves with [`Session::done`] or
    /// [`Session::not_done`]; until then it is in doubt. No connection, 401, 403 and 429 are known to be `NotDone`.
    ///
    /// # Errors
    /// [`Stop`] where no whole answer came.
    pub async fn write(&self, _permit: &Permit, request: Request) -> Result<Answer, Stop> {
        if self.mode == Mode::Trial {
            let mut log = self.lock();
            log.step = Step::Send;
            log.recorded.push(Recorded { request });
            return Ok(Answer { status: 204, headers: ::http::HeaderMap::new(), body: bytes::Bytes::new() });
        }
        {
            let mut log = self.lock();
            log.step = Step::Send;
            log.write = WriteOutcome::Unknown;
        }
        match self.http.call(&self.lane, request, true).await {
            Ok(answer) => {
                self.hear(&answer);
                if matches!(answer.status, 401 | 403 | 429) {
                    self.not_done();
                }
                Ok(answer)
            }
            Err(error) => {
                if matches!(error, HttpError::NotConnected(..) | HttpError::Paced { .. }) {
                    self.not_done();
                }
                Err(self.no_answer(error))
            }
        }
    }

    /// The last writing call certainly took effect, as its answer says.
    pub fn done(&self) {
        self.lock().write = WriteOutcome::Done;
    }

    /// The last writing call certainly took no effect: a refusal that the connector's table names.
    pub fn not_done(&self) {
        self.lock().write = WriteOutcome::NotDone;
    }

    /// The vendor's body says that no call is welcome for so long (a spent budget inside a 200): the connection's next
    /// calls wait for it, here and wherever its pace is kept. Whether the last call took effect, say beside it.
    pub async fn closed_for(&self, wait: SignedDuration) {
        if wait > SignedDuration::ZERO
            && let Ok(until) = self.now().checked_add(wait)
        {
            self.http.close(&self.lane, until).await;
        }
    }

    /// Says in which step the conversation is, where the calls do not tell (`preflight`).
    pub fn step(&self, step: Step) {
        self.lock().step = step;
    }

    /// Buyer values this run has read, so that no log or error repeats them.
    pub fn hide<I: IntoIterator<Item = String>>(&self, values: I) {
        self.lock().private.extend(values);
    }

    /// The step the conversation is in.
    #[must_use]
    pub fn current_step(&self) -> Step {
        self.lock().step
    }

    /// What became of the last writing call.
    #[must_use]
    pub fn write_outcome(&self) -> WriteOutcome {
        self.lock().write
    }

    /// The writing calls a trial did not make.
    #[must_use]
    pub fn recorded(&self) -> Vec<Recorded> {
        self.lock().recorded.clone()
    }

    /// The buyer values read so far.
    #[must_use]
    pub fn private(&self) -> Vec<String> {
        self.lock().private.clone()
    }

    /// Whether this is a trial.
    #[must_use]
    pub fn is_trial(&self) -> bool {
        self.mode == Mode::Trial
    }

    /// Whether the vendor has given any answer that is not a sign of an outage.
    #[must_use]
    pub fn heard(&self) -> bool {
        self.lock().heard
    }

    /// How far the vendor's clock was ahead of ours when it last told the time; absent where it never did.
    #[must_use]
    pub fn skew(&self) -> Option<SignedDuration> {
        self.lock().skew
    }

    fn hear(&self, answer: &Answer) {
        // What lay in somebody's cache tells of an earlier time.
        let told = answer.header("date").filter(|_| answer.header("age").is_none());
        if let Some(theirs) = told.and_then(|text| jiff::fmt::rfc2822::parse(text).ok()) {
            self.lock().skew = Some(theirs.timestamp().duration_since(self.now()));
        }
        if !matches!(answer.status, 502..=504) {
            self.lock().heard = true;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn no_answer(&self, error: HttpError) -> Stop {
        let step = self.current_step();
        let fail = |code, outage, message: Said| Stop::Fail(Failure { code, step, status: None, message, outage });
        match error {
            HttpError::NotConnected(NotConnected::AddressRefused, m) => fail(Code::AddressRefused, false, m),
            HttpError::NotConnected(NotConnected::HostRefused, m) => fail(Code::AddressRefused, false, m),
            HttpError::NotConnected(NotConnected::Tls, m) => fail(Code::TlsFailed, true, m),
            HttpError::NotConnected(_, m) => fail(Code::VendorUnreachable, true, m),
            HttpError::Broken(m) => fail(Code::VendorUnreachable, true, m),
            HttpError::TimedOut => fail(Code::VendorTimeout, true, remark::no_answer()),
            HttpError::AnswerTooLarge { limit } => fail(Code::AnswerTooLarge, false, remark::answer_too_large(limit)),
            HttpError::Paced { until } => {
                Stop::RateLimited { retry_after: Some(until.duration_since(self.now())), message: remark::paced() }
            }
        }
    }
}
