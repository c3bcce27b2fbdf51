//! The least that could be written in the gateway's place: verify, parse, publish confirmed, answer.

use std::{net::SocketAddr, process::Stdio, sync::Arc};

use axum::{Router, body::Bytes, extract::State, routing::post, serve::ListenerExt as _};
use clap::Args;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, StatusCode};
use kenh_tests::{gateway::APP_SECRET, ports};
use lapin::{
    BasicProperties, Channel, Confirmation, Connection, ConnectionProperties,
    options::{BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions},
    types::{AMQPValue, FieldTable},
};
use serde_json::Value;
use sha2::Sha256;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    net::TcpListener,
    process::{Child, Command},
};

use crate::{load::SIGNATURE, promised::Promised};

/// Where it listens and publishes.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[arg(long)]
    listen: SocketAddr,
    #[arg(long)]
    amqp: String,
    #[arg(long)]
    queue: String,
    /// Publishes as is promised to plain AMQP consumers: through a topic exchange to several streams, with headers.
    #[arg(long)]
    promised: bool,
}

#[derive(Debug)]
struct Service {
    // Held open for as long as there are calls.
    _connection: Connection,
    channel: Channel,
    way: Way,
    key: Hmac<Sha256>,
}

/// How it publishes.
#[derive(Debug)]
enum Way {
    /// To one queue, without a header.
    Plain { queue: String },
    /// As the gateway does.
    Promised(Promised),
}

/// Serves until it is killed. Prints `ready` first.
pub(crate) async fn run(Arguments { listen, amqp, queue, promised }: Arguments) {
    let connection = Connection::connect(&amqp, ConnectionProperties::default()).await.expect("the broker answers");
    let channel = connection.create_channel().await.expect("a channel");
    let way = if promised {
        Way::Promised(Promised::declare(&channel, &queue).await)
    } else {
        stream(&channel, &queue).await;
        Way::Plain { queue }
    };
    channel.confirm_select(ConfirmSelectOptions::default()).await.expect("confirms");
    let key = Hmac::new_from_slice(APP_SECRET.as_bytes()).expect("a key of any length");
    let service = Arc::new(Service { _connection: connection, channel, way, key });
    let router = Router::new().route("/", post(call)).with_state(service);
    let listener = TcpListener::bind(listen).await.expect("a free port");
    println!("ready");
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    axum::serve(listener, router).await.expect("it serves");
}

/// Declares a stream queue.
pub(crate) async fn stream(channel: &Channel, queue: &str) {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("stream".into()));
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    channel.queue_declare(queue.into(), durable, arguments).await.expect("a stream queue");
}

async fn call(State(service): State<Arc<Service>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature = headers.get(SIGNATURE).and_then(|value| value.as_bytes().strip_prefix(b"sha256="));
    let Some(signature) = signature.and_then(|signature| hex::decode(signature).ok()) else {
        return StatusCode::UNAUTHORIZED;
    };
    if service.key.clone().chain_update(&body).verify_slice(&signature).is_err() {
        return StatusCode::UNAUTHORIZED;
    }
    if serde_json::from_slice::<Value>(&body).is_err() {
        return StatusCode::BAD_REQUEST;
    }
    match publish(&service, &body).await {
        Ok(Confirmation::Ack(None)) => StatusCode::OK,
        Ok(_) | Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

async fn publish(service: &Service, body: &[u8]) -> lapin::Result<Confirmation> {
    let mandatory = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
    let persistent = BasicProperties::default().with_delivery_mode(2);
    let publish = match &service.way {
        Way::Plain { queue } => {
            service.channel.basic_publish("".into(), queue.as_str().into(), mandatory, body, persistent).await
        }
        Way::Promised(promised) => {
            let (key, properties) = promised.next(persistent);
            service.channel.basic_publish(promised.exchange(), key, mandatory, body, properties).await
        }
    };
    publish?.await
}

/// The service as a process of its own. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    /// Port it listens on.
    pub(crate) port: u16,
}

impl Process {
    /// Starts it and waits until it is ready.
    pub(crate) async fn start(amqp: &str, options: &[&str]) -> Self {
        let port = ports::free();
        let mut command = Command::new(std::env::current_exe().expect("the bench's own path"));
        command.args(["bare", "--listen", &format!("127.0.0.1:{port}"), "--amqp", amqp]).args(options);
        let mut child = command.stdout(Stdio::piped()).kill_on_drop(true).spawn().expect("the bench can be run");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        assert_eq!(lines.next_line().await.expect("readable").as_deref(), Some("ready"), "the bare service");
        Self { child, port }
    }

    /// Process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id().expect("it runs")
    }
}
