//! One activity of each documented sort.

use connector_sdk::{Sample, samples};

pub(crate) const SAMPLES: &[Sample] = samples![
    "message",
    "message_mention",
    "message_html",
    "message_reply",
    "message_image",
    "message_file",
    "message_card_submit",
    "message_from_bot",
    "messageUpdate",
    "messageUpdate_undelete",
    "messageDelete",
    "messageReaction_added",
    "messageReaction_removed",
    "typing",
    "invoke_card",
    "invoke_task",
    "invoke_other",
    "conversationUpdate_members_added",
    "conversationUpdate_members_removed",
    "conversationUpdate_channel_created",
    "conversationUpdate_channel_renamed",
    "conversationUpdate_team_deleted",
    "conversationUpdate_topic",
    "installationUpdate_add",
    "installationUpdate_remove",
    "deleteUserData",
    "event_read",
    "endOfConversation",
];
