//! A person allows the connection at Fakturoid (API v3, authorization: authorization code flow).

use super::{Fakturoid, calls, spec};
use crate::account::Account;
use crate::oauth::{AuthorizationCode, Authorize, OAuth, Tokens};
use crate::session::Session;
use crate::stop::{Failure, Stop};
use async_trait::async_trait;
use domain::{Code, remark};
use jiff::SignedDuration;
use serde_json::json;
use url::Url;

/// Whether the connection is one that a person allows.
pub(super) fn applies(account: &Account) -> bool {
    spec::SPEC.oauth_of(&account.connection).is_some()
}

#[async_trait]
impl OAuth for Fakturoid {
    fn authorize_url(&self, account: &Account, ask: &Authorize<'_>) -> Result<Url, Stop> {
        let mut url = account.url("/api/v3/oauth")?;
        // No page of the vendor speaks of PKCE. Who does not know it passes over what it does not know (RFC 6749, 3.1).
        url.query_pairs_mut()
            .append_pair("client_id", account.setting("client_id").unwrap_or_default())
            .append_pair("redirect_uri", ask.redirect_uri)
            .append_pair("response_type", "code")
            .append_pair("state", ask.state)
            .append_pair("code_challenge", ask.challenge)
            .append_pair("code_challenge_method", "S256");
        Ok(url)
    }

    async fn exchange(&self, session: &Session<'_>, code: &AuthorizationCode<'_>) -> Result<Tokens, Stop> {
        let tokens = ask(
            session,
            &json!({
                "grant_type": "authorization_code", "code": code.code, "redirect_uri": code.redirect_uri,
                "code_verifier": code.verifier,
            }),
        )
        .await?;
        if tokens.refresh.is_none() {
            return Err(Stop::fail(Code::VendorNonsense, Some(200), remark::consent_without_refresh()));
        }
        Ok(tokens)
    }

    async fn refresh(&self, session: &Session<'_>, refresh_token: &str) -> Result<Tokens, Stop> {
        let asked = ask(session, &json!({"grant_type": "refresh_token", spec::REFRESH_TOKEN: refresh_token})).await;
        asked.map_err(|stop| match stop {
            Stop::Credentials(failure) if failure.message.contains("invalid_grant") => {
                let message = remark::consent_over(&failure.message);
                Stop::Credentials(Failure { message, ..failure })
            }
            stop => stop,
        })
    }
}

async fn ask(session: &Session<'_>, grant: &serde_json::Value) -> Result<Tokens, Stop> {
    let token = calls::granted(&calls::grant(session, grant).await?)?;
    Ok(Tokens {
        access: token.access_token.into(),
        expires_in: SignedDuration::from_secs(i64::from(token.expires_in)),
        refresh: token.refresh_token.filter(|token| !token.is_empty()).map(Into::into),
    })
}
