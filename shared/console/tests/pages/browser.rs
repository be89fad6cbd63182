//! The pages in a real browser. These tests need Chromium and axe-core, which a newcomer need not have: `.ci/run` fetches
//! both and runs them.

use crate::chromium::Chromium;
use crate::stage::Stage;
use domain::{AccessRole, State, TenantId};
use ring::digest::{SHA256, digest};
use serde_json::Value;
use std::path::Path;
use tokio::runtime::{Builder, Runtime};

/// axe-core 4.10.3, `axe.min.js`, as its package on the npm registry has it.
const AXE_SHA256: &str = "880970c081707360e64f34cea25ff91892f5bc95675b0776925b9709dd8a68bb";
/// What axe looks at: WCAG 2.2 up to AA, and its own good practice. A page that reads itself again says so at its
/// beginning, beside how to keep it from that, which axe cannot tell.
const AXE_RUN: &str = "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', \
                       'best-practice'], rules: {'meta-refresh': {enabled: false}}}).then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html).join(' | ')))";

/// A console on a port of its own, with a day of work in it, and a browser that is logged in.
struct Visit {
    runtime: Runtime,
    stage: Stage,
    home: String,
    browser: Chromium,
}

fn visit() -> Visit {
    visit_to("")
}

/// The same, with outside texts that end with `tail`.
fn visit_to(tail: &str) -> Visit {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (stage, home) = runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stage = Stage::with_a_day(tail).await;
        let home = format!("http://{}", listener.local_addr().unwrap());
        let router = stage.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        (stage, home)
    });
    let mut browser = Chromium::start();
    let link = console::pages::new_link(&stage.state, &TenantId::local(), AccessRole::Operator);
    browser.open(&link.replace("http://127.0.0.1:8080", &home));
    assert!(browser.text().contains("Needs you"), "{}", browser.text());
    Visit { runtime, stage, home, browser }
}

impl Visit {
    fn paths(&self) -> Vec<String> {
        let mut paths: Vec<String> = [
            "/",
            "/exports",
            "/exports?state=held&connection=shop",
            "/exports?state=dead&tick=all",
            "/search?q=Z48",
            "/search?q=nowhere",
            "/dead-letters",
            "/connections",
            "/connections/new",
            "/connections/new/magento",
            "/connections/books",
            "/connections/market",
            "/connections/shop/edit",
            "/connections/shop/remove",
            "/codes",
            "/codes/order_unknown",
            "/orders/shop/100000090",
            "/orders/shop/100000090?show=trouble",
            "/exports/exp_x",
            "/login",
        ]
        .map(str::to_owned)
        .into();
        let mut seen = vec![];
        for export in self.stage.ledger.all() {
            if !seen.contains(&export.state) {
                seen.push(export.state);
                paths.push(format!("/exports/{}", export.id));
            }
        }
        paths
    }

    fn open(&mut self, path: &str) {
        self.browser.open(&format!("{}{path}", self.home));
    }

    fn work(&self) {
        self.runtime.block_on(self.stage.work());
    }
}

fn axe() -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("axe.min.js");
    let source =
        std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}; .ci/run fetches it", path.display()));
    let found = data_encoding::HEXLOWER.encode(digest(&SHA256, source.as_bytes()).as_ref());
    assert_eq!(found, AXE_SHA256, "not the axe-core that was looked at");
    source
}

#[test]
#[ignore = "needs Chromium and axe-core; .ci/run runs it"]
fn every_page_is_accessible_wide_and_narrow_light_and_dark() {
    let axe = axe();
    let mut visit = visit();
    let mut faults = vec![];
    for (width, height, scheme) in [(1280, 900, "light"), (390, 844, "dark")] {
        visit.browser.window(width, height, scheme);
        for path in visit.paths() {
            visit.open(&path);
            // What is folded away must be readable too.
            visit.browser.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })");
            visit.browser.evaluate(&format!("{axe}; null"));
            let Value::Array(violations) = visit.browser.evaluate(AXE_RUN) else { panic!("axe did not run") };
            faults.extend(violations.iter().map(|v| format!("{path} at {width} {scheme}: {v}")));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
#[ignore = "needs Chromium; .ci/run runs it"]
fn no_text_makes_a_page_wider_than_its_window() {
    for tail in ["", &"-and-so-on".repeat(40), &"x".repeat(400)] {
        let mut visit = visit_to(tail);
        for (width, height) in [(1280, 900), (390, 844)] {
            visit.browser.window(width, height, "light");
            for path in visit.paths() {
                visit.open(&path);
                visit.browser.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })");
                let over = visit.browser.evaluate("document.documentElement.scrollWidth - innerWidth");
                assert!(over.as_i64().unwrap() <= 0, "{path} is {over} px wider than {width}");
            }
        }
    }
}

