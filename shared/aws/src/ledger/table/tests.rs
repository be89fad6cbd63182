use super::*;
use crate::endpoint::{Answer, Endpoint};

async fn table(answers: &[Answer]) -> (Table, Endpoint) {
    let endpoint = Endpoint::answering(answers).await;
    (Table::new(endpoint.clients().dynamodb, "t".into()), endpoint)
}

fn place(sk: &str) -> Place {
    Place::new("p".into(), sk.into()).unwrap()
}

#[tokio::test]
async fn what_a_batch_leaves_undone_is_asked_for_again_and_nothing_else() {
    let read = r#"{"Responses":{"t":[{"pk":{"S":"p"},"sk":{"S":"1"}}]},
        "UnprocessedKeys":{"t":{"Keys":[{"pk":{"S":"p"},"sk":{"S":"2"}}]}}}"#;
    let rest = r#"{"Responses":{"t":[{"pk":{"S":"p"},"sk":{"S":"2"}}]},"UnprocessedKeys":{}}"#;
    let written = r#"{"UnprocessedItems":{"t":[{"PutRequest":{"Item":{"pk":{"S":"p"},"sk":{"S":"2"}}}}]}}"#;
    let (table, endpoint) = table(&[(200, read), (200, rest), (200, written), (200, "{}")]).await;
    // The same place twice is one question.
    let found = table.get_all(&["1", "2", "1"].map(place), true).await.unwrap();
    assert_eq!(found, ["1", "2"].map(|sk| key(&place(sk))));
    table.put_all(found).await.unwrap();
    let asked = endpoint.asked();
    let counts = asked.iter().map(|(operation, body)| {
        let list = &body["RequestItems"]["t"];
        (operation.as_str(), list["Keys"].as_array().or(list.as_array()).unwrap().len())
    });
    let expected = [("BatchGetItem", 2), ("BatchGetItem", 1), ("BatchWriteItem", 2), ("BatchWriteItem", 1)];
    assert_eq!(counts.collect::<Vec<_>>(), expected);
}

#[tokio::test(start_paused = true)]
async fn what_is_left_undone_again_and_again_is_told() {
    let undone = r#"{"UnprocessedItems":{"t":[{"PutRequest":{"Item":{"pk":{"S":"p"},"sk":{"S":"1"}}}}]}}"#;
    let (table, _) = table(&[(200, undone); 20]).await;
    let error = table.put_all(vec![key(&place("1"))]).await.unwrap_err();
    assert!(matches!(error, PortError::Throttled(_)), "{error}");
}

#[tokio::test]
async fn what_aws_says_is_told_in_our_words_and_without_its_own() {
    for (code, expected) in [
        ("ValidationException", PortError::Damaged("table: ValidationException".into())),
        ("AccessDeniedException", PortError::Unavailable("table: AccessDeniedException".into())),
        ("TransactionConflictException", PortError::Throttled("table: TransactionConflictException".into())),
    ] {
        let answer = format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"secret"}}"#);
        let answer: &str = answer.leak();
        let (table, _) = table(&[(400, answer); 8]).await;
        assert_eq!(table.get(&place("1"), true).await.unwrap_err(), expected);
    }
}
