//! The accounts an endpoint can send from.

use std::collections::BTreeMap;

use crate::{Secret, Section};

/// Accounts by the channel's id.
#[derive(Debug, Clone, Default)]
pub struct Accounts(BTreeMap<String, SendingAccount>);

/// One of them.
#[derive(Debug, Clone, Default)]
pub struct SendingAccount {
    /// Its name for people.
    pub name: Option<String>,
    /// The token to begin with. Where tokens are renewed, what the gateway keeps is newer.
    pub token: Option<Secret>,
    /// What renews the token, to begin with.
    pub refresh_token: Option<Secret>,
}

impl FromIterator<(String, SendingAccount)> for Accounts {
    fn from_iter<T: IntoIterator<Item = (String, SendingAccount)>>(accounts: T) -> Self {
        Self(accounts.into_iter().collect())
    }
}

impl Accounts {
    /// Reads `accounts`: a mapping of the channel's ids to `name`, `token` and, where tokens are renewed,
    /// `refresh_token`. Without one the endpoint only receives.
    pub fn read(settings: &mut Section<'_>, renewed: bool) -> Self {
        let mut accounts = BTreeMap::new();
        settings.section("accounts", |section| {
            section.each(|id, origin, account| {
                if id.is_empty() || id.len() > 256 {
                    account.refuse(origin, "expected the channel's id of the account");
                }
                let name = account.text("name");
                let token = account.secret("token");
                let refresh_token = if renewed { account.secret("refresh_token") } else { None };
                if token.is_none() && refresh_token.is_none() {
                    let wanted =
                        if renewed { "expected a token, a refresh_token, or both" } else { "expected a token" };
                    account.fault("token", wanted);
                }
                accounts.insert(id.to_owned(), SendingAccount { name, token, refresh_token });
            });
        });
        Self(accounts)
    }

    /// Those of a channel where the token itself is what renews it: it can be used at once.
    #[must_use]
    pub fn renewed_by_themselves(mut self) -> Self {
        for account in self.0.values_mut() {
            account.token = account.token.take().or_else(|| account.refresh_token.clone());
        }
        self
    }

    /// Reads `accounts` where all are proven by one secret that is configured elsewhere: a mapping of ids to `name`.
    pub fn sharing(settings: &mut Section<'_>, token: &Secret) -> Self {
        let mut accounts = BTreeMap::new();
        settings.section("accounts", |section| {
            section.each(|id, origin, account| {
                if id.is_empty() || id.len() > 256 {
                    account.refuse(origin, "expected the channel's id of the account");
                }
                let (name, token) = (account.text("name"), Some(token.clone()));
                accounts.insert(id.to_owned(), SendingAccount { name, token, refresh_token: None });
            });
        });
        Self(accounts)
    }

    /// Accounts that are configured elsewhere, all with the same name and token.
    pub fn all(ids: &[String], account: &SendingAccount) -> Self {
        Self(ids.iter().map(|id| (id.clone(), account.clone())).collect())
    }

    /// One of them.
    pub fn get(&self, id: &str) -> Option<&SendingAccount> {
        self.0.get(id)
    }

    /// All of them, by id.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &SendingAccount)> {
        self.0.iter().map(|(id, account)| (id.as_str(), account))
    }

    /// Its id, where there is one only.
    pub fn only(&self) -> Option<&str> {
        let mut ids = self.0.keys();
        ids.next().filter(|_| ids.next().is_none()).map(String::as_str)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
