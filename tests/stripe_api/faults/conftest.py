"""The merchant and the home of each test, and a sync of little patience."""

from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from stripe_pipeline.stripe_api import client
from tests.stripe_api.faults.mirror import Mirror, open_mirror

TIMEOUT = 0.5


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait half a second for an answer instead of half a minute."""
    monkeypatch.setattr(client, "TIMEOUT", aiohttp.ClientTimeout(total=TIMEOUT))


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
