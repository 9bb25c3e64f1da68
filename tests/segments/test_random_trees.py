"""Any tree of conditions, over any customers: the SQL and an evaluation in plain Python agree.

What isn't known is None in both: it makes no member, and `none` of it is unknown too.
"""

import calendar
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ..properties.extent import COMMON, is_soak
from .tables import Tables

Row = dict[str, Any]
Answer = bool | None
Test = Callable[[Row], Answer]
ZONE = ZoneInfo("Europe/Berlin")
AS_OF = datetime.fromisoformat("2026-03-31 12:30")  # on Berlin's clock, days after it was changed
FIELDS = {
    "stripe_total_orders": st.integers(0, 4),
    "stripe_order_products": st.integers(0, 4),
    "stripe_total_sales": st.one_of(st.none(), st.sampled_from([Decimal("0"), Decimal("99.99"),
                                                               Decimal("100"), Decimal("500")])),
    "country": st.sampled_from([None, "DE", "AT", "D_"]),
    "stripe_coupons_used": st.one_of(st.none(), st.lists(st.sampled_from(["SUMMER", "O'Brien"]),
                                                         max_size=2, unique=True)),
    "stripe_delinquent": st.sampled_from([None, True, False]),
    "created_at": st.one_of(st.none(), st.integers(-40, 40)),
    "stripe_card_expires_on": st.one_of(st.none(), st.integers(-40, 40)),
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A condition as the file says it, and its answer for a customer."""

    said: Any
    test: Test


def _known(field: str, test: Callable[[Any], bool]) -> Test:
    return lambda row: None if row[field] is None else test(row[field])


def _shifted(days: int = 0, months: int = 0) -> datetime:
    """As-of moved on Berlin's clock, in UTC."""
    month = AS_OF.month - 1 + months
    year, month = AS_OF.year + month // 12, month % 12 + 1
    day = min(AS_OF.day, calendar.monthrange(year, month)[1])
    local = AS_OF.replace(year=year, month=month, day=day) + timedelta(days=days)
    return local.replace(tzinfo=ZONE).astimezone(UTC).replace(tzinfo=None)


NOW = _shifted()


def _number(field: str, bound: Any) -> list[Case]:
    said: dict[str, Callable[[Any], bool]] = {
        f"is {bound}": lambda value: value == bound,
        f"is not {bound}": lambda value: value != bound,
        f"at least {bound}": lambda value: value >= bound,
        f"at most {bound}": lambda value: value <= bound,
        f"more than {bound}": lambda value: value > bound,
        f"less than {bound}": lambda value: value < bound,
        "some": lambda value: value > 0,
        "none": lambda value: value == 0,
        f"between 1 and {bound}": lambda value: 1 <= value <= bound,
    }
    return [Case({field: text}, _known(field, test)) for text, test in said.items()]


def _moments(field: str, count: int) -> list[Case]:
    is_date = field == "stripe_card_expires_on"

    def cut(days: int = 0, months: int = 0) -> Any:
        instant = _shifted(days, months)
        return _local_day(instant) if is_date else instant

    now, before, after = cut(), cut(-count), cut(count)

    def ahead(value: Any) -> bool:
        return bool(value <= after and (value >= now if is_date else value > now))

    said: dict[str, Callable[[Any], bool]] = {
        f"more than {count} days ago": lambda value: value < before,
        f"within the last {count} days": lambda value: before <= value <= now,
        f"within the next {count} days": ahead,
        f"within {count} days": ahead,
        f"more than {count} days from now": lambda value: value > after,
        "more than 1 month ago": lambda value: value < cut(months=-1),
        "in the past": lambda value: value < now if is_date else value <= now,
        "in the future": lambda value: value > now,
        "before 2026-03-29": lambda value: _day(value) < date(2026, 3, 29),
        "on or after 2026-03-29": lambda value: _day(value) >= date(2026, 3, 29),
        "between 2026-03-01 and 2026-03-29":
            lambda value: date(2026, 3, 1) <= _day(value) <= date(2026, 3, 29),
    }  # fmt: skip
    return [Case({field: text}, _known(field, test)) for text, test in said.items()]


def _day(value: Any) -> date:
    return _local_day(value) if isinstance(value, datetime) else value


def _local_day(instant: datetime) -> date:
    return instant.replace(tzinfo=UTC).astimezone(ZONE).date()


def _of_other_kinds() -> list[Case]:
    coupons, country = "stripe_coupons_used", "country"
    return [
        Case({country: "is DE"}, _known(country, lambda value: value == "DE")),
        Case({country: "is not DE"}, _known(country, lambda value: value != "DE")),
        Case({country: "is one of DE, 'AT'"}, _known(country, lambda value: value in ("DE", "AT"))),
        Case({country: "is none of DE, AT"}, _known(country, lambda value: value not in "DEAT")),
        Case({country: "contains _"}, _known(country, lambda value: "_" in value)),
        Case({country: "starts with D"}, _known(country, lambda value: value.startswith("D"))),
        Case({country: "is known"}, lambda row: row[country] is not None),
        Case({country: "is unknown"}, lambda row: row[country] is None),
        Case({coupons: "includes O'Brien"}, _known(coupons, lambda value: "O'Brien" in value)),
        Case({coupons: "includes all of SUMMER, O'Brien"}, _known(coupons, lambda v: len(v) == 2)),
        Case({coupons: "includes any of SUMMER, O'Brien"}, _known(coupons, bool)),
        Case({coupons: "includes none of SUMMER"}, _known(coupons, lambda v: "SUMMER" not in v)),
        Case({coupons: "is empty"}, _known(coupons, lambda value: not value)),
        Case({"stripe_delinquent": "is true"}, _known("stripe_delinquent", bool)),
        Case({"stripe_delinquent": "no"}, _known("stripe_delinquent", lambda value: not value)),
        Case({"stripe_total_orders": "more than twice stripe_order_products"},
             lambda row: row["stripe_total_orders"] > 2 * row["stripe_order_products"]),
        Case({"in": "some_orders"}, lambda row: row["stripe_total_orders"] > 0),
        Case({"not in": "best"}, lambda row: _not(_top(40).test(row))),
        Case({"not in": "big_spenders"},
             lambda row: _not(_known("stripe_total_sales", lambda v: v >= 100)(row))),
    ]  # fmt: skip


def _top(percent: int) -> Case:
    """The part of the customers with the greatest sales above 0; `all` of a row are all rows."""
    field = "stripe_total_sales"

    def test(row: Row) -> Answer:
        if row[field] is None or any(_lacks_rate(each) for each in row["all"]):
            return None
        buyers = [each for each in row["all"] if (each[field] or 0) > 0]
        buyers.sort(key=lambda each: (-each[field], each["stripe_customer_id"]))
        best = buyers[: math.ceil(len(buyers) * percent / 100)]
        return row["stripe_customer_id"] in {each["stripe_customer_id"] for each in best}

    return Case({field: f"in the top {percent} %"}, test)


def _lacks_rate(row: Row) -> bool:
    return row["stripe_total_sales"] is None and bool(row.get("lacks_rate"))


def _facts(number: int, least: Decimal) -> list[Case]:
    def meant(order: Row) -> Answer:
        total = order["order_total"]
        return None if total is None else total >= least

    def counts(row: Row) -> tuple[int, int]:
        answers = [meant(order) for order in row["orders"]]
        return answers.count(True), answers.count(None)

    def at_least(row: Row) -> Answer:
        sure, unsure = counts(row)
        return True if sure >= number else False if sure + unsure < number else None

    def at_most(row: Row) -> Answer:
        sure, unsure = counts(row)
        return True if sure + unsure <= number else False if sure > number else None

    where = [{"order_total": f"at least {least}"}]
    return [
        Case({f"has at least {number} orders": where}, at_least),
        Case({f"has at most {number} orders": where}, at_most),
        Case({"has no order": where}, lambda row: _not(_some(counts(row)))),
        Case({"has order": where}, lambda row: _some(counts(row))),
    ]


def _some(counted: tuple[int, int]) -> Answer:
    return True if counted[0] else None if counted[1] else False


def _not(answer: Answer) -> Answer:
    return None if answer is None else not answer


def _all(answers: Sequence[Answer]) -> Answer:
    return False if False in answers else None if None in answers else True


def _group(joint: str, parts: list[Case]) -> Case:
    def test(row: Row) -> Answer:
        answers = [part.test(row) for part in parts]
        if joint == "all":
            return _all(answers)
        none_of_them = _all([_not(answer) for answer in answers])
        return none_of_them if joint == "none" else _not(none_of_them)

    return Case({joint: [part.said for part in parts]}, test)


LEAVES = [
    *_number("stripe_total_orders", 2),
    *_number("stripe_total_sales", Decimal("100")),
    *_moments("created_at", 30),
    *_moments("stripe_card_expires_on", 7),
    *_of_other_kinds(),
    *_facts(2, Decimal("10")),
    _top(40),
    _top(100),
]
trees = st.recursive(
    st.sampled_from(LEAVES),
    lambda parts: st.builds(
        _group, st.sampled_from(["all", "any", "none"]), st.lists(parts, min_size=1, max_size=3)
    ),
    max_leaves=6,
)
orders = st.lists(st.sampled_from([None, Decimal("5"), Decimal("10")]), max_size=3)
customers = st.lists(
    st.fixed_dictionaries({**FIELDS, "lacks_rate": st.booleans(), "orders": orders.map(
        lambda totals: [{"order_total": total} for total in totals])}), min_size=1, max_size=4,
)  # fmt: skip
OTHERS = {"some_orders": {"stripe_total_orders": "some"},
          "big_spenders": {"stripe_total_sales": "at least 100"},
          "best": {"stripe_total_sales": "top 40 %"}}  # fmt: skip


@settings(max_examples=2_000 if is_soak else 60, **COMMON)
@given(tree=trees, rows=customers)
def test_the_sql_and_plain_python_agree(tree: Case, rows: list[Row]) -> None:
    _agree([tree], rows)


def _agree(trees: list[Case], rows: list[Row]) -> None:
    rows = [_timed(number, row) for number, row in enumerate(rows)]
    rows = [{**row, "all": rows} for row in rows]
    tables = Tables(AS_OF, "Europe/Berlin")
    profiles = [{name: row[name] for name in ("stripe_customer_id", *FIELDS)} for row in rows]
    tables.fill("customer_profiles", profiles)
    tables.fill("unrated_fields", [
        {"stripe_customer_id": row["stripe_customer_id"], "field": "stripe_total_sales"}
        for row in rows if _lacks_rate(row)
    ])  # fmt: skip
    placed = [
        {"stripe_customer_id": row["stripe_customer_id"], "is_counted": True, **order}
        for row in rows
        for order in row["orders"]
    ]
    tables.fill("orders", placed)
    tried = {f"tried_{number}": tree for number, tree in enumerate(trees)}
    rules = OTHERS | {name: tree.said for name, tree in tried.items()}
    with TemporaryDirectory() as folder:
        for name, rule in rules.items():
            file = {"meaning": "A try.", "who": [rule]}
            (Path(folder) / f"{name}.yml").write_text(yaml.safe_dump(file))
        found = tables.members(Path(folder), *tried)
    for name, tree in tried.items():
        expected = {row["stripe_customer_id"] for row in rows if tree.test(row) is True}
        assert set(found[name]) == expected, tree.said
        assert all(isinstance(json.loads(why), dict) for why in found[name].values())


def _timed(number: int, row: Row) -> Row:
    """A customer whose days from as-of are an instant and a date."""
    created, expires = row["created_at"], row["stripe_card_expires_on"]
    today = _local_day(NOW)
    return {
        **row,
        "stripe_customer_id": f"cus_{number}",
        "created_at": None if created is None else _shifted(created),
        "stripe_card_expires_on": None if expires is None else today + timedelta(days=expires),
    }


def test_each_form_of_condition_agrees_at_its_bounds() -> None:
    """Every leaf, with customers on both sides of each bound."""
    base: Row = dict.fromkeys(FIELDS) | {"orders": []}
    base |= {"stripe_total_orders": 1, "stripe_order_products": 0}
    rows = [base]
    for days in (-31, -30, -29, -8, -7, 0, 7, 8, 30, 31):
        rows.append({**base, "created_at": days, "stripe_card_expires_on": days})
    rows += [{**base, "stripe_total_orders": count} for count in range(4)]
    rows += [{**base, "stripe_total_sales": Decimal(text)} for text in ("0", "1", "99.99", "100")]
    rows += [{**base, "country": text} for text in ("DE", "AT", "D_", "FR")]
    rows += [{**base, "stripe_coupons_used": each} for each in ([], ["SUMMER"], ["O'Brien"])]
    rows += [{**base, "stripe_delinquent": flag} for flag in (True, False)]
    for totals in ((), (5,), (None,), (10,), (10, None), (10, 10), (10, 10, 10), (10, 10, None)):
        placed = [{"order_total": None if each is None else Decimal(each)} for each in totals]
        rows.append({**base, "orders": placed})
    leaves = LEAVES + [_group("none", [leaf]) for leaf in LEAVES]
    _agree(leaves, rows)
    _agree(leaves, [*rows, {**base, "lacks_rate": True}])
