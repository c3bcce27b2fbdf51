//! An item that could not be read can be put back into a body of its own.

use connector_sdk::Delivery;
use connector_testkit::containers;
use kenh_proto::v1::{Account, Envelope, Unsupported, envelope::Payload};

use super::{configured::endpoint, normalize::envelopes};
use crate::call::Call;

/// Any bytes can be made whole, with any account and place. What a call holds that cannot be read comes, made whole, from
/// the same account, for the same reason.
pub fn whole(data: &[u8]) {
    let Some(call) = Call::parse(data) else { return };
    let connector = &*endpoint(call.registration).connector;
    let account = Account { external_id: Some(call.query.into()), ..Account::default() };
    let anywhere = Unsupported { place: Some(call.query.into()), ..Unsupported::default() };
    let payload = Some(Payload::Unsupported(anywhere));
    let foreign = Envelope { account: Some(account), payload, ..Envelope::default() };
    is_bounded(call.body, &connector.whole(call.body, &foreign), call.query.len());
    for envelope in envelopes(&call, call.delivery()) {
        let item = envelope.raw.as_ref().and_then(|raw| raw.bytes.clone());
        let (Some(Payload::Unsupported(unsupported)), Some(item)) = (&envelope.payload, item) else { continue };
        let is_item = is_item(call.body, &item);
        assert!(unsupported.place.is_some() || !is_item, "no place is said of {}", item.escape_ascii());
        let body = connector.whole(&item, &envelope);
        is_bounded(&item, &body, call.body.len());
        let read = envelopes(&call, Delivery { headers: &call.headers, body: &body });
        assert!(!read.is_empty(), "nothing comes of {} made whole", item.escape_ascii());
        let reason = |envelope: &Envelope| match &envelope.payload {
            Some(Payload::Unsupported(unsupported)) => Some(unsupported.reason.clone()),
            _ => None,
        };
        let same = read.iter().any(|other| reason(other).as_ref() == Some(&unsupported.reason));
        assert!(same, "made whole it is read in another way: {} in {}", unsupported.reason, body.escape_ascii());
        let external = |envelope: &Envelope| envelope.account.as_ref().and_then(|account| account.external_id.clone());
        if external(&envelope).is_some() {
            let same = read.iter().all(|other| external(other) == external(&envelope));
            assert!(same, "made whole it is another account's: {}", body.escape_ascii());
        }
    }
}

/// Whether the bytes stand in a list of a body.
fn is_item(body: &[u8], bytes: &[u8]) -> bool {
    let lists = containers(body).into_iter().filter(|container| container.is_array);
    lists.flat_map(|list| list.items).any(|item| body.get(item) == Some(bytes))
}

fn is_bounded(item: &[u8], whole: &[u8], more: usize) {
    assert!(whole.len() <= 8 * (item.len() + more) + 1024, "{} bytes made whole are {}", item.len(), whole.len());
}
