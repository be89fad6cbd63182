//! What people do with connections, and what follows for those that wait.

use crate::bench::{Bench, seconds};
use crate::desk::{LISTED, bench, ledgers, put, till, with};
use ::http::Method;
use domain::{
    Code, Connection, ConnectionId, ConnectionState, Export, ExportKey, Hold, HoldReason, Operation, Pause,
    PauseReason, SealedSecret, Skip, SkipReason, State, Subject, SubjectKind, Switch, TenantId,
};
use export_flow::message::Message;
use export_flow::ports::{Circuit, Ledger as _};
use export_flow::refused::Refused;
use futures_util::poll;
use secrecy::ExposeSecret as _;
use serde_json::json;
use std::collections::BTreeSet;
use testkit::practice::Kind;
use testkit::samples;

async fn check(bench: &Bench, id: &str) -> Connection {
    bench.flow.check_connection(&TenantId::local(), id, std::future::pending::<()>()).await.unwrap()
}

/// What was announced since the last time, as `connection: reason`; and that each was said twice.
fn announced(bench: &Bench) -> BTreeSet<String> {
    let release = |message: Message| match message {
        Message::ReleaseV1(release) => Some(format!("{}: {}", release.connection, release.reason.as_str())),
        _ => None,
    };
    let said: Vec<String> = bench.queue.all().into_iter().filter_map(|(message, ..)| release(message)).collect();
    bench.queue.lose_all();
    let each: BTreeSet<String> = said.iter().cloned().collect();
    assert_eq!(said.len(), 2 * each.len(), "at once, and when no process has an older copy: {said:?}");
    each
}

fn paused(bench: &Bench, reason: PauseReason) -> Pause {
    Pause { reason, since: bench.flow.now(), next_probe: None, next_step: "Nothing.".into() }
}

#[tokio::test]
async fn what_a_connection_still_lacks_is_said() {
    let bench = bench();
    let first = put(&bench, "till", &with(till(), "state", json!("disabled"))).await.unwrap().connection;
    let missing = async |connection: &Connection, public| bench.flow.missing(connection, public).await.unwrap();
    let off = "every switch is off, so nothing is carried here";
    assert_eq!(
        missing(&first, true).await,
        ["no accounting connection yet", off],
        "nor a courier, which it cannot use"
    );
    put(&bench, "till-2", &till()).await.unwrap();
    let books = put(&bench, "books", &ledgers()).await.unwrap().connection;
    assert_eq!(missing(&first, true).await, [off]);
    assert_eq!(missing(&books, true).await, [""; 0]);
    let address = "no public address: vendors cannot reach the webhook; start with --public-url";
    assert_eq!(missing(&books, false).await, [address]);
    for till in ["till", "till-2"] {
        bench.flow.delete_connection(&TenantId::local(), till).await.unwrap();
    }
    put(&bench, "books-2", &ledgers()).await.unwrap();
    assert_eq!(missing(&books, true).await, ["no channel connection yet"]);
}

#[tokio::test]
async fn every_write_is_a_version_and_only_secrets_of_the_connector_are_kept() {
    let bench = bench();
    assert_eq!(put(&bench, "till", &till()).await.unwrap().connection.version, 2, "the write and its check");
    let (changed_at, sealed) = (bench.flow.now(), "of an older version of this program".to_owned());
    bench.change("till", |c| _ = c.secrets.insert("token".into(), SealedSecret::entered(changed_at, sealed))).await;
    let again = put(&bench, "till", &with(till(), "secrets", json!({"spare_key": "s"}))).await.unwrap().connection;
    assert_eq!(again.version, 3 + 2);
    assert_eq!(again.secrets.keys().collect::<Vec<_>>(), ["key", "spare_key"]);
}

#[tokio::test]
async fn another_connector_needs_its_own_secrets_and_one_in_use_stays_what_it_is() {
    let bench = bench();
    bench.world.fault(Method::GET, "till/", Kind::Answer(500, json!({})), 1);
    let first = put(&bench, "desk", &till()).await.unwrap().connection;
    assert_eq!(first.state, ConnectionState::Unverified);
    let kiosk = with(with(till(), "connector", json!("kiosk")), "secrets", json!({}));
    let refused = put(&bench, "desk", &kiosk).await;
    assert!(matches!(&refused, Err(Refused::Fields(e)) if e.len() == 1 && e[0].field == "secrets.key"), "{refused:?}");
    let kiosk = with(till(), "connector", json!("kiosk"));
    assert_eq!(put(&bench, "desk", &kiosk).await.unwrap().connection.state, ConnectionState::Active);
    let refused = put(&bench, "desk", &till()).await;
    assert!(matches!(&refused, Err(Refused::Fields(e)) if e.len() == 1 && e[0].field == "connector"), "{refused:?}");
}

