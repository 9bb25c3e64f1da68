"""Where events can't tell what happened: what needs it is read whole, and it is said."""

import time

import pytest

from stripe_pipeline.ingestion import backfill, plan
from stripe_pipeline.ingestion import sync as syncs
from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.lake import Lake
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_client.catalog import RESOURCES
from tests.fake_stripe.server import Account, Answer, Request
from tests.fake_stripe.shop import add_customer, stock
from tests.ingestion.lakes import assert_mirrors, live
from tests.ingestion.passing import COMPANIONS, DAY, forbid, later

CUSTOMERS = "/v1/customers"


def _renamed(account: Account, name: str, created: int | None = None) -> None:
    customer = add_customer(account, 3)
    customer["name"] = name
    account.event("customer.updated", customer, created)


@pytest.mark.parametrize("count", [250, 700])
def test_many_events_of_one_second(
    synced: Account, settings: Settings, lake: Lake, count: int
) -> None:
    """They fill more than a page, and the last sync stopped in the midst of that second."""
    now = int(time.time())
    for number in range(5):
        synced.event("customer.updated", add_customer(synced, number), now)
    sync(settings)
    for number in range(count):
        customer = add_customer(synced, number % 30)
        customer["name"] = f"at {number}"
        synced.event("customer.updated", customer, now)
    report = sync(settings)
    assert_mirrors(lake, synced)
    assert report["customers"].read == 30
    assert sync(settings)["customers"].read == 0


def test_an_event_is_taken_once_however_often_it_is_listed(
    synced: Account, settings: Settings, lake: Lake
) -> None:
    _renamed(synced, "Once")
    sync(settings)
    asked = len(synced.asked(f"{CUSTOMERS}/cus_0003"))
    for minutes in (1, 9, 60):
        with later(minutes * 60):
            sync(settings)
    assert len(synced.asked(f"{CUSTOMERS}/cus_0003")) == asked == 1


def test_what_happens_during_the_first_reading_is_replayed(
    account: Account, settings: Settings, lake: Lake
) -> None:
    """The instant from which events count is noted before anything is read."""
    stock(account, 30)
    changed: list[bool] = []

    def meanwhile(request: Request) -> Answer | None:
        if request.path == "/v1/charges" and not changed:
            # The customers may have been read, or not: the next sync must not have to know.
            changed.append(True)
            _renamed(account, "Meanwhile")
            account.event("product.deleted", account.delete("products", "prod_1"))
        return None

    account.fault = meanwhile
    sync(settings)
    sync(settings)
    assert changed
    assert_mirrors(lake, account)


@pytest.mark.parametrize("days", [28, 30])
def test_events_are_followed_as_far_as_they_reach(
    synced: Account, settings: Settings, lake: Lake, days: int
) -> None:
    sync(settings)
    with later(days * DAY):
        _renamed(synced, "Back")
        report = sync(settings)
        assert_mirrors(lake, synced)
    assert (report["customers"].how == "full") == (days == 30)
    assert any("than Stripe keeps events" in each for each in report.announcements) == (days == 30)


def test_a_clock_that_was_far_ahead_hides_no_gap(
    synced: Account, settings: Settings, lake: Lake
) -> None:
    """The lake says that it was synced next year; how long ago that was, no one knows."""
    with later(400 * DAY):
        sync(settings, full=True)
    # Events of this change are long forgotten, as far as anyone can tell.
    synced.objects["customers"]["cus_0003"]["name"] = "Unseen"
    report = sync(settings)
    assert "clock was set back" in report.announcements[0]
    assert_mirrors(lake, synced)
    synced.requests.clear()
    assert sync(settings).requests == 1 + COMPANIONS


@pytest.mark.parametrize("seconds", [-DAY // 2, -60, 60])
def test_a_clock_that_is_put_right_costs_nothing(
    synced: Account, settings: Settings, lake: Lake, seconds: int
) -> None:
    _renamed(synced, "Now")
    with later(seconds):
        report = sync(settings)
    assert report.announcements == []
    assert report["customers"].how == "changes"
    assert_mirrors(lake, synced)


def test_another_version_of_the_api(
    synced: Account, settings: Settings, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (plan, backfill):
        monkeypatch.setattr(module, "API_VERSION", "2027-01-01.next")
    report = sync(settings)
    assert report.announcements[0].startswith(
        "Read whole instead of only what changed, because the version of Stripe's API moved from "
    )
    assert {each.how for each in report.resources} == {"full"}


def test_a_resource_that_is_new_in_the_catalog(
    account: Account, settings: Settings, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A home of an older release knows nothing of disputes."""
    stock(account, 30)
    older = tuple(each for each in RESOURCES if each.name != "disputes")
    with monkeypatch.context() as patch:
        for module in (syncs, plan):
            patch.setattr(module, "RESOURCES", older)
        sync(settings)
    report = sync(settings)
    assert report.announcements == [
        "Read whole instead of only what changed, because they weren't read before: Disputes."
    ]
    assert {each.name for each in report.resources if each.how == "full"} == {"disputes"}
    assert_mirrors(lake, account)


def test_a_permission_that_comes_and_goes(synced: Account, settings: Settings, lake: Lake) -> None:
    synced.fault = forbid("/v1/refunds")
    assert "Refunds" in sync(settings).warnings[0]
    synced.objects["refunds"]["re_1"]["status"] = "failed"
    synced.fault = lambda request: None
    report = sync(settings)
    assert report.announcements == [
        "Read whole instead of only what changed, because the key may read them now: Refunds."
    ]
    assert {each.name for each in report.resources if each.how == "full"} == {"refunds"}
    assert live(lake, "refunds") == synced.objects["refunds"]
