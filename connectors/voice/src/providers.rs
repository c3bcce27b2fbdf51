//! Every provider, in alphabetical order.

mod omicall;
mod stringee;
mod twilio;

use connector_sdk::{Batch, Event, Malformed};
use kenh_proto::v1::envelope::Payload;

pub(crate) use self::stringee::STRINGEE;
use crate::provider::{Provider, read};

/// The one list.
pub(crate) const PROVIDERS: &[&Provider] = &[&omicall::OMICALL, &STRINGEE, &twilio::TWILIO];

/// Reads a call of a provider nobody names: of the first that knows it.
pub(crate) fn recognized(body: &[u8]) -> Result<Batch, Malformed> {
    let is_typed = |event: &Event| !matches!(event.envelope.payload, Some(Payload::Unsupported(_)));
    let mut batches = PROVIDERS.iter().filter_map(|provider| read(provider, body).ok());
    match batches.find(|batch| batch.events.iter().all(is_typed)) {
        Some(batch) => Ok(batch),
        None => read(&STRINGEE, body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_in_order() {
        assert!(PROVIDERS.is_sorted_by(|a, b| a.name < b.name));
    }
}