#[tokio::test]
async fn what_is_in_use_stays_in_use_while_it_is_checked_if_nothing_checked_has_changed() {
    let states = [
        (ConnectionState::Active, None),
        (ConnectionState::Paused, Some(PauseReason::Outage)),
        (ConnectionState::Paused, Some(PauseReason::Credentials)),
        (ConnectionState::Paused, Some(PauseReason::ByHand)),
        (ConnectionState::Unverified, None),
        (ConnectionState::Disabled, None),
    ];
    for (state, reason) in states {
        for (body, same) in [
            (with(till(), "secrets", json!({})), true),
            (with(with(till(), "secrets", json!({})), "label", json!("Till")), true),
            (with(till(), "secrets/key", json!("k-2")), false),
            (with(with(till(), "secrets", json!({})), "settings/region", json!("us")), false),
        ] {
            let bench = bench();
            put(&bench, "till", &till()).await.unwrap();
            let pause = reason.map(|reason| paused(&bench, reason));
            bench.change("till", |till| (till.state, till.pause) = (state, pause.clone())).await;
            bench.world.hang("till/");
            let mut put = Box::pin(put(&bench, "till", &body));
            assert!(poll!(&mut put).is_pending());
            let till = bench.state_of("till").await;
            let by_hand = reason == Some(PauseReason::ByHand);
            let in_use = matches!(state, ConnectionState::Active | ConnectionState::Paused);
            let expected =
                if by_hand || (in_use && same) { (state, pause) } else { (ConnectionState::Unverified, None) };
            assert_eq!((till.state, till.pause), expected, "{state:?} {reason:?} {body}");
        }
    }
}

#[tokio::test]
async fn a_check_says_what_becomes_of_a_connection() {
    use ConnectionState::{Active, Disabled, Paused, Unverified};
    use PauseReason::{ByHand, Credentials, Outage};
    for (state, reason, answer, then) in [
        (Active, None, 401, (Paused, Some(Credentials))),
        (Active, None, 500, (Active, None)),
        (Unverified, None, 200, (Active, None)),
        (Unverified, None, 401, (Unverified, None)),
        (Paused, Some(Outage), 200, (Active, None)),
        (Paused, Some(Outage), 401, (Paused, Some(Outage))),
        (Paused, Some(Credentials), 200, (Active, None)),
        (Paused, Some(ByHand), 200, (Paused, Some(ByHand))),
        (Disabled, None, 200, (Disabled, None)),
    ] {
        let bench = bench();
        put(&bench, "till", &till()).await.unwrap();
        let pause = reason.map(|reason| paused(&bench, reason));
        bench.change("till", |till| (till.state, till.pause) = (state, pause)).await;
        bench.world.fault(Method::GET, "till/", Kind::Answer(answer, json!({})), 1);
        let checked = check(&bench, "till").await;
        assert_eq!((checked.state, checked.pause.map(|p| p.reason)), then, "{state:?} {reason:?} {answer}");
        assert_eq!(checked.check.unwrap().ok, answer == 200);
    }
}

#[tokio::test]
async fn a_good_check_of_what_was_not_in_use_forgets_its_outages_and_lets_go_what_waits() {
    let bench = bench();
    put(&bench, "till", &till()).await.unwrap();
    let id = ConnectionId::new("till");
    for failing in [vec![], vec![domain::ExportId::new("exp_1")]] {
        announced(&bench);
        check(&bench, "till").await;
        assert_eq!(announced(&bench), BTreeSet::new(), "it was in use");
        let before = bench.ledger.circuit(&id).await.unwrap().version;
        let open = Circuit { failing, probes: 1, version: before + 1, ..Circuit::default() };
        assert!(bench.ledger.put_circuit(&id, &open).await.unwrap());
        let pause = Some(paused(&bench, PauseReason::Outage));
        bench.change("till", |till| (till.state, till.pause) = (ConnectionState::Paused, pause)).await;
        check(&bench, "till").await;
        let closed = Circuit { version: before + 2, ..Circuit::default() };
        assert_eq!(bench.ledger.circuit(&id).await.unwrap(), closed);
        assert_eq!(announced(&bench), ["till: connection_paused".to_owned()].into());
        check(&bench, "till").await;
        assert_eq!(bench.ledger.circuit(&id).await.unwrap(), closed, "what is closed is not written again");
    }
}

