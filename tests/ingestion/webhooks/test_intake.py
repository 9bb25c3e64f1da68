"""What was delivered is in the lake after the next sync, once, whatever else happens."""

import time
from typing import Any

import pytest

from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.ingestion.updates import changes
from stripe_pipeline.ingestion.webhooks.intake import Deliveries
from stripe_pipeline.ingestion.webhooks.spool import SpoolWriter, is_waiting, seal
from stripe_pipeline.lake import Lake
from stripe_pipeline.settings import Settings
from tests.fake_stripe.server import Account, Answer, Request, error
from tests.fake_stripe.shop import HOUR, add_customer, add_invoice, stock
from tests.ingestion.lakes import assert_mirrors, current, live, versions
from tests.ingestion.webhooks.sending import body_of

DAY = 24 * HOUR


def deliver(settings: Settings, *events: dict[str, Any]) -> None:
    """Put events where the receiver puts them."""
    writer = SpoolWriter(settings.webhooks)
    writer.write([body_of(event) for event in events])
    writer.close()


def rename(account: Account, number: int, name: str, created: int | None = None) -> dict[str, Any]:
    """Change a customer; returns the event, which no list shows."""
    customer = {**account.objects["customers"][f"cus_{number:04d}"], "name": name}
    account.objects["customers"][customer["id"]] = customer
    about = {**customer, "name": "as of another version"}
    return unlisted(account, account.event("customer.updated", about, created))


def unlisted(account: Account, event: dict[str, Any]) -> dict[str, Any]:
    """Take an event out of the list again."""
    return account.objects["events"].pop(event["id"])


def paths(account: Account) -> list[str]:
    return sorted(request.path for request in account.requests)


def test_only_what_was_delivered_is_read(synced: Account, settings: Settings, lake: Lake) -> None:
    deliver(settings, rename(synced, 3, "Renamed"), rename(synced, 4, "Renamed too"))
    hidden = add_customer(synced, 300)
    report = sync(settings, deliveries_only=True)
    assert paths(synced) == ["/v1/customers/cus_0003", "/v1/customers/cus_0004"]
    assert (report["customers"].changed, report["events"].added) == (2, 2)
    assert live(lake, "customers")["cus_0003"]["name"] == "Renamed"
    assert not is_waiting(settings.webhooks)
    assert hidden["id"] not in live(lake, "customers")


def test_nothing_delivered_is_nothing_read(synced: Account, settings: Settings, lake: Lake) -> None:
    before = {each: len(lake.batches(each)) for each in ("events", "customers")}
    assert sync(settings, deliveries_only=True).requests == 0
    assert {each: len(lake.batches(each)) for each in before} == before


def test_a_full_sync_takes_deliveries_in(synced: Account, settings: Settings, lake: Lake) -> None:
    event = rename(synced, 3, "Renamed")
    deliver(settings, event)
    sync(settings)
    assert current(lake, "customers")["cus_0003"]["name"] == "Renamed"
    assert current(lake, "events")[event["id"]] == event
    assert not is_waiting(settings.webhooks)


def test_duplicates_in_any_order(synced: Account, settings: Settings, lake: Lake) -> None:
    events = [rename(synced, 3, f"Name {number}") for number in range(4)]
    deliver(settings, events[3], events[0], events[3])
    deliver(settings, events[2], events[0])
    sync(settings, deliveries_only=True)
    deliver(settings, events[1], events[3])
    sync(settings, deliveries_only=True)
    ids = [body["id"] for body in versions(lake, "events")]
    assert sorted(ids).count(events[3]["id"]) == 1
    assert {event["id"] for event in events} <= set(ids)
    assert current(lake, "customers")["cus_0003"]["name"] == "Name 3"
    # Five of the seven came before the first sync, of one object.
    assert len(synced.asked("/v1/customers/cus_0003")) == 2


def test_a_duplicate_costs_nothing(synced: Account, settings: Settings, lake: Lake) -> None:
    event = rename(synced, 3, "Renamed")
    deliver(settings, event)
    sync(settings, deliveries_only=True)
    batches = len(lake.batches("events"))
    synced.requests.clear()
    deliver(settings, event, event)
    report = sync(settings, deliveries_only=True)
    assert (report.requests, report.rows) == (0, 0)
    assert len(lake.batches("events")) == batches
    assert not is_waiting(settings.webhooks)


