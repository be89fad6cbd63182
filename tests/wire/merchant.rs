//! A merchant of its own for every test: a person who may log in, a tenant, connections, and vendors that nobody else
//! uses.

use crate::http::{self, Answer};
use crate::stack::{PEACE, SOON, Stack, eventually, stack};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const PASSWORD: &str = "Practice-0123-Password";

/// One merchant.
pub(crate) struct Merchant {
    pub(crate) stack: &'static Stack,
    /// Also the vendors' instances: `mirakl-3`.
    number: u8,
    pub(crate) tenant: String,
    token: String,
}

impl Merchant {
    /// The merchant of a number, which no other test may have. There are vendors for nine: those of 10 are those of 1.
    pub(crate) fn new(number: u8) -> Self {
        let stack = stack();
        let tenant = format!("merchant-{number}");
        let name = format!("{tenant}@example.com");
        let (pool, client) = (stack.told("user_pool"), stack.told("user_pool_client"));
        let cognito =
            |operation: &str, body: Value| stack.aws(&format!("AWSCognitoIdentityProviderService.{operation}"), body);
        cognito(
            "AdminCreateUser",
            json!({"UserPoolId": pool, "Username": name, "MessageAction": "SUPPRESS", "TemporaryPassword": PASSWORD,
            "UserAttributes": [{"Name": "email", "Value": name}, {"Name": "custom:tenant", "Value": tenant}]}),
        );
        cognito(
            "AdminSetUserPassword",
            json!({"UserPoolId": pool, "Username": name, "Password": PASSWORD, "Permanent": true}),
        );
        cognito("AdminAddUserToGroup", json!({"UserPoolId": pool, "Username": name, "GroupName": "operator"}));
        let login = cognito(
            "AdminInitiateAuth",
            json!({"UserPoolId": pool, "ClientId": client,
            "AuthFlow": "ADMIN_USER_PASSWORD_AUTH", "AuthParameters": {"USERNAME": name, "PASSWORD": PASSWORD}}),
        );
        let token = login["AuthenticationResult"]["IdToken"].as_str().unwrap_or_else(|| panic!("{login}")).to_owned();
        Self { stack, number, tenant, token }
    }

    /// A merchant with these connections, all of them active. To be called before a test asks for peace of its own.
    pub(crate) fn with(number: u8, connections: &[&str]) -> Self {
        let merchant = Self::new(number);
        let _peace = PEACE.read();
        connections.iter().for_each(|connection| merchant.connect(connection));
        merchant
    }

    /// An instance of a vendor.
    pub(crate) fn vendor(&self, name: &str) -> String {
        let instance = (self.number - 1) % 9 + 1;
        if instance == 1 { name.to_owned() } else { format!("{name}-{instance}") }
    }

    /// The id of one of the merchant's connections: `books`, `parcels`, `shop`, `market`.
    pub(crate) fn id(&self, connection: &str) -> String {
        format!("{connection}-{}", self.number)
    }

    fn connect(&self, connection: &str) {
        let channel = json!({"send_invoice": true, "send_tracking": true});
        let (role, connector, more, switches, rules) = match connection {
            "books" => ("accounting", "fakturoid", json!({"poll_every": "1s"}), json!({}), json!({})),
            "parcels" => ("courier", "sendcloud", json!({"poll_every": "1s"}), json!({}), json!({})),
            "shop" => (
                "channel",
                "magento",
                json!({"late_bound": "3s"}),
                channel,
                json!({"order_pattern": "^[0-9]{9}$", "invoice_when": "issued"}),
            ),
            _ => ("channel", "mirakl", json!({"late_bound": "3s"}), channel, json!({"order_pattern": "^MKP-"})),
        };
        let shown = self.stack.vendor("GET", &format!("/_sandbox/vendors/{}", self.vendor(connector)), Value::Null);
        let mut settings = shown["settings"].clone();
        settings["pace"] = "off".into();
        settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let id = self.id(connection);
        let put = self.api(
            "PUT",
            &format!("/connections/{id}"),
            json!({"role": role, "connector": connector,
            "label": id, "settings": settings, "secrets": shown["secrets"], "switches": switches, "rules": rules}),
        );
        assert!(put.status < 300 && put.json["state"] == "active", "{id} is not active: {} {}", put.status, put.text);
    }

