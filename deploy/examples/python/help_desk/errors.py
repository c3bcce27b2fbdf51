"""Errors, as programs read them. Every reason: proto/ERRORS.md of the gateway."""

import grpc
from google.rpc import error_details_pb2, status_pb2

WAITING_HELPS = {
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.DEADLINE_EXCEEDED,
}
NETWORK = {grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN, grpc.StatusCode.CANCELLED}


def detail(error, kind):
    """The detail of that kind which the error carries, or None."""
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            for packed in status_pb2.Status.FromString(value).details:
                found = kind()
                if packed.Unpack(found):
                    return found
    return None


def reason(error):
    """The stable word for what went wrong; the text beside it is for people and may change. None: not the gateway's."""
    info = detail(error, error_details_pb2.ErrorInfo)
    return info.reason if info else None


def retry_delay(error):
    """How long the gateway asks to wait, in seconds; 0 when it does not say."""
    info = detail(error, error_details_pb2.RetryInfo)
    return info.retry_delay.seconds + info.retry_delay.nanos / 1e9 if info else 0


def passes(error):
    """Whether trying again may help. Anything else stays wrong however often it is tried."""
    if error.code() in WAITING_HELPS or reason(error) == "CONSUMER_STALLED":
        return True
    # Cut connections come in several codes. They have no reason, as no gateway said so.
    return error.code() in NETWORK and reason(error) is None
