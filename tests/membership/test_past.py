"""A segment's past: sizes at the end of each day, and who was in on one, from the stays alone."""

from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from stripe_pipeline.errors import UsageError
from stripe_pipeline.membership.past import members, print_past, sizes
from stripe_pipeline.settings import Settings

from ..segments.tables import Tables
from .published import home_with

ZONE = ZoneInfo("Europe/Berlin")
LAST = datetime.fromisoformat("2026-04-10 12:00")


def stay(key: str, entered: str, left: str | None = None, segment: str = "vip") -> dict[str, Any]:
    return {"segment": segment, "stripe_customer_id": key, "entered_at": entered, "left_at": left}


def home_of(folder: Path, stays: list[dict[str, Any]]) -> Settings:
    settings = home_with(folder, Tables(LAST, "Europe/Berlin"), {"segment_history": stays})
    (settings.segments / "vip.yml").write_text(
        "meaning: Rich.\nwho:\n  - stripe_total_sales: some\n"
    )
    return settings


STAYS = [
    stay("always", "2026-04-01 08:00"),
    # 22:30 UTC is half past midnight of the next day in Berlin.
    stay("late", "2026-04-01 22:30"),
    stay("returns", "2026-04-01 08:00", "2026-04-03 08:00"),
    stay("returns", "2026-04-05 08:00"),
    stay("a_moment", "2026-04-04 08:00", "2026-04-04 09:00"),
    stay("other", "2026-04-01 08:00", segment="gone"),
]


def test_sizes_are_those_at_the_end_of_a_day(tmp_path: Path) -> None:
    found = sizes(home_of(tmp_path, STAYS), "vip")
    assert [tuple(row.values()) for row in found] == [
        (date(2026, 4, 1), 2, 0, 2),
        (date(2026, 4, 2), 1, 0, 3),
        (date(2026, 4, 3), 0, 1, 2),
        (date(2026, 4, 4), 1, 1, 2),
        (date(2026, 4, 5), 1, 0, 3),
    ]


def test_everyone_leaves_and_comes_back_within_a_day(tmp_path: Path) -> None:
    """Both stays are kept, and no day's size shows it."""
    stays = [stay(key, "2026-04-01", "2026-04-05 08:00") for key in "abc"]
    stays += [stay(key, "2026-04-05 10:00") for key in "abc"]
    home = home_of(tmp_path, stays)
    assert [(row["departed"], row["entered"], row["members"]) for row in sizes(home, "vip")] == [
        (0, 3, 3), (3, 3, 3)
    ]  # fmt: skip
    assert {row["left_at"] for row in members(home, "vip", date(2026, 4, 5))} == {None}
    assert None not in {row["left_at"] for row in members(home, "vip", date(2026, 4, 4))}


@pytest.mark.parametrize(
    ("day", "expected"),
    [(1, {"always", "returns"}), (2, {"always", "returns", "late"}), (4, {"always", "late"}),
     (5, {"always", "late", "returns"})],
)  # fmt: skip
def test_members_of_a_past_day(tmp_path: Path, day: int, expected: set[str]) -> None:
    found = members(home_of(tmp_path, STAYS), "vip", date(2026, 4, day))
    assert {row["stripe_customer_id"] for row in found} == expected


def test_a_segment_without_a_file_keeps_its_past(tmp_path: Path) -> None:
    home = home_of(tmp_path, STAYS)
    assert [row["members"] for row in sizes(home, "gone")] == [1]
    with pytest.raises(UsageError, match="There is no segment vp"):
        sizes(home, "vp")


def test_the_future_is_asked_of_the_preview(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="preview --on 2026-04-11"):
        members(home_of(tmp_path, STAYS), "vip", date(2026, 4, 11))


def test_what_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = home_of(tmp_path, STAYS)
    print_past(home, "vip", date(2026, 3, 1), as_json=False)
    assert "the first recorded entry is of 2026-04-01" in capsys.readouterr().out
    print_past(home, "vip", date(2026, 4, 2), as_json=False)
    assert "3 customers in vip at the end of 2026-04-02." in capsys.readouterr().out
    print_past(home, "vip", None, as_json=True)
    assert '"departed": 1' in capsys.readouterr().out.replace('":', '": ').replace(":  ", ": ")


def test_random_stays_are_counted_as_by_hand(tmp_path: Path) -> None:
    chance = Random(7)
    began = datetime.fromisoformat("2026-03-01")
    stays = []
    for number in range(200):
        entered = began + timedelta(minutes=chance.randrange(40 * 24 * 60))
        left = entered + timedelta(minutes=chance.randrange(9 * 24 * 60))
        ended = str(left) if left < LAST else None
        stays.append(stay(f"c{number}", str(entered), ended))
    home = home_of(tmp_path, stays)
    for row in sizes(home, "vip")[::8]:
        day = row["day"]
        by_hand = [each for each in stays if _is_in(each, day)]
        assert row["members"] == len(by_hand) == len(members(home, "vip", day))


def _is_in(each: dict[str, Any], day: date) -> bool:
    end = datetime(day.year, day.month, day.day, tzinfo=ZONE) + timedelta(days=1)
    entered, left = (each["entered_at"], each["left_at"])
    began = datetime.fromisoformat(entered).replace(tzinfo=ZoneInfo("UTC"))
    ended = datetime.fromisoformat(left).replace(tzinfo=ZoneInfo("UTC")) if left else None
    return began < end and (ended is None or ended >= end)
