"""What happens to the key, the clock and the network between here and Stripe."""

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from stripe_pipeline.demo.store import Accident, Faults
from tests.ingestion.faults.mirror import DAY, Mirror
from tests.variants import variants

HOUR = 3_600
HALFWAY = 12  # of about 30 requests


def test_a_key_that_is_revoked_halfway(mirror: Mirror) -> None:
    revoked = Faults(accidents=(Accident("key_revoked", after=HALFWAY, times=None),))
    sentence = mirror.fails(revoked)
    assert "Stripe refused the key (Expired API Key provided" in sentence
    assert "STRIPE_API_KEY" in sentence
    mirror.mends()


def test_a_permission_that_is_lost_halfway(synced: Mirror) -> None:
    """What was read stays, the table says that it is skipped, and its return brings the rest."""
    synced.change("invoices", synced.ids("invoices")[0], description="changed meanwhile")
    synced.change("customers", synced.ids("customers")[0], description="changed meanwhile")
    lost = Faults(accidents=(Accident("permission_lost", "/v1/invoices*", after=1, times=None),))
    report = synced.sync(lost, full=True)
    assert [each.name for each in report.resources if not each.is_readable] == ["invoices"]
    [warning] = [each for each in report.warnings if "Invoices were skipped" in each]
    assert "invoice_read" in warning
    assert "acct_1" not in warning
    synced.later(HOUR)
    assert synced.mends()["invoices"].is_readable


CLOCKS = {"back by a day": -DAY, "ahead by 40 days": 40 * DAY}


@variants("name", CLOCKS)
def test_a_clock_that_jumps_between_two_syncs(synced: Mirror, name: str) -> None:
    synced.clock_off = CLOCKS[name]
    for number, customer in enumerate(synced.ids("customers")[:3]):
        synced.change("customers", customer, description=f"changed by a clock {name}")
        synced.later(HOUR)
        synced.mends()
        synced.clock_off = CLOCKS[name] if number else 0  # right again, and wrong once more
    synced.change("invoices", synced.ids("invoices")[0], description="changed")
    synced.clock_off = 0
    synced.later(HOUR)
    synced.mends()


@pytest.mark.parametrize("full", [True, False], ids=["of everything", "of what changed"])
@variants("name", CLOCKS, quick=("ahead by 40 days",))
def test_a_clock_that_jumps_in_the_middle_of_a_sync(synced: Mirror, name: str, full: bool) -> None:
    for customer in synced.ids("customers"):
        synced.change("customers", customer, description="changed")

    def jump(asked: str) -> None:
        if len(synced.requests) == HALFWAY:
            synced.clock_off = CLOCKS[name]
            synced.change("customers", synced.ids("customers")[1], description="meanwhile")

    synced.sync(watcher=jump, full=full)
    assert synced.clock_off
    synced.later(HOUR)
    synced.mends()
    synced.clock_off = 0
    synced.change("customers", synced.ids("customers")[2], description="later")
    synced.later(HOUR)
    synced.mends()


@pytest.fixture
def name_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Names are resolved until the list is emptied: what every new connection begins with."""
    up = ["yes"]
    resolve: Callable[..., Any] = socket.getaddrinfo

    def getaddrinfo(host: Any, *arguments: Any, **named: Any) -> Any:
        if host in ("localhost", b"localhost") and not up:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return resolve(host, *arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield up


def test_dns_that_is_gone(mirror: Mirror, name_server: list[str]) -> None:
    def cut(asked: str) -> None:
        if len(mirror.requests) == HALFWAY:
            name_server.clear()

    # The open connections go with it, as they do when a network is changed.
    lost = Faults(accidents=(Accident("reset", after=HALFWAY, times=None),))
    sentence = mirror.fails(lost, cut, host="localhost")
    assert "Stripe couldn't be reached" in sentence
    assert "check the network" in sentence
    sentence = mirror.fails(host="localhost")
    assert "name resolution" in sentence
    name_server.append("yes")
    mirror.sync(host="localhost")
    mirror.is_true()
