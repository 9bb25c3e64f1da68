"""Odd objects in events and in deliveries of webhooks."""

import json

from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.ingestion.webhooks.spool import SpoolWriter, is_waiting
from stripe_pipeline.lake import Lake
from stripe_pipeline.settings import Settings
from tests.fake_stripe.server import Account
from tests.ingestion.lakes import live
from tests.ingestion.spoiling import held, spoiled


def test_an_event_that_cannot_be_decoded_still_says_what_changed(
    synced: Account, settings: Settings, lake: Lake
) -> None:
    customer = {**synced.objects["customers"]["cus_0002"], "name": "new"}
    synced.objects["customers"]["cus_0002"] = customer
    event = synced.event("customer.updated", {"odd": 17_000_000_000, **customer})
    odd = json.dumps(event).encode().replace(b"17000000000", rb'"\ud800"')
    synced.fault = spoiled(synced, **{event["id"]: odd})
    sync(settings)
    assert list(held(lake)) == [event["id"]]
    assert live(lake, "customers")["cus_0002"]["name"] == "new"


def test_an_event_with_numbers_that_do_not_fit(
    synced: Account, settings: Settings, lake: Lake
) -> None:
    """Its copy of the object is used nowhere, so that it does no harm."""
    customer = {**synced.objects["customers"]["cus_0002"], "name": "new"}
    synced.objects["customers"]["cus_0002"] = customer
    event = synced.event("customer.updated", {"odd": 17_000_000_000, **customer})
    odd = json.dumps(event).encode().replace(b"17000000000", b"1e999")
    synced.fault = spoiled(synced, **{event["id"]: odd})
    sync(settings)
    assert held(lake) == {}
    assert live(lake, "customers")["cus_0002"]["name"] == "new"


def test_a_delivery_that_cannot_be_decoded(synced: Account, settings: Settings, lake: Lake) -> None:
    """An older receiver may have taken it; the next sync keeps it, and reads what it is about."""
    customer = {**synced.objects["customers"]["cus_0002"], "name": "new"}
    synced.objects["customers"]["cus_0002"] = customer
    event = {**synced.event("customer.updated", customer), "created": 10**15}
    synced.objects["events"].clear()
    writer = SpoolWriter(settings.webhooks)
    writer.write([json.dumps(event).encode()])
    writer.close()
    sync(settings, deliveries_only=True)
    assert list(held(lake)) == [event["id"]]
    assert live(lake, "customers")["cus_0002"]["name"] == "new"
    assert not is_waiting(settings.webhooks)
