"""A parent with a child and a grandchild, as the web UI has them: `family.py FOLDER`.

The parent holds the lock of the folder, writes `ready`, and waits to be stopped or killed. The
grandchild ignores SIGTERM for a while, as a run that cleans up does.
"""

import os
import sys
import time
from pathlib import Path

from stripe_pipeline.servers.children import children
from stripe_pipeline.servers.only_one import only_one
from stripe_pipeline.servers.stopping import until_stopped

GRANDCHILD = """
import signal, sys, time
def end(*_):
    time.sleep(0.5)
    sys.exit()
signal.signal(signal.SIGTERM, end)
open(sys.argv[1], "w").close()
time.sleep(600)
"""
CHILD = """
import subprocess, sys
subprocess.Popen([sys.executable, "-c", *sys.argv[1:]]).wait()
"""


def main(folder: Path) -> None:
    """Start them and wait."""
    command = [sys.executable, "-c", CHILD, GRANDCHILD, str(folder / "ready")]
    with (
        until_stopped(),
        only_one(folder, "http://127.0.0.1:1") as lock,
        children(dict(os.environ), folder, [lock]) as family,
    ):
        family.start("first", command)
        family.start("second", [sys.executable, "-c", "import time; time.sleep(600)"])
        time.sleep(600)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
