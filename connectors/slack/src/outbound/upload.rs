//! Files: an address is asked for, the bytes go there, and then the file is shown.
//! See <https://docs.slack.dev/messaging/working-with-files#upload>.

use connector_sdk::outbound::{Body, Call, Effect, Failure, Outcome, Retry, Step, file};
use kenh_proto::v1::{Media, SendReason};
use serde_json::Value;

use super::{
    call::{Caller, Stop},
    capabilities::LARGEST_FILE,
};

/// An uploaded file.
pub(super) struct Uploaded {
    pub(super) id: String,
    pub(super) name: String,
}

/// Uploads a file. Nobody sees it until it is shown.
pub(super) fn uploaded(caller: &mut Caller<'_>, media: &Media) -> Result<Uploaded, Box<Step>> {
    let ended = |stop: Stop| Box::new(Step::from(stop));
    let file = file(media, LARGEST_FILE, &mut caller.answers)?;
    let name = file.name.clone();
    let fields = vec![("filename", name.clone()), ("length", file.bytes.len().to_string())];
    let given = caller.form("files.getUploadURLExternal", fields).map_err(ended)?;
    let text = |name: &str| given.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
    let (Some(id), Some(url)) = (text("file_id"), text("upload_url").filter(|url| is_slacks(url, caller.api_url)))
    else {
        return Err(done(Failure::passing(SendReason::ChannelUnavailable, None, Retry::Soon)));
    };
    let Some(answer) = caller.answers.next() else {
        // It proves itself by its address: the token stays here.
        let body = Body::TokenIn(&[], Body::Multipart { fields: Vec::new(), name: "filename", file }.into());
        let call = Call { body, ..Call::post(url, Value::Null).effect(Effect::Repeatable) };
        return Err(Step::Call(call).into());
    };
    let reply = answer.to_call(Effect::Repeatable).map_err(done)?;
    match reply.status {
        200..=299 => Ok(Uploaded { id, name }),
        _ => Err(done(reply.wordless(Effect::Repeatable))),
    }
}

fn done(outcome: Outcome) -> Box<Step> {
    Step::Done(outcome).into()
}

/// Whether people's files may go there: to Slack, or to what stands in its place.
fn is_slacks(url: &str, api_url: &str) -> bool {
    let origin = |url: &str| {
        let (scheme, rest) = url.split_once("://")?;
        Some((scheme.to_owned(), rest.split(['/', '?', '#']).next().unwrap_or_default().to_owned()))
    };
    let Some((scheme, host)) = origin(url) else { return false };
    let slack = scheme == "https" && (host == "slack.com" || host.ends_with(".slack.com"));
    !url.contains('{') && !host.contains('@') && (slack || origin(api_url) == Some((scheme, host)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_go_to_slack_and_nowhere_else() {
        let api = "https://slack.com/api";
        for at in ["https://files.slack.com/upload/v1/ABC", "https://slack.com/x?y"] {
            assert!(is_slacks(at, api), "{at}");
        }
        for elsewhere in [
            "http://files.slack.com/upload",
            "https://files.slack.com.example.test/upload",
            "https://evil-slack.com/upload",
            "https://files.slack.com@example.test/",
            "https://example.test/.slack.com",
            "https://files.slack.com/{token}",
            "files.slack.com/upload",
            "",
        ] {
            assert!(!is_slacks(elsewhere, api), "{elsewhere}");
        }
        assert!(is_slacks("http://127.0.0.1:8080/upload", "http://127.0.0.1:8080/api"));
        assert!(!is_slacks("http://127.0.0.1:8081/upload", "http://127.0.0.1:8080/api"));
    }
}
