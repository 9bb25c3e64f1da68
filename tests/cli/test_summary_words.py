"""The summary never calls a part the whole, and has a sentence for accounts without anything."""

from decimal import Decimal
from typing import Any

import pytest

from stripe_pipeline.terminal.summary import Summary
from stripe_pipeline.terminal.summary_words import sentences

KNOWN = {
    "subscriptions": 3, "mrr": Decimal("40.000"), "unknown": 0, "known": 3,
    "known_subscriptions": 3, "unrated": 0,
}  # fmt: skip
NO_HOLDS: dict[str, Any] = {"customers": 0, "segments": [], "messages": 0}


def said(monthly: dict[str, Any], holds: dict[str, Any] | None = None, **counts: int) -> list[str]:
    summary = Summary(
        customers=counts.get("customers", 4), people={"people": 4, "joined": 0, "guests": 0},
        orders=counts.get("orders", 2), monthly=KNOWN | monthly, holds=holds or NO_HOLDS, sales=[],
        segments=[], points=[], campaigns=[], examples={}, export_folders=[], example_customer=None,
    )  # fmt: skip
    return list(sentences(summary, "usd"))


@pytest.mark.parametrize(
    ("monthly", "sentence"),
    [
        ({}, "40.00 usd a month from 3 running subscriptions"),
        (
            {"subscriptions": 0, "known": 0, "known_subscriptions": 0, "mrr": Decimal(0)},
            "0.00 usd a month from 0 running subscriptions",
        ),
        (
            {"unknown": 1, "known": 2, "known_subscriptions": 2},
            "The monthly total of 3 running subscriptions isn't known: the amount of 1 customer is "
            "unknown; partial: 40.00 usd a month from 2 subscriptions of 2 other customers",
        ),
        (
            {"unknown": 2, "unrated": 1, "known": 1, "known_subscriptions": 1},
            "The monthly total of 3 running subscriptions isn't known: the amount of 2 customers "
            "is unknown, of 1 for want of an exchange rate; partial: 40.00 usd a month from "
            "1 subscription of 1 other customer",
        ),
        (
            {"unknown": 3, "known": 0, "known_subscriptions": 0, "mrr": Decimal(0)},
            "The monthly total of 3 running subscriptions isn't known: the amount of 3 customers "
            "is unknown",
        ),
        (
            {"subscriptions": 0, "unknown": 4, "known": 0, "mrr": Decimal(0)},
            "What subscriptions bring a month isn't known: the key may not read them",
        ),
    ],
)
def test_a_total_with_an_unknown_part_is_unknown(monthly: dict[str, Any], sentence: str) -> None:
    assert said(monthly)[2] == sentence


def test_an_account_with_nothing_in_it() -> None:
    lines = said({}, customers=0, orders=0)
    assert lines[0] == "0 customers, 0 orders"
    assert lines[1].startswith("Stripe has no customers and no orders yet")
    assert said({}, customers=1, orders=1)[0] == "1 customer, 1 order"


def test_what_waits_for_rates() -> None:
    vip = {"segment": "vip", "members": 2, "others": 1}
    assert said({}, {"customers": 3, "segments": [vip], "messages": 1})[3] == (
        "For want of exchange rates totals of 3 customers are unknown; vip leaves 2 in and 1 out; "
        "1 message held (missing_rate)"
    )
    assert "no segment needs them; 0 messages held" in said({}, NO_HOLDS | {"customers": 1})[3]
