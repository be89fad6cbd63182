//! The listener, and the way of one call: count, fault, authenticate, perform, on disk, answer.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::doors::Doors;
use crate::faults::{Kind, Plan, When};
use crate::http::{Answer, Call};
use crate::store::{Change, Late, Store};
use crate::world::{Reply, Tx, World, vendor_of};
use crate::{Error, Options, clock, control, zip};

/// Largest body taken, bytes.
const BODY_LIMIT: usize = 64 << 20;

/// The connection is closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("closed without an answer, as asked")]
pub(crate) struct Gone;

/// The running program.
pub(crate) struct App {
    world: Mutex<World>,
    pub(crate) store: Store,
    /// Rises whenever something was counted.
    ticks: watch::Sender<u64>,
    address: SocketAddr,
    doors: Doors,
}

/// The practice vendors at work.
pub struct Running {
    /// Address they listen on.
    pub address: SocketAddr,
    app: Arc<App>,
    end: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Running {
    /// Serves until the process ends.
    ///
    /// # Errors
    /// When the server's task ended badly.
    pub async fn wait(self) -> Result<(), Error> {
        let ended = self.task.await;
        self.app.store.close();
        ended.map_err(|error| Error::Server(error.to_string()))
    }

    /// Closes the listener and every connection, and ends once everything is on disk.
    pub async fn stop(self) {
        self.end.send_replace(true);
        self.app.doors.shut().await;
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the practice vendors ended badly");
        }
        self.app.store.close();
    }
}

/// Binds, opens the durable file, applies what was left for later, and serves.
///
/// # Errors
/// When the address or the data directory cannot be used, or the durable file cannot be read.
pub async fn start(options: Options) -> Result<Running, Error> {
    let listen = |source| Error::Listen { address: options.listen, source };
    let listener = TcpListener::bind(options.listen).await.map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let (store, loaded) = Store::open(&options.data, clock::random_hex(32))?;
    let world = World::new(&loaded)?;
    let (ticks, _) = watch::channel(0);
    let app = Arc::new(App { world: Mutex::new(world), store, ticks, address, doors: Doors::default() });
    for late in loaded.late {
        apply_when_due(&app, late);
    }
    let (end, ended) = watch::channel(false);
    let task = tokio::spawn(accept(listener, Arc::clone(&app), ended));
    Ok(Running { address, app, end, task })
}

/// Boxed, since a call that it serves may open another listener.
pub(crate) fn accept(listener: TcpListener, app: Arc<App>, ended: watch::Receiver<bool>) -> BoxFuture<'static, ()> {
    Box::pin(take_connections(listener, app, ended))
}

async fn take_connections(listener: TcpListener, app: Arc<App>, mut ended: watch::Receiver<bool>) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = ended.wait_for(|ended| *ended) => return,
        };
        match accepted {
            Ok((stream, _)) => {
                tokio::spawn(serve(stream, Arc::clone(&app), ended.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "could not accept a connection");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, app: Arc<App>, mut ended: watch::Receiver<bool>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no nodelay");
    }
    let service = service_fn(move |request| answer(Arc::clone(&app), request));
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        result = connection => if let Err(error) = result { tracing::debug!(%error, "connection ended") },
        _ = ended.wait_for(|ended| *ended) => {}
    }
}

async fn answer(app: Arc<App>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Gone> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, BODY_LIMIT).collect().await else {
        return Ok(respond(Answer::empty(413)));
    };
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
    let first = target.split(['/', '?']).nth(1).unwrap_or("").to_owned();
    let prefix = format!("/{first}");
    let mut call = Call::new(head.method.as_str(), &prefix, &target, head.headers, body.to_bytes());
    let answer = if first == "_sandbox" {
        control::answer(&app, &call).await
    } else if vendor_of(&first).is_some() {
        call.read_parts().await;
        let answer = app.vendor_call(first, call).await?;
        if answer.status == 0 {
            return Err(Gone);
        }
        answer
    } else {
        Answer::json(404, &json!({"message": "no practice vendor has this path; see GET /_sandbox"}))
    };
    Ok(respond(answer))
}

fn respond(answer: Answer) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (name.parse::<http::HeaderName>(), value.parse()) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

fn seconds(plan: &Plan, default: f64) -> Duration {
    Duration::from_secs_f64(plan.seconds.unwrap_or(default).clamp(0.0, 86_400.0))
}

/// Waits, but not longer than the fault lives.
async fn wait_or_release(plan: &Plan, time: Duration) {
    let mut gate = plan.gate.clone();
    tokio::select! {
        () = tokio::time::sleep(time) => {}
        _ = gate.wait_for(|open| *open) => {}
    }
}

fn apply_when_due(app: &Arc<App>, late: Late) {
    let app = Arc::clone(app);
    tokio::spawn(async move {
        let wait = u64::try_from(late.due - clock::now()).unwrap_or(0);
        tokio::time::sleep(Duration::from_millis(wait)).await;
        let Some(mut call) = Call::from_kept(&late.call) else {
            return;
        };
        call.read_parts().await;
        let answer = app.perform(&late.instance, &call, true, Some(late.id)).await;
        tracing::debug!(status = answer.status, "late effect applied");
    });
}

