//! One delivery of every documented event.

use connector_sdk::{Sample, samples};

pub(crate) const SAMPLES: &[Sample] = samples![
    "receive_text",
    "receive_text_eu",
    "receive_image",
    "receive_video",
    "receive_share_post",
    "receive_sticker",
    "receive_unknown_type",
    "send_text",
    "mark_read",
    "authorization_removed",
];
