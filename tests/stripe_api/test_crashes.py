"""A sync may be killed at any moment, and two may be started at once."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.lake import Lake
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_api.sync import sync
from tests.stripe_api.conftest import KEY
from tests.stripe_api.fake import Account, Answer, Request
from tests.stripe_api.lakes import assert_mirrors, versions
from tests.stripe_api.shop import stock

SYNC = """
from stripe_pipeline.settings import load_settings
from stripe_pipeline.stripe_api import writer
from stripe_pipeline.stripe_api.sync import sync
writer.BATCH_BYTES = 10_000
sync(load_settings())
"""


@pytest.fixture
def start(settings: Settings) -> Callable[[], subprocess.Popen[str]]:
    """Start a sync of the usual home in another process."""
    environment = os.environ | {
        "STRIPE_API_KEY": KEY,
        "STRIPE_API_BASE": settings.stripe_api_base,
        "STRIPE_PIPELINE_HOME": str(settings.home),
        "STRIPE_PIPELINE_RATE_LIMIT": "10000",
    }

    def popen() -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", SYNC], env=environment, text=True, stderr=subprocess.PIPE
        )

    return popen


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def _slowly(request: Request) -> Answer | None:
    time.sleep(0.03)
    return None


@pytest.mark.parametrize(
    ("number", "kills"), [(signal.SIGKILL, 2), (signal.SIGTERM, 1), (signal.SIGINT, 1)]
)
def test_a_killed_backfill_goes_on_and_equals_the_truth(
    account: Account,
    settings: Settings,
    lake: Lake,
    start: Callable[[], subprocess.Popen[str]],
    number: signal.Signals,
    kills: int,
) -> None:
    stock(account, 600)
    account.fault = _slowly
    for batches in (1, 2)[:kills]:
        process = start()
        _wait_for(lambda least=batches: len(lake.batches("invoices")) >= least)
        process.send_signal(number)
        process.communicate(timeout=30)
        assert process.returncode != 0
    (lake.root / "invoices" / ".0000009999.parquet.tmp").write_bytes(b"PAR1 torn")
    kept = len(versions(lake, "invoices"))
    assert 0 < kept < 600
    account.fault = lambda request: None
    sync(settings)
    assert_mirrors(lake, account)
    assert list(lake.root.glob("*/.*.tmp")) == []


def test_two_at_once(
    account: Account, settings: Settings, lake: Lake, start: Callable[[], subprocess.Popen[str]]
) -> None:
    stock(account, 300)
    account.fault = _slowly
    process = start()
    _wait_for(lambda: len(account.requests) > 3)
    with pytest.raises(PipelineError, match="Another sync is writing"):
        sync(settings)
    _, problems = process.communicate(timeout=60)
    assert (process.returncode, problems) == (0, "")
    assert_mirrors(lake, account)
