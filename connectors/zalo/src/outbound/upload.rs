//! From a file to the id that messages name it by: fetch, upload, and on with the id.
//!
//! Uploads are kept for seven days and counted by the month; their ids are not kept here, as a file is rarely sent twice.

use std::slice::Iter;

use connector_sdk::outbound::{Answer, Body, Failure, File, Outcome, Retry, Sending, Step};
use kenh_proto::v1::{Media, MediaKind, SendReason};

use super::{
    call::Caller,
    errors::Api,
    media,
    reply::{self, Asked},
};

/// A sort of upload.
struct Sort {
    path: &'static str,
    /// Where the answer has the id.
    id: &'static str,
    types: &'static [&'static str],
    max_bytes: u64,
}

const IMAGE: Sort =
    Sort { path: "/v2.0/oa/upload/image", id: "attachment_id", types: &media::IMAGES, max_bytes: media::MOST_IMAGE };
const GIF: Sort =
    Sort { path: "/v2.0/oa/upload/gif", id: "attachment_id", types: &[media::GIF], max_bytes: media::MOST_GIF };
const FILE: Sort =
    Sort { path: "/v2.0/oa/upload/file", id: "token", types: &media::FILES, max_bytes: media::MOST_FILE };

/// An uploaded file.
pub(super) struct Uploaded {
    /// By which a message names it.
    pub(super) id: String,
    /// Width and height of a moving picture.
    pub(super) size: Option<(u32, u32)>,
}

/// Uploads the file of a message. `Err` is what to do before there is an id, or how it ends without one.
pub(super) fn uploaded(
    caller: Caller<'_>,
    media: &Media,
    answers: &mut Iter<'_, Answer>,
) -> Result<Uploaded, Box<Step>> {
    let sort = match media.kind() {
        MediaKind::Image => IMAGE,
        MediaKind::Gif => GIF,
        MediaKind::File | MediaKind::Unspecified | MediaKind::Video | MediaKind::Audio => FILE,
    };
    let file = file(&sort, media, answers)?;
    let size = media.width.zip(media.height).or_else(|| media::gif_size(&file.bytes));
    if media.kind() == MediaKind::Gif && size.is_none() {
        return Err(done(Failure::permanent(SendReason::ContentInvalid, None)));
    }
    let Some(answer) = answers.next() else {
        let body = Body::Multipart { fields: Vec::new(), name: "file", file };
        return Err(Step::Call(caller.upload(sort.path, body)).into());
    };
    let id = id(&sort, answer, caller.sending).map_err(done)?;
    Ok(Uploaded { id, size })
}

fn done(outcome: Outcome) -> Box<Step> {
    Step::Done(outcome).into()
}

fn file(sort: &Sort, media: &Media, answers: &mut Iter<'_, Answer>) -> Result<File, Box<Step>> {
    let unavailable = |retry| done(Failure::passing(SendReason::MediaUnavailable, None, retry));
    let (stated, bytes) = if let Some(content) = &media.content {
        (None, content.clone().into())
    } else {
        let url = media.url.clone().ok_or_else(|| unavailable(Retry::Never))?;
        match answers.next() {
            None => return Err(Step::Fetch { url, max_bytes: sort.max_bytes }.into()),
            Some(Answer::Fetched { mime, bytes }) => (mime.as_deref(), bytes.clone()),
            Some(Answer::NotFetched { retryable: true } | Answer::NotSent | Answer::NoReply | Answer::Reply(_)) => {
                return Err(unavailable(Retry::Soon));
            }
            Some(Answer::NotFetched { retryable: false }) => return Err(unavailable(Retry::Never)),
        }
    };
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > sort.max_bytes {
        return Err(done(Failure::permanent(SendReason::ContentTooLarge, None)));
    }
    let mime = media::of_file(stated, &bytes, media).filter(|mime| sort.types.contains(&&**mime));
    let mime = mime.ok_or_else(|| done(Failure::permanent(SendReason::ContentUnsupported, None)))?;
    Ok(File { name: media::name(media, &mime), mime, bytes })
}

fn id(sort: &Sort, answer: &Answer, sending: &Sending<'_>) -> Result<String, Outcome> {
    let asked = Asked { api: Api::Oa, charges: false, own_upload: true };
    let data = reply::data(asked, answer, sending)?;
    // A success without an id is an error of theirs: nobody saw anything, so it can be tried again.
    let missing = || Failure::passing(SendReason::ChannelUnavailable, None, Retry::Soon);
    data.get(sort.id).and_then(reply::text).ok_or_else(missing)
}
