"""Who gets what, computed a second time in plain Python, over random members, facts and edits."""

import os
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stripe_pipeline.activation.export import export
from stripe_pipeline.settings import Settings
from tests.activation.shop import (
    AS_OF,
    EMAIL,
    consent,
    customer,
    exported,
    live,
    open_shop,
    publish_facts,
    publish_shop,
    stay,
)

CUSTOMERS = range(3)
CONSENTS = [consent(f"c{number}@shop.example") for number in CUSTOMERS]
IS_SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"


@dataclass
class Sent:
    """A message that was written: what it answers, and when it was first written in each mode."""

    answers: set[Any]
    rehearsed: datetime | None = None
    exported: datetime | None = None

    def at(self, *, is_live: bool) -> datetime | None:
        if is_live:
            return self.exported
        return min((each for each in (self.rehearsed, self.exported) if each), default=None)


@dataclass
class Plan:
    """What is known of a campaign: its messages by key, and when it went live in each mode."""

    sent: dict[Any, Sent] = field(default_factory=dict)
    first_live: datetime | None = None
    first: datetime | None = None

    def begin(self, at: datetime, *, is_live: bool) -> datetime:
        """Note a run; return when the campaign went live."""
        self.first = self.first or at
        if is_live:
            self.first_live = self.first_live or at
        return (self.first_live if is_live else self.first) or at

    def answering(self, answers: set[Any], *, is_live: bool) -> Sent | None:
        """The message that stands for this already: an exported one before a rehearsed one."""
        found = [
            one for one in self.sent.values()
            if one.answers & answers and one.at(is_live=is_live)
        ]  # fmt: skip
        return min(found, key=lambda one: one.exported is None, default=None)

    def write(self, key: Any, answers: set[Any], at: datetime, *, is_live: bool) -> None:
        one = self.sent.setdefault(key, Sent(set()))
        one.answers |= answers
        if is_live:
            one.exported = one.exported or at
        else:
            one.rehearsed = one.rehearsed or at


@dataclass(frozen=True)
class Facts:
    """A day of a campaign with a trigger: what is learned on it, and how things stand."""

    orders: list[tuple[int, float]]  # whose, paid how many days before
    persons: tuple[int, ...]
    existing: str
    within: int
    is_live: bool


fact_days = st.lists(
    st.builds(
        Facts,
        st.lists(st.tuples(st.sampled_from(CUSTOMERS), st.sampled_from([0.5, 3, 9])), max_size=3),
        st.tuples(*(st.sampled_from(CUSTOMERS) for _ in CUSTOMERS)) | st.just(tuple(CUSTOMERS)),
        st.sampled_from(["skip", "include", "include"]),
        st.sampled_from([2, 7]),
        st.booleans(),
    ),
    min_size=2,
    max_size=4,
)


def due_facts(
    trigger: str, orders: list[dict[str, Any]], day: Facts, plan: Plan, at: datetime
) -> set[str]:
    """The occasions of the messages that a run writes, noted in the plan."""
    went_live = plan.begin(at, is_live=day.is_live)
    written = set()
    for person in sorted(set(day.persons)):
        theirs = sorted(
            (order["paid_at"], order["order_id"], int(order["stripe_customer_id"][-4:]))
            for order in orders
            if day.persons[int(order["stripe_customer_id"][-4:])] == person
        )
        units = [{(who, id_): (paid, id_)} for paid, id_, who in theirs[1:]]
        if trigger == "first_order":
            firsts = {}
            for paid, id_, who in reversed(theirs):
                firsts[who, "first"] = (paid, id_)
            units = [firsts] if firsts else []
        for unit in units:
            answers, (began, id_) = set(unit), min(unit.values())
            standing = plan.answering(answers, is_live=day.is_live)
            if standing:
                standing.answers |= answers
            elif not (began <= went_live and day.existing == "skip") and (
                began >= at - timedelta(days=day.within)
            ):
                occasion = f"{trigger}@{id_}"
                plan.write((person, occasion), answers, at, is_live=day.is_live)
                written.add(occasion)
    return written


def live_through_facts(trigger: str, days: list[Facts], shop: Settings) -> None:
    orders: list[dict[str, Any]] = []
    plan = Plan()
    for number, day in enumerate(days):
        at = AS_OF + timedelta(days=number)
        for who, age in day.orders:
            paid = at - timedelta(days=age)
            orders.append(
                {"order_id": f"in_{len(orders):03d}", "stripe_customer_id": f"cus_{who:04d}",
                 "order_status": "paid", "ordered_at": paid, "paid_at": paid}
            )  # fmt: skip
        text = EMAIL.replace("segment: vip", f"trigger: {trigger}\nwithin: {day.within} days")
        people = [
            customer(each, stripe_person_id=f"cus_{day.persons[each]:04d}") for each in CUSTOMERS
        ]
        _write(shop, text, day.existing)
        publish_shop(shop, people, [], CONSENTS)
        publish_facts(shop, orders=orders)
        expected = due_facts(trigger, orders, day, plan, at)
        assert _new(shop, at, is_live=day.is_live) == sorted(expected)


