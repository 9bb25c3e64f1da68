"""The marker file of a demo's home folder, and the fixed instant that is the demo's present."""

from datetime import UTC, datetime
from pathlib import Path

MARKER = "demo_store.json"
# The demo store's present: the same shop and the same figures for everyone, whenever it is run.
DEMO_NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def is_demo(home: Path) -> bool:
    """Return whether a home folder is a demo's."""
    return (home / MARKER).exists()
