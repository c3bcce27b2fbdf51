//! Saying that spans are lost. The SDK drops what a collector does not take and tells nobody.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::{Resource, error::OTelSdkResult, trace::SpanData};
use tracing::{info, warn};

use crate::metrics;

/// An exporter whose failures are counted, and logged once for each time the collector is away.
#[derive(Debug)]
pub(super) struct Watched {
    exporter: SpanExporter,
    failing: AtomicBool,
}

impl Watched {
    pub(super) fn new(exporter: SpanExporter) -> Self {
        Self { exporter, failing: AtomicBool::new(false) }
    }
}

impl opentelemetry_sdk::trace::SpanExporter for Watched {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = u64::try_from(batch.len()).unwrap_or(u64::MAX);
        let outcome = self.exporter.export(batch).await;
        let failed = outcome.is_err();
        let failed_before = self.failing.swap(failed, Ordering::Relaxed);
        if let Err(reason) = &outcome {
            metrics::SPANS_LOST.add(spans, []);
            if !failed_before {
                warn!(%reason, "the collector does not take traces, they are lost until it does");
            }
        } else if failed_before {
            info!("the collector takes traces again");
        }
        outcome
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}
