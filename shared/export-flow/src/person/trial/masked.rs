//! Requests as a trial shows them: without the secrets of the accounts, wherever a vendor wants them written.

use connectors::Account;
use serde_json::Value;
use url::form_urlencoded::byte_serialize;

/// A shorter one would take out what is no secret.
const SECRET_CHARS_MIN: usize = 3;
const MASK: &str = "***";

/// A request with every secret of these accounts taken out, also as it is written in an address or a form.
pub(super) fn masked(value: Value, accounts: &[&Account]) -> Value {
    mask(value, &written(accounts.iter().flat_map(|account| account.secrets.values())))
}

/// Every way in which these secrets are written, the longest first: one may begin with another.
fn written(secrets: impl Iterator<Item = String>) -> Vec<String> {
    let mut written: Vec<String> = secrets
        .filter(|secret| secret.len() >= SECRET_CHARS_MIN)
        .flat_map(|secret| {
            let form: String = byte_serialize(secret.as_bytes()).collect();
            [form.replace('+', "%20"), form, secret]
        })
        .collect();
    written.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    written
}

fn mask(value: Value, secrets: &[String]) -> Value {
    match value {
        Value::String(text) => {
            Value::String(secrets.iter().fold(text, |text, secret| text.replace(secret.as_str(), MASK)))
        }
        Value::Array(items) => Value::Array(items.into_iter().map(|item| mask(item, secrets)).collect()),
        Value::Object(object) => {
            Value::Object(object.into_iter().map(|(name, item)| (name, mask(item, secrets))).collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_secret_is_masked_however_it_is_written() {
        let shown = json!({
            "url": "https://x.example/?a=s3%2B+cret%2F&b=s3%2B%20cret%2F&c=ab",
            "body": {"deep": ["s3+ cret/", 1, "fine"]},
        });
        let expected = json!({"url": "https://x.example/?a=***&b=***&c=ab", "body": {"deep": ["***", 1, "fine"]}});
        assert_eq!(mask(shown, &written(["s3+ cret/", "ab"].map(str::to_owned).into_iter())), expected);
    }
}
