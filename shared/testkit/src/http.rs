//! A way out that leads nowhere: answers come from the test.

use ::http::{HeaderMap, Method};
use async_trait::async_trait;
use bytes::Bytes;
use connectors::{Answer, Body, Http, HttpError, Lane, NotConnected, Request};
use std::sync::{Mutex, PoisonError};

/// A call as it was made.
#[derive(Debug, Clone)]
pub struct Call {
    /// Whose, and under which limits.
    pub lane: Lane,
    /// What.
    pub request: Request,
    /// Whether it may change something at the vendor.
    pub writing: bool,
}

impl Call {
    /// The body as text; empty if there is none.
    #[must_use]
    pub fn text(&self) -> String {
        match &self.request.body {
            Body::Empty => String::new(),
            Body::Bytes { bytes, .. } => String::from_utf8_lossy(bytes).into_owned(),
        }
    }
}

type Answering = Box<dyn FnMut(&Call) -> Result<Answer, HttpError> + Send>;

struct Route {
    method: Method,
    path: String,
    left: Option<usize>,
    answering: Answering,
}

/// Answers by method and path. A route added later goes before those added earlier.
#[derive(Default)]
pub struct FakeHttp {
    routes: Mutex<Vec<Route>>,
    calls: Mutex<Vec<Call>>,
}

impl FakeHttp {
    /// Answers every call of this method whose path and query begin with `path`.
    pub fn on(
        &self,
        method: Method,
        path: &str,
        answering: impl FnMut(&Call) -> Result<Answer, HttpError> + Send + 'static,
    ) {
        self.add(method, path, None, Box::new(answering));
    }

    /// Answers only the next call of this method and path; routes below answer again afterwards. What is added last is
    /// used first.
    pub fn once(&self, method: Method, path: &str, result: Result<Answer, HttpError>) {
        self.add(method, path, Some(1), Box::new(move |_| result.clone()));
    }

    /// The calls made so far.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many writing calls have been made so far.
    #[must_use]
    pub fn writes(&self) -> usize {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).iter().filter(|call| call.writing).count()
    }

    fn add(&self, method: Method, path: &str, left: Option<usize>, answering: Answering) {
        let route = Route { method, path: path.to_owned(), left, answering };
        self.routes.lock().unwrap_or_else(PoisonError::into_inner).push(route);
    }
}

#[async_trait]
impl Http for FakeHttp {
    async fn call(&self, lane: &Lane, request: Request, writing: bool) -> Result<Answer, HttpError> {
        let call = Call { lane: lane.clone(), request, writing };
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).push(call.clone());
        let url = &call.request.url;
        let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |route: &Route| route.method == call.request.method && path.starts_with(&route.path);
        let Some(route) = routes.iter_mut().rev().find(|route| route.left != Some(0) && fits(route)) else {
            let nowhere = format!("no route for {} {path}", call.request.method);
            return Err(HttpError::NotConnected(NotConnected::Dns, nowhere.into()));
        };
        route.left = route.left.map(|left| left - 1);
        (route.answering)(&call)
    }
}

/// An answer with a JSON body.
///
/// # Errors
/// Never: it is the shape that routes return.
pub fn json(status: u16, body: &serde_json::Value) -> Result<Answer, HttpError> {
    answer(status, "application/json", body.to_string())
}

/// An answer with any body.
///
/// # Errors
/// Never: it is the shape that routes return.
pub fn answer(status: u16, content_type: &str, body: impl Into<Bytes>) -> Result<Answer, HttpError> {
    let mut headers = HeaderMap::new();
    if let Ok(value) = content_type.parse() {
        headers.insert(::http::header::CONTENT_TYPE, value);
    }
    Ok(Answer { status, headers, body: body.into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use connectors::Hosts;
    use domain::{ConnectionId, TenantId};

    #[tokio::test]
    async fn later_routes_go_first_and_are_used_up() {
        let http = FakeHttp::default();
        http.on(Method::GET, "/orders", |_| json(200, &serde_json::json!([])));
        http.once(Method::GET, "/orders", Err(HttpError::TimedOut));
        let lane = Lane {
            tenant: TenantId::local(),
            connection: ConnectionId::new("shop"),
            pace: None,
            hosts: Hosts::Fixed(&["shop.test"]),
        };
        let call = |path: &str| Request::get(format!("http://shop.test{path}").parse().unwrap());
        assert_eq!(http.call(&lane, call("/orders?id=1"), false).await.err(), Some(HttpError::TimedOut));
        assert_eq!(http.call(&lane, call("/orders?id=1"), false).await.unwrap().status, 200);
        assert!(http.call(&lane, call("/other"), true).await.is_err());
        assert_eq!((http.calls().len(), http.writes()), (3, 1));
    }
}
