//! The ports over the wire, against a local AWS: the same suites that every store must pass, and what only AWS has.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests end at the first thing that is wrong")]

mod ledger;
mod stage;

use aws::SqsQueue;
use jiff::SignedDuration;
use std::sync::Arc;

/// The template's, far above what a test does.
const RECEIVES_MAX: u32 = 20;

async fn queue(receives_max: u32) -> (Arc<SqsQueue>, aws::QueueNames) {
    let names = stage::queues(receives_max).await;
    (Arc::new(SqsQueue::new(&stage::clients(), names.clone(), Arc::new(stage::RealClock))), names)
}

/// SQS counts in whole seconds; one of them is lost to rounding, so there are two at least.
fn shortened(span: SignedDuration) -> SignedDuration {
    SignedDuration::from_secs(2 + span.as_secs() / 270)
}

mod suite {
    use super::{RECEIVES_MAX, queue, shortened};
    use testkit::suite::queue::Subject;

    async fn subject() -> (Subject, ()) {
        (Subject::in_real_time(queue(RECEIVES_MAX).await.0, shortened), ())
    }

    testkit::queue_tests!(
        #[ignore = "needs ministack: .ci/run starts it"]
        subject
    );
}

mod keys {
    use crate::stage;
    use aws::KmsKeys;
    use data_encoding::BASE64URL_NOPAD;
    use domain::ConnectionId;
    use export_flow::ports::{Keys as _, PortError};
    use jiff::SignedDuration;
    use secrecy::{ExposeSecret as _, SecretString};
    use std::sync::Arc;
    use testkit::samples::{books, shop};
    use testkit::{ManualClock, SeededEntropy};

    async fn kept() -> (Arc<KmsKeys>, Arc<ManualClock>) {
        let (key, clock) = (stage::key().await, ManualClock::at_noon());
        (under(&key, &clock, 1), clock)
    }

    fn under(key: &str, clock: &Arc<ManualClock>, seed: u64) -> Arc<KmsKeys> {
        Arc::new(KmsKeys::new(stage::clients().kms, key, clock.clone(), SeededEntropy::new(seed)))
    }

    testkit::keys_tests!(
        #[ignore = "needs ministack: .ci/run starts it"]
        kept
    );

    fn data_key(sealed: &str) -> &str {
        sealed.split(':').nth(1).unwrap()
    }

    #[tokio::test]
    #[ignore = "needs ministack: .ci/run starts it"]
    async fn a_connection_has_one_data_key_for_an_hour_and_no_other_connection_has_it() {
        let (keys, clock) = kept().await;
        let seal = async |connection: &ConnectionId| {
            keys.seal(connection, "token", &SecretString::from("s3cret")).await.unwrap()
        };
        let (first, again, other) = (seal(&shop()).await, seal(&shop()).await, seal(&books()).await);
        assert_eq!(data_key(&first), data_key(&again));
        assert_ne!(first, again, "the same secret is never sealed the same");
        assert_ne!(data_key(&first), data_key(&other));
        clock.advance(SignedDuration::from_mins(61));
        let later = seal(&shop()).await;
        assert_ne!(data_key(&first), data_key(&later));
        for sealed in [first, again, later] {
            assert_eq!(keys.open(&shop(), "token", &sealed).await.unwrap().expose_secret(), "s3cret");
        }
    }

    #[tokio::test]
    #[ignore = "needs ministack: .ci/run starts it"]
    async fn another_process_opens_what_was_sealed_and_kms_refuses_it_for_another_connection() {
        let (key, clock) = (stage::key().await, ManualClock::at_noon());
        let sealed = under(&key, &clock, 1).seal(&shop(), "token", &SecretString::from("s3cret")).await.unwrap();
        let other = under(&key, &clock, 2);
        assert!(matches!(other.open(&books(), "token", &sealed).await, Err(PortError::Damaged(_))));
        assert_eq!(other.open(&shop(), "token", &sealed).await.unwrap().expose_secret(), "s3cret");
        let stranger = under(&stage::key().await, &clock, 3);
        let error = stranger.open(&shop(), "token", &sealed).await.unwrap_err();
        assert!(matches!(&error, PortError::Damaged(_)), "{error}");
    }

    #[tokio::test]
    #[ignore = "needs ministack: .ci/run starts it"]
    async fn every_change_of_a_sealed_secret_is_noticed() {
        let (keys, clock) = kept().await;
        let secret = SecretString::from("s3cret");
        let sealed = keys.seal(&shop(), "token", &secret).await.unwrap();
        let (head, text) = sealed.rsplit_once(':').unwrap();
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).unwrap();
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            let changed = format!("{head}:{}", BASE64URL_NOPAD.encode(&changed));
            assert!(keys.open(&shop(), "token", &changed).await.is_err(), "byte {place}");
        }
        clock.advance(SignedDuration::from_mins(61));
        let later = keys.seal(&shop(), "token", &secret).await.unwrap();
        let mixed = format!("{head}:{}", later.rsplit_once(':').unwrap().1);
        assert!(matches!(keys.open(&shop(), "token", &mixed).await, Err(PortError::Damaged(_))));
    }
}

mod dead_letters {
    use super::{RECEIVES_MAX, queue, stage};
    use aws_sdk_dynamodb::types::AttributeValue;
    use domain::{Code, ConnectionId, Export, OrderReference, State};
    use export_flow::ports::{Caught, DeadCopy, Depth, Lying, Net as _, Outbox as _, Outgoing, Queue as _};
    use jiff::SignedDuration;
    use std::collections::BTreeSet;
    use testkit::samples::{at, due_message, ended, key, noon, shop};

