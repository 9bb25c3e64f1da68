"""A home that an older version left: the next run mends it, and sends nothing twice."""

import json
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stripe_pipeline.activation.export import export
from stripe_pipeline.demo.home import DEMO_CUSTOMERS, DEMO_SEED, demo_settings
from stripe_pipeline.demo.store import build_store, serve
from stripe_pipeline.lake import Lake
from stripe_pipeline.settings import load_settings
from stripe_pipeline.settings.demo_mark import DEMO_NOW, MARKER

from ..conftest import run_cli
from ..oracle.compare import agree, snapshot_differences
from ..oracle.warehouse import Warehouse

pytestmark = pytest.mark.slow

OF_PERSONS = ("stripe_person_id", "stripe_customer_ids", "stays")
NEWER_TABLES = ("quarantine", "reconciliations")
NEWER_MARTS = ("people", "person_links", "person_addresses", "undecided_members", "unrated_fields")


@pytest.fixture
def settings(demo_home: Path, tmp_path: Path) -> Iterator[dict[str, str]]:
    """A user's home after live exports, and its account."""
    home = tmp_path / "home"
    shutil.copytree(demo_home, home, symlinks=True)
    (home / MARKER).unlink()
    with build_store(DEMO_CUSTOMERS, DEMO_SEED, DEMO_NOW) as store, serve(store) as url:
        values = demo_settings(home, url) | {"STRIPE_PIPELINE_LIVE_SENDS": "on"}
        loaded = load_settings(_env_file=None, **values)
        assert export(loaded, "email", DEMO_NOW).new_messages
        assert export(loaded, "sms", DEMO_NOW).new_messages
        yield values


def make_older(home: Path) -> None:
    """Take from a home what newer versions have brought."""
    for batch in Lake(home / "lake").files("outbox_entries"):
        rewrite(batch.path, lambda rows: rows.drop_columns(list(OF_PERSONS)))
    for entries in home.glob("exports/*/*/entries.parquet"):
        rewrite(entries, lambda rows: rows.drop_columns(list(OF_PERSONS)))
    forget_one_export(home)
    for table in NEWER_TABLES:
        shutil.rmtree(home / "lake" / table, ignore_errors=True)
    published = (home / "published").resolve()
    for mart in NEWER_MARTS:
        (published / f"{mart}.parquet").unlink()
    rewrite(
        published / "customer_profiles.parquet",
        lambda rows: rows.drop_columns(["stripe_person_id", "country_raw"]),
    )
    rewrite(published / "segment_history.parquet", lambda rows: rows.drop_columns(["occasion_at"]))
    with duckdb.connect(str(home / "warehouse.duckdb")) as warehouse:
        for mart in ("people", "person_links"):
            warehouse.execute(f"drop table marts.{mart} cascade")
        warehouse.execute("alter table marts.orders drop column paid_at")
        warehouse.execute(
            "update staging.stg_stripe__customers set email = 'read@otherwise.example'"
        )
        warehouse.execute("comment on table staging.stg_stripe__customers is 'of older code'")
    shutil.rmtree(home / ".exporting")
    open_to_all(home)


def rewrite(path: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    """Write a Parquet file again with other columns; what its metadata say stays."""
    with pq.ParquetFile(path) as file:
        rows = file.read()
    pq.write_table(change(rows).replace_schema_metadata(rows.schema.metadata), path)


def forget_one_export(home: Path) -> None:
    """An older version recorded an export after its folder stood, and was killed in between."""
    [last] = Lake(home / "lake").files("outbox_entries")[-1:]
    last.path.unlink()


def open_to_all(home: Path) -> None:
    for path in (home, *home.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() else 0o644)


def exports(home: Path) -> set[str]:
    return {str(path.relative_to(home)) for path in home.glob("exports/*/*/*")}


def test_it_is_mended_and_sends_nothing_twice(settings: dict[str, str], tmp_path: Path) -> None:
    home = Path(settings["STRIPE_PIPELINE_HOME"])
    sent, marts = exports(home), Warehouse(home).snapshot("marts")
    make_older(home)
    done = run_cli("run", folder=tmp_path, settings=settings)
    assert done.returncode == 0, done.stderr
    assert exports(home) == sent
    agree(snapshot_differences(marts, Warehouse(home).snapshot("marts")))
    assert open_to_others(home) == set()
    files = [path.read_text() for path in home.glob("exports/*/*-live-*/*.jsonl")]
    out = [json.loads(line)["message_key"] for text in files for line in text.splitlines()]
    assert len(out) == len(set(out))
    assert recorded(home) == set(out)


def open_to_others(home: Path) -> set[Path]:
    found = {path for path in (home, *home.rglob("*")) if not path.is_symlink()}
    return {path for path in found if stat.S_IMODE(path.stat().st_mode) & 0o077}


def recorded(home: Path) -> set[str]:
    """The keys of the messages that went out, as the log has them: more than once where an entry
    was appended that names the other customers of a person."""
    batches = Lake(home / "lake").read("outbox_entries", ["message_key", "status"])
    rows = [row for batch in batches for row in batch.to_pylist()]
    return {row["message_key"] for row in rows if row["status"] == "exported"}
