"""The tutorial on an own segment and campaign, word for word, as a stranger does it."""

import shutil
import subprocess
from pathlib import Path

import pytest

from stripe_pipeline.process.environment import PROJECT_ROOT

from ..checkout import checkout_environment, copy_project
from .console import missing, steps

PAGE = PROJECT_ROOT / "docs" / "tutorial" / "your-own-segment.md"
OPENED = "make demo"
NAMES = ("german_regulars", "missing_you", "press.csv")


@pytest.mark.slow
def test_each_command_prints_what_is_shown(demo_home: Path, tmp_path: Path) -> None:
    """`make demo` is the finished demo of all tests; all else is run as it stands."""
    first, *others = steps(PAGE)
    assert first.command == OPENED
    project = copy_project(tmp_path / "checkout")
    shutil.copytree(demo_home, project / "var" / "demo", symlinks=True)
    for command, shown in others:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=project, env=checkout_environment(project), capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}: {done.stderr}"
        assert missing(shown, done.stdout) == [], f"{command}\n{done.stdout}"
    left = {
        path.name for folder in ("segments", "campaigns") for path in (project / folder).iterdir()
    }
    assert not left & {"german_regulars.yml", "lists", "missing_you"}


def test_what_it_makes_is_not_in_the_project() -> None:
    """The commands write these files, so that they may not be there."""
    said = PAGE.read_text(encoding="utf-8")
    assert all(name in said for name in NAMES)
    assert not list((PROJECT_ROOT / "segments").rglob("german_regulars*"))
    assert not (PROJECT_ROOT / "campaigns" / "missing_you").exists()
