//! Clients for the three services: one HTTP client on one TLS stack for all of them, made without reading the
//! environment, warm before the first message.

use crate::http;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_types::Blob;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use aws_types::sdk_config::SharedHttpClient;
use export_flow::ports::PortError;
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;

/// The roots of Amazon Trust Services and no others: parsing a system's whole store is the largest single cost of a
/// cold start.
const ROOTS: &str = include_str!("../amazon-roots.pem");
/// Both time-outs are far above what AWS needs and far below what a lease has.
const CONNECT: Duration = Duration::from_secs(2);
const ATTEMPT: Duration = Duration::from_secs(5);
/// All attempts of one call together. A writing call to a target starts with 45 s of lease left and may take 30 s of
/// them; what remains must be enough to record its outcome.
const OPERATION: Duration = Duration::from_secs(12);
const ATTEMPTS: u32 = 4;
const BACKOFF: Duration = Duration::from_millis(50);
const BACKOFF_MAX: Duration = Duration::from_secs(1);
/// Warming ends then, whatever has not answered.
const WARM: Duration = Duration::from_secs(3);

/// What a function's environment says about its AWS account. A sandbox keeps its credentials for life.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `AWS_REGION`.
    pub region: String,
    /// `AWS_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: SecretString,
    /// `AWS_SESSION_TOKEN`; absent only on local stacks.
    pub session_token: Option<SecretString>,
    /// `AWS_ENDPOINT_URL`: everything goes there instead of to AWS.
    pub endpoint: Option<String>,
}

/// A variable that is needed and not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not set")]
pub struct Missing(pub &'static str);

impl Settings {
    /// Reads the variables that the runtime sets, by whatever way the caller reads them. Empty is not set.
    ///
    /// # Errors
    /// [`Missing`] names the first that is needed and not there.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Missing> {
        let given = |name| variable(name).filter(|value| !value.is_empty());
        let needed = |name| given(name).ok_or(Missing(name));
        Ok(Self {
            region: needed("AWS_REGION")?,
            access_key_id: needed("AWS_ACCESS_KEY_ID")?,
            secret_access_key: needed("AWS_SECRET_ACCESS_KEY")?.into(),
            session_token: given("AWS_SESSION_TOKEN").map(SecretString::from),
            endpoint: given("AWS_ENDPOINT_URL"),
        })
    }

    /// The SDK's configuration made of it.
    #[must_use]
    pub fn sdk_config(&self) -> SdkConfig {
        let token = self.session_token.as_ref().map(|token| token.expose_secret().to_owned());
        let secret = self.secret_access_key.expose_secret();
        let credentials = Credentials::new(&self.access_key_id, secret, token, None, "environment");
        let times = TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .operation_attempt_timeout(ATTEMPT)
            .operation_timeout(OPERATION)
            .build();
        let retries = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS)
            .with_initial_backoff(BACKOFF)
            .with_max_backoff(BACKOFF_MAX);
        let mut config = SdkConfig::builder()
            .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
            .region(Region::new(self.region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(self.http())
            .timeout_config(times)
            .retry_config(retries);
        config.set_endpoint_url(self.endpoint.clone());
        config.build()
    }

    /// TLS against Amazon's roots; a local stack without TLS gets none, and needs none parsed.
    fn http(&self) -> SharedHttpClient {
        let plain = self.endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"));
        http::client((!plain).then_some(ROOTS), CONNECT)
    }
}

/// A client for each service; all share one pool of connections. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Clients {
    /// For the ledger.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// For the queue.
    pub sqs: aws_sdk_sqs::Client,
    /// For the keys.
    pub kms: aws_sdk_kms::Client,
}

/// What a function will call, so that its connections are opened beforehand.
#[derive(Debug, Clone, Copy)]
pub struct Warm<'a> {
    /// `BACKHAUL_TABLE`.
    pub table: &'a str,
    /// `BACKHAUL_QUEUE_URL`.
    pub queue_url: &'a str,
    /// `BACKHAUL_KMS_KEY`.
    pub key: &'a str,
}

