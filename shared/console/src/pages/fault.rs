//! What a page says when it cannot show what was asked for: what happened, and the next step.

use super::guard::with_headers;
use super::links;
use super::view::{Chrome, Section};
use super::wrong::sentences;
use crate::Problem;
use crate::texts::{self, filters, find, say};
use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use domain::{Code, InWords, Word};
use export_flow::ports::PortError;
use export_flow::refused::Refused;
use http::StatusCode;

/// A page that cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// No open session.
    LoggedOut,
    /// The login link is unknown, used or too old.
    DeadLink,
    /// No open session behind a gateway; where the person wanted to go.
    Outside(String),
    /// A login behind a gateway that came to nothing.
    SignIn(Code),
    /// A viewer asked for a change, or the form's token is missing or another's.
    Forbidden,
    /// The form is too large.
    TooLarge,
    /// There is no such thing.
    Missing(Code),
    /// A field of the query or form cannot be used; says which and why.
    Wrong(String),
    /// The state of things does not allow it; says why.
    NotNow(String),
    /// The store or queue failed.
    Store,
    /// A page of ours could not be written.
    Broken,
}

/// A code in the reader's words.
fn said(code: Code) -> Word {
    texts::word(code.in_words())
}

impl From<PortError> for Fault {
    fn from(error: PortError) -> Self {
        tracing::error!(error = %error, "console.store_failed");
        Self::Store
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        match problem.code {
            Code::Forbidden => Self::Forbidden,
            Code::TooLarge => Self::TooLarge,
            _ => Self::Store,
        }
    }
}

impl From<Refused> for Fault {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Unknown(code) => Self::Missing(code),
            Refused::Fields(errors) => Self::Wrong(sentences(&errors)),
            Refused::Empty => Self::Wrong(said(Code::EmptyFilter).explanation.to_owned()),
            Refused::Conflict(why) => Self::NotNow(texts::sentence(&texts::said(&why))),
            Refused::Vendor(code, words) => {
                Self::NotNow(format!("{} {}", said(code).explanation, texts::sentence(&texts::said(&words))))
            }
            Refused::Ours(error) => error.into(),
        }
    }
}

#[derive(Template)]
#[template(path = "fault.html")]
struct FaultPage {
    chrome: Chrome,
    title: &'static str,
    explanation: String,
    next_step: &'static str,
    way_back: bool,
    /// Where more is said about it, to whoever is logged in.
    advice: Option<String>,
    /// Where one logs in, if that is what to do.
    log_in: Option<String>,
    /// Whether to say how one gets a login link.
    locked: bool,
}

impl Fault {
    fn status(&self) -> StatusCode {
        match self {
            Self::SignIn(Code::IssuerUnavailable) => StatusCode::SERVICE_UNAVAILABLE,
            Self::LoggedOut | Self::DeadLink | Self::Outside(_) | Self::SignIn(Code::LoginFailed) => {
                StatusCode::UNAUTHORIZED
            }
            Self::Forbidden | Self::SignIn(_) => StatusCode::FORBIDDEN,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Missing(Code::MethodNotAllowed) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Missing(_) => StatusCode::NOT_FOUND,
            Self::Wrong(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::NotNow(_) => StatusCode::CONFLICT,
            Self::Store => StatusCode::SERVICE_UNAVAILABLE,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The code that it would have for a program.
    const fn code(&self) -> Option<Code> {
        match self {
            Self::Missing(code) | Self::SignIn(code) => Some(*code),
            Self::Forbidden => Some(Code::Forbidden),
            Self::TooLarge => Some(Code::TooLarge),
            Self::Wrong(_) => Some(Code::InvalidField),
            Self::NotNow(_) => Some(Code::Conflict),
            Self::Store => Some(Code::StoreUnavailable),
            Self::LoggedOut | Self::DeadLink | Self::Outside(_) | Self::Broken => None,
        }
    }

    fn page(&self) -> FaultPage {
        let worded = |word: Word| (word.label, word.explanation.to_owned(), word.next_step);
        let coded = |code: Code| worded(said(code));
        let own = |key: &'static str| {
            let below = |name: &str| find(&format!("{key}.{name}")).unwrap_or_default();
            (say(key), below("explanation").to_owned(), below("next"))
        };
        let (title, explanation, next_step) = match self {
            Self::LoggedOut => own("fault-logged-out"),
            Self::DeadLink => own("fault-dead-link"),
            Self::Outside(_) => own("fault-outside"),
            Self::Missing(Code::MethodNotAllowed) => own("fault-method"),
            Self::Missing(Code::UnknownPath) => own("fault-nothing"),
            Self::Broken => own("fault-broken"),
            Self::SignIn(code) | Self::Missing(code) => coded(*code),
            Self::Forbidden => coded(Code::Forbidden),
            Self::TooLarge => coded(Code::TooLarge),
            Self::Wrong(why) => (said(Code::InvalidField).label, why.clone(), say("fault-wrong-next")),
            Self::NotNow(why) => (said(Code::Conflict).label, why.clone(), said(Code::Conflict).next_step),
            Self::Store => coded(Code::StoreUnavailable),
        };
        let locked = matches!(self, Self::LoggedOut | Self::DeadLink);
        let log_in = match self {
            Self::Outside(wanted) => Some(links::list("/login", [("to", wanted.as_str())])),
            // The identity provider would give the same answer again if it did not ask who it is.
            Self::SignIn(Code::NoTenant) => Some("/login?anew=yes".to_owned()),
            Self::SignIn(_) => Some("/login".to_owned()),
            _ => None,
        };
        let way_back = !locked && log_in.is_none();
        let advice = self.code().filter(|_| way_back).map(|code| links::code(code.as_str()));
        let chrome = Chrome::bare(title, if way_back { Section::None } else { Section::Outside });
        FaultPage { chrome, title, explanation, next_step, way_back, advice, log_in, locked }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let page = self.page().render().unwrap_or_else(|error| {
            tracing::error!(error = %error, "console.page_failed");
            String::new()
        });
        let mut response = with_headers((self.status(), Html(page)).into_response());
        if let Some(code) = self.code() {
            response.extensions_mut().insert(code);
        }
        response
    }
}
