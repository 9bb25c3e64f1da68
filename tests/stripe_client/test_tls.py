"""A connection that isn't secure ends in one sentence, at once where waiting doesn't help."""

import gzip
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_client.http import connections
from tests.fake_stripe.server import Account, Answer

MakeSettings = Callable[..., Settings]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@contextmanager
def answering(greet: Callable[[socket.socket], None]) -> Iterator[tuple[str, list[int]]]:
    """Accept connections on loopback; yields the https address, and a count of them."""
    listener = socket.create_server(("127.0.0.1", 0))
    met: list[int] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            met.append(1)
            with connection:
                try:
                    greet(connection)
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{listener.getsockname()[1]}", met
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


def _speaking_tls(certificate: trustme.LeafCert) -> Callable[[socket.socket], None]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)

    def greet(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            secure.recv(10_000)

    return greet


def _sentence(make_settings: MakeSettings, base: str) -> str:
    with pytest.raises(PipelineError) as raised:
        sync(make_settings(stripe_api_base=base))
    sentence = str(raised.value)
    assert "\n" not in sentence
    assert "_ssl.c" not in sentence
    return sentence


def test_of_an_authority_that_is_not_known(
    make_settings: MakeSettings, authority: trustme.CA
) -> None:
    with answering(_speaking_tls(authority.issue_cert("127.0.0.1"))) as (base, met):
        sentence = _sentence(make_settings, base)
    assert "no authority that is trusted here signed its certificate" in sentence
    assert "SSL_CERT_FILE" in sentence
    assert len(met) == 1, "asked once: waiting doesn't mend it"


@pytest.mark.parametrize(
    ("host", "days", "words"),
    [
        ("127.0.0.1", (-20, -10), "its certificate has expired"),
        ("127.0.0.1", (10, 20), "its certificate isn't valid yet"),
        ("api.example.com", (-10, 10), "its certificate is for another host"),
    ],
)
def test_of_another_time_or_host(
    make_settings: MakeSettings,
    authority: trustme.CA,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    days: tuple[int, int],
    words: str,
) -> None:
    trusted = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(trusted))
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    begins, ends = (datetime.now(UTC) + timedelta(days=each) for each in days)
    certificate = authority.issue_cert(host, not_before=begins, not_after=ends)
    with answering(_speaking_tls(certificate)) as (base, met):
        assert words in _sentence(make_settings, base)
    assert len(met) == 1


def test_where_no_tls_is_spoken(make_settings: MakeSettings) -> None:
    def greet(connection: socket.socket) -> None:
        connection.recv(10_000)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with answering(greet) as (base, _):
        assert "the secure connection failed" in _sentence(make_settings, base)


def test_a_handshake_that_is_cut_off(make_settings: MakeSettings) -> None:
    def greet(connection: socket.socket) -> None:
        connection.recv(1)

    with answering(greet) as (base, met):
        assert "Stripe couldn't be reached" in _sentence(make_settings, base)
    assert len(met) == 4, "waited for as any broken connection"


def test_a_page_of_a_proxy(account: Account, settings: Settings) -> None:
    page = Answer(raw=b"\n<!DOCTYPE html><html>Log in to the network</html>")
    account.fault = lambda request: page
    with pytest.raises(PipelineError, match="an HTML page came in the place of Stripe's answer"):
        sync(settings)


def test_an_answer_packed_to_burst(
    account: Account, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "LARGEST_ANSWER", 5_000_000)
    bomb = Answer(raw=gzip.compress(b" " * 500_000_000), headers={"content-encoding": "gzip"})
    account.fault = lambda request: bomb if request.path == "/v1/customers" else None
    with pytest.raises(PipelineError, match="larger than 5,000,000 bytes"):
        sync(settings)


def test_an_error_nested_without_end(account: Account, settings: Settings) -> None:
    deep = Answer(400, raw=b'{"error": ' * 50_000 + b"1" + b"}" * 50_000)
    account.fault = lambda request: deep if request.path == "/v1/customers" else None
    with pytest.raises(PipelineError, match="status 400"):
        sync(settings)


def test_answers_without_any_of_stripes_headers(
    account: Account, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a small server of one's own gives them."""
    account.add("customers", "cus_1", 1_710_000_000)
    refused = Answer(500, raw=b"", headers={"request-id": ""})
    seen: list[str] = []

    def first(request: object) -> Answer | None:
        seen.append("")
        return refused if len(seen) == 1 else None

    account.fault = first
    assert sync(settings)["customers"].added == 1
