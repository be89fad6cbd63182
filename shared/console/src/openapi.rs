//! The API's description, from a table of its calls. A test walks the table through the router and back.

use crate::{Access, ConsoleState};
use axum::Json;
use axum::extract;
use domain::{
    AboutKind, AccessRole, AuditAction, AuditOutcome, Code, Deviation, FieldProblem, HoldReason, MappingKind,
    NoticeKind, NoticeWay, Operation, SkipReason, State, Step,
};
use export_flow::connections::{Lack, Outcome};
use serde_json::{Map, Value, json};

const SCHEMAS: &str = include_str!("openapi/schemas.json");

/// One call of the API.
pub(crate) struct Call {
    pub(crate) method: &'static str,
    /// Below `/api/v1`; `/health` alone lies outside.
    pub(crate) path: &'static str,
    summary: &'static str,
    query: &'static [&'static str],
    body: Option<&'static str>,
    body_optional: bool,
    answer: (u16, Option<&'static str>),
    problems: &'static [u16],
}

const fn call(method: &'static str, path: &'static str, summary: &'static str) -> Call {
    Call {
        method,
        path,
        summary,
        query: &[],
        body: None,
        body_optional: false,
        answer: (200, None),
        problems: &[401, 503],
    }
}

impl Call {
    const fn query(mut self, query: &'static [&'static str]) -> Self {
        self.query = query;
        self
    }

    const fn takes(mut self, schema: &'static str) -> Self {
        self.body = Some(schema);
        self
    }

    const fn may_take(mut self, schema: &'static str) -> Self {
        self.body_optional = true;
        self.takes(schema)
    }

    const fn answers(mut self, status: u16, schema: &'static str) -> Self {
        self.answer = (status, Some(schema));
        self
    }

    const fn refuses(mut self, problems: &'static [u16]) -> Self {
        self.problems = problems;
        self
    }
}

const READ: &[u16] = &[401, 404, 503];
const LIST: &[u16] = &[401, 422, 503];
const WRITE: &[u16] = &[400, 401, 404, 409, 413, 422, 503];
const LIVE: &[u16] = &[401, 404, 409, 422, 424, 503];

