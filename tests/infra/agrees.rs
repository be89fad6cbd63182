//! Numbers and names that stand in the code and in the template.

use super::source::{code, nobody, root};
use super::template::{all_of, properties, template};
use domain::ATTEMPTS_MAX;
use export_flow::times::{LEASE, QUEUE_DELAY_MAX, RECEIVES_MAX, Times, VISIBILITY};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const DAY: u64 = 24 * 60 * 60;

fn timeout(function: &str) -> i64 {
    properties(function)["Timeout"].as_i64().unwrap()
}

#[test]
fn queues_hide_catch_and_keep_as_the_code_says() {
    let queue = properties("ExportQueue");
    assert_eq!(queue["VisibilityTimeout"], VISIBILITY.as_secs());
    assert_eq!(queue["RedrivePolicy"]["maxReceiveCount"], RECEIVES_MAX);
    assert_eq!(queue["RedrivePolicy"]["deadLetterTargetArn"], json!({"Fn::GetAtt": "DeadLetters.Arn"}));
    for queue in [queue, properties("DeadLetters")] {
        assert_eq!(queue["MessageRetentionPeriod"], 14 * DAY);
        // A delay of the queue's own would come on top of every message's.
        assert_eq!(queue["DelaySeconds"], Value::Null);
    }
    // The most that SQS takes.
    assert!(QUEUE_DELAY_MAX.as_secs() <= 900);
}

#[test]
fn the_net_never_catches_what_still_has_attempts() {
    let receives = properties("ExportQueue")["RedrivePolicy"]["maxReceiveCount"].as_u64().unwrap();
    assert!(receives > u64::from(ATTEMPTS_MAX) * 2, "throttled polls and crashes are receives too");
    assert_eq!(Times::default().retry_delays.len(), usize::try_from(ATTEMPTS_MAX).unwrap());
}

#[test]
fn no_run_outlives_its_claim_or_its_message() {
    for function in ["ExportWorker", "Sweep"] {
        assert_eq!(timeout(function), 90);
        assert!(timeout(function) <= LEASE.as_secs(), "{function} could go on after its lease");
        // What AWS asks for, so that a throttled batch is not received twice.
        assert!(timeout(function) * 6 <= VISIBILITY.as_secs(), "{function}");
    }
    let batch = code(&["shared/worker/src"]);
    let found = regex::Regex::new(r"TIME_LEFT_MIN: SignedDuration = SignedDuration::from_secs\((\d+)\)").unwrap();
    let left: i64 = found.captures(&batch).unwrap()[1].parse().unwrap();
    assert!(left < timeout("ExportWorker"), "no export would ever be started");
}

#[test]
fn callers_wait_longer_than_functions_run() {
    for function in ["AccountingWebhook", "CourierWebhook", "ChannelWebhook"] {
        assert_eq!(timeout(function), 25);
    }
    assert_eq!(timeout("Console"), 29);
    assert!(properties("ApiToConsole")["TimeoutInMillis"].as_i64().unwrap() > timeout("Console") * 1000);
}

#[test]
fn a_batch_is_as_large_as_the_worker_takes_and_answered_by_message() {
    let source = properties("ExportWorkerSource");
    assert_eq!(source["BatchSize"], worker::Limits::default().in_flight);
    assert_eq!(source["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]));
    assert_eq!(source["ScalingConfig"]["MaximumConcurrency"], json!({"Ref": "WorkerConcurrency"}));
}

#[test]
fn a_pass_of_the_sweep_is_never_repeated_and_never_beside_another() {
    assert_eq!(properties("SweepNeverTwice")["MaximumRetryAttempts"], 0);
    let target = &properties("SweepEveryMinute")["Target"];
    assert_eq!(target["RetryPolicy"]["MaximumRetryAttempts"], 0);
    assert_eq!(target["Arn"], json!({"Fn::GetAtt": "Sweep.Arn"}));
    let reserved = &properties("Sweep")["ReservedConcurrentExecutions"];
    assert_eq!(*reserved, json!({"Fn::If": ["Reserved", 1, {"Ref": "AWS::NoValue"}]}));
}

#[test]
fn the_table_is_the_one_the_code_knows_and_outlives_the_stack() {
    let table = properties("Table");
    let key = |name: &str, kind: &str| json!({"AttributeName": name, "KeyType": kind});
    assert_eq!(table["KeySchema"], json!([key("pk", "HASH"), key("sk", "RANGE")]));
    let index = &table["GlobalSecondaryIndexes"][0];
    assert_eq!(index["IndexName"], "due");
    assert_eq!(index["KeySchema"], json!([key("ik", "HASH"), key("is", "RANGE")]));
    assert_eq!(index["Projection"]["NonKeyAttributes"], json!(["st", "cl", "gr", "ch", "rs"]));
    assert_eq!(table["TimeToLiveSpecification"], json!({"AttributeName": "ttl", "Enabled": true}));
    assert_eq!(table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true);
    for kept in ["Table", "Key"] {
        let template = template();
        let resource = &template["Resources"][kept];
        assert_eq!(
            (&resource["DeletionPolicy"], &resource["UpdateReplacePolicy"]),
            (&json!("Retain"), &json!("Retain"))
        );
    }
}

#[test]
fn each_function_has_its_crate_and_runs_what_the_build_leaves() {
    let functions = all_of("AWS::Serverless::Function");
    assert_eq!(functions.len(), 6);
    for (id, function) in functions {
        let folder = function["CodeUri"].as_str().unwrap();
        let name = folder.strip_prefix("../../target/lambda/").and_then(|rest| rest.strip_suffix('/')).unwrap();
        assert!(root().join("functions").join(name).join("src/main.rs").is_file(), "{id}: no crate {name}");
        let log = &function["LoggingConfig"];
        assert_eq!((&log["LogFormat"], &log["SystemLogLevel"]), (&json!("JSON"), &json!("WARN")), "{id}");
        assert_eq!(log["LogGroup"], json!({"Ref": format!("{id}Log")}));
    }
    let globals = &template()["Globals"]["Function"];
    assert_eq!((&globals["Runtime"], &globals["Handler"]), (&json!("provided.al2023"), &json!("bootstrap")));
}

#[test]
fn functions_read_what_the_template_sets_and_nothing_else() {
    let mut set: BTreeSet<String> = BTreeSet::new();
    let globals = template()["Globals"]["Function"]["Environment"]["Variables"].clone();
    let of = |function: &str| properties(function)["Environment"]["Variables"].clone();
    for variables in [globals, of("Console"), of("Sweep")] {
        set.extend(variables.as_object().unwrap().keys().cloned());
    }
    let named = regex::Regex::new(r#""(BACKHAUL_[A-Z_]+)""#).unwrap();
    let code = code(&["functions", "shared/lambda-kit/src", "shared/aws/src"]);
    let read: BTreeSet<String> = named.captures_iter(&code).map(|found| found[1].to_owned()).collect();
    nobody(set.difference(&read).cloned(), "no function reads this: take it out of the template, or read it");
    nobody(read.difference(&set).cloned(), "no function is given this: set it in the template, or do not read it");
}
