"""Who bought a product: the lines of paid orders as a condition, beside plain Python."""

import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from stripe_pipeline.segments.files import load_segments
from stripe_pipeline.segments.models import model
from stripe_pipeline.segments.unit_tests import unit_tests

from .tables import Tables

AS_OF = datetime.fromisoformat("2026-04-10 12:00")
COFFEE = """
meaning: Who bought two or more of a coffee lately.
who:
  - has HOW_OFTEN:
      - any:
          - product: is Coffee
          - product_id: is prod_2
      - quantity: at least 2
      - paid_at: within the last 30 days
"""
Line = dict[str, Any]


def _folder(tmp_path: Path, how_often: str = "purchase") -> Path:
    (tmp_path / "coffee.yml").write_text(COFFEE.replace("HOW_OFTEN", how_often))
    return tmp_path


def test_a_purchase_is_a_line_of_a_paid_order(tmp_path: Path) -> None:
    [segment] = load_segments(_folder(tmp_path))
    text = model(segment, {"coffee": segment})
    assert "from {{ ref('order_lines') }} as facts" in text
    assert "and facts.order_status = 'paid'" in text
    assert "facts.product = 'Coffee'" in text


@pytest.mark.parametrize(
    "sentence",
    [
        "is Salt and Pepper", "is one of Salt and Pepper, Tea", "starts with Salt and P",
        "ends with and Pepper", "contains and", "is not Made between two and three",
    ],
)  # fmt: skip
def test_a_name_may_say_and(tmp_path: Path, sentence: str) -> None:
    more = "      - quantity: at least 1\n"
    text = f"meaning: x\nwho:\n  - has purchase:\n      - product: {sentence}\n{more}"
    (tmp_path / "seasoned.yml").write_text(text)
    tables = Tables(AS_OF)
    tables.fill("customer_profiles", [{"stripe_customer_id": "cus_1"}])
    sold = {"product": "Salt and Pepper", "quantity": 1, "order_status": "paid"}
    tables.fill("order_lines", [{"stripe_customer_id": "cus_1", **sold}])
    assert tables.members(tmp_path, "seasoned")["seasoned"].keys() == {"cus_1"}


def _drawn(draw: random.Random) -> Line:
    product = draw.choice([None, "Coffee", "Tea"])
    return {
        "order_status": draw.choice(["paid", "paid", "open", "void"]),
        "product": product,
        "product_id": draw.choice([None, "prod_1", "prod_2"]),
        "quantity": draw.choice([None, 1, 2, 3]),
        "paid_at": AS_OF - draw.choice([timedelta(days=30), timedelta(days=30, seconds=1),
                                        timedelta(0), timedelta(seconds=-1)]),
    }  # fmt: skip


def _is_meant(line: Line) -> bool | None:
    """Whether a line is such a purchase; None where what decides isn't known."""
    if line["order_status"] != "paid":
        return False
    named = _any([_equal(line["product"], "Coffee"), _equal(line["product_id"], "prod_2")])
    enough = None if line["quantity"] is None else line["quantity"] >= 2
    lately = AS_OF - timedelta(days=30) <= line["paid_at"] <= AS_OF
    answers = [named, enough, lately]
    return False if False in answers else None if None in answers else True


def _equal(value: str | None, bound: str) -> bool | None:
    return None if value is None else value == bound


def _any(answers: list[bool | None]) -> bool | None:
    return True if True in answers else None if None in answers else False


@pytest.mark.parametrize(
    ("how_often", "is_in"),
    [
        ("purchase", lambda sure, unsure: sure >= 1),
        ("at least 2 purchases", lambda sure, unsure: sure >= 2),
        ("exactly 1 purchase", lambda sure, unsure: sure == 1 and not unsure),
        ("no purchase", lambda sure, unsure: sure + unsure == 0),
    ],
)
def test_who_bought_agrees_with_plain_python(tmp_path: Path, how_often: str, is_in: Any) -> None:
    draw = random.Random(how_often)
    bought = {f"cus_{number}": [_drawn(draw) for _ in range(draw.randrange(6))]
              for number in range(400)}  # fmt: skip
    tables = Tables(AS_OF)
    tables.fill("customer_profiles", [{"stripe_customer_id": key} for key in bought])
    tables.fill("order_lines", [
        {"stripe_customer_id": key, **line} for key, lines in bought.items() for line in lines
    ])  # fmt: skip
    answers = {key: [_is_meant(line) for line in lines] for key, lines in bought.items()}
    expected = {key for key, each in answers.items() if is_in(each.count(True), each.count(None))}
    found = tables.members(_folder(tmp_path, how_often), "coffee")["coffee"]
    assert 0 < len(expected) < len(bought)
    assert set(found) == expected


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("no payment attempt", True),
        ("at most 1 payment attempt", True),
        ("exactly 1 payment attempt", False),
        ("payment attempt", False),
    ],
)
def test_what_the_key_may_not_read_is_not_none(tmp_path: Path, said: str, read: bool) -> None:
    for name, negated in (("has", ""), ("lacks", "none:\n      - ")):
        (tmp_path / f"{name}.yml").write_text(f"meaning: x\nwho:\n  - {negated}has {said}:\n")
    tables = Tables(AS_OF)
    tables.fill("payments", [])
    tables.fill("customer_profiles", [
        {"stripe_customer_id": "unread"},
        {"stripe_customer_id": "read", "stripe_failed_payments": 0},
    ])  # fmt: skip
    found = tables.members(tmp_path, "has", "lacks")
    assert set(found["has"]) == ({"read"} if read else set())
    assert set(found["lacks"]) == (set() if read else {"read"})


def test_an_example_is_of_a_key_that_may_read_payments(tmp_path: Path) -> None:
    (tmp_path / "calm.yml").write_text(
        "meaning: x\nwho:\n  - has no payment attempt:\nexamples:\n  in: [{}]\n"
        "  out: [{stripe_failed_payments: null}]\n"
    )
    [segment] = load_segments(tmp_path)
    [test] = unit_tests(segment, model(segment, {"calm": segment}))
    [profiles] = [each["rows"] for each in test["given"] if "customer_profiles" in each["input"]]
    assert [row["stripe_failed_payments"] for row in profiles] == [0, None]
