"""An interrupted export is finished without those whom the campaign wouldn't write to any more."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from stripe_pipeline.activation import committing
from stripe_pipeline.activation.export import export
from stripe_pipeline.settings import Settings
from tests.activation.previews.changing_shop import look
from tests.activation.shop import (
    AS_OF,
    EMAIL,
    consent,
    customer,
    exported,
    live,
    open_shop,
    publish_shop,
    statuses,
    stay,
)

PEOPLE = [customer(number) for number in range(3)]


def _publish(settings: Settings, *further: Any, **more: Any) -> None:
    stays = [*map(stay, PEOPLE), *further]
    publish_shop(settings, PEOPLE, stays, [consent(one["email"]) for one in PEOPLE], **more)


def _killed(home: Path, campaign: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A shop whose export was recorded, and killed before its folder appeared."""
    settings = live(open_shop(home, campaign))
    _publish(settings)

    def dying(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, suppress(KeyboardInterrupt):
        patch.setattr(committing, "appear", dying)
        export(settings, "email", AS_OF)
    assert set(statuses(settings).values()) == {("exported", None)}
    return settings


def _finish(settings: Settings) -> list[str]:
    """Preview, export twice; return who has a message."""
    seen = look(settings)
    for _ in range(2):
        export(settings, "email", AS_OF)
    rows = exported(settings)
    assert sorted(seen.written) == sorted(row["message_key"] for row in rows)
    return sorted(row["stripe_customer_id"] for row in rows)


def _rewrite(settings: Settings, old: str, new: str) -> None:
    file = settings.campaigns / "0.yml"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def test_without_who_met_the_goal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _killed(tmp_path / "home", EMAIL + "goal: past_due\n", monkeypatch)
    _publish(settings, stay(PEOPLE[1], "past_due"))
    assert _finish(settings) == ["cus_0000", "cus_0002"]
    assert statuses(settings)["cus_0001"] == ("skipped", "goal_met")


def test_without_who_is_or_may_be_excluded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _killed(tmp_path / "home", EMAIL + "excludes: [past_due]\n", monkeypatch)
    undecided = [{"segment": "past_due", "stripe_customer_id": "cus_0002"}]
    _publish(settings, stay(PEOPLE[1], "past_due"), undecided=undecided)
    assert _finish(settings) == ["cus_0000"]
    assert statuses(settings)["cus_0001"] == ("held", "excluded")
    assert statuses(settings)["cus_0002"] == ("held", "missing_rate")
    _publish(settings)
    export(settings, "email", AS_OF)
    assert len(exported(settings)) == len(PEOPLE)


@pytest.mark.parametrize("status", ["draft", "retired"])
def test_a_campaign_that_isnt_live_any_more_sends_none_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    settings = _killed(tmp_path / "home", EMAIL + "status: live\n", monkeypatch)
    _rewrite(settings, "status: live", f"status: {status}")
    assert _finish(settings) == []
    assert set(statuses(settings).values()) == {("held", "not_live")}
    _rewrite(settings, f"status: {status}", "status: live")
    assert len(_finish(settings)) == len(PEOPLE)


def test_a_campaign_whose_file_is_gone_sends_none_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = _killed(tmp_path / "home", EMAIL, monkeypatch)
    (settings.campaigns / "0.yml").unlink()
    export(settings, "email", AS_OF)
    assert exported(settings) == []
    assert set(statuses(settings).values()) == {("held", "not_live")}
