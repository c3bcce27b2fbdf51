"""Sending: one call to Parlor for each piece."""

import asyncio
import json
import urllib.error
import urllib.request

from google.protobuf.duration_pb2 import Duration
from kenh.v1 import channel_service_pb2 as channels
from kenh.v1 import connector_service_pb2 as pb
from kenh.v1 import sending_pb2

# What Parlor takes. The gateway fits messages to it before they come here: a picture becomes a link in the text.
CAPABILITIES = channels.Capabilities(
    features=[
        channels.Capability(
            feature=channels.FEATURE_TEXT,
            level=channels.SUPPORT_LEVEL_NATIVE,
            max_length=2000,
            length_unit=channels.LENGTH_UNIT_CHARACTERS,
        ),
    ],
    # Parlor does not know a repeat: what is unknown must stay unknown.
    repeatable=False,
)


def failed(reason, code="", retryable=False, seconds=None):
    pause = Duration(seconds=seconds) if seconds else None
    failure = pb.PieceFailed(reason=reason, provider_code=code, retryable=retryable, retry_after=pause)
    return pb.SendAnswer(failed=failure)


async def send(piece, url):
    """The answer to a piece."""
    if piece.action.WhichOneof("what") != "message" or piece.destination.WhichOneof("to") != "contact":
        return failed(sending_pb2.SEND_REASON_CONTENT_UNSUPPORTED)
    body = {"guest": piece.destination.contact.value, "text": piece.action.message.text.body, "ref": piece.reference}
    request = urllib.request.Request(
        f"{url}/messages",
        data=json.dumps(body).encode(),
        headers={"content-type": "application/json", "authorization": f"Bearer {piece.token}"},
    )
    # A little less than the gateway waits, so that it hears of it.
    patience = max(piece.deadline.ToTimedelta().total_seconds() - 1, 1)
    return await asyncio.to_thread(call, request, patience)


def call(request, patience):
    try:
        with urllib.request.urlopen(request, timeout=patience) as response:
            return pb.SendAnswer(accepted=pb.PieceAccepted(provider_message_ids=[json.load(response)["id"]]))
    except urllib.error.HTTPError as error:
        if error.code == 429:
            return failed(sending_pb2.SEND_REASON_THROTTLED, "429", retryable=True, seconds=1)
        if error.code < 500:
            return failed(sending_pb2.SEND_REASON_REFUSED, str(error.code))
    except urllib.error.URLError as error:
        # Nothing listened: it was not sent.
        if isinstance(error.reason, ConnectionRefusedError):
            return failed(sending_pb2.SEND_REASON_CHANNEL_UNAVAILABLE, retryable=True)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    # An answer that says nothing, or none: somebody may have read it.
    return pb.SendAnswer(unknown=pb.PieceUnknown())
