//! What goes wrong with each call, and where a run can be interrupted.

use crate::bugs::Bug;
use crate::dice::Dice;
use crate::schedule::{Class, Rates};
use async_trait::async_trait;
use connectors::{Body, Clock as _, Request};
use export_flow::ports::{Ledger, PortError};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use testkit::practice::{Kind, World};
use testkit::{Fate, ManualClock, MemoryLedger, Nature, PortCall, Stage};

/// How long ago what a glance shows may be, at most.
const GLANCE_AGE: SignedDuration = SignedDuration::from_secs(5);
/// How much later than its answer a call may take effect.
const LATE_BOUND: i64 = 120;

/// Counts by name.
pub(crate) type Tally = BTreeMap<&'static str, u64>;

/// The stage of one run.
pub(crate) struct Trouble {
    pub(crate) dice: Dice,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) rates: Rates,
    pub(crate) bug: Option<Bug>,
    pub(crate) trace: bool,
    pub(crate) outage: Option<(Class, Timestamp, Timestamp)>,
    world: Arc<World>,
    ledger: Arc<MemoryLedger>,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    over: bool,
    tally: Tally,
    earlier: Option<(Timestamp, Arc<MemoryLedger>)>,
    /// Orders at which something was let take effect beyond the bound.
    beyond: BTreeSet<String>,
    first_looks: BTreeMap<String, Value>,
    lines: Vec<String>,
}

impl Trouble {
    pub(crate) fn new(
        (dice, rates, bug): (Dice, Rates, Option<Bug>),
        clock: Arc<ManualClock>,
        outage: Option<(Class, Timestamp, Timestamp)>,
        world: Arc<World>,
        ledger: Arc<MemoryLedger>,
        trace: bool,
    ) -> Arc<Self> {
        Arc::new(Self { dice, clock, rates, bug, trace, outage, world, ledger, inner: Mutex::default() })
    }

    /// From here on nothing goes wrong.
    pub(crate) fn end(&self) {
        self.lock().over = true;
    }

    pub(crate) fn is_over(&self) -> bool {
        self.lock().over
    }

    pub(crate) fn count(&self, what: &'static str) {
        *self.lock().tally.entry(what).or_default() += 1;
    }

    pub(crate) fn tally(&self) -> Tally {
        self.lock().tally.clone()
    }

    /// Whether nothing so far could end a run without an outcome, where a function's time ends with its lease.
    pub(crate) fn spared_the_runs(&self) -> bool {
        let inner = self.lock();
        ["process killed", "work timed out", "own call failed", "own answer lost"]
            .iter()
            .all(|what| !inner.tally.contains_key(what))
    }

    pub(crate) fn beyond(&self) -> BTreeSet<String> {
        self.lock().beyond.clone()
    }

    pub(crate) fn tell(&self, line: impl FnOnce() -> String) {
        if self.trace {
            let line = format!("{} {}", self.clock.now(), line());
            self.lock().lines.push(line);
        }
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.lock().lines.clone()
    }

    /// Keeps what the ledger shows now, for glances of the next seconds.
    pub(crate) fn remember(&self) {
        if self.rates.stale > 0 && !self.is_over() {
            let kept = (self.clock.now(), Arc::new(self.ledger.copy()));
            self.lock().earlier = Some(kept);
        }
    }

    fn roll(&self, of_thousand: u64, what: &'static str) -> bool {
        let struck = !self.is_over() && self.dice.chance(of_thousand);
        if struck {
            self.count(what);
        }
        struck
    }

    fn fate(&self, call: PortCall) -> Fate {
        let throttled = || PortError::Throttled("the simulator says so".to_owned());
        let lost = || PortError::Unavailable("the simulator says so".to_owned());
        if self.roll(self.rates.fails, "own call failed") {
            return Fate::Fails(throttled());
        }
        match call.nature {
            Nature::Writes if self.roll(self.rates.answer_lost, "own answer lost") => Fate::AnswerLost(lost()),
            Nature::Writes if self.roll(self.rates.repeated, "own call repeated") => Fate::Repeated,
            Nature::Glances if self.roll(self.rates.stale, "stale glance") => Fate::Stale,
            _ => Fate::Works,
        }
    }

