//! What stands between the functions and their AWS. It passes everything on, until it is told to misbehave: then it
//! throttles, breaks, hangs, loses questions and answers, and does batches in part, by seeded chance.

use crate::http;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Result, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;
use std::thread::{sleep, spawn};
use std::time::Duration;

/// Longer than the functions wait for one attempt.
const HANG: Duration = Duration::from_secs(6);

/// What may happen to a call instead of being passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// "Too much", without having done anything.
    Throttle,
    /// "Internal error", without having done anything.
    Broken,
    /// No answer for longer than anybody waits.
    Hang,
    /// The connection ends before AWS has heard anything.
    Unheard,
    /// AWS has done it, and the connection ends before the answer.
    AnswerLost,
    /// A part of a batch is done, the rest is said to be left.
    InPart,
}

/// Faults and how many calls in a thousand meet each.
const CHANCES: [(Fault, u64); 6] = [
    (Fault::Throttle, 60),
    (Fault::Broken, 40),
    (Fault::Hang, 3),
    (Fault::Unheard, 30),
    (Fault::AnswerLost, 50),
    (Fault::InPart, 250),
];

struct State {
    /// `SplitMix64`, as published by Steele, Lea and Flood; `None` while it behaves.
    dice: Option<u64>,
    /// Everything is throttled.
    shut: bool,
    met: BTreeMap<(Fault, String), usize>,
    passed: usize,
}

/// The proxy.
pub(crate) struct Proxy {
    pub(crate) address: String,
    behind: String,
    state: Mutex<State>,
}

/// A call: the operation (`DynamoDB_20120810.PutItem`), its headers and its body.
struct Call {
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Call {
    fn operation(&self) -> &str {
        let target = self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("x-amz-target"));
        target.map_or("", |(_, value)| value)
    }
}