/// Every call.
pub(crate) const CALLS: &[Call] = &[
    call("get", "/connectors", "The connectors as data").answers(200, "ConnectorList"),
    call("get", "/words", "How every word of the API is said to people, in the language of `Accept-Language`").answers(200, "WordList"),
    call("get", "/codes", "Every code and reason with its page of advice").answers(200, "CodeList"),
    call("get", "/codes/{code}", "What a code means and what to do about it").answers(200, "CodeAdvice").refuses(READ),
    call("get", "/audit", "Who changed or redrove what, newest first; one call reads 2,000 at most")
        .query(&["about", "who", "limit", "cursor"])
        .answers(200, "AuditList")
        .refuses(LIST),
    call("get", "/overview", "The state of everything, in numbers").answers(200, "Overview"),
    call("get", "/overview/hours", "What happened in each of the last hours, in all and per connection; 48 at most")
        .query(&["hours"])
        .answers(200, "HourList")
        .refuses(LIST),
    call("get", "/search", "Where something is: by order, document's number or id, tracking number or export's id")
        .query(&["q"])
        .answers(200, "HitList")
        .refuses(LIST),
    call("get", "/connections", "Connections").query(&["limit", "cursor"]).answers(200, "ConnectionList").refuses(LIST),
    call("put", "/connections/{id}", "Make or replace a connection; secrets left out stay. If-None-Match: * only makes one")
        .takes("ConnectionPut")
        .answers(200, "Connection")
        .refuses(WRITE),
    call("get", "/connections/{id}", "One connection").answers(200, "Connection").refuses(READ),
    Call { answer: (204, None), ..call("delete", "/connections/{id}", "Remove a connection").refuses(READ) },
    call(
        "post",
        "/connections/{id}/check",
        "Check it, step by step, in at most 20 s; with a body check what the body says and write nothing",
    )
    .may_take("ConnectionPut")
    .answers(200, "Check")
    .refuses(WRITE),
    call("get", "/connections/{id}/removal", "What its removal would mean for work that is not at its end")
        .answers(200, "RemovalOutlook")
        .refuses(READ),
    call("post", "/connections/{id}/switches/outlook", "What other switches would mean for exports that are there")
        .takes("Switches")
        .answers(200, "SwitchOutlook")
        .refuses(WRITE),
    call("post", "/connections/{id}/rules/preview", "What other rules and switches would have done to the last 30 days; nothing is saved")
        .takes("RulesPreviewPost")
        .answers(200, "RulePreview")
        .refuses(WRITE),
    call("post", "/connections/{id}/secrets", "New secrets; those in use stay until a check succeeds with the new ones")
        .takes("SecretsPost")
        .answers(200, "Rotated")
        .refuses(WRITE),
    call("post", "/connections/{id}/webhook-token", "A new token for its webhook address; the old one stays for a while")
        .answers(200, "WebhookToken")
        .refuses(&[401, 404, 409, 503]),
    call("post", "/connections/{id}/connect", "The vendor's page on which a person allows it, where that is its way of signing in")
        .answers(200, "ConnectionConsent")
        .refuses(&[401, 404, 409, 503]),
    call("post", "/connections/{id}/pause", "Pause it by hand").answers(200, "Connection").refuses(LIVE),
    call("post", "/connections/{id}/resume", "End its pause").answers(200, "Connection").refuses(LIVE),
    call("post", "/connections/{id}/webhook-test", "Ask its webhook address from here, as nobody in particular")
        .answers(200, "WebhookTest")
        .refuses(LIVE),
    call("get", "/connections/{id}/errors", "What is dead, retrying or held there, by code; 1,000 of each are read at most")
        .answers(200, "ErrorList")
        .refuses(READ),
    call("get", "/connections/{id}/documents", "What the source has, read live, with what became of each")
        .query(&["since", "limit", "cursor"])
        .answers(200, "DocumentList")
        .refuses(LIVE),
    call("get", "/connections/{id}/events", "The last events of its webhooks with what became of them, and what was refused")
        .answers(200, "EventList")
        .refuses(READ),
    call("get", "/connections/{id}/mappings", "The target's own values, proposals, what is unmapped")
        .answers(200, "MappingsView")
        .refuses(LIVE),
    call("put", "/connections/{id}/mappings", "Replace the mappings; what waited for one of them goes on")
        .takes("Mappings")
        .answers(200, "Connection")
        .refuses(WRITE),
    call("get", "/exports", "Exports, newest first; CSV of at most 100,000 by format or Accept")
        .query(&["state", "connection", "order", "document", "operation", "code", "limit", "cursor", "format"])
        .answers(200, "ExportList")
        .refuses(LIST),
    call("post", "/exports", "Carry a document or parcel now, or try it out with trial (200)")
        .takes("ExportRequest")
        .answers(202, "Export")
        .refuses(&[400, 401, 409, 413, 422, 424, 503]),
    call("post", "/exports/decisions", "One decision about up to 500 exports, each taken by itself and its result said")
        .takes("ManyRequest")
        .answers(200, "ManyResult")
        .refuses(&[400, 401, 413, 422, 503]),
    call("get", "/exports/{id}", "One export with its attempts").answers(200, "Export").refuses(READ),
    call("post", "/exports/{id}/retry", "Make it due now").answers(202, "Export").refuses(LIVE),
    call("post", "/exports/{id}/resolve", "Decide what the engine cannot")
        .takes("Resolution")
        .answers(202, "Export")
        .refuses(WRITE),
    call("post", "/exports/{id}/seen", "Say that what was found about it has been seen")
        .may_take("Seen")
        .answers(200, "Finding")
        .refuses(&[400, 401, 404, 409, 413, 422, 424, 503]),
    call(
        "post",
        "/shipments",
        "Tell parcels whose courier has no list: one, a list of at most 1,000, or a table; each line is taken by itself",
    )
    .takes("ShipmentRequest")
    .answers(202, "ShipmentList")
    .refuses(&[400, 401, 413, 422, 503]),
    call("get", "/dead-letters", "Dead letters by what they have in common, of 2,000 at most; as CSV each of them")
        .query(&["connection", "at", "operation", "code", "cursor", "format"])
        .answers(200, "DeadLetterGroupList")
        .refuses(LIST),
    call("post", "/dead-letters/redrive", "Put dead letters back to work")
        .takes("DeadLetterRequest")
        .answers(202, "Job")
        .refuses(WRITE),
    call("post", "/dead-letters/dismiss", "Say that dead letters are not needed")
        .takes("DeadLetterRequest")
        .answers(202, "Job")
        .refuses(WRITE),
    call("post", "/batch-exports", "Queue what a source has and its targets have not")
        .takes("BatchExportRequest")
        .answers(202, "Job")
        .refuses(&[400, 401, 409, 413, 422, 503]),
    call("get", "/jobs", "Jobs, newest first").query(&["limit", "cursor"]).answers(200, "JobList").refuses(LIST),
    call("get", "/reconciliation", "Source against target, both read live, part by part; CSV by format or Accept")
        .query(&["connection", "since", "until", "limit", "cursor", "format"])
        .answers(200, "Reconciliation")
        .refuses(&[401, 404, 422, 503]),
    call("get", "/jobs/{id}", "How far a job has come").answers(200, "Job").refuses(READ),
    call("post", "/jobs/{id}/cancel", "End it after what it is doing just now").answers(200, "Job").refuses(LIVE),
    call("get", "/notices", "What is told to whom, and what could not be told yet").answers(200, "Notices"),
    call("put", "/notices", "Replace it; a secret left out stays, null makes one that is answered once")
        .takes("NoticesPut")
        .answers(200, "Notices")
        .refuses(&[400, 401, 409, 413, 422, 503]),
    call("post", "/notices/test", "Send a test by every way that is set")
        .answers(200, "NoticeTest")
        .refuses(&[401, 409, 503]),
    call("post", "/login-links", "A link that opens the pages once, within 15 minutes, for an operator or a viewer")
        .may_take("LoginLinkRequest")
        .answers(201, "LoginLink")
        .refuses(&[400, 401, 413, 422, 503]),
    call("get", "/orders/{channel}/{reference}", "Everything about one order").answers(200, "Timeline").refuses(READ),
    call("put", "/orders/{channel}/{reference}/aliases", "The same sale's references at other channels")
        .takes("Aliases")
        .answers(200, "Timeline")
        .refuses(WRITE),
];

