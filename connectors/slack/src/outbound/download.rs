//! Files people sent: at an address of Slack's own, which wants the token (scope `files:read`) and else leads to a page to log in
//! with. Files of other workspaces come without an address: `files.info` has it. Files that lie elsewhere anybody may fetch who
//! may. See <https://docs.slack.dev/reference/objects/file-object>.

use connector_sdk::{
    media::{Download, Source, Unobtainable, Wanted},
    outbound::{Answer, Effect},
};

use super::{Sender, errors};

impl Sender {
    /// See [`connector_sdk::Connector::download`].
    pub(crate) fn download(&self, wanted: &Wanted<'_>, answers: &[Answer]) -> Download {
        if wanted.token.is_none() {
            return Download::Not(Unobtainable::Credentials);
        }
        let at = |url: &str| Download::Get(Source::given(url, &self.files_url).bearer());
        if let Some(url) = &wanted.media.url {
            return at(url);
        }
        let Some(id) = wanted.media.provider_ref.as_deref().filter(|id| is_file_id(id)) else {
            return Download::Not(Unobtainable::NoWay);
        };
        let Some(answer) = answers.first() else {
            return Download::Ask(Source::at(&self.api_url, &format!("/files.info?file={id}")).bearer());
        };
        let read = answer
            .to_call(Effect::Repeatable)
            .and_then(|reply| errors::read(reply, Effect::Repeatable).map_err(|(outcome, _)| outcome));
        match read {
            Ok(body) => {
                let url = ["/file/url_private_download", "/file/url_private"].into_iter();
                let url = url.filter_map(|name| body.pointer(name)?.as_str()).find(|url| !url.is_empty());
                url.map_or(Download::Not(Unobtainable::Gone), at)
            }
            Err(outcome) => outcome.into(),
        }
    }
}

fn is_file_id(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
