"""What a command took is counted whole: children, and those that outlive their parent."""

import os
import sys

import pytest

from benchmarks.measure import Bounds, CommandFailedError, run

BUSY = "import time\nwhile time.process_time() < {seconds}: pass\n"


def _python(program: str) -> list[str]:
    return [sys.executable, "-c", program]


def test_the_cpu_of_a_child_counts() -> None:
    child = BUSY.format(seconds=0.5)
    cost = run(_python(f"import subprocess, sys\nsubprocess.run({_python(child)})"), os.environ)
    assert cost.cpu > 0.5
    assert cost.stopped == ""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of orphans")
def test_the_cpu_of_an_orphan_counts_and_it_is_ended() -> None:
    child = BUSY.format(seconds=3_600)
    leaves_it = f"import subprocess, sys, time\nsubprocess.Popen({_python(child)})\ntime.sleep(2)"
    cost = run(_python(leaves_it), os.environ)
    assert cost.cpu > 0.3


def test_a_command_is_stopped_at_its_time() -> None:
    cost = run(_python("import time; time.sleep(600)"), os.environ, Bounds(seconds=1))
    assert cost.stopped == "time"


def test_a_command_is_stopped_at_its_memory() -> None:
    grows = "import time\nheld = bytearray(200_000_000)\nheld[::4096] = b'x' * len(held[::4096])\n"
    cost = run(_python(grows + "time.sleep(600)"), os.environ, Bounds(memory=150_000_000))
    assert cost.stopped == "memory"
    assert cost.peak_memory > 150_000_000


def test_a_failure_tells_what_was_said() -> None:
    with pytest.raises(CommandFailedError) as failed:
        run(_python("print('so it goes'); raise SystemExit(3)"), os.environ)
    assert "so it goes" in failed.value.output
