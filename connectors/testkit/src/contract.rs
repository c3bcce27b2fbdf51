//! What holds for every connector, whatever its channel.

use std::{
    collections::HashSet,
    env,
    panic::AssertUnwindSafe,
    thread,
    time::{Duration, SystemTime},
};

use connector_sdk::{Connector, Delivery, Proof, RawRequest, Registration, Rejected, Sample, Verified};
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use crate::{Chance, configured, mutate};

/// Seconds after 1970 when the calls come in.
const NOW: u64 = 1_767_225_600;

/// Mutations of each sample, for panics alone; what else must hold of them is in tests/fuzz. `KENH_FUZZ_EACH` says another number.
const MUTATIONS_PER_SAMPLE: u64 = 200;

/// Runs the whole contract.
///
/// # Panics
/// When the connector breaks it; the text says where.
pub fn contract(registration: &Registration) {
    assert!(!registration.samples.is_empty(), "{} has no samples", registration.channel);
    let connector = configured(registration, "");
    let stranger = configured(registration, "another-");
    let bare = (registration.bare)();
    no_secret_in_debug(registration, &*connector);
    for sample in registration.samples {
        let call = Call::signed(&*connector, sample);
        let proof = call.verified(&*connector).map(|verified| verified.proof());
        assert!(proof.is_ok(), "{}: a signed sample is refused", sample.name);
        assert!(call.verified(&*stranger).is_err(), "{}: accepted under another secret", sample.name);
        assert_eq!(call.verified(&*bare).err(), Some(Rejected::NoSecret), "{}: accepted without a secret", sample.name);
        // A token covers no body; which channels have no more than that is written down in the catalog's tests.
        if proof == Ok(Proof::Signature) {
            tampering_is_refused(&*connector, sample, &call);
        }
        other_signatures_are_refused(&*connector, sample, &call);
        normalizing_is_sound(&*connector, sample, &call);
        hostile_bytes_never_panic(&*connector, sample);
    }
}

/// Runs the contract of several, each in a thread that bears its name: it is long, and the failure of one says nothing of the
/// others.
///
/// # Panics
/// When one breaks it; the text names all that do.
pub fn contracts<'a>(registrations: impl IntoIterator<Item = (&'a str, &'a Registration)>) {
    let broken: Vec<_> = thread::scope(|scope| {
        let start = |(name, registration): (&'a str, &'a Registration)| {
            let named = thread::Builder::new().name(name.to_owned());
            (name, named.spawn_scoped(scope, || contract(registration)).expect("a thread"))
        };
        let running: Vec<_> = registrations.into_iter().map(start).collect();
        running.into_iter().filter_map(|(name, run)| run.join().err().map(|_| name)).collect()
    });
    assert!(broken.is_empty(), "the contract is broken by {broken:?}");
}

/// How a channel's samples are proven.
///
/// # Panics
/// When they are not.
pub fn proof(registration: &Registration) -> Proof {
    let connector = configured(registration, "");
    let sample = registration.samples.first().expect("a sample");
    Call::signed(&*connector, sample).verified(&*connector).expect("a signed sample is accepted").proof()
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(NOW)
}

struct Call {
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Call {
    fn signed(connector: &dyn Connector, sample: &Sample) -> Self {
        let mut headers = headers(sample);
        for (name, value) in connector.sign_at(sample.body.as_bytes(), now()) {
            headers.insert(HeaderName::from_bytes(name.as_bytes()).expect("a header name"), text(&value));
        }
        Self { headers, body: sample.body.into() }
    }

    fn verified(&self, connector: &dyn Connector) -> Result<Verified<'_>, Rejected> {
        connector.verify(RawRequest {
            method: &Method::POST,
            query: "",
            headers: &self.headers,
            body: &self.body,
            received_at: now(),
        })
    }
}

