"""Who gets a campaign: the keys of its file that decide it, and what they mean.

segment: lapsed_6_months
existing_members: skip      # who was in the segment when the campaign went live gets no message
excludes: [past_due, press.csv]   # segments and lists of people who get none
re_entry: after 90 days     # a further stay gives a message so long after the last one

or, for a message about each fact:

trigger: first_order        # see triggers.py
within: 7 days              # an older fact gets none
existing_members: skip      # nor does one of before the campaign went live
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from stripe_pipeline.activation.triggers import Trigger, trigger_of
from stripe_pipeline.segments.lists import FOLDER

Existing = Literal["skip", "include"]
Text = Annotated[str, StringConstraints(strict=True, min_length=1)]
EVERY_STAY, NEVER = "every_stay", "never"
_AFTER = re.compile(r"after (?P<days>[1-9]\d{0,3}) days?")
_SPAN = re.compile(r"(?P<number>[1-9]\d{0,3}) (?P<unit>hour|day|week)s?")


class AudienceKeys(BaseModel):
    """What a campaign file may say about who gets it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    segment: Text | None = None
    trigger: Text | None = None
    within: Text | None = None
    existing_members: Existing
    excludes: list[Text] | None = None
    re_entry: Text | None = None


@dataclass(frozen=True)
class Audience:
    """Who gets a campaign: the members of a segment, or the people of facts.

    `within` is how old a fact may be when its message is due; None for a segment. Members of the
    segments in `not_in` and people on `not_listed` get none. `re_entry` is for how many days a
    message bars those of further stays: 0 for none, None for ever.
    """

    segment: str | None
    existing_members: Existing
    trigger: Trigger | None = None
    within: timedelta | None = None
    not_in: tuple[str, ...] = ()
    not_listed: tuple[Path, ...] = ()
    re_entry: int | None = 0

    @property
    def name(self) -> str:
        """What the campaign is sent for: the segment, or the trigger."""
        return self.trigger.text if self.trigger else self.segment or ""

    @property
    def marts(self) -> tuple[str, ...]:
        """The published marts that it needs beside those that every campaign needs."""
        return self.trigger.marts if self.trigger else ()

    @property
    def takes_existing(self) -> bool:
        """Whether those who were there when the campaign went live get it too."""
        return self.existing_members == "include"


def audience_of(keys: AudienceKeys, segments: Path) -> Audience:
    """Return the audience that a checked campaign file's keys name; lists are in `segments`."""
    trigger = trigger_of(keys.trigger) if keys.trigger else None
    within = trigger.within if trigger else None
    if keys.within:
        within = span_of(keys.within)
    named = keys.excludes or []
    return Audience(
        keys.segment, keys.existing_members, trigger, within,
        tuple(name for name in named if not is_list(name)),
        tuple(segments / FOLDER / name for name in named if is_list(name)),
        re_entry_of(keys.re_entry or EVERY_STAY),
    )  # fmt: skip


def is_list(name: str) -> bool:
    """Return whether what a campaign excludes is a static list, not a segment."""
    return name.endswith(".csv")


def re_entry_of(text: str) -> int | None:
    """Return for how many days a message bars those of further stays: 0 for none, None for ever.

    Raises:
        ValueError: it says neither every_stay, never nor `after 90 days`.
    """
    if text in (EVERY_STAY, NEVER):
        return 0 if text == EVERY_STAY else None
    found = _AFTER.fullmatch(text)
    if not found:
        raise ValueError(text)
    return int(found["days"])


def span_of(text: str) -> timedelta | None:
    """Return a span of time such as `7 days` or `12 hours`; None where it is none."""
    found = _SPAN.fullmatch(text)
    return timedelta(**{f"{found['unit']}s": int(found["number"])}) if found else None
