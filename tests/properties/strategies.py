"""Hypothesis strategies: questions, and lakes full of ugly merchants."""

from datetime import UTC, datetime
from random import Random
from typing import Any

from hypothesis import strategies as st

from ..oracle.objects import Body
from ..oracle.question import Question
from .ugly import Ugly
from .ugly_values import CURRENCIES, METADATA, RATELESS, RATES, calendar_of

MERCHANTS = 40
# No dbt tests: missing rates fail theirs, as they should.
MODELS = ("--exclude-resource-type", "test", "unit_test")

# Joins within and between merchants, in a ring and twice; one who is joined and apart; strangers.
OVERRIDES = (
    ("join", "cus_m1a", "cus_m1b"),
    ("join", "cus_m2a", "cus_m3a"),
    ("join", "cus_m3a", "cus_m4a"),
    ("join", "cus_m4a", "cus_m2a"),
    ("join", "cus_m4a", "cus_m2a"),
    ("apart", "cus_m5a", ""),
    ("apart", "cus_m6a", ""),
    ("join", "cus_m6a", "cus_m6b"),
    ("join", "cus_m7a", "cus_nobody"),
    ("join", "cus_m8a", "cus_m8a"),
    ("apart", "cus_nobody", ""),
)
PEOPLE: dict[str, Any] = {"metadata": METADATA, "person_key": "person.id", "overrides": OVERRIDES}

QUESTIONS = (
    Question(datetime(2026, 8, 31, 12, tzinfo=UTC), "usd", "UTC", RATES),
    # Half past two on the night when Berlin's clocks go forward; six months before, they were back.
    Question(datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "eur", "Europe/Berlin", RATES, **PEOPLE),
    # Midnight in New York, at the end of a leap year's February.
    Question(datetime(2028, 2, 29, 5, tzinfo=UTC), "jpy", "America/New_York", RATES),
    # The next day already in Auckland.
    Question(datetime(2026, 12, 31, 11, tzinfo=UTC), "kwd", "Pacific/Auckland", RATES, **PEOPLE),
    Question(datetime(2026, 5, 31, 23, 59, 59, tzinfo=UTC), "usd", "UTC", RATES, ("invoice",)),
)

# A 0 is no merchant at all, so a failing example shrinks to the few that matter.
seeds = st.lists(st.integers(0, 2**32 - 1), min_size=MERCHANTS, max_size=MERCHANTS)
questions = st.sampled_from(QUESTIONS)


def lake(number: int) -> list[int]:
    """The seeds of a whole lake, for an example that is always run."""
    return [number * MERCHANTS + place + 1 for place in range(MERCHANTS)]


def merchants(seeds: list[int], question: Question) -> list[list[Body]]:
    """A merchant for each seed, every third with a currency that has no rates."""
    calendar = calendar_of(question)
    return [
        Ugly(Random(seed), f"m{number}", calendar, CURRENCIES if seed % 3 else RATELESS).make()
        for number, seed in enumerate(seeds)
        if seed
    ]
