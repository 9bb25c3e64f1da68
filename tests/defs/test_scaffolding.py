"""A file that `dg scaffold defs` writes below `defs/` is loaded, without a line anywhere else."""

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stripe_pipeline.process.environment import PROJECT_ROOT

from ..conftest import clean_environment

_PARTS = (
    "stripe_pipeline",
    "dbt_project",
    "segments",
    "campaigns",
    "pyproject.toml",
    "dagster.yaml",
)


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


@pytest.mark.slow
def test_a_scaffolded_asset_is_there(project: Path) -> None:
    _dg(project, "scaffold", "defs", "dagster.asset", "birthdays.py")
    written = project / "stripe_pipeline" / "defs" / "birthdays.py"
    assert "@dg.asset" in written.read_text()
    listed = json.loads(_dg(project, "list", "defs", "--json").stdout)
    keys = {each["asset_key"] for each in listed["assets"]}
    pinned = (Path(__file__).parent / "asset_keys.txt").read_text().split()
    assert keys - set(pinned) == {"birthdays"}
    assert set(pinned) <= keys


def _hides(tree: ast.Module) -> bool:
    """Whether a file has a `@dg.definitions` function, and another definition beside it."""
    decorators = [
        ast.unparse(each)
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        for each in node.decorator_list
    ]
    made = [ast.unparse(node.value) for node in tree.body if isinstance(node, ast.Assign)]
    beside = [each for each in (*decorators, *made) if each.startswith("dg.")]
    return "dg.definitions" in beside and len(beside) > 1


def test_no_file_hides_what_else_is_in_it() -> None:
    """Of a file with a `@dg.definitions` function, Dagster loads nothing else."""
    files = sorted((PROJECT_ROOT / "stripe_pipeline" / "defs").rglob("*.py"))
    assert [path.name for path in files if _hides(ast.parse(path.read_text()))] == []


@pytest.mark.parametrize("beside", ["@dg.asset\ndef b(): ...", "b = dg.define_asset_job('b')"])
def test_a_file_that_hides_something_is_found(beside: str) -> None:
    assert _hides(ast.parse(f"@dg.definitions\ndef a(): ...\n{beside}"))
    assert not _hides(ast.parse("@dg.definitions\ndef a(): ..."))
