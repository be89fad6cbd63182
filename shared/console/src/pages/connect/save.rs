//! Making and changing a connection: what was typed is tried first, and kept only if it works or a person insists.

use super::does;
use super::form::Form;
use super::given::{self, given};
use super::inputs::Filled;
use super::one::{self, Beside};
use super::spec_of;
use super::webhook::{self, WebhookFacts};
use crate::ConsoleState;
use crate::access::gate::Trace;
use crate::pages::fault::Fault;
use crate::pages::guard::{Fields, Posted};
use crate::pages::health::{self, StepFacts};
use crate::pages::links;
use crate::pages::login::Session;
use crate::pages::view::{self, Chrome, Section, show};
use crate::texts::{filters, say, say_n, say_with};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use connectors::Spec;
use domain::{AboutKind, Check, Connection, ConnectionId, FieldProblem, Role};
use export_flow::connections::{CHECK_SECS_MAX, Put, PutOptions, SwitchOutlook};
use export_flow::ports::PortError;
use export_flow::refused::{FieldError, Refused};
use futures_util::FutureExt as _;
use http::StatusCode;
use jiff::SignedDuration;
use secrecy::ExposeSecret as _;

/// Names that a connection of the role is proposed to have, best first.
const fn usual_names(role: Role) -> [&'static str; 2] {
    match role {
        Role::Accounting => ["books", "accounting"],
        Role::Courier => ["parcels", "courier"],
        Role::Channel => ["shop", "channel"],
    }
}
/// Ids tried before a person has to find one.
const IDS_MAX: usize = 50;

#[derive(Template)]
#[template(path = "connect_form.html")]
struct Page {
    chrome: Chrome,
    title: String,
    about: &'static str,
    vendor: &'static str,
    action: String,
    /// Back to where it came from.
    back: (String, String),
    form: Form,
    /// What a failed try found; empty if nothing was tried.
    steps: Vec<StepFacts>,
    creates: bool,
    /// Where what the switches would change is shown.
    preview: Option<String>,
    /// What a stored connection was like when this form was opened.
    changed_at: Option<String>,
    webhook: Option<WebhookFacts>,
    /// What is entered at a vendor at which a person may allow the connection.
    redirect_url: Option<String>,
    outlook: Option<Outlook>,
}

/// `GET /connections/new/{connector}`.
pub(in crate::pages) async fn new(
    State(state): State<ConsoleState>,
    session: Session,
    Path(connector): Path<String>,
) -> Result<Response, Fault> {
    let spec = spec_of(&state, &connector)?;
    let proposed = propose_id(&state, spec).await?;
    let fields = Fields::of([("id", proposed.as_str()), ("label", spec.label)]);
    let filled = Filled { stored: None, typed: Some(&fields), errors: &[], now: state.flow.now() };
    Ok(show(&page(&state, &session, spec, &filled, None).await?))
}

/// `POST /connections/new/{connector}`.
pub(in crate::pages) async fn create(
    State(state): State<ConsoleState>,
    Path(connector): Path<String>,
    trace: Trace,
    Posted { session, fields }: Posted,
) -> Result<Response, Fault> {
    let spec = spec_of(&state, &connector)?;
    let id = fields.get("id").unwrap_or_default();
    if ConnectionId::parse(id).is_ok() {
        trace.about(AboutKind::Connection, id);
    }
    match attempt(&state, &session, spec, id, &fields, None).await {
        Ok(Attempt::Saved(put)) => {
            // A token is shown once and stands in no address.
            if let Some(token) = &put.url_token {
                let asked = Fields::of([("saved", "new")]);
                let beside = Beside { asked: Some(&asked), token: Some(token.expose_secret()), ..Beside::default() };
                return Ok(show(&one::page(&state, &session, &put.connection, &beside).await?));
            }
            let there = links::connection(&put.connection.id);
            Ok(Redirect::to(&links::list(&there, [("saved", "new")])).into_response())
        }
        Ok(Attempt::Failed(check)) => refused(&state, &session, spec, None, &fields, &[], Some(&check)).await,
        Err(Refused::Fields(errors)) => refused(&state, &session, spec, None, &fields, &errors, None).await,
        Err(Refused::Conflict(_)) => {
            let errors = [FieldError::new("id", (FieldProblem::BelongsElsewhere, "is taken: choose another one"))];
            refused(&state, &session, spec, None, &fields, &errors, None).await
        }
        Err(other) => Err(other.into()),
    }
}

