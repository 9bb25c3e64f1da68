"""`stripe-pipeline profile` on a finished demo: values, meanings, and what each is made of."""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.profiles.origins import origins, rows_of
from stripe_pipeline.profiles.profile import Customer, find_customer, find_profile
from stripe_pipeline.profiles.text import print_profile
from stripe_pipeline.settings import Settings, load_settings
from stripe_pipeline.warehouse.readers import Marts, as_text

from ..conftest import Cli


@pytest.fixture(scope="session")
def settings(demo_home: Path) -> Settings:
    return load_settings(STRIPE_PIPELINE_HOME=demo_home)


@pytest.fixture(scope="session")
def marts(settings: Settings) -> Marts:
    return Marts(settings)


@pytest.fixture(scope="session")
def customers(settings: Settings, marts: Marts) -> list[Customer]:
    """One in 25 of the demo's customers, from one on with which all currencies are among them."""
    ids = marts.rows("customer_profiles", "select stripe_customer_id as id from mart order by 1")
    return [find_customer(settings, row["id"]) for row in ids[7::25]]


def sums(customers: list[Customer]) -> Iterator[tuple[Decimal, Decimal]]:
    for customer in customers:
        exact = sum((fact["converted"] for fact in customer.sales), Decimal(0))
        yield exact.quantize(Decimal("0.01"), ROUND_HALF_UP), customer.profile["stripe_total_sales"]


def test_the_facts_that_are_shown_add_up_to_the_total(customers: list[Customer]) -> None:
    assert [pair for pair in sums(customers) if pair[0] != pair[1]] == []
    currencies = {fact["currency"] for customer in customers for fact in customer.sales}
    assert {"usd", "eur", "jpy"} <= currencies


def test_a_converted_fact_is_its_amount_at_the_rate_of_the_day(customers: list[Customer]) -> None:
    facts = [fact for customer in customers for fact in customer.sales]
    for fact in facts:
        assert abs(fact["amount"] * fact["rate"] - fact["converted"]) <= Decimal("0.0000005")
        assert fact["rate_day"] is None or fact["rate_day"] <= fact["day"]
    assert any(fact["fact"] == "refund" for fact in facts)


def test_origins_name_the_orders_behind_a_number(customers: list[Customer]) -> None:
    for customer in customers:
        profile, found = customer.profile, origins(customer)
        assert len(found["stripe_total_orders"].orders) == profile["stripe_total_orders"]
        bought = {order["order_id"]: order["items_purchased"] for order in customer.orders}
        items = sum(bought[order] for order in found["stripe_order_products"].orders)
        assert items == profile["stripe_order_products"]
        for name in ("active", "cancelled", "paused", "trial", "past_due"):
            field = f"stripe_subscription_{name}"
            assert len(found[field].subscriptions) == profile[field]


def test_origins_of_one_order_name_that_order(customers: list[Customer]) -> None:
    checked = 0
    for customer in customers:
        by_id = {order["order_id"]: order for order in customer.orders}
        found = origins(customer)
        for field, column in (
            ("stripe_order_status", "order_status"),
            ("stripe_order_last_value", "order_total"),
            ("stripe_last_paid_order_at", "paid_at"),
            ("stripe_first_create_order_date", "ordered_at"),
            ("stripe_last_counted_order_at", "ordered_at"),
        ):
            named = found[field].orders
            assert customer.profile[field] == (by_id[named[0]][column] if named else None)
            checked += len(named)
    assert checked > 50


def test_the_coupons_that_are_shown_are_those_of_the_profile(customers: list[Customer]) -> None:
    used = [customer for customer in customers if customer.profile["stripe_coupons_used"]]
    for customer in used:
        orders = origins(customer)["stripe_coupons_used"].orders
        named = {row["coupon"] for row in customer.coupons if row["order_id"] in orders}
        assert sorted(named) == customer.profile["stripe_coupons_used"]
    assert used


