//! HTTP events as requests to a router.

use crate::engine::Engine;
use axum::Router;
use axum::body::Body;
use lambda_http::RequestExt as _;
use lambda_http::request::RequestContext;
use lambda_runtime::Error;
use std::sync::Arc;
use tower::ServiceExt as _;

/// Takes webhooks until Lambda ends the sandbox.
///
/// # Errors
/// If the runtime cannot be reached.
pub async fn webhooks(engine: Engine) -> Result<(), Error> {
    let router = inbox::router(Arc::clone(&engine.flow));
    serve(engine, router, |_, request| request).await
}

/// Serves a router. `admit` adds what the gateway knows of a caller.
pub(crate) async fn serve(
    engine: Engine,
    router: Router,
    admit: fn(&RequestContext, axum::extract::Request) -> axum::extract::Request,
) -> Result<(), Error> {
    let engine = Arc::new(engine);
    lambda_http::run(lambda_http::service_fn(move |event: lambda_http::Request| {
        let (engine, router) = (Arc::clone(&engine), router.clone());
        async move {
            let context = event.request_context_ref().cloned();
            let (head, body) = event.into_parts();
            let mut request = axum::extract::Request::from_parts(head, into_body(body));
            // What Lambda's adapter knows of the call must not reach a handler by chance: a header is never trusted.
            if let Some(context) = context {
                request = admit(&context, request);
            }
            let answer = router.oneshot(request).await;
            engine.flush().await;
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
