//! `normalize`: the one event of a call.

mod content;
mod item;

use std::time::Duration;

use connector_sdk::{Batch, Event, Malformed, json};
use kenh_proto::v1::{
    Action, ActionKind, Receipt, ReceiptStatus, Referral, SubscriptionAction, SubscriptionChange, Target,
    envelope::Payload,
};

use self::item::Item;
pub(crate) use self::item::USER;
use crate::wire::Call;

/// Turns a call into its event. `account` is the bot's id, `lifetime` how long files are served.
pub(crate) fn normalize(body: &[u8], account: Option<&str>, lifetime: Option<Duration>) -> Result<Batch, Malformed> {
    let call = json::object::<Call>(body)?;
    let item = Item { account, raw: body, call: &call.value };
    let event = match call.value.event.0.get() {
        // Asked for while the address is being set; 200 is the answer.
        Some("webhook") => return Ok(Batch::skipped("webhook_check")),
        Some("message") => content::written(&item, lifetime),
        Some("subscribed") => item.person().map(|_| subscription(&item, SubscriptionAction::OptedIn)),
        Some("unsubscribed") => item.person().map(|_| subscription(&item, SubscriptionAction::OptedOut)),
        Some("conversation_started") => item.person().map(|_| opened(&item)),
        Some("delivered") => receipt(&item, ReceiptStatus::Delivered),
        Some("seen") => receipt(&item, ReceiptStatus::Read),
        Some("failed") => receipt(&item, ReceiptStatus::Failed),
        Some("client_status") => Ok(item.unsupported("not_typed", None)),
        Some(_) => Ok(item.unsupported("unknown_event", None)),
        None => Err(json::missing("event")),
    };
    let event = event.unwrap_or_else(|fault| item.unsupported(fault.reason, Some(fault.detail)));
    Ok(event.degraded(call.degraded).into())
}

/// `subscribed`, `unsubscribed`
fn subscription(item: &Item<'_>, action: SubscriptionAction) -> Event {
    let change = SubscriptionChange { action: action.into(), ..SubscriptionChange::default() };
    item.by_user(Payload::SubscriptionChange(change))
}

/// `conversation_started`: the chat was opened, through a link when there is a context. It subscribes nobody.
fn opened(item: &Item<'_>) -> Event {
    let call = item.call;
    let context = call.context.0.get().map(str::to_owned);
    let subscribed = call.subscribed.0.map(|flag| ("subscribed".to_owned(), flag.0.to_string()));
    let action = Action {
        kind: ActionKind::OpenChat.into(),
        payload: context.clone(),
        values: subscribed.into_iter().collect(),
        title: None,
    };
    let mut event = item.by_user(Payload::Action(action));
    let kind = call.kind.0.get().map(str::to_owned);
    event.envelope.referral =
        context.map(|context| Referral { r#ref: Some(context), r#type: kind, ..Referral::default() });
    event
}

/// `delivered`, `seen`, `failed`. Viber reports `delivered` for what people write too; the id tells.
fn receipt(item: &Item<'_>, status: ReceiptStatus) -> Result<Event, Malformed> {
    let id = item.call.message_token.0.required("message_token")?;
    let receipt = Receipt {
        status: status.into(),
        provider_message_ids: vec![id.into()],
        error_text: item.call.desc.0.get().map(Into::into),
        ..Receipt::default()
    };
    let target = Target { provider_message_id: Some(id.into()), ..Target::default() };
    Ok(item.by_channel(Payload::Receipt(receipt)).target(target))
}