    fn copy(id: &str, claim: u64) -> DeadCopy {
        let mut export = Export::new(key(id), noon());
        export.claim = claim;
        export.attempts = 3;
        export.code = Some(Code::VendorRefused);
        export.order = Some(OrderReference::new("1001"));
        export.numbers = vec!["2026-0001".into()];
        DeadCopy { export: ended(&export, State::Dead, None), at: at(5) }
    }

    #[tokio::test]
    #[ignore = "needs ministack: .ci/run starts it"]
    async fn a_copy_shows_a_person_what_it_is_about() {
        let (queue, names) = queue(RECEIVES_MAX).await;
        queue.bury(&copy("1", 3)).await.unwrap();
        let sqs = stage::clients().sqs;
        let received = sqs.receive_message().queue_url(&names.dead_letter_url).message_attribute_names("All").send();
        let message = received.await.unwrap().messages.unwrap().remove(0);
        let attributes = message.message_attributes.unwrap();
        for (name, value) in [("connection", "shop"), ("code", "vendor_refused"), ("order", "1001"), ("attempts", "3")]
        {
            assert_eq!(attributes[name].string_value(), Some(value), "{name}");
        }
        assert_eq!(serde_json::from_str::<DeadCopy>(&message.body.unwrap()).unwrap(), copy("1", 3));
    }

    /// The item is there but not marked: the process ended between the table and the queue.
    #[tokio::test]
    #[ignore = "needs ministack: .ci/run starts it"]
    async fn a_copy_that_may_not_have_been_sent_is_sent_again() {
        let (queue, names) = queue(RECEIVES_MAX).await;
        let put = stage::clients().dynamodb;
        let (id, claim) = (format!("dead#{}", key("1").id()), "3".to_owned());
        let put = put.put_item().table_name(&names.table).item("pk", AttributeValue::S(id));
        put.item("sk", AttributeValue::S(claim)).send().await.unwrap();
        for _ in 0..2 {
            queue.bury(&copy("1", 3)).await.unwrap();
        }
        assert_eq!(queue.depth().await.unwrap().dead_letters, 1);
    }

    #[tokio::test]
    #[ignore = "needs ministack: .ci/run starts it"]
    async fn exhuming_leaves_every_other_copy_to_be_seen_at_once() {
        let (queue, _) = queue(RECEIVES_MAX).await;
        for n in 0..25 {
            queue.bury(&copy(&n.to_string(), 3)).await.unwrap();
        }
        queue.exhume(&key("17").id()).await.unwrap();
        let caught = queue.caught(50).await.unwrap();
        let left: BTreeSet<_> = caught.iter().map(|caught| caught.what.clone()).map(id_of).collect();
        assert_eq!(left.len(), 24);
        assert!(!left.contains(&key("17").id().to_string()));
    }

    fn id_of(what: Lying) -> String {
        match what {
            Lying::Copy(id) => id.to_string(),
            other => format!("{other:?}"),
        }
    }

    #[tokio::test]
    #[ignore = "needs ministack: .ci/run starts it"]
    async fn what_was_received_too_often_is_caught_as_what_it_is() {
        let (queue, names) = queue(1).await;
        queue.send(vec![due_message("1", &shop())]).await.unwrap();
        let sqs = stage::clients().sqs;
        let odd = sqs.send_message().queue_url(&names.url).message_body("{");
        odd.message_group_id("books").send().await.unwrap();
        queue.bury(&copy("2", 3)).await.unwrap();
        let received = queue.receive(10, SignedDuration::ZERO).await.unwrap();
        assert_eq!(received.len(), 2);
        // Asked for once more, the queue moves what it may not hand out again.
        assert!(queue.receive(10, SignedDuration::ZERO).await.unwrap().is_empty());
        let caught = queue.caught(10).await.unwrap();
        let what = |caught: &Caught| caught.what.clone();
        assert_eq!(caught.len(), 3);
        assert!(caught.iter().map(what).any(|what| what == Lying::Copy(key("2").id())));
        assert!(caught.iter().map(what).any(|what| what == Lying::Message(due_message("1", &shop()).message)));
        let odd = caught.iter().find(|caught| caught.what == Lying::Unreadable).unwrap();
        assert_eq!(odd.group, ConnectionId::new("books"));
        let receipts: Vec<_> = caught.iter().map(|caught| caught.receipt.clone()).collect();
        queue.leave(&receipts).await.unwrap();
        let again = queue.caught(10).await.unwrap();
        let names = |caught: &[Caught]| caught.iter().map(|caught| caught.name.clone()).collect::<BTreeSet<_>>();
        assert_eq!(names(&caught), names(&again), "things keep their names");
        queue.discard(&again.into_iter().map(|caught| caught.receipt).collect::<Vec<_>>()).await.unwrap();
        assert_eq!(queue.depth().await.unwrap(), Depth::default());
    }

    #[tokio::test]
    #[ignore = "needs ministack: .ci/run starts it"]
    async fn a_long_list_is_sent_and_given_back_whole() {
        let (queue, _) = queue(RECEIVES_MAX).await;
        let list: Vec<Outgoing> = (0..37).map(|n| due_message(&n.to_string(), &shop())).collect();
        queue.send(list).await.unwrap();
        let received = queue.receive(100, SignedDuration::from_secs(60)).await.unwrap();
        assert_eq!(received.len(), 37);
        let back: Vec<_> = received.into_iter().map(|incoming| (incoming.receipt, SignedDuration::ZERO)).collect();
        queue.give_back_all(&back).await.unwrap();
        assert_eq!(queue.receive(100, SignedDuration::from_secs(60)).await.unwrap().len(), 37);
    }
}
