//! What each function may do: no more than the code does, and nothing by wildcard.

use super::source::{code, nobody};
use super::template::{all_of, listed, properties, template, texts};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A right, and the calls of the SDK that need it.
const CALLS: [(&str, &[&str]); 16] = [
    ("dynamodb:BatchGetItem", &["batch_get_item"]),
    ("dynamodb:BatchWriteItem", &["batch_write_item"]),
    ("dynamodb:DeleteItem", &["delete_item"]),
    ("dynamodb:GetItem", &["get_item", "transact_get_items"]),
    ("dynamodb:PutItem", &["put_item"]),
    ("dynamodb:Query", &["query"]),
    ("dynamodb:Scan", &["scan"]),
    ("dynamodb:UpdateItem", &["update_item"]),
    ("kms:Decrypt", &["decrypt"]),
    ("kms:GenerateDataKey", &["generate_data_key"]),
    ("sns:Publish", &["publish"]),
    ("sqs:ChangeMessageVisibility", &["change_message_visibility", "change_message_visibility_batch"]),
    ("sqs:DeleteMessage", &["delete_message", "delete_message_batch"]),
    ("sqs:GetQueueAttributes", &["get_queue_attributes"]),
    ("sqs:ReceiveMessage", &["receive_message"]),
    ("sqs:SendMessage", &["send_message", "send_message_batch"]),
];
/// Calls that need rights which nobody has.
const STRANGE: [&str; 12] = [
    "create_queue",
    "create_table",
    "describe_key",
    "describe_table",
    "encrypt",
    "execute_statement",
    "generate_data_key_without_plaintext",
    "get_queue_url",
    "list_queues",
    "list_tables",
    "purge_queue",
    "start_message_move_task",
];
const WEBHOOKS: [&str; 3] = ["AccountingWebhook", "CourierWebhook", "ChannelWebhook"];

struct Statement {
    place: String,
    actions: Vec<String>,
    resources: Vec<Value>,
    condition: Value,
}

fn statements(place: &str, document: &Value) -> Vec<Statement> {
    let read = |statement: &Value| {
        assert_eq!(statement["Effect"], "Allow", "{place}");
        assert!(statement["NotAction"].is_null() && statement["NotResource"].is_null(), "{place}: says what not");
        Statement {
            place: place.to_owned(),
            actions: listed(&statement["Action"]).iter().map(|action| action.as_str().unwrap().to_owned()).collect(),
            resources: listed(&statement["Resource"]),
            condition: statement["Condition"].clone(),
        }
    };
    document["Statement"].as_array().unwrap().iter().map(read).collect()
}

/// Everything that any role of the stack allows.
fn everything() -> Vec<Statement> {
    let mut all = vec![];
    for (id, policy) in all_of("AWS::IAM::ManagedPolicy") {
        all.extend(statements(&id, &policy["PolicyDocument"]));
    }
    for (id, role) in all_of("AWS::IAM::Role") {
        for policy in role["Policies"].as_array().unwrap() {
            all.extend(statements(&id, &policy["PolicyDocument"]));
        }
    }
    all
}

fn on_data(action: &str) -> bool {
    ["dynamodb:", "sqs:", "kms:", "sns:"].iter().any(|service| action.starts_with(service))
}

#[test]
fn nothing_is_allowed_by_wildcard() {
    let offenders = everything().into_iter().filter(|statement| {
        statement.actions.iter().any(|action| action.contains('*'))
            || statement.resources.iter().any(|resource| texts(resource).iter().any(|text| text.contains('*')))
    });
    nobody(
        offenders.map(|statement| format!("{}: {:?} on {:?}", statement.place, statement.actions, statement.resources)),
        "name the action and the one thing it is allowed on",
    );
}

#[test]
fn rights_on_data_name_things_of_this_stack() {
    let allowed = [
        json!({"Fn::GetAtt": "Table.Arn"}),
        json!({"Fn::Sub": "${Table.Arn}/index/due"}),
        json!({"Fn::GetAtt": "ExportQueue.Arn"}),
        json!({"Fn::GetAtt": "DeadLetters.Arn"}),
        json!({"Fn::GetAtt": "Key.Arn"}),
        json!({"Ref": "Notices"}),
    ];
    for statement in everything().iter().filter(|statement| statement.actions.iter().any(|action| on_data(action))) {
        for resource in &statement.resources {
            assert!(allowed.contains(resource), "{}: {resource}", statement.place);
        }
    }
}

