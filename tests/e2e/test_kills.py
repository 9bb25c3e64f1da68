"""A `run` that is ended by kill -9 or SIGTERM at any instant: the next one makes up for it.

The instants are lines of its progress and files that it writes: seconds are the machine's.
"""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from stripe_pipeline.demo.home import DEMO_CUSTOMERS, DEMO_SEED, demo_settings
from stripe_pipeline.demo.store import Store, build_store, serve
from stripe_pipeline.settings.demo_mark import DEMO_NOW, MARKER

from ..conftest import clean_environment
from ..oracle.compare import agree, snapshot_differences
from ..oracle.warehouse import Warehouse
from ..properties.extent import is_soak

pytestmark = pytest.mark.slow

KILLS = 10 if is_soak else 1
SEED = time.time_ns() if is_soak else 3
# The line after which the tables are computed, which takes seconds on any machine.
COMPUTING = "Computing"
# What appears later, from the copying of the published set to the end of the exports.
FILES = (".published/.*", ".published/[0-9]*", ".exporting/*", ".exporting/*/*")
COMMAND = [sys.executable, "-m", "stripe_pipeline.cli", "run"]


@dataclass
class Shop:
    """A served store, and two homes that mirror it."""

    store: Store
    url: str
    home: Path
    twin: Path

    def start(self, home: Path) -> subprocess.Popen[str]:
        """Begin a run."""
        return subprocess.Popen(
            COMMAND, env={**clean_environment(), **demo_settings(home, self.url)}, cwd=home.parent,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, home: Path) -> None:
        """Run to the end."""
        process = self.start(home)
        _, said = process.communicate(timeout=300)
        assert process.returncode == 0, said

    def change(self, chance: Random) -> None:
        """Let something happen in every part of the shop."""
        self.store.now += 60
        for resource in ("customers", "invoices", "subscriptions", "charges"):
            query = "select id from objects where resource = ? and is_listed order by id"
            ids = [row[0] for row in self.store.reader.execute(query, (resource,)).fetchall()]
            for identifier in chance.sample(ids, 8):
                body = self.store.read(resource, identifier) or {}
                self.store.put(body | {"metadata": {"changed": str(chance.random())}})
            if resource == "customers":
                self.store.delete(resource, chance.choice(ids))


@pytest.fixture
def shop(demo_home: Path, tmp_path: Path) -> Iterator[Shop]:
    homes = [tmp_path / name / "home" for name in ("killed", "twin")]
    for home in homes:
        shutil.copytree(demo_home, home, symlinks=True)
        (home / MARKER).unlink()
    with build_store(DEMO_CUSTOMERS, DEMO_SEED, DEMO_NOW) as store, serve(store) as url:
        yield Shop(store, url, *homes)


def test_a_run_that_is_killed_is_made_up_for_by_the_next(shop: Shop) -> None:
    """The first kill is a SIGTERM while tables are computed; then any instant, as often as not."""
    print(f"The seed is {SEED}.")
    chance = Random(SEED)
    shop.change(chance)
    shop.run(shop.twin)
    process = shop.start(shop.home)
    lines = _lines_until_computing(process)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGINT, said
    assert said.splitlines()[-1].startswith("The run was stopped before its end")
    for _ in range(KILLS):
        shop.change(chance)
        _kill_after(shop.start(shop.home), chance.randint(0, lines), chance.random())
        shop.change(chance)
        _kill_at(shop, chance.choice(FILES), chance.choice((0.0, chance.random())))
    shop.run(shop.home)
    shop.run(shop.twin)
    agree(snapshot_differences(*(Warehouse(home).snapshot("marts") for home in _homes(shop))))
    assert not [path for home in _homes(shop) for path in home.glob(".published/.*")]
    assert all(list(home.glob(".published/[0-9]*")) for home in _homes(shop))


def _lines_until_computing(process: subprocess.Popen[str]) -> int:
    """Wait until the tables are computed; return how many lines the run has printed by then."""
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if COMPUTING in line:
            return len(said)
    raise AssertionError("".join(said))


def _kill_after(process: subprocess.Popen[str], lines: int, seconds: float) -> None:
    """Kill a run so many seconds after it has printed so many lines, or those until COMPUTING."""
    assert process.stderr is not None
    line = ""
    while lines and COMPUTING not in line:
        line = process.stderr.readline()
        lines -= 1
    time.sleep(seconds)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL


def _kill_at(shop: Shop, pattern: str, seconds: float) -> None:
    """Kill a run so many seconds after it has written a file of this kind, or let it end first."""
    before = set(shop.home.glob(pattern))
    process = shop.start(shop.home)
    while process.poll() is None and set(shop.home.glob(pattern)) <= before:
        time.sleep(0.002)
    time.sleep(seconds)
    process.kill()
    _, said = process.communicate()
    assert process.returncode in (0, -signal.SIGKILL), said


def _homes(shop: Shop) -> tuple[Path, Path]:
    return shop.home, shop.twin
