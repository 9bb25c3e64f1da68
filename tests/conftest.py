"""What all tests share: an environment without settings, the command line, one finished demo."""

import gc
import json
import os
import signal
import subprocess
import sys
import zoneinfo
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from filelock import FileLock

from stripe_pipeline.process.environment import is_foreign
from stripe_pipeline.settings import ENV_FILE_SETTING

from .in_process import call_cli

# As the product does (stripe_pipeline/values/zones.py): the package's rules, not the system's.
zoneinfo.reset_tzpath(to=())

# A shell starts what runs in its background with these ignored, and a process inherits that: then
# none that a test starts would hear of them.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

# What takes longest to set up. The files that use it start first: a file is one worker's, and one
# that began last would keep the other workers waiting.
DEMO = {"demo_home", "demo_run"}
LAKES = {"mirrored", "warehouse"}
# Files that take more than some fifteen seconds without it, the longest first.
LONG = (
    "tests/dbt/test_models.py",
    "tests/e2e/test_run.py",
    "tests/ingestion/webhooks/test_patience.py",
    "tests/activation/test_crash.py",
    "tests/cli/test_terminal.py",
    "tests/ingestion/faults/test_answers.py",
    "tests/ingestion/faults/test_objects.py",
    "tests/ingestion/faults/test_stops.py",
    "tests/ingestion/test_reconcile.py",
    "tests/ingestion/test_quarantine.py",
    "tests/forget/test_lake.py",
    "tests/servers/test_children.py",
)
TESTS = Path(__file__).parent

Cli = Callable[..., subprocess.CompletedProcess[str]]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the random order but for the longest files, which come first.

    One file sets the demo up for all; the others that need it come after those that don't, so that
    no worker waits for it.
    """
    demo, lakes = _files_that_use(items, DEMO), _files_that_use(items, LAKES)
    long = [TESTS.parent / name for name in LONG]
    begins = [path for path in demo if path not in long]
    first = list(dict.fromkeys([*begins[:1], *lakes, *long, *demo]))
    items.sort(key=lambda item: first.index(item.path) if item.path in first else len(first))
    _keep_journeys(items)


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what was imported and collected: it stays to the end."""
    gc.freeze()


def pytest_sessionfinish() -> None:
    """Let it go at the end of the process, as libraries in C expect."""
    gc.unfreeze()


def _files_that_use(items: list[pytest.Item], fixtures: set[str]) -> list[Path]:
    """Return the files in which a test uses one of these fixtures, in the order of the tests."""
    using = (item for item in items if fixtures & set(getattr(item, "fixturenames", ())))
    return list(dict.fromkeys(item.path for item in using))


def _keep_journeys(items: list[pytest.Item]) -> None:
    """Sort the tests of each file that is marked `in_order` by their lines."""
    journeys = [item for item in items if item.get_closest_marker("in_order")]
    places = [place for place, item in enumerate(items) if item in journeys]
    files = list(dict.fromkeys(item.path for item in journeys))
    journeys.sort(key=lambda item: (files.index(item.path), item.location[1] or 0))
    for place, item in zip(places, journeys, strict=True):
        items[place] = item


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No setting of the person who runs the tests reaches a test."""
    for name in os.environ:
        if name.startswith(("STRIPE_", "DAGSTER_", "DBT_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv(ENV_FILE_SETTING, os.devnull)
    yield


def clean_environment() -> dict[str, str]:
    """This process's environment without any setting of the product."""
    names = ("STRIPE_", "DAGSTER_", "DBT_")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(names)}
    return {**kept, ENV_FILE_SETTING: os.devnull}


def run_cli(
    *arguments: str,
    folder: Path,
    settings: Mapping[str, str] | None = None,
    timeout: float = 300,
) -> subprocess.CompletedProcess[str]:
    """Run `stripe-pipeline` as a person would, in `folder`, without the project's .env."""
    return subprocess.run(
        [sys.executable, "-m", "stripe_pipeline.cli", *arguments],
        env={**clean_environment(), **(settings or {})},
        cwd=folder, capture_output=True, text=True, timeout=timeout, check=False,
    )  # fmt: skip


@pytest.fixture
def working_directory(tmp_path: Path) -> Path:
    folder = tmp_path / "working_directory"
    folder.mkdir()
    return folder


@pytest.fixture
def cli(working_directory: Path) -> Cli:
    """Call a command of `stripe-pipeline` in this process, with settings given by name."""

    def call(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in clean_environment().items() if not is_foreign(name)}
        return call_cli(*arguments, folder=working_directory, environment={**kept, **settings})

    return call


@pytest.fixture
def cli_process(working_directory: Path) -> Cli:
    """Start `stripe-pipeline`, with settings given by name; see run_cli."""

    def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return run_cli(*arguments, folder=working_directory, settings=settings)

    return run


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """The demo, run once for all tests of all workers, in `demo_home`."""
    folder = _shared_folder(tmp_path_factory) / "demo"
    with FileLock(folder.with_suffix(".lock")):
        record = folder / "run.json"
        if not record.exists():
            folder.mkdir(exist_ok=True)
            home = folder / "home"
            done = run_cli("demo", "--home", str(home), folder=folder)
            # Noted at once: tests that work in their own process leave files with its umask.
            (folder / "shared.json").write_text(json.dumps(_shared_with_others(home)))
            record.write_text(json.dumps(vars(done)))
    done = subprocess.CompletedProcess(**json.loads(record.read_text()))
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def _shared_with_others(home: Path) -> list[str]:
    """Name what of a home is open to others than its owner; a link has no mode of its own."""
    found = [path for path in (home, *home.rglob("*")) if not path.is_symlink()]
    return [str(path) for path in found if path.stat().st_mode & 0o077]


def _shared_folder(factory: pytest.TempPathFactory) -> Path:
    """A folder of this test session that is the same for every worker of pytest-xdist."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def demo_home(demo_run: subprocess.CompletedProcess[str]) -> Path:
    """The home folder that a demo left. A test that changes it copies it first."""
    arguments: list[str] = demo_run.args
    return Path(arguments[arguments.index("--home") + 1])
