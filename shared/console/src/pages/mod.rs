//! The pages: what there is and what a person can do about it, as plain HTML.
//!
//! Nothing runs in the browser. A page needs a session, opened by a one-time link or, behind a gateway, by the identity
//! provider's login; a form needs the session's token.
//! Words come from `domain::words`; a raw name never stands alone. Read `exports.rs` first, then its templates.

mod assets;
mod audit;
mod chart;
mod choice;
mod codes;
mod connect;
mod connections;
mod dead;
mod decide;
mod documents;
mod entrance;
mod events;
mod exports;
mod fault;
mod filter;
mod guard;
mod hand;
mod health;
mod jobs;
mod links;
mod login;
mod many;
mod mappings;
mod mend;
mod notices;
mod orders;
mod overview;
mod reconciliation;
mod rows;
mod rules;
mod search;
mod shipments;
mod signin;
mod timeline;
mod trial;
mod view;
mod wrong;

pub use login::{LINK_LIFE, SESSION_LIFE};

use crate::access::{By, CALLBACK_PATH, LOGGED_OUT_PATH};
use crate::api::connect::CALLBACK;
use crate::texts::{filters, say};
use crate::{Access, ConsoleState, Problem};
use askama::Template;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use domain::{AccessRole, Code, TenantId};
use http::{HeaderMap, header};

/// What the pages of a single machine keep in memory. Behind a gateway nothing is kept.
#[derive(Debug, Default)]
pub struct PagesState {
    logins: login::Logins,
}

/// An address that opens one session of this tenant's pages, for this role, within [`LINK_LIFE`]. On one machine only: behind a gateway
/// people log in, and a link opens nothing.
#[must_use]
pub fn new_link(state: &ConsoleState, tenant: &TenantId, role: AccessRole) -> String {
    let entropy = &state.flow.parts().entropy;
    let by = By { tenant: tenant.clone(), role, who: None };
    let token = state.pages.logins.new_token(by, state.flow.now(), [entropy.bytes(), entropy.bytes()]);
    format!("{}/login?token={token}", state.options.local_url.trim_end_matches('/'))
}

/// The pages' routes.
pub(crate) fn router(state: ConsoleState) -> Router<ConsoleState> {
    let inside = Router::new()
        .route("/", get(overview::overview))
        .route("/search", get(search::search))
        .route("/exports", get(exports::list))
        .route("/exports/table", get(exports::table))
        .route("/exports/selected", post(many::decide))
        .route("/exports/{id}", get(exports::one))
        .route("/exports/{id}/decide", post(decide::decide))
        .route("/exports/{id}/seen", post(decide::seen))
        .route("/orders/{channel}/{reference}", get(orders::one))
        .route("/codes", get(codes::list))
        .route("/codes/{code}", get(codes::one))
        .route("/dead-letters", get(dead::list))
        .route("/dead-letters/table", get(dead::table))
        .route("/dead-letters/preview", post(jobs::preview))
        .route("/audit", get(audit::list))
        .route("/connections/{id}/events", get(events::list).post(events::look_again))
        .route("/connections/{id}/documents", get(documents::list).post(documents::preview))
        .route("/jobs", get(jobs::list))
        .route("/jobs/{id}", get(jobs::one))
        .route("/jobs/{id}/confirm", post(jobs::confirm))
        .route("/jobs/{id}/cancel", post(jobs::cancel))
        .route("/shipments", get(shipments::form).post(shipments::tell))
        .route("/notices", get(notices::page))
        .route("/notices/test", post(notices::test))
        .route("/notices/language", post(notices::language))
        .route("/reconciliation", get(reconciliation::show_page))
        .route("/reconciliation/table", get(reconciliation::table))
        .route("/reconciliation/make", post(reconciliation::make))
        .route("/connections", get(connections::list))
        .route("/connections/new", get(connect::choose))
        .route("/connections/new/{connector}", get(connect::new).post(connect::create))
        .route("/connections/{id}", get(connect::one))
        .route("/connections/{id}/edit", get(connect::edit).post(connect::update))
        .route("/connections/{id}/switches", post(connect::preview))
        .route("/connections/{id}/remove", get(connect::ask).post(connect::remove))
        .route("/connections/{id}/secrets", post(connect::exchange))
        .route("/connections/{id}/connect", post(connect::begin))
        .route(connect::FINISH, get(connect::finish))
        .route("/connections/{id}/webhook-test", post(connect::test))
        .route("/connections/{id}/webhook-token", post(connect::renew))
        .route("/connections/{id}/check", post(connections::check))
        .route("/connections/{id}/pause", post(connections::pause))
        .route("/connections/{id}/resume", post(connections::resume))
        .route("/connections/{id}/mappings", get(mappings::one).post(mappings::save))
        .route("/connections/{id}/rules", get(rules::one).post(rules::save))
        .route("/connections/{id}/rules/preview", post(rules::preview))
        .route("/trial", get(trial::form).post(trial::run))
        .route("/trial/send", post(trial::send));
    let (inside, outside) = match *state.access {
        Access::Local(_) => {
            (inside.route("/logout", post(entrance::logout)), Router::new().route("/login", get(entrance::login)))
        }
        Access::Gateway(_) => (
            inside.route("/logout", post(signin::logout)),
            Router::new()
                .route("/login", get(signin::begin))
                .route(CALLBACK_PATH, get(signin::callback))
                .route(LOGGED_OUT_PATH, get(signin::logged_out)),
        ),
    };
    outside
        .route("/assets/{file}", get(assets::asset))
        .route(CALLBACK, get(connect::arrive))
        .merge(inside.layer(from_fn_with_state(state, guard::require_session)))
        .layer(from_fn(guard::headers))
}

#[derive(Template)]
#[template(path = "welcome.html")]
struct Welcome<'a> {
    chrome: view::Chrome,
    to: &'a str,
}

/// Leads on by a page, for a browser that came here from another site: after a redirect it would still be on its way
/// from there, and keep the strict cookie to itself.
fn welcome(to: &str) -> Response {
    view::show(&Welcome { chrome: view::Chrome::bare(say("entrance-logged-in"), view::Section::Outside), to })
}

/// Nothing at this address: a page for browsers, a problem for programs.
pub(crate) async fn unknown_path(headers: HeaderMap) -> Response {
    refuse(&headers, Code::UnknownPath)
}

/// Not with this method: likewise.
pub(crate) async fn method_not_allowed(headers: HeaderMap) -> Response {
    refuse(&headers, Code::MethodNotAllowed)
}

fn refuse(headers: &HeaderMap, code: Code) -> Response {
    let mut accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    if accepted.any(|kinds| kinds.contains("text/html")) {
        fault::Fault::Missing(code).into_response()
    } else {
        Problem::plain(code).into_response()
    }
}
