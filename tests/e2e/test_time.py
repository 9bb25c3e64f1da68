"""`run` where time is not as it should be: told, with a way out that works."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from stripe_pipeline.demo.home import DEMO_CUSTOMERS, DEMO_SEED, demo_settings
from stripe_pipeline.demo.store.build import build_store
from stripe_pipeline.demo.store.server import serve
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.tables import entries
from stripe_pipeline.settings.demo_mark import DEMO_NOW, MARKER
from stripe_pipeline.warehouse.history import newest_move

from ..conftest import run_cli

pytestmark = pytest.mark.slow

FUTURE = datetime.now(UTC).replace(microsecond=0) + timedelta(days=60)
AHEAD, PAST = "published: history_is_not_ahead", "published: computed_for_the_present"
Run = Callable[..., list[str]]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with build_store(DEMO_CUSTOMERS, DEMO_SEED, DEMO_NOW) as store, serve(store) as address:
        yield address


@pytest.fixture(scope="module")
def home(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the demo's home that counts as a user's own, in which now is now."""
    copy = tmp_path_factory.mktemp("time") / "home"
    shutil.copytree(demo_home, copy, symlinks=True)
    (copy / MARKER).unlink()
    return copy


@pytest.fixture
def run(home: Path, url: str, tmp_path: Path) -> Run:
    """Run a command; returns the lines of stderr. Without `as_of` it computes for now."""

    def go(*line: str, as_of: str = "") -> list[str]:
        settings = {**demo_settings(home, url), "STRIPE_PIPELINE_AS_OF": as_of}
        done = run_cli(*line, folder=tmp_path, settings=settings)
        assert done.returncode == 0, done.stderr
        return done.stderr.splitlines()

    return go


def _told(lines: list[str], check: str) -> str:
    """What a check says, which is one line."""
    found = [line for line in lines if line.endswith(f"[{check}]")]
    assert len(found) <= 1, lines
    return found[0] if found else ""


def _clock(home: Path) -> tuple[datetime, bool]:
    path = str(home / "published" / "run_clock.parquet")
    found = duckdb.execute("select as_of, is_past from read_parquet(?)", [path]).fetchall()
    return found[0][0].replace(tzinfo=UTC), found[0][1]


def _record_the_future(home: Path) -> None:
    """What a run as of the future left with an older version."""
    lake = Lake(home / "lake")
    left = {"segment": "vip", "stripe_customer_id": "cus_x", "move": "left", "moved_at": FUTURE}
    with lake.writing():
        lake.append("segment_moves", entries("segment_moves", [left]), cursor={})


def test_time_is_told_and_put_right(home: Path, run: Run) -> None:
    _record_the_future(home)
    lines = run("run", as_of=DEMO_NOW.isoformat())
    assert "1 segment move and 0 messages are recorded for later" in _told(lines, AHEAD)
    assert "withdraw-future" in _told(lines, AHEAD)
    assert "take STRIPE_PIPELINE_AS_OF out of" in _told(lines, PAST)
    assert _clock(home) == (DEMO_NOW, True)

    run("withdraw-future", "--yes")
    began = datetime.now(UTC).replace(microsecond=0)
    lines = run("run")
    assert (_told(lines, AHEAD), _told(lines, PAST)) == ("", "")
    as_of, is_past = _clock(home)
    assert as_of >= began
    assert not is_past
    # Since the demo's present the windows have moved on: someone left the new customers.
    newest = newest_move(Lake(home / "lake"))
    assert newest is not None
    assert began <= newest < FUTURE

    earlier = began - timedelta(days=1)
    said = _told(run("run", "--as-of", earlier.isoformat()), PAST)
    assert "Computed for" in said
    assert "in the place of tables of" in said
    assert "no message" in said
    assert _clock(home) == (earlier, True)
