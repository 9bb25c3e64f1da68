"""Send GET requests to Stripe, rate-limited and retried with backoff.

The `stripe` package gives the version and the exceptions; responses are read as bytes without it,
because building its Python objects costs more than everything else together.
"""

import platform
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from importlib.metadata import version
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import quote, urlsplit

import aiohttp
import stripe

from stripe_pipeline.settings.base_address import check_base
from stripe_pipeline.stripe_client.catalog import API_VERSION
from stripe_pipeline.stripe_client.http import retries
from stripe_pipeline.stripe_client.http.connections import TIMEOUT, Connections
from stripe_pipeline.stripe_client.http.failures import failure, unreachable
from stripe_pipeline.stripe_client.http.keys import Key
from stripe_pipeline.stripe_client.http.limiter import Limiter
from stripe_pipeline.stripe_client.http.retries import (
    BadAnswerError,
    HasAnswered,
    RetryPolicy,
    is_locked,
)

stripe.enable_telemetry = False

Answer = TypeVar("Answer")
Parameters = Sequence[tuple[str, str]]


class Client:
    """One limiter and one set of connections for all requests of a key; for `async with`."""

    def __init__(
        self,
        key: Key,
        base: str,
        limiter: Limiter,
        policy: RetryPolicy | None = None,
        timeout: aiohttp.ClientTimeout | None = None,
        allowed: str = "",
    ) -> None:
        """Open nothing yet; `allowed` is a host that may get the key besides Stripe's.

        Raises:
            UsageError: the key may not be sent to the base address.
        """
        self.key = key
        self.base = check_base(base, allowed)
        self.host = urlsplit(base).netloc.rpartition("@")[2]
        self.requests: Counter[str] = Counter()  # by endpoint, attempts included
        # Seconds by endpoint that requests waited for a rate limit, summed over concurrent ones:
        # for the limiter's pace, and before the retry of a 429.
        self.throttled: defaultdict[str, float] = defaultdict(float)
        self.limiter = limiter
        self._policy = policy or retries.PATIENCE
        self._has_answered = HasAnswered()
        self._connections = Connections(self.base, _headers(key), timeout or TIMEOUT)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._connections.close()

    async def get(
        self,
        endpoint: str,
        parameters: Parameters = (),
        *,
        parse: Callable[[bytes], Answer],
        identifier: str = "",
    ) -> Answer:
        """Send a GET request and parse its body; `identifier` replaces {id} in the endpoint.

        `parse` gets the body and raises BadAnswerError where a retry may help.

        Raises:
            stripe.StripeError: Stripe refused, or no attempt got a usable response.
        """
        path = endpoint.replace("{id}", quote(identifier, safe=""))

        def note(seconds: float) -> None:
            self.throttled[endpoint] += seconds

        try:
            async for attempt in self._policy.retrying(self._has_answered, note):
                with attempt:
                    return parse(await self._once(endpoint, path, parameters))
        except BadAnswerError as error:
            raise stripe.APIError(f"{error} (GET {path})") from None
        raise AssertionError("the loop either returns or raises")

    async def _once(self, endpoint: str, path: str, parameters: Parameters) -> bytes:
        async with self.limiter.slot(endpoint) as slot:
            self.throttled[endpoint] += slot.held_back
            self.requests[endpoint] += 1
            try:
                answer = await self._connections.get(path, parameters)
            except (aiohttp.ClientError, TimeoutError) as error:
                raise unreachable(error, self.host, self.key.secret) from None
        self._has_answered.yes = True
        if answer.status == 200:
            self.limiter.grant(slot)
            return answer.content
        refusal = failure(answer, self.key.secret)
        if not isinstance(refusal, stripe.RateLimitError):
            self.limiter.grant(slot)
        elif not is_locked(refusal):
            self.limiter.refuse(slot, answer.headers.get("stripe-rate-limited-reason", ""))
        raise refusal


def _headers(key: Key) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {key.secret}",
        "Stripe-Version": API_VERSION,
        "User-Agent": f"stripe-pipeline/{version('stripe-pipeline')} "
        f"Python/{platform.python_version()}",
        "Accept": "application/json",
        "Accept-Encoding": "gzip",
    }
