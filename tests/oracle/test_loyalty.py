"""Hand-computed points."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from . import shapes
from .calculation import calculate
from .loyalty import balances_of
from .merchant import deleted, objects_of
from .objects import Body
from .question import Question

AS_OF = datetime(2026, 8, 31, 12, tzinfo=UTC)
LATER = int(AS_OF.timestamp()) + 1


def ledger(*bodies: Body, **options: Any) -> dict[tuple[str, str, str], int]:
    entries = calculate(objects_of(*bodies), Question(AS_OF, **options)).loyalty_ledger
    return {(e.rule, e.movement, e.source_id): e.points for e in entries}


def points(*bodies: Body, **options: Any) -> dict[str, int]:
    made = ledger(*bodies, **options)
    return {source: sum_ for (rule, _, source), sum_ in made.items() if rule == "order_paid"}


def test_a_customer_is_welcomed_even_if_deleted_later() -> None:
    owner = shapes.customer("cus_1")
    clock = shapes.customer("cus_2", test_clock="clock_1")
    late = shapes.customer("cus_3", LATER)
    assert ledger(owner, deleted(owner), clock, late) == {("customer_created", "earn", "cus_1"): 50}


def test_points_are_on_what_was_collected_without_tax_rounded_down() -> None:
    taxed = shapes.invoice("in_1", "cus_1", 1190, total_excluding_tax=1000)
    part = shapes.invoice("in_2", "cus_1", 1190, amount_paid=595, total_excluding_tax=1000)
    unknown = shapes.invoice("in_3", "cus_1", 1199, total_excluding_tax=None)
    assert points(taxed, part, unknown) == {"in_1": 10, "in_2": 5, "in_3": 11}


def test_points_convert_at_the_orders_day() -> None:
    charge = shapes.charge("ch_1", "cus_1", 1000, currency="jpy")
    rates = ((date(2026, 1, 1), "jpy", Decimal("0.0079")),)
    assert points(charge, rates=rates) == {"ch_1": 7}
    assert points(charge) == {}


def test_guests_unpaid_and_later_paid_orders_earn_nothing() -> None:
    assert not ledger(
        shapes.charge("ch_1", None),
        shapes.invoice("in_1", "cus_1", status="open"),
        shapes.invoice("in_2", "cus_1", paid_at=LATER),
    )


def test_the_first_paid_order_earns_once_by_time_and_id() -> None:
    made = ledger(
        shapes.invoice("in_a", "cus_1", created=1, paid_at=shapes.CREATED + 9),
        shapes.invoice("in_c", "cus_1"),
        shapes.invoice("in_b", "cus_1", 0, subtotal=500),
    )
    first = [source for rule, _, source in made if rule == "first_order_paid"]
    assert first == ["in_b"]


def test_partial_reversals_never_sum_past_the_original() -> None:
    day = 86_400
    made = points(
        shapes.charge("ch_1", "cus_1", 1099),  # 10 points
        shapes.refund("re_b", "ch_1", 300, created=shapes.CREATED + day),
        shapes.refund("re_a", "ch_1", 300, created=shapes.CREATED + 2 * day),
        shapes.refund("re_0", "ch_1", 300, status="failed"),
        shapes.dispute("dp_1", "ch_1", 1099, created=shapes.CREATED + 3 * day),
    )
    # 10 * 300/1099 = 2.7; 10 * 600/1099 = 5.4; the rest with the dispute.
    assert made == {"ch_1": 10, "re_b": -2, "re_a": -3, "dp_1": -5}


def test_a_full_refund_takes_the_first_order_bonus_too() -> None:
    bodies = [
        shapes.charge("ch_1", "cus_1", 1000),
        shapes.refund("re_1", "ch_1", 1000),
        shapes.charge("ch_2", "cus_1", 500, created=shapes.CREATED + 1),
    ]
    marts = calculate(objects_of(*bodies), Question(AS_OF))
    assert balances_of(marts.loyalty_ledger) == {"cus_1": 5}


def test_an_order_with_nothing_collected_reverses_nothing() -> None:
    made = ledger(
        shapes.invoice("in_1", "cus_1", 0, subtotal=500),
        shapes.credit_note("cn_1", "in_1", "cus_1", 100),
    )
    assert made == {("first_order_paid", "earn", "in_1"): 100}


def test_a_refund_that_fails_later_gives_the_points_again() -> None:
    charge = shapes.charge("ch_1", "cus_1", 1000)
    refund = shapes.refund("re_1", "ch_1", 300, status="pending")
    again = shapes.refund("re_2", "ch_1", 350, created=shapes.CREATED + 60)
    objects = objects_of(charge, refund, again, {**refund, "status": "failed"})
    entries = calculate(objects, Question(AS_OF)).loyalty_ledger
    moved = [(e.source_id, e.reverses, e.points) for e in entries if e.rule == "order_paid"]
    assert moved == [
        ("ch_1", None, 10),
        ("re_1", "ch_1", -3),
        ("re_1", "re_1 of ch_1", 3),
        ("re_2", "ch_1", -3),
    ]


def test_voiding_what_was_paid_takes_its_points_back() -> None:
    voided = shapes.invoice("in_1", "cus_1", status="void", paid_at=shapes.CREATED)
    made = ledger({**voided, "amount_paid": 1000})
    assert made == {
        ("order_paid", "earn", "in_1"): 10,
        ("first_order_paid", "earn", "in_1"): 100,
        ("order_paid", "reverse", "in_1"): -10,
        ("first_order_paid", "reverse", "in_1"): -100,
    }
