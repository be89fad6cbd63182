//! What happened, in the order in which it happened.

use super::rows::title;
use super::view::{Link, When};
use super::{links, view};
use crate::texts::{self, say, say_with};
use domain::{Attempt, Export, Finding, InWords, Receipt, ResolvedHow, State};
use jiff::Timestamp;

/// One thing that happened, or will.
#[derive(Debug, Clone)]
pub(super) struct Moment {
    pub(super) when: When,
    /// Class of the style sheet.
    pub(super) tone: &'static str,
    pub(super) title: String,
    /// Sentences about it.
    pub(super) text: Vec<String>,
    /// Somebody else's words.
    pub(super) quote: Option<String>,
    /// What it is about, where many things share a timeline.
    pub(super) about: Option<Link>,
    /// Where more is said about it.
    pub(super) advice: Option<String>,
    /// It has not happened yet.
    pub(super) ahead: bool,
}

impl Moment {
    /// Something that happened then.
    pub(super) fn new(at: Timestamp, now: Timestamp, tone: &'static str, title: impl Into<String>) -> Self {
        Self {
            when: When::new(at, now),
            tone,
            title: title.into(),
            text: vec![],
            quote: None,
            about: None,
            advice: None,
            ahead: false,
        }
    }

    fn saying(mut self, text: impl Into<String>) -> Self {
        let text = text.into();
        if !text.is_empty() {
            self.text.push(text);
        }
        self
    }

    fn quoting(mut self, words: &str) -> Self {
        self.quote = Some(words.trim().to_owned()).filter(|words| !words.is_empty());
        self
    }

    fn ahead(mut self) -> Self {
        self.ahead = true;
        self
    }
}

/// What happened to an export, oldest first, and what comes next.
pub(super) fn of_export(export: &Export, now: Timestamp) -> Vec<Moment> {
    let mut moments = vec![Moment::new(export.created_at, now, "calm", say("timeline-first"))];
    moments.extend(export.attempt_log.iter().map(|attempt| failed(attempt, now)));
    moments.extend(export.notes.iter().map(|note| {
        let by = note.by.as_ref().map(|who| say_with("timeline-by", "who", who.as_str()));
        let job = note.job.as_ref().map(|_| say("timeline-by-job"));
        let moment = Moment::new(note.at, now, "busy", say_with("timeline-decided", "what", decision(&note.outcome)));
        let moment = moment.saying(by.unwrap_or_default()).saying(job.unwrap_or_default());
        moment.quoting(note.note.as_deref().unwrap_or_default())
    }));
    moments.extend(
        export.earlier_receipts.iter().map(|receipt| delivered(receipt, now, say("timeline-delivered-earlier"))),
    );
    moments.extend(
        export.receipt.iter().map(|receipt| delivered(receipt, now, texts::word(State::Delivered.in_words()).label)),
    );
    moments.extend(present(export, now));
    moments.sort_by_key(|moment| moment.when.at());
    moments.extend(next(export, now));
    moments
}

/// The same for everything of an order, each named.
pub(super) fn of_exports(exports: &[Export], now: Timestamp) -> Vec<Moment> {
    exports
        .iter()
        .flat_map(|export| {
            let about = Link { href: links::export(&export.id), text: title(export) };
            of_export(export, now).into_iter().map(move |moment| Moment { about: Some(about.clone()), ..moment })
        })
        .collect()
}

/// What was found about an export, and how that ended.
pub(super) fn of_finding(finding: &Finding, now: Timestamp) -> Vec<Moment> {
    let word = texts::word(finding.code.in_words());
    let found = Moment::new(finding.at, now, "bad", word.label).saying(word.explanation);
    let found = Moment { advice: Some(links::code(finding.code.as_str())), ..found };
    let ended = finding.resolved.as_ref().map(|resolved| {
        let title = match resolved.how {
            ResolvedHow::Seen => say("timeline-seen"),
            ResolvedHow::CameBack => say("timeline-came-back"),
        };
        let by = resolved.by.as_ref().map(|who| say_with("timeline-by", "who", who.as_str()));
        let moment = Moment::new(resolved.at, now, "busy", title).saying(by.unwrap_or_default());
        moment.quoting(resolved.note.as_deref().unwrap_or_default())
    });
    std::iter::once(found).chain(ended).collect()
}

fn failed(attempt: &Attempt, now: Timestamp) -> Moment {
    let answer = attempt.status.map_or_else(
        || say("timeline-no-answer").to_owned(),
        |status| say_with("timeline-status", "status", status.to_string()),
    );
    let (why, step) = (texts::word(attempt.code.in_words()), texts::word(attempt.step.in_words()));
    let moment = Moment::new(attempt.at, now, "bad", say_with("timeline-failed", "why", why.label))
        .saying(format!("{} {answer}", say_with("timeline-step", "step", step.label)))
        .saying(why.explanation)
        .quoting(&attempt.message);
    Moment { advice: Some(links::code(attempt.code.as_str())), ..moment }
}

fn delivered(receipt: &Receipt, now: Timestamp, title: &str) -> Moment {
    let known = receipt.number.as_ref().map(|number| say_with("timeline-known-as", "number", number.as_str()));
    Moment::new(receipt.at, now, "good", title).saying(known.unwrap_or_default())
}

/// Where it stands, if no attempt, note or receipt has said so.
fn present(export: &Export, now: Timestamp) -> Option<Moment> {
    let word = texts::word(export.state.in_words());
    match export.state {
        State::Held => {
            let hold = export.hold.as_ref()?;
            let why = texts::word(hold.reason.in_words());
            let moment = Moment::new(hold.since, now, "wait", say_with("timeline-waits", "why", why.label));
            Some(moment.saying(why.explanation).quoting(hold.detail.as_deref().unwrap_or_default()))
        }
        State::Delivered | State::Retrying => None,
        State::Skipped => {
            let skip = export.skip.as_ref()?;
            let why = texts::word(skip.reason.in_words());
            let moment = Moment::new(export.changed_at, now, "calm", say_with("timeline-left-out", "why", why.label));
            Some(moment.saying(why.explanation).quoting(skip.detail.as_deref().unwrap_or_default()))
        }
        State::Sending | State::Accepted | State::Expired | State::Uncertain | State::Dead | State::Planned => {
            let tone = view::Badge::of_state(export.state).tone;
            Some(Moment::new(export.changed_at, now, tone, word.label).saying(word.explanation))
        }
    }
}

/// What comes next by itself.
fn next(export: &Export, now: Timestamp) -> Vec<Moment> {
    let ahead = |at: Timestamp, title: &str| Moment::new(at, now, "ahead", title).ahead();
    match (export.state, &export.hold) {
        (State::Retrying, _) => export.due_at.map(|due| ahead(due, say("timeline-next-attempt"))).into_iter().collect(),
        (State::Held, Some(hold)) => {
            vec![ahead(hold.until, say("timeline-next-look")), ahead(hold.last_day, say("timeline-last-day"))]
        }
        (State::Accepted, _) => export.due_at.map(|due| ahead(due, say("timeline-next-answer"))).into_iter().collect(),
        _ => vec![],
    }
}

/// What a person decided, in words.
pub(super) fn decision(outcome: &str) -> String {
    let known = match outcome {
        "arrived" => "decided-arrived",
        "send_again" => "decided-send_again",
        "not_needed" => "decided-not_needed",
        "use" => "decided-use",
        "redriven" | "redrive" => "decided-redrive",
        "retry" | "retried" => "decided-retry",
        other => return view::humanise(other).to_lowercase(),
    };
    say(known).to_owned()
}
