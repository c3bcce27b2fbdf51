//! Files people sent: the id, which is good for seven days, gives an address that is good for five minutes and wants the token too.
//! The address of the event may have been good for five minutes long ago, so the id comes first.
//! See <https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media#retrieve-media-url>.

use connector_meta::graph::{Fact, Meaning::Fails, is_id, taken, word};
use connector_sdk::{
    media::{Download, Source, Unobtainable, Wanted},
    outbound::{Answer, Effect},
};
use kenh_proto::v1::SendReason::MediaUnavailable;

use super::{Sender, errors::WHATSAPP};

/// What errors mean of a file: a bad parameter, and an object the token does not see, is an id whose days are over.
const FILES: &[Fact] = &[(100, 0, Fails(MediaUnavailable)), (100, 33, Fails(MediaUnavailable))];

impl Sender {
    /// See [`connector_sdk::Connector::download`].
    pub(crate) fn download(&self, wanted: &Wanted<'_>, answers: &[Answer]) -> Download {
        let Some(token) = wanted.token else { return Download::Not(Unobtainable::Credentials) };
        let at = |url: &str| Download::Get(Source::given(url, &self.media_url).bearer());
        let Some(id) = wanted.media.provider_ref.as_deref().filter(|id| is_id(id)) else {
            return wanted.media.url.as_deref().map_or(Download::Not(Unobtainable::NoWay), at);
        };
        let Some(answer) = answers.first() else { return Download::Ask(self.graph.look(&[id], token)) };
        match taken(answer, Effect::Repeatable, &[FILES, WHATSAPP]) {
            Ok(body) => word(&body, "url").as_deref().map_or(Download::Not(Unobtainable::Gone), at),
            Err(outcome) => outcome.into(),
        }
    }
}
