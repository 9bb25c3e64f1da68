"""Hand-computed monthly amounts."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from . import shapes, shapes_catalogue
from .calculation import Marts, calculate
from .merchant import objects_of
from .mrr import Mrr
from .objects import Body
from .question import Question

Monthly = Fraction | int | None

AS_OF = datetime(2026, 8, 31, 12, tzinfo=UTC)
SOON = int(AS_OF.timestamp()) + 1


def every(interval: str, count: int = 1, usage: str = "licensed") -> dict[str, Any]:
    return {"interval": interval, "interval_count": count, "usage_type": usage}


def item(
    unit: int | None = 1000,
    quantity: int | None = 1,
    discounts: Iterable[Body | str] = (),
    **fields: Any,
) -> Body:
    price = shapes_catalogue.price("price_1", unit) | {"unit_amount_decimal": None, **fields}
    body = shapes_catalogue.subscription_item("si_1", "sub_1", price)
    return body | {"quantity": quantity, "discounts": list(discounts)}


def mrr(*items: Body, others: Iterable[Body] = (), **fields: Any) -> Monthly:
    body = shapes_catalogue.subscription("sub_1", "cus_1", list(items), **fields)
    objects = objects_of(shapes.customer("cus_1"), body, *others)
    return Mrr(objects, Question(AS_OF)).of(body)


def off(**fields: Any) -> Body:
    """A discount that holds its coupon, as they once did."""
    coupon = shapes_catalogue.coupon("C", None) | fields
    return {"id": "di_1", "object": "discount", "coupon": coupon, "start": None, "end": None}


@pytest.mark.parametrize(
    ("body", "monthly"),
    [
        (item(), 1000),
        (item(quantity=None), 1000),
        (item(quantity=0), 0),
        (item(quantity=3, recurring=every("month", 3)), 1000),
        (item(1200, recurring=every("year")), 100),
        (item(1200, recurring=every("day", 2)), Fraction(1200 * 365, 24)),
        (item(300, recurring=every("week")), 1300),
        (item(recurring=every("month", usage="metered")), 0),
        (item(recurring=None), 0),
        (item(recurring=every("fortnight")), None),
        (item(None), None),
        (item(None, unit_amount_decimal="0.5", quantity=7), Fraction(7, 2)),
        (item(5, unit_amount_decimal="4.75"), Fraction(19, 4)),
        (item(500, 11, transform_quantity={"divide_by": 10, "round": "up"}), 1000),
        (item(500, 19, transform_quantity={"divide_by": 10, "round": "down"}), 500),
        (item(500, 20, transform_quantity={"divide_by": 10, "round": "up"}), 1000),
    ],
)
def test_an_item_is_unit_times_quantity_a_month(body: Body, monthly: Monthly) -> None:
    assert mrr(body) == monthly


TIERS = [
    {"up_to": 10, "unit_amount": 100, "unit_amount_decimal": None, "flat_amount": 7},
    {"up_to": 20, "unit_amount": None, "unit_amount_decimal": "0.5", "flat_amount": None},
    {"up_to": None, "unit_amount": None, "unit_amount_decimal": None, "flat_amount": 900},
]


@pytest.mark.parametrize(
    ("mode", "quantity", "monthly"),
    [
        ("graduated", 0, 7),
        ("graduated", 10, 1007),
        ("graduated", 11, Fraction(2015, 2)),
        ("graduated", 21, 1007 + 5 + 900),
        ("volume", 0, 7),
        ("volume", 10, 1007),
        ("volume", 11, Fraction(11, 2)),
        ("volume", 1000, 900),
        ("invented", 1, None),
    ],
)
def test_tiers_are_climbed_or_chosen(mode: str, quantity: int, monthly: Monthly) -> None:
    fields = {"billing_scheme": "tiered", "tiers_mode": mode}
    assert mrr(item(None, quantity, tiers=TIERS, **fields)) == monthly
    listed = shapes_catalogue.price("price_1", None, tiers=TIERS, **fields)
    assert mrr(item(None, quantity, **fields), others=[listed]) == monthly
    assert mrr(item(None, quantity, **fields)) is None


def test_other_currencies_amounts_stand_in_the_list_of_prices() -> None:
    options = {"usd": {"unit_amount": 700, "unit_amount_decimal": "700.5"}}
    listed = shapes_catalogue.price("price_1", currency="eur", currency_options=options)
    assert mrr(item(currency="eur"), others=[listed]) == Fraction(1401, 2)
    assert mrr(item(currency="eur")) is None


@pytest.mark.parametrize(
    ("coupon", "monthly"),
    [
        ({"percent_off": 33.33}, Fraction(66_670, 100)),
        ({"percent_off": 100, "duration": "repeating"}, 0),
        ({"duration": "once"}, 1000),
        ({"percent_off": None, "amount_off": 300, "currency": "usd"}, 700),
        ({"percent_off": None, "amount_off": 3000, "currency": "usd"}, 0),
        ({"percent_off": None, "amount_off": 300, "currency": "eur"}, None),
        (
            {
                "percent_off": None,
                "amount_off": 300,
                "currency": "eur",
                "currency_options": {"usd": {"amount_off": 100}},
            },
            900,
        ),
        ({"applies_to": {"products": ["prod_1"]}}, 900),
        ({"applies_to": {"products": ["prod_2"]}}, 1000),
    ],
)
def test_what_lasts_comes_off(coupon: Body, monthly: Monthly) -> None:
    assert mrr(item(discounts=[off(**coupon)])) == monthly
    assert mrr(item(), discounts=[off(**coupon)]) == monthly
    assert mrr(item(), discounts=None, discount=off(**coupon)) == monthly


@pytest.mark.parametrize(
    ("start", "end", "monthly"),
    [(SOON, None, 1000), (SOON - 1, None, 900), (None, SOON - 1, 1000), (None, SOON, 900)],
)
def test_only_what_is_in_force_comes_off(
    start: int | None, end: int | None, monthly: Monthly
) -> None:
    assert mrr(item(), discounts=[{**off(), "start": start, "end": end}]) == monthly


def test_discounts_come_off_in_turn_the_items_first() -> None:
    half, amount = off(percent_off=50), off(percent_off=None, amount_off=100, currency="usd")
    assert mrr(item(discounts=[half, amount])) == 400
    assert mrr(item(discounts=[amount, half])) == 450
    assert mrr(item(discounts=[half]), item(discounts=[half]), discounts=[amount]) == 900


def test_an_amount_comes_off_once_a_billing_period() -> None:
    amount = off(percent_off=None, amount_off=120, currency="usd")
    yearly, metered = item(12_000, recurring=every("year")), every("day", usage="metered")
    assert mrr(item(12_000, recurring=every("year"), discounts=[amount])) == 990
    assert mrr(yearly, discounts=[amount]) == 990
    assert mrr(yearly, item(), discounts=[amount]) == 1880
    assert mrr(yearly, item(recurring=metered), discounts=[amount]) == 990


def test_a_coupon_for_products_takes_its_part_of_what_is_left() -> None:
    other = item(3000)
    other["price"] = {**other["price"], "product": "prod_2"}
    half, one = off(percent_off=50), off(percent_off=50, applies_to={"products": ["prod_1"]})
    # 4000 - 2000 = 2000, of which a quarter is prod_1's: 500 - 250.
    assert mrr(item(), other, discounts=[half, one]) == 1750


def test_a_discount_by_its_id_is_looked_up_and_its_coupon_too() -> None:
    listed = shapes_catalogue.coupon("C", None) | {"percent_off": 20.0}
    whole = shapes_catalogue.discount("di_1", "C", None)
    invoice = shapes.invoice("in_1", "cus_1", discounts=[whole])
    assert mrr(item(), discounts=["di_1"], others=[listed, invoice]) == 800
    assert mrr(item(), discounts=["di_1"], others=[listed]) is None
    assert mrr(item(), discounts=[whole]) is None
    # As listed, not as it was held by a discount.
    assert mrr(item(), discounts=[off()], others=[listed]) == 800


def test_plans_of_before_count_like_prices() -> None:
    plan = {
        "id": "price_1", "object": "plan", "amount": 1200, "currency": "usd", "interval": "year",
        "interval_count": 2, "usage_type": "licensed", "product": "prod_1",
    }  # fmt: skip
    old = {**item(), "plan": plan}
    del old["price"]
    assert mrr(old) == 50
    assert mrr({**old, "plan": {**plan, "usage_type": "metered"}}) == 0
    assert mrr({**old, "plan": "price_1"}) is None
    assert mrr({**old, "plan": "price_1"}, others=[shapes_catalogue.price("price_1")]) == 1000


@pytest.mark.parametrize(
    ("fields", "monthly"),
    [
        ({"status": "past_due"}, 1000),
        ({"cancel_at": SOON}, 1000),
        ({"pause_collection": {"behavior": "void"}}, 0),
        *(({"status": status}, 0) for status in ("trialing", "canceled", "unpaid", "invented")),
    ],
)
def test_only_what_is_billed_counts(fields: Body, monthly: Monthly) -> None:
    assert mrr(item(), **fields) == monthly


def rows(
    *subscriptions: Body,
    rates: tuple[tuple[date, str, Decimal], ...] = (),
    unreadable: Iterable[str] = (),
    currency: str = "usd",
) -> Marts:
    objects = objects_of(shapes.customer("cus_1"), *subscriptions, unreadable=unreadable)
    return calculate(objects, Question(AS_OF, currency, rates=rates))


def test_a_customers_sum_is_exact_and_rounded_once() -> None:
    third = item(1000, recurring=every("month", 3))
    three = [
        shapes_catalogue.subscription(f"sub_{number}", "cus_1", [third]) for number in range(3)
    ]
    marts = rows(*three)
    assert [row["mrr"] for row in marts.subscriptions] == [Decimal("3.33")] * 3
    (profile,) = marts.customer_profiles
    assert (profile["stripe_mrr"], profile["stripe_mrr_minor"]) == (Decimal("10.00"), 1000)
    assert rows().customer_profiles[0]["stripe_mrr"] == 0


def test_the_rate_is_the_as_of_days_and_a_missing_one_is_told() -> None:
    euros = shapes_catalogue.subscription("sub_1", "cus_1", currency="eur")
    euros["items"]["data"][0]["price"]["currency"] = "eur"
    rates = ((date(2026, 1, 1), "eur", Decimal(2)), (date(2026, 8, 31), "eur", Decimal("1.5")))
    assert rows(euros, rates=rates).customer_profiles[0]["stripe_mrr"] == 15
    without = rows(euros)
    assert without.customer_profiles[0]["stripe_mrr"] is None
    assert without.missing_exchange_rates == [{"currency": "eur", "day": AS_OF.date(), "facts": 1}]
    paused = {**euros, "status": "paused"}
    assert rows(paused).customer_profiles[0]["stripe_mrr"] == 0
    assert not rows(paused).missing_exchange_rates


def test_what_is_not_known_is_never_a_part_of_a_sum() -> None:
    known, unknown = (
        shapes_catalogue.subscription(f"sub_{key}", "cus_1", [item(unit)])
        for key, unit in (("a", 1000), ("b", None))
    )
    marts = rows(known, unknown)
    assert [row["mrr_minor"] for row in marts.subscriptions] == [1000, None]
    assert marts.customer_profiles[0]["stripe_mrr"] is None
    assert rows(unreadable=["subscriptions"]).customer_profiles[0]["stripe_mrr"] is None


@pytest.mark.parametrize(
    ("of_customer", "own", "of_item", "monthly"),
    [
        ({"percent_off": 50.0}, None, (), 5000),
        ({"percent_off": None, "amount_off": 300, "currency": "usd"}, None, (), 9700),
        ({"percent_off": None, "amount_off": 30_000, "currency": "usd"}, None, (), 0),
        ({"percent_off": 50.0, "duration": "once"}, None, (), 10_000),
        # One of its own keeps the customer's away; one on an item doesn't, nor one that has ended.
        ({"percent_off": 50.0}, off(percent_off=10.0), (), 9000),
        ({"percent_off": 50.0}, off(percent_off=10.0, duration="once"), (), 10_000),
        ({"percent_off": 50.0}, off(percent_off=10.0) | {"end": SOON - 1}, (), 5000),
        ({"percent_off": 50.0}, None, (off(percent_off=10.0),), 4500),
    ],
)
def test_a_customers_discount_comes_off_what_has_none_of_its_own(
    of_customer: Body, own: Body | None, of_item: tuple[Body, ...], monthly: Monthly
) -> None:
    customer = shapes.customer("cus_1", discount=off(**of_customer))
    body = shapes_catalogue.subscription(
        "sub_1", "cus_1", [item(10_000, discounts=of_item)], discounts=[own] if own else []
    )
    assert Mrr(objects_of(customer, body), Question(AS_OF)).of(body) == monthly


def test_a_subscription_without_a_currency_has_that_of_its_prices() -> None:
    assert mrr(item(currency="eur"), currency=None) == 1000
    assert mrr(item(currency="eur"), item(currency="usd"), currency=None) is None
    by_id = item() | {"price": "price_1"}
    listed = shapes_catalogue.price("price_1", 700)
    assert mrr(by_id, others=[listed], currency=None) == 700
    assert mrr(by_id, currency=None) is None


def test_a_tier_without_an_amount_and_more_than_the_last_one_are_not_known() -> None:
    bare = [{"up_to": None, "unit_amount": None, "flat_amount": None}]
    short = [{"up_to": 2, "unit_amount": 10, "flat_amount": None}]
    for mode in ("graduated", "volume"):
        tiered = {"billing_scheme": "tiered", "tiers_mode": mode}
        assert mrr(item(None, 1, tiers=bare, **tiered)) is None
        assert mrr(item(None, 3, tiers=short, **tiered)) is None
        assert mrr(item(None, 2, tiers=short, **tiered)) == 20
