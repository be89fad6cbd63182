//! axe-core, which looks for what keeps people from using a page.

use crate::chromium::Chromium;
use ring::digest::{SHA256, digest};
use serde_json::Value;
use std::path::Path;

/// axe-core 4.10.3, `axe.min.js`, as its package on the npm registry has it.
const SHA_256: &str = "880970c081707360e64f34cea25ff91892f5bc95675b0776925b9709dd8a68bb";
/// What it looks at: WCAG 2.2 up to AA, and its own good practice. A page that reads itself again says so at its
/// beginning, beside how to keep it from that, which axe cannot tell.
const RUN: &str = "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', \
                   'best-practice'], rules: {'meta-refresh': {enabled: false}}}).then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html).join(' | ')))";

/// Its source.
pub(crate) fn source() -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("axe.min.js");
    let source =
        std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}; .ci/run fetches it", path.display()));
    let found = data_encoding::HEXLOWER.encode(digest(&SHA256, source.as_bytes()).as_ref());
    assert_eq!(found, SHA_256, "not the axe-core that was looked at");
    source
}

/// What is wrong with the page that the browser is at, unless that leads on meanwhile. What is folded away must be
/// readable too; it is folded again afterwards.
pub(crate) fn violations(browser: &mut Chromium, source: &str) -> Option<Vec<String>> {
    browser.evaluate_now(
        "window.folded = [...document.querySelectorAll('details:not([open])')]; folded.forEach(d => { d.open = true; })",
    )?;
    browser.evaluate_now(&format!("{source}; null"))?;
    let Value::Array(violations) = browser.evaluate_now(RUN)? else { panic!("axe did not run") };
    browser.evaluate_now("folded.forEach(d => { d.open = false; })")?;
    Some(violations.iter().map(ToString::to_string).collect())
}