#[tokio::test]
async fn what_was_written_lets_go_what_may_have_waited_for_it() {
    let bench = bench();
    let said = |all: &[&str]| all.iter().map(|each| (*each).to_owned()).collect::<BTreeSet<String>>();
    put(&bench, "books", &ledgers()).await.unwrap();
    assert_eq!(announced(&bench), said(&["books: connection_paused"]));

    let (own, orders) =
        (["till: connection_paused", "till: mapping_missing"], ["books: order_unknown", "books: order_ambiguous"]);
    let rules = ["till: not_paid_yet", "till: not_handed_over", "till: lines_unmatched", "till: target_has_other"];
    put(&bench, "till", &till()).await.unwrap();
    assert_eq!(announced(&bench), said(&[own, orders].concat()), "it may own what nobody owned");
    put(&bench, "till", &till()).await.unwrap();
    assert_eq!(announced(&bench), said(&own));
    let body = with(till(), "rules/invoice_when", json!("paid"));
    put(&bench, "till", &body).await.unwrap();
    assert_eq!(announced(&bench), said(&[&own[..], &rules].concat()));
    let body = with(body, "rules/order_pattern", json!("^1"));
    put(&bench, "till", &body).await.unwrap();
    assert_eq!(announced(&bench), said(&[&own[..], &orders, &rules].concat()));

    bench.world.fault(Method::GET, "till/", Kind::Answer(500, json!({})), 1);
    put(&bench, "till", &body).await.unwrap();
    assert_eq!(announced(&bench), said(&[]), "nothing goes to what is not in use");
}

#[tokio::test]
async fn a_channel_that_was_never_in_use_takes_part_from_its_first_good_check_on() {
    let news = ["books: order_ambiguous", "books: order_unknown", "till: connection_paused", "till: mapping_missing"];
    for by_hand in [false, true] {
        let bench = bench();
        put(&bench, "books", &ledgers()).await.unwrap();
        bench.world.fault(Method::GET, "till/", Kind::Answer(401, json!({})), 1);
        let new = put(&bench, "till", &till()).await.unwrap().connection;
        assert_eq!((new.state, new.ever_active), (ConnectionState::Unverified, false));
        announced(&bench);
        if by_hand {
            bench.flow.pause_connection(&TenantId::local(), "till").await.unwrap();
        }
        check(&bench, "till").await;
        if by_hand {
            bench.flow.resume_connection(&TenantId::local(), "till").await.unwrap();
        }
        let till = bench.state_of("till").await;
        assert_eq!((till.state, till.ever_active), (ConnectionState::Active, true), "paused by hand: {by_hand}");
        assert_eq!(announced(&bench).into_iter().collect::<Vec<_>>(), news, "paused by hand: {by_hand}");
    }
}

#[tokio::test]
async fn what_a_switch_would_let_out_is_counted() {
    let bench = bench();
    let body = with(with(till(), "rules/invoice_when", json!("issued")), "switches/send_credit_note", json!(true));
    put(&bench, "till", &body).await.unwrap();
    let left_out = |id: &str, target: &str, operation, reason| {
        let key = ExportKey {
            tenant: TenantId::local(),
            source: ConnectionId::new("books"),
            subject: Subject { kind: SubjectKind::Invoice, id: id.into() },
            operation,
            target: Some(ConnectionId::new(target)),
        };
        let code = (reason == SkipReason::SwitchedOff).then_some(Code::SwitchedOff);
        let skip = Some(Skip { reason, detail: None, remark: None });
        bench.ledger.put(Export { state: State::Skipped, code, skip, ..Export::new(key, bench.flow.now()) });
    };
    for n in 0..3 {
        left_out(&n.to_string(), "till", Operation::SendInvoice, SkipReason::SwitchedOff);
    }
    left_out("3", "till", Operation::SendCreditNote, SkipReason::SwitchedOff);
    left_out("4", "other", Operation::SendInvoice, SkipReason::SwitchedOff);
    left_out("5", "till", Operation::SendInvoice, SkipReason::RuleNever);
    assert_eq!(put(&bench, "till", &body).await.unwrap().now_eligible, None, "no switch was changed");
    let on = put(&bench, "till", &with(body.clone(), "switches/send_invoice", json!(true))).await.unwrap();
    assert_eq!(on.now_eligible, Some(3));
    assert!(on.connection.is_on(Switch::SendInvoice));
    assert_eq!(
        put(&bench, "till", &body).await.unwrap().now_eligible,
        Some(0),
        "nothing is let out by a switch put off"
    );
}

