//! An item that could not be read can be put back into a body of its own.

use connector_sdk::Delivery;
use kenh_proto::v1::{Account, Envelope, envelope::Payload};

use super::{configured::endpoint, normalize::envelopes};
use crate::call::Call;

/// Any bytes can be made whole, with any account. What a call holds that cannot be read comes, made whole, from the
/// same account, and is not lost.
pub fn whole(data: &[u8]) {
    let Some(call) = Call::parse(data) else { return };
    let connector = &*endpoint(call.registration).connector;
    let account = Account { external_id: Some(call.query.into()), ..Account::default() };
    let foreign = Envelope { account: Some(account), ..Envelope::default() };
    is_bounded(call.body, &connector.whole(call.body, &foreign), call.query.len());
    for envelope in envelopes(&call, call.delivery()) {
        let item = envelope.raw.as_ref().and_then(|raw| raw.bytes.clone());
        let (Some(Payload::Unsupported(_)), Some(item)) = (&envelope.payload, item) else { continue };
        let body = connector.whole(&item, &envelope);
        is_bounded(&item, &body, call.body.len());
        let read = envelopes(&call, Delivery { headers: &call.headers, body: &body });
        assert!(!read.is_empty(), "nothing comes of {} made whole", item.escape_ascii());
        let external = |envelope: &Envelope| envelope.account.as_ref().and_then(|account| account.external_id.clone());
        // Nothing else will ever be an event.
        let is_object = item.trim_ascii_start().starts_with(b"{");
        if is_object && external(&envelope).is_some() {
            let same = read.iter().all(|other| external(other) == external(&envelope));
            assert!(same, "made whole it is another account's: {}", body.escape_ascii());
        }
    }
}

fn is_bounded(item: &[u8], whole: &[u8], more: usize) {
    assert!(whole.len() <= 8 * (item.len() + more) + 1024, "{} bytes made whole are {}", item.len(), whole.len());
}
