//! Parcels that a person tells: a courier, and one line for each parcel. What was refused is shown again, to be mended.

use super::choice::Choice;
use super::fault::Fault;
use super::guard::{Asked, Fields, Posted};
use super::links;
use super::login::Session;
use super::view::{Chrome, Link, Section, show};
use super::wrong::named_sentence;
use crate::ConsoleState;
use crate::texts::{filters, say, word};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::{InWords, Role, TellOutcome, TenantId, Word};
use export_flow::person::{SHIPMENTS_MAX, Shipment, Taken};

struct Row {
    number: String,
    order: Option<String>,
    outcome: Word,
    tone: &'static str,
    sign: &'static str,
    problem: Option<String>,
    exports: Option<Link>,
}

#[derive(Template)]
#[template(path = "shipments.html")]
struct Page {
    chrome: Chrome,
    couriers: Vec<Choice>,
    lines: String,
    rows: Vec<Row>,
    max: usize,
}

/// `GET /shipments`.
pub(super) async fn form(
    State(state): State<ConsoleState>,
    session: Session,
    Asked(asked): Asked,
) -> Result<Response, Fault> {
    page(&state, &session, asked.get("source"), String::new(), vec![]).await
}

/// `POST /shipments`. Sent again by a browser, it changes nothing.
pub(super) async fn tell(
    State(state): State<ConsoleState>,
    Posted { session, fields }: Posted,
) -> Result<Response, Fault> {
    let source = fields.get("source").ok_or_else(|| Fault::Wrong(say("shipments-choose-courier").to_owned()))?;
    let shipments = read(source, &fields);
    if shipments.is_empty() {
        return Err(Fault::Wrong(say("shipments-write-lines").to_owned()));
    }
    let taken = state.flow.tell_shipments(&session.tenant, &shipments).await?;
    let refused =
        |(shipment, taken): (&Shipment, &Taken)| matches!(taken, Taken::Refused(_)).then(|| written(shipment));
    let lines: Vec<String> = shipments.iter().zip(&taken).filter_map(refused).collect();
    let rows = shipments.iter().zip(&taken).map(|(shipment, taken)| row(source, shipment, taken)).collect();
    page(&state, &session, Some(source), lines.join("\n"), rows).await
}

async fn page(
    state: &ConsoleState,
    session: &Session,
    source: Option<&str>,
    lines: String,
    rows: Vec<Row>,
) -> Result<Response, Fault> {
    Ok(show(&Page {
        chrome: Chrome::new(say("shipments-title"), Section::Connections, session),
        couriers: couriers(state, &session.tenant, source).await?,
        lines,
        rows,
        max: SHIPMENTS_MAX,
    }))
}

async fn couriers(state: &ConsoleState, tenant: &TenantId, chosen: Option<&str>) -> Result<Vec<Choice>, Fault> {
    let connections = state.flow.parts().ledger.connections(tenant).await?;
    Ok(Choice::of_connections(&connections, |connection| connection.role == Role::Courier, chosen))
}

/// Every line that is not blank.
fn read(source: &str, fields: &Fields) -> Vec<Shipment> {
    let lines = fields.get("lines").unwrap_or_default().lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| read_line(source, line)).collect()
}

/// A number and, behind a comma, a semicolon, a tab or a single gap, the order. Numbers may have gaps of their own.
fn read_line(source: &str, line: &str) -> Shipment {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (number, order) = match (line.split_once([',', ';', '\t']), words.as_slice()) {
        (Some((number, order)), _) => (number, Some(order)),
        (None, [number, order]) => (*number, Some(*order)),
        (None, _) => (line, None),
    };
    let order = order.map(|order| order.trim().to_owned()).filter(|order| !order.is_empty());
    Shipment { source: source.to_owned(), shipment: number.trim().to_owned(), order }
}

fn written(shipment: &Shipment) -> String {
    match &shipment.order {
        Some(order) => format!("{}, {order}", shipment.shipment),
        None => shipment.shipment.clone(),
    }
}

fn row(source: &str, shipment: &Shipment, taken: &Taken) -> Row {
    let (outcome, tone, sign) = match taken {
        Taken::Accepted(_) => (TellOutcome::Accepted, "good", "✓"),
        Taken::Known(_) => (TellOutcome::Known, "calm", "–"),
        Taken::Refused(_) => (TellOutcome::Refused, "bad", "✕"),
    };
    let (problem, exports) = match taken {
        Taken::Accepted(requested) | Taken::Known(requested) => {
            let id = &requested.hint.subject.id;
            let href = links::list("/exports", [("connection", source), ("document", id.as_str())]);
            (None, Some(Link { href, text: say("shipments-exports").to_owned() }))
        }
        Taken::Refused(error) => (Some(named_sentence(error)), None),
    };
    Row {
        number: shipment.shipment.clone(),
        order: shipment.order.clone(),
        outcome: word(outcome.in_words()),
        tone,
        sign,
        problem,
        exports,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_number_and_perhaps_an_order() {
        for (line, number, order) in [
            ("Z3669041905, 100", "Z3669041905", Some("100")),
            ("Z3669041905;100", "Z3669041905", Some("100")),
            ("Z3669041905\t100", "Z3669041905", Some("100")),
            ("Z3669041905 100", "Z3669041905", Some("100")),
            ("Z 366 9041 905", "Z 366 9041 905", None),
            ("Z 366 9041 905, A 1", "Z 366 9041 905", Some("A 1")),
            ("Z3669041905", "Z3669041905", None),
            ("Z3669041905,", "Z3669041905", None),
        ] {
            let read = read_line("van", line);
            assert_eq!((read.shipment.as_str(), read.order.as_deref()), (number, order), "{line}");
            assert_eq!(read_line("van", &written(&read)), read, "{line}");
        }
    }
}
