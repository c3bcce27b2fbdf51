//! Recordings. Twilio gives them for the account's SID and auth token, as WAV; of others anybody may fetch them who knows the
//! address. See <https://www.twilio.com/docs/voice/api/recording#fetch-a-recordings-media-file>.

use connector_sdk::{
    ExposeSecret as _,
    media::{Download, Source, Wanted},
    outbound::basic,
};

use crate::settings::Settings;

/// See [`connector_sdk::Connector::download`]. Twilio's calls are signed with the auth token, so it is known.
pub(crate) fn download(settings: Option<&Settings>, wanted: &Wanted<'_>) -> Download {
    let url = wanted.media.url.as_deref();
    let found = settings.zip(url).and_then(|(settings, url)| {
        let secret = settings.secrets.first().filter(|_| is_sid(wanted.account))?;
        Some((Source::among(url, &settings.media_hosts)?, secret))
    });
    found.map_or_else(
        || Download::by_address(wanted.media),
        |(source, secret)| Download::Get(source.header("Authorization", basic(wanted.account, secret.expose_secret()))),
    )
}

fn is_sid(account: &str) -> bool {
    account.len() == 34 && account.starts_with("AC") && account.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
