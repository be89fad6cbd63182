//! What people are told of without asking, at a receiver of their own.

use crate::stage::{SOON, Stage, books, eventually, market};
use data_encoding::BASE64;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) id: String,
    pub(crate) status: u16,
    pub(crate) body: Value,
}

/// Takes signed calls, but not the first few.
pub(crate) struct Receiver {
    url: String,
    told: Arc<Mutex<Vec<Told>>>,
}

impl Receiver {
    pub(crate) fn refusing(first: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/in", listener.local_addr().unwrap());
        let told = Arc::new(Mutex::new(vec![]));
        let known = Arc::clone(&told);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut told = known.lock().unwrap();
                let status = if told.len() < first { 503 } else { 204 };
                // A connection that says nothing is none of ours.
                if let Some(one) = take(stream.unwrap(), status) {
                    told.push(one);
                }
            }
        });
        Self { url, told }
    }

    /// Those of a type that were taken, each once.
    pub(crate) fn taken(&self, kind: &str) -> Vec<Told> {
        let told = self.told.lock().unwrap();
        let taken: Vec<Told> =
            told.iter().filter(|one| one.status == 204 && one.body["type"] == kind).cloned().collect();
        let ids: BTreeSet<&String> = taken.iter().map(|one| &one.id).collect();
        assert_eq!(ids.len(), taken.len(), "taken twice: {taken:?}");
        taken
    }
}

/// One call, its signature checked by the specification's rule.
fn take(stream: TcpStream, status: u16) -> Option<Told> {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut headers = BTreeMap::new();
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let mut body = vec![0; headers["content-length"].parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    let mut stream = stream;
    write!(stream, "HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
    let (id, at) = (headers["webhook-id"].clone(), &headers["webhook-timestamp"]);
    let key = BASE64.decode(SECRET.strip_prefix("whsec_").unwrap().as_bytes()).unwrap();
    let signed = [format!("{id}.{at}.").as_bytes(), &body].concat();
    let tag = ring::hmac::sign(&ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &key), &signed);
    assert_eq!(headers["webhook-signature"], format!("v1,{}", BASE64.encode(tag.as_ref())));
    Some(Told { id, status, body: serde_json::from_slice(&body).unwrap() })
}

pub(crate) fn wants(stage: &Stage, receiver: &Receiver) {
    let settings = json!({"webhook": {"url": receiver.url, "secret": SECRET},
                          "kinds": ["connection_paused", "uncertain", "dead_letter", "webhook"]});
    let put = stage.api("PUT", "/notices", settings);
    assert_eq!(put.status, 200, "{}", put.text);
    assert!(!put.text.contains(SECRET), "what was given is not shown: {}", put.text);
    assert_eq!(put.json["webhook"]["secret"]["value"], Value::Null);
}

#[test]
fn dead_letters_of_one_code_and_a_pause_are_told_once_though_the_receiver_was_down() {
    let stage = Stage::with(&[books(), market()]);
    assert_eq!(stage.get("/notices")["webhook"], Value::Null, "nothing until set");
    assert_eq!(stage.post("/notices/test", json!({}), 409)["code"], "conflict");
    let receiver = Receiver::refusing(3);
    wants(&stage, &receiver);

    stage.fault(json!({"vendor": "mirakl", "match": "POST", "kind": "answer", "status": 422, "n": 1000}));
    for n in 0..3 {
        let order = stage.order(json!({"reference": format!("MKP-N{n}")}));
        stage.tell_document(&order["document"]["id"]);
    }
    stage.wait_states("dead", 3, SOON);
    let told = eventually("the dead letter is told", SOON, || receiver.taken("export.dead").pop());
    assert_eq!(told.body["data"]["connection"], "market");
    assert!(!told.body["data"]["next_step"].as_str().unwrap().is_empty());

    // Its process ends at any moment; what was told is not told again, and what was not is.
    stage.kill();
    stage.start();
    stage.fault(json!({"vendor": "mirakl", "match": "", "kind": "answer", "status": 401, "n": 1000}));
    let order = stage.order(json!({"reference": "MKP-N9"}));
    stage.tell_document(&order["document"]["id"]);
    let told = eventually("the pause is told", SOON, || receiver.taken("connection.paused").pop());
    assert_eq!(
        (&told.body["data"]["connection"], &told.body["data"]["pause"]),
        (&json!("market"), &json!("credentials"))
    );

    let test = stage.post("/notices/test", json!({}), 200);
    assert_eq!(test["ways"][0]["outcome"], "sent", "{test}");
    eventually("the test arrives", SOON, || receiver.taken("notice.test").pop());
    assert_eq!(receiver.taken("export.dead").len(), 1, "one for all three");
    assert_eq!(receiver.taken("connection.paused").len(), 1);
    assert_eq!(stage.get("/notices")["waiting"], json!([]));
    let log = std::fs::read_to_string(stage.log_file()).unwrap();
    assert!(!log.contains(SECRET) && !log.contains(SECRET.strip_prefix("whsec_").unwrap()));
}
