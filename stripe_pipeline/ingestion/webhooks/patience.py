"""Timeouts and limits of incoming connections, against slow or idle senders.

uvicorn has no timeout and no size limit for a request's headers, so a few hundred idle
connections would keep Stripe out. Here headers are limited in seconds and bytes, a body in
seconds, and of too many pending connections the oldest is closed: Stripe's own requests are
complete within milliseconds.
"""

import asyncio
from collections.abc import Callable

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Seconds from a connection, or a request's first byte, to the end of its headers.
HEAD_SECONDS = 5.0
# Bytes of the headers: Stripe's have less than one kilobyte, proxies add some.
HEAD_BYTES = 16_000
# Seconds from the end of the headers to the end of the body; of a delivery, the receiver has less.
BODY_SECONDS = 12.0
# Bytes of a whole request, chunks and trailers included; the body's own limit is lower.
REQUEST_BYTES = 8_000_000
# Pending connections older than _MOMENT_SECONDS; more are served, as long as they send.
MOST_WAITING = 400
# All pending connections: of a burst, many are accepted before the first is read.
MOST_ACCEPTED = 900
_MOMENT_SECONDS = 1.0
_LOOK_SECONDS = 0.5
_CROWDED = "too many connections were waited for, and it was the oldest"

Refuse = Callable[[str], None]


class Patience:
    """The pending connections of one receiver, oldest first.

    `refuse` gets the reason why a connection was closed, in words that follow "a delivery".
    """

    def __init__(self, refuse: Refuse) -> None:
        self.refuse = refuse
        self._waiting: dict[PatientProtocol, None] = {}
        self._timer: asyncio.TimerHandle | None = None

    def wait_for(self, connection: "PatientProtocol") -> None:
        """Add a connection, or restart its wait; closes the oldest if there are too many."""
        self._waiting.pop(connection, None)
        self._waiting[connection] = None
        if len(self._waiting) > MOST_ACCEPTED:
            next(iter(self._waiting)).give_up(503, _CROWDED)
        if self._timer is None:
            self._look_again()

    def stop(self, connection: "PatientProtocol") -> None:
        """Remove a connection."""
        self._waiting.pop(connection, None)

    def _look(self) -> None:
        now = asyncio.get_running_loop().time()
        for connection in [each for each in self._waiting if each.deadline <= now]:
            connection.give_up(408, connection.lateness)
        for connection in list(self._waiting)[: max(0, len(self._waiting) - MOST_WAITING)]:
            if connection.since + _MOMENT_SECONDS <= now:
                connection.give_up(503, _CROWDED)
        self._look_again()

    def _look_again(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(_LOOK_SECONDS, self._look) if self._waiting else None


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's connection with timeouts and size limits."""

    patience: Patience
    since = 0.0
    deadline = 0.0
    lateness = ""
    _received = 0  # bytes of the request that is being received
    _is_in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the timeout of the first request's headers."""
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timeout."""
        self.patience.stop(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Process bytes of a request; closes the connection if it has too many."""
        if self._is_in_head and self._received == 0:
            self._wait_for_head()
        self._received += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._is_in_head and self._received > HEAD_BYTES:
            self.give_up(431, f"its headers are larger than {HEAD_BYTES:,} bytes")
        elif self._received > REQUEST_BYTES:
            self.give_up(413, f"it is larger than {REQUEST_BYTES:,} bytes")

    def on_headers_complete(self) -> None:
        """Check the size of the headers and start the timeout of the body."""
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > HEAD_BYTES:
            raise ValueError("the parser ends here")
        self._is_in_head = False
        self._wait(BODY_SECONDS, "its body didn't come in time")
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Stop the timeout, since the request is complete."""
        self.patience.stop(self)
        self._received, self._is_in_head = 0, True
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse a request that the parser rejects."""
        if self._received > HEAD_BYTES and self._is_in_head:
            self.give_up(431, f"its headers are larger than {HEAD_BYTES:,} bytes")
        else:
            self._received = self._received or len(msg)  # 0 right after a pipelined request
            self.give_up(400, "it is no HTTP request")

    def give_up(self, status: int, reason: str) -> None:
        """Close the connection; counts as a refusal only if it sent anything."""
        self.patience.stop(self)
        if self.transport.is_closing():
            return
        if self._received:
            self.patience.refuse(reason)
        if self._received and self._is_in_head:
            self.transport.write(_answer(status, reason))
        self.transport.close()

    def _wait_for_head(self) -> None:
        self._wait(HEAD_SECONDS, "its headers didn't come in time")

    def _wait(self, seconds: float, lateness: str) -> None:
        self.since = self.loop.time()
        self.deadline, self.lateness = self.since + seconds, lateness
        self.patience.wait_for(self)


def patient(refuse: Refuse) -> type[HttpToolsProtocol]:
    """Return the protocol class of one receiver, which uvicorn instantiates per connection."""

    class Connection(PatientProtocol):
        patience = Patience(refuse)

    return Connection


def _answer(status: int, reason: str) -> bytes:
    text = f"refused: {reason}".encode()
    head = f"HTTP/1.1 {status} Refused\r\ncontent-type: text/plain\r\nconnection: close\r\n"
    return f"{head}content-length: {len(text)}\r\n\r\n".encode() + text
