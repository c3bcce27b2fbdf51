"""A subscriber in Python: prints one line of JSON for each event, and what else it learns on standard error.

    subscribe.py ADDRESS COUNT [--after CURSOR] [--credit EVENTS] [--ca FILE]

With --ca the connection is encrypted, the gateway is known by that authority, and the variable KENH_API_KEY says who
calls.

It needs grpcio, grpcio-status and the stubs that grpc_tools.protoc makes of proto/kenh/v1/*.proto. It reads from the
oldest event, or from behind a cursor, and ends after COUNT events.
"""

import argparse
import json
import os
import queue
import sys
import time

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from kenh.v1 import event_service_pb2 as api
from kenh.v1 import event_service_pb2_grpc as rpc

# A connection that died without a word is noticed by its unanswered pings.
KEEPALIVE = [("grpc.keepalive_time_ms", 20_000), ("grpc.keepalive_timeout_ms", 10_000)]


def note(text):
    print(text, file=sys.stderr, flush=True)


class Reader:
    """Reads events, on as many streams one after the other as it takes."""

    def __init__(self, channel, count, cursor, credit):
        self.stub = rpc.EventServiceStub(channel)
        self.left = count
        self.cursor = cursor
        self.credit = credit

    def read(self):
        while self.left:
            try:
                pause = self.follow()
            except grpc.RpcError as error:
                # The gateway is away or restarts: try again. Anything else stays wrong however often it is tried.
                if error.code() != grpc.StatusCode.UNAVAILABLE:
                    raise
                note(f"away: {error.details()}")
                pause = 0.5
            if self.left:
                time.sleep(pause)

    def follow(self):
        """Follows one stream to its end. Returns how long to wait before the next one, in seconds."""
        requests = queue.SimpleQueue()
        requests.put(api.SubscribeRequest(open=self.opening()))
        stream = self.stub.Subscribe(iter(requests.get, None))
        pause = 0.5
        try:
            for response in stream:
                match response.WhichOneof("response"):
                    case "opened":
                        # From here on a reconnect goes on at the same place, also before the first event.
                        self.cursor = response.opened.cursor
                    case "batch":
                        for delivery in response.batch.deliveries:
                            self.handle(delivery)
                            if not self.left:
                                return 0
                        # Only what is handled makes room for more.
                        credit = api.Credit(messages=len(response.batch.deliveries))
                        requests.put(api.SubscribeRequest(credit=credit))
                    case "heartbeat":
                        # Also moves past events that a filter leaves out: worth storing like an event's cursor.
                        self.cursor = response.heartbeat.cursor
                        note(f"heartbeat: {response.heartbeat.lag} behind")
                    case "drain":
                        # The server goes away and says when to come back; the stream ends by itself.
                        wait = response.drain.reconnect_after
                        pause = wait.seconds + wait.nanos / 1e9
                        note(f"drain: back in {pause:.3f} s")
                    case _:
                        pass  # What a newer server says is not for this client.
        finally:
            stream.cancel()
            requests.put(None)
        return pause

    def opening(self):
        opening = api.Open(consumer_id="python-example", max_outstanding_messages=self.credit)
        if self.cursor:
            opening.after_cursor = self.cursor
        else:
            opening.at = api.START_AT_EARLIEST
        return opening

    def handle(self, delivery):
        envelope = delivery.envelope
        kind = envelope.WhichOneof("payload")
        line = {
            "id": envelope.id,
            "channel": envelope.channel,
            "conversation": envelope.conversation.id,
            "kind": kind,
            "text": envelope.message.text.body if kind == "message" else None,
            "cursor": delivery.cursor,
        }
        print(json.dumps(line), flush=True)
        # Stored together with the work itself, this is what makes a restart miss and repeat nothing.
        self.cursor = delivery.cursor
        self.left -= 1


def reason(error):
    """The stable word for what went wrong, for programs; the text beside it is for people."""
    status = rpc_status.from_call(error)
    for detail in status.details if status else []:
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info):
            return info.reason
    return "-"


def connect(address, ca):
    if not ca:
        return grpc.insecure_channel(address, options=KEEPALIVE)
    with open(ca, "rb") as file:
        encrypted = grpc.ssl_channel_credentials(root_certificates=file.read())
    # Sent as `authorization: Bearer KEY` with every call, and never over a connection that is not encrypted.
    caller = grpc.access_token_call_credentials(os.environ["KENH_API_KEY"])
    return grpc.secure_channel(address, grpc.composite_channel_credentials(encrypted, caller), options=KEEPALIVE)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("count", type=int)
    parser.add_argument("--after", metavar="CURSOR")
    parser.add_argument("--credit", metavar="EVENTS", type=int, default=100)
    parser.add_argument("--ca", metavar="FILE")
    arguments = parser.parse_args()
    with connect(arguments.address, arguments.ca) as channel:
        try:
            Reader(channel, arguments.count, arguments.after, arguments.credit).read()
        except grpc.RpcError as error:
            sys.exit(f"{error.code().name} {reason(error)}: {error.details()}")


if __name__ == "__main__":
    main()
