//! Files of direct messages: the API gives them to the token of somebody who takes part. The address of the event, which wants
//! OAuth 1.0a, tells by what. Those of posts anybody may fetch. See <https://docs.x.com/x-api/direct-messages/download-dm-media>.

use connector_sdk::media::{Download, Source, Unobtainable, Wanted};

use super::{Sender, call::is_id};

impl Sender {
    /// See [`connector_sdk::Connector::download`].
    pub(crate) fn download(&self, wanted: &Wanted<'_>) -> Download {
        match (wanted.media.url.as_deref().and_then(direct), wanted.token) {
            (None, _) => Download::by_address(wanted.media),
            (Some(_), None) => Download::Not(Unobtainable::Credentials),
            (Some([message, file, name]), Some(_)) => {
                let path = format!("/2/dm_conversations/media/{message}/{file}/{name}");
                Download::Get(Source::at(&self.api_url, &path).bearer())
            }
        }
    }
}

/// Message, file and name of `https://ton.twitter.com/1.1/ton/data/dm/954000000000000001/9/x1y2.jpg`.
pub(super) fn direct(url: &str) -> Option<[&str; 3]> {
    let (_, path) = url.split_once("/ton/data/dm/")?;
    let path = path.split(['?', '#', ':']).next()?;
    let mut parts = path.split('/');
    let found = [parts.next()?, parts.next()?, parts.next()?];
    let [message, file, name] = found;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let is_name = (1..=50).contains(&name.len()) && name.bytes().all(plain) && name.bytes().any(|byte| byte != b'.');
    (parts.next().is_none() && is_id(message) && is_id(file) && is_name).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_of_a_direct_message_tells_what_to_ask_for() {
        let at = |rest: &str| format!("https://ton.twitter.com/1.1/ton/data/dm/{rest}");
        for whole in ["11/22/x_1-y.jpg", "11/22/x_1-y.jpg:large", "11/22/x_1-y.jpg?a=b"] {
            assert_eq!(direct(&at(whole)), Some(["11", "22", "x_1-y.jpg"]), "{whole}");
        }
        for other in ["11/22", "11/22/", "11/22/..", "11/22/a/b", "1a/22/x.jpg", "11//x.jpg", "11/22/a%2fb"] {
            assert_eq!(direct(&at(other)), None, "{other}");
        }
        assert_eq!(direct("https://pbs.twimg.com/media/AbC.jpg"), None);
    }
}
