"""Who failed to pay, owes, or stayed after a trial: the files' queries beside the calculation's."""

import json
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from stripe_pipeline.segments.files import FOLDER

from ..oracle.paying import paying_segments
from ..oracle.question import Question
from .tables import Tables

Row = dict[str, Any]
NAMES = ("payment_failed", "trial_converted", "unpaid_invoice")
# New York's clock goes forward within both windows of the second.
CASES = [("2026-08-31 12:00", "UTC"), ("2026-03-10 02:30", "America/New_York")]
EDGES = [timedelta(seconds=each) for each in (-3601, -3600, -1, 0, 0, 1, 3600)]


class Shop:
    """Customers whose payments, trials and invoices lie about the ends of the windows."""

    def __init__(self, seed: str, question: Question) -> None:
        self.draw, self.question = random.Random(seed), question
        keys = [f"cus_{number}" for number in range(800)]
        self.profiles = [{"stripe_customer_id": key, "stripe_unpaid_invoice_amount":
                          self.draw.choice([None, Decimal("19.480")])} for key in keys]  # fmt: skip
        self.payments = [row for key in keys for row in self._payments(key)]
        self.subscriptions = [
            self._subscription(key, place) for key in keys for place in range(self._few())
        ]
        self.orders = [row for each in self.subscriptions for row in self._orders(each)]

    def _few(self) -> int:
        return self.draw.choice([0, 1, 1, 2])

    def _about(self, *days: int) -> datetime:
        moment = self.question.days_before(self.draw.choice(days)) + self.draw.choice(EDGES)
        return moment.replace(tzinfo=None)

    def _payments(self, key: str) -> list[Row]:
        statuses = ["failed", "failed", "paid", "authorized", "released", "pending"]
        now = self.question.as_of.replace(tzinfo=None)
        return [
            {"stripe_customer_id": key, "payment_status": self.draw.choice(statuses),
             "attempted_at": min(self._about(7, 7, 3, 0), now)}
            for _ in range(self._few())
        ]  # fmt: skip

    def _subscription(self, key: str, place: int) -> Row:
        return {
            "subscription_id": f"sub_{key}_{place}",
            "stripe_customer_id": key,
            "counted_status": self.draw.choice(["active", "active", "past_due", None]),
            "trial_ends_at": self.draw.choice([None, *(self._about(30, 10, 0) for _ in range(5))]),
        }

    def _orders(self, subscription: Row) -> list[Row]:
        ended = subscription["trial_ends_at"] or self._about(10)
        return [
            {"subscription_id": subscription["subscription_id"],
             "stripe_customer_id": subscription["stripe_customer_id"],
             "order_status": self.draw.choice(["paid", "paid", "open"]),
             "order_total": self.draw.choice([None, Decimal(0), Decimal("0.010"), Decimal(9)]),
             "paid_at": self.draw.choice([None, *(ended + edge for edge in EDGES)])}
            for _ in range(self._few())
        ]  # fmt: skip


@pytest.mark.parametrize(("local", "zone"), CASES)
def test_the_queries_and_the_calculation_agree_at_the_ends_of_the_windows(
    local: str, zone: str
) -> None:
    as_of = datetime.fromisoformat(local)
    question = Question(as_of.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC), zone=zone)
    shop, tables = Shop(local, question), Tables(as_of, zone)
    tables.fill("customer_profiles", shop.profiles)
    for mart in ("payments", "subscriptions", "orders"):
        tables.fill(mart, getattr(shop, mart))
    expected = paying_segments(
        question, shop.profiles, shop.orders, shop.payments, shop.subscriptions
    )
    found = {
        (name, key): json.loads(why, parse_float=Decimal)
        for name, members in tables.members(FOLDER, *NAMES).items()
        for key, why in members.items()
    }
    assert found == expected
    assert min(Counter(name for name, _ in expected)[name] for name in NAMES) > 20