/// `GET /openapi.json`: open to everyone, since it says nothing about anybody.
pub(crate) async fn serve(extract::State(state): extract::State<ConsoleState>) -> Json<Value> {
    Json(match *state.access {
        Access::Local(_) => document(),
        Access::Gateway(_) => behind_a_gateway(document()),
    })
}

/// The description without the calls that there are on one machine only, and with the refusal that there is not.
fn behind_a_gateway(mut document: Value) -> Value {
    if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) {
        paths.remove("/api/v1/login-links");
        let operations = paths.values_mut().filter_map(Value::as_object_mut).flat_map(Map::values_mut);
        for responses in operations.filter_map(|operation| operation.get_mut("responses")?.as_object_mut()) {
            if let Some(refusal) = responses.get("401").cloned() {
                responses.insert("403".into(), refusal);
            }
        }
    }
    if let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        schemas.remove("LoginLink");
        schemas.remove("LoginLinkRequest");
    }
    document
}

/// The whole description.
pub(crate) fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for call in CALLS {
        let path = paths.entry(format!("/api/v1{}", call.path)).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(call.method.to_owned(), operation(call));
        }
    }
    paths.insert("/api/v1/openapi.json".into(), open("This description", "Anything"));
    paths.insert("/health".into(), open("Whether store and queue answer", "Health"));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Backhaul",
            "version": env!("CARGO_PKG_VERSION"),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "description": "Carries invoices, credit notes and tracking numbers back to the channels the orders came from.",
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas(),
        },
    })
}

fn open(summary: &str, schema: &str) -> Value {
    json!({"get": {
        "summary": summary,
        "security": [],
        "responses": {"200": {"description": "OK", "content": {"application/json": {"schema": reference(schema)}}}},
    }})
}

