//! HTTP events as requests to a router.

use crate::engine::{Engine, Intake, tell};
use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use kit::metrics::Metrics;
use lambda_http::RequestExt as _;
use lambda_http::request::RequestContext;
use lambda_runtime::Error;
use std::sync::Arc;
use tower::ServiceExt as _;

/// Takes webhooks until Lambda ends the sandbox.
///
/// # Errors
/// If the runtime cannot be reached.
pub async fn webhooks(intake: Intake) -> Result<(), Error> {
    serve(intake.metrics, inbox::router(intake.parts), |_, request| request).await
}

/// What is to be done after each call, before its answer goes.
#[async_trait]
pub(crate) trait After: Send + Sync + 'static {
    async fn after(&self);
}

#[async_trait]
impl After for Metrics {
    async fn after(&self) {
        tell(self);
    }
}

#[async_trait]
impl After for Engine {
    async fn after(&self) {
        self.flush().await;
    }
}

/// Serves a router. `admit` adds what the gateway knows of a caller.
pub(crate) async fn serve(
    after: impl After,
    router: Router,
    admit: fn(&RequestContext, axum::extract::Request) -> axum::extract::Request,
) -> Result<(), Error> {
    let after = Arc::new(after);
    lambda_http::run(lambda_http::service_fn(move |event: lambda_http::Request| {
        let (after, router) = (Arc::clone(&after), router.clone());
        async move {
            let context = event.request_context_ref().cloned();
            let (head, body) = event.into_parts();
            let mut request = axum::extract::Request::from_parts(head, into_body(body));
            // What Lambda's adapter knows of the call must not reach a handler by chance: a header is never trusted.
            if let Some(context) = context {
                request = admit(&context, request);
            }
            let answer = router.oneshot(request).await;
            after.after().await;
            answer
        }
    }))
    .await
}

fn into_body(body: lambda_http::Body) -> Body {
    match body {
        lambda_http::Body::Text(text) => Body::from(text),
        lambda_http::Body::Binary(bytes) => Body::from(bytes),
        _ => Body::empty(),
    }
}
