"""Fault injection: a network and a Stripe that fail, for tests of a client's retries.

`FaultyNetwork` wraps the application. Every fault is drawn from a seed, or happens to a request of
a known number.
"""

import asyncio
import time
from collections import Counter, deque
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from stripe_pipeline.demo.store import errors
from stripe_pipeline.demo.store.accidents import KINDS, Accident, Kind, answer, inject
from stripe_pipeline.demo.store.chance import Chance


@dataclass(frozen=True)
class Faults:
    """The faults: probabilities from 0 to 1, limits in requests per second, None for none.

    `too_fast` is a 429 with Stripe's reason header, `locked` one without it (lock_timeout);
    `bad_gateway` answers HTML; `reset` drops the connection; `half_body` drops it midway; `hang`
    never answers; `not_json` answers 200 with text; `repeated_page` repeats a list's first page;
    `empty_page` is one that says that more follows. `accidents` are certain.
    """

    latency: float = 0.0
    rate_limit: int | None = None
    endpoint_rate_limit: int | None = None
    too_fast: float = 0.0
    locked: float = 0.0
    server_error: float = 0.0
    bad_gateway: float = 0.0
    reset: float = 0.0
    half_body: float = 0.0
    hang: float = 0.0
    not_json: float = 0.0
    repeated_page: float = 0.0
    empty_page: float = 0.0
    accidents: tuple[Accident, ...] = ()
    seed: int = 0


class Limiter:
    """A rate limiter: at most `limit` requests in any one second, counting only admitted ones."""

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._passed: deque[float] = deque()

    def admits(self, now: float) -> bool:
        """Return whether a request is admitted at this time, in seconds of a monotonic clock."""
        if self._limit is None:
            return True
        while self._passed and self._passed[0] <= now - 1:
            self._passed.popleft()
        if len(self._passed) >= self._limit:
            return False
        self._passed.append(now)
        return True


class FaultyNetwork:
    """ASGI middleware that injects the faults."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults
        self._chance = Chance(faults.seed)
        self._all = Limiter(faults.rate_limit)
        self._endpoints: dict[str, Limiter] = {}
        self._counts: Counter[Accident] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or inject a fault."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._faults.latency:
            await asyncio.sleep(self._faults.latency)
        if reason := self._limited(scope["path"]):
            await answer(errors.too_fast(reason), send)
        elif kind := self._certain(scope) or self._drawn(scope):
            await inject(kind, self._app, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _limited(self, path: str) -> str | None:
        now = time.monotonic()
        limit = self._faults.endpoint_rate_limit
        own = self._endpoints.setdefault(_endpoint(path), Limiter(limit))
        if not own.admits(now):
            return "endpoint-rate"
        return None if self._all.admits(now) else "global-rate"

    def _certain(self, scope: Scope) -> Kind | None:
        """Return the certain fault of this request; count it for every accident that it matches."""
        due: list[Kind] = []
        for accident in self._faults.accidents:
            if accident.is_about(scope):
                due += [accident.kind] if accident.is_due(self._counts[accident]) else []
                self._counts[accident] += 1
        return due[0] if due else None

    def _drawn(self, scope: Scope) -> Kind | None:
        for kind in KINDS:
            probability = getattr(self._faults, kind, 0.0)
            could = probability and Accident(kind).is_about(scope)
            if could and self._chance.happens(probability):
                return kind
        return None


def _endpoint(path: str) -> str:
    """Return the rate limit's key: a list and its objects share one, a nested list has its own."""
    parts = path.split("/")
    resource, below = parts[:4], parts[4:]
    if parts[2:4] != ["checkout", "sessions"]:
        resource, below = parts[:3], parts[3:]
    return "/".join([*resource, *below[1:]])
