//! Somebody at a browser, who reads what the pages say and clicks on it.

use crate::axe;
use crate::chromium::Chromium;
use crate::stage::{SOON, Stage, eventually};
use crate::texts;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex};
use std::time::Instant;

/// From the environment: the folder that pictures of the steps are written to.
const PICTURES: &str = "BACKHAUL_PICTURES";
/// What the program says before the link that opens the pages.
const LINK: &str = "Pages (this link opens them once): ";
/// Finds what can be clicked on by what it says: exactly, else at its beginning.
const FIND: &str = "((words) => { const said = e => e.innerText.replace(/\\s+/g, ' ').replaceAll(' :', ':').trim(); \
    document.querySelectorAll('[data-next]').forEach(e => e.removeAttribute('data-next')); \
    const all = [...document.querySelectorAll('a, button, summary, label')].filter(e => e.getClientRects().length); \
    const hit = all.find(e => said(e) === words) || all.find(e => said(e).startsWith(words)); \
    if (!hit) return all.map(said).join(' | '); \
    hit.setAttribute('data-next', ''); return true; })";

/// Pages that axe has looked at, for anybody.
static SEEN: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);

/// A person, and how far they have come.
pub(crate) struct Person {
    browser: Chromium,
    home: String,
    language: &'static str,
    /// So often the mouse was pressed. A choice from a list takes two clicks; typing takes none.
    pub(crate) clicks: usize,
    axe: String,
    pictures: Option<PathBuf>,
}

impl Person {
    /// Opens the link that the program says when it starts, in a window of this size.
    pub(crate) fn at(stage: &Stage, width: u32, height: u32) -> Self {
        let link = eventually("the link is said", SOON, || {
            let log = std::fs::read_to_string(stage.log_file()).ok()?;
            log.lines().find_map(|line| line.strip_prefix(LINK).map(str::to_owned))
        });
        let mut browser = Chromium::start();
        browser.window(width, height, "light");
        browser.without_scripts();
        browser.open(&link);
        let mut person = Self {
            browser,
            home: link.split("/login").next().unwrap().to_owned(),
            language: "en",
            clicks: 0,
            axe: axe::source(),
            pictures: None,
        };
        person.looks();
        person
    }

    /// At a desk.
    pub(crate) fn at_desk(stage: &Stage) -> Self {
        Self::at(stage, 1280, 800)
    }

    /// From now on reads this language, which the foot of every page offers under this name.
    pub(crate) fn speaks(&mut self, language: &'static str, name: &str) {
        self.clicks(name);
        self.language = language;
        assert_eq!(self.browser.evaluate("document.documentElement.lang"), language);
    }

    /// Shows every step as a picture in this folder, where the environment wants pictures.
    pub(crate) fn shows(&mut self, folder: &str) {
        self.pictures = std::env::var_os(PICTURES).map(|at| PathBuf::from(at).join(folder));
    }

