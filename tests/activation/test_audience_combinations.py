"""Keys of a campaign that meet: a goal and shared addresses, re-entry and persons who are split."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from stripe_pipeline.activation import campaigns
from stripe_pipeline.activation.export import export
from stripe_pipeline.activation.outcome import outcome
from stripe_pipeline.activation.versions import recorded_versions
from stripe_pipeline.errors import UsageError
from stripe_pipeline.lake import Lake
from stripe_pipeline.segments.files import disabled_segments
from stripe_pipeline.settings import Settings
from tests.activation.previews.changing_shop import judge_funnel, look
from tests.activation.shop import (
    AS_OF,
    CONTRACT,
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


@pytest.mark.parametrize("line", ["excludes: [past_due]", "goal: past_due"])
def test_a_campaign_waits_for_a_segment_that_isnt_published_yet(one: Settings, line: str) -> None:
    """It would keep no one from the message."""
    _write(one, line)
    stays = [stay(PEOPLE[0])]
    publish_shop(one, PEOPLE, stays, [consent(each["email"]) for each in PEOPLE])
    (one.published / "segment_past_due.parquet").unlink()
    report = export(one, "email", AS_OF)
    assert exported(one) == []
    assert outcome(report) == (
        "0 messages exported. Campaigns wait for a segment that the published tables don't have: "
        "thanks for past_due; `stripe-pipeline run` computes a new segment, and a disabled one has "
        "to be enabled."
    )
    assert _run(one, 1, PEOPLE, stays) == ["cus_0000"]


def test_a_campaign_doesnt_go_live_on_a_segment_without_members_yet(one: Settings) -> None:
    """All of them would have entered after it."""
    file = one.campaigns / "0.yml"
    file.write_text(EMAIL.replace("members: include", "members: skip"), encoding="utf-8")
    publish_shop(one, PEOPLE, [])
    (one.published / "segment_vip.parquet").unlink()
    export(one, "email", AS_OF)
    assert recorded_versions(Lake(one.lake), "thanks") == []
    first = [stay(PEOPLE[0], entered_at=AS_OF + timedelta(days=1))]
    assert _run(one, 1, PEOPLE, first) == []
    assert statuses(one)["cus_0000"] == ("skipped", "existing_member")


@pytest.mark.parametrize("line", ["excludes: [vip, past_due]", "goal: past_due"])
def test_a_disabled_segment_keeps_no_one_from_a_message(
    one: Settings, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    paused = replace(CONTRACT, disabled=frozenset({"past_due"}))
    monkeypatch.setattr(campaigns, "load_contract", lambda *_: paused)
    _write(one, line)
    with pytest.raises(UsageError) as caught:
        campaigns.load_campaigns(one)
    assert "line 8: the segment past_due is disabled, so it would keep no one" in str(caught.value)


def test_which_segments_are_disabled(tmp_path: Path) -> None:
    texts = {"on": "enabled: true", "off": "enabled: false # for now", "said": "meaning: enabled",
             "torn": "enabled: [", "plain": "meaning: m"}  # fmt: skip
    for name, text in texts.items():
        (tmp_path / f"{name}.yml").write_text(text, encoding="utf-8")
    assert disabled_segments(tmp_path) == {"off"}