@dataclass(frozen=True)
class Stays:
    """A day of a campaign with a segment: who is in it, and how things stand."""

    members: frozenset[int]
    excluded: frozenset[int]
    existing: str
    re_entry: str
    is_live: bool


who = st.sampled_from(CUSTOMERS)
stay_days = st.lists(
    st.builds(
        Stays,
        st.frozensets(who),
        st.frozensets(who, max_size=1),
        st.sampled_from(["skip", "include", "include"]),
        st.sampled_from(["every_stay", "never", "after 2 days"]),
        st.booleans(),
    ),
    min_size=2,
    max_size=6,
)


def due_stays(
    entered: dict[int, datetime], day: Stays, plan: Plan, at: datetime
) -> set[tuple[str, datetime]]:
    """The customers with the beginnings of the stays that a run writes messages for."""
    went_live = plan.begin(at, is_live=day.is_live)
    written = set()
    for one, began in entered.items():
        had = [
            sent for (whose, start), message in plan.sent.items()
            if whose == one and start != began and (sent := message.at(is_live=day.is_live))
        ]  # fmt: skip
        barred = {
            "every_stay": False,
            "never": bool(had),
            "after 2 days": any(began < sent + timedelta(days=2) for sent in had),
        }[day.re_entry]
        is_existing = began <= went_live and day.existing == "skip"
        if plan.answering({(one, began)}, is_live=day.is_live) or barred or is_existing:
            continue
        if one not in day.excluded:
            plan.write((one, began), {(one, began)}, at, is_live=day.is_live)
            written.add((f"cus_{one:04d}", began))
    return written


def live_through_stays(days: list[Stays], shop: Settings) -> None:
    stays: list[dict[str, Any]] = []
    entered: dict[int, datetime] = {}
    plan = Plan()
    for number, day in enumerate(days):
        at = AS_OF + timedelta(days=number)
        for one in stays:
            if one["left_at"] is None and int(one["stripe_customer_id"][-4:]) not in day.members:
                one["left_at"] = at
        entered = {each: entered.get(each, at) for each in sorted(day.members)}
        people = [customer(each) for each in CUSTOMERS]
        stays += [
            stay(people[each], entered_at=at) for each, began in entered.items() if began == at
        ]
        text = EMAIL + f"excludes: [past_due]\nre_entry: {day.re_entry}\n"
        _write(shop, text, day.existing)
        inside = [stay(people[each], "past_due") for each in sorted(day.excluded)]
        publish_shop(shop, people, [*stays, *inside], CONSENTS)
        expected = due_stays(entered, day, plan, at)
        occasions = [f"vip@{began:%Y-%m-%dT%H:%M:%S.%fZ}" for _, began in expected]
        assert _new(shop, at, is_live=day.is_live) == sorted(occasions)


def _write(shop: Settings, text: str, existing: str) -> None:
    text = text.replace("existing_members: include", f"existing_members: {existing}")
    (shop.campaigns / "0.yml").write_text(text, encoding="utf-8")


def _new(shop: Settings, at: datetime, *, is_live: bool) -> list[str]:
    """The occasions of the messages that a run writes; the same run again writes none."""
    there = live(shop) if is_live else shop
    before = len(exported(shop))
    known = [(row["message_key"], row["as_of"]) for row in exported(shop)]
    export(there, "email", at)
    new = [
        row["occasion"] for row in exported(shop) if (row["message_key"], row["as_of"]) not in known
    ]
    assert len(exported(shop)) == before + len(new)
    assert export(there, "email", at).new_messages == 0
    return sorted(new)


def _in_a_shop(play: Any, *arguments: Any) -> None:
    home = Path(tempfile.mkdtemp())
    try:
        play(*arguments, open_shop(home / "home", EMAIL))
    finally:
        shutil.rmtree(home)


@settings(max_examples=4, derandomize=True, database=None, deadline=None)
@given(trigger=st.sampled_from(["first_order", "repeat_order"]), days=fact_days)
def test_facts(trigger: str, days: list[Facts]) -> None:
    _in_a_shop(live_through_facts, trigger, days)


@settings(max_examples=4, derandomize=True, database=None, deadline=None)
@given(days=stay_days)
def test_stays(days: list[Stays]) -> None:
    _in_a_shop(live_through_stays, days)


@pytest.mark.slow
@settings(max_examples=400 if IS_SOAK else 30, database=None, deadline=None)
@given(trigger=st.sampled_from(["first_order", "repeat_order"]), days=fact_days)
def test_many_facts(trigger: str, days: list[Facts]) -> None:
    _in_a_shop(live_through_facts, trigger, days)


@pytest.mark.slow
@settings(max_examples=400 if IS_SOAK else 30, database=None, deadline=None)
@given(days=stay_days)
def test_many_stays(days: list[Stays]) -> None:
    _in_a_shop(live_through_stays, days)
