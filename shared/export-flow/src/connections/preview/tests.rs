//! Each rule judged by itself, with all that is known and with what is not.

use super::judge::{Judged, Lens};
use super::worlds::Known;
use super::{Effect, Fate};
use crate::ports::{DocumentItem, DocumentStanding, OrderItem};
use connectors::{ChannelSpec, Spec};
use domain::{
    CarryWhen, Code, Connection, ConnectionId, DeliveryState, DocumentKind, DocumentStatus, Export, Hold, HoldReason,
    InvoiceWhen, NumberWhen, Operation, OrderReference, Parcel, Role, Rules, ShippedWhen, Skip, SkipReason, State,
    Subject, SubjectKind, Switch, TenantId,
};
use testkit::samples::{connection, crowns, key, noon, shop};

fn spec() -> &'static Spec {
    let market = testkit::practice::registry().get("market").unwrap().spec();
    let channel = market.channel.map(|channel| ChannelSpec { number_apart: true, ..channel });
    Box::leak(Box::new(Spec { channel, ..*market }))
}

fn lens(was: Rules, will: Rules) -> Lens {
    let on = [(Switch::SendInvoice, true), (Switch::SendTracking, true)].into();
    let was = Connection { rules: was, switches: on, ..connection(&shop(), Role::Channel, "market") };
    let will = Connection { rules: will, ..was.clone() };
    Lens::new(spec(), was.clone(), will, vec![was])
}

fn of_books(was: CarryWhen, will: CarryWhen) -> Lens {
    let rules = |rule| Rules { carry_when: Some(rule), ..Rules::default() };
    let was = Connection { rules: rules(was), ..connection(&ConnectionId::new("books"), Role::Accounting, "books") };
    let will = Connection { rules: rules(will), ..was.clone() };
    let channel = connection(&shop(), Role::Channel, "market");
    Lens::new(spec(), was.clone(), will, vec![was, Connection { ever_active: true, ..channel }])
}

fn when(when: InvoiceWhen) -> Rules {
    Rules { invoice_when: Some(when), ..Rules::default() }
}

fn export(state: State) -> Export {
    Export { order: Some(OrderReference::new("100")), state, ..Export::new(key("1"), noon()) }
}

fn held(reason: HoldReason) -> Export {
    let hold = Hold {
        reason,
        since: noon(),
        until: noon(),
        last_day: noon(),
        detail: None,
        remark: None,
        checks: 0,
        connection: None,
        unmapped: None,
    };
    Export { hold: Some(hold), ..export(State::Held) }
}

fn skipped(reason: SkipReason, code: Code) -> Export {
    Export { skip: Some(Skip { reason, detail: None, remark: None }), code: Some(code), ..export(State::Skipped) }
}

fn parcel_export(state: Export) -> Export {
    let mut key = state.key.clone();
    key.subject = Subject { kind: SubjectKind::Parcel, id: "1".into() };
    key.operation = Operation::SendTracking;
    Export { id: key.id(), key, numbers: vec!["T-1".into()], ..state }
}

fn standing(status: DocumentStatus) -> DocumentStanding {
    DocumentStanding { status, payment_kind: None, series: None, tags: vec![] }
}

fn document(standing: Option<DocumentStanding>) -> Known {
    let document = DocumentItem {
        tenant: TenantId::local(),
        source: ConnectionId::new("books"),
        id: "1".into(),
        kind: DocumentKind::Invoice,
        number: "F1".into(),
        order: Some(OrderReference::new("100")),
        total: crowns(121_000),
        version_at: noon(),
        seen_at: noon(),
        standing,
    };
    Known { document: Some(document), ..Known::default() }
}

fn with_order(known: Known, payment: Option<&str>) -> Known {
    let mut order = testkit::samples::order(&shop(), "100", noon()).order;
    order.payment_kind = payment.map(str::to_owned);
    let item = OrderItem { tenant: TenantId::local(), channel: shop(), order, seen_at: noon() };
    Known { orders: vec![item], ..known }
}

fn parcel(state: DeliveryState, alone: bool) -> Known {
    let parcel: Parcel = testkit::samples::parcel("1", "T-1", "100", state, noon()).parcel;
    Known { parcel: Some(parcel), alone: Some(alone), ..Known::default() }
}

fn waits(reason: HoldReason) -> Judged {
    Judged::Change { to: Fate { state: State::Held, reason: Some(reason.as_str()) }, effect: Effect::Waits }
}

fn left_out(reason: SkipReason) -> Judged {
    Judged::Change { to: Fate { state: State::Skipped, reason: Some(reason.as_str()) }, effect: Effect::LeftOut }
}

fn goes(state: State) -> Judged {
    Judged::Change { to: Fate { state, reason: None }, effect: Effect::Goes }
}

