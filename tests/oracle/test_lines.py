"""Hand-computed lines of orders, and what their totals are made of."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from . import shapes, shapes_catalogue
from .calculation import Marts, calculate
from .compare import Row
from .merchant import objects_of
from .objects import Body
from .question import Question

AS_OF = datetime(2026, 6, 30, 12, tzinfo=UTC)


def marts(*bodies: Body, unreadable: tuple[str, ...] = ()) -> Marts:
    owner = shapes.customer("cus_1")
    return calculate(objects_of(owner, *bodies, unreadable=unreadable), Question(AS_OF))


def lines(*bodies: Body, **options: Any) -> dict[tuple[str, str], Row]:
    return {(row["order_id"], row["line_id"]): row for row in marts(*bodies, **options).order_lines}


def sums(*bodies: Body) -> Row:
    [row] = marts(*bodies).order_line_sums
    return row


def test_a_line_id_of_two_invoices_is_a_line_of_each() -> None:
    invoices = [
        shapes.invoice(key, "cus_1", lines=[shapes.line("il_1", 500, 2)])
        for key in ("in_1", "in_2")
    ]
    assert lines(*invoices).keys() == {("in_1", "il_1"), ("in_2", "il_1")}


def test_every_line_is_there_and_their_quantities_are_the_items_purchased() -> None:
    listed = [shapes.line(f"il_{number}", 100, 2) for number in range(25)]
    listed += [shapes.line("il_less", -40, 1), shapes.line("il_moved", 10, 7, proration=True)]
    made = marts(shapes.invoice("in_1", "cus_1", 2470, lines=listed))
    counted = [
        row["quantity"]
        for row in made.order_lines
        if row["amount_minor"] > 0 and not row["is_proration"]
    ]
    assert len(made.order_lines) == 27
    assert sum(counted) == made.orders[0]["items_purchased"] == 50
    assert made.order_line_sums[0]["difference_reason"] is None


@pytest.mark.parametrize(
    ("decimal", "quantity", "counted", "stated"),
    [("0.5", 0, 1, "0.5"), (None, 3, 3, "3"), (None, None, 1, None)],
)
def test_a_quantity_is_counted_and_stated(
    decimal: str | None, quantity: int | None, counted: int, stated: str | None
) -> None:
    line = shapes.line("il_1", 100, quantity, quantity_decimal=decimal)
    row = lines(shapes.invoice("in_1", "cus_1", lines=[line]))["in_1", "il_1"]
    assert row["quantity"] == counted
    assert row["stated_quantity"] == (None if stated is None else Decimal(stated))


def test_a_product_is_named_or_else_its_id() -> None:
    sold = shapes.invoice("in_1", "cus_1", lines=[shapes.line("il_1", 100)])
    coffee = shapes_catalogue.product("prod_1", "Coffee")
    assert lines(sold, coffee)["in_1", "il_1"]["product"] == "Coffee"
    assert lines(sold)["in_1", "il_1"]["product"] == "prod_1"
    bought = [
        marts(sold, coffee, unreadable=unreadable).customer_profiles[0]["stripe_products_bought"]
        for unreadable in ((), ("products",), ("invoices",))
    ]
    assert bought == [["Coffee"], ["prod_1"], None]


def test_products_are_bought_once_they_are_paid() -> None:
    made = marts(
        shapes.invoice("in_1", "cus_1", status="open"),
        shapes_catalogue.product("prod_1", "Coffee"),
    )
    assert made.customer_profiles[0]["stripe_products_bought"] == []


def test_a_payment_sold_what_its_checkout_lists_or_is_its_own_line() -> None:
    listed = shapes.charge("ch_1", "cus_1", 2000, payment_intent="pi_1")
    session = shapes_catalogue.checkout_session("cs_1", "cus_1", "pi_1", quantities=[2, 3])
    alone = shapes.charge("ch_2", "cus_1", 700)
    found = lines(listed, session, alone)
    assert [row["quantity"] for row in found.values()] == [2, 3, 1]
    assert found["ch_2", "ch_2"]["amount_minor"] == 700
    # What it sold isn't known where sessions may not be read.
    [profile] = marts(listed, alone, unreadable=("checkout_sessions",)).customer_profiles
    assert profile["stripe_products_bought"] is None


def test_discounts_tax_shipping_and_credit_make_the_total_of_the_lines() -> None:
    row = sums(
        shapes.invoice(
            "in_1", "cus_1", 1500,
            lines=[shapes.line("il_1", 1000)],
            total_discount_amounts=[{"amount": 100}],
            total_taxes=[
                {"amount": 171, "tax_behavior": "exclusive"},
                {"amount": 50, "tax_behavior": "inclusive"},
            ],
            shipping_cost={"amount_total": 500, "amount_tax": 0},
            total_pretax_credit_amounts=[
                {"amount": 100, "type": "discount"},
                {"amount": 71, "type": "credit_balance_transaction"},
            ],
        )
    )  # fmt: skip
    parts = ("lines_amount", "discount", "tax_on_top", "shipping", "credit", "difference")
    assert [row[f"{name}_minor"] for name in parts] == [1000, 100, 171, 500, 71, 0]
    assert row["difference_reason"] is None


@pytest.mark.parametrize(("currency", "shipping"), [("usd", 500), ("sek", 0)])
def test_shipping_in_another_currency_is_none_of_the_payments_total(
    currency: str, shipping: int
) -> None:
    session = shapes_catalogue.checkout_session(
        "cs_1", "cus_1", "pi_1", shipping_cost={"amount_total": 500}
    )
    session["line_items"]["data"][0]["currency"] = currency
    row = sums(shapes.charge("ch_1", "cus_1", 1500, payment_intent="pi_1"), session)
    assert row["shipping_minor"] == shipping
    assert row["difference_reason"] == (None if currency == "usd" else "unknown")


@pytest.mark.parametrize(
    ("total", "fields", "reason"),
    [
        (800, {"discounts": ["di_1"], "total_discount_amounts": None}, "discount"),
        (1190, {"total_excluding_tax": 1000}, "tax"),
        (999, {}, "rounding"),
        (998, {}, "unnamed"),
        (1000, {"lines": []}, "no_lines"),
        (1000, {"lines": [shapes.line("il_1", 0) | {"amount": None}]}, "unknown"),
    ],
)
def test_a_difference_has_a_reason(total: int, fields: Body, reason: str) -> None:
    line = shapes.line("il_1", 1000, discount_amounts=None)
    invoice = shapes.invoice("in_1", "cus_1", total, **{"lines": [line], **fields})
    assert sums(invoice)["difference_reason"] == reason
