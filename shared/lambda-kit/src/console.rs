//! The console behind the gateway: the API for callers whose token the gateway has verified, the pages by their own login.

use crate::engine::Engine;
use crate::environment::{StartError, needed};
use crate::web;
use async_trait::async_trait;
use axum::extract::Request;
use console::{Access, Claims, ConsoleState, Gateway, GatewaySettings, Options, Timer};
use domain::ConnectionId;
use jiff::SignedDuration;
use kit::read_env;
use lambda_http::request::RequestContext;
use lambda_runtime::Error;
use secrecy::{ExposeSecret as _, SecretString};
use std::sync::Arc;
use std::time::Duration;

/// The stored key that signs sessions, and the name it is sealed under; no connection can have it.
const SESSION_KEY: &str = "session-key";
const SEALED_UNDER: &str = "_console";

struct TokioTimer;

#[async_trait]
impl Timer for TokioTimer {
    async fn sleep(&self, time: SignedDuration) {
        tokio::time::sleep(Duration::try_from(time).unwrap_or(Duration::ZERO)).await;
    }
}

/// Serves API and pages until Lambda ends the sandbox.
///
/// # Errors
/// If the environment lacks something, the key that signs sessions cannot be had, or the runtime cannot be reached.
pub async fn console(engine: Engine) -> Result<(), Error> {
    let options = Options {
        public_url: Some(needed("BACKHAUL_PUBLIC_URL")?),
        webhook_urls: engine.bases.clone(),
        allow_private_targets: engine.allow_private_targets,
        ..Options::default()
    };
    let issuer = needed("BACKHAUL_OIDC_ISSUER")?;
    let client = needed("BACKHAUL_OIDC_CLIENT_ID")?;
    let mut settings = GatewaySettings::new(issuer, client, session_key(&engine).await?);
    if let Some(scopes) = read_env("BACKHAUL_OIDC_SCOPES")? {
        settings.scopes = scopes;
    }
    if let Some(claim) = read_env("BACKHAUL_TENANT_CLAIM")? {
        settings.tenant_claim = claim;
    }
    if let Some(claim) = read_env("BACKHAUL_ROLE_CLAIM")? {
        settings.role_claim = claim;
    }
    let access = Access::Gateway(Box::new(Gateway::new(&settings, &options)?));
    let state = ConsoleState::new(Arc::clone(&engine.flow), access, options, Arc::new(TokioTimer));
    web::serve(engine, console::router(state), admit).await
}

/// The key that signs sessions: made by the first that needs it, the same for all.
async fn session_key(engine: &Engine) -> Result<SecretString, StartError> {
    let parts = engine.flow.parts();
    let owner = ConnectionId::new(SEALED_UNDER);
    let sealed = match engine.ledger.settled(SESSION_KEY).await? {
        Some(sealed) => sealed,
        None => {
            let random = [parts.entropy.bytes(), parts.entropy.bytes()].concat();
            let made: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
            let sealed = parts.keys.seal(&owner, SESSION_KEY, &SecretString::from(made)).await?;
            engine.ledger.settle(SESSION_KEY, &sealed).await?
        }
    };
    let opened = parts.keys.open(&owner, SESSION_KEY, &sealed).await?;
    Ok(SecretString::from(opened.expose_secret()))
}

/// What the gateway's authorizer has verified; without it a call to the API is refused.
fn admit(context: &RequestContext, mut request: Request) -> Request {
    if let RequestContext::ApiGatewayV2(context) = context
        && let Some(jwt) = context.authorizer.as_ref().and_then(|authorizer| authorizer.jwt.as_ref())
    {
        request
            .extensions_mut()
            .insert(jwt.claims.iter().map(|(name, value)| (name.clone(), value.clone())).collect::<Claims>());
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use serde_json::{Value, json};

    /// A call as the gateway tells it: `authorizer` is what its authorizer verified.
    fn told(authorizer: Value) -> RequestContext {
        let context = json!({
            "routeKey": "ANY /api/{proxy+}", "accountId": "1", "stage": "$default", "requestId": "r", "apiId": "a",
            "domainName": "a.execute-api.example", "domainPrefix": "a", "time": "now", "timeEpoch": 1,
            "http": {"method": "GET", "path": "/api/v1/exports", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"},
            "authorizer": authorizer,
        });
        RequestContext::ApiGatewayV2(serde_json::from_value(context).unwrap())
    }

    fn admitted(authorizer: Value) -> Option<Claims> {
        let request = Request::builder().header("authorization", "Bearer made-up").header("x-tenant", "other");
        let request = admit(&told(authorizer), request.body(Body::empty()).unwrap());
        request.extensions().get::<Claims>().cloned()
    }

    #[test]
    fn only_what_the_authorizer_verified_says_who_calls() {
        let verified = json!({"jwt": {"claims": {"custom:tenant": "default"}, "scopes": null}});
        assert_eq!(admitted(verified), Some(Claims::from_iter([("custom:tenant", "default")])));
        for unverified in [json!(null), json!({}), json!({"lambda": {"custom:tenant": "other"}})] {
            assert_eq!(admitted(unverified), None);
        }
    }
}
