"""Keep-alive connections to one host, and its raw HTTP responses.

aiohttp's parser in C takes a sixth of the time of httpx's in Python, which was half of a sync.
"""

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import aiohttp
import certifi
from yarl import URL

from stripe_pipeline.process.environment import certificate_paths, proxy_for
from stripe_pipeline.settings.base_address import is_loopback

# Seconds to wait for a connection (name and handshake included), and for the next bytes.
TIMEOUT = aiohttp.ClientTimeout(total=None, connect=10, sock_connect=10, sock_read=30)


# Bytes of a response: a page of a hundred objects has a megabyte or two.
LARGEST_ANSWER = 256_000_000


class OversizedAnswerError(aiohttp.ClientError):
    """A response is larger than LARGEST_ANSWER once unpacked, as a decompression bomb is."""


class BrokenConnectionError(aiohttp.ClientError):
    """The connection closed before the response began."""


@dataclass(frozen=True)
class Answer:
    """A complete HTTP response; header names are case-insensitive."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    path: str


class Connections:
    """A connection pool without a limit of its own; the caller bounds concurrent requests."""

    def __init__(
        self, base: str, headers: Mapping[str, str], timeout: aiohttp.ClientTimeout
    ) -> None:
        self._base = base
        self._headers = headers
        self._timeout = timeout
        self._proxy = _proxy(base)
        self._open: aiohttp.ClientSession | None = None

    async def get(self, path: str, parameters: Sequence[tuple[str, str]]) -> Answer:
        """Send a GET request and read the whole response; redirects are not followed.

        Raises:
            aiohttp.ClientError, TimeoutError: there was no response, or an incomplete one.
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
        """Return the session, created in the event loop of the first request."""
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
    """Read a whole response; raises OversizedAnswerError beyond LARGEST_ANSWER bytes unpacked."""
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
    """Prevent aiohttp's own retry of a GET, which would bypass the limiter and the count."""
    try:
        return await send(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise BrokenConnectionError(str(error) or "the connection broke") from None


def _certificates(base: str) -> ssl.SSLContext | bool:
    """Return the trusted authorities: certifi's, or those of SSL_CERT_FILE and SSL_CERT_DIR."""
    if not base.startswith("https:"):
        return True  # plain http is for this machine only, where there are no certificates
    named = certificate_paths()
    if not any(named):
        return ssl.create_default_context(cafile=certifi.where())
    return ssl.create_default_context(cafile=named[0], capath=named[1])


def _proxy(base: str) -> str | None:
    """Return the proxy that the environment sets for the host, None for this machine."""
    return None if is_loopback(urlsplit(base).hostname) else proxy_for(base)