impl Proxy {
    /// Listens in front of an address, for as long as this process lives.
    pub(crate) fn before(behind: &str) -> &'static Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let state = Mutex::new(State { dice: None, shut: false, met: BTreeMap::new(), passed: 0 });
        let proxy: &'static Self = Box::leak(Box::new(Self { address, behind: behind.to_owned(), state }));
        spawn(move || {
            for stream in listener.incoming().flatten() {
                // A connection that breaks is the other side's to notice.
                spawn(move || drop(proxy.serve(stream)));
            }
        });
        proxy
    }

    /// Misbehaves from now on.
    pub(crate) fn misbehave(&self, seed: u64) {
        self.state.lock().unwrap().dice = Some(seed);
    }

    /// Passes everything on again; what was met meanwhile, and how many calls went through.
    pub(crate) fn behave(&self) -> (BTreeMap<(Fault, String), usize>, usize) {
        let mut state = self.state.lock().unwrap();
        state.dice = None;
        (std::mem::take(&mut state.met), std::mem::take(&mut state.passed))
    }

    /// Throttles everything, or no longer.
    pub(crate) fn shut(&self, shut: bool) {
        self.state.lock().unwrap().shut = shut;
    }

    fn roll(&self, below: u64) -> u64 {
        let mut state = self.state.lock().unwrap();
        let Some(dice) = state.dice.as_mut() else { return below - 1 };
        *dice = dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = *dice;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    }

    /// What becomes of this call.
    fn fate(&self, operation: &str) -> Option<Fault> {
        {
            let state = self.state.lock().unwrap();
            if state.shut {
                return Some(Fault::Throttle);
            }
            state.dice?;
        }
        let mut rolled = self.roll(1000);
        let batch = operation.ends_with("Batch") || operation.ends_with("BatchWriteItem");
        for (fault, chance) in CHANCES {
            if fault == Fault::InPart && !batch {
                continue;
            }
            if rolled < chance {
                let operation = operation.rsplit('.').next().unwrap().to_owned();
                *self.state.lock().unwrap().met.entry((fault, operation)).or_default() += 1;
                return Some(fault);
            }
            rolled -= chance;
        }
        self.state.lock().unwrap().passed += 1;
        None
    }

    fn serve(&self, stream: TcpStream) -> Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        while let Some(call) = read(&mut reader)? {
            let answer = match self.fate(call.operation()) {
                Some(Fault::Throttle) => throttle(call.operation()),
                Some(Fault::Broken) => {
                    (500, json!({"__type": "InternalServerError", "message": "practice"}).to_string())
                }
                Some(Fault::Hang) => {
                    sleep(HANG);
                    return Ok(());
                }
                Some(Fault::Unheard) => return Ok(()),
                Some(Fault::AnswerLost) => {
                    self.pass(&call, &call.body)?;
                    return Ok(());
                }
                Some(Fault::InPart) => self.in_part(&call)?,
                None => self.pass(&call, &call.body)?,
            };
            answered(&stream, &answer)?;
        }
        Ok(())
    }

    fn pass(&self, call: &Call, body: &[u8]) -> Result<(u16, String)> {
        let own = ["host", "connection", "content-length"];
        let headers = call.headers.iter().filter(|(name, _)| !own.contains(&name.to_lowercase().as_str()));
        let headers: Vec<(&str, &str)> = headers.map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer = http::call(&self.behind, "POST", "/", &headers, Some(body))?;
        Ok((answer.status, answer.text))
    }

    /// Passes a part on, which may be nothing of it, and says that the rest was left.
    fn in_part(&self, call: &Call) -> Result<(u16, String)> {
        let mut asked: Value = serde_json::from_slice(&call.body)?;
        if call.operation().ends_with("BatchWriteItem") {
            let mut left = json!({});
            for (table, wishes) in asked["RequestItems"].as_object_mut().unwrap() {
                let (kept, rest) = self.split(wishes);
                left[table] = rest;
                *wishes = kept;
            }
            if asked["RequestItems"].as_object().unwrap().values().any(|wishes| wishes != &json!([])) {
                self.pass(call, asked.to_string().as_bytes())?;
            }
            return Ok((200, json!({ "UnprocessedItems": left }).to_string()));
        }
        let (kept, rest) = self.split(&asked["Entries"]);
        asked["Entries"] = kept;
        let mut answer = json!({"Successful": [], "Failed": []});
        if asked["Entries"] != json!([]) {
            let (status, text) = self.pass(call, asked.to_string().as_bytes())?;
            if status != 200 {
                return Ok((status, text));
            }
            answer = serde_json::from_str(&text)?;
        }
        let failed = rest.as_array().unwrap().iter();
        let failed = failed.map(|entry| json!({"Id": entry["Id"], "Code": "InternalError", "SenderFault": false}));
        answer["Failed"] = failed.collect();
        Ok((200, answer.to_string()))
    }

    fn split(&self, all: &Value) -> (Value, Value) {
        let all = all.as_array().unwrap().clone();
        let (kept, rest): (Vec<Value>, Vec<Value>) = all.into_iter().partition(|_| self.roll(2) == 0);
        (kept.into(), rest.into())
    }
}

fn throttle(operation: &str) -> (u16, String) {
    let code = match operation.split(['.', '_']).next().unwrap() {
        "DynamoDB" => "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
        "AmazonSQS" => "com.amazonaws.sqs#RequestThrottled",
        _ => "ThrottlingException",
    };
    (400, json!({"__type": code, "message": "practice"}).to_string())
}

/// The next call of a connection; `None` at its end.
fn read(reader: &mut BufReader<TcpStream>) -> Result<Option<Call>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let (mut headers, mut length) = (vec![], 0);
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().unwrap_or(0);
        }
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(Call { headers, body }))
}

fn answered(mut stream: &TcpStream, (status, body): &(u16, String)) -> Result<()> {
    let head = format!(
        "HTTP/1.1 {status} So\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body.as_bytes()].concat())
}
