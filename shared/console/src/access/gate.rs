//! The one place where a role decides, and where what is changed leaves its trace. Both doors, that of the API and that of
//! the pages, lead through it.

use super::by::{By, Door};
use super::deeds;
use crate::api::{BODY_BYTES_MAX, read_bytes};
use crate::{ConsoleState, Problem};
use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, MatchedPath, RawPathParams, Request};
use axum::middleware::Next;
use axum::response::Response;
use domain::{About, AboutKind, AccessRole, AuditDetail, AuditOutcome, Code, Connection, ConnectionId};
use export_flow::audit::{Act, Ended, changed};
use http::request::Parts;
use http::{Method, StatusCode, header};
use serde::Deserialize;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

/// When a request that is no `GET` changes nothing.
#[derive(Clone, Copy)]
enum Reads {
    /// Always: it ends the asker's own session, or answers what would be.
    Always,
    /// If its body says so.
    AsTrial,
}

/// The requests that change nothing although they are no `GET`. Whatever is not named here is a change. Dry runs of jobs are
/// not here: they write a job and give a worker work.
const READS: [(&str, Reads); 3] =
    [("/logout", Reads::Always), ("/trial", Reads::Always), ("/api/v1/exports", Reads::AsTrial)];

/// What an act turned out to be about, told by whoever carried it out.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trace(Arc<Mutex<Vec<About>>>);

impl Trace {
    /// It was about this too.
    pub(crate) fn about(&self, kind: AboutKind, id: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(About::new(kind, id));
    }

    fn take(&self) -> Vec<About> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<S: Sync> FromRequestParts<S> for Trace {
    type Rejection = Infallible;

    /// That of the request; where nothing is changed, one that nobody reads.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

/// Lets a request through if whoever asks may make it. A change is written down before it is made, as asked for, and
/// afterwards with its outcome; where it cannot be written down it is not made.
///
/// # Errors
/// [`Code::Forbidden`] for a change that a viewer asks for; what is wrong with the body of one; [`Code::StoreUnavailable`] if
/// it could not be written down.
pub(crate) async fn pass(
    state: &ConsoleState,
    by: &By,
    door: Door,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(next.run(request).await);
    }
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let reads = READS.iter().find(|(known, _)| Some(*known) == path.as_deref() && *request.method() == Method::POST);
    let reads = reads.map(|(_, reads)| *reads);
    if by.role < AccessRole::Operator && reads.is_none() {
        return Err(Problem::plain(Code::Forbidden));
    }
    let (Some(path), None | Some(Reads::AsTrial)) = (path, reads) else {
        // There is no such place, or nothing is changed there.
        return Ok(next.run(request).await);
    };
    let (mut request, body) = with_body(request).await?;
    if reads.is_some() && is_trial(&body) {
        return Ok(next.run(request).await);
    }
    if by.role < AccessRole::Operator {
        return Err(Problem::plain(Code::Forbidden));
    }
    let act = act(&mut request, &path, &body).await;
    let connection = act.about.iter().find(|about| about.kind == AboutKind::Connection).map(|about| about.id.clone());
    let before = connection_of(state, by, connection.as_deref()).await?;
    let entry = state.flow.begin_audit(&by.actor(door), act).await?;
    let trace = Trace::default();
    request.extensions_mut().insert(trace.clone());
    let response = next.run(request).await;
    let mut ended = ended(&response, &trace);
    // Who cannot read it now learns less, and is not refused what was done.
    if let Ok(after) = connection_of(state, by, connection.as_deref()).await {
        let names = changed(before.as_ref(), after.as_ref());
        ended.detail.extend((!names.is_empty()).then(|| ("changed".to_owned(), names)));
    }
    state.flow.end_audit(entry, ended).await;
    Ok(response)
}

/// Reads the body whole and puts it back.
async fn with_body(request: Request) -> Result<(Request, Bytes), Problem> {
    let (parts, body) = request.into_parts();
    let bytes = read_bytes(&parts.headers, body, BODY_BYTES_MAX).await?;
    Ok((Request::from_parts(parts, Body::from(bytes.clone())), bytes))
}

fn is_trial(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Said {
        #[serde(default)]
        trial: bool,
    }
    // A name that is there twice is refused here as it is by whoever reads it next.
    serde_json::from_slice::<Said>(body).is_ok_and(|said| said.trial)
}

async fn act(request: &mut Request, path: &str, body: &[u8]) -> Act {
    let names = deeds::names(path, body);
    let (action, detail) = deeds::of(request.method(), path, &names);
    let mut parts = std::mem::take(request).into_parts();
    let params = RawPathParams::from_request_parts(&mut parts.0, &()).await;
    let about = params.map(|params| deeds::about(path, params.iter())).unwrap_or_default();
    *request = Request::from_parts(parts.0, parts.1);
    Act { action, about: deeds::and_named(about, &names), detail }
}

async fn connection_of(state: &ConsoleState, by: &By, id: Option<&str>) -> Result<Option<Connection>, Problem> {
    let Some(id) = id else { return Ok(None) };
    let found = state.flow.parts().ledger.connection(&ConnectionId::new(id)).await?;
    Ok(found.filter(|connection| connection.tenant == by.tenant))
}

/// How an answer says that it ended.
fn ended(response: &Response, trace: &Trace) -> Ended {
    let status = response.status();
    let outcome = match status {
        StatusCode::FAILED_DEPENDENCY => AuditOutcome::Failed,
        status if status.is_client_error() => AuditOutcome::Refused,
        status if status.is_server_error() => AuditOutcome::Failed,
        _ => AuditOutcome::Done,
    };
    let mut about = trace.take();
    // Pages lead on to what they have made.
    let leads = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok()).unwrap_or_default();
    about.extend(leads.strip_prefix("/jobs/").map(|id| About::new(AboutKind::Job, id)));
    about.extend(leads.strip_prefix("/exports/").map(|id| About::new(AboutKind::Export, id)));
    Ended { outcome, code: response.extensions().get::<Code>().copied(), about, detail: AuditDetail::new() }
}
