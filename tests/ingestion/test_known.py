"""What the lake holds is known by digest, newest version first."""

from pathlib import Path

import pytest

from stripe_pipeline.ingestion.mirror.known import Known, Standing
from stripe_pipeline.lake import Lake, object_table
from stripe_pipeline.stripe_client.lists.windows import EVERYTHING, Window
from tests.fake_stripe.rows import version


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Two batches: b changes and a goes in the second."""
    lake = Lake(tmp_path)
    first = [version("a", "a1"), version("b", "b1", 5), version("c", "c1", 9)]
    second = [version("b", "b2", 5), version("a", "gone", None, gone=True)]
    lake.append("customers", object_table(first), {})
    lake.append("customers", object_table(second), {})
    return lake


def test_the_last_version_holds(lake: Lake) -> None:
    known = Known.load(lake, "customers")
    assert len(known) == 3
    read = [version("b", "b2"), version("b", "b1"), version("zz", "z"), version("", "")]
    assert known.note(read) == [Standing.SAME, Standing.CHANGED, Standing.NEW, Standing.NEW]
    assert "c" in known and "z" not in known
    assert sorted(known.live_ids()) == ["b", "c"]
    assert known.newest == 9


def test_what_was_not_listed(lake: Lake) -> None:
    known = Known.load(lake, "customers")
    known.note([version("b", "b1"), version("z", "z")])
    assert known.unseen([EVERYTHING]) == ["c"]
    assert known.unseen([Window(None, 8)]) == []
    assert known.unseen([Window(8, 9)]) == ["c"]
    assert known.unseen([Window(9, None)]) == []


def test_only_some(lake: Lake) -> None:
    known = Known.load(lake, "customers", only=["a", "c"])
    assert "b" not in known and "c" in known
    assert known.note([version("a", "gone")]) == [Standing.SAME]


def test_only_recent_batches_and_those_with_stubs(lake: Lake) -> None:
    lake.append("customers", object_table([version("d", "d1", 50)]), {})
    assert len(Known.load(lake, "customers", since=10)) == 3  # a, b of the second batch, and d
    assert len(Known.load(lake, "customers", since=100)) == 2


def test_nothing(tmp_path: Path) -> None:
    known = Known.load(Lake(tmp_path), "customers")
    assert len(known) == 0 and known.newest is None
    assert known.unseen([EVERYTHING]) == []
    assert known.note([version("a", "a1")]) == [Standing.NEW]
