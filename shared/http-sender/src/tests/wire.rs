use super::vendor::{Reply, Vendor, answer};
use super::{MadeUp, RuntimeClock, lane, names};
use crate::{HttpSender, Limits, Options};
use connectors::{Answer, Hosts, Http, HttpError, NotConnected, Pace, Request};
use http::Method;
use http::header::{AUTHORIZATION, USER_AGENT};
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tracing_subscriber::fmt::MakeWriter;
use url::Url;

fn sender_with(allow_private_targets: bool, limits: Limits, names: Arc<MadeUp>) -> HttpSender {
    let options = Options { allow_private_targets, user_agent: None, limits };
    let roots = Arc::new(rustls::RootCertStore::empty());
    HttpSender::with(options, Arc::new(RuntimeClock::default()), names, roots)
}

fn sender() -> HttpSender {
    sender_with(true, Limits::default(), names(&[&["127.0.0.1"]]))
}

async fn call(
    sender: &HttpSender,
    url: &str,
    request: impl FnOnce(Request) -> Request,
    writing: bool,
) -> Result<Answer, HttpError> {
    let url = Url::parse(url).unwrap();
    let mut lane = lane("shop", None);
    lane.hosts = Hosts::BaseUrl(url[..url::Position::BeforePath].to_owned());
    sender.call(&lane, request(Request::get(url)), writing).await
}

pub(super) async fn get(sender: &HttpSender, url: &str) -> Result<Answer, HttpError> {
    call(sender, url, |request| request, false).await
}

pub(super) fn why(result: Result<Answer, HttpError>) -> NotConnected {
    match result {
        Err(HttpError::NotConnected(why, _)) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_answer_comes_back_whole_and_the_request_arrives_as_given() {
    let vendor = Vendor::start(|_| Reply::Say(answer("201 Created", "x-made: yes\r\n", "{\"id\":1}"))).await;
    let request = |r: Request| {
        let mut r = r.secret_header(AUTHORIZATION, "Bearer t0ken").json(&serde_json::json!({"a": 1}));
        r.method = Method::POST;
        r
    };
    let answer = call(&sender(), &format!("{}/v1/things?q=1", vendor.base("127.0.0.1")), request, true).await.unwrap();
    assert_eq!((answer.status, &answer.body[..]), (201, &b"{\"id\":1}"[..]));
    assert_eq!(answer.headers["x-made"], "yes");
    let sent = vendor.requests().remove(0);
    assert!(sent.starts_with("POST /v1/things?q=1 HTTP/1.1\r\n"), "{sent}");
    for line in ["authorization: Bearer t0ken\r\n", "content-type: application/json\r\n", "user-agent: Backhaul/"] {
        assert!(sent.contains(line), "{line} in {sent}");
    }
    assert!(!sent.contains("accept-encoding"), "nothing is decompressed: {sent}");
    assert!(sent.ends_with("{\"a\":1}"), "{sent}");
}

#[tokio::test]
async fn a_connector_may_name_itself() {
    let vendor = Vendor::start(|_| Reply::Say(answer("200 OK", "", ""))).await;
    call(&sender(), &vendor.base("127.0.0.1"), |r| r.header(USER_AGENT, "Shop (me@shop.example)"), false)
        .await
        .unwrap();
    let sent = vendor.requests().remove(0);
    assert!(sent.contains("user-agent: Shop (me@shop.example)\r\n") && !sent.contains("Backhaul/"), "{sent}");
}

#[tokio::test]
async fn one_connection_serves_many_calls() {
    let vendor = Vendor::start(|_| Reply::Say(answer("200 OK", "", "ok"))).await;
    let sender = sender();
    for _ in 0..5 {
        get(&sender, &vendor.base("127.0.0.1")).await.unwrap();
    }
    assert_eq!((vendor.requests().len(), vendor.connections()), (5, 1));
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let elsewhere = Vendor::start(|_| Reply::Say(answer("200 OK", "", ""))).await;
    let location = format!("location: {}/login\r\n", elsewhere.base("127.0.0.1"));
    let vendor = Vendor::start(move |_| Reply::Say(answer("302 Found", &location, ""))).await;
    assert_eq!(get(&sender(), &vendor.base("127.0.0.1")).await.unwrap().status, 302);
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn nobody_listening_is_no_connection() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(why(get(&sender(), &format!("http://{free}/")).await), NotConnected::Tcp);
    assert_eq!(why(get(&sender(), &format!("https://{free}/")).await), NotConnected::Tcp);
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_no_connection() {
    let sender = sender_with(true, Limits::default(), names(&[]));
    assert_eq!(why(get(&sender, "http://shop.example/").await), NotConnected::Dns);
}

#[tokio::test]
async fn a_peer_that_speaks_no_tls_is_no_connection() {
    let answers = TlsLess::start("HTTP/1.1 400 Bad Request\r\n\r\n").await;
    assert_eq!(why(get(&sender(), &format!("https://127.0.0.1:{}/", answers.port())).await), NotConnected::Tls);
    let hangs_up = TlsLess::start("").await;
    assert_eq!(why(get(&sender(), &format!("https://127.0.0.1:{}/", hangs_up.port())).await), NotConnected::Tls);
}

/// Answers the first bytes with its own and closes.
struct TlsLess(std::net::SocketAddr);

impl TlsLess {
    async fn start(says: &'static str) -> Self {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut hello = [0; 4096];
                let read = stream.read(&mut hello).await.unwrap_or(0);
                assert!(read > 0, "the client says hello first");
                stream.write_all(says.as_bytes()).await.ok();
            }
        });
        Self(address)
    }

    fn port(&self) -> u16 {
        self.0.port()
    }
}

