"""A copy of the project, as someone's checkout in which `make setup` was called."""

import os
import shutil
import sys
from pathlib import Path

from stripe_pipeline.process.environment import PROJECT_ROOT

from .conftest import clean_environment

_PARTS = (
    "stripe_pipeline",
    "dbt_project",
    "segments",
    "campaigns",
    "pyproject.toml",
    "dagster.yaml",
)
PROGRAMS = Path(sys.executable).parent


def copy_project(folder: Path) -> Path:
    """Copy the project into a new folder, with a link to this environment; returns the folder."""
    folder.mkdir()
    for name in _PARTS:
        source = PROJECT_ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "target", "logs")
            shutil.copytree(source, folder / name, ignore=ignored)
        else:
            shutil.copy(source, folder)
    (folder / ".venv").symlink_to(sys.prefix)
    return folder


def checkout_environment(project: Path) -> dict[str, str]:
    """An environment in which programs take the code of a copy."""
    return {
        **clean_environment(),
        "PATH": os.pathsep.join((str(PROGRAMS), os.environ["PATH"])),
        "VIRTUAL_ENV": sys.prefix,
        "PYTHONPATH": str(project),
        "DAGSTER_HOME": "",
    }
