"""The merchant and the home of each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ingestion.faults.mirror import Mirror, open_mirror


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    """A merchant, and an empty home."""
    with open_mirror(tmp_path) as opened:
        yield opened


@pytest.fixture
def synced(mirror: Mirror) -> Mirror:
    """A merchant, and a home that shows it as it was a minute ago."""
    mirror.sync()
    mirror.later(60)
    return mirror