def test_listed_after_it_was_delivered(synced: Account, settings: Settings, lake: Lake) -> None:
    """A normal sync doesn't ask again for what was delivered since the last."""
    event = rename(synced, 3, "Renamed")
    deliver(settings, event)
    sync(settings, deliveries_only=True)
    synced.add("events", event["id"], event["created"], type=event["type"], data=event["data"])
    synced.requests.clear()
    report = sync(settings)
    assert synced.asked("/v1/customers/cus_0003") == []
    assert report["events"].added == 0


def test_delivered_after_it_was_listed(synced: Account, settings: Settings, lake: Lake) -> None:
    customer = {**synced.objects["customers"]["cus_0003"], "name": "Renamed"}
    event = synced.event("customer.updated", customer)
    synced.objects["customers"]["cus_0003"] = customer
    sync(settings)
    synced.requests.clear()
    deliver(settings, {**event, "pending_webhooks": 1})
    report = sync(settings, deliveries_only=True)
    assert (report.requests, report.rows) == (0, 0)
    assert not is_waiting(settings.webhooks)


@pytest.mark.parametrize("only", [True, False])
def test_a_late_delivery_counts(
    synced: Account, settings: Settings, lake: Lake, only: bool
) -> None:
    """Stripe tries for three days; by then no sync lists the event any more."""
    event = rename(synced, 3, "Renamed", int(time.time()) - 3 * DAY)
    deliver(settings, event)
    sync(settings, deliveries_only=only)
    assert current(lake, "customers")["cus_0003"]["name"] == "Renamed"
    assert event["id"] in current(lake, "events")


def test_without_an_id_or_of_another_kind(synced: Account, settings: Settings, lake: Lake) -> None:
    about = {"object": "invoice", "customer": "cus_0001"}
    upcoming = unlisted(synced, synced.event("invoice.upcoming", about))
    payout = unlisted(synced, synced.event("payout.paid", {"id": "po_1", "object": "payout"}))
    deliver(settings, upcoming, payout)
    report = sync(settings, deliveries_only=True)
    assert report.requests == 0
    assert {upcoming["id"], payout["id"]} <= set(current(lake, "events"))


def test_a_deletion(synced: Account, settings: Settings, lake: Lake) -> None:
    about = synced.delete("customers", "cus_0003", stub=True)
    deliver(settings, unlisted(synced, synced.event("customer.deleted", about)))
    assert sync(settings, deliveries_only=True)["customers"].deleted == 1
    assert current(lake, "customers")["cus_0003"]["deleted"] is True


def test_parents_are_read_with_their_children(
    synced: Account, settings: Settings, lake: Lake
) -> None:
    add_invoice(synced, 5, lines=230)
    about = {"id": "ii_1", "object": "invoiceitem", "invoice": "in_0005"}
    deliver(settings, unlisted(synced, synced.event("invoiceitem.created", about)))
    sync(settings, deliveries_only=True)
    assert len(live(lake, "invoices")["in_0005"]["lines"]["data"]) == 230


def test_before_the_first_sync_they_wait(account: Account, settings: Settings, lake: Lake) -> None:
    stock(account, 10)
    event = rename(account, 3, "Renamed")
    deliver(settings, event)
    report = sync(settings, deliveries_only=True)
    assert report.requests == 0
    assert "waits until a sync has read everything once" in report.announcements[0]
    assert is_waiting(settings.webhooks)
    sync(settings)
    assert not is_waiting(settings.webhooks)
    assert current(lake, "events")[event["id"]] == event
    assert len(account.asked("/v1/customers/cus_0003")) == 0


def test_a_sync_of_some_resources_leaves_them(
    synced: Account, settings: Settings, lake: Lake
) -> None:
    deliver(settings, rename(synced, 3, "Renamed"))
    sync(settings, resources=["products", "events"])
    assert is_waiting(settings.webhooks)
    sync(settings, deliveries_only=True)
    assert current(lake, "customers")["cus_0003"]["name"] == "Renamed"


def test_so_many_that_listing_is_cheaper(
    synced: Account, settings: Settings, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "ALWAYS_ONE_BY_ONE", 5)
    deliver(settings, *(rename(synced, number, "Moved") for number in range(20)))
    report = sync(settings, deliveries_only=True)
    assert paths(synced) == ["/v1/customers"]
    assert report["customers"].changed == 20
    synced.requests.clear()
    sync(settings)
    assert_mirrors_but_events(lake, synced)


