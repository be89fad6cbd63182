//! Judges one object at one target. Pure: everything was read before.

use super::{Finding, Remedy};
use crate::look::{Facts, Looked};
use crate::ports::reason;
use connectors::{Shown, ShownDocument, ShownParcel, Stop};
use data_encoding::HEXLOWER;
use domain::{
    ConnectionId, Currency, DeliveryState, Deviation, Document, DocumentKind, DocumentStatus, Export, Money, Order,
    OrderReference, Parcel, Receipt, SkipReason, State,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ring::digest::{SHA256, digest};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Amounts that differ by less are equal: targets keep up to four decimals and round by line.
const CENT: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// The document's number.
    Number,
    /// Its total.
    Total,
    /// Its currency.
    Currency,
    /// Its date.
    Date,
    /// Its quantities.
    Lines,
    /// Its file.
    File,
    /// The tracking number.
    Parcel,
}

/// How a comparison of one fact ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Read on both sides, and equal.
    Agrees,
    /// Read on both sides, and not equal.
    Differs,
    /// One side does not tell.
    NotReadable,
}

/// How it stands with an object at a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Agreed,
    Found,
    NotReadable,
    LeftOut,
}

/// What was judged.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) findings: Vec<Finding>,
    pub(super) facts: Vec<(Fact, Verdict)>,
    pub(super) outcome: Outcome,
}

impl Judged {
    const fn plain(outcome: Outcome) -> Self {
        Self { findings: vec![], facts: vec![], outcome }
    }

    fn found(finding: Finding) -> Self {
        Self { findings: vec![finding], facts: vec![], outcome: Outcome::Found }
    }
}

/// One object at one target, as read.
pub(super) struct Case<'a> {
    pub(super) source: &'a ConnectionId,
    pub(super) target: &'a ConnectionId,
    pub(super) looked: &'a Looked,
    /// At the target.
    pub(super) order: &'a Order,
    pub(super) export: Option<&'a Export>,
    /// What keeps it from going out by the settings of today.
    pub(super) stop: Option<&'a Stop>,
    pub(super) shown: Option<&'a Shown>,
    /// The other order that it was once carried to.
    pub(super) elsewhere: Option<(&'a OrderReference, &'a Shown)>,
    /// The number of the invoice that a credit note corrects.
    pub(super) corrects: Option<&'a str>,
    pub(super) now: Timestamp,
}

/// Judges a case.
pub(super) fn judge(case: &Case<'_>) -> Judged {
    match &case.looked.facts {
        Facts::Document(document) => case.document(document),
        Facts::Parcel(parcel) => case.parcel(parcel),
    }
}

