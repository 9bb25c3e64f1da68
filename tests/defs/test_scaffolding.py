"""A file that `dg scaffold defs` writes below `defs/` is loaded, without a line anywhere else."""

import ast
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from stripe_pipeline.process.environment import PROJECT_ROOT

from ..checkout import PROGRAMS, checkout_environment, copy_project


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copy_project(tmp_path / "checkout")


def _dg(project: Path, *arguments: str, is_right: bool = True) -> str:
    """Call `dg` in a checkout; returns what it printed."""
    done = subprocess.run(
        [PROGRAMS / "dg", *arguments],
        cwd=project, capture_output=True, text=True, check=False,
        env={
            **checkout_environment(project), "STRIPE_PIPELINE_HOME": str(project.parent / "home")
        },
    )  # fmt: skip
    assert (done.returncode == 0) is is_right, done.stdout + done.stderr
    return done.stdout if is_right else done.stdout + done.stderr


def _assets(project: Path) -> dict[str, dict[str, Any]]:
    listed = json.loads(_dg(project, "list", "defs", "--json"))
    return {each["asset_key"]: each for each in listed["assets"]}


@pytest.mark.slow
def test_a_scaffolded_asset_is_there(project: Path) -> None:
    _dg(project, "scaffold", "defs", "dagster.asset", "birthdays.py")
    written = project / "stripe_pipeline" / "defs" / "birthdays.py"
    assert "@dg.asset" in written.read_text()
    keys = set(_assets(project))
    pinned = (Path(__file__).parent / "asset_keys.txt").read_text().split()
    assert keys - set(pinned) == {"birthdays"}
    assert set(pinned) <= keys


@pytest.mark.slow
def test_a_scaffolded_segment_and_campaign_are_there(project: Path) -> None:
    """Each is one file of the project, checked, and an asset."""
    _dg(project, "scaffold", "defs", "stripe_pipeline.components.Segment", "big_spenders")
    _dg(project, "scaffold", "defs", "stripe_pipeline.components.Campaign", "spring")
    listed = _dg(project, "list", "components", "--json")
    for name in ("Segment", "Campaign"):
        assert f"stripe_pipeline.components.{name}" in listed
    _dg(project, "check", "yaml")
    assets = _assets(project)
    segment = assets["marts/segment_big_spenders"]
    assert segment["description"].startswith("Customers with two or more orders")
    assert segment["group_name"] == "segments"
    assert "marketing" in str(segment["owners"])
    assert "marts/segment_new_customers" in assets["campaigns/spring"]["dependency_keys"]
    assert "(draft)" in assets["campaigns/spring"]["description"]


@pytest.mark.slow
def test_a_slip_in_a_scaffolded_segment_is_told_with_its_line(project: Path) -> None:
    _dg(project, "scaffold", "defs", "Segment", "big_spenders")
    file = project / "segments" / "big_spenders.yml"
    file.write_text(file.read_text().replace("- stripe_total_orders", "- stripe_totl_orders"))
    said = " ".join(_dg(project, "check", "defs", is_right=False).split())
    assert "big_spenders.yml" in said
    assert "there is no field stripe_totl_orders" in said


def test_a_name_that_is_taken_leaves_nothing_behind(project: Path) -> None:
    said = _dg(project, "scaffold", "defs", "Segment", "vip", is_right=False)
    assert "There is a segment vip already" in said
    assert "Traceback" not in said
    assert not (project / "stripe_pipeline" / "defs" / "vip").exists()


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