fn headers(sample: &Sample) -> HeaderMap {
    let named =
        |(name, value): &(&'static str, &str)| (name.to_lowercase().parse().expect("a header name"), text(value));
    sample.headers.iter().map(named).collect::<HeaderMap>()
}

fn text(value: &str) -> HeaderValue {
    HeaderValue::from_str(value).expect("a header value")
}

fn no_secret_in_debug(registration: &Registration, connector: &dyn Connector) {
    let shown = format!("{connector:?}");
    for secret in registration.example.split("${").skip(1).filter_map(|rest| rest.split('}').next()) {
        assert!(!shown.contains(secret), "Debug of {} shows the secret {secret}", registration.channel);
    }
}

fn tampering_is_refused(connector: &dyn Connector, sample: &Sample, call: &Call) {
    let refused = |headers: HeaderMap, body: Vec<u8>, what: &str| {
        let tampered = Call { headers, body };
        assert!(tampered.verified(connector).is_err(), "{}: {what} is accepted", sample.name);
    };
    for position in 0..call.body.len() {
        let mut body = call.body.clone();
        if let Some(byte) = body.get_mut(position) {
            *byte ^= 1;
        }
        refused(call.headers.clone(), body, &format!("a body changed at byte {position}"));
    }
    refused(
        call.headers.clone(),
        call.body.split_last().map(|(_, rest)| rest.to_vec()).unwrap_or_default(),
        "a shorter body",
    );
    refused(call.headers.clone(), [&call.body[..], b"\n"].concat(), "a body with a line feed behind it");
    refused(call.headers.clone(), Vec::new(), "an empty body");
}

fn other_signatures_are_refused(connector: &dyn Connector, sample: &Sample, call: &Call) {
    let refused = |headers: HeaderMap, body: Vec<u8>, what: &str| {
        let tampered = Call { headers, body };
        assert!(tampered.verified(connector).is_err(), "{}: {what} is accepted", sample.name);
    };
    for (name, value) in connector.sign_at(&call.body, now()) {
        let with = |value: Option<&str>| {
            let mut headers = call.headers.clone();
            headers.remove(name);
            if let Some(value) = value {
                headers.insert(HeaderName::from_bytes(name.as_bytes()).expect("a header name"), text(value));
            }
            headers
        };
        let shorter: String = value.chars().take(value.len() - 1).collect();
        let other_end = if value.ends_with('0') { format!("{shorter}1") } else { format!("{shorter}0") };
        refused(with(None), call.body.clone(), "a call without a signature");
        refused(with(Some("")), call.body.clone(), "an empty signature");
        refused(with(Some(&shorter)), call.body.clone(), "a truncated signature");
        refused(with(Some(&other_end)), call.body.clone(), "another signature");
        let mut twice = call.headers.clone();
        twice.append(HeaderName::from_bytes(name.as_bytes()).expect("a header name"), text(&value));
        refused(twice, call.body.clone(), "a signature given twice");
    }
}

fn normalizing_is_sound(connector: &dyn Connector, sample: &Sample, call: &Call) {
    let delivery = || Delivery { headers: &call.headers, body: &call.body };
    let batch = connector.normalize(delivery()).unwrap_or_else(|error| panic!("{}: {error}", sample.name));
    let again = connector.normalize(delivery()).expect("the same as before");
    assert!(!batch.events.is_empty() || !batch.skipped.is_empty(), "{}: gives nothing at all", sample.name);
    let mut keys = HashSet::new();
    for (event, same) in batch.events.iter().zip(&again.events) {
        let draft = &event.envelope;
        assert_eq!(draft, &same.envelope, "{}: the same input gives another event", sample.name);
        assert!(!draft.dedupe_key.is_empty(), "{}: an event has no identity", sample.name);
        let account = draft.account.as_ref().and_then(|account| account.external_id.clone());
        assert!(keys.insert((account, draft.dedupe_key.clone())), "{}: two events have one identity", sample.name);
        assert!(draft.payload.is_some() && draft.direction != 0, "{}: payload or direction is missing", sample.name);
        assert!(draft.id.is_empty() && draft.received_at.is_none(), "{}: stamps what is the pipeline's", sample.name);
        let contact = draft.contact.iter().flat_map(|contact| &contact.identities);
        assert!(contact.into_iter().all(|id| !id.value.is_empty()), "{}: an empty identity", sample.name);
        let conversation = draft.conversation.as_ref().map(|conversation| &conversation.external_id);
        assert!(conversation.is_none_or(|id| !id.is_empty()), "{}: an empty conversation id", sample.name);
        assert!(!event.raw.is_empty(), "{}: an event without its bytes", sample.name);
    }
    assert_eq!(batch.events.len(), again.events.len());
}

fn mutations() -> u64 {
    let asked = env::var_os("KENH_FUZZ_EACH");
    asked.map_or(MUTATIONS_PER_SAMPLE, |number| number.to_string_lossy().parse().expect("a number"))
}

fn hostile_bytes_never_panic(connector: &dyn Connector, sample: &Sample) {
    let headers = headers(sample);
    let mut chance = Chance::new(1);
    let body = sample.body.as_bytes();
    let prefixes = (0..body.len()).filter_map(|end| body.get(..end).map(<[u8]>::to_vec));
    let mutations = (0..mutations()).map(|_| mutate(body, b"", &mut chance)).collect::<Vec<_>>();
    for hostile in prefixes.chain(mutations) {
        let run = AssertUnwindSafe(|| {
            let delivery = Delivery { headers: &headers, body: &hostile };
            let _ = connector.normalize(delivery).map(|batch| batch.events.len());
            let _ = connector.verify(RawRequest {
                method: &Method::POST,
                query: "",
                headers: &headers,
                body: &hostile,
                received_at: now(),
            });
            connector.ack(delivery);
            connector.sign_at(&hostile, now())
        });
        let outcome = std::panic::catch_unwind(run);
        assert!(outcome.is_ok(), "{}: panics on {:?}", sample.name, String::from_utf8_lossy(&hostile));
    }
}