fn reference(schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{schema}")})
}

/// What a query gives: nothing between `=` and `&` counts as not given.
fn or_nothing(schema: Value) -> Value {
    json!({"anyOf": [schema, {"const": ""}]})
}

fn operation(call: &Call) -> Value {
    let in_path = call.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<Value> = in_path
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
        .collect();
    parameters.extend(call.query.iter().map(|name| {
        let schema = match *name {
            "limit" => or_nothing(json!({"type": "integer", "minimum": 1, "maximum": 500, "default": 100})),
            "state" => or_nothing(reference("State")),
            "operation" => or_nothing(reference("Operation")),
            _ => json!({"type": "string"}),
        };
        json!({"name": name, "in": "query", "required": false, "schema": schema})
    }));
    let mut responses = Map::new();
    let (status, schema) = call.answer;
    let success = match schema {
        Some(schema) => {
            json!({"description": "OK", "content": {"application/json": {"schema": reference(schema)}}})
        }
        None => json!({"description": "Done"}),
    };
    responses.insert(status.to_string(), success.clone());
    match (call.method, call.path) {
        ("put", "/connections/{id}") => {
            responses.insert("201".into(), success);
        }
        ("get", "/reconciliation" | "/exports" | "/dead-letters") => {
            let table = json!({"application/json": {"schema": schema.map(reference)}, "text/csv": {}});
            responses.insert("200".into(), json!({"description": "OK", "content": table}));
        }
        ("post", "/exports") => {
            let content = json!({"application/json": {"schema": reference("Trial")}});
            responses.insert("200".into(), json!({"description": "A trial", "content": content}));
        }
        _ => {}
    }
    // A viewer may not; behind a gateway nobody may whose token names no tenant.
    let forbidden = (call.method != "get").then_some(&403);
    for problem in call.problems.iter().chain(forbidden) {
        let content = json!({"application/problem+json": {"schema": reference("Problem")}});
        responses.insert(problem.to_string(), json!({"description": "A problem", "content": content}));
    }
    let mut operation = json!({"summary": call.summary, "parameters": parameters, "responses": responses});
    if let (Some(schema), Some(object)) = (call.body, operation.as_object_mut()) {
        let mut content = json!({"application/json": {"schema": reference(schema)}});
        if let ("ShipmentRequest", Some(kinds)) = (schema, content.as_object_mut()) {
            let table = "Columns source, shipment and order, named in the first line.";
            kinds.insert("text/csv".into(), json!({"schema": {"type": "string", "description": table}}));
        }
        object.insert("requestBody".into(), json!({"required": !call.body_optional, "content": content}));
    }
    operation
}

