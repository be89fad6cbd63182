//! Words for the person at the terminal, on standard output; log lines go elsewhere.

use std::io::{IsTerminal as _, Write as _};

/// Prints a line. A closed output stops nothing.
pub(crate) fn say(line: &str) {
    write(&format!("{line}\n"));
}

/// One line that tells how far something has come: rewritten in place at a terminal, printed when it changes much
/// elsewhere.
#[derive(Debug)]
pub(crate) struct Progress {
    terminal: bool,
    last: String,
}

impl Progress {
    pub(crate) fn new() -> Self {
        Self { terminal: std::io::stdout().is_terminal(), last: String::new() }
    }

    /// Shows the line; `milestone` lines are shown without a terminal too.
    pub(crate) fn show(&mut self, line: &str, milestone: bool) {
        if line == self.last {
            return;
        }
        if self.terminal {
            write(&format!("\r\u{1b}[2K{line}"));
        } else if milestone {
            say(line);
        }
        line.clone_into(&mut self.last);
    }

    /// Prints a line of its own; the progress goes on below it.
    pub(crate) fn above(&mut self, line: &str) {
        if self.terminal {
            write("\r\u{1b}[2K");
        }
        say(line);
        self.last.clear();
    }

    /// Leaves the line as it stands.
    pub(crate) fn end(&mut self) {
        if self.terminal && !self.last.is_empty() {
            write("\n");
        }
        self.last.clear();
    }
}

fn write(text: &str) {
    let mut out = std::io::stdout().lock();
    if out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_err() {
        tracing::debug!(event = "terminal.closed");
    }
}
