//! Connections to the webhooks' port: how long they are kept, and who makes room for whom.

use std::{fs, process::Stdio, time::Duration};

use kenh_tests::{
    gateway::{Gateway, Setup},
    until,
    webhook::{messenger, messenger_text},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    process::Command,
};

async fn gateway(settings: &[(&'static str, &str)]) -> (Gateway, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let setup = Setup::embedded(folder.path());
    let setup = settings.iter().fold(setup, |setup, (name, value)| setup.env(name, value));
    (setup.start().await, folder)
}

async fn connect(gateway: &Gateway) -> TcpStream {
    TcpStream::connect(("127.0.0.1", gateway.web)).await.unwrap()
}

async fn say(connection: &mut TcpStream, bytes: &str) {
    connection.write_all(bytes.as_bytes()).await.unwrap();
}

/// What comes next; nothing at the connection's end.
async fn hear(connection: &mut TcpStream) -> String {
    let mut bytes = vec![0; 1024];
    let read = tokio::time::timeout(Duration::from_secs(30), connection.read(&mut bytes)).await.expect("in time");
    String::from_utf8_lossy(&bytes[..read.unwrap_or(0)]).into_owned()
}

/// A call that costs nothing.
async fn call(connection: &mut TcpStream) -> String {
    say(connection, "GET /nowhere HTTP/1.1\r\nHost: kenh\r\n\r\n").await;
    hear(connection).await
}

/// A connection that has made a call and idles.
async fn idle(gateway: &Gateway) -> TcpStream {
    let mut connection = connect(gateway).await;
    assert!(call(&mut connection).await.starts_with("HTTP/1.1 404"));
    connection
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_idles_is_kept() {
    let (gateway, _folder) = gateway(&[]).await;
    let mut connection = idle(&gateway).await;
    tokio::time::sleep(Duration::from_secs(15)).await;
    assert!(call(&mut connection).await.starts_with("HTTP/1.1 404"), "it was closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_idles_for_longer_than_allowed_is_closed() {
    let (gateway, _folder) = gateway(&[("KENH_INGRESS__IDLE_TIMEOUT", "300ms")]).await;
    let mut connection = idle(&gateway).await;
    assert_eq!(hear(&mut connection).await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn those_that_idle_make_room_and_a_call_under_way_is_finished() {
    let (gateway, _folder) = gateway(&[("KENH_INGRESS__MAX_CONNECTIONS", "3")]).await;
    let body = messenger_text(660_001, "m_crowded", "said slowly");
    let signed = messenger().sign(body.as_bytes()).into_iter().map(|(name, value)| format!("{name}: {value}\r\n"));
    let head = "POST /v1/webhooks/messenger/main HTTP/1.1\r\nHost: kenh\r\n";
    let head = format!("{head}{}Content-Length: {}\r\n\r\n", signed.collect::<String>(), body.len());
    let (begin, rest) = body.split_at(10);

    let mut busy = idle(&gateway).await;
    say(&mut busy, &(head + begin)).await;
    let mut idling = [idle(&gateway).await, idle(&gateway).await];
    let mut another = connect(&gateway).await;
    assert!(call(&mut another).await.starts_with("HTTP/1.1 404"), "there is room for another");
    for connection in &mut idling {
        assert_eq!(hear(connection).await, "", "it has made room");
    }
    say(&mut busy, rest).await;
    let answer = hear(&mut busy).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("connection: close"), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn those_that_idle_make_room_where_no_file_can_be_opened() {
    let (gateway, _folder) = gateway(&[]).await;
    let mut idling = [idle(&gateway).await, idle(&gateway).await];
    let files = fs::read_dir(format!("/proc/{}/fd", gateway.pid())).unwrap();
    let last = files.map(|file| file.unwrap().file_name().to_str().unwrap().parse::<u32>().unwrap()).max().unwrap();
    limit(&gateway, last + 1).await;
    // More than there are files, and none of them leaves of its own.
    let mut others = Vec::new();
    for _ in 0..=last {
        others.push(idle(&gateway).await);
    }
    for connection in &mut idling {
        assert_eq!(hear(connection).await, "", "it has made room");
    }
}

/// Bounds the files that the gateway has open.
async fn limit(gateway: &Gateway, files: u32) {
    let (pid, bounds) = (gateway.pid().to_string(), format!("--nofile={files}:{files}"));
    let limited = Command::new("prlimit").args(["--pid", &pid, &bounds]).status().await.unwrap();
    assert!(limited.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn there_may_be_as_many_as_the_system_allows() {
    let folder = tempfile::tempdir().unwrap();
    let config = Setup::embedded(folder.path()).config();
    let (program, few) = (kenh_tests::gateway::binary(), "ulimit -Sn 100; exec \"$0\" serve --config \"$1\"");
    let mut started = Command::new("sh");
    started.args(["-c", few]).arg(program).arg(config).stderr(Stdio::null()).kill_on_drop(true);
    let child = started.spawn().unwrap();
    let limits = format!("/proc/{}/limits", child.id().unwrap());
    until("its limit is raised", || async {
        let limits = fs::read_to_string(&limits).unwrap();
        let [soft, hard] = [3, 4].map(|column| {
            let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
            line.split_whitespace().nth(column).unwrap().to_owned()
        });
        soft == hard
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn those_that_bring_half_of_a_call_make_room_as_well() {
    let (gateway, _folder) = gateway(&[("KENH_INGRESS__MAX_CONNECTIONS", "2")]).await;
    let mut slow = [connect(&gateway).await, idle(&gateway).await];
    for connection in &mut slow {
        say(connection, "GET /nowhere HT").await;
    }
    let mut another = connect(&gateway).await;
    assert!(call(&mut another).await.starts_with("HTTP/1.1 404"), "there is room for another");
}
