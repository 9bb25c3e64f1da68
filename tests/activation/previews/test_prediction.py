"""What a preview says is due, the next export writes: by key, over random changes of everything."""

import contextlib
import os
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stripe_pipeline.activation import committing
from stripe_pipeline.activation.campaigns import load_campaigns
from stripe_pipeline.activation.consent import record_consent
from stripe_pipeline.activation.export import export
from stripe_pipeline.activation.files import UNFINISHED
from stripe_pipeline.activation.previews.closely import CloseLook, Wanted, look_closely
from stripe_pipeline.activation.previews.funnel import GATES
from stripe_pipeline.activation.suppress import lift, suppress
from stripe_pipeline.errors import UsageError
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.tables import ensure_tables
from stripe_pipeline.settings import Settings
from tests.activation.shop import (
    AS_OF,
    EMAIL,
    consent,
    customer,
    exported,
    live,
    log,
    open_shop,
    publish_shop,
    stay,
)

ADDRESSES = ["a@shop.example", "b@shop.example", "c@shop.example", "=1@shop.example", None]
CUSTOMERS = range(5)
RE_ENTRIES = ["every_stay", "never", "after 1 day"]
SEGMENTS = ["vip", "lapsed_6_months"]
# The second needs a part that most haven't, so it holds them; the third an exchange rate.
BODIES = [
    "You spent {{ profile.stripe_total_sales }}.",
    "{{ profile.stripe_sales_by_currency.eur | default: 'none' }}",
    "{{ profile.stripe_total_sales_minor | money }}",
]
# The first change is at 10:00 on a Sunday in UTC, and each further one a minute later.
SCHEDULES = [
    "",
    "{between: '10:00-10:05'}",
    "{days: [sun], between: '11:03-11:30'}",
    "{not_before: 2026-11-23}",
    "{until: 2026-11-21}",
    "{days: [mon]}",
]
COUNTRIES = [None, "DE", "US", "GB"]
Change = tuple[str, Any]
number = st.sampled_from(CUSTOMERS)


@dataclass(frozen=True)
class State:
    """A shop and its campaign at one time."""

    addresses: tuple[str | None, ...]
    persons: tuple[int, ...]
    deliverable: tuple[bool, ...]
    members: frozenset[int]
    unrated: frozenset[int]
    segment: str
    body: str
    is_live: bool
    status: str = "live"
    schedule: str = ""
    goal: frozenset[int] | None = None
    countries: tuple[str | None, ...] = (None,) * 5
    existing: str = "include"
    re_entry: str = "every_stay"
    excludes: str = ""


changes = st.one_of(
    st.tuples(st.just("addresses"), st.tuples(*(st.sampled_from(ADDRESSES) for _ in CUSTOMERS))),
    st.tuples(st.just("persons"), st.tuples(*(number for _ in CUSTOMERS))),
    st.tuples(st.just("deliverable"), st.tuples(*(st.booleans() for _ in CUSTOMERS))),
    st.tuples(st.just("members"), st.frozensets(number)),
    st.tuples(st.just("members"), st.frozensets(number, min_size=4)),
    st.tuples(st.just("unrated"), st.frozensets(number, max_size=2)),
    st.tuples(st.just("segment"), st.sampled_from(SEGMENTS)),
    st.tuples(st.just("body"), st.sampled_from(BODIES)),
    st.tuples(st.just("is_live"), st.booleans()),
    st.tuples(st.just("status"), st.sampled_from(["live", "live", "live", "draft", "retired"])),
    st.tuples(st.just("killed"), st.sampled_from(["before", "after", "damaged"])),
    st.tuples(st.just("log_lost"), st.just(True)),
    st.tuples(st.just("schedule"), st.sampled_from(SCHEDULES)),
    st.tuples(st.just("existing"), st.sampled_from(["skip", "include"])),
    st.tuples(st.just("re_entry"), st.sampled_from(RE_ENTRIES)),
    st.tuples(st.just("excludes"), st.sampled_from(["", "[past_due]"])),
    st.tuples(st.just("goal"), st.none() | st.frozensets(number, max_size=3)),
    st.tuples(st.just("countries"), st.tuples(*(st.sampled_from(COUNTRIES) for _ in CUSTOMERS))),
    st.tuples(st.just("opt_in"), st.sampled_from(ADDRESSES[:4])),
    st.tuples(st.just("opt_in"), st.sampled_from(ADDRESSES[:3])),
    st.tuples(st.just("opt_out"), st.sampled_from(ADDRESSES[:3])),
    st.tuples(st.just("suppress"), st.sampled_from(ADDRESSES[:3])),
    st.tuples(st.just("lift"), st.sampled_from(ADDRESSES[:3])),
)

# The same by a seed, for long scripts.
KINDS: list[Callable[[random.Random], Change]] = [
    lambda chance: ("addresses", tuple(chance.choice(ADDRESSES) for _ in CUSTOMERS)),
    lambda chance: ("persons", tuple(chance.choice(CUSTOMERS) for _ in CUSTOMERS)),
    lambda chance: ("persons", tuple(CUSTOMERS)),
    lambda chance: ("deliverable", tuple(chance.random() < 0.8 for _ in CUSTOMERS)),
    lambda chance: ("members", frozenset(chance.sample(CUSTOMERS, chance.randint(0, 5)))),
    lambda chance: ("members", frozenset(chance.sample(CUSTOMERS, 4))),
    lambda chance: ("unrated", frozenset(chance.sample(CUSTOMERS, chance.randint(0, 2)))),
    lambda chance: ("segment", chance.choice(SEGMENTS)),
    lambda chance: ("body", chance.choice(BODIES)),
    lambda chance: ("is_live", chance.random() < 0.5),
    lambda chance: ("status", chance.choice(["live", "live", "draft", "retired"])),
    lambda chance: ("killed", chance.choice(["before", "after", "damaged"])),
    lambda chance: ("log_lost", True),
    lambda chance: ("schedule", chance.choice(SCHEDULES)),
    lambda chance: ("existing", chance.choice(["skip", "include", "include"])),
    lambda chance: ("re_entry", chance.choice(RE_ENTRIES)),
    lambda chance: ("excludes", chance.choice(["", "[past_due]"])),
    lambda chance: ("goal", chance.choice([None, frozenset(chance.sample(CUSTOMERS, 2))])),
    lambda chance: ("countries", tuple(chance.choice(COUNTRIES) for _ in CUSTOMERS)),
    lambda chance: ("opt_in", chance.choice(ADDRESSES[:4])),
    lambda chance: ("suppress", chance.choice(ADDRESSES[:3])),
    lambda chance: ("lift", chance.choice(ADDRESSES[:3])),
    # No one can take an opt-out back, so few of them.
    lambda chance: ("opt_out" if chance.random() < 0.1 else "lift", chance.choice(ADDRESSES[:3])),
]
FIRST = State(
    ("a@shop.example", "b@shop.example", "c@shop.example", "a@shop.example", None),
    tuple(CUSTOMERS), (True,) * 5, frozenset(CUSTOMERS), frozenset(), "vip", BODIES[0], False,
)  # fmt: skip


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


def drawn(chance: random.Random) -> Change:
    """A change by chance, of each kind as often as of the others."""
    return chance.choice(KINDS)(chance)


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
