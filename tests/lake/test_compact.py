"""Small batches become few files, and a reader finds the same rows in the same order."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stripe_pipeline.lake import Lake, compact, object_table
from stripe_pipeline.lake.batches import Batch
from stripe_pipeline.lake.compact import TIERS, Tier, clear_replaced, needs_compacting
from stripe_pipeline.values.objects import ObjectRow

from .test_objects import NOW

EIGHT = 8


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """An empty lake, in which eight files of a size are many."""
    monkeypatch.setattr(compact, "TIERS", tuple(Tier(each.smaller_than, EIGHT) for each in TIERS))
    return Lake(tmp_path / "lake")


def row(identifier: str, body: str) -> ObjectRow:
    return ObjectRow(
        identifier, "customer", 1, False, False, None, f"v{len(body)}", NOW, body.encode()
    )


def append(lake: Lake, number: int, rows: int = 3, size: int = 10) -> Batch:
    """Append versions of three objects; what they are made of doesn't compress."""
    noise = Random(number)
    made = [row(f"cus_{n % 3}", f"{number}-{n}-{noise.randbytes(size).hex()}") for n in range(rows)]
    return lake.append("customers", object_table(made), {"number": number})


def log(lake: Lake) -> list[str]:
    """All versions, in the order of the lake."""
    return [body for part in lake.read("customers", ["body"]) for body in part["body"].to_pylist()]


def newest(lake: Lake) -> dict[str, str]:
    """The newest version of each object as the warehouse sees it, files that wait included."""
    found = duckdb.execute(
        "select id, arg_max(body, (filename, file_row_number)) from read_parquet(?,"
        " filename = true, file_row_number = true) group by id",
        [str(lake.root / "customers" / "*.parquet")],
    )
    return dict(found.fetchall())


def numbers(lake: Lake) -> list[int]:
    return [batch.sequence for batch in lake.batches("customers")]


def test_a_run_becomes_its_last_batch(lake: Lake) -> None:
    for number in range(1, 10):
        append(lake, number)
    before = log(lake), newest(lake), lake.batches("customers")[-1].cursor()
    assert compact.compact(lake, "customers") > 0
    assert numbers(lake) == [9]
    assert (log(lake), newest(lake), lake.batches("customers")[0].cursor()) == before
    assert not needs_compacting(lake, "customers")
    assert append(lake, 10).sequence == 10
    assert lake.checked.unknown([batch.path for batch in lake.batches("customers")]) == []


def test_the_files_wait_for_readers_and_go(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [append(lake, number).path for number in range(1, 10)]
    compact.compact(lake, "customers")
    clear_replaced(lake, "customers")
    assert all(path.exists() for path in files)
    late = time.time() + compact.GRACE_SECONDS + 1
    monkeypatch.setattr(time, "time", lambda: late)
    before = log(lake)
    clear_replaced(lake, "customers")
    assert sorted((lake.root / "customers").iterdir()) == [files[-1]]
    assert log(lake) == before


def test_someone_in_the_middle_of_reading_is_not_disturbed(lake: Lake) -> None:
    """A reader that has listed the folder opens the last file before and the rest after."""
    for number in range(1, 10):
        append(lake, number)
    files = lake.batches("customers")
    with files[-1].open() as last:
        compact.compact(lake, "customers")
        clear_replaced(lake, "customers")
        bodies = [body for batch in files[:-1] for body in _bodies(batch)]
        bodies += last.read(["body"])["body"].to_pylist()
    assert bodies == log(lake)


def _bodies(batch: Batch) -> list[str]:
    with batch.open() as file:
        bodies: list[str] = file.read(["body"])["body"].to_pylist()
        return bodies


def test_rows_are_rewritten_a_few_times_and_not_at_each_sync(lake: Lake) -> None:
    read = written = 0
    for number in range(1, 150):
        written += append(lake, number, size=200).path.stat().st_size
        read += compact.compact(lake, "customers")
        clear_replaced(lake, "customers")
    assert len(lake.batches("customers")) < EIGHT * len(TIERS)
    assert read < 10 * written


def test_nothing_grows_beyond_the_largest_size(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compact, "LARGEST", 20_000)
    monkeypatch.setattr(compact, "TIERS", (Tier(10_000, 4),))
    for number in range(1, 30):
        append(lake, number, size=500)
    before = log(lake)
    while needs_compacting(lake, "customers"):
        compact.compact(lake, "customers")
    assert max(batch.path.stat().st_size for batch in lake.batches("customers")) < 25_000
    assert log(lake) == before


def test_one_call_does_a_bounded_part(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compact, "LARGEST", 20_000)
    for number in range(1, 30):
        append(lake, number, size=500)
    assert 0 < compact.compact(lake, "customers", 1) < 25_000
    assert len(lake.batches("customers")) > 15


def test_a_merged_file_that_is_damaged_leaves_what_still_waits(lake: Lake) -> None:
    files = [append(lake, number).path for number in range(1, 10)]
    compact.compact(lake, "customers")
    os.truncate(files[-1], 100)
    assert numbers(lake) == list(range(1, 10))
    clear_replaced(lake, "customers")
    assert files[0].exists()


def test_a_full_disk_leaves_everything_as_it_was(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(1, 10):
        append(lake, number)
    before = log(lake)

    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", fail)
    assert compact.compact(lake, "customers") == 0
    assert "customers stay as they are: [Errno 28] No space left" in caplog.text
    assert numbers(lake) == list(range(1, 10))
    assert log(lake) == before
    assert list(lake.root.glob("*/.*.tmp")) == []


class Died(BaseException):
    """The process is gone."""


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(0, 5)),
        st.tuples(st.just("compact"), st.sampled_from(["", "sync_folder", "rename", "unlink"])),
        st.tuples(st.just("clear"), st.sampled_from(["", "unlink"])),
    ),
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_any_sequence_keeps_the_log(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int | str]]
) -> None:
    lake = Lake(tmp_path_factory.mktemp("lake"))
    expected: list[str] = []
    current: dict[str, str] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compact, "TIERS", (Tier(5_000, 3), Tier(50_000, 4)))
        patch.setattr(compact, "GRACE_SECONDS", -1.0)
        for number, (what, detail) in enumerate(steps, 1):
            if isinstance(detail, int):
                with lake.writing():
                    batch = append(lake, number, rows=detail)
                made = _bodies(batch)
                expected += made
                current |= {f"cus_{n % 3}": body for n, body in enumerate(made)}
            else:
                _do(lake, what, detail)
            assert log(lake) == expected
            if current:
                assert newest(lake) == current
        while needs_compacting(lake, "customers"):
            _do(lake, "compact", "")
        _do(lake, "clear", "")
    assert log(lake) == expected
    assert len(list(lake.root.glob("customers/*"))) == len(lake.batches("customers"))


