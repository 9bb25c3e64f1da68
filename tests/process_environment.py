"""This process's environment, replaced for the length of a block."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


@contextmanager
def only_in_environment(wanted: Mapping[str, str]) -> Iterator[None]:
    """Make `wanted` the whole environment, for what reads nothing else."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(wanted)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
