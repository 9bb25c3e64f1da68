"""A file that `dg scaffold defs` writes below `defs/` is loaded, without a line anywhere else."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stripe_pipeline.surroundings import PROJECT_ROOT

from ..conftest import clean_environment

_PARTS = ("stripe_pipeline", "dbt_project", "campaigns", "pyproject.toml", "dagster.yaml")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project, as someone's checkout."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    for name in _PARTS:
        source = PROJECT_ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "target", "logs")
            shutil.copytree(source, folder / name, ignore=ignored)
        else:
            shutil.copy(source, folder)
    return folder


def _dg(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    programs = Path(sys.executable).parent
    done = subprocess.run(
        [programs / "dg", *arguments],
        cwd=project, capture_output=True, text=True, check=False,
        env={
            **clean_environment(),
            "PATH": os.pathsep.join((str(programs), os.environ["PATH"])),
            "VIRTUAL_ENV": sys.prefix,
            "PYTHONPATH": str(project),
            "STRIPE_PIPELINE_HOME": str(project.parent / "home"),
            "DAGSTER_HOME": "",
        },
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def test_a_scaffolded_asset_is_there(project: Path) -> None:
    _dg(project, "scaffold", "defs", "dagster.asset", "birthdays.py")
    written = project / "stripe_pipeline" / "defs" / "birthdays.py"
    assert "@dg.asset" in written.read_text()
    listed = json.loads(_dg(project, "list", "defs", "--json").stdout)
    keys = {each["key"] for each in listed["assets"]}
    pinned = (Path(__file__).parent / "asset_keys.txt").read_text().split()
    assert keys - set(pinned) == {"birthdays"}
    assert set(pinned) <= keys
