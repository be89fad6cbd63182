//! Parcels that are told: one, a list, or a table as CSV. Every line is taken or refused by itself.

mod table;

use super::input::{Tenant, read_body, read_json};
use super::shapes;
use crate::{ConsoleState, FieldError, Problem};
use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use domain::{ExportId, FieldProblem};
use export_flow::person::{Requested, SHIPMENTS_MAX, Shipment, Taken};
use http::{StatusCode, header};
use jiff::SignedDuration;
use serde::{Deserialize, Deserializer, de};
use serde_json::{Value, json};

/// Lines whose exports are waited for and shown; of more, the answer says only what was taken.
const SHOWN_MAX: usize = 20;
/// Looks for what a worker made of the lines, and the pause between them: ten seconds in all.
const LOOKS_MAX: usize = 100;
const LOOK_EVERY: SignedDuration = SignedDuration::from_millis(100);

/// A line as it stood there, and what is wrong with it if it cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    shipment: Shipment,
    error: Option<FieldError>,
}

/// One line in JSON. Ids that are figures may be given as figures.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    source: String,
    #[serde(deserialize_with = "text")]
    shipment: String,
    #[serde(default, deserialize_with = "optional_text")]
    order: Option<String>,
}

/// `POST /shipments`.
pub(crate) async fn create(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    request: Request,
) -> Result<Response, Problem> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_table = kind.trim_start().to_ascii_lowercase().starts_with("text/");
    let body = read_body(request).await?;
    let lines = if is_table { table::read(&body)? } else { read_list(&body)? };
    if lines.is_empty() {
        return Err(Problem::field("shipments", (FieldProblem::Empty, "there is no line")));
    }
    if lines.len() > SHIPMENTS_MAX {
        return Err(Problem::field("shipments", (FieldProblem::TooMany, format!("at most {SHIPMENTS_MAX} at once"))));
    }
    let readable: Vec<Shipment> =
        lines.iter().filter(|line| line.error.is_none()).map(|line| line.shipment.clone()).collect();
    let mut answers = state.flow.tell_shipments(&tenant, &readable).await?.into_iter();
    let mut told = vec![];
    for Line { shipment, error } in lines {
        let taken = error.map(Taken::Refused).or_else(|| answers.next());
        told.extend(taken.map(|taken| (shipment, taken)));
    }
    all_refused(&told)?;
    let exports = exports(&state, &told).await?;
    let lines: Vec<Value> =
        told.iter().zip(exports).map(|((shipment, taken), export)| shapes::shipment(shipment, taken, export)).collect();
    Ok((StatusCode::ACCEPTED, Json(json!({ "shipments": lines }))).into_response())
}

/// Where no line can be used nothing was done, and the answer is a refusal.
fn all_refused(told: &[(Shipment, Taken)]) -> Result<(), Problem> {
    let mut errors = vec![];
    for (index, (_, taken)) in told.iter().enumerate() {
        let Taken::Refused(error) = taken else { return Ok(()) };
        let field = if told.len() == 1 { error.field.clone() } else { format!("shipments[{index}].{}", error.field) };
        errors.push(FieldError { field, ..error.clone() });
    }
    Err(Problem::fields(errors))
}

/// The first export of every line, as far as it is there: those of lines just taken are waited for.
async fn exports(state: &ConsoleState, told: &[(Shipment, Taken)]) -> Result<Vec<Option<ExportId>>, Problem> {
    let mut found: Vec<Option<ExportId>> = vec![None; told.len()];
    if told.len() > SHOWN_MAX {
        return Ok(found);
    }
    let mut waiting: Vec<(usize, &Requested)> = vec![];
    for ((index, (_, taken)), place) in told.iter().enumerate().zip(&mut found) {
        match taken {
            Taken::Accepted(requested) => waiting.push((index, requested)),
            Taken::Known(requested) => *place = first(state.flow.exports_of(requested).await?),
            Taken::Refused(_) => {}
        }
    }
    for _ in 0..LOOKS_MAX {
        let mut still = vec![];
        for (index, requested) in waiting {
            match (first(state.flow.met(requested).await?), found.get_mut(index)) {
                (Some(export), Some(place)) => *place = Some(export),
                _ => still.push((index, requested)),
            }
        }
        waiting = still;
        if waiting.is_empty() {
            break;
        }
        state.timer.sleep(LOOK_EVERY).await;
    }
    Ok(found)
}

