"""Hand-computed movements of recurring revenue."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from . import shapes, shapes_catalogue
from .calculation import calculate
from .merchant import RESOURCE_OF
from .objects import Body, Objects, Version
from .question import Question

START = datetime(2026, 1, 1, tzinfo=UTC)
MONTH = 30
Moves = list[tuple[int, str, int | None, int | None]]


def day(number: int) -> int:
    return int((START + timedelta(days=number)).timestamp())


def moves(
    *seen: tuple[int, Iterable[Body]], until: int = 300, rates: Any = (), **options: Any
) -> Moves:
    """Day, movement, amount and converted amount, of what was seen on which days."""
    objects = Objects(**options)
    for number, bodies in seen:
        for body in bodies:
            version = Version(body, False, START + timedelta(days=number))
            objects.add(RESOURCE_OF[body["object"]], version)
    question = Question(START + timedelta(days=until))
    dated = tuple((START.date() + timedelta(days=at), "eur", Decimal(rate)) for at, rate in rates)
    rows = calculate(objects, replace(question, rates=dated)).mrr_movements
    found = [
        (_number(row["day"]), row["movement"], row["amount_minor"], row["reporting_amount_minor"])
        for row in rows
    ]
    return sorted(found, key=lambda one: one[0])


def _number(at: date) -> int:
    return (at - START.date()).days


def subscription(unit: int = 1000, status: str = "active", **fields: Any) -> Body:
    price = shapes_catalogue.price("price_1", unit) | {"unit_amount_decimal": None}
    price["currency"] = fields.get("currency", "usd")
    item = shapes_catalogue.subscription_item("si_1", "sub_1", price)
    return shapes_catalogue.subscription("sub_1", "cus_1", [item], status=status, **fields)


def invoice(number: int, amount: int = 1000, **fields: Any) -> Body:
    line = shapes.line(f"il_{number}", amount)
    line["period"] = {"start": day(number), "end": day(number + MONTH)}
    body = shapes.invoice(
        f"in_{number}", "cus_1", amount, created=day(number), lines=[line], **fields
    )
    details = {"subscription": "sub_1"}
    return body | {"parent": {"type": "subscription_details", "subscription_details": details}}


PRICE = shapes_catalogue.price("price_1")


def test_before_it_is_seen_its_paid_invoices_say_what_it_brings_in() -> None:
    invoices = [invoice(0), invoice(30, 1500), invoice(60, 1200), invoice(120, 1200)]
    assert moves((200, [PRICE, subscription(1200), *invoices])) == [
        (0, "new", 1000, 1000),
        (30, "expansion", 500, 500),
        (60, "contraction", -300, -300),
        (90, "churn", -1200, -1200),
        (120, "reactivation", 1200, 1200),
    ]


def test_an_unpaid_renewal_is_no_churn() -> None:
    late = invoice(30, status="open")
    assert moves((45, [PRICE, subscription(status="past_due"), invoice(0), late])) == [
        (0, "new", 1000, 1000)
    ]
    assert moves((20, [PRICE, subscription(), invoice(0)]), until=30) == [(0, "new", 1000, 1000)]


def test_an_end_counts_on_its_own_day_however_late_it_is_seen() -> None:
    ended = subscription(status="canceled", ended_at=day(50))
    assert moves((10, [PRICE, subscription(), invoice(0)]), (70, [ended])) == [
        (0, "new", 1000, 1000),
        (50, "churn", -1000, -1000),
    ]


def test_a_trial_is_new_when_it_ends_and_a_pause_is_churn() -> None:
    trial = subscription(status="trialing", trial_end=day(14))
    begun = subscription(trial_end=day(14))
    paused = subscription(pause_collection={"behavior": "void", "resumes_at": None})
    assert moves((0, [trial]), (20, [begun]), (40, [paused]), (60, [begun])) == [
        (14, "new", 1000, 1000),
        (40, "churn", -1000, -1000),
        (60, "reactivation", 1000, 1000),
    ]


def test_a_discount_that_runs_out_is_an_expansion_of_its_own_day() -> None:
    coupon = shapes_catalogue.coupon("C", None) | {"percent_off": 25, "duration": "repeating"}
    ending = shapes_catalogue.discount("di_1", "C", "cus_1") | {"start": day(0), "end": day(90)}
    assert moves((1, [coupon, subscription(discounts=[ending])])) == [
        (1, "new", 750, 750),
        (90, "expansion", 250, 250),
    ]


def test_the_rate_moves_by_itself_and_the_amount_at_its_day_s_rate() -> None:
    seen = [(0, [subscription(currency="eur")]), (50, [subscription(2000, currency="eur")])]
    rates = [(10, "1.5"), (50, "2"), (400, "9")]
    assert moves(*seen, rates=rates) == [
        (0, "new", 1000, None),
        (10, "currency", 0, 1500),
        (50, "expansion", 1000, 2000),
        (50, "currency", 0, 500),
    ]


def test_what_is_not_known_is_no_zero() -> None:
    unknown = subscription(discounts=["di_never_seen"])
    assert moves((0, [subscription()]), (10, [unknown]), (20, [subscription()])) == [
        (0, "new", 1000, 1000),
        (10, "unknown", None, None),
        (20, "known", 0, 0),
    ]


def test_invoices_that_may_not_be_read_say_nothing() -> None:
    unreadable = frozenset({"invoices"})
    seen = (45, [PRICE, subscription(), invoice(0)])
    assert moves(seen, unreadable=unreadable) == [(45, "new", 1000, 1000)]
