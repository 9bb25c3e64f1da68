"""Reads are counted on the disk, and polls stay within what Stripe allows."""

import os
import re
import sqlite3
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.ingestion.quota import budget as budgets
from stripe_pipeline.ingestion.quota import reads as reads_module
from stripe_pipeline.ingestion.quota.budget import (
    FLOOR,
    LADDER,
    MONTH,
    Budget,
    Pace,
    budget,
    fitting,
    payments_since,
    wait,
)
from stripe_pipeline.ingestion.quota.reads import UPKEEP, WHOLE, Reads
from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.lake import Lake
from stripe_pipeline.settings import Settings
from tests.fake_stripe.fixtures import KEY
from tests.fake_stripe.server import Account, Answer, Request, error
from tests.fake_stripe.shop import HOUR, stock
from tests.ingestion.passing import DAY
from tests.variants import variants

SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
NOON = 1_790_000_000 - 1_790_000_000 % DAY + DAY // 2
KILLED = """
from stripe_pipeline.settings import load_settings
from stripe_pipeline.ingestion.quota import metering
from stripe_pipeline.ingestion.sync import sync
metering.FLUSH_SECONDS = 0.05
sync(load_settings())
"""


@pytest.fixture
def reads(tmp_path: Path) -> Reads:
    return Reads(tmp_path / "home", "test")


def test_reads_are_added_up_by_day_purpose_and_mode(reads: Reads, tmp_path: Path) -> None:
    for day in range(40):
        reads.add(UPKEEP, 10, NOON - day * DAY)
    reads.add(WHOLE, 500, NOON)
    Reads(tmp_path / "home", "live").add(UPKEEP, 7, NOON)
    assert reads.total(NOON) == 510
    assert reads.total(NOON, (UPKEEP,)) == 10
    # Never less than the last 30 times 24 hours: the day that is cut in two counts whole.
    assert reads.total(NOON - MONTH) == 31 * 10 + 500
    assert Reads(tmp_path / "home", "live").total(NOON - MONTH) == 7


def test_every_attempt_counts(account: Account, settings: Settings) -> None:
    stock(account, 30)
    refused: set[str] = set()

    def twice(request: Request) -> Answer | None:
        if request.path in refused:
            return None
        refused.add(request.path)
        return error(500, "An unknown error occurred")

    account.fault = twice
    report = sync(settings)
    assert report.requests == len(account.requests) > len(refused)
    reads = Reads(settings.home, "test")
    assert reads.total(0) == len(account.requests)
    # The first reading of everything isn't expected to come again; following the events is.
    assert reads.total(0, (UPKEEP,)) < 5 < reads.total(0, (WHOLE,))
    assert report.budget is not None
    assert report.budget.used == len(account.requests)


def test_a_sync_that_is_killed_counts_too(account: Account, settings: Settings) -> None:
    stock(account, 600)
    # It never gets to an end at which it would count anyway.
    account.fault = lambda request: Answer(accident="hang") if len(account.requests) > 40 else None
    reads = Reads(settings.home, "test")
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED],
        env=os.environ | {
            "STRIPE_API_KEY": KEY,
            "STRIPE_API_BASE": settings.stripe_api_base,
            "STRIPE_PIPELINE_HOME": str(settings.home),
        },
    )  # fmt: skip
    deadline = time.monotonic() + 60
    try:
        while not (settings.home / "reads.sqlite").exists() or reads.total(0) < 20:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        process.kill()
        process.wait(30)
    assert 20 <= reads.total(0) <= len(account.requests)
    assert reads.starts(0)[0].is_poll is False
    before = reads.total(0)
    account.fault = lambda request: None
    report = sync(settings)
    assert reads.total(0) == before + report.requests


def test_a_sync_that_fails_counts_too_and_says_why(account: Account, settings: Settings) -> None:
    account.fault = lambda request: error(401, "Invalid API Key")
    with pytest.raises(PipelineError, match="refused the key"):
        sync(settings)
    assert Reads(settings.home, "test").total(0) == len(account.requests)


