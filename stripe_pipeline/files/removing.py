"""Remove what can be recomputed."""

import shutil
from pathlib import Path


def remove(path: Path) -> None:
    """Remove a file, a link or a folder with all that is in it, if it exists.

    Raises:
        OSError: it can't be removed.
    """
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
