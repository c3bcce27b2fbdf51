//! What answers of the Web API mean: `{"ok":true,…}` or `{"ok":false,"error":"channel_not_found"}`, both with status 200.
//! See <https://docs.slack.dev/reference/methods/chat.postMessage#errors>.

use connector_sdk::outbound::{Effect, Failure, Outcome, Reply, Retry};
use kenh_proto::v1::SendReason::{
    self, AuthBroken, ChannelUnavailable, ContentInvalid, ContentTooLarge, MediaUnavailable, NotPermitted,
    QuotaExhausted, RecipientUnknown, Refused, TargetInvalid, Throttled,
};
use serde_json::Value;

/// What is no failure of what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hint {
    /// It stands so already.
    AlreadySo,
}

/// What to do about it.
#[derive(Clone, Copy)]
enum Then {
    Never,
    Soon,
    NewToken,
    /// Slack says that some of it may have been done all the same.
    MaybeDone,
    AlreadySo,
}

use Then::{AlreadySo, MaybeDone, Never, NewToken, Soon};

type Fact = (&'static [&'static str], SendReason, Then);

const FACTS: &[Fact] = &[
    (&["channel_not_found", "user_not_found", "users_not_found", "user_disabled"], RecipientUnknown, Never),
    (&["cannot_dm_bot", "user_not_visible", "is_archived", "not_in_dm"], RecipientUnknown, Never),
    (
        &["not_in_channel", "no_permission", "access_denied", "missing_scope", "not_allowed_token_type"],
        NotPermitted,
        Never,
    ),
    (&["restricted_action", "restricted_action_read_only_channel"], NotPermitted, Never),
    (&["restricted_action_thread_only_channel", "restricted_action_non_threadable_channel"], NotPermitted, Never),
    (&["restricted_action_thread_locked", "ekm_access_denied", "team_access_not_granted"], NotPermitted, Never),
    (&["messages_tab_disabled", "posting_to_general_channel_denied", "file_uploads_disabled"], NotPermitted, Never),
    (
        &["msg_too_long", "msg_blocks_too_long", "too_long", "too_many_emoji", "too_many_reactions"],
        ContentTooLarge,
        Never,
    ),
    (
        &["no_text", "invalid_blocks", "invalid_blocks_format", "invalid_arguments", "invalid_name"],
        ContentInvalid,
        Never,
    ),
    (&["message_not_found", "cant_update_message", "cant_delete_message", "edit_window_closed"], TargetInvalid, Never),
    (&["bad_timestamp", "thread_not_found", "cannot_reply_to_message"], TargetInvalid, Never),
    (&["file_not_found"], MediaUnavailable, Never),
    (&["storage_limit_reached"], QuotaExhausted, Never),
    (&["invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"], AuthBroken, NewToken),
    (&["ratelimited", "rate_limited", "message_limit_exceeded"], Throttled, Soon),
    (&["service_unavailable", "team_added_to_org"], ChannelUnavailable, Soon),
    (&["internal_error", "fatal_error", "request_timeout"], ChannelUnavailable, MaybeDone),
    (&["already_reacted", "no_reaction"], ContentInvalid, AlreadySo),
];

/// The whole answer; else how the call ended.
pub(super) fn read(reply: &Reply, effect: Effect) -> Result<Value, (Outcome, Option<Hint>)> {
    let body = reply.json();
    match body.get("ok").and_then(Value::as_bool) {
        Some(true) => Ok(body),
        Some(false) => Err(failed(reply, &body, effect)),
        None => Err((reply.wordless(effect), None)),
    }
}

fn failed(reply: &Reply, body: &Value, effect: Effect) -> (Outcome, Option<Hint>) {
    let word = body.get("error").and_then(Value::as_str).and_then(word);
    let fact = FACTS.iter().find(|(words, ..)| word.is_some_and(|word| words.contains(&word)));
    let code = word.map(ToOwned::to_owned);
    let (reason, then) = match fact {
        Some((_, reason, then)) => (*reason, *then),
        None if reply.status == 429 => (Throttled, Soon),
        None => (Refused, Never),
    };
    let retry = match then {
        Never | AlreadySo => Retry::Never,
        MaybeDone if effect == Effect::Visible => return (Outcome::Unknown, None),
        Soon | MaybeDone => reply.pause(),
        NewToken => Retry::NewToken,
    };
    (Failure::passing(reason, code, retry), matches!(then, AlreadySo).then_some(Hint::AlreadySo))
}

/// A code as codes are.
fn word(text: &str) -> Option<&str> {
    const LONGEST: usize = 64;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    Some(text).filter(|text| (1..=LONGEST).contains(&text.len()) && text.bytes().all(plain))
}
