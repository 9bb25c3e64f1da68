"""Variants of one path: `make test` tries some of them, `make test-slow` the others."""

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def variants(
    names: str,
    values: Iterable[Any],
    *,
    quick: int | Collection[Any] = 1,
    ids: Any = None,
) -> pytest.MarkDecorator:
    """Parametrize a test as pytest does, with all values marked slow but the quick ones.

    `quick` says how many from the first on, or names them. As for pytest, `names` with a comma
    take a tuple of values each.
    """
    all_of_them = list(values)
    chosen = all_of_them[:quick] if isinstance(quick, int) else quick
    assert chosen and all(one in all_of_them for one in chosen), "no such variant"
    is_several = "," in names
    parameters = [
        pytest.param(
            *(value if is_several else (value,)), marks=() if value in chosen else pytest.mark.slow
        )
        for value in all_of_them
    ]
    return pytest.mark.parametrize(names, parameters, ids=ids)
