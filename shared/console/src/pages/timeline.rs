//! What happened, in the order in which it happened.

use super::rows::title;
use super::view::{Link, Names, When};
use super::{links, view};
use crate::texts::{self, fill, say, say_n, say_with};
use domain::{
    ATTEMPT_LOG_MAX, Attempt, Export, Finding, HoldReason, InWords, Operation, Receipt, Remark, ResolvedHow, State,
};
use jiff::{SignedDuration, Timestamp};

/// What a moment of an order is about, for whoever wants to read of that alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The order itself.
    Order,
    /// Documents at their source.
    Document,
    /// Parcels and where they are.
    Parcel,
    /// What is carried, and how that stands.
    Carried,
    /// Credit notes and refunds on their way.
    GivenBack,
    /// What failed, is not certain, or was found.
    Trouble,
    /// What people decided.
    Decision,
    /// What lies ahead.
    Ahead,
}

impl Kind {
    /// All of them, in the order of a page.
    pub(super) const ALL: [Self; 8] = [
        Self::Order,
        Self::Document,
        Self::Parcel,
        Self::Carried,
        Self::GivenBack,
        Self::Trouble,
        Self::Decision,
        Self::Ahead,
    ];

    /// The word of an address.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Document => "documents",
            Self::Parcel => "parcels",
            Self::Carried => "exports",
            Self::GivenBack => "returns",
            Self::Trouble => "trouble",
            Self::Decision => "decisions",
            Self::Ahead => "ahead",
        }
    }

    /// What people call it.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Order => say("order-facts"),
            Self::Document => say("order-documents"),
            Self::Parcel => say("order-parcels"),
            Self::Carried => say("nav-exports"),
            Self::GivenBack => say("story-returns"),
            Self::Trouble => say("story-trouble"),
            Self::Decision => say("story-decisions"),
            Self::Ahead => say("story-ahead"),
        }
    }
}

/// One thing that happened, or will.
#[derive(Debug, Clone)]
pub(super) struct Moment {
    pub(super) when: When,
    /// Class of the style sheet.
    pub(super) tone: &'static str,
    pub(super) title: String,
    /// Sentences about it.
    pub(super) text: Vec<String>,
    /// Somebody else's words, and whose they are.
    pub(super) quote: Option<String>,
    pub(super) says: Option<&'static str>,
    /// What it is about, where many things share a timeline.
    pub(super) about: Option<Link>,
    /// Where more is said about it.
    pub(super) advice: Option<String>,
    /// What it belongs to in the story of an order.
    pub(super) kind: Kind,
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
            says: None,
            about: None,
            advice: None,
            kind: Kind::Carried,
            ahead: false,
        }
    }

    /// The same, of another kind.
    pub(super) fn of(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    pub(super) fn saying(mut self, text: impl Into<String>) -> Self {
        let text = text.into();
        if !text.is_empty() {
            self.text.push(text);
        }
        self
    }

    pub(super) fn quoting(mut self, words: &str, says: &'static str) -> Self {
        self.says = Some(says);
        self.quote = Some(words.trim().to_owned()).filter(|words| !words.is_empty());
        self
    }

    fn ahead(mut self) -> Self {
        self.ahead = true;
        self.of(Kind::Ahead)
    }
}

/// What happened to an export, oldest first, and what comes next.
pub(super) fn of_export(export: &Export, now: Timestamp) -> Vec<Moment> {
    let mut moments = vec![Moment::new(export.created_at, now, "calm", say("timeline-first"))];
    moments.extend(attempts(export, now));
    moments.extend(in_doubt(export, now));
    moments.extend(export.notes.iter().map(|note| {
        let by = note.by.as_ref().map(|who| say_with("timeline-by", "who", who.as_str()));
        let job = note.job.as_ref().map(|_| say("timeline-by-job"));
        let moment = Moment::new(note.at, now, "busy", say_with("timeline-decided", "what", decision(&note.outcome)));
        let moment = moment.saying(by.unwrap_or_default()).saying(job.unwrap_or_default());
        moment.quoting(note.note.as_deref().unwrap_or_default(), say("story-note")).of(Kind::Decision)
    }));
    moments.extend(
        export.earlier_receipts.iter().map(|receipt| delivered(receipt, now, say("timeline-delivered-earlier"))),
    );
    moments.extend(export.receipt.iter().map(|receipt| settled(export, receipt, now)));
    moments.extend(present(export, now));
    moments.sort_by_key(|moment| moment.when.at());
    moments.extend(next(export, now));
    moments
}

/// The same for everything of an order, each named.
pub(super) fn of_exports(exports: &[Export], names: &Names, now: Timestamp) -> Vec<Moment> {
    let gives_back = [Operation::SendCreditNote, Operation::IssueCreditNote, Operation::RefundOrder];
    let told = |export: &Export| {
        let what = title(export);
        let text = export.key.target.as_ref().map_or_else(
            || what.clone(),
            |id| fill("story-about", [("what", what.as_str().into()), ("target", names.label(id).into())]),
        );
        let about = Link { href: links::export(&export.id), text };
        let given_back = gives_back.contains(&export.key.operation);
        let named = move |moment: Moment| {
            let kind = if given_back && moment.kind == Kind::Carried { Kind::GivenBack } else { moment.kind };
            Moment { about: Some(about.clone()), kind, ..moment }
        };
        of_export(export, now).into_iter().map(named).collect::<Vec<_>>()
    };
    exports.iter().flat_map(told).collect()
}

