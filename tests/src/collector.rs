//! A real collector of traces (rotel), and behind it a sink that keeps what it passes on.

use std::{
    process::Stdio,
    sync::{Arc, Mutex},
};

use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_server::{TraceService, TraceServiceServer},
    },
    common::v1::{KeyValue, any_value::Value},
    trace::v1::span::SpanKind,
};
use tokio::{
    net::{TcpListener, TcpStream},
    process::{Child, Command},
    task::JoinHandle,
};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status, codec::CompressionEncoding, transport::Server};

use crate::{ports, tools, until};

/// A span as it arrived.
#[derive(Debug, Clone)]
pub struct Span {
    /// Name.
    pub name: String,
    /// Trace id, in hex.
    pub trace: String,
    /// Its own id, in hex.
    pub id: String,
    /// The parent's id, in hex; empty for a root.
    pub parent: String,
    /// What it is to others.
    pub kind: SpanKind,
    /// `service.name` of the process.
    pub service: String,
    attributes: Vec<KeyValue>,
}

impl Span {
    /// An attribute's text.
    pub fn attribute(&self, key: &str) -> Option<&str> {
        text(&self.attributes, key)
    }
}

fn text<'a>(attributes: &'a [KeyValue], key: &str) -> Option<&'a str> {
    let attribute = attributes.iter().find(|attribute| attribute.key == key)?;
    if let Value::StringValue(text) = attribute.value.as_ref()?.value.as_ref()? { Some(text) } else { None }
}

/// A running collector. Dropping it ends it.
#[derive(Debug)]
pub struct Collector {
    port: u16,
    spans: Spans,
    sink: JoinHandle<()>,
    _rotel: Child,
}

#[derive(Debug, Clone, Default)]
struct Spans(Arc<Mutex<Vec<Span>>>);

impl Collector {
    /// Starts one and waits until it takes connections.
    pub async fn start() -> Self {
        let spans = Spans::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let behind = listener.local_addr().expect("its number");
        let service = TraceServiceServer::new(spans.clone()).accept_compressed(CompressionEncoding::Gzip);
        let serving = Server::builder().add_service(service).serve_with_incoming(TcpListenerStream::new(listener));
        let sink = tokio::spawn(async { serving.await.expect("the sink serves") });

        let port = ports::free();
        let mut rotel = Command::new(tools::python("rotel"));
        rotel.args(["start", "--exporter", "otlp", "--batch-timeout", "100ms"]);
        rotel.arg("--otlp-grpc-endpoint").arg(format!("127.0.0.1:{port}"));
        rotel.arg("--otlp-http-endpoint").arg(format!("127.0.0.1:{}", ports::free()));
        rotel.arg("--otlp-exporter-endpoint").arg(format!("http://{behind}"));
        rotel.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
        let rotel = rotel.spawn().expect("rotel can be run");
        until("the collector takes connections", || async { TcpStream::connect(("127.0.0.1", port)).await.is_ok() })
            .await;
        Self { port, spans, sink, _rotel: rotel }
    }

    /// The gateway's settings that send traces here.
    pub fn settings(&self) -> String {
        settings(self.port)
    }

    /// What has arrived of a trace.
    pub fn trace(&self, id: &str) -> Vec<Span> {
        self.all().into_iter().filter(|span| span.trace == id).collect()
    }

    /// What has arrived.
    pub fn all(&self) -> Vec<Span> {
        self.spans.0.lock().unwrap().clone()
    }
}

/// The gateway's settings that send traces to a port.
pub fn settings(port: u16) -> String {
    format!("telemetry:\n  otlp_endpoint: http://127.0.0.1:{port}\n")
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.sink.abort();
    }
}

#[tonic::async_trait]
impl TraceService for Spans {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let mut spans = self.0.lock().unwrap();
        for resource in request.into_inner().resource_spans {
            let about = resource.resource.unwrap_or_default().attributes;
            for span in resource.scope_spans.into_iter().flat_map(|scope| scope.spans) {
                spans.push(Span {
                    kind: span.kind(),
                    name: span.name,
                    trace: hex::encode(&span.trace_id),
                    id: hex::encode(&span.span_id),
                    parent: hex::encode(&span.parent_span_id),
                    service: text(&about, "service.name").unwrap_or_default().into(),
                    attributes: span.attributes,
                });
            }
        }
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}
