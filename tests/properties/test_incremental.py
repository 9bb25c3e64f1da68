"""Building on what is there gives what building anew gives, after any sequence of changes."""

from datetime import timedelta
from itertools import chain
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ..oracle.agreement import disagreements
from ..oracle.compare import agree, snapshot_differences
from ..oracle.merchant import OBSERVED, write_batches
from ..oracle.warehouse import Warehouse
from .changes import changed
from .extent import whole_lakes
from .strategies import MODELS, QUESTIONS, lake, merchants, questions, seeds

STEPS = 2
COMPARED = ("staging", "marts", "activation")


@pytest.fixture(scope="module")
def anew(tmp_path_factory, warehouse):
    """Another home whose lake is the first one's."""
    home = tmp_path_factory.mktemp("anew")
    (home / "lake").symlink_to(warehouse.home / "lake")
    return Warehouse(home)


@whole_lakes
@given(seeds=seeds, question=questions, order=st.integers(0, 2**32 - 1))
@example(seeds=lake(7), question=QUESTIONS[0], order=1)
def test_incremental_equals_full_refresh(warehouse, anew, seeds, question, order):
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
        warehouse.build(question, *MODELS)
        anew.drop()
        anew.build(question, *MODELS)
        agree(snapshot_differences(anew.snapshot(*COMPARED), warehouse.snapshot(*COMPARED)))
    agree(disagreements(warehouse, question))
