"""A batch is there whole or not at all, and the newest tells what it stands for."""

import errno
import os
import threading
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.batches import TornBatchError

ROWS = pa.table({"id": ["a", "b"]})


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """An empty lake."""
    return Lake(tmp_path / "lake")


def test_batches_keep_their_order_and_cursor(lake: Lake) -> None:
    with lake.writing():
        written = [lake.append("customers", ROWS, {"number": number}) for number in range(12)]
    assert lake.batches("customers") == written
    assert [batch.cursor()["number"] for batch in written] == list(range(12))
    assert [batch.rows() for batch in written] == [2] * 12
    assert [table["id"].to_pylist() for table in lake.read("customers")] == [["a", "b"]] * 12


def test_an_unknown_table_is_empty(lake: Lake) -> None:
    assert lake.batches("customers") == []
    assert list(lake.read("customers")) == []


def test_torn_files_are_ignored_and_cleared_away(lake: Lake) -> None:
    lake.append("customers", ROWS, {})
    torn = lake.root / "customers" / ".0000000002.parquet.tmp"
    torn.write_bytes(b"PAR1")
    assert len(lake.batches("customers")) == 1
    with lake.writing():
        assert not torn.exists()
        assert lake.append("customers", ROWS, {}).sequence == 2


def test_one_writer_at_a_time(lake: Lake) -> None:
    with (
        lake.writing(),
        pytest.raises(PipelineError, match="Another sync is writing"),
        lake.writing(),
    ):
        pass
    with lake.writing():
        pass


def test_who_holds_the_lake_is_told_and_the_note_goes_with_the_lock(lake: Lake) -> None:
    said = rf"is writing to .* \(process {os.getpid()}, since 20\d\d-\d\d-\d\d \d\d:\d\d UTC\)"
    with lake.writing(), pytest.raises(PipelineError, match=said), lake.writing():
        pass
    assert not list(lake.root.glob(".*.holder"))


def test_the_ledgers_are_held_beside_the_lake(lake: Lake) -> None:
    started = lake.root / "consent_entries" / ".0000000001.parquet.tmp"
    started.parent.mkdir(parents=True)
    started.touch()
    with lake.writing():
        assert started.exists()  # another process may be recording
        with lake.recording(0):
            assert not started.exists()


def test_patience_waits_for_the_other_writer(lake: Lake) -> None:
    holding, done = threading.Event(), threading.Event()

    def hold() -> None:
        with lake.writing():
            holding.set()
            done.wait(5)

    thread = threading.Thread(target=hold)
    thread.start()
    holding.wait(5)
    threading.Timer(0.2, done.set).start()
    with lake.writing(patience=5):
        pass
    thread.join()


def test_a_home_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where the folder should be")
    lake = Lake(tmp_path / "home" / "lake")
    refused = pytest.raises(PipelineError, match=r"home can't be written.*move it away")
    with refused, lake.writing():
        pass


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EIO])
def test_a_disk_that_fails_is_one_sentence(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, "it failed")

    monkeypatch.setattr(pq, "write_table", fail)
    with pytest.raises(PipelineError, match=r"customers can't be written.*it failed"):
        lake.append("customers", ROWS, {})
    assert list(lake.root.rglob("*.tmp")) == []


def test_a_full_disk_is_one_sentence(lake: Lake) -> None:
    folder = lake.root / "customers"
    folder.mkdir(parents=True)
    # /dev/full answers every write as a full disk does.
    (folder / ".0000000001.parquet.tmp").symlink_to("/dev/full")
    with pytest.raises(PipelineError, match=r"customers can't be written .No space left"):
        lake.append("customers", ROWS, {})
    assert list(folder.iterdir()) == []


def test_a_damaged_batch_is_one_sentence(lake: Lake) -> None:
    batch = lake.append("customers", ROWS, {})
    batch.path.write_bytes(batch.path.read_bytes()[:20])
    with pytest.raises(TornBatchError, match=r"0000000001.parquet is damaged"):
        list(lake.read("customers"))
    with pytest.raises(TornBatchError, match=r"0000000001.parquet is damaged"):
        batch.cursor()


def test_a_batch_that_may_not_be_read_is_not_called_damaged(lake: Lake) -> None:
    batch = lake.append("customers", ROWS, {})
    batch.path.unlink()
    with pytest.raises(PipelineError, match=r"can't be read.*No such file") as refusal:
        batch.rows()
    assert not isinstance(refusal.value, TornBatchError)
