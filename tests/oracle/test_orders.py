"""Hand-computed orders and adjustments."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from . import shapes, shapes_catalogue
from .calculation import calculate
from .compare import Row
from .merchant import deleted, objects_of
from .objects import Body
from .question import Question, naive

AS_OF = datetime(2026, 6, 30, 12, tzinfo=UTC)
LATER = int(AS_OF.timestamp()) + 1


def orders(*bodies: Body, **options: Any) -> dict[str, Row]:
    rows = calculate(objects_of(*bodies), Question(AS_OF, **options)).orders
    return {row["order_id"]: row for row in rows}


def adjustments(*bodies: Body) -> dict[tuple[str, str], int]:
    rows = calculate(objects_of(*bodies), Question(AS_OF)).order_adjustments
    return {(row["adjustment_id"], row["order_id"]): row["amount_minor"] for row in rows}


def items(*lines: Body, **fields: Any) -> int:
    invoice = shapes.invoice("in_1", "cus_1", lines=list(lines), **fields)
    meter = shapes_catalogue.metered("price_m")
    bought: int = orders(invoice, meter)["in_1"]["items_purchased"]
    return bought


def test_what_is_billed_or_collected_makes_an_invoice_an_order() -> None:
    made = orders(
        shapes.invoice("in_shipping", "cus_1", 795, subtotal=0),
        shapes.invoice("in_balance", "cus_1", 0, amount_due=500, amount_paid=500),
        shapes.invoice("in_paid", "cus_1"),
        shapes.invoice("in_trial", "cus_1", 0),
        shapes.invoice("in_credit", "cus_1", -500),
        shapes.invoice("in_free", "cus_1", 0, subtotal=900),
        shapes.invoice("in_draft", None, status="draft"),
        shapes.invoice("in_later", "cus_1", created=LATER),
    )
    assert made.keys() == {"in_paid", "in_free", "in_draft", "in_shipping", "in_balance"}
    assert [made[key]["collected_minor"] for key in ("in_shipping", "in_balance")] == [795, 500]
    assert made["in_free"]["order_total"] == 0
    assert made["in_draft"]["stripe_customer_id"] is None


def test_a_deleted_draft_is_no_order() -> None:
    draft = shapes.invoice("in_1", "cus_1", status="draft")
    assert not orders(draft, deleted(draft))


@pytest.mark.parametrize(
    ("status", "counted"),
    [("draft", 0), ("open", 1), ("void", 0), ("paid", 1), ("uncollectible", 1), ("new", 0)],
)
def test_counted_orders_are_placed_and_not_taken_back(status: str, counted: int) -> None:
    row = orders(shapes.invoice("in_1", "cus_1", status=status))["in_1"]
    assert (row["order_status"], row["is_counted"]) == (status, bool(counted))


def test_an_order_paid_after_as_of_keeps_status_and_collected() -> None:
    row = orders(shapes.invoice("in_1", "cus_1", 700, paid_at=LATER))["in_1"]
    assert (row["order_status"], row["collected_minor"], row["paid_at"]) == ("paid", 700, None)


def test_items_are_quantities_of_lines_that_cost_something() -> None:
    assert items(shapes.line("a", 300, 3), shapes.line("b", 0, 5), shapes.line("c", -10, 2)) == 3
    assert items(shapes.line("a", 300, 3, proration=True), shapes.line("b", 1, 2)) == 2
    assert items(shapes.line("a", 300, None), shapes.line("b", 9, 70, price="price_m")) == 2
    assert items(*(shapes.line(str(n), 1, 2) for n in range(25))) == 50


def test_nothing_is_bought_before_it_is_paid() -> None:
    assert items(shapes.line("a", 300, 3), status="open") == 0


def test_a_captured_charge_without_an_invoice_is_an_order() -> None:
    made = orders(
        shapes.charge("ch_1", None, 500, amount_captured=400),
        shapes.charge("ch_2", "cus_1", captured=False),
        shapes.charge("ch_3", "cus_1", status="failed"),
        shapes.charge("ch_4", "cus_1", payment_intent="pi_4"),
        shapes.invoice_payment("inpay_4", "in_gone", "pi_4", None, status="canceled"),
        shapes.charge("ch_5", "cus_1"),
        shapes.invoice_payment("inpay_5", "in_5", None, 5, payment={"charge": "ch_5"}),
    )
    assert made.keys() == {"ch_1"}
    row = made["ch_1"]
    assert (row["order_source"], row["order_status"]) == ("payment", "paid")
    assert row["order_total"] == row["collected"] == row["net"] == Decimal("4.00")
    assert row["paid_at"] == row["ordered_at"] == naive(shapes.CREATED)


def test_payments_can_be_left_out() -> None:
    assert not orders(shapes.charge("ch_1", "cus_1"), order_sources=("invoice",))


def test_a_payment_order_takes_its_checkouts_quantities() -> None:
    made = orders(
        shapes.charge("ch_1", None, payment_intent="pi_1"),
        shapes_catalogue.checkout_session("cs_1", None, "pi_1", quantities=[2, 3]),
        shapes.charge("ch_2", None, payment_intent="pi_2"),
    )
    assert [row["items_purchased"] for row in made.values()] == [5, 1]


def test_test_clock_customers_have_no_orders() -> None:
    owner = shapes.customer("cus_1", test_clock="clock_1")
    assert not orders(owner, shapes.invoice("in_1", "cus_1"), shapes.charge("ch_1", "cus_1"))


def test_orders_of_deleted_customers_stay() -> None:
    owner = shapes.customer("cus_1")
    row = orders(owner, deleted(owner), shapes.invoice("in_1", "cus_1"))["in_1"]
    assert row["stripe_customer_id"] == "cus_1"


def test_net_is_collected_minus_what_was_taken_back_and_never_clamped() -> None:
    row = orders(
        shapes.invoice("in_1", "cus_1", 1000),
        shapes.invoice_payment("inpay_1", "in_1", "pi_1", 1000),
        shapes.charge("ch_1", "cus_1", payment_intent="pi_1"),
        shapes.refund("re_1", "ch_1", 300, status="pending"),
        shapes.refund("re_2", "ch_1", 50, status="failed"),
        shapes.refund("re_3", "ch_1", 60, status="canceled"),
        shapes.dispute("dp_1", "ch_1", 1000),
        shapes.dispute("dp_2", "ch_1", 1000, status="won"),
        shapes.credit_note("cn_1", "in_1", "cus_1", 20),
        shapes.credit_note("cn_2", "in_1", "cus_1", 30, status="void"),
        shapes.refund("re_4", "ch_1", 9, created=LATER),
    )["in_1"]
    amounts = [row[f"{name}_minor"] for name in ("collected", "refunded", "disputed", "net")]
    assert amounts == [1000, 320, 1000, -320]


def _captured_in_part(captured: int, refunded: int, is_full: bool, *refunds: int) -> list[str]:
    """What counts as refunded of a charge of 1000, of which Stripe itself says the sum."""
    made = adjustments(
        shapes.charge(
            "ch_1", None, amount_captured=captured, amount_refunded=refunded, refunded=is_full
        ),
        *(shapes.refund(f"re_{place}", "ch_1", amount) for place, amount in enumerate(refunds)),
    )
    return [key for key, _ in made]


def test_what_a_partial_capture_released_is_no_refund() -> None:
    assert _captured_in_part(600, 400, False, 400) == []
    assert _captured_in_part(600, 800, False, 400, 400) == ["re_1"]
    assert _captured_in_part(500, 1000, True, 500, 500) == ["re_1"]
    # Since 2025-03 there is no such refund, and the sum is of what was captured.
    assert _captured_in_part(500, 500, True, 500) == ["re_0"]
    assert _captured_in_part(600, 100, False, 100) == ["re_0"]
    assert _captured_in_part(600, 0, False, 400) == ["re_0"]
    assert _captured_in_part(1000, 1000, True, 1000) == ["re_0"]


def _shared(amount: int, *paid: int | None) -> dict[tuple[str, str], int]:
    payments = [
        shapes.invoice_payment(f"inpay_{n}", f"in_{n}", "pi_1", part, created=shapes.CREATED - n)
        for n, part in enumerate(paid)
    ]
    invoices = [shapes.invoice(f"in_{n}", "cus_1") for n in range(len(paid))]
    charge = shapes.charge("ch_1", "cus_1", payment_intent="pi_1")
    return adjustments(*payments, *invoices, charge, shapes.refund("re_1", "ch_1", amount))


def test_a_refund_of_one_payment_for_several_invoices_is_shared() -> None:
    # The links are in reverse order of creation, so in_0 is the last and takes the remainder.
    assert _shared(100, 1, 1, 1) == {
        ("re_1", "in_2"): 33,
        ("re_1", "in_1"): 33,
        ("re_1", "in_0"): 34,
    }
    assert _shared(100, 0, None) == {("re_1", "in_0"): 100}
    assert _shared(7, 0, 10) == {("re_1", "in_1"): 7}


def test_the_share_of_what_is_no_order_falls_away() -> None:
    made = adjustments(
        shapes.charge("ch_1", "cus_1", payment_intent="pi_1"),
        shapes.invoice("in_1", "cus_1"),
        shapes.invoice("in_2", "cus_1", 0),
        shapes.invoice_payment("inpay_1", "in_1", "pi_1", 500),
        shapes.invoice_payment("inpay_2", "in_2", "pi_1", 500),
        shapes.dispute("dp_1", "ch_1", 900),
    )
    assert made == {("dp_1", "in_1"): 450}


def test_unreadable_sources_make_fields_null_but_never_net() -> None:
    objects = objects_of(shapes.invoice("in_1", "cus_1", 700), unreadable=("refunds", "disputes"))
    (row,) = calculate(objects, Question(AS_OF)).orders
    assert (row["refunded"], row["disputed"], row["net_minor"]) == (None, None, 700)


@pytest.mark.parametrize(
    ("of_invoice", "of_payment", "expected"),
    [
        (5, 7, 5),
        (None, 7, 7),
        (None, None, 3),
        (None, LATER, None),
    ],
)
def test_a_paid_invoice_was_paid_when_it_or_its_newest_payment_says(
    of_invoice: int | None, of_payment: int | None, expected: int | None
) -> None:
    invoice = shapes.invoice("in_1", "cus_1", created=3, paid_at=of_invoice)
    links = [
        shapes.invoice_payment(f"inpay_{at}", "in_1", "pi_1", 1, status_transitions={"paid_at": at})
        for at in (of_payment, 4 if of_payment else None)
    ]
    canceled = shapes.invoice_payment("inpay_c", "in_1", "pi_2", 0, status="canceled")
    assert orders(invoice, *links[:1], canceled)["in_1"]["paid_at"] == naive(expected)
    assert orders(invoice, *reversed(links))["in_1"]["paid_at"] == naive(expected)


@pytest.mark.parametrize(
    ("decimal", "quantity", "bought"),
    [("0.5", 0, 1), ("2.000000000001", 2, 3), ("3", 3, 3), (None, 4, 4), (None, None, 1)],
)
def test_a_fraction_of_a_thing_is_one_bought(
    decimal: str | None, quantity: int | None, bought: int
) -> None:
    assert items(shapes.line("il_1", 100, quantity, quantity_decimal=decimal)) == bought


RATES = ((AS_OF.date().replace(month=1, day=1), "jpy", Decimal("0.0067")),)


def test_what_went_back_in_another_currency_is_converted_into_the_order_s() -> None:
    charge = shapes.charge("ch_1", "cus_1", 10_000)
    dispute = shapes.dispute("dp_1", "ch_1", 15_000, currency="jpy")
    row = orders(charge, dispute, rates=RATES)["ch_1"]
    # 15,000 yen at 0.0067 are 100.50.
    assert (row["disputed_minor"], row["net_minor"]) == (10_050, -50)
    assert adjustments(charge, dispute) == {("dp_1", "ch_1"): 15_000}


def test_without_a_rate_two_currencies_are_not_subtracted() -> None:
    charge = shapes.charge("ch_1", "cus_1", 10_000, currency="eur")
    dispute = shapes.dispute("dp_1", "ch_1", 15_000, currency="jpy")
    found = calculate(objects_of(shapes.customer("cus_1"), charge, dispute), Question(AS_OF))
    assert [(row["disputed"], row["net"], row["refunded"]) for row in found.orders] == [
        (None, None, 0)
    ]
    [profile] = found.customer_profiles
    assert profile["stripe_total_sales"] is None
    assert profile["stripe_sales_by_currency"] is None
    day = datetime.fromtimestamp(shapes.CREATED, UTC).date()
    missing = {(row["currency"], row["day"]) for row in found.missing_exchange_rates}
    assert missing == {("eur", day), ("jpy", day)}


def test_a_charge_of_no_order_and_an_order_of_other_money_are_named() -> None:
    charges = [shapes.charge(f"ch_{key}", "cus_1", payment_intent=f"pi_{key}") for key in "abc"]
    objects = objects_of(
        *charges,
        shapes.invoice("in_a", "cus_1"),
        shapes.invoice("in_b", "cus_1", amount_paid=900),
        shapes.invoice("in_elsewhere", "cus_1"),
        *(shapes.invoice_payment(f"inpay_{key}", f"in_{key}", f"pi_{key}", 1000) for key in "ab"),
        shapes.invoice_payment("inpay_c", "in_unread", "pi_c", 1000),
    )
    rows = calculate(objects, Question(AS_OF)).unmatched_money
    found = {row["object_id"]: (row["paid_minor"], row["collected_minor"]) for row in rows}
    assert found == {"ch_c": (1000, 0), "in_b": (1000, 900)}
