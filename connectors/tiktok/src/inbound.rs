//! `normalize`: the one event of a call.

mod message;

use std::time::Duration;

use connector_sdk::{
    Batch, Event, Malformed, digest_key,
    json::{self, Parsed, Raw, name},
    time::{Epoch, OUT_OF_RANGE},
};
use kenh_proto::v1::{
    AccountEvent, AccountEventKind, ActorRole, ConversationKind, Direction, Receipt, ReceiptStatus, envelope::Payload,
};
use prost_types::Timestamp;

use crate::wire::{Call, Content};

/// The scheme of TikTok's user ids, which hold for one business account.
pub(crate) const USER: &str = "tiktok_user_id";

/// One call on its way to an event.
struct Item<'a> {
    account: Option<&'a str>,
    raw: &'a [u8],
    call: &'a Call,
    content: &'a Content,
}

/// Turns a call into its event. `window` is how long after a message it may be answered.
pub(crate) fn normalize(body: &[u8], window: Option<Duration>) -> Result<Batch, Malformed> {
    let call = json::object::<Call>(body)?;
    let account = call.value.user_openid.0.get();
    let kind = call.value.event.0.get().unwrap_or_default();
    let empty = || Ok(Parsed { value: Content::default(), degraded: None });
    let read = call.value.content.as_ref().map_or_else(empty, content);
    let event = match read {
        Ok(content) => {
            let (content, mended) = (content.value, content.degraded);
            let item = Item { account, raw: body, call: &call.value, content: &content };
            let event = typed(&item, kind, window).unwrap_or_else(|fault| {
                let detail = (!fault.detail.is_empty()).then_some(fault.detail);
                let event = Event::unsupported(account, body, name(kind), fault.reason, detail);
                item.placed(event)
            });
            event.degraded(mended)
        }
        Err(fault) => {
            Event::unsupported(account, body, name(kind), fault.reason, Some(format!("content: {}", fault.detail)))
        }
    };
    Ok(event.degraded(call.degraded).into())
}

/// The content is JSON in a text; an object that was not put into one is taken too.
fn content(raw: &Raw) -> Result<Parsed<Content>, Malformed> {
    let text = json::parse::<String>(raw.get().as_bytes());
    let inner = text.as_ref().map_or(raw.get(), |text| text.value.as_str());
    json::object::<Content>(inner.as_bytes())
}

fn typed(item: &Item<'_>, kind: &str, window: Option<Duration>) -> Result<Event, Malformed> {
    match kind {
        "im_receive_msg" | "im_receive_msg_eu" => message::written(item, window),
        "im_send_msg" | "im_send_msg_eu" => message::written(item, None),
        "im_mark_read_msg" | "im_mark_read_msg_eu" => seen(item),
        "authorization.removed" => Ok(revoked(item)),
        "" => Err(json::missing("event")),
        _ => Err(Malformed { reason: "unknown_event", detail: String::new() }),
    }
}

/// Everything up to a moment was read.
fn seen(item: &Item<'_>) -> Result<Event, Malformed> {
    let conversation = item.content.conversation_id.0.required("content.conversation_id")?;
    let told = item.content.read.0.last_read_timestamp;
    let watermark = told.and_then(Epoch::timestamp).ok_or_else(|| json::missing("content.read.last_read_timestamp"))?;
    let reader = item.content.from_user.0.id.0.get();
    let receipt = Receipt { status: ReceiptStatus::Read.into(), watermark: Some(watermark), ..Receipt::default() };
    let at = watermark.seconds * 1000 + i64::from(watermark.nanos / 1_000_000);
    let key = format!("read:{conversation}:{}:{at}", reader.unwrap_or_default());
    Ok(item.done(key, Payload::Receipt(receipt)))
}

/// The account took the app's leave away; TikTok gives a number as the reason.
fn revoked(item: &Item<'_>) -> Event {
    let revoked = AccountEvent {
        kind: AccountEventKind::AuthorizationRevoked.into(),
        reason: item.content.reason.0.get().map(Into::into),
        ..AccountEvent::default()
    };
    let event = Event::new(item.account, digest_key(item.raw), item.raw, Payload::AccountEvent(revoked));
    item.timed(event.direction(Direction::System).actor(ActorRole::System, None))
}

impl Item<'_> {
    /// Whoever is not the account.
    fn contact(&self) -> (Option<&str>, Option<&str>) {
        let content = self.content;
        if self.is_own() {
            (content.to_user.0.id.0.get(), content.to.0.get())
        } else {
            (content.from_user.0.id.0.get(), content.from.0.get())
        }
    }

    fn is_own(&self) -> bool {
        let sender = self.content.from_user.0.id.0.get();
        let says_so = self.call.event.0.get().is_some_and(|kind| kind.starts_with("im_send_msg"));
        says_so || (sender.is_some() && sender == self.account)
    }

    /// What one of the two did.
    fn done(&self, key: String, payload: Payload) -> Event {
        let event = Event::new(self.account, key, self.raw, payload);
        let sender = self.content.from_user.0.id.0.get();
        let (direction, role) = if self.is_own() {
            (Direction::Echo, ActorRole::Unspecified)
        } else {
            (Direction::Inbound, ActorRole::Contact)
        };
        self.placed(event.direction(direction).actor(role, sender))
    }

    fn placed(&self, event: Event) -> Event {
        let mut event = self.timed(event);
        let (contact, name) = self.contact();
        if let Some(id) = contact {
            event = event.identity(USER, id, self.account);
            event.envelope.contact.get_or_insert_default().display_name = name.map(Into::into);
        }
        match self.content.conversation_id.0.get() {
            Some(id) => event.conversation(ConversationKind::Direct, id),
            None => event,
        }
    }

    /// The inner time is in milliseconds, the outer one in seconds.
    fn at(&self) -> Option<Timestamp> {
        self.content.timestamp.or(self.call.create_time).and_then(Epoch::timestamp)
    }

    fn timed(&self, event: Event) -> Event {
        let told = self.content.timestamp.is_some() || self.call.create_time.is_some();
        let at = self.at();
        event.occurred_at(at).degraded((told && at.is_none()).then_some(OUT_OF_RANGE))
    }
}
