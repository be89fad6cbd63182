//! Codes and reasons: what each means, and what to do about it.

use super::fault::Fault;
use super::links;
use super::login::Session;
use super::view::{Chrome, Link, Section, show};
use crate::texts::filters;
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
        let line =
            |page: Advice| (Link { href: links::code(page.word.word), text: page.word.label.to_owned() }, page.word);
        let mut codes: Vec<(Link, Word)> = pages.map(line).collect();
        codes.sort_by_key(|(link, _)| link.text.to_lowercase());
        Family { label, id, codes }
    };
    let families = vec![
        of("attempt", "Why an attempt failed", &["attempt"]),
        of("hold", "What an export waits for", &["hold"]),
        of("skip", "Why something was left out", &["skip", "skip_code"]),
        of("finding", "What was found about an order", &["finding"]),
        of("check", "What a check of a connection found", &["check"]),
        of("problem", "Why a call or a page was refused", &["problem"]),
    ];
    show(&List { chrome: Chrome::new("Codes and reasons", Section::None, &session), families })
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
    heading: &'static str,
    /// Pieces of text, and whether each is the name of a thing; one after the other, or as numbered steps.
    texts: Vec<Vec<(bool, String)>>,
    numbered: bool,
}

fn pieces(text: &str) -> Vec<(bool, String)> {
    text.split('`').enumerate().map(|(n, piece)| (n % 2 == 1, piece.to_owned())).collect()
}

/// `GET /codes/{code}`.
pub(super) async fn one(session: Session, Path(word): Path<String>) -> Result<Response, Fault> {
    let advice = Advice::of(&word).ok_or(Fault::Missing(Code::UnknownCode))?;
    let said = |heading, text: &str| Part { heading, texts: vec![pieces(text)], numbered: false };
    let steps = advice.what_to_do.iter().map(|step| pieces(step)).collect();
    let [happened, why, by_itself, to_do, repaired] = Advice::HEADINGS;
    let sections = vec![
        said(happened, &advice.what_happened),
        said(why, &advice.why),
        Part { heading: to_do, texts: steps, numbered: true },
        said(by_itself, &advice.by_itself),
        said(repaired, &advice.repaired),
    ];
    let of_exports = advice.word.kind != "problem";
    Ok(show(&One {
        chrome: Chrome::new(advice.word.label, Section::None, &session),
        sections,
        exports: of_exports.then(|| links::list("/exports", [("code", advice.word.word)])),
        word: advice.word,
    }))
}
