"""A key that may not read events: what is new and what is open each time, everything daily."""

import time
from dataclasses import replace
from typing import Any

import pytest

from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.lake import Lake
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_client.catalog import RESOURCES
from tests.fake_stripe.server import Account, Answer, Request, error, nested
from tests.fake_stripe.shop import HOUR, SPRING, add_customer, add_invoice, line, stock
from tests.ingestion.lakes import assert_mirrors, counts, current, live
from tests.ingestion.passing import COMPANIONS, DAY, forbid, later

# Whole lists of thirty customers and their invoices: what a daily reading costs here.
NEW = len(RESOURCES) - 1


@pytest.fixture
def blind(account: Account, settings: Settings) -> Account:
    """An account whose events the key may not read, after a first sync of it."""
    stock(account, 30)
    _open_ends(account)
    account.fault = forbid("/v1/events")
    sync(settings)
    account.requests.clear()
    return account


def _open_ends(account: Account) -> None:
    """Something of each kind that is still under way, all of it old but the charge."""
    add_invoice(account, 40, status="draft")
    add_invoice(account, 41, status="open")
    account.add("charges", "ch_new", int(time.time()) - DAY, status="succeeded", refunded=False)
    account.add("charges", "ch_slow", SPRING, status="pending", refunded=False)
    account.add("refunds", "re_open", SPRING, charge="ch_1", status="pending")
    account.add("disputes", "dp_open", SPRING, charge="ch_1", status="needs_response")
    session = {"line_items": nested([line("li_y")]), "status": "open"}
    account.add("checkout_sessions", "cs_open", SPRING, **session)


def test_the_warning_says_what_is_not_seen(blind: Account, settings: Settings) -> None:
    permission, rest = sync(settings).warnings
    assert "event_read" in permission
    for words in ("once a day", "what is new", "Invoices", "Disputes", "is deleted", "a day late"):
        assert words in rest


def test_what_is_new_is_listed(blind: Account, settings: Settings, lake: Lake) -> None:
    now = int(time.time())
    add_customer(blind, 50, now)
    add_invoice(blind, 50, created=now)
    blind.add("products", "prod_2", now)
    blind.add("coupons", "NEW", now, percent_off=5)
    blind.add("credit_notes", "cn_2", now, lines=nested([line("cnli_2")]), customer="cus_0001")
    report = sync(settings)
    assert_mirrors_but_events(lake, blind)
    assert {each.name for each in report.resources if each.added} == {
        "customers", "invoices", "products", "coupons", "credit_notes",
    }  # fmt: skip
    assert report["customers"].how == "changes"


@pytest.mark.parametrize(
    ("name", "identifier", "change"),
    [
        ("invoices", "in_0040", {"status": "open"}),
        ("invoices", "in_0041", {"status": "paid"}),
        ("subscriptions", "sub_1", {"status": "past_due"}),
        ("subscriptions", "sub_1", {"status": "canceled"}),
        ("invoice_payments", "inpay_1", {"status": "canceled"}),
        ("charges", "ch_new", {"refunded": True}),
        ("charges", "ch_slow", {"status": "failed"}),
        ("refunds", "re_open", {"status": "failed"}),
        ("disputes", "dp_open", {"status": "lost"}),
        ("checkout_sessions", "cs_open", {"status": "complete"}),
    ],
)
def test_what_is_open_is_looked_at(
    blind: Account,
    settings: Settings,
    lake: Lake,
    name: str,
    identifier: str,
    change: dict[str, Any],
) -> None:
    blind.objects[name][identifier].update(change)
    report = sync(settings)
    assert report[name].changed == 1
    assert_mirrors_but_events(lake, blind)


def test_a_draft_that_is_deleted_is_missed_at_once(
    blind: Account, settings: Settings, lake: Lake
) -> None:
    blind.delete("invoices", "in_0040")
    assert sync(settings)["invoices"].deleted == 1
    assert current(lake, "invoices")["in_0040"]["deleted"] is True


def test_what_no_event_reports_is_seen_within_a_day(
    blind: Account, settings: Settings, lake: Lake
) -> None:
    add_customer(blind, 3)["name"] = "Renamed"
    blind.delete("products", "prod_1")
    add_invoice(blind, 4, amount_paid=7)
    report = sync(settings)
    assert live(lake, "customers")["cus_0003"]["name"] != "Renamed"
    assert report.announcements == []
    with later(DAY):
        report = sync(settings)
        assert_mirrors_but_events(lake, blind)
        assert "may not read events" in report.announcements[0]
        assert report["customers"].how == "full"
        assert sync(settings).announcements == []


