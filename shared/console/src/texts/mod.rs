//! What is said to people, in their language.
//!
//! A language is a folder of `texts/`: message files (`*.ftl`, Fluent) for the pages, the words and the connectors' forms, and
//! `advice/`, a page for every code. Words, advice and forms are written in English in the code and stand in the folders
//! of the other languages only. One more language is one more folder; the tests name every text it lacks.
//!
//! The language belongs to a request, so it is not handed from function to function: [`speak`] sets it around a request,
//! [`say`] and its siblings ask for it. Outside of one they speak English.

mod amounts;
mod language;
mod remarks;
#[cfg(test)]
mod tests;
mod words;

pub(crate) use amounts::{hour, instant, money, number};
pub(crate) use remarks::{kept, said, sentence};
pub(crate) use words::{Advised, STEPS, advice, connector, connector_field, label, word};

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use fluent_bundle::{FluentArgs, FluentValue};
use http::{HeaderMap, Method, Uri, header};
use language::{LANGUAGES, Language, english};
use url::form_urlencoded;

/// The cookie that keeps a choice. It is no secret: nothing depends on it but words.
const COOKIE_NAME: &str = "backhaul_language";
/// The parameter of any address that makes a choice.
const PARAMETER: &str = "lang";
/// How long a choice is kept.
const COOKIE_SECS: u32 = 365 * 86_400;

/// What a request is answered in, and where it is.
struct Spoken {
    language: &'static Language,
    /// The page without its choice of a language; the overview for what is no page.
    here: String,
}

tokio::task_local! {
    static SPOKEN: Spoken;
}

/// Answers a request in the language that it asks for: by its address, by the cookie, by what the browser says.
pub(crate) async fn speak(request: Request, next: Next) -> Response {
    let asked = asked(request.uri()).and_then(|code| LANGUAGES.iter().find(|language| language.code == code));
    let spoken = Spoken {
        language: asked.unwrap_or_else(|| preferred(request.headers())),
        here: if request.method() == Method::GET { here(request.uri()) } else { "/?".to_owned() },
    };
    let mut response = SPOKEN.scope(spoken, next.run(request)).await;
    if let Some(language) = asked {
        let cookie = format!("{COOKIE_NAME}={}; Path=/; Max-Age={COOKIE_SECS}; SameSite=Lax", language.code);
        if let Ok(cookie) = cookie.parse() {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    response.headers_mut().append(header::VARY, header::HeaderValue::from_static("accept-language, cookie"));
    response
}

fn pairs(uri: &Uri) -> impl Iterator<Item = (String, String)> {
    form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned()
}

fn asked(uri: &Uri) -> Option<String> {
    pairs(uri).find(|(name, _)| name == PARAMETER).map(|(_, code)| code)
}

/// Path and query, up to the place where a choice would stand. What logs somebody in works once, so it is not repeated.
fn here(uri: &Uri) -> String {
    if uri.path().starts_with("/login") {
        return "/?".to_owned();
    }
    let kept = pairs(uri).filter(|(name, _)| name != PARAMETER);
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish();
    let join = if query.is_empty() { "" } else { "&" };
    format!("{}?{query}{join}", uri.path())
}

fn preferred(headers: &HeaderMap) -> &'static Language {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let chosen = cookies
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, code)| LANGUAGES.iter().find(|language| name == COOKIE_NAME && language.code == code));
    chosen.unwrap_or_else(|| {
        let said = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        language::negotiated(said.unwrap_or_default())
    })
}

fn spoken() -> &'static Language {
    SPOKEN.try_with(|spoken| spoken.language).unwrap_or_else(|_| english())
}

/// The code of the language spoken, as in `lang="cs"`.
pub(crate) fn code() -> &'static str {
    spoken().code
}

/// A language that one can choose.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    /// As in `lang="cs"`.
    pub(crate) code: &'static str,
    /// What it calls itself.
    pub(crate) name: &'static str,
    /// This page in it.
    pub(crate) href: String,
    /// It is spoken now.
    pub(crate) chosen: bool,
}

