"""A lake never holds the objects of two accounts, whenever the account is switched."""

import dataclasses
import time
from collections.abc import Callable
from typing import Any

import pytest

from stripe_pipeline.errors import UsageError
from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.quarantine import in_quarantine
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_client.catalog import RESOURCES
from tests.fake_stripe.server import Account, Answer, Request, error
from tests.fake_stripe.shop import SPRING, add_customer, stock
from tests.ingestion.lakes import assert_mirrors, current
from tests.ingestion.spoiling import spoiled
from tests.variants import variants

MakeSettings = Callable[..., Settings]
OTHER_KEY = "rk_test_51Other"


def another() -> Account:
    """An account that has something of everything, also a coupon that has the name of ours."""
    other = Account()
    stock(other, 150)
    for name, objects in other.objects.items():
        other.objects[name] = {
            (each if name == "coupons" else f"{each}_b"): body
            | {"id": each if name == "coupons" else f"{each}_b", "created": body["created"] + 7}
            for each, body in objects.items()
        }
    return other


def switch(account: Account, other: Account) -> None:
    account.objects, account.stubs = other.objects, other.stubs


def held(lake: Lake) -> dict[str, set[str]]:
    return {each.name: set(current(lake, each.name)) for each in RESOURCES}


def test_between_two_pages(account: Account, settings: Settings, lake: Lake) -> None:
    """A first sync: nothing but the page before can tell."""
    for number in range(250):
        add_customer(account, number)
    other = another()

    def fault(request: Request) -> Answer | None:
        if request.path == "/v1/customers" and request.get("starting_after"):
            switch(account, other)
        return None

    account.fault = fault
    with pytest.raises(UsageError, match="another account"):
        sync(settings)
    ids = held(lake)["customers"]
    assert not any(each.endswith("_b") for each in ids)


def own_ids(account: Account) -> dict[str, set[str]]:
    return {name: set(objects) for name, objects in account.objects.items()}


def foreign(lake: Lake, ids: dict[str, set[str]]) -> dict[str, set[str]]:
    """What the lake holds and the account has not."""
    return {name: more for name, found in held(lake).items() if (more := found - ids[name])}


@variants("after", range(1, 45, 4), quick=(1, 21, 41))
def test_in_the_middle_of_a_first_sync(
    account: Account, settings: Settings, lake: Lake, after: int
) -> None:
    """Between any two answers: nothing of the other account is written, nor by the next sync."""
    stock(account, 150)
    own, other, ids = account.objects, another(), own_ids(account)

    def fault(request: Request) -> Answer | None:
        if len(account.requests) > after:
            switch(account, other)
        return None

    account.fault = fault
    try:
        sync(settings)
    except UsageError as refused:
        assert "another account" in str(refused)
    else:
        assert account.objects is own, "it was over before"
    assert foreign(lake, ids) == {}
    if account.objects is not own and any(held(lake).values()):
        with pytest.raises(UsageError, match="another account"):
            sync(settings)
        assert foreign(lake, ids) == {}


@pytest.mark.parametrize("is_known", [False, True], ids=["empty", "known"])
def test_what_cannot_be_used_waits_for_the_account_too(
    account: Account, settings: Settings, lake: Lake, is_known: bool
) -> None:
    """Another account's odd object isn't kept, neither by a first sync nor by a later one."""
    for number in range(250):
        add_customer(account, number)
    if is_known:
        sync(settings)
        account.requests.clear()
    other = another()
    odd = spoiled(account, cus_0149_b=b'{"id": "cus_0149_b", "object": "customer", "created": "x"}')

    def fault(request: Request) -> Answer | None:
        if request.path == "/v1/customers" and request.get("starting_after"):
            switch(account, other)
            asked = [each for each in request.query if each[0] != "starting_after"]
            return odd(dataclasses.replace(request, query=asked))
        return None

    account.fault = fault
    with pytest.raises(UsageError, match="another account"):
        sync(settings, full=True)
    assert in_quarantine(lake) == []


def test_a_resource_that_was_empty_asks_for_a_witness(
    account: Account, settings: Settings, lake: Lake
) -> None:
    """Of the first objects of a resource nothing is known to the lake, whenever they come."""
    add_customer(account, 1)
    sync(settings)
    account.requests.clear()
    account.event(
        "coupon.created", account.add("coupons", "SPRING SALE/50%", SPRING, percent_off=5)
    )
    other = another()

    def fault(asked: Request) -> Answer | None:
        if asked.path.startswith("/v1/coupons"):
            switch(account, other)
        return None

    account.fault = fault
    with pytest.raises(UsageError, match="another account"):
        sync(settings)
    assert held(lake)["coupons"] == set()


