//! What the pages load beside themselves: one style sheet and one icon, out of the binary.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use domain::Code;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use ring::digest::{SHA256, digest};
use std::sync::LazyLock;

use super::fault::Fault;

const STYLE: &str = include_str!("../../templates/app.css");
const ICON: &str = include_str!("../../templates/icon.svg");

/// The name changes with the content, so that it may be kept for ever.
static STYLE_PATH: LazyLock<String> = LazyLock::new(|| path(STYLE, "css"));
static ICON_PATH: LazyLock<String> = LazyLock::new(|| path(ICON, "svg"));

fn path(content: &str, ending: &str) -> String {
    let hex = HEXLOWER.encode(digest(&SHA256, content.as_bytes()).as_ref());
    format!("/assets/app-{}.{ending}", hex.get(..12).unwrap_or(&hex))
}

/// Where the style sheet is.
pub(super) fn style_path() -> &'static str {
    &STYLE_PATH
}

/// Where the icon is.
pub(super) fn icon_path() -> &'static str {
    &ICON_PATH
}

/// `GET /assets/{file}`.
pub(super) async fn asset(Path(file): Path<String>) -> Response {
    let is = |path: &str| path.strip_prefix("/assets/") == Some(file.as_str());
    let (kind, content) = match () {
        () if is(style_path()) => ("text/css; charset=utf-8", STYLE),
        () if is(icon_path()) => ("image/svg+xml", ICON),
        () => return Fault::Missing(Code::UnknownPath).into_response(),
    };
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "public, max-age=31536000, immutable")], content).into_response()
}
