//! What a provider is: how its calls are proven, and how one is read.

use connector_sdk::{
    Batch, Event, Malformed, RawRequest, Rejected, Sample, Verified, digest_key,
    fields::{self, Item, Items},
};

use crate::{heard::Heard, settings::Settings};

/// The header a provider would send with a body.
type Sign = fn(&Settings, &[u8]) -> Option<(&'static str, String)>;

/// A setting only some providers have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setting {
    /// The address is signed: `public_url`.
    PublicUrl,
    /// The signed body holds a time: `replay_window`.
    ReplayWindow,
    /// Recordings want the account's name and secret: `media_hosts`.
    MediaHosts,
}

/// One provider. `providers.rs` lists them.
pub(crate) struct Provider {
    /// Its name in settings.
    pub(crate) name: &'static str,
    /// Proves a call.
    pub(crate) verify: for<'a> fn(&Settings, RawRequest<'a>) -> Result<Verified<'a>, Rejected>,
    /// The header it would send with this body.
    pub(crate) sign: Sign,
    /// Headers to keep with the bytes of a call. Never a token.
    pub(crate) headers: &'static [&'static str],
    /// It knows a token, as opposed to signing.
    pub(crate) by_token: bool,
    /// Settings only this one has.
    pub(crate) settings: &'static [Setting],
    /// It delivers with GET too.
    pub(crate) by_get: bool,
    /// Reads a call.
    pub(crate) read: fn(&Item) -> Result<Heard, Malformed>,
    /// An endpoint's settings, with secrets from the environment.
    pub(crate) example: &'static str,
    /// A call of each sort.
    pub(crate) samples: &'static [Sample],
}

// By hand: functions and samples say nothing.
impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Provider({})", self.name)
    }
}

/// Reads a call of a provider. Each holds one event.
pub(crate) fn read(provider: &Provider, body: &[u8]) -> Result<Batch, Malformed> {
    let Some(item) = fields::read(body, Items::One)?.pop() else { return Ok(Batch::skipped("empty_batch")) };
    let event = match (provider.read)(&item) {
        Ok(heard) => heard.event(&item),
        Err(fault) => {
            let mut event = Event::unsupported(None, &item.raw, None, fault.reason, Some(fault.detail));
            event.envelope.dedupe_key = digest_key(&item.canonical());
            event
        }
    };
    Ok(event.degraded(item.mended).into())
}

/// The fault of a call that tells of no state of a call.
pub(crate) fn not_typed(detail: &str) -> Malformed {
    Malformed { reason: "not_typed", detail: detail.into() }
}