/// `GET /connections/{id}/edit`.
pub(in crate::pages) async fn edit(
    State(state): State<ConsoleState>,
    session: Session,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    let stored = state.flow.connection_of(&session.tenant, &id).await?;
    let spec = spec_of(&state, &stored.connector)?;
    let filled = Filled { stored: Some(&stored), typed: None, errors: &[], now: state.flow.now() };
    Ok(show(&page(&state, &session, spec, &filled, None).await?))
}

/// `POST /connections/{id}/edit`.
pub(in crate::pages) async fn update(
    State(state): State<ConsoleState>,
    Path(id): Path<String>,
    Posted { session, fields }: Posted,
) -> Result<Response, Fault> {
    let stored = state.flow.connection_of(&session.tenant, &id).await?;
    let spec = spec_of(&state, &stored.connector)?;
    if fields.get("changed_at").is_some_and(|seen| seen != stored.changed_at.to_string()) {
        let errors = [FieldError::new("connection", (FieldProblem::Invalid, domain::remark::changed_meanwhile()))];
        return refused(&state, &session, spec, Some(&stored), &fields, &errors, None).await;
    }
    let (_, outlook) = switched(&state, &session, spec, &fields, &stored).await?;
    match attempt(&state, &session, spec, &id, &fields, Some(&stored)).await {
        Ok(Attempt::Saved(put)) => {
            let count = |count: u64| if count > 0 { count.to_string() } else { String::new() };
            let there = links::connection(&put.connection.id);
            let (eligible, left_out) = (count(put.now_eligible.unwrap_or(0)), count(outlook.would_be_skipped));
            let said = [("saved", "changed"), ("eligible", eligible.as_str()), ("left_out", left_out.as_str())];
            Ok(Redirect::to(&links::list(&there, said)).into_response())
        }
        Ok(Attempt::Failed(check)) => refused(&state, &session, spec, Some(&stored), &fields, &[], Some(&check)).await,
        Err(Refused::Fields(errors)) => refused(&state, &session, spec, Some(&stored), &fields, &errors, None).await,
        Err(other) => Err(other.into()),
    }
}

/// `POST /connections/{id}/switches`: what the switches of the form would change. Nothing is kept.
pub(in crate::pages) async fn preview(
    State(state): State<ConsoleState>,
    Path(id): Path<String>,
    Posted { session, fields }: Posted,
) -> Result<Response, Fault> {
    let stored = state.flow.connection_of(&session.tenant, &id).await?;
    let spec = spec_of(&state, &stored.connector)?;
    let (any, outlook) = switched(&state, &session, spec, &fields, &stored).await?;
    let filled = Filled { stored: Some(&stored), typed: Some(&fields), errors: &[], now: state.flow.now() };
    let page = page(&state, &session, spec, &filled, None).await?;
    Ok(show(&Page { outlook: Some(Outlook::new(&outlook, any)), ..page }))
}

/// Whether the form turns any switch, and what that would mean.
async fn switched(
    state: &ConsoleState,
    session: &Session,
    spec: &'static Spec,
    fields: &Fields,
    stored: &Connection,
) -> Result<(bool, SwitchOutlook), Refused> {
    let switches = given::switched(spec, fields, stored);
    if switches.is_empty() {
        return Ok((false, SwitchOutlook::default()));
    }
    Ok((true, state.flow.switch_outlook(&session.tenant, stored.id.as_str(), &switches).await?))
}

/// What other switches would mean, in words.
struct Outlook {
    said: Vec<String>,
}

impl Outlook {
    fn new(found: &SwitchOutlook, switched: bool) -> Self {
        if !switched {
            return Self { said: vec![say("connect-outlook-none").to_owned()] };
        }
        let mut said = vec![
            say_n("connect-would-be-eligible", found.would_be_eligible),
            say_n("connect-would-be-skipped", found.would_be_skipped),
        ];
        said.extend(found.more.then(|| say("connect-outlook-more").to_owned()));
        Self { said }
    }
}

