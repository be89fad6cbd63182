//! One decision about many exports of a list, and how a job comes on.

use crate::stage::{Seen, Stage, csrf, get, post};
use domain::{Export, ExportId, State};
use export_flow::ports::{Job, Ledger};
use http::{StatusCode, header};

fn of(stage: &Stage, state: State) -> Vec<Export> {
    stage.ledger.all().into_iter().filter(|export| export.state == state).collect()
}

async fn now(stage: &Stage, id: &ExportId) -> Export {
    stage.ledger.export(id).await.unwrap().unwrap()
}

/// Sends a form of a page, with its token.
async fn sends(stage: &Stage, page: &str, path: &str, form: &str) -> Seen {
    let cookie = stage.log_in().await;
    let token = csrf(&stage.send(get(page, Some(&cookie))).await.html);
    stage.send(post(path, &cookie, &format!("csrf={token}&{form}"))).await
}

#[tokio::test]
async fn the_ticked_ones_are_retried_and_each_result_is_said() {
    let stage = Stage::with_a_day("").await;
    let list = stage.page("/exports?state=held&tick=all").await.html;
    let held = of(&stage, State::Held);
    assert_eq!(list.matches(r#"name="ids""#).count(), held.len());
    assert_eq!(list.matches(" checked>").count(), held.len(), "{list}");
    assert!(!stage.page("/exports?state=held").await.html.contains(" checked>"));
    assert!(!stage.page("/exports?state=delivered").await.html.contains(r#"name="ids""#), "nothing to decide about");
    let delivered = of(&stage, State::Delivered).remove(0);
    let form =
        format!("decision=retry&state=held&ids={}&ids={}&ids={}&ids=exp_no", held[0].id, held[1].id, delivered.id);
    let seen = sends(&stage, "/exports?state=held", "/exports/selected", &form).await;
    assert_eq!(seen.status, StatusCode::OK, "{}", seen.html);
    for words in [
        "2 were decided about. 2 were left as they are.",
        "It is tried now.",
        "Left as it is: its state does not allow it.",
        "There is no such export.",
        r#"href="/exports?state=held""#,
    ] {
        assert!(seen.html.contains(words), "{words}: {}", seen.html);
    }
    for export in &held[..2] {
        let now = now(&stage, &export.id).await;
        assert_eq!(now.notes.last().unwrap().outcome, "retry");
        assert_eq!(now.due_at, Some(stage.state.flow.now()));
    }
    assert!(now(&stage, &held[2].id).await.notes.is_empty(), "it was not ticked");
    let query = export_flow::audit::AuditQuery { about: Some(held[1].id.to_string()), who: None };
    let trail = stage.state.flow.audit(&domain::TenantId::local(), &query, 10, None).await.unwrap().items;
    let about: Vec<&str> = trail[0].about.iter().map(|about| about.id.as_str()).collect();
    assert_eq!(trail[0].action, domain::AuditAction::DecideMany);
    assert_eq!(about, [held[0].id.as_str(), held[1].id.as_str()], "what was left as it is is not in it");
}

#[tokio::test]
async fn only_dead_letters_are_redriven_and_what_is_left_out_needs_a_note() {
    let stage = Stage::with_a_day("").await;
    let (dead, expired) = (of(&stage, State::Dead), of(&stage, State::Expired).remove(0));
    let form = format!("decision=redrive&ids={}&ids={}", dead[0].id, expired.id);
    let seen = sends(&stage, "/exports?state=dead", "/exports/selected", &form).await;
    assert!(seen.html.contains("It is tried anew.") && seen.html.contains("no dead letter any more"), "{}", seen.html);
    assert_eq!(now(&stage, &expired.id).await.state, State::Expired);

    let form = format!("decision=not_needed&state=dead&note=+&ids={}", dead[1].id);
    let refused = sends(&stage, "/exports?state=dead", "/exports/selected", &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in ["Say why they are not needed.", r#"aria-invalid="true""#, r#"value="dead" selected"#] {
        assert!(refused.html.contains(words), "{words}: {}", refused.html);
    }
    assert_eq!(refused.html.matches(" checked>").count(), 1, "what was ticked stays ticked");
    assert_eq!(now(&stage, &dead[1].id).await.state, State::Dead);
    let form = format!("decision=not_needed&note=Sent+%3Cby%3E+hand&ids={}", dead[1].id);
    let seen = sends(&stage, "/exports?state=dead", "/exports/selected", &form).await;
    assert!(seen.html.contains("It is left out."), "{}", seen.html);
    assert_eq!(now(&stage, &dead[1].id).await.skip.unwrap().detail.as_deref(), Some("Sent <by> hand"));
}

#[tokio::test]
async fn nothing_ticked_nonsense_and_forged_forms_decide_nothing() {
    let stage = Stage::with_a_day("").await;
    let before = stage.ledger.all();
    for (form, words) in [
        ("decision=retry&state=held", "Tick at least one export."),
        ("decision=burn&ids=exp_1", "Choose what has been decided."),
        ("ids=exp_1", "Choose what has been decided."),
    ] {
        let seen = sends(&stage, "/exports", "/exports/selected", form).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert!(seen.html.contains(words), "{form}: {}", seen.html);
    }
    let ids: Vec<String> = (0..501).map(|n| format!("ids=exp_{n}")).collect();
    let form = format!("decision=retry&{}", ids.join("&"));
    let seen = sends(&stage, "/exports", "/exports/selected", &form).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    let cookie = stage.log_in().await;
    let held = of(&stage, State::Held).remove(0).id;
    let form = format!("decision=retry&ids={held}");
    assert_eq!(stage.send(post("/exports/selected", &cookie, &form)).await.status, StatusCode::FORBIDDEN);
    assert_eq!(stage.send(post("/exports/selected", "", &form)).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(stage.ledger.all(), before);
}

#[tokio::test]
async fn all_dead_letters_that_fit_go_through_a_job_and_other_states_do_not() {
    let stage = Stage::with_a_day("").await;
    let list = stage.page("/exports?state=dead&connection=market").await.html;
    let (_, form) = list.split_once(r#"id="all-that-fit""#).unwrap();
    assert!(form.contains(r#"<input type="hidden" name="connection" value="market">"#), "{form}");
    assert!(!form.contains(r#"name="state""#), "{form}");
    for query in ["state=held", "", "state=dead&order=100000090"] {
        assert!(!stage.page(&format!("/exports?{query}")).await.html.contains("all-that-fit"), "{query}");
    }
    let form = "kind=redrive&which=all&connection=market";
    let seen = sends(&stage, "/exports?state=dead&connection=market", "/dead-letters/preview", form).await;
    stage.work().await;
    let shown = stage.page(seen.headers[header::LOCATION].to_str().unwrap()).await.html;
    assert!(shown.contains("Redrive 1 dead letter?"), "{shown}");
    assert_eq!(of(&stage, State::Dead).len(), 3);
}

/// A job as the ledger has it at some moment.
async fn put(stage: &Stage, id: &str, change: impl FnOnce(&mut Job)) -> String {
    let mut job = Job {
        id: domain::JobId::new(id),
        tenant: domain::TenantId::local(),
        kind: "redrive".into(),
        state: "running".into(),
        dry_run: false,
        request: serde_json::json!({"filter": {"all": true}}),
        found: Some(150),
        matched: Some(150),
        already_delivered: Some(0),
        queued: Some(80),
        redriven: Some(80),
        dismissed: Some(0),
        ids: vec![],
        cursor: None,
        created_at: stage.state.flow.now(),
        changed_at: Some(stage.state.flow.now()),
        halt: None,
        version: 1,
    };
    change(&mut job);
    assert!(stage.ledger.put_job(&job).await.unwrap());
    stage.page(&format!("/jobs/{id}")).await.html
}

#[tokio::test]
async fn a_job_says_at_every_state_how_far_it_is() {
    let stage = Stage::with_a_day("").await;
    let counting = put(&stage, "job_1", |job| job.dry_run = true).await;
    let again = r#"<meta http-equiv="refresh" content="2">"#;
    assert!(
        counting.contains(r#"<progress id="progress">"#) && counting.contains("150 looked at so far"),
        "{counting}"
    );
    assert!(counting.contains(again) && counting.contains(r#"<label for="progress">"#), "{counting}");

    put(&stage, "job_2", |job| (job.dry_run, job.state, job.matched) = (true, "done".into(), Some(320))).await;
    let under_way = put(&stage, "job_2_confirmed", |_| {}).await;
    assert!(under_way.contains(r#"max="320" value="80""#) && under_way.contains("80 of 320"), "{under_way}");
    assert!(under_way.contains(again) && under_way.contains(r#"action="/jobs/job_2_confirmed/cancel""#));

    let named =
        put(&stage, "job_3", |job| job.request = serde_json::json!({"filter": {"ids": ["exp_1", "exp_2"]}})).await;
    assert!(named.contains(r#"max="2" value="2""#), "never beyond its end: {named}");

    for (id, state, words) in [
        ("job_4", "done", "80 are back at work."),
        ("job_5", "cancelled", "because a person stopped it"),
        ("job_6", "failed", "This has ended before it was done."),
    ] {
        let html = put(&stage, id, |job| job.state = state.into()).await;
        assert!(html.contains(words) && !html.contains("http-equiv") && !html.contains("<progress"), "{state}: {html}");
    }
}

#[tokio::test]
async fn what_a_job_redrove_and_failed_again_stands_apart() {
    let stage = Stage::with_a_day("").await;
    let list = "/dead-letters";
    let seen = sends(&stage, list, "/dead-letters/preview", "kind=redrive&which=all").await;
    stage.work().await;
    let preview = seen.headers[header::LOCATION].to_str().unwrap().to_owned();
    let seen = sends(&stage, list, &format!("{preview}/confirm"), "note=mended").await;
    stage.work().await;
    let path = seen.headers[header::LOCATION].to_str().unwrap().to_owned();
    let done = stage.page(&path).await.html;
    assert!(done.contains("delivered 0, under way 3, dead letters again 0."), "{done}");
    assert!(!done.contains("h-again"), "{done}");
    let mut once_more = of(&stage, State::Retrying).into_iter().find(|export| !export.notes.is_empty()).unwrap();
    once_more.state = State::Dead;
    once_more.code = Some(domain::Code::VendorRefused);
    stage.ledger.put(once_more);
    let done = stage.page(&path).await.html;
    assert!(done.contains("under way 2, dead letters again 1."), "{done}");
    let (again, others) = done.split_once(r#"id="h-again""#).unwrap().1.split_once(r#"id="h-rows""#).unwrap();
    assert_eq!((again.matches("rowheader").count(), others.matches(r#"role="rowheader""#).count()), (1, 2), "{done}");
}
