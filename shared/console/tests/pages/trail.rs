//! The trail as a page: who did what, about what, and how it ended.

use crate::stage::{Seen, Stage, csrf, get, post};
use crate::viewing::call;
use domain::{About, AboutKind, AccessRole, AuditAction, AuditDetail, State, TenantId};
use export_flow::audit::{Act, Actor};
use http::StatusCode;
use jiff::SignedDuration;

/// One line of the table that has these words.
fn line<'a>(page: &'a Seen, words: &str) -> &'a str {
    let found = page.html.split(r#"<tr role="row">"#).skip(1).find(|line| line.contains(words));
    found.unwrap_or_else(|| panic!("{words} is not in {}", page.html))
}

fn dead(stage: &Stage) -> domain::Export {
    let fits = |export: &domain::Export| export.state == State::Dead && export.numbers == ["2026-0090"];
    stage.ledger.all().into_iter().find(fits).unwrap()
}

#[tokio::test]
async fn the_trail_says_who_did_what_about_what_and_how_it_ended() {
    let stage = Stage::with_a_day("").await;
    let cookie = stage.log_in().await;
    let token = csrf(&stage.send(get("/", Some(&cookie))).await.html);
    let export = dead(&stage);
    let decide = format!("/exports/{}/decide", export.id);
    stage.send(post(&decide, &cookie, &format!("csrf={token}&outcome=not_needed&note=Jana+said+so"))).await;
    stage.clock.advance(SignedDuration::from_secs(1));
    stage.send(post("/connections/shop/pause", &cookie, &format!("csrf={token}"))).await;
    stage.send(post("/connections/gone/pause", &cookie, &format!("csrf={token}"))).await;
    call(&stage, "token", "put", "/api/v1/orders/shop/100000090/aliases", r#"{"aliases":[]}"#).await;

    let page = stage.page("/audit").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.html);
    let decided = line(&page, "Decided");
    let href = format!(r#"Export: <a href="/exports/{}">Invoice 2026-0090</a>"#, export.id);
    for words in [&*href, "Decision: it is not needed", "Done</span>", "a session of the pages</a>", "Operator"] {
        assert!(decided.contains(words), "{words}: {decided}");
    }
    assert!(!page.html.contains("Jana"), "what somebody entered is in no trail");
    let paused = line(&page, "Connection paused");
    for words in
        ["Connection paused", r##"<a href="/connections#c-shop">Garden shop</a>"##, "Changed: State", "Done</span>"]
    {
        assert!(paused.contains(words), "{words}: {paused}");
    }
    let refused = line(&page, "gone");
    assert!(refused.contains("Refused</span>") && refused.contains(r#"href="/codes/unknown_connection""#), "{refused}");
    assert!(refused.contains("Connection: gone"), "what is not there leads nowhere: {refused}");
    let aliases = line(&page, "Order&#39;s names changed");
    assert!(aliases.contains(r#"<a href="/orders/shop/100000090">100000090</a>"#), "{aliases}");
    assert!(aliases.contains("the API token"), "{aliases}");

    for (path, words) in
        [(format!("/exports/{}", export.id), export.id.as_str()), ("/orders/shop/100000090".into(), "100000090")]
    {
        let html = stage.page(&path).await.html;
        assert!(html.contains(&format!(r#"href="/audit?about={words}""#)), "{path}: {html}");
    }
}

#[tokio::test]
async fn what_was_asked_for_and_never_ended_is_said_so() {
    let stage = Stage::with_a_day("").await;
    let who = Actor { tenant: TenantId::local(), who: "user-7".into(), role: AccessRole::Operator };
    let about = vec![About::new(AboutKind::Connection, "shop")];
    let detail = AuditDetail::from([("switches".to_owned(), vec!["send_invoice".to_owned()])]);
    stage.state.flow.begin_audit(&who, Act { action: AuditAction::PutConnection, about, detail }).await.unwrap();
    let page = stage.page("/audit?who=user-7").await;
    let asked = line(&page, "Connection changed");
    for words in [
        "Asked for</span>",
        "Whether it was done is not known",
        "Look at the thing itself",
        "Switches: Receives invoices",
    ] {
        assert!(asked.contains(words), "{words}: {asked}");
    }
}

#[tokio::test]
async fn the_trail_is_narrowed_by_its_address_and_read_page_by_page() {
    let stage = Stage::with_a_day("").await;
    let none = stage.page("/audit?about=nothing").await.html;
    assert!(none.contains("Nothing fits.") && none.contains("About nothing"), "{none}");
    let (other, mine) = (TenantId::new("somebody else"), TenantId::local());
    for n in 0..70 {
        stage.clock.advance(SignedDuration::from_secs(1));
        let tenant = if n % 7 == 0 { &other } else { &mine };
        let (who, thing) = if n % 2 == 0 { ("user-1", "shop") } else { ("user-2", "market") };
        let actor = Actor { tenant: tenant.clone(), who: who.into(), role: AccessRole::Operator };
        let about = vec![About::new(AboutKind::Connection, thing)];
        let act = Act { about, ..Act::new(AuditAction::CheckConnection) };
        stage.state.flow.begin_audit(&actor, act).await.unwrap();
    }
    let count = |html: &str, words: &str| html.matches(words).count();
    let shop = stage.page("/audit?about=shop").await.html;
    assert_eq!((count(&shop, ">user-1</a>"), count(&shop, ">user-2</a>")), (30, 0));
    assert!(shop.contains("About Garden shop") && shop.contains(r#"value="shop""#), "{shop}");
    let both = stage.page("/audit?about=shop&who=user-2").await.html;
    assert!(both.contains("Nothing fits.") && both.contains(r#"href="/audit?who=user-2""#), "{both}");
    let first = stage.page("/audit?who=user-1").await.html;
    assert_eq!(count(&first, ">user-1</a>"), 30);
    let newest = stage.page("/audit").await.html;
    let older = newest.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&");
    let rest = stage.page(&older).await.html;
    assert!(rest.contains("Back to the newest"), "{rest}");
    let lines = count(&newest, "rowheader") + count(&rest, "rowheader");
    assert!(count(&newest, "rowheader") == 50 && lines > 60, "{lines}");
    assert_eq!(stage.page("/audit?cursor=x").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(stage.send(get("/audit", None)).await.status, StatusCode::UNAUTHORIZED);
}
