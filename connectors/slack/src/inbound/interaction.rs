//! Buttons, lists and forms: JSON in the `payload` of a web form.

use std::collections::HashMap;

use connector_sdk::{
    Batch, Event, Malformed, digest_key,
    json::{self, Raw, name},
};
use kenh_proto::v1::{Action, ActionKind, ActorRole, Direction, Target, envelope::Payload};

use super::{item::USER, place::placed, stamp::moment};
use crate::wire::{Answer, Control, Interaction, View};

/// More than a message can hold; each becomes an event that carries the whole form.
const MOST_CONTROLS: usize = 100;

/// Reads a form post's payload. `raw` is the whole form, which is what is signed.
pub(super) fn read(raw: &[u8], payload: &[u8]) -> Result<Batch, Malformed> {
    let parsed = json::object::<Interaction>(payload).map_err(|fault| in_payload(&fault))?;
    let mut wire = parsed.value;
    let controls = std::mem::take(&mut wire.actions.0);
    let view = std::mem::take(&mut wire.view.0);
    let from = Interactive { raw, wire: &wire };
    let events = match wire.kind.0.get().unwrap_or_default() {
        "block_actions" if (1..=MOST_CONTROLS).contains(&controls.len()) => {
            controls.iter().enumerate().map(|(index, control)| from.control(index, control)).collect()
        }
        "view_submission" => vec![from.form(view)],
        "shortcut" | "message_action" => vec![from.shortcut()],
        "view_closed" | "block_suggestion" => vec![from.unsupported("not_typed", None)],
        "block_actions" => {
            let detail = format!("actions: expected between 1 and {MOST_CONTROLS}");
            vec![from.unsupported("unexpected_shape", Some(detail))]
        }
        _ => vec![from.unsupported("unknown_event", None)],
    };
    let events = events.into_iter().map(|event| event.degraded(parsed.degraded)).collect();
    Ok(Batch { events, skipped: Vec::new() })
}

fn in_payload(fault: &Malformed) -> Malformed {
    Malformed { reason: fault.reason, detail: format!("payload: {}", fault.detail) }
}

struct Interactive<'a> {
    raw: &'a [u8],
    wire: &'a Interaction,
}

impl Interactive<'_> {
    fn control(&self, index: usize, raw: &Raw) -> Event {
        let control = match json::object::<Control>(raw.get().as_bytes()) {
            Ok(control) => control,
            Err(fault) => {
                let mut event = self.unsupported(fault.reason, Some(format!("actions[{index}]: {}", fault.detail)));
                event.envelope.dedupe_key = format!("{}:{index}", event.envelope.dedupe_key);
                return event;
            }
        };
        let Control { action_id, block_id, action_ts, text } = control.value;
        let answer = json::object::<Answer>(raw.get().as_bytes()).map(|answer| answer.value).unwrap_or_default();
        let parts = [action_ts.get(), self.wire.user.0.id.get(), block_id.get(), action_id.get()];
        let key = match action_ts.get() {
            Some(_) => format!("block_actions:{}", parts.map(Option::unwrap_or_default).join(":")),
            None => format!("{}:{index}", digest_key(self.raw)),
        };
        let (picked, label) = picked(answer);
        let chosen = label.is_some();
        let mut values = self.values();
        let ids = [("action_id", action_id.into_option()), ("block_id", block_id.into_option())];
        values.extend(ids.into_iter().filter_map(|(name, id)| Some((name.to_owned(), id?))));
        let kind = if chosen { ActionKind::ListRow } else { ActionKind::Postback };
        let title = label.or_else(|| text.0.text.into_option());
        let action = Action { kind: kind.into(), title, payload: picked, values };
        let event = self.event(key, Payload::Action(action)).degraded(control.degraded);
        match action_ts.get() {
            Some(ts) => event.occurred_at(moment(ts)),
            None => event,
        }
    }

    /// `view_submission`: every field by block and control.
    fn form(&self, view: View) -> Event {
        let key = self.key("view_submission", view.id.get());
        let fields = view.state.0.values.into_iter().flat_map(|(block, controls)| {
            controls.into_iter().map(move |(control, answer)| (format!("{block}.{control}"), picked(answer).0))
        });
        let mut values = self.values();
        values.extend(fields.filter_map(|(name, value)| Some((name, value?))));
        let title = view.callback_id.into_option();
        let payload = view.private_metadata.into_option();
        self.event(key, Payload::Action(Action { kind: ActionKind::Form.into(), title, payload, values }))
    }

    /// `shortcut`, `message_action`: an entry of a menu of the app.
    fn shortcut(&self) -> Event {
        let key = self.key(self.wire.kind.0.get().unwrap_or_default(), None);
        let payload = self.wire.callback_id.0.get().map(Into::into);
        let kind = ActionKind::Postback.into();
        self.event(key, Payload::Action(Action { kind, title: None, payload, values: self.values() }))
    }

    fn event(&self, key: String, payload: Payload) -> Event {
        let mut event = Event::new(self.team(), key, self.raw, payload).direction(Direction::Inbound);
        let user = &self.wire.user.0;
        event = event.actor(ActorRole::Contact, user.id.get());
        if let Some(id) = user.id.get() {
            event = event.identity(USER, id, self.team());
            let name = user.name.get().or_else(|| user.username.get()).map(Into::into);
            event.envelope.contact.get_or_insert_default().display_name = name;
        }
        if let Some(ts) = self.wire.container.0.message_ts.get().or_else(|| self.wire.message.0.ts.get()) {
            event = event.target(Target { provider_message_id: Some(ts.into()), ..Target::default() });
        }
        let at = self.wire.action_ts.0.get().and_then(moment);
        placed(event, self.channel()).occurred_at(at)
    }

    fn unsupported(&self, reason: &'static str, detail: Option<String>) -> Event {
        let kind = self.wire.kind.0.get().and_then(name);
        placed(Event::unsupported(self.team(), self.raw, kind, reason, detail), self.channel())
    }

    fn team(&self) -> Option<&str> {
        self.wire.team.0.id.get()
    }

    fn channel(&self) -> Option<&str> {
        self.wire.channel.0.id.get().or_else(|| self.wire.container.0.channel_id.get())
    }

    /// Every use of a control has a trigger of its own.
    fn key(&self, kind: &str, of: Option<&str>) -> String {
        match self.wire.trigger_id.0.get() {
            Some(trigger) => [Some(kind), of, Some(trigger)].into_iter().flatten().collect::<Vec<_>>().join(":"),
            None => digest_key(self.raw),
        }
    }

    /// The address that answers in place, five times within half an hour.
    fn values(&self) -> HashMap<String, String> {
        let address = self.wire.response_url.0.clone().into_url();
        address.map(|url| ("response_url".to_owned(), url)).into_iter().collect()
    }
}

/// What was picked or typed, and what the entry of a list said.
fn picked(answer: Answer) -> (Option<String>, Option<String>) {
    let option = answer.selected_option.0;
    if let Some(value) = option.value.into_option() {
        return (Some(value), option.text.0.text.into_option());
    }
    let several: Vec<_> =
        answer.selected_options.0.into_iter().filter_map(|option| option.value.into_option()).collect();
    if !several.is_empty() {
        return (Some(several.join(",")), None);
    }
    let single = [
        answer.value,
        answer.selected_user,
        answer.selected_conversation,
        answer.selected_channel,
        answer.selected_date,
        answer.selected_time,
        answer.selected_date_time,
    ];
    (single.into_iter().find_map(|word| word.0.into_option()), None)
}
