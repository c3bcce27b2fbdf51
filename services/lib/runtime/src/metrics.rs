//! Every metric of the gateway: its name, what it counts and its labels, which come from closed sets.

mod handles;

use std::time::Duration;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

use handles::Handles;

/// A metric.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// As it stands in `/metrics`.
    pub name: &'static str,
    /// What it counts, and its labels.
    pub help: &'static str,
    /// How to read it.
    pub kind: Kind,
}

/// How a metric is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It grows: its rate counts.
    Counter,
    /// It is as it is now.
    Gauge,
    /// Durations in seconds, in buckets.
    Histogram,
}

macro_rules! metrics {
    ($($(#[doc = $doc:literal])+ $name:ident: $kind:ident = $text:literal,)*) => {
        $($(#[doc = $doc])+
        #[allow(clippy::doc_markdown, reason = "the text is also the metric's help")]
        pub const $name: Metric = Metric { name: $text, help: concat!($($doc),+), kind: Kind::$kind };)*
        /// All of them.
        pub const ALL: &[Metric] = &[$($name),*];
    };
}

metrics! {
    /// Webhook calls by channel and what became of them: stored, duplicate, pending, skipped, rejected, malformed, not_stored, too_large, unknown_endpoint, wrong_method, handshake, overloaded, broken, connector_away.
    DELIVERIES: Counter = "kenh_deliveries_total",
    /// Webhook calls refused because nothing proved their origin, by channel and reason.
    REJECTED: Counter = "kenh_deliveries_rejected_total",
    /// Events by channel, kind and outcome: stored, duplicate, not_stored.
    EVENTS: Counter = "kenh_events_total",
    /// Events published without knowing whether they are redeliveries: the state store did not answer.
    DEDUPE_UNCHECKED: Counter = "kenh_dedupe_unchecked_total",
    /// Published events whose redeliveries will not be known: the state store was away for too long.
    DEDUPE_FORGOTTEN: Counter = "kenh_dedupe_forgotten_total",
    /// Items of deliveries that carry no event, by channel and reason.
    SKIPPED: Counter = "kenh_items_skipped_total",
    /// Events that could not be stored, by reason; the sender was told to try again.
    APPEND_FAILURES: Counter = "kenh_append_failures_total",
    /// Events taken into a spool, the process's own or the one that processes share, by what kept them from the broker: unavailable, blocked, timed_out, lost, refused, unroutable, or queued behind others of their partition.
    SPOOLED: Counter = "kenh_spool_events_total",
    /// Events from a spool that the broker has confirmed.
    SPOOL_DRAINED: Counter = "kenh_spool_drained_total",
    /// Events no spool could take, by reason: full, storage, overloaded; the sender was told to try again.
    SPOOL_REFUSED: Counter = "kenh_spool_refused_total",
    /// Events that are published again because the broker may or may not have taken them: each may be in the log twice, with the same id.
    SPOOL_REPEATED: Counter = "kenh_spool_repeated_total",
    /// Attempts to drain a spool that the broker did not confirm, by reason.
    SPOOL_DRAIN_FAILURES: Counter = "kenh_spool_drain_failures_total",
    /// Events in a spool: the process's own, or the one that processes share, of which each says the same.
    SPOOL_HELD: Gauge = "kenh_spool_held_events",
    /// Bytes in use: in the process's own spool those of its file, some kilobytes when it is empty; in the shared one those of its events.
    SPOOL_BYTES: Gauge = "kenh_spool_bytes",
    /// Bytes at which a spool is full.
    SPOOL_LIMIT_BYTES: Gauge = "kenh_spool_limit_bytes",
    /// Age of the oldest event in a spool; 0 when there is none.
    SPOOL_OLDEST_AGE: Gauge = "kenh_spool_oldest_age_seconds",
    /// Seconds from the last byte of a webhook call to its answer, by channel.
    DELIVERY_SECONDS: Histogram = "kenh_delivery_seconds",
    /// Seconds from handing events to the log until it confirmed them.
    APPEND_SECONDS: Histogram = "kenh_append_seconds",
    /// Webhook calls being worked on.
    DELIVERIES_IN_FLIGHT: Gauge = "kenh_deliveries_in_flight",
    /// gRPC event streams open.
    STREAMS: Gauge = "kenh_streams",
    /// Events sent to subscribers.
    EVENTS_DELIVERED: Counter = "kenh_events_delivered_total",
    /// Calls of the api by method and outcome, a gRPC code; of streams, how they began.
    API_CALLS: Counter = "kenh_api_calls_total",
    /// Calls of the api that were refused, and streams that were ended, by reason: credentials_missing, credentials_invalid, token_expired, issuer_unavailable, right_missing, requests_exceeded, streams_exceeded, method_unknown.
    API_REFUSED: Counter = "kenh_api_refused_total",
    /// When the certificate of the api runs out, in seconds since 1970.
    TLS_EXPIRY: Gauge = "kenh_tls_expiry_timestamp_seconds",
    /// How often the issuer of tokens was asked for its keys, by outcome: answered, failed.
    OIDC_FETCHES: Counter = "kenh_oidc_fetches_total",
    /// How often an issuer was asked for the keys that prove a channel's calls, by channel and outcome: answered, failed.
    KEY_FETCHES: Counter = "kenh_key_fetches_total",
    /// What became of events given to named subscriptions: acknowledged, nack_retry, nack_park, nack_skip, expired (no answer within the ack deadline), refused (an answer that came too late or names nothing).
    ACKS: Counter = "kenh_acks_total",
    /// Events parked for an operator, by who could not deal with them: subscription, gateway.
    PARKED: Counter = "kenh_parked_total",
    /// Events parked now, by who could not deal with them: subscription, gateway.
    PARKED_HELD: Gauge = "kenh_parked_events",
    /// Reads of the log on behalf of subscribers that were behind what is kept in memory.
    CATCH_UP_READS: Counter = "kenh_catch_up_reads_total",
    /// Messages in the log that are no envelopes of this gateway and were passed over.
    FOREIGN_MESSAGES: Counter = "kenh_foreign_messages_total",
    /// Messages given to channels, by channel and outcome: accepted, rejected_permanent, rejected_retryable, window_closed, auth_broken, unknown.
    SENT: Counter = "kenh_sent_total",
    /// Accounts that can send, by channel and state: healthy, failing, auth_broken, paused. Every process that dispatches says the same.
    ACCOUNTS: Gauge = "kenh_account_state",
    /// Seconds until the first token of a channel ends, where tokens are renewed; below 0 when it has. Every process that dispatches says the same.
    TOKEN_EXPIRY: Gauge = "kenh_token_expiry_seconds",
    /// Calls to renew a token, by channel and outcome: renewed, refused (a person has to give the consent again), passing (an error of the channel's own), no_answer, unreachable.
    TOKEN_REFRESHES: Counter = "kenh_token_refreshes_total",
    /// Kept credentials, by the key they are sealed with: current (the first of credentials.keys), older (another one of them), unknown.
    CREDENTIALS: Gauge = "kenh_credentials",
    /// Exchanges with channels by what became of their entry in the channel log: alone (one of its own), together (counted in one with others alike), dropped (more came than could wait), lost (the state store was away for too long).
    EXCHANGES: Counter = "kenh_exchanges_total",
    /// Files asked for with GetMedia, by channel and outcome: stored (read from the media store), fetched, enclosed (taken out of the event), not_found, not_kept, gone, too_large, address_refused, credentials_missing, not_ready, unreachable, timeout, store (the media store cannot be used).
    MEDIA: Counter = "kenh_media_total",
    /// Seconds until a file that was not in the media store was in it, by channel.
    MEDIA_FETCH_SECONDS: Histogram = "kenh_media_fetch_seconds",
    /// Bytes in the media store, as this process knows them: counted every ten minutes, and added to what it stored since.
    MEDIA_STORE_BYTES: Gauge = "kenh_media_store_bytes",
    /// Bytes at which the oldest files are removed from the media store.
    MEDIA_STORE_LIMIT_BYTES: Gauge = "kenh_media_store_limit_bytes",
    /// Objects removed from the media store, by reason: age, room (for newer ones), leftover (of a process that died), corrupt.
    MEDIA_REMOVED: Counter = "kenh_media_removed_total",
    /// 1 while connected to the broker, by purpose: publish, read.
    BROKER_CONNECTED: Gauge = "kenh_broker_connected",
    /// Mailboxes' folders that could not be read, each attempt, by channel and reason: unreachable, refused, token, no_folder, denied, broken, store.
    MAILBOX_FAILURES: Counter = "kenh_mailbox_failures_total",
    /// Connections of mail servers by protocol and how they ended: quit, closed (by the peer), timed_out, too_many_errors, tls_failed, stopping; and those that were not served: foreign (from no network that may connect), busy (there were too many).
    MAIL_SESSIONS: Counter = "kenh_mail_sessions_total",
    /// Connections of mail servers open.
    MAIL_SESSIONS_OPEN: Gauge = "kenh_mail_sessions_open",
    /// Mails handed over by SMTP or LMTP, by protocol and outcome: stored, not_stored (it was told to come back), refused (by the sender's own policy, DMARC), too_large, misshapen (its lines end so that two servers could see two mails), broken (it did not arrive whole).
    MAILS: Counter = "kenh_mails_total",
    /// Commands of mail servers that were refused, by protocol and reason: recipient_unknown, too_many_recipients, too_large, tls_missing, out_of_order, syntax, line_too_long, unknown.
    MAIL_REFUSED: Counter = "kenh_mail_refused_total",
    /// What was found out about senders of mail, by method (spf, dkim, dmarc) and result: pass, fail, softfail, neutral, none, temperror, permerror.
    MAIL_CHECKS: Counter = "kenh_mail_checks_total",
    /// Questions for what is new that brought nothing, by channel and reason: unreachable, refused, elsewhere, later, unreadable, store.
    POLL_FAILURES: Counter = "kenh_poll_failures_total",
    /// Binds to message centres that were refused or lost, each attempt, by channel and reason: unreachable, refused, broken, unbound, cut, silent.
    BIND_FAILURES: Counter = "kenh_bind_failures_total",
    /// Messages in parts that were told without all of their parts, by channel.
    INCOMPLETE: Counter = "kenh_messages_incomplete_total",
    /// Connections to the broker that were lost or refused, by purpose.
    BROKER_DISCONNECTS: Counter = "kenh_broker_disconnects_total",
    /// Events that the broker had confirmed and then did not hold; they were published again.
    CONFIRMED_LOST: Counter = "kenh_confirmed_lost_total",
    /// Confirmed events of which it could not be found out whether the broker still holds them, after a doubt.
    CONFIRMED_UNCHECKED: Counter = "kenh_confirmed_unchecked_total",
    /// 1 while the state store can be used.
    STORE_CONNECTED: Gauge = "kenh_store_connected",
    /// Processes attached as the connector of a channel, by channel and kind of what they take: deliveries, sends.
    CONNECTOR_PROCESSES: Gauge = "kenh_connector_processes",
    /// What attached processes were asked, by channel, kind (deliveries, sends) and outcome: answered, invalid (an answer that cannot be used), late, gone (the process went away), busy (all have as much as they take), absent (none is attached).
    CONNECTOR_REQUESTS: Counter = "kenh_connector_requests_total",
    /// Seconds attached processes took to answer, by channel and kind: deliveries, sends.
    CONNECTOR_SECONDS: Histogram = "kenh_connector_request_seconds",
    /// Events of attached processes that were not what the contract wants and are kept as unsupported, by channel.
    CONNECTOR_MISSHAPEN: Counter = "kenh_connector_misshapen_total",
    /// Spans of traces that the collector did not take.
    SPANS_LOST: Counter = "kenh_spans_lost_total",
}

const SECONDS: &[f64] = &[0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0];

/// Installs the recorder. The handle renders the text of `/metrics`.
pub fn install() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), SECONDS)?
        .install_recorder()?;
    for metric in ALL {
        match metric.kind {
            Kind::Counter => metrics::describe_counter!(metric.name, metric.help.trim()),
            Kind::Gauge => metrics::describe_gauge!(metric.name, metric.help.trim()),
            Kind::Histogram => metrics::describe_histogram!(metric.name, metric.help.trim()),
        }
    }
    Ok(handle)
}

