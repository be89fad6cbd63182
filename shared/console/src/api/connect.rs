//! Sending a person to a vendor to allow a connection there.

use super::input::Tenant;
use crate::state::Options;
use crate::{ConsoleState, Problem, host};
use axum::Json;
use axum::extract::{Path, State};
use http::{HeaderMap, header};
use serde_json::{Value, json};
use url::Url;

/// Where vendors send people back to.
pub(crate) const CALLBACK: &str = "/oauth/callback";

/// Where a vendor sends people back to, as it is entered there: at the public address, unless whoever asks has come by the
/// one of this machine, where alone their session is.
pub(crate) fn redirect_url(options: &Options, headers: &HeaderMap) -> String {
    let of = |url: &str| Url::parse(url).ok().and_then(|url| url.host().map(|host| host.to_owned()));
    let asked = headers.get(header::HOST).and_then(|host| host.to_str().ok()).and_then(host::read);
    let here = asked.is_some() && asked == of(&options.local_url);
    let base = options.public_url.as_ref().filter(|_| !here).unwrap_or(&options.local_url);
    format!("{}{CALLBACK}", base.trim_end_matches('/'))
}

/// `POST /connections/{id}/connect`.
pub(crate) async fn begin(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, Problem> {
    let redirect_url = redirect_url(&state.options, &headers);
    let leaving = state.flow.begin_connect(&tenant, &id, &redirect_url).await?;
    Ok(Json(json!({"url": leaving.url.as_str(), "redirect_url": redirect_url, "expires_at": leaving.until})))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn people_come_back_to_where_they_left() {
        let local = Options { local_url: "http://127.0.0.1:8080/".into(), ..Options::default() };
        let public = Options { public_url: Some("https://backhaul.example.com".into()), ..local.clone() };
        let back = |options: &Options, host: &'static str| {
            let headers = HeaderMap::from_iter([(header::HOST, HeaderValue::from_static(host))]);
            redirect_url(options, &headers)
        };
        assert_eq!(back(&local, "127.0.0.1:8080"), "http://127.0.0.1:8080/oauth/callback");
        assert_eq!(back(&local, "elsewhere.example.com"), "http://127.0.0.1:8080/oauth/callback");
        assert_eq!(back(&public, "backhaul.example.com"), "https://backhaul.example.com/oauth/callback");
        assert_eq!(back(&public, "127.0.0.1:8080"), "http://127.0.0.1:8080/oauth/callback");
        assert_eq!(redirect_url(&public, &HeaderMap::new()), "https://backhaul.example.com/oauth/callback");
    }
}
