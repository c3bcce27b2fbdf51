//! What a person does in an interaction: a command, a control, a form.

use std::collections::BTreeMap;

use connector_sdk::json::{Number, Soft, Word};
use kenh_proto::v1::{Action, ActionKind};

use crate::wire::{CommandOption, Component, Data, Resolved};

/// How deep commands and forms are nested: groups of subcommands, rows of fields.
const DEPTH: usize = 4;

/// A command: `/order status`, with its options.
pub(super) fn command(data: &Data) -> Action {
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
pub(super) fn is_about_message(data: &Data) -> bool {
    data.kind.0.and_then(Number::whole) == Some(3)
}

/// A button, or a choice from a menu.
pub(super) fn control(data: &Data) -> Action {
    let is_menu = data.component_type.0.and_then(Number::whole).is_some_and(|kind| kind != 2);
    Action {
        kind: if is_menu { ActionKind::ListRow } else { ActionKind::Postback }.into(),
        payload: data.custom_id.0.get().map(Into::into),
        values: numbered(&data.values.0).collect(),
        title: None,
    }
}

/// A form with its fields by their ids.
pub(super) fn form(data: &Data) -> Action {
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
