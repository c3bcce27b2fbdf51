//! One delivery of every documented event.

use connector_sdk::{Sample, samples};

pub(crate) const SAMPLES: &[Sample] = samples![
    "webhook",
    "message_text",
    "message_text_tracking",
    "message_picture",
    "message_video",
    "message_file",
    "message_contact",
    "message_location",
    "message_sticker",
    "message_url",
    "message_rich_media",
    "subscribed",
    "unsubscribed",
    "conversation_started",
    "conversation_started_bare",
    "delivered",
    "seen",
    "failed",
    "client_status",
];
