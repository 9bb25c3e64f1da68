"""A poll costs one request while nothing happens, and in the end misses nothing."""

import time
from typing import Any

import pytest

from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.lake import Lake
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_client.catalog import RESOURCES
from stripe_pipeline.stripe_client.resources import HOUR
from tests.fake_stripe.server import Account, nested
from tests.fake_stripe.shop import line
from tests.ingestion.lakes import assert_mirrors, counts
from tests.ingestion.passing import DAY, later

SESSION = {"line_items": nested([line("li_x")]), "status": "open"}
UNANNOUNCED = [each for each in RESOURCES if each.unannounced]


def test_a_quiet_poll_is_one_request_and_leaves_no_trace(
    synced: Account, settings: Settings, lake: Lake
) -> None:
    before = {table: len(lake.batches(table)) for table in counts(lake)}
    for minutes in (5, 10, 60, 300):
        with later(minutes * 60):
            assert sync(settings, poll=True).requests == 1
    assert {table: len(lake.batches(table)) for table in counts(lake)} == before


def test_what_is_opened_without_an_event_is_found_within_hours(
    synced: Account, settings: Settings, lake: Lake
) -> None:
    synced.add("checkout_sessions", "cs_new", int(time.time()), **SESSION)
    assert sync(settings, poll=True).rows == 0
    with later(6 * HOUR):
        assert sync(settings, poll=True)["checkout_sessions"].added == 1
        assert_mirrors(lake, synced)
        assert sync(settings, poll=True).requests == 1


@pytest.mark.parametrize("resource", UNANNOUNCED, ids=lambda each: each.name)
def test_everything_is_found_within_a_day(
    synced: Account, settings: Settings, lake: Lake, resource: Any
) -> None:
    own = SESSION if resource.name == "checkout_sessions" else {"status": "open"}
    synced.add(resource.name, "new_1", int(time.time()), lines=nested([]), **own)
    sync(settings, poll=True)
    with later(DAY):
        assert sync(settings, poll=True)[resource.name].added == 1
        assert_mirrors(lake, synced)
        assert sync(settings, poll=True).requests == 1


@pytest.mark.parametrize("resource", UNANNOUNCED, ids=lambda each: each.name)
def test_an_event_of_what_it_comes_with_is_enough(
    synced: Account, settings: Settings, lake: Lake, resource: Any
) -> None:
    own = SESSION if resource.name == "checkout_sessions" else {"status": "open"}
    for number, companion in enumerate(resource.unannounced.along_with):
        now = int(time.time())
        synced.add(resource.name, f"new_{number}", now, lines=nested([]), **own)
        about = next(iter(synced.objects[companion].values()))
        synced.event(f"{about['object']}.updated", about, now)
        assert sync(settings, poll=True)[resource.name].added == 1, companion
    assert_mirrors(lake, synced)


def test_a_sync_that_a_person_asks_for_looks_at_once(
    synced: Account, settings: Settings, lake: Lake
) -> None:
    synced.add("checkout_sessions", "cs_new", int(time.time()), **SESSION)
    synced.add("refunds", "re_new", int(time.time()), charge="ch_1")
    sync(settings)
    assert_mirrors(lake, synced)


def test_days_of_polls_cost_little(synced: Account, settings: Settings, lake: Lake) -> None:
    """A request each, and what is looked at daily."""
    reads = 0
    for hour in range(3, 2 * 24 + 1, 3):
        with later(hour * HOUR):
            reads += sync(settings, poll=True).requests
    assert reads <= 16 + 2 * (4 + len(UNANNOUNCED) + len(synced.objects["promotion_codes"]) + 5)
    assert_mirrors(lake, synced)
