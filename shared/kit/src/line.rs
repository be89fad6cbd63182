//! One log line as one JSON object: the event's fields at its top, and beside them those of the spans it lies in, so that
//! a search finds a trace wherever it was said.

use serde::ser::{SerializeMap, Serializer as _};
use serde_json::Serializer;
use std::fmt::{self, Write as _};
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

/// The name for what another crate says without naming it.
const UNNAMED: &str = "log";

/// Writes lines. Spans must be kept as JSON ([`tracing_subscriber::fmt::format::JsonFields`]).
pub(crate) struct Flat {
    /// The function that speaks, where it is one.
    pub(crate) function: Option<&'static str>,
}

impl<S, N> FormatEvent<S, N> for Flat
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'w> FormatFields<'w> + 'static,
{
    fn format_event(&self, ctx: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut line = Vec::with_capacity(512);
        self.head(&mut line, event).map_err(|_| fmt::Error)?;
        // Left open: the spans follow.
        if line.last() == Some(&b'}') {
            line.pop();
        }
        let mut line = String::from_utf8(line).map_err(|_| fmt::Error)?;
        let mut said = vec![event.metadata()];
        for span in ctx.event_scope().into_iter().flatten() {
            if let Some(fields) = span.extensions().get::<FormattedFields<N>>() {
                append(&mut line, fields, span.metadata(), &said);
            }
            said.push(span.metadata());
        }
        line.push('}');
        writeln!(writer, "{line}")
    }
}

impl Flat {
    fn head(&self, line: &mut Vec<u8>, event: &Event<'_>) -> Result<(), serde_json::Error> {
        let mut serializer = Serializer::new(line);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("timestamp", &jiff::Timestamp::now().to_string())?;
        map.serialize_entry("level", event.metadata().level().as_str())?;
        if let Some(function) = self.function.filter(|_| !has(event.metadata(), "function")) {
            map.serialize_entry("function", function)?;
        }
        if !has(event.metadata(), "event") {
            map.serialize_entry("event", UNNAMED)?;
        }
        let mut fields = Fields { map, failed: None };
        event.record(&mut fields);
        let Fields { mut map, failed } = fields;
        failed.map_or(Ok(()), Err)?;
        // Not `target`, as elsewhere: that is where an export goes.
        map.serialize_entry("module", event.metadata().target())?;
        SerializeMap::end(map)
    }
}

fn has(metadata: &Metadata<'_>, name: &str) -> bool {
    metadata.fields().field(name).is_some()
}

/// Adds a span's fields. What was said nearer to the event counts.
fn append(line: &mut String, fields: &str, span: &Metadata<'_>, said: &[&Metadata<'_>]) {
    let twice = |name: &str| said.iter().any(|metadata| has(metadata, name));
    if !span.fields().iter().any(|field| twice(field.name())) {
        let inner = fields.trim().strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        if let Some(inner) = inner.filter(|inner| !inner.is_empty()) {
            line.push(',');
            line.push_str(inner);
        }
        return;
    }
    let Ok(serde_json::Value::Object(fields)) = serde_json::from_str(fields) else { return };
    for (name, value) in fields.iter().filter(|(name, _)| !twice(name)) {
        // Writing into a string does not fail.
        write!(line, ",{}:{value}", serde_json::Value::from(name.as_str())).unwrap_or_default();
    }
}

/// Writes an event's fields; the first failure ends it.
struct Fields<M: SerializeMap> {
    map: M,
    failed: Option<M::Error>,
}

impl<M: SerializeMap> Fields<M> {
    fn add(&mut self, field: &Field, value: &(impl serde::Serialize + ?Sized)) {
        if self.failed.is_none()
            && let Err(error) = self.map.serialize_entry(field.name(), value)
        {
            self.failed = Some(error);
        }
    }
}

impl<M: SerializeMap> Visit for Fields<M> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, &value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, &value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, &value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, &value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, &format!("{value:?}"));
    }
}
