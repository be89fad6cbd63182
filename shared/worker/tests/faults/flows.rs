//! The flows: what happens outside, and how much of it must be found there in the end.

use ::http::Method;
use domain::{Role, SubjectKind};
use jiff::SignedDuration;
use serde_json::json;
use std::ops::RangeInclusive;
use testkit::practice::{Kind, World};

/// Something that happens.
pub(crate) enum Act {
    /// The world changes.
    World(fn(&World)),
    /// A source says so.
    Tell(SubjectKind, &'static str),
    /// Time passes and work goes on.
    Pass(i64),
    /// The sweep passes.
    Sweep,
    /// A person redrives whatever is dead.
    Redrive,
    /// A person wants everything that the books have.
    Batch,
}
use Act::{Batch, Pass, Redrive, Sweep, Tell};

pub(crate) struct Flow {
    pub(crate) name: &'static str,
    /// The channel connections and their connectors.
    shops: &'static [(&'static str, &'static str)],
    /// The sources can be polled.
    listed: bool,
    /// Everything there is was there before polling began.
    pub(crate) history: bool,
    /// A vendor fails even in the clean run, and so often that something dies.
    pub(crate) fails: bool,
    pub(crate) dies: bool,
    /// What a call to the outside takes.
    pub(crate) pace: SignedDuration,
    pub(crate) acts: Vec<Act>,
    /// How much is done in the end: exactly, but for revisions that may be passed over.
    pub(crate) effects: RangeInclusive<usize>,
}

impl Flow {
    fn new(name: &'static str, connector: &'static str, effects: usize, acts: Vec<Act>) -> Self {
        let shops: &[(&str, &str)] = match connector {
            "keyed" => &[("shop", "keyed")],
            "natural" => &[("shop", "natural")],
            "mute" => &[("shop", "mute")],
            "parts" => &[("shop", "parts")],
            "counter" => &[("shop", "counter")],
            _ => &[("shop", "market")],
        };
        let effects = effects..=effects;
        Self {
            name,
            shops,
            listed: false,
            history: false,
            fails: false,
            dies: false,
            pace: SignedDuration::ZERO,
            acts,
            effects,
        }
    }

    pub(crate) fn connections(&self) -> Vec<(&'static str, Role, &'static str)> {
        let (books, van) = if self.listed { ("listed-books", "listed-van") } else { ("books", "van") };
        let mut all = vec![("books", Role::Accounting, books), ("van", Role::Courier, van)];
        all.extend(self.shops.iter().map(|(id, connector)| (*id, Role::Channel, *connector)));
        all
    }
}

const DOCUMENT: SubjectKind = SubjectKind::Document;
const PARCEL: SubjectKind = SubjectKind::Parcel;

fn world(change: fn(&World)) -> Act {
    Act::World(change)
}

fn order() -> Act {
    world(|world| world.order("shop", "100", "100.00"))
}

fn invoice() -> Act {
    world(|world| world.document("9001", "2026-1", Some("100"), "100.00"))
}

fn credit_note() -> Act {
    world(|world| {
        world.document_as("9002", json!({"number": "C-1", "order": "100", "kind": "credit_note", "corrects": "9001"}));
    })
}

pub(crate) fn flow(name: &str) -> Flow {
    all().into_iter().find(|flow| flow.name == name).unwrap()
}

pub(crate) fn all() -> Vec<Flow> {
    let one = || vec![order(), invoice(), Tell(DOCUMENT, "9001")];
    let slow = Flow::new("invoice, slow vendors", "market", 1, one());
    let polled = vec![order(), invoice(), Sweep, Pass(330), Sweep, Pass(330), Sweep];
    let mut flows = vec![
        Flow::new("invoice, class K", "keyed", 1, one()),
        Flow::new("invoice, class N", "natural", 1, one()),
        Flow::new("invoice, class R", "market", 1, one()),
        Flow::new("invoice, class U", "mute", 1, one()),
        Flow { pace: SignedDuration::from_secs(25), ..slow },
        Flow { listed: true, ..Flow::new("invoice, polled", "market", 1, polled) },
    ];
    flows.push(of_a_batch());
    flows.extend(of_several_documents());
    flows.extend(of_parcels());
    flows.extend(of_waits());
    flows.extend(of_failures());
    flows
}

/// Two pages; one document was carried before.
fn of_a_batch() -> Flow {
    let three: fn(&World) = |world| {
        world.pages_of(2);
        for id in ["9001", "9002", "9003"] {
            world.order("shop", id, "100.00");
            world.document(id, id, Some(id), "100.00");
        }
    };
    let acts = vec![world(three), Tell(DOCUMENT, "9002"), Pass(30), Batch];
    Flow { listed: true, history: true, ..Flow::new("batch export", "market", 3, acts) }
}

fn of_several_documents() -> Vec<Flow> {
    let parts = |kind: &'static str| {
        let parts: fn(&World) = |world| {
            for id in ["9001", "9002"] {
                let lines = json!([{"sku": "A", "quantity": 1, "total": "50.00"}]);
                world.document_as(id, json!({"order": "100", "total": "50.00", "lines": lines}));
            }
        };
        let name = if kind == "parts" { "partial invoices, told apart by content" } else { "partial invoices" };
        let acts = vec![order(), world(parts), Tell(DOCUMENT, "9001"), Tell(DOCUMENT, "9002")];
        Flow::new(name, kind, 2, acts)
    };
    let changed = Flow::new(
        "changed document",
        "market",
        2,
        vec![
            order(),
            invoice(),
            Tell(DOCUMENT, "9001"),
            Pass(30),
            world(|world| world.document("9001", "2026-1", Some("100"), "90.00")),
            Tell(DOCUMENT, "9001"),
        ],
    );
    vec![
        parts("parts"),
        parts("market"),
        Flow::new(
            "credit note after its invoice",
            "market",
            2,
            vec![order(), invoice(), Tell(DOCUMENT, "9001"), Pass(30), credit_note(), Tell(DOCUMENT, "9002")],
        ),
        Flow::new(
            "credit note before its invoice",
            "market",
            2,
            vec![order(), credit_note(), Tell(DOCUMENT, "9002"), Pass(30), invoice(), Tell(DOCUMENT, "9001")],
        ),
        Flow::new(
            "credit note and its refund",
            "counter",
            3,
            vec![order(), invoice(), Tell(DOCUMENT, "9001"), Pass(30), credit_note(), Tell(DOCUMENT, "9002")],
        ),
        Flow::new(
            "credit note and its refund before their invoice",
            "counter",
            3,
            vec![order(), credit_note(), Tell(DOCUMENT, "9002"), Pass(30), invoice(), Tell(DOCUMENT, "9001")],
        ),
        Flow { effects: 1..=2, ..changed },
    ]
}

