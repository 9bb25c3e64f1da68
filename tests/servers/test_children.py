"""What the web UI starts ends with it, however it ends; and a home has one at a time."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.servers.children import children
from stripe_pipeline.servers.only_one import only_one
from tests.variants import variants

SECONDS = 60


@contextmanager
def family(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-m", "tests.servers.family", str(folder)])
    try:
        wait_until((folder / "ready").exists)
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until(happened: Callable[[], bool]) -> None:
    until = time.monotonic() + SECONDS
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.05)


def descendants(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    found: list[psutil.Process] = psutil.Process(process.pid).children(recursive=True)
    assert len(found) == 4, "two children, a grandchild, and the leash"
    return found


def is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@variants("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT, signal.SIGHUP], quick=2)
def test_nothing_is_left_behind(tmp_path: Path, number: signal.Signals) -> None:
    with family(tmp_path) as process:
        below = descendants(process)
        process.send_signal(number)
        process.wait(SECONDS)
        _, alive = psutil.wait_procs(below, SECONDS)
        assert alive == []


def test_the_leash_may_be_killed_too(tmp_path: Path) -> None:
    with family(tmp_path) as process:
        below = descendants(process)
        next(each for each in below if "leash.py" in " ".join(each.cmdline())).kill()
        process.terminate()
        process.wait(SECONDS)
        _, alive = psutil.wait_procs(below, SECONDS)
        assert alive == []


def test_a_child_that_ends_is_told(tmp_path: Path) -> None:
    with children(dict(os.environ), tmp_path) as started:
        started.start("long", [sys.executable, "-c", "import time; time.sleep(600)"])
        assert started.ended() is None
        started.start("short", [sys.executable, "-c", "raise SystemExit(3)"])
        wait_until(lambda: started.ended() is not None)
        assert started.ended() == ("short", 3)


def test_a_second_one_is_refused(tmp_path: Path) -> None:
    with family(tmp_path) as process:
        with pytest.raises(PipelineError) as refused, only_one(tmp_path, "http://127.0.0.1:2"):
            pass
        assert str(refused.value) == (
            f"A web UI runs on this home already, at http://127.0.0.1:1 (process {process.pid}). "
            "Open it there, or stop it first: two would start each scheduled run twice."
        )


def test_the_next_one_waits_for_what_a_killed_one_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with family(tmp_path) as process:
        below = descendants(process)
        process.kill()
        process.wait()
        with only_one(tmp_path, "http://127.0.0.1:2"):
            assert [each for each in below if is_alive(each)] == []
    assert "Waiting for what is left of a web UI that was killed" in capsys.readouterr().err
