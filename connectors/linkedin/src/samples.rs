//! One delivery of every documented event.

use connector_sdk::{Sample, samples};

pub(crate) const SAMPLES: &[Sample] = samples![
    "comment",
    "comment_nested",
    "comment_own",
    "admin_comment",
    "comment_edit",
    "comment_delete",
    "like",
    "like_comment",
    "share",
    "share_mention",
    "several",
    "lead_created",
    "lead_deleted",
    "lead_sponsored",
];
