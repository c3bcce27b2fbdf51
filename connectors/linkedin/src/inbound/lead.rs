//! A form that somebody filled in below an advertisement, an event or a page. What they wrote is to be fetched by its id.

use connector_sdk::{
    Event, Malformed, digest_key,
    json::{self, Soft, Word, missing},
    time::{Epoch, OUT_OF_RANGE},
};
use kenh_proto::v1::{AccountEvent, AccountEventKind, ActorRole, Direction, envelope::Payload};

use crate::wire::Lead;

/// `LEAD_ACTION`
pub(super) fn told(body: &[u8]) -> Event {
    let fault =
        |fault: Malformed| Event::unsupported(None, body, Some("LEAD_ACTION"), fault.reason, Some(fault.detail));
    json::object::<Lead>(body)
        .map_err(fault)
        .map_or_else(|event| event, |lead| read(body, &lead.value).unwrap_or_else(fault))
}

fn read(body: &[u8], lead: &Lead) -> Result<Event, Malformed> {
    let id = lead.lead_gen_form_response.0.get().ok_or_else(|| missing("leadGenFormResponse"))?;
    let owner = lead.owner.0.organization.0.get().or_else(|| lead.owner.0.sponsored_account.0.get());
    let entity = &lead.associated_entity.0;
    let about = [("event", &entity.event), ("creative", &entity.creative), ("share", &entity.share)];
    let named = [("leadGenForm", &lead.lead_gen_form), ("leadType", &lead.lead_type)];
    let value = |(name, word): (&str, &Soft<Word>)| Some((name.to_owned(), word.0.get()?.to_owned()));
    let payload = AccountEvent {
        kind: AccountEventKind::Lead.into(),
        current: lead.lead_action.0.get().map(Into::into),
        subject: Some(id.into()),
        values: named.into_iter().chain(about).filter_map(value).collect(),
        ..AccountEvent::default()
    };
    let at = lead.occurred_at.and_then(Epoch::timestamp);
    let key = format!("lead:{id}:{}", digest_key(body));
    let event = Event::new(owner, key, body, Payload::AccountEvent(payload));
    let event = event.direction(Direction::System).actor(ActorRole::System, None);
    let broken = lead.occurred_at.is_some() && at.is_none();
    Ok(event.occurred_at(at).degraded(broken.then_some(OUT_OF_RANGE)))
}
