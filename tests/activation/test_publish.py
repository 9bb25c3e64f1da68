"""Published sets: whole, in one step, and never before their segment moves are recorded."""

import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.lake import Lake
from stripe_pipeline.settings import Settings
from stripe_pipeline.warehouse.publish import KEPT_SETS, publish, published_set
from stripe_pipeline.warehouse.readers import Marts
from tests.activation.shop import settings_of

MONDAY, TUESDAY = "2026-11-16 08:00:00", "2026-11-17 08:00:00"

HOLD = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    """A warehouse with two marts, an activation table, and one open stay."""
    settings = settings_of(tmp_path / "it's home")
    settings.home.mkdir()
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("create schema marts; create schema activation; create schema raw")
        connection.execute("create table marts.orders as select 1 as version")
        connection.execute("create table marts.profiles as select 1 as version")
        connection.execute("create view activation.consent as select 'email' as channel")
        connection.execute("create table raw.customers as select 1 as id")
        connection.execute(
            "create table marts.segment_history (segment text, stripe_customer_id text, "
            "entered_at timestamp, left_at timestamp)"
        )
    _change(settings, f"insert into marts.segment_history values ('vip', 'a', '{MONDAY}', null)")
    return settings


def _change(settings: Settings, *statements: str) -> None:
    with duckdb.connect(str(settings.warehouse)) as connection:
        for statement in statements:
            connection.execute(statement)


def _moves(settings: Settings) -> list[tuple[str, str, str]]:
    return [
        (row["stripe_customer_id"], row["move"], f"{row['moved_at']:%a}")
        for batch in Lake(settings.lake).read("segment_moves")
        for row in batch.to_pylist()
    ]


def _versions(folder: Path) -> set[int]:
    paths = [folder / "orders.parquet", folder / "profiles.parquet"]
    return {row[0] for path in paths for row in duckdb.read_parquet(str(path)).fetchall()}


def test_publishes_marts_and_activation_and_nothing_else(home: Settings) -> None:
    report = publish(home)
    assert report.rows == {"consent": 1, "orders": 1, "profiles": 1, "segment_history": 1}
    names = {path.name for path in home.published.iterdir()}
    assert names == {
        "consent.parquet",
        "orders.parquet",
        "profiles.parquet",
        "segment_history.parquet",
    }
    assert published_set(home) == report.folder.resolve()


def test_records_each_move_once(home: Settings) -> None:
    assert publish(home).moves_recorded == 1
    assert publish(home).moves_recorded == 0
    _change(
        home,
        f"update marts.segment_history set left_at = '{TUESDAY}'",
        f"insert into marts.segment_history values ('vip', 'b', '{TUESDAY}', null)",
    )
    assert publish(home).moves_recorded == 2
    assert _moves(home) == [("a", "entered", "Mon"), ("a", "left", "Tue"), ("b", "entered", "Tue")]
    moved_at = next(iter(Lake(home.lake).read("segment_moves")))["moved_at"][0].as_py()
    assert moved_at == datetime(2026, 11, 16, 8, tzinfo=UTC)


def test_who_comes_back_at_the_same_instant_is_recorded_again(home: Settings) -> None:
    publish(home)
    _change(home, f"update marts.segment_history set left_at = '{MONDAY}'")
    publish(home)
    _change(home, f"insert into marts.segment_history values ('vip', 'a', '{MONDAY}', null)")
    assert publish(home).moves_recorded == 1
    assert publish(home).moves_recorded == 0
    assert [move for _, move, _ in _moves(home)] == ["entered", "left", "entered"]


def test_a_late_run_rewrites_no_history(home: Settings) -> None:
    publish(home)
    _change(home, "insert into marts.segment_history values ('vip', 'z', '2026-11-01', null)")
    assert publish(home).moves_recorded == 0
    assert _moves(home) == [("a", "entered", "Mon")]


