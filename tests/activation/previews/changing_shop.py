"""A shop that changes, is previewed and then exports."""

import contextlib
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from stripe_pipeline.activation import committing
from stripe_pipeline.activation.campaigns import load_campaigns
from stripe_pipeline.activation.consent import record_consent
from stripe_pipeline.activation.export import export
from stripe_pipeline.activation.files import UNFINISHED
from stripe_pipeline.activation.previews.closely import CloseLook, Wanted, look_closely
from stripe_pipeline.activation.previews.funnel import GATES
from stripe_pipeline.activation.suppress import lift, suppress
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.tables import ensure_tables
from stripe_pipeline.settings import Settings
from tests.activation.previews.changes import BODIES, CUSTOMERS, FIRST
from tests.activation.shop import (
    AS_OF,
    EMAIL,
    customer,
    exported,
    live,
    log,
    open_shop,
    publish_shop,
    stay,
)


class Shop:
    """A shop that changes, is previewed and then exports."""

    def __init__(self, home: Path) -> None:
        self.settings = open_shop(home, EMAIL)
        self.stays: list[dict[str, Any]] = []
        self.state = FIRST

    def change(self, what: str, value: Any, day: int) -> None:
        """Make one change of the definitions or of the data."""
        if what in ("opt_in", "opt_out"):
            at = AS_OF + timedelta(minutes=day)
            record_consent(self.settings, "email", value, what, "form", at)
        elif what in ("suppress", "lift"):
            (suppress if what == "suppress" else lift)(self.settings, "email", value, "a test")
        elif what == "killed":
            self.publish(day)
            self.kill(day, value)
        elif what == "log_lost":
            for path in (self.settings.lake / "outbox_entries").glob("*.parquet"):
                path.unlink()
            ensure_tables(Lake(self.settings.lake))
        else:
            self.state = replace(self.state, **{what: value})

    def kill(self, day: int, when: str) -> None:
        """End an export before its messages are recorded, after it, or with a damaged file."""
        what = "_record" if when == "before" else "appear"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(committing, what, dying)
            with contextlib.suppress(Dying):
                export(self.mode, "email", AS_OF + timedelta(minutes=day))
        if when == "damaged":
            for path in (self.settings.home / UNFINISHED).glob("*/*/*.csv"):
                path.write_text("torn", encoding="utf-8")

    @property
    def mode(self) -> Settings:
        return live(self.settings) if self.state.is_live else self.settings

    def publish(self, day: int) -> None:
        """Write the campaign's file and the published marts as they are now."""
        state, at = self.state, AS_OF + timedelta(minutes=day)
        text = EMAIL.replace("segment: vip", f"segment: {state.segment}")
        text = text.replace(BODIES[0], state.body) + f"status: {state.status}\n"
        text += f"schedule: {state.schedule}\n" if state.schedule else ""
        text = text.replace("members: include", f"members: {state.existing}")
        text += f"re_entry: {state.re_entry}\n"
        text += f"excludes: {state.excludes}\n" if state.excludes else ""
        text += "" if state.goal is None or state.excludes else "goal: past_due\n"
        (self.settings.campaigns / "0.yml").write_text(text, encoding="utf-8")
        people = [
            customer(
                each, email=state.addresses[each], email_deliverable=state.deliverable[each],
                country=state.countries[each], phone=None,
                stripe_person_id=f"cus_{state.persons[each]:04d}",
            )
            for each in CUSTOMERS
        ]  # fmt: skip
        inside = {people[each]["stripe_customer_id"] for each in state.members}
        for one in self.stays:
            if one["left_at"] is None and (
                one["stripe_customer_id"] not in inside or one["segment"] != state.segment
            ):
                one["left_at"] = at
        open_now = {one["stripe_customer_id"] for one in self.stays if one["left_at"] is None}
        for each in sorted(inside - open_now):
            self.stays.append(stay({"stripe_customer_id": each}, state.segment, entered_at=at))
        unrated = [
            {"stripe_customer_id": people[each]["stripe_customer_id"],
             "field": "stripe_total_sales"}
            for each in state.unrated
        ]  # fmt: skip
        reached = [stay(people[each], "past_due") for each in state.goal or ()]
        publish_shop(self.settings, people, self.stays + reached, unrated=unrated)

    def judge(self, day: int) -> None:
        """Compare the preview with what the export then writes."""
        shop, at = self.mode, AS_OF + timedelta(minutes=day)
        entries = len(log(shop))
        seen = look(shop, day)
        assert len(log(shop)) == entries, "a preview recorded something"
        before = keys(shop)
        report = export(shop, "email", at)
        assert seen.written == (keys(shop) - before).keys()
        if self.state.status == "live":
            [told] = report.campaigns
            assert told.new_messages == len(seen.due)
            assert counts(seen) == told.counts
            assert [*told.funnel] == seen.funnel.steps
            assert not [row for row in told.sample if len(row["address"] or "a...") > 4]
        judge_funnel(seen)


class Dying(BaseException):
    """The end of an export in the middle, as by a kill."""


def dying(*_: object) -> None:
    raise Dying


def keys(shop: Settings) -> Counter[str]:
    """How often each message is in the export files: once rehearsed and once sent, at most."""
    return Counter(row["message_key"] for row in exported(shop))


def counts(seen: CloseLook) -> dict[str, dict[str, int]]:
    """The people of a funnel by status and reason, as an export reports them."""
    found: dict[str, dict[str, int]] = {}
    for row in seen.funnel.people:
        reasons = found.setdefault(row["status"], {})
        reasons[row["reason"] or ""] = reasons.get(row["reason"] or "", 0) + 1
    return found


def look(shop: Settings, day: int = 0, **wanted: Any) -> CloseLook:
    """Look at the shop's only campaign as of a day."""
    [campaign] = load_campaigns(shop)
    at = AS_OF + timedelta(minutes=day)
    return look_closely(shop, shop, campaign, at, Wanted(**wanted))


def judge_funnel(seen: CloseLook) -> None:
    """The steps add up, and who passes every gate is due."""
    steps, due = seen.funnel.steps, len(seen.due)
    assert steps[-1] == {"step": "due", "left": due, "lost": 0, "sample": []}
    assert steps[-2]["left"] == due
    for earlier, later in pairwise(steps[1:]):
        assert earlier["left"] == later["left"] + later["lost"]
    for row in seen.funnel.people:
        assert all(row[gate] for gate in GATES) == row["is_due"], row
