"""The ASGI application that receives Stripe's webhooks.

Stripe takes any 2xx as received, and retries on anything else for up to three days:
https://docs.stripe.com/webhooks#retries. So 200 is returned only once a delivery is on disk.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from stripe_pipeline.ingestion.webhooks.delivery import NotAnEventError, read_event
from stripe_pipeline.ingestion.webhooks.group_commit import GroupCommit
from stripe_pipeline.ingestion.webhooks.refusals import Refusals
from stripe_pipeline.ingestion.webhooks.signature import SignatureError, verify
from stripe_pipeline.ingestion.webhooks.spool import SpoolWriter

PATH = "/webhooks"
# Events are some kilobytes; one with a thousand metadata values is still far below this.
LARGEST_BODY = 1_000_000
# Seconds until a body must be complete; Stripe's own timeout is shorter.
BODY_SECONDS = 10.0
# Concurrent deliveries; above it, Stripe gets a 503 and retries.
MOST_TOGETHER = 1_000


@dataclass
class Receiver:
    """Receives deliveries and writes them to the spool.

    `secrets` are the endpoint's signing secrets, `livemode` the mode that an event must have, None
    for either.
    """

    spool: Path
    secrets: Sequence[bytes]
    livemode: bool | None
    refusals: Refusals = field(default_factory=Refusals)
    _together: int = 0

    def application(self) -> Starlette:
        """Build the application; its lifespan opens and closes the spool."""
        routes = [
            Route("/health", _healthy, methods=["GET"]),
            # A proxy may rewrite the path; the signature authenticates a delivery, not its path.
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
            self.refusals.close()

    async def _receive(self, request: Request) -> Response:
        if self._together >= MOST_TOGETHER:
            return self._refuse(503, f"more than {MOST_TOGETHER:,} came at a time")
        self._together += 1
        try:
            return await self._take(request)
        finally:
            self._together -= 1

    async def _take(self, request: Request) -> Response:
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
        self.refusals.add(reason)
        # The unread rest of a body must not be parsed as the next request.
        return PlainTextResponse(f"refused: {reason}", status, headers={"connection": "close"})


async def _body(request: Request) -> bytes:
    """Read the raw body, up to LARGEST_BODY bytes.

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
