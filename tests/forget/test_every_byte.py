"""The search for traces finds them in every form that anything below a home folder has."""

import base64
import gzip
import json
import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.forget.every_byte import traces

WORD = "Quillfeather"
# Long enough, and often enough, that every way of packing packs it.
TEXTS = [f'{number} of Zelda {WORD}-Öz\n"{number}"' for number in range(5_000)]


def parquet(path: Path) -> None:
    pq.write_table(pa.table({"body": [json.dumps({"name": text}) for text in TEXTS]}), path,
                   compression="zstd", write_statistics=False)  # fmt: skip


def duckdb_file(path: Path) -> None:
    with duckdb.connect(str(path)) as connection:
        table = pa.table({"name": TEXTS})
        connection.register("texts", table)
        connection.execute("create table people as select {'who': [name]} as whole from texts")


def sqlite_file(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table packed (what)")
        row = zlib.compress("".join(TEXTS).encode())
        connection.execute("insert into packed values (?)", [row])
        connection.commit()


def sqlite_page_that_is_free(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma secure_delete = off")
        connection.execute("create table gone (what)")
        connection.executemany("insert into gone values (?)", [[text] for text in TEXTS])
        connection.commit()
        connection.execute("delete from gone")
        connection.commit()


def zstd(path: Path) -> None:
    with pa.CompressedOutputStream(str(path), "zstd") as stream:
        stream.write("".join(TEXTS).encode())


def named(path: Path) -> None:
    path.with_name(f"{path.name}.of-{WORD.lower()}").touch()


WRITERS: dict[str, Callable[[Path], object]] = {
    "parquet": parquet,
    "duckdb": duckdb_file,
    "sqlite": sqlite_file,
    "free page": sqlite_page_that_is_free,
    "zstd": zstd,
    "gzip": lambda path: path.write_bytes(gzip.compress(TEXTS[0].encode())),
    "json in json": lambda path: path.write_text(json.dumps(json.dumps(TEXTS[0]))),
    "two bytes a letter": lambda path: path.write_bytes(TEXTS[0].encode("utf-16")),
    "base64": lambda path: path.write_bytes(base64.b64encode(TEXTS[0].encode())),
    "shouted": lambda path: path.write_text(TEXTS[0].upper()),
    "name of a file": named,
}


@pytest.mark.parametrize("form", WRITERS)
def test_every_form_is_read(tmp_path: Path, form: str) -> None:
    WRITERS[form](tmp_path / "file")
    assert any(WORD in texts for texts in traces(tmp_path, [WORD]).values())


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    for number, write in enumerate(WRITERS.values()):
        write(tmp_path / str(number))
    assert traces(tmp_path, ["heliotrope"]) == {}
