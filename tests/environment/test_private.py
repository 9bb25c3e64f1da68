"""Everything in a home is its owner's alone, also where an older version made it otherwise."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.files.private import make_private
from stripe_pipeline.settings import load_settings
from stripe_pipeline.warehouse.transform import make_folder
from tests.conftest import Cli


def test_an_older_home_is_closed_and_links_lead_where_they_led(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.touch(0o644)
    home = tmp_path / "home"
    (home / "lake" / "customers").mkdir(parents=True)
    for path in (home, home / "lake", home / "lake" / "customers"):
        path.chmod(0o755)
    (home / "lake" / "customers" / "1.parquet").touch(0o644)
    (home / "link").symlink_to(outside)
    make_folder(load_settings(STRIPE_PIPELINE_HOME=home), home / "dagster")
    modes = {path.name: stat.S_IMODE(path.lstat().st_mode) for path in home.rglob("*")}
    assert (modes["lake"], modes["customers"], modes["1.parquet"]) == (0o700, 0o700, 0o600)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE(outside.stat().st_mode) == 0o644


def test_what_is_open_in_a_closed_home_is_closed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "lake").mkdir(parents=True)
    home.chmod(0o700)
    for path, mode in ((home / "lake", 0o750), (home / "lake" / "1.parquet", 0o664)):
        path.touch()
        path.chmod(mode)
    make_private(home)
    assert _modes(home) == {"lake": 0o700, "1.parquet": 0o600}


def test_a_home_that_is_a_link_is_closed_where_it_leads(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    real.chmod(0o755)
    link.symlink_to(real)
    make_private(link)
    assert stat.S_IMODE(real.stat().st_mode) == 0o700
    assert link.is_symlink()


@pytest.mark.parametrize(
    "command",
    [
        ("consent", "opt-out", "email", "ada@shop.example"),
        ("suppress", "add", "email", "ada@shop.example"),
        ("profile", "cus_1"),
        ("rates", "template"),
        ("forget", "cus_1"),
    ],
)
def test_any_command_mends_an_older_home_and_opens_nothing(
    tmp_path: Path, cli: Cli, command: tuple[str, ...]
) -> None:
    home = tmp_path / "home"
    (home / "lake").mkdir(parents=True)
    (home / "exports").mkdir()
    (home / "exports" / "email.csv").touch()
    for path in (home, *home.rglob("*")):
        path.chmod(0o777)
    before = os.umask(0)
    try:
        done = cli(*command, STRIPE_PIPELINE_HOME=str(home))
    finally:
        os.umask(before)
    assert "unforeseen" not in done.stderr
    assert "Usage" not in done.stderr
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert {name: oct(mode) for name, mode in _modes(home).items() if mode & 0o077} == {}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_reads_nothing_and_is_told_so(open_folder: Path) -> None:
    home = open_folder / "home"
    (home / "lake").mkdir(parents=True)
    (home / "lake" / "1.parquet").touch()
    make_private(home)
    settings = load_settings(_env_file=None, STRIPE_PIPELINE_HOME=home)
    with _as_nobody():
        assert list(open_folder.iterdir()) == [home], "what is closed is the home"
        for path in (home, home / "lake", home / "lake" / "1.parquet"):
            with pytest.raises(PermissionError):
                path.open() if path.suffix else list(path.iterdir())
        with pytest.raises(PipelineError, match=r"home.*\(Permission denied\)"):
            make_folder(settings, settings.home / "dagster")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can look into; those of the tests are closed."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@contextmanager
def _as_nobody() -> Iterator[None]:
    """Let this thread be a user without rights for a while."""
    os.setegid(65_534)
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


def _modes(home: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.lstat().st_mode) for path in home.rglob("*")}
