//! Traces: one runs from the webhook through the log to the delivery to a subscriber.

use std::{
    str::FromStr as _,
    sync::atomic::{AtomicBool, Ordering},
};

use opentelemetry::{
    Context,
    trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState},
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// Target of the spans that are exported.
pub const TARGET: &str = "kenh_trace";

static ENABLED: AtomicBool = AtomicBool::new(false);

pub(crate) fn enable(enabled: bool) {
    ENABLED.store(enabled, Ordering::Relaxed);
}

fn enabled() -> bool {
    ENABLED.load(Ordering::Relaxed)
}

/// The span of one webhook call. Begins a new trace: nobody outside is trusted to name one.
pub fn delivery(channel: &'static str, endpoint: &str) -> Span {
    if enabled() {
        tracing::info_span!(target: TARGET, "webhook", otel.kind = "server", channel, endpoint)
    } else {
        Span::none()
    }
}

/// The span of storing events, within a webhook call's.
pub fn append(within: &Span, events: usize) -> Span {
    if enabled() {
        tracing::info_span!(target: TARGET, parent: within, "append", otel.kind = "producer", events)
    } else {
        Span::none()
    }
}

/// Records the sending of an event to a subscriber, in the trace of its webhook call.
pub fn delivered(traceparent: Option<&str>, consumer: &str) {
    let Some(parent) = traceparent.filter(|_| enabled()).and_then(remote) else { return };
    if parent.is_sampled() {
        let span = tracing::info_span!(target: TARGET, parent: None, "deliver", otel.kind = "consumer", consumer);
        // Fails only when no exporter is installed, which `enabled` rules out.
        drop(span.set_parent(Context::new().with_remote_span_context(parent)));
    }
}

/// The W3C `traceparent` of a span; `None` when it is not traced.
pub fn traceparent(span: &Span) -> Option<String> {
    if !enabled() {
        return None;
    }
    let context = span.context();
    let span = context.span();
    let parent = span.span_context();
    parent
        .is_valid()
        .then(|| format!("00-{}-{}-{:02x}", parent.trace_id(), parent.span_id(), parent.trace_flags().to_u8()))
}

/// The trace of a `traceparent`, 32 hexadecimal digits.
pub fn id(traceparent: &str) -> Option<String> {
    traceparent.split('-').nth(1).map(Into::into)
}

fn remote(traceparent: &str) -> Option<SpanContext> {
    let mut parts = traceparent.split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let trace = TraceId::from(u128::from_str_radix(trace, 16).ok()?);
    let span = SpanId::from(u64::from_str_radix(span, 16).ok()?);
    let flags = TraceFlags::new(u8::from_str_radix(flags, 16).ok()?);
    let state = TraceState::from_str("").unwrap_or_default();
    (version == "00").then(|| SpanContext::new(trace, span, flags, true, state))
}
