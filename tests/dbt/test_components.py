"""Connected components in SQL, held against the same by hand, on graphs that no one chose."""

from collections.abc import Iterable
from itertools import pairwise
from random import Random
from typing import Any

import duckdb
import jinja2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stripe_pipeline.warehouse.dbt_folders import DBT_PROJECT

Link = tuple[int, int]
MACROS: Any = jinja2.Environment(autoescape=False).from_string(
    (DBT_PROJECT / "macros" / "graphs.sql").read_text()
)
COMPONENTS = MACROS.module.duckdb__connected_components("links", "one", "other")
nodes = st.integers(0, 12)


def components(links: Iterable[Link]) -> dict[int, int]:
    ends = list(zip(*links, strict=True)) or [(), ()]
    with duckdb.connect() as connection:
        connection.execute(
            "create table links as select unnest(?::bigint[]) as one, unnest(?::bigint[]) as other",
            [*map(list, ends)],
        )
        found = connection.execute(COMPONENTS).fetchall()
    assert len(found) == len(dict(found))
    return dict(found)


def by_hand(links: Iterable[Link]) -> dict[int, int]:
    groups: dict[int, set[int]] = {}
    for one, other in links:
        group = groups.setdefault(one, {one}) | groups.setdefault(other, {other})
        groups.update(dict.fromkeys(group, group))
    return {node: min(group) for node, group in groups.items()}


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(links=st.lists(st.tuples(nodes, nodes), max_size=16))
def test_each_node_gets_the_least_that_it_can_reach(links: list[Link]) -> None:
    assert components(links) == by_hand(links)


@pytest.mark.parametrize("seed", range(3))
def test_a_long_chain_in_any_order_is_one(seed: int) -> None:
    chain = list(range(2000))
    Random(seed).shuffle(chain)
    links = list(pairwise(chain))
    Random(seed).shuffle(links)
    assert set(components(links).values()) == {0}
