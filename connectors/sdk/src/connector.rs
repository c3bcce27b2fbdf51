//! The two traits' worth of behaviour that makes a channel.

use std::{borrow::Cow, fmt, sync::Arc, time::SystemTime};

use kenh_proto::v1::Envelope;

use crate::{
    Batch, Delivery, Malformed, RawRequest, Rejected, Verified,
    keys::PublishedKeys,
    mailbox::Mailbox,
    media::{Download, Wanted},
    outbound::{Answer, Outbound},
    polled::Polled,
    process::ByProcess,
    reception::Reception,
    smsc::{Part, Smsc},
};

/// One configured endpoint of a channel.
pub trait Connector: fmt::Debug + Send + Sync + 'static {
    /// Proves that the channel sent this request. Runs before anything is parsed; see [`crate::signature`].
    fn verify<'a>(&self, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected>;

    /// Turns a delivery into events. Never panics, and never lets one bad item cost its neighbours: an item it
    /// cannot type becomes [`crate::Event::unsupported`]. `Malformed` is for a body that has no items at all.
    fn normalize(&self, delivery: Delivery<'_>) -> Result<Batch, Malformed>;

    /// The body in which one item of a batch would have come alone: what an `unsupported` event holds, made whole
    /// again, so that it can be read once more when its kind is known. Where it stood says its [`crate::place`], never its
    /// look: an item may look like a body. The item itself where it has none, and where bodies hold one event.
    fn whole<'a>(&self, item: &'a [u8], _envelope: &Envelope) -> Cow<'a, [u8]> {
        item.into()
    }

    /// The bytes of a file that came within a delivery: of a [`kenh_proto::v1::MediaState::Enclosed`] medium, by its
    /// `provider_ref`. `None` where there is no such file. The same delivery gives the same bytes, in every version.
    fn enclosed(&self, _delivery: Delivery<'_>, _provider_ref: &str) -> Option<Vec<u8>> {
        None
    }

    /// How the bytes of a file at the channel are had, given the answers to what was asked so far, none at first. The same answers
    /// give the same step. The default is for files that anybody may fetch by their address.
    fn download(&self, wanted: &Wanted<'_>, _answers: &[Answer]) -> Download {
        Download::by_address(wanted.media)
    }

    /// Headers the channel would put on this body: the inverse of `verify`, for `kenh simulate` and for tests.
    fn sign(&self, body: &[u8]) -> Vec<(&'static str, String)>;

    /// The same at a certain time, where the channel signs the time too.
    fn sign_at(&self, body: &[u8], _at: SystemTime) -> Vec<(&'static str, String)> {
        self.sign(body)
    }

    /// What the channel wants to hear once the events of this delivery are safe. Asked of verified deliveries only.
    fn ack(&self, _delivery: Delivery<'_>) -> Ack {
        Ack::Empty
    }

    /// Whether the channel delivers with GET too. Such a call's query string is its body, for `verify`, `normalize` and
    /// `ack` alike, and there is no [`Connector::handshake`].
    fn delivers_by_get(&self) -> bool {
        false
    }

    /// Answers a GET on the webhook address, where the channel asks one when the address is set up, or from time to time.
    /// Neither the log nor the store is asked: this works when both are away.
    fn handshake(&self, _request: RawRequest<'_>) -> Handshake {
        Handshake::Unknown
    }

    /// Whether the channel marks this request as a repeat. Recorded in `quality.redelivered`, nothing more.
    fn is_redelivery(&self, _delivery: Delivery<'_>) -> bool {
        false
    }

    /// Names of the headers that `verify` reads: kept with the raw bytes so that a delivery can be proven again.
    fn proof_headers(&self) -> &[&'static str] {
        &[]
    }

    /// The keys that prove calls, where an issuer publishes them; the gateway fetches them and keeps them new.
    fn published_keys(&self) -> Option<&Arc<PublishedKeys>> {
        None
    }

    /// The sending half, where the channel has one and the endpoint is configured for it.
    fn outbound(&self) -> Option<&dyn Outbound> {
        None
    }

    /// The mailbox to read, where the endpoint is one. Its messages are normalized as deliveries whose content type is one
    /// of those in [`crate::mailbox`].
    fn mailbox(&self) -> Option<&Mailbox> {
        None
    }

    /// What mail the endpoint takes that other servers hand to the gateway. Each is normalized as a delivery that
    /// [`crate::reception`] describes.
    fn reception(&self) -> Option<&Reception> {
        None
    }

    /// How the channel is asked for what is new, where the endpoint is set up for that. Its deliveries are normalized as those
    /// of calls are.
    fn polled(&self) -> Option<&dyn Polled> {
        None
    }

    /// The message centre to be connected to, where the endpoint is one. What it sends is normalized as [`crate::smsc`] says.
    fn smsc(&self) -> Option<&Arc<Smsc>> {
        None
    }

    /// The message that one PDU of a message centre is a part of; one that stands for itself is the only part of its own.
    /// `None` for what is no message of a person: it is normalized as it is.
    fn part(&self, _pdu: &[u8]) -> Option<Part> {
        None
    }

    /// Set where a process of an integrator's does the rest: then [`Connector::normalize`] and [`Connector::ack`] are not asked,
    /// and [`Connector::verify`] only where the gateway proves calls itself.
    fn by_process(&self) -> Option<&Arc<ByProcess>> {
        None
    }

    /// Pages to serve outside the webhook address, such as a proof of domain ownership.
    fn pages(&self) -> Vec<Page> {
        Vec::new()
    }
}

/// What a 200 says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ack {
    /// Nothing.
    Empty,
    /// This text, as text/plain.
    Text(Cow<'static, str>),
    /// This text, as application/json.
    Json(Cow<'static, str>),
    /// Nothing, with 204 in the place of 200: Discord wants that of its events.
    NoContent,
}

/// The answer to a set-up request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handshake {
    /// The channel has no such request: 405.
    Unknown,
    /// Something it needs is missing: 400.
    Incomplete(&'static str),
    /// The token is wrong: 403.
    Refused,
    /// The right answer, as text/plain with 200.
    Answer(String),
    /// The right answer, as application/json with 200.
    Json(String),
}

/// A fixed page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Absolute path, starting with a slash.
    pub path: String,
    /// Its content type.
    pub content_type: &'static str,
    /// Its content.
    pub body: String,
}
