//! The audit log: one line for each call that sends, manages or reads raw bytes, and for each refusal. Its target is
//! `audit`. Nothing anybody wrote stands in it, and no secret.

use std::{
    collections::BTreeSet,
    net::IpAddr,
    num::NonZeroU32,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use kenh_runtime::metrics;
use tonic::Code;
use tracing::info;

use crate::{Principal, refusal::Refusal};

/// Channels, and accounts, that one line names.
const MOST_NAMED: usize = 16;
const LONGEST_NAME: usize = 128;

/// One call, as the audit log will tell of it.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: &'static str,
    pub(crate) request_id: String,
    pub(crate) peer: Option<IpAddr>,
    who: Option<Arc<Principal>>,
    about: Mutex<About>,
}

#[derive(Debug, Default)]
struct About {
    channels: BTreeSet<String>,
    accounts: BTreeSet<String>,
    refused: Option<&'static str>,
    raw: bool,
}

/// What a call is about.
pub(crate) struct Touched<'a> {
    pub(crate) channel: Option<&'a str>,
    pub(crate) account: Option<&'a str>,
}

impl Call {
    pub(crate) fn new(
        method: &'static str,
        request_id: String,
        peer: Option<IpAddr>,
        who: Option<Arc<Principal>>,
    ) -> Self {
        Self { method, request_id, peer, who, about: Mutex::default() }
    }

    pub(crate) fn touch(&self, touched: &Touched<'_>) {
        let mut about = self.about();
        note(&mut about.channels, touched.channel);
        note(&mut about.accounts, touched.account);
    }

    pub(crate) fn touch_all(&self, channels: &[String], accounts: &[String]) {
        let mut about = self.about();
        for channel in channels {
            note(&mut about.channels, Some(channel));
        }
        for account in accounts {
            note(&mut about.accounts, Some(account));
        }
    }

    pub(crate) fn refused(&self, refusal: Refusal<'_>) {
        self.about().refused = Some(refusal.word());
        metrics::API_REFUSED.add(1, [("reason", refusal.word())]);
    }

    /// Raw bytes leave the server: a line at once, as a stream may never end.
    pub(crate) fn reads_raw(&self, touched: &Touched<'_>) {
        let first = !std::mem::replace(&mut self.about().raw, true);
        if first {
            self.touch(touched);
            self.write(Code::Ok);
        }
    }

    /// The call was answered. `always`: it is one of those that are told of even when they succeed.
    pub(crate) fn answered(&self, code: Code, always: bool) {
        if always || self.about().refused.is_some() {
            self.write(code);
        }
    }

    fn write(&self, code: Code) {
        let (channel, account, reason, raw) = {
            let about = self.about();
            (joined(&about.channels), joined(&about.accounts), about.refused, about.raw.then_some(true))
        };
        let client = self.who.as_ref().map(|who| &*who.name);
        let auth = self.who.as_ref().map(|who| who.means.word());
        let (outcome, peer) = (slug(code), self.peer.map(|peer| peer.to_string()));
        let (method, request_id) = (self.method, &self.request_id);
        info!(target: "audit", client, auth, method, channel, account, raw, outcome, reason, request_id, peer, "audit: call");
    }

    fn about(&self) -> std::sync::MutexGuard<'_, About> {
        self.about.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn note(names: &mut BTreeSet<String>, name: Option<&str>) {
    if let Some(name) = name.filter(|_| names.len() < MOST_NAMED) {
        names.insert(name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect());
    }
}

fn joined(names: &BTreeSet<String>) -> Option<String> {
    (!names.is_empty()).then(|| names.iter().map(String::as_str).collect::<Vec<_>>().join(","))
}

/// A code's word, in lines and metrics.
pub(crate) fn slug(code: Code) -> &'static str {
    match code {
        Code::Ok => "ok",
        Code::Cancelled => "cancelled",
        Code::Unknown => "unknown",
        Code::InvalidArgument => "invalid_argument",
        Code::DeadlineExceeded => "deadline_exceeded",
        Code::NotFound => "not_found",
        Code::AlreadyExists => "already_exists",
        Code::PermissionDenied => "permission_denied",
        Code::ResourceExhausted => "resource_exhausted",
        Code::FailedPrecondition => "failed_precondition",
        Code::Aborted => "aborted",
        Code::OutOfRange => "out_of_range",
        Code::Unimplemented => "unimplemented",
        Code::Internal => "internal",
        Code::Unavailable => "unavailable",
        Code::DataLoss => "data_loss",
        Code::Unauthenticated => "unauthenticated",
    }
}

/// Lines that strangers, or a client beyond its quota, can cause: so many at once, then one a second. The others are
/// counted and told of together.
#[derive(Debug, Clone)]
pub(crate) struct Flood(Arc<Lines>);

#[derive(Debug)]
struct Lines {
    allowed: DefaultDirectRateLimiter,
    left_out: AtomicU64,
    of: &'static str,
}

const BURST: NonZeroU32 = NonZeroU32::new(20).unwrap();
const SUMMARY: Duration = Duration::from_secs(10);

impl Flood {
    /// `of`: whose refusals they are.
    pub(crate) fn new(of: &'static str) -> Self {
        let allowed = RateLimiter::direct(Quota::per_second(NonZeroU32::MIN).allow_burst(BURST));
        Self(Arc::new(Lines { allowed, left_out: AtomicU64::new(0), of }))
    }

    /// Whether a line may be written; else it is counted.
    pub(crate) fn allows(&self) -> bool {
        if self.0.allowed.check().is_ok() {
            return true;
        }
        if self.0.left_out.fetch_add(1, Ordering::Relaxed) == 0 {
            // The first of a run tells of all of them a little later: one such task at a time.
            let lines = self.0.clone();
            tokio::spawn(async move {
                tokio::time::sleep(SUMMARY).await;
                let (refused, of) = (lines.left_out.swap(0, Ordering::Relaxed), lines.of);
                info!(target: "audit", refused, of, "audit: further refusals without a line each");
            });
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_flood_of_refusals_writes_a_bounded_number_of_lines() {
        let flood = Flood::new("strangers");
        let written = (0..10_000).filter(|_| flood.allows()).count();
        assert!((20..30).contains(&written), "{written}");
        assert_eq!(flood.0.left_out.load(Ordering::Relaxed), 10_000 - u64::try_from(written).unwrap());
    }

    #[test]
    fn a_line_names_a_bounded_number_of_bounded_names() {
        let call = Call::new("m", String::new(), None, None);
        let names: Vec<_> = (0..100).map(|number| format!("{number:02}\n{}", "x".repeat(1000))).collect();
        call.touch_all(&names, &[]);
        let about = call.about();
        assert_eq!(about.channels.len(), MOST_NAMED);
        assert!(about.channels.iter().all(|name| name.len() == LONGEST_NAME && !name.contains('\n')));
    }
}
