"""What Parlor says, as events. Pure: bytes in, messages out, so that it can be tried without a gateway."""

import hashlib
import hmac
import json

from google.protobuf.timestamp_pb2 import Timestamp
from kenh.v1 import connector_service_pb2 as pb
from kenh.v1 import content_pb2, envelope_pb2, happenings_pb2, party_pb2


def header(delivery, name):
    """The value of a header, where it is there once."""
    values = [header.value.decode("latin-1") for header in delivery.headers if header.name == name]
    return values[0] if len(values) == 1 else None


def refusal(delivery, secret):
    """Why a call is not Parlor's: its signature is HMAC-SHA256 of the raw body, in hexadecimal. None where it is."""
    presented = header(delivery, "x-parlor-signature")
    if presented is None:
        return pb.DELIVERY_REFUSAL_SIGNATURE_MISSING
    expected = hmac.new(secret.encode(), delivery.body, hashlib.sha256).hexdigest()
    # Of text, compare_digest takes ASCII only.
    if not hmac.compare_digest(presented.encode(), expected.encode()):
        return pb.DELIVERY_REFUSAL_SIGNATURE_MISMATCH
    return None


def read(body):
    """The answer to a call that is Parlor's."""
    try:
        items = json.loads(body)["events"]
        if not isinstance(items, list):
            raise TypeError("no list")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        return pb.DeliveryAnswer(unreadable=pb.DeliveryUnreadable(detail=f"no JSON with events: {type(error).__name__}"))
    return pb.DeliveryAnswer(events=pb.DeliveredEvents(events=[event(item) for item in items]))


def event(item):
    """The event of an item. One that is not understood costs no other."""
    raw = json.dumps(item, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")
    try:
        return pb.ConnectorEvent(envelope=envelope(item), raw=raw)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        unsupported = happenings_pb2.Unsupported(reason="not_understood", detail=type(error).__name__)
        # Its identity is what it is made of: the same item is the same event.
        key = "sha256:" + hashlib.sha256(raw).hexdigest()
        kept = envelope_pb2.Envelope(
            dedupe_key=key, direction=envelope_pb2.DIRECTION_SYSTEM, unsupported=unsupported
        )
        return pb.ConnectorEvent(envelope=kept, raw=raw)


def envelope(item):
    """The envelope of an item, as far as it is a connector's."""
    at = Timestamp()
    at.FromMilliseconds(item["at"])
    kept = envelope_pb2.Envelope(
        dedupe_key=item["id"],
        direction=envelope_pb2.DIRECTION_INBOUND,
        occurred_at=at,
        conversation=party_pb2.Conversation(kind=party_pb2.CONVERSATION_KIND_DIRECT, external_id=item["guest"]),
        contact=party_pb2.Contact(
            identities=[party_pb2.Identity(scheme="external_id", value=item["guest"], scope="parlor-1", verified=True)],
            display_name=item.get("name"),
        ),
        actor=party_pb2.Actor(role=party_pb2.ACTOR_ROLE_CONTACT, external_id=item["guest"]),
    )
    if item["type"] == "said":
        kept.provider_message_id = item["id"]
        text = content_pb2.Text(body=item["text"], format=content_pb2.TEXT_FORMAT_PLAIN)
        kept.message.CopyFrom(content_pb2.Message(text=text))
    elif item["type"] == "read":
        kept.direction = envelope_pb2.DIRECTION_SYSTEM
        kept.receipt.status = happenings_pb2.RECEIPT_STATUS_READ
        kept.receipt.provider_message_ids.append(item["message"])
    else:
        raise ValueError(item["type"])
    return kept
