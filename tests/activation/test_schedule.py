"""When messages go out: the schedule's decision, and what it does to an export."""

import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from stripe_pipeline.activation import committing
from stripe_pipeline.activation.campaigns import load_campaigns
from stripe_pipeline.activation.export import export
from stripe_pipeline.activation.previews.closely import Wanted, look_closely
from stripe_pipeline.activation.schedule import DAYS, Hours, Schedule
from stripe_pipeline.contacts.recipient_zones import zones_of
from stripe_pipeline.errors import UsageError
from stripe_pipeline.settings import Settings
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

# Zones that change the hour in the north and in the south, by half an hour, and not at all.
ZONES = [
    "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo",
    "Asia/Kathmandu", "Africa/Casablanca", "Pacific/Chatham", "Pacific/Kiritimati", "UTC",
]  # fmt: skip
YEAR = datetime(2026, 1, 1, tzinfo=UTC)
SCHEDULES = [
    Schedule(),
    Schedule(days=frozenset({"mon", "tue"}), hours=Hours(9 * 60, 18 * 60)),
    Schedule(hours=Hours(2 * 60, 2 * 60 + 30)),
    Schedule(hours=Hours(0, 30), days=frozenset({"sun"})),
    Schedule(hours=Hours(23 * 60, 24 * 60), until=date(2026, 10, 25)),
    Schedule(not_before=date(2026, 3, 29), until=date(2026, 11, 1), hours=Hours(61, 1439)),
]


def wall_clocks(zone: str) -> Iterator[tuple[datetime, datetime]]:
    """Every hour of a year with what clocks show then, by the rules that DuckDB has of its own."""
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select instant, instant at time zone 'UTC' at time zone ? from ("
            "select unnest(generate_series(?::timestamp, ?::timestamp, interval 1 hour)) "
            "as instant)",
            [zone, *(each.replace(tzinfo=None) for each in (YEAR, YEAR + timedelta(days=365)))],
        ).fetchall()
    for instant, local in rows:
        yield instant.replace(tzinfo=UTC), local


def expected(schedule: Schedule, local: datetime) -> str | None:
    """Why a message is held, by what the recipient's clock and calendar show."""
    if schedule.until is not None and local.date() > schedule.until:
        return "expired"
    if schedule.not_before is not None and local.date() < schedule.not_before:
        return "before_start"
    is_day = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"][local.weekday()] in schedule.days
    start, end = divmod(schedule.hours.start, 60), divmod(schedule.hours.end, 60)
    return None if is_day and start <= (local.hour, local.minute) < end else "outside_window"


@pytest.mark.parametrize("zone", ZONES)
def test_every_hour_of_a_year_is_judged_by_the_clock_on_the_wall(zone: str) -> None:
    for instant, local in wall_clocks(zone):
        for schedule in SCHEDULES:
            found = schedule.hold(instant, instant, (zone,), "Asia/Tokyo")
            assert found == expected(schedule, local), (instant, local, schedule)


def test_of_several_zones_all_have_to_be_open() -> None:
    zones = zones_of("US", None, None)
    schedule = SCHEDULES[1]
    chance = random.Random(1)
    for hour in chance.sample(range(365 * 24), 200):
        instant = YEAR + timedelta(hours=hour)
        each = [schedule.hold(instant, instant, (zone,), "UTC") for zone in zones]
        assert (schedule.hold(instant, instant, zones, "UTC") is None) == (set(each) == {None})


def test_zones_that_never_meet_and_unknown_ones_leave_the_reporting_zone() -> None:
    night = Schedule(hours=Hours(9 * 60, 10 * 60))
    instant = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)
    for zones in (zones_of("RU", None, None), ()):
        assert night.hold(instant, instant, zones, "UTC") is None
        assert night.hold(instant, instant, zones, "Asia/Tokyo") == "outside_window"


