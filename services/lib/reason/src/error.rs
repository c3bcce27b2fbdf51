//! The table of [`ErrorReason`].

use kenh_proto::v1::ErrorReason;
use tonic::Code;

use crate::{
    Again::{self, Changed, Later, Never},
    Facts,
};

const fn row(code: Code, again: Again, metadata: &'static [&'static str], advice: &'static str) -> Facts {
    Facts { code, again, advice, metadata }
}

/// What goes with a reason.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(crate) const fn facts(reason: ErrorReason) -> Facts {
    match reason {
        ErrorReason::InvalidField => row(
            Code::InvalidArgument,
            Never,
            &["field"],
            "mend the field that the `BadRequest` detail names; it says what is expected",
        ),
        ErrorReason::CursorExpired => row(
            Code::OutOfRange,
            Changed,
            &["oldest_cursor"],
            "go on from `oldest_cursor`, for a named subscription with `SeekSubscription`, and expect a gap",
        ),
        ErrorReason::CursorAhead => row(Code::OutOfRange, Changed, &[], "begin at EARLIEST or LATEST"),
        ErrorReason::EventNotFound => row(Code::NotFound, Never, &[], "take it for gone"),
        ErrorReason::RawNotKept => row(
            Code::FailedPrecondition,
            Changed,
            &[],
            "set `raw: inline` for the endpoint; it holds for what comes then",
        ),
        ErrorReason::TooManyStreams => row(
            Code::ResourceExhausted,
            Later,
            &["max_streams"],
            "wait as `RetryInfo` says; close streams that are not needed, or raise `api.max_streams`",
        ),
        ErrorReason::LogUnavailable => row(Code::Unavailable, Later, &[], "wait as `RetryInfo` says, then call again"),
        ErrorReason::StoreUnavailable => {
            row(Code::Unavailable, Later, &[], "wait as `RetryInfo` says, then call or open the stream again")
        }
        ErrorReason::SubscriptionNotFound => {
            row(Code::NotFound, Changed, &["subscription"], "create it: `kenh subscription create`")
        }
        ErrorReason::SubscriptionExists => row(
            Code::AlreadyExists,
            Never,
            &["subscription"],
            "take another name, or use it as it is: settings cannot be changed",
        ),
        ErrorReason::TooManySubscriptions => row(
            Code::ResourceExhausted,
            Changed,
            &["max_subscriptions"],
            "delete what is not needed, or raise `api.max_subscriptions`",
        ),
        ErrorReason::SubscriptionUnreadable => {
            row(Code::Internal, Changed, &[], "seek it, create it anew, or run the version that wrote it")
        }
        ErrorReason::ConsumerFenced => {
            row(Code::Aborted, Changed, &[], "give each process a `consumer_id` of its own, then open again")
        }
        ErrorReason::ConsumerStalled => row(Code::Aborted, Later, &[], "open again when the client can read"),
        ErrorReason::LeaseLapsed => row(Code::Unavailable, Later, &[], "wait as `RetryInfo` says, then open again"),
        ErrorReason::ParkedEventNotFound => row(Code::NotFound, Never, &[], "take it for dealt with"),
        ErrorReason::MessageNotFound => {
            row(Code::NotFound, Never, &[], "take it for gone: messages are kept for 30 days")
        }
        ErrorReason::MessageState => row(
            Code::FailedPrecondition,
            Changed,
            &[],
            "look at its state with `GetMessage`; the text says what is possible",
        ),
        ErrorReason::MessageUnreadable => row(Code::DataLoss, Changed, &[], "run the version that wrote it"),
        ErrorReason::CredentialsMissing => {
            row(Code::Unauthenticated, Changed, &[], "send `authorization: Bearer` with the key or token")
        }
        ErrorReason::CredentialsInvalid => row(
            Code::Unauthenticated,
            Changed,
            &[],
            "mend the key, token or certificate, or ask the operator for a new one",
        ),
        ErrorReason::TokenExpired => {
            row(Code::Unauthenticated, Changed, &[], "call again with a new token; a stream goes on where it was")
        }
        ErrorReason::IssuerUnavailable => {
            row(Code::Unavailable, Later, &[], "wait as `RetryInfo` says, then call again")
        }
        ErrorReason::RightMissing => row(
            Code::PermissionDenied,
            Changed,
            &["right", "channel", "account"],
            "ask the operator for the `right` in the metadata",
        ),
        ErrorReason::QuotaExceeded => row(
            Code::ResourceExhausted,
            Later,
            &["quota", "most"],
            "wait as `RetryInfo` says; close streams that are not needed",
        ),
        ErrorReason::MethodUnknown => {
            row(Code::Unimplemented, Never, &[], "the gateway is older than the client: do without, or upgrade it")
        }
        ErrorReason::MediaNotFound => {
            row(Code::NotFound, Never, &[], "look at the event's `parts`: only `media` and `sticker` are files")
        }
        ErrorReason::MediaGone => {
            row(Code::NotFound, Never, &[], "take it for gone; fetch files soon after their events come")
        }
        ErrorReason::MediaTooLarge => row(
            Code::FailedPrecondition,
            Changed,
            &["max_file_bytes"],
            "raise `media.max_file_bytes`, unless it is the channel that does not give larger files",
        ),
        ErrorReason::MediaAddressRefused => row(
            Code::FailedPrecondition,
            Changed,
            &[],
            "name the network in `media.allow_addresses` if files are to come from there",
        ),
        ErrorReason::MediaCredentialsMissing => row(
            Code::FailedPrecondition,
            Changed,
            &[],
            "configure the account with a token that may read files, also for the process that serves gRPC",
        ),
        ErrorReason::MediaNotReady => {
            row(Code::Unavailable, Later, &[], "call again when the time that `RetryInfo` names is over")
        }
        ErrorReason::MediaUnreachable => row(
            Code::Unavailable,
            Later,
            &[],
            "wait as `RetryInfo` says, then call again; `kenh channel log` has what was answered",
        ),
        ErrorReason::MediaTimeout => {
            row(Code::Unavailable, Later, &[], "call again; `media.timeout` is how long the whole file may take")
        }
        ErrorReason::MediaStoreUnavailable => row(
            Code::Unavailable,
            Later,
            &[],
            "wait as `RetryInfo` says, then call again; the operator looks at where `media` keeps files",
        ),
        ErrorReason::MediaCorrupt => row(Code::DataLoss, Later, &[], "drop what came and call again"),
        ErrorReason::ConnectorUnknown => row(
            Code::NotFound,
            Changed,
            &[],
            "have the operator configure the channel under `channels`; its name begins with x-",
        ),
        ErrorReason::EventsNotStored => {
            row(Code::Unavailable, Later, &[], "wait as `RetryInfo` says, then push the same events again")
        }
        ErrorReason::GatewayFault | ErrorReason::Unspecified => {
            row(Code::Internal, Never, &[], "tell the operator; the gateway's log has more")
        }
    }
}
