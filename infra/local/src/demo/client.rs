//! JSON over HTTP, to the practice vendors' control calls and to our own API.

use crate::Failure;
use connectors::{Clock, Hosts, Http as _, Lane, Request};
use domain::{ConnectionId, TenantId};
use http::{Method, header};
use http_sender::HttpSender;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use std::sync::Arc;
use url::Url;

/// Speaks to one address.
pub(super) struct Client {
    sender: HttpSender,
    lane: Lane,
    base: String,
    token: Option<SecretString>,
}

/// A status and what came with it.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Value,
}

impl Client {
    pub(super) fn new(name: &str, base: String, token: Option<SecretString>, clock: Arc<dyn Clock>) -> Self {
        let options = http_sender::Options { allow_private_targets: true, ..http_sender::Options::default() };
        let lane = Lane {
            tenant: TenantId::local(),
            connection: ConnectionId::new(name),
            pace: None,
            hosts: Hosts::BaseUrl(base.clone()),
        };
        Self { sender: HttpSender::new(options, clock), lane, base, token }
    }

    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// Any answer.
    pub(super) async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Reply, Failure> {
        let url = Url::parse(&format!("{}{path}", self.base))?;
        let writing = method != Method::GET;
        let mut request = Request::new(method, url);
        if let Some(body) = body {
            request = request.json(body);
        }
        if let Some(token) = &self.token {
            request = request.secret_header(header::AUTHORIZATION, &format!("Bearer {}", token.expose_secret()));
        }
        let answer = self.sender.call(&self.lane, request, writing).await;
        let answer = answer.map_err(|error| format!("{}: no answer ({error:?})", self.lane.connection))?;
        let body = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        Ok(Reply { status: answer.status, body })
    }

    /// An answer that must be a success.
    pub(super) async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, Failure> {
        let reply = self.call(method.clone(), path, body).await?;
        if (200..300).contains(&reply.status) {
            return Ok(reply.body);
        }
        Err(format!("{}: {method} {path} was answered {}: {}", self.lane.connection, reply.status, reply.body).into())
    }

    pub(super) async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.ask(Method::GET, path, None).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.ask(Method::POST, path, Some(body)).await
    }

    /// Makes something that may be there already, from a run before this one. True: it was made now.
    pub(super) async fn make(&self, path: &str, body: &Value) -> Result<bool, Failure> {
        let reply = self.call(Method::POST, path, Some(body)).await?;
        let exists = reply.body["message"].as_str().is_some_and(|message| message.contains("exists"));
        match reply.status {
            200 => Ok(true),
            422 if exists => Ok(false),
            status => Err(format!("practice vendors: {path} was answered {status}: {}", reply.body).into()),
        }
    }
}
