"""`stripe-pipeline segments`: written, looked at and refused, without a run."""

from pathlib import Path

import pytest

from ..conftest import Cli


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "segments"


def _asked(cli: Cli, folder: Path, *arguments: str) -> tuple[int, str, str]:
    home = str(folder.parent / "home")
    done = cli(
        "segments", *arguments, STRIPE_PIPELINE_SEGMENTS=str(folder), STRIPE_PIPELINE_HOME=home
    )
    return done.returncode, done.stdout, done.stderr


def test_a_new_segment_is_written_and_listed_before_the_first_run(cli: Cli, folder: Path) -> None:
    code, said, _ = _asked(cli, folder, "new", "regulars")
    assert code == 0 and str(folder / "regulars.yml") in said
    code, said, _ = _asked(cli, folder, "list")
    assert code == 0 and "regulars" in said and "marketing" in said
    code, _, said = _asked(cli, folder, "new", "regulars")
    assert code == 2 and "There is a segment regulars already" in said


def test_without_a_run_nothing_can_be_shown(cli: Cli, folder: Path) -> None:
    _asked(cli, folder, "new", "regulars")
    for command in (("show", "regulars"), ("diff",)):
        code, out, said = _asked(cli, folder, *command)
        assert (code, out) == (1, "")
        assert "stripe-pipeline run" in said


def test_slips_are_told_by_each_command(cli: Cli, folder: Path) -> None:
    folder.mkdir()
    (folder / "bad.yml").write_text("meaning: A.\nwho:\n  - contry: is DE\n")
    for command in (("list",), ("show", "bad"), ("diff",)):
        code, _, said = _asked(cli, folder, *command)
        assert code == 2
        assert "bad.yml, line 3: there is no field contry (did you mean country?)" in said


def test_a_folder_that_isn_t_there_is_named(cli: Cli, folder: Path) -> None:
    code, _, said = _asked(cli, folder, "list")
    assert code == 2 and "There is no segment folder" in said
