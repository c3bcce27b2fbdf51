//! Whether the channel's time for answering is open.

use std::time::SystemTime;

use kenh_proto::v1::ReplyPolicy;
use prost_types::Timestamp;

/// What may be written into a conversation at one moment. Channels with such a time mark what is sent after it, and
/// refuse what is not marked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Window {
    /// Anybody may answer.
    Open,
    /// Only a person may.
    HumanOnly,
    /// Nobody may, other than with what the channel made for that: templates.
    Closed,
    /// Nothing is known of it: no event told, or the channel has no such time.
    #[default]
    Unknown,
}

impl Window {
    /// What the latest policy of a conversation says at a moment.
    pub fn of(policy: &ReplyPolicy, now: SystemTime) -> Self {
        let now = Timestamp::from(now);
        let open = |until: &Option<Timestamp>| until.map(|end| (end.seconds, end.nanos) > (now.seconds, now.nanos));
        match (open(&policy.open_until), open(&policy.human_agent_until)) {
            _ if policy.template_required => Self::Closed,
            (Some(true), _) => Self::Open,
            (_, Some(true)) => Self::HumanOnly,
            (None, None) => Self::Unknown,
            (Some(false), _) | (None, Some(false)) => Self::Closed,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_policy_tells_who_may_answer_when() {
        let at = |seconds| Some(Timestamp { seconds, nanos: 0 });
        let policy = ReplyPolicy { open_until: at(100), human_agent_until: at(700), ..ReplyPolicy::default() };
        let seen = |policy: &ReplyPolicy, now| Window::of(policy, SystemTime::UNIX_EPOCH + Duration::from_secs(now));
        assert_eq!(seen(&policy, 99), Window::Open);
        assert_eq!(seen(&policy, 100), Window::HumanOnly, "the end is not part of it");
        assert_eq!(seen(&policy, 700), Window::Closed);
        assert_eq!(seen(&ReplyPolicy { human_agent_until: None, ..policy.clone() }, 100), Window::Closed);
        assert_eq!(seen(&ReplyPolicy { open_until: None, ..policy.clone() }, 99), Window::HumanOnly);
        assert_eq!(seen(&ReplyPolicy { template_required: true, ..policy }, 99), Window::Closed);
        assert_eq!(seen(&ReplyPolicy::default(), 99), Window::Unknown);
    }
}