impl App {
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells whoever waits that something was counted.
    pub(crate) fn tick(&self) {
        self.ticks.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Opens or shuts a vendor's own door; answers its address.
    pub(crate) async fn door(self: &Arc<Self>, vendor: &str, open: bool) -> std::io::Result<SocketAddr> {
        self.doors.set(self, vendor, self.address, open).await
    }

    pub(crate) fn ticks(&self) -> watch::Receiver<u64> {
        self.ticks.subscribe()
    }

    /// Runs `work` on the world in one transaction and hands it to the writer; answers its number.
    pub(crate) fn apply<T>(&self, instance: &str, work: impl FnOnce(&mut World, &mut Tx) -> T) -> (T, u64) {
        let mut world = self.world();
        let mut tx = Tx::new(instance, clock::now());
        let result = work(&mut world, &mut tx);
        let (number, changes) = world.commit(tx);
        // Sent under the lock, so that the file sees changes in the order in which they were made.
        if !changes.is_empty() {
            self.store.submit(number, changes);
        }
        (result, number)
    }

    /// Waits until a transaction is on disk; `false` when the disk failed.
    pub(crate) async fn settled(&self, number: u64) -> bool {
        let on_disk = self.store.durable(number).await;
        self.tick();
        on_disk
    }

    async fn vendor_call(self: &Arc<Self>, instance: String, call: Call) -> Result<Answer, Gone> {
        let plan = {
            let mut world = self.world();
            let route = world.count_call(&instance, &call).unwrap_or("unknown");
            let query = if call.raw_query.is_empty() { String::new() } else { format!("?{}", call.raw_query) };
            let text = format!("{} {}{query} {route}", call.method, call.path);
            world.faults.take(&instance, &text)
        };
        self.tick();
        match plan {
            None => Ok(self.perform(&instance, &call, false, None).await),
            Some(plan) => self.misbehave(instance, call, plan).await,
        }
    }

    async fn misbehave(self: &Arc<Self>, instance: String, call: Call, plan: Plan) -> Result<Answer, Gone> {
        match plan.kind {
            Kind::Answer => Ok(plan.answer(500)),
            Kind::AnswerAfter => {
                self.perform(&instance, &call, false, None).await;
                Ok(plan.answer(500))
            }
            Kind::DropBefore => Err(Gone),
            Kind::DropAfter => {
                self.perform(&instance, &call, false, None).await;
                Err(Gone)
            }
            Kind::RateLimit => {
                let answer = plan.answer(429);
                Ok(match plan.seconds {
                    Some(seconds) => answer.with("retry-after", format!("{seconds:.0}")),
                    None => answer,
                })
            }
            Kind::Down if plan.status.is_some() => Ok(plan.answer(503)),
            Kind::Down => {
                wait_or_release(&plan, seconds(&plan, 0.0)).await;
                Err(Gone)
            }
            Kind::LateEffect => self.later(&instance, &call, &plan).await,
            Kind::Delay | Kind::Pause => self.held(instance, call, plan).await,
        }
    }

    /// The effect must not depend on the client still waiting, hence a task of its own.
    async fn held(self: &Arc<Self>, instance: String, call: Call, plan: Plan) -> Result<Answer, Gone> {
        let app = Arc::clone(self);
        let task = tokio::spawn(async move {
            if plan.when == When::Before {
                app.hold(&plan).await;
            }
            let answer = app.perform(&instance, &call, false, None).await;
            if plan.when == When::After {
                app.hold(&plan).await;
            }
            answer
        });
        task.await.map_err(|_| Gone)
    }

    async fn hold(&self, plan: &Plan) {
        if plan.kind == Kind::Delay {
            wait_or_release(plan, seconds(plan, 1.0)).await;
            return;
        }
        self.world().paused += 1;
        self.tick();
        let mut gate = plan.gate.clone();
        // A closed gate means that the fault is gone: the call goes on as well.
        let released = gate.wait_for(|open| *open).await.is_ok();
        tracing::debug!(released, "a paused call goes on");
        self.world().paused -= 1;
        self.tick();
    }

    async fn later(self: &Arc<Self>, instance: &str, call: &Call, plan: &Plan) -> Result<Answer, Gone> {
        let wait = i64::try_from(seconds(plan, 1.0).as_millis()).unwrap_or(1000);
        let late = Late {
            id: clock::random_hex(8),
            due: clock::now() + wait,
            instance: instance.to_owned(),
            call: call.keep(),
        };
        let (refusal, number) = self.apply(instance, |world, tx| {
            let practice = world.vendor(instance)?.practice();
            let routes = practice.routes();
            let found = crate::http::find(routes, &call.method, &call.path);
            let route = if let crate::http::Found::Route(name, _) = found { Some(name) } else { None };
            let refusal = practice.authenticate(route, call, tx.now).err();
            if refusal.is_none() {
                tx.change(Change::Late(late.clone()));
            }
            refusal
        });
        self.settled(number).await;
        if let Some(refusal) = refusal {
            return Ok(refusal);
        }
        apply_when_due(self, late);
        Err(Gone)
    }

    /// Performs a call; `late` names the stored call that this is, which ends with it.
    async fn perform(&self, instance: &str, call: &Call, checked: bool, late: Option<String>) -> Answer {
        let (reply, number) = self.apply(instance, |world, tx| {
            if let Some(id) = late {
                tx.change(Change::LateDone(id));
            }
            world.perform(instance, call, checked, tx)
        });
        let on_disk = self.settled(number).await;
        match reply {
            Some(reply) if on_disk => self.attach(instance, reply),
            _ => Answer::json(500, &json!({"message": "the practice vendor could not write its file"})),
        }
    }

    fn attach(&self, instance: &str, reply: Reply) -> Answer {
        let Reply { mut answer, files } = reply;
        let read = |id: &str| self.store.blob(instance, id).unwrap_or_default();
        match files.as_slice() {
            [] => {}
            [(_, id)] => answer.body = read(id),
            several => {
                let entries: Vec<(String, Bytes)> = several.iter().map(|(name, id)| (name.clone(), read(id))).collect();
                answer.body = Bytes::from(zip::archive(&entries));
            }
        }
        answer
    }
}
