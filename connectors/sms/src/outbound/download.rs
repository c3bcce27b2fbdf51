//! Files of messages. Some providers give them for the account's name and secret, and lead on to where they lie, which is told
//! nothing of both; of others anybody may fetch them.

use connector_sdk::{
    ExposeSecret as _,
    media::{Download, Source, Wanted},
    outbound::{TOKEN, basic},
};

use super::Sender;

impl Sender {
    /// See [`connector_sdk::Connector::download`]. What proves the provider's calls is the same secret: a number that nothing is
    /// sent from needs no account.
    pub(crate) fn download(&self, wanted: &Wanted<'_>) -> Download {
        let found = wanted.media.url.as_deref().and_then(|url| Source::among(url, &self.0.media_hosts));
        let Some(source) = found else { return Download::by_address(wanted.media) };
        let secret = wanted.token.is_none().then(|| self.0.secrets.first()).flatten();
        let password = secret.map_or(TOKEN, |secret| secret.expose_secret());
        Download::Get(source.header("Authorization", basic(&self.0.user, password)))
    }
}
