"""How to reach the gateway."""

from pathlib import Path
from urllib.parse import urlsplit

import grpc

OPTIONS = [
    # Pings find out within 15 s that a connection died without a word.
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.max_reconnect_backoff_ms", 5_000),
    # A call of the channel may be larger than gRPC's usual 4 MiB: as large as the gateway's `ingress.max_body`.
    ("grpc.max_receive_message_length", 16 << 20),
]

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def connect(api, key, ca):
    """A channel to https://HOST:PORT, or http:// on this machine; `key` and `ca` may be None."""
    url = urlsplit(api)
    if url.scheme not in ("http", "https") or not url.port:
        raise ValueError(f"{api!r} is no address such as https://kenh.example.com:50051")
    if url.scheme == "https":
        credentials = grpc.ssl_channel_credentials(Path(ca).read_bytes() if ca else None)
    elif key and url.hostname not in LOOPBACK:
        raise ValueError(f"the key would cross the network readable: use https:// for {url.netloc}")
    elif key:
        credentials = grpc.local_channel_credentials()
    else:
        return grpc.aio.insecure_channel(url.netloc, options=OPTIONS)
    if key:
        credentials = grpc.composite_channel_credentials(credentials, grpc.access_token_call_credentials(key))
    return grpc.aio.secure_channel(url.netloc, credentials, options=OPTIONS)
