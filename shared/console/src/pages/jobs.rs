//! Work on many things at once: first counted and shown, then, once a person says so, done.

use super::fault::Fault;
use super::guard::{Asked, Fields, Posted};
use super::links;
use super::login::Session;
use super::rows::Row;
use super::view::{self, Chrome, Link, Names, Section, When, show};
use crate::ConsoleState;
use crate::api::label;
use crate::texts::filters;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Redirect, Response};
use domain::{ConnectionId, ExportId, JobId, Operation};
use export_flow::jobs::{BATCH_EXPORT, Filter, JobKind, JobRequest};
use export_flow::ports::Job;
use jiff::SignedDuration;

/// A page waits this often, this long, for a job that is nearly done.
const WAITS: usize = 20;
const WAIT: SignedDuration = SignedDuration::from_millis(100);

/// Jobs of a page.
const LINES: usize = 50;

#[derive(Template)]
#[template(path = "job.html")]
struct Page {
    chrome: Chrome,
    id: String,
    redrives: bool,
    counts_only: bool,
    running: bool,
    cancelled: bool,
    done: bool,
    found: u64,
    matched: u64,
    /// Put back to work, or left out.
    decided: u64,
    rows: Vec<Row>,
    more: u64,
}

struct HaltFacts {
    label: &'static str,
    detail: Option<String>,
    until: Option<When>,
}

#[derive(Template)]
#[template(path = "batch.html")]
struct BatchPage {
    chrome: Chrome,
    id: String,
    /// Of which source, or for which target.
    of: String,
    counts_only: bool,
    running: bool,
    done: bool,
    halt: Option<HaltFacts>,
    found: u64,
    matched: u64,
    delivered: u64,
    queued: u64,
    rows: Vec<Row>,
}

struct JobLine {
    link: Link,
    state: String,
    waits: Option<&'static str>,
    found: u64,
    matched: u64,
    begun: When,
}

#[derive(Template)]
#[template(path = "jobs.html")]
struct List {
    chrome: Chrome,
    jobs: Vec<JobLine>,
    next: Option<String>,
}

/// `GET /jobs`.
pub(super) async fn list(
    State(state): State<ConsoleState>,
    session: Session,
    Asked(fields): Asked,
) -> Result<Response, Fault> {
    let now = state.flow.now();
    let page = state.flow.jobs_of(&session.tenant, LINES, fields.get("cursor")).await?;
    let line = |job: &Job| JobLine {
        link: Link { href: links::job(&job.id), text: view::humanise(&job.kind) },
        state: view::humanise(if job.dry_run && job.state == "done" { "counted" } else { &job.state }),
        waits: job.halt.as_ref().map(|halt| label(&halt.reason)),
        found: job.found.unwrap_or(0),
        matched: job.matched.unwrap_or(0),
        begun: When::new(job.created_at, now),
    };
    Ok(show(&List {
        chrome: Chrome::new("Jobs", Section::Connections, &session),
        jobs: page.items.iter().map(line).collect(),
        next: page.next.as_deref().map(|next| links::list("/jobs", [("cursor", next)])),
    }))
}

/// `POST /dead-letters/preview`: counts and shows what a decision about dead letters would be about.
pub(super) async fn preview(
    State(state): State<ConsoleState>,
    Posted { session, fields }: Posted,
) -> Result<Redirect, Fault> {
    let kind = kind(fields.get("kind").unwrap_or_default())?;
    let filter = filter(&fields)?;
    let request = JobRequest { filter, dry_run: true, ..JobRequest::default() };
    let job = state.flow.start_job(&session.tenant, kind, &request).await?;
    Ok(Redirect::to(&links::job(&job.id)))
}

fn kind(word: &str) -> Result<JobKind, Fault> {
    [JobKind::Redrive, JobKind::Dismiss]
        .into_iter()
        .find(|kind| kind.as_str() == word)
        .ok_or_else(|| Fault::Wrong("Choose what is to be done.".into()))
}

