//! Asking for updates where Telegram cannot call: `getUpdates`, held open while there is nothing new.
//!
//! Updates wait at Telegram until a question names the number behind them, for a day at most. The number is said once, with
//! the question that follows: numbers begin anew at any value after a week without updates, and an old one would have
//! later updates forgotten. See <https://core.telegram.org/bots/api#getupdates>.

use std::time::Duration;

use connector_sdk::{
    Secret,
    json::Raw,
    polled::{NotTold, Polled, Question, Told},
};
use serde::Deserialize;
use serde_json::json;

/// Updates of an answer at most; Telegram's own bound.
const UPDATES: u32 = 100;
/// How long Telegram holds a question; its own bound is 50 s.
const HELD: Duration = Duration::from_secs(50);
/// Bytes of an answer: a hundred updates of the largest sort.
const LARGEST: usize = 8 << 20;
/// Everything a bot can be told of that becomes an event. Without a list Telegram leaves out members and reactions.
const KINDS: [&str; 25] = [
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "guest_message",
    "inline_query",
    "chosen_inline_result",
    "callback_query",
    "shipping_query",
    "pre_checkout_query",
    "purchased_paid_media",
    "poll",
    "poll_answer",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "message_reaction",
    "message_reaction_count",
    "chat_boost",
    "removed_chat_boost",
    "managed_bot",
];

/// How one bot is asked.
#[derive(Debug)]
pub(crate) struct Polling {
    pub(crate) token: Secret,
    pub(crate) api_url: String,
}

#[derive(Deserialize)]
struct Answer {
    ok: bool,
    #[serde(default)]
    result: Vec<Raw>,
    error_code: Option<u16>,
    parameters: Option<Parameters>,
}

#[derive(Deserialize)]
struct Parameters {
    retry_after: Option<u64>,
}

#[derive(Deserialize)]
struct Numbered {
    update_id: i64,
}

impl Polled for Polling {
    fn token(&self) -> &Secret {
        &self.token
    }

    fn ask(&self, taken: Option<&str>) -> Question {
        let mut body = json!({"limit": UPDATES, "timeout": HELD.as_secs(), "allowed_updates": KINDS});
        if let (Some(offset), Some(body)) = (taken.and_then(|taken| taken.parse::<i64>().ok()), body.as_object_mut()) {
            body.insert("offset".into(), offset.into());
        }
        Question { url: format!("{}/bot{{token}}/getUpdates", self.api_url), body, held: HELD, largest: LARGEST }
    }

    fn told(&self, status: u16, body: &[u8]) -> Result<Told, NotTold> {
        let Ok(answer) = serde_json::from_slice::<Answer>(body) else {
            // Something in between answers for Telegram.
            return Err(if status >= 500 { NotTold::Later(None) } else { NotTold::Unreadable });
        };
        if !answer.ok {
            let after = answer.parameters.and_then(|parameters| parameters.retry_after).map(Duration::from_secs);
            return Err(match answer.error_code.unwrap_or(status) {
                401 | 404 => NotTold::Refused,
                409 => NotTold::Elsewhere,
                _ => NotTold::Later(after),
            });
        }
        let numbers = answer.result.iter().map(|update| serde_json::from_str(update.get()));
        let numbers: Vec<Numbered> = numbers.collect::<Result<_, _>>().map_err(|_| NotTold::Unreadable)?;
        let behind = numbers.iter().map(|numbered| numbered.update_id.saturating_add(1)).max();
        let deliveries = answer.result.iter().map(|update| update.get().as_bytes().to_vec()).collect();
        Ok(Told { deliveries, taken: behind.map(|number| number.to_string()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn polling() -> Polling {
        Polling { token: Secret::from("800001:hush".to_owned()), api_url: "https://api.telegram.org".into() }
    }

    #[test]
    fn a_question_names_what_was_taken_and_not_the_token() {
        let question = polling().ask(Some("12"));
        assert_eq!(question.url, "https://api.telegram.org/bot{token}/getUpdates");
        assert_eq!(question.body["offset"], 12);
        assert!(polling().ask(None).body.get("offset").is_none());
    }

    #[test]
    fn every_kind_of_update_that_is_known_is_asked_for() {
        for sample in crate::samples::SAMPLES {
            let update: serde_json::Map<String, serde_json::Value> =
                serde_json::from_str(sample.body).expect("an update");
            let kind = update.keys().find(|key| *key != "update_id").expect("a kind");
            assert!(KINDS.contains(&kind.as_str()), "{kind}");
        }
    }

    #[test]
    fn updates_are_told_as_they_came_and_taken_up_to_the_last() {
        let body =
            r#"{"ok":true,"result":[{"update_id":7, "message":{"message_id":12345678901234567890}},{"update_id":9}]}"#;
        let told = polling().told(200, body.as_bytes()).expect("an answer");
        assert_eq!(told.deliveries[0], br#"{"update_id":7, "message":{"message_id":12345678901234567890}}"#);
        assert_eq!((told.deliveries.len(), told.taken.as_deref()), (2, Some("10")));
        let nothing = polling().told(200, br#"{"ok":true,"result":[]}"#);
        assert_eq!(nothing, Ok(Told { deliveries: Vec::new(), taken: None }));
    }

    #[test]
    fn what_goes_wrong_is_told_apart() {
        let told = |status, body: &str| polling().told(status, body.as_bytes());
        assert_eq!(told(401, r#"{"ok":false,"error_code":401,"description":"Unauthorized"}"#), Err(NotTold::Refused));
        assert_eq!(told(409, r#"{"ok":false,"error_code":409,"description":"Conflict"}"#), Err(NotTold::Elsewhere));
        let throttled = r#"{"ok":false,"error_code":429,"parameters":{"retry_after":3}}"#;
        assert_eq!(told(429, throttled), Err(NotTold::Later(Some(Duration::from_secs(3)))));
        assert_eq!(told(502, "<html>"), Err(NotTold::Later(None)));
        assert_eq!(told(200, "<html>"), Err(NotTold::Unreadable));
        assert_eq!(told(200, r#"{"ok":true,"result":[{"no":"number"}]}"#), Err(NotTold::Unreadable));
    }
}
