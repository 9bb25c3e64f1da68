"""Read everything below a home folder: each file's bytes, and whatever is packed inside of it."""

import base64
import gzip
import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

# Letters of the shortest digest, which no one packs once more.
DIGEST = 32


def traces(home: Path, wanted: Iterable[str]) -> dict[str, set[str]]:
    """Which files, and tables inside of them, hold which of the texts, whatever their case.

    A text is best in plain letters, which look alike however what holds them is escaped.
    """
    needles = {text: _spellings(text) for text in wanted}
    found: dict[str, set[str]] = {}
    for path in sorted(path for path in home.rglob("*") if path.is_file()):
        for where, content in _contents(path):
            low = content.lower()
            there = {text for text, ways in needles.items() if any(way in low for way in ways)}
            if there:
                found.setdefault(f"{path.relative_to(home)}{where}", set()).update(there)
    return found


def _spellings(text: str) -> set[bytes]:
    """A text as it is, as JSON may escape it, in two bytes a letter, and packed for the mail."""
    if text.isalnum() and len(text) >= DIGEST:
        return {text.encode()}
    ways = {text.lower(), json.dumps(text)[1:-1].lower(), quote(text, safe="@+").lower()}
    return {way.encode() for way in ways} | {text.lower().encode("utf-16-le")} | _base64(text)


def _base64(text: str) -> set[bytes]:
    """What base64 makes of a text, wherever it begins, without its case, as files are read."""
    found = set[bytes]()
    for offset in range(3):
        for way in (text, text.capitalize()):
            packed = base64.b64encode(b"\0" * offset + way.encode()).rstrip(b"=")
            # The first and the last letter have a part of what stands beside the text.
            found.add(packed[(0, 2, 3)[offset] : -1].lower())
    return found


def _contents(path: Path) -> Iterator[tuple[str, bytes]]:
    """The bytes of a file, and those that it holds in another form."""
    raw = path.read_bytes()
    yield "", raw
    yield " (name)", path.name.encode()
    if raw[:4] == b"PAR1" and raw[-4:] == b"PAR1":
        with pq.ParquetFile(path) as file:
            for rows in file.iter_batches(2_000):
                yield " (rows)", _text(pa.Table.from_batches([rows]).to_pylist())
    elif raw[:2] == b"\x1f\x8b":
        yield " (unpacked)", gzip.decompress(raw)
    elif raw[:4] == b"\x28\xb5\x2f\xfd":
        yield " (unpacked)", pa.CompressedInputStream(str(path), "zstd").read()
    elif raw[:15] == b"SQLite format 3":
        yield from _sqlite(path)
    elif raw[8:12] == b"DUCK":
        yield from _duckdb(path)


def _sqlite(path: Path) -> Iterator[tuple[str, bytes]]:
    with closing(sqlite3.connect(path)) as connection:
        names = connection.execute("select name from sqlite_master where type = 'table'").fetchall()
        for (name,) in names:
            for row in connection.execute(f'select * from "{name}"'):
                yield f" ({name})", b"\n".join(_unpacked(value) for value in row)


def _unpacked(value: Any) -> bytes:
    """Dagster packs what it knows of a job's shape."""
    content = value if isinstance(value, bytes) else str(value).encode()
    with suppress(zlib.error):
        return content + zlib.decompress(content)
    return content


def _duckdb(path: Path) -> Iterator[tuple[str, bytes]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        names = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        for schema, name in names:
            rows = connection.execute(f'select * from "{schema}"."{name}"').fetchall()
            yield f" ({schema}.{name})", _text(rows)


def _text(rows: Any) -> bytes:
    return json.dumps(rows, default=str, ensure_ascii=False).encode()
