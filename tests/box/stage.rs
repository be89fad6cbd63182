//! Where every test plays: the practice vendors and the program, each a process of its own with a directory of its own.

use crate::http::{self, Answer};
use serde_json::{Value, json};
use std::fs::{File, OpenOptions};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock};
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The API token of every test.
pub(crate) const TOKEN: &str = "black-box-token-0123456789";
/// How long anything may take that takes a moment: machines are busy.
pub(crate) const SOON: Duration = Duration::from_secs(60);
/// Pause between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Looks until there is something to see.
pub(crate) fn eventually<T>(what: &str, within: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + within;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < until, "not within {} s: {what}", within.as_secs());
        sleep(LOOK_EVERY);
    }
}

/// Resident memory of a process, in KiB; the highest so far with `VmHWM`.
pub(crate) fn memory(pid: u32, line: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let found = status.lines().find_map(|text| text.strip_prefix(line)).unwrap();
    found.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap()
}

/// The program under test: `BACKHAUL_BIN`, else the one that lies beside this test, built first.
fn program() -> &'static PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        if let Ok(given) = std::env::var("BACKHAUL_BIN") {
            return given.into();
        }
        // target/<profile>/deps/box-…
        let here = std::env::current_exe().unwrap();
        let folder = here.parent().and_then(|deps| deps.parent()).unwrap();
        let target = folder.parent().unwrap();
        let profile = match folder.file_name().and_then(|name| name.to_str()).unwrap() {
            "debug" => "dev",
            named => named,
        };
        // Named beside a test of the same members, it is built with what `cargo test` has built already: if it does not see
        // what that has told this test of its package, for which build scripts begin anew, and everything after them.
        let told = std::env::vars_os().map(|(name, _)| name).filter(|name| {
            name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
        });
        let mut build = Command::new(env!("CARGO"));
        told.for_each(|name| _ = build.env_remove(name));
        let built = build
            .args(["build", "--locked", "--quiet", "--bin", "backhaul", "--test", "it", "--profile", profile])
            .arg("--target-dir")
            .arg(target)
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
            .status();
        assert!(built.unwrap().success(), "the program cannot be built");
        folder.join(format!("backhaul{}", std::env::consts::EXE_SUFFIX))
    })
}

/// How the program is started.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) retry_delays: &'static str,
    pub(crate) sweep_every: &'static str,
    /// Each secret, answer and log line is kept, for the test that searches them.
    pub(crate) listening: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { retry_delays: "0s,1s,2s", sweep_every: "1s", listening: false }
    }
}

/// Ends its process when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone afterwards.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// The two processes and the way to them.
pub(crate) struct Stage {
    dir: TempDir,
    options: Options,
    api: String,
    vendors: String,
    serve: Mutex<Option<Running>>,
    heard: Mutex<String>,
    _sandbox: Running,
}

/// One connection to put: whatever is not said comes from the practice vendors.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    pub(crate) id: &'static str,
    pub(crate) role: &'static str,
    /// The practice vendor's instance: `magento-2`.
    pub(crate) vendor: &'static str,
    pub(crate) settings: Value,
    pub(crate) switches: Value,
    pub(crate) rules: Value,
}

/// The accounting system of most tests.
pub(crate) fn books() -> Wish {
    wish("books", "accounting", "fakturoid", json!({}))
}

/// The courier.
pub(crate) fn parcels() -> Wish {
    wish("parcels", "courier", "sendcloud", json!({}))
}

/// The courier without a list and without webhooks.
pub(crate) fn packets() -> Wish {
    wish("packets", "courier", "packeta", json!({}))
}

/// The shop, which owns references of nine digits.
pub(crate) fn shop() -> Wish {
    wish("shop", "channel", "magento", json!({"order_pattern": "^[0-9]{9}$", "invoice_when": "issued"}))
}

