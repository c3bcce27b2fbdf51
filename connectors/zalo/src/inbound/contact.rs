//! What becomes known of a contact, and what they allow.

use std::collections::HashMap;

use connector_sdk::{Batch, Malformed};
use kenh_proto::v1::{
    Action, ActionKind, ContactUpdate, Direction, Message, Order, Part, Referral, SubscriptionAction,
    SubscriptionChange, envelope::Payload, part::Content,
};

use super::{
    events::Side,
    item::{Item, by_contact},
};
use crate::wire::{FollowBody, Info, OrderBody, SubmitBody, UpdateBody, WidgetBody, Word, missing};

/// `follow`, `unfollow`.
pub(super) fn follow(item: &Item<'_>, action: SubscriptionAction, body: FollowBody) -> Result<Batch, Malformed> {
    let user = body.follower.id.required("follower.id")?;
    let source = body.source.0.into_option();
    let change = SubscriptionChange { action: action.into(), source: source.clone(), ..SubscriptionChange::default() };
    let event = item.event(item.digest(), Payload::SubscriptionChange(change));
    let mut event = by_contact(item.with_user(event, user)?, Some(user));
    if action == SubscriptionAction::Followed {
        event.envelope.referral = source.map(|source| Referral { source: Some(source), ..Referral::default() });
        event = item.opens_window(event);
    }
    Ok(event.into())
}

/// `user_click_chatnow`: the contact opens the chat without having written yet.
pub(super) fn open_chat(item: &Item<'_>) -> Result<Batch, Malformed> {
    let user = item.head.user_id.0.required("user_id")?;
    let action = Action { kind: ActionKind::OpenChat.into(), ..Action::default() };
    let event = item.with_user(item.event(item.digest(), Payload::Action(action)), user)?;
    Ok(item.opens_window(by_contact(event, Some(user))).into())
}

/// `user_withdraw`: the contact wants their data erased.
pub(super) fn withdraw(item: &Item<'_>) -> Result<Batch, Malformed> {
    let user = item.head.user_id.0.required("user_id")?;
    let action = SubscriptionAction::ErasureRequested;
    let change = SubscriptionChange { action: action.into(), ..SubscriptionChange::default() };
    let event = item.with_user(item.event(item.digest(), Payload::SubscriptionChange(change)), user)?;
    Ok(by_contact(event, Some(user)).into())
}

/// `user_submit_info`: the contact filled in the form.
pub(super) fn submit_info(item: &Item<'_>, body: SubmitBody) -> Result<Batch, Malformed> {
    let update = ContactUpdate { fields: fields(body.info), ..ContactUpdate::default() };
    let user = item.other()?;
    let event = item.with_user(item.event(item.digest(), Payload::ContactUpdate(update)), user)?;
    Ok(by_contact(event, Some(user)).into())
}

/// Both layouts of the form; where a body has both, the newer one counts.
fn fields(info: Info) -> HashMap<String, String> {
    let newer = info.full_address;
    let known = [
        ("name", info.name, Word::default()),
        ("phone", info.phone, Word::default()),
        ("birthday", info.user_dob, Word::default()),
        ("gender", info.gender, Word::default()),
        ("address", newer.address, info.address),
        ("city", newer.city, info.city),
        ("district", newer.district, info.district),
        ("ward", newer.ward, info.ward),
    ];
    let value = |(name, newer, older): (&str, Word, Word)| {
        Some((name.to_owned(), newer.into_option().or_else(|| older.into_option())?))
    };
    known.into_iter().filter_map(value).collect()
}

/// `update_user_info`. It says how the data changed and not to what; mostly it names the user by the app's id only,
/// which nothing can be sent to, hence no conversation.
pub(super) fn update_info(item: &Item<'_>, body: UpdateBody) -> Result<Batch, Malformed> {
    let method = body.data.method.0.into_option().map(|method| ("method".to_owned(), method));
    let update = ContactUpdate { fields: method.into_iter().collect(), ..ContactUpdate::default() };
    let event = item.event(item.digest(), Payload::ContactUpdate(update)).direction(Direction::System);
    if let Some(user) = item.head.user_id.0.get() {
        return Ok(item.with_user(event, user)?.into());
    }
    item.head.user_id_by_app.0.required("user_id_by_app")?;
    Ok(item.identified_by_app(event).into())
}

/// `widget_interaction_accepted` (the user's doing), `widget_failed_to_sync_user_external_id` (not theirs).
pub(super) fn widget(item: &Item<'_>, side: Side, body: WidgetBody) -> Result<Batch, Malformed> {
    let data = body.data;
    let user = data.user_id.get().or_else(|| item.head.user_id.0.get()).ok_or_else(|| missing("data.user_id"))?;
    let update = ContactUpdate {
        external_reference: data.user_external_id.into_option(),
        error_text: data.message.into_option(),
        url: data.url.into_url(),
        ..ContactUpdate::default()
    };
    let event = item.with_user(item.event(item.digest(), Payload::ContactUpdate(update)), user)?;
    Ok(match side {
        Side::User => by_contact(event, Some(user)),
        Side::Oa => event.direction(Direction::System),
    }
    .into())
}

/// `shop_has_order`.
pub(super) fn order(item: &Item<'_>, body: OrderBody) -> Result<Batch, Malformed> {
    let user = body.customer.0.id.get().or_else(|| item.head.user_id.0.get()).ok_or_else(|| missing("customer.id"))?;
    let order = Order { id: body.order.id.into_option(), ..Order::default() };
    let message = Message { parts: vec![Part { content: Some(Content::Order(order)) }], ..Message::default() };
    let event = item.with_user(item.event(item.digest(), Payload::Message(message)), user)?;
    Ok(by_contact(event, Some(user)).into())
}
