"""Keep-alive connections to one host, and what an answer is on the wire.

aiohttp's parser in C costs a sixth of what httpx's in Python does, which was half of a sync.
"""

import os
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import certifi
from yarl import URL

from stripe_pipeline.stripe_client.http.base_address import is_loopback

# Seconds to wait for a connection (name and handshake included), and for the next bytes.
TIMEOUT = aiohttp.ClientTimeout(total=None, connect=10, sock_connect=10, sock_read=30)


# Bytes of an answer: a page of a hundred objects has a megabyte or two.
LARGEST_ANSWER = 256_000_000


class OversizedAnswerError(aiohttp.ClientError):
    """An answer went on and on, as one packed to burst would."""


class BrokenConnectionError(aiohttp.ClientError):
    """A connection ended before the answer began."""


@dataclass(frozen=True)
class Answer:
    """An answer that came whole; header names are matched whatever their case."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    path: str


class Connections:
    """As many connections as there are requests at a time; the caller bounds those."""

    def __init__(
        self, base: str, headers: Mapping[str, str], timeout: aiohttp.ClientTimeout
    ) -> None:
        self._base = base
        self._headers = headers
        self._timeout = timeout
        self._proxy = _proxy(base)
        self._open: aiohttp.ClientSession | None = None

    async def get(self, path: str, parameters: Sequence[tuple[str, str]]) -> Answer:
        """Send a GET request and read the whole answer; a redirection is an answer too.

        Raises:
            aiohttp.ClientError, TimeoutError: no answer came, or not a whole one.
        """
        query = f"?{urlencode(parameters)}" if parameters else ""
        url = URL(f"{self._base}{path}{query}", encoded=True)
        async with self._session().get(url, allow_redirects=False, proxy=self._proxy) as response:
            return Answer(response.status, response.headers, await _content(response), path)

    async def close(self) -> None:
        """Close every connection."""
        if self._open:
            await self._open.close()

    def _session(self) -> aiohttp.ClientSession:
        """The connections, which belong to the event loop of the first request."""
        if self._open is None:
            self._open = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, ssl=_certificates(self._base)),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=self._headers,
                middlewares=(_once,),
                timeout=self._timeout,
            )
        return self._open


async def _content(response: aiohttp.ClientResponse) -> bytes:
    """Read an answer whole, unless it is beyond all measure once it is unpacked."""
    chunks, size = [], 0
    async for chunk in response.content.iter_any():
        size += len(chunk)
        if size > LARGEST_ANSWER:
            response.close()
            raise OversizedAnswerError(f"the answer is larger than {LARGEST_ANSWER:,} bytes")
        chunks.append(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def _once(
    request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Send once: aiohttp would repeat a GET by itself, past the limiter and the count."""
    try:
        return await send(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise BrokenConnectionError(str(error) or "the connection broke") from None


def _certificates(base: str) -> ssl.SSLContext | bool:
    """Whom to trust: certifi's list, or the one that the environment names as OpenSSL does."""
    if not base.startswith("https:"):
        return True  # plain http is for this machine only, where there are no certificates
    named = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if not any(named):
        return ssl.create_default_context(cafile=certifi.where())
    return ssl.create_default_context(cafile=named[0], capath=named[1])


def _proxy(base: str) -> str | None:
    """Find the proxy in the environment, which is for the way out and not for this machine."""
    parts = urlsplit(base)
    if is_loopback(parts.hostname) or proxy_bypass(parts.hostname or ""):
        return None
    proxies = getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")