    /// A picture of what is in the window.
    pub(crate) fn picture(&mut self, name: &str) {
        let Some(folder) = &self.pictures else { return };
        std::fs::create_dir_all(folder).unwrap();
        let png = data_encoding::BASE64.decode(self.browser.picture().as_bytes()).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), png).unwrap();
    }

    /// Turns to a part of the page.
    pub(crate) fn turns_to(&mut self, id: &str) {
        let script = format!("document.getElementById('{id}').scrollIntoView({{block: 'center'}}) ?? null");
        self.browser.evaluate(&script);
    }

    /// What the pages say under this name, in the person's language.
    pub(crate) fn say(&self, key: &str) -> String {
        texts::say(self.language, key)
    }

    /// Types an address, and waits until the page is there.
    pub(crate) fn opens(&mut self, path: &str) {
        let address = format!("{}{path}", self.home);
        self.browser.open(&address);
        self.looks();
    }

    /// Clicks on what says this, and waits for the page that follows.
    pub(crate) fn clicks(&mut self, words: &str) {
        self.finds(words);
        self.follows();
    }

    /// Clicks on what says the message of this name.
    pub(crate) fn presses(&mut self, key: &str) {
        self.clicks(&self.say(key));
    }

    /// Clicks on what says the message of this name, where no page follows.
    pub(crate) fn unfolds(&mut self, key: &str) {
        self.finds(&self.say(key));
        self.clicks += 1;
        self.browser.tap("[data-next]");
    }

    /// Ticks a box, or takes one of several.
    pub(crate) fn ticks(&mut self, selector: &str) {
        self.clicks += 1;
        self.browser.tap(selector);
    }

    /// Opens a list and chooses.
    pub(crate) fn chooses(&mut self, name: &str, value: &str) {
        self.clicks += 2;
        let script = format!(
            "(() => {{ const e = document.querySelector('select[name=\"{name}\"]'); e.focus(); e.value = {}; return e.value; }})()",
            json!(value)
        );
        assert_eq!(self.browser.evaluate(&script), value, "{name}");
    }

    /// Types into the input of this name.
    pub(crate) fn types(&mut self, name: &str, text: &str) {
        let script = format!(
            "(() => {{ const e = document.querySelector('[name=\"{name}\"]'); if (!e || !e.getClientRects().length) return false; \
             e.focus(); e.select(); return document.activeElement === e; }})()"
        );
        assert_eq!(self.browser.evaluate(&script), true, "{name} is not there: {}", self.browser.text());
        self.browser.types(text);
        assert_eq!(self.value(name), text, "{name}");
    }

    /// Fills in what the practice vendor gives out for a connection.
    pub(crate) fn fills(&mut self, given: &Value, places: &[&str]) {
        for place in places {
            for (name, value) in given[place].as_object().unwrap() {
                let (name, value) = (format!("{place}.{name}"), value.as_str().unwrap());
                let kind = self.browser.evaluate(&format!("document.querySelector('[name=\"{name}\"]').tagName"));
                if kind == "SELECT" {
                    if self.value(&name) != value {
                        self.chooses(&name, value);
                    }
                } else {
                    self.types(&name, value);
                }
            }
        }
    }

    /// What stands in the input of this name.
    pub(crate) fn value(&mut self, name: &str) -> Value {
        self.browser.evaluate(&format!("document.querySelector('[name=\"{name}\"]').value"))
    }

    /// Whether a box is ticked.
    pub(crate) fn is_ticked(&mut self, selector: &str) -> bool {
        self.browser.evaluate(&format!("document.querySelector('{selector}').checked")) == true
    }

    /// What the page says.
    pub(crate) fn text(&mut self) -> String {
        eventually("there is a page", SOON, || {
            let said = self.browser.evaluate_now("document.readyState === 'complete' && document.body.innerText")?;
            Some(said.as_str()?.replace('\u{a0}', " "))
        })
    }

    /// What stands in the element of this id.
    pub(crate) fn finds_text(&mut self, id: &str) -> String {
        let said = self.browser.evaluate(&format!("document.getElementById('{id}').innerText"));
        said.as_str().unwrap().to_owned()
    }

    /// Where the person is.
    pub(crate) fn path(&mut self) -> String {
        self.browser.evaluate("location.pathname").as_str().unwrap().to_owned()
    }

    /// The page says all of this.
    pub(crate) fn reads(&mut self, words: &[&str]) {
        let said = self.text();
        for word in words {
            assert!(said.contains(word), "{word}: {said}");
        }
    }

    /// The page says the messages of these names.
    pub(crate) fn is_told(&mut self, keys: &[&str]) {
        let words: Vec<String> = keys.iter().map(|key| self.say(key)).collect();
        self.reads(&words.iter().map(String::as_str).collect::<Vec<_>>());
    }

    /// Waits until the page, which leads on or reads itself again without a click, says this.
    pub(crate) fn waits_for(&mut self, words: &str) {
        let until = Instant::now() + SOON;
        eventually(words, SOON * 2, || {
            let said = self.text();
            assert!(Instant::now() < until, "{words}: {said}");
            said.contains(words).then_some(())
        });
        self.looks();
    }

    fn finds(&mut self, words: &str) {
        let found = self.browser.evaluate(&format!("{FIND}({})", json!(words)));
        assert_eq!(found, true, "nothing to click on says {words}");
    }

    /// Clicks on what was found; the page it stands on is left when its mark is gone.
    fn follows(&mut self) {
        self.clicks += 1;
        self.browser.evaluate("window.left = false");
        self.browser.tap("[data-next]");
        eventually("the next page", SOON, || {
            let there = "window.left === undefined && document.readyState === 'complete'";
            (self.browser.evaluate_now(there)? == true).then_some(())
        });
        self.looks();
    }

    /// Every page is usable by everybody, and no wider than the window.
    fn looks(&mut self) {
        let over = "document.documentElement.scrollWidth - innerWidth";
        if let Some(over) = self.browser.evaluate_now(over) {
            assert!(over.as_i64().unwrap() <= 0, "{over} px wider than the window: {}", self.text());
        }
        let page = "[innerWidth, document.documentElement.lang, location.pathname, document.title].join(' ')";
        let Some(page) = self.browser.evaluate_now(page) else { return };
        if !SEEN.lock().unwrap().insert(page.to_string()) {
            return;
        }
        self.browser.scripts(true);
        let found = axe::violations(&mut self.browser, &self.axe);
        self.browser.scripts(false);
        match found {
            Some(violations) => assert!(violations.is_empty(), "{page}: {}", violations.join("\n")),
            None => drop(SEEN.lock().unwrap().remove(&page.to_string())),
        }
    }
}