impl Clients {
    /// Makes them; opens nothing yet.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        let config = settings.sdk_config();
        Self {
            dynamodb: aws_sdk_dynamodb::Client::new(&config),
            sqs: aws_sdk_sqs::Client::new(&config),
            kms: aws_sdk_kms::Client::new(&config),
        }
    }

    /// Opens a connection to each service at the same time: for the init phase, in which it costs nobody any waiting.
    ///
    /// Each call is one that every function may make anyway, and changes nothing: an item of the connections' partition
    /// that does not exist, a batch without messages, a ciphertext that is none. Their answers do not matter, and no
    /// answer does not either: the first real call will say so.
    pub async fn warm(&self, warm: Warm<'_>) {
        let absent = |text: &str| AttributeValue::S(text.to_owned());
        let table = self.dynamodb.get_item().table_name(warm.table);
        let table = table.key("pk", absent("connections")).key("sk", absent("-"));
        let queue = self.sqs.send_message_batch().queue_url(warm.queue_url).set_entries(Some(vec![]));
        let keys = self.kms.decrypt().key_id(warm.key).ciphertext_blob(Blob::new(*b"-"));
        // Boxed before they are put side by side: each is large.
        let (table, queue, keys) = (Box::pin(table.send()), Box::pin(queue.send()), Box::pin(keys.send()));
        let all = async { tokio::join!(table, queue, keys) };
        if tokio::time::timeout(WARM, all).await.is_err() {
            tracing::warn!(event = "aws.not_warm", "a service has not answered in the init phase");
        }
    }
}

const THROTTLES: [&str; 9] = [
    "ThrottlingException",
    "ThrottledException",
    "Throttling",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
];

/// Whether a service said that we ask too much. Spelled `KmsThrottled` and `AWS.SimpleQueueService.X` as well.
pub(crate) fn is_throttle(code: &str) -> bool {
    let code = code.rsplit('.').next().unwrap_or(code);
    THROTTLES.contains(&code) || matches!(code, "KmsThrottled" | "SlowDown" | "OverLimit")
}