/// The marketplace, which owns the others.
pub(crate) fn market() -> Wish {
    wish("market", "channel", "mirakl", json!({"order_pattern": "^MKP-"}))
}

fn wish(id: &'static str, role: &'static str, vendor: &'static str, rules: Value) -> Wish {
    let channel = role == "channel";
    let switches = if channel { json!({"send_invoice": true, "send_tracking": true}) } else { json!({}) };
    let settings = if channel { json!({"late_bound": "3s"}) } else { json!({"poll_every": "1s"}) };
    Wish { id, role, vendor, settings, switches, rules }
}

impl Wish {
    pub(crate) fn named(mut self, id: &'static str) -> Self {
        self.id = id;
        self
    }

    pub(crate) fn of(mut self, vendor: &'static str) -> Self {
        self.vendor = vendor;
        self
    }

    pub(crate) fn setting(mut self, name: &str, value: Value) -> Self {
        self.settings[name] = value;
        self
    }

    pub(crate) fn rule(mut self, name: &str, value: Value) -> Self {
        self.rules[name] = value;
        self
    }
}

fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

impl Stage {
    /// Both programs, running, and no connection yet.
    pub(crate) fn empty(options: Options) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (api, vendors) = (free_address(), free_address());
        let log = File::create(dir.path().join("sandbox.log")).unwrap();
        let sandbox = Command::new(program())
            .args(["sandbox", "--listen", &vendors, "--data"])
            .arg(dir.path().join("sandbox"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let (serve, heard) = (Mutex::new(None), Mutex::default());
        let stage = Self { dir, options, api, vendors, serve, heard, _sandbox: Running(sandbox) };
        eventually("the practice vendors answer", SOON, || {
            http::call(&stage.vendors, "GET", "/_sandbox", &[], None).ok().filter(|answer| answer.status == 200)
        });
        stage.start();
        stage
    }

    /// Both programs, and these connections, active.
    pub(crate) fn with(wishes: &[Wish]) -> Self {
        Self::with_options(Options::default(), wishes)
    }

    /// The four connections of most tests.
    pub(crate) fn usual() -> Self {
        Self::with(&[books(), parcels(), shop(), market()])
    }

    pub(crate) fn with_options(options: Options, wishes: &[Wish]) -> Self {
        let stage = Self::empty(options);
        for wish in wishes {
            let put = stage.put(wish);
            assert!(put.status < 300 && put.json["state"] == "active", "{} is not active: {}", wish.id, put.text);
        }
        stage
    }

    /// Starts the program; returns when it answers.
    pub(crate) fn start(&self) {
        let log = OpenOptions::new().create(true).append(true).open(self.log_file()).unwrap();
        let child = Command::new(program())
            .args(["serve", "--allow-private-targets", "--recheck-max", "2s"])
            .args(["--sweep-every", self.options.sweep_every, "--retry-delays", self.options.retry_delays])
            .args(["--listen", &self.api, "--data"])
            .arg(self.data())
            .env("BACKHAUL_API_TOKEN", TOKEN)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        *self.serve.lock().unwrap() = Some(Running(child));
        eventually("the program answers", SOON, || {
            http::call(&self.api, "GET", "/health", &[], None).ok().filter(|answer| answer.status == 200)
        });
    }

    /// `kill -9`; returns when it is gone.
    pub(crate) fn kill(&self) {
        self.serve.lock().unwrap().take();
    }

    /// Whether a second program starts on the same data directory.
    pub(crate) fn starts_beside_itself(&self) -> bool {
        let second = Command::new(program())
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(self.data())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let mut second = Running(second.unwrap());
        // What starts keeps running, and then this fails by its deadline.
        eventually("the second program ends", SOON, || second.0.try_wait().unwrap()).success()
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.serve.lock().unwrap().as_ref().unwrap().0.id()
    }

    /// Its data directory.
    pub(crate) fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// Everything it said.
    pub(crate) fn log_file(&self) -> PathBuf {
        self.dir.path().join("serve.log")
    }

    /// Everything the API answered, where the options say to listen.
    pub(crate) fn heard(&self) -> String {
        self.heard.lock().unwrap().clone()
    }

    /// Where the program listens, for a vendor's webhook.
    pub(crate) fn webhook(&self, role: &str, connection: &str) -> String {
        format!("http://{}/webhooks/{role}/{connection}", self.api)
    }

    /// Any call to the program, without a token of its own.
    pub(crate) fn raw(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Answer {
        let answer = http::call(&self.api, method, path, headers, body);
        let answer = answer.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        if self.options.listening {
            let mut heard = self.heard.lock().unwrap();
            heard.push_str(&answer.text);
            heard.push('\n');
        }
        answer
    }

    /// A call to the API, whatever it answers.
    #[expect(clippy::needless_pass_by_value, reason = "callers write the body where they call")]
    pub(crate) fn api(&self, method: &str, path: &str, body: Value) -> Answer {
        let bearer = format!("Bearer {TOKEN}");
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
        let bytes = if body.is_null() { None } else { Some(body.to_string().into_bytes()) };
        self.raw(method, &format!("/api/v1{path}"), &headers, bytes.as_deref())
    }

    /// What the API shows at `path`.
    pub(crate) fn get(&self, path: &str) -> Value {
        let answer = self.api("GET", path, Value::Null);
        assert_eq!(answer.status, 200, "GET {path}: {}", answer.text);
        answer.json
    }

    /// A post that must be answered with `status`.
    pub(crate) fn post(&self, path: &str, body: Value, status: u16) -> Value {
        let answer = self.api("POST", path, body);
        assert_eq!(answer.status, status, "POST {path}: {}", answer.text);
        answer.json
    }

    /// The body that puts a connection.
    pub(crate) fn body(&self, wish: &Wish) -> Value {
        let shown = self.vendor("GET", &format!("/_sandbox/vendors/{}", wish.vendor), Value::Null);
        let mut settings = shown["settings"].clone();
        settings["pace"] = "off".into();
        settings.as_object_mut().unwrap().extend(wish.settings.as_object().unwrap().clone());
        let connector = wish.vendor.split('-').next();
        json!({"role": wish.role, "connector": connector, "label": wish.id, "settings": settings,
               "secrets": shown["secrets"], "switches": wish.switches, "rules": wish.rules})
    }

    /// Puts a connection.
    pub(crate) fn put(&self, wish: &Wish) -> Answer {
        self.api("PUT", &format!("/connections/{}", wish.id), self.body(wish))
    }

    /// A control call to the practice vendors that must succeed.
    #[expect(clippy::needless_pass_by_value, reason = "callers write the body where they call")]
    pub(crate) fn vendor(&self, method: &str, path: &str, body: Value) -> Value {
        let bytes = if body.is_null() { None } else { Some(body.to_string().into_bytes()) };
        let answer = http::call(&self.vendors, method, path, &[("Content-Type", "application/json")], bytes.as_deref());
        let answer = answer.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        assert!(answer.status < 300, "{method} {path}: {} {}", answer.status, answer.text);
        answer.json
    }

    /// A call to a practice vendor as another tool of the merchant makes it, with this token.
    #[expect(clippy::needless_pass_by_value, reason = "callers write the body where they call")]
    pub(crate) fn vendor_as(&self, token: &str, method: &str, path: &str, body: Value) -> Value {
        let bearer = format!("Bearer {token}");
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
        let answer = http::call(&self.vendors, method, path, &headers, Some(body.to_string().as_bytes())).unwrap();
        assert!(answer.status < 300, "{method} {path}: {} {}", answer.status, answer.text);
        answer.json
    }

    /// Makes an order with its document and parcels.
    pub(crate) fn order(&self, wish: Value) -> Value {
        self.vendor("POST", "/_sandbox/orders", wish)
    }

    /// Makes calls go wrong; gives the fault's id.
    pub(crate) fn fault(&self, wish: Value) -> String {
        self.vendor("POST", "/_sandbox/faults", wish)["id"].as_str().unwrap().to_owned()
    }

    /// Everything goes right again.
    pub(crate) fn heal(&self) {
        self.vendor("DELETE", "/_sandbox/faults", Value::Null);
    }

    /// The accounting system tells of a document; the status of our answer.
    pub(crate) fn tell_document(&self, document: &Value) -> Value {
        let wish = json!({"vendor": "fakturoid", "url": self.webhook("accounting", "books"), "event": "invoice_created",
                          "document": document});
        self.vendor("POST", "/_sandbox/emit", wish)["sent"][0]["status"].clone()
    }

    /// The courier tells of a parcel.
    pub(crate) fn tell_parcel(&self, parcel: &Value) -> Value {
        let wish = json!({"vendor": "sendcloud", "url": self.webhook("courier", "parcels"), "parcel": parcel});
        self.vendor("POST", "/_sandbox/emit", wish)["sent"][0]["status"].clone()
    }

    /// Effects at the practice vendors; `filter` as in `kind=documents&order=X`.
    pub(crate) fn effects(&self, filter: &str) -> Value {
        self.vendor("GET", &format!("/_sandbox/effects?{filter}"), Value::Null)
    }

    /// How many effects.
    pub(crate) fn effect_count(&self, filter: &str) -> usize {
        let effects = self.effects(filter);
        assert_eq!(effects["duplicates"], json!([]), "an effect happened twice");
        effects["effects"].as_array().unwrap().len()
    }

    /// Exports that a filter finds, without looks.
    pub(crate) fn exports(&self, filter: &str) -> Vec<Value> {
        let found = self.get(&format!("/exports?{filter}"));
        let exports = found["exports"].as_array().unwrap();
        exports.iter().filter(|export| export["operation"] != "look").cloned().collect()
    }

    /// Waits until so many exports are in a state.
    pub(crate) fn wait_states(&self, state: &str, wanted: u64, within: Duration) {
        let until = Instant::now() + within;
        eventually(state, within * 2, || {
            let states = self.states();
            assert!(Instant::now() < until, "{wanted} are not {state}: {states}: {:#}", self.get("/exports"));
            (states[state] == wanted).then_some(())
        });
    }

    /// Waits for an export or look of a filter to be held for a reason.
    pub(crate) fn wait_held(&self, filter: &str, reason: &str) -> Value {
        let until = Instant::now() + SOON;
        eventually(reason, SOON * 2, || {
            let found = self.get(&format!("/exports?{filter}"));
            assert!(Instant::now() < until, "nothing of {filter} is held for {reason}: {found:#}");
            let all = found["exports"].as_array().unwrap();
            all.iter().find(|e| e["state"] == "held" && e["hold"]["reason"] == reason).cloned()
        })
    }

    /// Waits for the one export of a filter to be in one of these states, `held/reason` for a hold; shows it whole.
    pub(crate) fn wait_export(&self, filter: &str, states: &[&str], within: Duration) -> Value {
        let until = Instant::now() + within;
        let found = eventually(filter, within * 2, || {
            let last = self.exports(filter);
            if Instant::now() > until {
                let all = self.get(&format!("/exports?{filter}"));
                panic!("no export of {filter} is {states:?} within {} s, but {all:#}", within.as_secs());
            }
            let is = |export: &&Value| {
                let state = export["state"].as_str().unwrap();
                let held = format!("{state}/{}", export["hold"]["reason"].as_str().unwrap_or_default());
                states.contains(&state) || states.contains(&held.as_str())
            };
            last.iter().find(is).cloned()
        });
        self.get(&format!("/exports/{}", found["id"].as_str().unwrap()))
    }

    /// How many exports are in which state.
    pub(crate) fn states(&self) -> Value {
        self.get("/overview")["states"].clone()
    }
}
