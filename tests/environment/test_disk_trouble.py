"""A full or closed disk is told as such, whatever wraps the error."""

import errno
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.files.disk_trouble import disk_trouble, naming_the_disk, unwritable
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.tables import ensure_tables
from stripe_pipeline.orchestration.runs import prepare_dagster_home
from stripe_pipeline.settings import load_settings
from stripe_pipeline.terminal.progress import progress
from stripe_pipeline.warehouse.dbt_failures import dbt_failure
from stripe_pipeline.warehouse.manifest import prepare_manifest
from tests.environment.filling import Filling
from tests.small_disk import may_mount, small_disk

HOME = Path("/srv/home")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/srv/x"), "No space left on /srv/x"),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "No space left on /srv/home"),
        (sqlite3.OperationalError("database or disk is full"), "No space left on /srv/home"),
        (OSError(errno.EROFS, os.strerror(errno.EROFS)), "/srv/home is read-only"),
        (PermissionError(errno.EACCES, os.strerror(errno.EACCES), "/srv/x"), "denied in /srv/x"),
        (OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)), "No space left to this user"),
    ],
)
def test_it_is_found_behind_another_error(error: Exception, said: str) -> None:
    try:
        try:
            raise error
        except Exception as cause:
            raise RuntimeError("a wrapper's words") from cause
    except RuntimeError as wrapper:
        assert said in (disk_trouble(wrapper, HOME) or "")
    assert disk_trouble(RuntimeError("no such thing"), HOME) is None


@pytest.mark.parametrize(
    "message",
    [
        "[Errno 28] No space left on device",
        'IO Error: Could not write file "/srv/home/warehouse.duckdb": No space left on device',
        "Out of Memory Error: failed to offload data block of size 256.0 KiB",
        "IO Error: Could not write all bytes to file: disk full",
    ],
)
def test_a_disk_that_is_full_inside_dbt(tmp_path: Path, message: str) -> None:
    target = tmp_path / "dbt" / "target"
    target.mkdir(parents=True)
    failed = [
        {"status": "error", "unique_id": "model.x.orders", "message": text}
        for text in ("Runtime Error in model orders\n  of another kind", message)
    ]
    (target / "run_results.json").write_text(json.dumps({"results": failed}))
    error = dbt_failure(load_settings(_env_file=None, STRIPE_PIPELINE_HOME=tmp_path))
    assert str(error) == f"No space left on {tmp_path}; make room and run again."


def test_a_log_on_a_full_disk_gives_the_terminal_back() -> None:
    code = (
        "import sys; from tests.environment.test_disk_trouble import full;"
        " full(); print('seen', file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("", "seen\n")


def full() -> None:
    """Print to a log that takes nothing; the device is as a disk that is full."""
    with progress(Path("/dev/full")):
        print("a line of the log")


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "make room and run again"),
        (OSError(errno.EROFS, os.strerror(errno.EROFS)), "make it writable and run again"),
        (PermissionError(errno.EACCES, os.strerror(errno.EACCES)), "give write permission"),
    ],
)
def test_a_home_that_cant_be_written_says_what_helps(error: OSError, remedy: str) -> None:
    said = str(unwritable(HOME, error))
    assert said.startswith(f"The home folder {HOME} can't be written ({error.strerror}); {remedy}")


@pytest.mark.parametrize("name", ["lake", "dbt", "dagster", "home"])
def test_a_file_in_the_place_of_a_folder_is_named(tmp_path: Path, name: str) -> None:
    settings = load_settings(_env_file=None, STRIPE_PIPELINE_HOME=tmp_path / "home")
    path = settings.home / name if name != "home" else settings.home
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(PipelineError, match=f"/{name} is in the way .*; move it away"):
        prepare_dagster_home(settings)
        prepare_manifest(settings)
        ensure_tables(Lake(settings.lake))
    assert path.read_text(encoding="utf-8") == "mine"


def test_a_file_of_the_home_is_named_by_the_home() -> None:
    error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(HOME / ".x.tmp"))
    with pytest.raises(PipelineError, match="No space left on /srv/home; "), naming_the_disk(HOME):
        raise error
    with pytest.raises(ValueError, match="nothing of a disk"), naming_the_disk(HOME):
        raise ValueError("nothing of a disk")


@pytest.fixture
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A disk of so many megabytes, which only root may make."""
    if not may_mount():
        pytest.skip("only root can mount a small disk here")
    with small_disk(tmp_path, f"{request.param}m"):
        yield tmp_path


@pytest.mark.parametrize("disk", [1], indirect=True)
def test_a_small_disk_is_small_and_no_other_process_s(disk: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        (disk / "file").write_bytes(bytes(2_000_000))
    assert str(disk) in Path("/proc/self/mounts").read_text()
    assert str(disk) not in Path("/proc/1/mounts").read_text()


def _demo(home: Path) -> list[str]:
    command = [sys.executable, "-m", "stripe_pipeline.cli", "demo", "--customers", "60"]
    return [*command, "--home", str(home)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("disk", "reached"), [(3, "Opening"), (20, "Computing")], indirect=["disk"]
)
def test_a_run_on_a_disk_that_is_too_small(disk: Path, reached: str) -> None:
    home = disk / "home"
    done = subprocess.run(_demo(home), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert reached in done.stderr
    assert str(home) in done.stderr.splitlines()[-1]
    assert "No space left" in done.stderr.splitlines()[-1]
    assert "unforeseen" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("disk", [80], indirect=True)
@pytest.mark.parametrize(
    "pattern",
    [
        "dagster/history/runs/index.db",  # Dagster's own storage
        "dbt/target/run_results.json",
        ".published/.*.tmp",  # while the published set is copied
        ".exporting/*/*",  # while an export is written
        "lake/outbox_entries",  # while it is recorded
    ],
)
def test_a_disk_that_fills_up_ends_the_run_and_loses_nothing(disk: Path, pattern: str) -> None:
    home = disk / "home"
    filling = Filling(home, pattern)
    done = filling.run(_demo(home))
    assert filling.is_full
    assert done.returncode == 1
    assert f"No space left on {home}" in done.stderr.splitlines()[-1]
    assert "unforeseen" not in done.stderr
    filling.make_room()
    again = subprocess.run(_demo(home), capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    files = sorted(home.glob("exports/*/*/*.jsonl"))
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    keys = [json.loads(line)["message_key"] for line in lines]
    assert len(keys) == len(set(keys)) == 6
    assert not list(home.glob(".exporting/*/*"))


def test_errors_that_are_each_others_cause() -> None:
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first
    assert disk_trouble(first) is None
