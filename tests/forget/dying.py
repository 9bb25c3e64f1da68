"""Forget a customer, and die by kill -9 before or after the n-th file that is put in its place.

python -m tests.forget.dying HOME CUSTOMER N before|after
"""

import os
import signal
import sys
from pathlib import Path

from stripe_pipeline.forget import forget
from stripe_pipeline.settings import Settings

_rename = Path.rename


def main(home: str, customer: str, deadly: int, when: str) -> None:
    """Prints nothing; the exit code says whether it came to its end."""
    renamed = 0

    def rename(path: Path, target: Path) -> Path:
        nonlocal renamed
        renamed += 1
        if renamed == deadly and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        moved = _rename(path, target)
        if renamed == deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        return moved

    Path.rename = rename  # type: ignore[assignment]
    forget(Settings(STRIPE_PIPELINE_HOME=Path(home)), customer)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
