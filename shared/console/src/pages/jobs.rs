//! Work on many things at once: first counted and shown, then, once a person says so, done.

use super::fault::Fault;
use super::guard::{Asked, Fields, Posted};
use super::links;
use super::login::Session;
use super::rows::{self, Row};
use super::view::{self, Chrome, Link, Names, Section, When, show};
use crate::ConsoleState;
use crate::texts::{self, fill, filters, say, say_n, say_with};
use askama::Template;
use axum::extract::{self, Path};
use axum::response::{Redirect, Response};
use domain::{ConnectionId, Export, ExportId, JobId, Operation, State};
use export_flow::jobs::{BATCH_EXPORT, Filter, JobKind, JobRequest, dry_run_of};
use export_flow::ports::Job;
use jiff::{SignedDuration, Timestamp};

const RUNNING: &str = "running";

/// A page waits this often, this long, for a job that is nearly done: no longer than any page may take.
const WAITS: usize = 3;
const WAIT: SignedDuration = SignedDuration::from_millis(25);

/// Jobs of a page.
const LINES: usize = 50;

/// How far a job has come. Without an end it is known only that it goes on.
struct Bar {
    done: u64,
    end: Option<u64>,
}

impl Bar {
    fn new(done: Option<u64>, end: Option<u64>) -> Self {
        let done = done.unwrap_or(0);
        Self { done: end.map_or(done, |end| done.min(end)), end: end.filter(|end| *end > 0) }
    }
}

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
    title: &'static str,
    /// How far it has come, while it runs.
    so_far: String,
    bar: Bar,
    /// What became of them.
    outcome: String,
    /// Where those stand now that it has put back to work, of those that it names.
    since: Option<String>,
    /// Of these, what is a dead letter again.
    again: Vec<Row>,
    matched: u64,
    /// Put back to work, or left out.
    decided: u64,
    rows: Vec<Row>,
    more: u64,
    looks_again: bool,
}

struct HaltFacts {
    said: String,
    detail: Option<String>,
    until: Option<When>,
}

#[derive(Template)]
#[template(path = "batch.html")]
struct BatchPage {
    chrome: Chrome,
    id: String,
    /// Of which source, or for which target.
    title: String,
    counts_only: bool,
    running: bool,
    done: bool,
    halt: Option<HaltFacts>,
    /// How far it has come, while it runs.
    so_far: String,
    bar: Bar,
    /// Of how many how many are at their target.
    is_there: String,
    was_queued: String,
    matched: u64,
    delivered: u64,
    queued: u64,
    looks_again: bool,
    rows: Vec<Row>,
}

struct JobLine {
    link: Link,
    state: String,
    waits: Option<&'static str>,
    so_far: String,
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
    extract::State(state): extract::State<ConsoleState>,
    session: Session,
    Asked(fields): Asked,
) -> Result<Response, Fault> {
    let now = state.flow.now();
    let page = state.flow.jobs_of(&session.tenant, LINES, fields.get("cursor")).await?;
    let line = |job: &Job| JobLine {
        link: Link { href: links::job(&job.id), text: named("jobs-kind", &job.kind) },
        state: named("jobs-state", if job.dry_run && job.state == "done" { "counted" } else { &job.state }),
        waits: job.halt.as_ref().map(|halt| texts::label(&halt.reason)),
        so_far: counts("jobs-so-far-counts", ("found", job.found), ("matched", job.matched)),
        begun: When::new(job.created_at, now),
    };
    Ok(show(&List {
        chrome: Chrome::new(say("jobs-title"), Section::Connections, &session),
        jobs: page.items.iter().map(line).collect(),
        next: page.next.as_deref().map(|next| links::list("/jobs", [("cursor", next)])),
    }))
}

/// What people call a kind or state of jobs.
fn named(prefix: &str, name: &str) -> String {
    texts::named(prefix, name).map_or_else(|| view::humanise(name), str::to_owned)
}

