"""kill -9 at any file leaves a lake that can be read, and an erasure that is finished later."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from stripe_pipeline.forget import forget
from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.erasures import load_erasures
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_client.catalog import RESOURCES
from tests.fake_stripe.server import Account
from tests.forget.conftest import HER, fill_home
from tests.forget.every_byte import traces
from tests.forget.planting import TRACES
from tests.ingestion.lakes import Bodies, current
from tests.properties.extent import is_soak

# A file each: decided, its payments, logs, tables, done.
STEPS = range(1, 40) if is_soak else (1, 2, 4, 9, 15, 21)


@pytest.mark.slow
def test_what_a_killed_erasure_left_is_finished(
    settings: Settings, settings_at: Callable[[Path], Settings], account: Account
) -> None:
    """By the next sync where the number is odd, and else by the same command."""
    fill_home(settings, account)
    expected = forgotten(settings, settings_at)
    died = 0
    for step in STEPS:
        for when in ("before", "after"):
            home = settings.home.with_name(f"{step}_{when}")
            shutil.copytree(settings.home, home, symlinks=True)
            died += is_killed(home, step, when)
            contents(home)
            if step % 2 and load_erasures(Lake(home / "lake")).reasons:
                sync(settings_at(home))
            forget(settings_at(home), HER)
            assert traces(home, TRACES) == {}, home.name
            assert contents(home) == expected, home.name
            shutil.rmtree(home)
    assert died > 8


def forgotten(settings: Settings, settings_at: Callable[[Path], Settings]) -> dict[str, Bodies]:
    """What the lake holds where no process is killed."""
    home = settings.home.with_name("twin")
    shutil.copytree(settings.home, home, symlinks=True)
    forget(settings_at(home), HER)
    sync(settings_at(home))
    return contents(home)


def is_killed(home: Path, step: int, when: str) -> bool:
    """Forget her in a process of its own; tell whether it died on the way."""
    command = [sys.executable, "-m", "tests.forget.dying", str(home), HER, str(step), when]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode != 0


def contents(home: Path) -> dict[str, Bodies]:
    """The newest version of every object but events, of which a sync brings new ones."""
    lake = Lake(home / "lake")
    names = [each.name for each in RESOURCES if each.name != "events"]
    return {name: current(lake, name) for name in names}
