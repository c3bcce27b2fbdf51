//! Telling a channel's answer from what comes in its place.

use std::fmt::Display;

use kenh_proto::v1::SendReason;

use super::{Answer, Effect, Failure, Outcome, Reply, Retry};

impl Answer {
    /// The answer to a call with this effect; else how the piece ends without one.
    pub fn to_call(&self, effect: Effect) -> Result<&Reply, Outcome> {
        let again = || Failure::passing(SendReason::ChannelUnavailable, None, Retry::Soon);
        match self {
            Self::Reply(reply) => Ok(reply),
            Self::NotSent => Err(again()),
            Self::NoReply => Err(effect.unless_seen(again())),
            // A file is no answer to a call: the connector's steps changed between two tries.
            Self::Fetched { .. } | Self::NotFetched { .. } => {
                Err(Failure::permanent(SendReason::MediaUnavailable, None))
            }
        }
    }
}

impl Reply {
    /// How a call ends that was answered with no word of the channel's own: a proxy that gave up, or a body cut short, says
    /// nothing about what somebody may have seen.
    pub fn wordless(&self, effect: Effect) -> Outcome {
        match self.status {
            200..=299 | 500..=502 | 504..=599 => {
                let pause = self.retry_after.map_or(Retry::Soon, Retry::After);
                let code = format!("http_{}", self.status);
                effect.unless_seen(Failure::passing(SendReason::ChannelUnavailable, code, pause))
            }
            status => Outcome::of_status(status, self.retry_after),
        }
    }

    /// How long to wait, where something may work later.
    pub fn pause(&self) -> Retry {
        self.retry_after.map_or(Retry::Soon, Retry::After)
    }
}

/// A code for what a channel says in a sentence: its number, and the words that are known of the sentence:
/// `403/bot_was_blocked`.
pub fn coded(number: impl Display, known: &str) -> String {
    let words: Vec<_> = known.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    format!("{number}/{}", words.join("_"))
}

impl Effect {
    fn unless_seen(self, otherwise: Outcome) -> Outcome {
        match self {
            Self::Visible => Outcome::Unknown,
            Self::Repeatable | Self::Keyed => otherwise,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const ALL: [Effect; 3] = [Effect::Visible, Effect::Keyed, Effect::Repeatable];

    #[test]
    fn what_somebody_may_have_seen_is_unknown_and_the_rest_is_tried_again() {
        let again = Failure::passing(SendReason::ChannelUnavailable, None, Retry::Soon);
        let ends = ALL.map(|effect| Answer::NoReply.to_call(effect).err());
        assert_eq!(ends, [Some(Outcome::Unknown), Some(again.clone()), Some(again.clone())]);
        assert_eq!(Answer::NotSent.to_call(Effect::Visible).err(), Some(again));
    }

    #[test]
    fn a_code_is_no_sentence() {
        assert_eq!(coded(400, "the property, 'to'"), "400/the_property_to");
    }

    #[test]
    fn a_page_of_somebody_elses_says_nothing_of_what_was_seen() {
        let wordless = |status, effect| {
            Reply { status, retry_after: Some(Duration::from_secs(3)), body: "<html>".into() }.wordless(effect)
        };
        for status in [200, 500, 502, 504] {
            assert_eq!(wordless(status, Effect::Visible), Outcome::Unknown, "{status}");
            let after = Retry::After(Duration::from_secs(3));
            let again = Failure::passing(SendReason::ChannelUnavailable, format!("http_{status}"), after);
            assert_eq!(wordless(status, Effect::Keyed), again, "{status}");
        }
        for (status, reason) in [(429, SendReason::Throttled), (413, SendReason::ContentTooLarge)] {
            let Outcome::Failed(failure) = wordless(status, Effect::Visible) else { panic!("{status}") };
            assert_eq!(failure.reason, reason);
        }
    }
}
