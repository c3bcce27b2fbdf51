//! What people do with buttons, queries and polls.

use std::collections::HashMap;

use connector_sdk::{Event, Malformed, json::Word};
use kenh_proto::v1::{Action, ActionKind, Direction, Feedback, Target, envelope::Payload};

use super::{
    item::{Item, placed},
    person,
};
use crate::wire::{Callback, Chosen, PaidMedia, PollAnswer, PreCheckout, Shipping};

/// `callback_query`: a button below a message. It turns until it is answered, hence the query's id.
pub(super) fn tapped(item: &Item<'_>, wire: Callback) -> Result<Event, Malformed> {
    let action = Action {
        kind: ActionKind::Postback.into(),
        payload: wire.data.0.into_option().or_else(|| wire.game_short_name.0.into_option()),
        values: values([("callback_query_id", wire.id), ("inline_message_id", wire.inline_message_id.0)]),
        title: None,
    };
    let event = person::by(item.event(Payload::Action(action)), &wire.from);
    let Some(button) = wire.message.0 else { return Ok(event) };
    let event = placed(event, &button.chat, button.business_connection_id.0.get())?;
    Ok(match button.message_id.into_option() {
        Some(id) => event.target(Target { provider_message_id: Some(id), ..Target::default() }),
        None => event,
    })
}

/// `chosen_inline_result`: one of the answers the bot offered in another chat was sent there.
pub(super) fn chosen(item: &Item<'_>, wire: Chosen) -> Event {
    let more = values([("query", wire.query.0), ("inline_message_id", wire.inline_message_id.0)]);
    let kind = ActionKind::ListRow.into();
    let action = Action { kind, title: None, payload: wire.result_id.into_option(), values: more };
    person::by(item.event(Payload::Action(action)), &wire.from)
}

/// `shipping_query`: where to, asked before paying. Has to be answered under its id.
pub(super) fn shipping(item: &Item<'_>, wire: Shipping) -> Event {
    let to = wire.shipping_address.0;
    let more = values([
        ("shipping_query_id", wire.id),
        ("country", to.country_code),
        ("state", to.state),
        ("city", to.city),
        ("address", to.street_line1),
        ("address_2", to.street_line2),
        ("post_code", to.post_code),
    ]);
    form(item, wire.invoice_payload.0, more, &wire.from)
}

/// `pre_checkout_query`: the last question before paying. Has to be answered under its id, within seconds.
pub(super) fn checkout(item: &Item<'_>, wire: PreCheckout) -> Event {
    let more = values([
        ("pre_checkout_query_id", wire.id),
        ("currency", wire.currency.0),
        ("total_amount", wire.total_amount.0),
    ]);
    form(item, wire.invoice_payload.0, more, &wire.from)
}

/// `purchased_paid_media`
pub(super) fn purchased(item: &Item<'_>, wire: PaidMedia) -> Event {
    let kind = ActionKind::Postback.into();
    let payload = wire.paid_media_payload.0.into_option();
    person::by(item.event(Payload::Action(Action { kind, payload, ..Action::default() })), &wire.from)
}

/// `poll_answer`: which answers of a poll of the bot's were chosen, by their place; none when the vote is withdrawn.
pub(super) fn voted(item: &Item<'_>, wire: PollAnswer) -> Event {
    let choices = wire.option_ids.into_iter().filter_map(Word::into_option).collect();
    let feedback = Feedback { question_id: wire.poll_id.into_option(), choices, ..Feedback::default() };
    let event = item.event(Payload::Feedback(feedback)).direction(Direction::Inbound);
    match &wire.user.0 {
        Some(user) => person::by(event, user),
        None => event,
    }
}

fn form(item: &Item<'_>, payload: Word, values: HashMap<String, String>, from: &crate::wire::User) -> Event {
    let action = Action { kind: ActionKind::Form.into(), title: None, payload: payload.into_option(), values };
    person::by(item.event(Payload::Action(action)), from)
}

fn values<const N: usize>(values: [(&str, Word); N]) -> HashMap<String, String> {
    values.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.into_option()?))).collect()
}
