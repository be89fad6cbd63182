//! Notices: what is told to whom, what could not be told yet, and a test. Settings are changed through the API.

use super::choice::Choice;
use super::fault::Fault;
use super::guard::Posted;
use super::login::Session;
use super::view::{Badge, Chrome, Section, When, show};
use crate::ConsoleState;
use crate::texts::{self, choices, fill, filters, say, word};
use askama::Template;
use axum::extract::State;
use axum::response::{Redirect, Response};
use domain::{InWords as _, NoticeWay, TenantId};
use export_flow::notices::{Language, Notice, Tried};
use jiff::Timestamp;

struct WayFacts {
    label: &'static str,
    to: String,
}

struct Outcome {
    label: &'static str,
    badge: Badge,
    said: String,
    next_step: Option<&'static str>,
}

struct Untold {
    label: &'static str,
    about: String,
    at: When,
    failures: Vec<Outcome>,
}

#[derive(Template)]
#[template(path = "notices.html")]
struct Page {
    chrome: Chrome,
    ways: Vec<WayFacts>,
    kinds: Vec<&'static str>,
    digest: Option<String>,
    /// What they are worded in.
    languages: Vec<Choice>,
    tried: Vec<Outcome>,
    untold: Vec<Untold>,
}

/// `GET /notices`.
pub(super) async fn page(State(state): State<ConsoleState>, session: Session) -> Result<Response, Fault> {
    shown(&state, &session, vec![]).await
}

/// `POST /notices/test`.
pub(super) async fn test(State(state): State<ConsoleState>, Posted { session, .. }: Posted) -> Result<Response, Fault> {
    let tried = state.flow.test_notices(&session.tenant).await?;
    shown(&state, &session, tried.into_iter().map(|(way, tried)| outcome(way, &tried)).collect()).await
}

async fn shown(state: &ConsoleState, session: &Session, tried: Vec<Outcome>) -> Result<Response, Fault> {
    let now = state.flow.now();
    let tenant: &TenantId = &session.tenant;
    let settings = state.flow.parts().ledger.notice_settings(tenant).await?;
    let waiting = state.flow.waiting_notices(tenant).await?;
    let mut page = Page {
        chrome: Chrome::new(say("nav-notices"), Section::Notices, session),
        ways: vec![],
        kinds: vec![],
        digest: None,
        languages: vec![],
        tried,
        untold: waiting.iter().map(|notice| untold(notice, now)).collect(),
    };
    if let Some(settings) = settings {
        let to = |way| match way {
            NoticeWay::Webhook => settings.webhook.as_ref().map(|webhook| webhook.url.clone()).unwrap_or_default(),
            NoticeWay::Email => settings.email.join(", "),
            NoticeWay::Topic => say("notices-topic").to_owned(),
        };
        page.ways = settings.ways().map(|way| WayFacts { label: word(way.in_words()).label, to: to(way) }).collect();
        page.languages = Language::ALL.iter().map(|one| choice(*one, settings.lang)).collect();
        page.kinds = settings.kinds.iter().map(|kind| word(kind.in_words()).label).collect();
        page.digest = settings.digest.map(|digest| {
            let hour = format!("{:02}", digest.hour);
            fill("notices-digest-at", [("hour", hour.into()), ("zone", digest.time_zone.to_string().into())])
        });
    }
    Ok(show(&page))
}

fn choice(one: Language, chosen: Language) -> Choice {
    let name = choices().into_iter().find(|known| known.code == one.as_str()).map_or(one.as_str(), |known| known.name);
    Choice::new(one.as_str(), name, Some(chosen.as_str()))
}

/// `POST /notices/language`.
pub(super) async fn language(
    State(state): State<ConsoleState>,
    Posted { session, fields }: Posted,
) -> Result<Redirect, Fault> {
    let chosen = fields.get("language").and_then(Language::from_code);
    let chosen = chosen.ok_or_else(|| Fault::Wrong(say("notices-choose-language").to_owned()))?;
    state.flow.word_notices_in(&session.tenant, chosen).await?;
    Ok(Redirect::to("/notices"))
}

fn outcome(way: NoticeWay, tried: &Tried) -> Outcome {
    let (said, next_step) = match tried {
        Tried::Sent => (say("notices-sent").to_owned(), None),
        Tried::Queued => (say("notices-queued").to_owned(), None),
        Tried::Failed(why) => {
            let known = word(why.code.in_words());
            (format!("{}: {}", known.label, texts::said(&why.message)), Some(known.next_step))
        }
    };
    let badge = Badge::of_outcome(!matches!(tried, Tried::Failed(_)));
    Outcome { label: word(way.in_words()).label, badge, said, next_step }
}

fn untold(notice: &Notice, now: Timestamp) -> Untold {
    let failures = notice.ways.iter().filter_map(|(way, progress)| {
        let error = progress.error.as_ref().filter(|_| progress.sent_at.is_none())?;
        let known = word(error.code.in_words());
        Some(Outcome {
            label: word(way.in_words()).label,
            badge: Badge::of_outcome(false),
            said: format!("{}: {}", known.label, texts::kept(&error.message, error.remark.as_deref())),
            next_step: Some(known.next_step),
        })
    });
    Untold {
        label: word(notice.kind.in_words()).label,
        about: notice.facts.connection.as_ref().map(ToString::to_string).unwrap_or_default(),
        at: When::new(notice.at, now),
        failures: failures.collect(),
    }
}
