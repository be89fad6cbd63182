//! What one run is about: what arrives when, and how much goes wrong. Made from a seed, and small enough to be shrunk.

use crate::dice::Dice;

/// A market, by what it offers against doing a thing twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Honours an idempotency key.
    K,
    /// Refuses a duplicate by a natural key.
    N,
    /// Can be asked.
    R,
    /// Neither.
    U,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 4] = [Self::R, Self::K, Self::N, Self::U];

    /// Its letter.
    #[must_use]
    pub const fn letter(self) -> &'static str {
        match self {
            Self::K => "K",
            Self::N => "N",
            Self::R => "R",
            Self::U => "U",
        }
    }

    /// The market's host and the connection's id.
    #[must_use]
    pub const fn host(self) -> &'static str {
        match self {
            Self::K => "shop-k",
            Self::N => "shop-n",
            Self::R => "shop-r",
            Self::U => "shop-u",
        }
    }

    /// The practice connector that speaks to it.
    #[must_use]
    pub const fn connector(self) -> &'static str {
        match self {
            Self::K => "keyed",
            Self::N => "natural",
            Self::R => "market",
            Self::U => "mute",
        }
    }

    /// The class of a host.
    #[must_use]
    pub fn of(host: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.host() == host)
    }
}

/// What is to be carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An invoice.
    Invoice,
    /// A credit note for the thing of this index.
    CreditNote(usize),
    /// A parcel, whose number is known only after this many seconds.
    Parcel(i64),
}

/// One thing to be carried. Times are seconds from the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    /// What it is.
    pub kind: Kind,
    /// Where it goes.
    pub class: Class,
    /// The order it belongs to.
    pub order: String,
    /// When the order is known to the market.
    pub order_at: i64,
    /// When it comes into being.
    pub born_at: i64,
    /// When the source says so; none of them if the news is lost.
    pub told_at: Vec<i64>,
    /// When its content changes, and to which total.
    pub changes: Vec<(i64, &'static str)>,
}

/// Of a thousand chances, how many go wrong.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rates {
    /// A call of our store or queue that fails and has done nothing.
    pub fails: u64,
    /// One that is done and whose answer is lost.
    pub answer_lost: u64,
    /// One that the client repeats although it was applied.
    pub repeated: u64,
    /// A glance that shows an older state.
    pub stale: u64,
    /// A reading call to the outside that fails.
    pub reads: u64,
    /// A writing call whose effect and answer do not agree.
    pub writes: u64,
    /// Among those, writing calls that take effect later, within the bound.
    pub late: u64,
    /// The same, beyond the bound.
    pub beyond: u64,
    /// A step at which a process dies.
    pub crash: u64,
    /// A step at which a message is delivered twice, or overtaken.
    pub queue: u64,
    /// A step that takes up to a minute.
    pub slow: u64,
    /// A step at which a person redrives what is dead.
    pub person: u64,
}

/// One run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// What every roll of the dice comes from.
    pub seed: u64,
    /// What is to be carried.
    pub things: Vec<Thing>,
    /// Processes that work at once.
    pub processes: usize,
    /// Seconds until nothing goes wrong any more.
    pub trouble: i64,
    /// How much goes wrong until then.
    pub rates: Rates,
    /// Nothing ends a piece of work that takes long: one machine has no function's time. Late effects are left out then.
    pub unhurried: bool,
    /// A market that cannot be reached from one time to another.
    pub outage: Option<(Class, i64, i64)>,
}

impl Schedule {
    /// The schedule of a seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        let dice = Dice::new(seed);
        let trouble = dice.between(60, 2400);
        let mut things = vec![];
        for n in 0..dice.between(1, 5) {
            let class = dice.pick(&[Class::R, Class::R, Class::K, Class::N, Class::U]);
            let order = format!("{}-{n}", class.letter().to_lowercase());
            things.push(thing(&dice, Kind::Invoice, class, &order, trouble));
            let index = things.len() - 1;
            if class == Class::R && dice.chance(300) {
                things.push(thing(&dice, Kind::CreditNote(index), class, &order, trouble));
            }
            for _ in 0..if class == Class::R { dice.pick(&[0, 0, 1, 2]) } else { 0 } {
                let number_after = dice.between(0, trouble);
                things.push(thing(&dice, Kind::Parcel(number_after), class, &order, trouble));
            }
        }
        // Most runs have a few kinds of trouble, some have all of them, some have none.
        let rate = |most: i64| if dice.chance(500) { u64::try_from(dice.between(1, most)).unwrap_or(0) } else { 0 };
        let rates = Rates {
            fails: rate(80),
            answer_lost: rate(80),
            repeated: rate(80),
            stale: rate(300),
            reads: rate(150),
            writes: rate(900),
            late: rate(900),
            beyond: 0,
            crash: rate(20),
            queue: rate(60),
            slow: rate(100),
            person: rate(60),
        };
        // Effects beyond the bound are promised nothing about: few runs have them, and they are counted apart.
        let beyond = if dice.chance(50) { 500 } else { 0 };
        let outage = dice.chance(250).then(|| {
            let from = dice.between(0, trouble);
            (dice.pick(&Class::ALL), from, from + dice.between(60, 2 * 3600))
        });
        let unhurried = dice.chance(100);
        let (late, slow) = if unhurried { (0, rates.slow.max(60)) } else { (rates.late, rates.slow) };
        let rates = Rates { beyond, late, slow, ..rates };
        let processes = usize::try_from(dice.between(1, 3)).unwrap_or(1);
        Self { seed, things, processes, trouble, rates, unhurried, outage }
    }
}

fn thing(dice: &Dice, kind: Kind, class: Class, order: &str, trouble: i64) -> Thing {
    let born_at = dice.between(0, trouble / 2);
    let copies = dice.between(0, 3);
    let changes = if kind == Kind::Invoice && dice.chance(250) {
        let first = born_at + dice.between(1, trouble);
        let back = first + dice.between(1, trouble);
        if dice.chance(400) { vec![(first, "90.00"), (back, "100.00")] } else { vec![(first, "90.00")] }
    } else {
        vec![]
    };
    let mut told_at: Vec<i64> = (0..copies).map(|_| born_at + dice.between(0, 600)).collect();
    told_at.extend(changes.iter().filter(|_| copies > 0).map(|(at, _)| at + dice.between(0, 60)));
    let order_at = if dice.chance(200) { dice.between(0, trouble) } else { 0 };
    Thing { kind, class, order: order.to_owned(), order_at, born_at, told_at, changes }
}