def assert_mirrors_but_events(lake: Lake, account: Account) -> None:
    """Events that were delivered and are in no list are in the lake alone."""
    account.objects["events"] = live(lake, "events")
    assert_mirrors(lake, account)


def without_events(request: Request) -> Answer | None:
    if request.path != "/v1/events":
        return None
    return error(403, "Having the 'rak_event_read' permission would allow this request to continue")


@pytest.mark.parametrize("only", [True, False])
def test_a_key_without_events(account: Account, settings: Settings, lake: Lake, only: bool) -> None:
    """Then deliveries are the one way to hear of a renamed customer before the day is over."""
    stock(account, 30)
    account.fault = without_events
    sync(settings)
    event = rename(account, 3, "Renamed")
    deliver(settings, event)
    sync(settings, deliveries_only=only)
    assert current(lake, "customers")["cus_0003"]["name"] == "Renamed"
    assert current(lake, "events")[event["id"]] == event
    assert not is_waiting(settings.webhooks)


def test_what_the_key_may_not_read_is_passed_over(
    synced: Account, settings: Settings, lake: Lake
) -> None:
    """And read whole as soon as it may."""

    def forbidden(request: Request) -> Answer | None:
        return error(403, "Permission denied.") if "/customers" in request.path else None

    synced.fault = forbidden
    deliver(settings, rename(synced, 3, "Renamed"))
    report = sync(settings, deliveries_only=True)
    assert not report["customers"].is_readable
    assert not is_waiting(settings.webhooks)
    synced.fault = lambda request: None
    sync(settings)
    assert current(lake, "customers")["cus_0003"]["name"] == "Renamed"


def test_a_live_event_in_a_home_of_test_data(
    synced: Account, settings: Settings, lake: Lake
) -> None:
    """Accepted when nothing said which mode the home is of; dropped as soon as that is known."""
    live_event = {**rename(synced, 3, "Renamed"), "livemode": True}
    deliver(settings, live_event)
    report = sync(settings, deliveries_only=True)
    assert live_event["id"] not in current(lake, "events")
    assert report.warnings == [
        "1 webhook deliveries were dropped, because they are not events of a test account."
    ]
    assert not is_waiting(settings.webhooks)


STEPS = ["keep", "remove"]


@pytest.mark.parametrize("only", [True, False])
@pytest.mark.parametrize("step", STEPS)
def test_interrupted_between_the_steps(
    synced: Account,
    settings: Settings,
    lake: Lake,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    only: bool,
) -> None:
    """The next sync does what the interrupted one had not: nothing is lost, nothing doubled."""
    event = rename(synced, 3, "Renamed")
    deliver(settings, event)

    def die(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Deliveries, step, die)
        sync(settings, deliveries_only=only)
    assert is_waiting(settings.webhooks)
    sync(settings, deliveries_only=only)
    assert [body["id"] for body in versions(lake, "events")].count(event["id"]) == 1
    named = [body for body in versions(lake, "customers") if body["name"] == "Renamed"]
    assert len(named) == 1
    assert not is_waiting(settings.webhooks)


def test_stripe_fails_and_nothing_is_forgotten(
    synced: Account, settings: Settings, lake: Lake
) -> None:
    synced.fault = lambda request: error(500, "Sorry") if "/customers" in request.path else None
    deliver(settings, rename(synced, 3, "Renamed"))
    with pytest.raises(Exception, match="Stripe"):
        sync(settings, deliveries_only=True)
    assert is_waiting(settings.webhooks)
    synced.fault = lambda request: None
    sync(settings, deliveries_only=True)
    assert current(lake, "customers")["cus_0003"]["name"] == "Renamed"


def test_a_torn_record_ends_a_segment(synced: Account, settings: Settings, lake: Lake) -> None:
    first, second = rename(synced, 3, "Renamed"), rename(synced, 4, "Never answered")
    deliver(settings, first, second)
    (segment,) = seal(settings.webhooks)
    for cut in (1, len(body_of(second)), len(body_of(second)) + 3):
        torn = segment.with_name(f"{cut:020d}-torn.open")
        torn.write_bytes(segment.read_bytes()[:-cut])
    segment.unlink()
    sync(settings, deliveries_only=True)
    assert first["id"] in current(lake, "events")
    assert second["id"] not in current(lake, "events")
    assert list(settings.webhooks.iterdir()) == []