type Counted = (&'static str, Option<u64>);

/// A sentence with two numbers; what has not been counted is none.
fn counts(key: &'static str, one: Counted, other: Counted) -> String {
    fill(key, [one, other].map(|(gap, number)| (gap, number.unwrap_or(0).into())))
}

/// `POST /dead-letters/preview`: counts and shows what a decision about dead letters would be about.
pub(super) async fn preview(
    extract::State(state): extract::State<ConsoleState>,
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
        .ok_or_else(|| Fault::Wrong(say("jobs-letters-choose-kind").to_owned()))
}

fn filter(fields: &Fields) -> Result<Filter, Fault> {
    if fields.get("which") != Some("all") {
        let ids: Vec<ExportId> = fields.all("ids").map(ExportId::new).collect();
        if ids.is_empty() {
            return Err(Fault::Wrong(say("jobs-letters-tick-one").to_owned()));
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
    extract::State(state): extract::State<ConsoleState>,
    Path(id): Path<String>,
    Posted { session, fields }: Posted,
) -> Result<Redirect, Fault> {
    let (id, note) = (JobId::new(id), fields.get("note"));
    let seen = state.flow.job_of(&session.tenant, &id).await?;
    if seen.kind == JobKind::Dismiss.as_str() && note.is_none() {
        return Err(Fault::Wrong(say("jobs-letters-note-needed").to_owned()));
    }
    let job = state.flow.confirm_job(session.asks(), &id, note).await?;
    Ok(Redirect::to(&links::job(&job.id)))
}

/// `POST /jobs/{id}/cancel`.
pub(super) async fn cancel(
    extract::State(state): extract::State<ConsoleState>,
    Path(id): Path<String>,
    Posted { session, .. }: Posted,
) -> Result<Redirect, Fault> {
    let job = state.flow.cancel_job(&session.tenant, &JobId::new(id)).await?;
    Ok(Redirect::to(&links::job(&job.id)))
}

/// `GET /jobs/{id}`.
pub(super) async fn one(
    extract::State(state): extract::State<ConsoleState>,
    session: Session,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    let job = nearly_done(&state, &session, &JobId::new(id)).await?;
    let (now, ledger) = (state.flow.now(), &state.flow.parts().ledger);
    let names = Names::new(&ledger.connections(&session.tenant).await?);
    let named = rows::exports(&state, &session, &job.ids).await?;
    let exports: Vec<Export> = named.into_iter().flatten().collect();
    if job.kind == BATCH_EXPORT {
        return Ok(show(&batch_page(&job, &names, &session, &exports, now)));
    }
    let end = if job.state == RUNNING { end(&state, &job).await? } else { None };
    Ok(show(&letters_page(&job, end, &session, &exports, &names, now)))
}

/// How many it will be about, where that is known before: the named ones, or what its dry run has counted.
async fn end(state: &ConsoleState, job: &Job) -> Result<Option<u64>, Fault> {
    let named = job.request.pointer("/filter/ids").and_then(|ids| ids.as_array());
    if let Some(named) = named {
        return Ok(u64::try_from(named.len()).ok());
    }
    let Some(seen) = dry_run_of(&job.id) else { return Ok(None) };
    let seen = state.flow.parts().ledger.job(&seen).await?.filter(|seen| seen.tenant == job.tenant);
    Ok(seen.and_then(|seen| seen.matched))
}

/// Whether there is more to see soon without anybody doing anything: the job runs, or what it has set going is under way.
fn moves(job: &Job, exports: &[Export]) -> bool {
    let under_way = |export: &Export| matches!(export.state, State::Sending | State::Accepted);
    job.state == RUNNING || (!job.dry_run && exports.iter().any(under_way))
}

fn batch_page(job: &Job, names: &Names, session: &Session, exports: &[Export], now: Timestamp) -> BatchPage {
    let running = job.state == RUNNING;
    let asked = |name: &str| job.request.get(name).and_then(|id| id.as_str()).map(ConnectionId::new);
    let title = match (asked("source"), asked("target")) {
        (Some(source), _) => say_with("jobs-batch-title-source", "name", names.label(&source)),
        (None, Some(target)) => say_with("jobs-batch-title-target", "name", names.label(&target)),
        (None, None) => say("jobs-batch-title").to_owned(),
    };
    let so_far = if job.dry_run { "jobs-batch-counting" } else { "jobs-batch-under-way" };
    let halted = if running { "jobs-batch-waits" } else { "jobs-batch-halted" };
    BatchPage {
        chrome: Chrome::new(say("jobs-batch-title"), Section::Connections, session),
        id: job.id.to_string(),
        title,
        counts_only: job.dry_run,
        running,
        done: job.state == "done",
        halt: job.halt.as_ref().map(|halt| HaltFacts {
            said: say_with(halted, "why", texts::label(&halt.reason)),
            detail: halt.detail.as_deref().map(|detail| texts::kept(detail, halt.remark.as_deref())),
            until: halt.until.map(|until| When::new(until, now)),
        }),
        so_far: counts(so_far, ("queued", job.queued), ("found", job.found)),
        bar: Bar::new(job.found, None),
        is_there: counts("jobs-batch-is-there", ("found", job.found), ("delivered", job.already_delivered)),
        was_queued: counts("jobs-batch-queued-of", ("queued", job.queued), ("found", job.found)),
        matched: job.matched.unwrap_or(0),
        delivered: job.already_delivered.unwrap_or(0),
        queued: job.queued.unwrap_or(0),
        looks_again: moves(job, exports),
        rows: exports.iter().map(|export| Row::new(export, names, now)).collect(),
    }
}

fn letters_page(
    job: &Job,
    end: Option<u64>,
    session: &Session,
    exports: &[Export],
    names: &Names,
    now: Timestamp,
) -> Page {
    let shown = u64::try_from(exports.len()).unwrap_or(u64::MAX);
    let touched = |export: &&Export| export.notes.iter().any(|note| note.job.as_ref() == Some(&job.id));
    let again = |export: &Export| touched(&export) && export.state == State::Dead;
    let (again, others): (Vec<&Export>, Vec<&Export>) = exports.iter().partition(|export| again(export));
    let row = |export: &&Export| Row::new(export, names, now);
    let redrives = job.kind == JobKind::Redrive.as_str();
    let matched = job.matched.unwrap_or(0);
    let decided = if redrives { job.redriven } else { job.dismissed }.unwrap_or(0);
    let so_far = match (job.dry_run, redrives) {
        (true, _) => counts("jobs-letters-counting", ("matched", job.matched), ("found", job.found)),
        (false, true) => counts("jobs-letters-redriving", ("decided", job.redriven), ("matched", job.matched)),
        (false, false) => counts("jobs-letters-dismissing", ("decided", job.dismissed), ("matched", job.matched)),
    };
    Page {
        chrome: Chrome::new(say(if redrives { "dead-redrive" } else { "dead-dismiss" }), Section::Dead, session),
        title: say(if redrives { "jobs-letters-redrive" } else { "jobs-letters-dismiss" }),
        so_far,
        bar: Bar::new(if job.dry_run { job.found } else { Some(decided) }, end),
        since: (redrives && decided > 0).then(|| since(exports.iter().filter(touched))),
        again: again.iter().map(row).collect(),
        outcome: say_n(if redrives { "jobs-letters-redriven" } else { "jobs-letters-dismissed" }, decided),
        id: job.id.to_string(),
        redrives,
        counts_only: job.dry_run,
        running: job.state == RUNNING,
        cancelled: job.state == "cancelled",
        done: job.state == "done",
        matched,
        decided,
        more: matched.saturating_sub(shown),
        looks_again: moves(job, exports),
        rows: others.iter().map(row).collect(),
    }
}

/// Where the redriven ones stand now.
fn since<'a>(redriven: impl Iterator<Item = &'a Export>) -> String {
    let (mut delivered, mut again, mut others) = (0_u64, 0_u64, 0_u64);
    for export in redriven {
        match export.state {
            State::Delivered => delivered += 1,
            State::Dead => again += 1,
            _ => others += 1,
        }
    }
    fill("progress-since", [("delivered", delivered.into()), ("moving", others.into()), ("again", again.into())])
}

/// A job, given a moment to end, so that most people never see it under way.
async fn nearly_done(state: &ConsoleState, session: &Session, id: &JobId) -> Result<Job, Fault> {
    let mut job = state.flow.job_of(&session.tenant, id).await?;
    for _ in 0..WAITS {
        if job.state != RUNNING {
            break;
        }
        state.timer.sleep(WAIT).await;
        job = state.flow.job_of(&session.tenant, id).await?;
    }
    Ok(job)
}
