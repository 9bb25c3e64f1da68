"""What a preview says is due, the next export writes: by key, over random changes of everything."""

import os
import random
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stripe_pipeline.errors import UsageError
from stripe_pipeline.settings import Settings
from tests.activation.previews.changes import (
    ADDRESSES,
    CUSTOMERS,
    SCHEDULES,
    Change,
    changes,
    drawn,
)
from tests.activation.previews.changing_shop import Shop, look
from tests.activation.shop import (
    EMAIL,
    consent,
    customer,
    publish_shop,
    stay,
)

IS_SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"


def play(script: Iterable[Change]) -> None:
    """Make the changes one after the other, and compare after each."""
    home = Path(tempfile.mkdtemp())
    try:
        shop = Shop(home / "home")
        for who in ADDRESSES[:2]:
            shop.change("opt_in", who, 0)
        for day, (what, value) in enumerate(script):
            shop.change(what, value, day)
            shop.publish(day)
            shop.judge(day)
    finally:
        shutil.rmtree(home)


def test_one_script_of_each_change() -> None:
    play(
        [
            ("opt_in", "c@shop.example"), ("is_live", True), ("persons", (0, 0, 2, 3, 4)),
            ("suppress", "b@shop.example"), ("members", frozenset({0, 1})), ("status", "draft"),
            ("killed", "after"), ("status", "live"), ("members", frozenset(CUSTOMERS)),
            ("log_lost", True), ("killed", "damaged"), ("schedule", SCHEDULES[2]),
            ("countries", ("GB", "DE", "US", None, None)), ("segment", "lapsed_6_months"),
            ("goal", frozenset({1})), ("opt_out", "a@shop.example"),
        ]
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_a_thousand_changes_are_predicted(seed: int) -> None:
    chance = random.Random(seed)
    play(drawn(chance) for _ in range(50))


@pytest.mark.slow
@settings(
    max_examples=250 if IS_SOAK else 12, derandomize=not IS_SOAK, database=None, deadline=None
)
@given(st.lists(changes, min_size=2, max_size=8))
def test_what_is_predicted_is_what_is_written(script: list[Change]) -> None:
    play(script)


def test_each_step_has_its_number_and_a_sample(shop: Settings) -> None:
    (shop.campaigns / "1.yml").unlink()
    people = [
        customer(0), customer(1, email=None), customer(2), customer(3),
        customer(4, stripe_person_id="cus_0003"), customer(5, email_deliverable=False),
    ]  # fmt: skip
    consents = [consent(f"c{each}@shop.example") for each in (0, 3, 4, 5)]
    consents.append(consent("c0@shop.example", "opt_out"))
    publish_shop(shop, people, [stay(person) for person in people], consents)
    seen = look(shop, entrants=2)
    assert {row["step"]: (row["left"], row["sample"]) for row in seen.funnel.steps} == {
        "members": (6, []),
        "person_once": (5, ["cus_0004"]),
        "consented": (3, ["cus_0001", "cus_0002"]),
        "reachable": (2, ["cus_0005"]),
        "not_suppressed": (1, ["cus_0000"]),
        "rates_known": (1, []),
        "first_at_address": (1, []),
        "not_sent_before": (1, []),
        "goal_not_met": (1, []),
        "on_schedule": (1, []),
        "fills_in": (1, []),
        "due": (1, []),
    }
    assert seen.customer == "cus_0003"
    assert seen.message is not None
    assert seen.message["body"] == "You spent 12.50."
    assert [row["stripe_customer_id"] for row in seen.entrants] == ["cus_0000", "cus_0001"]


def test_a_customer_is_shown_whether_due_or_not(shop: Settings) -> None:
    (shop.campaigns / "1.yml").unlink()
    people = [customer(0), customer(1, first_name=None)]
    publish_shop(shop, people, [stay(people[0])], [consent("c0@shop.example")])
    seen = look(shop, customer="cus_0001")
    assert seen.verdict is None
    assert seen.message is not None
    assert seen.message["subject"] == "Thank you, friend"
    inside = look(shop, customer="cus_0000")
    assert inside.verdict is not None
    assert inside.verdict["is_due"]
    with pytest.raises(UsageError, match="There is no customer cus_9"):
        look(shop, customer="cus_9")


def test_tokens_say_for_how_many_they_are_empty(shop: Settings) -> None:
    (shop.campaigns / "1.yml").unlink()
    text = EMAIL + "  {{ account.name }} {{ user.firstname }}\n"
    (shop.campaigns / "0.yml").write_text(text, encoding="utf-8")
    people = [customer(0), customer(1, first_name=""), customer(2, first_name=None)]
    consents = [consent(person["email"]) for person in people]
    publish_shop(shop, people, map(stay, people), consents)
    assert look(shop).totals.tokens() == [
        {"token": "account.name", "people": 3, "empty": 3},
        {"token": "profile.first_name", "people": 3, "empty": 2},
        {"token": "user.firstname", "people": 3, "empty": 2},
        {"token": "profile.stripe_total_sales", "people": 3, "empty": 0},
    ]