    /// A call to the API, whatever it answers.
    pub(crate) fn api(&self, method: &str, path: &str, body: Value) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        called(self.stack, method, &format!("/api/v1{path}"), &[("Authorization", &bearer)], body)
    }

    /// What the API shows at `path`.
    pub(crate) fn get(&self, path: &str) -> Value {
        let answer = self.api("GET", path, Value::Null);
        assert_eq!(answer.status, 200, "GET {path}: {}", answer.text);
        answer.json
    }

    /// A post that must be taken.
    pub(crate) fn post(&self, path: &str, body: Value) -> Value {
        let answer = self.api("POST", path, body);
        assert_eq!(answer.status, 202, "POST {path}: {}", answer.text);
        answer.json
    }

    /// Makes an order at this merchant's vendors.
    pub(crate) fn order(&self, mut wish: Value) -> Value {
        wish["books"] = self.vendor("fakturoid").into();
        wish["courier"] = self.vendor("sendcloud").into();
        let channel = wish["channel"].as_str().unwrap_or("mirakl");
        wish["channel"] = self.vendor(channel).into();
        self.stack.vendor("POST", "/_sandbox/orders", wish)
    }

    /// Makes calls to one of this merchant's vendors go wrong; gives the fault's id.
    pub(crate) fn fault(&self, vendor: &str, mut wish: Value) -> String {
        wish["vendor"] = self.vendor(vendor).into();
        self.stack.vendor("POST", "/_sandbox/faults", wish)["id"].as_str().unwrap().to_owned()
    }

    /// Ends a fault.
    pub(crate) fn heal(&self, fault: &str) {
        self.stack.vendor("DELETE", &format!("/_sandbox/faults/{fault}"), Value::Null);
    }

    /// Where a vendor sends its webhook.
    pub(crate) fn webhook(&self, role: &str, connection: &str) -> String {
        format!("{}/webhooks/{role}/{}", self.stack.told(&format!("{role}_url")), self.id(connection))
    }

    /// The accounting system tells of a document, so often and at once; what was answered.
    pub(crate) fn tell_document(&self, document: &Value, times: u32) -> Vec<Value> {
        self.tell(json!({"vendor": self.vendor("fakturoid"), "url": self.webhook("accounting", "books"),
            "event": "invoice_created", "document": document, "times": times, "concurrent": true}))
    }

    /// The courier tells of a parcel.
    pub(crate) fn tell_parcel(&self, parcel: &str) -> Vec<Value> {
        self.tell(
            json!({"vendor": self.vendor("sendcloud"), "url": self.webhook("courier", "parcels"), "parcel": parcel}),
        )
    }

    /// Any emission of a webhook.
    pub(crate) fn tell(&self, wish: Value) -> Vec<Value> {
        let sent = self.stack.vendor("POST", "/_sandbox/emit", wish);
        sent["sent"].as_array().unwrap().iter().map(|sent| sent["status"].clone()).collect()
    }

    /// Effects at one of this merchant's vendors, of which none may be there twice.
    pub(crate) fn effects(&self, vendor: &str, filter: &str) -> Vec<Value> {
        let path = format!("/_sandbox/effects?vendor={}&{filter}", self.vendor(vendor));
        let effects = self.stack.vendor("GET", &path, Value::Null);
        assert_eq!(effects["duplicates"], json!([]), "an effect happened twice");
        effects["effects"].as_array().unwrap().clone()
    }

    /// Exports that a filter finds.
    pub(crate) fn exports(&self, filter: &str) -> Vec<Value> {
        self.get(&format!("/exports?{filter}"))["exports"].as_array().unwrap().clone()
    }

    /// Waits for one export of a filter to be in a state; shows it whole.
    pub(crate) fn wait_export(&self, filter: &str, state: &str, within: Duration) -> Value {
        let until = Instant::now() + within;
        let found = eventually(filter, within * 2, || {
            let all = self.exports(filter);
            assert!(Instant::now() < until, "none of {filter} is {state} within {} s: {all:#?}", within.as_secs());
            all.into_iter()
                .find(|export| export["state"] == state && (export["operation"] != "look" || state == "dead"))
        });
        self.get(&format!("/exports/{}", found["id"].as_str().unwrap()))
    }

    /// Waits until a job is done; shows it.
    pub(crate) fn done(&self, started: &Value) -> Value {
        eventually("the job ends", SOON, || {
            let job = self.get(&format!("/jobs/{}", started["id"].as_str().unwrap()));
            (job["state"] == "done").then_some(job)
        })
    }

    /// The records of an order as the table has them.
    pub(crate) fn records(&self, order: &str) -> Vec<Value> {
        let wish = json!({"TableName": self.stack.told("table"), "ConsistentRead": true,
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :x)",
            "ExpressionAttributeValues": {":pk": {"S": format!("o#{}#{order}", self.tenant)}, ":x": {"S": "x#"}}});
        self.stack.aws("DynamoDB_20120810.Query", wish)["Items"].as_array().unwrap().clone()
    }
}

/// The name by which people know the HTTP API.
pub(crate) fn public_host(stack: &Stack) -> String {
    let id = stack.told("api_url").rsplit('/').next().unwrap();
    format!("{id}.execute-api.{}.amazonaws.com", stack.told("region"))
}

/// A call to the HTTP API, by its public name as a browser would.
#[expect(clippy::needless_pass_by_value, reason = "callers write the body where they call")]
pub(crate) fn called(stack: &Stack, method: &str, path: &str, headers: &[(&str, &str)], body: Value) -> Answer {
    let (_, base) = stack.told("api_url").split_once(&stack.aws).unwrap();
    let host = public_host(stack);
    let mut all = vec![("Host", host.as_str()), ("Content-Type", "application/json")];
    all.extend(headers);
    let bytes = if body.is_null() { None } else { Some(body.to_string().into_bytes()) };
    let answer = http::call(&stack.aws, method, &format!("{base}{path}"), &all, bytes.as_deref());
    answer.unwrap_or_else(|error| panic!("{method} {path}: {error}"))
}
