//! Reads one item and answers: a function with one AWS client and nothing else.

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Builder, tls};
use aws_types::SdkConfig;
use aws_types::region::Region;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};
use std::env::var;

const ROOTS: &str = include_str!("../../../../shared/aws/amazon-roots.pem");

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let client = client()?;
    let table = var("BACKHAUL_TABLE")?;
    lambda_runtime::run(service_fn(move |_: LambdaEvent<Value>| {
        let (client, table) = (client.clone(), table.clone());
        async move {
            let text = |text: &str| AttributeValue::S(text.to_owned());
            let get = client.get_item().table_name(table).key("pk", text("connections")).key("sk", text("books"));
            get.send().await?;
            Ok::<_, Error>(json!({"statusCode": 202, "body": "{}"}))
        }
    }))
    .await
}

fn client() -> Result<Client, Error> {
    let endpoint = var("AWS_ENDPOINT_URL").ok();
    let builder = Builder::new();
    let http = if endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://")) {
        builder.build_http()
    } else {
        let roots = tls::TrustStore::empty().with_pem_certificate(ROOTS);
        let context = tls::TlsContext::builder().with_trust_store(roots).build()?;
        builder.tls_provider(tls::Provider::Rustls(CryptoMode::Ring)).tls_context(context).build_https()
    };
    let credentials =
        Credentials::new(var("AWS_ACCESS_KEY_ID")?, var("AWS_SECRET_ACCESS_KEY")?, None, None, "environment");
    let mut config = SdkConfig::builder()
        .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
        .region(Region::new(var("AWS_REGION")?))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(http);
    config.set_endpoint_url(endpoint);
    Ok(Client::new(&config.build()))
}
