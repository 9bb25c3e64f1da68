"""An export in a process of its own, which dies like a pulled plug.

`where` names a step of the export, before which the process kills itself; one of FILE_LIMITS lets
no file grow beyond so many bytes; `nowhere` lets the export finish.
"""

import os
import resource
import signal
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NoReturn

from stripe_pipeline.activation import campaigns, committing, export, files, interrupted, writing
from stripe_pipeline.errors import PipelineError
from stripe_pipeline.settings import Settings
from tests.activation.shop import AS_OF, CONTRACT, live, settings_of

PLACES: dict[str, tuple[Any, str]] = {
    "after_its_version": (export, "write_and_commit"),
    "before_a_message": (files.MessageFiles, "write"),
    "before_the_manifest": (writing, "write_manifest"),
    "before_the_folder_is_whole": (files, "sync_folder"),
    "before_the_log": (committing, "append"),
    "before_it_appears": (committing, "appear"),
    "before_the_appearance_lasts": (files, "suppress"),
    "after_it_appeared": (export, "_report"),
}
FINISHING: dict[str, tuple[Any, str]] = {
    "finishing_before_taking_out": (interrupted, "take_out"),
    "finishing_before_it_appears": (interrupted, "appear"),
}
# Where the log knows of the export already.
RECORDED = ("before_it_appears", "before_the_appearance_lasts", "after_it_appeared")

# The log of campaigns' versions grows beyond the first, the messages' files beyond both.
FILE_LIMITS = {"versions_that_fit_no_disk": 4096, "messages_that_fit_no_disk": 8192}

# One process imports everything once; each export is a fork of it.
_CONTEXT = get_context("forkserver")
_CONTEXT.set_forkserver_preload([__name__])


class DyingExport:
    """A started export of a home's emails, live."""

    def __init__(self, settings: Settings, where: str) -> None:
        self._said = settings.home / "said.txt"
        self._process = _CONTEXT.Process(target=_run, args=(settings.home, where, self._said))
        self._process.start()

    def end(self) -> int | None:
        """Wait for its end and return its exit code."""
        self._process.join()
        return self._process.exitcode

    @property
    def said(self) -> str:
        """The error it reported, if any."""
        return self._said.read_text() if self._said.exists() else ""


def _die(*_: object, **__: object) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise SystemExit  # not reached: the signal can't be caught


def _run(home: Path, where: str, said: Path) -> None:
    setattr(campaigns, "load_contract", lambda *_: CONTRACT)  # noqa: B010 - not exported from there
    if where in PLACES | FINISHING:
        owner, name = (PLACES | FINISHING)[where]
        setattr(owner, name, _die)
    if where in FILE_LIMITS:
        resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_LIMITS[where],) * 2)
    try:
        export.export(live(settings_of(home)), "email", AS_OF)
    except PipelineError as error:
        said.write_text(str(error))
        raise SystemExit(1) from None
