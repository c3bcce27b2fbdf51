//! Files people sent: `getFile` says where one is, for an hour, and the token stands in that address too. Up to 20 MB, unless the
//! server is one's own. See <https://core.telegram.org/bots/api#getfile>.

use connector_sdk::{
    media::{Download, Source, Unobtainable, Wanted},
    outbound::{Answer, Effect, TOKEN},
};
use serde_json::Value;

use super::{Sender, errors};

impl Sender {
    /// See [`connector_sdk::Connector::download`].
    pub(crate) fn download(&self, wanted: &Wanted<'_>, answers: &[Answer]) -> Download {
        let Some(id) = wanted.media.provider_ref.as_deref().filter(|id| is_file_id(id)) else {
            return Download::by_address(wanted.media);
        };
        if wanted.token.is_none() {
            return Download::Not(Unobtainable::Credentials);
        }
        let Some(answer) = answers.first() else {
            let method = format!("/getFile?file_id={id}");
            return Download::Ask(Source::at(format!("{}/bot{TOKEN}", self.api_url), &method));
        };
        let read = answer
            .to_call(Effect::Repeatable)
            .and_then(|reply| errors::read(reply, Effect::Repeatable).map_err(|(outcome, _)| outcome));
        let file = match read {
            Ok(file) => file,
            Err(outcome) => return outcome.into(),
        };
        // A server of one's own may say where the file is on its disk, which nobody can fetch.
        match file.get("file_path").and_then(Value::as_str).filter(|path| is_file_path(path)) {
            Some(path) => Download::Get(Source::at(format!("{}/file/bot{TOKEN}", self.api_url), &format!("/{path}"))),
            None => Download::Not(Unobtainable::Gone),
        }
    }
}

fn is_file_id(id: &str) -> bool {
    (1..=256).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// `documents/file_7.pdf`
fn is_file_path(path: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/');
    (1..=512).contains(&path.len()) && path.bytes().all(plain) && !path.starts_with('/') && !path.contains("..")
}
