//! Clients that are not ours: gRPC for Python and for Node, and tools that know the api by reflection only.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Output, Stdio},
    time::Duration,
};

use kenh_tests::{
    PATIENCE,
    gateway::{Gateway, Setup},
    repository,
    stream::{Stream, earliest, envelope, text},
    tools::{complaint, node_modules, printed, python, run},
    webhook::{messenger, messenger_batch, messenger_item, messenger_text, zalo, zalo_text},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    process::Command,
};
use tonic::transport::Endpoint;
use tonic_reflection::pb::v1alpha::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
};

/// A client program of `tests/clients` and what it needs.
pub(crate) struct Client {
    program: Vec<String>,
    environment: (&'static str, String),
    _stubs: Option<TempDir>,
}

impl Client {
    /// The one in Python, with stubs made now from the contract.
    pub(crate) async fn python() -> Self {
        let (stubs, proto) = (tempfile::tempdir().unwrap(), repository().join("proto"));
        let interpreter = python("python");
        let mut protoc = Command::new(&interpreter);
        protoc.args(["-m", "grpc_tools.protoc"]).arg("-I").arg(&proto);
        for option in ["--python_out", "--grpc_python_out"] {
            protoc.arg(format!("{option}={}", path(stubs.path())));
        }
        let files = fs::read_dir(proto.join("kenh/v1")).unwrap().map(|file| file.unwrap().path());
        printed(&run(protoc.args(files)).await);
        let program = [&interpreter, &repository().join("tests/clients/python/subscribe.py")];
        let environment = ("PYTHONPATH", path(stubs.path()));
        Self { program: program.map(|part| path(part)).into(), environment, _stubs: Some(stubs) }
    }

    /// The one in Node, which reads the contract as it is.
    fn node() -> Self {
        let program = vec!["node".into(), path(&repository().join("tests/clients/node/subscribe.js"))];
        Self { program, environment: ("NODE_PATH", path(&node_modules())), _stubs: None }
    }

    pub(crate) fn command(&self, gateway: &Gateway, count: usize, options: &[&str]) -> Command {
        let mut command = Command::new(&self.program[0]);
        let (name, value) = &self.environment;
        command.args(&self.program[1..]).arg(format!("127.0.0.1:{}", gateway.api)).arg(count.to_string());
        command.args(options).env(name, value).env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }

    async fn run(&self, gateway: &Gateway, count: usize, options: &[&str]) -> Output {
        run(&mut self.command(gateway, count, options)).await
    }

    async fn read(&self, gateway: &Gateway, count: usize, options: &[&str]) -> Vec<Value> {
        let output = self.run(gateway, count, options).await;
        printed(&output).lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
    }
}

fn path(path: &Path) -> String {
    path.to_str().expect("a path of text").into()
}

fn field<'a>(event: &'a Value, name: &str) -> &'a str {
    event[name].as_str().unwrap_or_else(|| panic!("no {name} in {event}"))
}

/// Texts by conversation, in the order they came.
fn by_conversation(events: &[Value]) -> BTreeMap<&str, Vec<&str>> {
    let mut texts = BTreeMap::<_, Vec<_>>::new();
    for event in events {
        texts.entry(field(event, "conversation")).or_default().push(field(event, "text"));
    }
    texts
}

/// Three people on two channels say things in turns. What each one said, in order.
async fn post_talk(gateway: &Gateway) -> Vec<Vec<String>> {
    let said = |who: &str| (0..4).map(|number| format!("{who} {number} – chào 👋")).collect::<Vec<_>>();
    let (lan, minh, hoa) = (said("Lan"), said("Minh"), said("Hoa"));
    for number in 0..4 {
        let items = [
            messenger_item(660_001, &format!("m_lan_{number}"), &lan[number]),
            messenger_item(660_002, &format!("m_minh_{number}"), &minh[number]),
        ];
        assert_eq!(messenger().post(gateway, &messenger_batch(&items)).await, 200);
        let hoa = zalo_text(555, &format!("z_hoa_{number}"), &hoa[number]);
        assert_eq!(zalo().post(gateway, &hoa).await, 200);
    }
    vec![hoa, lan, minh]
}

