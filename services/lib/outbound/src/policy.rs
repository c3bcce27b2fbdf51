//! What the channel's rules say about answering now.

use std::time::SystemTime;

use kenh_proto::v1::{PolicyVerdict, ReplyPolicy, SendReason, SenderRole, outbound_action::What, part::Content};
use prost_types::Timestamp;

use crate::time::{micros, of_clock, timestamp};

/// The template an action sends, by the channel's id of it; empty for everything else. Allowances go by it.
pub fn template(what: &What) -> &str {
    let What::Message(message) = what else { return "" };
    let id = message.parts.iter().find_map(|part| {
        let Some(Content::Template(template)) = &part.content else { return None };
        template.id.as_deref()
    });
    id.unwrap_or_default()
}

/// The channel said that the allowance is used up until then.
pub(crate) fn spent(until: i64) -> PolicyVerdict {
    PolicyVerdict {
        allowed: false,
        reason: Some(SendReason::QuotaExhausted.into()),
        advice: Some("the channel said that the allowance is used up: wait until then, or buy more".into()),
        until: Some(timestamp(until)),
        known: true,
    }
}

/// What the rules say. `policy` is what the conversation's events told last; without it nothing is known, and only the
/// channel will tell. `needs_window`: the channel's time for answering applies to what is sent.
pub fn verdict(policy: Option<&ReplyPolicy>, role: SenderRole, needs_window: bool, now: SystemTime) -> PolicyVerdict {
    let Some(policy) = policy else { return PolicyVerdict { allowed: true, ..PolicyVerdict::default() } };
    let now = of_clock(now);
    let open = |until: &Option<Timestamp>| until.is_some_and(|until| now < micros(until));
    let person = role == SenderRole::Human;
    let until = if person { policy.human_agent_until.or(policy.open_until) } else { policy.open_until };
    let refused = |reason: SendReason, advice: &str| PolicyVerdict {
        allowed: false,
        reason: Some(reason.into()),
        advice: Some(advice.into()),
        until,
        known: true,
    };
    if policy.observer_only {
        return refused(SendReason::NotInControl, "another application has the conversation: take it over first");
    }
    if policy.opted_out {
        return refused(
            SendReason::OptedOut,
            "the contact blocked the business or refused messages: wait until they write",
        );
    }
    if !needs_window {
        return PolicyVerdict { allowed: true, known: true, ..PolicyVerdict::default() };
    }
    if policy.template_required {
        return refused(SendReason::TemplateRequired, "only a pre-approved template may be sent");
    }
    let windowed = policy.open_until.is_some() || policy.human_agent_until.is_some();
    if windowed && !open(&policy.open_until) && !(person && open(&policy.human_agent_until)) {
        let advice = if open(&policy.human_agent_until) {
            "the time for programs is over: a person may still answer (sender_role HUMAN)"
        } else {
            "the time for answering is over: send a template, or wait until the contact writes"
        };
        return refused(SendReason::WindowClosed, advice);
    }
    PolicyVerdict { allowed: true, until, known: true, ..PolicyVerdict::default() }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn policy(open: Option<i64>, human: Option<i64>) -> ReplyPolicy {
        let at = |seconds: i64| Timestamp { seconds, nanos: 0 };
        ReplyPolicy { open_until: open.map(at), human_agent_until: human.map(at), ..ReplyPolicy::default() }
    }

    fn reason(policy: &ReplyPolicy, role: SenderRole, needs_window: bool, now: u64) -> Option<SendReason> {
        let verdict = verdict(Some(policy), role, needs_window, SystemTime::UNIX_EPOCH + Duration::from_secs(now));
        assert_eq!(verdict.allowed, verdict.reason.is_none());
        verdict.reason.and_then(|reason| SendReason::try_from(reason).ok())
    }

    #[test]
    fn programs_and_people_have_their_windows() {
        let both = policy(Some(100), Some(700));
        assert_eq!(reason(&both, SenderRole::Bot, true, 99), None);
        assert_eq!(reason(&both, SenderRole::Bot, true, 100), Some(SendReason::WindowClosed));
        assert_eq!(reason(&both, SenderRole::Human, true, 100), None);
        assert_eq!(reason(&both, SenderRole::Human, true, 700), Some(SendReason::WindowClosed));
        assert_eq!(reason(&both, SenderRole::Bot, false, 900), None, "a template needs no window");
    }

    #[test]
    fn without_a_window_nothing_is_forbidden() {
        assert_eq!(reason(&policy(None, None), SenderRole::Bot, true, 1), None);
        assert!(!super::verdict(None, SenderRole::Bot, true, SystemTime::UNIX_EPOCH).known);
    }

    #[test]
    fn who_only_watches_and_who_needs_a_template_is_told() {
        let watching = ReplyPolicy { observer_only: true, ..ReplyPolicy::default() };
        assert_eq!(reason(&watching, SenderRole::Human, false, 1), Some(SendReason::NotInControl));
        let gone = ReplyPolicy { opted_out: true, ..policy(Some(100), None) };
        assert_eq!(reason(&gone, SenderRole::Bot, false, 1), Some(SendReason::OptedOut));
        let template = ReplyPolicy { template_required: true, ..ReplyPolicy::default() };
        assert_eq!(reason(&template, SenderRole::Human, true, 1), Some(SendReason::TemplateRequired));
        assert_eq!(reason(&template, SenderRole::Bot, false, 1), None);
    }
}