/// The shapes: those written down, and the words of the domain.
fn schemas() -> Value {
    let mut schemas: Value = serde_json::from_str(SCHEMAS).unwrap_or_else(|_| json!({}));
    let words = |words: Vec<&'static str>| json!({"type": "string", "enum": words});
    if let Some(object) = schemas.as_object_mut() {
        object.insert("State".into(), words(State::ALL.iter().map(|word| word.as_str()).collect()));
        object.insert("HoldReason".into(), words(HoldReason::ALL.iter().map(|word| word.as_str()).collect()));
        object.insert("SkipReason".into(), words(SkipReason::ALL.iter().map(|word| word.as_str()).collect()));
        object.insert("Operation".into(), words(Operation::ALL.iter().map(|word| word.as_str()).collect()));
        object.insert("Deviation".into(), words(Deviation::ALL.iter().map(|word| word.as_str()).collect()));
        object.insert("MappingKind".into(), words(MappingKind::ALL.iter().map(|word| word.as_str()).collect()));
        object.insert("Step".into(), words(Step::ALL.iter().map(|word| word.as_str()).collect()));
        object.insert("NoticeKind".into(), words(NoticeKind::ALL.iter().map(|word| word.as_str()).collect()));
        object.insert("NoticeWay".into(), words(NoticeWay::ALL.iter().map(|word| word.as_str()).collect()));
        object.insert("FieldProblem".into(), words(FieldProblem::ALL.iter().map(|word| word.as_str()).collect()));
        object.insert("Lack".into(), words(Lack::ALL.iter().map(|word| word.as_str()).collect()));
        object.insert("RotationOutcome".into(), words(Outcome::ALL.iter().map(|word| word.as_str()).collect()));
        object.insert("AccessRole".into(), words(AccessRole::ALL.iter().map(|word| word.as_str()).collect()));
        object.insert("AboutKind".into(), words(AboutKind::ALL.iter().map(|word| word.as_str()).collect()));
        object.insert("AuditAction".into(), words(AuditAction::ALL.iter().map(|word| word.as_str()).collect()));
        object.insert("AuditOutcome".into(), words(AuditOutcome::ALL.iter().map(|word| word.as_str()).collect()));
        object.insert("Code".into(), words(Code::ALL.iter().map(|word| word.as_str()).collect()));
    }
    schemas
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// What the router's source says: every `.route("path", get(…).post(…))` of the API.
    fn routed() -> BTreeSet<(String, String)> {
        let source = include_str!("api/mod.rs").replace(['\n', ' '], "");
        let mut routed = BTreeSet::new();
        for part in source.split(".route(").skip(1) {
            let (path, handlers) = part.split_once(',').unwrap();
            let path = path.trim_matches('"');
            for method in ["get", "put", "post", "delete"] {
                if handlers.contains(&format!("{method}(")) {
                    routed.insert((method.to_owned(), path.to_owned()));
                }
            }
        }
        routed
    }

    #[test]
    fn every_route_is_described_and_every_description_is_routed() {
        let described: BTreeSet<(String, String)> =
            CALLS.iter().map(|call| (call.method.to_owned(), call.path.to_owned())).collect();
        assert_eq!(routed(), described);
    }

    /// Method and path of every line of the page of examples.
    fn shown() -> Vec<(String, String)> {
        let lines = include_str!("../../../infra/docs/api.md").lines().filter(|line| line.starts_with("api "));
        let call = |line: &str| {
            let (_, path) = line.split_once("$API").unwrap();
            let path = path.split([' ', '?', '"']).next().unwrap();
            let method = line.split_once("-X ").map_or("GET", |(_, rest)| rest.split(' ').next().unwrap());
            if let Some((_, body)) = line.split_once("-d '") {
                serde_json::from_str::<Value>(body.split('\'').next().unwrap())
                    .unwrap_or_else(|e| panic!("{line}: {e}"));
            }
            (method.to_lowercase(), path.to_owned())
        };
        lines.map(call).collect()
    }

    fn fits(call: &Call, (method, path): &(String, String)) -> bool {
        let (wanted, given): (Vec<&str>, Vec<&str>) = (call.path.split('/').collect(), path.split('/').collect());
        let same = |(wanted, given): (&&str, &&str)| wanted.starts_with('{') || wanted == given;
        call.method == method && wanted.len() == given.len() && wanted.iter().zip(&given).all(same)
    }

    #[test]
    fn every_call_has_its_example_and_every_example_its_call() {
        let shown = shown();
        for call in CALLS {
            assert!(shown.iter().any(|one| fits(call, one)), "{} {}", call.method, call.path);
        }
        for one in &shown {
            assert!(CALLS.iter().any(|call| fits(call, one)), "{one:?}");
        }
    }

    #[test]
    fn every_shape_that_is_named_is_there_and_every_shape_is_named() {
        let document = document();
        let mut named = BTreeSet::new();
        collect(&document, &mut named);
        let there: BTreeSet<String> =
            document["components"]["schemas"].as_object().unwrap().keys().map(ToOwned::to_owned).collect();
        assert_eq!(named, there);
    }

    fn collect(value: &Value, named: &mut BTreeSet<String>) {
        match value {
            Value::Object(object) => {
                if let Some(name) = object.get("$ref").and_then(Value::as_str) {
                    named.insert(name.trim_start_matches("#/components/schemas/").to_owned());
                }
                object.values().for_each(|value| collect(value, named));
            }
            Value::Array(items) => items.iter().for_each(|value| collect(value, named)),
            _ => {}
        }
    }
}
