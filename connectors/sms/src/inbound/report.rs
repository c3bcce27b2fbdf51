//! Delivery reports.

use std::collections::HashMap;

use connector_sdk::{Event, Malformed, fields::Item, json::missing};
use kenh_proto::v1::{ActorRole, Direction, Receipt, ReceiptStatus, Target, envelope::Payload};

use super::{Reader, about};
use crate::provider::{Report, Status};

impl Reader<'_> {
    pub(super) fn report(self, item: &Item, rule: &Report) -> Result<Event, Malformed> {
        let id = item.get(rule.id).ok_or_else(|| missing("the message's id"))?;
        let (word, status) = how_far(item, rule.status).ok_or_else(|| missing("the status"))?;
        let further = rule.key.iter().map(|path| item.get_at(path).unwrap_or_default());
        let key: Vec<_> = [id.clone(), word.clone()].into_iter().chain(further).collect();
        // Success has a code as well: zeros.
        let code = item.get(rule.code).filter(|code| code.bytes().any(|byte| byte != b'0'));
        let error_text = code.as_ref().and_then(|_| item.get(rule.detail));
        let values = rule.values.iter().filter_map(|(name, path)| Some(((*name).to_owned(), item.get_at(path)?)));
        // The provider's own word is kept, also where this version does not know it.
        let values: HashMap<_, _> = values.chain([("status".to_owned(), word)]).collect();
        let receipt = Receipt {
            status: status.into(),
            provider_message_ids: vec![id.clone()],
            error_code: code,
            error_text,
            values,
            ..Receipt::default()
        };
        let account = self.account(item, rule.from);
        let target =
            Target { provider_message_id: Some(id), client_reference: item.get(rule.reference), ..Target::default() };
        let event = Event::new(account.as_deref(), key.join(":"), &item.raw, Payload::Receipt(receipt))
            .direction(Direction::System)
            .actor(ActorRole::System, None)
            .occurred_at(rule.at.and_then(|(paths, clock)| clock.read(&item.get(paths)?)))
            .target(target);
        Ok(match self.address(item, rule.to) {
            Some(contact) => about(event, &contact),
            None => event,
        })
    }
}

/// The provider's word, and what it means: nothing certain where the table does not know it.
fn how_far(item: &Item, status: Status) -> Option<(String, ReceiptStatus)> {
    match status {
        Status::Read(read) => read(item),
        Status::Words(paths, words) => {
            let word = item.get(paths)?;
            let known = words.iter().find(|(known, _)| word.eq_ignore_ascii_case(known));
            Some((word, known.map_or(ReceiptStatus::Unspecified, |(_, status)| *status)))
        }
    }
}
