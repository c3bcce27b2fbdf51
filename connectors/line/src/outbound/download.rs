//! Files people sent, by the id of their message, for as long as LINE keeps them, which it does not say. Of a film that is still
//! being prepared the answer is 202. See <https://developers.line.biz/en/reference/messaging-api/#get-content>.

use connector_sdk::media::{Download, Source, Unobtainable, Wanted};

use super::Sender;

impl Sender {
    /// See [`connector_sdk::Connector::download`]. A sticker's id is none of a message.
    pub(crate) fn download(&self, wanted: &Wanted<'_>) -> Download {
        let id = wanted.media.provider_ref.as_deref().filter(|id| !wanted.sticker && is_message_id(id));
        match (id, wanted.token) {
            (None, _) => Download::by_address(wanted.media),
            (Some(_), None) => Download::Not(Unobtainable::Credentials),
            (Some(id), Some(_)) => {
                let path = format!("/v2/bot/message/{id}/content");
                Download::Get(Source::at(&self.data_url, &path).bearer())
            }
        }
    }
}

fn is_message_id(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}
