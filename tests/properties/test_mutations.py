"""Change the merchant at random, sync in some way, compare everything; again and again.

A failure prints the shortest script of changes that still shows it. HYPOTHESIS_PROFILE=soak runs
ROUNDS rounds and searches for others each time; the brief run takes the same few each time.
"""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from stripe_pipeline.demo.store import Faults
from stripe_pipeline.errors import PipelineError
from tests.ingestion.faults.kills import Kill, killed_sync
from tests.ingestion.faults.mirror import DAY, Mirror, open_mirror
from tests.ingestion.faults.truth import RESOURCES
from tests.properties.extent import is_soak
from tests.properties.mutations import MUTATIONS, Change

pytestmark = pytest.mark.slow

ROUNDS = 200 if is_soak else 20
CUSTOMERS = 50  # of the smallest merchant who has had everything happen
WEEKLY_LOOK = 8 * DAY


@dataclass(frozen=True)
class Round:
    """So many seconds after the last sync these changes happen, and then the merchant is synced.

    `how` is one of WAYS; `instant` says when a sync is killed, or its lists change.
    """

    changes: tuple[Change, ...]
    how: str = "by events"
    seconds: int = 60
    instant: int = 0


def _by_events(mirror: Mirror, part: Round, folder: Path) -> None:
    mirror.sync()


def _of_everything(mirror: Mirror, part: Round, folder: Path) -> None:
    mirror.sync(full=True)
    mirror.silent.clear()


def _killed(mirror: Mirror, part: Round, folder: Path) -> None:
    _kill(mirror, part, folder, full=False)


def _killed_of_everything(mirror: Mirror, part: Round, folder: Path) -> None:
    _kill(mirror, part, folder, full=True)


def _kill(mirror: Mirror, part: Round, folder: Path, full: bool) -> None:
    number, around = divmod(part.instant, 3)
    kill = Kill(write=number + around / 2) if around < 2 else Kill(number)
    killed_sync(mirror, kill, folder, full)
    mirror.sync()


def _in_a_storm(mirror: Mirror, part: Round, folder: Path) -> None:
    share = 0.05 * (1 + part.instant % 4)
    faults = Faults(
        too_fast=share, server_error=share, reset=share, half_body=share, repeated_page=share,
        empty_page=share, not_json=share, locked=share, seed=part.instant,
    )  # fmt: skip
    try:
        mirror.sync(faults, full=part.instant % 3 == 0)
    except PipelineError:
        mirror.sync()


def _while_it_changes(mirror: Mirror, part: Round, folder: Path) -> None:
    """The changes happen once more while the lists are read, at every other request."""
    left = list(part.changes)

    def change(asked: str) -> None:
        if left and len(mirror.requests) > part.instant and len(mirror.requests) % 2:
            left.pop(0).happen(mirror)

    mirror.sync(watcher=change, full=part.instant % 2 == 0)
    mirror.sync()


def _before_the_events_are_listed(mirror: Mirror, part: Round, folder: Path) -> None:
    mirror.sync(event_lag=120)
    mirror.later(120)
    mirror.sync()


def _only_some(mirror: Mirror, part: Round, folder: Path) -> None:
    mirror.sync(resources=["invoices", "customers", "events"][: 1 + part.instant % 3])
    mirror.sync()


def _a_week_later(mirror: Mirror, part: Round, folder: Path) -> None:
    mirror.later(WEEKLY_LOOK)
    mirror.sync()
    mirror.silent.clear()


def _after_forty_days(mirror: Mirror, part: Round, folder: Path) -> None:
    mirror.later(40 * DAY)
    mirror.sync()
    mirror.silent.clear()


def _with_a_wrong_clock(mirror: Mirror, part: Round, folder: Path) -> None:
    # By how much a clock was ahead counts towards the 29 days after which all is read again.
    mirror.clock_off = (-DAY, 3_600, 10 * DAY)[part.instant % 3]
    mirror.sync()
    mirror.clock_off = 0


def _with_a_torn_file(mirror: Mirror, part: Round, folder: Path) -> None:
    batches = mirror.lake.batches(RESOURCES[part.instant % len(RESOURCES)])
    path = batches[part.instant % len(batches)].path
    path.write_bytes(path.read_bytes()[: part.instant * 40])
    mirror.sync()


WAYS: dict[str, Callable[[Mirror, Round, Path], None]] = {
    "by events": _by_events,
    "of everything": _of_everything,
    "killed": _killed,
    "killed while reading everything": _killed_of_everything,
    "in a storm": _in_a_storm,
    "while it changes": _while_it_changes,
    "before the events are listed": _before_the_events_are_listed,
    "only some resources": _only_some,
    "a week later": _a_week_later,
    "after forty days": _after_forty_days,
    "with a wrong clock": _with_a_wrong_clock,
    "with a torn file": _with_a_torn_file,
}

CHANGES = st.builds(
    Change, st.sampled_from(sorted(MUTATIONS)), st.integers(0, 50), st.integers(0, 200)
)
PARTS = st.builds(
    Round,
    st.lists(CHANGES, max_size=8).map(tuple),
    # Most syncs are ordinary ones, in which only events tell what changed.
    st.one_of(st.just("by events"), st.sampled_from(sorted(WAYS))),
    st.sampled_from([0, 1, 59, 600, 3_600, DAY]),
    st.integers(0, 60),
)
SCRIPTS = st.lists(PARTS, min_size=1, max_size=8)

if is_soak:
    extent = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
else:
    extent = settings(
        max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True,
        database=None, phases=[Phase.generate],
    )  # fmt: skip


@contextmanager
def _merchant() -> Iterator[tuple[Mirror, Path]]:
    with tempfile.TemporaryDirectory() as folder, open_mirror(Path(folder), CUSTOMERS) as mirror:
        mirror.sync()
        yield mirror, Path(folder)


def test_after_any_changes_and_any_sync_the_tables_equal_the_truth() -> None:
    ways: Counter[str] = Counter()

    @extent
    @given(SCRIPTS)
    def run(script: list[Round]) -> None:
        with _merchant() as (mirror, folder):
            for part in script:
                mirror.later(part.seconds)
                for change in part.changes:
                    change.happen(mirror)
                WAYS[part.how](mirror, part, folder)
                mirror.is_true()
                ways[part.how] += 1

    run()
    assert ways.total() >= ROUNDS, ways
