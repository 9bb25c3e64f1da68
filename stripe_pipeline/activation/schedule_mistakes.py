"""Read the `schedule` of a campaign file: every mistake in it, with its line."""

from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime
from typing import Any

from stripe_pipeline.activation.schedule import DAYS, Hours, Schedule
from stripe_pipeline.activation.yaml_places import Place, YamlFile
from stripe_pipeline.values.near_miss import did_you_mean

KEY = "schedule"
Said = tuple[Place, str]


def schedule_of(file: YamlFile) -> Schedule | None:
    """Return the schedule of a file without mistakes; None where it has none."""
    return _read(file)[0] if KEY in file.values else None


def schedule_mistakes(file: YamlFile) -> list[Said]:
    """Return what is wrong in the schedule, in the order of its lines."""
    return _read(file)[1] if KEY in file.values else []


def _read(file: YamlFile) -> tuple[Schedule, list[Said]]:
    given = file.values[KEY]
    if not isinstance(given, dict) or not given:
        said = f"schedule has lines below it: {', '.join(_READERS)}; write at least one of them."
        return Schedule(), [(file.key_place(KEY), said)]
    mistakes: list[Said] = []
    found: dict[str, Any] = {}
    for name, value in given.items():
        place = file.inner_place(KEY, str(name))
        if name not in _READERS:
            hint = did_you_mean(str(name), _READERS) or f"; it has {', '.join(_READERS)}"
            mistakes.append((place, f"a schedule has no {name}{hint}."))
            continue
        field, read = _READERS[name]
        value, wrong = read(str(name), value)
        mistakes += [(place, each) for each in wrong]
        found |= {} if wrong else {field: value}
    schedule = Schedule(**found)
    return schedule, mistakes + list(_of_both(file, schedule))


def _of_both(file: YamlFile, schedule: Schedule) -> Iterator[Said]:
    first, last = schedule.not_before, schedule.until
    if first and last and last < first:
        yield file.inner_place(KEY, "until"), f"until {last} is before not_before {first}."
    elif first and last and schedule.days and not _is_any(schedule.days, first, last):
        said = f"none of the days {_listed(schedule.days)} lies between {first} and {last}."
        yield file.inner_place(KEY, "days"), said


def _is_any(days: Collection[str], first: date, last: date) -> bool:
    """Return whether one of the days of a week lies between two dates, both included."""
    span = min((last - first).days, 6)
    return any(DAYS[(first.weekday() + offset) % 7] in days for offset in range(span + 1))


def _listed(days: Collection[str]) -> str:
    return ", ".join(day for day in DAYS if day in days)


Read = tuple[Any, list[str]]


def _days(name: str, value: object) -> Read:
    listed = ", ".join(DAYS)
    if not isinstance(value, list) or not value:
        return None, [f"{name} is a list of {listed}, such as [mon, tue]."]
    wrong = [
        f"{each} is no day{did_you_mean(str(each).lower(), DAYS) or f'; the days are {listed}'}."
        for each in value
        if each not in DAYS
    ]
    return frozenset(value) if not wrong else None, wrong


def _between(name: str, value: object) -> Read:
    hours = Hours.read(value) if isinstance(value, str) else None
    said = f"{name} is two times of one day, the earlier first, such as 09:00-18:00 or 12:00-24:00."
    return hours, [] if hours else [said]


def _date(name: str, value: object) -> Read:
    is_day = isinstance(value, date) and not isinstance(value, datetime)
    return value, [] if is_day else [f"{name} is a day, such as 2026-12-01."]


_READERS: dict[str, tuple[str, Callable[[str, object], Read]]] = {
    "days": ("days", _days),
    "between": ("hours", _between),
    "not_before": ("not_before", _date),
    "until": ("until", _date),
}
