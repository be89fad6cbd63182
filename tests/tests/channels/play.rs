//! One order at one channel, and what is to be carried there.

use crate::practice::World;
use async_trait::async_trait;
use bytes::Bytes;
use connectors::{
    Account, Connector, Delivered, Files, Gate, Http, Pdf, Permit, Registry, Session, Sibling, Stop, Task, WriteOutcome,
};
use domain::{
    Carrier, Currency, DeliveryState, Document, DocumentKind, DocumentLine, DocumentStatus, HoldReason, Mappings,
    Operation, Order, OrderReference, Overrides, Parcel, ParcelLine, Receipt, Revision, Rules,
};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Value, json};

pub(crate) struct Open;

#[async_trait]
impl Gate for Open {
    async fn absent(&self) -> Result<Permit, Stop> {
        Ok(Permit::granted(None))
    }
}

pub(crate) struct Paper(&'static [u8]);

#[async_trait]
impl Files for Paper {
    async fn pdf(&self) -> Result<Pdf, Stop> {
        Ok(Pdf { bytes: Bytes::from_static(self.0) })
    }
}

/// One order at one channel, and what is to be carried there.
pub(crate) struct Play<'a> {
    pub(crate) world: &'a World,
    pub(crate) account: Account,
    pub(crate) connector: &'static dyn Connector,
    pub(crate) order: Order,
    pub(crate) document: Document,
    pub(crate) parcel: Parcel,
    pub(crate) rules: Rules,
    pub(crate) overrides: Overrides,
    pub(crate) siblings: Vec<Sibling>,
    pub(crate) previous: Vec<Receipt>,
    pub(crate) in_doubt: bool,
    pub(crate) paper: &'static [u8],
}

pub(crate) const REFERENCE: &str = "000000123";

impl<'a> Play<'a> {
    /// An order over two mugs and three bowls and shipping: 2 × 121 + 3 × 10 + 5 = 277 EUR.
    pub(crate) async fn at(world: &'a World, channel: &str) -> Self {
        Self::of(world, channel, REFERENCE).await
    }

    /// The same under another number.
    pub(crate) async fn of(world: &'a World, channel: &str, reference: &str) -> Self {
        let wish = json!({"channel": channel, "reference": reference, "currency": "EUR", "shipping": "5",
            "lines": [{"sku": "MUG", "quantity": 2, "price": "121"}, {"sku": "BOWL", "quantity": 3, "price": "10"}],
            "document": null, "parcels": []});
        world.control("POST", "/_sandbox/orders", Some(wish)).await;
        let account = world.account(channel, json!({})).await;
        let connector = Registry::standard().get(channel).unwrap();
        let order = {
            let session = world.session(&account);
            let reference = OrderReference::new(reference);
            connector.channel().unwrap().find_order(&session, &reference).await.unwrap().unwrap()
        };
        Self {
            world,
            account,
            connector,
            order,
            document: document(),
            parcel: parcel("T-1"),
            rules: Rules::default(),
            overrides: Overrides::default(),
            siblings: vec![],
            previous: vec![],
            in_doubt: false,
            paper: b"%PDF-1.7 practice",
        }
    }

    pub(crate) async fn deliver(&self, operation: Operation) -> (Result<Delivered, Stop>, WriteOutcome) {
        let session = self.world.session(&self.account);
        self.deliver_in(operation, &session).await
    }

    /// The same over another way out.
    pub(crate) async fn deliver_over(
        &self,
        operation: Operation,
        http: &dyn Http,
    ) -> (Result<Delivered, Stop>, WriteOutcome) {
        self.deliver_in(operation, &self.world.session_over(&self.account, http)).await
    }

    async fn deliver_in(&self, operation: Operation, session: &Session<'_>) -> (Result<Delivered, Stop>, WriteOutcome) {
        let of_parcel = operation == Operation::SendTracking;
        let revision =
            if of_parcel { Revision::of_parcel(&self.parcel) } else { Revision::of_document(&self.document) };
        let files = Paper(self.paper);
        let task = Task {
            operation,
            order: &self.order,
            document: (!of_parcel).then_some(&self.document),
            parcel: of_parcel.then_some(&self.parcel),
            revision: &revision,
            rules: &self.rules,
            mappings: &Mappings::default(),
            overrides: &self.overrides,
            siblings: &self.siblings,
            previous: &self.previous,
            after: None,
            in_doubt: self.in_doubt,
            files: &files,
            gate: &Open,
        };
        let target = self.connector.target(operation).unwrap();
        let result = target.deliver(session, &task).await;
        (result, session.write_outcome())
    }

