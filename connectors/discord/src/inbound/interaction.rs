//! Interactions: commands, controls of a message, forms.

use connector_sdk::{
    Event, Malformed,
    json::{Number, missing},
    time::{OUT_OF_RANGE, from_snowflake},
};
use kenh_proto::v1::{ActorRole, ConversationKind, Direction, ReplyPolicy, Target, Typing, envelope::Payload};
use prost_types::Timestamp;

use super::action;
use crate::wire::{Call, User};

/// The scheme of Discord's user ids, which are unique in the world.
pub(crate) const USER: &str = "discord_user_id";

/// Milliseconds after 1970 from which Discord's ids count.
/// See <https://docs.discord.com/developers/reference#snowflakes>.
const EPOCH: u64 = 1_420_070_400_000;
/// Seconds an interaction can be answered by its token.
const TOKEN: i64 = 15 * 60;

/// What a person did, or an unsupported event.
pub(super) fn done(call: &Call, raw: &[u8], ephemeral: bool) -> Event {
    let account = call.application_id.0.get();
    typed(call, raw, ephemeral).unwrap_or_else(|fault| {
        let kind = call.kind().map(|kind| format!("interaction.{kind}"));
        let event = Event::unsupported(account, raw, kind.as_deref(), fault.reason, Some(fault.detail));
        placed(event, call, ephemeral)
    })
}

fn typed(call: &Call, raw: &[u8], ephemeral: bool) -> Result<Event, Malformed> {
    let id = call.id.0.required("id")?;
    let data = &call.data.0;
    let (payload, target) = match call.kind() {
        Some(2) => {
            (Payload::Action(action::command(data)), data.target_id.0.get().filter(|_| action::is_about_message(data)))
        }
        Some(3) => (Payload::Action(action::control(data)), call.message.0.id.0.get()),
        // A command is being typed; what of it is nobody's business yet.
        Some(4) => (Payload::Typing(Typing { active: true }), None),
        Some(5) => (Payload::Action(action::form(data)), call.message.0.id.0.get()),
        _ => return Err(Malformed { reason: "unknown_event", detail: "type: expected 1 to 5".into() }),
    };
    let user = call.actor().and_then(|user| user.id.0.get()).ok_or_else(|| missing("member.user.id or user.id"))?;
    let event = Event::new(call.application_id.0.get(), id, raw, payload);
    let mut event = placed(event.direction(Direction::Inbound).actor(ActorRole::Contact, Some(user)), call, ephemeral);
    event.envelope.provider_event_id = Some(id.into());
    let answerable = call.kind() != Some(4);
    event.envelope.reply_policy = answerable.then(|| reply_policy(call)).flatten();
    Ok(match target {
        Some(id) => event.target(Target { provider_message_id: Some(id.into()), ..Target::default() }),
        None => event,
    })
}

/// Who, where and when.
fn placed(event: Event, call: &Call, ephemeral: bool) -> Event {
    let at = made(call);
    let broken = call.id.0.get().is_some() && at.is_none();
    let mut event = event.occurred_at(at).degraded(broken.then_some(OUT_OF_RANGE));
    let user = call.actor().and_then(|user| user.id.0.get());
    if let Some(id) = user {
        event = event.identity(USER, id, None);
        event = event.actor(ActorRole::Contact, Some(id));
        named(&mut event, call.actor());
        if let Some(contact) = &mut event.envelope.contact {
            contact.locale = call.locale.0.get().map(Into::into);
        }
    }
    // Without a server it is the chat with the application, unless Discord says that it is other people's. What one person alone
    // sees is between them and the application, wherever it is: nobody else's answer may get there.
    let others = call.context.0.and_then(Number::whole) == Some(2);
    let shared = !ephemeral && (call.guild_id.0.get().is_some() || others);
    match (call.channel_id.0.get().filter(|_| shared), user) {
        (Some(channel), _) => event.conversation(ConversationKind::Group, channel),
        (None, Some(user)) => event.conversation(ConversationKind::Direct, user),
        (None, None) => event,
    }
}

/// The name a person is shown with.
pub(super) fn named(event: &mut Event, user: Option<&User>) {
    let name = user.and_then(|user| user.global_name.0.get().or_else(|| user.username.0.get()));
    if let Some(contact) = &mut event.envelope.contact {
        contact.display_name = name.map(Into::into);
    }
}

fn made(call: &Call) -> Option<Timestamp> {
    call.id.0.get().and_then(|id| from_snowflake(id, EPOCH))
}

fn reply_policy(call: &Call) -> Option<ReplyPolicy> {
    let token = call.token.0.get().filter(|token| is_token(token))?;
    let until = made(call).map(|at| Timestamp { seconds: at.seconds + TOKEN, ..at });
    Some(ReplyPolicy { reply_token: Some(token.into()), free_until: until, ..ReplyPolicy::default() })
}

/// Whether this can be an interaction's token: it stands in addresses.
pub(crate) fn is_token(token: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'=');
    (1..=1024).contains(&token.len()) && token.bytes().all(plain) && !token.contains("..")
}
