"""The spool alone: segments, readers beside writers, and a disk that fails."""

import fcntl
import os
import threading
from pathlib import Path

import pytest

from stripe_pipeline.ingestion.webhooks.spool import SpoolWriter, is_waiting, read, seal


def bodies(folder: Path) -> list[bytes]:
    return [record.body for segment in seal(folder) for record in read(segment)]


def test_a_writer_goes_on_in_a_new_segment(tmp_path: Path) -> None:
    writer = SpoolWriter(tmp_path, segment_bytes=100)
    for _ in range(3):
        writer.write([b"x" * 60])
    assert len(seal(tmp_path)) == 2
    writer.write([b"y"])
    assert len(seal(tmp_path)) == 3
    writer.write([b"after it was sealed"])
    writer.close()
    assert bodies(tmp_path) == [b"x" * 60] * 3 + [b"y", b"after it was sealed"]


def test_bodies_may_hold_anything(tmp_path: Path) -> None:
    written = [b"", b"\n", b"spl1", b"\x00" * 100, os.urandom(5_000)]
    writer = SpoolWriter(tmp_path)
    writer.write(written)
    writer.close()
    assert bodies(tmp_path) == written


def test_an_empty_folder_and_none(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        assert seal(folder) == []
        assert not is_waiting(folder)


def test_sealing_beside_writers_loses_nothing(tmp_path: Path) -> None:
    """Four writers, and a reader that takes and removes whatever it finds."""
    taken: list[bytes] = []

    def write(name: int) -> None:
        writer = SpoolWriter(tmp_path, segment_bytes=2_000)
        for number in range(150):
            writer.write([f"{name}-{number}".encode()])
        writer.close()

    def take() -> None:
        for segment in seal(tmp_path):
            taken.extend(record.body for record in read(segment))
            segment.unlink()

    threads = [threading.Thread(target=write, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        take()
    take()
    assert sorted(taken) == sorted(f"{name}-{n}".encode() for name in range(4) for n in range(150))


def test_a_full_segment_is_sealed_while_it_is_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a sync takes it between the writer's look and its renaming."""
    free: list[bool] = []
    rename = Path.rename

    def watched(path: Path, target: Path) -> Path:
        with path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                free.append(True)
            except BlockingIOError:
                free.append(False)
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", watched)
    SpoolWriter(tmp_path, segment_bytes=1).write([b"full at once"])
    assert free == [False]
    assert bodies(tmp_path) == [b"full at once"]


def test_a_write_that_fails_halfway_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = SpoolWriter(tmp_path)
    writer.write([b"before"])
    real = os.write

    def half(descriptor: int, content: memoryview) -> int:
        if len(content) < 60:
            raise OSError(28, "No space left on device")
        return real(descriptor, content[:50])

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", half)
        with pytest.raises(OSError, match="No space"):
            writer.write([b"z" * 70])
    writer.write([b"after"])
    writer.close()
    assert bodies(tmp_path) == [b"before", b"after"]


def test_a_sync_to_the_disk_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = SpoolWriter(tmp_path)
    writer.write([b"before"])

    def fail(descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(OSError, match="Input/output"):
            writer.write([b"never on the disk"])
        with pytest.raises(OSError, match="Input/output"):
            writer.write([b"not even the folder"])
    writer.write([b"after"])
    writer.close()
    assert bodies(tmp_path) == [b"before", b"after"]


def test_a_flipped_bit_is_no_delivery(tmp_path: Path) -> None:
    writer = SpoolWriter(tmp_path)
    writer.write([b"one", b"two"])
    writer.close()
    (segment,) = seal(tmp_path)
    whole = segment.read_bytes()
    for bit in range(len(whole) * 4, len(whole) * 8):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        segment.write_bytes(bytes(flipped))
        assert [record.body for record in read(segment)] == [b"one"]
