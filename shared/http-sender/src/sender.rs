//! One call from top to bottom.

use crate::classify::classify;
use crate::hosts;
use crate::limits::Limits;
use crate::pace::Lanes;
use crate::resolve::{Guarded, Names, SystemNames};
use crate::shown::path_shape;
use crate::told::closed_until;
use async_trait::async_trait;
use connectors::{Answer, Body, Clock, Http, HttpError, Lane, NotConnected, Request};
use export_flow::ports::Slices;
use jiff::Timestamp;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::redirect::Policy;
use std::sync::{Arc, OnceLock};

/// How a process sends.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Also connect to private, loopback and link-local addresses: practice vendors, a shop in the same network.
    pub allow_private_targets: bool,
    /// `User-Agent` where the request brings none. Default: the product and its version.
    pub user_agent: Option<String>,
    /// Time-outs, caps and waits.
    pub limits: Limits,
}

/// The only outward client of a process.
pub struct HttpSender {
    options: Options,
    clock: Arc<dyn Clock>,
    names: Arc<dyn Names>,
    roots: Arc<rustls::RootCertStore>,
    lanes: Lanes,
    /// Made by the first call, so that a process that sends nothing (a webhook function) does not pay for it.
    client: OnceLock<Result<reqwest::Client, String>>,
}

impl HttpSender {
    /// A sender that trusts the public certificate authorities and asks the operating system for names.
    #[must_use]
    pub fn new(options: Options, clock: Arc<dyn Clock>) -> Self {
        let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        Self::with(options, clock, Arc::new(SystemNames), Arc::new(roots))
    }

    pub(crate) fn with(
        options: Options,
        clock: Arc<dyn Clock>,
        names: Arc<dyn Names>,
        roots: Arc<rustls::RootCertStore>,
    ) -> Self {
        let lanes = Lanes::new(options.limits);
        Self { options, clock, names, roots, lanes, client: OnceLock::new() }
    }

    /// Keeps paces together with the other processes that make calls for the same connections.
    #[must_use]
    pub fn sharing(mut self, slices: Arc<dyn Slices>) -> Self {
        self.lanes.share(slices);
        self
    }

    fn client(&self) -> Result<&reqwest::Client, HttpError> {
        let made = self.client.get_or_init(|| self.build().map_err(|error| error.to_string()));
        made.as_ref().map_err(|said| HttpError::NotConnected(NotConnected::Tls, said.as_str().into()))
    }

    fn build(&self) -> Result<reqwest::Client, Box<dyn std::error::Error>> {
        let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(Arc::clone(&self.roots))
            .with_no_client_auth();
        let names = Guarded { names: Arc::clone(&self.names), allow_private: self.options.allow_private_targets };
        let user_agent = self.options.user_agent.as_deref().unwrap_or(concat!("Backhaul/", env!("CARGO_PKG_VERSION")));
        let limits = &self.options.limits;
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .dns_resolver(names)
            .user_agent(user_agent)
            .no_proxy()
            .redirect(Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .http1_only()
            .connect_timeout(limits.connect)
            .pool_idle_timeout(limits.idle)
            .pool_max_idle_per_host(limits.idle_per_host)
            .build()?;
        Ok(client)
    }

    /// Sends and reads the whole answer within the time of its kind.
    async fn exchange(&self, request: Request, writing: bool) -> Result<Answer, HttpError> {
        let limits = &self.options.limits;
        let cap = request.answer_bytes_max.unwrap_or(limits.answer_bytes).min(limits.answer_bytes_hard);
        let time = if writing { limits.writing } else { limits.reading };
        let (host, tls) = (request.url.host_str().unwrap_or_default().to_owned(), request.url.scheme() == "https");
        let call = self.prepare(request)?.send();
        let whole = async {
            let answer = call.await.map_err(|error| classify(&error, &host, tls))?;
            read(answer, cap, |error| classify(error, &host, tls)).await
        };
        tokio::time::timeout(time, whole).await.unwrap_or(Err(HttpError::TimedOut))
    }

    fn prepare(&self, request: Request) -> Result<reqwest::RequestBuilder, HttpError> {
        let Request { method, url, mut headers, body, .. } = request;
        let client = self.client()?;
        Ok(match body {
            Body::Empty => client.request(method, url).headers(headers),
            Body::Bytes { content_type, bytes } => {
                if let Ok(value) = HeaderValue::from_str(&content_type) {
                    headers.insert(CONTENT_TYPE, value);
                }
                client.request(method, url).headers(headers).body(bytes)
            }
        })
    }
}

#[async_trait]
impl Http for HttpSender {
    async fn call(&self, lane: &Lane, request: Request, writing: bool) -> Result<Answer, HttpError> {
        hosts::check(&lane.hosts, &request.url, self.options.allow_private_targets)?;
        let turn = self.lanes.enter(lane, &*self.clock).await?;
        let (method, host) = (request.method.clone(), request.url.host_str().unwrap_or_default().to_owned());
        let path = path_shape(&request.url);
        let began = self.clock.now();
        let result = self.exchange(request, writing).await;
        let ended = self.clock.now();
        turn.took(ended.duration_since(began));
        let status = match &result {
            Ok(answer) => {
                if let Some(until) = closed_until(answer, ended) {
                    self.lanes.close(lane, until, ended).await;
                }
                answer.status.to_string()
            }
            Err(error) => word(error).to_owned(),
        };
        let duration_ms = i64::try_from(ended.duration_since(began).as_millis()).unwrap_or(i64::MAX);
        tracing::debug!(
            event = "http.called",
            tenant = %lane.tenant, connection = %lane.connection, %method, host, path, status, duration_ms, writing,
        );
        result
    }

    async fn close(&self, lane: &Lane, until: Timestamp) {
        self.lanes.close(lane, until, self.clock.now()).await;
    }
}

/// Reads the body up to the cap. A larger one is not read to its end: the connection is dropped.
async fn read(
    mut answer: reqwest::Response,
    cap: usize,
    failed: impl Fn(&reqwest::Error) -> HttpError,
) -> Result<Answer, HttpError> {
    let too_large = || HttpError::AnswerTooLarge { limit: cap };
    let announced = answer.content_length().unwrap_or(0);
    if usize::try_from(announced).map_or(true, |announced| announced > cap) {
        return Err(too_large());
    }
    let (status, headers) = (answer.status().as_u16(), std::mem::take(answer.headers_mut()));
    let mut body = Vec::with_capacity(usize::try_from(announced).unwrap_or(0));
    while let Some(chunk) = answer.chunk().await.map_err(|error| failed(&error))? {
        if chunk.len() > cap - body.len() {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, headers, body: body.into() })
}

/// How a failed call is named in the log.
const fn word(error: &HttpError) -> &'static str {
    match error {
        HttpError::NotConnected(NotConnected::Dns, _) => "no_name",
        HttpError::NotConnected(NotConnected::Tcp, _) => "no_connection",
        HttpError::NotConnected(NotConnected::Tls, _) => "no_tls",
        HttpError::NotConnected(NotConnected::AddressRefused, _) => "address_refused",
        HttpError::NotConnected(NotConnected::HostRefused, _) => "host_refused",
        HttpError::TimedOut => "timed_out",
        HttpError::Broken(_) => "broken",
        HttpError::AnswerTooLarge { .. } => "answer_too_large",
        HttpError::Paced { .. } => "paced",
    }
}
