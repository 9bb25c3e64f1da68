"""Deliver events to a webhook endpoint as Stripe does: signed, and again until one is accepted."""

import asyncio
import hmac
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

import aiohttp
import msgspec

from stripe_pipeline.demo_store.store import Store

# Not a secret, as the store's key isn't.
DEMO_SECRET = "whsec_demoFernwehCoffee0000"
# Stripe waits for minutes and then hours; tests can't.
AGAIN_AFTER = 0.2
_NO_ANSWER = 0


class _Event(msgspec.Struct):
    id: str


@dataclass
class Outcome:
    """What came of deliveries: attempts by status (0: no answer), and seconds to each 200.

    The seconds of a first attempt count from when it was due, so a receiver that holds everything
    up can't hide it.
    """

    accepted: list[str] = field(default_factory=list)  # event ids
    attempts: dict[int, int] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)


class Deliverer:
    """Delivers to one address, such as http://127.0.0.1:8788/webhooks, over kept connections."""

    def __init__(self, address: str, secret: str = DEMO_SECRET, connections: int = 100) -> None:
        self._address = address
        self._secret = secret.encode()
        self._connections = connections
        self.outcome = Outcome()

    async def deliver(self, bodies: Iterable[bytes], rate: float) -> Outcome:
        """Send so many bodies a second, whatever the answers; returns when all are accepted."""
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
    """The header `Stripe-Signature` of a body: https://docs.stripe.com/webhooks#verify-manually."""
    signed = hmac.new(secret, f"{stamp}.".encode() + body, sha256)
    return f"t={stamp},v1={signed.hexdigest()}"


def events_after(store: Store, sequence: int) -> tuple[list[bytes], int]:
    """The events recorded after a place in the store, oldest first, and the newest place."""
    rows = store.reader.execute(
        "select sequence, body from objects where resource = 'events' and sequence > ? "
        "order by sequence",
        (sequence,),
    ).fetchall()
    return [_as_sent(body) for _, body in rows], rows[-1][0] if rows else sequence


def _as_sent(body: bytes) -> bytes:
    """Stripe indents what it delivers by two."""
    return msgspec.json.format(body, indent=2)