#[test]
fn every_pair_of_invoice_rules_at_every_status() {
    use DocumentStatus::{InPayment, Issued, Paid, Sent};
    let rules = [InvoiceWhen::Issued, InvoiceWhen::Sent, InvoiceWhen::InPayment, InvoiceWhen::Paid, InvoiceWhen::Never];
    for (from, was) in rules.into_iter().enumerate() {
        for (to, will) in rules.into_iter().enumerate() {
            for (at, status) in [Issued, Sent, InPayment, Paid].into_iter().enumerate() {
                let export = match was {
                    InvoiceWhen::Never => skipped(SkipReason::RuleNever, Code::RuleNever),
                    _ if at >= from => export(State::Delivered),
                    _ => held(HoldReason::NotPaidYet),
                };
                let stood = |rule: InvoiceWhen, first: usize| rule != InvoiceWhen::Never && at >= first;
                let expected = match (stood(was, from), stood(will, to)) {
                    (true, true) => Judged::Unchanged,
                    (false, true) => goes(State::Sending),
                    (_, false) if will == InvoiceWhen::Never && was != InvoiceWhen::Never => {
                        left_out(SkipReason::RuleNever)
                    }
                    (true, false) => waits(HoldReason::NotPaidYet),
                    (false, false) if was == InvoiceWhen::Never && will != was => waits(HoldReason::NotPaidYet),
                    (false, false) => Judged::Unchanged,
                };
                let judged = lens(when(was), when(will)).judge(&export, &document(Some(standing(status))));
                assert_eq!(judged, expected, "{was:?} to {will:?} at {status:?}");
            }
        }
    }
}

#[test]
fn a_status_that_is_not_remembered_is_never_guessed() {
    let delivered = export(State::Delivered);
    let judged = |was, will, export: &Export| lens(when(was), when(will)).judge(export, &document(None));
    assert_eq!(judged(InvoiceWhen::Issued, InvoiceWhen::Paid, &delivered), Judged::Unknown);
    assert_eq!(judged(InvoiceWhen::Paid, InvoiceWhen::Sent, &held(HoldReason::NotPaidYet)), Judged::Unknown);
    // Where it makes no difference nothing need be remembered.
    assert_eq!(judged(InvoiceWhen::Paid, InvoiceWhen::Issued, &delivered), Judged::Unchanged);
    assert_eq!(judged(InvoiceWhen::Issued, InvoiceWhen::Never, &delivered), left_out(SkipReason::RuleNever));
}

#[test]
fn a_hold_of_the_targets_own_is_not_ended_by_a_rule() {
    // The rule let it go; the target itself waits for payment.
    let lens = lens(when(InvoiceWhen::Sent), when(InvoiceWhen::Issued));
    let judged = lens.judge(&held(HoldReason::NotPaidYet), &document(Some(standing(DocumentStatus::Sent))));
    assert_eq!(judged, Judged::Unchanged);
}

#[test]
fn how_it_is_paid_is_the_channels_word_then_the_sources() {
    let will =
        Rules { invoice_when_by_payment: [("cod".to_owned(), InvoiceWhen::Never)].into(), ..when(InvoiceWhen::Issued) };
    let lens = lens(when(InvoiceWhen::Issued), will);
    let paid_by = |kind: &str| {
        let standing = DocumentStanding { payment_kind: Some(kind.into()), ..standing(DocumentStatus::Sent) };
        document(Some(standing))
    };
    let judged = |known| lens.judge(&export(State::Delivered), &known);
    assert_eq!(judged(with_order(paid_by("card"), Some("cod"))), left_out(SkipReason::RuleNever));
    assert_eq!(judged(with_order(paid_by("cod"), Some("card"))), left_out(SkipReason::RuleNever));
    assert_eq!(judged(with_order(paid_by("card"), None)), Judged::Unchanged);
    assert_eq!(judged(with_order(document(None), Some("card"))), Judged::Unknown, "the source may say cod");
    assert_eq!(judged(paid_by("card")), Judged::Unknown, "the order is not known");
}

#[test]
fn what_does_not_fit_its_order_would_not_have_gone() {
    let known = with_order(document(Some(standing(DocumentStatus::Sent))), None);
    let mut dear = known.clone();
    dear.orders[0].order.total = crowns(100);
    let lens = lens(when(InvoiceWhen::Paid), when(InvoiceWhen::Issued));
    assert_eq!(lens.judge(&held(HoldReason::NotPaidYet), &known), goes(State::Sending));
    assert_eq!(lens.judge(&held(HoldReason::NotPaidYet), &dear), waits(HoldReason::OrderMismatch));
}

#[test]
fn what_a_person_dismissed_or_let_go_stays_so() {
    let lens = lens(when(InvoiceWhen::Issued), when(InvoiceWhen::Paid));
    let known = document(Some(standing(DocumentStatus::Sent)));
    assert_eq!(lens.judge(&skipped(SkipReason::Dismissed, Code::Dismissed), &known), Judged::Unchanged);
    let mut by_hand = export(State::Delivered);
    by_hand.overrides.by_hand = true;
    assert_eq!(lens.judge(&by_hand, &known), Judged::Unchanged);
}

