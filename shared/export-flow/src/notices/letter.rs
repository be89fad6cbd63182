//! A notice in people's words, and as the JSON that programs read.

use super::{Digest, Facts, Notice, Waiting};
use domain::{Code, HoldReason, InWords as _, NoticeKind, Word};
use jiff::Timestamp;
use serde_json::{Value, json};

/// A notice as it goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// What receivers know it by.
    pub id: String,
    /// What about.
    pub kind: NoticeKind,
    /// When it happened.
    pub at: Timestamp,
    /// One line.
    pub subject: String,
    /// What to know and what to do.
    pub text: String,
    /// The same for programs: `type`, `timestamp`, `data`.
    pub json: String,
}

impl Letter {
    /// Writes it.
    #[must_use]
    pub fn of(notice: &Notice) -> Self {
        let Notice { kind, at, facts, .. } = notice;
        let words = kind.in_words();
        let place = facts.connection.as_ref().map(|id| format!(": {id}")).unwrap_or_default();
        let subject = format!("Backhaul: {}{place}", words.label);
        let mut lines = vec![format!("{}{place}.", words.label), words.explanation.to_owned()];
        match &facts.digest {
            Some(digest) => lines.extend(digest_lines(digest)),
            None => lines.extend(fact_lines(facts)),
        }
        lines.push(format!("When: {at}"));
        if !next_step(notice, &words).is_empty() {
            lines.push(format!("What to do: {}", next_step(notice, &words)));
        }
        let id = notice.message_id();
        let json = payload(notice, &id, &words).to_string();
        Self { id, kind: *kind, at: *at, subject, text: lines.join("\n"), json }
    }
}

/// The code's or the pause's own next step says more than the kind's.
fn next_step(notice: &Notice, words: &Word) -> &'static str {
    let facts = &notice.facts;
    match (facts.pause, facts.code) {
        (Some(pause), _) => pause.in_words().next_step,
        (None, Some(code)) if notice.kind == NoticeKind::DeadLetter => code.next_step(),
        _ => words.next_step,
    }
}

fn fact_lines(facts: &Facts) -> Vec<String> {
    let mut lines = vec![];
    let mut line = |what: &str, said: Option<String>| lines.extend(said.map(|said| format!("{what}: {said}")));
    line("Why", facts.pause.map(|pause| pause.in_words().label.to_owned()));
    line("What went wrong", facts.code.map(|code| format!("{}. {}", code.label(), code.explanation())));
    line("What was to be done", facts.operation.map(|operation| operation.in_words().label.to_owned()));
    line("Number", facts.subject.clone());
    line("Order", facts.order.clone());
    line("End", facts.expires_at.map(|at| at.to_string()));
    line("Export", facts.export.as_ref().map(ToString::to_string));
    lines
}

fn digest_lines(digest: &Digest) -> Vec<String> {
    let mut lines = vec![format!("Delivered in the last 24 hours: {}", digest.delivered)];
    let at_least = if digest.partial { "at least " } else { "" };
    let line =
        |label: &str, group: &Waiting| format!("{at_least}{} {label}, the oldest since {}", group.count, group.oldest);
    for group in &digest.held {
        let reason = HoldReason::ALL.iter().find(|reason| reason.as_str() == group.word);
        lines.push(format!("Waiting: {}", line(reason.map_or("", |reason| reason.in_words().label), group)));
    }
    for group in &digest.dead {
        lines.push(format!("Dead letters: {}", line(Code::from_word(&group.word).map_or("", Code::label), group)));
    }
    if digest.uncertain > 0 {
        lines.push(format!("To be decided by a person: {}", digest.uncertain));
    }
    if digest.expired > 0 {
        lines.push(format!("Waited in vain: {}", digest.expired));
    }
    for connection in &digest.paused {
        lines.push(format!("Paused: {connection}"));
    }
    lines
}

const fn type_of(kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::ConnectionPaused => "connection.paused",
        NoticeKind::Uncertain => "export.uncertain",
        NoticeKind::DeadLetter => "export.dead",
        NoticeKind::Webhook => "source.webhook",
        NoticeKind::CredentialsExpiring => "connection.credentials_expiring",
        NoticeKind::Digest => "digest.daily",
        NoticeKind::Test => "notice.test",
    }
}

fn payload(notice: &Notice, id: &str, words: &Word) -> Value {
    let mut data = match serde_json::to_value(&notice.facts) {
        Ok(Value::Object(facts)) => facts,
        _ => serde_json::Map::new(),
    };
    for (name, said) in [
        ("id", id),
        ("tenant", notice.tenant.as_str()),
        ("kind", notice.kind.as_str()),
        ("label", words.label),
        ("explanation", words.explanation),
        ("next_step", next_step(notice, words)),
    ] {
        data.insert(name.to_owned(), json!(said));
    }
    json!({"type": type_of(notice.kind), "timestamp": notice.at, "data": data})
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{ConnectionId, PauseReason, TenantId};

    #[test]
    fn a_pause_is_told_in_words_with_what_to_do() {
        let facts = Facts {
            connection: Some(ConnectionId::new("shop")),
            pause: Some(PauseReason::Credentials),
            code: Some(Code::CredentialsRefused),
            ..Facts::default()
        };
        let at: Timestamp = "2026-03-02T12:00:00Z".parse().unwrap();
        let notice = Notice::new(TenantId::local(), "pause:shop:1".into(), NoticeKind::ConnectionPaused, at, facts);
        let letter = Letter::of(&notice);
        assert_eq!(letter.subject, "Backhaul: A connection has paused: shop");
        assert!(letter.text.contains(Code::CredentialsRefused.explanation()), "{}", letter.text);
        assert!(letter.text.contains(PauseReason::Credentials.in_words().next_step), "{}", letter.text);
        let json: Value = serde_json::from_str(&letter.json).unwrap();
        assert_eq!(json["type"], "connection.paused");
        assert_eq!(json["timestamp"], "2026-03-02T12:00:00Z");
        assert_eq!(json["data"]["connection"], "shop");
        assert_eq!(json["data"]["id"], letter.id);
    }

    #[test]
    fn a_digest_names_no_word_without_saying_it_to_people() {
        let oldest: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let group = |word: &str| Waiting { word: word.into(), count: 3, oldest };
        let digest = Digest {
            date: "2026-03-02".into(),
            delivered: 41,
            held: vec![group("order_unknown")],
            dead: vec![group("vendor_refused")],
            uncertain: 2,
            expired: 1,
            paused: vec![ConnectionId::new("shop")],
            partial: false,
        };
        let facts = Facts { digest: Some(digest), ..Facts::default() };
        let letter = Letter::of(&Notice::new(TenantId::local(), "d".into(), NoticeKind::Digest, oldest, facts));
        for said in ["41", "3 The order is not known yet", "3 The vendor refused", "Paused: shop", "Waited in vain: 1"]
        {
            assert!(letter.text.contains(said), "{said} in {}", letter.text);
        }
        assert!(!letter.text.contains("order_unknown") && !letter.text.contains("vendor_refused"), "{}", letter.text);
    }
}
