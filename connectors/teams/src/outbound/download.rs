//! Files people sent. A picture lies at the Bot Connector, which wants the bot's token; a file that was put into a chat at an
//! address that anybody may fetch for some minutes.
//! See <https://learn.microsoft.com/microsoftteams/platform/bots/how-to/bots-filesv4#receive-files-in-personal-chat>.

use connector_sdk::media::{Download, Source, Unobtainable, Wanted};

use super::Sender;

impl Sender {
    /// See [`connector_sdk::Connector::download`]. What a call names is asked with the token at the configured hosts alone.
    pub(crate) fn download(&self, wanted: &Wanted<'_>) -> Download {
        let Some(url) = wanted.media.url.as_deref() else { return Download::Not(Unobtainable::NoWay) };
        let at_bots = [&self.hosts, &self.media_hosts].into_iter().find_map(|hosts| Source::among(url, hosts));
        match (at_bots, wanted.token) {
            (Some(source), Some(_)) => Download::Get(source.bearer()),
            (Some(_), None) => Download::Not(Unobtainable::Credentials),
            (None, _) => Download::by_address(wanted.media),
        }
    }
}
