"""Building on what is there gives what a full rebuild gives, after any sequence of changes."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import chain
from random import Random
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ..oracle.agreement import disagreements
from ..oracle.compare import agree, snapshot_differences
from ..oracle.merchant import OBSERVED, write_batches
from ..oracle.question import Question
from ..oracle.warehouse import Warehouse
from .changes import changed
from .extent import whole_lakes
from .strategies import MODELS, QUESTIONS, lake, merchants, questions, seeds
from .ugly_values import METADATA

pytestmark = pytest.mark.slow

STEPS = 2
COMPARED = ("staging", "marts", "activation")


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory, warehouse: Warehouse) -> Warehouse:
    """Another home whose lake is the first one's."""
    home = tmp_path_factory.mktemp("rebuilt")
    (home / "lake").symlink_to(warehouse.home / "lake")
    return Warehouse(home)


def _asked_otherwise(random: Random, question: Question) -> Question:
    """The same lake under other settings, or somewhat later."""
    rate = (question.as_of.date() - timedelta(days=3), "aed", Decimal("0.25"))
    changes: tuple[dict[str, Any], ...] = (
        {"as_of": question.as_of + timedelta(days=random.randrange(40))},
        {"rates": (*question.rates, rate)},
        {"metadata": METADATA[random.randrange(3) :], "person_key": "person.id"},
        {"person_key": random.choice(("", "VIP level"))},
        {"overrides": (("join", "cus_m1a", "cus_m2a"), ("apart", "cus_m3a", ""))},
        {"overrides": (), "metadata": ()},
        {"zone": "Asia/Tokyo", "currency": "jpy"},
        {"order_sources": ("invoice",)},
        {},
    )
    return replace(question, **random.choice(changes))


@whole_lakes
@given(seeds=seeds, question=questions, order=st.integers(0, 2**32 - 1))
@example(seeds=lake(7), question=QUESTIONS[0], order=1)
def test_incremental_equals_full_refresh(
    warehouse: Warehouse, rebuilt: Warehouse, seeds: list[int], question: Question, order: int
) -> None:
    random = Random(order)
    made = merchants(seeds, question)
    half = len(made) // 2
    first = list(chain.from_iterable(made[:half]))
    warehouse.refill(first)
    warehouse.build(question, *MODELS)
    current = {body["id"]: body for body in first}
    for step in range(STEPS):
        arriving = chain.from_iterable(made[half + step :: STEPS])
        batch = [*changed(random, current, 0.3), *arriving]
        current.update({body["id"]: body for body in batch})
        write_batches(warehouse.lake, batch, OBSERVED + timedelta(hours=step + 1))
        question = _asked_otherwise(random, question)
        warehouse.build(question, *MODELS)
        rebuilt.drop()
        rebuilt.build(question, *MODELS)
        agree(snapshot_differences(rebuilt.snapshot(*COMPARED), warehouse.snapshot(*COMPARED)))
    agree(disagreements(warehouse, question))
