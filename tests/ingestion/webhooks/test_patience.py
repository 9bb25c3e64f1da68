"""A sender that says nothing, or too much, or too slowly keeps no one out."""

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from stripe_pipeline.ingestion.webhooks.patience import HEAD_BYTES, HEAD_SECONDS, MOST_ACCEPTED
from tests.ingestion.webhooks.receiving import Receiving, end, receiver, spooled, start
from tests.ingestion.webhooks.sending import body_of, deliver, event, signed

HEAD = b"POST /webhooks HTTP/1.1\r\nhost: x\r\n"
PAUSE = 0.2
# More pieces than the receiver's patience has pauses, on the fastest machine as on the slowest.
PIECES = int(4 * HEAD_SECONDS / PAUSE)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("patient") / "home"


@pytest.fixture(scope="module")
def running(home: Path) -> Iterator[Receiving]:
    with receiver(home) as started:
        yield started


def connect(running: Receiving) -> socket.socket:
    host, port = running.address.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=60)


def log_of(home: Path) -> str:
    return (home.parent / "receiver.log").read_text()


def answer_of(connection: socket.socket) -> bytes:
    """All that is said until the receiver ends the connection."""
    return connection.makefile("rb").read()


def test_a_head_that_does_not_come(tmp_path: Path) -> None:
    running = start(tmp_path / "home")
    with connect(running) as connection:
        connection.sendall(HEAD + b"x-slow: ")
        answer = answer_of(connection)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert end(running) == 0
    assert "its headers didn't come in time" in log_of(tmp_path / "home")


def test_a_head_that_comes_a_byte_at_a_time(running: Receiving) -> None:
    """Slowloris: each byte is progress, and none of it is enough."""
    with connect(running) as connection, pytest.raises(OSError):
        connection.sendall(HEAD)
        for _ in range(PIECES):
            connection.sendall(b"x")
            time.sleep(PAUSE)


def test_blank_lines_without_end_after_a_request(running: Receiving) -> None:
    with connect(running) as connection, pytest.raises(OSError):
        connection.sendall(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
        assert connection.recv(1_000).startswith(b"HTTP/1.1 200 ")
        for _ in range(PIECES):
            connection.sendall(b"\r\n")
            time.sleep(PAUSE)


@pytest.mark.parametrize(
    "head",
    [
        HEAD + b"x: " + b"y" * HEAD_BYTES + b"\r\n\r\n",
        HEAD + b"x: " + b"y" * (HEAD_BYTES * 4),
        HEAD + b"".join(b"x%d: y\r\n" % number for number in range(5_000)),
        b"POST /" + b"p" * (HEAD_BYTES * 2) + b" HTTP/1.1\r\nhost: x\r\n\r\n",
    ],
    ids=["one header", "without an end", "thousands of headers", "a path"],
)
def test_a_head_of_many_kilobytes(running: Receiving, home: Path, head: bytes) -> None:
    with connect(running) as connection:
        connection.sendall(head)
        assert connection.recv(1_000).startswith(b"HTTP/1.1 431 ")
    assert deliver(running.address, body_of(event(1))).status_code == 200


@pytest.mark.parametrize("method", [b"POST", b"GET", b"PUT"])
def test_a_body_that_does_not_come(running: Receiving, method: bytes) -> None:
    path = b"/health" if method == b"GET" else b"/webhooks"
    head = method + b" " + path + b" HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{"
    with connect(running) as connection:
        connection.sendall(head)
        answer = answer_of(connection)
    if method == b"POST":
        assert answer.startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("method", [b"POST", b"GET"])
@pytest.mark.parametrize("protocol", [b"websocket", b"h2c"])
def test_a_connection_that_asks_for_another_protocol(
    running: Receiving, method: bytes, protocol: bytes
) -> None:
    """It is answered as any other, and waited for no longer."""
    upgrade = b"connection: upgrade\r\nupgrade: " + protocol + b"\r\ncontent-length: 2\r\n\r\n{}"
    with connect(running) as connection:
        connection.sendall(HEAD.replace(b"POST", method) + upgrade)
        answer = answer_of(connection)
    assert answer.startswith(b"HTTP/1.1 400 " if method == b"POST" else b"HTTP/1.1 405 ")


def test_trailers_without_end(running: Receiving) -> None:
    head = HEAD + b"transfer-encoding: chunked\r\n\r\n0\r\n"
    with connect(running) as connection, pytest.raises(OSError):
        connection.sendall(head)
        for _ in range(1_000):
            connection.sendall(b"x: " + b"y" * 100_000 + b"\r\n")


def test_connections_that_say_nothing(running: Receiving, home: Path) -> None:
    """More than are waited for: deliveries get through all the while."""
    idle = [connect(running) for _ in range(MOST_ACCEPTED + 100)]
    for connection in idle[::2]:
        connection.sendall(HEAD)
    try:
        for number in range(20):
            assert deliver(running.address, body_of(event(number))).status_code == 200
    finally:
        for connection in idle:
            connection.close()
    assert httpx.get(f"{running.address}/health").status_code == 200


def test_silence_is_no_refused_delivery(tmp_path: Path) -> None:
    running = start(tmp_path / "home")
    with connect(running) as connection:
        answer = answer_of(connection)
    assert answer == b""
    assert end(running) == 0
    assert log_of(tmp_path / "home") == ""


def test_what_is_no_http_is_counted(tmp_path: Path) -> None:
    running = start(tmp_path / "home")
    for _ in range(300):
        with connect(running) as connection:
            connection.sendall(b"\x16\x03\x01 TLS where none is spoken\r\n\r\n")
            assert connection.recv(1_000).startswith(b"HTTP/1.1 400 ")
    assert end(running) == 0
    log = log_of(tmp_path / "home")
    assert "300 deliveries: it is no HTTP request" in log
    assert log.count("\n") < 12


@pytest.mark.parametrize("depth", [101, 1_000, 100_000])
@pytest.mark.parametrize("brackets", [(b"[", b"]"), (b'{"a":', b"}"), (b'[{"}]":', b"}]")])
def test_a_body_nested_deeply(
    running: Receiving, home: Path, depth: int, brackets: tuple[bytes, bytes]
) -> None:
    opening, closing = brackets
    nested = opening * depth + b"1" + closing * depth
    about = {"id": "cus_1", "object": "customer", "x": 12_345_678}
    body = json.dumps(event(1, data={"object": about})).encode().replace(b"12345678", nested)
    if len(body) < 1_000_000:
        answer = httpx.post(f"{running.address}/webhooks", content=body, headers=signed(body))
        assert (answer.status_code, answer.text.split(": ")[1]) == (
            400, "it is nested deeper than 100 levels",
        )  # fmt: skip
    wide = json.dumps(event(2, data={"object": about | {"x": [[{}]] * 5_000}})).encode()
    accepted = httpx.post(f"{running.address}/webhooks", content=wide, headers=signed(wide))
    assert accepted.status_code == 200
    assert wide in spooled(home)