    fn kind(&self, call: PortCall, request: &Request) -> Option<Kind> {
        let host = request.url.host_str().unwrap_or_default();
        let now = self.clock.now();
        let message = || json!({"message": "the simulator says so"});
        if let Some((class, from, to)) = self.outage
            && class.host() == host
            && from <= now
            && now < to
        {
            self.count("outage");
            return Some(if self.dice.chance(500) { Kind::Refused } else { Kind::Answer(503, message()) });
        }
        if call.nature == Nature::Reads {
            if !self.roll(self.rates.reads, "reading call failed") {
                return self.bent_look(host, request);
            }
            return Some(match self.dice.index(6) {
                0 => Kind::Refused,
                1 => Kind::DropBefore,
                2 => Kind::TimeOut,
                3 => Kind::Answer(500, message()),
                4 => Kind::Answer(503, message()),
                _ => Kind::Answer(429, message()),
            });
        }
        if self.roll(self.rates.writes, "writing call failed") {
            if self.dice.chance(self.rates.late) {
                let beyond = self.dice.chance(self.rates.beyond);
                self.count(if beyond { "effect beyond the bound" } else { "late effect" });
                if beyond {
                    self.lock().beyond.insert(request.url.path().to_owned());
                }
                let seconds =
                    if beyond { self.dice.between(LATE_BOUND + 1, 1800) } else { self.dice.between(1, LATE_BOUND) };
                return Some(Kind::Late(SignedDuration::from_secs(seconds)));
            }
            return Some(match self.dice.index(9) {
                0 => Kind::Refused,
                1 => Kind::DropBefore,
                2 | 3 => Kind::DropAfter,
                4 => Kind::TimeOut,
                5 => Kind::Answer(500, message()),
                6 => Kind::AnswerAfter(500),
                7 => Kind::AnswerAfter(503),
                _ => Kind::Answer(429, message()),
            });
        }
        None
    }

    /// A look at the target as a planted bug would have it.
    fn bent_look(&self, host: &str, request: &Request) -> Option<Kind> {
        let (bug, path) = (self.bug?, request.url.path());
        let truth = || {
            let answer = self.world.answer(request, None).ok();
            answer.and_then(|answer| serde_json::from_slice::<Value>(&answer.body).ok()).unwrap_or_default()
        };
        match bug {
            Bug::CreditNoteFirst if path.starts_with("/documents/") && !path.ends_with("/pdf") => {
                let mut document = truth();
                if let Some(corrects) = document.get_mut("corrects") {
                    *corrects = Value::Null;
                }
                Some(Kind::Answer(200, document))
            }
            Bug::NoReadBack if path.starts_with("/effects/") => Some(Kind::Answer(200, json!([]))),
            Bug::StaleLook if path.starts_with("/effects/") => {
                let place = format!("{host}{path}");
                let first = self.lock().first_looks.get(&place).cloned();
                let shown = first.unwrap_or_else(truth);
                self.lock().first_looks.insert(place, shown.clone());
                Some(Kind::Answer(200, shown))
            }
            _ => None,
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place at which others may go on, and at which a process may die.
struct Pause(bool);

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

#[async_trait]
impl Stage for Trouble {
    async fn before(&self, call: PortCall) -> Fate {
        Pause(false).await;
        let fate = self.fate(call);
        self.tell(|| format!("  {} {}{}", call.port, call.name, shown(&fate)));
        fate
    }

    async fn after(&self, _call: PortCall) {
        Pause(false).await;
    }

    async fn outside(&self, call: PortCall, request: &Request) -> Option<Kind> {
        Pause(false).await;
        let kind = self.kind(call, request);
        self.tell(|| {
            let fault = kind.as_ref().map_or_else(String::new, |kind| format!(" -> {kind:?}"));
            let body = match &request.body {
                Body::Bytes { bytes, .. } => String::from_utf8_lossy(bytes).into_owned(),
                Body::Empty => String::new(),
            };
            format!("  {} {} {body}{fault}", request.method, request.url)
        });
        kind
    }

    fn earlier(&self) -> Option<Arc<dyn Ledger>> {
        let now = self.clock.now();
        let earlier = self.lock().earlier.clone()?;
        (now.duration_since(earlier.0) <= GLANCE_AGE).then_some(earlier.1 as Arc<dyn Ledger>)
    }
}

fn shown(fate: &Fate) -> &'static str {
    match fate {
        Fate::Works => "",
        Fate::Fails(_) => " -> fails",
        Fate::AnswerLost(_) => " -> done, answer lost",
        Fate::Repeated => " -> done twice",
        Fate::Stale => " -> shows an older state",
    }
}
