"""The write-ahead spool of deliveries, from their acknowledgement until they are in the lake.

A spool is a folder of segments, each appended to by one process: records of a header (magic,
checksum, length, time of receipt) and the raw body. A process that is killed leaves at worst a torn
record at the end, which it hasn't acknowledged. A sync seals a segment by renaming it before it
reads it; the file lock, which a writer holds only while it writes, keeps it from being appended to.
"""

import fcntl
import os
import secrets
import struct
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from stripe_pipeline.files.durable import replacing, sync_folder

SEGMENT_BYTES = 16_000_000
_HEAD = struct.Struct(">4sIId")
_MARK = b"spl1"
_OPEN = ".open"
_SEALED = ".sealed"
# Seconds to wait for a segment's lock, which a writer holds for one write.
_PATIENCE = 5.0


class Record(NamedTuple):
    """A delivery: its time of receipt in Unix seconds, and its raw body."""

    received_at: float
    body: bytes


class SpoolWriter:
    """Appends deliveries to a segment of its own; several writers may share a folder."""

    def __init__(self, folder: Path, segment_bytes: int = SEGMENT_BYTES) -> None:
        self._folder = folder
        self._segment_bytes = segment_bytes
        self._path: Path | None = None
        self._descriptor = -1
        self._size = 0

    def write(self, bodies: Sequence[bytes]) -> None:
        """Append bodies; when this returns, all of them are durable on disk.

        Raises:
            OSError: the disk is full or can't be written; none of them counts as written.
        """
        now = time.time()
        content = b"".join(_record(body, now) for body in bodies)
        with self._segment() as descriptor:
            try:
                _write_all(descriptor, content)
                os.fsync(descriptor)
                self._size += len(content)
            except OSError:
                # A failed fsync leaves the file in an unknown state, so nothing more is appended.
                self._abandon()
                raise
            if self._size >= self._segment_bytes:
                self._seal()

    def close(self) -> None:
        """Close the segment, which a sync will find."""
        if self._path is not None:
            os.close(self._descriptor)
            self._path = None

    @contextmanager
    def _segment(self) -> Iterator[int]:
        """Lock the segment to write to: a new one, if a sync has sealed the last."""
        while True:
            if self._path is None:
                self._open()
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            if self._path is not None and self._path.exists():
                break
            self.close()
        held = self._descriptor
        try:
            yield held
        finally:
            if self._path is not None:
                fcntl.flock(held, fcntl.LOCK_UN)

    def _open(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{time.time_ns():020d}-{secrets.token_hex(4)}{_OPEN}"
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL
        # Deliveries hold personal data, so only the owner may read them.
        self._descriptor, self._size, self._path = os.open(path, flags, 0o600), 0, path
        try:
            sync_folder(self._folder)
        except OSError:
            self._abandon()
            raise

    def _seal(self) -> None:
        """Seal the segment; its lock must be held, as a sync may be sealing it too."""
        assert self._path is not None
        self._path.rename(self._path.with_suffix(_SEALED))
        self.close()

    def _abandon(self) -> None:
        """Close a segment truncated to its last complete write, or remove it if it had none."""
        assert self._path is not None
        try:
            if self._size == 0:
                self._path.unlink(missing_ok=True)
            else:
                os.ftruncate(self._descriptor, self._size)
        finally:
            self.close()


def seal(folder: Path) -> list[Path]:
    """Seal all open segments, and return the sealed ones, oldest first.

    A segment whose writer is blocked on the disk stays open until the next call.
    """
    for path in folder.glob(f"*{_OPEN}"):
        _seal(path)
    return sorted(folder.glob(f"*{_SEALED}"))


def is_waiting(folder: Path) -> bool:
    """Tell whether the spool holds deliveries that no sync has applied."""
    segments = [*folder.glob(f"*{_SEALED}"), *folder.glob(f"*{_OPEN}")]
    return any(_size(path) for path in segments)


def read(segment: Path) -> Iterator[Record]:
    """Yield the deliveries of a segment, up to its end or a torn record."""
    with segment.open("rb") as file:
        while len(head := file.read(_HEAD.size)) == _HEAD.size:
            mark, checksum, length, received_at = _HEAD.unpack(head)
            body = file.read(length) if mark == _MARK else b""
            if mark != _MARK or len(body) < length or checksum != zlib.crc32(head[8:] + body):
                return
            yield Record(received_at, body)


def rewrite(segment: Path, change: Callable[[bytes], bytes]) -> bool:
    """Rewrite the deliveries of a sealed segment; returns whether any changed.

    A torn record at the end is dropped, since it was never acknowledged.

    Raises:
        OSError: the disk is full or can't be written; the segment is unchanged.
    """
    records = [_record(change(record.body), record.received_at) for record in read(segment)]
    content = b"".join(records)
    if content == segment.read_bytes():
        return False
    with replacing(segment) as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(content)
    return True


def _record(body: bytes, received_at: float) -> bytes:
    head = _HEAD.pack(_MARK, 0, len(body), received_at)
    checksum = zlib.crc32(head[8:] + body)
    return _HEAD.pack(_MARK, checksum, len(body), received_at) + body


def _write_all(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _seal(path: Path) -> None:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:  # its writer has just sealed it
        return
    try:
        deadline = time.monotonic() + _PATIENCE
        while not _locked(descriptor):
            if time.monotonic() > deadline:
                return
            time.sleep(0.001)
        if path.exists():
            path.rename(path.with_suffix(_SEALED))
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # a sync has just taken it
        return 0