/// AWS's failure in our words. Its own text stays out: it may quote what was sent.
pub(crate) fn failed<E: ProvideErrorMetadata, R>(call: &str, error: &SdkError<E, R>) -> PortError {
    let code = error.code().unwrap_or("an error without a code");
    match error {
        _ if is_throttle(code) => PortError::Throttled(format!("{call}: {code}")),
        SdkError::ServiceError(_) => PortError::Unavailable(format!("{call}: {code}")),
        SdkError::TimeoutError(_) => PortError::Unavailable(format!("{call}: no answer in time")),
        SdkError::DispatchFailure(_) => PortError::Unavailable(format!("{call}: cannot be reached")),
        SdkError::ConstructionFailure(_) => PortError::Damaged(format!("{call}: cannot be asked like this")),
        _ => PortError::Unavailable(format!("{call}: the answer cannot be read")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::Endpoint;
    use data_encoding::HEXLOWER;
    use ring::digest::{SHA256, digest};
    use rustls::RootCertStore;
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;

    /// As published at amazontrust.com.
    const DIGESTS: [(&str, &str); 5] = [
        ("Amazon Root CA 1", "8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e"),
        ("Amazon Root CA 2", "1ba5b2aa8c65401a82960118f80bec4f62304d83cec4713a19c39c011ea46db4"),
        ("Amazon Root CA 3", "18ce6cfe7bf14e60b2e347b8dfe868cb31d02ebb3ada271569f50343b46db3a4"),
        ("Amazon Root CA 4", "e35d28419ed02025cfa69038cd623962458da5c695fbdea3c22b0bfb25897092"),
        (
            "Starfield Services Root Certificate Authority - G2",
            "568d6905a2c88708a4b3025190edcfedb1974a606a13c6e5290fcb2ae63edab5",
        ),
    ];

    #[test]
    fn the_roots_are_amazons_five_and_every_one_is_usable() {
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(ROOTS.as_bytes()).map(Result::unwrap).collect();
        assert_eq!(certificates.len(), DIGESTS.len());
        let mut store = RootCertStore::empty();
        for (certificate, (subject, published)) in certificates.into_iter().zip(DIGESTS) {
            assert_eq!(HEXLOWER.encode(digest(&SHA256, &certificate).as_ref()), published, "{subject}");
            store.add(certificate).unwrap();
            let anchor = store.roots.last().unwrap();
            let name = anchor.subject.as_ref().windows(subject.len()).any(|part| part == subject.as_bytes());
            assert!(name, "{subject}");
        }
    }

    /// A function's variables, with these changes.
    fn settings(changes: &[(&str, Option<&str>)]) -> Result<Settings, Missing> {
        Settings::read(|name| {
            let usual = match name {
                "AWS_REGION" => Some("eu-central-1"),
                "AWS_ACCESS_KEY_ID" => Some("id"),
                "AWS_SECRET_ACCESS_KEY" => Some("s3cret"),
                "AWS_SESSION_TOKEN" => Some("t0ken"),
                _ => None,
            };
            let changed = changes.iter().find(|(changed, _)| *changed == name).map(|(_, value)| *value);
            changed.unwrap_or(usual).map(str::to_owned)
        })
    }

    #[test]
    fn settings_say_what_is_missing_and_show_no_secret() {
        let all = settings(&[]).unwrap();
        assert_eq!((all.region.as_str(), all.endpoint.as_deref()), ("eu-central-1", None));
        let shown = format!("{all:?}");
        assert!(!shown.contains("s3cret") && !shown.contains("t0ken"), "{shown}");
        for name in ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
            assert_eq!(settings(&[(name, Some(""))]).unwrap_err(), Missing(name));
            assert_eq!(settings(&[(name, None)]).unwrap_err(), Missing(name));
        }
        assert!(settings(&[("AWS_SESSION_TOKEN", None)]).unwrap().session_token.is_none());
    }

    #[test]
    fn one_call_with_all_its_attempts_leaves_time_to_record_what_a_sent_document_became() {
        let config = settings(&[]).unwrap().sdk_config();
        let times = config.timeout_config().unwrap();
        let longest_send = Duration::from_secs(30);
        let lease_left: Duration = export_flow::times::LEASE_LEFT_MIN.try_into().unwrap();
        assert!(longest_send + times.operation_timeout().unwrap() < lease_left);
        assert_eq!(times.connect_timeout(), Some(CONNECT));
        assert_eq!(times.operation_attempt_timeout(), Some(ATTEMPT));
    }

    #[tokio::test]
    async fn warming_opens_the_connections_that_later_calls_use() {
        let endpoint = Endpoint::answering(&[]).await;
        let (clients, url) = (endpoint.clients(), format!("{}/1/export", endpoint.url));
        clients.warm(Warm { table: "t", queue_url: &url, key: "k" }).await;
        let mut warmed: Vec<String> = endpoint.asked().into_iter().map(|(operation, _)| operation).collect();
        warmed.sort();
        assert_eq!(warmed, ["Decrypt", "GetItem", "SendMessageBatch"]);
        assert_eq!(endpoint.connections(), 3);
        let error = clients.sqs.send_message().queue_url(&url).message_body("x").send().await.unwrap_err();
        assert_eq!(failed("queue", &error), PortError::Unavailable("queue: NotTold".into()));
        assert_eq!((endpoint.asked().len(), endpoint.connections()), (4, 3));
    }

    #[tokio::test]
    async fn what_cannot_be_reached_holds_nobody_up_with_tls_and_without() {
        for endpoint in ["http://127.0.0.1:1", "https://127.0.0.1:1"] {
            let clients = Clients::new(&settings(&[("AWS_ENDPOINT_URL", Some(endpoint))]).unwrap());
            clients.warm(Warm { table: "t", queue_url: &format!("{endpoint}/1/export"), key: "k" }).await;
            let error = clients.kms.decrypt().ciphertext_blob(Blob::new(*b"-")).send().await.unwrap_err();
            assert_eq!(failed("keys", &error), PortError::Unavailable("keys: cannot be reached".into()));
        }
    }

    #[test]
    fn throttles_are_known_by_every_name_they_go_by() {
        for code in ["ThrottlingException", "KmsThrottled", "AWS.SimpleQueueService.RequestThrottled", "OverLimit"] {
            assert!(is_throttle(code), "{code}");
        }
        assert!(!is_throttle("AccessDeniedException"));
    }
}
