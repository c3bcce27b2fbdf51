//! With which of Meta's two products an account was connected: they have APIs of their own.

/// How the account's token was had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Login {
    /// Instagram Login: a token of the account itself.
    Instagram,
    /// Facebook Login: the token of the Page the account is linked to.
    Facebook,
}

/// What `login` may be.
pub(super) const LOGINS: &[(&str, Login)] = &[("instagram", Login::Instagram), ("facebook", Login::Facebook)];

impl Login {
    /// Where its API is.
    pub(super) fn api(self) -> &'static str {
        match self {
            Self::Instagram => "https://graph.instagram.com",
            Self::Facebook => "https://graph.facebook.com",
        }
    }

    /// Whether calls prove the app secret where nobody says so. With Instagram Login an app has two secrets, and Meta
    /// does not say which one proves.
    pub(super) fn is_proven(self) -> bool {
        self == Self::Facebook
    }

    /// What stands for the account in addresses: its id, or whose the token is, as the Page has another.
    pub(super) fn sender(self, account: &str) -> &str {
        match self {
            Self::Instagram => account,
            Self::Facebook => "me",
        }
    }
}
