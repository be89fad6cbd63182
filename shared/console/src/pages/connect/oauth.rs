//! A person allows a connection at its vendor: what its page says of it, the way there and the way back.
//!
//! The session's cookie is strict, so whoever comes back from the vendor arrives without it. That first arrival is
//! answered by a page that leads on, as after a login; only then is it known who it is.

use super::one::{self, Beside};
use crate::ConsoleState;
use crate::access::Door;
use crate::pages::fault::Fault;
use crate::pages::guard::{Asked, Posted};
use crate::pages::links;
use crate::pages::login::Session;
use crate::pages::view::{Chrome, Section, show};
use crate::texts::{filters, say};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use connectors::Spec;
use domain::{About, AboutKind, AuditAction, AuditDetail, AuditOutcome, Code, Connection, ConnectionId, FieldProblem};
use export_flow::audit::{Act, Ended};
use export_flow::connections::{CHECK_SECS_MAX, CameBack, Connected, Outcome, awaits_consent, connection_in};
use export_flow::refused::Refused;
use jiff::SignedDuration;

/// Where the way back goes on once it comes from here.
pub(in crate::pages) const FINISH: &str = "/oauth/finish";

/// What the page of a connection says of what is allowed at the vendor.
pub(super) struct Consent {
    /// Nobody has allowed it yet.
    pub(super) awaited: bool,
    /// The vendor's name.
    pub(super) vendor: &'static str,
    /// What is entered at the vendor.
    pub(super) redirect_url: String,
    /// How it went just now, and whether that is good.
    pub(super) said: Option<(bool, &'static str)>,
}

impl Consent {
    /// `None` where nothing is allowed at the vendor.
    pub(super) fn new(
        spec: &'static Spec,
        connection: &Connection,
        session: &Session,
        beside: &Beside<'_>,
    ) -> Option<Self> {
        spec.oauth_of(connection)?;
        let said = match beside.asked.and_then(|asked| asked.get("allowed")) {
            Some("yes") => Some((true, say("oauth-allowed"))),
            Some("no") => Some((false, say("oauth-denied"))),
            _ => None,
        };
        Some(Self {
            awaited: awaits_consent(spec, connection),
            vendor: spec.label,
            redirect_url: session.redirect_url.clone(),
            said,
        })
    }
}

#[derive(Template)]
#[template(path = "oauth_way.html")]
struct Way {
    chrome: Chrome,
    title: String,
    /// Where it leads, by itself and by the button.
    to: String,
    button: String,
}

/// `POST /connections/{id}/connect`: leads to the vendor. Not by a redirect: the policy lets forms lead to our own host
/// only, and browsers count redirects as a part of it.
pub(in crate::pages) async fn begin(
    State(state): State<ConsoleState>,
    Path(id): Path<String>,
    Posted { session, .. }: Posted,
) -> Result<Response, Fault> {
    let leaving = state.flow.begin_connect(&session.tenant, &id, &session.redirect_url).await?;
    let spec = super::spec_of(&state, &leaving.connection.connector)?;
    let title = crate::texts::say_with("oauth-leaving", "vendor", spec.label);
    let button = crate::texts::say_with("oauth-go", "vendor", spec.label);
    let chrome = Chrome::new(title.as_str(), Section::Connections, &session);
    Ok(show(&Way { chrome, title, to: leaving.url.into(), button }))
}

/// `GET /oauth/callback`: the vendor has sent somebody back. Who it is shows on the next page.
pub(in crate::pages) async fn arrive(Asked(fields): Asked) -> Response {
    let pairs = ["state", "code", "error"].map(|name| (name, fields.get(name).unwrap_or_default()));
    let (title, button) = (say("oauth-back").to_owned(), say("entrance-go-on").to_owned());
    show(&Way { chrome: Chrome::bare(title.as_str(), Section::Outside), title, to: links::list(FINISH, pairs), button })
}

/// `GET /oauth/finish`: exchanges what somebody came back with. No form has been posted, so role and trail are seen to
/// here; that nobody else sends a browser here is what the state is for.
pub(in crate::pages) async fn finish(
    State(state): State<ConsoleState>,
    session: Session,
    Asked(fields): Asked,
) -> Result<Response, Fault> {
    if !session.may_change() {
        return Err(Fault::Forbidden);
    }
    let way = fields.get("state").unwrap_or_default();
    let back = match (fields.get("error"), fields.get("code")) {
        (Some(word), _) => CameBack::Error(word),
        (None, Some(code)) => CameBack::Code(code),
        (None, None) => return Err(Refused::field("code", (FieldProblem::Missing, "is missing")).into()),
    };
    let id = connection_in(way).and_then(|id| ConnectionId::parse(id).ok());
    let about = id.map(|id| About::new(AboutKind::Connection, id.as_str())).into_iter().collect();
    let act = Act { about, ..Act::new(AuditAction::ConnectAtVendor) };
    let entry = state.flow.begin_audit(&session.by().actor(Door::Session), act).await?;
    let deadline = state.timer.sleep(SignedDuration::from_secs(CHECK_SECS_MAX));
    let result = state.flow.finish_connect(&session.tenant, way, back, deadline).await;
    let (outcome, code) = match &result {
        Ok(Connected::Allowed(_)) => (AuditOutcome::Done, None),
        Ok(Connected::Refused(..)) => (AuditOutcome::Refused, None),
        Err(Refused::Vendor(code, _)) => (AuditOutcome::Failed, Some(*code)),
        Err(Refused::Ours(_)) => (AuditOutcome::Failed, Some(Code::StoreUnavailable)),
        Err(Refused::Unknown(code)) => (AuditOutcome::Refused, Some(*code)),
        Err(_) => (AuditOutcome::Refused, Some(Code::Conflict)),
    };
    state.flow.end_audit(entry, Ended { outcome, code, about: vec![], detail: AuditDetail::new() }).await;
    let there = |connection: &Connection, allowed: &str| {
        let there = links::list(&links::connection(&connection.id), [("allowed", allowed)]);
        Redirect::to(&format!("{there}#h-oauth")).into_response()
    };
    Ok(match result? {
        Connected::Refused(_, connection) => there(&connection, "no"),
        Connected::Allowed(rotated) => match &rotated.check {
            // The vendor's own words are kept nowhere: they are shown now.
            Some(check) if rotated.outcome != Outcome::Replaced => {
                let beside = Beside { tried: Some(check), ..Beside::default() };
                show(&one::page(&state, &session, &rotated.connection, &beside).await?)
            }
            _ => there(&rotated.connection, "yes"),
        },
    })
}
