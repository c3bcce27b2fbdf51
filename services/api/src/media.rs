//! Files of events, as they are streamed.

use std::{pin::Pin, time::Duration};

use kenh_media::{File, Problem};
use kenh_proto::{
    server::{GetMediaResponse, MediaInfo, get_media_response::Response},
    v1::ErrorReason,
};
use kenh_reason::Refusal;
use tokio::sync::OwnedSemaphorePermit;
use tokio_stream::{Stream, StreamExt as _};
use tonic::Status;

/// What to wait where nobody says how long.
const SOON: Duration = Duration::from_secs(5);

/// Answers to one `GetMedia`.
pub(crate) type Pieces = Pin<Box<dyn Stream<Item = Result<GetMediaResponse, Status>> + Send>>;

/// What it is, then its bytes: each is read when the transport has room for it. The slot is held until the last.
pub(crate) fn pieces(file: File, slot: OwnedSemaphorePermit) -> Pieces {
    let info = MediaInfo { mime_type: file.mime, name: file.name, size: file.size, sha256: file.sha256 };
    let info = tokio_stream::once(Ok(piece(Response::Info(info))));
    let chunks = file.chunks.map(move |chunk| {
        let _slot = &slot;
        match chunk {
            Ok(bytes) => Ok(piece(Response::Chunk(bytes))),
            Err(damaged) => Err(Refusal::new(ErrorReason::MediaCorrupt, damaged.to_string()).status()),
        }
    });
    Box::pin(info.chain(chunks))
}

fn piece(response: Response) -> GetMediaResponse {
    GetMediaResponse { response: Some(response) }
}

/// Why there is no file, for whoever asked.
pub(crate) fn refused(problem: Problem) -> Status {
    let because = |reason| Refusal::new(reason, problem.to_string());
    match problem {
        Problem::NotFound => because(ErrorReason::MediaNotFound),
        Problem::NotKept => because(ErrorReason::RawNotKept),
        Problem::Gone => because(ErrorReason::MediaGone),
        Problem::TooLarge { most: None } => because(ErrorReason::MediaTooLarge),
        Problem::TooLarge { most: Some(most) } => {
            because(ErrorReason::MediaTooLarge).with("max_file_bytes", most.to_string())
        }
        Problem::AddressRefused => because(ErrorReason::MediaAddressRefused),
        Problem::CredentialsMissing => because(ErrorReason::MediaCredentialsMissing),
        Problem::NotReady { pause } => because(ErrorReason::MediaNotReady).retry_in(pause.unwrap_or(SOON)),
        Problem::Unreachable => because(ErrorReason::MediaUnreachable).retry_in(SOON),
        Problem::Timeout => because(ErrorReason::MediaTimeout).retry_in(SOON),
        Problem::Store => because(ErrorReason::MediaStoreUnavailable).retry_in(SOON),
    }
    .status()
}
