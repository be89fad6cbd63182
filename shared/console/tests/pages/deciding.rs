//! What people do: dead letters, one export, connections.

use crate::stage::{Seen, Stage, csrf, get, post};
use domain::{Code, ConnectionId, ConnectionState, Export, Finding, HoldReason, PauseReason, SkipReason, State};
use export_flow::ports::{Connections as _, Ledger};
use http::{StatusCode, header};

/// Somebody at a browser.
struct Person<'a> {
    stage: &'a Stage,
    cookie: String,
}

impl<'a> Person<'a> {
    async fn at(stage: &'a Stage) -> Self {
        Self { stage, cookie: stage.log_in().await }
    }

    async fn opens(&self, path: &str) -> Seen {
        let seen = self.stage.send(get(path, Some(&self.cookie))).await;
        assert_eq!(seen.status, StatusCode::OK, "{path}: {}", seen.html);
        seen
    }

    /// Sends a form with the token of a page that was opened before.
    async fn sends(&self, page: &Seen, path: &str, form: &str) -> Seen {
        let form = format!("csrf={}&{form}", csrf(&page.html));
        self.stage.send(post(path, &self.cookie, &form)).await
    }

    /// Follows the answer to a form.
    async fn follows(&self, seen: &Seen) -> Seen {
        assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.html);
        self.opens(seen.headers[header::LOCATION].to_str().unwrap()).await
    }
}

fn dead(stage: &Stage) -> Vec<Export> {
    stage.ledger.all().into_iter().filter(|export| export.state == State::Dead).collect()
}

/// Where a page's form about its job goes.
fn confirm_path(seen: &Seen) -> String {
    let (before, _) = seen.html.split_once("/confirm\"").expect("a form to confirm");
    format!("{}/confirm", before.rsplit('"').next().unwrap())
}

#[tokio::test]
async fn redrive_shows_first_and_then_puts_exactly_those_back_to_work() {
    let stage = Stage::with_a_day("").await;
    let person = Person::at(&stage).await;
    let [first, _, third] = <[Export; 3]>::try_from(dead(&stage)).unwrap();
    let list = person.opens("/dead-letters").await;
    let form = format!("kind=redrive&which=ticked&ids={}&ids={}", first.id, third.id);
    let answer = person.sends(&list, "/dead-letters/preview", &form).await;
    let waiting = person.follows(&answer).await;
    assert!(waiting.html.contains("Being counted."), "no worker has run: {}", waiting.html);
    stage.work().await;
    let shown = person.follows(&answer).await;
    assert!(shown.html.contains("Nothing has been done yet.") && shown.html.contains("Redrive 2"), "{}", shown.html);
    assert_eq!(dead(&stage).len(), 3, "a preview changes nothing");
    let answer = person.sends(&shown, &confirm_path(&shown), "").await;
    stage.work().await;
    let done = person.follows(&answer).await;
    assert!(done.html.contains("2 are back at work."), "{}", done.html);
    let left: Vec<_> = dead(&stage).into_iter().map(|export| export.id).collect();
    assert!(left.len() == 1 && !left.contains(&first.id) && !left.contains(&third.id));
}