/// Every language, with the address of the present page in it.
pub(crate) fn choices() -> Vec<Choice> {
    let here = SPOKEN.try_with(|spoken| spoken.here.clone()).unwrap_or_else(|_| "/?".to_owned());
    let choice = |language: &'static Language| Choice {
        code: language.code,
        name: language.plain("language-name").unwrap_or(language.code),
        href: format!("{here}{PARAMETER}={}", language.code),
        chosen: language.code == code(),
    };
    LANGUAGES.iter().map(choice).collect()
}

/// A text without gaps.
pub(crate) fn say(key: &'static str) -> &'static str {
    find(key).unwrap_or_else(|| {
        tracing::error!(key, "console.text_missing");
        key
    })
}

/// The same by a name made at run time; `None` if nothing is called so.
pub(crate) fn find(key: &str) -> Option<&'static str> {
    spoken().plain(key).or_else(|| english().plain(key))
}

/// What a name from a machine is called, as `<prefix>-<name>`; `None` if nobody has named it yet.
pub(crate) fn named(prefix: &str, name: &str) -> Option<&'static str> {
    find(&format!("{prefix}-{}", name.replace('_', "-")))
}

/// A text with its gaps filled.
pub(crate) fn fill<'a>(key: &'static str, gaps: impl IntoIterator<Item = (&'static str, FluentValue<'a>)>) -> String {
    let mut args = FluentArgs::new();
    for (gap, value) in gaps {
        args.set(gap, value);
    }
    let said = spoken().filled(key, &args).or_else(|| english().filled(key, &args));
    said.unwrap_or_else(|| {
        tracing::error!(key, "console.text_missing");
        key.to_owned()
    })
}

/// A text with one gap.
pub(crate) fn say_with<'a>(key: &'static str, gap: &'static str, value: impl Into<FluentValue<'a>>) -> String {
    fill(key, [(gap, value.into())])
}

/// A text that depends on a number, `$n`.
pub(crate) fn say_n(key: &'static str, n: impl TryInto<i64>) -> String {
    let n: i64 = n.try_into().unwrap_or(i64::MAX);
    fill(key, [("n", FluentValue::from(n))])
}

/// The same for templates: `{{ "key"|say }}`, `{{ "key"|say_n(count) }}`, `{{ "key"|say_with("gap", value) }}`.
#[expect(unreachable_pub, reason = "askama makes each filter a public type")]
pub(crate) mod filters {
    use askama::{Result, Values};
    use fluent_bundle::FluentValue;

    /// A text without gaps.
    #[askama::filter_fn]
    pub(crate) fn say(key: &'static str, _: &dyn Values) -> Result<&'static str> {
        Ok(super::say(key))
    }

    /// A text that depends on a number.
    #[askama::filter_fn]
    pub(crate) fn say_n<N: Count>(key: &'static str, _: &dyn Values, n: N) -> Result<String> {
        Ok(super::say_n(key, n.count()))
    }

    /// A text with one gap.
    #[askama::filter_fn]
    pub(crate) fn say_with<T: ToString>(
        key: &'static str,
        _: &dyn Values,
        gap: &'static str,
        value: T,
    ) -> Result<String> {
        Ok(super::say_with(key, gap, value.to_string()))
    }

    /// A text with two gaps.
    #[askama::filter_fn]
    pub(crate) fn say_both<T: ToString, U: ToString>(
        key: &'static str,
        _: &dyn Values,
        first: &'static str,
        one: T,
        second: &'static str,
        other: U,
    ) -> Result<String> {
        let value = |text: String| FluentValue::from(text);
        Ok(super::fill(key, [(first, value(one.to_string())), (second, value(other.to_string()))]))
    }

    /// What can be counted in a template, by value or by reference.
    pub(crate) trait Count {
        /// How many.
        fn count(&self) -> i64;
    }

    macro_rules! counts {
        ($($type:ty)*) => {
            $(impl Count for $type {
                fn count(&self) -> i64 {
                    i64::try_from(*self).unwrap_or(i64::MAX)
                }
            })*
        };
    }
    counts! { u16 u32 u64 usize i64 }

    impl<T: Count> Count for &T {
        fn count(&self) -> i64 {
            T::count(self)
        }
    }
}
