//! Our own store or queue fails at any call of a request: asking again is enough.

use crate::support::{Console, KEY, market};
use domain::{ConnectionId, Export, ExportKey, State};
use export_flow::ports::{DeadCopy, Ledger, PortError, Queue};
use serde_json::{Value, json};
use std::collections::HashMap;
use testkit::samples::{self, noon};
use testkit::{Moment, Trouble};

const MOMENTS: [Moment; 2] = [Moment::Before, Moment::After];

/// Every call made to a port, as its name and how many of that name came before.
fn numbered(calls: &[&'static str]) -> Vec<(&'static str, usize)> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut numbered = vec![];
    for call in calls {
        let count = seen.entry(call).or_default();
        numbered.push((*call, *count));
        *count += 1;
    }
    numbered
}

fn strike(trouble: &Trouble, call: &'static str, skip: usize, moment: Moment) {
    trouble.strike(call, skip, moment, PortError::Unavailable("on purpose".into()));
}

#[tokio::test]
async fn a_connection_put_again_after_any_failure_is_whole() {
    let clean = Console::new();
    clean.put("/connections/market", &market()).await;
    let ledger = numbered(&clean.ledger.trouble().calls());
    let queue = numbered(&clean.queue.trouble().calls());
    assert!(ledger.len() >= 4 && !queue.is_empty(), "{ledger:?} {queue:?}");
    for (of_queue, calls) in [(false, ledger), (true, queue)] {
        for (call, skip) in calls {
            for moment in MOMENTS {
                let console = Console::new();
                let trouble = if of_queue { console.queue.trouble() } else { console.ledger.trouble() };
                strike(trouble, call, skip, moment);
                let (status, problem) = console.put("/connections/market", &market()).await;
                assert!(status.is_success() || problem["code"] == "store_unavailable", "{call} {skip}: {problem}");
                let (status, whole) = console.put("/connections/market", &market()).await;
                assert!(status.is_success(), "{call} {skip} {moment:?}: {whole}");
                assert_eq!(whole["state"], "active", "{call} {skip} {moment:?}");
                let id = ConnectionId::new("market");
                let account = console.flow.account_anew(&id).await.unwrap().unwrap();
                assert_eq!(account.secrets.get("key"), KEY);
            }
        }
    }
}

#[tokio::test]
async fn a_dead_letter_redriven_again_after_any_failure_is_under_way_once() {
    let dead = async |console: &Console| {
        let key = ExportKey { target: Some(ConnectionId::new("market")), ..samples::key("9001") };
        let mut export = Export::new(key, noon());
        export.state = State::Dead;
        export.attempts = 3;
        console.ledger.put(export.clone());
        console.queue.bury(&DeadCopy { export: export.clone(), at: noon() }).await.unwrap();
        export.id
    };
    let press = async |console: &Console, path: &str| console.post(path, &Value::Null).await;
    let clean = Console::new();
    let id = dead(&clean).await;
    let path = format!("/exports/{id}/retry");
    let (before_ledger, before_queue) = (clean.ledger.trouble().calls().len(), clean.queue.trouble().calls().len());
    press(&clean, &path).await;
    let ledger = numbered(&clean.ledger.trouble().calls()[before_ledger..]);
    let queue = numbered(&clean.queue.trouble().calls()[before_queue..]);
    for (of_queue, calls) in [(false, ledger), (true, queue)] {
        for (call, skip) in calls {
            for moment in MOMENTS {
                let console = Console::new();
                dead(&console).await;
                let trouble = if of_queue { console.queue.trouble() } else { console.ledger.trouble() };
                strike(trouble, call, skip, moment);
                let (status, answer) = press(&console, &path).await;
                // How it ended could not be written down, and it did.
                let expected = if call == "end_audit" { (202, Value::Null) } else { (503, json!("store_unavailable")) };
                assert_eq!((status.as_u16(), answer["code"].clone()), expected, "{call}");
                let half = console.ledger.export(&id).await.unwrap().unwrap();
                // Either nothing is done, or the sweep finds it.
                assert!(half.state == State::Dead || half.due_at == Some(noon()), "{call} {moment:?}: {half:?}");
                let (status, again) = press(&console, &path).await;
                assert_eq!((status.as_u16(), &again["state"]), (202, &json!("retrying")), "{call} {moment:?}");
                assert_eq!((again["attempts"].as_u64(), &again["id"]), (Some(0), &json!(id)));
                assert!(!console.queue.all().is_empty(), "{call} {moment:?}");
                assert_eq!(console.queue.depth().await.unwrap().dead_letters, 0, "{call} {moment:?}");
            }
        }
    }
}
