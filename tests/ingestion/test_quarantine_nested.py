"""Odd objects that are asked for alone, and odd entries of the lists inside of objects."""

import json

import pytest

from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.lake import Lake
from stripe_pipeline.settings import Settings
from tests.fake_stripe.odd_objects import body
from tests.fake_stripe.server import Account, Answer, Request, nested
from tests.fake_stripe.shop import SPRING, add_customer, add_invoice, line, stock
from tests.ingestion.lakes import assert_mirrors, live
from tests.ingestion.spoiling import held, spoiled


def test_an_object_asked_for_by_its_id(synced: Account, settings: Settings, lake: Lake) -> None:
    """The customer whom an event names; the others of the same events are read."""
    for number in (1, 2, 3):
        customer = {**synced.objects["customers"][f"cus_{number:04d}"], "name": "new"}
        synced.objects["customers"][customer["id"]] = customer
        synced.event("customer.updated", customer)
    odd = body(id="cus_0002", object="customer", name=rb'"\ud800"')
    synced.fault = spoiled(synced, cus_0002=odd)
    sync(settings)
    assert held(lake) == {"cus_0002": "a text in it has half a surrogate pair"}
    names = {each: live(lake, "customers")[each]["name"] for each in ("cus_0001", "cus_0003")}
    assert set(names.values()) == {"new"}


def test_a_line_of_a_long_invoice(account: Account, settings: Settings, lake: Lake) -> None:
    """On the second page of the lines: without it the invoice would be worth less."""
    add_customer(account, 1)
    for number in (1, 2):
        add_invoice(account, number, lines=250)
    account.objects["invoices"]["in_0001"]["lines"]["data"][150]["amount"] = "a lot"
    sync(settings)
    assert list(held(lake)) == ["in_0001"]
    assert "an entry of its lines: its amount can't be counted with" in held(lake)["in_0001"]
    assert live(lake, "invoices").keys() == {"in_0002"}
    account.objects["invoices"]["in_0001"]["lines"]["data"][150]["amount"] = 1
    sync(settings)
    assert held(lake) == {}
    assert_mirrors(lake, account)


@pytest.mark.parametrize("odd", [rb'{"id": "il_1_120", "x": "\ud800"}', b"null", b'{"id": "\xff"}'])
def test_lines_that_are_no_json(
    account: Account, settings: Settings, lake: Lake, odd: bytes
) -> None:
    add_customer(account, 1)
    add_invoice(account, 1, lines=250)
    add_invoice(account, 2)
    wanted = json.dumps(line("il_1_120")).encode()

    def fault(request: Request) -> Answer | None:
        if not request.path.endswith("/lines"):
            return None
        answer = account._route(request)
        return Answer(raw=json.dumps(answer.body).encode().replace(wanted, odd))

    account.fault = fault
    sync(settings)
    assert list(held(lake)) == ["in_0001"]
    assert live(lake, "invoices").keys() == {"in_0002"}


def test_subscription_items_and_session_lines(
    account: Account, settings: Settings, lake: Lake
) -> None:
    stock(account, 5)
    account.add(
        "subscriptions", "sub_odd", SPRING, status="active", customer="cus_0001",
        items=nested([{"id": "si_1", "current_period_end": 10**17}]),
    )  # fmt: skip
    account.add("checkout_sessions", "cs_odd", SPRING, line_items=[])
    sync(settings)
    assert list(held(lake)) == ["sub_odd", "cs_odd"]
