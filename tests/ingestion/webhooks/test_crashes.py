"""kill -9 at any instant, of the receiver and of the sync: what was answered 200 is in the lake."""

import asyncio
import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from stripe_pipeline.demo.store.deliveries import Deliverer
from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.ingestion.webhooks.spool import is_waiting
from stripe_pipeline.lake import Lake
from stripe_pipeline.settings import Settings
from tests.fake_stripe.fixtures import KEY
from tests.fake_stripe.server import Account, Answer, Request
from tests.fake_stripe.shop import stock
from tests.ingestion.lakes import live, versions
from tests.ingestion.webhooks import receiving
from tests.ingestion.webhooks.sending import SECRET, body_of, event
from tests.ingestion.webhooks.test_intake import deliver, rename

pytestmark = pytest.mark.slow

# The soak kills a hundred times; the shorter run uses the same code.
IS_SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
KILLS = 25 if IS_SOAK else 2
SYNC_KILLS = 100 if IS_SOAK else 4
CHANGES = 15
A_SECOND = 1_000
SECONDS = 60 if IS_SOAK else 5

SYNC = """
import sys
import time
from stripe_pipeline.settings import load_settings
from stripe_pipeline.ingestion.mirror import writer
from stripe_pipeline.ingestion.sync import sync
writer.LARGEST_BATCH_BYTES = 5_000
sync(load_settings(), deliveries_only=sys.argv[1] == "only")
"""


def payout(number: int) -> dict[str, Any]:
    """An event of the usual size about what isn't mirrored, so that nothing has to be read."""
    about = {"id": f"po_{number}", "object": "payout", "padding": "x" * 3_000}
    fields = {"id": f"evt_load{number}", "type": "payout.paid", "data": {"object": about}}
    return event(number, **fields)


async def under_load(running: receiving.Receiving, home: Path, bodies: list[bytes]) -> Deliverer:
    """Deliver, while the receiver is killed and started again on its port."""
    deliverer = Deliverer(f"{running.address}/webhooks", SECRET)
    sending = asyncio.create_task(deliverer.deliver(bodies, A_SECOND))
    port = int(running.address.rpartition(":")[2])
    for _ in range(KILLS):
        await asyncio.sleep(random.uniform(0.2, SECONDS / KILLS))
        running.process.kill()
        running.process.communicate()
        again = await asyncio.to_thread(receiving.start, home, port)
        running.process = again.process
    await sending
    return deliverer


def test_a_thousand_a_second_and_the_receiver_killed(
    account: Account, settings: Settings, lake: Lake
) -> None:
    stock(account, 10)
    sync(settings)
    total = A_SECOND * SECONDS
    numbers = [*range(total), *random.sample(range(total), 100)]  # some come twice
    random.shuffle(numbers)
    bodies = [body_of(payout(each)) for each in numbers]
    running = receiving.start(settings.home)
    try:
        outcome = asyncio.run(under_load(running, settings.home, bodies)).outcome
    finally:
        assert receiving.end(running) == 0
    assert outcome.attempts[200] == len(bodies)
    assert set(outcome.attempts) == {0, 200}  # it was really gone in between
    sync(settings, deliveries_only=True)
    found = Counter(
        body["id"] for body in versions(lake, "events") if body["type"] == "payout.paid"
    )
    assert found == dict.fromkeys((f"evt_load{each}" for each in range(total)), 1)
    assert not is_waiting(settings.webhooks)


def _kill_at_a_request(process: subprocess.Popen[bytes], account: Account, number: int) -> None:
    """Kill it soon after it has asked so often; 0: at any time before."""
    awaited = len(account.requests) + number
    while process.poll() is None and len(account.requests) < awaited:
        time.sleep(0.002)
    time.sleep(random.uniform(0.0, 0.1))
    process.kill()
    process.communicate()


def _slowly(request: Request) -> Answer | None:
    time.sleep(0.01)
    return None


@pytest.mark.parametrize("how", ["only", "everything"])
def test_the_sync_killed_anywhere(
    account: Account, settings: Settings, lake: Lake, how: str
) -> None:
    stock(account, SYNC_KILLS * CHANGES)
    sync(settings)
    account.fault = _slowly
    environment = os.environ | {
        "STRIPE_API_KEY": KEY,
        "STRIPE_API_BASE": settings.stripe_api_base,
        "STRIPE_PIPELINE_HOME": str(settings.home),
        "STRIPE_PIPELINE_RATE_LIMIT": "10000",
    }
    delivered: set[str] = set()
    for turn in range(SYNC_KILLS):
        # Others each time: the next turn must not make good what this one lost.
        numbers = range(turn * CHANGES, (turn + 1) * CHANGES)
        events = [rename(account, number, f"Name {turn}") for number in numbers]
        deliver(settings, *events[:10])
        deliver(settings, *events[5:])
        delivered |= {each["id"] for each in events}
        process = subprocess.Popen([sys.executable, "-c", SYNC, how], env=environment)
        _kill_at_a_request(process, account, random.randint(0, CHANGES + 3))
    sync(settings, deliveries_only=how == "only")
    found = Counter(body["id"] for body in versions(lake, "events"))
    assert {each: found[each] for each in delivered} == dict.fromkeys(delivered, 1)
    assert live(lake, "customers") == account.objects["customers"]
    assert not is_waiting(settings.webhooks)
