//! Codes and reasons: what each means, and what to do about it.

use super::fault::Fault;
use super::links;
use super::login::Session;
use super::view::{Chrome, Link, Prose, Section, show};
use crate::texts::{self, Advised, STEPS, filters, say};
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use domain::{Advice, Code, Word};

#[derive(Template)]
#[template(path = "codes.html")]
struct List {
    chrome: Chrome,
    families: Vec<Family>,
}

struct Family {
    label: &'static str,
    /// For links to it.
    id: &'static str,
    codes: Vec<(Link, Word)>,
}

/// `GET /codes`.
pub(super) async fn list(session: Session) -> Response {
    let of = |id: &'static str, label: &'static str, kinds: &[&str]| {
        let pages = Advice::all().into_iter().filter(|page| kinds.contains(&page.word.kind));
        let line = |page: Advice| {
            let word = texts::word(page.word);
            (Link { href: links::code(word.word), text: word.label.to_owned() }, word)
        };
        let mut codes: Vec<(Link, Word)> = pages.map(line).collect();
        codes.sort_by_key(|(link, _)| link.text.to_lowercase());
        Family { label, id, codes }
    };
    let families = vec![
        of("attempt", say("codes-attempt"), &["attempt"]),
        of("hold", say("codes-hold"), &["hold"]),
        of("skip", say("codes-skip"), &["skip", "skip_code"]),
        of("finding", say("codes-finding"), &["finding"]),
        of("check", say("codes-check"), &["check"]),
        of("problem", say("codes-problem"), &["problem"]),
    ];
    show(&List { chrome: Chrome::new(say("codes-title"), Section::None, &session), families })
}

#[derive(Template)]
#[template(path = "code.html")]
struct One {
    chrome: Chrome,
    word: Word,
    sections: Vec<Part>,
    /// Exports that it can be said of.
    exports: Option<String>,
}

struct Part {
    heading: String,
    /// One after the other, or as numbered steps.
    texts: Vec<Prose>,
    numbered: bool,
}

/// The numbered steps of a text, without their numbers. A step may go on in the next line.
fn steps(text: &str) -> Vec<String> {
    let mut steps: Vec<String> = vec![];
    for line in text.lines() {
        let begun = line.split_once(". ").filter(|(number, _)| number.parse::<u8>().is_ok());
        match (begun, steps.last_mut()) {
            (Some((_, step)), _) => steps.push(step.to_owned()),
            (None, Some(step)) => {
                step.push(' ');
                step.push_str(line.trim());
            }
            (None, None) => {}
        }
    }
    steps
}

/// `GET /codes/{code}`.
pub(super) async fn one(session: Session, Path(word): Path<String>) -> Result<Response, Fault> {
    let Advised { word, sections } = texts::advice(&word).ok_or(Fault::Missing(Code::UnknownCode))?;
    let part = |n: usize, (heading, text): (String, String)| Part {
        heading,
        texts: if n == STEPS {
            steps(&text).iter().map(|step| Prose::new(step)).collect()
        } else {
            vec![Prose::new(&text)]
        },
        numbered: n == STEPS,
    };
    let mut sections: Vec<Part> = sections.into_iter().enumerate().map(|(n, section)| part(n, section)).collect();
    // Whoever comes for help reads what to do before what happens by itself.
    if sections.len() > STEPS {
        sections.swap(STEPS - 1, STEPS);
    }
    let of_exports = word.kind != "problem";
    Ok(show(&One {
        chrome: Chrome::new(word.label, Section::None, &session),
        sections,
        exports: of_exports.then(|| links::list("/exports", [("code", word.word)])),
        word,
    }))
}
