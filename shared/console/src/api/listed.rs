//! Lists of exports as tables, read page by page while they are sent.

use super::shapes::next_step;
use crate::{ConsoleState, Problem};
use axum::response::Response;
use domain::{ConnectionId, Export, OrderReference, State, TenantId};
use export_flow::ports::{ExportQuery, Page, PortError, reason};
use futures_util::stream;
use jiff::Timestamp;

/// Lines of one table at most.
const ROWS_MAX: usize = 100_000;
/// Bytes of one table behind a gateway at most: a function's answer has an end, and is larger as it is sent.
const GATEWAY_BYTES_MAX: usize = 4_000_000;
/// Records read at once, and so in memory.
const PAGE: usize = 500;

const HEAD: [&str; 24] = [
    "id",
    "order",
    "operation",
    "kind",
    "subject",
    "number",
    "source",
    "target",
    "state",
    "code",
    "reason",
    "attempts",
    "created_at",
    "changed_at",
    "duplicates",
    "revision",
    "in_doubt",
    "remote_id",
    "next_step",
    "at",
    "step",
    "status",
    "attempt_code",
    "message",
];

type Row = [String; 24];

/// Which exports a table has.
pub(crate) struct Listed {
    pub(crate) tenant: TenantId,
    pub(crate) query: ExportQuery,
    /// Counted at this connection: the target, or the source of a look.
    pub(crate) at: Option<ConnectionId>,
}

/// How far a table has come.
struct Reading {
    state: ConsoleState,
    listed: Listed,
    /// Read and not sent yet.
    page: Option<Page<Export>>,
    rows: usize,
    bytes: usize,
}

impl Reading {
    async fn read(&self, cursor: Option<&str>) -> Result<Page<Export>, PortError> {
        let Listed { tenant, query, .. } = &self.listed;
        self.state.flow.parts().ledger.exports(tenant, query, PAGE, cursor).await
    }

    fn is_full(&self) -> bool {
        let behind_a_gateway = self.state.access.gateway().is_some();
        self.rows >= ROWS_MAX || (behind_a_gateway && self.bytes >= GATEWAY_BYTES_MAX)
    }

    /// The lines of what was read, and what comes after it.
    async fn go_on(mut self) -> Result<Option<(Vec<Row>, Self)>, PortError> {
        let Some(page) = self.page.take() else { return Ok(None) };
        let at = self.listed.at.clone();
        let fits = |export: &&Export| at.as_ref().is_none_or(|at| export_flow::ports::group(&export.key) == at);
        let mut lines = vec![];
        let mut cut = false;
        for export in page.items.iter().filter(fits) {
            cut = self.is_full();
            if cut {
                break;
            }
            let line = row(export);
            self.rows += 1;
            self.bytes += line.iter().map(|cell| cell.len() + 3).sum::<usize>();
            lines.push(line);
        }
        cut |= page.next.is_some() && self.is_full();
        if cut {
            lines.push(cut_after(self.rows));
        } else if let Some(next) = &page.next {
            self.page = Some(self.read(Some(next)).await?);
        }
        Ok(Some((lines, self)))
    }
}

/// A table of exports, newest first. The first of them are read before anything is answered.
pub(crate) async fn table(state: ConsoleState, name: &str, listed: Listed) -> Result<Response, Problem> {
    let mut reading = Reading { state, listed, page: None, rows: 0, bytes: 0 };
    reading.page = Some(reading.read(None).await?);
    Ok(crate::table::streamed(name, &HEAD, stream::try_unfold(reading, Reading::go_on)))
}

/// The last line of a table that has an end before its list has.
fn cut_after(rows: usize) -> Row {
    let mut row = Row::default();
    let [first, .., last] = &mut row;
    "cut".clone_into(first);
    *last = format!("only {rows} lines are shown: narrow the list to see the others");
    row
}

fn row(export: &Export) -> Row {
    let (key, last) = (&export.key, export.attempt_log.last());
    let time = |at: Timestamp| at.to_string();
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    [
        export.id.to_string(),
        text(export.order.as_ref().map(OrderReference::as_str)),
        key.operation.as_str().to_owned(),
        export.read_as.unwrap_or(key.subject.kind).as_str().to_owned(),
        key.subject.id.clone(),
        text(export.numbers.first().map(String::as_str)),
        key.source.to_string(),
        text(key.target.as_ref().map(ConnectionId::as_str)),
        export.state.as_str().to_owned(),
        text(export.code.map(domain::Code::as_str)),
        text(reason(export)),
        export.attempts.to_string(),
        time(export.created_at),
        time(export.changed_at),
        export.shared.duplicates.to_string(),
        export.revision_number.to_string(),
        export.in_doubt.is_some().to_string(),
        text(
            export
                .receipt
                .as_ref()
                .filter(|_| export.state == State::Delivered)
                .map(|receipt| receipt.remote_id.as_str()),
        ),
        next_step(export).to_owned(),
        last.map(|attempt| time(attempt.at)).unwrap_or_default(),
        text(last.map(|attempt| attempt.step.as_str())),
        last.and_then(|attempt| attempt.status).map(|status| status.to_string()).unwrap_or_default(),
        text(last.map(|attempt| attempt.code.as_str())),
        text(last.map(|attempt| attempt.message.as_str())),
    ]
}
