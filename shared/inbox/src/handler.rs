//! The checks, in their order: size, connection and role, sender, readability, queue.

use crate::answer::{Outcome, Refusal};
use crate::body::BodyReader;
use axum::Router;
use axum::extract::{Path, State};
use axum::routing::any;
use connectors::{Account, Clock, Entropy, Hears, Inbound, Webhook, WebhookScheme};
use data_encoding::HEXLOWER;
use domain::{Cause, ConnectionId, EventId, SourceHint};
use export_flow::heard::Refusals;
use export_flow::message::{MESSAGE_BYTES_MAX, Message, SourceEvent};
use export_flow::ports::{Outbox, Outgoing, PortError};
use export_flow::times::QUEUE_DELAY_MAX;
use export_flow::{Accounts, Flow};
use http::{HeaderMap, Method};
use std::sync::Arc;
use subtle::{Choice, ConstantTimeEq as _};

/// What taking webhooks needs: no vendor is called and no record written.
pub struct Parts {
    /// Connections.
    pub accounts: Arc<Accounts>,
    /// The queue's near end.
    pub outbox: Arc<dyn Outbox>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Counts what is refused, where all calls meet one process.
    pub refusals: Option<Arc<Refusals>>,
}

impl Parts {
    /// Those of an engine in the same process.
    #[must_use]
    pub fn of(flow: &Flow) -> Self {
        let parts = flow.parts();
        Self {
            accounts: Arc::clone(flow.accounts()),
            outbox: parts.queue.clone(),
            clock: Arc::clone(&parts.clock),
            entropy: Arc::clone(&parts.entropy),
            refusals: flow.refusals().cloned(),
        }
    }
}

#[derive(Clone)]
struct Inbox {
    accounts: Arc<Accounts>,
    outbox: Arc<dyn Outbox>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    bodies: BodyReader,
    refusals: Option<Arc<Refusals>>,
}

/// Serves `POST /webhooks/{accounting|courier|channel}/{connection}[/{url_token}]`.
pub fn router(parts: Parts) -> Router {
    let Parts { accounts, outbox, clock, entropy, refusals } = parts;
    Router::new()
        .route("/webhooks/{role}/{connection}", any(without_token))
        .route("/webhooks/{role}/{connection}/{url_token}", any(with_token))
        .with_state(Inbox { accounts, outbox, clock, entropy, bodies: BodyReader::new(), refusals })
}

async fn without_token(
    State(inbox): State<Inbox>,
    Path((role, connection)): Path<(String, String)>,
    request: axum::extract::Request,
) -> Outcome {
    inbox.answer(&Address { role, connection, url_token: None }, request).await
}

async fn with_token(
    State(inbox): State<Inbox>,
    Path((role, connection, url_token)): Path<(String, String, String)>,
    request: axum::extract::Request,
) -> Outcome {
    inbox.answer(&Address { role, connection, url_token: Some(url_token) }, request).await
}

/// What the path says.
struct Address {
    role: String,
    connection: String,
    url_token: Option<String>,
}

impl Inbox {
    async fn answer(&self, address: &Address, request: axum::extract::Request) -> Outcome {
        let (head, body) = request.into_parts();
        let taken = async {
            if head.method != Method::POST {
                return Err(Refusal::Method);
            }
            let body = self.bodies.read(&head.headers, body).await?;
            self.take(address, &head.headers, &body).await
        };
        match taken.await {
            Ok(count) => Outcome::Accepted(count),
            Err(refusal) => {
                tracing::info!(
                    event = "webhook.refused",
                    connection = known_form(&address.connection),
                    reason = refusal.word()
                );
                self.count(address, refusal).await;
                Outcome::Refused(refusal)
            }
        }
    }

    /// Counts a refused call, if it was for a connection that there is.
    async fn count(&self, address: &Address, refusal: Refusal) {
        let (Some(refusals), Ok(id)) = (&self.refusals, ConnectionId::parse(&address.connection)) else { return };
        if let Ok(Some(account)) = self.accounts.account(&id).await
            && account.connection.role.as_str() == address.role
        {
            refusals.count(&account.connection, refusal.word(), self.clock.now());
        }
    }

