"""A receiver process answers as Stripe expects, and what it refuses leaves no trace."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from stripe_pipeline.ingestion.webhooks.receiver import LARGEST_BODY
from tests.conftest import Cli, clean_environment
from tests.ingestion.webhooks.receiving import Receiving, end, receiver, spooled, start
from tests.ingestion.webhooks.sending import SECRET, body_of, deliver, event, signed

NEEDLE = "a-word-that-only-a-refused-delivery-has"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("refusing") / "home"


@pytest.fixture(scope="module")
def running(home: Path) -> Iterator[Receiving]:
    """One receiver, with a test key, for all that is refused."""
    with receiver(home, settings={"STRIPE_API_KEY": "rk_test_51abcdefghijklmnop"}) as started:
        yield started


def _with_needle(**fields: object) -> bytes:
    about = {"id": "cus_1", "object": "customer", "name": NEEDLE}
    return body_of(event(1, data={"object": about}) | fields)


def _post(running: Receiving, body: bytes, headers: dict[str, str]) -> int:
    return httpx.post(f"{running.address}/webhooks", content=body, headers=headers).status_code


THIN = {
    "id": "evt_1",
    "object": "v2.core.event",
    "type": "v1.customer.updated",
    "created": "2026-11-22T00:00:00Z",
    "livemode": False,
    "related_object": {"id": NEEDLE, "type": "customer"},
}
MALFORMED = {
    "no JSON": NEEDLE.encode(),
    "half a body": _with_needle()[:-2],
    "a list": f'["{NEEDLE}"]'.encode(),
    "not UTF-8": _with_needle().replace(b"customer.updated", b"customer\xff"),
    "an object that is no event": json.dumps({"id": NEEDLE, "object": "customer"}).encode(),
    "a thin event": json.dumps(THIN).encode(),
    "no id": _with_needle(id=None),
    "an id of something else": _with_needle(id="cus_1"),
    "an id with a path in it": _with_needle(id="evt_/../x"),
    "no type": _with_needle(type=None),
    "a time that is no number": _with_needle(created="now"),
    "no object": _with_needle(data={"thin": NEEDLE}),
    "an event of a connected account": _with_needle(account="acct_1"),
    "a live event": _with_needle(livemode=True),
    "no mode": _with_needle(livemode=None),
    "nothing": b"",
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_malformed_though_signed(running: Receiving, home: Path, kind: str) -> None:
    body = MALFORMED[kind]
    assert _post(running, body, signed(body)) == 400
    _assert_no_trace(running, home)


def test_forged_stale_and_future(running: Receiving, home: Path) -> None:
    body = _with_needle()
    assert _post(running, body, signed(body, secret="whsec_another")) == 400
    assert _post(running, body, signed(body, offset=-301)) == 400
    assert _post(running, body, signed(body, offset=302)) == 400
    assert _post(running, body + b" ", signed(body)) == 400
    assert _post(running, body, {}) == 400
    assert _post(running, body, {"stripe-signature": "t=,v1="}) == 400
    _assert_no_trace(running, home)


def test_two_signature_headers_are_refused(running: Receiving, home: Path) -> None:
    body = _with_needle()
    header = signed(body)["stripe-signature"]
    twice = [("stripe-signature", header), ("stripe-signature", header)]
    answer = httpx.post(f"{running.address}/webhooks", content=body, headers=twice)
    assert answer.status_code == 400
    _assert_no_trace(running, home)


def test_too_large(running: Receiving, home: Path) -> None:
    body = _with_needle(padding="x" * LARGEST_BODY)
    assert _post(running, body, signed(body)) == 413

    def chunks() -> Iterator[bytes]:
        for start_at in range(0, len(body), 50_000):
            yield body[start_at : start_at + 50_000]

    answer = httpx.post(f"{running.address}/webhooks", content=chunks(), headers=signed(body))
    assert answer.request.headers.get("content-length") is None
    assert answer.status_code == 413
    _assert_no_trace(running, home)


@pytest.mark.parametrize(("announced", "status"), [(-1, 400), (1, 400), (0, 413)])
def test_a_length_that_lies(running: Receiving, home: Path, announced: int, status: int) -> None:
    """One too short or too long, and one that is far too large without a body to it."""
    body = _with_needle()
    length = len(body) + announced if announced else 10**15
    host, port = running.address.removeprefix("http://").split(":")
    lines = [f"{name}: {value}" for name, value in signed(body).items()]
    head = ["POST /webhooks HTTP/1.1", "host: x", f"content-length: {length}", *lines, "", ""]
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall("\r\n".join(head).encode() + body)
        connection.shutdown(socket.SHUT_WR)
        answer = connection.makefile("rb").read()
    if announced != 1:  # who hangs up before the end gets no answer
        assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert b" 200 " not in answer
    _assert_no_trace(running, home)


def test_other_methods_and_paths(running: Receiving) -> None:
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        answer = httpx.request(method, f"{running.address}/webhooks")
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    healthy = httpx.get(f"{running.address}/health")
    assert (healthy.status_code, healthy.text) == (200, "ok")


@pytest.mark.parametrize("path", ["/", "/stripe/webhook"])
def test_a_proxy_may_pass_on_any_path(tmp_path: Path, path: str) -> None:
    home, body = tmp_path / "home", body_of(event(1))
    with receiver(home) as running:
        assert httpx.post(running.address + path, content=body).status_code == 400
        taken = httpx.post(running.address + path, content=body, headers=signed(body))
    assert taken.status_code == 200
    assert spooled(home) == [body]


def _assert_no_trace(running: Receiving, home: Path) -> None:
    """Not in the home folder, nor in the log; and the receiver lives."""
    everything = [path for path in home.parent.rglob("*") if path.is_file()]
    assert [path for path in everything if NEEDLE.encode() in path.read_bytes()] == []
    assert not (home / "webhooks").exists()
    assert httpx.get(f"{running.address}/health").status_code == 200


def test_accepted_is_on_the_disk(tmp_path: Path) -> None:
    with receiver(tmp_path / "home") as running:
        bodies = [body_of(event(number)) for number in range(5)]
        for body in [*bodies, bodies[2], bodies[0]]:
            assert deliver(running.address, body).text == "received"
        running.process.kill()
        running.process.wait()
    assert spooled(tmp_path / "home") == [*bodies, bodies[2], bodies[0]]
    segments = list((tmp_path / "home" / "webhooks").iterdir())
    assert [oct(path.stat().st_mode & 0o777) for path in segments] == ["0o600"]


def test_while_a_secret_is_rolled(tmp_path: Path) -> None:
    settings = {"STRIPE_WEBHOOK_SECRET": f"whsec_new, {SECRET}"}
    with receiver(tmp_path / "home", settings=settings) as running:
        for secret in (SECRET, "whsec_new"):
            assert deliver(running.address, body_of(event(1)), secret=secret).status_code == 200
        assert deliver(running.address, body_of(event(1)), secret="whsec_x").status_code == 400
    assert len(spooled(tmp_path / "home")) == 2


def test_a_full_disk_is_told_and_costs_nothing(tmp_path: Path) -> None:
    """With files bounded to 64 KB: 503 as long as it doesn't fit, and what fitted stays."""
    home = tmp_path / "home"
    with receiver(home, prefix="ulimit -f 64;") as running:
        small = [body_of(event(number)) for number in range(20)]
        large = body_of(event(99, padding="x" * 70_000))
        accepted = []
        for body in [*small[:10], large, *small[10:], large]:
            status = deliver(running.address, body).status_code
            assert status == (503 if body is large else 200)
            accepted += [body] if status == 200 else []
        assert httpx.get(f"{running.address}/health").status_code == 200
    assert spooled(home) == small
    log = (tmp_path / "receiver.log").read_text()
    assert "the disk can't take it (File too large)" in log


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "webhooks").write_text("not a folder")
    with receiver(home) as running:
        assert deliver(running.address, body_of(event(1))).status_code == 503
        (home / "webhooks").unlink()
        assert deliver(running.address, body_of(event(1))).status_code == 200
    assert len(spooled(home)) == 1


