"""A sync that is ended: by SIGTERM, by kill -9 at any instant, by a second one, by a full disk."""

import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

from stripe_pipeline.demo.store import Faults
from stripe_pipeline.ingestion.mirror import writer
from tests.ingestion.faults.kills import Kill, killed_sync
from tests.ingestion.faults.mirror import Mirror, assert_plain, open_mirror
from tests.ingestion.faults.runner import Orders, Runner
from tests.ingestion.faults.truth import RESOURCES
from tests.properties.extent import is_soak
from tests.small_disk import may_mount, resize, small_disk
from tests.variants import variants

KILLS = 100 if is_soak else 8
KILLS_OF_ONE_HOME = 10
SLOWLY = Faults(latency=0.02)
PATIENCE = 120.0


def _start(mirror: Mirror, base: str, folder: Path, **more: Any) -> Runner:
    return Runner(Orders(mirror.environment(base), mirror.store.now, **more), folder)


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def _unfinished(mirror: Mirror) -> list[Path]:
    return list(mirror.lake.root.rglob(".*.tmp"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_sync_soon_in_a_sentence(
    mirror: Mirror, tmp_path: Path, number: signal.Signals
) -> None:
    with mirror.served(SLOWLY) as base:
        runner = _start(mirror, base, tmp_path)
        _wait_for(lambda: len(mirror.requests) > 8)
        runner.signal(number)
        assert runner.end() == 128 + signal.SIGINT
    assert runner.said.startswith("The run was stopped before its end")
    assert_plain(runner.said)
    mirror.mends()
    assert _unfinished(mirror) == []


def test_kill_9_at_random_instants(tmp_path: Path) -> None:
    """In the first reading of a home and in later ones, of everything or of what changed."""
    chance = Random(time.time_ns() if is_soak else 5)
    done = killed = 0
    while done < KILLS:
        folder = tmp_path / f"{done}"
        folder.mkdir()
        with open_mirror(folder, seed=done + 1) as mirror:
            for _ in range(min(KILLS_OF_ONE_HOME, KILLS - done) // 2 or 1):
                killed += _kill_twice_and_compare(mirror, chance, folder)
                done += 2
        shutil.rmtree(folder)
    assert killed >= done / 2, "most of them should come before the sync's end"


def _kill_twice_and_compare(mirror: Mirror, chance: Random, folder: Path) -> int:
    killed = 0
    for _ in range(2):
        _change_a_few(mirror, chance)
        killed += killed_sync(mirror, Kill.draw(chance), folder, full=chance.random() < 0.3)
    mirror.later(60)
    mirror.mends()
    assert _unfinished(mirror) == []
    return killed


def _change_a_few(mirror: Mirror, chance: Random) -> None:
    for resource in ("customers", "invoices", "charges", "subscriptions"):
        for identifier in chance.sample(mirror.ids(resource), 3):
            mirror.change(resource, identifier, metadata={"changed": str(chance.random())})
    if chance.random() < 0.3:
        mirror.store.delete("customers", chance.choice(mirror.ids("customers")))


def test_a_torn_temporary_file_of_a_killed_writer(mirror: Mirror, tmp_path: Path) -> None:
    assert killed_sync(mirror, Kill(write=4), tmp_path)
    torn = _unfinished(mirror)
    assert torn
    for path in torn:
        path.write_bytes(path.read_bytes()[:-20])
    mirror.mends()
    assert _unfinished(mirror) == []


TEARS: dict[str, Callable[[bytes], bytes]] = {
    "cut in half": lambda content: content[: len(content) // 2],
    "empty": lambda content: b"",
    "garbled in the middle": lambda content: content[:200] + b"\0" * 400 + content[600:],
    "of zeros, as after a power cut": lambda content: bytes(len(content)),
}


@variants("name", TEARS)
def test_a_torn_parquet_file(synced: Mirror, name: str) -> None:
    synced.change("customers", synced.ids("customers")[0], description="changed")
    synced.sync()
    for resource in ("customers", "invoices", "events"):
        path = synced.lake.batches(resource)[0].path
        path.write_bytes(TEARS[name](path.read_bytes()))
    synced.later(60)
    synced.change("invoices", synced.ids("invoices")[0], description="changed")
    synced.mends()


def test_two_syncs_at_once(mirror: Mirror, tmp_path: Path) -> None:
    with mirror.served(SLOWLY) as base:
        first = _start(mirror, base, tmp_path)
        _wait_for(lambda: len(mirror.requests) > 3)
        other = tmp_path / "other"
        other.mkdir()
        second = _start(mirror, base, other)
        assert second.end() == 1
        assert "Another sync is writing" in second.said
        assert_plain(second.said)
        assert (first.end(), first.said) == (0, "")
    mirror.is_true()


@pytest.mark.slow
def test_a_run_that_is_interrupted_at_90_percent_goes_on_there(tmp_path: Path) -> None:
    """Slower than any disk writes, with batches as large as they really are."""
    with open_mirror(tmp_path, customers=1_000) as mirror:
        total = sum(len(mirror.ids(resource)) for resource in RESOURCES)
        with mirror.served() as base:
            limit = {"STRIPE_PIPELINE_RATE_LIMIT": "40"}
            environment = mirror.environment(base) | limit
            size = writer.LARGEST_BATCH_BYTES
            orders = Orders(environment, mirror.store.now, batch_bytes=size)
            runner = Runner(orders, tmp_path)
            _wait_for(lambda: mirror.listed.total() >= 0.9 * total)
            runner.kill()
            assert runner.end() == -signal.SIGKILL
        mirror.mends()
        # The tenth that wasn't read, the tenth that wasn't written, and the events since.
        assert mirror.listed.total() <= 0.25 * total


@dataclass(frozen=True)
class Disk:
    """A disk that a sync doesn't fit on: how a sync fails there, and how room is made."""

    fails: Callable[[], str]
    make_room: Callable[[], None]


@contextmanager
def _small_files(mirror: Mirror, folder: Path) -> Iterator[Disk]:
    """No file grows beyond 30 kilobytes."""

    def fails() -> str:
        with mirror.served() as base:
            runner = _start(mirror, base, folder, file_limit=30_000, batch_bytes=10**8)
            assert runner.end() == 1
        assert_plain(runner.said)
        return runner.said

    yield Disk(fails, lambda: None)


@contextmanager
def _small_disk(mirror: Mirror, folder: Path) -> Iterator[Disk]:
    """The home is a file system of its own, of 200 kilobytes."""
    mirror.home.mkdir()
    with small_disk(mirror.home, "200k"):
        yield Disk(mirror.fails, lambda: resize(mirror.home, "64m"))


DISKS = {"files too small": _small_files} | ({"no space": _small_disk} if may_mount() else {})


@pytest.mark.parametrize("name", DISKS)
def test_a_disk_that_is_full(mirror: Mirror, tmp_path: Path, name: str) -> None:
    with DISKS[name](mirror, tmp_path) as disk:
        assert "make room" in disk.fails()
        disk.make_room()
        mirror.mends()
        assert _unfinished(mirror) == []
