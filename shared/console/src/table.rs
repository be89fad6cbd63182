//! Tables for spreadsheets: CSV whose cells are text and never a formula.

use crate::Problem;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use domain::{Code, FieldProblem};
use export_flow::ports::PortError;
use futures_util::{Stream, StreamExt as _, stream};
use http::{HeaderMap, HeaderValue, header};

/// What a spreadsheet takes for the beginning of a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Whether a table is asked for, by the parameter `format` or else by what the caller accepts.
pub(crate) fn wanted(headers: &HeaderMap, format: Option<&str>) -> Result<bool, Problem> {
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    match format {
        Some("csv") => Ok(true),
        Some("json") => Ok(false),
        Some(_) => Err(Problem::field("format", (FieldProblem::NotOneOf, "must be json or csv"))),
        None => Ok(accepts.is_some_and(|kinds| kinds.contains("text/csv"))),
    }
}

/// A table as an answer, offered under a file name.
pub(crate) fn answer<const N: usize>(name: &str, head: &[&str; N], rows: Vec<[String; N]>) -> Response {
    let Some(written) = written(Some(head), rows) else {
        return Problem::new(Code::StoreUnavailable, "the table could not be written").into_response();
    };
    offered(name, Body::from(written))
}

/// The same for a table that is read while it is sent. A fault in the middle breaks the answer off, so that a table never
/// looks whole that is not.
pub(crate) fn streamed<const N: usize>(
    name: &str,
    head: &'static [&'static str; N],
    rows: impl Stream<Item = Result<Vec<[String; N]>, PortError>> + Send + 'static,
) -> Response {
    let failed = || PortError::Damaged("the table could not be written".into());
    let head = stream::iter([written::<N>(Some(head), vec![]).ok_or_else(failed)]);
    let rows = rows.map(move |rows| written(None, rows?).ok_or_else(failed));
    offered(name, Body::from_stream(head.chain(rows)))
}

fn offered(name: &str, body: Body) -> Response {
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

fn written<const N: usize>(head: Option<&[&str; N]>, rows: Vec<[String; N]>) -> Option<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(vec![]);
    if let Some(head) = head {
        writer.write_record(head).ok()?;
    }
    for row in rows {
        writer.write_record(row.map(cell)).ok()?;
    }
    writer.into_inner().ok()
}

/// A cell that no spreadsheet calculates. Amounts below nothing stay numbers.
fn cell(text: String) -> String {
    let is_number = text.strip_prefix('-').is_some_and(|rest| rest.parse::<rust_decimal::Decimal>().is_ok());
    if text.starts_with(FORMULA) && !is_number { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_what_is_quoted_can_be_read_back() {
        let rows = [["=1+1", "-12.50"], ["@cmd", "a,\"b\"\nc"], ["+44 20", "-x"], ["\tx", "č"]];
        let rows = rows.map(|row| row.map(str::to_owned)).to_vec();
        let bytes = written(Some(&["a", "b"]), rows).unwrap();
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let read: Vec<Vec<String>> =
            reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
        assert_eq!(read, [["'=1+1", "-12.50"], ["'@cmd", "a,\"b\"\nc"], ["'+44 20", "'-x"], ["'\tx", "č"]]);
        assert!(bytes.starts_with(b"a,b\r\n"));
    }
}
