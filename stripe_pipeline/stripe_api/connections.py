"""Keep-alive connections to one host, each used by one request at a time.

A pool of httpx's looks at every one of its connections at each step of each request, which costs
more than reading the pages. So each connection is a client of its own, and the one that was used
last is used next: as few stay open as are needed.
"""

import asyncio
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import httpx

TIMEOUT = httpx.Timeout(30.0, connect=10.0)
LOOPBACK = {"localhost", "127.0.0.1", "::1"}

_ONE = httpx.Limits(max_connections=1, max_keepalive_connections=1)


class Connections:
    """As many connections as there are requests at a time; the caller bounds those."""

    def __init__(self, base: str, headers: Mapping[str, str], timeout: httpx.Timeout) -> None:
        self._base = base
        self._headers = headers
        self._timeout = timeout
        # Plain http is for this machine only, where there are no certificates to load.
        self._certificates = httpx.create_ssl_context() if base.startswith("https:") else False
        self._idle: list[httpx.AsyncClient] = []
        self._all: list[httpx.AsyncClient] = []

    async def get(self, path: str, parameters: Sequence[tuple[str, str]]) -> httpx.Response:
        """Send a GET request and read the whole answer.

        Raises:
            httpx.RequestError: no answer came, or not a whole one.
        """
        client = self._idle.pop() if self._idle else self._connect()
        try:
            return await client.get(self._base + path, params=list(parameters))
        finally:
            self._idle.append(client)

    async def close(self) -> None:
        """Close every connection."""
        await asyncio.gather(*(client.aclose() for client in self._all))

    def _connect(self) -> httpx.AsyncClient:
        client = httpx.AsyncClient(
            headers=self._headers,
            timeout=self._timeout,
            limits=_ONE,
            verify=self._certificates,
            # A proxy in the environment is for the way out, not for this machine.
            trust_env=urlsplit(self._base).hostname not in LOOPBACK,
        )
        self._all.append(client)
        return client
