"""The file that corrects who is the same person: what is taken, and what is refused how."""

from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pytest

from stripe_pipeline.errors import UsageError
from stripe_pipeline.inputs.person_overrides import COLUMNS, check_overrides
from stripe_pipeline.settings import load_settings
from stripe_pipeline.warehouse.dbt_folders import DBT_PROJECT

MACROS: Any = jinja2.Environment(autoescape=False).from_string(
    "".join((DBT_PROJECT / "macros" / f"{name}.sql").read_text() for name in ("settings", "files"))
)
HEADER = "action,customer,other\n"


def check(path: Path) -> None:
    check_overrides(load_settings(STRIPE_PIPELINE_PERSON_OVERRIDES=path))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "overrides.csv"


def test_no_file_is_no_error() -> None:
    check_overrides(load_settings(STRIPE_PIPELINE_PERSON_OVERRIDES=None))


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (HEADER, []),
        (
            HEADER + "join,cus_a,cus_b\napart,cus_c,\n",
            [("join", "cus_a", "cus_b"), ("apart", "cus_c", None)],
        ),
        (
            "\ufeff" + HEADER.replace("\n", "\r\n") + '\r\njoin, cus_a ,"cus_b"\r\n',
            [("join", " cus_a ", "cus_b")],
        ),
        (
            HEADER + "join,cus_a,cus_b\r\n\njoin,nobody_knows,this_one",
            [("join", "cus_a", "cus_b"), ("join", "nobody_knows", "this_one")],
        ),
    ],
)
def test_what_is_taken_is_what_the_warehouse_reads(
    file: Path, content: str, lines: list[tuple[str, ...]]
) -> None:
    file.write_text(content, encoding="utf-8", newline="")
    check(file)
    with duckdb.connect() as connection:
        columns = dict.fromkeys(COLUMNS, "varchar")
        read = MACROS.module.duckdb__csv_rows(file, columns)
        assert connection.execute(f"select * from {read}").fetchall() == lines


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "The first line"),
        ("customer,other\n", "action,customer,other"),
        (HEADER + "join,cus_a,cus_b\nmerge,cus_a,cus_b\n", "Line 3 of"),
        (HEADER + "merge,cus_a,cus_b\n", "the action merge"),
        (HEADER + ",cus_a,cus_b\n", "the action (none)"),
        (HEADER + "join,cus_a,\n", "joins cus_a with no one"),
        (HEADER + "join,,cus_b\n", "names no customer"),
        (HEADER + "apart,cus_a,cus_b\n", "apart from everybody"),
        (HEADER + "apart,cus_a\n", "has 2 values and not 3"),
        (HEADER + "join,cus_a,cus_b,cus_c\n", "has 4 values and not 3"),
        (HEADER + 'join,"cus_a,cus_b\n', "no CSV"),
    ],
)
def test_what_is_refused_with_its_line(file: Path, content: str, told: str) -> None:
    file.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        check(file)
    sentence = str(refused.value)
    assert told in sentence
    assert str(file) in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_a_file_in_another_encoding_is_refused(file: Path) -> None:
    file.write_bytes((HEADER + "join,cus_é,cus_b\n").encode("utf-16"))
    with pytest.raises(UsageError, match="UTF-8"):
        check(file)


def test_a_file_that_is_not_there_is_refused_with_the_setting(file: Path) -> None:
    with pytest.raises(UsageError, match="STRIPE_PIPELINE_PERSON_OVERRIDES"):
        check(file)
