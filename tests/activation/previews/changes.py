"""Random changes of a shop and of its campaign, drawn by hypothesis or by a seed."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

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


def drawn(chance: random.Random) -> Change:
    """A change by chance, of each kind as often as of the others."""
    return chance.choice(KINDS)(chance)
