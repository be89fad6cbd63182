//! What a record remembers, and how much of it.

use super::*;
use crate::{Operation, Subject, SubjectKind, TenantId};
use serde_json::{Value, json};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn export() -> Export {
    let key = ExportKey {
        tenant: TenantId::local(),
        source: crate::ConnectionId::new("books"),
        subject: Subject { kind: SubjectKind::Invoice, id: "9001".into() },
        operation: Operation::SendInvoice,
        target: Some(crate::ConnectionId::new("shop")),
    };
    Export::new(key, at(0))
}

#[test]
fn words_of_states_are_read_back() {
    for state in State::ALL {
        assert_eq!(State::from_word(state.as_str()), Some(*state));
        assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
    }
    assert_eq!(State::from_word("look"), None);
}

#[test]
fn an_arrival_is_new_once_and_the_oldest_are_forgotten() {
    let arrival = |n: usize| EventId::new(format!("evt-{n}"));
    let mut shared = Shared::default();
    for n in 0..SEEN_MAX {
        assert!(shared.see(&arrival(n)), "{n}");
    }
    for n in 0..SEEN_MAX {
        assert!(!shared.see(&arrival(n)), "{n} was there");
    }
    assert!(shared.see(&arrival(SEEN_MAX)));
    assert_eq!(shared.seen.len(), SEEN_MAX);
    assert!(!shared.see(&arrival(1)) && shared.see(&arrival(0)), "only the oldest had to go");
}

#[test]
fn arrivals_are_told_apart_by_every_letter() {
    let mut shared = Shared::default();
    let names = ["ab", "ba", "aa", "b", "a", ""];
    assert!(names.iter().all(|name| shared.see(&EventId::new(*name))));
}

#[test]
fn what_was_said_of_the_whole_is_added_and_takes_nothing_back() {
    let said = Overrides { order: Some(OrderReference::new("100")), by_hand: true, ..Overrides::default() };
    let mut overrides = Overrides { without_lines: true, ..Overrides::default() };
    overrides.follow(&said);
    assert_eq!(overrides, Overrides { without_lines: true, ..said.clone() });
    overrides.follow(&Overrides { target: Some(crate::ConnectionId::new("shop")), ..Overrides::default() });
    assert_eq!(overrides.order, said.order);
    assert_eq!(overrides.target, Some(crate::ConnectionId::new("shop")));
    assert!(overrides.by_hand, "once said, it stays said");
}

#[test]
fn ids_of_all_revisions_stay_and_what_was_read_only_for_the_last_three() {
    let mut export = export();
    for n in 1..=5 {
        let receipt = Receipt { remote_id: n.to_string(), number: None, at: at(n), proof: json!({ "n": n }) };
        export.supersede(receipt, None);
    }
    let ids: Vec<&str> = export.earlier_receipts.iter().map(|receipt| receipt.remote_id.as_str()).collect();
    assert_eq!(ids, ["1", "2", "3", "4", "5"]);
    let proofs: Vec<&Value> = export.earlier_receipts.iter().map(|receipt| &receipt.proof).collect();
    assert_eq!(proofs, [&Value::Null, &Value::Null, &json!({"n": 3}), &json!({"n": 4}), &json!({"n": 5})]);
    assert_eq!(export.revision_number, 6);
}

#[test]
fn the_last_twenty_notes_and_failures_are_kept() {
    let mut export = export();
    for n in 0..25 {
        export.note(Note { at: at(n), outcome: "arrived".into(), note: None, by: None, job: None });
        let message = "said no".to_owned();
        export.log_attempt(Attempt {
            at: at(n),
            step: Step::Send,
            status: Some(400),
            code: Code::VendorRefused,
            message,
            remark: None,
        });
    }
    let kept: Vec<Timestamp> = (5..25).map(at).collect();
    assert_eq!(export.notes.iter().map(|note| note.at).collect::<Vec<_>>(), kept);
    assert_eq!(export.attempt_log.iter().map(|attempt| attempt.at).collect::<Vec<_>>(), kept);
}