fn filter(fields: &Fields) -> Result<Filter, Fault> {
    if fields.get("which") != Some("all") {
        let ids: Vec<ExportId> = fields.all("ids").map(ExportId::new).collect();
        if ids.is_empty() {
            return Err(Fault::Wrong("Tick at least one dead letter, or choose all of them.".into()));
        }
        return Ok(Filter { ids: Some(ids), ..Filter::default() });
    }
    let connection = fields.get("connection").map(ConnectionId::new);
    let at = fields.get("at").map(ConnectionId::new);
    let operation = fields.get("operation").and_then(Operation::from_word);
    let code = fields.get("code").map(str::to_owned);
    let all = connection.is_none() && at.is_none() && operation.is_none() && code.is_none();
    Ok(Filter { all, connection, at, operation, code, ids: None })
}

/// `POST /jobs/{id}/confirm`: does what a preview showed.
pub(super) async fn confirm(
    State(state): State<ConsoleState>,
    Path(id): Path<String>,
    Posted { session, fields }: Posted,
) -> Result<Redirect, Fault> {
    let (id, note) = (JobId::new(id), fields.get("note"));
    let seen = state.flow.job_of(&session.tenant, &id).await?;
    if seen.kind == JobKind::Dismiss.as_str() && note.is_none() {
        return Err(Fault::Wrong("Say in the note why they are not needed.".into()));
    }
    let job = state.flow.confirm_job(session.asks(), &id, note).await?;
    Ok(Redirect::to(&links::job(&job.id)))
}

/// `POST /jobs/{id}/cancel`.
pub(super) async fn cancel(
    State(state): State<ConsoleState>,
    Path(id): Path<String>,
    Posted { session, .. }: Posted,
) -> Result<Redirect, Fault> {
    let job = state.flow.cancel_job(&session.tenant, &JobId::new(id)).await?;
    Ok(Redirect::to(&links::job(&job.id)))
}

/// `GET /jobs/{id}`.
pub(super) async fn one(
    State(state): State<ConsoleState>,
    session: Session,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    let job = nearly_done(&state, &session, &JobId::new(id)).await?;
    let (now, ledger) = (state.flow.now(), &state.flow.parts().ledger);
    let names = Names::new(&ledger.connections(&session.tenant).await?);
    let mut rows = vec![];
    for id in &job.ids {
        if let Some(export) = ledger.export(id).await? {
            rows.push(Row::new(&export, &names, now));
        }
    }
    let redrives = job.kind == JobKind::Redrive.as_str();
    let matched = job.matched.unwrap_or(0);
    if job.kind == BATCH_EXPORT {
        let asked = |name: &str| job.request.get(name).and_then(|id| id.as_str()).map(ConnectionId::new);
        let of = match (asked("source"), asked("target")) {
            (Some(source), _) => format!("of {}", names.label(&source)),
            (None, Some(target)) => format!("for {}", names.label(&target)),
            (None, None) => String::new(),
        };
        return Ok(show(&BatchPage {
            chrome: Chrome::new("Batch export", Section::Connections, &session),
            id: job.id.to_string(),
            of,
            counts_only: job.dry_run,
            running: job.state == "running",
            done: job.state == "done",
            halt: job.halt.as_ref().map(|halt| HaltFacts {
                label: label(&halt.reason),
                detail: halt.detail.clone(),
                until: halt.until.map(|until| When::new(until, now)),
            }),
            found: job.found.unwrap_or(0),
            matched,
            delivered: job.already_delivered.unwrap_or(0),
            queued: job.queued.unwrap_or(0),
            rows,
        }));
    }
    Ok(show(&Page {
        chrome: Chrome::new(if redrives { "Redrive" } else { "Not needed" }, Section::Dead, &session),
        id: job.id.to_string(),
        redrives,
        counts_only: job.dry_run,
        running: job.state == "running",
        cancelled: job.state == "cancelled",
        done: job.state == "done",
        found: job.found.unwrap_or(0),
        matched,
        decided: if redrives { job.redriven } else { job.dismissed }.unwrap_or(0),
        more: matched.saturating_sub(u64::try_from(rows.len()).unwrap_or(u64::MAX)),
        rows,
    }))
}

/// A job, given a moment to end, so that most people never see it under way.
async fn nearly_done(state: &ConsoleState, session: &Session, id: &JobId) -> Result<Job, Fault> {
    let mut job = state.flow.job_of(&session.tenant, id).await?;
    for _ in 0..WAITS {
        if job.state != "running" {
            break;
        }
        state.timer.sleep(WAIT).await;
        job = state.flow.job_of(&session.tenant, id).await?;
    }
    Ok(job)
}
