//! Logs on standard error, metrics for Prometheus, traces over OTLP.

mod exporter;

use std::{
    io::{IsTerminal as _, stderr},
    time::Duration,
};

use connector_sdk::Section;
use exporter::Watched;
use metrics_exporter_prometheus::PrometheusHandle;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::{
    Resource,
    trace::{Sampler, SdkTracerProvider},
};
use tracing_subscriber::{EnvFilter, Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// What is shown and where to.
#[derive(Debug, Clone)]
pub struct Config {
    /// How log lines look.
    pub format: Format,
    /// Which lines: a level, or a list of `target=level`.
    pub level: String,
    /// OTLP gRPC address of a collector. No traces without one.
    pub otlp_endpoint: Option<String>,
    /// Part of the deliveries that is traced, from 0 to 1.
    pub sample_ratio: f64,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text on a terminal, JSON otherwise.
    Auto,
    /// A JSON object a line.
    Json,
    /// For people.
    Text,
}

impl Config {
    /// Reads the section.
    pub fn read(section: &mut Section<'_>) -> Self {
        let formats = [("auto", Format::Auto), ("json", Format::Json), ("text", Format::Text)];
        let config = Self {
            format: section.choice("log_format", &formats, Format::Auto),
            level: section.text("log_level").unwrap_or_else(|| "info".into()),
            otlp_endpoint: section.text("otlp_endpoint"),
            sample_ratio: section.value("sample_ratio", "a number from 0 to 1", 1.0),
        };
        if !(0.0..=1.0).contains(&config.sample_ratio) {
            section.fault("sample_ratio", "expected a number from 0 to 1");
        }
        if EnvFilter::try_new(lines_of(&config.level)).is_err() {
            section.fault("log_level", "expected a level (error, warn, info, debug, trace) or a list of target=level");
        }
        if config.otlp_endpoint.as_ref().is_some_and(|url| url.parse::<http::Uri>().is_err()) {
            section.fault("otlp_endpoint", "expected an address such as http://collector:4317");
        }
        config
    }
}

/// What has been started.
#[derive(Debug)]
pub struct Telemetry {
    /// Renders the text of `/metrics`.
    pub metrics: PrometheusHandle,
    traces: Option<SdkTracerProvider>,
}

/// Why telemetry could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The collector's address is unusable.
    #[error("telemetry.otlp_endpoint: {0}")]
    Exporter(#[from] opentelemetry_otlp::ExporterBuildError),
    /// Started twice in one process.
    #[error("cannot start telemetry: {0}")]
    Twice(String),
}

/// How often what histograms observed is summed up. Until then each observation is kept, whether or not anybody reads
/// `/metrics`.
const UPKEEP: Duration = Duration::from_secs(5);

/// Starts telemetry for the whole process. Needs a runtime.
pub fn start(config: &Config) -> Result<Telemetry, StartError> {
    let metrics = crate::metrics::install().map_err(|error| StartError::Twice(error.to_string()))?;
    let traces = config.otlp_endpoint.as_deref().map(|endpoint| provider(endpoint, config.sample_ratio)).transpose()?;
    let filter = EnvFilter::try_new(lines_of(&config.level)).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt::layer().with_writer(stderr).with_ansi(stderr().is_terminal());
    let lines = match config.format {
        Format::Json => lines.json().flatten_event(true).with_current_span(false).boxed(),
        Format::Auto if !stderr().is_terminal() => lines.json().flatten_event(true).with_current_span(false).boxed(),
        Format::Auto | Format::Text => lines.with_target(false).boxed(),
    };
    let spans = traces.as_ref().map(|provider| {
        let only_ours = tracing_subscriber::filter::filter_fn(|metadata| metadata.target() == crate::trace::TARGET);
        tracing_opentelemetry::layer().with_tracer(provider.tracer("kenh")).with_filter(only_ours)
    });
    tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .with(spans)
        .try_init()
        .map_err(|error| StartError::Twice(error.to_string()))?;
    crate::trace::enable(traces.is_some());
    tokio::spawn(keep_up(metrics.clone()));
    Ok(Telemetry { metrics, traces })
}

/// The audit log is written whatever the level, as long as nobody says `audit=off`.
/// The broker's client logs errors that are answered and said by whoever uses it; asking for `lapin=…` shows them. `trace` for
/// everything does not mean the libraries that would write down what people wrote, and keys.
fn lines_of(level: &str) -> String {
    format!("lapin=off,async_imap=off,h2=info,hyper=info,audit=info,{level}")
}

async fn keep_up(metrics: PrometheusHandle) {
    loop {
        tokio::time::sleep(UPKEEP).await;
        metrics.run_upkeep();
    }
}

fn provider(endpoint: &str, ratio: f64) -> Result<SdkTracerProvider, StartError> {
    let exporter = opentelemetry_otlp::SpanExporter::builder().with_tonic().with_endpoint(endpoint).build()?;
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(Watched::new(exporter))
        .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(ratio))))
        .with_resource(Resource::builder().with_service_name("kenh").build())
        .build())
}

impl Telemetry {
    /// Sends what is still held. Blocks; call it off the async threads.
    pub fn stop(self) {
        if let Some(Err(reason)) = self.traces.map(|traces| traces.shutdown()) {
            tracing::warn!(%reason, "the last traces could not be sent");
        }
    }
}