def test_what_a_first_sync_pays_for_that(account: Account, settings: Settings) -> None:
    """A request a batch at most, however many pages it has."""
    for number in range(2_500):
        add_customer(account, number)
    account.event("customer.created", account.objects["customers"]["cus_2499"])
    sync(settings)
    pages = account.asked("/v1/customers")
    batches = len(Lake(settings.lake).files("customers")) + 1  # and one of events
    assert len(pages) >= 25
    assert 1 <= len(account.asked("/v1/events/evt_000001")) <= batches < 5


@pytest.mark.parametrize("kind", ["prices", "coupons"])
@pytest.mark.parametrize("key", [None, OTHER_KEY], ids=["the same key", "another key"])
@pytest.mark.parametrize("full", [True, False])
def test_between_two_syncs_of_a_lake_with_only(
    account: Account,
    make_settings: MakeSettings,
    lake: Lake,
    kind: str,
    key: str | None,
    full: bool,
) -> None:
    account.add(kind, "SPRING SALE/50%", SPRING, percent_off=50)
    sync(make_settings())
    before = held(lake)
    switch(account, another())
    settings = make_settings(**({"stripe_api_key": key} if key else {}))
    with pytest.raises(UsageError, match=r"another account.*SPRING SALE/50%"):
        sync(settings, full=full)
    assert held(lake) == before


@pytest.mark.parametrize("how", [{"full": True}, {}, {"poll": True}], ids=str)
def test_between_two_syncs_with_the_same_key(
    synced: Account, settings: Settings, lake: Lake, how: dict[str, Any]
) -> None:
    before = held(lake)
    switch(synced, another())
    with pytest.raises(UsageError, match="another account"):
        sync(settings, **how)
    assert held(lake) == before


def test_an_account_without_events_says_so_too(
    synced: Account, settings: Settings, lake: Lake
) -> None:
    """A poll that only finds no event would go on for ever in the wrong account."""
    switch(synced, Account())
    with pytest.raises(UsageError, match="another account"):
        sync(settings, poll=True)


@variants("after", range(1, 40, 3), quick=(1, 19, 37))
def test_in_the_middle_of_a_second_reading(
    synced: Account, settings: Settings, lake: Lake, after: int
) -> None:
    before, other, own = held(lake), another(), synced.objects

    def fault(request: Request) -> Answer | None:
        if len(synced.requests) > after:
            switch(synced, other)
        return None

    synced.fault = fault
    try:
        sync(settings, full=True)
    except UsageError as refused:
        assert "another account" in str(refused)
    else:
        assert synced.objects is own, "it was over before"
    assert held(lake)["customers"] == before["customers"]
    assert not any(b"deleted" in str(each).encode() for each in current(lake, "charges").values())


def test_a_new_key_that_may_look_at_nothing(
    account: Account, make_settings: MakeSettings, lake: Lake
) -> None:
    account.add("prices", "price_1", SPRING)
    sync(make_settings())
    forbidden = error(403, "no", code="more_permissions_required")
    account.fault = lambda asked: forbidden if asked.path.startswith("/v1/prices") else None
    with pytest.raises(UsageError, match=r"may be of another account.*Read of"):
        sync(make_settings(stripe_api_key=OTHER_KEY))


def test_what_is_only_deleted_is_no_other_account(
    synced: Account, make_settings: MakeSettings, lake: Lake
) -> None:
    """All customers but one, the only coupon, and the object that a list goes on after."""
    for each in list(synced.objects["customers"])[1:]:
        synced.delete("customers", each, stub=True)
    synced.delete("coupons", "SPRING SALE/50%")
    sync(make_settings(stripe_api_key=OTHER_KEY), full=True)
    assert_mirrors(lake, synced)


def test_what_a_check_costs(synced: Account, settings: Settings) -> None:
    """Nothing where Stripe shows again what is known; one request where all is new."""
    about = synced.add("charges", "ch_9", int(time.time()))
    synced.event("charge.succeeded", about)
    sync(settings, poll=True)
    assert synced.asked("/v1/charges/ch_1") == []
    synced.requests.clear()
    synced.objects["events"] = {}  # older than 30 days, all of them
    assert sync(settings, poll=True).requests == 2
