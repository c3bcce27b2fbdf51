"""The command line: `python -m help_desk --help`."""

import argparse
import asyncio
import os
import signal
import socket
import sys

import grpc
from kenh.v1 import event_service_pb2_grpc as events
from kenh.v1 import message_service_pb2_grpc as messages
from kenh.v1 import subscription_service_pb2_grpc as subscriptions

from .connection import connect
from .desk import Desk
from .errors import reason
from .store import Store
from .subscriber import Subscriber
from .subscription import ensure


def arguments():
    parser = argparse.ArgumentParser(prog="help_desk", epilog="The variable KENH_API_KEY says who calls.")
    parser.add_argument("--api", metavar="URL", default="http://127.0.0.1:50051")
    parser.add_argument("--ca", metavar="FILE", help="who signs the gateway's certificate, PEM")
    parser.add_argument("--subscription", metavar="NAME", default="help-desk")
    # The same after a restart, so that this process takes its place back at once; another one for each process.
    parser.add_argument("--consumer", metavar="ID", default=f"help-desk@{socket.gethostname()}")
    parser.add_argument("--data", metavar="FILE", default="help-desk.db")
    return parser.parse_args()


async def work(options):
    stopping = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    store = Store(options.data)
    async with connect(options.api, os.environ.get("KENH_API_KEY"), options.ca) as channel:
        desk = Desk(messages.MessageServiceStub(channel), store)
        calls = subscriptions.SubscriptionServiceStub(channel)

        async def ready():
            await ensure(calls, options.subscription)

        subscriber = Subscriber(events.EventServiceStub(channel), options.subscription, options.consumer, desk.handle)
        await subscriber.run(ready, stopping)
    store.close()


def main():
    try:
        asyncio.run(work(arguments()))
    except grpc.aio.AioRpcError as error:
        sys.exit(f"help_desk: {error.code().name} {reason(error) or '-'}: {error.details()}")
    except (OSError, ValueError) as error:
        sys.exit(f"help_desk: {error}")


if __name__ == "__main__":
    main()