impl Case<'_> {
    /// A finding about the case's own object.
    fn finding(&self, code: Deviation, at_source: Option<String>, at_target: Option<String>) -> Finding {
        let subject = &self.looked.subject;
        Finding {
            id: id(code, self.source, Some(self.target), &subject.id, ""),
            code,
            source: self.source.clone(),
            target: Some(self.target.clone()),
            order: Some(self.order.reference.clone()),
            kind: subject.kind,
            subject: Some(subject.id.clone()),
            number: self.looked.numbers.first().cloned(),
            at_source,
            at_target,
            amount: Some(self.stake()),
            export: self.export.map(|export| export.id.clone()),
            state: self.export.map(|export| (export.state, reason(export).map(str::to_owned))),
            remedy: None,
        }
    }

    /// A document's own money; for a parcel the order's, which is paid out once it is known to be shipped.
    fn stake(&self) -> Money {
        match &self.looked.facts {
            Facts::Document(document) => Money::new(document.total.abs(), document.currency),
            Facts::Parcel(_) => self.order.total,
        }
    }

    fn receipts(&self) -> impl DoubleEndedIterator<Item = &Receipt> {
        self.export.into_iter().flat_map(|export| export.earlier_receipts.iter().chain(&export.receipt))
    }

    fn is_delivered(&self) -> bool {
        self.export.is_some_and(|export| export.state == State::Delivered)
    }

    /// It is not at the target, or that cannot be read, and no export has delivered it.
    fn undelivered(&self, there: Option<String>) -> Judged {
        let left_out = matches!(self.stop, Some(Stop::Skip { .. }));
        let Some(export) = self.export else {
            if left_out {
                return Judged::plain(Outcome::LeftOut);
            }
            let finding = self.finding(Deviation::NotExported, self.looked.numbers.first().cloned(), there);
            return Judged::found(Finding { remedy: Some(Remedy::Make), ..finding });
        };
        if export.state == State::Skipped {
            // What a person, the marketplace or the order's end has decided stays decided.
            let by_setting = export.skip.as_ref().is_some_and(|skip| {
                matches!(skip.reason, SkipReason::SwitchedOff | SkipReason::RuleNever | SkipReason::NotOurs)
            });
            if left_out || !by_setting {
                return Judged::plain(Outcome::LeftOut);
            }
            let finding = self.finding(Deviation::MissingAtTarget, self.looked.numbers.first().cloned(), there);
            return Judged::found(Finding { remedy: Some(Remedy::Make), ..finding });
        }
        let remedy = match export.state {
            State::Uncertain => there.is_some().then_some(Remedy::Arrived),
            State::Held | State::Retrying | State::Dead | State::Expired => Some(Remedy::Retry),
            _ => None,
        };
        let finding = self.finding(Deviation::StillWaiting, self.looked.numbers.first().cloned(), there);
        Judged::found(Finding { remedy, ..finding })
    }

    fn document(&self, document: &Document) -> Judged {
        let list = self.shown.and_then(|shown| shown.documents(document.kind));
        let numbered = |list: &[ShownDocument]| -> Vec<ShownDocument> {
            list.iter().filter(|shown| carries(shown, &document.number)).cloned().collect()
        };
        let marked = list.map(numbered).unwrap_or_default();
        let by_receipt = |list: &[ShownDocument]| {
            let known = |receipt: &Receipt| list.iter().find(|shown| shown.remote_id == receipt.remote_id).cloned();
            self.receipts().rev().find_map(known)
        };
        let ours = list.and_then(by_receipt);
        let there = ours.clone().filter(|ours| marked.contains(ours)).or_else(|| marked.first().cloned());
        if document.status == DocumentStatus::Cancelled {
            return match there.or(ours) {
                Some(found) => {
                    let number = Some(document.number.clone());
                    Judged::found(self.finding(Deviation::CancelledAtSource, number, Some(called(&found))))
                }
                None => Judged::plain(Outcome::LeftOut),
            };
        }
        let Some(list) = list else {
            if !self.is_delivered() {
                return self.undelivered(None);
            }
            let facts = [Fact::Number, Fact::Total, Fact::Currency, Fact::Date, Fact::Lines, Fact::File];
            let facts = facts.map(|fact| (fact, Verdict::NotReadable)).into();
            return Judged { findings: vec![], facts, outcome: Outcome::NotReadable };
        };
        match there {
            Some(found) if self.is_delivered() || self.export.is_none_or(|export| export.state == State::Skipped) => {
                self.compared(document, &found, &marked, list)
            }
            Some(found) => self.undelivered(Some(called(&found))),
            None if self.is_delivered() => self.lost(document, ours.as_ref()),
            None => self.undelivered(None),
        }
    }

    /// It was delivered, and its number is not at the order.
    fn lost(&self, document: &Document, ours: Option<&ShownDocument>) -> Judged {
        let number = Some(document.number.clone());
        if let Some(ours) = ours {
            let finding = self.finding(Deviation::NumberDiffers, number, Some(called(ours)));
            return Judged { facts: vec![(Fact::Number, Verdict::Differs)], ..Judged::found(finding) };
        }
        let other = self.elsewhere.and_then(|(order, shown)| {
            let list = shown.documents(document.kind)?;
            list.iter().find(|shown| carries(shown, &document.number)).map(|found| (order, found))
        });
        match other {
            Some((order, found)) => {
                let at_target = format!("{} at order {order}", called(found));
                let at_source = format!("{} of order {}", document.number, self.order.reference);
                Judged::found(self.finding(Deviation::WrongOrder, Some(at_source), Some(at_target)))
            }
            None => Judged::found(self.finding(Deviation::LostAtTarget, number, None)),
        }
    }

    /// Compares a document with what stands there for it.
    fn compared(
        &self,
        document: &Document,
        found: &ShownDocument,
        marked: &[ShownDocument],
        list: &[ShownDocument],
    ) -> Judged {
        let mut findings = vec![];
        let mut facts = vec![(Fact::Number, Verdict::Agrees)];
        let mut differs = |fact: Fact, code: Deviation, equal: Option<bool>, texts: (String, String), amount: Money| {
            let verdict = match equal {
                Some(true) => Verdict::Agrees,
                Some(false) => Verdict::Differs,
                None => Verdict::NotReadable,
            };
            facts.push((fact, verdict));
            if equal == Some(false) {
                let finding = self.finding(code, Some(texts.0), Some(texts.1));
                findings.push(Finding { amount: Some(amount), ..finding });
            }
        };
        let stake = self.stake();
        let (theirs, ours) = (found.total.map(|total| total.abs()), document.total.abs());
        let equal = theirs.map(|theirs| (theirs - ours).abs() < CENT);
        let difference = Money::new(theirs.map_or(Decimal::ZERO, |theirs| (theirs - ours).abs()), document.currency);
        let texts = (written(ours, document.currency), theirs.map(amount).unwrap_or_default());
        differs(Fact::Total, Deviation::TotalDiffers, equal, texts, difference);
        let currency = found.currency.as_ref();
        let equal = currency.map(|theirs| theirs.trim().eq_ignore_ascii_case(document.currency.code()));
        let texts = (document.currency.code().to_owned(), currency.cloned().unwrap_or_default());
        differs(Fact::Currency, Deviation::CurrencyDiffers, equal, texts, stake);
        let (equal, texts) = self.dates(document, found);
        differs(Fact::Date, Deviation::DateDiffers, equal, texts, stake);
        let texts = (quantities(document), "other quantities".to_owned());
        differs(Fact::Lines, Deviation::LinesDiffer, found.same_lines, texts, stake);
        let sent = self.receipts().rev().find(|receipt| receipt.remote_id == found.remote_id);
        let sent = sent.and_then(|receipt| receipt.proof.get("file_size")?.as_u64());
        let equal = sent.zip(found.file_size).map(|(sent, there)| sent == there);
        let bytes = |size: Option<u64>| size.map(|size| format!("{size} bytes")).unwrap_or_default();
        differs(Fact::File, Deviation::FileDiffers, equal, (bytes(sent), bytes(found.file_size)), stake);
        findings.extend(self.twins(document, found, marked, list));
        if document.kind == DocumentKind::CreditNote
            && let Some(invoices) = self.shown.and_then(|shown| shown.invoices.as_ref())
            && let Some(corrected) = self.corrects
            && !invoices.iter().any(|invoice| carries(invoice, corrected))
        {
            let at_source = format!("corrects {corrected}");
            let finding = self.finding(Deviation::CreditNoteWithoutInvoice, Some(at_source), Some(called(found)));
            findings.push(finding);
        }
        let outcome = if findings.is_empty() { Outcome::Agreed } else { Outcome::Found };
        Judged { findings, facts, outcome }
    }

    /// It can have been made there neither before its own date nor after we had proof of it; a day is left for zones.
    fn dates(&self, document: &Document, found: &ShownDocument) -> (Option<bool>, (String, String)) {
        let (Some(issued), Some(made)) = (document.issued_on, found.made_at) else {
            return (None, (String::new(), String::new()));
        };
        let proven = self.receipts().rev().find(|receipt| receipt.remote_id == found.remote_id);
        let last = proven.map_or(self.now, |receipt| receipt.at).to_zoned(TimeZone::UTC).date();
        let made = made.to_zoned(TimeZone::UTC).date();
        let early = issued.yesterday().is_ok_and(|day| made < day);
        let late = last.tomorrow().is_ok_and(|day| made > day);
        (Some(!early && !late), (issued.to_string(), made.to_string()))
    }

    /// What stands there a second time: under the same number, or without any and the same in all that counts.
    fn twins(
        &self,
        document: &Document,
        found: &ShownDocument,
        marked: &[ShownDocument],
        list: &[ShownDocument],
    ) -> Vec<Finding> {
        let same_total =
            |shown: &ShownDocument| shown.total.is_some_and(|total| (total.abs() - document.total.abs()).abs() < CENT);
        let unmarked =
            list.iter().filter(|shown| shown.numbers.is_empty() && shown.same_lines == Some(true) && same_total(shown));
        let twins = marked.iter().chain(unmarked).filter(|shown| shown.remote_id != found.remote_id);
        twins
            .map(|twin| Finding {
                id: id(Deviation::DuplicateAtTarget, self.source, Some(self.target), &document.id, &twin.remote_id),
                ..self.finding(Deviation::DuplicateAtTarget, Some(document.number.clone()), Some(called(twin)))
            })
            .collect()
    }

    fn parcel(&self, parcel: &Parcel) -> Judged {
        let list = self.shown.and_then(|shown| shown.parcels.as_deref());
        let is_ours = |shown: &&ShownParcel| parcel.tracking_numbers.iter().any(|own| same_number(own, &shown.number));
        let ours: Vec<&ShownParcel> = list.into_iter().flatten().filter(is_ours).collect();
        let number = parcel.tracking_number().map(str::to_owned);
        if parcel.state == DeliveryState::Cancelled {
            return match ours.first() {
                Some(found) => {
                    let finding = self.finding(Deviation::CancelledAtSource, number, Some(found.number.clone()));
                    Judged::found(finding)
                }
                None => Judged::plain(Outcome::LeftOut),
            };
        }
        let Some(list) = list else {
            if !self.is_delivered() {
                return self.undelivered(None);
            }
            let facts = vec![(Fact::Parcel, Verdict::NotReadable)];
            return Judged { findings: vec![], facts, outcome: Outcome::NotReadable };
        };
        let settled = self.export.is_none_or(|export| matches!(export.state, State::Delivered | State::Skipped));
        match ours.as_slice() {
            [] if self.is_delivered() => self.parcel_lost(number, list),
            [] => self.undelivered(None),
            [found, ..] if !settled => self.undelivered(Some(found.number.clone())),
            [found, twins @ ..] => {
                let twice = twins.iter().filter(|twin| same_number(&twin.number, &found.number));
                let findings: Vec<Finding> = twice
                    .map(|twin| self.finding(Deviation::DuplicateAtTarget, number.clone(), Some(twin.number.clone())))
                    .take(1)
                    .collect();
                let outcome = if findings.is_empty() { Outcome::Agreed } else { Outcome::Found };
                Judged { findings, facts: vec![(Fact::Parcel, Verdict::Agrees)], outcome }
            }
        }
    }

    /// It was told, and none of its numbers is there: what carries it there may show another one.
    fn parcel_lost(&self, number: Option<String>, list: &[ShownParcel]) -> Judged {
        let shows = |receipt: &Receipt| list.iter().find(|shown| shown.remote_id == receipt.remote_id);
        let (code, at_target) = match self.receipts().rev().find_map(shows) {
            Some(other) => (Deviation::ParcelNumberDiffers, Some(other.number.clone())),
            None => (Deviation::ParcelMissing, None),
        };
        let facts = vec![(Fact::Parcel, Verdict::Differs)];
        Judged { facts, ..Judged::found(self.finding(code, number, at_target)) }
    }
}