#[tokio::test]
async fn a_sources_list_is_read_in_pages_of_any_size_with_what_became_of_each() {
    let bench = bench();
    put(&bench, "books", &ledgers()).await.unwrap();
    let tenant = TenantId::local();
    let subject = Subject { kind: SubjectKind::Document, id: "3".into() };
    for source in ["books", "other"] {
        let key = ExportKey::look(tenant.clone(), ConnectionId::new(source), subject.clone());
        bench.ledger.put(Export::new(key, bench.flow.now()));
    }
    let all: Vec<String> = (0..LISTED).map(|n| n.to_string()).collect();
    for limit in 1..=LISTED + 1 {
        let (mut ids, mut cursor) = (vec![], None);
        for _ in 0..=LISTED {
            let page = bench.flow.documents(&tenant, "books", None, limit, cursor.as_deref()).await.unwrap();
            assert!(page.lines.len() <= limit && !page.lines.is_empty(), "{limit}");
            for line in page.lines {
                let exports: Vec<&str> = line.exports.iter().map(|export| export.key.source.as_str()).collect();
                let id = line.changed.hint.subject.id;
                assert_eq!(exports, ["books"; 1][..usize::from(id == "3")], "{id}");
                assert_eq!(line.changed.version_at, bench.flow.now() - seconds(30 * 86_400), "a month back");
                ids.push(id);
            }
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(ids, all, "{limit} at a time");
    }
    put(&bench, "till", &till()).await.unwrap();
    let refused = bench.flow.documents(&tenant, "till", None, 2, None).await;
    assert!(matches!(refused, Err(Refused::Conflict(_))), "a channel has no such list");
}

#[tokio::test]
async fn the_token_of_a_webhook_address_is_made_once_and_only_where_a_vendor_signs_nothing() {
    let bench = bench();
    let mut tokens = BTreeSet::new();
    for id in ["books", "books-2"] {
        let token = put(&bench, id, &ledgers()).await.unwrap().url_token.unwrap();
        assert_eq!(token.expose_secret().len(), 64);
        tokens.insert(token.expose_secret().to_owned());
        assert!(put(&bench, id, &ledgers()).await.unwrap().url_token.is_none(), "it stays");
    }
    assert_eq!(tokens.len(), 2);
    assert!(put(&bench, "till", &till()).await.unwrap().url_token.is_none());
}

#[tokio::test]
async fn what_waits_for_a_mapping_is_counted_by_what_it_says() {
    let bench = bench();
    put(&bench, "till", &till()).await.unwrap();
    put(&bench, "books", &ledgers()).await.unwrap();
    let waits = |id: &str, target: &str, reason, state| {
        let key = samples::key_to(id, &ConnectionId::new(target));
        let held = samples::held(&Export::new(key, samples::noon()), reason, samples::at(60));
        let hold = held.hold.clone().map(|hold| Hold { detail: Some(format!("carrier {}", &id[..3])), ..hold });
        bench.ledger.put(Export { state, hold, ..held });
    };
    for id in ["dpd-1", "dpd-2", "gls-1"] {
        waits(id, "till", HoldReason::MappingMissing, State::Held);
    }
    waits("ups-1", "till", HoldReason::LinesUnmatched, State::Held);
    waits("ups-2", "till", HoldReason::MappingMissing, State::Expired);
    waits("ups-3", "till-2", HoldReason::MappingMissing, State::Held);
    let found = bench.flow.target_mappings(&TenantId::local(), "till").await.unwrap().waiting;
    let found: Vec<(String, u64)> = found.into_iter().map(|waiting| (waiting.detail, waiting.count)).collect();
    assert_eq!(found, [("carrier dpd".to_owned(), 2), ("carrier gls".to_owned(), 1)]);
    let of_a_source = bench.flow.target_mappings(&TenantId::local(), "books").await;
    assert!(matches!(of_a_source, Err(Refused::Conflict(_))), "only channels have mappings");
}