def test_a_whole_day_is_open_if_any_minute_of_it_is() -> None:
    chance = random.Random(2)
    for _ in range(60):
        since = YEAR + timedelta(minutes=chance.randrange(365 * 24 * 60))
        as_of = since + timedelta(minutes=chance.randrange(24 * 60))
        zones = tuple(chance.sample(ZONES, chance.randint(1, 2)))
        start = chance.randrange(24 * 60 - 1)
        schedule = Schedule(
            days=frozenset(chance.sample(DAYS, 3)),
            hours=Hours(start, chance.randint(start + 1, 24 * 60)),
        )
        if not schedule._ever_agree(zones):
            continue
        minutes = range((as_of - since) // timedelta(minutes=1) + 1)
        is_open = any(
            schedule.is_open(since + timedelta(minutes=minute), zones) for minute in minutes
        )
        assert (schedule.hold(since, as_of, zones, "UTC") is None) == is_open


# The shop's instant is a Sunday, 10:00 in UTC: 11:00 in Berlin, 05:00 in New York.
SUNDAY = EMAIL + "schedule:\n  days: [sun]\n  between: 09:00-18:00\n"


def the_shop(home: Path, campaign: str, **more: Any) -> Settings:
    """A shop whose first person is in Berlin, the second in New York, the third no one knows."""
    settings = live(open_shop(home, campaign))
    people = [
        customer(0, country="DE"), customer(1, country="US", region="NY"),
        customer(2, phone=None),
    ]  # fmt: skip
    stays = [stay(person) for person in people] + more.get("stays", [])
    publish_shop(settings, people, stays, [consent(person["email"]) for person in people])
    return settings


def sent(settings: Settings, hours: int) -> list[str]:
    """Export some hours later; return to whom there are messages by then."""
    export(settings, "email", AS_OF + timedelta(hours=hours))
    return sorted(row["stripe_customer_id"] for row in exported(settings))


def test_a_message_waits_for_its_window_and_goes_out_once(tmp_path: Path) -> None:
    settings = the_shop(tmp_path / "home", SUNDAY)
    assert sent(settings, 0) == ["cus_0000", "cus_0002"]
    assert statuses(settings)["cus_0001"] == ("held", "outside_window")
    assert sent(settings, 3) == ["cus_0000", "cus_0002"]
    assert sent(settings, 4) == ["cus_0000", "cus_0001", "cus_0002"]
    # What is sent stays sent, whatever the hour.
    assert sent(settings, 20) == ["cus_0000", "cus_0001", "cus_0002"]
    assert {status for status, _ in statuses(settings).values()} == {"exported"}


def test_before_the_first_day_it_is_held_and_after_the_last_it_expires(tmp_path: Path) -> None:
    first = "schedule: {not_before: 2026-11-23, until: 2026-11-23}\n"
    settings = the_shop(tmp_path / "home", EMAIL + first)
    assert sent(settings, 0) == []
    assert set(statuses(settings).values()) == {("held", "before_start")}
    # 23:30 on Sunday in UTC is Monday in Berlin alone.
    assert sent(settings, 13) == ["cus_0000"]
    # 00:30 on Tuesday in UTC is Monday in New York.
    export(settings, "email", AS_OF + timedelta(hours=38, minutes=30))
    assert statuses(settings)["cus_0001"] == ("exported", None)
    assert statuses(settings)["cus_0002"] == ("skipped", "expired")


def test_a_preview_of_a_day_has_what_goes_out_at_any_hour_of_it(tmp_path: Path) -> None:
    settings = the_shop(tmp_path / "home", SUNDAY)
    [campaign] = load_campaigns(settings)
    end = AS_OF.replace(hour=23, minute=59, second=59)
    whole = Wanted(since=AS_OF.replace(hour=0))
    assert len(look_closely(settings, settings, campaign, end, whole).due) == 3
    late = look_closely(settings, settings, campaign, end, Wanted())
    steps = {row["step"]: row for row in late.funnel.steps}
    assert steps["on_schedule"]["sample"] == ["cus_0000", "cus_0001", "cus_0002"]
    assert late.due == frozenset()


def test_an_interrupted_export_is_finished_inside_the_window_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = the_shop(tmp_path / "home", SUNDAY)

    def dying(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, suppress(KeyboardInterrupt):
        patch.setattr(committing, "appear", dying)
        export(settings, "email", AS_OF)
    # 18:00 in UTC: too late in Berlin and where no one knows, early enough in New York.
    assert sent(settings, 8) == ["cus_0001"]
    assert statuses(settings)["cus_0000"] == ("held", "outside_window")
    assert sent(settings, 7 * 24) == ["cus_0000", "cus_0001", "cus_0002"]


def test_who_met_the_goal_while_held_gets_nothing(tmp_path: Path) -> None:
    goal = [stay(customer(1), "past_due")]
    text = SUNDAY + "goal: past_due\n"
    settings = the_shop(tmp_path / "home", text, stays=goal)
    assert sent(settings, 4) == ["cus_0000", "cus_0002"]
    assert statuses(settings)["cus_0001"] == ("skipped", "goal_met")


def test_every_mistake_is_told_with_its_line(shop: Settings) -> None:
    (shop.campaigns / "1.yml").unlink()
    lines = [
        "schedule:", "  days: [mon, teu]", "  between: 18:00-09:00", "  not_befor: 2026-12-01",
        "  until: tomorrow", "goal: vipp",
    ]  # fmt: skip
    file = shop.campaigns / "0.yml"
    file.write_text("\n".join([EMAIL.rstrip(), *lines, ""]), encoding="utf-8")
    with pytest.raises(UsageError) as told:
        load_campaigns(shop)
    said = str(told.value)
    assert "5 things in campaign files are to be corrected" in said
    for line, message in (
        (9, "teu is no day (did you mean tue?)."),
        (10, "between is two times of one day, the earlier first, such as 09:00-18:00"),
        (11, "a schedule has no not_befor (did you mean not_before?)."),
        (12, "until is a day, such as 2026-12-01."),
        (13, "there is no segment vipp; did you mean vip?"),
    ):
        assert f"0.yml, line {line}: {message}" in said


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        ("schedule:", "schedule has lines below it: days, between, not_before, until"),
        ("schedule: daily", "schedule has lines below it: days, between, not_before, until"),
        ("schedule: {}", "schedule has lines below it"),
        ("schedule: {zone: x}", "a schedule has no zone; it has days, between, not_before, until."),
        ("schedule: {days: mon}", "days is a list of mon, tue, wed, thu, fri, sat, sun"),
        ("schedule: {days: [7]}", "7 is no day; the days are mon"),
        ("schedule: {days: []}", "days is a list of"),
        ("schedule: {between: 9-18}", "between is two times of one day"),
        ("schedule: {between: '09:60-18:00'}", "between is two times of one day"),
        ("schedule: {between: '09:00-24:01'}", "between is two times of one day"),
        ("schedule: {until: 2026-12-01T09:00:00}", "until is a day, such as 2026-12-01"),
        ("schedule: {not_before: 2026-12-02, until: 2026-12-01}", "is before not_before"),
        (
            "schedule: {days: [sat, sun], not_before: 2026-11-23, until: 2026-11-27}",
            "none of the days sat, sun lies between 2026-11-23 and 2026-11-27",
        ),
        ("goal: vip", "the goal is the segment itself"),
        ("goal: [vip]", "goal has to be text"),
    ],
)
def test_what_a_schedule_cant_be(shop: Settings, schedule: str, said: str) -> None:
    (shop.campaigns / "1.yml").unlink()
    (shop.campaigns / "0.yml").write_text(EMAIL + schedule + "\n", encoding="utf-8")
    with pytest.raises(UsageError) as told:
        load_campaigns(shop)
    assert said in str(told.value)
