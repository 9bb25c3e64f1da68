"""Hand-computed profiles and segments."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from . import contacts, shapes, shapes_catalogue
from .calculation import Marts, calculate
from .compare import Row
from .merchant import deleted, objects_of
from .objects import Body
from .question import Question, naive

AS_OF = datetime(2026, 8, 31, 12, tzinfo=UTC)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def profile(*bodies: Body, **options: Any) -> Row:
    objects = objects_of(shapes.customer("cus_1"), *bodies)
    (row,) = calculate(objects, Question(AS_OF, **options)).customer_profiles
    return row


def segments(*bodies: Body, **options: Any) -> set[str]:
    objects = objects_of(*bodies)
    members = calculate(objects, Question(AS_OF, **options)).segment_members
    return {segment for segment, customer in members if customer == "cus_1"}


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" Ada@Example.COM\u200b\n", "ada@example.com"),
        ("jörg@bücher.example", "jörg@bücher.example"),
        ("a@b", None),
        ("a@@b.c", None),
        ("@b.c", None),
        ("a b@c.d", None),
        ("a@b\u200b.c", None),
        ("a@b..c", None),
        ("", None),
        (None, None),
    ],
)
def test_an_address_has_one_at_a_local_part_and_a_dotted_domain(
    text: str | None, address: str | None
) -> None:
    assert contacts.email(text) == address


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("+49 30 901820", None, "+4930901820"),
        ("030 901820", "DE", "+4930901820"),
        ("030 901820", None, None),
        ("call me", "DE", None),
        (None, "DE", None),
    ],
)
def test_phones_are_e164_or_null(text: str | None, country: str | None, number: str | None) -> None:
    assert contacts.phone(text, country) == number


def test_without_orders_counts_are_zero_and_descriptions_null() -> None:
    row = profile()
    assert row["stripe_total_orders"] == row["stripe_total_sales"] == 0
    assert row["stripe_order_products"] == row["stripe_subscription_active"] == 0
    assert row["stripe_order_status"] is row["stripe_average_order_value"] is None
    assert row["stripe_sales_by_currency"] == {}


def test_deleted_test_and_future_customers_have_no_profile() -> None:
    gone = shapes.customer("cus_2")
    row = profile(
        gone,
        deleted(gone),
        shapes.customer("cus_3", test_clock="clock_1"),
        shapes.customer("cus_4", at("2026-09-01")),
    )
    assert row["stripe_customer_id"] == "cus_1"


def test_the_last_order_is_the_greatest_by_time_and_id() -> None:
    row = profile(
        shapes.invoice("in_a", "cus_1", 100, status="open"),
        shapes.invoice("in_b", "cus_1", 200, status="void"),
        shapes.invoice("in_0", "cus_1", 300, created=shapes.CREATED - 1),
    )
    assert (row["stripe_order_status"], row["stripe_order_last_value"]) == ("void", Decimal(2))
    assert row["stripe_first_create_order_date"] == naive(shapes.CREATED - 1)
    assert row["stripe_total_orders"] == 2


def test_each_fact_converts_at_its_own_days_rate_and_the_total_is_rounded_once() -> None:
    rates = (
        (date(2026, 1, 1), "eur", Decimal("1.1")),
        (date(2026, 5, 1), "eur", Decimal("1.2")),
    )
    row = profile(
        shapes.charge("ch_1", "cus_1", 1001, currency="eur"),
        shapes.refund("re_1", "ch_1", 501, currency="eur", created=at("2026-05-01")),
        shapes.charge("ch_2", "cus_1", 100),
        rates=rates,
    )
    # 10.01 * 1.1 - 5.01 * 1.2 + 1.00 = 11.011 - 6.012 + 1 = 5.999
    assert row["stripe_total_sales"] == Decimal("6.00")
    assert row["stripe_gross_sales"] == Decimal("12.01")
    assert row["stripe_refunded"] == Decimal("6.01")
    assert row["stripe_average_order_value"] == Decimal("3.00")
    assert row["stripe_sales_by_currency"] == {"eur": Decimal("5.00"), "usd": Decimal("1.00")}


def test_the_facts_day_is_the_reporting_zones() -> None:
    rates = ((date(2026, 5, 1), "eur", Decimal(2)),)
    charge = shapes.charge("ch_1", "cus_1", 100, currency="eur", created=at("2026-04-30T23:00"))
    assert profile(charge, rates=rates)["stripe_total_sales"] is None
    assert profile(charge, rates=rates, zone="Europe/Berlin")["stripe_total_sales"] == 2


def test_paused_collection_counts_as_paused_and_nowhere_else() -> None:
    def one(key: str, status: str, **fields: Any) -> Body:
        return shapes_catalogue.subscription(key, "cus_1", status=status, **fields)

    pause = {"behavior": "void", "resumes_at": None}
    row = profile(
        one("sub_1", "active"),
        one("sub_2", "active", pause_collection=pause),
        one("sub_3", "canceled", pause_collection=pause),
        one("sub_4", "unpaid", pause_collection=pause),
        one("sub_5", "paused"),
        one("sub_6", "incomplete"),
        one("sub_7", "trialing"),
        one("sub_8", "past_due", created=at("2026-09-01")),
    )
    states = ("active", "cancelled", "paused", "trial", "past_due")
    assert [row[f"stripe_subscription_{state}"] for state in states] == [1, 1, 2, 1, 0]


def test_lapsed_cut_is_clamped_to_the_months_end() -> None:
    # Six months before 31 August is 28 February, at the same time of day.
    before = shapes.invoice("in_1", "cus_1", created=at("2026-02-28T11:59:59"))
    on = shapes.invoice("in_1", "cus_1", created=at("2026-02-28T12:00"))
    owner = shapes.customer("cus_1", at("2020-01-01"))
    assert "lapsed_6_months" in segments(owner, before)
    assert "lapsed_6_months" not in segments(owner, on)
    assert "lapsed_6_months" not in segments(owner)


def test_the_cut_follows_the_zones_clock() -> None:
    # 12:00 UTC is 14:00 in a Berlin summer; 14:00 in a Berlin winter is 13:00 UTC.
    order = shapes.invoice("in_1", "cus_1", created=at("2026-02-28T12:30"))
    owner = shapes.customer("cus_1", at("2020-01-01"))
    assert "lapsed_6_months" in segments(owner, order, zone="Europe/Berlin")


def test_buyers_are_told_apart_by_their_counted_orders() -> None:
    owner = shapes.customer("cus_1", at("2020-01-01"))
    one = shapes.invoice("in_1", "cus_1", 50_000)
    draft = shapes.invoice("in_2", "cus_1", status="draft", created=at("2026-08-01"))
    two = shapes.charge("ch_1", "cus_1", created=at("2026-08-02"))
    # A shop's only buyer is among the best 5 % of its buyers.
    best = {"vip", "top_5_percent"}
    assert segments(owner, one, draft) == {"one_time_buyers", "lapsed_6_months", *best}
    assert segments(owner, one, draft, two) == {"repeat_buyers", *best}


def test_subscription_segments() -> None:
    owner = shapes.customer("cus_1", at("2020-01-01"))
    ending: Body = {"status": "trialing", "trial_end": at("2026-09-03T12:00")}
    trial = shapes_catalogue.subscription("sub_1", "cus_1", **ending)
    leaving = shapes_catalogue.subscription("sub_1", "cus_1", cancel_at_period_end=True, **ending)
    ended = shapes_catalogue.subscription("sub_2", "cus_1", status="canceled")
    assert segments(owner, trial, ended) == {"trial_ending"}
    assert segments(owner, leaving) == set()
    assert segments(owner, ended) == {"cancelled"}


def test_abandoned_checkouts_are_unpaid_recent_and_not_made_good() -> None:
    owner = shapes.customer("cus_1", at("2020-01-01"))
    left = shapes_catalogue.checkout_session(
        "cs_1", "cus_1", None, status="expired", payment_status="unpaid",
        created=at("2026-08-28"),
    )  # fmt: skip
    bought = shapes.charge("ch_1", "cus_1", created=at("2026-08-28T00:00:01"))
    assert segments(owner, left) == {"abandoned_checkout"}
    assert "abandoned_checkout" not in segments(owner, left, bought)


def test_a_failed_charge_counts_for_a_week_unless_one_succeeded_since() -> None:
    owner = shapes.customer("cus_1", at("2020-01-01"))
    failed = shapes.charge(
        "ch_1", "cus_1", created=at("2026-08-24T12:00"), status="failed", captured=False
    )
    before = {**failed, "created": at("2026-08-24T11:59:59")}
    authorized = shapes.charge("ch_2", "cus_1", created=failed["created"], captured=False)
    earlier = {**authorized, "created": failed["created"] - 1}
    assert "payment_failed" in segments(owner, failed)
    assert "payment_failed" in segments(owner, failed, earlier)
    assert "payment_failed" not in segments(owner, failed, authorized)
    assert "payment_failed" not in segments(owner, before)


def test_an_open_invoice_is_unpaid_once_its_due_date_has_passed() -> None:
    owner = shapes.customer("cus_1", at("2020-01-01"))
    owed: Body = {"status": "open", "amount_paid": 0, "amount_remaining": 1000}
    late = shapes.invoice("in_1", "cus_1", **owed, due_date=at("2026-08-31T11:59:59"))
    not_yet = shapes.invoice("in_1", "cus_1", **owed, due_date=at("2026-09-01"))
    paid = shapes.invoice("in_1", "cus_1", due_date=at("2026-08-30"))
    assert "unpaid_invoice" in segments(owner, late)
    assert "unpaid_invoice" not in segments(owner, not_yet)
    assert "unpaid_invoice" not in segments(owner, paid)


@pytest.mark.parametrize("missing", ["charges", "invoice_payments"])
def test_an_invoice_is_overdue_whatever_can_be_read_of_its_payments(missing: str) -> None:
    owed: Body = {"status": "open", "amount_paid": 0, "amount_remaining": 1000}
    older = shapes.invoice("in_1", "cus_1", **owed, created=at("2026-08-01"))
    late = shapes.invoice(
        "in_2", "cus_1", **owed, created=at("2026-08-02"), due_date=at("2026-08-30")
    )
    failed = shapes.charge("ch_1", "cus_1", status="failed", payment_intent="pi_1")
    link = shapes.invoice_payment("inpay_1", "in_1", "pi_1", None, status="open")
    known = calculate(
        objects_of(shapes.customer("cus_1"), older, late, failed, link), Question(AS_OF)
    )
    part = calculate(
        objects_of(shapes.customer("cus_1"), older, late, failed, link, unreadable=(missing,)),
        Question(AS_OF),
    )
    assert [_owed(marts) for marts in (known, part)] == ["in_1", "in_2"]
    assert ("unpaid_invoice", "cus_1") in part.segment_members


def _owed(marts: Marts) -> str:
    """The order behind the one profile's unpaid invoice."""
    [order] = {row["order_id"] for row in marts.profile_origins
               if row["field"] == "stripe_unpaid_invoice_amount"}  # fmt: skip
    return str(order)


def test_a_trial_has_converted_when_its_subscription_was_paid_for_since() -> None:
    owner = shapes.customer("cus_1", at("2020-01-01"))
    ended = at("2026-08-01T12:00")
    kept = shapes_catalogue.subscription("sub_1", "cus_1", trial_end=ended)
    older = shapes_catalogue.subscription("sub_1", "cus_1", trial_end=ended - 1)
    late = shapes_catalogue.subscription("sub_1", "cus_1", trial_end=ended, status="past_due")
    paid = _renewal(ended)
    assert "trial_converted" in segments(owner, kept, paid)
    assert "trial_converted" not in segments(owner, older, paid)
    assert "trial_converted" not in segments(owner, late, paid)
    assert "trial_converted" not in segments(owner, kept, _renewal(ended - 1))
    assert "trial_converted" not in segments(owner, kept)


def _renewal(paid_at: int) -> Body:
    return shapes.invoice(
        "in_1",
        "cus_1",
        created=paid_at,
        status_transitions={"paid_at": paid_at},
        parent={"subscription_details": {"subscription": "sub_1"}},
    )
