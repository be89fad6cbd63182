//! A headless Chromium, driven over its debugging pipe: commands and events are JSON ended by a zero byte, on the file
//! descriptors 3 and 4. Nothing beside the browser itself is needed.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

/// A browser that hangs is ended after this, and with it the test.
const LIFE_MAX: Duration = Duration::from_secs(120);
const FLAGS: &str = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars \
                     --disable-background-networking --disable-component-update --disable-sync --disable-extensions";

/// One browser with one tab.
pub(crate) struct Chromium {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    session: String,
    last: u64,
    /// What the pages complained about: errors on the console, refused resources.
    pub(crate) complaints: Vec<String>,
    /// Every address that was asked for.
    pub(crate) asked: Vec<String>,
    loads: usize,
    /// The page it is at, and whether that is there in full.
    at: (String, bool),
    _alive: Sender<()>,
    _profile: tempfile::TempDir,
}

impl Chromium {
    pub(crate) fn start() -> Self {
        let profile = tempfile::tempdir().unwrap();
        // The shell only moves the pipes to where the browser looks for them.
        let line = format!(
            "exec chromium {FLAGS} --remote-debugging-pipe --user-data-dir=\"$0\" about:blank 3<&0 4>&1 0</dev/null 1>/dev/null"
        );
        let mut child = Command::new("sh")
            .args(["-c", &line])
            .arg(profile.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromium");
        let (to, from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let alive = watch(child.id());
        let mut browser = Self {
            child,
            to,
            from,
            session: String::new(),
            last: 0,
            complaints: vec![],
            asked: vec![],
            loads: 0,
            at: (String::new(), false),
            _alive: alive,
            _profile: profile,
        };
        let tab = browser.call("Target.createTarget", json!({"url": "about:blank"}));
        let session = browser.call("Target.attachToTarget", json!({"targetId": tab["targetId"], "flatten": true}));
        browser.session = session["sessionId"].as_str().unwrap().to_owned();
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser
    }

    /// Sends a command and waits for its answer.
    pub(crate) fn call(&mut self, method: &str, params: Value) -> Value {
        self.ask(method, params).unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    fn ask(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        self.last += 1;
        let mut command = json!({"id": self.last, "method": method, "params": params});
        if !self.session.is_empty() {
            command["sessionId"] = json!(self.session);
        }
        self.to.write_all(command.to_string().as_bytes()).unwrap();
        self.to.write_all(&[0]).unwrap();
        loop {
            let message = self.next();
            if message["id"] == self.last {
                let error = &message["error"];
                return if error.is_null() { Ok(message["result"].clone()) } else { Err(error.clone()) };
            }
        }
    }

    /// The next message, its event noted.
    fn next(&mut self) -> Value {
        let mut bytes = vec![];
        self.from.read_until(0, &mut bytes).unwrap();
        assert_eq!(bytes.pop(), Some(0), "the browser has gone");
        let message: Value = serde_json::from_slice(&bytes).unwrap();
        let params = &message["params"];
        match message["method"].as_str() {
            Some("Page.loadEventFired") => {
                self.loads += 1;
                self.at.1 = true;
            }
            Some("Page.frameNavigated") => self.at = (params["frame"]["url"].as_str().unwrap().to_owned(), false),
            Some("Log.entryAdded") => self.complaints.push(params["entry"].to_string()),
            Some("Runtime.exceptionThrown") => self.complaints.push(params["exceptionDetails"].to_string()),
            Some("Network.requestWillBeSent") => {
                self.asked.push(params["request"]["url"].as_str().unwrap().to_owned());
            }
            _ => {}
        }
        message
    }

    fn loaded(&mut self, before: usize) {
        while self.loads == before {
            self.next();
        }
    }

    /// Opens an address and waits until it is there.
    pub(crate) fn open(&mut self, url: &str) {
        let before = self.loads;
        let answer = self.call("Page.navigate", json!({"url": url}));
        assert!(answer["errorText"].is_null(), "{url}: {}", answer["errorText"]);
        self.loaded(before);
    }

    /// Clicks what a selector finds and waits for the page that follows.
    pub(crate) fn click(&mut self, selector: &str) {
        let before = self.loads;
        self.tap(selector);
        self.loaded(before);
    }

    /// Clicks and waits until the browser has been led, by pages and redirects, to an address.
    #[allow(dead_code, reason = "not every test that has a browser is led about")]
    pub(crate) fn click_through(&mut self, selector: &str, url: &str) {
        // It may be led back to where it is.
        self.at = (String::new(), false);
        self.tap(selector);
        while !(self.at.0 == url && self.at.1) {
            self.next();
        }
    }

    /// Clicks where no page follows. What is clicked must be there for a person too: seen, and covered by nothing (a link
    /// that runs over two lines is looked for in its first).
    /// (Events of a mouse are lost now and then while a new page is not drawn yet; this is not.)
    pub(crate) fn tap(&mut self, selector: &str) {
        let script = format!(
            "(() => {{ const e = document.querySelector({}); if (!e) return 'is not there'; \
             e.scrollIntoView({{block: 'center', behavior: 'instant'}}); const r = e.getClientRects()[0]; if (!r) return 'is not shown'; \
             const hit = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2); \
             if (!hit || !(e === hit || e.contains(hit))) return 'is covered or out of sight'; \
             e.focus(); e.click(); return 'clicked'; }})()",
            json!(selector)
        );
        assert_eq!(self.evaluate(&script), "clicked", "{selector}");
    }

    /// Presses a key.
    pub(crate) fn press(&mut self, key: &str, code: u32) {
        for kind in ["keyDown", "keyUp"] {
            let event = json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code});
            self.call("Input.dispatchKeyEvent", event);
        }
    }

    /// Types into whatever has the focus.
    pub(crate) fn types(&mut self, text: &str) {
        self.call("Input.insertText", json!({"text": text}));
    }

    /// What an expression comes to. Works with the page's own scripts switched off.
    pub(crate) fn evaluate(&mut self, expression: &str) -> Value {
        let params = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let answer = self.call("Runtime.evaluate", params);
        assert!(answer["exceptionDetails"].is_null(), "{}", answer["exceptionDetails"]);
        answer["result"]["value"].clone()
    }

    /// What an expression comes to, unless there is no page just now, since it gives way to another.
    pub(crate) fn evaluate_now(&mut self, expression: &str) -> Option<Value> {
        let params = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let answer = self.ask("Runtime.evaluate", params).ok()?;
        answer["exceptionDetails"].is_null().then(|| answer["result"]["value"].clone())
    }

    /// What a reader sees.
    pub(crate) fn text(&mut self) -> String {
        self.evaluate("document.body.innerText").as_str().unwrap().to_owned()
    }

    /// A window of this size, light or dark.
    pub(crate) fn window(&mut self, width: u32, height: u32, scheme: &str) {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500});
        self.call("Emulation.setDeviceMetricsOverride", metrics);
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.call("Emulation.setEmulatedMedia", media);
    }

    /// From now on no script of a page runs.
    pub(crate) fn without_scripts(&mut self) {
        self.scripts(false);
    }

    /// Whether scripts of pages run.
    pub(crate) fn scripts(&mut self, run: bool) {
        self.call("Emulation.setScriptExecutionDisabled", json!({"value": !run}));
    }

    /// A picture of what is in the window, as a PNG in Base64.
    #[allow(dead_code, reason = "not every test that has a browser takes pictures")]
    pub(crate) fn picture(&mut self) -> String {
        self.call("Page.captureScreenshot", json!({"format": "png"}))["data"].as_str().unwrap().to_owned()
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Ends the browser if it outlives its time; the test then meets a broken pipe instead of waiting for ever.
fn watch(pid: u32) -> Sender<()> {
    let (alive, over) = channel();
    std::thread::spawn(move || {
        if over.recv_timeout(LIFE_MAX) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
            Command::new("kill").args(["-9", &pid.to_string()]).status().ok();
        }
    });
    alive
}
