//! The template as JSON, with the short tags written out.

use super::source::root;
use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde_json::{Map, Value, json};

/// The whole template.
pub(crate) fn template() -> Value {
    read(&std::fs::read_to_string(root().join("infra/aws/template.yaml")).unwrap())
}

fn read(text: &str) -> Value {
    let documents = Yaml::load_from_str(text).unwrap();
    assert_eq!(documents.len(), 1);
    value(&documents[0])
}

fn value(node: &Yaml<'_>) -> Value {
    match node {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(is)) => json!(is),
        Yaml::Value(Scalar::Integer(number)) => json!(number),
        Yaml::Value(Scalar::FloatingPoint(number)) => json!(number.into_inner()),
        Yaml::Value(Scalar::String(text)) => json!(text),
        Yaml::Sequence(items) => items.iter().map(value).collect(),
        Yaml::Mapping(entries) => {
            let mut map = Map::new();
            for (key, entry) in entries {
                let key = value(key).as_str().unwrap().to_owned();
                assert!(map.insert(key.clone(), value(entry)).is_none(), "{key} stands there twice");
            }
            Value::Object(map)
        }
        Yaml::Tagged(tag, inner) => {
            let name = match tag.suffix.as_str() {
                name @ ("Ref" | "Condition") => name.to_owned(),
                name => format!("Fn::{name}"),
            };
            json!({ name: value(inner) })
        }
        other => panic!("not expected in a template: {other:?}"),
    }
}

/// Logical id and properties of everything of one kind.
pub(crate) fn all_of(kind: &str) -> Vec<(String, Value)> {
    let template = template();
    let resources = template["Resources"].as_object().unwrap();
    let found = resources.iter().filter(|(_, resource)| resource["Type"] == kind);
    let found: Vec<_> = found.map(|(id, resource)| (id.clone(), resource["Properties"].clone())).collect();
    assert!(!found.is_empty(), "the template has no {kind}");
    found
}

/// The properties of one thing.
pub(crate) fn properties(id: &str) -> Value {
    let template = template();
    let properties = &template["Resources"][id]["Properties"];
    assert!(properties.is_object(), "the template has no {id}");
    properties.clone()
}

/// Every text in it, keys left out.
pub(crate) fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(entries) => entries.values().flat_map(texts).collect(),
        _ => vec![],
    }
}

/// One or many, as lists.
pub(crate) fn listed(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_else(|| vec![value.clone()])
}

#[test]
fn short_tags_are_written_out() {
    let read = read("a: !Ref B\nc: !If [D, !GetAtt E.F, 'yes']\ng: !Sub |\n  x${H}\n");
    let wanted =
        json!({"a": {"Ref": "B"}, "c": {"Fn::If": ["D", {"Fn::GetAtt": "E.F"}, "yes"]}, "g": {"Fn::Sub": "x${H}\n"}});
    assert_eq!(read, wanted);
}