/// What became of a form.
enum Attempt {
    Saved(Box<Put>),
    Failed(Check),
}

/// Tries what was typed, and keeps it if it works or a person wants it kept anyway.
async fn attempt(
    state: &ConsoleState,
    session: &Session,
    spec: &'static Spec,
    id: &str,
    fields: &Fields,
    old: Option<&Connection>,
) -> Result<Attempt, Refused> {
    let given = given(spec, fields, old);
    let options = PutOptions { allow_private_targets: state.options.allow_private_targets, creates: old.is_none() };
    let deadline = state.timer.sleep(SignedDuration::from_secs(CHECK_SECS_MAX)).shared();
    // What a person allows at the vendor afterwards cannot be tried before.
    let later = spec.oauth.is_some_and(|oauth| {
        given.pointer(&format!("/settings/{}", oauth.setting)).is_some_and(|chosen| chosen == oauth.value)
            && old.is_none_or(|old| !old.secrets.contains_key(oauth.secret))
    });
    if fields.get("save") != Some("anyway") && !later {
        let check = state.flow.try_connection(&session.tenant, id, &given, options, deadline.clone()).await?;
        if !check.ok {
            return Ok(Attempt::Failed(check));
        }
    }
    let put = state.flow.put_connection(&session.tenant, id, &given, options, deadline).await?;
    Ok(Attempt::Saved(Box::new(put)))
}

async fn refused(
    state: &ConsoleState,
    session: &Session,
    spec: &'static Spec,
    stored: Option<&Connection>,
    fields: &Fields,
    errors: &[FieldError],
    check: Option<&Check>,
) -> Result<Response, Fault> {
    let filled = Filled { stored, typed: Some(fields), errors, now: state.flow.now() };
    let page = page(state, session, spec, &filled, check).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)).into_response())
}

async fn page(
    state: &ConsoleState,
    session: &Session,
    spec: &'static Spec,
    filled: &Filled<'_>,
    check: Option<&Check>,
) -> Result<Page, PortError> {
    let offered = state.flow.switches_of(&session.tenant, spec, filled.stored).await?;
    let (title, action, back) = match filled.stored {
        Some(stored) => {
            let (there, label) = (links::connection(&stored.id), view::label(stored));
            (say_with("connect-edit-title", "label", label.as_str()), format!("{there}/edit"), (there, label))
        }
        None => (
            say_with("connect-new-title", "vendor", spec.label),
            format!("/connections/new/{}", spec.id),
            ("/connections/new".to_owned(), say("connect-choose-title").to_owned()),
        ),
    };
    Ok(Page {
        chrome: Chrome::new(title.as_str(), Section::Connections, session),
        title,
        about: does::about(spec),
        vendor: spec.label,
        action,
        back,
        form: Form::new(state, spec, &offered, filled),
        steps: check.map_or_else(Vec::new, |check| health::steps(&check.steps)),
        creates: filled.stored.is_none(),
        preview: filled
            .stored
            .filter(|_| spec.switches().next().is_some())
            .map(|stored| format!("{}/switches", links::connection(&stored.id))),
        changed_at: filled.stored.map(|stored| stored.changed_at.to_string()),
        webhook: webhook::before(state, spec, &filled.get("id").unwrap_or_default()),
        redirect_url: spec.oauth.map(|_| session.redirect_url.clone()),
        outlook: None,
    })
}

/// An id that nobody has yet: what such a connection is usually called, or what its connector is.
async fn propose_id(state: &ConsoleState, spec: &Spec) -> Result<String, PortError> {
    let [usual, other] = usual_names(spec.role);
    let numbered = (2..IDS_MAX).map(|n| format!("{}-{n}", spec.id));
    let names = [usual, spec.id, other].map(str::to_owned).into_iter().chain(numbered);
    for name in names {
        if let Ok(id) = ConnectionId::parse(&name)
            && state.flow.parts().ledger.connection(&id).await?.is_none()
        {
            return Ok(name);
        }
    }
    Ok(String::new())
}
