"""The ASGI application that Stripe delivers to.

Stripe takes any 2xx as received, and sends everything else again for up to three days:
https://docs.stripe.com/webhooks#retries. So 200 is only said of what is on the disk.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from stripe_pipeline.stripe_api.webhooks.delivery import NotAnEventError, read_event
from stripe_pipeline.stripe_api.webhooks.group_commit import GroupCommit
from stripe_pipeline.stripe_api.webhooks.signature import SignatureError, verify
from stripe_pipeline.stripe_api.webhooks.spool import SpoolWriter

logger = logging.getLogger(__name__)

PATH = "/webhooks"
# Events are some kilobytes; one with a thousand metadata values is still far below this.
LARGEST_BODY = 1_000_000
# Seconds in which a body must have come; Stripe itself gives up after less.
BODY_SECONDS = 10.0
# One line of the log says what was refused in so many seconds.
_NOTICE_SECONDS = 5.0


@dataclass
class Receiver:
    """Takes deliveries in.

    `secrets` are the endpoint's signing secrets, `livemode` the mode that an event must be of, or
    None where either will do.
    """

    spool: Path
    secrets: Sequence[bytes]
    livemode: bool | None
    _refusals: "Refusals" = field(default_factory=lambda: Refusals())

    def application(self) -> Starlette:
        """Build the application; its lifespan opens and closes the spool."""
        routes = [
            Route("/health", _healthy, methods=["GET"]),
            # A proxy may pass on another path; that a delivery is Stripe's, its signature says.
            Route("/{path:path}", self._receive, methods=["POST"]),
        ]
        return Starlette(routes=routes, lifespan=self._spooling)

    @asynccontextmanager
    async def _spooling(self, app: Starlette) -> AsyncIterator[None]:
        self._commits = GroupCommit(SpoolWriter(self.spool))
        try:
            yield
        finally:
            await self._commits.close()

    async def _receive(self, request: Request) -> Response:
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _body(request)
            self._check(request, body)
            await self._commits.keep(body)
        except (SignatureError, NotAnEventError) as problem:
            return self._refuse(400, str(problem))
        except HTTPException as problem:
            return self._refuse(problem.status_code, problem.detail)
        except TimeoutError:
            return self._refuse(408, "its body didn't come in time")
        except ClientDisconnect:
            return self._refuse(400, "its sender hung up")
        except OSError as problem:
            reason = problem.strerror or str(problem)
            return self._refuse(503, f"the disk can't take it ({reason})")
        return PlainTextResponse("received")

    def _check(self, request: Request, body: bytes) -> None:
        headers = request.headers.getlist("stripe-signature")
        header = headers[0].encode("latin-1") if len(headers) == 1 else b""
        verify(body, header, self.secrets, time.time())
        read_event(body, self.livemode)

    def _refuse(self, status: int, reason: str) -> Response:
        self._refusals.add(reason)
        # What remains of a body that wasn't read to its end must not be taken for a request.
        return PlainTextResponse(f"refused: {reason}", status, headers={"connection": "close"})


class Refusals:
    """Tells the log what was refused and why, a line in a few seconds however many there are."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._noticed = -_NOTICE_SECONDS

    def add(self, reason: str) -> None:
        """Count a refusal."""
        self._counts[reason] += 1
        now = time.monotonic()
        if now - self._noticed >= _NOTICE_SECONDS:
            self._noticed = now
            for each, count in self._counts.items():
                many = f"{count:,} deliveries" if count > 1 else "a delivery"
                logger.warning("Refused %s: %s", many, each)
            self._counts.clear()


async def _body(request: Request) -> bytes:
    """Read the raw body, and no more of it than may be.

    Raises:
        HTTPException: it is too large (413).
    """
    too_large = HTTPException(413, f"it is larger than {LARGEST_BODY:,} bytes")
    announced = request.headers.get("content-length", "0")
    if not announced.isdigit() or int(announced) > LARGEST_BODY:
        raise too_large
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LARGEST_BODY:
            raise too_large
        chunks.append(chunk)
    return b"".join(chunks)


async def _healthy(request: Request) -> Response:
    return PlainTextResponse("ok")
