//! Interactions: commands, controls of a message, forms.

use std::collections::BTreeMap;

use connector_sdk::{
    Event, Malformed,
    json::{Number, Soft, Word, missing},
    time::{OUT_OF_RANGE, from_snowflake},
};
use kenh_proto::v1::{
    Action, ActionKind, ActorRole, ConversationKind, Direction, ReplyPolicy, Target, Typing, envelope::Payload,
};
use prost_types::Timestamp;

use crate::wire::{Call, CommandOption, Component, Data, Resolved, User};

/// The scheme of Discord's user ids, which are unique in the world.
pub(crate) const USER: &str = "discord_user_id";

/// Milliseconds after 1970 from which Discord's ids count.
/// See <https://docs.discord.com/developers/reference#snowflakes>.
const EPOCH: u64 = 1_420_070_400_000;
/// Seconds an interaction can be answered by its token.
const TOKEN: i64 = 15 * 60;
/// How deep commands and forms are nested: groups of subcommands, rows of fields.
const DEPTH: usize = 4;

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
        Some(2) => (Payload::Action(command(data)), data.target_id.0.get().filter(|_| is_about_message(data))),
        Some(3) => (Payload::Action(control(data)), call.message.0.id.0.get()),
        // A command is being typed; what of it is nobody's business yet.
        Some(4) => (Payload::Typing(Typing { active: true }), None),
        Some(5) => (Payload::Action(form(data)), call.message.0.id.0.get()),
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

/// A command: `/order status`, with its options.
fn command(data: &Data) -> Action {
    let mut words: Vec<&str> = data.name.0.get().into_iter().collect();
    let mut options = data.options.0.as_slice();
    // Subcommands are options that have options.
    for _ in 0..DEPTH {
        let [Soft(only)] = options else { break };
        if only.value.is_some() {
            break;
        }
        words.extend(only.name.0.get());
        options = only.options.0.as_slice();
    }
    let path = words.join(" ");
    Action {
        kind: ActionKind::Postback.into(),
        title: Some(format!("/{path}")),
        payload: Some(path),
        values: options.iter().filter_map(|option| chosen(&option.0, &data.resolved.0)).collect(),
    }
}

/// An option's value as text; of a file its address.
fn chosen(option: &CommandOption, resolved: &Resolved) -> Option<(String, String)> {
    let name = option.name.0.get()?.to_owned();
    let raw = option.value.as_ref()?.get();
    let value: String = serde_json::from_str(raw).unwrap_or_else(|_| raw.to_owned());
    let file = resolved.attachments.0.get(&value).and_then(|file| file.0.url.0.clone().into_url());
    Some((name, file.unwrap_or(value)))
}

/// The kind of a command in a message's menu.
fn is_about_message(data: &Data) -> bool {
    data.kind.0.and_then(Number::whole) == Some(3)
}

/// A button, or a choice from a menu.
fn control(data: &Data) -> Action {
    let is_menu = data.component_type.0.and_then(Number::whole).is_some_and(|kind| kind != 2);
    Action {
        kind: if is_menu { ActionKind::ListRow } else { ActionKind::Postback }.into(),
        payload: data.custom_id.0.get().map(Into::into),
        values: numbered(&data.values.0).collect(),
        title: None,
    }
}

/// A form with its fields by their ids.
fn form(data: &Data) -> Action {
    let mut fields = BTreeMap::new();
    data.components.0.iter().for_each(|row| gather(&row.0, DEPTH, &mut fields));
    Action {
        kind: ActionKind::Form.into(),
        payload: data.custom_id.0.get().map(Into::into),
        values: fields.into_iter().collect(),
        title: None,
    }
}

fn gather(component: &Component, depth: usize, fields: &mut BTreeMap<String, String>) {
    if let Some(id) = component.custom_id.0.get() {
        let several: Vec<_> = component.values.0.iter().filter_map(|value| value.0.get()).collect();
        let value = component.value.0.get().map(ToOwned::to_owned);
        fields.insert(id.to_owned(), value.unwrap_or_else(|| several.join(",")));
    }
    let Some(depth) = depth.checked_sub(1) else { return };
    component.components.0.iter().for_each(|within| gather(&within.0, depth, fields));
    component.component.0.iter().for_each(|within| gather(within, depth, fields));
}

fn numbered(values: &[Soft<Word>]) -> impl Iterator<Item = (String, String)> {
    let values = values.iter().filter_map(|value| value.0.get());
    values.enumerate().map(|(place, value)| (place.to_string(), value.to_owned()))
}