    pub(crate) async fn delivered(&self, operation: Operation) -> Delivered {
        self.deliver(operation).await.0.unwrap()
    }

    pub(crate) async fn held(&self, operation: Operation) -> HoldReason {
        match self.deliver(operation).await.0 {
            Err(Stop::Hold { reason, .. }) => reason,
            other => panic!("no hold: {other:?}"),
        }
    }

    /// The next call that fits takes effect, and its answer never comes.
    pub(crate) async fn lose(&self, calls: &str) {
        let wish = json!({"vendor": self.account.spec.id, "match": calls, "kind": "drop_after", "n": 1});
        self.world.control("POST", "/_sandbox/faults", Some(wish)).await;
    }

    /// Delivers although the first answer is lost.
    pub(crate) async fn delivered_after_loss(&mut self, operation: Operation, calls: &str) -> Delivered {
        self.lose(calls).await;
        let (first, outcome) = self.deliver(operation).await;
        assert!(matches!(&first, Err(Stop::Fail(f)) if f.outage), "{first:?}");
        assert_eq!(outcome, WriteOutcome::Unknown);
        self.in_doubt = true;
        let found = self.delivered(operation).await;
        self.in_doubt = false;
        found
    }

    pub(crate) async fn effects(&self) -> Value {
        let vendor = self.account.spec.id;
        let all = self.world.control("GET", &format!("/_sandbox/effects?vendor={vendor}&list=false"), None).await;
        assert_eq!(all["duplicates"], json!([]));
        all["vendors"][vendor].clone()
    }

    pub(crate) async fn options(&self, change: Value) {
        let path = format!("/_sandbox/vendors/{}", self.account.spec.id);
        self.world.control("PATCH", &path, Some(change)).await;
    }

    pub(crate) async fn order_becomes(&self, state: &str) {
        let path = format!("/_sandbox/orders/{}/{REFERENCE}", self.account.spec.id);
        self.world.control("PATCH", &path, Some(json!({"state": state}))).await;
    }
}

pub(crate) fn line(sku: &str, quantity: i64, total: i64) -> DocumentLine {
    DocumentLine {
        sku: (!sku.is_empty()).then(|| sku.to_owned()),
        order_line_id: None,
        name: sku.to_owned(),
        quantity: Decimal::from(quantity),
        total: Decimal::from(total),
    }
}

pub(crate) fn document() -> Document {
    Document {
        id: "9001".into(),
        kind: DocumentKind::Invoice,
        number: "2026/0001".into(),
        status: DocumentStatus::Issued,
        issued_on: None,
        taxed_on: None,
        due_on: None,
        currency: Currency::parse("EUR").unwrap(),
        subtotal: Decimal::from(277),
        total: Decimal::from(277),
        vat: vec![],
        lines: vec![line("MUG", 2, 242), line("BOWL", 3, 30), line("", 1, 5)],
        order_reference: Some(REFERENCE.into()),
        corrects: None,
        payment_kind: None,
        series: None,
        tags: vec![],
        public_url: Some("https://books.example/p/1.pdf".into()),
        version_at: Timestamp::UNIX_EPOCH,
        private: vec![],
    }
}

pub(crate) fn parcel(number: &str) -> Parcel {
    Parcel {
        id: number.into(),
        tracking_numbers: vec![number.into()],
        carrier: Some(Carrier { code: "dpd".into(), name: "DPD".into() }),
        tracking_url: None,
        state: DeliveryState::InTransit,
        states: vec![],
        order_reference: Some(REFERENCE.into()),
        lines: vec![],
        version_at: Timestamp::UNIX_EPOCH,
    }
}

pub(crate) fn holds(sku: &str, quantity: i64) -> Vec<ParcelLine> {
    vec![ParcelLine { sku: sku.into(), quantity: Decimal::from(quantity) }]
}
