"""Every file of the lake says where its rows stand: as columns, in files of older versions too."""

import multiprocessing
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.compact import clear_replaced, compact
from stripe_pipeline.lake.erase import rewrite
from stripe_pipeline.lake.older import give_places, unplaced
from stripe_pipeline.lake.tables import ensure_tables

TABLE = "notes"


def rows(*texts: str) -> pa.Table:
    return pa.table({"text": list(texts)})


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "lake")
    with lake.writing():
        lake.append(TABLE, rows("a", "b"), {"n": 1})
        lake.append(TABLE, rows("c"), {"n": 2})
    return lake


def places(lake: Lake) -> list[tuple[int, int, str]]:
    """What SQL reads, beside what DuckDB itself says of the files."""
    with duckdb.connect() as connection:
        found = connection.execute(
            "select batch, position, text, cast(parse_filename(filename, true) as int),"
            " file_row_number from read_parquet(?, filename = true, file_row_number = true)"
            " order by all",
            [f"{lake.root}/{TABLE}/*.parquet"],
        ).fetchall()
    assert [row[:2] for row in found] == [row[3:] for row in found]
    return [row[:3] for row in found]


def test_a_row_says_its_batch_and_its_position(lake: Lake) -> None:
    assert places(lake) == [(1, 0, "a"), (1, 1, "b"), (2, 0, "c")]


def test_readers_of_whole_batches_see_what_was_written(lake: Lake) -> None:
    assert [part.column_names for part in lake.read(TABLE)] == [["text"], ["text"]]
    assert [part.column_names for part in lake.read(TABLE, ["batch"])] == [["batch"], ["batch"]]


def test_rows_that_are_read_and_appended_again_get_new_places(lake: Lake) -> None:
    with lake.batches(TABLE)[0].open() as file:
        read = file.read()
    with lake.writing():
        lake.append(TABLE, read, {})
    assert places(lake)[-2:] == [(3, 0, "a"), (3, 1, "b")]


def test_a_merged_file_counts_its_rows_through(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stripe_pipeline.lake.compact._BYTES_TOGETHER", 1)
    with lake.writing():
        for text in "defghijklmnopqrstuvwxyz":
            lake.append(TABLE, rows(text), {})
        compact(lake, TABLE)
        monkeypatch.setattr("stripe_pipeline.lake.compact.GRACE_SECONDS", -1)
        clear_replaced(lake, TABLE)
    found = places(lake)
    assert [row[2] for row in found] == list("abcdefghijklmnopqrstuvwxyz")
    assert len(lake.files(TABLE)) < 25


def test_an_erased_row_leaves_no_gap(lake: Lake) -> None:
    with lake.writing():
        rewrite(lake, TABLE, lambda part: part.filter([text != "a" for text in texts(part)]))
    assert places(lake) == [(1, 0, "b"), (2, 0, "c")]


def texts(part: pa.Table) -> list[str]:
    found: list[str] = part["text"].to_pylist()
    return found


def make_older(lake: Lake) -> None:
    """Write the files as versions did that knew no places."""
    for batch in lake.files(TABLE):
        with pq.ParquetFile(batch.path) as file:
            old = file.read()
        bare = old.drop_columns(["batch", "position"])
        pq.write_table(bare.replace_schema_metadata(old.schema.metadata), batch.path)


def test_files_of_an_older_version_are_rewritten_once(lake: Lake) -> None:
    expected = places(lake)
    make_older(lake)
    assert give_places(lake) == 2
    assert places(lake) == expected
    assert [batch.cursor() for batch in lake.batches(TABLE)] == [{"n": 1}, {"n": 2}]
    assert give_places(lake) == 0


def test_what_runs_before_dbt_rewrites_them(lake: Lake) -> None:
    make_older(lake)
    ensure_tables(lake)
    assert unplaced(lake) == []


def killed_after_one(root: Path) -> None:
    lake = Lake(root)
    monkey = pytest.MonkeyPatch()
    seen: list[object] = []

    def once(*arguments: object) -> None:
        if seen:
            raise SystemExit(9)
        seen.append(arguments)
        original(*arguments)

    original = give_places.__globals__["replace"]
    monkey.setitem(give_places.__globals__, "replace", once)
    give_places(lake)


def test_a_killed_rewriting_is_finished_by_the_next_call(lake: Lake) -> None:
    expected = places(lake)
    make_older(lake)
    process = multiprocessing.get_context("spawn").Process(
        target=killed_after_one, args=(lake.root,)
    )
    process.start()
    process.join()
    assert process.exitcode == 9
    assert len(unplaced(lake)) == 1
    assert give_places(lake) == 1
    assert places(lake) == expected