def _do(lake: Lake, what: str, dies_at: str) -> None:
    """Merge or clear up under the lock, as a sync does, and die at the first of such steps."""
    with pytest.MonkeyPatch.context() as patch:
        if dies_at == "sync_folder":
            patch.setattr("stripe_pipeline.files.durable.sync_folder", _die)
        elif dies_at:
            patch.setattr(Path, dies_at, _die)
        try:
            with lake.writing():
                work = compact.compact if what == "compact" else clear_replaced
                work(lake, "customers")
        except Died:
            pass


def _die(*_: object, **__: object) -> None:
    raise Died


MERGING = """
import sys
from pathlib import Path
from stripe_pipeline.lake import Lake, compact
compact.TIERS = (compact.Tier(1_000_000, 2),)
compact.GRACE_SECONDS = -1.0
lake = Lake(Path(sys.argv[1]))
print("ready", flush=True)
while True:
    with lake.writing():
        newest = lake.batches("customers")[-1]
        with newest.open() as file:
            rows = file.read()
        lake.append("customers", rows.slice(rows.num_rows - 3), newest.cursor())
        compact.compact(lake, "customers")
        compact.clear_replaced(lake, "customers")
"""


def test_kill_9_at_any_moment(lake: Lake) -> None:
    """Each round of the other process repeats the last three rows and merges."""
    for number in range(1, 6):
        append(lake, number)
    first, last = log(lake), log(lake)[-3:]
    random = Random(6)
    for _ in range(8):
        process = subprocess.Popen(
            [sys.executable, "-c", MERGING, str(lake.root)], stdout=subprocess.PIPE, text=True
        )
        with process:
            assert process.stdout is not None and process.stdout.readline() == "ready\n"
            time.sleep(random.random() * 0.2)
            process.send_signal(signal.SIGKILL)
        rows = log(lake)
        assert rows[: len(first)] == first
        added = rows[len(first) :]
        assert added == last * (len(added) // 3)
        assert newest(lake) == {f"cus_{n}": body for n, body in enumerate(last)}
    assert len(rows) > len(first)
    with lake.writing():
        pass
    assert list(lake.root.glob("customers/.*.tmp")) == []


def test_batches_of_other_shapes_stay_apart(lake: Lake) -> None:
    for number in range(1, 9):
        lake.append("customers", pa.table({"id": [str(number)]}), {})
    lake.append("customers", pa.table({"id": [9]}), {})
    assert compact.compact(lake, "customers") == 0
    assert numbers(lake) == list(range(1, 10))
