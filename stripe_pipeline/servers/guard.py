"""Refuse cross-site requests to a local server by the user's own browser (CSRF, DNS rebinding).

Every page that is open in a browser of this machine can reach a server on loopback. A browser
says where a request comes from: `Origin`, `Referer` and `Sec-Fetch-Site`
(https://www.w3.org/TR/fetch-metadata/), and `Host` is the name by which the page knows the server.
"""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stripe_pipeline.servers.names import OwnNames, is_of_origin, read_authority

logger = logging.getLogger(__name__)

# Typed by hand (`none`) or from a page of the same origin; `same-site` is another port here.
_OWN_SITES = {"none", "same-origin"}
_LONGEST_SHOWN = 80
_MOST_REPORTED = 100
# Keep other sites' pages from framing this one, loading it as a script or holding its window.
_SHIELDS = {
    "X-Frame-Options": "SAMEORIGIN",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
_NO_FRAMES = "frame-ancestors 'self'"
# The code for closing a websocket because of a policy violation, RFC 6455 7.4.1.
_POLICY_VIOLATION = 1008


@dataclass(frozen=True)
class Refusal:
    """The refusal of a request: a status, a plain sentence, and the methods that are allowed."""

    status: int
    sentence: str
    allow: str = ""


Rule = Callable[[Scope], Refusal | None]


class Guard:
    """ASGI middleware that passes requests of the server's own pages and of typed addresses only.

    `rule` refuses further requests on behalf of the application behind it.
    """

    def __init__(
        self, app: ASGIApp, own: OwnNames, methods: Collection[str], rule: Rule | None = None
    ) -> None:
        self._app = app
        self._own = own
        self._methods = methods
        self._rule = rule
        self._reported: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif refusal := self._refusal(scope):
            self._report(refusal)
            await _refuse(refusal, scope, receive, send)
        else:
            await self._app(scope, receive, _shielded(send))

    def _refusal(self, scope: Scope) -> Refusal | None:
        if sentence := foreign(Headers(scope=scope), self._own):
            return Refusal(403, sentence)
        if scope["type"] == "http" and scope["method"] not in self._methods:
            allow = ", ".join(sorted(self._methods))
            return Refusal(405, f"Only {allow} are answered here.", allow)
        return self._rule(scope) if self._rule else None

    def _report(self, refusal: Refusal) -> None:
        """Log each refusal once, as a page may try a thousand times a second."""
        if refusal.sentence not in self._reported and len(self._reported) < _MOST_REPORTED:
            self._reported.add(refusal.sentence)
            logger.warning("Refused a request (said once): %s", refusal.sentence)


def foreign(headers: Headers, own: OwnNames) -> str | None:
    """Return why a request is cross-site; None if it isn't."""
    hosts = headers.getlist("host")
    host = read_authority(hosts[0]) if len(hosts) == 1 else None
    if host is None or not own.include(host):
        named = " and ".join(_shown(text) for text in hosts) or "none"
        return (
            f"This server isn't asked under the host name {named}. Open it under the address that "
            "it gave at its start, or allow the name with --allow-host."
        )
    for header in ("origin", "referer"):
        for value in headers.getlist(header):
            if value and not is_of_origin(value, host):
                return _of_another_site(header, _site(value))
    for value in headers.getlist("sec-fetch-site"):
        if value not in _OWN_SITES:
            return _of_another_site("sec-fetch-site", value)
    return None


def _of_another_site(header: str, value: str) -> str:
    return (
        f"This request comes from a page of another site ({header.title()}: {_shown(value)}). "
        "Enter the address in the browser's address bar instead."
    )


def _site(url: str) -> str:
    """Return a URL's origin; the rest of it is private to the user."""
    return "/".join(url.split("/")[:3]).partition("?")[0]


def _shown(value: str) -> str:
    """Return an untrusted header's value, made safe to print."""
    kept = "".join(letter if letter.isprintable() else "?" for letter in value)
    return kept if len(kept) <= _LONGEST_SHOWN else f"{kept[:_LONGEST_SHOWN]}..."


async def _refuse(refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": "refused"})
        return
    headers = {"Allow": refusal.allow} if refusal.allow else {}
    answer = PlainTextResponse(refusal.sentence + "\n", refusal.status, headers)
    await answer(scope, receive, _shielded(send))


def _shielded(send: Send) -> Send:
    """Add the headers to each response that keep other sites' pages from using it."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(_SHIELDS)
            headers.append("Content-Security-Policy", _NO_FRAMES)
        await send(message)

    return sending
