//! The SDK's calls over the same HTTP client that everything else of a function uses. The SDK's own would bring a second one,
//! with HTTP/2, which none of the services here is asked in.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::{Response, StatusCode};
use aws_smithy_types::body::SdkBody;
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use std::sync::Arc;
use std::time::Duration;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Calls by one pool of connections. A client that could not be made refuses every call with the reason.
#[derive(Debug, Clone)]
struct Pooled(Result<reqwest::Client, String>);

/// A client for the SDK that trusts these roots, as PEM, and no others; without roots it makes calls without TLS only. All
/// time-outs but that of connecting are the SDK's.
pub(crate) fn client(roots: Option<&str>, connect: Duration) -> SharedHttpClient {
    SharedHttpClient::new(Pooled(build(roots, connect).map_err(|error| error.to_string())))
}

fn build(roots: Option<&str>, connect: Duration) -> Result<reqwest::Client, BoxError> {
    let mut trusted = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(roots.unwrap_or_default().as_bytes()) {
        trusted.add(certificate?)?;
    }
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(trusted)
        .with_no_client_auth();
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .redirect(Policy::none())
        .referer(false)
        // The SDK repeats what may be repeated.
        .retry(reqwest::retry::never())
        .http1_only()
        .connect_timeout(connect)
        .build()?;
    Ok(client)
}

impl HttpClient for Pooled {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Pooled {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.0.clone();
        HttpConnectorFuture::new(async move {
            let client = client.map_err(|said| ConnectorError::user(said.into()))?;
            let request = converted(&request).map_err(ConnectorError::user)?;
            exchange(&client, request).await.map_err(failed)
        })
    }
}

/// Every body of these services is in memory: none is a stream.
fn converted(request: &HttpRequest) -> Result<reqwest::Request, BoxError> {
    let method = request.method().parse()?;
    let mut out = reqwest::Request::new(method, request.uri().parse()?);
    for (name, value) in request.headers() {
        out.headers_mut().append(name.parse::<HeaderName>()?, value.parse::<HeaderValue>()?);
    }
    let body = request.body().bytes().ok_or("the body is a stream")?;
    *out.body_mut() = Some(body.to_vec().into());
    Ok(out)
}

async fn exchange(client: &reqwest::Client, request: reqwest::Request) -> Result<HttpResponse, BoxError> {
    let mut answer = client.execute(request).await.map_err(reqwest::Error::without_url)?;
    let status = StatusCode::try_from(answer.status().as_u16())?;
    let headers = std::mem::take(answer.headers_mut());
    let body = answer.bytes().await.map_err(reqwest::Error::without_url)?;
    let mut out = Response::new(status, SdkBody::from(body));
    for (name, value) in &headers {
        out.headers_mut().try_append(name.as_str().to_owned(), value.to_str()?.to_owned())?;
    }
    Ok(out)
}

/// What the SDK may do again: whatever was not answered in full.
fn failed(error: BoxError) -> ConnectorError {
    match error.downcast_ref::<reqwest::Error>() {
        Some(known) if known.is_timeout() => ConnectorError::timeout(error),
        Some(known) if known.is_builder() => ConnectorError::user(error),
        Some(_) => ConnectorError::io(error),
        None => ConnectorError::other(error, None),
    }
}