def test_moves_are_recorded_before_the_set_appears(home: Settings) -> None:
    publish(home)
    _change(home, f"insert into marts.segment_history values ('vip', 'b', '{TUESDAY}', null)")
    home.lake.rename(home.home / "kept")
    home.lake.write_text("no folder: moves can't be recorded")
    before = published_set(home)
    with pytest.raises(PipelineError, match="can't be written"):
        publish(home)
    assert published_set(home) == before


def test_a_reader_sees_one_set_whatever_is_published_meanwhile(home: Settings) -> None:
    publish(home)
    seen, finished = [], threading.Event()

    def read() -> None:
        while not finished.is_set():
            seen.append(frozenset(_versions(published_set(home))))

    reader = threading.Thread(target=read)
    reader.start()
    for version in range(2, 8):
        _change(
            home, *(f"update marts.{m} set version = {version}" for m in ("orders", "profiles"))
        )
        publish(home)
    finished.set()
    reader.join()
    assert seen
    assert all(len(versions) == 1 for versions in seen)
    assert len(list((home.home / ".published").iterdir())) == KEPT_SETS


def test_a_failed_copy_leaves_the_old_set(home: Settings) -> None:
    publish(home)
    before = published_set(home)
    source = home.home / "source.csv"
    source.write_text("1")
    quoted = str(source).replace("'", "''")
    _change(home, f"create view marts.zz as from read_csv('{quoted}')")
    source.unlink()
    with pytest.raises(PipelineError):
        publish(home)
    assert published_set(home) == before
    assert not list((home.home / ".published").glob(".*"))


def test_waits_for_the_warehouse_and_names_who_holds_it(home: Settings) -> None:
    command = [sys.executable, "-c", HOLD, str(home.warehouse)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(PipelineError, match=f"held open by process {holder.pid}"):
            publish(home, patience=0.2)
        timer = threading.Timer(0.5, holder.kill)
        timer.start()
        assert publish(home, patience=20).rows
        timer.join()


def test_says_what_to_do_before_the_first_run(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    with pytest.raises(PipelineError, match=r"no warehouse .* run `stripe-pipeline run`"):
        publish(settings)
    duckdb.connect(str(settings.warehouse)).close()
    with pytest.raises(PipelineError, match=r"no marts\.segment_history yet"):
        publish(settings)
    with pytest.raises(PipelineError, match="Nothing is published"):
        published_set(settings)


def test_a_table_that_had_rows_is_not_published_empty(home: Settings) -> None:
    publish(home)
    before = published_set(home)
    _change(home, "delete from marts.orders")
    with pytest.raises(PipelineError, match=r"nothing is left in orders \(of 1 row\)"):
        publish(home)
    assert published_set(home) == before
    accepting = home.model_copy(update={"accept_empty_switch": "on"})
    assert publish(accepting).rows["orders"] == 0
    # What is empty already may stay so, and what no one counts on may become so.
    _change(home, "delete from marts.profiles")
    assert publish(home).rows["profiles"] == 0


def test_a_mart_that_is_published_as_its_query_reads_its_own_set(home: Settings) -> None:
    _change(home, "create view marts.profile_origins as select version as part from marts.orders")
    report = publish(home)
    assert "profile_origins" not in report.rows
    assert not (report.folder / "profile_origins.parquet").exists()
    first = Marts(home)
    _change(home, "update marts.orders set version = 2")
    publish(home)
    assert first.rows("profile_origins", "from mart where part = ?", [1]) == [{"part": 1}]
    assert Marts(home).rows("profile_origins", "from mart") == [{"part": 2}]


def test_a_query_that_no_longer_fits_its_tables_is_told_with_the_remedy(home: Settings) -> None:
    _change(home, "create view marts.profile_origins as select version as part from marts.orders")
    folder = publish(home).folder
    (folder / "orders.parquet").unlink()
    with pytest.raises(PipelineError, match="stripe-pipeline run"):
        Marts(home).rows("profile_origins", "from mart")