#[test]
fn a_shipment_is_confirmed_when_the_rule_says_so() {
    let rules = |shipped| Rules { shipped_when: Some(shipped), ..Rules::default() };
    let (known, over, manual) = (ShippedWhen::NumberKnown, ShippedWhen::HandedOver, ShippedWhen::Manual);
    let gone = parcel_export(export(State::Delivered));
    let here = parcel_export(held(HoldReason::NotHandedOver));
    let label = parcel(DeliveryState::LabelCreated, true);
    let moving = parcel(DeliveryState::InTransit, true);
    for (was, will, export, facts, expected) in [
        (known, over, &gone, &label, waits(HoldReason::NotHandedOver)),
        (known, over, &gone, &moving, Judged::Unchanged),
        (over, known, &here, &label, goes(State::Sending)),
        (over, manual, &gone, &moving, waits(HoldReason::NotHandedOver)),
        (over, manual, &here, &label, Judged::Unchanged),
        (known, over, &gone, &Known::default(), Judged::Unknown),
        (known, manual, &gone, &Known::default(), waits(HoldReason::NotHandedOver)),
    ] {
        assert_eq!(lens(rules(was), rules(will)).judge(export, facts), expected, "{was:?} to {will:?}: {facts:?}");
    }
}

#[test]
fn a_number_is_told_before_its_shipment_only_where_the_rule_says_so() {
    let rules = |number| Rules { number_when: Some(number), ..Rules::default() };
    let here = parcel_export(held(HoldReason::NotHandedOver));
    let to = Fate { state: State::Held, reason: Some("not_handed_over") };
    let label = parcel(DeliveryState::LabelCreated, true);
    let later = lens(rules(NumberWhen::Known), rules(NumberWhen::Shipped));
    assert_eq!(later.judge(&here, &label), Judged::Change { to, effect: Effect::NumberWaits });
    let sooner = lens(rules(NumberWhen::Shipped), rules(NumberWhen::Known));
    assert_eq!(sooner.judge(&here, &label), Judged::Change { to, effect: Effect::NumberTold });
    // A further parcel goes with its shipment in any case; what was handed over has both at once.
    assert_eq!(later.judge(&here, &parcel(DeliveryState::LabelCreated, false)), Judged::Unchanged);
    let gone = parcel_export(export(State::Delivered));
    assert_eq!(later.judge(&gone, &parcel(DeliveryState::InTransit, true)), Judged::Unchanged);
}

#[test]
fn a_source_carries_by_series_tag_and_order() {
    let series = |names: &[&str]| CarryWhen {
        series: names.iter().map(|name| (*name).to_owned()).collect(),
        ..CarryWhen::default()
    };
    let tagged = |names: &[&str]| CarryWhen {
        tags: names.iter().map(|name| (*name).to_owned()).collect(),
        ..CarryWhen::default()
    };
    let fitting = |pattern: &str| CarryWhen { order_pattern: pattern.into(), ..CarryWhen::default() };
    let web =
        DocumentStanding { series: Some("WEB".into()), tags: vec!["b2c".into()], ..standing(DocumentStatus::Sent) };
    let (known, unknown) = (document(Some(web)), document(None));
    let gone = export(State::Delivered);
    let not_carried = skipped(SkipReason::RuleNever, Code::NotCarried);
    let never = left_out(SkipReason::RuleNever);
    for (was, will, export, facts, expected) in [
        (series(&[]), series(&["HOME"]), &gone, &known, never),
        (series(&[]), series(&["WEB"]), &gone, &known, Judged::Unchanged),
        (series(&[]), series(&["WEB"]), &gone, &unknown, Judged::Unknown),
        (series(&["HOME"]), series(&["WEB"]), &not_carried, &known, goes(State::Sending)),
        (series(&["HOME"]), series(&[]), &not_carried, &known, goes(State::Sending)),
        (tagged(&["b2c"]), tagged(&["b2b"]), &gone, &known, never),
        (tagged(&["b2c"]), tagged(&["b2b", "b2c"]), &gone, &unknown, Judged::Unchanged),
        (fitting(""), fitting("^2"), &gone, &unknown, never),
        (fitting("^2"), fitting("^1"), &not_carried, &unknown, goes(State::Sending)),
        // Left out by the rule of the channel, which this one does not change.
        (fitting("^2"), fitting("^1"), &skipped(SkipReason::RuleNever, Code::RuleNever), &known, Judged::Unchanged),
    ] {
        let judged = of_books(was.clone(), will.clone()).judge(export, facts);
        assert_eq!(judged, expected, "{was:?} to {will:?}");
    }
}
