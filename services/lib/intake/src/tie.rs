//! Tying receipts and echoes to what was sent through this gateway.
//!
//! Where the channel repeats our own reference, or the state store knows the channel's id, the event says whose it is. A
//! store that does not answer soon costs the event nothing else: the channel waits for its answer.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use kenh_proto::v1::{Direction, Envelope, Target, envelope::Payload};
use kenh_store::Store;
use tracing::debug;
use uuid::Uuid;

/// Longer than this nobody waits for it.
const PATIENCE: Duration = Duration::from_millis(250);

/// Ties events.
#[derive(Clone)]
pub(crate) struct Ties(pub(crate) Arc<dyn Store>);

impl Ties {
    /// Names the outbound message on each event that is about one.
    pub(crate) async fn tie(&self, channel: &str, envelopes: &mut [Envelope]) {
        let mut asked: BTreeMap<String, Vec<(usize, String)>> = BTreeMap::new();
        for (index, envelope) in envelopes.iter_mut().enumerate() {
            if let Some(id) = referred(envelope) {
                name(envelope, id);
                continue;
            }
            let Some(provider_id) = about(envelope) else { continue };
            let account = envelope.account.as_ref().and_then(|account| account.external_id.clone());
            asked.entry(account.unwrap_or_default()).or_default().push((index, provider_id));
        }
        for (account, asked) in asked {
            let ids: Vec<_> = asked.iter().map(|(_, id)| id.clone()).collect();
            match tokio::time::timeout(PATIENCE, self.0.whose(channel, &account, &ids)).await {
                Ok(Ok(found)) => {
                    for ((index, _), outbound) in asked.into_iter().zip(found) {
                        if let (Some(envelope), Some(outbound)) = (envelopes.get_mut(index), outbound) {
                            name(envelope, outbound);
                        }
                    }
                }
                Ok(Err(error)) => debug!(channel, %error, "receipts are not tied"),
                Err(_) => debug!(channel, "receipts are not tied in time"),
            }
        }
    }
}

/// The channel's id of the one message an event is about, where it is one that we may have sent.
fn about(envelope: &Envelope) -> Option<String> {
    match &envelope.payload {
        Some(Payload::Receipt(receipt)) => match receipt.provider_message_ids.as_slice() {
            [one] => Some(one.clone()),
            _ => None,
        },
        Some(Payload::Message(_)) if envelope.direction() == Direction::Echo => envelope.provider_message_id.clone(),
        Some(_) | None => None,
    }
}

/// Our own reference in a receipt or an echo: `<outbound message>.<piece>`.
fn referred(envelope: &Envelope) -> Option<Uuid> {
    match (&envelope.payload, envelope.direction()) {
        (Some(Payload::Receipt(_)), _) | (Some(Payload::Message(_)), Direction::Echo) => {}
        (Some(_) | None, _) => return None,
    }
    let reference = envelope.target.as_ref()?.client_reference.as_deref()?;
    Uuid::try_parse(reference.split_once('.')?.0).ok()
}

fn name(envelope: &mut Envelope, outbound: Uuid) {
    envelope.target.get_or_insert_with(Target::default).message_id = Some(outbound.to_string());
}
