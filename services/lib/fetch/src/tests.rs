//! Against servers on this machine, whose names a test resolves as it likes.

use std::{
    collections::VecDeque,
    io,
    net::IpAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use http::{HeaderMap, HeaderValue};
use reqwest::ResponseBuilderExt as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    task::JoinHandle,
};

use super::*;

const BOUNDS: Bounds = Bounds {
    connect: Duration::from_secs(5),
    idle: Duration::from_secs(20),
    whole: Duration::from_secs(20),
    at_once: 8,
    per_host: 2,
};

/// A server that writes down what it is asked, and answers by path; with nothing it keeps whoever asks waiting.
struct Server {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
    serving: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Server {
    async fn start(on: &str, answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(on).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (noted, answer) = (asked.clone(), Arc::new(answer));
        let serving = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (noted, answer) = (noted.clone(), answer.clone());
                tokio::spawn(async move {
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        let Ok(byte) = stream.read_u8().await else { return };
                        head.push(byte);
                    }
                    let head = String::from_utf8(head).unwrap();
                    let path = head.split(' ').nth(1).unwrap().to_owned();
                    noted.lock().unwrap().push(head);
                    match answer(&path) {
                        silence if silence.is_empty() => std::future::pending().await,
                        answer => drop(stream.write_all(answer.as_bytes()).await),
                    }
                });
            }
        });
        Self { port, asked, serving }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn ok(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: image/PNG; q=1\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn moved(to: &str) -> String {
    format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

/// Answers one after the other; the last one again and again.
#[derive(Debug)]
struct Names(Mutex<VecDeque<Vec<IpAddr>>>, AtomicUsize);

impl Names {
    fn of(answers: &[&[&str]]) -> Arc<Self> {
        let parsed = |addresses: &&[&str]| addresses.iter().map(|address| address.parse().unwrap()).collect();
        Arc::new(Self(Mutex::new(answers.iter().map(parsed).collect()), AtomicUsize::new(0)))
    }
}

#[async_trait]
impl Lookup for Names {
    async fn lookup(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        self.1.fetch_add(1, Ordering::Relaxed);
        let mut answers = self.0.lock().unwrap();
        Ok(if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() }.unwrap_or_default())
    }
}

/// Over plain http, to one address of this machine.
fn rules() -> Rules {
    Rules { allow: networks(&["127.0.0.1"]).unwrap(), plain_http: true }
}

fn fetcher(rules: Rules, names: Arc<Names>) -> Fetcher {
    drop(rustls::crypto::ring::default_provider().install_default());
    let lookup: Arc<dyn Lookup> = names;
    Fetcher::with_lookup(rules, BOUNDS, &lookup).unwrap()
}

async fn get(fetcher: &Fetcher, url: &str) -> Result<bytes::Bytes, FetchError> {
    fetcher.open(&Target { url, home: None, most: 100, json: None }).await?.all().await
}

#[tokio::test]
async fn a_file_is_fetched_from_where_it_may_be() {
    let server = Server::start("127.0.0.1:0", |_| ok("bytes")).await;
    let fetcher = fetcher(rules(), Names::of(&[&["127.0.0.1"]]));
    let url = format!("http://files.test:{}/a", server.port);
    let answer = fetcher.open(&Target { url: &url, home: None, most: 5, json: None }).await.unwrap();
    assert_eq!((answer.status(), answer.mime().as_deref(), answer.is_trusted()), (200, Some("image/png"), false));
    assert_eq!(answer.all().await.unwrap(), "bytes");
}

#[tokio::test]
async fn an_address_inside_is_refused_however_it_is_written() {
    let server = Server::start("127.0.0.1:0", |_| ok("secret")).await;
    let fetcher = fetcher(Rules { allow: Vec::new(), plain_http: true }, Names::of(&[&["127.0.0.1"]]));
    for host in [
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "2130706433",
        "0177.0.0.1",
        "127.0.0.1.",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "localhost",
        "files.test",
        "①27.0.0.1",
    ] {
        let url = format!("http://{host}:{}/", server.port);
        assert_eq!(get(&fetcher, &url).await, Err(FetchError::Address), "{host}");
    }
    for url in ["ftp://files.test/", "file:///etc/passwd", "http://", "no address", "http://a:b@127.0.0.1/"] {
        assert_eq!(get(&fetcher, url).await, Err(FetchError::Address), "{url}");
    }
    assert!(server.asked().is_empty(), "{:?}", server.asked());
}

#[tokio::test]
async fn plain_http_is_spoken_only_where_it_is_allowed() {
    let server = Server::start("127.0.0.1:0", |_| ok("bytes")).await;
    let fetcher = fetcher(Rules { plain_http: false, ..rules() }, Names::of(&[&["127.0.0.1"]]));
    let url = format!("http://files.test:{}/", server.port);
    assert_eq!(get(&fetcher, &url).await, Err(FetchError::Address));
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_name_that_points_elsewhere_a_moment_later_is_not_followed() {
    let server = Server::start("127.0.0.1:0", |_| ok("bytes")).await;
    let inside = Server::start(&format!("127.0.0.2:{}", server.port), |_| ok("secret")).await;
    let names = Names::of(&[&["127.0.0.1"], &["127.0.0.2"]]);
    let fetcher = fetcher(rules(), names.clone());
    let url = format!("http://files.test:{}/", server.port);
    assert_eq!(get(&fetcher, &url).await.unwrap(), "bytes");
    assert_eq!(names.1.load(Ordering::Relaxed), 1, "looked at once, and connected to what was looked at");
    assert_eq!(get(&fetcher, &url).await, Err(FetchError::Address));
    assert!(inside.asked().is_empty());
}

#[tokio::test]
async fn of_several_addresses_only_those_that_may_be_are_connected_to() {
    let server = Server::start("127.0.0.1:0", |_| ok("bytes")).await;
    let inside = Server::start(&format!("127.0.0.2:{}", server.port), |_| ok("secret")).await;
    let fetcher = fetcher(rules(), Names::of(&[&["127.0.0.2", "127.0.0.1", "::1"]]));
    assert_eq!(get(&fetcher, &format!("http://files.test:{}/", server.port)).await.unwrap(), "bytes");
    assert!(inside.asked().is_empty());
}

#[tokio::test]
async fn every_redirect_is_looked_at() {
    let inside = Server::start("127.0.0.2:0", |_| ok("secret")).await;
    let to = format!("http://127.0.0.2:{}/latest/meta-data", inside.port);
    let server = Server::start("127.0.0.1:0", move |path| match path {
        "/inside" => moved(&to),
        "/userinfo" => moved("http://somebody:secret@127.0.0.1/"),
        "/file" => moved("file:///etc/passwd"),
        "/nowhere" => "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".into(),
        "/round" => moved("/round"),
        "/once" => moved("/there"),
        _ => ok("bytes"),
    })
    .await;
    let fetcher = fetcher(rules(), Names::of(&[&["127.0.0.1"]]));
    let at = |path: &str| format!("http://files.test:{}{path}", server.port);
    assert_eq!(get(&fetcher, &at("/once")).await.unwrap(), "bytes");
    for path in ["/inside", "/userinfo", "/file"] {
        assert_eq!(get(&fetcher, &at(path)).await, Err(FetchError::Address), "{path}");
    }
    for path in ["/nowhere", "/round"] {
        assert_eq!(get(&fetcher, &at(path)).await, Err(FetchError::Redirects), "{path}");
    }
    assert!(inside.asked().is_empty());
}

#[test]
fn no_redirect_leads_from_https_to_http() {
    let answer = |from: &str, to: &str| {
        let answer = http::Response::builder().status(302).url(from.parse().unwrap()).header("location", to);
        fetcher::led_on(&answer.body("").unwrap().into()).map(|next| next.map(String::from))
    };
    let (secure, plain) = ("https://files.test/a", "http://files.test/b");
    assert_eq!(answer(secure, plain), Err(FetchError::Address));
    assert_eq!(answer(plain, plain), Ok(Some(plain.into())));
    assert_eq!(answer(secure, "b"), Ok(Some("https://files.test/b".into())));
    assert_eq!(answer(plain, "//other.test/b"), Ok(Some("http://other.test/b".into())));
}

#[tokio::test]
async fn credentials_go_to_the_server_they_are_for_and_no_further() {
    let other = Server::start("127.0.0.1:0", |_| ok("bytes")).await;
    let to = format!("http://127.0.0.1:{}/elsewhere", other.port);
    let server = Server::start("127.0.0.2:0", move |_| moved(&to)).await;
    let fetcher = fetcher(rules(), Names::of(&[&["127.0.0.1"]]));
    let headers = HeaderMap::from_iter([(http::header::AUTHORIZATION, HeaderValue::from_static("Bearer t0k3n"))]);
    let (at, url) = (format!("http://127.0.0.2:{}/api", server.port), format!("http://127.0.0.2:{}/f", server.port));
    // The operator configured that server, so that its address may be any; where it leads is looked at.
    let target = Target { url: &url, home: Some(Home { url: &at, headers: &headers }), most: 100, json: None };
    let answer = fetcher.open(&target).await.unwrap();
    assert!(!answer.is_trusted());
    assert_eq!(answer.all().await.unwrap(), "bytes");
    assert!(server.asked()[0].contains("Bearer t0k3n"));
    assert!(!other.asked()[0].contains("t0k3n"), "{:?}", other.asked());
    // Another port is another server.
    let url = format!("http://127.0.0.1:{}/f", other.port);
    fetcher.open(&Target { url: &url, ..target }).await.unwrap();
    assert!(!other.asked()[1].contains("t0k3n"), "{:?}", other.asked());
}

#[tokio::test]
async fn what_is_asked_with_goes_to_who_is_asked_and_nowhere_else() {
    let other = Server::start("127.0.0.1:0", |_| ok("bytes")).await;
    let to = format!("http://127.0.0.1:{}/elsewhere", other.port);
    let server = Server::start("127.0.0.1:0", move |path| if path == "/moved" { moved(&to) } else { ok("yes") }).await;
    let fetcher = fetcher(rules(), Names::of(&[&["127.0.0.1"]]));
    let at = |path: &str| format!("http://127.0.0.1:{}{path}", server.port);
    let ask = async |url: &str| {
        let target = Target { url, home: None, most: 100, json: Some(br#"{"id":1}"#) };
        fetcher.open(&target).await?.all().await
    };
    assert_eq!(ask(&at("/asked")).await.unwrap(), "yes");
    let asked = server.asked().remove(0).to_ascii_lowercase();
    assert!(asked.starts_with("post /asked ") && asked.contains("content-type: application/json"), "{asked}");
    assert_eq!(ask(&at("/moved")).await, Err(FetchError::Redirects));
    assert!(other.asked().is_empty());
}

#[tokio::test]
async fn no_more_is_read_than_was_asked_for_whatever_the_length_says() {
    let server = Server::start("127.0.0.1:0", |path| match path {
        "/honest" => ok(&"x".repeat(101)),
        "/endless" => {
            let chunk = format!("40\r\n{}\r\n", "x".repeat(64));
            format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{}", chunk.repeat(20))
        }
        _ => "HTTP/1.1 200 OK\r\nContent-Length: 50\r\nConnection: close\r\n\r\nshort".into(),
    })
    .await;
    let fetcher = fetcher(rules(), Names::of(&[&["127.0.0.1"]]));
    let at = |path: &str| format!("http://files.test:{}{path}", server.port);
    for (path, expected) in
        [("/honest", FetchError::TooLarge), ("/endless", FetchError::TooLarge), ("/cut", FetchError::Broken)]
    {
        assert_eq!(get(&fetcher, &at(path)).await, Err(expected), "{path}");
    }
}

#[tokio::test]
async fn a_slow_host_holds_up_no_other() {
    let slow = Server::start("127.0.0.1:0", |_| String::new()).await;
    let server = Server::start("127.0.0.1:0", |_| ok("bytes")).await;
    let fetcher = fetcher(rules(), Names::of(&[&["127.0.0.1"]]));
    let waiting: Vec<_> = (0..20)
        .map(|_| {
            let (fetcher, url) = (fetcher.clone(), format!("http://slow.test:{}/", slow.port));
            tokio::spawn(async move { get(&fetcher, &url).await })
        })
        .collect();
    while slow.asked().len() < BOUNDS.per_host {
        tokio::task::yield_now().await;
    }
    assert_eq!(get(&fetcher, &format!("http://files.test:{}/", server.port)).await.unwrap(), "bytes");
    assert_eq!(slow.asked().len(), BOUNDS.per_host, "no more at once than its share");
    waiting.iter().for_each(JoinHandle::abort);
}

#[tokio::test]
async fn who_does_not_answer_is_waited_for_as_long_as_was_said() {
    let slow = Server::start("127.0.0.1:0", |_| String::new()).await;
    drop(rustls::crypto::ring::default_provider().install_default());
    let lookup: Arc<dyn Lookup> = Names::of(&[&["127.0.0.1"]]);
    let bounds = Bounds { idle: Duration::from_millis(200), ..BOUNDS };
    let fetcher = Fetcher::with_lookup(rules(), bounds, &lookup).unwrap();
    let url = format!("http://files.test:{}/", slow.port);
    assert_eq!(get(&fetcher, &url).await, Err(FetchError::Timeout));
}
