"""What is generated in README.md and docs/ is what the commands, settings and the demo say."""

import subprocess
from pathlib import Path

import pytest

from doc_pages.__main__ import pages
from doc_pages.commands import commands
from doc_pages.readme import README, replaced, sample
from doc_pages.settings import settings
from stripe_pipeline.process.environment import PROJECT_ROOT
from stripe_pipeline.settings import ENV_FILE_SETTING, Settings

from ..conftest import run_cli

REFERENCE = PROJECT_ROOT / "docs" / "reference"
COMMANDS = commands()


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(PROJECT_ROOT)))
def test_a_generated_page_is_fresh(page: Path) -> None:
    assert page.read_text(encoding="utf-8") == pages()[page], "run `make pages`"


def test_the_readme_shows_what_the_demo_prints(
    demo_run: subprocess.CompletedProcess[str], demo_home: Path, tmp_path: Path
) -> None:
    def ask(*arguments: str) -> str:
        home = {"STRIPE_PIPELINE_HOME": str(demo_home)}
        done = run_cli(*arguments, folder=tmp_path, settings=home)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert sample(demo_run.stdout, ask) in README.read_text(encoding="utf-8"), "run `make readme`"


@pytest.mark.parametrize("usage", ["preview [CAMPAIGN]", "explain SEGMENT CUSTOMER", "ui"])
def test_a_command_is_listed_with_its_arguments(usage: str) -> None:
    assert f"stripe-pipeline {usage}" in [command.usage for command in COMMANDS]


def test_the_reference_has_the_help_that_a_terminal_shows(tmp_path: Path) -> None:
    shown = run_cli("rates", "import", "--help", folder=tmp_path, settings={"COLUMNS": "80"})
    assert shown.stdout.strip() in (REFERENCE / "commands.md").read_text(encoding="utf-8")


def test_every_setting_is_in_the_reference_with_a_meaning() -> None:
    example = (PROJECT_ROOT / ".env.example").read_text(encoding="utf-8")
    described = {setting.name: setting.meaning for setting in settings(example)}
    declared = {
        str(field.validation_alias or name).upper() for name, field in Settings.model_fields.items()
    }
    # It names the file that the others stand in, so it isn't one of them.
    assert set(described) == declared - {ENV_FILE_SETTING}
    assert [name for name, meaning in described.items() if len(meaning) < 20] == []


def test_a_page_without_the_part_is_an_error() -> None:
    with pytest.raises(ValueError, match="no part called sample"):
        replaced("# A page\n", "sample", "...")