async fn reads_everything_in_order_and_resumes_exactly(client: Client) {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Setup::embedded(folder.path()).start().await;
    let mut said = post_talk(&gateway).await;

    // Fewer credits than events: the client has to hand out more as it goes.
    let events = client.read(&gateway, 12, &["--credit", "2"]).await;
    let conversations = by_conversation(&events);
    let mut heard: Vec<_> = conversations.into_values().collect();
    heard.sort();
    said.sort();
    assert_eq!(heard, said, "every text, once and in order within its conversation");

    // The same as our own client sees.
    let mut stream = Stream::open(&gateway, earliest()).await;
    let own = stream.deliveries(12).await;
    let of = |id: &str| own.iter().find(|delivery| envelope(delivery).id == id).expect("an event of that id");
    for event in &events {
        let delivery = of(field(event, "id"));
        assert_eq!(field(event, "channel"), envelope(delivery).channel);
        assert_eq!(field(event, "conversation"), envelope(delivery).conversation.as_ref().unwrap().id);
        assert_eq!((field(event, "kind"), field(event, "text")), ("message", text(delivery)));
    }

    let ids = |events: &[Value]| {
        let mut ids: Vec<_> = events.iter().map(|event| field(event, "id").to_owned()).collect();
        ids.sort();
        ids
    };
    let rest = client.read(&gateway, 11, &["--after", field(&events[0], "cursor")]).await;
    assert_eq!(ids(&rest), ids(&events[1..]), "exactly the rest");
    assert_eq!(messenger().post(&gateway, &messenger_text(660_003, "m_new", "mới")).await, 200);
    let new = client.read(&gateway, 1, &["--after", field(&rest[10], "cursor")]).await;
    assert_eq!(field(&new[0], "text"), "mới", "nothing comes twice after the last cursor");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_python_client_reads_everything_in_order_and_resumes_exactly() {
    reads_everything_in_order_and_resumes_exactly(Client::python().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_client_reads_everything_in_order_and_resumes_exactly() {
    reads_everything_in_order_and_resumes_exactly(Client::node()).await;
}

async fn is_told_why_a_cursor_is_refused(client: Client) {
    let (folder, fresh) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let setup = Setup::embedded(folder.path()).with("  retention:\n    max_age: 1s\n");
    let mut gateway = setup.clone().start().await;
    let refused = async |gateway: &Gateway, cursor: &str| {
        let output = client.run(gateway, 1, &["--after", cursor]).await;
        assert_eq!(output.status.code(), Some(1), "{}", complaint(&output));
        assert!(output.stdout.is_empty());
        complaint(&output)
    };
    let complaint = refused(&gateway, "no-cursor").await;
    assert!(complaint.contains("INVALID_ARGUMENT INVALID_FIELD: after_cursor: "), "{complaint}");

    let start = Stream::open(&gateway, earliest()).await.opened_at;
    for number in 0..3 {
        let body = messenger_text(660_001, &format!("m_{number}"), "Xin chào");
        assert_eq!(messenger().post(&gateway, &body).await, 200);
    }
    let last = client.read(&gateway, 3, &[]).await;
    let other = Setup::embedded(fresh.path()).start().await;
    let complaint = refused(&other, field(&last[2], "cursor")).await;
    assert!(complaint.contains("OUT_OF_RANGE CURSOR_AHEAD: "), "{complaint}");

    // What has grown too old is removed at the start, and then with every append.
    tokio::time::sleep(Duration::from_secs(1)).await;
    gateway.terminate().await;
    gateway.ended().await;
    let gateway = setup.start().await;
    assert_eq!(messenger().post(&gateway, &messenger_text(660_001, "m_new", "Xin chào")).await, 200);
    let complaint = refused(&gateway, &start).await;
    assert!(complaint.contains("OUT_OF_RANGE CURSOR_EXPIRED: "), "{complaint}");
    let oldest = complaint.trim().rsplit(' ').next().unwrap();
    let left = client.read(&gateway, 1, &["--after", oldest]).await;
    assert_ne!(field(&left[0], "id"), field(&last[0], "id"), "the cursor it names leads on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_python_client_is_told_why_a_cursor_is_refused() {
    is_told_why_a_cursor_is_refused(Client::python().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_client_is_told_why_a_cursor_is_refused() {
    is_told_why_a_cursor_is_refused(Client::node()).await;
}

async fn hears_heartbeats_and_comes_back_after_a_drain(client: Client) {
    let folder = tempfile::tempdir().unwrap();
    let setup = Setup::embedded(folder.path());
    let mut gateway = setup.clone().start().await;
    assert_eq!(messenger().post(&gateway, &messenger_text(660_001, "m_0", "trước")).await, 200);

    let mut command = client.command(&gateway, 2, &[]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let (output, notes) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let mut notes = BufReader::new(notes).lines();
    let mut next_note = async || {
        let note = tokio::time::timeout(PATIENCE, notes.next_line()).await.expect("a note in time");
        note.unwrap().expect("the client goes on")
    };
    assert_eq!(next_note().await, "heartbeat: 0 behind");
    gateway.terminate().await;
    loop {
        let note = next_note().await;
        if note.starts_with("drain: back in ") {
            break;
        }
        assert!(note.starts_with("heartbeat: "), "{note}");
    }
    assert!(gateway.ended().await.success(), "the client lets go");

    let gateway = setup.start().await;
    assert_eq!(messenger().post(&gateway, &messenger_text(660_001, "m_1", "sau")).await, 200);
    assert!(tokio::time::timeout(PATIENCE, child.wait()).await.expect("it ends").unwrap().success());
    let mut printed = String::new();
    BufReader::new(output).read_to_string(&mut printed).await.unwrap();
    let events: Vec<Value> = printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let texts: Vec<_> = events.iter().map(|event| field(event, "text")).collect();
    assert_eq!(texts, ["trước", "sau"], "neither missed nor repeated");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_python_client_hears_heartbeats_and_comes_back_after_a_drain() {
    hears_heartbeats_and_comes_back_after_a_drain(Client::python().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_client_hears_heartbeats_and_comes_back_after_a_drain() {
    hears_heartbeats_and_comes_back_after_a_drain(Client::node()).await;
}

/// `buf curl` with nothing but an address: what it knows of the api it has from reflection.
async fn buf_curl(gateway: &Gateway, folder: &TempDir, address: &str, options: &[&str]) -> String {
    let mut buf = Command::new(python("buf"));
    buf.args(["curl", "--protocol", "grpc", "--http2-prior-knowledge"]).args(options);
    buf.arg(format!("{}{address}", gateway.api_url())).env("HOME", folder.path()).current_dir(folder.path());
    printed(&run(&mut buf).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_with_buf_finds_every_method_and_calls_it() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Setup::embedded(folder.path()).start().await;
    let methods = buf_curl(&gateway, &folder, "", &["--list-methods"]).await;
    for method in ["GetEvent", "GetRaw", "ListEvents", "Pull", "Subscribe"] {
        let method = format!("kenh.v1.EventService/{method}");
        assert!(methods.lines().any(|line| line == method), "{method} in {methods}");
    }
    assert!(methods.contains("grpc.health.v1.Health/Check"), "{methods}");

    for service in ["", "kenh.v1.EventService"] {
        let request = json!({ "service": service }).to_string();
        let health = buf_curl(&gateway, &folder, "/grpc.health.v1.Health/Check", &["-d", &request]).await;
        let health: Value = serde_json::from_str(&health).unwrap();
        assert_eq!(health, json!({"status": "SERVING"}), "{service}");
    }

    assert_eq!(zalo().post(&gateway, &zalo_text(555, "z_1", "Còn hàng không ạ")).await, 200);
    let request = json!({"at": "START_AT_EARLIEST", "wait": "5s"}).to_string();
    let pulled = buf_curl(&gateway, &folder, "/kenh.v1.EventService/Pull", &["-d", &request]).await;
    let pulled: Value = serde_json::from_str(&pulled).unwrap();
    assert_eq!(pulled["deliveries"][0]["envelope"]["message"]["text"]["body"], "Còn hàng không ạ");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_that_knows_only_the_old_reflection_finds_the_service_too() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = Setup::embedded(folder.path()).start().await;
    let channel = Endpoint::from_shared(gateway.api_url()).unwrap().connect().await.unwrap();
    let mut client = ServerReflectionClient::new(channel);
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut answers = client.server_reflection_info(tokio_stream::once(request)).await.unwrap().into_inner();
    let answer = tokio::time::timeout(PATIENCE, answers.message()).await.expect("an answer").unwrap();
    let answer = answer.and_then(|answer| answer.message_response);
    let Some(MessageResponse::ListServicesResponse(list)) = answer else { panic!("no list but {answer:?}") };
    assert!(list.service.iter().any(|service| service.name == "kenh.v1.EventService"), "{list:?}");
}
