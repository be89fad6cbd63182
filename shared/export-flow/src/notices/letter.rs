//! A notice in people's words, and as the JSON that programs read.

use super::{Digest, Facts, Language, Notice, Waiting};
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
    /// Writes it in a language.
    #[must_use]
    pub fn of(notice: &Notice, lang: Language) -> Self {
        let Notice { kind, at, facts, .. } = notice;
        let words = lang.word(kind.in_words());
        let place = facts.connection.as_ref().map(|id| format!(": {id}")).unwrap_or_default();
        let subject = format!("Backhaul: {}{place}", words.label);
        let mut lines = vec![format!("{}{place}.", words.label), words.explanation.to_owned()];
        match &facts.digest {
            Some(digest) => lines.extend(digest_lines(digest, lang)),
            None => lines.extend(fact_lines(facts, lang)),
        }
        lines.push(said(lang, "letter-when", at));
        let to_do = next_step(notice, &words, lang);
        if !to_do.is_empty() {
            lines.push(said(lang, "letter-to-do", to_do));
        }
        let id = notice.message_id();
        let json = payload(notice, &id, &words, lang).to_string();
        Self { id, kind: *kind, at: *at, subject, text: lines.join("\n"), json }
    }
}

fn said(lang: Language, key: &'static str, what: impl ToString) -> String {
    lang.line(key, &[("said", &what.to_string())])
}

/// The code's or the pause's own next step says more than the kind's.
fn next_step(notice: &Notice, words: &Word, lang: Language) -> &'static str {
    let facts = &notice.facts;
    match (facts.pause, facts.code) {
        (Some(pause), _) => lang.word(pause.in_words()).next_step,
        (None, Some(code)) if notice.kind == NoticeKind::DeadLetter => lang.word(code.in_words()).next_step,
        _ => words.next_step,
    }
}

fn fact_lines(facts: &Facts, lang: Language) -> Vec<String> {
    let mut lines = vec![];
    let mut line = |key: &'static str, what: Option<String>| lines.extend(what.map(|what| said(lang, key, what)));
    line("letter-why", facts.pause.map(|pause| lang.word(pause.in_words()).label.to_owned()));
    line(
        "letter-wrong",
        facts.code.map(|code| {
            let word = lang.word(code.in_words());
            format!("{}. {}", word.label, word.explanation)
        }),
    );
    line("letter-task", facts.operation.map(|operation| lang.word(operation.in_words()).label.to_owned()));
    line("letter-number", facts.subject.clone());
    line("letter-order", facts.order.clone());
    line("letter-end", facts.expires_at.map(|at| at.to_string()));
    line("letter-export", facts.export.as_ref().map(ToString::to_string));
    lines
}

fn digest_lines(digest: &Digest, lang: Language) -> Vec<String> {
    let mut lines = vec![said(lang, "letter-delivered", digest.delivered)];
    let key = if digest.partial { "letter-group-at-least" } else { "letter-group" };
    let line = |word: Option<Word>, group: &Waiting| {
        let label = word.map_or("", |word| lang.word(word).label);
        let (count, oldest) = (group.count.to_string(), group.oldest.to_string());
        lang.line(key, &[("count", &count), ("label", label), ("oldest", &oldest)])
    };
    for group in &digest.held {
        let reason = HoldReason::ALL.iter().find(|reason| reason.as_str() == group.word);
        lines.push(said(lang, "letter-waiting", line(reason.map(|reason| reason.in_words()), group)));
    }
    for group in &digest.dead {
        let code = Code::from_word(&group.word);
        lines.push(said(lang, "letter-dead", line(code.map(|code| code.in_words()), group)));
    }
    if digest.uncertain > 0 {
        lines.push(said(lang, "letter-to-decide", digest.uncertain));
    }
    if digest.expired > 0 {
        lines.push(said(lang, "letter-in-vain", digest.expired));
    }
    for connection in &digest.paused {
        lines.push(said(lang, "letter-paused", connection));
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

fn payload(notice: &Notice, id: &str, words: &Word, lang: Language) -> Value {
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
        ("next_step", next_step(notice, words, lang)),
        ("lang", lang.as_str()),
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
        let letter = Letter::of(&notice, Language::En);
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
        let letter =
            Letter::of(&Notice::new(TenantId::local(), "d".into(), NoticeKind::Digest, oldest, facts), Language::En);
        for said in ["41", "3 The order is not known yet", "3 The vendor refused", "Paused: shop", "Waited in vain: 1"]
        {
            assert!(letter.text.contains(said), "{said} in {}", letter.text);
        }
        assert!(!letter.text.contains("order_unknown") && !letter.text.contains("vendor_refused"), "{}", letter.text);
    }

    #[test]
    fn a_letter_is_in_the_language_that_was_chosen_and_says_which() {
        let facts = Facts {
            connection: Some(ConnectionId::new("shop")),
            code: Some(Code::VendorRefused),
            operation: Some(domain::Operation::SendInvoice),
            ..Facts::default()
        };
        let at: Timestamp = "2026-03-02T12:00:00Z".parse().unwrap();
        let notice = Notice::new(TenantId::local(), "d".into(), NoticeKind::DeadLetter, at, facts);
        let english = Letter::of(&notice, Language::En);
        for (lang, subject, line) in [
            (Language::Cs, "Backhaul: Nedoručitelný export: shop", "Co se pokazilo: Odmítnuto poskytovatelem."),
            (Language::Pl, "Backhaul: Nieudany eksport: shop", "Co się nie powiodło: "),
        ] {
            let letter = Letter::of(&notice, lang);
            assert_eq!(letter.subject, subject);
            assert!(letter.text.contains(line), "{}", letter.text);
            let lines: Vec<&str> = english.text.lines().collect();
            for line in letter.text.lines() {
                assert!(!lines.contains(&line), "{line}");
            }
            let json: Value = serde_json::from_str(&letter.json).unwrap();
            assert_eq!(json["data"]["lang"], lang.as_str());
            assert!(letter.text.contains(json["data"]["next_step"].as_str().unwrap()), "{}", letter.text);
            assert_eq!((json["type"].as_str(), letter.id.as_str()), (Some("export.dead"), english.id.as_str()));
        }
    }
}
