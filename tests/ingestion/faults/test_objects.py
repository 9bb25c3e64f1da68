"""Objects that change, go or look strange while they are read."""

import msgspec
import pytest

from stripe_pipeline.demo.store import Accident, Faults
from stripe_pipeline.demo.store.notices import Body
from stripe_pipeline.lake.quarantine import in_quarantine
from tests.ingestion.faults.mirror import Mirror
from tests.variants import variants

LINES = 250


def _invoice(mirror: Mirror, status: str, lines: int = 1) -> Body:
    """A new invoice of the merchant's."""
    model = mirror.store.read("invoices", mirror.ids("invoices")[0]) or {}
    [line, *_] = model["lines"]["data"]
    entries = [line | {"id": f"il_long_{number}"} for number in range(lines)]
    fields = {"id": "in_new", "status": status, "created": mirror.store.now - 30}
    invoice = model | fields | {"lines": model["lines"] | {"data": entries}}
    mirror.store.put(invoice)
    return invoice


@pytest.mark.parametrize("full", [True, False], ids=["of everything", "of what changed"])
def test_objects_that_change_while_a_list_is_paged(mirror: Mirror, full: bool) -> None:
    """Those on pages that were read already and those on pages to come, at every request."""
    if not full:
        mirror.sync()
        mirror.later(60)
        for invoice in mirror.ids("invoices")[::3]:
            mirror.change("invoices", invoice, description="before")

    def change(asked: str) -> None:
        number = len(mirror.requests)
        for resource in ("customers", "invoices", "prices", "charges"):
            found = mirror.ids(resource)
            mirror.change(resource, found[number % len(found)], metadata={"read": str(number)})
            mirror.change(resource, found[-1], metadata={"read": str(number)})

    mirror.sync(watcher=change, full=full)
    mirror.later(5)
    mirror.mends()


def test_lines_of_a_draft_that_vanish_while_they_are_paged(synced: Mirror) -> None:
    invoice = _invoice(synced, "draft", LINES)

    def shorten(asked: str) -> None:
        if "/lines" in asked and "starting_after" in asked and len(shortened) < 2:
            shortened.append(asked)
            lines = invoice["lines"]["data"][: 90 - len(shortened)]
            synced.store.put(invoice | {"lines": invoice["lines"] | {"data": lines}})

    shortened: list[str] = []
    synced.sync(watcher=shorten)
    assert shortened
    synced.later(5)
    synced.mends()


def test_a_draft_that_goes_while_its_lines_are_paged(synced: Mirror) -> None:
    _invoice(synced, "draft", LINES)

    def remove(asked: str) -> None:
        if "/lines" in asked and "starting_after" in asked and "in_new" in synced.ids("invoices"):
            synced.store.delete("invoices", "in_new")

    synced.sync(watcher=remove)
    assert "in_new" not in synced.ids("invoices")
    synced.later(5)
    synced.mends()


@variants("days", [8, 0], ids=["during the weekly look", "by events"])
def test_invoices_that_move_between_statuses(synced: Mirror, days: int) -> None:
    """From one list by status to the other, while those lists are read."""
    _invoice(synced, "draft")
    synced.sync()
    moves = iter(["open", "uncollectible", "paid"])

    def move(asked: str) -> None:
        if asked.startswith(("/v1/invoices", "/v1/events")) and (status := next(moves, None)):
            synced.change("invoices", "in_new", status=status)

    synced.later(days * 86_400 + 60)
    synced.change("invoices", synced.ids("invoices")[3], description="so that one is read again")
    synced.sync(watcher=move)
    for status in moves:
        synced.change("invoices", "in_new", status=status)
    synced.later(5)
    synced.mends()
    assert (synced.store.read("invoices", "in_new") or {})["status"] == "paid"


@pytest.mark.parametrize("full", [True, False], ids=["of everything", "of what changed"])
def test_a_customer_who_is_deleted_meanwhile(synced: Mirror, full: bool) -> None:
    gone = synced.ids("customers")
    for customer in gone:
        synced.change("customers", customer, description="changed")

    def delete(asked: str) -> None:
        number = len(synced.requests)
        if number % 4 == 0 and number // 4 < len(gone) // 2:
            synced.store.delete("customers", gone[number // 4])

    synced.sync(watcher=delete, full=full)
    synced.later(5)
    synced.mends()
    shown = {row["id"]: row for part in synced.lake.read("customers") for row in part.to_pylist()}
    assert shown[gone[1]]["is_deleted"]
    assert msgspec.json.decode(shown[gone[1]]["body"]) == {
        "id": gone[1],
        "object": "customer",
        "deleted": True,
    }


def test_unknown_values_and_new_fields_are_kept(synced: Mirror) -> None:
    for resource in ("invoices", "subscriptions", "charges", "customers", "events"):
        if resource == "events":
            continue
        synced.change(
            resource,
            synced.ids(resource)[0],
            status="thawing",
            quantum={"entangled": [None, 1.5, "é\u2028", {"deep": True}]},
        )
    synced.sync()
    synced.is_true()


def test_an_object_of_the_wrong_type_is_quarantined_by_name(mirror: Mirror) -> None:
    faults = Faults(accidents=(Accident("stranger", "/v1/invoices", times=None),))
    mirror.sync(faults)
    held = in_quarantine(mirror.lake)
    assert mirror.ids("invoices")[-1] in {each.object_id for each in held}
    assert {each.reason for each in held} == {"it is a 'line_item' among Invoices"}
    mirror.later(5)
    mirror.mends()
    assert in_quarantine(mirror.lake) == []
