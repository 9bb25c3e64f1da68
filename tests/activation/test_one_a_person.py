"""Customers are joined and split, enter, leave and are deleted, addresses opt in and out, exports
are killed and their folders moved away: a plain model of all that says who may get what.

No one gets a message that the model forbids, and all get what it allows.
"""

import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from stripe_pipeline.activation import committing, writing
from stripe_pipeline.activation.consent import record_consent
from stripe_pipeline.activation.export import export
from stripe_pipeline.activation.suppress import lift, suppress
from stripe_pipeline.settings import Settings
from tests.activation.shop import AS_OF, customer, live, log, open_shop, publish_shop, stay

CUSTOMERS = range(5)
ADDRESSES = ["a@shop.example", "b@shop.example", "c@shop.example", "d@shop.example"]
# Before which step an export is killed, and whether the log knows of it by then.
KILLS: dict[str, tuple[Any, str, bool]] = {
    "writing": (writing, "write_manifest", False),
    "recording": (committing, "append", False),
    "appearing": (committing, "appear", True),
}


class KilledError(BaseException):
    """As if the process were gone."""


@dataclass(frozen=True)
class Day:
    """What happens before a day's export, and its result."""

    persons: tuple[int, ...]  # of each customer
    names_last: bool  # a person has the id of the last of its customers, not of the first
    members: frozenset[int]
    deleted: frozenset[int]
    consents: list[tuple[str, str]]
    suppressions: list[tuple[str, bool]]
    is_live: bool
    kill: str | None
    is_moved_away: bool


def _days() -> st.SearchStrategy[list[Day]]:
    address = st.sampled_from(ADDRESSES)
    customers = st.frozensets(st.sampled_from(CUSTOMERS))
    status = st.sampled_from(["opt_in", "opt_in", "opt_in", "opt_in", "opt_out"])
    day = st.builds(
        Day,
        st.tuples(*(st.integers(0, 2) for _ in CUSTOMERS)),
        st.booleans(),
        customers,
        st.frozensets(st.sampled_from(CUSTOMERS), max_size=1),
        st.lists(st.tuples(address, status), max_size=3),
        st.lists(st.tuples(address, st.booleans()), max_size=1),
        st.sampled_from([True, True, True, False]),
        st.sampled_from([None, None, *KILLS]),
        st.booleans(),
    )
    return st.lists(day, min_size=2, max_size=6)


Stay = tuple[int, datetime]


@dataclass
class Person:
    """One person on one day: its name, its live customers, and the stays that are one with now."""

    name: str
    customers: set[int]
    together: set[int]  # with those that are gone
    stays: set[Stay]
    inside: dict[int, datetime]  # its customers in the segment, since when

    @property
    def occasion(self) -> datetime:
        return min(entered_at for _, entered_at in self.stays)


@dataclass
class Message:
    """A message that went out, and whom it stands for by now."""

    number: int
    address: str
    key: tuple[str, datetime]
    stays: set[Stay]
    customers: set[int]


