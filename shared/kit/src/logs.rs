//! Where log lines go and what they look like.

use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One JSON object per line, fields at its top: for machines.
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

/// Log lines that go to `writer`.
///
/// # Errors
/// [`LogsError::Filter`].
pub fn subscriber<W>(shape: Shape, filter: &str, writer: W) -> Result<impl Subscriber + Send + Sync, LogsError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter: Targets = filter.parse().map_err(|_| LogsError::Filter(filter.to_owned()))?;
    let lines = fmt::layer().with_writer(writer);
    let lines = match shape {
        Shape::Json => lines.json().flatten_event(true).with_current_span(false).with_span_list(false).boxed(),
        Shape::Text => lines.with_ansi(false).boxed(),
    };
    Ok(tracing_subscriber::registry().with(lines.with_filter(filter)))
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

    fn logged(shape: Shape, filter: &str) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        tracing::subscriber::with_default(subscriber(shape, filter, move || writer.clone()).unwrap(), || {
            tracing::info!(connection = "shop", duration_ms = 12, "export.attempted");
            tracing::debug!("export.detail");
        });
        String::from_utf8(lines.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn a_machines_line_is_one_json_object_with_its_fields_at_the_top() {
        let text = logged(Shape::Json, "info");
        let line: serde_json::Value = serde_json::from_str(text.trim()).unwrap();
        assert_eq!((&line["message"], &line["level"]), (&"export.attempted".into(), &"INFO".into()));
        assert_eq!((&line["connection"], &line["duration_ms"]), (&"shop".into(), &12.into()));
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'), "{line}");
    }

    #[test]
    fn a_persons_line_has_no_escape_codes() {
        let text = logged(Shape::Text, "info");
        assert!(
            text.contains("export.attempted connection=\"shop\" duration_ms=12") && !text.contains('\u{1b}'),
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
