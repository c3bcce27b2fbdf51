//! Pictures and films of a conversation: TikTok makes an address on demand, which is good for a day and wants the token too, in a
//! header of its own. See <https://business-api.tiktok.com/portal/docs?id=1832184455450626>.

use connector_sdk::{
    media::{Download, Source, Unobtainable, Wanted},
    outbound::{Answer, Effect, TOKEN},
};
use kenh_proto::v1::MediaKind;
use serde_json::{Value, json};

use super::{Sender, errors};

impl Sender {
    /// See [`connector_sdk::Connector::download`]. Stickers have an address that anybody may fetch, for a month.
    pub(crate) fn download(&self, wanted: &Wanted<'_>, answers: &[Answer]) -> Download {
        let Some(id) = wanted.media.provider_ref.as_deref().filter(|_| !wanted.sticker) else {
            return Download::by_address(wanted.media);
        };
        let (Some(conversation), Some(message)) = (wanted.conversation, wanted.message) else {
            return Download::Not(Unobtainable::NoWay);
        };
        if wanted.token.is_none() {
            return Download::Not(Unobtainable::Credentials);
        }
        let Some(answer) = answers.first() else {
            let source = Source::at(&self.api_url, "/open_api/v1.3/business/message/media/download/");
            return Download::Ask(source.header("Access-Token", TOKEN).post(json!({
                "business_id": wanted.account,
                "conversation_id": conversation,
                "message_id": message,
                "media_id": id,
                "media_type": if wanted.media.kind() == MediaKind::Video { "VIDEO" } else { "IMAGE" },
            })));
        };
        let read = answer.to_call(Effect::Repeatable).and_then(|reply| errors::read(reply, Effect::Repeatable));
        match read {
            Ok(data) => {
                data.get("download_url").and_then(Value::as_str).map_or(Download::Not(Unobtainable::Gone), |url| {
                    let trusted = Source::among(url, &self.media_hosts);
                    // Elsewhere the token does not go; it may be had without.
                    Download::Get(trusted.map_or_else(|| Source::public(url), |source| source.header("x-user", TOKEN)))
                })
            }
            Err(outcome) => outcome.into(),
        }
    }
}