fn first(exports: Vec<domain::Export>) -> Option<ExportId> {
    exports.into_iter().next().map(|export| export.id)
}

/// One object, a list of them, or a list in `shipments`.
fn read_list(bytes: &[u8]) -> Result<Vec<Line>, Problem> {
    let whole: Value = read_json(bytes)?;
    let list = match whole {
        Value::Array(list) => list,
        Value::Object(mut object) if object.contains_key("shipments") => match object.remove("shipments") {
            Some(Value::Array(list)) if object.is_empty() => list,
            _ => {
                return Err(Problem::field(
                    "shipments",
                    (FieldProblem::NotAList, "must be a list, and nothing beside it"),
                ));
            }
        },
        one => vec![one],
    };
    Ok(list.iter().map(read_line).collect())
}

fn read_line(value: &Value) -> Line {
    let echo = |name: &str| match value.get(name) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    match read_json::<Given>(value.to_string().as_bytes()) {
        Ok(Given { source, shipment, order }) => Line { shipment: Shipment { source, shipment, order }, error: None },
        Err(problem) => {
            let first = problem.errors.into_iter().next();
            let error =
                first.unwrap_or_else(|| FieldError::new("shipments", (FieldProblem::Unreadable, problem.detail)));
            let (source, shipment) = (echo("source").unwrap_or_default(), echo("shipment").unwrap_or_default());
            Line { shipment: Shipment { source, shipment, order: echo("order") }, error: Some(error) }
        }
    }
}

fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    optional_text(from)?.ok_or_else(|| de::Error::custom("expected a string"))
}

fn optional_text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    match Value::deserialize(from)? {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        Value::Number(number) if number.is_u64() => Ok(Some(number.to_string())),
        _ => Err(de::Error::custom("expected a string")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(body: &str) -> Vec<Line> {
        read_list(body.as_bytes()).unwrap()
    }

    #[test]
    fn one_a_list_and_a_named_list_are_read_alike() {
        let one = r#"{"source":"van","shipment":"Z1","order":"100"}"#;
        let read = lines(one);
        assert_eq!(
            (lines(&format!("[{one}]")), lines(&format!("{{\"shipments\":[{one}]}}"))),
            (read.clone(), read.clone())
        );
        assert_eq!((read[0].shipment.shipment.as_str(), &read[0].error), ("Z1", &None));
        let figures = lines(r#"[{"source":"van","shipment":18446744073709551615,"order":100}]"#);
        assert_eq!(figures[0].shipment.shipment, "18446744073709551615");
        assert_eq!((figures[0].shipment.order.as_deref(), &figures[0].error), (Some("100"), &None));
    }

    #[test]
    fn a_line_that_cannot_be_read_names_its_field_and_leaves_the_others_alone() {
        let read = lines(
            r#"[{"source":"van","shipment":"Z1"},{"source":"van"},{"source":"van","shipment":"Z2","oder":"1"},7,
                {"source":"van","shipment":{"a":1}},{"source":"van","shipment":"Z3","order":null}]"#,
        );
        let wrong: Vec<Option<&str>> = read.iter().map(|line| line.error.as_ref().map(|e| e.field.as_str())).collect();
        assert_eq!(wrong, [None, Some("body"), Some("oder"), Some("body"), Some("shipment"), None]);
        assert_eq!(read[2].shipment.shipment, "Z2", "what was there is shown again");
    }

    #[test]
    fn what_is_no_list_is_refused_as_a_whole() {
        for body in ["", "{", r#"{"shipments":7}"#, r#"{"shipments":[],"more":1}"#] {
            assert!(read_list(body.as_bytes()).is_err(), "{body}");
        }
    }
}
