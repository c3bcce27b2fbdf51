//! Rights as they are written, in the configuration and in a token's claims alike: `read`, `send:zalo`,
//! `manage:sms-*`, `raw:zalo/4318000000000000001`.

use std::{fmt, str::FromStr, sync::Arc};

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// See events, subscriptions, and what is known of channels.
    Read,
    /// Send, edit and delete messages.
    Send,
    /// Create, move and delete subscriptions; look after parked events.
    Manage,
    /// See the bytes a channel delivered, beside the events made of them.
    Raw,
    /// Be the connector of a channel: read its calls, make its events, send for it.
    Connector,
}

impl Right {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Read, Self::Send, Self::Manage, Self::Raw, Self::Connector];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Send => "send",
            Self::Manage => "manage",
            Self::Raw => "raw",
            Self::Connector => "connector",
        }
    }
}

/// A channel or account: itself, `*` for all, or `sms-*` for all that begin so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    /// `*`: all, also events that name none.
    All,
    /// All that begin with this text.
    Prefix(String),
    /// This one.
    Exactly(String),
}

impl Pattern {
    fn of(text: &str) -> Self {
        match text.strip_suffix('*') {
            Some("") => Self::All,
            Some(prefix) => Self::Prefix(prefix.into()),
            None => Self::Exactly(text.into()),
        }
    }

    /// Whether a value is among what the pattern stands for; `None` where an event names none.
    pub fn matches(&self, value: Option<&str>) -> bool {
        match (self, value) {
            (Self::All, _) => true,
            (Self::Prefix(prefix), Some(value)) => value.starts_with(prefix),
            (Self::Exactly(wanted), Some(value)) => wanted == value,
            (Self::Prefix(_) | Self::Exactly(_), None) => false,
        }
    }
}

/// A right to some accounts of some channels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    right: Right,
    channel: Pattern,
    account: Pattern,
}

impl Grant {
    fn admits(&self, channel: &str, account: Option<&str>) -> bool {
        self.channel.matches(Some(channel)) && self.account.matches(account)
    }

    /// Whether every event of a channel (`None`: of every channel) and account (`None`: of every account) is meant.
    fn covers(&self, channel: Option<&str>, account: Option<&str>) -> bool {
        let covers = |pattern: &Pattern, named: Option<&str>| match named {
            Some(_) => pattern.matches(named),
            None => *pattern == Pattern::All,
        };
        covers(&self.channel, channel) && covers(&self.account, account)
    }

    /// Whether some event of a channel (`None`: of any channel) and account (`None`: of any account) may be meant.
    fn touches(&self, channel: Option<&str>, account: Option<&str>) -> bool {
        channel.is_none_or(|_| self.channel.matches(channel)) && account.is_none_or(|_| self.account.matches(account))
    }
}

/// A text that is no grant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a right such as read, send:zalo, manage:sms-* or raw:zalo/ACCOUNT; rights are read, send, manage, raw, connector"
)]
pub struct NoGrant;

impl FromStr for Grant {
    type Err = NoGrant;

    fn from_str(text: &str) -> Result<Self, NoGrant> {
        const LONGEST: usize = 512;
        let (word, place) = text.split_once(':').unwrap_or((text, "*"));
        let right = Right::ALL.into_iter().find(|right| right.word() == word).ok_or(NoGrant)?;
        // An account's id may hold anything, a slash too; a channel's slug may not.
        let (channel, account) = place.split_once('/').unwrap_or((place, "*"));
        if channel.is_empty() || account.is_empty() || text.len() > LONGEST {
            return Err(NoGrant);
        }
        Ok(Self { right, channel: Pattern::of(channel), account: Pattern::of(account) })
    }
}

/// What somebody may do, all together. Cheap to copy.
#[derive(Clone, PartialEq, Eq)]
pub struct Rights(Arc<[Grant]>);

impl fmt::Debug for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rights({} grants)", self.0.len())
    }
}

impl FromIterator<Grant> for Rights {
    fn from_iter<T: IntoIterator<Item = Grant>>(grants: T) -> Self {
        Self(grants.into_iter().collect())
    }
}

impl Rights {
    /// Everything.
    pub fn all() -> Self {
        Right::ALL.into_iter().map(|right| Grant { right, channel: Pattern::All, account: Pattern::All }).collect()
    }

    /// Nothing.
    pub fn none() -> Self {
        Self(Arc::new([]))
    }

    pub(crate) fn grants(&self) -> &[Grant] {
        &self.0
    }

    /// Where one right reaches.
    pub fn reach(&self, right: Right) -> Reach {
        Reach { grants: self.0.iter().filter(|grant| grant.right == right).cloned().collect() }
    }
}

/// Channels and accounts that one right reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    grants: Arc<[Grant]>,
}