#[tokio::test]
async fn dismissing_needs_a_note_and_keeps_it() {
    let stage = Stage::with_a_day("").await;
    let person = Person::at(&stage).await;
    let list = person.opens("/dead-letters?connection=market").await;
    assert!(list.html.contains(r#"<input type="hidden" name="connection" value="market">"#), "{}", list.html);
    let answer = person.sends(&list, "/dead-letters/preview", "kind=dismiss&which=all&connection=market").await;
    stage.work().await;
    let shown = person.follows(&answer).await;
    assert!(shown.html.contains("Leave 1 out"), "only that of the marketplace: {}", shown.html);
    let refused = person.sends(&shown, &confirm_path(&shown), "note=++").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let answer = person.sends(&shown, &confirm_path(&shown), "note=Sent+by+hand").await;
    stage.work().await;
    assert!(person.follows(&answer).await.html.contains("1 is left out."));
    let all = stage.ledger.all();
    let left_out = all.iter().find(|e| e.skip.as_ref().is_some_and(|s| s.reason == SkipReason::Dismissed)).unwrap();
    assert_eq!(left_out.skip.as_ref().unwrap().detail.as_deref(), Some("Sent by hand"));
    let page = person.opens(&format!("/exports/{}", left_out.id)).await;
    assert!(page.html.contains("A person decided: it is not needed") && page.html.contains("Sent by hand"));
}

#[tokio::test]
async fn nothing_ticked_means_nothing_not_everything() {
    let stage = Stage::with_a_day("").await;
    let person = Person::at(&stage).await;
    let list = person.opens("/dead-letters").await;
    for form in ["kind=redrive&which=ticked", "kind=redrive", "kind=burn&which=all"] {
        let seen = person.sends(&list, "/dead-letters/preview", form).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
    }
}

#[tokio::test]
async fn a_job_that_has_been_done_cannot_be_confirmed_again() {
    let stage = Stage::with_a_day("").await;
    let person = Person::at(&stage).await;
    let list = person.opens("/dead-letters").await;
    let answer = person.sends(&list, "/dead-letters/preview", "kind=dismiss&which=all").await;
    stage.work().await;
    let shown = person.follows(&answer).await;
    let real = person.sends(&shown, &confirm_path(&shown), "note=done").await;
    let path = format!("{}/confirm", real.headers[header::LOCATION].to_str().unwrap());
    assert_eq!(person.sends(&list, &path, "note=done").await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn forms_of_dead_letters_exports_jobs_and_connections_all_need_the_token() {
    let stage = Stage::with_a_day("").await;
    let cookie = stage.log_in().await;
    let export = dead(&stage).remove(0).id;
    for path in [
        "/dead-letters/preview".to_owned(),
        format!("/exports/{export}/decide"),
        "/jobs/job_1/confirm".to_owned(),
        "/jobs/job_1/cancel".to_owned(),
        "/connections/shop/check".to_owned(),
        "/connections/shop/pause".to_owned(),
        "/connections/market/resume".to_owned(),
        "/logout".to_owned(),
    ] {
        let seen = stage.send(post(&path, &cookie, "which=all&kind=redrive&outcome=retry")).await;
        assert_eq!(seen.status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(stage.send(post(&path, "", "csrf=")).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    assert_eq!(dead(&stage).len(), 3);
}

#[tokio::test]
async fn one_dead_letter_can_be_tried_anew_and_one_not_certain_be_said_to_have_arrived() {
    let stage = Stage::with_a_day("").await;
    let person = Person::at(&stage).await;
    let letter = dead(&stage).remove(0);
    let path = format!("/exports/{}", letter.id);
    let page = person.opens(&path).await;
    let after = person.sends(&page, &format!("{path}/decide"), "outcome=retry").await;
    assert!(person.follows(&after).await.html.contains("Will be tried again"));
    assert_eq!(stage.ledger.export(&letter.id).await.unwrap().unwrap().attempts, 0);

    let uncertain = stage.ledger.all().into_iter().find(|export| export.state == State::Uncertain).unwrap();
    let path = format!("/exports/{}", uncertain.id);
    let page = person.opens(&path).await;
    assert!(page.html.contains("It has arrived.") && page.html.contains("It is not needed."));
    let after = person.sends(&page, &format!("{path}/decide"), "outcome=arrived&note=seen+there").await;
    let page = person.follows(&after).await;
    assert!(
        page.html.contains("A person decided: it has arrived") && page.html.contains("seen there"),
        "{}",
        page.html
    );
    assert!(!page.html.contains("Decide about it"), "there is nothing left to decide");
    let again = person.sends(&page, &format!("{path}/decide"), "outcome=arrived").await;
    assert_eq!(again.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_look_can_be_told_its_order() {
    let stage = Stage::with_a_day("").await;
    let person = Person::at(&stage).await;
    let unknown = |e: &Export| e.hold.as_ref().is_some_and(|hold| hold.reason == HoldReason::OrderUnknown);
    let look = stage.ledger.all().into_iter().find(unknown).unwrap();
    let path = format!("/exports/{}", look.id);
    let page = person.opens(&path).await;
    assert!(page.html.contains(r#"<option value="shop">Garden shop</option>"#), "{}", page.html);
    let nothing = person.sends(&page, &format!("{path}/decide"), "outcome=use&order=&target=").await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    person
        .follows(&person.sends(&page, &format!("{path}/decide"), "outcome=use&order=100000001&target=shop").await)
        .await;
    let told = stage.ledger.export(&look.id).await.unwrap().unwrap().overrides;
    assert_eq!(told.order.unwrap().as_str(), "100000001");
    assert_eq!(told.target.unwrap().as_str(), "shop");
}

#[tokio::test]
async fn connections_can_be_paused_and_resumed() {
    let stage = Stage::with_a_day("").await;
    let person = Person::at(&stage).await;
    let page = person.opens("/connections").await;
    let paused = person.sends(&page, "/connections/shop/pause", "").await;
    assert_eq!(paused.headers[header::LOCATION], "/connections/shop");
    let shop = || async { stage.ledger.connection(&ConnectionId::new("shop")).await.unwrap().unwrap() };
    assert_eq!(shop().await.pause.unwrap().reason, PauseReason::ByHand);
    assert!(person.opens("/connections").await.html.contains("Paused by a person"));
    person.sends(&page, "/connections/shop/resume", "").await;
    assert_eq!(shop().await.state, ConnectionState::Active);
    assert_eq!(person.sends(&page, "/connections/outlet/resume", "").await.status, StatusCode::CONFLICT);
    assert_eq!(person.sends(&page, "/connections/nowhere/pause", "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_group_is_redriven_as_a_whole_after_it_was_shown() {
    let stage = Stage::with_a_day("").await;
    let person = Person::at(&stage).await;
    let list = person.opens("/dead-letters").await;
    assert!(
        list.html.contains(r#"<a href="/codes/vendor_refused">The vendor refused</a>, Garden shop: 2"#),
        "{}",
        list.html
    );
    assert!(list.html.contains("An error inside a success</a>, Home &#38; Living marketplace: 1"), "{}", list.html);
    let form = list.html.split("<form").find(|form| form.contains("Redrive 2")).unwrap();
    let fields: Vec<String> = form
        .split("<input type=\"hidden\" name=\"")
        .skip(1)
        .filter_map(|field| field.split_once("\" value=\""))
        .map(|(name, rest)| format!("{name}={}", rest.split('"').next().unwrap()))
        .filter(|field| !field.starts_with("csrf="))
        .collect();
    assert_eq!(fields, ["which=all", "at=shop", "code=vendor_refused"]);
    let answer = person.sends(&list, "/dead-letters/preview", &format!("kind=redrive&{}", fields.join("&"))).await;
    stage.work().await;
    let shown = person.follows(&answer).await;
    assert!(shown.html.contains("Redrive 2 dead letters?"), "{}", shown.html);
    assert_eq!(dead(&stage).len(), 3, "a preview changes nothing");
    let path = confirm_path(&shown);
    let first = person.sends(&shown, &path, "note=repaired").await;
    let again = person.sends(&shown, &path, "note=repaired").await;
    assert_eq!(first.headers[header::LOCATION], again.headers[header::LOCATION], "pressed twice it is one job");
    stage.work().await;
    let done = person.follows(&again).await;
    assert!(done.html.contains("2 are back at work.") && !done.html.contains("http-equiv"), "{}", done.html);
    let left = dead(&stage);
    assert_eq!(left.len(), 1);
    let page = person.opens("/dead-letters?connection=market").await;
    assert!(page.html.contains("Redrive 1<") && !page.html.contains("Redrive 2"), "{}", page.html);
}

#[tokio::test]
async fn a_job_under_way_looks_again_by_itself_and_can_be_stopped() {
    let stage = Stage::with_a_day("").await;
    let person = Person::at(&stage).await;
    let list = person.opens("/dead-letters").await;
    let answer = person.sends(&list, "/dead-letters/preview", "kind=redrive&which=all").await;
    let waiting = person.follows(&answer).await;
    assert!(waiting.html.contains(r#"<meta http-equiv="refresh" content="2">"#), "{}", waiting.html);
    let path = format!("{}/cancel", answer.headers[header::LOCATION].to_str().unwrap());
    assert!(waiting.html.contains(&format!("action=\"{path}\"")), "{}", waiting.html);
    for _ in 0..2 {
        let stopped = person.sends(&waiting, &path, "").await;
        let page = person.follows(&stopped).await;
        assert!(
            page.html.contains("because a person stopped it") && !page.html.contains("http-equiv"),
            "{}",
            page.html
        );
    }
    stage.work().await;
    assert_eq!(dead(&stage).len(), 3);
}

#[tokio::test]
async fn what_was_found_stands_at_the_top_of_its_order_until_it_was_seen() {
    let stage = Stage::with_a_day("").await;
    let person = Person::at(&stage).await;
    let carried = |export: &Export| export.state == State::Delivered && export.key.target.is_some();
    let export = stage.ledger.all().into_iter().find(carried).unwrap();
    let order = export.order.clone().unwrap();
    let path = format!("/orders/{}/{order}", export.key.target.as_ref().unwrap());
    assert!(!person.opens(&path).await.html.contains("It has been seen"));
    let (tenant, at) = (export.key.tenant.clone(), export.changed_at);
    let found = Finding::new(tenant, order, export.id.clone(), Code::GoneAfterSending, at);
    assert!(stage.ledger.put_finding(&found).await.unwrap());
    let page = person.opens(&path).await;
    assert!(page.html.contains("Gone after it went out") && page.html.contains("It has been seen"), "{}", page.html);
    let seen = format!("/exports/{}/seen", export.id);
    let answer = person.sends(&page, &seen, "note=asked+%3Cthe+books%3E").await;
    assert_eq!(answer.headers[header::LOCATION], path);
    let page = person.follows(&answer).await;
    assert!(!page.html.contains("It has been seen"), "{}", page.html);
    assert!(page.html.contains("A person has seen what was found") && page.html.contains("asked &#60;the books&#62;"));
    let forged = stage.send(post(&seen, &person.cookie, "csrf=no&note=x")).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
}