fn of_parcels() -> Vec<Flow> {
    let delivered: fn(&World) = |world| world.parcel("p1", "100", Some("T1"), "delivered");
    let tracking = vec![
        order(),
        world(|world| {
            world.parcel("p1", "100", Some("T1"), "in_transit");
            world.parcel("p2", "100", Some("T2"), "delivered");
        }),
        Tell(PARCEL, "p1"),
        Tell(PARCEL, "p2"),
        Pass(60),
        world(delivered),
    ];
    let late = vec![
        order(),
        world(|world| world.parcel("p1", "100", None, "label_created")),
        Tell(PARCEL, "p1"),
        Pass(60),
        world(delivered),
        Tell(PARCEL, "p1"),
    ];
    // The source is silent; the sweep asks.
    let silent = vec![
        order(),
        world(|world| world.parcel("p1", "100", None, "label_created")),
        Tell(PARCEL, "p1"),
        Pass(60),
        world(delivered),
    ];
    [("tracking", 2, tracking), ("late number", 1, late), ("late number, silent source", 1, silent)]
        .map(|(name, effects, acts)| Flow::new(name, "market", effects, acts))
        .into()
}

fn of_waits() -> Vec<Flow> {
    let first = Tell(DOCUMENT, "9001");
    let again = Tell(DOCUMENT, "9001");
    vec![
        Flow::new("order arrives later", "market", 1, vec![invoice(), first, Pass(30), order()]),
        Flow::new(
            "document not ready",
            "market",
            1,
            vec![order(), invoice(), world(|world| world.pdf_not_ready(2)), again],
        ),
    ]
}

fn of_failures() -> Vec<Flow> {
    let refuse: fn(&World) = |world| world.fault(Method::POST, "shop/effects", Kind::Answer(500, json!({})), 3);
    let doubt: fn(&World) = |world| {
        world.fault(Method::POST, "shop/effects", Kind::AnswerAfter(500), 1);
    };
    let blind: fn(&World) = |world| world.fault(Method::GET, "shop/effects", Kind::Answer(500, json!({})), 1_000);
    let away: fn(&World) = |world| {
        world.fault(Method::GET, "shop", Kind::Refused, 1_000);
        world.fault(Method::POST, "shop", Kind::Refused, 1_000);
    };
    let six: fn(&World) = |world| {
        for id in ["9001", "9002", "9003", "9004", "9005", "9006"] {
            world.order("shop", id, "100.00");
            world.document(id, id, Some(id), "100.00");
        }
    };
    let mut outage = vec![world(six), world(away)];
    outage.extend(["9001", "9002", "9003", "9004", "9005", "9006"].map(|id| Tell(DOCUMENT, id)));
    outage.extend([Pass(200), world(World::heal)]);
    let told = || Tell(DOCUMENT, "9001");
    let fails = |flow| Flow { fails: true, ..flow };
    let dies = |flow| Flow { dies: true, ..fails(flow) };
    let refused = vec![order(), invoice(), world(refuse), told(), Pass(900), world(World::heal), Redrive];
    let in_doubt =
        vec![order(), invoice(), world(doubt), told(), Pass(1), world(blind), Pass(900), world(World::heal), Redrive];
    let alone = vec![order(), invoice(), world(away), told(), Pass(1_000), world(World::heal)];
    vec![
        dies(Flow::new("redrive of a dead letter", "market", 1, refused)),
        dies(Flow::new("redrive of a dead letter in doubt", "market", 1, in_doubt)),
        fails(Flow::new("outage, one document", "market", 1, alone)),
        fails(Flow::new("outage, six documents", "market", 6, outage)),
    ]
}