impl Reach {
    /// Nothing is out of reach.
    pub fn is_everything(&self) -> bool {
        self.grants.iter().any(|grant| grant.covers(None, None))
    }

    /// Nothing is within reach.
    pub fn is_nothing(&self) -> bool {
        self.grants.is_empty()
    }

    /// Whether an event of that channel and account is within reach.
    pub fn admits(&self, channel: &str, account: Option<&str>) -> bool {
        self.grants.iter().any(|grant| grant.admits(channel, account))
    }

    /// Whether everything that a filter may match is within reach. A list that is empty matches everything.
    pub fn covers(&self, channels: &[String], accounts: &[String]) -> bool {
        each(channels)
            .all(|channel| each(accounts).all(|account| self.grants.iter().any(|grant| grant.covers(channel, account))))
    }

    /// The first channel or account that a filter names of which nothing at all is within reach.
    pub fn beyond<'a>(&self, channels: &'a [String], accounts: &'a [String]) -> Option<Beyond<'a>> {
        let touches = |channel, account| self.grants.iter().any(|grant| grant.touches(channel, account));
        let channel = channels.iter().find(|channel| !each(accounts).any(|account| touches(Some(channel), account)));
        let account = || accounts.iter().find(|account| !each(channels).any(|channel| touches(channel, Some(account))));
        channel.map(|channel| Beyond::Channel(channel)).or_else(|| account().map(|account| Beyond::Account(account)))
    }
}

/// What a filter names and a caller may not see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beyond<'a> {
    /// A channel.
    Channel(&'a str),
    /// An account.
    Account(&'a str),
}

/// The values of a filter's list; an empty one stands for any.
fn each(values: &[String]) -> impl Iterator<Item = Option<&str>> + Clone {
    let any = values.is_empty().then_some(None);
    any.into_iter().chain(values.iter().map(|value| Some(value.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(grants: &[&str]) -> Reach {
        grants.iter().map(|text| text.parse::<Grant>().unwrap()).collect::<Rights>().reach(Right::Read)
    }

    fn of(values: &[&str]) -> Vec<String> {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    #[test]
    fn grants_are_read_and_what_is_none_is_refused() {
        for text in ["", "Read", "admin", "read:", "read:/", "read:zalo/", "read:/1", "*", "read,send", "read zalo"] {
            assert_eq!(text.parse::<Grant>(), Err(NoGrant), "{text:?}");
        }
        let teams: Grant = "raw:teams/19:meeting/x".parse().unwrap();
        assert_eq!((teams.right, teams.account), (Right::Raw, Pattern::Exactly("19:meeting/x".into())));
        assert!(reach(&["send", "manage", "raw", "connector"]).is_nothing(), "no right brings another");
        assert!(reach(&["read"]).is_everything() && reach(&["read:*/*"]).is_everything());
    }

    #[test]
    fn a_reach_admits_what_it_names_and_nothing_else() {
        let some = reach(&["read:zalo/1", "read:sms-*"]);
        assert!(some.admits("zalo", Some("1")) && some.admits("sms-fpt", None) && some.admits("sms-fpt", Some("9")));
        assert!(!some.admits("zalo", Some("2")) && !some.admits("zalo", Some("11")));
        assert!(!some.admits("zalo", None), "an event that names no account is nobody's but who may see all");
        assert!(!some.admits("sms", None) && !some.admits("", None) && !some.is_everything());
    }

    #[test]
    fn a_filter_is_covered_when_each_of_its_pairs_is() {
        let some = reach(&["read:zalo/1", "read:zalo/2", "read:line"]);
        assert!(some.covers(&of(&["zalo"]), &of(&["1", "2"])) && some.covers(&of(&["line"]), &[]));
        assert!(!some.covers(&of(&["zalo"]), &[]), "all accounts of zalo are more than two");
        assert!(!some.covers(&of(&["zalo"]), &of(&["1", "3"])) && !some.covers(&of(&["zalo", "line"]), &of(&["3"])));
        assert!(!some.covers(&[], &[]) && !some.covers(&[], &of(&["1"])));
    }

    #[test]
    fn a_filter_may_be_narrowed_where_it_names_something_within_reach() {
        let some = reach(&["read:zalo/1", "read:line"]);
        assert_eq!(some.beyond(&[], &[]), None);
        assert_eq!(some.beyond(&of(&["zalo"]), &[]), None);
        assert_eq!(some.beyond(&of(&["zalo", "viber"]), &[]), Some(Beyond::Channel("viber")));
        assert_eq!(some.beyond(&of(&["zalo"]), &of(&["1", "2"])), Some(Beyond::Account("2")));
        assert_eq!(some.beyond(&[], &of(&["2"])), None, "it may be an account of line");
    }
}
