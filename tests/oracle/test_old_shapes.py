"""Hand-made objects as older API versions rendered them."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from . import shapes, shapes_catalogue
from .calculation import Marts, calculate
from .compare import Row
from .merchant import objects_of
from .objects import Body
from .question import Question, naive

AS_OF = datetime(2026, 8, 31, 12, tzinfo=UTC)
QUESTION = Question(AS_OF)


def marts(*bodies: Body, unreadable: Iterable[str] = ()) -> Marts:
    return calculate(objects_of(shapes.customer("cus_1"), *bodies, unreadable=unreadable), QUESTION)


def orders(*bodies: Body, **options: Any) -> dict[str, Row]:
    return {row["order_id"]: row for row in marts(*bodies, **options).orders}


@pytest.mark.parametrize(
    ("of_invoice", "of_charge"),
    [
        ({"charge": "ch_1"}, {}),
        ({"charge": {"id": "ch_1", "object": "charge"}}, {}),
        ({"payment_intent": "pi_1"}, {}),
        ({}, {"invoice": "in_1"}),
        ({"charge": "ch_1", "payment_intent": "pi_1"}, {"invoice": {"id": "in_1"}}),
    ],
)
def test_a_charge_that_an_old_invoice_names_is_no_order(of_invoice: Body, of_charge: Body) -> None:
    invoice = shapes.invoice("in_1", "cus_1", **of_invoice)
    charge = shapes.charge("ch_1", "cus_1", payment_intent="pi_1", **of_charge)
    refund = shapes.refund("re_1", "ch_1", 100)
    found = orders(invoice, charge, refund)
    assert found.keys() == {"in_1"}
    assert found["in_1"]["net_minor"] == 900


def test_a_payment_is_shared_once_by_old_and_new_links() -> None:
    one = shapes.invoice("in_1", "cus_1", 300, charge="ch_1", payment_intent="pi_1")
    two = shapes.invoice("in_2", "cus_1", 100)
    charge = shapes.charge("ch_1", "cus_1", 400, payment_intent="pi_1", invoice="in_1")
    links = [
        shapes.invoice_payment("inpay_1", "in_1", "pi_1", 300),
        shapes.invoice_payment("inpay_2", "in_2", "pi_1", 100),
    ]
    refund = shapes.refund("re_1", "ch_1", 40)
    for known in (links, links[1:]):
        found = orders(one, two, charge, refund, *known)
        assert [found[key]["refunded_minor"] for key in ("in_1", "in_2")] == [30, 10]


def test_old_links_make_no_orders_of_payments_that_may_be_linked() -> None:
    invoice = shapes.invoice("in_1", "cus_1", charge="ch_1")
    charges = [shapes.charge("ch_1", "cus_1"), shapes.charge("ch_2", "cus_1")]
    assert orders(invoice, *charges, unreadable=["invoice_payments"]).keys() == {"in_1"}


def test_paid_and_paid_out_of_band_were_words_of_their_own() -> None:
    paid = shapes.invoice("in_1", "cus_1", paid=True)
    del paid["status"]
    outside = shapes.invoice("in_2", "cus_1", amount_paid=0, paid_out_of_band=True)
    found = orders(paid, outside)
    assert found["in_1"]["order_status"] == "paid"
    assert found["in_1"]["items_purchased"] == 1
    assert found["in_2"]["collected_minor"] == 1000


def old_line(key: str, amount: int, quantity: int | None, **fields: Any) -> Body:
    line = shapes.line(key, amount, quantity)
    return {
        name: value for name, value in line.items() if name not in {"pricing", "parent"}
    } | fields


def test_old_lines_say_themselves_what_they_are() -> None:
    lines = [
        old_line("il_1", 100, 3, price="price_1", proration=False),
        old_line("il_2", 100, 5, price=shapes_catalogue.metered("price_2"), proration=False),
        old_line("il_3", 100, 7, plan={"id": "price_3", "usage_type": "metered"}),
        old_line("il_4", 100, 11, price="price_1", proration=True),
    ]
    assert orders(shapes.invoice("in_1", "cus_1", lines=lines))["in_1"]["items_purchased"] == 5


def profile(*bodies: Body) -> Row:
    (row,) = marts(*bodies).customer_profiles
    return row


def test_the_period_was_the_subscriptions() -> None:
    body = shapes_catalogue.subscription("sub_1", "cus_1")
    end = int(AS_OF.timestamp()) + 60
    body["items"]["data"][0].pop("current_period_end")
    row = profile({**body, "current_period_end": end})
    assert row["stripe_next_renewal_at"] == naive(end)


def test_coupons_are_found_wherever_they_stood() -> None:
    held = {"id": "di_1", "object": "discount", "coupon": shapes_catalogue.coupon("HELD", "Held")}
    by_id = shapes.line("il_1", 1, discounts=["di_2"])
    subscription = shapes_catalogue.subscription(
        "sub_1", "cus_1", discounts=[shapes_catalogue.discount("di_2", "LINE", "cus_1")]
    )
    code = shapes_catalogue.promotion_code("promo_1", "CODE")
    session = shapes_catalogue.checkout_session(
        "cs_1", "cus_1", "pi_1", discounts=[{"coupon": None, "promotion_code": "promo_1"}]
    )
    bodies = [
        shapes.invoice("in_1", "cus_1", discount=held, discounts=["di_1"], lines=[by_id]),
        shapes.invoice(
            "in_2", "cus_1", status="void", discounts=[held | {"id": "di_3", "coupon": "VOID"}]
        ),
        *(subscription, code, session),
        shapes.charge("ch_1", "cus_1", payment_intent="pi_1"),
    ]
    assert profile(*bodies)["stripe_coupons_used"] == ["CODE", "Held", "LINE"]


def test_the_card_is_the_newest_good_charges_that_says_when_it_expires() -> None:
    def charge(key: str, created: int, month: int | None, year: int | None, **fields: Any) -> Body:
        card = {"type": "card", "card": {"exp_month": month, "exp_year": year}}
        made = shapes.charge(key, "cus_1", created=shapes.CREATED + created, **fields)
        return {**made, "payment_method_details": card}

    old = shapes.charge(
        "ch_9", "cus_1", source={"object": "card", "exp_month": 2, "exp_year": 2028}
    )
    assert profile(old)["stripe_card_expires_on"] == date(2028, 2, 29)
    charges = [
        old,
        charge("ch_1", 1, 12, 2027, captured=False),
        charge("ch_2", 2, 1, 2030, status="failed"),
        charge("ch_3", 3, None, None),
        charge("ch_4", 10**9, 1, 2031),
    ]
    assert profile(*charges)["stripe_card_expires_on"] == date(2027, 12, 31)
    assert profile()["stripe_card_expires_on"] is None


def test_the_cadence_is_the_average_rounded_half_up() -> None:
    days = (0, 3, 5)
    placed = [
        shapes.invoice(f"in_{day}", "cus_1", created=shapes.CREATED + day * 86_400) for day in days
    ]
    assert profile(*placed)["stripe_order_cadence_days"] == 3
    assert profile(placed[0])["stripe_order_cadence_days"] is None


def without(body: Body, *names: str, **fields: Any) -> Body:
    """The object as it was before some of its fields were there."""
    return {name: value for name, value in body.items() if name not in names} | fields


@pytest.mark.parametrize(
    ("charges", "fields", "collected"),
    [
        # Its charge goes before what was due, and that before nothing at all.
        ([shapes.charge("ch_1", "cus_1", 1500)], {"amount_due": 1900}, 1500),
        ([], {"amount_due": 1900}, 1900),
        ([], {"amount_due": None}, None),
        ([shapes.charge("ch_1", "cus_1", 1500, status="failed")], {"amount_due": 1900}, 1900),
        ([], {"amount_due": 1900, "amount_paid": 7}, 7),
        ([], {"amount_due": 1900, "paid": False}, 0),
    ],
)
def test_an_invoice_that_says_only_that_it_is_paid_collected_what_its_charge_took(
    charges: list[Body], fields: Body, collected: int | None
) -> None:
    invoice = shapes.invoice("in_1", "cus_1", 1900, charge="ch_1", date=shapes.CREATED)
    old = without(invoice, "status", "amount_paid", "created", paid=True) | fields
    row = orders(old, *charges)["in_1"]
    assert (row["collected_minor"], row["net_minor"]) == (collected, collected)
    assert row["ordered_at"] == naive(shapes.CREATED)
    assert row["order_status"] == ("paid" if fields.get("paid", True) else None)


def test_totals_over_what_is_not_known_are_none() -> None:
    untold = without(shapes.invoice("in_1", "cus_1", 1900), "amount_paid", "amount_due")
    found = marts(untold, shapes.invoice("in_2", "cus_1", 500))
    [profile] = found.customer_profiles
    for name in ("total_sales", "gross_sales", "average_order_value", "sales_by_currency"):
        assert profile[f"stripe_{name}"] is None
    assert profile["stripe_total_orders"] == 2
    assert [row["order_id"] for row in found.orders if row["net"] is None] == ["in_1"]


@pytest.mark.parametrize(
    ("body", "amount"),
    [
        (without(shapes.charge("ch_1", "cus_1", 700), "captured"), 700),
        (without(shapes.charge("ch_1", "cus_1", 700), "captured", "amount_captured"), 700),
        (shapes.charge("ch_1", "cus_1", 700, status="paid"), 700),
        (without(shapes.charge("ch_1", "cus_1", 700), "status", "captured"), 700),
        (shapes.charge("ch_1", "cus_1", 700, captured=False, amount_captured=0), None),
        (without(shapes.charge("ch_1", "cus_1", 700, paid=False), "status"), None),
    ],
)
def test_a_charge_of_any_age_is_an_order_if_it_took_money(body: Body, amount: int | None) -> None:
    assert [row["collected_minor"] for row in orders(body).values()] == [amount] * bool(amount)


def test_a_subscription_of_before_2017_has_one_plan_and_brings_what_that_costs() -> None:
    plan = {
        "id": "gold", "object": "plan", "amount": 2500, "currency": "usd", "interval": "week",
        "interval_count": 2, "name": "Gold",
    }  # fmt: skip
    body = shapes_catalogue.subscription("sub_1", "cus_1")
    old = without(body, "items", "currency", "start_date", plan=plan, quantity=3, start=86_400)
    [row] = marts(old).subscriptions
    # 25.00 * 3 * 52 / 12 / 2
    assert (row["mrr_minor"], row["currency"], row["plan_names"]) == (16_250, "usd", ["Gold"])
    assert row["started_at"] == naive(86_400)


def test_a_subscription_without_items_is_not_known() -> None:
    [row] = marts(shapes_catalogue.subscription("sub_1", "cus_1", [])).subscriptions
    assert row["mrr"] is None
