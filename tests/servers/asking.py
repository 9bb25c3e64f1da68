"""A guarded server on loopback that counts what reached the application, and raw requests to it.

Raw, because what is tried here no HTTP client would send: two Host headers, or none.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket


@dataclass
class Reached:
    """An application that notes what came through: method and path."""

    requests: list[str] = field(default_factory=list)

    def application(self) -> Starlette:
        """Everything is answered 200, every websocket accepted."""
        methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]
        return Starlette(
            routes=[
                Route("/{path:path}", self._answer, methods=methods),
                WebSocketRoute("/{path:path}", self._accept),
            ]
        )

    async def _answer(self, request: Request) -> Response:
        self.requests.append(f"{request.method} {request.url.path}")
        return PlainTextResponse("reached")

    async def _accept(self, websocket: WebSocket) -> None:
        self.requests.append(f"WS {websocket.url.path}")
        await websocket.accept()
        await websocket.close()


@contextmanager
def serving(app: ASGIApp) -> Iterator[int]:
    """Serve an application in a thread, as the product does; yields the port."""
    config = uvicorn.Config(
        app, lifespan="off", log_config=None, server_header=False, proxy_headers=False
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: str


def ask(port: int, request: str, body: str = "") -> Answer:
    """Send the lines of a request, with PORT replaced by the port, and read until it closes."""
    lines = [line.strip().replace("PORT", str(port)) for line in request.strip().splitlines()]
    head = "\r\n".join([*lines, "Connection: close", f"Content-Length: {len(body)}", "", ""])
    return _read(port, (head + body).encode())


def upgrade(port: int, *headers: str) -> Answer:
    """Ask for a websocket."""
    lines = [
        "GET /graphql HTTP/1.1", "Upgrade: websocket", "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", *headers,
        "", "",
    ]  # fmt: skip
    return _read(port, "\r\n".join(lines).replace("PORT", str(port)).encode())


def _read(port: int, request: bytes) -> Answer:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(request)
        raw = b""
        while part := connection.recv(65536):
            raw += part
            if raw.startswith(b"HTTP/1.1 101"):
                break
    head, _, body = raw.decode(errors="replace").partition("\r\n\r\n")
    first, *rest = head.split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in rest)}
    return Answer(int(first.split()[1]), headers, body)