def test_a_quiet_sync_costs_little_and_leaves_no_trace(
    blind: Account, settings: Settings, lake: Lake
) -> None:
    sync(settings)
    batches = {table: len(lake.batches(table)) for table in counts(lake)}
    blind.requests.clear()
    report = sync(settings)
    assert report.rows == 0
    # New ones of each resource, and the open ends: by lists and, of four, one by one.
    assert report.requests - NEW < 15
    assert not [request for request in blind.requests if request.get("created[lte]")]
    assert {table: len(lake.batches(table)) for table in counts(lake)} == batches


def test_an_interrupted_pass_goes_on(account: Account, settings: Settings, lake: Lake) -> None:
    stock(account, 30)
    events = forbid("/v1/events")
    account.fault = lambda request: events(request) or _broken(request)
    with pytest.raises(Exception, match="refused the key"):
        sync(settings)
    add_customer(account, 60, int(time.time()))
    account.fault = events
    sync(settings)
    assert_mirrors_but_events(lake, account)


def _interrupted(account: Account, settings: Settings, lake: Lake) -> None:
    """A first sync without events that ends when the newest customers are committed."""
    for number in range(300):  # so many that the first page is committed at once
        add_customer(account, number)["description"] = "x" * 5_000
    events = forbid("/v1/events")
    pages = 0

    def refused(request: Request) -> Answer | None:
        """Answer the first page of customers, and refuse the key once it is in the lake."""
        nonlocal pages
        pages += request.path == "/v1/customers"
        if request.path != "/v1/customers" or pages == 1:
            return None
        answer = error(401, "Invalid API Key")
        return replace(answer, waits_for=lambda: counts(lake)["customers"] >= 100)

    account.fault = lambda request: events(request) or refused(request)
    with pytest.raises(Exception, match="refused the key"):
        sync(settings)
    account.fault = events


@pytest.mark.parametrize("hours", [1, 23, 25, 5 * 24, 8 * 24])
def test_what_changed_since_an_interrupted_pass_began(
    account: Account, settings: Settings, lake: Lake, hours: int
) -> None:
    """No event tells of it: a pass of more than a day ago is begun again, not resumed."""
    _interrupted(account, settings, lake)
    began = time.time()
    assert counts(lake)["customers"] == 100
    newest = max(account.objects["customers"])
    account.objects["customers"][newest]["name"] = "Renamed"
    with later(hours * HOUR):
        report = sync(settings)
        verified = report["customers"].verified_at
        assert isinstance(verified, float), "Dagster takes no whole number for an instant"
        if hours < 24:
            assert verified <= began, "what was read then may have changed"
        else:
            assert live(lake, "customers")[newest]["name"] == "Renamed"
            assert verified >= time.time() - 60
    with later(hours * HOUR + DAY):
        sync(settings)
        assert live(lake, "customers")[newest]["name"] == "Renamed"


def _broken(request: Request) -> Answer | None:
    return error(401, "Invalid API Key") if request.path == "/v1/refunds" else None


@pytest.mark.parametrize("days", [0, 3, 10, 40])
def test_events_lost_and_regained(
    account: Account, settings: Settings, lake: Lake, days: int
) -> None:
    """Whatever happened meanwhile is read, by events where they reach back, else whole."""
    stock(account, 30)
    sync(settings)
    account.fault = forbid("/v1/events")
    with later(days * DAY // 2):
        sync(settings)
    customer = add_customer(account, 3)
    customer["name"] = "Renamed"
    account.event("customer.updated", customer, int(time.time()) + days * DAY // 2)
    account.fault = lambda request: None
    with later(days * DAY):
        report = sync(settings)
        assert_mirrors(lake, account)
        assert "because the key may read them now: Events" in report.announcements[0]
        account.requests.clear()
        assert sync(settings).requests == 1 + COMPANIONS


def test_a_clock_that_jumps_only_costs_a_pass(
    blind: Account, settings: Settings, lake: Lake
) -> None:
    for seconds in (-3 * DAY, 40 * DAY, 0, -HOUR):
        add_customer(blind, 3)["name"] = f"at {seconds}"
        with later(seconds):
            sync(settings)
        assert_mirrors_but_events(lake, blind)


def assert_mirrors_but_events(lake: Lake, account: Account) -> None:
    """The lake's live objects are the account's, but for the events that can't be read."""
    for resource in RESOURCES:
        if resource.name != "events":
            assert live(lake, resource.name) == account.objects[resource.name], resource.name
