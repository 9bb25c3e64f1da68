"""What goes over the wire: whole answers or none, over connections that are kept and trusted."""

import asyncio
import gzip
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest
import trustme

from stripe_pipeline.stripe_client.http import connections
from stripe_pipeline.stripe_client.http.connections import Answer, Connections

Talk = Callable[[socket.socket], None]
ANSWER = b"HTTP/1.1 200 OK\r\nrequest-id: req_1\r\ncontent-length: 2\r\n\r\n{}"


@contextmanager
def listening(talk: Talk, certificate: ssl.SSLContext | None = None) -> Iterator[int]:
    """Let each connection be talked to; gives the port."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
                with connection if certificate is None else _secured(connection, certificate) as it:
                    talk(it)
            except ssl.SSLError:
                continue
            except OSError:
                return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(10)


def _secured(connection: socket.socket, certificate: ssl.SSLContext) -> socket.socket:
    return certificate.wrap_socket(connection, server_side=True)


def once(answer: bytes) -> Talk:
    def talk(connection: socket.socket) -> None:
        _request(connection)
        connection.sendall(answer)

    return talk


def _request(connection: socket.socket) -> bytes:
    received = b""
    while not received.endswith(b"\r\n\r\n") and (part := connection.recv(65_536)):
        received += part
    return received


def ask(base: str, times: int = 1) -> list[Answer]:
    async def read() -> list[Answer]:
        kept = Connections(base, {"Authorization": "Bearer x"}, connections.TIMEOUT)
        try:
            return [await kept.get("/v1/coupons/50%25%2F", [("a[]", "1 2")]) for _ in range(times)]
        finally:
            await kept.close()

    return asyncio.run(read())


def test_one_connection_serves_one_request_after_the_other() -> None:
    asked: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        while request := _request(connection):
            asked.append(request.splitlines()[0])
            connection.sendall(ANSWER)

    with listening(talk) as port:
        answers = ask(f"http://127.0.0.1:{port}", times=3)
    assert asked == [b"GET /v1/coupons/50%25%2F?a%5B%5D=1+2 HTTP/1.1"] * 3
    assert [answer.content for answer in answers] == [b"{}"] * 3
    assert answers[0].headers["Request-Id"] == "req_1"


HALVES = {
    "content-length": b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{",
    "chunked": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n",
    "a half chunk": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\n{\r\n",
    "headers": b"HTTP/1.1 200 OK\r\ncontent-le",
    "nothing": b"",
    "no http": b"+OK ready\r\n\r\n",
    "no gzip": b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}",
}


@pytest.mark.parametrize("answer", HALVES.values(), ids=HALVES)
def test_half_an_answer_is_none_and_is_not_asked_for_again_unseen(answer: bytes) -> None:
    asked: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        asked.append(_request(connection))
        connection.sendall(answer)

    with listening(talk) as port, pytest.raises(aiohttp.ClientError):
        ask(f"http://127.0.0.1:{port}")
    assert len(asked) == 1


def test_a_compressed_answer_is_unpacked() -> None:
    packed = gzip.compress(b'{"data": []}')
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(packed)
    with listening(once(head + packed)) as port:
        [answer] = ask(f"http://127.0.0.1:{port}")
    assert answer.content == b'{"data": []}'


def test_a_redirection_is_not_followed_with_the_key() -> None:
    elsewhere = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n"
    with listening(once(elsewhere)) as port:
        [answer] = ask(f"http://127.0.0.1:{port}")
    assert answer.status == 302


@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY"])
def test_the_way_out_goes_over_the_proxy(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    asked: list[bytes] = []

    def refuse(connection: socket.socket) -> None:
        asked.append(_request(connection).splitlines()[0])
        connection.sendall(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")

    with listening(refuse) as port:
        monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        with pytest.raises(aiohttp.ClientError):
            ask("https://api.stripe.invalid")
    assert asked == [b"CONNECT api.stripe.invalid:443 HTTP/1.1"]


def test_the_proxy_is_not_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with listening(once(ANSWER)) as port:
        assert ask(f"http://127.0.0.1:{port}")[0].status == 200


def test_a_proxy_can_be_gone_around(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "stripe.invalid")
    with pytest.raises(aiohttp.ClientConnectorError, match=r"api\.stripe\.invalid:443"):
        ask("https://api.stripe.invalid")


def test_a_stranger_is_not_told_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority, secured = trustme.CA(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(secured)
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    with listening(once(ANSWER), secured) as port:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            ask(f"https://localhost:{port}")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        assert ask(f"https://localhost:{port}")[0].status == 200
