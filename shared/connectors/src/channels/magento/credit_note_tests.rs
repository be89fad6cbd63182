//! Conversations about credit notes.

use super::Magento;
use crate::channels::scene::{Outcome, Scene, failed, held, id, sibling};
use crate::session::WriteOutcome;
use crate::stop::Stop;
use crate::suite::samples;
use domain::{Code, HoldReason, Operation};

fn scene() -> Scene {
    let mut scene = Scene::at("42");
    scene.document = samples::credit_note();
    scene
}

async fn note(scene: &Scene, transcript: &str) -> Outcome {
    scene.play(&Magento, Operation::SendCreditNote, transcript).await
}

#[tokio::test]
async fn a_credit_note_becomes_one_comment_and_is_proven_by_its_id() {
    let scene = scene();
    let outcome = note(&scene, "credit_note_accepted").await;
    assert_eq!((id(&outcome), outcome.1, scene.gate.asked()), ("91", WriteOutcome::Done, 1));
    let delivered = outcome.0.unwrap();
    assert_eq!(delivered.number.as_deref(), Some("2026-0057"));
    assert_eq!(delivered.proof["comment"], "Credit note 2026-0057 over 12100 CZK");
    assert_eq!(id(&note(&scene, "credit_note_comments_listed").await), "91");
}

#[tokio::test]
async fn its_link_follows_and_the_buyer_is_told_only_by_rule() {
    let mut scene = scene();
    scene.document.public_url = Some(" https://books.example/p/2.pdf ".into());
    scene.rules.notify_customer = Some(true);
    assert_eq!(id(&note(&scene, "credit_note_with_link").await), "91");
}

#[tokio::test]
async fn a_comment_that_says_it_is_not_made_again_and_another_amount_is() {
    let mut scene = scene();
    let outcome = note(&scene, "credit_note_already_there").await;
    assert_eq!((id(&outcome), outcome.1, scene.gate.asked()), ("91", WriteOutcome::None, 0));
    assert_eq!(id(&note(&scene, "credit_note_of_other_revision").await), "93");
    let [lost, found] = scene.play_twice(&Magento, Operation::SendCreditNote, "credit_note_effect_then_drop").await;
    assert_eq!((lost.1, id(&found), found.1), (WriteOutcome::Unknown, "91", WriteOutcome::None));
}

#[tokio::test]
async fn a_comment_in_another_receipt_never_matches() {
    let mut scene = scene();
    scene.siblings = vec![sibling(Operation::SendCreditNote, "x", "91")];
    let outcome = note(&scene, "credit_note_not_found_beside_anothers").await;
    assert_eq!((id(&outcome), outcome.1), ("92", WriteOutcome::Done));
}

#[tokio::test]
async fn where_no_record_proves_its_invoice_the_order_must() {
    let mut scene = scene();
    scene.after = Some("2026-0056");
    assert_eq!(id(&note(&scene, "credit_note_after_its_invoice").await), "91");
    let outcome = note(&scene, "credit_note_before_its_invoice").await;
    held(&outcome, HoldReason::Predecessor);
    assert_eq!((outcome.1, scene.gate.asked()), (WriteOutcome::None, 1));
}

#[tokio::test]
async fn what_is_refused_or_not_confirmed_is_never_called_delivered() {
    let scene = scene();
    let outcome = note(&scene, "credit_note_not_confirmed").await;
    failed(&outcome, Code::NotConfirmed, None);
    assert_eq!(outcome.1, WriteOutcome::Unknown, "it may come late");
    let outcome = note(&scene, "credit_note_could_not_save").await;
    failed(&outcome, Code::VendorError, Some(400));
    assert_eq!(outcome.1, WriteOutcome::Unknown);
    let outcome = note(&scene, "credit_note_order_gone").await;
    failed(&outcome, Code::VendorRefused, Some(404));
    assert_eq!(outcome.1, WriteOutcome::NotDone);
    let outcome = note(&scene, "credit_note_right_missing").await;
    let missing = matches!(&outcome.0, Err(Stop::Credentials(f)) if f.code == Code::PermissionMissing);
    assert!(missing && outcome.1 == WriteOutcome::NotDone, "{outcome:?}");
}
