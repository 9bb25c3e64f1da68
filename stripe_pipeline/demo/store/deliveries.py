"""Deliver events to a webhook endpoint as Stripe does: signed, and retried until accepted."""

import asyncio
import hmac
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

import aiohttp
import msgspec

from stripe_pipeline.demo.store.store import Store

# Not a secret, as the store's key isn't.
DEMO_SECRET = "whsec_demoFernwehCoffee0000"
# The delay before a retry, in seconds; Stripe waits for minutes, then hours.
AGAIN_AFTER = 0.2
_NO_ANSWER = 0


class _Event(msgspec.Struct):
    id: str


@dataclass
class Outcome:
    """The result of deliveries: attempts by status (0: no answer), and seconds to each 200.

    The seconds of a first attempt count from when it was due, which avoids coordinated omission:
    a slow receiver delays the later deliveries too.
    """

    accepted: list[str] = field(default_factory=list)  # event ids
    attempts: dict[int, int] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)


class Deliverer:
    """A client that delivers to one URL, such as http://127.0.0.1:8788/webhooks."""

    def __init__(self, address: str, secret: str = DEMO_SECRET, connections: int = 100) -> None:
        self._address = address
        self._secret = secret.encode()
        self._connections = connections
        self.outcome = Outcome()

    async def deliver(self, bodies: Iterable[bytes], rate: float) -> Outcome:
        """Send `rate` bodies per second, regardless of answers; return when all are accepted."""
        limit = aiohttp.TCPConnector(limit=self._connections)
        async with aiohttp.ClientSession(connector=limit) as session, asyncio.TaskGroup() as group:
            began = time.perf_counter()
            for number, body in enumerate(bodies):
                due = began + number / rate
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                group.create_task(self._until_accepted(session, body, due))
        return self.outcome

    async def _until_accepted(
        self, session: aiohttp.ClientSession, body: bytes, due: float
    ) -> None:
        while (status := await self._attempt(session, body)) != 200:
            self._count(status)
            await asyncio.sleep(AGAIN_AFTER)
            due = time.perf_counter()
        self._count(status)
        self.outcome.seconds.append(time.perf_counter() - due)
        self.outcome.accepted.append(msgspec.json.decode(body, type=_Event).id)

    def _count(self, status: int) -> None:
        self.outcome.attempts[status] = self.outcome.attempts.get(status, 0) + 1

    async def _attempt(self, session: aiohttp.ClientSession, body: bytes) -> int:
        headers = {"Stripe-Signature": signature(body, self._secret, int(time.time()))}
        try:
            async with session.post(self._address, data=body, headers=headers) as answer:
                await answer.read()
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return _NO_ANSWER


def signature(body: bytes, secret: bytes, stamp: int) -> str:
    """Return a body's `Stripe-Signature`: https://docs.stripe.com/webhooks#verify-manually."""
    signed = hmac.new(secret, f"{stamp}.".encode() + body, sha256)
    return f"t={stamp},v1={signed.hexdigest()}"


def events_after(store: Store, sequence: int) -> tuple[list[bytes], int]:
    """Return the events after a sequence number, oldest first, and the newest sequence number."""
    rows = store.reader.execute(
        "select sequence, body from objects where resource = 'events' and sequence > ? "
        "order by sequence",
        (sequence,),
    ).fetchall()
    return [_as_sent(body) for _, body in rows], rows[-1][0] if rows else sequence


def _as_sent(body: bytes) -> bytes:
    """Return a body as Stripe delivers it, indented by two."""
    return msgspec.json.format(body, indent=2)
