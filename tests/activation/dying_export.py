"""Run an export that dies like a pulled plug: `python -m tests.activation.dying_export HOME WHERE`.

WHERE is a function of the export, before whose call the process kills itself; `disk_full` instead
lets no file grow beyond a few kilobytes; `nowhere` lets the export finish.
"""

import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any, NoReturn

from stripe_pipeline.activation import campaigns, export, files
from stripe_pipeline.errors import PipelineError
from tests.activation.shop import AS_OF, CONTRACT, live, settings_of

PLACES: dict[str, tuple[Any, str]] = {
    "before_a_message": (files.MessageFiles, "write"),
    "before_the_rename": (files, "sync_folder"),
    "before_the_log": (export, "append"),
}


def _die(*_: object, **__: object) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise SystemExit  # not reached: the signal can't be caught


def main(home: str, where: str) -> None:
    """Export the home's emails for real, and die on the way."""
    campaigns.load_contract = lambda: CONTRACT
    if where in PLACES:
        owner, name = PLACES[where]
        setattr(owner, name, _die)
    if where == "disk_full":
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    try:
        export.export(live(settings_of(Path(home))), "email", AS_OF)
    except PipelineError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(*sys.argv[1:])
