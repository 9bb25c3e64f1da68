"""Nothing of the shell steers the product's own dbt, Dagster and Python."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from dbt.cli.main import cli as dbt

from stripe_pipeline.process.environment import is_foreign
from stripe_pipeline.settings import load_settings
from stripe_pipeline.warehouse.transform import dbt_environment, dbt_process_environment
from tests.variants import variants

from ..conftest import run_cli

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)


def dbt_variables() -> set[str]:
    """Every variable that a command of dbt takes an option from."""
    commands = [dbt]
    found: set[str] = set()
    while commands:
        command = commands.pop()
        commands += getattr(command, "commands", {}).values()
        for parameter in command.params:
            found |= set(_variables(parameter))
    return found


def _variables(parameter: click.Parameter) -> Iterator[str]:
    names = parameter.envvar or []
    yield from [names] if isinstance(names, str) else names


def test_every_variable_of_dbt_s_is_one_that_is_kept_away() -> None:
    names = dbt_variables()
    assert {"DBT_TARGET", "DBT_EMPTY", "DBT_ENGINE_SAMPLE"} <= names
    assert all(is_foreign(name) for name in names)


def test_dbt_is_given_only_what_the_product_decides(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in dbt_variables() | {"DAGSTER_HOME", "PYTHONPATH", "PYTHONOPTIMIZE"}:
        monkeypatch.setenv(name, "hostile")
    monkeypatch.setenv("STRIPE_API_KEY", "rk_test_x")
    settings = load_settings(STRIPE_PIPELINE_HOME=tmp_path)
    given = dbt_process_environment(settings, AS_OF)
    assert "hostile" not in given.values()
    assert "STRIPE_API_KEY" not in given
    mine = {name for name in given if is_foreign(name)} - {"PYTHONPATH"}
    assert mine <= set(dbt_environment(settings, AS_OF))
    assert given["PATH"] == os.environ["PATH"]


@pytest.fixture
def shadows(tmp_path: Path) -> Path:
    """A folder of modules that end the process that imports them."""
    folder = tmp_path / "shadows"
    folder.mkdir()
    for module in ("dbt", "dagster", "duckdb", "typer", "pydantic", "yaml"):
        (folder / f"{module}.py").write_text(f"raise SystemExit('the shell's {module}')")
    return folder


@variants(
    "variables",
    [
        {"PYTHONWARNINGS": "error"},
        {"PYTHONPATH": "{shadows}"},
        {"PYTHONOPTIMIZE": "2", "PYTHONINSPECT": "1"},
        {"PYTHONSTARTUP": "{shadows}/dbt.py", "PYTHONPATH": "{shadows}:{shadows}/none"},
    ],
    quick=2,
)
def test_no_python_variable_reaches_the_command(
    tmp_path: Path, shadows: Path, variables: dict[str, str]
) -> None:
    given = {name: value.format(shadows=shadows) for name, value in variables.items()}
    done = run_cli("profile", "cus_x", folder=tmp_path, settings={
        **given, "STRIPE_PIPELINE_HOME": str(tmp_path / "home"),
    })  # fmt: skip
    assert "Nothing is published" in done.stderr, done.stderr
    assert done.returncode == 1


def test_a_setting_of_the_command_line_survives_the_second_start(tmp_path: Path) -> None:
    code = (
        "import sys; from stripe_pipeline.cli import main; "
        "sys.argv[1:] = ['run', '--as-of', 'x']; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONHASHSEED": "1"},
    )  # fmt: skip
    assert done.returncode == 2
    assert "--as-of can't be used" in done.stderr


@pytest.mark.slow
def test_a_parse_under_every_hostile_variable_is_the_ordinary_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shadows: Path
) -> None:
    from stripe_pipeline.warehouse.manifest import prepare_manifest

    for name in dbt_variables():
        monkeypatch.setenv(name, "hostile")
    monkeypatch.setenv("PYTHONPATH", str(shadows))
    prepare_manifest(load_settings(STRIPE_PIPELINE_HOME=tmp_path / "home"))
