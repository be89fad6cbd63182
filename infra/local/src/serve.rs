//! The real thing on one machine: every part in one process, on one durable file.

use crate::bell::StoreBell;
use crate::cli::ServeArgs;
use crate::host::{self, Hosts};
use crate::{listen, mail, settings};
use async_trait::async_trait;
use axum::Router;
use axum::middleware::from_fn_with_state;
use connectors::{Clock, Entropy, Registry};
use console::{Access, ConsoleState, OneToken, Timer};
use domain::{AccessRole, Role, TenantId};
use export_flow::notices::TellingWays;
use export_flow::{Flow, Parts};
use http_sender::HttpSender;
use jiff::SignedDuration;
use kit::{SystemClock, SystemEntropy};
use secrecy::SecretString;
use sqlite::{OpenError, SealedKeys, SqliteStore};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use worker::{Limits, Sweep, Worker};

/// Work in flight in one process. The sender keeps each connection to four calls at once; more than that in flight, and
/// several times as much in all as one line may have, keep slow targets from holding up the others.
const LIMITS: Limits = Limits { in_flight: 128, per_group: 32 };

/// Why the program cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServeError {
    /// The data directory.
    #[error("{}: {}: {}. {}", .1.code(), .0.display(), .1, .1.code().next_step())]
    Store(std::path::PathBuf, OpenError),
    /// Token or key file.
    #[error(transparent)]
    Settings(#[from] settings::SettingsError),
    /// The environment.
    #[error(transparent)]
    Environment(#[from] kit::Unreadable),
    /// The mail server.
    #[error(transparent)]
    Mail(#[from] mail::MailError),
    /// The key.
    #[error(transparent)]
    Key(#[from] sqlite::KeyError),
    /// An address.
    #[error(transparent)]
    Listen(#[from] listen::ListenError),
    /// The store, after it was opened.
    #[error("the store cannot be used: {0}")]
    Port(#[from] export_flow::ports::PortError),
}

/// Everything at work.
pub(crate) struct Serving {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// Where webhooks are taken besides.
    pub(crate) webhook_address: Option<SocketAddr>,
    /// The API's token.
    pub(crate) token: SecretString,
    console: ConsoleState,
    end: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

struct TokioTimer;

#[async_trait]
impl Timer for TokioTimer {
    async fn sleep(&self, time: SignedDuration) {
        tokio::time::sleep(Duration::try_from(time).unwrap_or(Duration::ZERO)).await;
    }
}

/// Opens, takes over and starts everything. It works when this returns.
pub(crate) async fn start(args: &ServeArgs) -> Result<Serving, ServeError> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let keys = keys(args)?;
    let ways = ways(args)?;
    let store = SqliteStore::open(&args.data, Arc::clone(&clock))
        .map_err(|error| ServeError::Store(args.data.clone(), error))?;
    let store = Arc::new(store);
    let token = settings::api_token(&args.data, kit::read_env("BACKHAUL_API_TOKEN")?)?;
    let viewer = settings::viewer_token(kit::read_env("BACKHAUL_VIEWER_TOKEN")?, &token)?;
    let taken = store.take_over(clock.now()).await?;
    tracing::info!(event = "serve.taken_over", exports = taken.exports, messages = taken.messages);
    let listener = listen::bind(args.listen).await?;
    let address = listener.local_addr().unwrap_or(args.listen);
    let flow = Flow::new(parts(args, &store, keys, &clock), args.times())
        .telling(ways)
        .reached_at(bases(args, address))
        .counting_refusals();
    let flow = Arc::new(flow);
    let webhooks = match args.webhook_listen {
        Some(at) => Some(listen::bind(at).await?),
        None => None,
    };
    let console =
        console(args, address, Arc::clone(&flow), OneToken::new(token.clone(), TenantId::local()).with_viewer(viewer));
    let (end, ended) = watch::channel(false);
    let mut tasks = JoinSet::new();
    let webhook_address = webhooks.as_ref().and_then(|listener| listener.local_addr().ok());
    if let Some(listener) = webhooks {
        let health = console::health_router(console.clone());
        tasks.spawn(listen::serve(listener, inbox::router(inbox::Parts::of(&flow)).merge(health), ended.clone()));
    }
    let hosts = Arc::new(Hosts::new(address, args.public_url.as_deref()));
    let router: Router = inbox::router(inbox::Parts::of(&flow)).merge(console::router(console.clone()));
    tasks.spawn(listen::serve(listener, router.layer(from_fn_with_state(hosts, host::check)), ended.clone()));
    work(&mut tasks, flow, store, clock, args.sweep_every, &ended);
    Ok(Serving { address, webhook_address, token, console, end, tasks })
}

fn keys(args: &ServeArgs) -> Result<SealedKeys, ServeError> {
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    Ok(match kit::read_env("BACKHAUL_KEY")? {
        Some(text) => SealedKeys::from_text(&text.into(), entropy)?,
        None => SealedKeys::from_file(&settings::key_file(args.key_file.as_deref(), &args.data)?, entropy)?,
    })
}

fn ways(args: &ServeArgs) -> Result<TellingWays, ServeError> {
    let url = match &args.smtp_url {
        Some(url) => Some(url.clone()),
        None => kit::read_env("BACKHAUL_SMTP_URL")?.map(SecretString::from),
    };
    let from = match &args.smtp_from {
        Some(from) => Some(from.clone()),
        None => kit::read_env("BACKHAUL_SMTP_FROM")?,
    };
    Ok(mail::ways(url, from)?)
}

/// Where vendors reach us: what a person said, or this machine itself where vendors may be on it.
fn bases(args: &ServeArgs, address: SocketAddr) -> BTreeMap<Role, String> {
    let base = args.public_url.clone().or_else(|| args.allow_private_targets.then(|| local_url(address)));
    base.into_iter()
        .flat_map(|base| [Role::Accounting, Role::Courier, Role::Channel].map(|role| (role, base.clone())))
        .collect()
}

fn parts(args: &ServeArgs, store: &Arc<SqliteStore>, keys: SealedKeys, clock: &Arc<dyn Clock>) -> Parts {
    let options =
        http_sender::Options { allow_private_targets: args.allow_private_targets, ..http_sender::Options::default() };
    Parts {
        ledger: Arc::<SqliteStore>::clone(store),
        queue: Arc::<SqliteStore>::clone(store),
        keys: Arc::new(keys),
        http: Arc::new(HttpSender::new(options, Arc::clone(clock))),
        clock: Arc::clone(clock),
        entropy: Arc::new(SystemEntropy),
        registry: Registry::standard(),
    }
}

fn console(args: &ServeArgs, address: SocketAddr, flow: Arc<Flow>, tokens: OneToken) -> ConsoleState {
    let options = console::Options {
        public_url: args.public_url.clone(),
        local_url: local_url(address),
        allow_private_targets: args.allow_private_targets,
        ..console::Options::default()
    };
    ConsoleState::new(flow, Access::Local(tokens), options, Arc::new(TokioTimer))
}

fn work(
    tasks: &mut JoinSet<()>,
    flow: Arc<Flow>,
    store: Arc<SqliteStore>,
    clock: Arc<dyn Clock>,
    sweep_every: Duration,
    ended: &watch::Receiver<bool>,
) {
    let (until, sweep_flow) = (ended.clone(), Arc::clone(&flow));
    tasks.spawn(async move {
        Worker::new(flow, LIMITS).run_forever(&StoreBell { store, clock }, over(until)).await;
    });
    let until = ended.clone();
    tasks.spawn(async move { Sweep::new(sweep_flow).run_forever(sweep_every, over(until)).await });
}

/// Ends when `ended` turns true, or nobody can turn it any more.
async fn over(mut ended: watch::Receiver<bool>) {
    if ended.wait_for(|ended| *ended).await.is_err() {
        tracing::debug!(event = "serve.abandoned");
    }
}

/// An address that a person can open: every-address listeners are reached through this machine's own name.
pub(crate) fn local_url(address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        format!("http://localhost:{}", address.port())
    } else {
        format!("http://{address}")
    }
}

impl Serving {
    /// The console's address.
    pub(crate) fn url(&self) -> String {
        local_url(self.address)
    }

    /// A link that opens the pages, once.
    pub(crate) fn login_link(&self) -> String {
        console::pages::new_link(&self.console, &TenantId::local(), AccessRole::Operator)
    }

    /// Ends when a part has ended although nobody asked it to.
    pub(crate) async fn broken(&mut self) {
        if let Some(Err(error)) = self.tasks.join_next().await {
            tracing::error!(event = "serve.part_failed", %error);
        }
    }

    /// Ends everything in order: no new calls, what is in flight gets a few seconds, the rest stays in the queue.
    pub(crate) async fn stop(mut self) {
        self.end.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_for_people_can_be_opened() {
        assert_eq!(local_url("127.0.0.1:8080".parse().unwrap()), "http://127.0.0.1:8080");
        assert_eq!(local_url("0.0.0.0:8080".parse().unwrap()), "http://localhost:8080");
        assert_eq!(local_url("[::]:80".parse().unwrap()), "http://localhost:80");
    }
}