thread_local! {
    static COUNTERS: Handles<metrics::Counter> = Handles::default();
    static GAUGES: Handles<metrics::Gauge> = Handles::default();
    static HISTOGRAMS: Handles<metrics::Histogram> = Handles::default();
}

impl Metric {
    /// Counts.
    pub fn add<const N: usize>(self, n: u64, labels: [(&'static str, &'static str); N]) {
        let make = || metrics::counter!(self.name, labels.as_slice());
        handles::with(&COUNTERS, self, labels, make, |counter| counter.increment(n));
    }

    /// Observes a duration.
    pub fn observe<const N: usize>(self, duration: Duration, labels: [(&'static str, &'static str); N]) {
        let make = || metrics::histogram!(self.name, labels.as_slice());
        handles::with(&HISTOGRAMS, self, labels, make, |histogram| histogram.record(duration.as_secs_f64()));
    }

    /// Sets a gauge.
    pub fn set<const N: usize>(self, value: f64, labels: [(&'static str, &'static str); N]) {
        self.gauge(labels, |gauge| gauge.set(value));
    }

    /// Raises a gauge until the guard is dropped.
    #[must_use]
    pub fn hold(self) -> Held {
        self.gauge([], |gauge| gauge.increment(1.0));
        Held(self)
    }

    fn gauge<const N: usize>(self, labels: [(&'static str, &'static str); N], act: impl Fn(&metrics::Gauge)) {
        handles::with(&GAUGES, self, labels, || metrics::gauge!(self.name, labels.as_slice()), act);
    }
}

/// A gauge raised by one.
#[derive(Debug)]
pub struct Held(Metric);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.gauge([], |gauge| gauge.decrement(1.0));
    }
}
