"""Every kind of file below a home that can be made again is made again, all at once."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.conftest import run_cli
from tests.environment.damage import DAMAGES, Damage

# Patterns below a home; of each the first file, and the newest of those that are numbered.
MADE_AGAIN = (
    "dagster/dagster.yaml",
    "dagster/run.log",
    "dagster/history/runs.db",
    "dagster/history/runs/*.db",
    "dagster/schedules/*.db",
    "dagster/storage/*/compute_logs/*",
    "dbt/manifest.json",
    "dbt/manifest.stamp",
    "dbt/.erased",
    "dbt/target/*",
    "dbt/target/compiled/**/run_clock.sql",
    "warehouse.duckdb",
    ".published/*/*.parquet",
    ".published/*/.*",
    "exports/.erased",
    "lake/.*.json",
    "lake/customers/*.parquet",
    "lake/resource_access/*.parquet",
    "reads.sqlite",
    "exchange_rates.csv",
    "person_overrides.csv",
    "consents.csv",
)
# What no one else has; a run stops before anything is read or sent, and names the file.
ONLY_COPIES = (
    "lake/consent_entries/*.parquet",
    "lake/segment_moves/*.parquet",
    "lake/outbox_entries/*.parquet",
    "lake/erasures/*.parquet",
)


def _demo(home: Path) -> tuple[int, str]:
    done = run_cli(
        "demo", "--customers", "60", "--home", str(home), folder=home.parent, timeout=900
    )
    return done.returncode, done.stderr


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished demo, which the tests copy."""
    home = tmp_path_factory.mktemp("whole") / "home"
    code, said = _demo(home)
    assert code == 0, said
    return home


@pytest.fixture
def home(whole: Path, tmp_path: Path) -> Path:
    """A home of the test's own."""
    return Path(shutil.copytree(whole, tmp_path / "home", symlinks=True))


def _files(home: Path, patterns: tuple[str, ...]) -> Iterator[Path]:
    for pattern in patterns:
        found = sorted(path for path in home.glob(pattern) if path.is_file())
        assert found, pattern
        yield found[-1]


def _published(home: Path) -> dict[str, list[str]]:
    """The rows of each published table, in any order.

    The log of messages is left out: a demo's first run exports after it has published.
    """
    paths = sorted((home / "published").glob("*.parquet"))
    tables = {path.stem: pq.read_table(path).to_pylist() for path in paths}
    return {name: sorted(map(str, rows)) for name, rows in tables.items() if name != "outbox"}


def _messages(home: Path) -> list[str]:
    lines = [line for file in home.glob("exports/*/*/*.jsonl") for line in _lines(file)]
    return sorted(json.loads(line)["message_key"] for line in lines)


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGES)
def test_what_can_be_made_again_is(home: Path, damage: Damage) -> None:
    published, messages = _published(home), _messages(home)
    assert messages
    for path in list(_files(home, MADE_AGAIN)):
        damage(path)
    code, said = _demo(home)
    assert code == 0, said
    assert "unforeseen" not in said
    assert "warehouse.duckdb is damaged; computing it again" in said
    assert "customers" in said
    assert _published(home) == published
    assert _messages(home) == messages


@pytest.mark.slow
@pytest.mark.parametrize("pattern", ONLY_COPIES)
@pytest.mark.parametrize("damage", DAMAGES)
def test_the_only_copy_is_named(home: Path, damage: Damage, pattern: str) -> None:
    [path] = _files(home, (pattern,))
    messages = _messages(home)
    damage(path)
    code, said = _demo(home)
    assert code == 1
    assert f"{path} is damaged" in said
    assert "backup" in said
    assert _messages(home) == messages