#[tokio::test]
async fn a_connection_dropped_before_the_answer_is_broken_and_nothing_is_sent_twice() {
    let vendor = Vendor::start(|_| Reply::SayAndClose(String::new())).await;
    let post = |mut r: Request| {
        r.method = Method::POST;
        r.json(&1)
    };
    for writing in [true, false] {
        let result = call(&sender(), &vendor.base("127.0.0.1"), post, writing).await;
        assert!(matches!(result, Err(HttpError::Broken(_))), "{result:?}");
    }
    assert_eq!(vendor.requests().len(), 2);
}

#[tokio::test]
async fn a_reused_connection_that_dies_under_the_call_is_broken_too() {
    let calls = AtomicUsize::new(0);
    let vendor = Vendor::start(move |_| match calls.fetch_add(1, Ordering::SeqCst) {
        0 => Reply::Say(answer("200 OK", "", "")),
        _ => Reply::SayAndClose(String::new()),
    })
    .await;
    let sender = sender();
    get(&sender, &vendor.base("127.0.0.1")).await.unwrap();
    let result = call(&sender, &vendor.base("127.0.0.1"), |r| r.json(&1), true).await;
    assert!(matches!(result, Err(HttpError::Broken(_))), "{result:?}");
    assert_eq!((vendor.requests().len(), vendor.connections()), (2, 1));
}

#[tokio::test]
async fn half_an_answer_is_broken() {
    let vendor =
        Vendor::start(|_| Reply::SayAndClose("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf".into())).await;
    let result = get(&sender(), &vendor.base("127.0.0.1")).await;
    assert!(matches!(result, Err(HttpError::Broken(_))), "{result:?}");
}

#[tokio::test]
async fn reading_and_writing_calls_have_their_own_time_and_let_go_of_the_connection() {
    for writing in [false, true] {
        let vendor = Vendor::start(|_| Reply::Hang).await;
        let (quick, never) = (Duration::from_millis(50), Duration::from_secs(3600));
        let (reading, writing_time) = if writing { (never, quick) } else { (quick, never) };
        let limits = Limits { reading, writing: writing_time, ..Limits::default() };
        let sender = sender_with(true, limits, names(&[]));
        let base = vendor.base("127.0.0.1");
        let result = tokio::time::timeout(Duration::from_secs(20), call(&sender, &base, |r| r, writing)).await;
        assert_eq!(result.expect("the other kind's time was used").unwrap_err(), HttpError::TimedOut);
        vendor.seen.closed.notified().await;
    }
}

#[tokio::test]
async fn an_answer_that_stalls_half_way_runs_out_of_time() {
    let vendor = Vendor::start(|_| Reply::Say("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf".into())).await;
    let limits = Limits { reading: Duration::from_millis(50), ..Limits::default() };
    let result = get(&sender_with(true, limits, names(&[])), &vendor.base("127.0.0.1")).await;
    assert_eq!(result.unwrap_err(), HttpError::TimedOut);
}