    /// Everything after the size: answers how many events are in the queue.
    async fn take(&self, address: &Address, headers: &HeaderMap, body: &[u8]) -> Result<usize, Refusal> {
        let id = ConnectionId::parse(&address.connection).map_err(|_| Refusal::Unknown)?;
        let call = Call { address, inbound: Inbound { headers, body, now: self.clock.now() } };
        let cached = self.accounts.account(&id).await.map_err(|error| unavailable(&error))?;
        let (account, hints) = match self.heard(cached, &call) {
            // What another process wrote a moment ago may not be in our copy: read once more before refusing.
            Err(Refusal::Unknown | Refusal::Unauthentic) => {
                let anew = self.accounts.account_anew(&id).await.map_err(|error| unavailable(&error))?;
                self.heard(anew, &call)?
            }
            other => other?,
        };
        let call = EventId::new(self.entropy.word());
        let messages = self.messages(&account, &call, hints)?;
        let count = messages.len();
        if count > 0 {
            self.outbox.send(messages).await.map_err(|error| unavailable(&error))?;
        }
        tracing::info!(
            event = "webhook.accepted",
            tenant = account.connection.tenant.as_str(),
            connection = account.connection.id.as_str(),
            role = account.connection.role.as_str(),
            connector = account.spec.id,
            count,
            trace = call.as_str(),
        );
        Ok(count)
    }

    /// Who speaks and about what.
    fn heard(
        &self,
        account: Option<Arc<Account>>,
        call: &Call<'_>,
    ) -> Result<(Arc<Account>, Vec<SourceHint>), Refusal> {
        let account = account.ok_or(Refusal::Unknown)?;
        if account.connection.role.as_str() != call.address.role {
            return Err(Refusal::Unknown);
        }
        let connector = self.accounts.hearing().get(&account.connection.connector).ok_or(Refusal::Unknown)?;
        let webhook = connector.webhook().ok_or(Refusal::Unknown)?;
        if !is_authentic(connector, webhook, &account, call) {
            return Err(Refusal::Unauthentic);
        }
        let hints = webhook.parse(&account, &call.inbound).map_err(|malformed| {
            tracing::info!(event = "webhook.unreadable", connection = %account.connection.id, why = malformed.0);
            Refusal::Unreadable
        })?;
        Ok((account, hints))
    }

    /// One per source object. Each is an arrival of its own, whose id begins with that of the call: it is the trace under
    /// which the log tells what became of it. What a sender calls its trace is not asked: anybody may write anything there.
    fn messages(&self, account: &Account, call: &EventId, hints: Vec<SourceHint>) -> Result<Vec<Outgoing>, Refusal> {
        let at = self.clock.now();
        let source = &account.connection.id;
        let messages = hints.into_iter().enumerate().map(|(n, hint)| Outgoing {
            message: Message::SourceEventV1(SourceEvent {
                event: if n == 0 { call.clone() } else { EventId::new(format!("{call}-{n}")) },
                tenant: account.connection.tenant.clone(),
                source: source.clone(),
                hint,
                cause: Cause::Webhook,
                target: None,
                at,
            }),
            group: source.clone(),
            delay: account.event_delay.min(QUEUE_DELAY_MAX),
        });
        let messages: Vec<Outgoing> = messages.collect();
        if messages.iter().all(|outgoing| fits(&outgoing.message)) { Ok(messages) } else { Err(Refusal::Unreadable) }
    }
}

/// A call as it came in.
struct Call<'a> {
    address: &'a Address,
    inbound: Inbound<'a>,
}

fn is_authentic(connector: &dyn Hears, webhook: &dyn Webhook, account: &Account, call: &Call<'_>) -> bool {
    let by_token = connector.spec().webhook.is_some_and(|spec| spec.scheme == WebhookScheme::UrlToken);
    if !by_token {
        return webhook.verify(account, &call.inbound).is_ok();
    }
    let Some(token) = &call.address.url_token else { return false };
    let hash = HEXLOWER.encode(ring::digest::digest(&ring::digest::SHA256, token.as_bytes()).as_ref());
    let mut authentic = Choice::from(0);
    for expected in account.accepted_tokens(call.inbound.now) {
        authentic |= hash.as_bytes().ct_eq(expected.as_bytes());
    }
    authentic.into()
}

fn fits(message: &Message) -> bool {
    serde_json::to_vec(message).is_ok_and(|bytes| bytes.len() <= MESSAGE_BYTES_MAX)
}

fn unavailable(error: &PortError) -> Refusal {
    tracing::error!(event = "webhook.unavailable", %error);
    Refusal::Unavailable
}

/// A log line may name a connection, but not whatever a stranger wrote into the path.
fn known_form(text: &str) -> &str {
    if ConnectionId::parse(text).is_ok() { text } else { "?" }
}