/// Names a finding: the same for the same deviation, whenever it is met.
pub(super) fn id(
    code: Deviation,
    source: &ConnectionId,
    target: Option<&ConnectionId>,
    subject: &str,
    what: &str,
) -> String {
    let target = target.map_or("", ConnectionId::as_str);
    let text = [code.as_str(), source.as_str(), target, subject, what].join("\n");
    let hash = HEXLOWER.encode(digest(&SHA256, text.as_bytes()).as_ref());
    hash.get(..20).unwrap_or(&hash).to_owned()
}

/// Whether a document at a target carries a number.
pub(super) fn carries(shown: &ShownDocument, number: &str) -> bool {
    shown.numbers.iter().any(|own| same_text(own, number))
}

/// Whether two numbers are the same but for spaces.
pub(super) fn same_text(a: &str, b: &str) -> bool {
    a.split_whitespace().eq(b.split_whitespace())
}

/// Whether two texts are the same tracking number: targets trim, and people type in either case.
pub(super) fn same_number(a: &str, b: &str) -> bool {
    let plain = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_uppercase();
    plain(a) == plain(b)
}

/// What a target calls a document: our number on it, and its own.
pub(super) fn called(shown: &ShownDocument) -> String {
    let own = shown.own_number.as_deref().unwrap_or(&shown.remote_id);
    match shown.numbers.first() {
        Some(number) => format!("{number} ({own}, id {})", shown.remote_id),
        None => format!("{own} (id {}), without a number of ours", shown.remote_id),
    }
}

fn amount(amount: Decimal) -> String {
    let mut amount = amount.normalize();
    if amount.scale() < 2 {
        amount.rescale(2);
    }
    amount.to_string()
}

fn written(total: Decimal, currency: Currency) -> String {
    format!("{} {currency}", amount(total))
}

fn quantities(document: &Document) -> String {
    let line = |line: &domain::DocumentLine| {
        format!("{} × {}", line.quantity.normalize(), line.sku.as_deref().unwrap_or(&line.name))
    };
    document.lines.iter().map(line).collect::<Vec<_>>().join(", ")
}
