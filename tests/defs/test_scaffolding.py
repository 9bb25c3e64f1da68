"""A file that `dg scaffold defs` writes below `defs/` is loaded, without a line anywhere else."""

import ast
import json
import subprocess
from pathlib import Path

import pytest

from stripe_pipeline.process.environment import PROJECT_ROOT

from ..checkout import PROGRAMS, checkout_environment, copy_project


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copy_project(tmp_path / "checkout")


def _dg(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [PROGRAMS / "dg", *arguments],
        cwd=project, capture_output=True, text=True, check=False,
        env={
            **checkout_environment(project), "STRIPE_PIPELINE_HOME": str(project.parent / "home")
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