@pytest.mark.parametrize("content", [b"torn" * 1000, b"", b"SQLite format 3\0" + b"x" * 9000, None])
def test_a_damaged_count_begins_again_and_says_so(
    settings: Settings, content: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    reads = Reads(settings.home, "test")
    reads.add("whole", 3, 0)
    if content is None:
        reads.path.unlink()
        reads.path.mkdir()
    else:
        reads.path.write_bytes(content)
    reads.add("whole", 5, 0)
    assert reads.total(0) == 5
    # SQLite takes a file of no bytes for a new one.
    assert content == b"" or "reads.sqlite was damaged" in caplog.text


def test_payments_of_the_month_raise_what_is_allowed(
    account: Account, settings: Settings, lake: Lake
) -> None:
    now = int(time.time())
    for number in range(30):
        account.add("charges", f"ch_paid_{number}", now - DAY, status="succeeded")
        account.add("charges", f"ch_failed_{number}", now - DAY, status="failed")
        account.add("charges", f"ch_old_{number}", now - 31 * DAY, status="succeeded")
    report = sync(settings)
    account.event("charge.updated", account.objects["charges"]["ch_paid_1"] | {"refunded": True})
    account.objects["charges"]["ch_paid_1"]["refunded"] = True
    sync(settings)
    assert payments_since(lake, now - MONTH) == 30
    assert report.budget is not None
    assert (report.budget.payments, report.budget.allowance) == (30, 15_000)


@pytest.mark.parametrize(
    ("poll", "others", "left", "minutes"),
    [
        (1, 14, FLOOR, 10),  # 4,320 + 420 of 8,000
        (1, 14, 20_000, 5),
        (7, 14, FLOOR, 60),  # what polls cost that look for everything each time
        (1, 250, FLOOR, 120),
        (1, 400, FLOOR, 1440),  # nothing fits
        (1, 0, 0, 1440),
        (3, 60, 500 * 1_000, 5),
    ],
)
def test_the_time_between_polls_fits(poll: float, others: float, left: int, minutes: int) -> None:
    assert fitting(Pace(poll, others, 1), left) == minutes * 60


def test_a_setting_fixes_the_time_between_polls(
    make_settings: Callable[..., Settings], account: Account
) -> None:
    settings = make_settings(STRIPE_PIPELINE_POLL_MINUTES=45)
    sync(settings, poll=True)
    now = int(time.time())
    assert budget(settings, "test", now).interval == 45 * 60
    assert re.search("due in 4[45] minutes", wait(settings, "test", now) or "")
    assert wait(settings, "test", now + 45 * 60) is None


@pytest.mark.parametrize(
    ("used", "forecast", "words"),
    [
        (100, 7_000, None),
        (8_100, 7_000, "asked 8,100 times in the last 30 days, 81 % of the 10,000"),
        (12_345, 7_000, "asked 12,345 times in the last 30 days, more than the 10,000"),
        (100, 9_000, "will be asked 9,000 times in 30 days, 90 % of the 10,000"),
    ],
)
def test_a_warning_comes_before_the_line(used: int, forecast: int, words: str | None) -> None:
    warning = Budget(used, forecast, 10_000, 3, 600).warning
    assert warning is None if words is None else words in (warning or "")
    if warning:
        assert "STRIPE_PIPELINE_POLL_MINUTES" in warning


def test_the_warning_is_part_of_the_report(account: Account, settings: Settings) -> None:
    now = int(time.time())
    Reads(settings.home, "test").add(UPKEEP, 9_000, now - DAY)
    report = sync(settings)
    assert any("of the 10,000 that it allows" in warning for warning in report.warnings)
    assert report.budget is not None
    assert "polls are" in report.budget.sentence


def test_a_poll_is_due_when_its_time_has_passed(account: Account, settings: Settings) -> None:
    stock(account, 30)
    now = int(time.time())
    assert wait(settings, "test", now) is None
    sync(settings, resources=["customers"])
    assert wait(settings, "test", now) is None
    sync(settings)
    for _ in range(3):
        sync(settings, poll=True)
    reason = wait(settings, "test", int(time.time()))
    assert reason is not None
    assert "of the 10,000 that it allows" in reason
    assert wait(settings, "test", int(time.time()) + 10 * 60) is None
    # A clock that was set back keeps no one waiting for it to come round.
    assert wait(settings, "test", now - 2 * DAY) is None


class InMemory(Reads):
    """The same count without a disk: a month of polls is thousands of writes."""

    def __init__(self) -> None:
        super().__init__(Path("/dev/null"), "test")  # a folder can't be made there
        self._connection = sqlite3.connect(":memory:")
        for statement in reads_module._SCHEMA:
            self._connection.execute(statement)

    def _rows(self, sql: str, values: Sequence[object]) -> list[tuple[int, ...]]:
        return self._connection.execute(sql, values).fetchall()


class Shop:
    """What a shop's polls cost: one read each, more when something happened, and a daily look."""

    def __init__(self, first: int, daily: int, payments: int, reads_a_payment: int) -> None:
        self.first, self.daily = first, daily
        self.payments, self.reads_a_payment = payments, reads_a_payment
        self.looked_at = NOON
        self._owed = 0.0

    def poll(self, now: int, seconds: int) -> int:
        self._owed += self.payments * self.reads_a_payment * seconds / MONTH
        done, self._owed = int(self._owed), self._owed % 1
        look = self.daily if now - self.looked_at >= DAY else 0
        self.looked_at = now if look else self.looked_at
        return 1 + look + done


SHOPS = {
    "quiet": Shop(first=14, daily=18, payments=0, reads_a_payment=0),
    "with a long past": Shop(first=6_000, daily=40, payments=5, reads_a_payment=20),
    "past the line at once": Shop(first=30_000, daily=300, payments=40, reads_a_payment=20),
    "busy": Shop(first=3_000, daily=100, payments=2_000, reads_a_payment=12),
    "with costly looks": Shop(first=400, daily=200, payments=10, reads_a_payment=20),
}


@variants("name", SHOPS, quick=("quiet", "with costly looks"))
def test_a_month_of_polls_stays_below_what_is_allowed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Poll as the schedule would; a shop in its first month has the first reading in it as well."""
    shop, reads = SHOPS[name], InMemory()
    monkeypatch.setattr(budgets, "Reads", lambda home, mode: reads)
    monkeypatch.setattr(budgets, "payments_since", lambda lake, since: shop.payments)
    reads.began(NOON, is_poll=False)
    reads.add(WHOLE, shop.first, NOON)
    now, polls, asked_at, found = NOON, 0, NOON, budget(settings, "test", NOON)
    month = deque([(NOON, shop.first)])
    end = NOON + (MONTH * 2 if SOAK else MONTH)
    while now < end:
        if now >= asked_at + HOUR:  # the schedule asks each time, which would take a minute here
            asked_at, found = now, budget(settings, "test", now)
        now += found.interval
        cost = shop.poll(now, found.interval)
        reads.began(now, is_poll=True)
        reads.add(UPKEEP, cost, now)
        reads.ended(now, cost)
        month.append((now, cost))
        while month[0][0] <= now - MONTH:
            month.popleft()
        polls += 1
        allowed = max(found.allowance, shop.first + (FLOOR if shop.first > FLOOR else 0))
        assert polls % 20 or sum(reads for _, reads in month) < allowed
    assert polls >= 29
    assert found.interval in LADDER
    assert name not in ("quiet", "busy") or found.interval <= 10 * 60