#[test]
fn every_right_on_data_is_used_and_every_call_has_its_right() {
    let code = code(&["shared/aws/src"]);
    let called = |call: &str| code.contains(&format!(".{call}()"));
    let given: BTreeSet<String> =
        everything().into_iter().flat_map(|statement| statement.actions).filter(|action| on_data(action)).collect();
    let known: BTreeSet<String> = CALLS.iter().map(|(right, _)| (*right).to_owned()).collect();
    nobody(given.difference(&known).cloned(), "say in this test which calls of the SDK need this right");
    let used = CALLS.iter().filter(|(_, calls)| calls.iter().any(|call| called(call)));
    let used: BTreeSet<String> = used.map(|(right, _)| (*right).to_owned()).collect();
    nobody(given.difference(&used).cloned(), "no code makes such a call: take the right out of the template");
    nobody(used.difference(&given).cloned(), "the code makes such a call: give the right in the template");
    let strange = STRANGE.iter().filter(|call| called(call));
    nobody(strange.map(|call| (*call).to_owned()), "no function needs this call; do without it");
}

#[test]
fn a_webhook_function_reads_connections_and_writes_to_the_queue_alone() {
    let take = statements("TakeEvents", &properties("TakeEvents")["PolicyDocument"]);
    let actions: BTreeSet<&str> = take.iter().flat_map(|statement| &statement.actions).map(String::as_str).collect();
    assert_eq!(actions, BTreeSet::from(["dynamodb:GetItem", "kms:Decrypt", "sqs:SendMessage"]));
    let read = take.iter().find(|statement| statement.actions == ["dynamodb:GetItem"]).unwrap();
    assert_eq!(read.condition, json!({"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["connections"]}}));
    assert!(code(&["shared/aws/src"]).contains("\"connections\""), "connections lie in another partition now");
    let send = take.iter().find(|statement| statement.actions == ["sqs:SendMessage"]).unwrap();
    assert_eq!(send.resources, [json!({"Fn::GetAtt": "ExportQueue.Arn"})]);
    for webhook in WEBHOOKS {
        assert_eq!(
            properties(&format!("{webhook}Role"))["ManagedPolicyArns"],
            json!([{"Ref": "TakeEvents"}]),
            "{webhook}"
        );
    }
}

#[test]
fn each_function_has_a_role_of_its_own_which_only_it_can_take() {
    for (id, function) in all_of("AWS::Serverless::Function") {
        assert_eq!(function["Role"], json!({"Fn::GetAtt": format!("{id}Role.Arn")}));
        let role = properties(&format!("{id}Role"));
        let trust = role["AssumeRolePolicyDocument"]["Statement"].as_array().unwrap();
        assert_eq!(trust.len(), 1);
        assert_eq!(trust[0]["Principal"], json!({"Service": "lambda.amazonaws.com"}));
        let own = &role["Policies"][0]["PolicyDocument"]["Statement"][0];
        assert_eq!(own["Resource"], json!({"Fn::GetAtt": format!("{id}Log.Arn")}), "{id} writes into another's log");
    }
}

#[test]
fn the_sweep_alone_tells_the_topic() {
    let tells = everything().into_iter().filter(|statement| statement.actions.iter().any(|a| a == "sns:Publish"));
    assert_eq!(tells.map(|statement| statement.place).collect::<Vec<_>>(), ["SweepRole"]);
}

#[test]
fn the_key_belongs_to_the_account_alone() {
    let policy = properties("Key")["KeyPolicy"]["Statement"].as_array().unwrap().clone();
    assert_eq!(policy.len(), 1);
    assert_eq!(
        policy[0]["Principal"],
        json!({"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}})
    );
    assert_eq!(properties("Key")["EnableKeyRotation"], true);
    assert_eq!(template()["Resources"]["Table"]["Properties"]["SSESpecification"]["SSEType"], "KMS");
}