def test_ended_politely(tmp_path: Path) -> None:
    running = start(tmp_path / "home")
    assert deliver(running.address, body_of(event(1))).status_code == 200
    assert end(running) == 0
    assert (tmp_path / "receiver.log").read_text() == ""
    assert len(spooled(tmp_path / "home")) == 1


def test_ended_before_it_was_ready(tmp_path: Path) -> None:
    """It says where it listens a moment before the server runs; a signal then counts too."""
    assert end(start(tmp_path / "home")) == 0


def test_two_receivers_on_one_home(tmp_path: Path) -> None:
    bodies = [body_of(event(number)) for number in range(6)]
    with receiver(tmp_path / "home") as one, receiver(tmp_path / "home") as other:
        for number, body in enumerate(bodies):
            assert deliver((one, other)[number % 2].address, body).status_code == 200
    assert sorted(spooled(tmp_path / "home")) == bodies


@pytest.mark.parametrize(
    ("secret", "sentence"),
    [
        ("", "STRIPE_WEBHOOK_SECRET is not set. Choose your endpoint at https://dashboard."),
        ("rk_test_51abcdefg", "STRIPE_WEBHOOK_SECRET holds something else than signing secrets"),
        ("whsec_fine,we_1abc", "STRIPE_WEBHOOK_SECRET holds something else than signing secrets"),
        ("whsec_fine,whsec_", "STRIPE_WEBHOOK_SECRET holds something else than signing secrets"),
    ],
)
def test_without_a_secret(cli: Cli, secret: str, sentence: str) -> None:
    done = cli("webhooks", STRIPE_WEBHOOK_SECRET=secret)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "51abcdefg" not in done.stderr
    assert "we_1abc" not in done.stderr


def test_a_port_that_is_taken(cli: Cli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = cli("webhooks", "--port", str(port), STRIPE_WEBHOOK_SECRET=SECRET)
    assert done.returncode == 1
    assert f"Nothing can listen at 127.0.0.1, port {port}" in done.stderr


def test_what_to_enter_in_the_dashboard(tmp_path: Path) -> None:
    with receiver(tmp_path / "home") as running:
        assert "Stripe needs https" in running.startup_line
        assert SECRET not in running.startup_line


def test_help_shows_an_example() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "stripe_pipeline.cli", "webhooks", "--help"],
        env=clean_environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "Example: STRIPE_WEBHOOK_SECRET=whsec_... stripe-pipeline webhooks" in done.stdout
