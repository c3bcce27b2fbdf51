//! One delivery of every documented event.

use connector_sdk::{Sample, samples};

pub(crate) const SAMPLES: &[Sample] = samples![
    "ping",
    "event_ping",
    "command",
    "command_direct",
    "command_other_chat",
    "command_message",
    "command_user",
    "component_button",
    "component_select",
    "autocomplete",
    "modal_submit",
    "modal_submit_message",
    "application_authorized",
    "application_authorized_guild",
    "application_deauthorized",
    "entitlement_create",
    "quest_user_enrollment",
    "lobby_message_create",
    "game_direct_message_create",
];
