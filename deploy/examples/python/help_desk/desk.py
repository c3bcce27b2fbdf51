"""What the desk does with events. Each may come more than once."""

import grpc
from kenh.v1 import content_pb2 as content
from kenh.v1 import envelope_pb2 as envelope
from kenh.v1 import happenings_pb2 as happenings
from kenh.v1 import message_service_pb2 as api
from kenh.v1 import outbound_pb2 as outbound
from kenh.v1 import sending_pb2 as sending

from .errors import passes, reason, retry_delay
from .log import log
from .outcome import CannotHandle, TryLater
from .policy import forbidden

# Wrong for every event alike: better to stop and say so than to give up one event after the other.
FATAL = {grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNIMPLEMENTED}


class Desk:
    def __init__(self, messages, store):
        self.messages = messages
        self.store = store

    async def handle(self, event):
        match event.WhichOneof("payload"):
            case "message":
                # Echoes are what the business itself wrote: who answers those talks to himself for ever.
                if event.direction == envelope.DIRECTION_INBOUND:
                    await self.serve(event)
            case "message_status":
                self.follow(event.message_status)
            case _:
                pass  # not for this desk, or newer than it: done with

    async def serve(self, event):
        if not event.message.text.body:
            raise CannotHandle("this desk reads text only")
        ticket = self.store.ticket(event.id, event.message.text.body, answer)
        if ticket.state != "open":
            log(f"ticket {ticket.number}: seen before")
            return
        if why := forbidden(event):
            self.settle(ticket, f"not answered: {why}")
            return
        request = api.SendMessageRequest(
            destination=outbound.Destination(conversation_id=event.conversation.id),
            message=content.Message(text=content.Text(body=ticket.answer)),
            # However often this is called, with this key it is sent once.
            options=api.SendOptions(idempotency_key=ticket.answer_key, sender_role=outbound.SENDER_ROLE_BOT),
        )
        try:
            sent = await self.messages.SendMessage(request, timeout=10)
        except grpc.aio.AioRpcError as error:
            if error.code() in FATAL:
                raise
            if passes(error):
                raise TryLater(f"sending: {error.code().name}", retry_delay(error) or None) from error
            # Refused for good, for example WINDOW_CLOSED: a person has to see to the ticket.
            self.settle(ticket, f"not answered: {reason(error) or error.code().name}")
            return
        self.settle(ticket, "answered before" if sent.repeated_call else "answered")

    def settle(self, ticket, state):
        self.store.settle(ticket.answer_key, state)
        log(f"ticket {ticket.number}: {state}")

    def follow(self, status):
        """What became of an answer: how far it is with the channel, then how far with the customer."""
        state = sending.SendState.Name(status.state).removeprefix("SEND_STATE_")
        receipt = happenings.ReceiptStatus.Name(status.status).removeprefix("RECEIPT_STATUS_")
        if status.HasField("failure"):
            receipt = sending.SendReason.Name(status.failure.reason).removeprefix("SEND_REASON_")
        number = self.store.settle(status.idempotency_key, f"{state} {receipt}")
        if number is not None:  # else somebody else's answer
            log(f"ticket {number}: {state} {receipt}")


def answer(number):
    return f"Thank you! We have your message, it is ticket {number}."
