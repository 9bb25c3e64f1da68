"""Merging the lake's files changes no table, whatever dbt had read of them before."""

from collections import Counter
from datetime import timedelta
from itertools import chain
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stripe_pipeline.lake import Lake, compact
from stripe_pipeline.stripe_client.catalog import BY_NAME

from ..oracle.agreement import disagreements
from ..oracle.compare import Snapshot, agree, snapshot_differences
from ..oracle.merchant import OBSERVED, write_batches
from ..oracle.objects import Body
from ..oracle.question import Question
from ..oracle.warehouse import Warehouse
from .changes import changed
from .extent import whole_lakes
from .strategies import MODELS, QUESTIONS, lake, merchants, questions, seeds

pytestmark = pytest.mark.slow

STEPS = 3
COMPARED = ("raw", "staging", "marts", "activation")


@pytest.fixture(autouse=True)
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Merge whatever two files there are."""
    monkeypatch.setattr(compact, "TIERS", (compact.Tier(10**9, 2),))


def _merge(lake: Lake, random: Random, monkeypatch: pytest.MonkeyPatch) -> None:
    """Merge the files of some tables; of some, remove what was merged, as an hour later."""
    with lake.writing():
        for table in BY_NAME:
            if random.random() < 0.7:
                compact.compact(lake, table)
            with monkeypatch.context() as patch:
                patch.setattr(compact, "GRACE_SECONDS", random.choice((-1.0, 3600.0)))
                compact.clear_replaced(lake, table)


@whole_lakes
@given(seeds=seeds, question=questions, order=st.integers(0, 2**32 - 1))
@example(seeds=lake(7), question=QUESTIONS[0], order=6)
def test_a_merged_lake_gives_the_same_tables(
    warehouse: Warehouse, seeds: list[int], question: Question, order: int
) -> None:
    """Batches come and are merged; dbt builds now and then; in the end it is rebuilt."""
    random = Random(order)
    made = merchants(seeds, question)
    warehouse.refill([])
    current: dict[str, Body] = {}
    with pytest.MonkeyPatch.context() as monkeypatch:
        for step in range(STEPS):
            arriving = list(chain.from_iterable(made[step::STEPS]))
            batch = [*changed(random, current, 0.3), *arriving]
            current.update({body["id"]: body for body in batch})
            for part in range(3):
                observed = OBSERVED + timedelta(hours=step, minutes=part)
                write_batches(warehouse.lake, batch[part::3], observed)
                if random.random() < 0.5:
                    _merge(warehouse.lake, random, monkeypatch)
            if step == STEPS - 1 or random.random() < 0.7:
                warehouse.build(question, *MODELS)
    agree(disagreements(warehouse, question))
    merged = _tables(warehouse)
    warehouse.drop()
    warehouse.build(question, *MODELS)
    agree(snapshot_differences(_tables(warehouse), merged))


def _tables(warehouse: Warehouse) -> Snapshot:
    """Every row, but not of which file a version is: that depends on when it was read."""
    return {
        table: Counter(
            repr(sorted((name, value) for name, value in row.items() if name != "_batch"))
            for row in warehouse.rows(table)
        )
        for table in warehouse.tables(*COMPARED)
    }