@dataclass
class World:
    """What is true, kept by hand and beside the product."""

    shop: Settings
    addresses: tuple[str | None, ...]
    opted_in: set[str] = field(default_factory=set)
    opted_out: set[str] = field(default_factory=set)
    suppressed: set[str] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)
    stays: list[dict[str, Any]] = field(default_factory=list)
    sent: list[Message] = field(default_factory=list)
    seen: list[dict[str, Any]] = field(default_factory=list)  # all that appeared, in any mode
    days: dict[str, list[Person]] = field(default_factory=dict)

    def live_through(self, day: Day, as_of: datetime) -> None:
        """Record what happens, export, and judge the result."""
        self._listen(day, as_of)
        self._move(day, as_of)
        profiles = self._profiles(day)
        publish_shop(self.shop, profiles, self.stays)
        self.days[f"{as_of:%Y-%m-%dT%H:%M:%SZ}"] = self._persons(day, profiles)
        is_recorded = self._export(day, as_of)
        self._take(day)
        if is_recorded:
            for person in self._persons(day, profiles):
                self._learn(person)
        if day.kill is None and day.is_live:
            self._no_one_is_forgotten(self._persons(day, profiles))

    def _listen(self, day: Day, as_of: datetime) -> None:
        for address, status in day.consents:
            record_consent(self.shop, "email", f"<{address.upper()}>", status, "form", as_of)
            (self.opted_in if status == "opt_in" else self.opted_out).add(address)
        for address, is_active in day.suppressions:
            (suppress if is_active else lift)(self.shop, "email", address, "a test")
            (self.suppressed.add if is_active else self.suppressed.discard)(address)

    def _move(self, day: Day, as_of: datetime) -> None:
        self.gone |= day.deleted
        members = day.members - self.gone
        for one in self.stays:
            if one["left_at"] is None and _number(one["stripe_customer_id"]) not in members:
                one["left_at"] = as_of
        inside = {_number(one["stripe_customer_id"]) for one in self.stays if not one["left_at"]}
        self.stays += [stay(customer(each), entered_at=as_of) for each in sorted(members - inside)]

    def _profiles(self, day: Day) -> list[dict[str, Any]]:
        found = []
        for number in set(CUSTOMERS) - self.gone:
            same = [each for each in CUSTOMERS if day.persons[each] == day.persons[number]]
            alive = [each for each in same if each not in self.gone]
            name = f"cus_{(max if day.names_last else min)(alive):04d}"
            email = self.addresses[number]
            found.append(customer(number, email=email, stripe_person_id=name))
        return found

    def _persons(self, day: Day, profiles: list[dict[str, Any]]) -> list[Person]:
        groups: dict[str, set[int]] = {}
        for one in profiles:
            number = _number(one["stripe_customer_id"])
            groups.setdefault(one["stripe_person_id"], set()).add(number)
        found = (self._person(day, name, customers) for name, customers in groups.items())
        return [person for person in found if person is not None]

    def _person(self, day: Day, name: str, customers: set[int]) -> Person | None:
        together = set(customers)
        for message in self.sent:
            # In a rehearsal the product asks its rehearsals too; nothing is judged then.
            if message.customers & customers:
                together |= message.customers & self.gone
        theirs = [one for one in self.stays if _number(one["stripe_customer_id"]) in together]
        inside = {
            _number(one["stripe_customer_id"]): one["entered_at"]
            for one in theirs
            if one["left_at"] is None
        }
        if not inside:
            return None
        return Person(name, customers, together, _component(theirs), inside)

    def _export(self, day: Day, as_of: datetime) -> bool:
        """Export, or die; return whether the log has learnt of it."""
        settings = live(self.shop) if day.is_live else self.shop
        if day.kill is None:
            export(settings, "email", as_of)
            return True
        owner, name, is_after_the_log = KILLS[day.kill]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(owner, name, _die)
            try:
                export(settings, "email", as_of)
            except KilledError:
                return is_after_the_log
        return True  # there was nothing to die of

    def _take(self, day: Day) -> None:
        """Judge the messages that are new in the folders; perhaps move the folders away."""
        known = {(row["message_key"], row["is_live"]) for row in self.seen}
        new = [
            row for row in _appeared(self.shop) if (row["message_key"], row["is_live"]) not in known
        ]
        self.seen += new
        for row in sorted(new, key=lambda row: (row["as_of"], row["stripe_customer_id"])):
            if row["is_live"]:
                self._judge(row)
        if day.is_moved_away:
            for folder in self.shop.exports.glob("*/[!.]*"):
                shutil.rmtree(folder)
            # What is moved away can't be told from what never appeared, but by the memory of it.
            assert all(Counter((r["message_key"], r["is_live"]) for r in new).values())

    def _judge(self, row: dict[str, Any]) -> None:
        number, address = _number(row["stripe_customer_id"]), row["email"]
        [person] = [one for one in self.days[row["as_of"]] if number in one.inside]
        assert address == self.addresses[number]
        assert address in self.opted_in
        everywhere = {self.addresses[each] for each in person.customers}
        assert not everywhere & (self.opted_out | self.suppressed)
        assert self._answer(person) is None, "a second message to the same person"
        assert not self._is_taken(address, person), "a second message to an address"
        key = (person.name, person.occasion)
        message = Message(number, address, key, set(person.stays), set(person.together))
        self.sent.append(message)

    def _answer(self, person: Person) -> Message | None:
        """The message that the person has had for this stay."""
        for message in self.sent:
            if message.stays & person.stays or message.key == (person.name, person.occasion):
                return message
        return None

    def _is_taken(self, address: str, person: Person) -> bool:
        first = next((one for one in self.sent if one.address == address), None)
        return first is not None and first.number not in person.together

    def _learn(self, person: Person) -> None:
        """Who is one person with another who has had the message has had it."""
        if message := self._answer(person):
            message.stays |= person.stays
            message.customers |= person.together

    def _no_one_is_forgotten(self, persons: list[Person]) -> None:
        for person in persons:
            addresses = {self.addresses[each] for each in person.customers} - {None}
            if self._answer(person) or addresses & (self.opted_out | self.suppressed):
                continue
            for number in person.inside:
                address = self.addresses[number]
                may_get_it = address in self.opted_in and not self._is_taken(address, person)
                assert not may_get_it, f"{person} got nothing"


