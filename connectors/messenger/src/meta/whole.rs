//! The body in which one item would have come alone.

use std::borrow::Cow;

use kenh_proto::v1::Envelope;
use serde_json::{Value, json};

use super::object;

/// Puts an item or an entry back into a body about `about`; a body stays as it is.
pub(crate) fn whole<'a>(item: &'a [u8], envelope: &Envelope, about: &str) -> Cow<'a, [u8]> {
    let Ok(read) = object::read::<Value>(item) else { return item.into() };
    let has = |name| read.value.get(name).is_some();
    if has("entry") {
        return item.into();
    }
    let entry = if has("messaging") || has("standby") || has("changes") {
        read.value
    } else {
        let account = envelope.account.as_ref().and_then(|account| account.external_id.as_deref());
        let time = envelope
            .occurred_at
            .map(|at| at.seconds.saturating_mul(1000).saturating_add(i64::from(at.nanos) / 1_000_000));
        let list = if has("field") { "changes" } else { "messaging" };
        json!({"id": account, "time": time, list: [read.value]})
    };
    json!({"object": about, "entry": [entry]}).to_string().into_bytes().into()
}
