//! A vendor that says 200 and means "later": how a connector passes it on.

use super::stage::{Stage, opening_time};
use super::transcript::Said;
use crate::http::Request;
use crate::registry::Registry;
use crate::session::{Permit, Session, WriteOutcome};
use crate::stop::Stop;
use jiff::SignedDuration;
use serde_json::Value;
use std::collections::BTreeMap;

/// As vendors with a query language answer who has spent his points.
const SPENT: &str = r#"{"errors": [{"extensions": {"code": "THROTTLED"}}], "extensions": {"cost":
    {"requestedQueryCost": 202, "throttleStatus": {"currentlyAvailable": 118, "restoreRate": 40}}}}"#;

/// What a connector does with it: the points come back at a rate, and the call was certainly not carried out.
async fn ask(session: &Session<'_>, request: Request) -> Result<Value, Stop> {
    let answer = session.write(&Permit::granted(None), request).await?;
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    if body["errors"][0]["extensions"]["code"] == "THROTTLED" {
        let cost = &body["extensions"]["cost"];
        let points = |value: &Value| value.as_i64().unwrap();
        let status = &cost["throttleStatus"];
        let missing = points(&cost["requestedQueryCost"]) - points(&status["currentlyAvailable"]);
        let wait = SignedDuration::from_millis(missing * 1000 / points(&status["restoreRate"]));
        session.not_done();
        session.closed_for(wait).await;
        return Err(Stop::RateLimited { retry_after: Some(wait), message: "spent".into() });
    }
    Ok(body)
}

#[tokio::test]
async fn a_spent_budget_inside_a_200_closes_the_lane_until_enough_is_restored() {
    let connector = Registry::standard().all().next().unwrap();
    let stage = Stage::always(connector, Said::status(200, &[], SPENT), false);
    let session = stage.read_back();
    let request = Request::get(stage.account.base_url.parse().unwrap());
    let wait = SignedDuration::from_millis(2100);
    let limited = Stop::RateLimited { retry_after: Some(wait), message: "spent".into() };
    assert_eq!(ask(&session, request).await, Err(limited));
    assert_eq!(session.write_outcome(), WriteOutcome::NotDone);
    assert_eq!(stage.closed(), [opening_time() + wait]);
}

#[tokio::test]
async fn no_time_to_wait_closes_nothing() {
    let connector = Registry::standard().all().next().unwrap();
    let stage = Stage::silent(connector, &BTreeMap::new());
    for wait in [SignedDuration::ZERO, SignedDuration::from_secs(-5), SignedDuration::MAX] {
        stage.look().closed_for(wait).await;
    }
    assert_eq!(stage.closed(), []);
}