def _die(*_: object, **__: object) -> None:
    raise KilledError


def _number(customer_id: str) -> int:
    return int(customer_id[-4:])


def _component(stays: list[dict[str, Any]]) -> set[Stay]:
    """Those stays that hang together with one that is open: they overlap or touch."""
    found = [one for one in stays if one["left_at"] is None]
    rest = [one for one in stays if one["left_at"] is not None]
    while True:
        begin = min(one["entered_at"] for one in found)
        more = [one for one in rest if one["left_at"] >= begin]
        if not more:
            return {(_number(one["stripe_customer_id"]), one["entered_at"]) for one in found}
        found += more
        rest = [one for one in rest if one["left_at"] < begin]


def _appeared(shop: Settings) -> Iterator[dict[str, Any]]:
    for path in sorted(shop.exports.glob("*/[!.]*/*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            yield json.loads(line) | {"is_live": "-live-" in path.parent.name}


IS_SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"


UNLIMITED: dict[str, Any] = {
    "database": None, "deadline": None, "suppress_health_check": list(HealthCheck)
}  # fmt: skip
# Two persons come to one address on the same day, and one of them has another address.
A, C = "a@shop.example", "c@shop.example"
ONE_DAY = Day((0, 0, 0, 1, 1), False, frozenset(CUSTOMERS), frozenset(), [], [], True, None, False)
owners = st.tuples(*(st.sampled_from([*ADDRESSES, None]) for _ in CUSTOMERS))


@settings(max_examples=8, derandomize=True, **UNLIMITED)
@given(addresses=owners, days=_days())
@example(addresses=(C, A, A, C, A), days=[ONE_DAY])
def test_no_one_gets_what_the_model_forbids(
    addresses: tuple[str | None, ...], days: list[Day]
) -> None:
    _live(addresses, days)


@pytest.mark.slow
@settings(max_examples=600 if IS_SOAK else 40, **UNLIMITED)
@given(addresses=owners, days=_days())
def test_no_one_gets_what_the_model_forbids_in_many_lives(
    addresses: tuple[str | None, ...], days: list[Day]
) -> None:
    _live(addresses, days)


def _live(addresses: tuple[str | None, ...], days: list[Day]) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        world = World(open_shop(folder / "home"), addresses)
        for address in ADDRESSES[:3]:
            record_consent(world.shop, "email", address, "opt_in", "form", AS_OF)
            world.opted_in.add(address)
        for number, day in enumerate(days):
            world.live_through(day, AS_OF + timedelta(days=number))
        again = Counter((row["message_key"], row["is_live"]) for row in world.seen)
        assert max(again.values(), default=1) == 1
        newest: dict[str, tuple[str, str | None, list[str]]] = {}
        for row in log(world.shop):
            state = (row["status"], row["reason"], row["stripe_customer_ids"] + row["stays"])
            assert newest.get(row["message_key"]) != state, "the log repeats itself"
            newest[row["message_key"]] = state
    finally:
        shutil.rmtree(folder)
