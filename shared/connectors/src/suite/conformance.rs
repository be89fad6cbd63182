//! Runs on every registered connector by itself: adding a registry line is enough.

use super::samples::{self, FixedPdf, Granting};
use super::stage::{self, Stage, WebhookSample, inbound, opening_time};
use super::transcript::{KINDS, Said};
use crate::account::Secrets;
use crate::contract::{Connector, Malformed, Task, Unauthentic};
use crate::registry::Registry;
use crate::stop::Stop;
use domain::{
    Code, DocumentKind, Mappings, Operation, OrderReference, Overrides, Revision, Role, Rules, SourceHint, Subject,
    SubjectKind,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

fn every() -> impl Iterator<Item = &'static dyn Connector> {
    Registry::standard().all()
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

#[test]
fn every_connector_describes_itself_whole() {
    let mut ids = BTreeSet::new();
    for connector in every() {
        let spec = connector.spec();
        let id = spec.id;
        assert!(is_word(id) && ids.insert(id), "{id}: a lower-case word that no other connector has");
        assert!(!spec.label.is_empty() && spec.about.len() > 40, "{id}: label and a few sentences about it");
        assert!(spec.checked_on.parse::<jiff::civil::Date>().is_ok(), "{id}: checked_on is a date");
        let mut names = BTreeSet::new();
        for field in spec.fields {
            let name = field.name;
            assert!(is_word(name) && names.insert(name), "{id}.{name}: a word, once");
            assert!(!field.label.is_empty() && field.help.len() > 15, "{id}.{name}: label, and where to find it");
            assert!(!(field.secret && field.default.is_some()), "{id}.{name}: a secret has no default");
            assert!(!(field.required && field.default.is_some()), "{id}.{name}: what has a default is not required");
            assert!(!(field.secret && field.example.is_some()), "{id}.{name}: what a secret looks like is not shown");
            assert!(field.link.is_none_or(|link| link.starts_with("https://")), "{id}.{name}: a page of the vendor");
            if let (Some(default), false) = (field.default, field.choices.is_empty()) {
                assert!(field.choices.contains(&default), "{id}.{name}: the default is one of the choices");
            }
            for known in ["base_url", "since", "poll_every", "pace", "late_bound", "event_delay", "order_reference"] {
                assert_ne!(name, known, "{id}: every connector knows this setting already");
            }
        }
        assert!(spec.fields.iter().any(|f| f.secret), "{id}: some field is secret");
        if let Some(base) = spec.fixed_base_url {
            let base: url::Url = base.parse().unwrap();
            assert_eq!(base.scheme(), "https", "{id}");
            assert!(spec.fixed_hosts.contains(&base.host_str().unwrap()), "{id}: its own host is among fixed_hosts");
        }
        assert_eq!(spec.webhook.is_some(), connector.webhook().is_some(), "{id}: webhook in data and in code");
        let source = matches!(spec.role, Role::Accounting | Role::Courier);
        assert_eq!(spec.source.is_some(), source, "{id}: a source says its times, others do not");
        assert_eq!(connector.accounting().is_some(), spec.role == Role::Accounting, "{id}");
        assert_eq!(connector.courier().is_some(), spec.role == Role::Courier, "{id}");
        assert_eq!(connector.channel().is_some(), spec.role == Role::Channel, "{id}");
        assert_eq!(spec.channel.is_some(), spec.role == Role::Channel, "{id}");
    }
}

#[test]
fn what_is_allowed_at_the_vendor_is_entered_by_nobody() {
    for connector in every() {
        let spec = connector.spec();
        assert_eq!(spec.oauth.is_some(), connector.oauth().is_some(), "{}", spec.id);
        let Some(oauth) = spec.oauth else { continue };
        assert!(spec.fields.iter().all(|field| field.name != oauth.secret), "{}", spec.id);
        let chosen = spec.fields.iter().find(|field| field.name == oauth.setting);
        assert!(chosen.is_some_and(|field| !field.secret && field.choices.contains(&oauth.value)), "{}", spec.id);
    }
}

#[test]
fn every_operation_says_what_it_guarantees() {
    for connector in every() {
        let spec = connector.spec();
        let mut seen = BTreeSet::new();
        for operation in spec.operations {
            let name = format!("{} {}", spec.id, operation.operation.as_str());
            assert!(seen.insert(operation.operation), "{name}: twice");
            assert_ne!(operation.operation, Operation::Look, "{name}: a look has no target");
            assert!(operation.late_bound >= SignedDuration::from_secs(1), "{name}: late_bound");
            assert!(
                operation.promise.len() > 20 && operation.promise.ends_with('.'),
                "{name}: the promise, in a sentence"
            );
        }
    }
}

#[test]
fn every_connector_shows_all_eight_kinds_or_says_why_not() {
    for connector in every() {
        let id = connector.spec().id;
        let index = stage::index(connector);
        let transcripts = stage::transcripts(connector);
        let mut shown = BTreeSet::new();
        for (name, transcript) in &transcripts {
            assert!(transcript.title.len() > 10, "{id}/{name}: a title");
            assert!(!transcript.calls.is_empty(), "{id}/{name}: calls");
            for call in &transcript.calls {
                assert!(call.follows.len() > 15, "{id}/{name}: every call names the contract line it follows");
            }
            for kind in &transcript.kinds {
                assert!(KINDS.contains(&kind.as_str()), "{id}/{name}: there is no kind {kind}");
                shown.insert(kind.as_str());
            }
        }
        for kind in KINDS {
            let excused = index.not_applicable.get(kind).is_some_and(|reason| reason.len() > 20);
            assert_ne!(shown.contains(kind), excused, "{id}: {kind} is either shown or excused with a reason");
        }
        let tests = tests_of(connector);
        for name in transcripts.keys() {
            assert!(tests.contains(&format!("\"{name}\"")), "{id}/{name}: no test plays it");
        }
    }
}

/// Every test of a connector's folder, whichever of its files it stands in.
fn tests_of(connector: &dyn Connector) -> String {
    let files = std::fs::read_dir(stage::folder(connector)).unwrap().map(|entry| entry.unwrap().path());
    let tests = files.filter(|path| path.to_string_lossy().ends_with("tests.rs"));
    tests.map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

#[test]
fn every_readme_tells_what_quirks_limits_and_when_it_was_checked() {
    for connector in every() {
        let spec = connector.spec();
        let text = std::fs::read_to_string(stage::folder(connector).join("README.md")).unwrap();
        let headings: Vec<String> =
            text.lines().filter(|l| l.starts_with('#')).map(|l| l.to_ascii_lowercase()).collect();
        for wanted in ["what", "quirks", "limits", "checked"] {
            assert!(headings.iter().any(|h| h.contains(wanted)), "{}: README has no heading with `{wanted}`", spec.id);
        }
        assert!(text.contains(spec.checked_on), "{}: README and spec name the same date", spec.id);
    }
}

fn webhooks() -> impl Iterator<Item = (&'static dyn Connector, Stage, WebhookSample)> {
    every().filter(|c| c.webhook().is_some()).map(|connector| {
        let stage = Stage::silent(connector, &std::collections::BTreeMap::new());
        let sample = stage.index.webhook.clone().expect("index.json says how the webhook is signed");
        (connector, stage, sample)
    })
}

fn parse(
    connector: &dyn Connector,
    stage: &Stage,
    sample: &WebhookSample,
    body: &[u8],
) -> Result<Vec<SourceHint>, Malformed> {
    let headers = sample.sign(body);
    let call = inbound(&headers, body);
    let webhook = connector.webhook().unwrap();
    assert_eq!(webhook.verify(&stage.account, &call), Ok(()), "{}: an authentic body", connector.spec().id);
    webhook.parse(&stage.account, &call)
}

#[test]
fn a_webhook_takes_what_is_authentic_and_refuses_what_is_not() {
    for (connector, stage, sample) in webhooks() {
        let (id, webhook) = (connector.spec().id, connector.webhook().unwrap());
        for body in &sample.relevant {
            let body = serde_json::to_vec(body).unwrap();
            let hints = parse(connector, &stage, &sample, &body).unwrap();
            assert!(!hints.is_empty(), "{id}: a relevant event");
            for hint in hints {
                assert!(!hint.subject.id.is_empty() && hint.subject.id.len() <= 200, "{id}: {hint:?}");
                assert!(serde_json::to_vec(&hint).unwrap().len() <= 4096, "{id}: hints are small");
            }
            if sample.scheme.is_empty() {
                continue;
            }
            let good = sample.sign(&body);
            let name: ::http::HeaderName = sample.header.parse().unwrap();
            let value = good.get(&name).unwrap().to_str().unwrap().to_owned();
            let mut wrong: Vec<String> = vec![
                String::new(),
                "x".into(),
                value.get(1..).unwrap().to_owned(),
                value.get(..value.len() - 1).unwrap().to_owned(),
                format!("{value}0"),
            ];
            let other = if value.ends_with('0') { '1' } else { '0' };
            wrong.push(format!("{}{other}", value.get(..value.len() - 1).unwrap()));
            for wrong in wrong {
                let mut headers = good.clone();
                headers.insert(name.clone(), wrong.parse().unwrap());
                assert_eq!(
                    webhook.verify(&stage.account, &inbound(&headers, &body)),
                    Err(Unauthentic),
                    "{id}: {wrong:?}"
                );
            }
            let mut headers = good.clone();
            headers.remove(&name);
            assert_eq!(webhook.verify(&stage.account, &inbound(&headers, &body)), Err(Unauthentic), "{id}: no header");
            if sample.scheme.starts_with("hmac") {
                let mut changed = body.clone();
                changed.push(b' ');
                assert_eq!(
                    webhook.verify(&stage.account, &inbound(&good, &changed)),
                    Err(Unauthentic),
                    "{id}: other body"
                );
            }
        }
        for body in &sample.irrelevant {
            let hints = parse(connector, &stage, &sample, &serde_json::to_vec(body).unwrap());
            assert_eq!(hints, Ok(vec![]), "{id}: {body}");
        }
    }
}

#[test]
fn a_webhook_without_a_secret_of_ours_takes_nothing() {
    for (connector, stage, sample) in webhooks().filter(|(_, _, s)| !s.scheme.is_empty()) {
        let mut stage = stage;
        stage.account.secrets = crate::account::Secrets::default();
        let empty = WebhookSample { secret: String::new(), ..sample };
        let headers = empty.sign(b"{}");
        let verdict = connector.webhook().unwrap().verify(&stage.account, &inbound(&headers, b"{}"));
        assert_eq!(verdict, Err(Unauthentic), "{}: an empty secret proves nothing", connector.spec().id);
    }
}

#[test]
fn what_verified_a_webhook_is_accepted_beside_its_successor_until_its_time_is_over() {
    for (connector, stage, sample) in webhooks().filter(|(_, _, s)| !s.scheme.is_empty()) {
        let spec = connector.spec();
        let names = spec.webhook.unwrap().secrets;
        assert!(!names.is_empty(), "{}: the secrets that verify its webhooks are named", spec.id);
        let (headers, mut stage) = (sample.sign(b"{}"), stage);
        for name in names {
            assert!(spec.fields.iter().any(|field| field.secret && field.name == *name), "{}: {name}", spec.id);
            for (seconds, expected) in [(1, Ok(())), (0, Err(Unauthentic)), (-1, Err(Unauthentic))] {
                let until = opening_time() + SignedDuration::from_secs(seconds);
                let (new, old) = ("the-new-one".to_owned().into(), sample.secret.clone().into());
                let secrets = Secrets::new([((*name).to_owned(), new)].into());
                stage.account.secrets = secrets.beside(name, old, Some(until));
                let verdict = connector.webhook().unwrap().verify(&stage.account, &inbound(&headers, b"{}"));
                assert_eq!(verdict, expected, "{} {name} {seconds}", spec.id);
            }
        }
    }
}

#[test]
fn a_webhook_body_that_cannot_be_read_is_malformed_and_never_a_panic() {
    for (connector, stage, sample) in webhooks() {
        let id = connector.spec().id;
        let whole = serde_json::to_vec(sample.relevant.first().unwrap()).unwrap();
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(64), "]".repeat(64));
        let deepest = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let unreadable: Vec<&[u8]> = vec![b"", b" \n", b"garbage", b"{", b"\xff\xfe{}", b"{\"a\":\"\xff\"}"];
        for body in unreadable.into_iter().chain([deep.as_bytes(), deepest.as_bytes()]) {
            assert!(
                parse(connector, &stage, &sample, body).is_err(),
                "{id}: {:?}",
                String::from_utf8_lossy(body).get(..20)
            );
        }
        for end in 0..whole.len() {
            let part = whole.get(..end).unwrap();
            assert!(parse(connector, &stage, &sample, part).is_err(), "{id}: cut after {end} bytes");
        }
        // Authentic JSON of an unexpected shape: nothing for us or unreadable, never a panic.
        for odd in ["[]", "null", "1", "\"x\"", "{}", "[[]]", "{\"a\":1}", "[{\"id\":null}]"] {
            if let Ok(hints) = parse(connector, &stage, &sample, odd.as_bytes()) {
                assert!(hints.is_empty(), "{id}: {odd}");
            }
        }
    }
}

/// What came back and what that must mean.
struct Bad {
    name: &'static str,
    said: Said,
    fits: fn(&Stop) -> bool,
}

fn fails(stop: &Stop, codes: &[Code], outage: bool) -> bool {
    matches!(stop, Stop::Fail(f) if codes.contains(&f.code) && f.outage == outage)
}

fn bad_answers() -> Vec<Bad> {
    let answer = Said::status;
    let html = "<!DOCTYPE html><html><body>Please log in</body></html>";
    vec![
        Bad { name: "401", said: answer(401, &[], "{}"), fits: |s| matches!(s, Stop::Credentials(_)) },
        Bad { name: "403", said: answer(403, &[], "{}"), fits: |s| matches!(s, Stop::Credentials(_)) },
        Bad {
            name: "429 with Retry-After",
            said: answer(429, &[("retry-after", "17")], ""),
            fits: |s| matches!(s, Stop::RateLimited { retry_after: Some(t), .. } if t.as_secs() == 17),
        },
        Bad { name: "429", said: answer(429, &[], ""), fits: |s| matches!(s, Stop::RateLimited { .. }) },
        Bad { name: "500", said: answer(500, &[], "oops"), fits: |s| fails(s, &[Code::VendorError], false) },
        Bad { name: "503", said: answer(503, &[], html), fits: |s| fails(s, &[Code::VendorError], true) },
        Bad {
            name: "a page of HTML with 200",
            said: answer(200, &[("content-type", "text/html")], html),
            fits: |s| fails(s, &[Code::VendorNonsense, Code::NotAPdf], false),
        },
        Bad {
            name: "200 with nothing",
            said: answer(200, &[], ""),
            fits: |s| fails(s, &[Code::VendorNonsense, Code::NotAPdf], false),
        },
        Bad {
            name: "200 with another JSON",
            said: answer(200, &[], "\"__NEW__\""),
            fits: |s| fails(s, &[Code::VendorNonsense, Code::NotAPdf], false),
        },
        Bad { name: "a time-out", said: Said::error("timed_out"), fits: |s| fails(s, &[Code::VendorTimeout], true) },
        Bad { name: "a break", said: Said::error("broken"), fits: |s| fails(s, &[Code::VendorUnreachable], true) },
        Bad { name: "no name", said: Said::error("dns"), fits: |s| fails(s, &[Code::VendorUnreachable], true) },
        Bad {
            name: "no connection",
            said: Said::error("not_connected"),
            fits: |s| fails(s, &[Code::VendorUnreachable], true),
        },
        Bad {
            name: "an address refused",
            said: Said::error("address_refused"),
            fits: |s| fails(s, &[Code::AddressRefused], false),
        },
        Bad {
            name: "too large",
            said: Said::error("too_large"),
            fits: |s| fails(s, &[Code::AnswerTooLarge, Code::NotAPdf], false),
        },
        Bad { name: "our pace", said: Said::error("paced"), fits: |s| matches!(s, Stop::RateLimited { .. }) },
    ]
}

fn verdict<T>(what: &str, bad: &Bad, result: Result<T, Stop>) {
    match result {
        Ok(_) => panic!("{what}: {} passed for a good answer", bad.name),
        Err(stop) => assert!((bad.fits)(&stop), "{what}: {} became {stop:?}", bad.name),
    }
}

async fn read_everything(connector: &dyn Connector, bad: &Bad, openings: bool) {
    let id = connector.spec().id;
    let stage = || Stage::always(connector, bad.said.clone(), openings);
    let since: Timestamp = stage::opening_time();
    if let Some(accounting) = connector.accounting() {
        let s = stage();
        verdict(&format!("{id} read_document"), bad, accounting.read_document(&s.look(), "93").await);
        let s = stage();
        verdict(&format!("{id} read_pdf"), bad, accounting.read_pdf(&s.look(), &samples::invoice()).await);
        let s = stage();
        verdict(&format!("{id} changed"), bad, accounting.changed(&s.look(), since, None).await);
        if let Some(many) = accounting.many() {
            let s = stage();
            verdict(&format!("{id} read_documents"), bad, many.read_documents(&s.look(), &["93", "94"]).await);
        }
        let s = stage();
        match accounting.find_document(&s.look(), "2026-0056").await {
            Ok(None) if s.seen().is_empty() => {} // The vendor cannot search.
            result => verdict(&format!("{id} find_document"), bad, result),
        }
    }
    if let Some(courier) = connector.courier() {
        let s = stage();
        let subject = Subject { kind: SubjectKind::Parcel, id: "629".into() };
        let hint = SourceHint { subject, hints: s.index.parcel_hints.clone() };
        verdict(&format!("{id} read_parcel"), bad, courier.read_parcel(&s.look(), &hint).await);
        let s = stage();
        verdict(&format!("{id} read_label"), bad, courier.read_label(&s.look(), "629").await);
        if connector.spec().source.is_some_and(|s| s.lists_changes) {
            let s = stage();
            verdict(&format!("{id} changed"), bad, courier.changed(&s.look(), since, None).await);
        }
    }
    if let Some(channel) = connector.channel() {
        let s = stage();
        let reference = OrderReference::new("000000042");
        verdict(&format!("{id} find_order"), bad, channel.find_order(&s.look(), &reference).await);
        let s = stage();
        match channel.target_values(&s.look()).await {
            Ok(_) if s.seen().is_empty() => {} // It has none of its own.
            result => verdict(&format!("{id} target_values"), bad, result),
        }
    }
}

async fn deliver_everything(connector: &dyn Connector, bad: &Bad, openings: bool) {
    let (order, parcel) = (samples::order(), samples::parcel());
    for spec in connector.spec().operations {
        let document = match spec.operation {
            Operation::SendCreditNote | Operation::IssueCreditNote => samples::credit_note(),
            _ => samples::invoice(),
        };
        let of_document = matches!(document.kind, DocumentKind::Invoice | DocumentKind::CreditNote);
        let for_parcel = matches!(spec.operation, Operation::SendTracking | Operation::SendDeliveryState);
        let revision = if for_parcel { Revision::of_parcel(&parcel) } else { Revision::of_document(&document) };
        let (files, gate) = (FixedPdf::default(), Granting::default());
        let task = Task {
            operation: spec.operation,
            order: &order,
            document: (of_document && !for_parcel).then_some(&document),
            parcel: for_parcel.then_some(&parcel),
            revision: &revision,
            rules: &Rules::default(),
            mappings: &Mappings::default(),
            overrides: &Overrides::default(),
            siblings: &[],
            previous: &[],
            after: None,
            in_doubt: false,
            files: &files,
            gate: &gate,
        };
        let stage = Stage::always(connector, bad.said.clone(), openings);
        let session = stage.read_back();
        let what = format!("{} {}", connector.spec().id, spec.operation.as_str());
        let target = connector.target(spec.operation).expect("every operation has its conversation");
        verdict(&what, bad, target.deliver(&session, &task).await);
    }
}

#[tokio::test]
async fn no_bad_answer_passes_for_a_good_one_and_each_means_what_it_means() {
    for connector in every() {
        for bad in bad_answers() {
            for openings in [false, true] {
                read_everything(connector, &bad, openings).await;
                deliver_everything(connector, &bad, openings).await;
            }
        }
    }
}

#[tokio::test]
async fn a_vendor_that_answers_anything_is_within_reach_and_one_that_does_not_is_an_outage() {
    for connector in every() {
        let id = connector.spec().id;
        for bad in bad_answers() {
            let stage = Stage::always(connector, bad.said.clone(), false);
            let reach = connector.reach(&stage.look()).await;
            match bad.name {
                "503" | "a time-out" | "a break" | "no name" | "no connection" => {
                    assert!(matches!(&reach, Err(Stop::Fail(f)) if f.outage), "{id}: {} {reach:?}", bad.name);
                }
                "an address refused" | "our pace" => assert!(reach.is_err(), "{id}: {}", bad.name),
                _ => assert_eq!(reach, Ok(()), "{id}: {}", bad.name),
            }
            assert!(stage.seen().len() <= 1, "{id}: reach is one call");
            assert!(stage.seen().iter().all(|s| !s.writing), "{id}: reach never writes");
        }
    }
}

#[tokio::test]
async fn a_check_ends_at_its_first_failed_step_and_says_what_to_do() {
    for connector in every() {
        for bad in bad_answers() {
            for openings in [false, true] {
                let stage = Stage::always(connector, bad.said.clone(), openings);
                let steps = connector.check(&stage.look()).await;
                let name = format!("{}: {} gave {steps:?}", connector.spec().id, bad.name);
                let (last, before) = steps.split_last().expect("a check has steps");
                assert!(before.iter().all(|s| s.ok), "{name}");
                assert!(!last.ok && last.code.is_some(), "{name}");
                assert!(last.next_step.as_deref().is_some_and(|s| !s.is_empty()), "{name}");
                assert!(stage.seen().iter().all(|s| !s.writing), "{name}: a check never writes");
                let wanted = match bad.name {
                    "401" => Some(Code::CredentialsRefused),
                    "a time-out" | "a break" | "no name" | "no connection" => Some(Code::Unreachable),
                    "429" | "our pace" => Some(Code::RateLimited),
                    _ => None,
                };
                assert!(wanted.is_none() || last.code == wanted, "{name}");
            }
        }
    }
}
