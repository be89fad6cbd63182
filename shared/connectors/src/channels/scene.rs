//! One task and everything it borrows, for tests of conversations.

use crate::contract::{Connector, Delivered, Sibling, Task};
use crate::session::{Session, WriteOutcome};
use crate::stop::Stop;
use crate::suite::samples::{self, FixedPdf, Granting};
use crate::suite::stage::Stage;
use domain::{
    Code, Document, ExportId, HoldReason, Mappings, Operation, Order, Overrides, Parcel, Receipt, Revision, Rules,
    SkipReason, State,
};

/// A task's parts, to be changed before it is played.
pub(crate) struct Scene {
    pub(crate) order: Order,
    pub(crate) document: Document,
    pub(crate) parcel: Parcel,
    pub(crate) rules: Rules,
    pub(crate) mappings: Mappings,
    pub(crate) overrides: Overrides,
    pub(crate) siblings: Vec<Sibling>,
    pub(crate) previous: Vec<Receipt>,
    pub(crate) after: Option<&'static str>,
    pub(crate) in_doubt: bool,
    pub(crate) gate: Granting,
}

impl Scene {
    /// The samples, at an order with this id at the target.
    pub(crate) fn at(order_id: &str) -> Self {
        Self {
            order: Order { remote_id: order_id.to_owned(), ..samples::order() },
            document: samples::invoice(),
            parcel: samples::parcel(),
            rules: Rules::default(),
            mappings: Mappings::default(),
            overrides: Overrides::default(),
            siblings: vec![],
            previous: vec![],
            after: None,
            in_doubt: false,
            gate: Granting::default(),
        }
    }

    /// One conversation; also says what became of its last writing call.
    pub(crate) async fn deliver(
        &self,
        connector: &dyn Connector,
        operation: Operation,
        session: &Session<'_>,
    ) -> Outcome {
        let (revision, files) = (self.revision(operation), FixedPdf::default());
        let target = connector.target(operation).unwrap();
        let result = target.deliver(session, &self.task(operation, &revision, &files)).await;
        (result, session.write_outcome())
    }

    /// The task, for what is decided without a conversation.
    pub(crate) fn with_task<T>(&self, operation: Operation, decide: impl FnOnce(&Task<'_>) -> T) -> T {
        let (revision, files) = (self.revision(operation), FixedPdf::default());
        decide(&self.task(operation, &revision, &files))
    }

    fn revision(&self, operation: Operation) -> Revision {
        match operation {
            Operation::SendTracking => Revision::of_parcel(&self.parcel),
            _ => Revision::of_document(&self.document),
        }
    }

    fn task<'a>(&'a self, operation: Operation, revision: &'a Revision, files: &'a FixedPdf) -> Task<'a> {
        let of_parcel = operation == Operation::SendTracking;
        Task {
            operation,
            order: &self.order,
            document: (!of_parcel).then_some(&self.document),
            parcel: of_parcel.then_some(&self.parcel),
            revision,
            rules: &self.rules,
            mappings: &self.mappings,
            overrides: &self.overrides,
            siblings: &self.siblings,
            previous: &self.previous,
            after: self.after,
            in_doubt: self.in_doubt,
            files,
            gate: &self.gate,
        }
    }

    /// Plays one whole transcript in one run.
    pub(crate) async fn play(&self, connector: &dyn Connector, operation: Operation, transcript: &str) -> Outcome {
        let stage = Stage::play(connector, transcript);
        let outcome = self.deliver(connector, operation, &stage.read_back()).await;
        stage.over();
        outcome
    }

    /// Plays a transcript in two runs, the second of them in doubt.
    pub(crate) async fn play_twice(
        &mut self,
        connector: &dyn Connector,
        operation: Operation,
        transcript: &str,
    ) -> [Outcome; 2] {
        let stage = Stage::play(connector, transcript);
        let first = self.deliver(connector, operation, &stage.read_back()).await;
        self.in_doubt = true;
        let second = self.deliver(connector, operation, &stage.read_back()).await;
        stage.over();
        [first, second]
    }
}

/// How a conversation ended, and what became of its last writing call.
pub(crate) type Outcome = (Result<Delivered, Stop>, WriteOutcome);

/// The remote id of what was delivered.
#[track_caller]
pub(crate) fn id(outcome: &Outcome) -> &str {
    &outcome.0.as_ref().unwrap().remote_id
}

/// It was a failed attempt.
#[track_caller]
pub(crate) fn failed(outcome: &Outcome, code: Code, status: Option<u16>) {
    assert!(matches!(&outcome.0, Err(Stop::Fail(f)) if f.code == code && f.status == status), "{outcome:?}");
}

/// It was a hold.
#[track_caller]
pub(crate) fn held(outcome: &Outcome, reason: HoldReason) {
    assert!(matches!(&outcome.0, Err(Stop::Hold { reason: r, .. }) if *r == reason), "{outcome:?}");
}

/// It was left out.
#[track_caller]
pub(crate) fn skipped(outcome: &Outcome, reason: SkipReason, code: Code) {
    let fits = matches!(&outcome.0, Err(Stop::Skip { reason: r, code: c, .. }) if *r == reason && *c == code);
    assert!(fits, "{outcome:?}");
}

/// Another export of the order that was delivered.
pub(crate) fn sibling(operation: Operation, number: &str, remote_id: &str) -> Sibling {
    Sibling {
        id: ExportId::new(format!("exp_{number}")),
        operation,
        state: State::Delivered,
        numbers: vec![number.to_owned()],
        remote_ids: vec![remote_id.to_owned()],
    }
}

/// Proof of an earlier revision.
pub(crate) fn receipt(remote_id: &str, number: &str) -> Receipt {
    Receipt {
        remote_id: remote_id.to_owned(),
        number: Some(number.to_owned()),
        at: crate::suite::stage::opening_time(),
        proof: serde_json::Value::Null,
    }
}