#[tokio::test]
async fn a_handshake_that_stalls_is_no_connection() {
    let vendor = Vendor::start(|_| Reply::Hang).await;
    let limits = Limits { connect: Duration::from_millis(50), ..Limits::default() };
    let url = format!("https://127.0.0.1:{}/", vendor.address.port());
    assert_eq!(why(get(&sender_with(true, limits, names(&[])), &url).await), NotConnected::Tcp);
}

#[tokio::test]
async fn an_answer_over_the_cap_is_refused_announced_or_not() {
    let body = "x".repeat(1000);
    let announced = answer("200 OK", "", &body);
    let chunked = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3e8\r\n{body}\r\n0\r\n\r\n");
    for said in [announced, chunked] {
        let vendor = Vendor::start(move |_| Reply::Say(said.clone())).await;
        let at_most = |bytes: usize| {
            move |mut r: Request| {
                r.answer_bytes_max = Some(bytes);
                r
            }
        };
        let url = vendor.base("127.0.0.1");
        assert_eq!(call(&sender(), &url, at_most(1000), false).await.unwrap().body.len(), 1000);
        let result = call(&sender(), &url, at_most(999), false).await;
        assert_eq!(result.unwrap_err(), HttpError::AnswerTooLarge { limit: 999 });
        let small = Limits { answer_bytes: 500, answer_bytes_hard: 700, ..Limits::default() };
        let small = sender_with(true, small, names(&[]));
        assert_eq!(get(&small, &url).await.unwrap_err(), HttpError::AnswerTooLarge { limit: 500 });
        let result = call(&small, &url, at_most(1000), false).await;
        assert_eq!(result.unwrap_err(), HttpError::AnswerTooLarge { limit: 700 });
    }
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused_at_the_moment_of_connecting() {
    let vendor = Vendor::start(|_| Reply::Say(answer("200 OK", "", ""))).await;
    let inside: &[&str] = &["127.0.0.1", "10.0.0.1", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"];
    let closed = sender_with(false, Limits::default(), names(&[inside]));
    assert_eq!(why(get(&closed, &vendor.base("shop.example")).await), NotConnected::AddressRefused);
    assert_eq!(why(get(&closed, &vendor.base("127.0.0.1")).await), NotConnected::AddressRefused);
    assert_eq!(vendor.connections(), 0);
    let open = sender_with(true, Limits::default(), names(&[&["127.0.0.1"]]));
    assert_eq!(get(&open, &vendor.base("shop.example")).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_host_that_is_not_the_connections_own_is_never_looked_up() {
    let names = names(&[&["127.0.0.1"]]);
    let sender = sender_with(true, Limits::default(), Arc::clone(&names));
    let request = Request::get(Url::parse("http://evil.example/").unwrap());
    assert_eq!(why(sender.call(&lane("shop", None), request, false).await), NotConnected::HostRefused);
    assert_eq!(names.asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_throttled_connection_is_left_alone_until_the_time_the_vendor_told() {
    let vendor = Vendor::start(|_| Reply::Say(answer("429 Too Many Requests", "retry-after: 30\r\n", ""))).await;
    let sender = sender();
    assert_eq!(get(&sender, &vendor.base("127.0.0.1")).await.unwrap().status, 429);
    let result = get(&sender, &vendor.base("127.0.0.1")).await;
    let Err(HttpError::Paced { until }) = result else { panic!("{result:?}") };
    let seconds = until.duration_since(RuntimeClock::START).as_secs();
    assert!((30..90).contains(&seconds), "{seconds}");
    assert_eq!(vendor.requests().len(), 1);
}

#[tokio::test]
async fn a_connection_whose_calls_take_long_has_one_at_once() {
    let hangs = |request: &str| {
        if request.starts_with("GET /hang") { Reply::Hang } else { Reply::Say(answer("200 OK", "", "")) }
    };
    let vendor = Vendor::start(hangs).await;
    let limits = Limits { slow_call: Duration::ZERO, turn_wait: Duration::from_millis(200), ..Limits::default() };
    let sender = sender_with(true, limits, names(&[&["127.0.0.1"]]));
    let base = vendor.base("127.0.0.1");
    for _ in 0..5 {
        assert!(get(&sender, &base).await.is_ok());
    }
    let hang = format!("{base}/hang");
    let (first, second) = (get(&sender, &hang), get(&sender, &base));
    tokio::select! {
        biased;
        first = first => panic!("{first:?}"),
        second = second => assert!(matches!(second, Err(HttpError::Paced { .. })), "{second:?}"),
    }
}

#[tokio::test]
async fn what_a_connector_read_in_a_body_closes_its_connection_alone() {
    let vendor = Vendor::start(|_| Reply::Say(answer("200 OK", "", "{}"))).await;
    let (sender, base) = (sender(), vendor.base("127.0.0.1"));
    assert!(get(&sender, &base).await.is_ok());
    let until = RuntimeClock::START + jiff::SignedDuration::from_secs(600);
    sender.close(&lane("shop", None), until).await;
    assert_eq!(get(&sender, &base).await.unwrap_err(), HttpError::Paced { until });
    let mut other = lane("other", None);
    other.hosts = Hosts::BaseUrl(base.clone());
    assert!(sender.call(&other, Request::get(Url::parse(&base).unwrap()), false).await.is_ok());
    assert_eq!(vendor.requests().len(), 2);
}

#[tokio::test]
async fn what_a_vendor_told_one_process_another_hears_before_it_calls() {
    let vendor = Vendor::start(|_| Reply::Say(answer("429 Too Many Requests", "retry-after: 30\r\n", ""))).await;
    let slices = Arc::new(testkit::MemorySlices::default());
    let mut lane = lane("shop", Some(Pace { calls: 60, seconds: 60 }));
    lane.hosts = Hosts::BaseUrl(vendor.base("127.0.0.1"));
    let request = || Request::get(Url::parse(&vendor.base("127.0.0.1")).unwrap());
    let (one, other) = (sender().sharing(slices.clone()), sender().sharing(slices));
    assert_eq!(one.call(&lane, request(), true).await.unwrap().status, 429);
    let result = other.call(&lane, request(), true).await;
    assert!(matches!(result, Err(HttpError::Paced { .. })), "{result:?}");
    assert_eq!(vendor.requests().len(), 1);
}

#[tokio::test]
async fn the_declared_pace_holds_on_the_wire() {
    let vendor = Vendor::start(|_| Reply::Say(answer("200 OK", "", ""))).await;
    let sender = sender();
    let mut lane = lane("shop", Some(Pace { calls: 1, seconds: 3600 }));
    lane.hosts = Hosts::BaseUrl(vendor.base("127.0.0.1"));
    let request = || Request::get(Url::parse(&vendor.base("127.0.0.1")).unwrap());
    assert!(sender.call(&lane, request(), false).await.is_ok());
    let result = sender.call(&lane, request(), true).await;
    assert!(matches!(result, Err(HttpError::Paced { .. })), "{result:?}");
    assert_eq!(vendor.requests().len(), 1);
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn neither_log_nor_error_tells_a_secret() {
    let lines = Lines::default();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(lines.clone()).finish();
    let _logged = tracing::subscriber::set_default(subscriber);
    let vendor = Vendor::start(|sent| match sent.contains("/broken") {
        true => Reply::SayAndClose(String::new()),
        false => Reply::Say(answer("200 OK", "x-token: s3cret\r\n", "s3cret")),
    })
    .await;
    let request = |r: Request| r.secret_header(AUTHORIZATION, "Bearer s3cret").body("text/plain", "s3cret");
    let (sender, base) = (sender(), vendor.base("127.0.0.1"));
    call(&sender, &format!("{base}/orders/jana%40s3cret.example?key=s3cret"), request, true).await.unwrap();
    let broken = call(&sender, &format!("{base}/broken/12?key=s3cret"), request, true).await.unwrap_err();
    let nobody = get(&sender, "http://127.0.0.1:1/12?key=s3cret").await.unwrap_err();
    let logged = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    for text in [format!("{broken:?}"), format!("{nobody:?}"), logged.clone()] {
        assert!(!text.contains("s3cret") && !text.contains("jana"), "{text}");
    }
    assert!(logged.contains("http.called") && logged.contains("/orders/{}") && logged.contains("200"), "{logged}");
    assert!(logged.contains("no_connection") && logged.contains("broken"), "{logged}");
}