def test_the_points_that_are_shown_are_the_balance(customers: list[Customer]) -> None:
    for customer in customers:
        points = sum(entry["points"] for entry in customer.points)
        assert points == customer.profile["stripe_loyalty_points"]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What a terminal of the width in COLUMNS is sent."""
    monkeypatch.setenv("TERM", "xterm")
    shown = io.StringIO()
    monkeypatch.setattr(shown, "isatty", lambda: True)
    return shown


def printed(settings: Settings, customer: Customer, out: io.StringIO) -> list[str]:
    customer_id = customer.profile["stripe_customer_id"]
    print_profile(settings, customer_id, as_json=False, file=out)
    return re.sub(r"\x1b\[[\d;]*m", "", out.getvalue()).split("\n")


def test_narrow_terminals_have_room_for_everything(
    settings: Settings,
    customers: list[Customer],
    terminal: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    one = max(customers, key=lambda customer: len(customer.sales))
    lines = printed(settings, one, terminal)
    assert max(map(len, lines)) <= 80
    assert "│" not in terminal.getvalue()
    shown = [name for name in one.profile if not name.endswith("_minor")]
    assert [name for name in shown if not any(line.startswith(name) for line in lines)] == []


def test_a_long_value_stays_below_its_name(
    settings: Settings,
    customers: list[Customer],
    terminal: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    one = next(customer for customer in customers if customer.orders)
    lines = printed(settings, one, terminal)
    fields = lines[3 : next(at for at, line in enumerate(lines) if line.startswith("Orders"))]
    assert [line for line in fields if line.split(" ")[0] not in {*one.profile, ""}] == []
    assert "stripe_sales_basis" in fields  # its value has no room beside it


def test_what_customers_call_themselves_does_nothing_to_a_terminal() -> None:
    assert as_text("Zeile\nUmbruch\x1b[2J\r\u202e, 東京都 Ä") == "Zeile Umbruch [2J  , 東京都 Ä"
    assert as_text(["a\x1b[31m"]) == "a [31m"


def test_files_get_lines_without_blanks_at_their_ends(
    settings: Settings, customers: list[Customer]
) -> None:
    lines = printed(settings, customers[0], io.StringIO())
    assert [line for line in lines if line != line.rstrip()] == []
    assert max(map(len, lines)) <= 100
    assert not any("│" in line for line in lines)
    assert "as of 2026-11-01 12:00:00 (UTC); totals in usd" in lines[1]


def test_wide_terminals_get_tables(
    settings: Settings,
    customers: list[Customer],
    terminal: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    rows = [line for line in printed(settings, customers[0], terminal) if "stripe_mrr " in line]
    assert [line.count("│") for line in rows] == [4]


def test_recurring_revenue_is_its_parts_at_the_rates_that_are_shown(
    customers: list[Customer],
) -> None:
    converted = 0
    for customer in customers:
        rates = {row["currency"]: row["rate"] for row in customer.rates} | {"usd": Decimal(1)}
        total = sum(
            (row["mrr"] * rates[row["currency"]] for row in customer.subscriptions if row["mrr"]),
            Decimal(0),
        )
        if customer.profile["stripe_mrr"] is not None:
            # The parts are rounded as they are shown, to the minor unit of their own currency.
            assert abs(total - customer.profile["stripe_mrr"]) < Decimal("0.03")
        for row in customer.subscriptions:
            if row["mrr"] and row["currency"] != "usd":
                shown = f"{rates[row['currency']].normalize():f}, the rate of 2026-11-01"
                assert shown in origins(customer)["stripe_mrr"].says
                converted += 1
    assert converted > 3


def test_what_was_given_back_is_told_as_the_field_has_it(customers: list[Customer]) -> None:
    refunded = [customer for customer in customers if customer.profile["stripe_refunded"]]
    assert refunded
    for customer in refunded:
        says = origins(customer)["stripe_refunded"].says
        exact = Decimal(says.rpartition(": ")[2].replace(",", ""))
        assert exact.quantize(Decimal("0.01"), ROUND_HALF_UP) == customer.profile["stripe_refunded"]


def test_an_empty_field_names_what_is_missing(
    settings: Settings, marts: Marts, customers: list[Customer]
) -> None:
    unknown = marts.rows("subscriptions", "from mart where mrr is null order by 1 limit 1")[0]
    customer = find_customer(settings, unknown["stripe_customer_id"])
    lines = "\n".join(printed(settings, customer, io.StringIO()))
    assert f"an unknown amount of {unknown['subscription_id']}" in " ".join(lines.split())


def test_json_has_of_each_field_what_people_are_shown(
    cli: Cli, demo_home: Path, customers: list[Customer]
) -> None:
    customer = customers[0].profile["stripe_customer_id"]
    answer = json.loads(
        cli("profile", customer, "--json", STRIPE_PIPELINE_HOME=str(demo_home)).stdout
    )
    fields = {field["field"]: field for field in answer["fields"]}
    assert fields["stripe_total_sales"]["value"] == answer["profile"]["stripe_total_sales"]
    assert all(field["meaning"] for field in fields.values())
    orders = fields["stripe_total_sales"]["made_of"]["orders"]
    assert set(orders) == {fact["order_id"] for fact in answer["sales"]}


def test_who_has_no_profile_is_told_why(marts: Marts) -> None:
    deleted = marts.rows(
        "orders",
        "select min(stripe_customer_id) as id, min(order_id) as order_id from mart "
        "where stripe_customer_id not in (select stripe_customer_id from read_parquet(?))",
        [marts.path("customer_profiles")],
    )[0]
    guest = marts.rows("orders", "from mart where stripe_customer_id is null limit 1")[0]
    for given, said in (
        (deleted["id"], "deleted"),
        (guest["order_id"], "guest"),
        ("cus_nobody", "test clock"),
        ("nobody@shop.example", "no one has this email address"),
    ):
        with pytest.raises(PipelineError, match=said):
            find_profile(marts, given)
    order = marts.rows("orders", "from mart where stripe_customer_id is not null limit 1")[0]
    with pytest.raises(PipelineError, match=f"profile {order['stripe_customer_id']}"):
        find_profile(marts, order["order_id"])
    subscription = marts.rows("subscriptions", "from mart limit 1")[0]
    with pytest.raises(PipelineError, match=f"profile {subscription['stripe_customer_id']}"):
        find_profile(marts, subscription["subscription_id"])


def test_an_email_address_leads_to_its_customers(marts: Marts) -> None:
    one = marts.rows("customer_profiles", "from mart where email is not null limit 1")[0]
    for address in (one["email"], one["email_raw"], one["email"].upper()):
        with pytest.raises(PipelineError, match=one["stripe_customer_id"]) as raised:
            find_profile(marts, address)
        assert address not in str(raised.value)


def test_other_accounts_of_the_same_person_are_shown(
    settings: Settings, marts: Marts, capsys: pytest.CaptureFixture[str]
) -> None:
    link = marts.rows(
        "person_links", "from mart where reason = 'email' and member_type = 'customer' limit 1"
    )[0]
    print_profile(settings, link["linked_member_id"], as_json=False)
    said = " ".join(capsys.readouterr().out.split())
    assert link["member_id"] in said.partition("The same person")[2]
    assert link["matched_value"] in said.partition("The same person")[2]


def test_a_mart_that_an_older_run_did_not_publish(marts: Marts) -> None:
    with pytest.raises(PipelineError, match="stripe-pipeline run"):
        marts.rows("sales_of_tomorrow", "from mart")


def test_a_missing_rate_is_named(customers: list[Customer]) -> None:
    customer = next(one for one in customers if one.sales)
    rows = [row for row in customer.origins if row["field"] == "stripe_total_sales"]
    for role, said in (("unrated", "no exchange rate for eur on 2026-05-01"),
                       ("unknown", f"an unknown amount of {rows[0]['order_id']}")):  # fmt: skip
        lacking = rows[0] | {"role": role, "currency": "eur", "day": date(2026, 5, 1)}
        changed = replace(customer, origins=[lacking, *rows[1:]])
        assert origins(changed)["stripe_total_sales"].says == said


def test_every_field_that_has_an_origin_is_put_into_words(marts: Marts) -> None:
    fields = marts.rows("profile_origins", "select distinct field from mart")
    lone = Customer({}, [], [], [], [], [], [], [], [], {"reporting_currency": "usd"}, [])
    assert {row["field"] for row in fields} <= origins(lone).keys()


def test_a_sum_is_that_of_its_parts(customers: list[Customer]) -> None:
    summed = 0
    for customer in customers:
        for total in (row for row in customer.origins if row["role"] == "sum"):
            parts = rows_of(customer, total["field"], "part")
            assert sum((row["amount"] for row in parts), Decimal(0)) == total["amount"]
            assert len(parts) == total["facts"]
            summed += 1
    assert summed > 30
