//! The pages in a real browser. These tests need Chromium and axe-core, which a newcomer need not have: `.ci/run` fetches
//! both and runs them.

use crate::axe;
use crate::chromium::Chromium;
use crate::stage::Stage;
use crate::viewing;
use domain::{AccessRole, State, TenantId};
use tokio::runtime::{Builder, Runtime};

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
    /// Every page that the router has, each thing in a place of its address that looks its own way, and lists narrowed.
    fn paths(&self) -> Vec<String> {
        let mut paths: Vec<String> = [
            "/exports?state=held&connection=shop",
            "/exports?state=dead&tick=all",
            "/search?q=Z48",
            "/search?q=nowhere",
            "/dead-letters?connection=market",
            "/orders/shop/100000090?show=trouble",
            "/trial?connection=shop&order=100000090",
            "/exports/exp_x",
        ]
        .map(str::to_owned)
        .into();
        paths.extend(viewing::pages().into_iter().filter(|(method, _)| *method == "get").flat_map(|(_, route)| {
            let things: &[&str] = match route.as_str() {
                // Files, and what the gateway leads to.
                "/assets/{file}" | "/jobs/{id}" => &[],
                file if file.ends_with("/table") => &[],
                // One in each state, below.
                "/exports/{id}" => &[],
                "/connections/new/{connector}" => &["fakturoid", "magento"],
                "/connections/{id}/documents" => &["books"],
                "/connections/{id}/mappings" => &["shop", "market"],
                one if one.starts_with("/connections/{id}") => &["books", "shop"],
                "/codes/{code}" => &["order_unknown"],
                _ => &["shop"],
            };
            let filled = |thing: &&str| {
                let path = route.replace("{reference}", "100000090");
                let part = |part: &str| if part.starts_with('{') { (*thing).to_owned() } else { part.to_owned() };
                path.split('/').map(part).collect::<Vec<_>>().join("/")
            };
            things.iter().map(filled).collect::<Vec<_>>()
        }));
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

/// What axe finds on any page in such a window.
fn inaccessible(width: u32, height: u32, scheme: &str) -> Vec<String> {
    let axe = axe::source();
    let mut visit = visit();
    visit.browser.window(width, height, scheme);
    let mut faults = vec![];
    for path in visit.paths() {
        visit.open(&path);
        let violations = axe::violations(&mut visit.browser, &axe).expect("no page leads on meanwhile");
        faults.extend(violations.iter().map(|v| format!("{path} at {width} {scheme}: {v}")));
    }
    faults
}

#[test]
#[ignore = "needs Chromium and axe-core; .ci/run runs it"]
fn every_page_is_accessible_wide_and_light() {
    let faults = inaccessible(1280, 900, "light");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
#[ignore = "needs Chromium and axe-core; .ci/run runs it"]
fn every_page_is_accessible_narrow_and_dark() {
    let faults = inaccessible(390, 844, "dark");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
#[ignore = "needs Chromium; .ci/run runs it"]
fn no_text_makes_a_page_wider_than_its_window() {
    for tail in ["-and-so-on".repeat(40), "x".repeat(400)] {
        let mut visit = visit_to(&tail);
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
    // Chromium reports a page that says what is wrong as well, by its status; those were asked for on purpose.
    let asked: Vec<String> = visit.paths().iter().map(|path| format!("\"url\":\"{}{path}\"", visit.home)).collect();
    visit.browser.complaints.retain(|said| {
        let status = said.contains("\"source\":\"network\"") && said.contains("with a status of");
        !(status && asked.iter().any(|page| said.contains(page)))
    });
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