/// What was found about an export, and how that ended.
pub(super) fn of_finding(finding: &Finding, now: Timestamp) -> Vec<Moment> {
    let word = texts::word(finding.code.in_words());
    let found = Moment::new(finding.at, now, "bad", word.label).saying(word.explanation);
    let found = Moment { advice: Some(links::code(finding.code.as_str())), ..found.of(Kind::Trouble) };
    let ended = finding.resolved.as_ref().map(|resolved| {
        let title = match resolved.how {
            ResolvedHow::Seen => say("timeline-seen"),
            ResolvedHow::CameBack => say("timeline-came-back"),
        };
        let by = resolved.by.as_ref().map(|who| say_with("timeline-by", "who", who.as_str()));
        let moment = Moment::new(resolved.at, now, "busy", title).saying(by.unwrap_or_default());
        moment.quoting(resolved.note.as_deref().unwrap_or_default(), say("story-note")).of(Kind::Decision)
    });
    std::iter::once(found).chain(ended).collect()
}

/// Each failed attempt: which, how long after the one before, at what, with which answer.
fn attempts(export: &Export, now: Timestamp) -> Vec<Moment> {
    // Of a full log the oldest are gone, and with them the numbers.
    let numbered = export.attempt_log.len() < ATTEMPT_LOG_MAX;
    let mut before: Option<&Attempt> = None;
    let mut moments = vec![];
    for (n, attempt) in export.attempt_log.iter().enumerate() {
        moments.push(failed(attempt, numbered.then_some(n + 1), before, now));
        before = Some(attempt);
    }
    moments
}

fn failed(attempt: &Attempt, number: Option<usize>, before: Option<&Attempt>, now: Timestamp) -> Moment {
    let answer = attempt.status.map_or_else(
        || say("timeline-no-answer").to_owned(),
        |status| say_with("timeline-status", "status", status.to_string()),
    );
    let (why, step) = (texts::word(attempt.code.in_words()), texts::word(attempt.step.in_words()));
    let title = number.map_or_else(
        || say_with("timeline-failed", "why", why.label),
        |n| fill("story-attempt", [("number", n.to_string().into()), ("why", why.label.into())]),
    );
    let after = before.map(|before| say_with("story-after", "span", lasting(attempt.at.duration_since(before.at))));
    let moment = Moment::new(attempt.at, now, "bad", title)
        .saying(format!("{} {answer}", say_with("timeline-step", "step", step.label)))
        .saying(after.unwrap_or_default())
        .saying(why.explanation)
        .quoting(&texts::kept(&attempt.message, attempt.remark.as_deref()), said_by(attempt.remark.as_deref()))
        .of(Kind::Trouble);
    Moment { advice: Some(links::code(attempt.code.as_str())), ..moment }
}

/// What stands before the words of an attempt: whose they are.
fn said_by(remark: Option<&Remark>) -> &'static str {
    say(if remark.is_some() { "story-detail" } else { "story-vendor" })
}

/// How long something lasts, in words.
pub(super) fn lasting(span: SignedDuration) -> String {
    let seconds = span.as_secs().unsigned_abs();
    match seconds {
        0..120 => say_n("span-seconds", seconds),
        120..7_200 => say_n("span-minutes", seconds / 60),
        7_200..172_800 => say_n("span-hours", seconds / 3_600),
        _ => say_n("span-days", seconds / 86_400),
    }
}

/// A call whose effect is not known yet.
fn in_doubt(export: &Export, now: Timestamp) -> Option<Moment> {
    let open = !matches!(export.state, State::Sending | State::Delivered | State::Uncertain);
    let doubt = export.in_doubt.as_ref().filter(|_| open)?;
    let word = texts::word(HoldReason::Settling.in_words());
    Some(Moment::new(doubt.since, now, "warn", word.label).saying(say("story-doubt")).of(Kind::Trouble))
}

/// The delivery, and what it settled.
fn settled(export: &Export, receipt: &Receipt, now: Timestamp) -> Moment {
    let moment = delivered(receipt, now, texts::word(State::Delivered.in_words()).label);
    let proof = |name: &str| receipt.proof.get(name);
    let failed = export.attempt_log.iter().filter(|attempt| attempt.at <= receipt.at).count();
    let after = (failed > 0).then(|| say_n("story-after-failures", failed));
    let how = if proof("adopted").and_then(serde_json::Value::as_bool) == Some(true) {
        say("story-adopted")
    } else if proof("by").and_then(serde_json::Value::as_str) == Some("person") {
        say("story-seen-there")
    } else {
        ""
    };
    moment.saying(how).saying(after.unwrap_or_default())
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
            let detail = texts::kept(hold.detail.as_deref().unwrap_or_default(), hold.remark.as_deref());
            Some(moment.saying(why.explanation).quoting(&detail, say("story-detail")))
        }
        State::Delivered | State::Retrying => None,
        State::Skipped => {
            let skip = export.skip.as_ref()?;
            let why = texts::word(skip.reason.in_words());
            let moment = Moment::new(export.changed_at, now, "calm", say_with("timeline-left-out", "why", why.label));
            let detail = texts::kept(skip.detail.as_deref().unwrap_or_default(), skip.remark.as_deref());
            Some(moment.saying(why.explanation).quoting(&detail, say("story-detail")))
        }
        State::Sending | State::Accepted | State::Expired | State::Uncertain | State::Dead | State::Planned => {
            let tone = view::Badge::of_state(export.state).tone;
            let ended = matches!(export.state, State::Expired | State::Uncertain | State::Dead);
            let moment = Moment::new(export.changed_at, now, tone, word.label).saying(word.explanation);
            Some(moment.of(if ended { Kind::Trouble } else { Kind::Carried }))
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
