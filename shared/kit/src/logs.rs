//! Where log lines go and what they look like.

use crate::line::Flat;
use crate::metrics::Metrics;
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::JsonFields;
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One JSON object per line, fields at its top, those of the spans around it too: for machines.
    Json,
    /// One line of text: for a person at a terminal.
    Text,
}

/// Logs could not be set up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogsError {
    /// The filter is not like `info` or `info,http_sender=debug`.
    #[error("the log filter {0:?} must be like \"info\" or \"info,http_sender=debug\"")]
    Filter(String),
    /// This process already has its logs.
    #[error("logs are already set up")]
    Twice,
}

/// Sends this process's log lines to standard error. `filter` is a level, or levels by crate: `info,http_sender=debug`.
///
/// # Errors
/// [`LogsError`] for a filter that cannot be read, and on the second call.
pub fn start(shape: Shape, filter: &str) -> Result<(), LogsError> {
    let subscriber = subscriber(shape, filter, std::io::stderr)?;
    tracing::subscriber::set_global_default(subscriber).map_err(|_| LogsError::Twice)
}

/// Sends the lines of a function to standard output, where the platform collects them, each with the function's name, and
/// counts what they tell. Say [`crate::metrics::cold_start`] next, and flush what is returned after each invocation.
///
/// # Errors
/// As [`start`].
pub fn start_function(function: &'static str, filter: &str) -> Result<Metrics, LogsError> {
    let metrics = Metrics::default();
    let subscriber = function_subscriber(function, filter, std::io::stdout, &metrics)?;
    tracing::subscriber::set_global_default(subscriber).map_err(|_| LogsError::Twice)?;
    Ok(metrics)
}

/// Log lines that go to `writer`.
///
/// # Errors
/// [`LogsError::Filter`].
pub fn subscriber<W>(shape: Shape, filter: &str, writer: W) -> Result<impl Subscriber + Send + Sync, LogsError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = match shape {
        Shape::Json => json(None, writer).boxed(),
        Shape::Text => fmt::layer().with_writer(writer).with_ansi(false).boxed(),
    };
    Ok(tracing_subscriber::registry().with(lines.with_filter(targets(filter)?)))
}

/// A function's lines that go to `writer`, and what they count. The filter is for the lines alone.
///
/// # Errors
/// [`LogsError::Filter`].
pub fn function_subscriber<W>(
    function: &'static str,
    filter: &str,
    writer: W,
    metrics: &Metrics,
) -> Result<impl Subscriber + Send + Sync, LogsError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = json(Some(function), writer).with_filter(targets(filter)?);
    Ok(tracing_subscriber::registry().with(lines).with(metrics.layer()))
}

fn targets(filter: &str) -> Result<Targets, LogsError> {
    filter.parse().map_err(|_| LogsError::Filter(filter.to_owned()))
}

fn json<S, W>(function: Option<&'static str>, writer: W) -> impl Layer<S> + Send + Sync
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    fmt::layer().fmt_fields(JsonFields::new()).event_format(Flat { function }).with_writer(writer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(made: impl FnOnce(Lines) -> Box<dyn Subscriber + Send + Sync>, act: impl FnOnce()) -> String {
        let lines = Lines::default();
        tracing::subscriber::with_default(made(lines.clone()), act);
        String::from_utf8(lines.0.lock().unwrap().clone()).unwrap()
    }

    fn logged(shape: Shape, filter: &str) -> String {
        written(
            |lines| Box::new(subscriber(shape, filter, move || lines.clone()).unwrap()),
            || {
                tracing::info!(event = "export.recorded", connection = "shop", duration_ms = 12);
                tracing::debug!("export.detail");
            },
        )
    }

    fn json_lines(filter: &'static str, act: impl FnOnce()) -> Vec<serde_json::Value> {
        let made = |lines: Lines| -> Box<dyn Subscriber + Send + Sync> {
            let metrics = Metrics::default();
            Box::new(function_subscriber("export-worker", filter, move || lines.clone(), &metrics).unwrap())
        };
        written(made, act).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn a_machines_line_is_one_json_object_with_its_fields_at_the_top() {
        let text = logged(Shape::Json, "info");
        let line: serde_json::Value = serde_json::from_str(text.trim()).unwrap();
        assert_eq!((&line["event"], &line["level"]), (&"export.recorded".into(), &"INFO".into()));
        assert_eq!((&line["connection"], &line["duration_ms"]), (&"shop".into(), &12.into()));
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'), "{line}");
        assert!(line.get("function").is_none(), "this is no function");
    }

    #[test]
    fn a_line_shows_what_the_spans_around_it_say_and_the_nearest_wins() {
        let lines = json_lines("warn", || {
            let outer =
                tracing::error_span!("invocation", request = "r-1", step = "outer", later = tracing::field::Empty);
            let _outer = outer.enter();
            let inner = tracing::error_span!("work", trace = "e-\"1", step = "inner");
            let _inner = inner.enter();
            outer.record("later", 7);
            tracing::warn!(event = "a.b", target = "shop");
            tracing::warn!(event = "a.b", step = "own");
            tracing::warn!(said = %"x", "a \"stranger\" speaks");
        });
        assert_eq!(lines.len(), 3);
        for line in &lines {
            assert_eq!((&line["trace"], &line["request"]), (&"e-\"1".into(), &"r-1".into()));
            assert_eq!((&line["later"], &line["function"]), (&7.into(), &"export-worker".into()));
        }
        assert_eq!((&lines[0]["step"], &lines[0]["target"]), (&"inner".into(), &"shop".into()));
        assert_eq!(lines[1]["step"], "own");
        assert_eq!((&lines[2]["event"], &lines[2]["said"]), (&"log".into(), &"x".into()), "every line has an event");
        assert_eq!(lines[2]["message"], "a \"stranger\" speaks");
    }

    #[test]
    fn no_name_stands_twice_in_a_line() {
        let text = written(
            |lines| {
                let metrics = Metrics::default();
                Box::new(function_subscriber("sweep", "info", move || lines.clone(), &metrics).unwrap())
            },
            || {
                let _span = tracing::error_span!("work", trace = "outer").entered();
                let _span = tracing::error_span!("work", trace = "inner").entered();
                crate::metrics::cold_start("sweep");
                tracing::info!(event = "a.b", trace = "own");
            },
        );
        for name in ["function", "trace", "event", "level"] {
            assert_eq!(text.matches(&format!("\"{name}\":")).count(), 2, "{name}: {text}");
        }
        assert!(text.contains("\"trace\":\"inner\"") && text.contains("\"trace\":\"own\""), "{text}");
    }

    #[test]
    fn a_persons_line_has_no_escape_codes() {
        let text = logged(Shape::Text, "info");
        assert!(
            text.contains("event=\"export.recorded\" connection=\"shop\" duration_ms=12") && !text.contains('\u{1b}'),
            "{text}"
        );
    }

    #[test]
    fn levels_are_set_by_crate() {
        assert_eq!(logged(Shape::Text, "warn"), "");
        assert!(logged(Shape::Text, "warn,kit=debug").contains("export.detail"));
        assert!(matches!(subscriber(Shape::Text, "kit=loud", io::stderr), Err(LogsError::Filter(_))));
    }
}