#[test]
#[ignore = "needs Chromium; .ci/run runs it"]
fn no_page_meets_its_own_policy_or_asks_another_host() {
    let mut visit = visit();
    visit.browser.complaints.clear();
    for path in visit.paths() {
        visit.open(&path);
    }
    // Chromium reports refused pages as well; those were asked for on purpose.
    visit.browser.complaints.retain(|said| !said.contains("/exports/exp_x") && !said.contains("/login"));
    assert!(visit.browser.complaints.is_empty(), "{:#?}", visit.browser.complaints);
    let home = visit.home.clone();
    // Chromium draws the sign of a date's input out of an address of its own.
    let own = |url: &str| ["about:", "data:"].iter().any(|own| url.starts_with(own));
    let elsewhere: Vec<_> = visit.browser.asked.iter().filter(|url| !url.starts_with(&home) && !own(url)).collect();
    assert!(elsewhere.is_empty(), "{elsewhere:?}");
}

#[test]
#[ignore = "needs Chromium; .ci/run runs it"]
fn dead_letters_are_redriven_without_script() {
    let mut visit = visit();
    visit.browser.without_scripts();
    visit.browser.click("nav a[href='/dead-letters']");
    visit.browser.tap("#pick-1");
    visit.browser.tap("#pick-3");
    visit.browser.click("button[value='redrive']");
    assert!(visit.browser.text().contains("Being counted."), "{}", visit.browser.text());
    visit.work();
    visit.browser.click("main a.button");
    assert!(visit.browser.text().contains("Redrive 2 dead letters?"), "{}", visit.browser.text());
    visit.browser.click("form[action$='/confirm'] button");
    visit.work();
    visit.browser.click("main a.button");
    assert!(visit.browser.text().contains("2 are back at work."), "{}", visit.browser.text());
    let dead = visit.stage.ledger.all().iter().filter(|export| export.state == State::Dead).count();
    assert_eq!(dead, 1);
}

#[test]
#[ignore = "needs Chromium; .ci/run runs it"]
fn a_list_is_narrowed_by_keyboard_and_its_address_can_be_passed_on() {
    let mut visit = visit();
    visit.browser.without_scripts();
    visit.open("/exports");
    visit.browser.press("Tab", 9);
    let focused = visit.browser.evaluate("document.activeElement.textContent");
    assert_eq!(focused, "Skip to the content", "the first stop of the keyboard");
    let top = visit.browser.evaluate("document.activeElement.getBoundingClientRect().top");
    assert!(top.as_f64().unwrap() >= 0.0, "the skip link shows itself when it is reached: {top}");
    visit.browser.tap("#f-document");
    visit.browser.types("2026-0085");
    visit.browser.click("form.filters button");
    let address = visit.browser.evaluate("location.search");
    assert!(address.as_str().unwrap().contains("document=2026-0085"), "{address}");
    let shown = visit.browser.text();
    assert!(shown.contains("Invoice 2026-0085") && !shown.contains("Invoice 2026-0071"), "{shown}");
    visit.browser.click("tbody th a");
    assert!(visit.browser.text().contains("Deadlock found when trying to get lock"), "{}", visit.browser.text());
}

#[test]
#[ignore = "needs Chromium; .ci/run runs it"]
fn logging_out_closes_the_pages() {
    let mut visit = visit();
    visit.browser.without_scripts();
    visit.browser.click("form.logout button");
    assert!(visit.browser.text().contains("Please log in"), "{}", visit.browser.text());
    visit.open("/exports");
    assert!(visit.browser.text().contains("Please log in"));
}
