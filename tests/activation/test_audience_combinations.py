"""Keys of a campaign that meet: a goal and shared addresses, re-entry and persons who are split."""

from datetime import timedelta
from typing import Any

import pytest

from stripe_pipeline.activation.export import export
from stripe_pipeline.settings import Settings
from tests.activation.previews.test_prediction import judge_funnel, look
from tests.activation.shop import (
    AS_OF,
    EMAIL,
    consent,
    customer,
    exported,
    live,
    publish_shop,
    statuses,
    stay,
)

PEOPLE = [customer(number) for number in range(2)]


@pytest.fixture
def one(shop: Settings) -> Settings:
    """A live shop with one campaign."""
    (shop.campaigns / "1.yml").unlink()
    return live(shop)


def _write(shop: Settings, line: str) -> None:
    (shop.campaigns / "0.yml").write_text(EMAIL + line + "\n", encoding="utf-8")


def _run(
    shop: Settings, days: int, people: list[dict[str, Any]], stays: list[Any], **more: Any
) -> list[str]:
    """Publish, preview and export so many days later; return who has a message by then."""
    publish_shop(shop, people, stays, [consent(each["email"]) for each in people], **more)
    seen = look(shop, days * 24 * 60)
    judge_funnel(seen)
    before = {row["message_key"] for row in exported(shop)}
    export(shop, "email", AS_OF + timedelta(days=days))
    assert {row["message_key"] for row in exported(shop)} - before == seen.written
    return [row["stripe_customer_id"] for row in exported(shop)]


def test_a_message_to_a_joined_person_bars_each_of_them_after_a_split(one: Settings) -> None:
    _write(one, "re_entry: never")
    joined = [PEOPLE[0], customer(1, stripe_person_id="cus_0000")]
    assert _run(one, 0, PEOPLE, [stay(PEOPLE[0])]) == ["cus_0000"]
    both = [stay(PEOPLE[0]), stay(PEOPLE[1], entered_at=AS_OF + timedelta(days=1))]
    assert _run(one, 1, joined, both) == ["cus_0000"]
    assert _run(one, 2, PEOPLE, both) == ["cus_0000"]
    left = [both[0], {**both[1], "left_at": AS_OF + timedelta(days=3)}]
    again = [*left, stay(PEOPLE[1], entered_at=AS_OF + timedelta(days=4))]
    assert _run(one, 4, PEOPLE, again) == ["cus_0000"]
    assert statuses(one)["cus_0001"] == ("skipped", "re_entry")


def test_who_met_the_goal_leaves_the_address_to_the_next(one: Settings) -> None:
    _write(one, "goal: past_due")
    same = [PEOPLE[0], customer(1, email=PEOPLE[0]["email"])]
    stays = [stay(same[0]), stay(same[1], entered_at=AS_OF), stay(same[0], "past_due")]
    assert _run(one, 0, same, stays) == ["cus_0001"]
    assert statuses(one)["cus_0000"] == ("skipped", "goal_met")


def test_a_persons_goal_that_waits_for_a_rate_holds_the_message(one: Settings) -> None:
    """One of the person's customers may be in the goal, and the other one has the address."""
    _write(one, "goal: past_due")
    joined = [PEOPLE[0], customer(1, stripe_person_id="cus_0000")]
    undecided = [{"segment": "past_due", "stripe_customer_id": "cus_0001"}]
    assert _run(one, 0, joined, [stay(PEOPLE[0])], undecided=undecided) == []
    assert statuses(one)["cus_0000"] == ("held", "missing_rate")
    assert _run(one, 1, joined, [stay(PEOPLE[0])]) == ["cus_0000"]
